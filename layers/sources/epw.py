"""Read a year of hours in the EnergyPlus weather format (EPW).

Hours count from 1 to 24 in local standard time and end at their stamp; the head names place and time zone.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from layers.core.errors import InputProblem
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.core.weather import HourlyWeather
from layers.sources.weather_table import check_length, make_year, roll_to_utc

WHAT = "a weather file in the EnergyPlus format (EPW)"
BEGINNING = b"LOCATION,"
LAST_HEAD_LINE = "DATA PERIODS"
# positions in a row of data
_COLUMNS = {
    "month": 1, "day": 2, "temperature": 6, "global irradiance": 13, "direct irradiance": 14,
    "diffuse irradiance": 15, "wind": 21,
}  # fmt: skip
# what stands where nothing was measured
_MISSING = {"temperature": 99.9, "global irradiance": 9999.0, "direct irradiance": 9999.0,
            "diffuse irradiance": 9999.0, "wind": 999.0}  # fmt: skip
_HEAD_FIELDS = {"latitude": 6, "longitude": 7, "time zone": 8}


def read_epw(path: Path, irradiation_error_share: float) -> tuple[HourlyWeather, str]:
    """Read an EPW file.

    Parameters
    ----------
    path : Path
    irradiation_error_share : float
        Relative error of the yearly irradiation, one standard deviation.

    Returns
    -------
    HourlyWeather, years
        8,760 hours in UTC; the years from which they come, as ``2004-2018``.

    Raises
    ------
    InputProblem
        When the head lacks the place, hours are missing, or values cannot be.
    """
    text = path.read_bytes().decode("utf-8-sig", "replace")
    lines = text.splitlines()
    latitude_deg, longitude_deg, zone_h, name = _head(path, lines[0])
    first = next((i for i, line in enumerate(lines[:40]) if line.upper().startswith(LAST_HEAD_LINE)), None)
    if first is None:
        raise InputProblem(
            f"{path.name} has no line {LAST_HEAD_LINE}, behind which hours begin; is it {WHAT}?"
        )
    table, years = _rows(path, lines[first + 1 :])
    check_length(path, len(table["wind"]), WHAT)
    utc = {name: roll_to_utc(values, zone_h) for name, values in table.items()}
    origin = f"weather file {clean_name(path.name)} for {name} ({latitude_deg:.2f}° N {longitude_deg:.2f}° E)"
    weather = make_year(
        path, (latitude_deg, longitude_deg),
        (utc["global irradiance"], utc["direct irradiance"], utc["diffuse irradiance"]),
        utc["temperature"], utc["wind"], origin, irradiation_error_share,
    )  # fmt: skip
    return weather, years


def _head(path: Path, line: str) -> tuple[float, float, float, str]:
    fields = next(csv.reader([line]))
    numbers = []
    for what, place in _HEAD_FIELDS.items():
        try:
            numbers.append(float(fields[place]))
        except (IndexError, ValueError) as problem:
            raise InputProblem(f"{path.name} does not name its {what} in the line LOCATION.") from problem
    if not -12.0 <= numbers[2] <= 14.0:
        raise InputProblem(f"{path.name} names the time zone {numbers[2]:g}, which is none.")
    return numbers[0], numbers[1], numbers[2], clean_name(fields[1], 40) or "an unnamed place"


def _rows(path: Path, lines: list[str]) -> tuple[dict[str, FloatArray], str]:
    """Return the columns that are needed, without 29 February, and the years they come from."""
    rows = [line for line in lines if line.strip()]
    if not rows:
        raise InputProblem(f"{path.name} is cut short: it holds no hours.")
    if rows[0].count(",") < max(_COLUMNS.values()):
        raise InputProblem(
            f"{path.name} has {rows[0].count(',') + 1} columns; {WHAT} has 35 and its wind stands in the "
            f"{max(_COLUMNS.values()) + 1}nd."
        )
    try:
        table = pd.read_csv(
            io.StringIO("\n".join(rows)),
            header=None,
            usecols=[0, *_COLUMNS.values()],
            index_col=False,
            low_memory=False,
        )
        numbers = table.astype(float)
    except (ValueError, pd.errors.ParserError) as problem:
        reason = clean_name(str(problem), 100)
        raise InputProblem(f"{path.name} is damaged or cut short ({reason}).") from problem
    leap = (numbers[_COLUMNS["month"]] == 2.0) & (numbers[_COLUMNS["day"]] == 29.0)
    numbers = numbers[~leap.to_numpy()]
    found = {}
    for name, missing in _MISSING.items():
        values = numbers[_COLUMNS[name]].to_numpy(dtype=np.float64)
        found[name] = np.where(values >= missing, np.nan, values)
    years = numbers[0].dropna().astype(int)
    return found, f"{years.min()}-{years.max()}"
