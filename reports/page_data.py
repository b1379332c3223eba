"""What the map's scripts are told: themes, districts, labels, sources; numbers rounded, texts cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.crs import GEOGRAPHIC, to_crs
from layers.core.text import clean_name
from layers.district_heating import read_rules, rule_names
from replication.network import read_cities
from reports.borders import border_texts
from reports.city_themes import NO_ANALOGUE, CityThemes
from reports.inputs import Assessment
from reports.statements import (
    assessed_sentence,
    data_references,
    left_out,
    likeness_sentence,
    note_sentence,
    sentence,
)
from reports.themes import Theme
from reports.words import Words, count

_PLACE_DECIMALS: Final = 5
_DISTRICT_NUMBERS: Final = {
    "area_ha": "area", "building_count": "buildings", "heated_floor_area_m2": "floorArea",
    "heat_demand_mwh": "heat", "heat_demand_p10_mwh": "heatLow", "heat_demand_p90_mwh": "heatHigh",
    "heat_density_mwh_per_ha": "heatDensity", "linear_heat_density_mwh_per_m": "linearDensity",
    "pv_calibrated_mwh": "solar", "pv_calibrated_p10_mwh": "solarLow", "pv_calibrated_p90_mwh": "solarHigh",
    "electricity_demand_mwh": "power", "electricity_demand_p10_mwh": "powerLow",
    "electricity_demand_p90_mwh": "powerHigh",
    "cooling_demand_mwh": "cold", "cooling_demand_p10_mwh": "coldLow", "cooling_demand_p90_mwh": "coldHigh",
    "largest_heat_kw": "peak", "largest_heat_p10_kw": "peakLow", "largest_heat_p90_kw": "peakHigh",
    "network_heat_eur_per_mwh": "networkPrice", "network_heat_p10_eur_per_mwh": "networkPriceLow",
    "network_heat_p90_eur_per_mwh": "networkPriceHigh", "network_wins_share": "networkWins",
}  # fmt: skip
_PUMPS: Final = ("air_pump", "ground_pump")
# of the best packages: saving, and cost in cents, with their ranges
_RETROFIT_NUMBERS: Final = {
    "saving_mwh": "saving", "saving_p10_mwh": "savingLow", "saving_p90_mwh": "savingHigh",
    "cost_eur_per_kwh": "savingPrice", "cost_p10_eur_per_kwh": "savingPriceLow",
    "cost_p90_eur_per_kwh": "savingPriceHigh",
}  # fmt: skip
# words that only the pages without scripts say
_WORDS_ELSEWHERE: Final = (
    "sum_", "qua_", "pow_", "roof_by_", "roof_what_", "hou_", "ret_", "net_", "cal_", "sens_", "sol_",
    "theme_", "finding_",
)  # fmt: skip
_WORDS_OF_CARDS: Final = ("ret_name_",)
_DISTRICT_TEXTS: Final = {"name": "name", "district_heating_class": "networkClass"}
_NOTE_COLUMNS: Final = ("similarity_note", "tied_lighthouse_ids", "nearest_lighthouse_id")
# places from the broadest to the smallest: broad ones are labelled first
_PLACE_RANKS: Final = ("town", "suburb", "quarter", "village", "neighbourhood", "hamlet")


def rounded(value: object) -> float | int | None:
    """Return a number with eight figures, or None: the page rounds once, as the summary does."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    number = float(value)  # type: ignore[arg-type]
    return None if not np.isfinite(number) else float(f"{number:.8g}")


def reason_list(value: object) -> list[str]:
    """Return reasons as a list of clean sentences, from a list or from text with separators.

    Examples
    --------
    >>> reason_list("same age; same storeys"), reason_list(["a"]), reason_list(None)
    (['same age', 'same storeys'], ['a'], [])
    """
    if isinstance(value, str):
        pieces: Iterable[object] = re.split(r"\s*[;\n|]\s*", value)
    elif isinstance(value, (list, tuple, np.ndarray)):
        pieces = value
    else:
        return []
    cleaned = (sentence(str(piece), 400) for piece in pieces)
    return [text for text in cleaned if text]


def theme_data(theme: Theme, finding: str) -> dict[str, Any]:
    """Return a theme as the scripts read it."""
    return {
        "id": theme.id, "group": theme.group, "title": theme.title, "unit": theme.unit, "table": theme.table,
        "column": theme.column, "breaks": list(theme.breaks), "categories": list(theme.categories),
        "classes": [
            {"label": clean_name(each.label), "colour": each.colour, "width": each.width_px}
            for each in theme.classes
        ],
        "missing": {"label": theme.missing.label, "colour": theme.missing.colour},
        "note": theme.note, "finding": finding,
    }  # fmt: skip


def _texts(table: pd.DataFrame, column: str) -> list[str | None]:
    if column not in table.columns:
        return [None] * len(table)
    return [None if pd.isna(value) else clean_name(str(value), 600) for value in table[column]]


def _lists(table: pd.DataFrame, column: str) -> list[list[str]]:
    if column not in table.columns:
        return [[] for _ in range(len(table))]
    return [reason_list(value) for value in table[column]]


def _likeness(districts: pd.DataFrame, words: Words) -> list[str]:
    nothing = pd.Series(np.nan, index=districts.index)
    similarity, coverage = (
        districts.get(name, nothing).to_numpy(dtype=float, na_value=np.nan).tolist()
        for name in ("similarity_share", "coverage_share")
    )
    classes = [name or "" for name in _texts(districts, "similarity_class")]
    return [
        likeness_sentence(name, alike, compared, words)
        for name, alike, compared in zip(classes, similarity, coverage, strict=True)
    ]


def _pump_prices(districts: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the price of heat of the cheaper kind of heat pump in each district, with its range."""
    kinds = [kind for kind in _PUMPS if f"{kind}_heat_eur_per_mwh" in districts.columns]
    if not kinds:
        return {}
    prices = districts[[f"{kind}_heat_eur_per_mwh" for kind in kinds]].to_numpy(dtype=float)
    cheapest = np.argmin(np.where(np.isnan(prices), np.inf, prices), axis=1)
    rows = np.arange(len(districts))
    found = {}
    for part, name in (("", "pumpPrice"), ("_p10", "pumpPriceLow"), ("_p90", "pumpPriceHigh")):
        columns = [f"{kind}_heat{part}_eur_per_mwh" for kind in kinds]
        values = districts.reindex(columns=columns).to_numpy(dtype=float)[rows, cheapest]
        found[name] = [rounded(value) for value in values]
    return found


def _retrofit_numbers(districts: pd.DataFrame, retrofit: pd.DataFrame | None) -> dict[str, list[Any]]:
    """Return what the best package for each building saves in each district, and at which cost."""
    if retrofit is None or retrofit.empty:
        return {}
    best = retrofit[retrofit["package"] == "best"].set_index("district_id").reindex(districts.index)
    return {
        name: [rounded(value) for value in best[source]]
        for source, name in _RETROFIT_NUMBERS.items()
        if source in best.columns
    }


def _spoken(words: Words) -> dict[str, str]:
    """Return the words that the scripts may say."""
    return {
        key: text
        for key, text in words.sentences.items()
        if key.startswith(_WORDS_OF_CARDS) or not key.startswith(_WORDS_ELSEWHERE)
    }


def district_data(
    city: CityThemes, lighthouses: pd.DataFrame, words: Words, retrofit: pd.DataFrame | None = None
) -> list[dict[str, Any]]:
    """Return the districts' cards, largest heat demand first."""
    districts = city.districts
    if "heat_demand_mwh" in districts.columns:
        districts = districts.sort_values("heat_demand_mwh", ascending=False, kind="stable")
    inside = to_crs(
        gpd.GeoDataFrame(geometry=districts.geometry.representative_point(), crs=districts.crs), GEOGRAPHIC
    )
    places = np.round(np.column_stack([inside.geometry.y, inside.geometry.x]), _PLACE_DECIMALS).tolist()
    columns: dict[str, list[Any]] = {
        "id": [str(name) for name in districts.index],
        "place": places,
        "alike": _lists(districts, "reasons_alike"),
        "different": _lists(districts, "reasons_different"),
    }
    for source, name in _DISTRICT_NUMBERS.items():
        if source in districts.columns:
            columns[name] = [rounded(value) for value in districts[source]]
    columns |= _pump_prices(districts) | _retrofit_numbers(districts, retrofit)
    for source, name in _DISTRICT_TEXTS.items():
        columns[name] = _texts(districts, source)
    columns["networkReason"] = [sentence(text) for text in _texts(districts, "district_heating_reason")]
    noted = districts[[name for name in _NOTE_COLUMNS if name in districts.columns]]
    columns["similarityNote"] = [note_sentence(row) for row in noted.to_dict("records")]
    columns["likeness"] = _likeness(districts, words)
    columns["isAlike"] = [group not in (None, NO_ANALOGUE) for group in _texts(districts, "lighthouse_group")]
    nearest = "nearest_lighthouse_id" if "nearest_lighthouse_id" in districts.columns else "lighthouse_id"
    columns["lighthouse"] = _texts(districts, nearest)
    columns["border"] = border_texts(districts, words)
    names = list(columns)
    cards = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for card in cards:
        card["name"] = card["name"] or card["id"]
        card["lighthouse"] = lighthouse_data(card["lighthouse"], lighthouses)
    return cards


def lighthouse_data(lighthouse_id: str | None, lighthouses: pd.DataFrame) -> dict[str, str] | None:
    """Return what a card says about a lighthouse."""
    if lighthouse_id is None:
        return None
    if lighthouse_id not in lighthouses.index:
        return {"name": lighthouse_id, "city": "", "summary": ""}
    row = lighthouses.loc[lighthouse_id]
    texts = {
        name: "" if pd.isna(row.get(name)) else clean_name(str(row.get(name)), 600)
        for name in ("name", "city", "country", "summary")
    }
    # the library knows cities by their slugs
    names = {city.slug: city.name for city in read_cities()}
    return texts | {"city": names.get(texts["city"], texts["city"])}


def place_labels(places: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return named places as labels, broad ones first, each name once."""
    if places.empty or "name" not in places.columns:
        return []
    named = places[places["name"].notna() & ~places.geometry.is_empty & places.geometry.notna()]
    if "kind" in named.columns:
        named = named[named["kind"].isin(_PLACE_RANKS)]
    if named.empty:
        return []
    points = to_crs(
        gpd.GeoDataFrame(geometry=named.geometry.representative_point(), crs=named.crs), GEOGRAPHIC
    )
    labels = pd.DataFrame(
        {
            "name": [clean_name(str(name), 60) for name in named["name"]],
            "rank": [_PLACE_RANKS.index(kind) for kind in named["kind"]],
            "lat": points.geometry.y.to_numpy().round(_PLACE_DECIMALS),
            "lon": points.geometry.x.to_numpy().round(_PLACE_DECIMALS),
        }
    ).sort_values(["rank", "name", "lat", "lon"], kind="stable").drop_duplicates("name")  # fmt: skip
    return [
        {"name": name, "place": [lat, lon]}
        for name, lat, lon in zip(labels["name"], labels["lat"], labels["lon"], strict=True)
    ]


def rules_title(name: str) -> str:
    """Return what people call a rule set, or its name where it is not one of ours."""
    return clean_name(read_rules(name).title if name in rule_names() else name)


def source_data(assessment: Assessment) -> list[dict[str, str]]:
    """Return the data sets of a run as the page lists them."""
    return [
        {
            "title": sentence(source.title, 200), "licence": clean_name(source.licence),
            "attribution": clean_name(source.attribution), "date": clean_name(source.date),
        }
        for source in assessment.sources
    ]  # fmt: skip


def page_data(
    assessment: Assessment, city: CityThemes, words: Words, *, is_public: bool, bounds: list[list[float]]
) -> Mapping[str, Any]:
    """Return everything the page's scripts need beside the layers."""
    return {
        "title": clean_name(assessment.title),
        "subtitle": sentence(assessment.subtitle, 200),
        "assessed": assessed_sentence(assessment, words),
        "leftOut": [f"{sentence(note.text)}: {count(note.count)}" for note in left_out(assessment.notes)],
        "references": data_references(assessment),
        "country": clean_name(assessment.country),
        "version": assessment.version,
        "climate": sentence(assessment.climate.origin),
        "rules": rules_title(assessment.rules_name),
        "isPublic": is_public,
        "bounds": bounds,
        "themes": [theme_data(theme, city.findings.get(theme.id, "")) for theme in city.themes],
        "districts": district_data(city, assessment.lighthouses, words, assessment.tables.get("retrofit")),
        "places": place_labels(assessment.places),
        "sources": source_data(assessment),
        "statements": [sentence(str(text)) for text in assessment.statements.values()],
        "words": _spoken(words),
    }
