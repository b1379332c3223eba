"""Read hourly series of PVGIS: several real years of light on a plane, with or without power.

The head names place, slope and azimuth of the plane and the losses; each row is stamped with the minute at
which the satellite looked. A horizontal plane gives the global irradiance itself; with its components the
beam too. From a tilted plane the sky is found back with the method of Marion (2015).
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

from layers.core.errors import InputProblem
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.core.weather import HOURS_PER_YEAR, MONTH_OF_HOUR, MONTHS, HourlyWeather
from layers.physics.clouds import split_beam_w_per_m2
from layers.physics.sun import sun_position_deg
from layers.sources.weather_table import check_hours, make_year

WHAT = "an hourly series of PVGIS (CSV)"
ALBEDO = 0.2
# planes flatter than this count as horizontal
FLAT_DEG = 0.5
# the beam is not found from light that grazes the plane
LEAST_COSINE = 0.05
SOUTH_DEG = 180.0
_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_HEAD = {
    "latitude": re.compile(rf"^Latitude[^:]*:\s*{_NUMBER}", re.M),
    "longitude": re.compile(rf"^Longitude[^:]*:\s*{_NUMBER}", re.M),
    "slope": re.compile(rf"^Slope[^:]*:\s*{_NUMBER}", re.M),
    "azimuth": re.compile(rf"^Azimuth[^:]*:\s*{_NUMBER}", re.M),
    "power": re.compile(rf"^Nominal power[^:]*:\s*{_NUMBER}", re.M),
    "losses": re.compile(rf"^System losses[^:]*:\s*{_NUMBER}", re.M),
}
_STAMP = re.compile(r"^\d{8}:\d{4},")


@dataclass(frozen=True)
class PvgisHourly:
    """An hourly series as it stands in the file.

    Attributes
    ----------
    latitude_deg, longitude_deg, tilt_deg : float
    azimuth_deg : float
        Clockwise from north; PVGIS counts from south.
    peak_power_kwp, loss_share : float or None
        Of the plant, where the file has its power.
    table : DataFrame, index of UTC stamps
        Columns of the file: ``G(i)`` or ``Gb(i)``, ``Gd(i)``, ``Gr(i)``; ``T2m``; ``WS10m``; ``P``.
    """

    latitude_deg: float
    longitude_deg: float
    tilt_deg: float
    azimuth_deg: float
    peak_power_kwp: float | None
    loss_share: float | None
    table: pd.DataFrame

    @property
    def irradiance_w_per_m2(self) -> FloatArray:
        """Return the light on the plane."""
        if "G(i)" in self.table:
            return self.table["G(i)"].to_numpy(dtype=np.float64)
        return np.asarray(self.table[["Gb(i)", "Gd(i)", "Gr(i)"]].sum(axis=1), dtype=np.float64)


def read_pvgis_hourly(path: Path) -> PvgisHourly:
    """Read the file as it stands.

    Raises
    ------
    InputProblem
        When the head lacks the place or the plane, or columns are missing or damaged.
    """
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    start = next((i for i, line in enumerate(lines[:60]) if line.startswith("time,")), None)
    if start is None:
        raise InputProblem(f"{path.name} has no line that begins with 'time,'; it is not {WHAT}.")
    head = _read_head(path, "\n".join(lines[:start]))
    rows = [line for line in lines[start + 1 :] if _STAMP.match(line)]
    names = lines[start].split(",")
    light = {"G(i)"} & set(names) or {"Gb(i)", "Gd(i)", "Gr(i)"}
    missing = [name for name in (*sorted(light), "T2m", "WS10m") if name not in names]
    if missing:
        raise InputProblem(f"{path.name} lacks the column {', '.join(missing)}; ask PVGIS for it again.")
    try:
        table = pd.read_csv(io.StringIO("\n".join([lines[start], *rows])))
        stamps = pd.to_datetime(table.pop("time"), format="%Y%m%d:%H%M", utc=True)
        table = table.astype(float)
    except (ValueError, pd.errors.ParserError) as problem:
        raise InputProblem(
            f"{path.name} is damaged or cut short ({clean_name(str(problem), 100)}); ask PVGIS for it again."
        ) from problem
    table.index = pd.DatetimeIndex(stamps)
    return PvgisHourly(
        head["latitude"], head["longitude"], head["slope"],
        (head["azimuth"] + SOUTH_DEG) % 360.0, head.get("power"),
        head["losses"] / 100.0 if "losses" in head else None, table,
    )  # fmt: skip


def _read_head(path: Path, text: str) -> dict[str, float]:
    found = {}
    for name, pattern in _HEAD.items():
        match = pattern.search(text)
        if match:
            found[name] = float(match[1])
    missing = [name for name in ("latitude", "longitude", "slope", "azimuth") if name not in found]
    if missing == ["azimuth"] and found["slope"] < FLAT_DEG:
        return {**found, "azimuth": 0.0}
    if missing:
        raise InputProblem(f"{path.name} does not name its {' and '.join(missing)}; ask PVGIS for it again.")
    return found


def _horizontal(series: PvgisHourly) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return global, direct and diffuse irradiance of the series' hours."""
    table = series.table
    times = pd.DatetimeIndex(table.index)
    zenith_deg, azimuth_deg = sun_position_deg(times, series.latitude_deg, series.longitude_deg)
    cosine = np.cos(np.radians(zenith_deg))
    if series.tilt_deg < FLAT_DEG and "Gb(i)" in table:
        beam = np.where(cosine > LEAST_COSINE, table["Gb(i)"].to_numpy(dtype=np.float64), 0.0)
        ghi = series.irradiance_w_per_m2
        return ghi, beam / np.maximum(cosine, LEAST_COSINE), ghi - beam
    if series.tilt_deg < FLAT_DEG:
        ghi = series.irradiance_w_per_m2
        dni, dhi = split_beam_w_per_m2(ghi, zenith_deg, times)
        return ghi, dni, dhi
    plane = pd.Series(series.irradiance_w_per_m2, index=times)
    zenith, azimuth = pd.Series(zenith_deg, index=times), pd.Series(azimuth_deg, index=times)
    incidence = pvlib.irradiance.aoi(series.tilt_deg, series.azimuth_deg, zenith, azimuth)
    # hours without sun divide by zero there and become 0 below
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = pvlib.irradiance.gti_dirint(
            plane,
            incidence,
            zenith,
            azimuth,
            times,
            series.tilt_deg,
            series.azimuth_deg,
            albedo=ALBEDO,
        ).fillna(0.0)
    ghi, dni, dhi = (parts[name].to_numpy(dtype=np.float64) for name in ("ghi", "dni", "dhi"))
    # where the method found nothing the plane's own light is the best that is known
    lost = (ghi <= 0.0) & (plane.to_numpy() > 0.0)
    return np.where(lost, plane, ghi), np.where(lost, 0.0, dni), np.where(lost, plane, dhi)


def _whole_years(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of whole years without 29 February, sorted by stamp."""
    stamps = pd.DatetimeIndex(table.index)
    plain = table[~((stamps.month == 2) & (stamps.day == 29))].sort_index()
    years = pd.DatetimeIndex(plain.index).year
    counts = pd.Series(years).value_counts()
    whole = counts.index[counts == HOURS_PER_YEAR]
    if whole.empty:
        most = 0 if counts.empty else int(counts.max())
        raise InputProblem(
            f"{path.name} is cut short: no year of it is whole (at most {most:,} of 8,760 hours); "
            "ask PVGIS for it again."
        )
    return plain[np.isin(years, whole)]


def weather_of_series(
    path: Path, series: PvgisHourly, irradiation_error_share: float
) -> tuple[HourlyWeather, str]:
    """Return one typical year from a series: each month from its most typical year, met to the mean.

    Of all years the one whose month comes nearest to the mean light of that month is taken; its light is
    scaled and its temperature moved to the mean of all years.

    Raises
    ------
    InputProblem
        When no year is whole or values cannot be.
    """
    _whole_years(path, series.table)
    ghi, dni, dhi = _horizontal(series)
    columns = {"ghi": ghi, "dni": dni, "dhi": dhi, "air": series.table["T2m"].to_numpy(dtype=np.float64),
               "wind": series.table["WS10m"].to_numpy(dtype=np.float64)}  # fmt: skip
    check_hours(path, {"temperature": columns["air"], "global irradiance": ghi, "wind": columns["wind"]})
    table = _whole_years(path, pd.DataFrame(columns, index=series.table.index))
    stamps = pd.DatetimeIndex(table.index)
    years = np.unique(stamps.year)
    cube = table.to_numpy(dtype=np.float64).reshape(len(years), HOURS_PER_YEAR, -1)
    year = _typical(cube)
    offset_h = float(np.median(stamps.minute)) / 60.0 - 0.5
    span = f"{years.min()}-{years.max()}" if len(years) > 1 else f"{years[0]}"
    chosen = ", each month from its most typical year" if len(years) > 1 else ""
    origin = (
        f"hours of PVGIS for {series.latitude_deg:.2f}° N {series.longitude_deg:.2f}° E, {span}{chosen}"
        + ("" if series.tilt_deg < FLAT_DEG else f", found back from a plane tilted {series.tilt_deg:g}°")
    )
    weather = make_year(
        path, (series.latitude_deg, series.longitude_deg), (year[:, 0], year[:, 1], year[:, 2]), year[:, 3],
        year[:, 4], origin, irradiation_error_share, offset_h,
    )  # fmt: skip
    return weather, span


def _typical(cube: FloatArray) -> FloatArray:
    """Return (8760, columns) from (years, 8760, columns); see `weather_of_series`."""
    made = np.empty(cube.shape[1:])
    for month in range(MONTHS):
        inside = np.flatnonzero(month == MONTH_OF_HOUR)
        light = cube[:, inside, 0].sum(axis=1)
        mean = light.mean()
        chosen = int(np.argmin(np.abs(light - mean)))
        part = cube[chosen, inside].copy()
        part[:, :3] *= mean / light[chosen] if light[chosen] > 0.0 else 1.0
        part[:, 3] += cube[:, inside, 3].mean() - part[:, 3].mean()
        made[inside] = part
    return made
