"""How the roofs are known: measured, mapped or guessed, and what stands in their way."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from reports.inputs import Assessment
from reports.sections.section import Section, render_section
from reports.words import Words, count, energy, percent

NAME: Final = "roofs"
TABLE: Final = "roof_methods"
MEASURED_HORIZON: Final = "measured"
_KWH_PER_MWH: Final = 1000.0


def _row(row: pd.Series, words: Words) -> dict[str, str]:
    return {
        "name": words.word("roof_by_", str(row["roof_method"]).replace(" ", "_").lower()),
        "what": words.word("roof_what_", str(row["roof_method"]).replace(" ", "_").lower()),
        "roofs": count(float(row["building_count"])),
        "share": percent(float(row["roof_area_share"])),
        "power": energy(float(row["pv_calibrated_mwh"]) * _KWH_PER_MWH),
    }


def _facts(buildings: pd.DataFrame, words: Words) -> list[str]:
    """Return what else is known of the roofs, as far as it is anything."""
    found = []
    seen = int((buildings["horizon_origin"].astype(str) == MEASURED_HORIZON).sum())
    if seen:
        found.append(words.say("roof_seen", count=count(float(seen)), total=count(float(len(buildings)))))
    standing = int((buildings["pv_existing_kwp"] > 0).sum())
    if standing:
        power = count(float(buildings["pv_existing_kwp"].sum()))
        found.append(words.say("roof_standing", count=count(float(standing)), power=power))
    check_kwh = float(buildings["pv_check_first_kwh"].sum())
    if check_kwh > 0:
        found.append(words.say("roof_listed", power=energy(check_kwh)))
    return found


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without roofs."""
    table = assessment.tables.get(TABLE)
    if table is None or table.empty:
        return None
    known = float(table.loc[table["roof_origin"].isin(["measured", "tagged"]), "roof_area_share"].sum())
    values: dict[str, Any] = {
        "rows": [_row(table.loc[label], words) for label in table.index],
        "facts": _facts(assessment.buildings, words),
    }
    return render_section(NAME, words.say("roof_title", share=percent(known)), words, **values)
