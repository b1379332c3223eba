"""Heat demand of buildings: rooms and hot water, with a range for every building, district and city.

* The archetype of a building gives its U-values, air change, set-point, gains and hot water, the
  envelope its areas, the place its temperatures and the sun on its façades; the monthly balance of
  ISO 13790 (`layers.physics.monthly`) gives the useful heat for the rooms under standard use.
* What is metered differs from what is calculated: badly insulated dwellings are heated less, good
  ones more. `space_heat_expected_kwh` follows TABULA's average of measured over calculated heat. The
  curve is known for dwellings; other uses stay as calculated.
* Peak load: full losses at the design temperature, without gains and lowered nights, rooms only.
* p10 and p90 come from draws (`layers.physics.heat_draws`); districts and the city add up the same
  draws, so that what all buildings share stays in the sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table
from layers.core.draws import Draws
from layers.core.errors import ContractProblem, UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import FACADE_NAMES, MONTHS, MonthlyClimate
from layers.physics import heat_draws
from layers.physics.building_heat import (
    Bodies,
    TypeValues,
    heat_model,
    hot_water_kwh,
    independent_parts_ratio,
    type_years,
    window_aperture_m2,
)
from layers.physics.heat_draws import HeatCase, VarianceShares, draw_heat_kwh
from layers.physics.heat_widths import column_or, uncertainty_widths
from layers.physics.monthly import SURFACES, monthly_heat_kwh, peak_heat_kw, solar_gain_kwh

LOW_SHARE, HIGH_SHARE = 0.1, 0.9
EXPECTED_STEPS_KWH_PER_M2 = (0, 100, 200, 300, 400, 500)
WALL_COLUMNS: tuple[str, ...] = tuple(f"wall_area_{name}_m2" for name in FACADE_NAMES)

NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("archetype_id", "archetype of the building", "text"),
    Column("storey_count", "storeys above ground", lowest=0),
    Column("heated_floor_area_m2", "reference floor area that is heated", lowest=0),
    *(
        Column(name, "area of the envelope", lowest=0)
        for name in ("wall_area_m2", "window_area_m2", "roof_area_m2", "ground_area_m2", *WALL_COLUMNS)
    ),
)
ARCHETYPE_NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("first_year", "first year of the period", gaps=True),
    Column("last_year", "last year of the period", gaps=True),
    Column("u_wall_w_per_m2_k", "U-value of walls", lowest=0, highest=10),
    Column("u_roof_w_per_m2_k", "U-value of the roof", lowest=0, highest=10),
    Column("u_floor_w_per_m2_k", "U-value of the floor", lowest=0, highest=10),
    Column("u_window_w_per_m2_k", "U-value of windows", lowest=0, highest=10),
    Column("window_g_ratio", "sun through glass", lowest=0, highest=1),
    Column("air_use_per_h", "air change by use", lowest=0, highest=20),
    Column("air_infiltration_per_h", "air change by leaks", lowest=0, highest=20),
    Column("room_height_m", "height of rooms", lowest=1, highest=20),
    Column("set_point_c", "room temperature", lowest=0, highest=35),
    Column("night_factor_low_ratio", "night reduction at 1 W/(m² K)", lowest=0, highest=1),
    Column("night_factor_high_ratio", "night reduction at 4 W/(m² K)", lowest=0, highest=1),
    Column("internal_gain_w_per_m2", "internal gains", lowest=0, highest=200),
    Column("hot_water_kwh_per_m2", "useful heat for hot water", lowest=0, highest=500),
)
ADDS: tuple[Column, ...] = (
    Column("space_heat_kwh", "useful heat for the rooms under standard use", lowest=0),
    Column("space_heat_expected_kwh", "the same as it is likely to be metered", lowest=0),
    Column("hot_water_kwh", "useful heat for hot water", lowest=0),
    Column("heat_demand_kwh", "rooms under standard use and hot water", lowest=0),
    Column("heat_demand_p10_kwh", "one in ten is lower", lowest=0),
    Column("heat_demand_p90_kwh", "one in ten is higher", lowest=0),
    Column("peak_heat_kw", "heat load of the rooms at the design temperature", lowest=0),
)


def _heat(fact_id: str) -> float:
    return value("heat", fact_id)


def _width(fact_id: str) -> float:
    return value("uncertainty", fact_id)


def _expected_steps() -> tuple[float, ...]:
    return tuple(_heat(f"expected_factor_{step:03d}") for step in EXPECTED_STEPS_KWH_PER_M2)


@dataclass(frozen=True)
class HeatParams:
    """Settings of the heat layer.

    Attributes
    ----------
    shading_ratio, off_normal_ratio : what shading and slanting sun leave at windows, 0 to 1
    frame_share : share of a window that is frame, 0 to 1
    utilisation_a0_ratio, utilisation_tau0_h : where an archetype gives none, 0 to 5 and 1 to 200
    heat_capacity_wh_per_m2_k : where an archetype gives none, 1 to 1,000
    expected_ratio : metered over calculated heat at 0, 100 … 500 kWh/(m² a), 0 to 3
    design_slope_ratio, design_offset_c : design temperature from the coldest month, if none is given
    shared_variance_share, type_variance_share : what buildings have in common, together at most 1
    tile_count : buildings that are drawn at a time, at least 1
    """

    shading_ratio: float = field(default_factory=lambda: _heat("shading_vertical"))
    off_normal_ratio: float = field(default_factory=lambda: _heat("off_normal"))
    frame_share: float = field(default_factory=lambda: _heat("frame"))
    utilisation_a0_ratio: float = field(default_factory=lambda: _heat("monthly_utilisation_a0"))
    utilisation_tau0_h: float = field(default_factory=lambda: _heat("monthly_utilisation_tau0"))
    heat_capacity_wh_per_m2_k: float = field(default_factory=lambda: _heat("heat_capacity"))
    expected_ratio: tuple[float, ...] = field(default_factory=_expected_steps)
    design_slope_ratio: float = field(default_factory=lambda: _heat("design_temperature_slope"))
    design_offset_c: float = field(default_factory=lambda: _heat("design_temperature_offset"))
    shared_variance_share: float = field(default_factory=lambda: _width("shared_variance"))
    type_variance_share: float = field(default_factory=lambda: _width("type_variance"))
    tile_count: int = 8192

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "shading_ratio": (0.0, 1.0), "off_normal_ratio": (0.0, 1.0), "frame_share": (0.0, 1.0),
            "utilisation_a0_ratio": (0.01, 5.0), "utilisation_tau0_h": (1.0, 200.0),
            "heat_capacity_wh_per_m2_k": (1.0, 1000.0), "design_slope_ratio": (0.0, 4.0),
            "design_offset_c": (-40.0, 10.0), "shared_variance_share": (0.0, 1.0),
            "type_variance_share": (0.0, 1.0 - self.shared_variance_share), "tile_count": (1, 10_000_000),
        }  # fmt: skip
        check_ranges(self, ranges)
        if len(self.expected_ratio) != len(EXPECTED_STEPS_KWH_PER_M2):
            raise UsageProblem(f"expected_ratio needs {len(EXPECTED_STEPS_KWH_PER_M2)} values.")


@dataclass(frozen=True)
class HeatResult:
    """Heat demand of one run.

    Attributes
    ----------
    buildings : GeoDataFrame
        With the columns of `ADDS`.
    district_draws : DataFrame, index `district_id`, one column a draw
        Heat demand of each district. [kWh a⁻¹]
    city_draws : (count,) array
        Heat demand of all buildings, those without a district included. [kWh a⁻¹]
    years_mean_ratio : float
        Heat over all likely years of construction over the base case (`layers.physics.heat_draws`).
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    years_mean_ratio: float


def expected_heat_kwh(
    space_heat_kwh: FloatArray, floor_area_m2: FloatArray, ratios: tuple[float, ...]
) -> FloatArray:
    """Return the heat that is likely to be metered, by the calculated heat per floor area.

    The ratio of metered to calculated heat is linear between the steps and constant above the last.

    Examples
    --------
    150 kWh/m² lie between the ratios .95 at 100 and .795 at 200 kWh/m².

    >>> expected_heat_kwh(np.array([15_000.0]), np.array([100.0]), (1.1, 0.95, 0.795, 0.65, 0.55, 0.475))
    array([13087.5])
    """
    per_floor = np.divide(
        space_heat_kwh, floor_area_m2, out=np.zeros_like(space_heat_kwh), where=floor_area_m2 > 0.0
    )
    return np.asarray(space_heat_kwh * np.interp(per_floor, EXPECTED_STEPS_KWH_PER_M2, ratios))


def design_temperature_c(climate: MonthlyClimate, params: HeatParams) -> float:
    """Return the outdoor temperature for which heating is sized; from the coldest month if not known."""
    if climate.design_temperature_c is not None:
        return climate.design_temperature_c
    return float(climate.temperature_c.min() * params.design_slope_ratio + params.design_offset_c)


def _type_values(archetypes: pd.DataFrame, params: HeatParams) -> TypeValues:
    defaults = {
        "b_floor_ratio": 1.0, "b_roof_ratio": 1.0, "thermal_bridge_w_per_m2_k": 0.0,
        "heat_recovery_share": 0.0, "heat_capacity_wh_per_m2_k": params.heat_capacity_wh_per_m2_k,
        "utilisation_a0_ratio": params.utilisation_a0_ratio, "utilisation_tau0_h": params.utilisation_tau0_h,
    }  # fmt: skip
    names = [each.name for each in fields(TypeValues)]
    return TypeValues(*(column_or(archetypes, name, defaults.get(name, np.nan)) for name in names))


def _archetype_codes(buildings: pd.DataFrame, archetypes: pd.DataFrame) -> IntArray:
    """Return the position of each heated building's archetype."""
    wanted = buildings["archetype_id"]
    codes = archetypes.index.get_indexer(pd.Index(wanted))
    unknown = codes < 0
    if unknown.any():
        names = ", ".join(sorted({str(name) for name in wanted[unknown]})[:3])
        raise ContractProblem(
            f"buildings.archetype_id of {int(unknown.sum()):,} heated buildings is not in the archetype "
            f"table: {names}; assign archetypes of the same table that is simulated."
        )
    return np.asarray(codes, dtype=np.int64)


def _heat_case(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    climate: MonthlyClimate,
    facade_irradiation_kwh_per_m2_plane: FloatArray,
    params: HeatParams,
) -> HeatCase:
    """Collect what the balance needs of heated buildings."""

    def area(name: str) -> FloatArray:
        return np.asarray(buildings[name], dtype=np.float64)

    bodies = Bodies(
        area("heated_floor_area_m2"), area("wall_area_m2"), area("window_area_m2"), area("roof_area_m2"),
        area("ground_area_m2"), buildings[list(WALL_COLUMNS)].to_numpy(dtype=float),
    )  # fmt: skip
    codes, types = _archetype_codes(buildings, archetypes), _type_values(archetypes, params)
    widths = uncertainty_widths(buildings)
    u_ratio = widths.u_ratio * independent_parts_ratio(bodies, types.take(codes))
    kind = [name for name in ("country", "use", "size_class") if name in archetypes.columns]
    group = np.asarray(archetypes.groupby(kind, dropna=False, sort=True).ngroup(), dtype=np.int64)
    sun_ratio = params.shading_ratio * (1.0 - params.frame_share) * params.off_normal_ratio
    return HeatCase(
        ids=buildings.index,
        bodies=bodies,
        codes=codes,
        types=types,
        type_ids=archetypes.index,
        years=type_years(
            column_or(archetypes, "first_year", np.nan), column_or(archetypes, "last_year", np.nan), group
        ),
        widths=replace(widths, u_ratio=u_ratio),
        solar_gain_kwh=solar_gain_kwh(
            window_aperture_m2(bodies, sun_ratio), facade_irradiation_kwh_per_m2_plane
        ),
        climate=climate,
    )


def _base_columns(buildings: gpd.GeoDataFrame, case: HeatCase, params: HeatParams) -> dict[str, FloatArray]:
    """Return the base case of heated buildings by column."""
    types = case.types.take(case.codes)
    model = heat_model(case.bodies, types)
    sun = case.solar_gain_kwh * types.window_g_ratio[:, None]
    space = monthly_heat_kwh(model, sun, case.climate.temperature_c).sum(axis=1)
    water = hot_water_kwh(case.bodies, types)
    expected = expected_heat_kwh(space, case.bodies.floor_area_m2, params.expected_ratio)
    dwelling = buildings["use"].isin(RESIDENTIAL_USES).to_numpy()
    return {
        "space_heat_kwh": space,
        "space_heat_expected_kwh": np.where(dwelling, expected, space),
        "hot_water_kwh": water,
        "heat_demand_kwh": space + water,
        "peak_heat_kw": peak_heat_kw(
            model.loss_w_per_k, model.set_point_c, design_temperature_c(case.climate, params)
        ),
    }


def simulate_heat(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    climate: MonthlyClimate,
    facade_irradiation_kwh_per_m2_plane: FloatArray,
    draws: Draws,
    *,
    params: HeatParams | None = None,
    years_mean_ratio: float | None = None,
) -> HeatResult:
    """Add the heat demand of buildings and draw its range for buildings, districts and the city.

    Parameters
    ----------
    buildings : GeoDataFrame
        The columns of `NEEDS`; `district_id` and what is known about the uncertainty of year, storeys
        and height are used where they are there. Buildings without heated floor need no heat.
    archetypes : DataFrame, index `archetype_id`
        The columns of `ARCHETYPE_NEEDS`; `b_floor_ratio`, `b_roof_ratio`, `heat_recovery_share`,
        `thermal_bridge_w_per_m2_k`, `heat_capacity_wh_per_m2_k`, `utilisation_a0_ratio`,
        `utilisation_tau0_h` may be missing.
    climate : MonthlyClimate
    facade_irradiation_kwh_per_m2_plane : (9, 12) array
        Sun on the horizontal and on eight façades clockwise from north in each month.
    draws : Draws
    years_mean_ratio : float, optional
        Of the result of the whole city, when `buildings` is only a part of it.

    Returns
    -------
    HeatResult

    Raises
    ------
    ContractProblem
        When a needed column is missing, or a heated building's archetype is not in the table.
    UsageProblem
        When there is not one draw.
    """
    params = params or HeatParams()
    if draws.count < 1:
        raise UsageProblem(f"the number of draws is {draws.count}; a range needs at least 1.")
    check_table(buildings, NEEDS, name="buildings")
    check_table(archetypes, ARCHETYPE_NEEDS, name="archetypes")
    sun = np.asarray(facade_irradiation_kwh_per_m2_plane, dtype=np.float64)
    if sun.shape != (SURFACES, MONTHS) or not np.isfinite(sun).all():
        raise ContractProblem(
            f"the irradiation of façades has the shape {sun.shape} or gaps; it needs "
            f"{SURFACES} surfaces × {MONTHS} months of numbers."
        )
    heated = np.flatnonzero(buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0)
    part = buildings.iloc[heated]
    case = _heat_case(part, archetypes, climate, sun, params)
    columns = _base_columns(part, case, params)
    ratio = heat_draws.years_mean_ratio(case) if years_mean_ratio is None else years_mean_ratio
    drawn, district_draws, city_draws = _ranges(part, buildings, case, draws, params, ratio)
    # one of a few buildings whose year lies at the end of what is likely can leave its range
    base = columns["heat_demand_kwh"]
    drawn["heat_demand_p10_kwh"] = np.minimum(drawn["heat_demand_p10_kwh"], base)
    drawn["heat_demand_p90_kwh"] = np.maximum(drawn["heat_demand_p90_kwh"], base)
    whole = {name: np.zeros(len(buildings)) for name in columns | drawn}
    for name, values in (columns | drawn).items():
        whole[name][heated] = values
    return HeatResult(
        buildings.assign(**{column.name: whole[column.name] for column in ADDS}),
        district_draws,
        city_draws,
        ratio,
    )


def _ranges(
    part: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    case: HeatCase,
    draws: Draws,
    params: HeatParams,
    mean_ratio: float,
) -> tuple[dict[str, FloatArray], pd.DataFrame, FloatArray]:
    """Return p10 and p90 of heated buildings, and the draws of districts and of the city."""
    district, names = _districts(part, buildings)
    low, high = np.zeros(len(part)), np.zeros(len(part))
    by_district = np.zeros((draws.count, len(names)))
    city = np.zeros(draws.count)
    shares = VarianceShares(params.shared_variance_share, params.type_variance_share)
    for rows, heat in draw_heat_kwh(case, draws, shares, tile_count=params.tile_count, mean_ratio=mean_ratio):
        low[rows], high[rows] = np.quantile(heat, [LOW_SHARE, HIGH_SHARE], axis=0)
        by_district += _sums_by_district(heat, district[rows], len(names))
        city += heat.sum(axis=1)
    return (
        {"heat_demand_p10_kwh": low, "heat_demand_p90_kwh": high},
        pd.DataFrame(by_district.T, index=names, columns=pd.RangeIndex(draws.count, name="draw")),
        city,
    )


def _districts(part: pd.DataFrame, buildings: pd.DataFrame) -> tuple[IntArray, pd.Index]:
    """Return each heated building's district, -1 for none, and all districts in order."""
    if "district_id" not in buildings.columns:
        return np.full(len(part), -1, dtype=np.int64), pd.Index([], name="district_id", dtype=object)
    names = pd.Index(sorted(buildings["district_id"].dropna().unique()), name="district_id", dtype=object)
    return names.get_indexer(pd.Index(part["district_id"].astype(object))).astype(np.int64), names


def _sums_by_district(heat_kwh: FloatArray, district: IntArray, count: int) -> FloatArray:
    """Return the (draws, districts) sums of (draws, buildings) demands."""
    inside = district >= 0
    if not inside.any():
        return np.zeros((len(heat_kwh), count))
    return np.stack([np.bincount(district[inside], row[inside], minlength=count) for row in heat_kwh])
