"""What other people's tables say, in OpenStreetMap's keys and texts, the one vocabulary that is parsed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.text import clean_names
from layers.core.types import ObjectArray
from layers.physics.polygons import has_finite_coordinates
from layers.sources.building_tags import BUILDING_KEYS
from layers.sources.column_names import id_columns, plain_name
from layers.sources.tag_columns import Said, Texts
from layers.sources.use_words import use_word

_HASH_BYTES = 6
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_LONGEST_BAG = 20_000
_MOSTLY = 0.5
# whole numbers below it are exact
_EXACT = 2**53
# how tables write "not known" where a number is wanted
_GAP_MARK = re.compile(
    r"-\d+|0+|-?9999+|-|\?|n/?a|null|none|unknown|unbekannt|inconnu|could not detect|no points"
)
_MARKED_KEYS = ("height", "building:levels", "start_date", "roof:height", "roof:angle", "roof:shape")
# zero is a direction and a slope
_ZERO_COUNTS = ("roof:height", "roof:angle")


def _one_text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dict):  # Overture's names: {"primary": "Town hall", "common": …}
        return _one_text(value.get("primary", value.get("value")))
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return None
        # long numbers of registers, read as numbers because some rows have none
        is_whole = float(value).is_integer() and abs(float(value)) < _EXACT
        return str(int(value)) if is_whole else format(float(value), ".10g")
    if isinstance(value, list | np.ndarray | bytes):
        return None
    return str(value) or None


def as_texts(column: pd.Series) -> Texts:
    """Return any column as texts: whole numbers without a point, true as yes, gaps as None.

    Examples
    --------
    >>> as_texts(pd.Series([1936.0, float("nan"), 2.5])).to_list()
    ['1936', None, '2.5']
    """
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) != "string":
        return Texts.of(_one_text(value) for value in column.tolist())
    place, found = pd.factorize(column)
    texts = Texts(np.asarray(place, dtype=np.int64), np.asarray(found, dtype=object).tolist())
    is_text = isinstance(column.dtype, pd.StringDtype) or column.dtype == object
    return texts if is_text and "" not in texts.words else texts.mapped(_one_text)


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == 2


def read_bag(value: Any) -> dict[str, str]:
    """Return the keys of a column that holds many: hstore text, JSON text, or a map of a Parquet table.

    Examples
    --------
    >>> read_bag('"building:levels"=>"4","layer"=>"1"')
    {'building:levels': '4', 'layer': '1'}
    >>> read_bag('{"height": 12}'), read_bag([("height", "9")]), read_bag(None)
    ({'height': '12'}, {'height': '9'}, {})
    """
    if isinstance(value, str):
        text = value[:_LONGEST_BAG]
        if not text.lstrip().startswith("{"):
            return {key: inner.replace("\\", "") for key, inner in _HSTORE.findall(text)}
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return {}
    if isinstance(value, list | np.ndarray) and all(_is_pair(item) for item in value):
        value = dict(value)
    if not isinstance(value, dict):
        return {}
    texts = {str(key): _one_text(inner) for key, inner in value.items()}
    return {key: text for key, text in texts.items() if text is not None}


def _word(key: str, text: str, column: str) -> str | None:
    """Return what a text says of a key; names may come as JSON, {"primary": "Town hall"}."""
    if key in ("building", "residential"):
        return use_word(text, column)
    return read_bag(text).get("primary") if key == "name" and text.startswith("{") else text


def _inside(key: str, bag: Mapping[str, str]) -> str | None:
    return bag.get(key)


def _bag_columns(column: pd.Series, keys: frozenset[str]) -> dict[str, Texts]:
    """Return the columns that a column of many keys holds; equal bags are opened once."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) != "string":
        place, values = np.arange(len(column)), column.tolist()
    else:
        place, found = pd.factorize(column)
        values = list(found)
    bags = [read_bag(value) for value in values]
    there = sorted({key for bag in bags for key in bag} & keys)
    whole = Texts(np.asarray(place, dtype=np.int64), bags)
    return {key: whole.mapped(partial(_inside, key)) for key in there}


def said_by(
    table: pd.DataFrame,
    matches: Mapping[str, list[str]],
    bags: Iterable[str] = (),
    bag_keys: frozenset[str] = BUILDING_KEYS,
) -> Said:
    """Return what a table's rows say, in OpenStreetMap's keys.

    Parameters
    ----------
    table : DataFrame
    matches : mapping of key to columns
        The most telling column first; the next speaks where it is silent.
    bags : columns that hold many keys at once; they speak last
    bag_keys : keys that are taken from them
    """
    said: dict[str, Texts] = {}
    for key, columns in matches.items():
        for column in columns:
            texts = as_texts(table[column]).mapped(partial(_word, key, column=column))
            before = said.get(key, Texts.gaps(len(table)))
            # that it is a building says less than which one
            over = before.flags("yes".__eq__) if key == "building" else None
            said[key] = before.filled_by(texts, over)
    for bag in bags:
        for key, texts in _bag_columns(table[bag], bag_keys).items():
            said[key] = said.get(key, Texts.gaps(len(table))).filled_by(texts)
    return Said(len(table), {key: texts for key, texts in said.items() if texts.is_said.any()})


@lru_cache(maxsize=10_000)
def _marks_gap(text: str, zero_counts: bool) -> bool:
    number = re.sub(r"[.,]0+$", "", text.strip().lower())
    return bool(_GAP_MARK.fullmatch(number)) and not (zero_counts and set(number) == {"0"})


def without_gap_marks(said: Said) -> tuple[Said, int]:
    """Return what rows say without the texts that only mark a gap (0, -1, -9999 …), and how many those were.

    Examples
    --------
    >>> said, count = without_gap_marks(Said.of_rows([{"height": "-1", "building:levels": "3"},
    ...                                              {"height": "0.0", "roof:angle": "0"}]))
    >>> count, said.to_rows()
    (2, [{'building:levels': '3'}, {'roof:angle': '0'}])
    """
    columns, count = dict(said.columns), 0
    for key in _MARKED_KEYS:
        if key not in columns:
            continue
        marks = columns[key].flags(partial(_marks_gap, zero_counts=key in _ZERO_COUNTS))
        columns[key] = columns[key].where(~marks)
        count += int(marks.sum())
    return Said(said.row_count, columns), count


def _candidate(column: str, texts: Texts) -> Texts:
    """Return a column's texts as ids; ways of OpenStreetMap say so."""
    way = plain_name(column) == "osmwayid"
    words = clean_names([f"way/{text}" for text in texts.words] if way else texts.words)
    return texts if words is texts.words else texts.renamed([word or None for word in words])


def row_ids(table: gpd.GeoDataFrame, stated: str | None = None) -> ObjectArray:
    """Return the file's own ids; rows without one are named after their geometry.

    Of several columns the first counts whose values are all different, and the next fill its gaps;
    without such a column one counts whose values are mostly different.

    Examples
    --------
    >>> points = gpd.points_from_xy([0, 1], [0, 1])
    >>> row_ids(gpd.GeoDataFrame({"id": [1, 1], "gml_id": ["a", "b"]}, geometry=points)).tolist()
    ['a', 'b']
    """
    ids, spare = Texts.gaps(len(table)), None
    columns = [stated] if stated else id_columns(table.columns)
    for column in columns:
        found = _candidate(column, as_texts(table[column]))
        named_count = int(found.is_said.sum())
        if stated or len(found.words) == named_count:
            ids = ids.filled_by(found)
        elif len(found.words) > _MOSTLY * named_count:
            spare = spare or found
        if ids.is_said.all():
            break
    if spare is not None and not ids.is_said.any():
        ids = spare
    names, nameless = ids.to_array(), ~ids.is_said
    shapes: ObjectArray = np.asarray(table.geometry.to_numpy()[nameless], dtype=object)
    # the same outline may begin at any of its corners; what has none that are numbers stays as it is
    sound = has_finite_coordinates(shapes)
    shapes[sound] = shapely.normalize(shapes[sound])
    blobs = shapely.to_wkb(shapes)
    names[nameless] = [
        "g/" + hashlib.blake2b(blob if blob is not None else b"", digest_size=_HASH_BYTES).hexdigest()
        for blob in blobs
    ]
    return names
