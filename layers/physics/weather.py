"""Make a typical year of hours from twelve monthly means.

Steps, each with its source in `docs/methods/weather.md`:

1. Clear sky of every hour (Ineichen and Perez, monthly Linke turbidity) at the middle of the hour.
2. Cloudiness of the days: within a month the daily clear-sky index follows a truncated exponential
   distribution whose mean is that of the month; its quantiles are dealt to the days in a random but
   autocorrelated order, so that the month's distribution does not depend on luck.
3. Cloudiness of the hours: a Gaussian autoregressive deviation around the day's mean.
4. Scaling so that each month is met exactly, and the split into beam and diffuse irradiance with the
   DISC model, which knows the sun's height and so keeps the beam of clear mornings and evenings.
5. Temperature: monthly means joined smoothly, changes of weather from day to day, and a daily swing
   that grows with the clearness of the day.

All chance comes from `layers.core.draws`, so that equal climate and equal seed give equal hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pvlib

from layers.core.draws import Draws
from layers.core.facts import value
from layers.core.types import BoolArray, FloatArray
from layers.core.weather import (
    DAYS_IN_MONTH,
    HOURS_IN_MONTH,
    HOURS_PER_YEAR,
    MONTH_OF_HOUR,
    MONTHS,
    HourlyWeather,
    MonthlyClimate,
)
from layers.physics.clouds import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    autoregressive,
    cloudy_hours,
    split_beam_w_per_m2,
    truncated_exponential_quantiles,
)
from layers.physics.sun import clear_sky_w_per_m2, hour_centres, sun_position_deg

W_PER_KW = 1000.0
MONTH_OF_DAY = np.repeat(np.arange(MONTHS), DAYS_IN_MONTH.astype(int))
DEGREES_PER_HOUR = 15.0
# the warmest hour of the day comes three hours after the sun stands highest
WARMEST_SOLAR_HOUR = 15.0
# light that reaches the ground while the sun is this far below the horizon (civil twilight)
TWILIGHT_DEG = 6.0


@dataclass(frozen=True)
class WeatherParams:
    """Assumptions that turn monthly means into hours.

    Attributes
    ----------
    wind_m_per_s : float
        Wind at 10 m in every hour; 0 to 15.
    darkest_day_ratio, clearest_day_ratio : float
        Bounds of the daily clear-sky index (global irradiation over that of a clear sky).
    clearest_hour_ratio : float
        Upper bound of the hourly clear-sky index.
    turbidity_ratio : float
        Turbidity of the air over that of the maps; 0.4 to 1.2.
    day_autocorrelation_ratio : float
        Correlation of one day's cloudiness with that of the day before; 0 to 0.95.
    swing_coefficient_ratio : float
        Clearness index over the square root of the daily temperature range; 0.1 to 0.3. [K^-0.5]
    largest_swing_k : float
        Largest difference between the warmest and the coldest hour of a day.
    day_to_day_ratio : float
        Standard deviation of daily mean temperatures around the month's course, over the difference of
        the warmest and the coldest month; 0 to 0.5.
    day_to_day_k : float, optional
        That standard deviation itself, where it is known; 0 to 10.
    """

    wind_m_per_s: float = field(default_factory=lambda: value("solar", "wind_speed"))
    darkest_day_ratio: float = field(default_factory=lambda: value("solar", "darkest_day_clear_sky_index"))
    clearest_day_ratio: float = field(default_factory=lambda: value("solar", "clearest_day_clear_sky_index"))
    clearest_hour_ratio: float = field(
        default_factory=lambda: value("solar", "clearest_hour_clear_sky_index")
    )
    turbidity_ratio: float = field(default_factory=lambda: value("solar", "turbidity_of_map"))
    day_autocorrelation_ratio: float = field(default_factory=lambda: value("solar", "day_autocorrelation"))
    swing_coefficient_ratio: float = field(
        default_factory=lambda: value("solar", "temperature_swing_coefficient")
    )
    largest_swing_k: float = field(default_factory=lambda: value("solar", "temperature_swing_largest"))
    day_to_day_ratio: float = field(default_factory=lambda: value("solar", "temperature_day_to_day_ratio"))
    day_to_day_k: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.darkest_day_ratio < self.clearest_day_ratio <= self.clearest_hour_ratio:
            raise ValueError("clear-sky indices must rise from darkest day to clearest day and clearest hour")
        if not 0.0 <= self.wind_m_per_s <= 15.0:
            raise ValueError(f"wind of {self.wind_m_per_s} m/s is outside 0 to 15")
        if not 0.4 <= self.turbidity_ratio <= 1.2:
            raise ValueError(f"a turbidity of {self.turbidity_ratio} times the map is outside 0.4 to 1.2")
        if not 0.0 <= self.day_autocorrelation_ratio <= 0.95:
            raise ValueError("the autocorrelation of days must lie between 0 and 0.95")
        if not 0.0 <= self.day_to_day_ratio <= 0.5:
            raise ValueError(f"day_to_day_ratio is {self.day_to_day_ratio:g}; it must be 0 to 0.5")
        if self.day_to_day_k is not None and not 0.0 <= self.day_to_day_k <= 10.0:
            raise ValueError(f"day_to_day_k is {self.day_to_day_k:g}; it must be 0 to 10")
        if not 0.1 <= self.swing_coefficient_ratio <= 0.3:
            raise ValueError("the coefficient of the daily temperature swing must lie between 0.1 and 0.3")


def _daily_clear_sky_index(month_index: FloatArray, order: FloatArray, params: WeatherParams) -> FloatArray:
    """Deal each month's quantiles to its days in the order of a random series."""
    days = np.empty(DAYS_PER_YEAR)
    for month in range(MONTHS):
        inside: BoolArray = np.equal(MONTH_OF_DAY, month)
        quantiles = truncated_exponential_quantiles(
            month_index[month], params.darkest_day_ratio, params.clearest_day_ratio, int(inside.sum())
        )
        days[inside] = quantiles[np.argsort(np.argsort(order[inside], kind="stable"), kind="stable")]
    return days


def _meet_months(irradiance: FloatArray, zenith_deg: FloatArray, target_kwh: FloatArray) -> FloatArray:
    """Scale every month to its target; a month without sun gets its light at twilight around noon."""
    months = np.bincount(MONTH_OF_HOUR, irradiance, MONTHS) / W_PER_KW
    dark = (months <= 0.05 * target_kwh) & (target_kwh > 0)
    if dark.any():
        # the sum over a dark month is tiny (at most a few kWh/m²), so its course hardly matters
        height = np.clip(90.0 + TWILIGHT_DEG - zenith_deg, 0.0, None)
        for month in np.flatnonzero(dark):
            inside: BoolArray = np.equal(MONTH_OF_HOUR, month)
            shape = np.where(height[inside] > 0, height[inside], 0.0)
            # not even twilight: spread the few watt hours evenly
            irradiance[inside] = shape if shape.sum() > 0 else 1.0
        months = np.bincount(MONTH_OF_HOUR, irradiance, MONTHS) / W_PER_KW
    factor = np.divide(target_kwh, months, out=np.zeros(MONTHS), where=months > 0)
    return np.asarray(irradiance * factor[MONTH_OF_HOUR], dtype=np.float64)


def daily_course_c(monthly_c: FloatArray) -> FloatArray:
    """Return 365 daily temperatures that run smoothly and keep each month's mean.

    Straight lines join mid-month nodes; the nodes are moved until the months' means are met.
    """
    ends = np.cumsum(DAYS_IN_MONTH)
    nodes_day = np.concatenate([[ends[0] / 2 - 31.0], ends - DAYS_IN_MONTH / 2, [365.0 + 15.5]])
    days = np.arange(DAYS_PER_YEAR) + 0.5
    nodes = monthly_c.astype(np.float64)
    course = np.zeros(DAYS_PER_YEAR)
    for _ in range(30):
        course = np.interp(days, nodes_day, np.concatenate([nodes[-1:], nodes, nodes[:1]]))
        nodes = nodes + monthly_c - np.bincount(MONTH_OF_DAY, course, MONTHS) / DAYS_IN_MONTH
    gap = monthly_c - np.bincount(MONTH_OF_DAY, course, MONTHS) / DAYS_IN_MONTH
    return np.asarray(course + gap[MONTH_OF_DAY], dtype=np.float64)


def _hourly_temperature_c(
    climate: MonthlyClimate,
    day_index: FloatArray,
    month_clearness: FloatArray,
    draws: Draws,
    params: WeatherParams,
) -> FloatArray:
    """Return hourly temperatures: months, changes of weather, daily swing."""
    change = autoregressive(draws.shared("weather:temperature"), params.day_autocorrelation_ratio)
    change = change - (np.bincount(MONTH_OF_DAY, change, MONTHS) / DAYS_IN_MONTH)[MONTH_OF_DAY]
    # a warm sea holds months and days together, a continent neither
    yearly_k = float(np.ptp(climate.temperature_c))
    spread_k = params.day_to_day_ratio * yearly_k if params.day_to_day_k is None else params.day_to_day_k
    day_mean = daily_course_c(climate.temperature_c) + spread_k * change
    month_mean = np.bincount(MONTH_OF_DAY, day_index, MONTHS) / DAYS_IN_MONTH
    relative = day_index / np.maximum(month_mean, 1e-9)[MONTH_OF_DAY]
    # Hargreaves: clearness = coefficient × √range, so the range goes with the clearness squared
    swing = (month_clearness / params.swing_coefficient_ratio) ** 2
    swing_k = np.minimum(swing[MONTH_OF_DAY] * relative, params.largest_swing_k)
    solar_hour = np.arange(HOURS_PER_DAY) + 0.5 + climate.longitude_deg / DEGREES_PER_HOUR
    wave = np.cos(2.0 * np.pi * (solar_hour - WARMEST_SOLAR_HOUR) / HOURS_PER_DAY)
    return np.asarray((day_mean[:, None] + 0.5 * swing_k[:, None] * wave).ravel(), dtype=np.float64)


def make_hourly(climate: MonthlyClimate, seed: int, params: WeatherParams | None = None) -> HourlyWeather:
    """Make a typical year of hours that meets a place's monthly means.

    Parameters
    ----------
    climate : MonthlyClimate
        Twelve means of temperature [°C] and sums of global horizontal irradiation [kWh/m²].
    seed : int
        Seed of the order of days and of the hours' deviations.
    params : WeatherParams, optional

    Returns
    -------
    HourlyWeather
        8,760 hours in UTC, values at the middle of each hour; months agree with `climate` to
        rounding.
    """
    params = params or WeatherParams()
    times = hour_centres()
    lat, lon = climate.latitude_deg, climate.longitude_deg
    zenith_deg, _ = sun_position_deg(times, lat, lon)
    clear = clear_sky_w_per_m2(times, zenith_deg, lat, lon, params.turbidity_ratio)
    extra = pvlib.irradiance.get_extra_radiation(times).to_numpy()
    extra_horizontal = extra * np.clip(np.cos(np.radians(zenith_deg)), 0.0, None)
    target = np.asarray(climate.irradiation_kwh_per_m2_land, dtype=np.float64)

    clear_months = np.bincount(MONTH_OF_HOUR, clear, MONTHS) / W_PER_KW
    extra_months = np.bincount(MONTH_OF_HOUR, extra_horizontal, MONTHS) / W_PER_KW
    month_index = np.divide(target, clear_months, out=np.full(MONTHS, 0.5), where=clear_months > 0)
    month_clearness = np.clip(
        np.divide(target, extra_months, out=np.full(MONTHS, 0.3), where=extra_months > 0), 0.0, 0.8
    )

    draws = Draws(seed=seed, count=DAYS_PER_YEAR)
    order = autoregressive(draws.shared("weather:cloud"), params.day_autocorrelation_ratio)
    day_index = _daily_clear_sky_index(month_index, order, params)
    noise = Draws(seed=seed, count=HOURS_PER_YEAR).shared("weather:hours").reshape(DAYS_PER_YEAR, -1)
    shape = (DAYS_PER_YEAR, HOURS_PER_DAY)
    cloudy = cloudy_hours(
        clear.reshape(shape), extra_horizontal.reshape(shape), day_index, noise, params.clearest_hour_ratio
    )
    ghi = _meet_months(cloudy.ravel(), zenith_deg, target)
    dni, dhi = split_beam_w_per_m2(ghi, zenith_deg, times)
    return HourlyWeather(
        latitude_deg=lat,
        longitude_deg=lon,
        temperature_c=_hourly_temperature_c(climate, day_index, month_clearness, draws, params),
        ghi_w_per_m2=ghi,
        dni_w_per_m2=dni,
        dhi_w_per_m2=dhi,
        wind_m_per_s=np.full(HOURS_PER_YEAR, params.wind_m_per_s),
        origin=f"typical year made from monthly means ({climate.origin})",
        irradiation_error_share=climate.irradiation_error_share,
    )


def _gaps_w_per_m2(weather: HourlyWeather, shifts_h: FloatArray, every_day: int) -> FloatArray:
    """Return the mean |GHI - (DHI + DNI cos z)| at each shift of the clock, over some of the days."""
    some = np.arange(HOURS_PER_YEAR) // HOURS_PER_DAY % every_day == 0
    chosen = some & (weather.ghi_w_per_m2 > 0.0)
    times = hour_centres()[chosen]
    ghi, dni = weather.ghi_w_per_m2[chosen], weather.dni_w_per_m2[chosen]
    gaps = []
    for shift in shifts_h:
        moved = times + pd.Timedelta(seconds=round(float(shift) * 3600.0))
        zenith_deg, _ = sun_position_deg(moved, weather.latitude_deg, weather.longitude_deg)
        beam = dni * np.clip(np.cos(np.radians(zenith_deg)), 0.0, None)
        gaps.append(float(np.abs(ghi - weather.dhi_w_per_m2[chosen] - beam).mean()))
    return np.asarray(gaps, dtype=np.float64)


def detect_sun_offset_h(weather: HourlyWeather, largest_h: float = 1.0, step_h: float = 0.05) -> float:
    """Return the time for which a file's irradiances stand, counted from the middle of each hour.

    Files stamp hours at their beginning, their end or at a satellite's minute. The right shift is the
    one at which global, direct and diffuse irradiance agree best: least mean
    |GHI − (DHI + DNI cos z)| over every tenth day.
    """
    steps = np.arange(-round(largest_h / step_h), round(largest_h / step_h) + 1)
    shifts = np.asarray(steps * step_h, dtype=np.float64)
    return float(shifts[int(np.argmin(_gaps_w_per_m2(weather, shifts, 10)))])


def disagreement_share(weather: HourlyWeather, sun_offset_h: float) -> float:
    """Return mean |GHI - (DHI + DNI cos z)| over mean GHI while there is light; 0 where all agree."""
    light = weather.ghi_w_per_m2[weather.ghi_w_per_m2 > 0.0]
    if not len(light):
        return 0.0
    return float(_gaps_w_per_m2(weather, np.array([sun_offset_h]), 1)[0] / light.mean())


def monthly_means_c(weather: HourlyWeather) -> FloatArray:
    """Return the twelve mean temperatures of an hourly year."""
    return np.bincount(MONTH_OF_HOUR, weather.temperature_c, MONTHS) / HOURS_IN_MONTH


def monthly_irradiation_kwh_per_m2_land(weather: HourlyWeather) -> FloatArray:
    """Return the twelve sums of global horizontal irradiation of an hourly year."""
    return np.bincount(MONTH_OF_HOUR, weather.ghi_w_per_m2, MONTHS) / W_PER_KW
