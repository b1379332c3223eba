"""Named rules that sort districts by their suitability for district heating, and sentences that say why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from layers.core.text import number_text, percent_text
from layers.core.types import FloatArray, IntArray

CLASSES = ("probably_served", "suitable", "conditional", "not_suitable")
SUITABLE, CONDITIONAL, NOT_SUITABLE = 2, 1, 0
LITTLE_MORE_RATIO = 1.1
# how a measure is written in a sentence: digits, what it counts
WORDS: Final[Mapping[str, tuple[int, str]]] = {
    "area": (0, "MWh per hectare"),
    "line": (1, "MWh per metre of street"),
    "anchor": (0, "large heat users"),
    "dwelling": (0, "equivalent dwellings"),
    "zone": (2, "of its heat in coherent dense squares"),
}


@dataclass(frozen=True)
class Measure:
    """One threshold of a rule set; without `conditional` there is only one step."""

    kind: str
    suitable: float
    conditional: float | None

    @property
    def entry(self) -> float:
        """Return the threshold at which a district enters the rule."""
        return self.suitable if self.conditional is None else self.conditional


@dataclass(frozen=True)
class RuleSet:
    """A named way of judging: all its measures must hold."""

    name: str
    title: str
    measures: tuple[Measure, ...]


def judge(values: Mapping[str, FloatArray], high_ratio: FloatArray, rules: RuleSet) -> IntArray:
    """Return 2 (suitable), 1 (under conditions) or 0 per district: the weakest measure counts.

    Parameters
    ----------
    values : mapping of (n,) arrays
        Per kind of measure; an unknown value (NaN) is passed over.
    high_ratio : (n,) array
        Upper end of the likely heat demand over the expected one: where a rule has only one threshold
        and it lies within the likely range, the district is suitable under conditions.
    rules : RuleSet

    Examples
    --------
    >>> rules = RuleSet("x", "a rule", (Measure("line", 1.5, 0.75),))
    >>> judge({"line": np.array([0.5, 1.0, 2.0])}, np.ones(3), rules)
    array([0, 1, 2])
    """
    marks = []
    for measure in rules.measures:
        found = values[measure.kind]
        if measure.conditional is None:
            entered = found * high_ratio >= measure.suitable
        else:
            entered = found >= measure.conditional
        mark = np.where(found >= measure.suitable, SUITABLE, np.where(entered, CONDITIONAL, NOT_SUITABLE))
        marks.append(np.where(np.isnan(found), SUITABLE, mark))
    unknown = np.all([np.isnan(values[measure.kind]) for measure in rules.measures], axis=0)
    return np.where(unknown, NOT_SUITABLE, np.min(marks, axis=0)).astype(np.int64)


def needed_ratio(values: Mapping[str, FloatArray], rules: RuleSet) -> FloatArray:
    """Return how many times denser a district would have to be to enter the rule; NaN without heat."""
    needs = []
    for measure in rules.measures:
        found = values[measure.kind]
        needs.append(np.where(found > 0, measure.entry / np.where(found > 0, found, 1.0), np.nan))
    known = np.array(needs)
    largest = np.where(np.isnan(known).all(axis=0), np.nan, np.nanmax(np.nan_to_num(known, nan=0.0), axis=0))
    return np.asarray(np.maximum(largest, 1.0), dtype=np.float64)


def _amount(kind: str, number: float) -> str:
    digits, words = WORDS[kind]
    return f"{percent_text(number) if kind == 'zone' else number_text(number, digits)} {words}"


def _listed(parts: list[str]) -> str:
    return " and ".join(parts) if len(parts) < 3 else ", ".join(parts[:-1]) + " and " + parts[-1]


def reason(
    name: str,
    found: Mapping[str, float],
    rules: RuleSet,
    needed: float,
    *,
    city_share: float,
    is_in_city: bool,
    is_mapped: bool,
) -> str:
    """Write why a district got its class, for people who plan and not for engineers only."""
    kinds = [measure.kind for measure in rules.measures]
    shown = [kind for kind in dict.fromkeys([*kinds, "area", "line"]) if not np.isnan(found[kind])]
    numbers = _listed([_amount(kind, found[kind]) for kind in shown])
    asked = _listed([_amount(m.kind, m.suitable) for m in rules.measures])
    entry = _listed([_amount(m.kind, m.entry) for m in rules.measures])
    if name == "probably_served":
        share = percent_text(city_share)
        start = f"A network covers about {share} of the city's heat and probably serves this area"
        if is_mapped:
            start = "The map of the network shows pipes along much of the streets"
        return f"{start}: make its heat clean, lower its temperature and connect the rest. Here: {numbers}."
    if name == "suitable":
        return f"{numbers}; {rules.title} asks for {asked}. Next: who connects, and where heat comes from."
    if name == "conditional":
        return (
            f"{numbers}; {rules.title} asks for {asked}. Possible with low temperatures, many connections, "
            "a cheap source nearby or easy digging."
        )
    if not found["area"] > 0:
        return "There is no heat demand to connect here."
    often = (
        f" It would take {needed:.1f} times as much." if needed >= LITTLE_MORE_RATIO else " It lacks little."
    )
    city = " The city has a network, but at this density it is hardly here." if is_in_city else ""
    start = f"{numbers}; {rules.title} starts at {entry}."
    return f"{start}{often}{city} Heat pumps and small shared systems come first."
