"""Facts: every number that is neither measured nor a constant of nature.

A subject is one CSV file with the columns
``id,parameter,value,unit,low,high,source_id,place_in_source,note``; `sources.csv` beside it is the
bibliography. Reading a fact inside `recording()` notes it, so that a report's references are made
from the facts that its run really used.
"""

from __future__ import annotations

import contextvars
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ESTIMATE = "estimate"
FACT_COLUMNS = (
    "id", "parameter", "value", "unit", "low", "high", "source_id", "place_in_source", "note",
)  # fmt: skip
_ROOTS: list[Path] = [Path(__file__).resolve().parent.parent / "data"]


@dataclass(frozen=True)
class Fact:
    """One number with its unit, range and source."""

    subject: str
    id: str
    parameter: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source_id: str
    place_in_source: str
    note: str

    @property
    def is_estimate(self) -> bool:
        """Say whether nobody but us stands behind the number."""
        return self.source_id == ESTIMATE


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography."""

    id: str
    citation: str
    licence: str
    url: str


_used: contextvars.ContextVar[set[Fact] | None] = contextvars.ContextVar("facts_used", default=None)


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


@cache
def read_facts(subject: str) -> dict[str, Fact]:
    """Read one subject's facts, by id.

    Raises
    ------
    KeyError
        When no such subject is carried.
    """
    for root in _ROOTS:
        path = root / f"{subject}.csv"
        if path.exists():
            break
    else:
        raise KeyError(f"no facts about {subject!r}")
    facts: dict[str, Fact] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["id"] in facts:
                raise ValueError(f"{path.name} has the id {row['id']!r} twice")
            facts[row["id"]] = Fact(
                subject, row["id"], row["parameter"], float(row["value"]), row["unit"],
                _number(row["low"]), _number(row["high"]), row["source_id"],
                row["place_in_source"], row["note"],
            )  # fmt: skip
    return facts


def fact(subject: str, fact_id: str) -> Fact:
    """Return one fact and note that it was used."""
    try:
        found = read_facts(subject)[fact_id]
    except KeyError as problem:
        raise KeyError(f"no fact {fact_id!r} about {subject!r}") from problem
    note_use(found)
    return found


def value(subject: str, fact_id: str) -> float:
    """Return a fact's number and note that it was used.

    Examples
    --------
    >>> value("heat", "monthly_utilisation_a0")
    1.0
    """
    return fact(subject, fact_id).value


def note_use(*facts: Fact) -> None:
    """Note that facts were used, when somebody records."""
    used = _used.get()
    if used is not None:
        used.update(facts)


@contextmanager
def recording() -> Iterator[set[Fact]]:
    """Collect the facts that are used inside the block."""
    used: set[Fact] = set()
    token = _used.set(used)
    try:
        yield used
    finally:
        _used.reset(token)


@cache
def read_sources() -> dict[str, Source]:
    """Read the bibliography, by id."""
    sources: dict[str, Source] = {}
    for root in _ROOTS:
        for path in sorted(root.glob("sources*.csv")):
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    sources[row["id"]] = Source(row["id"], row["citation"], row["licence"], row["url"])
    return sources


def subjects() -> list[str]:
    """List the subjects that are carried: the tables whose head is that of a fact table."""
    found = []
    for root in _ROOTS:
        for path in root.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as lines:
                if tuple(next(csv.reader(lines), ())) == FACT_COLUMNS:
                    found.append(path.stem)
    return sorted(found)
