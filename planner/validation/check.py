"""What a check is: a criterion that is written down beforehand, and what was found.

Each subject has a module of its name in this package with

* ``CRITERIA``: every criterion of the subject in the order of its checks; bounds and sources are known
  before anything is computed, so that the documentation can be held to them;
* ``checks(options)``: an iterator of checks, each as soon as it is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Check:
    """One measured result.

    Attributes
    ----------
    subject : str
        What it belongs to, for example demand.
    name : str
        What was measured.
    found : float
        The value, in `unit`.
    bound : str
        What it has to keep, in words of one line: ≤ 0.05, ≥ 0.9, 0.75 to 1.25.
    unit : str
        Unit of value and bound; "share" and "ratio" are plain numbers.
    passed : bool
    source : str
        Whose published result it is compared with, or which parts of the program with each other.
    note : str
        What else is worth knowing, for example on how many rows it rests.
    """

    subject: str
    name: str
    found: float
    bound: str
    unit: str
    passed: bool
    source: str
    note: str = ""


@dataclass(frozen=True)
class Criterion:
    """What will be measured and what it has to keep; at least one of both bounds is given.

    Examples
    --------
    >>> share = Criterion("demand", "rows within 15 %", "share", "TABULA", lowest=0.9)
    >>> share.bound, share.check(0.95).passed, share.check(0.85).passed, share.check(float("nan")).passed
    ('≥ 0.9', True, False, False)
    """

    subject: str
    name: str
    unit: str
    source: str
    lowest: float | None = None
    highest: float | None = None

    @property
    def bound(self) -> str:
        """Return the bound in words of one line."""
        if self.lowest is None:
            return f"≤ {self.highest:g}"
        if self.highest is None:
            return f"≥ {self.lowest:g}"
        return f"{self.lowest:g} to {self.highest:g}"

    def check(self, found: float, note: str = "") -> Check:
        """Return the check of what was found; a value that is no number misses every bound."""
        low = -math.inf if self.lowest is None else self.lowest
        high = math.inf if self.highest is None else self.highest
        value = float(found)
        passed = math.isfinite(value) and low <= value <= high
        return Check(self.subject, self.name, value, self.bound, self.unit, passed, self.source, note)


def _keep_quiet(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Options:
    """Files of the user that are checked beside the published ones, or instead of them.

    Attributes
    ----------
    examples : Path or None
        Example buildings in the columns of the carried TABULA table (demand).
    pvgis, pvwatts : Path or None
        Hourly results as these services write them (solar).
    stp : tuple of Path
        Graphs in the format of SteinLib (network).
    say : function
        Takes what a person who waits should know between two checks.
    """

    examples: Path | None = None
    pvgis: Path | None = None
    pvwatts: Path | None = None
    stp: tuple[Path, ...] = ()
    say: Callable[[str], None] = _keep_quiet


class Subject(Protocol):
    """What a module of a subject offers."""

    CRITERIA: tuple[Criterion, ...]

    def checks(self, options: Options) -> Iterator[Check]:
        """Yield the checks of the subject."""
