"""Where the sun stands, and what a cloudless sky would give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib

from layers.core.types import FloatArray
from layers.core.weather import HOURS_PER_YEAR

# a year without a leap day that begins with January; only the calendar of the sun depends on it
CALENDAR_YEAR = 2019


def hour_centres(year: int = CALENDAR_YEAR) -> pd.DatetimeIndex:
    """Return the middles of the 8,760 hours of a year, in UTC."""
    return pd.date_range(f"{year}-01-01 00:30", periods=HOURS_PER_YEAR, freq="h", tz="UTC")


def sun_position_deg(
    times: pd.DatetimeIndex, latitude_deg: float, longitude_deg: float
) -> tuple[FloatArray, FloatArray]:
    """Return the sun's zenith (with refraction) and azimuth clockwise from north."""
    position = pvlib.solarposition.get_solarposition(times, latitude_deg, longitude_deg)
    return position["apparent_zenith"].to_numpy(dtype=float), position["azimuth"].to_numpy(dtype=float)


def clear_sky_w_per_m2(
    times: pd.DatetimeIndex,
    zenith_deg: FloatArray,
    latitude_deg: float,
    longitude_deg: float,
    turbidity_ratio: float = 1.0,
) -> FloatArray:
    """Return the global horizontal irradiance of a cloudless sky (Ineichen and Perez 2002).

    Monthly Linke turbidity and the altitude come from the maps that pvlib carries; `turbidity_ratio` is
    today's turbidity over that of the maps.
    """
    mapped = pvlib.clearsky.lookup_linke_turbidity(times, latitude_deg, longitude_deg).to_numpy()
    turbidity = mapped * turbidity_ratio
    altitude_m = max(0.0, float(pvlib.location.lookup_altitude(latitude_deg, longitude_deg)))
    pressure = pvlib.atmosphere.alt2pres(altitude_m)
    air_mass = pvlib.atmosphere.get_relative_airmass(zenith_deg)
    absolute = pvlib.atmosphere.get_absolute_airmass(air_mass, pressure)
    extra = pvlib.irradiance.get_extra_radiation(times).to_numpy()
    # a sun below the horizon divides by zero there; its hours become 0 below
    with np.errstate(divide="ignore", invalid="ignore"):
        sky = pvlib.clearsky.ineichen(zenith_deg, absolute, turbidity, altitude_m, extra)
    return np.asarray(np.nan_to_num(sky["ghi"]), dtype=np.float64)
