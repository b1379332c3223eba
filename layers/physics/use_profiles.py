"""How buildings are used hour by hour: people, appliances, hot water, and when they are kept warm or cool.

A use has a published day for working days, Saturdays and Sundays in local time, and, for schools, months
of holidays. What is published is the day of one household or one shop; that of a street is smoother,
because not all do the same in the same hour: shapes are spread over a few hours. Every shape has the mean
1 over the year, so that it only deals out a yearly sum that something else has computed.

The year is the one of the weather: 8,760 hours UTC, its first day a Tuesday; public holidays are
ordinary days.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.core.facts import value
from layers.core.types import FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import HOURS_PER_YEAR, MONTH_OF_HOUR, MONTHS

DATA = Path(__file__).resolve().parent.parent / "data"
HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
# the year of the weather begins on a Tuesday; Monday is day 0
FIRST_WEEKDAY = 1
SATURDAY, SUNDAY = 5, 6
# summer time of the European Union in that year, in hours UTC: 31 March and 27 October, 1 o'clock
SUMMER_TIME_FROM_H, SUMMER_TIME_TO_H = 89 * 24 + 1, 299 * 24 + 1
DAYS = ("weekday", "saturday", "sunday")
SHAPES: tuple[str, ...] = ("people", "appliances", "hot_water")
STATES: tuple[str, ...] = ("heated", "cooled")
# uses that have no day of their own follow others, in shares that facts name
MIXES: dict[str, tuple[str, ...]] = {
    "unknown": ("residential_multi", "office", "retail"),
    "other": ("office", "assembly"),
    "outbuilding": ("storage",),
}
AS_DWELLINGS: tuple[str, ...] = (*RESIDENTIAL_USES, "hotel", "unknown")


@dataclass(frozen=True)
class LocalCalendar:
    """What clocks and calendars of a country show in each hour UTC of the year; (8760,) arrays.

    Attributes
    ----------
    hour
        0 to 23.
    day_kind
        0 working day, 1 Saturday, 2 Sunday.
    month
        0 to 11.
    """

    hour: IntArray
    day_kind: IntArray
    month: IntArray


@cache
def _zones() -> dict[str, tuple[int, bool]]:
    """Return by country the hours ahead of UTC and whether there is summer time."""
    table = pd.read_csv(DATA / "time_zones.csv", keep_default_na=False)
    summer = table["has_summer_time"] == "yes"
    return dict(
        zip(table["country"], zip(table["offset_h"].tolist(), summer.tolist(), strict=True), strict=True)
    )


@cache
def _days() -> dict[tuple[str, str], FloatArray]:
    """Return the (3, 24) days of each use and quantity."""
    table = pd.read_csv(DATA / "use_profiles.csv", keep_default_na=False)
    hours = [f"h{hour:02d}" for hour in range(HOURS_PER_DAY)]
    rows = table[hours].to_numpy(dtype=np.float64)
    days: dict[tuple[str, str], FloatArray] = {}
    for row, use, quantity, day in zip(rows, table["use"], table["quantity"], table["day"], strict=True):
        days.setdefault((use, quantity), np.zeros((len(DAYS), HOURS_PER_DAY)))[DAYS.index(day)] = row
    return days


@cache
def _months() -> dict[str, FloatArray]:
    table = pd.read_csv(DATA / "use_months.csv", index_col="use")
    months = table[[f"m{month:02d}" for month in range(1, MONTHS + 1)]].to_numpy(dtype=np.float64)
    return dict(zip(table.index, months, strict=True))


@cache
def local_calendar(country: str, shift_h: int = 0) -> LocalCalendar:
    """Return the calendar of a country in each hour of the weather's year.

    Parameters
    ----------
    country : str
        Two-letter code; one that is not listed keeps Central European Time.
    shift_h : int
        For people who are that much earlier (positive) or later than the clock.

    Examples
    --------
    Helsinki is two hours ahead of UTC, three in summer; the first day is a working day.

    >>> calendar = local_calendar("FI")
    >>> calendar.hour[[0, 4380]].tolist(), calendar.day_kind[[0, 4 * 24]].tolist()
    ([2, 15], [0, 1])
    """
    offset, summer = _zones().get(country, (1, True))
    utc = np.arange(HOURS_PER_YEAR)
    in_summer = summer & (utc >= SUMMER_TIME_FROM_H) & (utc < SUMMER_TIME_TO_H)
    local = (utc + offset + shift_h + in_summer) % HOURS_PER_YEAR
    weekday = (local // HOURS_PER_DAY + FIRST_WEEKDAY) % DAYS_PER_WEEK
    day_kind = np.where(weekday == SATURDAY, 1, np.where(weekday == SUNDAY, 2, 0))
    return LocalCalendar(local % HOURS_PER_DAY, day_kind.astype(np.int64), MONTH_OF_HOUR[local])


def known_uses() -> tuple[str, ...]:
    """Return the uses that have a day, of their own or mixed."""
    own = dict.fromkeys(use for use, _ in _days())
    return (*own, *MIXES)


def mixed_shares(use: str) -> dict[str, float]:
    """Return whose days a use follows, and in which shares."""
    parts = MIXES.get(use)
    if parts is None:
        return {use: 1.0}
    if len(parts) == 1:
        return {parts[0]: 1.0}
    return {part: value("use_conditions", f"{use}_{part}_share") for part in parts}


def _spread(series: FloatArray, hours: int) -> FloatArray:
    """Return the moving mean over some hours, round the end of the year."""
    half = hours // 2
    return np.asarray(sum(np.roll(series, shift) for shift in range(-half, half + 1)) / (2 * half + 1))


def use_shape(use: str, quantity: str, calendar: LocalCalendar) -> FloatArray:
    """Return how a quantity is dealt over the hours of the year.

    Parameters
    ----------
    use : str
        Class of use.
    quantity : str
        One of `SHAPES`: `people`, `appliances` (with lighting) or `hot_water`.
    calendar : LocalCalendar

    Returns
    -------
    (8760,) array
        Hours UTC, mean 1.

    Examples
    --------
    >>> shape = use_shape("office", "people", local_calendar("DE"))
    >>> len(shape), round(float(shape.mean()), 12), float(shape[4 * 24 + 12])  # nobody on a Saturday
    (8760, 1.0, 0.0)
    """
    whole = np.zeros(HOURS_PER_YEAR)
    for part, share in mixed_shares(use).items():
        series = _days()[part, quantity][calendar.day_kind, calendar.hour]
        series = series * _months().get(part, np.ones(MONTHS))[calendar.month]
        whole += share * series / series.mean()
    kind = "dwelling" if use in AS_DWELLINGS else "other"
    spread = _spread(whole, round(value("hourly", f"spread_{kind}_h")))
    return np.asarray(spread / spread.mean())


def use_shapes(quantity: str, country: str) -> pd.DataFrame:
    """Return `use_shape` of every use: 8,760 hours UTC × uses."""
    calendar = local_calendar(country)
    return pd.DataFrame({use: use_shape(use, quantity, calendar) for use in known_uses()})


def is_kept(use: str, state: str, calendar: LocalCalendar) -> npt.NDArray[np.bool_]:
    """Return in which hours a use is kept at its set-point.

    Parameters
    ----------
    use : str
    state : str
        `heated` or `cooled`.

    Returns
    -------
    (8760,) array
        False where rooms may be colder (heated) or warmer (cooled).
    """
    # where several uses share a building, the one with the greatest share sets the clock
    shares = mixed_shares(use)
    first = max(shares, key=lambda part: shares[part])
    return np.asarray(_days()[first, state][calendar.day_kind, calendar.hour] > 0.0)
