"""Whether district heating suits each district, by a named rule.

The first question is whether there is a network already. Where one serves much of a city and no map of
it is at hand, a district that is dense enough is called *probably served*: there the tasks are clean
heat, lower temperatures and the remaining connections, never a new network. Everywhere else a named
rule set decides: thresholds of heat density, of linear heat density on real streets, of anchor loads
or of dwellings. All measures of a rule must hold; the weakest one counts. The sentence beside each
class gives the numbers and what density it would take.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.crs import to_crs
from layers.core.errors import UsageProblem
from layers.core.facts import fact, read_facts, value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray
from layers.physics.heat_network import (
    PipeCosts,
    WidthCurve,
    coherent_totals,
    density_by_width_mwh_per_m,
    distribution_cost_eur_per_mwh,
    effective_width_m,
)  # fmt: skip
from layers.physics.heating_rules import (
    CLASSES,
    NOT_SUITABLE,
    WORDS,
    Measure,
    RuleSet,
    judge,
    needed_ratio,
    reason,
)  # fmt: skip

DATA: Final = Path(__file__).resolve().parent / "data"
MWH_PER_GWH = 1000.0


def _dh(fact_id: str) -> float:
    return value("district_heating", fact_id)


@dataclass(frozen=True)
class DistrictHeatingParams:
    """Settings of the suitability.

    Attributes
    ----------
    network_present_share : from which share of a city's heat a network probably serves dense districts
    mapped_share : pipe over street length from which a mapped network serves a district
    zone_mwh_per_ha, zone_gwh : squares and total of a coherent dense area
    dwelling_floor_area_m2 : heated floor area of an equivalent dwelling, 20 to 300
    break_even_mwh_per_m : carries its trench, where the rule names no linear heat density; 0.1 to 10
    interest_share, pipe_life_years : how a network is repaid; 0 to 0.2, 5 to 100
    """

    network_present_share: float = field(default_factory=lambda: _dh("network_present_share"))
    mapped_share: float = field(default_factory=lambda: _dh("mapped_share"))
    zone_mwh_per_ha: float = field(default_factory=lambda: _dh("zone_mwh_per_ha"))
    zone_gwh: float = field(default_factory=lambda: _dh("zone_gwh"))
    dwelling_floor_area_m2: float = field(default_factory=lambda: _dh("dwelling_floor_area_m2"))
    break_even_mwh_per_m: float = field(default_factory=lambda: _dh("break_even_mwh_per_m"))
    interest_share: float = field(default_factory=lambda: _dh("interest_share"))
    pipe_life_years: float = field(default_factory=lambda: _dh("pipe_life_years"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "network_present_share": (0, 1), "mapped_share": (0, 1), "zone_mwh_per_ha": (1, 10_000),
            "zone_gwh": (0, 10_000), "dwelling_floor_area_m2": (20, 300), "break_even_mwh_per_m": (0.1, 10),
            "interest_share": (0, 0.2), "pipe_life_years": (5, 100),
        }  # fmt: skip
        check_ranges(self, ranges)


ADDS: tuple[Column, ...] = (
    Column("district_heating_class", "whether district heating suits", "category", allowed=CLASSES),
    Column("district_heating_reason", "why, with numbers", "text"),
    Column("district_heating_rule", "rule set that decided", "text"),
    Column("density_needed_ratio", "times the density it takes to enter the rule", lowest=1, gaps=True),
    Column("break_even_distance_m", "pipe this heat carries beyond its own streets", lowest=0, gaps=True),
    Column("effective_width_m", "land per metre of trench by plot ratio (2019 curve)", lowest=0),
    Column("effective_width_seenergies_m", "the same by the newer curve", lowest=0),
    Column("density_by_width_mwh_per_m", "linear heat density by the 2019 curve", lowest=0),
    Column("density_by_width_seenergies_mwh_per_m", "linear heat density by the newer curve", lowest=0),
    Column("distribution_cost_eur_per_mwh", "capital cost of pipes by street length", lowest=0, gaps=True),
    Column("distribution_cost_by_width_eur_per_mwh", "the same by the 2019 curve", lowest=0, gaps=True),
    Column("distribution_cost_by_width_seenergies_eur_per_mwh", "by the newer curve", lowest=0, gaps=True),
)  # fmt: skip


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rule_names() -> tuple[str, ...]:
    """List the rule sets that are carried."""
    return tuple(row["rule"] for row in _table("heating_rule_sets.csv"))


def read_rules(name: str) -> RuleSet:
    """Read a named rule set.

    Raises
    ------
    UsageProblem
        When there is no such rule set; the message lists all.

    Examples
    --------
    >>> read_rules("carmen").measures
    (Measure(kind='line', suitable=1.5, conditional=0.75),)
    """
    titles = {row["rule"]: row["title"] for row in _table("heating_rule_sets.csv")}
    if name not in titles:
        raise UsageProblem(
            f"There is no rule set {name!r} for district heating; choose one of {', '.join(titles)}."
        )
    ids = read_facts("heating_rules")
    found = []
    for kind in WORDS:
        if f"{name}_{kind}_suitable" in ids:
            step = f"{name}_{kind}_conditional"
            conditional = fact("heating_rules", step).value if step in ids else None
            found.append(Measure(kind, fact("heating_rules", f"{name}_{kind}_suitable").value, conditional))
    return RuleSet(name, titles[name], tuple(found))


def pipe_costs(country: str, params: DistrictHeatingParams) -> PipeCosts:
    """Return the costs of laying pipes in a country; the table's default where it has no own row."""
    groups = {row["country"]: row["cost_group"] for row in _table("heating_cost_groups.csv")}
    group = groups.get(country.upper(), "other")
    return PipeCosts(
        _dh("diameter_slope_m"), _dh("diameter_offset_m"), _dh("diameter_least_m"), _dh("diameter_limit_gj"),
        _dh(f"trench_{group}_eur_per_m"), _dh(f"pipe_{group}_eur_per_m2"),
        params.interest_share, params.pipe_life_years,
    )  # fmt: skip


def width_curves() -> tuple[WidthCurve, WidthCurve]:
    """Return the two published curves of the effective width: 2019, and sEEnergies."""
    older = WidthCurve(
        _dh("width_2019_slope_m"), _dh("width_2019_offset_m"), 0.0,
        _dh("width_2019_limit_ratio"), _dh("width_2019_dense_m"),
    )  # fmt: skip
    newer = WidthCurve(
        0.0, 0.0, _dh("width_seenergies_factor_m"),
        _dh("width_seenergies_limit_ratio"), _dh("width_seenergies_dense_m"),
    )  # fmt: skip
    return older, newer


def zone_shares(
    districts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, params: DistrictHeatingParams
) -> FloatArray:
    """Return the share of each district's heat that lies in coherent dense squares."""
    west, south, east, _ = shapely.bounds(np.asarray(cells.geometry.array, dtype=object)).T
    side = east - west
    row, column = np.round(south / side).astype(np.int64), np.round(west / side).astype(np.int64)
    heat = cells["heat_demand_mwh"].to_numpy(dtype=float)
    dense = cells["heat_density_mwh_per_ha"].to_numpy(dtype=float) >= params.zone_mwh_per_ha
    in_zone = coherent_totals(row, column, heat, dense) >= max(params.zone_gwh * MWH_PER_GWH, 1e-9)
    outlines = np.asarray(to_crs(districts[["geometry"]], cells.crs).geometry.array, dtype=object)
    middles = shapely.centroid(np.asarray(cells.geometry.array, dtype=object))
    cell, district = shapely.STRtree(outlines).query(middles, predicate="intersects")
    count = len(districts)
    whole = np.bincount(district, heat[cell], minlength=count)
    inside = np.bincount(district, heat[cell] * in_zone[cell], minlength=count)
    return np.divide(inside, whole, out=np.zeros(count), where=whole > 0)


def measure_values(
    districts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, params: DistrictHeatingParams
) -> dict[str, FloatArray]:
    """Return what the rules measure, per district; NaN where it is not known."""
    line = districts["linear_heat_density_mwh_per_m"].to_numpy(dtype=float)
    return {
        "area": districts["heat_density_mwh_per_ha"].to_numpy(dtype=float),
        "line": np.where(districts["street_length_m"].to_numpy(dtype=float) > 0, line, np.nan),
        "anchor": districts["anchor_count"].to_numpy(dtype=float),
        "dwelling": districts["heated_floor_area_m2"].to_numpy(dtype=float) / params.dwelling_floor_area_m2,
        "zone": zone_shares(districts, cells, params),
    }


def add_district_heating(
    districts: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    rules: RuleSet,
    *,
    district_heating_share: float | None,
    country: str,
    existing_network: gpd.GeoDataFrame | None = None,
    is_whole_network: bool = True,
    params: DistrictHeatingParams | None = None,
) -> gpd.GeoDataFrame:
    """Add class, reason and economics of district heating.

    Parameters
    ----------
    districts : GeoDataFrame with its totals
    cells : GeoDataFrame
        Squares with `heat_demand_mwh`, `heat_density_mwh_per_ha`.
    rules : RuleSet
    district_heating_share : float or None
        Share of the city's heat that a network serves, where known.
    country : str
        Two letters, for the costs.
    existing_network : GeoDataFrame of lines, optional
        A map of the network: then it decides which districts are served.
    is_whole_network : bool
        Whether that map shows all of it; if not, districts without a mapped pipe are judged as if there
        were no map.
    """
    params = params or DistrictHeatingParams()
    values = measure_values(districts, cells, params)
    heat = districts["heat_demand_mwh"].to_numpy(dtype=float)
    high = districts["heat_demand_p90_mwh"].to_numpy(dtype=float)
    high_ratio = np.nan_to_num(np.divide(high, heat, out=np.ones(len(heat)), where=heat > 0), nan=1.0)
    mark = np.where(heat > 0, judge(values, high_ratio, rules), NOT_SUITABLE)
    is_in_city = (district_heating_share or 0.0) >= params.network_present_share
    mapped = np.zeros(len(districts), dtype=bool)
    if existing_network is not None:
        mapped = _mapped(districts, existing_network, params)
    served = mapped
    if existing_network is None or not is_whole_network:
        served = mapped | ((mark > NOT_SUITABLE) & is_in_city)
    # marks count up from not suitable, classes are listed down to it
    classes = np.where(served, CLASSES[0], np.array(CLASSES)[len(CLASSES) - 1 - mark])
    needed = needed_ratio(values, rules)
    reasons = [
        reason(
            str(name),
            {kind: float(found[k]) for kind, found in values.items()},
            rules,
            float(needed[k]),
            city_share=district_heating_share or 0.0,
            is_in_city=is_in_city,
            is_mapped=bool(mapped[k]),
        )
        for k, name in enumerate(classes)
    ]
    return _add_economics(districts, rules, country, params).assign(
        district_heating_class=classes,
        district_heating_reason=reasons,
        district_heating_rule=rules.name,
        density_needed_ratio=needed,
    )


def compare_rules(
    districts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, params: DistrictHeatingParams | None = None
) -> pd.DataFrame:
    """Return what every named rule set would say of each district, networks of today left aside.

    Parameters
    ----------
    districts : GeoDataFrame with its totals
    cells : GeoDataFrame
        Squares with `heat_demand_mwh`, `heat_density_mwh_per_ha`.

    Returns
    -------
    DataFrame, index `district_id`
        One column a rule set: suitable, conditional or not_suitable.
    """
    params = params or DistrictHeatingParams()
    values = measure_values(districts, cells, params)
    heat = districts["heat_demand_mwh"].to_numpy(dtype=float)
    high = districts["heat_demand_p90_mwh"].to_numpy(dtype=float)
    high_ratio = np.nan_to_num(np.divide(high, heat, out=np.ones(len(heat)), where=heat > 0), nan=1.0)
    names = np.array(CLASSES)
    said = {}
    for name in rule_names():
        mark = np.where(heat > 0, judge(values, high_ratio, read_rules(name)), NOT_SUITABLE)
        said[name] = names[len(names) - 1 - mark]
    return pd.DataFrame(said, index=districts.index)


def _mapped(
    districts: gpd.GeoDataFrame, network: gpd.GeoDataFrame, params: DistrictHeatingParams
) -> BoolArray:
    """Say in which districts a mapped network lies along much of the streets."""
    pipes = shapely.union_all(np.asarray(to_crs(network, districts.crs).geometry.array, dtype=object))
    inside = shapely.length(shapely.intersection(np.asarray(districts.geometry.array, dtype=object), pipes))
    streets = districts["street_length_m"].to_numpy(dtype=float)
    return np.asarray((inside > 0) & (inside >= params.mapped_share * streets))


def _add_economics(
    districts: gpd.GeoDataFrame, rules: RuleSet, country: str, params: DistrictHeatingParams
) -> gpd.GeoDataFrame:
    costs = pipe_costs(country, params)
    plot_ratio = districts["plot_ratio"].to_numpy(dtype=float)
    density = districts["heat_density_mwh_per_ha"].to_numpy(dtype=float)
    older, newer = (effective_width_m(plot_ratio, curve) for curve in width_curves())
    by_older, by_newer = (density_by_width_mwh_per_m(density, width) for width in (older, newer))
    connected = districts["connected_heat_mwh"].to_numpy(dtype=float)
    trench = (districts["street_length_m"] + districts["service_pipe_m"]).to_numpy(dtype=float)
    on_streets = np.divide(connected, trench, out=np.zeros(len(trench)), where=trench > 0)
    carries = next((m.suitable for m in rules.measures if m.kind == "line"), params.break_even_mwh_per_m)
    return districts.assign(
        break_even_distance_m=np.where(trench > 0, np.maximum(connected / carries - trench, 0.0), np.nan),
        effective_width_m=older,
        effective_width_seenergies_m=newer,
        density_by_width_mwh_per_m=by_older,
        density_by_width_seenergies_mwh_per_m=by_newer,
        distribution_cost_eur_per_mwh=distribution_cost_eur_per_mwh(on_streets, costs),
        distribution_cost_by_width_eur_per_mwh=distribution_cost_eur_per_mwh(by_older, costs),
        distribution_cost_by_width_seenergies_eur_per_mwh=distribution_cost_eur_per_mwh(by_newer, costs),
    )
