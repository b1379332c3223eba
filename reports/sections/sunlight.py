"""Energy from the sun: what is possible, what pays, when it comes, how sure it is, what heat could come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from reports import charts
from reports.inputs import Assessment
from reports.likely import likely_energy
from reports.sections.section import Section, render_section
from reports.words import Words, count, energy, figure, percent

NAME: Final = "sunlight"
CITY: Final = "city"
MONTHLY, RANGES, SIZES, COSTS = "solar_monthly", "solar_ranges", "solar_sizes", "solar_costs"
PRICES, HEAT = "solar_prices", "solar_thermal"
KWH_PER_MWH: Final = 1000.0
CENT_PER_EUR: Final = 100.0
MOST_COST_ROWS: Final = 10
MOST_DISTRICTS: Final = 24
CAUSES: Final = ("weather", "roof", "area", "all")
_LONGEST_NAME: Final = 60


def _value(row: Mapping[Any, Any] | pd.Series, name: str) -> float:
    found = row.get(name)
    return float("nan") if found is None or pd.isna(found) else float(found)


def _numbers(totals: Mapping[str, float], words: Words) -> list[dict[str, str]]:
    """Return technical, calibrated and economic potential with their ranges."""
    made = []
    for kind in ("technical", "calibrated", "economic"):
        middle, low, high = (_value(totals, f"pv_{kind}{part}_mwh") for part in ("", "_p10", "_p90"))
        if not np.isfinite(middle):
            continue
        power = _value(totals, f"pv_{kind}_kwp")
        made.append(
            {
                "value": energy(middle * KWH_PER_MWH),
                "meaning": words.say(f"sol_{kind}"),
                "likely": likely_energy(low, high, middle, words),
                "power": words.say("sol_power", power=figure(power / 1e3)) if np.isfinite(power) else "",
            }
        )
    return made


def _months(table: pd.DataFrame, words: Words) -> tuple[list[charts.RangeBar], charts.Axis]:
    city = table[table["district_id"] == CITY].sort_values("month_count", kind="stable")
    names = [words.say(f"sol_month_{int(month)}") for month in city["month_count"]]
    values = (city["pv_calibrated_mwh"].astype(float) / KWH_PER_MWH).tolist()
    gaps = [float("nan")] * len(values)
    return charts.range_bars(names, values, gaps, gaps)


def _causes(table: pd.DataFrame, words: Words) -> tuple[list[charts.RangeBar], charts.Axis]:
    """Return how far each cause alone moves the city's sum, in percent of the expected value."""
    city = table[table["district_id"] == CITY].set_index("cause")
    known = city.loc[[cause for cause in CAUSES if cause in city.index]]
    low, high = ((known[f"{end}_ratio"].astype(float) * 100.0).tolist() for end in ("p10", "p90"))
    names = [words.say(f"sol_cause_{cause}") for cause in known.index]
    return charts.range_bars(names, [0.0] * len(known), low, high)


def _costs(table: pd.DataFrame, words: Words) -> tuple[list[dict[str, Any]], charts.Axis]:
    """Return the yield by cost in cents, all above the last row in one, and the part that pays."""
    head, tail = table.iloc[:MOST_COST_ROWS], table.iloc[MOST_COST_ROWS:]
    rows = [
        (
            words.say("sol_cents", low=figure(row["pv_lcoe_from_eur_per_kwh"] * CENT_PER_EUR),
                      high=figure(row["pv_lcoe_from_eur_per_kwh"] * CENT_PER_EUR + 1.0)),
            float(row["pv_calibrated_mwh"]), float(row["pv_economic_mwh"]),
        )
        for _, row in head.to_dict("index").items()
    ]  # fmt: skip
    if len(tail):
        first = figure(float(tail["pv_lcoe_from_eur_per_kwh"].iloc[0]) * CENT_PER_EUR)
        sums = (float(tail["pv_calibrated_mwh"].sum()), float(tail["pv_economic_mwh"].sum()))
        rows.append((words.say("sol_cents_more", low=first), *sums))
    gaps = [float("nan")] * len(rows)
    bars, axis = charts.range_bars(
        [name for name, _, _ in rows], [whole / KWH_PER_MWH for _, whole, _ in rows], gaps, gaps
    )
    pays = [pay / KWH_PER_MWH / axis.highest * charts.CHART_WIDTH for _, _, pay in rows]
    return [{"bar": bar, "pays": round(pay, 2)} for bar, pay in zip(bars, pays, strict=True)], axis


def _sizes(table: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "name": str(row["size"]),
            "roofs": count(float(row["roof_count"])),
            "energy": energy(float(row["pv_calibrated_mwh"]) * KWH_PER_MWH),
            "cost": figure(float(row["pv_lcoe_eur_per_kwh"]) * CENT_PER_EUR),
            "pays": energy(float(row["pv_economic_mwh"]) * KWH_PER_MWH),
        }
        for row in table.to_dict("records")
    ]


def _prices(table: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {name: clean_name(str(row[name]), 200) for name in ("parameter", "unit", "period", "source", "note")}
        | {"found": figure(float(row["found"]))}
        for row in table.to_dict("records")
    ]


def _heat(table: pd.DataFrame, districts: pd.DataFrame, words: Words) -> list[dict[str, str]]:
    """Return solar heat of the city and of its districts, those with the most roof heat first."""
    city = table["district_id"] == CITY
    ranked = table[~city].sort_values("roof_heat_mwh", ascending=False, kind="stable").iloc[:MOST_DISTRICTS]
    names = districts["name"] if "name" in districts.columns else pd.Series(dtype=object)

    def name(label: str) -> str:
        if label == CITY:
            return words.say("sol_city")
        found = names.get(label)
        return label if found is None or pd.isna(found) else clean_name(str(found), _LONGEST_NAME)

    return [
        {
            "name": name(str(row["district_id"])),
            "roofs": energy(float(row["roof_heat_mwh"]) * KWH_PER_MWH),
            "water": percent(float(row["hot_water_share"])),
            "lost": energy(float(row["roof_electricity_lost_mwh"]) * KWH_PER_MWH),
            "land": figure(float(row["field_land_ha"])),
            "fields": energy(float(row["field_used_mwh"]) * KWH_PER_MWH),
            "share": percent(float(row["field_heat_share"])),
        }
        for row in pd.concat([table[city], ranked]).to_dict("records")
    ]


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without solar tables."""
    tables = assessment.tables
    if not {MONTHLY, RANGES, SIZES, COSTS, PRICES, HEAT} <= set(tables):
        return None
    if float(assessment.totals.get("pv_calibrated_mwh", 0.0)) <= 0.0:
        return None
    months, month_axis = _months(tables[MONTHLY], words)
    causes, cause_axis = _causes(tables[RANGES], words)
    costs, cost_axis = _costs(tables[COSTS], words)
    return render_section(
        NAME,
        words.say("sol_title"),
        words,
        numbers=_numbers(dict(assessment.totals), words),
        months=months,
        month_axis=month_axis,
        causes=causes,
        cause_axis=cause_axis,
        costs=costs,
        cost_axis=cost_axis,
        sizes=_sizes(tables[SIZES]),
        prices=_prices(tables[PRICES]),
        heat=_heat(tables[HEAT], assessment.districts, words),
        figure=figure,
    )
