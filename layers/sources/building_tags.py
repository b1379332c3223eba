"""Buildings' tags, in OpenStreetMap's keys, become the columns of `BUILDING_COLUMNS`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

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


# what names, addresses and numbers say, which no use follows from
_USELESS_KEYS = frozenset(
    {
        "name", "addr:housename", "addr:street", "addr:place", "addr:housenumber", "building:levels",
        "building:min_level", "height", "building:height", "est_height", "min_height", "start_date",
        "construction_date", "year_of_construction", "building:year_built", "roof:shape",
        "building:roof:shape", "roof:direction", "roof:orientation", "roof:angle", "roof:height",
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


def _stated(
    rows: Sequence[Tags], storeys: AnyArray, keys: Iterable[str]
) -> tuple[list[StatedUse], list[bool]]:
    """Return what rows state of their use, and whether of protection; equal rows are asked once."""
    telling = sorted(set(keys) - _USELESS_KEYS)
    uses: dict[tuple[object, ...], StatedUse] = {}
    protected: dict[tuple[object, ...], bool] = {}
    said, storey_list = [tuple(map(row.get, telling)) for row in rows], storeys.tolist()
    asked = [
        (words, None if math.isnan(count) else count) for words, count in zip(said, storey_list, strict=True)
    ]
    for words, count in set(asked):
        tags = {key: word for key, word in zip(telling, words, strict=True) if word is not None}
        uses[words, count] = stated_use(tags, math.nan if count is None else count)
        protected[words] = is_protected(tags)
    return [uses[each] for each in asked], [protected[words] for words in said]


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
    there = set(chain.from_iterable(rows))

    def said(*keys: str) -> list[str | None]:
        known = [key for key in keys if key in there]
        return texts(rows, *known) if known else [None] * len(rows)

    height_m = refused.numbers(
        "height", said("height", "building:height", "est_height"), parse.parse_height_m
    )
    storeys = refused.numbers("storeys", said("building:levels"), parse.parse_storey_count)
    years, refused.counts["year of construction"] = parse.read_years(
        said("start_date", "construction_date", "year_of_construction", "building:year_built")
    )
    shapes = refused.words("roof shape", said("roof:shape", "building:roof:shape"), parse.parse_roof_shape)
    sides = refused.words("roof orientation", said("roof:orientation"), parse.parse_roof_orientation)
    uses, protected = _stated(rows, storeys, there)
    table = pd.DataFrame(
        {
            "name": text_column(said("name", "addr:housename")),
            "street_name": text_column(said("addr:street", "addr:place")),
            "house_number": text_column(said("addr:housenumber")),
            "building_tag": text_column(said("building")),
            "tagged_use": word_column(use.use for use in uses),
            "tagged_height_m": height_m,
            "tagged_storey_count": storeys,
            "tagged_first_year": years[:, 0],
            "tagged_last_year": years[:, 1],
            "roof_shape": word_column(shapes),
            "roof_direction_deg": refused.numbers(
                "roof direction", said("roof:direction"), parse.parse_direction_deg
            ),
            "roof_orientation": word_column(sides),
            "roof_angle_deg": refused.numbers("roof angle", said("roof:angle"), parse.parse_angle_deg),
            "roof_height_m": refused.numbers("roof height", said("roof:height"), parse.parse_roof_height_m),
            "is_height_measured": np.zeros(len(rows), dtype=bool),
            **use_flags(uses, protected),
            "official_class": text_column(said("mml:class")),
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
