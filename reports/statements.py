"""Sentences that the map and the summary share: likeness, what was left out, what was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from layers.core.extract import Note
from layers.core.facts import read_sources
from layers.core.text import clean_name
from layers.sources.stock import read_stock_periods, stock_countries
from reports.inputs import Assessment
from reports.words import Words, count, house_style, percent

_LONGEST_SENTENCE: Final = 600


def sentence(value: object, longest: int = _LONGEST_SENTENCE) -> str:
    """Return a sentence of the data on one line, its numbers written as on the whole page; "" for a gap."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return ""
    return house_style(clean_name(str(value), longest))


def likeness_sentence(similarity_class: str, similarity: float, coverage: float, words: Words) -> str:
    """Return how alike a district and its nearest lighthouse are: the class in words, then how sure.

    Examples
    --------
    >>> words = Words({"likeness_close": "Close.", "likeness_compared": "{share} of {coverage}."})
    >>> likeness_sentence("close", 0.9, float("nan"), words)
    'Close.'
    """
    parts = []
    if f"likeness_{similarity_class}" in words.sentences:
        parts.append(words.say(f"likeness_{similarity_class}"))
    if np.isfinite(similarity) and np.isfinite(coverage):
        parts.append(words.say("likeness_compared", share=percent(similarity), coverage=percent(coverage)))
    return " ".join(parts)


def note_sentence(row: Mapping[Any, object]) -> str:
    """Return what else there is to say of a district's likeness.

    The nearest lighthouse has its own line; a note that only names it again is left out.
    """
    tied, nearest = row.get("tied_lighthouse_ids"), row.get("nearest_lighthouse_id")
    is_plain = isinstance(tied, str) and not tied and isinstance(nearest, str) and bool(nearest)
    return "" if is_plain else sentence(row.get("similarity_note"))


def left_out(notes: tuple[Note, ...]) -> list[Note]:
    """Return the notes that tell of buildings that are not assessed.

    Examples
    --------
    >>> lost = Note("clean", "slivers and outlines without area dropped", 2, is_loss=True)
    >>> left_out((lost, Note("read", "rows that are no lines, left out", 1))) == [lost]
    True
    """
    return [note for note in notes if note.count and note.is_loss]


def assessed_sentence(assessment: Assessment, words: Words) -> str:
    """Return how many buildings are assessed and how many are not."""
    lost_count = sum(note.count for note in left_out(assessment.notes))
    key = "assessed_some" if lost_count else "assessed_all"
    # the table of the public edition holds groups; the totals are those of the city
    building_count = assessment.totals.get("building_count", float(len(assessment.buildings)))
    return words.say(key, count=count(building_count), lost=count(lost_count))


def _references(source_ids: set[str]) -> list[dict[str, str]]:
    known = read_sources()
    return [
        {"citation": clean_name(known[name].citation, 600), "licence": clean_name(known[name].licence)}
        for name in sorted(source_ids)
        if name in known
    ]


def _data_ids(assessment: Assessment) -> set[str]:
    """Return the sources of the carried tables that a run reads: climate, typical buildings, ages."""
    found = set(assessment.climate.source_ids)
    if "source_id" in assessment.archetypes.columns:
        found |= set(assessment.archetypes["source_id"].dropna().astype(str))
    if assessment.country in stock_countries():
        found |= set(read_stock_periods(assessment.country)["source_id"])
    return found


def data_references(assessment: Assessment) -> list[dict[str, str]]:
    """Return the data sets behind climate, typical buildings and ages, with their licences."""
    return _references(_data_ids(assessment))


def constant_references(assessment: Assessment) -> list[dict[str, str]]:
    """Return where the constants of a run come from, without the data sets above."""
    used = {fact.source_id for fact in assessment.facts_used if not fact.is_estimate}
    return _references(used - _data_ids(assessment))
