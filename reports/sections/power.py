"""Cooling and electricity: the city's numbers with their ranges, and a table of the districts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from reports import charts
from reports.inputs import Assessment
from reports.likely import likely_energy, short_range
from reports.sections.section import Section, render_section
from reports.words import Words, count, energy, figure

NAME = "power"
MOST_BARS_COUNT = 12
_LONGEST_NAME = 60


def _value(row: Mapping[Any, Any] | pd.Series, name: str) -> float:
    found = row.get(name)
    return float("nan") if found is None or pd.isna(found) else float(found)


def _three(row: Mapping[Any, Any] | pd.Series, name: str) -> tuple[float, float, float]:
    middle, low, high = (_value(row, f"{name}{part}_mwh") for part in ("", "_p10", "_p90"))
    return low, high, middle


def _city_number(totals: Mapping[str, float], name: str, meaning: str, words: Words) -> dict[str, str]:
    low, high, middle = _three(totals, name)
    floor_m2 = _value(totals, "heated_floor_area_m2")
    per_floor = words.say("pow_per_floor", value=figure(middle * 1e3 / floor_m2)) if floor_m2 > 0 else ""
    return {
        "value": energy(middle * 1e3),
        "meaning": meaning,
        "likely": likely_energy(low, high, middle, words),
        "per_floor": per_floor,
    }


def _district(district_id: str, row: pd.Series, words: Words) -> dict[str, str]:
    cold, power, coolers = (
        _three(row, total) for total in ("cooling_demand", "electricity_demand", "cooling_electricity")
    )
    floor_m2 = _value(row, "heated_floor_area_m2")
    return {
        "name": district_id if pd.isna(row.get("name")) else clean_name(str(row["name"]), _LONGEST_NAME),
        "cold": energy(cold[2] * 1e3),
        "cold_likely": short_range(*cold, words),
        "cold_per_floor": figure(cold[2] * 1e3 / floor_m2 if floor_m2 > 0 else float("nan")),
        "power": energy(power[2] * 1e3),
        "power_likely": short_range(*power, words),
        "coolers": energy(coolers[2] * 1e3),
        "coolers_likely": short_range(*coolers, words),
    }


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without cooling and electricity."""
    totals, districts = dict(assessment.totals), assessment.districts
    if not {"cooling_demand_mwh", "electricity_demand_mwh"} <= set(totals):
        return None
    ranked = pd.DataFrame(districts.drop(columns="geometry")).sort_values(
        "electricity_demand_mwh", ascending=False, kind="stable"
    )
    rows = [_district(str(name), ranked.loc[name], words) for name in ranked.index]
    ends = [
        ranked.get(f"electricity_demand{part}_mwh", pd.Series(np.nan, index=ranked.index)).astype(float)
        for part in ("", "_p10", "_p90")
    ]
    labels = [row["name"] for row in rows[:MOST_BARS_COUNT]]
    bars, axis = charts.range_bars(labels, *(end.tolist()[:MOST_BARS_COUNT] for end in ends))
    some = words.say("pow_some", count=count(len(bars)), total=count(len(rows)))
    return render_section(
        NAME,
        words.say("pow_title"),
        words,
        numbers=[
            _city_number(totals, name, words.say(f"pow_{name}"), words)
            for name in ("electricity_demand", "cooling_electricity", "cooling_demand")
        ],
        bars=bars,
        axis=axis,
        rows=rows,
        some=some if len(rows) > len(bars) else "",
        figure=figure,
    )
