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

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table
from layers.core.draws import Draws
from layers.core.errors import UsageProblem
from layers.core.heat_settings import HeatParams
from layers.core.types import FloatArray
from layers.core.weather import FacadeSun, MonthlyClimate
from layers.physics import heat_draws
from layers.physics.building_heat import heat_model, hot_water_kwh, independent_parts_ratio, type_years
from layers.physics.heat_draws import (
    Demand,
    Drawn,
    HeatCase,
    VarianceShares,
    draw_demands_kwh,
    heat_demands,
)
from layers.physics.heat_inputs import (
    ARCHETYPE_NEEDS,
    NEEDS,
    check_climate,
    check_irradiation,
    expected_heat_kwh,
    expected_of_use_kwh,
    heat_inputs,
)
from layers.physics.heat_widths import column_or, uncertainty_widths
from layers.physics.monthly import monthly_heat_kwh, peak_heat_kw
from layers.physics.ranges import Places, Ranges, collect_ranges, places_of

__all__ = [
    "ADDS", "ARCHETYPE_NEEDS", "NEEDS", "HeatParams", "HeatResult", "design_temperature_c",
    "expected_heat_kwh", "simulate_heat",
]  # fmt: skip

ADDS: tuple[Column, ...] = (
    Column("space_heat_kwh", "useful heat for the rooms under standard use", lowest=0),
    Column("space_heat_expected_kwh", "the same as it is likely to be metered", lowest=0),
    Column("hot_water_kwh", "useful heat for hot water", lowest=0),
    Column("heat_demand_kwh", "rooms under standard use and hot water", lowest=0),
    Column("heat_demand_p10_kwh", "one in ten is lower", lowest=0),
    Column("heat_demand_p90_kwh", "one in ten is higher", lowest=0),
    Column("peak_heat_kw", "heat load of the rooms at the design temperature", lowest=0),
)


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
    case : HeatCase
        What the draws of the heated buildings started from.
    shares : VarianceShares
        Which shares of the variance buildings have in common.
    also : mapping of Ranges
        Of the further demands that were drawn with the heat, for the heated buildings, in their order.
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    years_mean_ratio: float
    case: HeatCase
    shares: VarianceShares
    also: Mapping[str, Ranges] = field(default_factory=dict)


def design_temperature_c(climate: MonthlyClimate, params: HeatParams) -> float:
    """Return the outdoor temperature for which heating is sized; from the coldest month if not known."""
    if climate.design_temperature_c is not None:
        return climate.design_temperature_c
    return float(climate.temperature_c.min() * params.design_slope_ratio + params.design_offset_c)


def _heat_case(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    climate: MonthlyClimate,
    sun: FacadeSun,
    params: HeatParams,
) -> HeatCase:
    """Collect what the balance needs of heated buildings."""
    taken = heat_inputs(buildings, archetypes, sun, params)
    widths = uncertainty_widths(buildings)
    u_ratio = widths.u_ratio * independent_parts_ratio(taken.bodies, taken.types.take(taken.codes))
    kind = [name for name in ("country", "use", "size_class") if name in archetypes.columns]
    group = np.asarray(archetypes.groupby(kind, dropna=False, sort=True).ngroup(), dtype=np.int64)
    return HeatCase(
        ids=buildings.index,
        bodies=taken.bodies,
        codes=taken.codes,
        types=taken.types,
        type_ids=archetypes.index,
        years=type_years(
            column_or(archetypes, "first_year", np.nan), column_or(archetypes, "last_year", np.nan), group
        ),
        widths=replace(widths, u_ratio=u_ratio),
        solar_gain_kwh=taken.solar_gain_kwh,
        climate=climate,
    )


def _base_columns(buildings: gpd.GeoDataFrame, case: HeatCase, params: HeatParams) -> dict[str, FloatArray]:
    """Return the base case of heated buildings by column."""
    types = case.types.take(case.codes)
    model = heat_model(case.bodies, types)
    sun = case.solar_gain_kwh * types.window_g_ratio[:, None]
    space = monthly_heat_kwh(model, sun, case.climate.temperature_c).sum(axis=1)
    water = hot_water_kwh(case.bodies, types)
    return {
        "space_heat_kwh": space,
        "space_heat_expected_kwh": expected_of_use_kwh(
            buildings["use"], space, case.bodies.floor_area_m2, params.expected_ratio
        ),
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
    sun: FloatArray | FacadeSun,
    draws: Draws,
    *,
    params: HeatParams | None = None,
    years_mean_ratio: float | None = None,
    also: Mapping[str, Demand] | None = None,
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
    sun : FacadeSun, or (9, 12) array
        Sun on the horizontal and on eight façades clockwise from north in each month; a plain array says
        nothing about neighbours, which then leave what they leave on average.
    draws : Draws
    years_mean_ratio : float, optional
        Of the result of the whole city, when `buildings` is only a part of it.
    also : mapping of functions by name, optional
        Further demands to draw from the same deviations (`layers.physics.heat_draws.draw_demands_kwh`).

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
    check_table(
        buildings, NEEDS, name="buildings",
        cure="give these buildings their areas (layers.envelope) or leave them out",
    )  # fmt: skip
    check_table(
        archetypes, ARCHETYPE_NEEDS, name="archetypes",
        cure="give these archetypes their values (layers.archetypes, or --archetypes)",
    )  # fmt: skip
    check_climate(climate)
    light = check_irradiation(sun)
    heated = np.flatnonzero(buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0)
    part = buildings.iloc[heated]
    case = _heat_case(part, archetypes, climate, light, params)
    columns = _base_columns(part, case, params)
    ratio = heat_draws.years_mean_ratio(case) if years_mean_ratio is None else years_mean_ratio
    ranges = _ranges(case, places_of(part, buildings), draws, params, ratio, also or {})
    heat = ranges.pop("heat_demand")
    # one of a few buildings whose year lies at the end of what is likely can leave its range
    base = columns["heat_demand_kwh"]
    columns["heat_demand_p10_kwh"] = np.minimum(heat.low_kwh, base)
    columns["heat_demand_p90_kwh"] = np.maximum(heat.high_kwh, base)
    whole = {name: np.zeros(len(buildings)) for name in columns}
    for name, values in columns.items():
        whole[name][heated] = values
    return HeatResult(
        buildings.assign(**{column.name: whole[column.name] for column in ADDS}),
        heat.district_draws,
        heat.city_draws,
        ratio,
        case,
        VarianceShares(params.shared_variance_share, params.type_variance_share),
        ranges,
    )


def _both(_: HeatCase, __: Drawn, known: Mapping[str, FloatArray]) -> FloatArray:
    return known["space_heat"] + known["hot_water"]


def _ranges(
    case: HeatCase,
    places: Places,
    draws: Draws,
    params: HeatParams,
    mean_ratio: float,
    also: Mapping[str, Demand],
) -> dict[str, Ranges]:
    """Draw heat and what else is asked for, and sum it up."""
    shares = VarianceShares(params.shared_variance_share, params.type_variance_share)
    demands: dict[str, Demand] = {**heat_demands(mean_ratio), "heat_demand": _both, **also}
    tiles = draw_demands_kwh(case, draws, shares, demands, tile_count=params.tile_count)
    return collect_ranges(tiles, ("heat_demand", *also), places, draws.count)
