"""What moves the heat demand most: the unknowns of the city and of each district, widest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from reports import charts
from reports.inputs import Assessment
from reports.sections.section import Section, render_section
from reports.words import Words, count, energy, percent

NAME = "sensitivity"
TABLE = "sensitivity"
CITY = "city"
SHOWN_COUNT = 5
MOST_DISTRICTS_COUNT = 24
KWH_PER_MWH = 1000.0
# the half of the chart that a bar may fill
_HALF = charts.CHART_WIDTH / 2.0
_LONGEST_NAME = 60


@dataclass(frozen=True)
class TornadoBar:
    """One unknown: where its bar begins and ends around the middle, and what it says."""

    name: str
    start: float
    width: float
    text: str
    share: str


def tornado(table: pd.DataFrame, words: Words) -> list[TornadoBar]:
    """Return the bars of one area, the widest first; the longest end reaches the edge of the chart.

    Parameters
    ----------
    table : DataFrame
        Rows of one area: `assumption`, `heat_demand_mwh`, `low_mwh`, `high_mwh`, `variance_share`.
    """
    top = table.head(SHOWN_COUNT)
    base = top["heat_demand_mwh"].to_numpy(dtype=float)
    low, high = (top[name].to_numpy(dtype=float) / base - 1.0 for name in ("low_mwh", "high_mwh"))
    reach = max(float(np.abs(low).max()), float(np.abs(high).max()), 1e-9)
    return [
        TornadoBar(
            name=words.word("sens_", str(assumption)),
            start=round(_HALF + below / reach * _HALF, 1),
            width=round((above - below) / reach * _HALF, 1),
            text=words.say("sens_range", low=_signed(below), high=_signed(above)),
            share=percent(share),
        )
        for assumption, below, above, share in zip(
            top["assumption"], low, high, top["variance_share"].astype(float), strict=True
        )
    ]


def _signed(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def _most_important(table: pd.DataFrame, words: Words) -> str:
    """Say what the most important unknown is, and what would narrow it."""
    first = table.iloc[0]
    name = str(first["assumption"])
    return words.say(
        "sens_first",
        name=words.word("sens_", name),
        low=energy(float(first["low_mwh"]) * KWH_PER_MWH),
        high=energy(float(first["high_mwh"]) * KWH_PER_MWH),
        cure=words.word("sens_cure_", name),
    )


def _area(name: str, table: pd.DataFrame, words: Words) -> dict[str, Any]:
    return {"name": name, "bars": tornado(table, words), "sentence": _most_important(table, words)}


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None where nothing is heated or nothing was ranked."""
    table = assessment.tables.get(TABLE)
    if table is None or table.empty:
        return None
    heated = table[table["heat_demand_mwh"].astype(float) > 0.0]
    whole = heated[heated["district_id"] == CITY]
    if whole.empty:
        return None
    ranked = assessment.districts.sort_values("heat_demand_mwh", ascending=False, kind="stable")
    parts = {str(name): rows for name, rows in heated.groupby("district_id", sort=False)}
    known = [name for name in ranked.index.astype(str) if name in parts]
    names = ranked["name"] if "name" in ranked.columns else pd.Series(ranked.index, ranked.index)
    return render_section(
        NAME,
        words.say("sens_title"),
        words,
        city=_area(clean_name(assessment.title, _LONGEST_NAME), whole, words),
        districts=[
            _area(clean_name(str(names[name]), _LONGEST_NAME) or name, parts[name], words)
            for name in known[:MOST_DISTRICTS_COUNT]
        ],
        more=words.say("sens_more", count=count(len(known) - MOST_DISTRICTS_COUNT))
        if len(known) > MOST_DISTRICTS_COUNT
        else "",
    )
