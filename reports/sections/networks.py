"""Candidate heat networks: what their heat would cost beside heat pumps and gas, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers.core.text import clean_name
from reports import charts
from reports.inputs import Assessment
from reports.sections.section import Section, render_section
from reports.words import MISSING, Words, count, figure, percent, quantity

NAME = "networks"
MOST_BARS_COUNT = 12
_LONGEST_NAME = 60
SUPPLIES = ("network", "air_pump", "ground_pump", "gas")
# the class of districts that a network of today probably serves
SERVED = "probably_served"
# no source: the plant takes heat from outdoor air
_AIR = "air"
# sources whose heat has no price that is known
_PLACES = ("given", "heating_plant")
# a draw-by-draw victory of this share is a clear one
_CLEAR_SHARE = 0.8


@dataclass(frozen=True)
class PriceLine:
    """One way of supply in one district: where its price lies on the scale."""

    supply: str
    at: float
    low: float
    high: float
    text: str


def _number(row: pd.Series, name: str) -> float:
    found = row.get(name)
    return float("nan") if found is None or pd.isna(found) else float(found)


def _price(row: pd.Series, supply: str, words: Words) -> tuple[str, str]:
    """Return the price and its range, as a table shows them."""
    middle, low, high = (_number(row, f"{supply}_heat{part}_eur_per_mwh") for part in ("", "_p10", "_p90"))
    if not np.isfinite(middle):
        return MISSING, ""
    return figure(middle), words.say("range", low=figure(low), high=figure(high))


def price_lines(row: pd.Series, highest: float, words: Words) -> list[PriceLine]:
    """Return the ways of supply of one district on a scale from zero to `highest`."""
    lines = []
    for supply in SUPPLIES:
        numbers = [_number(row, f"{supply}_heat{part}_eur_per_mwh") for part in ("", "_p10", "_p90")]
        if np.isfinite(numbers).all():
            at, low, high = (round(number / highest * charts.CHART_WIDTH, 1) for number in numbers)
            lines.append(PriceLine(supply, at, low, high, ": ".join(_price(row, supply, words))))
    return lines


def verdict(row: pd.Series, words: Words) -> str:
    """Return the sentence that says which way is cheaper, and how sure that is."""
    wins = _number(row, "network_wins_share")
    needed = _number(row, "network_break_even_mwh_per_m")
    here = _number(row, "network_linear_heat_density_mwh_per_m")
    if not np.isfinite(wins):
        return words.say("net_none")
    if wins >= _CLEAR_SHARE:
        key = "net_clear"
    elif wins <= 1.0 - _CLEAR_SHARE:
        key = "net_dear"
    else:
        key = "net_open"
    said = words.say(key, share=percent(wins))
    if row.get("district_heating_class") == SERVED:
        said = f"{words.say('net_served')} {said}"
    if np.isfinite(needed):
        said += " " + words.say("net_break_even", needed=figure(needed), here=figure(here))
    return said


def source_sentence(row: pd.Series, words: Words) -> str:
    """Return what the network takes its heat from, or which candidate does not pay its trench."""
    if not np.isfinite(_number(row, "network_trench_m")):
        return ""
    chosen, best = row.get("network_source_kind"), row.get("heat_source_kind")
    if isinstance(chosen, str) and chosen != _AIR:
        share = _number(row, "network_source_share")
        key = "net_source_place" if chosen in _PLACES else "net_source"
        return words.say(
            key, source=_source_name(row, chosen, words), share=percent(share),
            length=quantity(_number(row, "network_feed_in_m"), "m"),
        )  # fmt: skip
    if not isinstance(best, str):
        return words.say("net_source_none")
    return words.say(
        "net_source_air", source=_source_name(row, best, words),
        length=quantity(_number(row, "heat_source_distance_m"), "m"),
        heat=quantity(_number(row, "heat_source_mwh"), "MWh"),
    )  # fmt: skip


def _source_name(row: pd.Series, kind: str, words: Words) -> str:
    """Return the kind of a source in words, with the name that the map has for it."""
    said, name = words.say(f"net_kind_{kind}"), row.get("heat_source_name")
    if row.get("heat_source_kind") != kind or not isinstance(name, str):
        return said
    clean = clean_name(name, _LONGEST_NAME)
    return f"{said} ({clean})" if clean else said


def _row(name: str, row: pd.Series, words: Words) -> dict[str, Any]:
    has = np.isfinite(_number(row, "network_trench_m"))
    gap = _number(row, "network_trench_gap_share")
    return {
        "name": name,
        "verdict": " ".join(filter(None, (verdict(row, words), source_sentence(row, words)))),
        "consumers": count(_number(row, "network_consumer_count")) if has else MISSING,
        "trench": quantity(_number(row, "network_trench_m") / 1e3, "km") if has else MISSING,
        "gap": words.say("net_gap", share=percent(gap)) if has else "",
        "density": figure(_number(row, "network_linear_heat_density_mwh_per_m")),
        "loss": percent(_number(row, "network_loss_share")) if has else MISSING,
        "network": _price(row, "network", words),
        "pump": _price(row, "air_pump", words),
        "worth": words.say(
            "net_worth",
            count=count(_number(row, "network_worth_building_count")),
            length=quantity(_number(row, "network_worth_trench_m") / 1e3, "km"),
        )
        if _number(row, "network_worth_building_count") > 0
        else words.say("net_worth_none"),
    }


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without candidate networks."""
    districts = assessment.districts
    if "network_heat_eur_per_mwh" not in districts.columns:
        return None
    ranked = districts.sort_values("heat_demand_mwh", ascending=False, kind="stable")
    names = [clean_name(str(name), _LONGEST_NAME) or "" for name in ranked["name"]]
    records = [ranked.loc[district_id] for district_id in ranked.index]
    drawn = [
        (name, record)
        for name, record in zip(names, records, strict=True)
        if np.isfinite(_number(record, "network_heat_eur_per_mwh"))
    ]
    shown = drawn[:MOST_BARS_COUNT]
    ends = [_number(record, f"{supply}_heat_p90_eur_per_mwh") for _, record in shown for supply in SUPPLIES]
    axis = charts.make_axis(max((end for end in ends if np.isfinite(end)), default=0.0))
    return render_section(
        NAME,
        words.say("net_title"),
        words,
        lines=[(name, price_lines(record, axis.highest, words)) for name, record in shown],
        axis=axis,
        supplies=[
            (supply, words.say(f"net_{supply}"))
            for supply in SUPPLIES
            if any(np.isfinite(_number(record, f"{supply}_heat_eur_per_mwh")) for _, record in drawn)
        ],
        rows=[_row(name, record, words) for name, record in zip(names, records, strict=True)],
        some=words.say("net_some", count=count(len(shown)), total=count(len(drawn)))
        if len(drawn) > len(shown)
        else "",
        figure=figure,
    )
