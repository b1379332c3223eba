"""Buildings' tags, in OpenStreetMap's keys, become the columns of `BUILDING_COLUMNS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.extract import Note
from layers.core.text import clean_name
from layers.core.types import AnyArray, ObjectArray
from layers.sources import tags as parse
from layers.sources.tagged_use import INSIDE_KEYS, StatedUse, is_protected, stated_use

Tags = Mapping[str, str]
# pandas' text type with NaN for gaps: comparisons give plain true and false
TEXT = pd.StringDtype(na_value=np.nan)

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


def text_column(values: Iterable[str | None]) -> pd.api.extensions.ExtensionArray:
    """Return cleaned names as a text column; what is empty after cleaning is a gap."""
    return pd.array([(clean_name(value) or None) if value else None for value in values], dtype=TEXT)


def word_column(values: Iterable[str | None]) -> pd.api.extensions.ExtensionArray:
    """Return words of the project's own vocabulary as a text column."""
    return pd.array(list(values), dtype=TEXT)


class Refusals:
    """Counts the texts that were there but made no sense, by what they were about."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def numbers(self, what: str, values: list[str | None], parser: Callable[[str], float]) -> AnyArray:
        """Parse numbers and count the refused texts."""
        numbers, self.counts[what] = parse.read_numbers(values, parser)
        return numbers

    def words(
        self, what: str, values: list[str | None], parser: Callable[[str], str | None]
    ) -> list[str | None]:
        """Parse words and count the refused texts."""
        words = [parser(value) if value else None for value in values]
        self.counts[what] = sum(
            value is not None and word is None for value, word in zip(values, words, strict=True)
        )
        return words

    def notes(self) -> tuple[Note, ...]:
        """Return one note per kind of text that was refused."""
        return tuple(
            Note("read", f"values of {what} that make no sense or cannot be true, left as gaps", count)
            for what, count in self.counts.items()
            if count
        )


def building_columns(rows: Sequence[Tags]) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return `BUILDING_COLUMNS` of buildings, and notes about values that were refused.

    Parameters
    ----------
    rows : sequence of mappings
        Each building's OpenStreetMap tags.

    Examples
    --------
    >>> table, notes = building_columns([{"building": "house", "height": "9 m", "building:levels": "x"}])
    >>> table["tagged_use"][0], float(table["tagged_height_m"][0]), notes[0].count
    ('residential_single', 9.0, 1)
    """
    refused = Refusals()
    height_m = refused.numbers(
        "height", texts(rows, "height", "building:height", "est_height"), parse.parse_height_m
    )
    storeys = refused.numbers("storeys", texts(rows, "building:levels"), parse.parse_storey_count)
    years, refused.counts["year of construction"] = parse.read_years(
        texts(rows, "start_date", "construction_date", "year_of_construction", "building:year_built")
    )
    shapes = refused.words(
        "roof shape", texts(rows, "roof:shape", "building:roof:shape"), parse.parse_roof_shape
    )
    sides = refused.words("roof orientation", texts(rows, "roof:orientation"), parse.parse_roof_orientation)
    uses = [stated_use(row, count) for row, count in zip(rows, storeys, strict=True)]
    table = pd.DataFrame(
        {
            "name": text_column(texts(rows, "name", "addr:housename")),
            "street_name": text_column(texts(rows, "addr:street", "addr:place")),
            "house_number": text_column(texts(rows, "addr:housenumber")),
            "building_tag": text_column(texts(rows, "building")),
            "tagged_use": word_column(use.use for use in uses),
            "tagged_height_m": height_m,
            "tagged_storey_count": storeys,
            "tagged_first_year": years[:, 0],
            "tagged_last_year": years[:, 1],
            "roof_shape": word_column(shapes),
            "roof_direction_deg": refused.numbers(
                "roof direction", texts(rows, "roof:direction"), parse.parse_direction_deg
            ),
            "roof_orientation": word_column(sides),
            "roof_angle_deg": refused.numbers("roof angle", texts(rows, "roof:angle"), parse.parse_angle_deg),
            "roof_height_m": refused.numbers(
                "roof height", texts(rows, "roof:height"), parse.parse_roof_height_m
            ),
            "is_height_measured": np.zeros(len(rows), dtype=bool),
            **use_flags(uses, [is_protected(row) for row in rows]),
            "official_class": text_column(texts(rows, "mml:class")),
        }
    )
    return table[[column.name for column in BUILDING_COLUMNS]], refused.notes()


def use_flags(uses: Sequence[StatedUse], protected: Sequence[bool]) -> dict[str, AnyArray]:
    """Return the three flags that follow from stated uses."""
    return {
        "is_home_tag": np.array([use.is_home for use in uses], dtype=bool),
        "is_outbuilding_tag": np.array([use.use == "outbuilding" for use in uses], dtype=bool),
        "is_protected_tag": np.array(protected, dtype=bool),
    }


def building_frame(
    ids: Sequence[str], columns: pd.DataFrame, geometries: ObjectArray, crs: object
) -> gpd.GeoDataFrame:
    """Return buildings with their geometries, index `building_id`."""
    index = pd.Index(list(ids), name="building_id", dtype=TEXT)
    return gpd.GeoDataFrame(columns.set_axis(index), geometry=geometries, crs=crs)
