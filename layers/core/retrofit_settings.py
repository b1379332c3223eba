"""Settings of retrofit: what a package does to a building, when it is worth doing, and what it costs.

A package is a set of measures. The four usual ones come from the facts; a settings file may change single
values of them or add packages of its own, whose measures are those that it names.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges

USUAL_PACKAGES = ("light", "deep", "windows", "roof")
# a name that is this like another one is taken for a slip of the pen
ALIKE_RATIO = 0.75
# names become parts of column names
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
LONGEST_NAME_COUNT = 24


@dataclass(frozen=True)
class Package:
    """The measures of one package; the defaults change nothing.

    Attributes
    ----------
    wall_insulation_m, roof_insulation_m, floor_insulation_m : float
        Thickness of added insulation; 0 leaves the element as it is.
    window_u_w_per_m2_k, window_g_ratio : float
        Of new windows; a window that is not worse stays.
    window_cost_eur_per_m2 : float
        Of new windows, price level of Germany.
    air_infiltration_per_h, thermal_bridge_w_per_m2_k : float
        At most, where walls or windows are renewed (leaks) and where walls are insulated (bridges).
    heat_recovery_share : float
        Of used air; 0 builds no ventilation in.
    fan_electricity_kwh_per_m2 : float
        What the ventilation takes.
    """

    wall_insulation_m: float = 0.0
    roof_insulation_m: float = 0.0
    floor_insulation_m: float = 0.0
    window_u_w_per_m2_k: float = 6.5
    window_g_ratio: float = 0.9
    window_cost_eur_per_m2: float = 225.0
    air_infiltration_per_h: float = 1.0
    thermal_bridge_w_per_m2_k: float = 0.2
    heat_recovery_share: float = 0.0
    fan_electricity_kwh_per_m2: float = 0.0


PACKAGE_RANGES: Mapping[str, tuple[float, float]] = {
    "wall_insulation_m": (0.0, 0.5), "roof_insulation_m": (0.0, 0.6), "floor_insulation_m": (0.0, 0.4),
    "window_u_w_per_m2_k": (0.4, 6.5), "window_g_ratio": (0.2, 0.9), "window_cost_eur_per_m2": (0.0, 2000.0),
    "air_infiltration_per_h": (0.02, 1.0), "thermal_bridge_w_per_m2_k": (0.0, 0.2),
    "heat_recovery_share": (0.0, 0.95), "fan_electricity_kwh_per_m2": (0.0, 20.0),
}  # fmt: skip


def _fact(fact_id: str) -> float:
    return value("retrofit", fact_id)


def usual_packages() -> dict[str, dict[str, float]]:
    """Return the usual packages by name, each with all its values."""
    double_eur_per_m2, triple_eur_per_m2 = _fact("double_window_cost"), _fact("triple_window_cost")
    given = {
        "light": {
            "wall_insulation_m": _fact("light_wall_insulation"),
            "roof_insulation_m": _fact("light_roof_insulation"),
            "floor_insulation_m": _fact("light_floor_insulation"),
            "window_u_w_per_m2_k": _fact("light_window_u"),
            "window_g_ratio": _fact("light_window_g"),
            "window_cost_eur_per_m2": double_eur_per_m2,
            "air_infiltration_per_h": _fact("light_air_infiltration"),
            "thermal_bridge_w_per_m2_k": _fact("light_thermal_bridge"),
        },
        "deep": {
            "wall_insulation_m": _fact("deep_wall_insulation"),
            "roof_insulation_m": _fact("deep_roof_insulation"),
            "floor_insulation_m": _fact("deep_floor_insulation"),
            "window_u_w_per_m2_k": _fact("deep_window_u"),
            "window_g_ratio": _fact("deep_window_g"),
            "window_cost_eur_per_m2": triple_eur_per_m2,
            "air_infiltration_per_h": _fact("deep_air_infiltration"),
            "thermal_bridge_w_per_m2_k": _fact("deep_thermal_bridge"),
            "heat_recovery_share": _fact("deep_heat_recovery"),
            "fan_electricity_kwh_per_m2": _fact("deep_fan_electricity"),
        },
        "windows": {
            "window_u_w_per_m2_k": _fact("windows_window_u"),
            "window_g_ratio": _fact("windows_window_g"),
            "window_cost_eur_per_m2": triple_eur_per_m2,
            "air_infiltration_per_h": _fact("windows_air_infiltration"),
        },
        "roof": {"roof_insulation_m": _fact("roof_roof_insulation")},
    }
    return {name: _complete(values) for name, values in given.items()}


def _complete(values: Mapping[str, float]) -> dict[str, float]:
    """Return all values of a package; what is not given changes nothing."""
    package = Package(**values)
    return {each.name: getattr(package, each.name) for each in fields(Package)}


def near_name(name: str, known: tuple[str, ...], cutoff_ratio: float = 0.6) -> str:
    """Return "; did you mean …" for a name that is not known, or the known ones."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff_ratio)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."


def merged_packages(given: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Lay a person's packages over the usual ones and check every name and value.

    Raises
    ------
    UsageProblem
        For a name that is no name or too like a usual one, an unknown value, or one out of its range.

    Examples
    --------
    >>> merged_packages({"attic": {"roof_insulation_m": 0.24}})["attic"]["roof_insulation_m"]
    0.24
    >>> merged_packages({"depp": {}})
    Traceback (most recent call last):
    layers.core.errors.UsageProblem: retrofit.packages.depp is not known; did you mean 'deep'? ...
    """
    packages = usual_packages()
    values = tuple(PACKAGE_RANGES)
    for name, changes in given.items():
        where = f"retrofit.packages.{name}"
        near = difflib.get_close_matches(name, USUAL_PACKAGES, n=1, cutoff=ALIKE_RATIO)
        if name not in USUAL_PACKAGES and near:
            raise UsageProblem(
                f"{where} is not known; did you mean {near[0]!r}? A package of your own needs a name that "
                "is less like it."
            )
        if not name or not set(name) <= _NAME_LETTERS or len(name) > LONGEST_NAME_COUNT:
            raise UsageProblem(
                f"{where} is no name for a package; it becomes part of column names: at most "
                f"{LONGEST_NAME_COUNT} of a to z, 0 to 9 and _."
            )
        for key, number in changes.items():
            if key not in PACKAGE_RANGES:
                raise UsageProblem(f"{where}.{key} is not known; {near_name(key, values)}")
            low, high = PACKAGE_RANGES[key]
            if not low <= number <= high:
                raise UsageProblem(f"{where}.{key} is {number:g}; it must be {low:g} to {high:g}.")
        packages[name] = _complete({**packages.get(name, {}), **changes})
    return packages


@dataclass(frozen=True)
class RetrofitParams:
    """Settings of the retrofit layer.

    Attributes
    ----------
    packages : table of packages by name; values that are not given stay as they are, a new name is a
        package of your own whose other values change nothing
    chosen_from : names of the packages from which the best one is chosen
    conductivity_w_per_m_k : of added insulation, 0.015 to 0.1
    need_wall_u_w_per_m2_k, need_roof_u_w_per_m2_k, need_floor_u_w_per_m2_k, need_window_u_w_per_m2_k :
        an element that is not worse is left as it is, 0.1 to 6
    need_heat_recovery_share : ventilation is built in where less is recovered, 0 to 0.95
    least_improvement_share : a measure must lower the U-value by this share, 0 to 0.9
    least_saving_share : a package must save this share of the heat for rooms, 0 to 0.5
    choice_saving_share : the package that is chosen saves this share, where one does, 0 to 0.9
    wall_fixed_eur_per_m2, roof_fixed_eur_per_m2, floor_fixed_eur_per_m2 : of element, Germany, 0 to 1,000
    wall_thickness_eur_per_m3, roof_thickness_eur_per_m3, floor_thickness_eur_per_m3 :
        for each metre of thickness, Germany, 0 to 5,000
    construction_price_ratio : prices of the price year over those of the cost tables, 0.5 to 4
    ventilation_eur_per_m2 : of heated floor, Germany, price year, 0 to 500
    price_year : the year of prices, 2000 to 2100
    price_level_ratio : prices of the country over the EU; left out, the country's own, 0.1 to 5
    heat_price_eur_per_kwh : of useful heat; left out, the country's gas price, 0 to 2
    boiler_efficiency_share : useful heat from gas, 0.3 to 1.1
    interest_share : yearly, 0 to 0.2
    opaque_life_years, window_life_years, ventilation_life_years : 5 to 100
    cost_error_share, realised_error_share : one standard deviation for a building, 0 to 1
    shared_cost_error_share, shared_realised_error_share : of the variance, 0 to 1
    range_sample_count : buildings of each archetype that are drawn for the ranges, 2 to 100,000
    """

    packages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    chosen_from: tuple[str, ...] = USUAL_PACKAGES
    conductivity_w_per_m_k: float = field(default_factory=lambda: _fact("conductivity"))
    need_wall_u_w_per_m2_k: float = field(default_factory=lambda: _fact("need_wall_u"))
    need_roof_u_w_per_m2_k: float = field(default_factory=lambda: _fact("need_roof_u"))
    need_floor_u_w_per_m2_k: float = field(default_factory=lambda: _fact("need_floor_u"))
    need_window_u_w_per_m2_k: float = field(default_factory=lambda: _fact("need_window_u"))
    need_heat_recovery_share: float = field(default_factory=lambda: _fact("need_heat_recovery"))
    least_improvement_share: float = field(default_factory=lambda: _fact("least_improvement"))
    least_saving_share: float = field(default_factory=lambda: _fact("least_saving"))
    choice_saving_share: float = field(default_factory=lambda: _fact("choice_saving"))
    wall_fixed_eur_per_m2: float = field(default_factory=lambda: _fact("wall_fixed_cost"))
    wall_thickness_eur_per_m3: float = field(default_factory=lambda: _fact("wall_thickness_cost"))
    roof_fixed_eur_per_m2: float = field(default_factory=lambda: _fact("roof_fixed_cost"))
    roof_thickness_eur_per_m3: float = field(default_factory=lambda: _fact("roof_thickness_cost"))
    floor_fixed_eur_per_m2: float = field(default_factory=lambda: _fact("floor_fixed_cost"))
    floor_thickness_eur_per_m3: float = field(default_factory=lambda: _fact("floor_thickness_cost"))
    construction_price_ratio: float = field(default_factory=lambda: _fact("construction_price"))
    ventilation_eur_per_m2: float = field(default_factory=lambda: _fact("ventilation_cost"))
    price_year: float = field(default_factory=lambda: _fact("price_year"))
    price_level_ratio: float | None = None
    heat_price_eur_per_kwh: float | None = None
    boiler_efficiency_share: float = field(default_factory=lambda: _fact("boiler_efficiency"))
    interest_share: float = field(default_factory=lambda: _fact("interest"))
    opaque_life_years: float = field(default_factory=lambda: _fact("opaque_life"))
    window_life_years: float = field(default_factory=lambda: _fact("window_life"))
    ventilation_life_years: float = field(default_factory=lambda: _fact("ventilation_life"))
    cost_error_share: float = field(default_factory=lambda: _fact("cost_error"))
    shared_cost_error_share: float = field(default_factory=lambda: _fact("shared_cost_error"))
    realised_error_share: float = field(default_factory=lambda: _fact("realised_error"))
    shared_realised_error_share: float = field(default_factory=lambda: _fact("shared_realised_error"))
    range_sample_count: int = 12

    def __post_init__(self) -> None:
        """Lay the given packages over the usual ones and check the ranges."""
        object.__setattr__(self, "packages", merged_packages(self.packages))
        unknown = next((name for name in self.chosen_from if name not in self.packages), None)
        if unknown is not None:
            raise UsageProblem(
                f"retrofit.chosen_from names {unknown!r}; {near_name(unknown, tuple(self.packages))}"
            )
        elements, costs = ("wall", "roof", "floor"), (0.0, 1000.0)
        ranges = {
            "conductivity_w_per_m_k": (0.015, 0.1), "need_heat_recovery_share": (0.0, 0.95),
            "least_improvement_share": (0.0, 0.9), "least_saving_share": (0.0, 0.5),
            "choice_saving_share": (0.0, 0.9), "construction_price_ratio": (0.5, 4.0),
            "ventilation_eur_per_m2": (0.0, 500.0), "price_year": (2000, 2100),
            "boiler_efficiency_share": (0.3, 1.1), "interest_share": (0.0, 0.2),
            "cost_error_share": (0.0, 1.0), "realised_error_share": (0.0, 1.0),
            "shared_cost_error_share": (0.0, 1.0), "shared_realised_error_share": (0.0, 1.0),
            "range_sample_count": (2, 100_000),
        } | {f"need_{name}_u_w_per_m2_k": (0.1, 6.0) for name in (*elements, "window")}  # fmt: skip
        ranges |= {f"{name}_fixed_eur_per_m2": costs for name in elements}
        ranges |= {f"{name}_thickness_eur_per_m3": (0.0, 5000.0) for name in elements}
        ranges |= {f"{name}_life_years": (5.0, 100.0) for name in ("opaque", "window", "ventilation")}
        for name, limits in {"price_level_ratio": (0.1, 5.0), "heat_price_eur_per_kwh": (0.0, 2.0)}.items():
            if getattr(self, name) is not None:
                ranges[name] = limits
        check_ranges(self, ranges)

    def package(self, name: str) -> Package:
        """Return one package.

        Raises
        ------
        UsageProblem
            For an unknown name.
        """
        if name not in self.packages:
            raise UsageProblem(
                f"the retrofit package {name!r} is not known; {near_name(name, tuple(self.packages))}"
            )
        return Package(**self.packages[name])
