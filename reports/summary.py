"""Write a city's summary: its numbers with ranges, its districts, what is assumed, what it rests on.

One page without scripts, readable on a screen and on paper. Every number has its unit, every
calculated total its range, every estimate is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from layers.core.contracts import ORIGINS
from layers.core.facts import Fact
from layers.core.text import clean_name
from reports import charts, palettes
from reports.borders import border_text
from reports.city_themes import DENSE_STREET_MWH_PER_M, add_lighthouse_group
from reports.inputs import Assessment
from reports.likely import likely_energy, short_range
from reports.offline import ASSETS, POLICY_PLACE, with_policy
from reports.page_data import lighthouse_data, reason_list, rules_title
from reports.sections import make_sections
from reports.sections.section import templates
from reports.statements import (
    assessed_sentence,
    constant_references,
    data_references,
    likeness_sentence,
    note_sentence,
    sentence,
)
from reports.words import Words, count, energy, energy_unit, figure, percent, quantity, read_words

# from known to assumed: darker is surer, as in the map's theme
ORIGIN_COLOURS: Final = dict(
    zip(ORIGINS, ("#174f63", "#3d7382", "#86aeb5", "#e9c98f", "#d9a65f"), strict=True)
)
# how facts write that a number has no unit
_UNWRITTEN: Final = {"-": "", "1": ""}
# districts shown at once in a chart or a list; the others can be opened
MOST_SHOWN_COUNT: Final = 24
_HEAT: Final = ("heat_demand_mwh", "heat_demand_p10_mwh", "heat_demand_p90_mwh")
_SOLAR: Final = ("pv_calibrated_mwh", "pv_calibrated_p10_mwh", "pv_calibrated_p90_mwh")


@dataclass(frozen=True)
class KeyNumber:
    """One of the large numbers at the top."""

    value: str
    unit: str
    meaning: str
    likely: str


@dataclass(frozen=True)
class DistrictRow:
    """One district as the tables of the page show it."""

    name: str
    buildings: str
    heat: str
    heat_likely: str
    density: str
    linear: str
    solar: str
    solar_likely: str
    network: str
    network_colour: str
    network_reason: str
    lighthouse: str
    nearest: str
    likeness: str
    note: str
    alike: list[str]
    different: list[str]
    border: str


def _number(row: pd.Series | dict[str, float], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _energy_number(
    totals: dict[str, float], names: tuple[str, str, str], meaning: str, words: Words
) -> KeyNumber:
    middle, low, high = (_number(totals, name) for name in names)
    unit, factor = energy_unit(0.0 if np.isnan(middle) else middle * 1e3)
    return KeyNumber(
        figure(middle * 1e3 / factor),
        words.say("per_year", unit=unit),
        meaning,
        likely_energy(low, high, middle, words),
    )


def key_numbers(assessment: Assessment, words: Words) -> list[KeyNumber]:
    """Return the city's numbers: heat, heat per m², roofs, streets worth a network."""
    totals = dict(assessment.totals)
    numbers = [_energy_number(totals, _HEAT, words.say("heat_demand"), words)]
    heat, area = _number(totals, "heat_demand_mwh"), _number(totals, "heated_floor_area_m2")
    if area > 0:
        low, high = (_number(totals, name) * 1e3 / area for name in _HEAT[1:])
        on_area = words.say("sum_floor_area", area=quantity(area / 1e4, "ha"))
        if np.isfinite([low, high]).all():
            likely = words.say("likely", low=figure(low), high=figure(high))
            on_area = words.say("sum_likely_on", likely=likely, area=on_area)
        numbers.append(
            KeyNumber(figure(heat * 1e3 / area), words.say("unit_kwh_m2"), words.say("sum_per_area"), on_area)
        )
    if np.isfinite(_number(totals, "pv_calibrated_mwh")):
        numbers.append(_energy_number(totals, _SOLAR, words.say("sum_solar"), words))
    streets = assessment.streets
    if {"linear_heat_density_mwh_per_m", "length_m"} <= set(streets.columns):
        is_dense = streets["linear_heat_density_mwh_per_m"] >= DENSE_STREET_MWH_PER_M
        dense_km = streets["length_m"].where(is_dense).sum() / 1e3
        served_km = totals.get("served_street_length_m", float(streets["length_m"].sum())) / 1e3
        numbers.append(
            KeyNumber(
                figure(dense_km),
                "km",
                words.say("sum_dense_streets", value=figure(DENSE_STREET_MWH_PER_M)),
                words.say("sum_all_streets", length=quantity(served_km, "km")),
            )
        )
    return numbers


def _district_row(district_id: str, row: pd.Series, assessment: Assessment, words: Words) -> DistrictRow:
    def text(name: str, longest: int = 600) -> str:
        value = row.get(name)
        return "" if value is None or pd.isna(value) else clean_name(str(value), longest)

    heat, solar = _number(row, "heat_demand_mwh"), _number(row, "pv_calibrated_mwh")
    group = text("lighthouse_group")
    nearest = lighthouse_data(
        text("nearest_lighthouse_id") or text("lighthouse_id") or None, assessment.lighthouses
    )
    network = text("district_heating_class")
    likeness = likeness_sentence(
        text("similarity_class"), _number(row, "similarity_share"), _number(row, "coverage_share"), words
    )
    is_alike = group not in ("", "none")
    named = (
        ", ".join(dict.fromkeys(part for part in (nearest["name"], nearest["city"]) if part))
        if nearest
        else ""
    )
    return DistrictRow(
        name=text("name", 120) or district_id,
        buildings=count(_number(row, "building_count"))
        if np.isfinite(_number(row, "building_count"))
        else "–",
        heat=energy(heat * 1e3),
        heat_likely=short_range(_number(row, _HEAT[1]), _number(row, _HEAT[2]), heat, words),
        density=figure(_number(row, "heat_density_mwh_per_ha")),
        linear=figure(_number(row, "linear_heat_density_mwh_per_m")),
        solar=energy(solar * 1e3),
        solar_likely=short_range(_number(row, _SOLAR[1]), _number(row, _SOLAR[2]), solar, words),
        network=words.word("network_", network) if network else "",
        network_colour=palettes.SUITABILITY.get(network, palettes.NOTHING_ALIKE),
        network_reason=sentence(text("district_heating_reason")),
        lighthouse=named if is_alike else words.say("no_analogue"),
        likeness=likeness,
        nearest="" if is_alike or not named else words.say("nearest_anyway", name=named),
        note=note_sentence(row.to_dict()),
        alike=reason_list(row.get("reasons_alike")),
        different=reason_list(row.get("reasons_different")),
        border=border_text(row.get("border_origin"), row.get("stability_share"), words),
    )


def _ranked(assessment: Assessment) -> pd.DataFrame:
    districts = pd.DataFrame(add_lighthouse_group(assessment.districts).drop(columns="geometry"))
    by = next(
        (name for name in ("heat_density_mwh_per_ha", "heat_demand_mwh") if name in districts.columns), None
    )
    return districts.sort_values(by, ascending=False, kind="stable") if by else districts


def _heat_chart(districts: pd.DataFrame, rows: list[DistrictRow]) -> dict[str, Any]:
    """Return the bars of heat per hectare, with the range of the district's demand on its area."""
    columns = [districts.get(name, pd.Series(np.nan, index=districts.index)).astype(float) for name in _HEAT]
    area = districts.get("area_ha", pd.Series(np.nan, index=districts.index)).astype(float)
    middle, low, high = ((column / area.where(area > 0)).tolist() for column in columns)
    few = slice(MOST_SHOWN_COUNT)
    bars, axis = charts.range_bars([row.name for row in rows][few], middle[few], low[few], high[few])
    return {"bars": bars, "axis": axis}


def _origin_rows(origins: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    rows = []
    for attribute in origins.index:
        shares = {name: float(origins.loc[attribute].get(name, 0.0) or 0.0) for name in ORIGINS}
        pieces = charts.share_pieces(shares)
        text = ", ".join(f"{words.say('origin_' + piece.name)} {percent(piece.share)}" for piece in pieces)
        rows.append({"name": words.word("attribute_", attribute), "pieces": pieces, "text": text})
    return rows


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _estimates(facts: tuple[Fact, ...]) -> list[dict[str, str]]:
    found = sorted((fact for fact in facts if fact.is_estimate), key=lambda fact: (fact.subject, fact.id))
    return [
        {
            "name": clean_name(fact.parameter),
            "value": f"{_plain(fact.value)} {_UNWRITTEN.get(fact.unit, fact.unit)}".strip(),
            "range": f"{_plain(fact.low)} to {_plain(fact.high)}"
            if fact.low is not None and fact.high is not None
            else "",
            "reason": clean_name(fact.note, 400),
        }
        for fact in found
    ]


def _title(assessment: Assessment, words: Words) -> str:
    totals = assessment.totals
    return words.say(
        "sum_title",
        city=clean_name(assessment.title),
        heat=energy(_number(dict(totals), "heat_demand_mwh") * 1e3),
        solar=energy(_number(dict(totals), "pv_calibrated_mwh") * 1e3),
    )


def make_summary(assessment: Assessment, *, language: str = "en") -> str:
    """Return the summary as the text of one page."""
    words = read_words(language)
    districts = _ranked(assessment)
    rows = [_district_row(str(name), districts.loc[name], assessment, words) for name in districts.index]
    template = templates().get_template("summary.html.j2")
    page = template.render(
        place=POLICY_PLACE,
        language=language,
        style=(ASSETS / "summary.css").read_text(encoding="utf-8"),
        say=words.say,
        title=_title(assessment, words),
        city=clean_name(assessment.title),
        subtitle=sentence(assessment.subtitle, 200),
        assessed=assessed_sentence(assessment, words),
        numbers=key_numbers(assessment, words),
        rows=rows,
        chart=_heat_chart(districts, rows),
        chart_width=charts.CHART_WIDTH,
        sections=make_sections(assessment, words),
        figure=figure,
        count=count,
        statements=[sentence(text) for text in assessment.statements.values()],
        notes=[(sentence(note.text, 400), note.count) for note in assessment.notes],
        origins=_origin_rows(assessment.origins, words),
        origin_colours=ORIGIN_COLOURS,
        estimates=_estimates(assessment.facts_used),
        facts_count=len(assessment.facts_used),
        datasets=data_references(assessment),
        references=constant_references(assessment),
        sentence=sentence,
        sources=assessment.sources,
        clean=clean_name,
        climate=sentence(assessment.climate.origin),
        rules=rules_title(assessment.rules_name),
        most=MOST_SHOWN_COUNT,
        version=assessment.version,
        dates=", ".join(
            dict.fromkeys(clean_name(source.date) for source in assessment.sources if source.date)
        ),
    )
    return with_policy(page.replace("\r", ""))


def write_summary(assessment: Assessment, path: Path) -> None:
    """Write a city's summary as one self-contained page.

    Parameters
    ----------
    assessment : Assessment
    path : Path
        File to write.
    """
    path.write_text(make_summary(assessment), encoding="utf-8", newline="\n")
