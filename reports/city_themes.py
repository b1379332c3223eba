"""The themes of one city: its columns, its classes, the sentence that each map says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from replication.network import read_cities
from reports import palettes
from reports.energy_themes import (
    add_energy_columns,
    add_network_columns,
    energy_findings,
    energy_themes,
    numbers_of,
)
from reports.inputs import Assessment
from reports.themes import Table, Theme, category_theme, even_breaks, worded_theme
from reports.words import Words, count, energy, energy_unit, figure, percent, quantity

# linear heat density: 0.75 and 1.5 are limits of the usual rule sets, from 4 on it is a dense centre
STREET_BREAKS_MWH_PER_M: Final = (0.5, 0.75, 1.5, 2.0, 4.0, 8.0)
DENSE_STREET_MWH_PER_M: Final = 1.5
# heat per hectare: the limits of the German guide to municipal heat plans (70, 175, 415, 1,050)
CELL_BREAKS_MWH_PER_HA: Final = (70.0, 175.0, 415.0, 700.0, 1050.0, 2000.0)
KNOWN_ORIGINS: Final = ("measured", "user", "tagged")
KNOWLEDGE_COLUMNS: Final = ("use_origin", "storey_count_origin", "construction_year_origin")
MOST_LIGHTHOUSES_COUNT: Final = len(palettes.DISTINCT)
NO_ANALOGUE: Final = "none"
OTHER_LIGHTHOUSE: Final = "other"
_FAR: Final = "no close analogue"
_NOT_ASSESSABLE: Final = "not assessable"


@dataclass(frozen=True)
class CityThemes:
    """The themes of a city with the tables they colour, columns of the themes included."""

    themes: tuple[Theme, ...]
    findings: dict[str, str]
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame

    def table(self, name: Table) -> gpd.GeoDataFrame:
        """Return the table that a theme colours."""
        return {
            "buildings": self.buildings, "streets": self.streets,
            "districts": self.districts, "cells": self.cells,
        }[name]  # fmt: skip


def _positive(values: pd.Series) -> pd.Series:
    return values.where(values > 0)


def add_building_columns(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings with what only themes need: heat per m², and how much is known.

    A building that is not heated has no heat per m²; `known_count` counts those of use, storeys and
    year that are known rather than estimated.
    """
    heat = _positive(numbers_of(buildings, "heat_demand_kwh"))
    area = _positive(numbers_of(buildings, "heated_floor_area_m2"))
    known = [buildings[name].isin(KNOWN_ORIGINS) for name in KNOWLEDGE_COLUMNS if name in buildings.columns]
    added = {
        "heat_demand_kwh_per_m2": (heat / area).round(1),
        "heat_demand_mwh": (heat / 1e3).where(area.notna()).round(2),
        "pv_calibrated_mwh": (_positive(numbers_of(buildings, "pv_calibrated_kwh")) / 1e3).round(2),
        "known_count": np.sum(known, axis=0).astype(float) if known else np.nan,
    }
    shown = buildings.assign(
        **{name: values for name, values in added.items() if name not in buildings.columns}
    )
    return add_energy_columns(shown)


def add_lighthouse_group(districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts with the lighthouse that stands for them in the legend.

    Districts without a close analogue say so; lighthouses beyond the sixth share one class.
    """
    if "lighthouse_id" not in districts.columns:
        return districts.assign(lighthouse_group=pd.Series(pd.NA, index=districts.index, dtype="string"))
    nearest = districts["lighthouse_id"].astype("string")
    if "similarity_class" in districts.columns:
        likeness = districts["similarity_class"].astype("string").fillna("")
        nearest = nearest.mask((likeness == _FAR).to_numpy(dtype=bool), NO_ANALOGUE)
        is_judged = (likeness != _NOT_ASSESSABLE).to_numpy(dtype=bool)
    else:
        is_judged = np.ones(len(districts), dtype=bool)
    nearest = nearest.fillna(NO_ANALOGUE).where(is_judged)
    counts = nearest[nearest != NO_ANALOGUE].dropna().astype(str).value_counts()
    kept = [str(name) for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    if len(kept) > MOST_LIGHTHOUSES_COUNT:
        kept = kept[: MOST_LIGHTHOUSES_COUNT - 1]
    is_shown = nearest.isin([*kept, NO_ANALOGUE]) | nearest.isna()
    return districts.assign(lighthouse_group=nearest.where(is_shown, OTHER_LIGHTHOUSE))


def _category(
    theme_id: str, group: str, column: str, labels: dict[str, str], colours: list[str], words: Words
) -> Theme:
    return category_theme(
        theme_id, group, words.say(f"theme_{theme_id}"), words.say(f"theme_{theme_id}_unit"), "districts",
        column, labels, colours, words.say("no_value"), note=words.say(f"theme_{theme_id}_note"),
    )  # fmt: skip


def _network_theme(districts: gpd.GeoDataFrame, words: Words) -> Theme | None:
    if "district_heating_class" not in districts.columns:
        return None
    found = [str(value) for value in districts["district_heating_class"].dropna().unique()]
    ordered = [name for name in palettes.SUITABILITY if name in found]
    ordered += sorted(name for name in found if name not in palettes.SUITABILITY)
    spare = iter(palettes.DISTINCT)
    colours = [palettes.SUITABILITY.get(name) or next(spare) for name in ordered]
    labels = {name: words.word("network_", name) for name in ordered}
    return (
        _category("network", "networks", "district_heating_class", labels, colours, words) if labels else None
    )


def _lighthouse_label(lighthouse_id: str, lighthouses: pd.DataFrame) -> str:
    """Return a lighthouse's name with its city, unless the name says it."""
    if lighthouse_id not in lighthouses.index or "name" not in lighthouses.columns:
        return lighthouse_id
    name = str(lighthouses["name"][lighthouse_id])
    slug = str(lighthouses["city"][lighthouse_id]) if "city" in lighthouses.columns else ""
    city = {one.slug: one.name for one in read_cities()}.get(slug, slug)
    return name if not city or city in name else f"{name}, {city}"


def _lighthouse_theme(districts: gpd.GeoDataFrame, lighthouses: pd.DataFrame, words: Words) -> Theme | None:
    found = sorted({str(name) for name in districts["lighthouse_group"].dropna()})
    named = [name for name in found if name not in (NO_ANALOGUE, OTHER_LIGHTHOUSE)]
    labels = {name: _lighthouse_label(name, lighthouses) for name in named}
    colours = list(palettes.DISTINCT[: len(named)])
    for special, label in ((OTHER_LIGHTHOUSE, "other_lighthouse"), (NO_ANALOGUE, "no_analogue")):
        if special in found:
            labels[special] = words.say(label)
            colours.append(palettes.NOTHING_ALIKE)
    return (
        _category("lighthouse", "replication", "lighthouse_group", labels, colours, words) if labels else None
    )


def _knowledge_theme(words: Words) -> Theme:
    theme = worded_theme(
        "knowledge",
        "data",
        "buildings",
        "known_count",
        (1.0, 2.0, 3.0),
        palettes.KNOWLEDGE,
        "no_value",
        words,
    )
    named = tuple(
        replace(shown, label=words.say(f"known_{known}")) for known, shown in enumerate(theme.classes)
    )
    return replace(theme, classes=named)


def make_themes(assessment: Assessment, words: Words) -> CityThemes:
    """Return the themes of a city, in the order of the menu, those without any value left out."""
    buildings = add_building_columns(assessment.buildings)
    districts = add_network_columns(add_lighthouse_group(assessment.districts))
    further = energy_themes(words)
    candidates = (
        worded_theme(
            "heat", "heat", "buildings", "heat_demand_kwh_per_m2",
            even_breaks(buildings["heat_demand_kwh_per_m2"]), palettes.HEAT, "not_heated", words,
        ),
        worded_theme(
            "building_heat", "heat", "buildings", "heat_demand_mwh",
            even_breaks(buildings["heat_demand_mwh"]), palettes.HEAT, "not_heated", words,
        ),
        worded_theme(
            "cell_heat", "heat", "cells", "heat_density_mwh_per_ha", CELL_BREAKS_MWH_PER_HA, palettes.HEAT,
            "no_value", words,
        ),
        further["cooling"], further["electricity"], further["cooling_density"], further["retrofit"],
        worded_theme(
            "street_heat", "networks", "streets", "linear_heat_density_mwh_per_m", STREET_BREAKS_MWH_PER_M,
            palettes.STREETS, "no_connection", words, has_widths=True,
        ),
        _network_theme(districts, words),
        further["network_price"], further["pipes"],
        worded_theme(
            "solar", "sun", "buildings", "pv_calibrated_mwh", even_breaks(buildings["pv_calibrated_mwh"]),
            palettes.SOLAR, "no_solar", words,
        ),
        further["solar_cost"],
        _lighthouse_theme(districts, assessment.lighthouses, words),
        _knowledge_theme(words),
    )  # fmt: skip
    city = CityThemes((), {}, buildings, _street_columns(assessment.streets), districts, assessment.cells)
    shown = tuple(
        theme for theme in candidates if theme is not None and _has_values(city.table(theme.table), theme)
    )
    return replace(city, themes=shown, findings=_findings(city, shown, assessment.totals, words))


def _street_columns(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets where a section without any building has no density, rather than zero."""
    density = _positive(numbers_of(streets, "linear_heat_density_mwh_per_m"))
    return streets.assign(linear_heat_density_mwh_per_m=density)


def _has_values(table: gpd.GeoDataFrame, theme: Theme) -> bool:
    return theme.column in table.columns and bool(table[theme.column].notna().any())


def _first_name(districts: gpd.GeoDataFrame, column: str) -> str:
    best = numbers_of(districts, column).idxmax()
    return str(districts["name"].get(best, best)) if "name" in districts.columns else str(best)


def _network_finding(classes: pd.Series, words: Words) -> str:
    for name in ("probably_served", "suitable", "conditional"):
        number = int((classes == name).sum())
        if number:
            return words.say(f"finding_network_{name}", count=count(number), total=count(len(classes)))
    return words.say("finding_network_none", total=count(len(classes)))


def _lighthouse_finding(districts: pd.DataFrame, words: Words) -> str:
    """Return how many districts have an analogue, and whether it is a close one."""
    has_analogue = (districts["lighthouse_group"].fillna(NO_ANALOGUE) != NO_ANALOGUE).to_numpy(dtype=bool)
    alike_count = int(has_analogue.sum())
    close_count = alike_count
    if "similarity_class" in districts.columns:
        is_close = (districts["similarity_class"].astype("string") == "close").fillna(False)
        close_count = int((is_close.to_numpy(dtype=bool) & has_analogue).sum())
    key = "finding_no_lighthouse"
    if alike_count:
        key = "finding_lighthouse" if close_count == alike_count else "finding_some_lighthouse"
        key = key if close_count else "finding_partial_lighthouse"
    return words.say(key, count=count(alike_count), total=count(len(districts)), close=count(close_count))


def _solar_finding(roofs_mwh: pd.Series, totals: Mapping[str, float], words: Words) -> str:
    """Return what all roofs give, with the city's range in the same unit where it is known."""
    whole_kwh = float(roofs_mwh.sum()) * 1e3
    unit, factor = energy_unit(whole_kwh)
    low, high = (totals.get(f"pv_calibrated_{end}_mwh", np.nan) * 1e3 / factor for end in ("p10", "p90"))
    if not np.isfinite([low, high]).all():
        return words.say("finding_solar", value=energy(whole_kwh))
    return words.say(
        "finding_solar_range", value=energy(whole_kwh), low=figure(low), high=quantity(high, unit)
    )


def _findings(
    city: CityThemes, themes: tuple[Theme, ...], totals: Mapping[str, float], words: Words
) -> dict[str, str]:
    """Return the sentence that the title of each map says."""
    shown = {theme.id for theme in themes}
    buildings, streets, districts, cells = city.buildings, city.streets, city.districts, city.cells
    further = energy_findings(buildings, districts, streets, words)
    found = {name: sentence for name, sentence in further.items() if name in shown}
    if "heat" in shown:
        specific = buildings["heat_demand_kwh_per_m2"]
        found["heat"] = words.say("finding_heat", value=quantity(specific.median(), "kWh/m²"))
    if "building_heat" in shown:
        heat = buildings["heat_demand_mwh"].dropna().sort_values(ascending=False)
        largest = heat.head(max(1, round(len(heat) / 10)))
        found["building_heat"] = words.say(
            "finding_building_heat", count=count(len(largest)), total=count(len(heat)),
            share=percent(largest.sum() / heat.sum()),
        )  # fmt: skip
    if "cell_heat" in shown:
        density = numbers_of(cells, "heat_density_mwh_per_ha")
        found["cell_heat"] = words.say("finding_cell_heat", value=quantity(density.max(), "MWh"))
    if "street_heat" in shown:
        linear = numbers_of(streets, "linear_heat_density_mwh_per_m")
        length = numbers_of(streets, "length_m")
        dense_km = length[linear >= DENSE_STREET_MWH_PER_M].sum() / 1e3
        found["street_heat"] = words.say(
            "finding_street_heat", length=quantity(dense_km, "km"), value=figure(DENSE_STREET_MWH_PER_M)
        )
    if "solar" in shown:
        roofs = buildings["pv_calibrated_mwh"]
        found["solar"] = _solar_finding(roofs, totals, words)
    if "network" in shown:
        found["network"] = _network_finding(districts["district_heating_class"].astype("string"), words)
    if "lighthouse" in shown:
        found["lighthouse"] = _lighthouse_finding(districts, words)
    if "knowledge" in shown:
        known = (buildings["known_count"] == len(KNOWLEDGE_COLUMNS)).mean()
        found["knowledge"] = words.say("finding_knowledge", share=percent(float(known)))
    return found
