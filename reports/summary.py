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
from reports.city_themes import add_lighthouse_group
from reports.inputs import Assessment
from reports.key_numbers import HEAT, SOLAR, key_numbers, number_in
from reports.likely import short_range
from reports.offline import ASSETS, POLICY_PLACE, with_policy
from reports.page_data import lighthouse_data, reason_list, rules_title
from reports.sections import AFTER_DISTRICT_HEATING, AFTER_DISTRICTS, BEFORE_KNOWN, make_sections, part_of
from reports.sections.section import Section, templates
from reports.statements import (
    assessed_sentence,
    constant_references,
    data_references,
    likeness_sentence,
    note_sentence,
    sentence,
)
from reports.words import Words, count, energy, figure, percent, read_words, whole_options

# from known to assumed: darker is surer, as in the map's theme
ORIGIN_COLOURS: Final = dict(
    zip(ORIGINS, ("#174f63", "#3d7382", "#86aeb5", "#e9c98f", "#d9a65f"), strict=True)
)
# how facts write that a number has no unit
_UNWRITTEN: Final = {"-": "", "1": ""}
# districts shown at once in a chart or a list; the others can be opened
MOST_SHOWN_COUNT: Final = 24


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


def _district_row(district_id: str, row: pd.Series, assessment: Assessment, words: Words) -> DistrictRow:
    def text(name: str, longest: int = 600) -> str:
        value = row.get(name)
        return "" if value is None or pd.isna(value) else clean_name(str(value), longest)

    heat, solar = number_in(row, "heat_demand_mwh"), number_in(row, "pv_calibrated_mwh")
    group = text("lighthouse_group")
    nearest = lighthouse_data(
        text("nearest_lighthouse_id") or text("lighthouse_id") or None, assessment.lighthouses
    )
    network = text("district_heating_class")
    likeness = likeness_sentence(
        text("similarity_class"), number_in(row, "similarity_share"), number_in(row, "coverage_share"), words
    )
    is_alike = group not in ("", "none")
    named = (
        ", ".join(dict.fromkeys(part for part in (nearest["name"], nearest["city"]) if part))
        if nearest
        else ""
    )
    return DistrictRow(
        name=text("name", 120) or district_id,
        buildings=count(number_in(row, "building_count"))
        if np.isfinite(number_in(row, "building_count"))
        else "–",
        heat=energy(heat * 1e3),
        heat_likely=short_range(number_in(row, HEAT[1]), number_in(row, HEAT[2]), heat, words),
        density=figure(number_in(row, "heat_density_mwh_per_ha")),
        linear=figure(number_in(row, "linear_heat_density_mwh_per_m")),
        solar=energy(solar * 1e3),
        solar_likely=short_range(number_in(row, SOLAR[1]), number_in(row, SOLAR[2]), solar, words),
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
    columns = [districts.get(name, pd.Series(np.nan, index=districts.index)).astype(float) for name in HEAT]
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
        heat=energy(number_in(dict(totals), "heat_demand_mwh") * 1e3),
        solar=energy(number_in(dict(totals), "pv_calibrated_mwh") * 1e3),
    )


def contents(sections: list[Section], words: Words) -> list[tuple[str, str]]:
    """Return the places of the page in their order, each with a short title."""
    parts: dict[str, list[str]] = {AFTER_DISTRICTS: [], AFTER_DISTRICT_HEATING: [], BEFORE_KNOWN: []}
    headings = {section.name: section.heading for section in sections}
    for section in sections:
        parts[part_of(section)].append(section.name)
    names = [
        "districts", *parts[AFTER_DISTRICTS], "district-heating", *parts[AFTER_DISTRICT_HEATING],
        "lighthouses", *parts[BEFORE_KNOWN], "known", "sources", "annex",
    ]  # fmt: skip
    return [(name, words.sentences.get(f"sum_to_{name}", headings.get(name, name))) for name in names]


def make_summary(assessment: Assessment, *, language: str = "en") -> str:
    """Return the summary as the text of one page."""
    words = read_words(language)
    districts = _ranked(assessment)
    rows = [_district_row(str(name), districts.loc[name], assessment, words) for name in districts.index]
    sections = make_sections(assessment, words)
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
        sections=sections,
        part_of=part_of,
        contents=contents(sections, words),
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
    return with_policy(whole_options(page.replace("\r", "")))


def write_summary(assessment: Assessment, path: Path) -> None:
    """Write a city's summary as one self-contained page.

    Parameters
    ----------
    assessment : Assessment
    path : Path
        File to write.
    """
    path.write_text(make_summary(assessment), encoding="utf-8", newline="\n")
