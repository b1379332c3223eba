"""Cooling: what has to be taken out of the rooms in summer, how much of it is, and the electricity for it.

* `cooling_demand_kwh` is the useful cold that would keep all heated floor at the cooling set-point of its
  use, by the monthly balance of ISO 13790 (`layers.physics.monthly_cooling`): the same body, glass,
  neighbours, air and gains as for heat, without heat recovery and lowered nights, with blinds.
  It is the mean over the draws: where it is mild most buildings need hardly any cold and a few need
  much, so that a calculation with every assumption in its middle (`cooling_standard_kwh`) misses most of it.
* Few buildings are cooled. `cooled_share` is the share of floor that is, by country and kind of use;
  `cooling_electricity_kwh` = demand × share ÷ seasonal energy efficiency ratio. For a single building
  it is an expectation: the building has a plant or has none.
* Peak: losses and sun of the hottest hours of a design day, for the whole floor.
* Ranges come from the draws of the heat: one draw of a U-value, of the sun or of a gain moves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.cooling_settings import HALL_USES, CoolingParams
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.types import FloatArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import HOURS_IN_MONTH
from layers.physics.building_heat import cooling_model
from layers.physics.heat_draws import Demand, Drawn, HeatCase
from layers.physics.monthly_cooling import yearly_cooling_kwh
from layers.physics.ranges import Ranges
from layers.physics.seasonal import W_PER_KW

__all__ = ["ADDS", "CoolingParams", "add_cooling", "cooled_shares", "cooling_demands"]

TABLE = Path(__file__).resolve().parent / "data" / "cooled_shares.csv"
# which share of the mixed use is dwellings, offices and shops stands with the archetypes
MIXED_USE = "unknown"
SINGLE_USES = ("residential_single", "residential_terraced")

ADDS: tuple[Column, ...] = (
    Column("cooling_demand_kwh", "useful cold for all heated floor, mean over what is not known", lowest=0),
    Column("cooling_standard_kwh", "the same with every assumption in its middle", lowest=0),
    Column("cooling_demand_p10_kwh", "one in ten is lower", lowest=0),
    Column("cooling_demand_p90_kwh", "one in ten is higher", lowest=0),
    Column("cooled_share", "heated floor that is likely to be cooled", lowest=0, highest=1),
    Column("cooling_electricity_kwh", "electricity for the cold that is likely to be made", lowest=0),
    Column("peak_cooling_kw", "cold for all heated floor in the hottest hours of a design day", lowest=0),
)


@cache
def _shares() -> pd.DataFrame:
    return pd.read_csv(TABLE, keep_default_na=False).set_index("country")


def cooled_shares(uses: pd.Series, country: str, params: CoolingParams) -> FloatArray:
    """Return the share of floor that is cooled, by class of use.

    Parameters
    ----------
    uses : Series of n classes of use
    country : str
        Two-letter ISO code.

    Raises
    ------
    UsageProblem
        When the country is not carried; the message lists those that are.

    Examples
    --------
    >>> uses = pd.Series(["residential_multi", "office"])
    >>> cooled_shares(uses, "MT", CoolingParams()), cooled_shares(uses, "FI", CoolingParams())
    (array([0.735, 0.717]), array([0.009, 0.172]))
    """
    table = _shares()
    if country not in table.index:
        raise UsageProblem(
            f"How much floor is cooled in country {country!r} is not known; known are "
            f"{', '.join(table.index)}."
        )
    columns = ["single_share", "multi_share", "service_share"]
    single, multi, service = table.loc[[country], columns].to_numpy(dtype=float)[0].tolist()
    homes = value("use_conditions", "unknown_residential_multi_share")
    by_use = dict.fromkeys(SINGLE_USES, single) | dict.fromkeys(HALL_USES, params.hall_cooled_share)
    by_use |= {"residential_multi": multi, MIXED_USE: homes * multi + (1.0 - homes) * service}
    return np.asarray(uses.astype(object).map(by_use).fillna(service), dtype=np.float64)


def _efficiency_ratio(uses: pd.Series, params: CoolingParams) -> FloatArray:
    """Return cold over electricity; mixed buildings count as services."""
    homes = uses.isin(RESIDENTIAL_USES).to_numpy()
    return np.where(homes, params.seer_residential_ratio, params.seer_service_ratio).astype(float)


def _set_points_c(archetypes: pd.DataFrame, params: CoolingParams) -> FloatArray:
    return np.asarray(archetypes["use"].astype(object).map(params.set_point_c), dtype=np.float64)


def standard_cooling_kwh(case: HeatCase, set_point_c: FloatArray, params: CoolingParams) -> FloatArray:
    """Return the cold of a year with every assumption in its middle; `set_point_c` is (n,)."""
    types = case.types.take(case.codes)
    glass = types.window_g_ratio * params.sun_protection_ratio
    model = cooling_model(case.bodies, types, set_point_c)
    return yearly_cooling_kwh(model, case.solar_gain_kwh, case.climate.temperature_c, glass)


def cooling_demands(
    archetypes: pd.DataFrame, country: str, params: CoolingParams | None = None
) -> dict[str, Demand]:
    """Return the demands for cold and for the electricity of cooling, to be drawn with the heat.

    Parameters
    ----------
    archetypes : DataFrame, index `archetype_id`
        `use`; the table from which the heat is simulated.
    country : str
        Two-letter ISO code.
    """
    params = params or CoolingParams()
    uses = archetypes["use"]
    set_point = _set_points_c(archetypes, params)
    per_cold = cooled_shares(uses, country, params) / _efficiency_ratio(uses, params)

    def cold(tile: HeatCase, drawn: Drawn, _: Mapping[str, FloatArray]) -> FloatArray:
        warmer_k = drawn.typed("cooling_set_point") * tile.widths.set_point_k
        model = cooling_model(tile.bodies, drawn.types, set_point[drawn.codes], drawn.deviation, warmer_k)
        glass = drawn.sun_ratio * drawn.types.window_g_ratio * params.sun_protection_ratio
        return yearly_cooling_kwh(model, tile.solar_gain_kwh, drawn.temperature_c, glass)

    def electricity(_: HeatCase, drawn: Drawn, known: Mapping[str, FloatArray]) -> FloatArray:
        width = np.full(len(drawn.codes), params.plant_width_ratio)
        plant = drawn.typed_ratio("cooling_plant", width)
        return np.asarray(known["cooling_demand"] * per_cold[drawn.codes] * plant, dtype=np.float64)

    return {"cooling_demand": cold, "cooling_electricity": electricity}


def peak_cooling_kw(case: HeatCase, set_point_c: FloatArray, params: CoolingParams) -> FloatArray:
    """Return the cold load in the hottest hours of a design day, for the whole floor.

    H (θ_month + hot day − θ_set) + people × peak + sun of the brightest month × peak, at least zero.
    """
    types = case.types.take(case.codes)
    model = cooling_model(case.bodies, types, set_point_c)
    outdoor_c = float(case.climate.temperature_c.max()) + params.hot_day_k
    mean_sun_w = (case.solar_gain_kwh / HOURS_IN_MONTH).max(axis=1) * W_PER_KW
    sun_w = mean_sun_w * types.window_g_ratio * params.sun_protection_ratio * params.peak_sun_ratio
    people_w = model.internal_gain_w * params.peak_people_ratio
    load_w = model.loss_w_per_k * (outdoor_c - set_point_c) + sun_w + people_w
    return np.asarray(np.maximum(load_w, 0.0) / W_PER_KW, dtype=np.float64)


def add_cooling(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    country: str,
    case: HeatCase,
    ranges: Ranges,
    *,
    params: CoolingParams | None = None,
) -> gpd.GeoDataFrame:
    """Add the demand for cold with its range, the cooled share, its electricity and the peak.

    Parameters
    ----------
    buildings : GeoDataFrame
        `use` and `heated_floor_area_m2`; buildings without heated floor get zeros.
    archetypes : DataFrame, index `archetype_id`
    country : str
        Two-letter ISO code.
    case : HeatCase
        Of the buildings with heated floor, in their order, as the heat layer gives it.
    ranges : Ranges
        Of the demand of `cooling_demands`, for the same buildings.

    Returns
    -------
    GeoDataFrame
        The same rows with the columns of `ADDS`.
    """
    params = params or CoolingParams()
    set_point = _set_points_c(archetypes, params)[case.codes]
    demand = ranges.mean_kwh
    heated = np.flatnonzero(buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0)
    uses = archetypes["use"]
    share = cooled_shares(uses, country, params)[case.codes]
    columns = {
        "cooling_demand_kwh": demand,
        "cooling_standard_kwh": standard_cooling_kwh(case, set_point, params),
        "cooling_demand_p10_kwh": np.minimum(ranges.low_kwh, demand),
        "cooling_demand_p90_kwh": np.maximum(ranges.high_kwh, demand),
        "cooled_share": share,
        "cooling_electricity_kwh": demand * share / _efficiency_ratio(uses, params)[case.codes],
        "peak_cooling_kw": peak_cooling_kw(case, set_point, params),
    }
    whole = {name: np.zeros(len(buildings)) for name in columns}
    for name, values in columns.items():
        whole[name][heated] = values
    return buildings.assign(**whole)
