"""Calibration: every known total beside what was calculated for it, before and after, and the factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from layers.core.uses import USE_LABELS
from reports import charts
from reports.inputs import Assessment
from reports.sections.section import Section, render_section
from reports.words import MISSING, THIN_SPACE, Words, count, energy, energy_unit, figure, percent

NAME = "calibration"
TOTALS, FACTORS = "calibration", "calibration_factors"
MOST_SHOWN_COUNT = 24
MOST_FACTORS_COUNT = 12
KWH_PER_MWH = 1000.0
_LONGEST_NAME = 60
# a total is shown within a factor of three; further ones stand at the edge
_WIDEST_RATIO = 3.0


@dataclass(frozen=True)
class Dumbbell:
    """One known total: where before and after lie on a scale of ratios, the known total in the middle."""

    name: str
    before: float
    after: float
    text: str


def place_ratio(ratio: float, widest: float = _WIDEST_RATIO) -> float:
    """Return where a ratio lies on a scale from 1/3 to 3 with 1 in the middle.

    Examples
    --------
    >>> place_ratio(1.0), place_ratio(3.0), place_ratio(1 / 9)
    (500.0, 1000.0, 0.0)
    """
    held = float(np.clip(np.log(max(ratio, 1e-9)) / np.log(widest), -1.0, 1.0))
    return round((1.0 + held) * charts.CHART_WIDTH / 2.0, 1)


def _off(ratio: float) -> str:
    sign = "−" if ratio < 1.0 else "+"
    return f"{sign}{percent(abs(ratio - 1.0))}"


def _name(row: pd.Series, districts: pd.DataFrame, words: Words) -> str:
    level, area, sector = str(row["level"]), str(row["id"] or ""), str(row["sector"])
    place = words.word("cal_level_", level)
    if level == "district" and "name" in districts.columns and area in districts.index:
        place = clean_name(str(districts.loc[area, "name"]), _LONGEST_NAME)
    elif area:
        place = f"{place} {clean_name(area, _LONGEST_NAME)}"
    parts = [place, words.word("cal_", str(row["quantity"]))]
    if sector != "all":
        parts.append(USE_LABELS.get(sector, words.word("cal_sector_", sector)))
    return f"{', '.join(parts)} {row['year']}"


def _range(row: pd.Series, step: str, words: Words) -> str:
    middle, low, high = (float(row[f"{step}{part}_mwh"]) for part in ("", "_p10", "_p90"))
    if not np.isfinite([low, high]).all():
        return ""
    unit, factor = energy_unit(middle * KWH_PER_MWH)
    low, high = low * KWH_PER_MWH / factor, high * KWH_PER_MWH / factor
    return words.say("range", low=figure(low), high=f"{figure(high)}{THIN_SPACE}{unit}")


def _total(row: pd.Series, districts: pd.DataFrame, words: Words) -> dict[str, Any]:
    name = _name(row, districts, words)
    before, after = float(row["before_ratio"]), float(row["after_ratio"])
    return {
        "bar": Dumbbell(
            name,
            place_ratio(before),
            place_ratio(after),
            words.say("cal_bar", before=_off(before), after=_off(after)),
        ),
        "source": clean_name(str(row["source"]), 200),
        "given": energy(float(row["given_mwh"]) * KWH_PER_MWH),
        "error": percent(float(row["error_ratio"])),
        "before": energy(float(row["before_mwh"]) * KWH_PER_MWH),
        "before_likely": _range(row, "before", words),
        "after": energy(float(row["after_mwh"]) * KWH_PER_MWH),
        "after_likely": _range(row, "after", words),
    }


def _factor(row: pd.Series, districts: pd.DataFrame, words: Words) -> dict[str, Any]:
    name = f"{USE_LABELS.get(str(row['use']), str(row['use']))}, {row['period']}"
    district = str(row.get("district_id") or "")
    if district:
        named = "name" in districts.columns and district in districts.index
        name = clean_name(str(districts.loc[district, "name"]) if named else district, _LONGEST_NAME)
    return {
        "name": name,
        "component": words.word("cal_", str(row["component"])),
        "heat": energy(float(row["before_mwh"]) * KWH_PER_MWH),
        "factor": f"{float(row['factor_ratio']):.2f}",
        "likely": words.say(
            "range", low=f"{float(row['factor_p10_ratio']):.2f}", high=f"{float(row['factor_p90_ratio']):.2f}"
        ),
        "warning": words.say("cal_large") if bool(row["is_large"]) else "",
    }


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without known totals."""
    totals, factors = assessment.tables.get(TOTALS), assessment.tables.get(FACTORS)
    if totals is None or factors is None or totals.empty:
        return None
    shown = totals.head(MOST_SHOWN_COUNT)
    rows = [_total(shown.loc[at], assessment.districts, words) for at in shown.index]
    ordered = factors.sort_values("before_mwh", ascending=False, kind="stable")
    heat, districts = assessment.totals.get("heat_calibrated_mwh"), assessment.districts
    return render_section(
        NAME,
        words.say("cal_title"),
        words,
        rows=rows,
        heat=energy(heat * KWH_PER_MWH) if heat is not None else MISSING,
        factors=[_factor(ordered.loc[at], districts, words) for at in ordered.index[:MOST_FACTORS_COUNT]],
        large=count(int(factors["is_large"].sum())) if factors["is_large"].any() else "",
        more=words.say("cal_more", count=count(len(totals) - len(shown))) if len(totals) > len(shown) else "",
    )
