"""Renovation: what each package saves and costs, what a saved kWh costs, and where to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from reports import charts
from reports.inputs import Assessment
from reports.likely import likely_energy, short_range
from reports.sections.section import Section, render_section
from reports.words import MISSING, THIN_SPACE, Words, count, energy, energy_unit, figure, percent

NAME: Final = "retrofit"
TABLE, CURVE = "retrofit", "retrofit_curve"
CITY, BEST = "city", "best"
MOST_DISTRICTS_COUNT: Final = 12
# the dearest last part of the saving would flatten the rest of the chart
SHOWN_SAVING_SHARE: Final = 0.97
_MILLION: Final = 1e6
_CENTS: Final = 100.0
_LONGEST_NAME: Final = 60


def money(eur: float) -> str:
    """Return an amount of money, in millions where it is large.

    Examples
    --------
    >>> money(12_340_000.0).replace(THIN_SPACE, " "), money(9_500.0).replace(THIN_SPACE, " ")
    ('12.3 million €', '9 500 €')
    """
    if not np.isfinite(eur):
        return MISSING
    if abs(eur) < _MILLION:
        return f"{figure(eur)}{THIN_SPACE}€"
    return f"{figure(eur / _MILLION)}{THIN_SPACE}million{THIN_SPACE}€"


def _money_range(row: pd.Series, words: Words) -> str:
    low, high = float(row["investment_p10_eur"]), float(row["investment_p90_eur"])
    if not np.isfinite([low, high]).all():
        return ""
    is_large = abs(float(row["investment_eur"])) >= _MILLION
    factor, unit = (_MILLION, f"million{THIN_SPACE}€") if is_large else (1.0, "€")
    return words.say("range", low=figure(low / factor), high=f"{figure(high / factor)}{THIN_SPACE}{unit}")


def _cents(eur_per_kwh: float) -> str:
    return f"{figure(eur_per_kwh * _CENTS)}{THIN_SPACE}ct" if np.isfinite(eur_per_kwh) else MISSING


def _cents_range(row: pd.Series, words: Words) -> str:
    low, high = float(row["cost_p10_eur_per_kwh"]), float(row["cost_p90_eur_per_kwh"])
    if not np.isfinite([low, high]).all():
        return ""
    return words.say("range", low=figure(low * _CENTS), high=_cents(high))


def _saving(row: pd.Series) -> tuple[float, float, float]:
    return float(row["saving_p10_mwh"]), float(row["saving_p90_mwh"]), float(row["saving_mwh"])


def _row(name: str, what: str, row: pd.Series, words: Words) -> dict[str, str]:
    """Return one row of a table: a package, or a district."""
    checked = int(row["check_first_count"])
    return {
        "name": name,
        "what": what,
        "buildings": count(float(row["building_count"])),
        "check": words.say("ret_check", count=count(checked)) if checked else "",
        "saving": energy(float(row["saving_mwh"]) * 1e3),
        "saving_likely": short_range(*_saving(row), words),
        "share": percent(float(row["saving_share"])),
        "investment": money(float(row["investment_eur"])),
        "investment_likely": _money_range(row, words),
        "cost": _cents(float(row["cost_eur_per_kwh"])),
        "cost_likely": _cents_range(row, words),
        "payback": _payback(float(row["payback_years"]), words),
    }


def _payback(payback_years: float, words: Words) -> str:
    if not np.isfinite(payback_years):
        return MISSING
    return (
        words.say("ret_years", years=count(payback_years)) if payback_years < 100 else words.say("ret_never")
    )


@dataclass(frozen=True)
class Curve:
    """A line of steps from the cheapest saving to the dearest; positions from 0 to `CHART_WIDTH`."""

    points: str
    across: charts.Axis
    up: charts.Axis
    unit: str
    price: float | None


def cost_curve(curve: pd.DataFrame, price_eur_per_kwh: float) -> Curve | None:
    """Return the chart of saving and cost, or None where nothing is saved.

    Parameters
    ----------
    curve : DataFrame
        `saving_mwh` in rising order and the `cost_eur_per_kwh` there.
    price_eur_per_kwh : float
        Of heat, a line across; NaN for none.
    """
    saving, cost = (curve[name].to_numpy(dtype=float) for name in ("saving_mwh", "cost_eur_per_kwh"))
    if not len(saving) or saving[-1] <= 0:
        return None
    unit, factor = energy_unit(saving[-1] * 1e3)
    shown = cost[min(int(np.searchsorted(saving, SHOWN_SAVING_SHARE * saving[-1])), len(cost) - 1)]
    highest = max(shown, price_eur_per_kwh if np.isfinite(price_eur_per_kwh) else 0.0)
    across, up = charts.make_axis(saving[-1] * 1e3 / factor), charts.make_axis(highest * _CENTS)
    x = saving * 1e3 / factor / across.highest * charts.CHART_WIDTH
    y = charts.CHART_WIDTH * (1.0 - np.minimum(cost * _CENTS / up.highest, 1.0))
    starts = np.append(0.0, x[:-1])
    corners = np.column_stack([starts, y, x, y]).reshape(-1, 2)
    points = " ".join(f"{one:.1f},{two:.1f}" for one, two in corners)
    level = charts.CHART_WIDTH * (1.0 - price_eur_per_kwh * _CENTS / up.highest)
    return Curve(points, across, up, unit, round(float(level), 1) if np.isfinite(level) else None)


def _lead(best: pd.Series, assessment: Assessment, words: Words) -> list[str]:
    """Return what a council wants to know first, and how many buildings are left out."""
    status = assessment.buildings["retrofit_status"].astype(str).value_counts()
    protected = float(status.get("check_first", 0))
    low, high, middle = _saving(best)
    return [
        words.say(
            "ret_lead",
            buildings=count(float(best["building_count"])),
            saving=energy(middle * 1e3),
            likely=likely_energy(low, high, middle, words),
            share=percent(float(best["saving_share"])),
            investment=money(float(best["investment_eur"])),
            cost=_cents(float(best["cost_eur_per_kwh"])),
        ),
        words.say("ret_left_out", good=count(float(status.get("no_need", 0)))),
        *(words.say("ret_protected", protected=count(checked)) for checked in (protected,) if checked > 0),
    ]


def _cooling_sentence(city: pd.DataFrame, words: Words) -> str:
    """Say what the package that saves most does to cooling, where cooling was simulated."""
    most = city.loc[[str(city["saving_mwh"].astype(float).idxmax())]].iloc[0]
    now, later = (float(most.get(f"cooling_demand{part}_mwh", np.nan)) for part in ("", "_after"))
    if not np.isfinite([now, later]).all() or now <= 0:
        return ""
    return words.say(
        "ret_cooling",
        package=words.word("ret_name_", most.name),
        now=energy(now * 1e3),
        later=energy(later * 1e3),
    )


def _district_rows(assessment: Assessment, table: pd.DataFrame, words: Words) -> list[dict[str, str]]:
    best = table[(table["package"] == BEST) & (table["district_id"] != CITY) & (table["saving_mwh"] > 0)]
    ranked = best.sort_values(["saving_mwh", "district_id"], ascending=[False, True], kind="stable")
    names = assessment.districts.get("name", pd.Series(dtype=object))
    rows = []
    for number in range(len(ranked)):
        row = ranked.iloc[number]
        known = names.get(row["district_id"])
        name = (
            row["district_id"] if known is None or pd.isna(known) else clean_name(str(known), _LONGEST_NAME)
        )
        rows.append(_row(str(name), "", row, words))
    return rows


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without packages or without anything to save."""
    table = assessment.tables.get(TABLE)
    if table is None or table.empty:
        return None
    city = table[table["district_id"] == CITY].set_index("package")
    best = city.loc[[BEST]].iloc[0]
    if float(best["saving_mwh"]) <= 0:
        return None
    packages = [name for name in city.index if name != BEST]
    rows = [
        _row(words.word("ret_name_", name), words.sentences.get(f"ret_what_{name}", ""),
             city.loc[[name]].iloc[0], words)
        for name in (*packages, BEST)
    ]  # fmt: skip
    districts = _district_rows(assessment, table, words)
    price = float(city["heat_price_eur_per_kwh"].iloc[0])
    curve = cost_curve(
        assessment.tables.get(CURVE, pd.DataFrame(columns=["saving_mwh", "cost_eur_per_kwh"])), price
    )
    fans = float(city["fan_electricity_mwh"].max()) * 1e3
    values: dict[str, Any] = {
        "lead": _lead(best, assessment, words),
        "rows": rows,
        "districts": districts[:MOST_DISTRICTS_COUNT],
        "some": words.say("ret_some", count=count(MOST_DISTRICTS_COUNT), total=count(len(districts)))
        if len(districts) > MOST_DISTRICTS_COUNT
        else "",
        "curve": curve,
        "price": words.say("ret_price", price=_cents(price))
        if np.isfinite(price)
        else words.say("ret_no_price"),
        "has_payback": bool(np.isfinite(price)),
        "year": str(int(city["price_year"].iloc[0])),
        "fans": words.say("ret_fans", power=energy(fans)) if fans > 0 else "",
        "cooling": _cooling_sentence(city, words),
        "figure": figure,
    }
    title = words.say("ret_title", saving=energy(float(best["saving_mwh"]) * 1e3))
    return render_section(NAME, title, words, **values)
