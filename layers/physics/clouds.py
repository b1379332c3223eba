"""Cloudiness of days and hours, and the split of global light into beam and diffuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib

from layers.core.types import FloatArray

HOURS_PER_DAY = 24
DAYS_PER_YEAR = 365
SOLAR_CONSTANT_W_PER_M2 = 1361.0
# the darkest hour of a day over the day's even course; only keeps hours from becoming negative
DARKEST_HOUR_RATIO = 0.05


def truncated_exponential_quantiles(mean: float, lowest: float, highest: float, count: int) -> FloatArray:
    """Return the mid-quantiles of an exponential distribution cut at two bounds, given its mean.

    The density is proportional to exp(g k) for lowest ≤ k ≤ highest (the form that Bendt,
    Collares-Pereira and Rabl 1981 found for daily clearness); g follows from the mean by bisection.

    Examples
    --------
    >>> truncated_exponential_quantiles(0.5, 0.0, 1.0, 4)
    array([0.125, 0.375, 0.625, 0.875])
    """
    width = highest - lowest
    wanted = np.clip((mean - lowest) / width, 0.02, 0.98)
    middle = (np.arange(count) + 0.5) / count

    def unit_quantiles(g: float) -> FloatArray:
        if abs(g) < 1e-6:
            return np.asarray(middle)
        # written with exponents that never grow, so that strong bends do not overflow
        if g > 0:
            return np.asarray(1.0 + np.log(middle + (1.0 - middle) * np.exp(-g)) / g)
        return np.asarray(np.log1p(middle * np.expm1(g)) / g)

    low, high = -80.0, 80.0
    for _ in range(60):
        g = 0.5 * (low + high)
        if unit_quantiles(g).mean() < wanted:
            low = g
        else:
            high = g
    return np.asarray(lowest + width * unit_quantiles(0.5 * (low + high)), dtype=np.float64)


def autoregressive(noise: FloatArray, correlation: float) -> FloatArray:
    """Return a standard normal sequence whose neighbours are correlated."""
    series = np.empty_like(noise)
    state = noise[0]
    fresh = np.sqrt(1.0 - correlation**2)
    for day, step in enumerate(noise):
        state = correlation * state + fresh * step if day else step
        series[day] = state
    return series


def hourly_deviation(day_clearness: FloatArray, sin_height: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the deviation of the hourly clearness index from the day's mean course.

    Time-dependent autoregressive Gaussian model, Aguiar and Collares-Pereira 1992:
    sigma = A exp(B (1 − sin h)), A = 0.14 exp(−20 (K − 0.35)²), B = 3 (K − 0.45)² + 16 K⁵,
    correlation of hours phi = 0.38 + 0.06 cos(7.4 K − 2.5), with K the day's clearness index.

    Parameters
    ----------
    day_clearness : (d,) array
    sin_height : (d, 24) array
        Sine of the sun's height, 0 at night.
    noise : (d, 24) array
        Standard normal numbers.

    Returns
    -------
    (d, 24) array
    """
    k = day_clearness[:, None]
    spread = (
        0.14
        * np.exp(-20.0 * (k - 0.35) ** 2)
        * np.exp((3.0 * (k - 0.45) ** 2 + 16.0 * k**5) * (1.0 - sin_height))
    )
    phi = 0.38 + 0.06 * np.cos(7.4 * day_clearness - 2.5)
    state = np.zeros_like(noise)
    state[:, 0] = noise[:, 0]
    for hour in range(1, HOURS_PER_DAY):
        state[:, hour] = phi * state[:, hour - 1] + np.sqrt(1.0 - phi**2) * noise[:, hour]
    return np.asarray(spread * state, dtype=np.float64)


def cloudy_hours(
    clear: FloatArray, extra_horizontal: FloatArray, day_index: FloatArray, noise: FloatArray, highest: float
) -> FloatArray:
    """Return hourly global irradiance whose days keep their clear-sky index; (365, 24) arrays."""
    day_clear = clear.sum(axis=1)
    day_extra = extra_horizontal.sum(axis=1)
    target = day_clear * day_index
    clearness = np.divide(target, day_extra, out=np.zeros(DAYS_PER_YEAR), where=day_extra > 0)
    sin_height = np.clip(extra_horizontal / SOLAR_CONSTANT_W_PER_M2, 0.0, 1.0)
    course = clear * day_index[:, None]
    # as far up as down: a cut on one side only would take light from low sun and give it to noon
    room = np.maximum(np.minimum((1.0 - DARKEST_HOUR_RATIO) * course, highest * clear - course), 0.0)
    deviation = hourly_deviation(clearness, sin_height, noise) * extra_horizontal
    cloudy = course + np.clip(deviation, -room, room)
    for _ in range(3):
        total = cloudy.sum(axis=1)
        factor = np.divide(target, total, out=np.ones(DAYS_PER_YEAR), where=total > 0)
        cloudy = np.minimum(cloudy * factor[:, None], highest * clear)
    return np.asarray(cloudy, dtype=np.float64)


def split_beam_w_per_m2(
    ghi_w_per_m2: FloatArray, zenith_deg: FloatArray, times: pd.DatetimeIndex
) -> tuple[FloatArray, FloatArray]:
    """Return direct normal and diffuse horizontal irradiance (DISC, Maxwell 1987).

    The two always close: global = diffuse + direct · cos(zenith).
    """
    found = pvlib.irradiance.disc(ghi_w_per_m2, zenith_deg, times)
    height = np.clip(np.cos(np.radians(zenith_deg)), 0.0, None)
    dni = np.where(height > 0.0, np.nan_to_num(np.asarray(found["dni"], dtype=float)), 0.0)
    beam = np.minimum(dni * height, ghi_w_per_m2)
    dni = np.divide(beam, height, out=np.zeros_like(beam), where=height > 0.0)
    return dni, ghi_w_per_m2 - beam
