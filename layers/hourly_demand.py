"""Hourly demand: when districts need the heat, hot water, cold and electricity of a year.

* The rooms follow the hourly balance of ISO 13790 (`layers.physics.hourly`): five resistances and one
  capacity per building, the felt temperature controlled, nights and free days lowered where the archetype
  lowers them, people, appliances and ventilation by the hours of the use.
* Each building's hours are scaled to its yearly demand of the other layers, so that every sum over the
  year is theirs. How far both methods lie apart is kept in a table (`hourly_check`).
* Hot water and appliances deal their yearly demand over the hours of the use.
* The largest hour of a district is that of a typical year, of all its buildings together; plants are sized
  for a design day, for which `peak_heat_kw` stands. Its range is that of the yearly demand: a district that
  needs a tenth more has peaks a tenth higher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table
from layers.core.draws import hash_ids
from layers.core.heat_settings import HeatParams
from layers.core.hourly_settings import HourlyParams
from layers.core.quantiles import likely_range
from layers.core.types import FloatArray, IntArray
from layers.core.weather import FacadeSun, HourlyWeather
from layers.physics.heat_inputs import NEEDS as HEAT_NEEDS
from layers.physics.heat_inputs import heat_inputs
from layers.physics.hourly_check import both_methods_kwh, comparison_rows
from layers.physics.hourly_town import Town, TownHours, Wanted, building_hours, make_town, town_hours
from layers.physics.hourly_zones import facade_hours_w_per_m2_plane
from layers.physics.irradiance import PlaneParams
from layers.physics.load_curves import full_load_h, load_duration_table

__all__ = [
    "DISTRICT_COLUMNS",
    "HourlyParams",
    "HourlyResult",
    "add_largest_hours",
    "method_difference_share",
    "simulate_hourly",
]

CITY = "city"
HEAT = "heat_kw"
# what is drawn as a load-duration curve
CURVES = (HEAT, "cooling_kw", "electricity_kw")
EQUAL, AS_USED = "equal assumptions", "as used"

NEEDS: tuple[Column, ...] = (
    *HEAT_NEEDS,
    Column("space_heat_kwh", "useful heat for the rooms under standard use", lowest=0),
    Column("hot_water_kwh", "useful heat for hot water", lowest=0),
    Column("peak_heat_kw", "heat load of the rooms at the design temperature", lowest=0),
)
DISTRICT_COLUMNS: tuple[Column, ...] = (
    Column("largest_heat_kw", "heat for rooms and hot water in the largest hour of a typical year", lowest=0),
    Column("largest_heat_p10_kw", "one in ten is lower", lowest=0, gaps=True),
    Column("largest_heat_p90_kw", "one in ten is higher", lowest=0, gaps=True),
    Column("heat_full_load_h", "hours of the largest load that would give the year's heat", lowest=0),
)
PEAK_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district, or the whole city", "text"),
    Column("quantity", "what is needed", "text"),
    Column("largest_kw", "largest hour of a typical year, all buildings together", lowest=0),
    Column("largest_p10_kw", "one in ten is lower", lowest=0, gaps=True),
    Column("largest_p90_kw", "one in ten is higher", lowest=0, gaps=True),
    Column("largest_hour_count", "which hour of the year that is, UTC", "whole", lowest=0),
    Column("full_load_h", "hours of the largest load that would give the year's sum", lowest=0),
    Column("design_kw", "sum of the buildings' own loads on a design day", lowest=0, gaps=True),
)
CURVE_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district, or the whole city", "text"),
    Column("quantity", "what is needed", "text"),
    Column("exceeded_h", "hours of the year", lowest=0),
    Column("load_kw", "load that is reached or exceeded in so many hours", lowest=0),
)
CHECK_COLUMNS: tuple[Column, ...] = (
    Column("assumptions", "equal ones for both methods, or those of the profiles", "text"),
    Column("use", "class of use, or all", "text"),
    Column("building_count", "buildings that were compared", "whole", lowest=0),
    Column("monthly_kwh", "heat of the rooms by the monthly balance", lowest=0),
    Column("hourly_kwh", "the same by the hourly balance", lowest=0),
    Column("hourly_over_monthly_ratio", "hourly over monthly", lowest=0, gaps=True),
)


@dataclass(frozen=True)
class HourlyResult:
    """Hourly profiles of one run.

    Attributes
    ----------
    hourly : mapping of DataFrame
        By quantity (`space_heat_kw`, `hot_water_kw`, `cooling_kw` and, where it is known,
        `electricity_kw`), 8,760 hours UTC × districts.
    tables : mapping of DataFrame
        `hourly_peaks`, `load_duration`, `hourly_check`.
    building_hours : callable
        Gives the hours of every heated building, a table of few buildings at a time.
    """

    hourly: Mapping[str, pd.DataFrame]
    tables: Mapping[str, pd.DataFrame]
    building_hours: Callable[[], Iterator[pd.DataFrame]]


def _column(table: pd.DataFrame, name: str) -> FloatArray | None:
    return table[name].to_numpy(dtype=np.float64) if name in table.columns else None


def _wanted(part: pd.DataFrame) -> Wanted:
    return Wanted(
        rooms_kwh=part["space_heat_kwh"].to_numpy(dtype=np.float64),
        water_kwh=part["hot_water_kwh"].to_numpy(dtype=np.float64),
        cold_kwh=_column(part, "cooling_demand_kwh"),
        cold_power_kwh=_column(part, "cooling_electricity_kwh"),
        appliances_kwh=_column(part, "appliance_electricity_kwh"),
    )


def _districts(buildings: pd.DataFrame) -> tuple[pd.Series, pd.Index]:
    """Return the district of each building and all districts in order."""
    if "district_id" not in buildings.columns:
        none = pd.Series(None, index=buildings.index, dtype=object)
        return none, pd.Index([], name="district_id", dtype=object)
    named = buildings["district_id"].astype(object)
    return named, pd.Index(sorted(named.dropna().unique()), name="district_id", dtype=object)


def _check(town: Town, hours: TownHours, wanted: Wanted, weather: HourlyWeather, sun: FloatArray,
           params: HourlyParams) -> pd.DataFrame:  # fmt: skip
    """Compare both methods: as used for all, under equal assumptions for a sample that ids choose."""
    used = comparison_rows(town.uses, wanted.rooms_kwh, hours.heat_kwh, AS_USED)
    sample = np.sort(np.argsort(hash_ids(town.uses.index), kind="stable")[: params.check_count])
    inputs = town.inputs
    monthly, hourly = both_methods_kwh(
        inputs.bodies.take(sample), inputs.types.take(inputs.codes[sample]), inputs.solar_gain_kwh[sample],
        weather, sun, params=params,
    )  # fmt: skip
    return pd.concat(
        [comparison_rows(town.uses.iloc[sample], monthly, hourly, EQUAL), used], ignore_index=True
    )


def _peaks(
    profiles: Mapping[str, pd.DataFrame], part: pd.DataFrame, names: pd.Index, heat_draws: pd.DataFrame,
    city_heat_draws: FloatArray,
) -> pd.DataFrame:  # fmt: skip
    """Return the largest hours of districts and city."""
    draws = np.vstack([heat_draws.reindex(names).to_numpy(dtype=float), city_heat_draws])
    low, high = likely_range(draws)
    base = profiles[HEAT].sum().to_numpy(dtype=float)
    # a range of the year's heat is one of its largest hour, but never leaves it out
    ratios = [np.divide(one, base, out=np.full(len(base), np.nan), where=base > 0.0) for one in (low, high)]
    named = (
        part["district_id"].astype(object) if "district_id" in part.columns else pd.Series(index=part.index)
    )
    parts = []
    for quantity, table in profiles.items():
        values = table.to_numpy()
        largest = values.max(axis=0)
        design = np.full(len(largest), np.nan)
        if quantity in ("space_heat_kw", "cooling_kw"):
            load = "peak_heat_kw" if quantity == "space_heat_kw" else "peak_cooling_kw"
            if load in part.columns:
                sums = part[load].groupby(named.to_numpy()).sum().reindex(names, fill_value=0.0)
                design = np.append(sums.to_numpy(dtype=float), part[load].sum())
        of_heat = quantity in ("space_heat_kw", "hot_water_kw", HEAT)
        unknown = np.full(len(largest), np.nan)
        parts.append(pd.DataFrame({
            "district_id": table.columns.to_numpy(dtype=object),
            "quantity": quantity.removesuffix("_kw"),
            "largest_kw": largest,
            "largest_p10_kw": np.minimum(ratios[0], 1.0) * largest if of_heat else unknown,
            "largest_p90_kw": np.maximum(ratios[1], 1.0) * largest if of_heat else unknown,
            "largest_hour_count": values.argmax(axis=0),
            "full_load_h": full_load_h(values),
            "design_kw": design,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def simulate_hourly(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    weather: HourlyWeather,
    sun: FloatArray | FacadeSun,
    country: str,
    heat_draws: pd.DataFrame,
    city_heat_draws: FloatArray,
    cooling_set_c: Mapping[str, float],
    *,
    heat: HeatParams | None = None,
    planes: PlaneParams | None = None,
    params: HourlyParams | None = None,
) -> HourlyResult:
    """Return the hourly profiles of districts, their largest hours and load-duration curves.

    Parameters
    ----------
    buildings : GeoDataFrame
        The columns of `NEEDS`; `district_id`, `cooling_demand_kwh`, `peak_cooling_kw`,
        `cooling_electricity_kwh` and `appliance_electricity_kwh` are used where they are there.
    archetypes : DataFrame, index `archetype_id`
        The table from which the heat was simulated.
    weather : HourlyWeather
    sun : FacadeSun, or (9, 12) array
        As for the heat.
    country : str
        Two-letter code.
    heat_draws : DataFrame, index `district_id`, one column a draw
        Yearly heat of districts, for the range of their largest hours.
    city_heat_draws : (draws,) array
        The same for the whole city.
    cooling_set_c : mapping
        Felt temperature above which each use is cooled.

    Returns
    -------
    HourlyResult

    Raises
    ------
    ContractProblem
        When a needed column is missing, or a heated building's archetype is not in the table.
    """
    params, heat = params or HourlyParams(), heat or HeatParams()
    check_table(buildings, NEEDS, name="buildings")
    sun_hours = facade_hours_w_per_m2_plane(weather, planes, sun_offset_h=weather.sun_offset_h)
    heated = buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0
    part = pd.DataFrame(buildings.loc[heated].drop(columns="geometry", errors="ignore"))
    named, names = _districts(buildings)
    named = named[heated]
    place: IntArray = names.get_indexer(pd.Index(named)).astype(np.int64)
    town = make_town(
        part["use"], named, heat_inputs(part, archetypes, sun, heat), weather, sun_hours, country,
        part["peak_heat_kw"].to_numpy(dtype=np.float64), _column(part, "peak_cooling_kw"), cooling_set_c,
        params,
    )  # fmt: skip
    wanted = _wanted(part)
    hours = town_hours(town, wanted, place, len(names))
    profiles = {name: pd.DataFrame(kw[:, :-1], columns=names) for name, kw in hours.profiles_kw.items()}
    whole = {name: profiles[name].assign(**{CITY: kw.sum(axis=1)}) for name, kw in hours.profiles_kw.items()}
    whole[HEAT] = whole["space_heat_kw"] + whole["hot_water_kw"]
    curves = {name.removesuffix("_kw"): whole[name] for name in CURVES if name in whole}
    tables = {
        "hourly_peaks": _peaks(whole, part, names, heat_draws, city_heat_draws),
        "load_duration": load_duration_table(curves),
        "hourly_check": _check(town, hours, wanted, weather, sun_hours, params),
    }
    return HourlyResult(profiles, tables, lambda: building_hours(town, wanted))


def method_difference_share(check: pd.DataFrame) -> float:
    """Return by how much the hours need more than the months under equal assumptions; 0 without heat.

    Parameters
    ----------
    check : DataFrame
        The table `hourly_check`.
    """
    rows = check[(check["assumptions"] == EQUAL) & (check["use"] == "all")]
    ratio = float(rows["hourly_over_monthly_ratio"].iloc[0])
    return ratio - 1.0 if np.isfinite(ratio) else 0.0


def add_largest_hours(districts: gpd.GeoDataFrame, peaks: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the largest hour of heat of each district.

    Parameters
    ----------
    districts : GeoDataFrame, index `district_id`
    peaks : DataFrame
        The table `hourly_peaks`.
    """
    rows = peaks[peaks["quantity"] == HEAT.removesuffix("_kw")].set_index("district_id")
    rows = rows.reindex(districts.index)
    return districts.assign(
        largest_heat_kw=rows["largest_kw"].fillna(0.0).to_numpy(),
        largest_heat_p10_kw=rows["largest_p10_kw"].to_numpy(),
        largest_heat_p90_kw=rows["largest_p90_kw"].to_numpy(),
        heat_full_load_h=rows["full_load_h"].fillna(0.0).to_numpy(),
    )
