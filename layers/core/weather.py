"""Containers for climate and weather, filled by `layers.sources.climate` and `layers.physics.weather`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.types import FloatArray

MONTHS = 12
HOURS_PER_YEAR = 8760
DAYS_IN_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.float64)
HOURS_IN_MONTH = DAYS_IN_MONTH * 24.0
MONTH_OF_HOUR = np.repeat(np.arange(MONTHS), HOURS_IN_MONTH.astype(int))
# the nine surfaces of the monthly balance: horizontal, then façades clockwise from north
FACADE_AZIMUTHS_DEG = np.arange(0.0, 360.0, 45.0)
FACADE_NAMES = ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west")


@dataclass(frozen=True)
class MonthlyClimate:
    """Monthly means of a place.

    Attributes
    ----------
    temperature_c : (12,) array
        Mean air temperature of each month.
    irradiation_kwh_per_m2_land : (12,) array
        Global horizontal irradiation of each month.
    origin : str
        Sentence that says where the values come from; shown on every page.
    irradiation_error_share : float
        Half width (one standard deviation) of the yearly irradiation.
    """

    place: str
    country: str
    latitude_deg: float
    longitude_deg: float
    temperature_c: FloatArray
    irradiation_kwh_per_m2_land: FloatArray
    origin: str
    source_ids: tuple[str, ...]
    irradiation_error_share: float = 0.06
    temperature_error_k: float = 0.6
    design_temperature_c: float | None = None


@dataclass(frozen=True)
class HourlyWeather:
    """A typical year in UTC hours, values at the middle of each hour.

    All arrays have 8,760 entries: `ghi_w_per_m2`, `dni_w_per_m2`, `dhi_w_per_m2` are irradiances,
    `wind_m_per_s` is at 10 m. `irradiation_error_share` is one standard deviation of the yearly
    irradiation, taken over from the climate. `sun_offset_h` is the time for which the irradiances stand,
    counted from the middle of each hour.
    """

    latitude_deg: float
    longitude_deg: float
    temperature_c: FloatArray
    ghi_w_per_m2: FloatArray
    dni_w_per_m2: FloatArray
    dhi_w_per_m2: FloatArray
    wind_m_per_s: FloatArray
    origin: str
    irradiation_error_share: float = 0.06
    sun_offset_h: float = 0.0


@dataclass(frozen=True)
class FacadeSun:
    """The sun on façades, with what neighbours leave of it.

    Attributes
    ----------
    irradiation_kwh_per_m2_plane : (9, 12) array
        Sun on the horizontal and on eight open façades clockwise from north in each month.
    horizon_deg : (k,) array
        Angles up to which an endless row opposite hides the sky, from 0 to 90.
    kept_share : (8, k, 12) array
        What a façade keeps of its sun in each month behind each horizon; falls with the horizon.
    """

    irradiation_kwh_per_m2_plane: FloatArray
    horizon_deg: FloatArray
    kept_share: FloatArray
