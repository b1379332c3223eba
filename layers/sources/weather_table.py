"""What every file of hourly weather has to keep, and how its hours become a year of ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from layers.core.errors import InputProblem
from layers.core.types import FloatArray
from layers.core.weather import HOURS_PER_YEAR, HourlyWeather
from layers.physics.weather import detect_sun_offset_h, disagreement_share

# what the open air of the earth can bring; anything beyond is a damaged file
RANGES: Mapping[str, tuple[float, float, str]] = {
    "temperature": (-70.0, 60.0, "°C"),
    "global irradiance": (-1.0, 1500.0, "W/m²"),
    "direct irradiance": (-1.0, 1500.0, "W/m²"),
    "diffuse irradiance": (-1.0, 1500.0, "W/m²"),
    "wind": (0.0, 60.0, "m/s"),
}
# the least and most yearly light of inhabited places
LEAST_KWH_PER_M2, MOST_KWH_PER_M2 = 400.0, 2700.0
# three irradiances that disagree by more than this are not of the same hours
LARGEST_GAP_SHARE = 0.12
# how far a wrong time zone is looked for
WIDEST_H = 13.0


def check_hours(path: Path, values: Mapping[str, FloatArray]) -> None:
    """Refuse hours that cannot be, all kinds of values in one sentence.

    Parameters
    ----------
    path : Path
    values : mapping of arrays
        By the names of `RANGES`.

    Raises
    ------
    InputProblem
        When values lie outside their range or are missing.
    """
    problems = []
    for name, numbers in values.items():
        low, high, unit = RANGES[name]
        wrong = ~((numbers >= low) & (numbers <= high))
        if wrong.any():
            found = numbers[wrong][0]
            example = "without a value" if np.isnan(found) else f"such as {found:g}"
            problems.append(
                f"{int(wrong.sum()):,} hours whose {name} lies outside {low:g} to {high:g} {unit} ({example})"
            )
    if problems:
        raise InputProblem(f"{path.name} has {' and '.join(problems)}; correct the file or use another.")


def check_place(path: Path, latitude_deg: float, longitude_deg: float) -> None:
    """Refuse a place that is none, or that lies south of the equator."""
    if not (-90.0 <= latitude_deg <= 90.0 and -180.0 <= longitude_deg <= 180.0):
        raise InputProblem(
            f"{path.name} is for {latitude_deg:g}, {longitude_deg:g}, which is no place on earth."
        )
    if latitude_deg < 0.0:
        raise InputProblem(
            f"{path.name} is for {-latitude_deg:g}° south, where the seasons are turned round; "
            "the program assesses towns of Europe: pass a file of the town's own place."
        )


def make_year(
    path: Path,
    place_deg: tuple[float, float],
    irradiance_w_per_m2: tuple[FloatArray, FloatArray, FloatArray],
    temperature_c: FloatArray,
    wind_m_per_s: FloatArray,
    origin: str,
    irradiation_error_share: float,
    sun_offset_h: float | None = None,
) -> HourlyWeather:
    """Return a year of UTC hours, checked; the time for which its values stand is found from them.

    Parameters
    ----------
    path : Path
    place_deg : latitude, longitude
    irradiance_w_per_m2 : three (8760,) arrays
        Global horizontal, direct normal, diffuse horizontal.
    temperature_c, wind_m_per_s : (8760,) arrays
    origin : str
    irradiation_error_share : float
    sun_offset_h : float, optional
        Time for which the values stand where the file's stamps say it, from the middle of the hour.

    Raises
    ------
    InputProblem
        When the place, single values, the year's light or the agreement of the three irradiances
        cannot be.
    """
    ghi, dni, dhi = irradiance_w_per_m2
    check_place(path, *place_deg)
    names = ("temperature", "global irradiance", "direct irradiance", "diffuse irradiance", "wind")
    check_hours(path, dict(zip(names, (temperature_c, ghi, dni, dhi, wind_m_per_s), strict=True)))
    weather = HourlyWeather(
        latitude_deg=place_deg[0],
        longitude_deg=place_deg[1],
        temperature_c=temperature_c,
        ghi_w_per_m2=np.maximum(ghi, 0.0),
        dni_w_per_m2=np.maximum(dni, 0.0),
        dhi_w_per_m2=np.maximum(dhi, 0.0),
        wind_m_per_s=wind_m_per_s,
        origin=origin,
        irradiation_error_share=irradiation_error_share,
    )
    _check_light(path, weather)
    if sun_offset_h is not None:
        return dataclasses.replace(weather, sun_offset_h=sun_offset_h)
    offset_h = detect_sun_offset_h(weather)
    _check_agreement(path, weather, offset_h)
    return dataclasses.replace(weather, sun_offset_h=offset_h)


def _check_light(path: Path, weather: HourlyWeather) -> None:
    """Refuse a year that is too dark or too bright for any inhabited place."""
    yearly = float(weather.ghi_w_per_m2.sum()) / 1000.0
    if not LEAST_KWH_PER_M2 <= yearly <= MOST_KWH_PER_M2:
        raise InputProblem(
            f"{path.name} adds up to {yearly:,.0f} kWh/m² of light a year; inhabited places get "
            f"{LEAST_KWH_PER_M2:g} to {MOST_KWH_PER_M2:g}. Its irradiance must be in W/m²."
        )


def _check_agreement(path: Path, weather: HourlyWeather, offset_h: float) -> None:
    """Refuse irradiances that do not agree at any minute near their stamp."""
    gap = disagreement_share(weather, offset_h)
    if gap <= LARGEST_GAP_SHARE:
        return
    wide = detect_sun_offset_h(weather, WIDEST_H, 0.25)
    if disagreement_share(weather, wide) <= LARGEST_GAP_SHARE:
        raise InputProblem(
            f"{path.name} stands {abs(wide):.1f} hours {'after' if wide > 0 else 'before'} the sun of its "
            "place; its time zone is wrong. Correct the zone in the file's head, or the hours."
        )
    raise InputProblem(
        f"{path.name} holds global, direct and diffuse irradiance that disagree by {gap:.0%} of the light "
        "at every shift of the clock; are its columns in order and the place right?"
    )


def roll_to_utc(hours: FloatArray, zone_h: float) -> FloatArray:
    """Return hours of local standard time in UTC, the year's ends joined.

    Examples
    --------
    >>> roll_to_utc(np.arange(5.0), 2)
    array([2., 3., 4., 0., 1.])
    """
    return np.roll(hours, -round(zone_h))


def check_length(path: Path, count: int, what: str) -> None:
    """Refuse a year that is cut short or has hours of a leap day without a date."""
    if count == HOURS_PER_YEAR:
        return
    if count == HOURS_PER_YEAR + 24:
        raise InputProblem(
            f"{path.name} holds 8,784 hours, those of a leap year; delete 29 February, so that 8,760 remain."
        )
    kind = "is cut short" if count < HOURS_PER_YEAR else "is no single year"
    raise InputProblem(
        f"{path.name} {kind}: it holds {count:,} hours instead of 8,760; pass {what} that is whole."
    )
