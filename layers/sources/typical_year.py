"""Read a typical year of hours as PVGIS writes it, and the months that it consists of.

A typical year is put together from twelve real months of different years, each the most typical of its
kind (ISO 15927-4). Its irradiances stand for the minute at which the satellite looked, not for the middle
of the hour: the shift is found from the data themselves and kept with the year.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pvlib

from layers.core.errors import InputProblem
from layers.core.extract import SourceRecord
from layers.core.facts import value
from layers.core.text import clean_name
from layers.core.weather import HOURS_PER_YEAR, HourlyWeather, MonthlyClimate
from layers.physics.weather import monthly_irradiation_kwh_per_m2_land, monthly_means_c
from layers.sources.files import describe_content, read_head, source_record
from layers.sources.weather_table import make_year

WHAT = "a typical year as PVGIS writes it (CSV)"
SOURCE_ID = "pvgis5"
_COLUMNS = ("temp_air", "ghi", "dni", "dhi", "wind_speed")


@dataclass(frozen=True)
class TypicalYearParams:
    """How far a typical year can be trusted.

    Attributes
    ----------
    irradiation_error_share : float
        Relative error of the yearly irradiation, one standard deviation. [0, 0.3]
    temperature_error_k : float
        Error of the yearly mean temperature. [0, 5]
    """

    irradiation_error_share: float = field(
        default_factory=lambda: value("climate", "typical_year_irradiation_error_share")
    )
    temperature_error_k: float = field(
        default_factory=lambda: value("climate", "typical_year_temperature_error_k")
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.irradiation_error_share <= 0.3:
            raise ValueError("irradiation_error_share must lie between 0 and 0.3")
        if not 0.0 <= self.temperature_error_k <= 5.0:
            raise ValueError("temperature_error_k must lie between 0 and 5")


@dataclass(frozen=True)
class TypicalYear:
    """A typical year and where it is from.

    Attributes
    ----------
    weather : HourlyWeather
    years : str
        First and last of the years whose months were chosen, such as ``2006-2020``.
    """

    weather: HourlyWeather
    years: str


def read_typical_year(path: Path, params: TypicalYearParams | None = None) -> TypicalYear:
    """Read a typical year.

    Parameters
    ----------
    path : Path
        CSV of PVGIS, version 5.
    params : TypicalYearParams, optional

    Returns
    -------
    TypicalYear
        8,760 hours in UTC; `sun_offset_h` says for which minute the irradiances stand.

    Raises
    ------
    InputProblem
        When the file is something else, cut short, or holds values that cannot be.
    """
    params = params or TypicalYearParams()
    head = read_head(path, what=WHAT)
    if not head.lstrip().startswith(b"Latitude"):
        raise InputProblem(f"{path.name} is {describe_content(head)}, not {WHAT}; fetch it again.")
    try:
        # later versions of pvlib give two things back, earlier ones four; the table comes first
        table, *_rest = pvlib.iotools.read_pvgis_tmy(str(path), pvgis_format="csv")
    except (ValueError, IndexError, KeyError, UnicodeDecodeError, TypeError) as problem:
        reason = clean_name(str(problem), 120)
        raise InputProblem(
            f"{path.name} is damaged or cut short ({reason}); fetch the typical year again."
        ) from problem
    _check(path, table)
    latitude_deg, longitude_deg = _place_deg(path, head)
    years = pd.unique(table.index.year)
    span = f"{years.min()}-{years.max()}"
    temperature, ghi, dni, dhi, wind = (table[name].to_numpy(dtype=float) for name in _COLUMNS)
    place = f"{latitude_deg:.2f}° N {longitude_deg:.2f}° E"
    origin = f"typical year of PVGIS for {place}, its months chosen from {span}"
    weather = make_year(
        path, (latitude_deg, longitude_deg), (ghi, dni, dhi), temperature, wind, origin,
        params.irradiation_error_share,
    )  # fmt: skip
    return TypicalYear(weather, span)


def _check(path: Path, table: pd.DataFrame) -> None:
    """Refuse a table that is not a whole year of possible weather."""
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise InputProblem(f"{path.name} lacks {', '.join(missing)}; fetch the typical year again.")
    if table.index.isna().any():
        raise InputProblem(f"{path.name} is damaged or cut short; fetch the typical year again.")
    months = pd.Index(pd.DatetimeIndex(table.index).month)
    if len(table) != HOURS_PER_YEAR or not months.is_monotonic_increasing:
        raise InputProblem(
            f"{path.name} holds {len(table):,} hours out of order, not {WHAT}; fetch it again."
        )


def _place_deg(path: Path, head: bytes) -> tuple[float, float]:
    lines = head.decode("utf-8", "replace").splitlines()[:2]
    try:
        latitude, longitude = (float(line.partition(":")[2]) for line in lines)
    except ValueError as problem:
        raise InputProblem(f"{path.name} does not say for which place it is; fetch it again.") from problem
    return latitude, longitude


def typical_year_source(path: Path) -> SourceRecord:
    """Return the record of a person's own file of weather."""
    return source_record(
        path, title=f"Hourly weather ({clean_name(path.name)})", licence="as stated by its owner",
        attribution="as stated by its owner", date="",
    )  # fmt: skip


def climate_of_year(
    weather: HourlyWeather, table: MonthlyClimate, params: TypicalYearParams | None = None
) -> MonthlyClimate:
    """Return the months of a typical year as a climate, so that heat and sun rest on the same hours.

    Parameters
    ----------
    weather : HourlyWeather
        The typical year.
    table : MonthlyClimate
        What the carried tables say of the place: its design temperature stays, because a typical year
        holds no extreme days.
    params : TypicalYearParams, optional
    """
    params = params or TypicalYearParams()
    return dataclasses.replace(
        table,
        temperature_c=monthly_means_c(weather),
        irradiation_kwh_per_m2_land=monthly_irradiation_kwh_per_m2_land(weather),
        origin=f"Monthly climate from the {weather.origin}. The design temperature is that of the "
        "carried tables.",
        source_ids=tuple(dict.fromkeys((SOURCE_ID, *table.source_ids))),
        irradiation_error_share=params.irradiation_error_share,
        temperature_error_k=params.temperature_error_k,
    )
