"""Buildings' tags, in OpenStreetMap's keys, become the columns of `BUILDING_COLUMNS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.extract import Note
from layers.core.text import clean_names
from layers.core.types import FloatArray, ObjectArray
from layers.sources import tags as parse
from layers.sources.tag_columns import TEXT, Said, Texts, whole_numbers
from layers.sources.tagged_use import INSIDE_KEYS, is_protected, stated_use

Tags = Mapping[str, str]

# the keys that are kept of a building; all others are dropped while reading
BUILDING_KEYS = frozenset(
    {
        "building",
        "building:part",
        "building:use",
        "residential",
        "building:levels",
        "building:min_level",
        "height",
        "building:height",
        "est_height",
        "min_height",
        "start_date",
        "construction_date",
        "year_of_construction",
        "building:year_built",
        "roof:shape",
        "building:roof:shape",
        "roof:direction",
        "roof:orientation",
        "roof:angle",
        "roof:height",
        "roof:material",
        "roof:planes",
        "generator:source",
        "generator:output:electricity",
        "name",
        "addr:housename",
        "addr:street",
        "addr:place",
        "addr:housenumber",
        "mml:class",
        "heritage",
        "historic",
        "protected",
        "listed_status",
        *INSIDE_KEYS,
    }
)


# what names, addresses and numbers say, which no use follows from
_USELESS_KEYS = frozenset(
    {
        "name", "addr:housename", "addr:street", "addr:place", "addr:housenumber", "building:levels",
        "building:min_level", "height", "building:height", "est_height", "min_height", "start_date",
        "construction_date", "year_of_construction", "building:year_built", "roof:shape",
        "building:roof:shape", "roof:direction", "roof:orientation", "roof:angle", "roof:height",
        "roof:material", "roof:planes", "generator:source", "generator:output:electricity",
    }
)  # fmt: skip


def first_of(tags: Tags, *keys: str) -> str | None:
    """Return the value of the first key that has one."""
    for key in keys:
        text = tags.get(key)
        if text is not None and text.strip():
            return text
    return None


def texts(rows: Sequence[Tags], *keys: str) -> list[str | None]:
    """Return one value per row, from the first key that has one."""
    return [first_of(row, *keys) for row in rows]


def _stated(said: Said, storeys: FloatArray) -> dict[str, Any]:
    """Return the columns that follow from stated uses; equal rows are asked once."""
    telling = set(said.columns) - _USELESS_KEYS
    group, first, rows = said.different(telling, whole_numbers(storeys))
    tags = list(rows)
    uses = [stated_use(row, count) for row, count in zip(tags, storeys[first].tolist(), strict=True)]
    return {
        "tagged_use": Texts(group, uses).mapped(lambda use: use.use).to_column(),
        "is_home_tag": np.array([use.is_home for use in uses], dtype=bool)[group],
        "is_outbuilding_tag": np.array([use.use == "outbuilding" for use in uses], dtype=bool)[group],
        "is_protected_tag": np.array([is_protected(row) for row in tags], dtype=bool)[group],
    }


def name_column(texts: Texts) -> pd.api.extensions.ExtensionArray:
    """Return cleaned names as a text column; what is empty after cleaning is a gap."""
    return texts.renamed([name or None for name in clean_names(texts.words)]).to_column()


def text_column(values: Iterable[str | None]) -> pd.api.extensions.ExtensionArray:
    """Return cleaned names as a text column; what is empty after cleaning is a gap."""
    return name_column(Texts.of(values))


class Refusals:
    """Counts the texts that were there but made no sense, by what they were about."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def numbers(self, what: str, texts: Texts, parser: Callable[[str], float]) -> FloatArray:
        """Parse numbers and count the refused texts."""
        known = np.array([parser(word) for word in texts.words], dtype=np.float64)
        self.counts[what] = int((texts.is_said & np.isnan(texts.numbers(known))).sum())
        return texts.numbers(known)

    def years(self, what: str, texts: Texts) -> FloatArray:
        """Parse (n, 2) first and last years and count the refused texts."""
        known = np.array([parse.parse_years(word) for word in texts.words], dtype=np.float64).reshape(-1, 2)
        years = texts.numbers(known)
        self.counts[what] = int((texts.is_said & np.isnan(years).all(axis=1)).sum())
        return years

    def words(
        self, what: str, texts: Texts, parser: Callable[[str], str | None]
    ) -> pd.api.extensions.ExtensionArray:
        """Parse words and count the refused texts."""
        words = texts.mapped(parser)
        self.counts[what] = int((texts.is_said & ~words.is_said).sum())
        return words.to_column()

    def notes(self) -> tuple[Note, ...]:
        """Return one note per kind of text that was refused."""
        return tuple(
            Note("read", f"values of {what} that make no sense or cannot be true, left as gaps", count)
            for what, count in self.counts.items()
            if count
        )


def building_columns(rows: Said | Sequence[Tags]) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return `BUILDING_COLUMNS` of buildings, and notes about values that were refused.

    Parameters
    ----------
    rows : Said, or sequence of mappings
        Each building's OpenStreetMap tags.

    Examples
    --------
    >>> table, notes = building_columns([{"building": "house", "height": "9 m", "building:levels": "x"}])
    >>> table["tagged_use"][0], float(table["tagged_height_m"][0]), notes[0].count
    ('residential_single', 9.0, 1)
    """
    refused, said = Refusals(), rows if isinstance(rows, Said) else Said.of_rows(rows)
    first_of = said.first_of
    height_m = refused.numbers(
        "height", first_of("height", "building:height", "est_height"), parse.parse_height_m
    )
    storeys = refused.numbers("storeys", first_of("building:levels"), parse.parse_storey_count)
    years = refused.years(
        "year of construction",
        first_of("start_date", "construction_date", "year_of_construction", "building:year_built"),
    )
    shapes = refused.words(
        "roof shape", first_of("roof:shape", "building:roof:shape"), parse.parse_roof_shape
    )
    power = first_of("generator:output:electricity")
    sides = refused.words("roof orientation", first_of("roof:orientation"), parse.parse_roof_orientation)
    table = pd.DataFrame(
        {
            "name": name_column(first_of("name", "addr:housename")),
            "street_name": name_column(first_of("addr:street", "addr:place")),
            "house_number": name_column(first_of("addr:housenumber")),
            "building_tag": name_column(first_of("building")),
            "tagged_height_m": height_m,
            "tagged_storey_count": storeys,
            "tagged_first_year": years[:, 0],
            "tagged_last_year": years[:, 1],
            "roof_shape": shapes,
            "roof_direction_deg": refused.numbers(
                "roof direction", first_of("roof:direction"), parse.parse_direction_deg
            ),
            "roof_orientation": sides,
            "roof_angle_deg": refused.numbers("roof angle", first_of("roof:angle"), parse.parse_angle_deg),
            "roof_height_m": refused.numbers(
                "roof height", first_of("roof:height"), parse.parse_roof_height_m
            ),
            "roof_material": refused.words("roof material", first_of("roof:material"), parse.parse_material),
            "roof_planes": refused.words("roof planes", first_of("roof:planes"), parse.parse_roof_planes),
            "has_solar_tag": first_of("generator:source").mapped(parse.parse_solar_source).is_said,
            "solar_tag_kwp": refused.numbers("power of modules", power, parse.parse_power_kw),
            "is_height_measured": np.zeros(said.row_count, dtype=bool),
            **_stated(said, storeys),
            "official_class": name_column(first_of("mml:class")),
        }
    )
    return table[[column.name for column in BUILDING_COLUMNS]], refused.notes()


def building_frame(
    ids: Sequence[str] | ObjectArray, columns: pd.DataFrame, geometries: ObjectArray, crs: object
) -> gpd.GeoDataFrame:
    """Return buildings with their geometries, index `building_id`."""
    index = pd.Index(np.asarray(ids, dtype=object), name="building_id", dtype=TEXT)
    return gpd.GeoDataFrame(columns.set_axis(index), geometry=geometries, crs=crs)
