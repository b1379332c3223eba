"""The hours of a year that have light, and how that light falls on a plane.

Three descriptions of the sky are known: even (isotropic), with a bright ring round the sun (Hay and
Davies 1980), and with ring and bright horizon (Perez and others 1990, the default). At tilt 0 all of them
give the global irradiance.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pvlib

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.weather import MONTH_OF_HOUR, HourlyWeather
from layers.physics.plane_settings import SkyModel
from layers.physics.sun import hour_centres, sun_position_deg


@dataclass(frozen=True)
class SunnyHours:
    """The hours of a year that have light, with the sun's place.

    All arrays have one entry an hour; `month` is 0 to 11; `sun_up` is False at twilight, when only
    diffuse light is left; `hour` is the place in the year, 0 to 8759, where it is known.
    """

    month: IntArray
    zenith_deg: FloatArray
    azimuth_deg: FloatArray
    sun_up: BoolArray
    ghi_w_per_m2: FloatArray
    dni_w_per_m2: FloatArray
    dhi_w_per_m2: FloatArray
    extra_w_per_m2: FloatArray
    air_mass_ratio: FloatArray
    temperature_c: FloatArray
    wind_m_per_s: FloatArray
    hour: IntArray | None = None

    @property
    def follows(self) -> BoolArray:
        """Say of each hour whether it comes straight after the one before it."""
        if self.hour is None:
            return np.ones(len(self.month), dtype=np.bool_)
        return np.concatenate([[False], np.diff(self.hour) == 1])


@dataclass(frozen=True)
class PlaneLight:
    """Light on planes hour by hour; (planes, hours) arrays in W/m².

    `disc` is the sun itself, `ring` the brightness round it, `sky` the rest of the sky.
    """

    incidence_deg: FloatArray
    disc_w_per_m2: FloatArray
    ring_w_per_m2: FloatArray
    sky_w_per_m2: FloatArray
    ground_w_per_m2: FloatArray

    @property
    def beam_w_per_m2(self) -> FloatArray:
        """Return what comes from the sun's direction: disc and ring."""
        return self.disc_w_per_m2 + self.ring_w_per_m2

    @property
    def irradiance_w_per_m2(self) -> FloatArray:
        """Return the plane-of-array irradiance."""
        return self.beam_w_per_m2 + self.sky_w_per_m2 + self.ground_w_per_m2


def make_sunny_hours(
    times: pd.DatetimeIndex,
    latitude_deg: float,
    longitude_deg: float,
    irradiance_w_per_m2: tuple[FloatArray, FloatArray, FloatArray],
    temperature_c: FloatArray,
    wind_m_per_s: FloatArray,
    hour: IntArray | None = None,
) -> SunnyHours:
    """Return any hours with the sun's place in each.

    Parameters
    ----------
    times : DatetimeIndex of n moments
        For which the irradiances stand.
    latitude_deg, longitude_deg : float
    irradiance_w_per_m2 : three (n,) arrays
        Global horizontal, direct normal, diffuse horizontal.
    temperature_c, wind_m_per_s : (n,) arrays
    hour : (n,) array, optional
        Place of each in the year.
    """
    ghi, dni, dhi = irradiance_w_per_m2
    zenith_deg, azimuth_deg = sun_position_deg(times, latitude_deg, longitude_deg)
    sun_up = zenith_deg < 90.0
    return SunnyHours(
        month=np.asarray(times.month.to_numpy() - 1, dtype=np.int64),
        zenith_deg=zenith_deg,
        azimuth_deg=azimuth_deg,
        sun_up=sun_up,
        ghi_w_per_m2=ghi,
        dni_w_per_m2=np.where(sun_up, dni, 0.0),
        dhi_w_per_m2=dhi,
        extra_w_per_m2=pvlib.irradiance.get_extra_radiation(times).to_numpy(),
        air_mass_ratio=np.asarray(pvlib.atmosphere.get_relative_airmass(np.minimum(zenith_deg, 89.99))),
        temperature_c=temperature_c,
        wind_m_per_s=wind_m_per_s,
        hour=hour,
    )


def sunny_hours(weather: HourlyWeather, sun_offset_h: float = 0.0) -> SunnyHours:
    """Return the hours with light and the sun's place in each.

    Parameters
    ----------
    weather : HourlyWeather
    sun_offset_h : float
        Time for which the values stand, counted from the middle of the hour.
    """
    light = np.flatnonzero(weather.ghi_w_per_m2 > 0.0)
    times = (hour_centres() + np.timedelta64(round(sun_offset_h * 3600), "s"))[light]
    irradiance = (
        weather.ghi_w_per_m2[light], weather.dni_w_per_m2[light], weather.dhi_w_per_m2[light],
    )  # fmt: skip
    hours = make_sunny_hours(
        times, weather.latitude_deg, weather.longitude_deg, irradiance, weather.temperature_c[light],
        weather.wind_m_per_s[light], light,
    )  # fmt: skip
    # the month of an hour is that of the calendar, whatever the satellite's minute
    return dataclasses.replace(hours, month=MONTH_OF_HOUR[light])


def _sky_parts(
    hours: SunnyHours, tilt_deg: float, face: FloatArray, cosine: FloatArray, model: SkyModel
) -> tuple[FloatArray, FloatArray]:
    """Return the ring round the sun and the rest of the sky on the plane; (planes, hours)."""
    seen = (1.0 + np.cos(np.radians(tilt_deg))) / 2.0
    even = hours.dhi_w_per_m2 * seen
    if model == "isotropic":
        return np.zeros_like(cosine), np.broadcast_to(even, cosine.shape)
    if model == "hay_davies":
        # the share of diffuse light that comes from the ring is the sky's transmittance of the beam
        share = np.where(hours.sun_up, np.minimum(hours.dni_w_per_m2 / hours.extra_w_per_m2, 1.0), 0.0)
        height = np.maximum(np.cos(np.radians(hours.zenith_deg)), np.cos(np.radians(89.0)))
        level = np.maximum(np.cos(np.radians(hours.zenith_deg)), 0.0) / height
        ring = hours.dhi_w_per_m2 * share * cosine / height
        return ring, np.broadcast_to(even * (1.0 - share * level), cosine.shape)
    parts = pvlib.irradiance.perez(
        tilt_deg, face, hours.dhi_w_per_m2, hours.dni_w_per_m2, hours.extra_w_per_m2,
        hours.zenith_deg, hours.azimuth_deg, hours.air_mass_ratio, return_components=True,
    )  # fmt: skip
    ring = np.where(hours.sun_up, parts["poa_circumsolar"], 0.0)
    rest = np.where(hours.sun_up, parts["poa_isotropic"] + parts["poa_horizon"], even)
    return ring, np.maximum(np.nan_to_num(rest), 0.0)


def plane_light(
    hours: SunnyHours,
    tilt_deg: float,
    azimuth_deg: FloatArray,
    albedo_share: float,
    model: SkyModel = "perez",
) -> PlaneLight:
    """Return the light on planes of one tilt, hour by hour.

    Parameters
    ----------
    hours : SunnyHours
    tilt_deg : float
    azimuth_deg : (planes,) array
        Direction each plane faces, clockwise from north.
    albedo_share : float
        Reflected share of the light on the ground.
    model : str
        Description of the sky.
    """
    face = azimuth_deg[:, None]
    incidence_deg = pvlib.irradiance.aoi(tilt_deg, face, hours.zenith_deg, hours.azimuth_deg)
    cosine = np.where(hours.sun_up, np.clip(np.cos(np.radians(incidence_deg)), 0.0, None), 0.0)
    ring, sky = _sky_parts(hours, tilt_deg, face, cosine, model)
    hidden = (1.0 - np.cos(np.radians(tilt_deg))) / 2.0
    return PlaneLight(
        incidence_deg=incidence_deg,
        disc_w_per_m2=hours.dni_w_per_m2 * cosine,
        ring_w_per_m2=ring,
        sky_w_per_m2=sky,
        ground_w_per_m2=np.broadcast_to(hours.ghi_w_per_m2 * albedo_share * hidden, cosine.shape),
    )
