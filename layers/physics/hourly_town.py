"""The hours of a whole town, batch by batch, added up by district or handed out building by building."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.draws import hash_ids
from layers.core.hourly_settings import HourlyParams
from layers.core.types import FloatArray, IntArray
from layers.core.weather import HOURS_PER_YEAR, HourlyWeather
from layers.physics.building_heat import heat_model
from layers.physics.heat_inputs import HeatInputs
from layers.physics.hourly import Floats, HourlyPower, simulate_hours
from layers.physics.hourly_groups import UseGroups, group_drivers, use_groups, ventilated
from layers.physics.hourly_sums import (
    DistrictSums,
    add_missing,
    lower_ratio,
    scale_ratio,
    spread_missing,
)
from layers.physics.hourly_zones import zone_model
from layers.physics.seasonal import W_PER_KW
from layers.physics.use_profiles import local_calendar, use_shape
from layers.physics.zone import HourlyDrivers, ZoneModel

# hours of single buildings are handed out in tables of so many buildings
TABLE_COUNT = 64
# degree hours below this are the shape of last resort for heat; above the other one they deal out the cold
# that only the months know
HEATING_LIMIT_C, COOLING_LIMIT_C = 15.0, 16.0


@dataclass(frozen=True)
class Wanted:
    """Yearly demands of n heated buildings, (n,) arrays in kWh; the hours are scaled to them."""

    rooms_kwh: FloatArray
    water_kwh: FloatArray
    cold_kwh: FloatArray | None
    cold_power_kwh: FloatArray | None
    appliances_kwh: FloatArray | None


@dataclass(frozen=True)
class Town:
    """Heated buildings, ready to be simulated.

    Attributes
    ----------
    uses : Series of n classes of use, index `building_id`
    country : str
    inputs : HeatInputs
    groups, drivers, zone
        Of the hourly balance.
    order : (n,) array
        In which buildings are simulated: alike ones together, whatever the order of the table.
    batch_count : int
    """

    uses: pd.Series
    country: str
    inputs: HeatInputs
    groups: UseGroups
    drivers: HourlyDrivers
    zone: ZoneModel
    order: IntArray
    batch_count: int

    def batches(self, count: int | None = None) -> Iterator[tuple[IntArray, HourlyPower]]:
        """Yield positions and hours of buildings; the next batch writes over the hours of this one."""
        room: Floats | None = None
        step = count or self.batch_count
        for first in range(0, len(self.order), step):
            rows = self.order[first : first + step]
            found = simulate_hours(self.zone.take(rows), self.groups.group[rows], self.drivers, room=room)
            room = found.power_w
            yield rows, found


def make_town(
    uses: pd.Series,
    district: pd.Series,
    inputs: HeatInputs,
    weather: HourlyWeather,
    sun_w_per_m2_plane: FloatArray,
    country: str,
    peak_heat_kw: FloatArray,
    peak_cooling_kw: FloatArray | None,
    cooling_set_c: Mapping[str, float],
    params: HourlyParams,
) -> Town:
    """Collect what the hours of heated buildings need.

    Parameters
    ----------
    uses, district : Series of n texts, index `building_id`
    inputs : HeatInputs of the same buildings
    sun_w_per_m2_plane : (9, 8760) array
        Open façades.
    peak_heat_kw, peak_cooling_kw : (n,) arrays
        Loads of design days, for which plants are sized; without the second, cooling has any power.
    cooling_set_c : mapping
        Felt temperature above which each use is cooled.
    """
    types = inputs.types.take(inputs.codes)
    groups = use_groups(uses, heat_model(inputs.bodies, types).night_ratio)
    calendar = local_calendar(country)
    used = {use: float(ventilated(use, calendar).mean()) for use in set(groups.uses)}
    kinds = uses.astype(object)
    plant_w_per_kw = W_PER_KW * params.plant_reserve_ratio
    free = np.full(len(uses), np.inf)
    cooler_w = free if peak_cooling_kw is None else peak_cooling_kw * plant_w_per_kw
    zone = zone_model(
        inputs.bodies, types, inputs.solar_gain_kwh, sun_w_per_m2_plane,
        peak_heat_kw * plant_w_per_kw, cooler_w,
        np.asarray(kinds.map(cooling_set_c), dtype=np.float64), np.asarray(kinds.map(used), dtype=np.float64),
        params,
    )  # fmt: skip
    order = np.lexsort((hash_ids(uses.index), district.astype(str).to_numpy(dtype=str), groups.group))
    drivers = group_drivers(groups, country, weather.temperature_c, sun_w_per_m2_plane, params)
    return Town(uses, country, inputs, groups, drivers, zone, order.astype(np.int64), params.batch_count)


def _shapes(town: Town, quantity: str) -> tuple[FloatArray, IntArray]:
    """Return the shapes of the uses that occur, (8760, k), each adding up to 1, and every building's."""
    kinds = sorted(town.uses.astype(str).unique())
    calendar = local_calendar(town.country)
    shapes = [use_shape(use, quantity, calendar) / HOURS_PER_YEAR for use in kinds]
    code = pd.Index(kinds, dtype=object).get_indexer(town.uses.astype(object))
    return np.stack(shapes, axis=1) if shapes else np.zeros((HOURS_PER_YEAR, 0)), code.astype(np.int64)


def _dealt_kw(town: Town, kwh: FloatArray, quantity: str, column: IntArray, count: int) -> FloatArray:
    """Deal yearly sums over the hours of the uses, (8760, count)."""
    shapes, code = _shapes(town, quantity)
    sums = np.zeros((shapes.shape[1], count))
    np.add.at(sums, (code, column), kwh)
    return np.asarray(shapes @ sums)


@dataclass(frozen=True)
class TownHours:
    """Hours of places, (8760, places and the rest) arrays by quantity, and what the hours alone say.

    `heat_kwh` and `cold_kwh` are the sums of the hourly balance for each building, not scaled.
    """

    profiles_kw: dict[str, FloatArray]
    heat_kwh: FloatArray
    cold_kwh: FloatArray


def town_hours(town: Town, wanted: Wanted, place: IntArray, places_count: int) -> TownHours:
    """Simulate a town and add its hours up.

    Parameters
    ----------
    wanted : Wanted
    place : (n,) array
        District of each building; -1 for none, which is added up behind the last.
    places_count : int

    Returns
    -------
    TownHours
        `space_heat_kw`, `hot_water_kw`, `cooling_kw` and, where its yearly sums are known,
        `electricity_kw`.
    """
    column = np.where(place < 0, places_count, place).astype(np.int64)
    sums = DistrictSums.empty(HOURS_PER_YEAR, places_count)
    heat, cold = np.zeros(len(place)), np.zeros(len(place))
    for rows, found in town.batches():
        heat[rows], cold[rows] = found.heat_kwh, found.cold_kwh
        cold_ratio, per_cold = _cold_ratios(wanted, rows, found)
        sums.add(
            found, scale_ratio(wanted.rooms_kwh[rows], found.heat_kwh), cold_ratio, cold_ratio * per_cold,
            place[rows],
        )  # fmt: skip

    def yearly(kwh: FloatArray) -> FloatArray:
        return np.bincount(column, kwh, places_count + 1).astype(np.float64)

    chill, warmth = _degrees(town)
    cold_wanted = cold if wanted.cold_kwh is None else wanted.cold_kwh
    profiles = {
        "space_heat_kw": spread_missing(sums.heat_kw, yearly(wanted.rooms_kwh), chill),
        "hot_water_kw": _dealt_kw(town, wanted.water_kwh, "hot_water", column, places_count + 1),
        "cooling_kw": add_missing(sums.cold_kw, yearly(cold_wanted), warmth),
    }
    if wanted.appliances_kwh is not None:
        used = _dealt_kw(town, wanted.appliances_kwh, "appliances", column, places_count + 1)
        plant = np.zeros(len(place)) if wanted.cold_power_kwh is None else wanted.cold_power_kwh
        profiles["electricity_kw"] = used + add_missing(sums.plant_kw, yearly(plant), warmth)
    return TownHours(profiles, heat, cold)


def _degrees(town: Town) -> tuple[FloatArray, FloatArray]:
    """Return degree hours of cold and of warm weather, which never add up to nothing."""
    outside = town.drivers.temperature_c
    chill, warmth = np.maximum(HEATING_LIMIT_C - outside, 0.0), np.maximum(outside - COOLING_LIMIT_C, 0.0)
    return chill + 1e-9, warmth + 1e-9


def _cold_ratios(wanted: Wanted, rows: IntArray, found: HourlyPower) -> tuple[FloatArray, FloatArray]:
    """Return by what the hours of cold are multiplied, and the power of a plant per cold."""
    if wanted.cold_kwh is None:
        return np.ones(len(rows)), np.zeros(len(rows))
    cold = wanted.cold_kwh[rows]
    power = np.zeros(len(rows)) if wanted.cold_power_kwh is None else wanted.cold_power_kwh[rows]
    return lower_ratio(cold, found.cold_kwh), np.divide(
        power, cold, out=np.zeros_like(cold), where=cold > 0.0
    )


def building_hours(town: Town, wanted: Wanted) -> Iterator[pd.DataFrame]:
    """Yield the hours of every heated building, a table of few buildings at a time.

    Yields
    ------
    DataFrame
        `building_id`, `hour_count` (0 to 8759, UTC), `space_heat_kw`, `hot_water_kw`, `cooling_kw`. The
        hours of a building add up to its yearly demands; where the hourly balance gives it (almost) no
        heat, its rooms follow the cold outside.
    """
    shapes, code = _shapes(town, "hot_water")
    hours = np.arange(HOURS_PER_YEAR, dtype=np.int32)
    chill, warmth = _degrees(town)
    for rows, found in town.batches(TABLE_COUNT):
        power = found.hours_w().astype(np.float64) / W_PER_KW
        rooms = wanted.rooms_kwh[rows]
        follows = scale_ratio(rooms, found.heat_kwh) > 0.0
        warm = np.where(follows, np.maximum(power, 0.0), chill[:, None])
        cold_wanted = found.cold_kwh if wanted.cold_kwh is None else wanted.cold_kwh[rows]
        cold = np.maximum(-power, 0.0) * _cold_ratios(wanted, rows, found)[0]
        parts = (
            warm * np.divide(rooms, warm.sum(axis=0), out=np.zeros_like(rooms), where=rooms > 0.0),
            shapes[:, code[rows]] * wanted.water_kwh[rows],
            add_missing(cold, cold_wanted, warmth),
        )
        ids = town.uses.index.to_numpy(dtype=object)[rows]
        names = ("space_heat_kw", "hot_water_kw", "cooling_kw")
        yield pd.DataFrame(
            {
                "building_id": np.repeat(ids, HOURS_PER_YEAR),
                "hour_count": np.tile(hours, len(rows)),
                **{name: values.T.ravel() for name, values in zip(names, parts, strict=True)},
            }
        )
