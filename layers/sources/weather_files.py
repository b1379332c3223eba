"""Read a person's own weather, whatever of the known kinds it is; the content decides, not the name."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path

from layers.core.errors import InputProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.sources import epw, pvgis_hourly
from layers.sources.files import describe_content, read_head
from layers.sources.typical_year import TypicalYear, TypicalYearParams, read_typical_year

WHAT = "weather of one place, hour by hour: an EPW file, or a typical year or hourly series of PVGIS as CSV"


@dataclass(frozen=True)
class WeatherFileParams:
    """How far files of weather can be trusted.

    Attributes
    ----------
    typical_year : TypicalYearParams
    one_year_spread_share : float
        Standard deviation of single years' irradiation around the mean of many. [0, 0.2]
    """

    typical_year: TypicalYearParams = field(default_factory=TypicalYearParams)
    one_year_spread_share: float = field(default_factory=lambda: value("climate", "one_year_spread_share"))

    def __post_init__(self) -> None:
        check_ranges(self, {"one_year_spread_share": (0.0, 0.2)})


def read_weather(path: Path, params: WeatherFileParams | None = None) -> TypicalYear:
    """Read a file of hourly weather.

    Parameters
    ----------
    path : Path
        EPW, typical year of PVGIS, or hourly series of PVGIS.
    params : WeatherFileParams, optional

    Returns
    -------
    TypicalYear
        8,760 hours in UTC. One real year is known less well than a typical one.

    Raises
    ------
    InputProblem
        When the file is something else, cut short, or holds what cannot be.
    """
    params = params or WeatherFileParams()
    head = read_head(path, what=WHAT)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    error = params.typical_year.irradiation_error_share
    if text.upper().startswith(epw.BEGINNING):
        return TypicalYear(*epw.read_epw(path, error))
    if text.startswith(b"Latitude"):
        if b"\ntime," not in text:
            return read_typical_year(path, params.typical_year)
        series = pvgis_hourly.read_pvgis_hourly(path)
        weather, span = pvgis_hourly.weather_of_series(path, series, error)
        first, _, last = span.partition("-")
        count = int(last or first) - int(first) + 1
        wider = math.hypot(error, params.one_year_spread_share / math.sqrt(count))
        return TypicalYear(dataclasses.replace(weather, irradiation_error_share=wider), span)
    raise InputProblem(
        f"{path.name} is {_described(text)}, not {WHAT}. PVGIS gives both as CSV (outputformat=csv)."
    )


def _described(text: bytes) -> str:
    if text.startswith(b"{") and b"PVGIS" in text:
        return "an answer of PVGIS as JSON"
    if text.startswith((b"PVWatts", b'"PVWatts')):
        return "a result of PVWatts, which holds light on one plane only"
    return describe_content(text)
