"""Rows of other people's tables as OpenStreetMap's keys and texts, the one vocabulary that is parsed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.text import clean_name
from layers.core.types import ObjectArray
from layers.sources.building_tags import BUILDING_KEYS
from layers.sources.column_names import id_columns, plain_name
from layers.sources.use_words import use_word

_HASH_BYTES = 6
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_LONGEST_BAG = 20_000
_MOSTLY = 0.5
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
        return format(float(value), ".10g") if np.isfinite(value) else None
    if isinstance(value, list | np.ndarray | bytes):
        return None
    return str(value) or None


def as_texts(column: pd.Series) -> ObjectArray:
    """Return any column as texts: whole numbers without a point, true as yes, gaps as None.

    Examples
    --------
    >>> as_texts(pd.Series([1936.0, float("nan"), 2.5])).tolist()
    ['1936', None, '2.5']
    """
    if isinstance(column.dtype, pd.StringDtype):
        texts = np.array(column.tolist(), dtype=object)
        texts[column.isna().to_numpy(dtype=bool) | (texts == "")] = None
        return texts
    if column.dtype == object or not hasattr(column.dtype, "kind") or column.dtype.kind not in "iuf":
        return np.array([_one_text(value) for value in column.tolist()], dtype=object)
    values, places = np.unique(column.to_numpy(dtype=float, na_value=np.nan), return_inverse=True)
    return np.array([_one_text(value) for value in values], dtype=object)[places]


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


def tag_rows(
    table: pd.DataFrame,
    matches: Mapping[str, list[str]],
    bags: Iterable[str] = (),
    bag_keys: frozenset[str] = BUILDING_KEYS,
) -> list[dict[str, str]]:
    """Return one mapping of keys and texts per row.

    Parameters
    ----------
    table : DataFrame
    matches : mapping of key to columns
        The most telling column first; the next speaks where it is silent.
    bags : columns that hold many keys at once; they speak last
    bag_keys : keys that are taken from them
    """
    rows: list[dict[str, str]] = [{} for _ in range(len(table))]
    for key, columns in matches.items():
        for column in columns:
            for row, text in zip(rows, as_texts(table[column]), strict=True):
                if text is None:
                    continue
                word = _word(key, text, column)
                if word is None:
                    continue
                if key not in row or (key == "building" and row[key] == "yes"):
                    row[key] = word
    for bag in bags:
        for row, value in zip(rows, table[bag].tolist(), strict=True):
            for key, text in read_bag(value).items():
                if key in bag_keys:
                    row.setdefault(key, text)
    return rows


@lru_cache(maxsize=10_000)
def _marks_gap(text: str, zero_counts: bool) -> bool:
    number = re.sub(r"[.,]0+$", "", text.strip().lower())
    return bool(_GAP_MARK.fullmatch(number)) and not (zero_counts and set(number) == {"0"})


def drop_gap_marks(rows: list[dict[str, str]]) -> int:
    """Take out texts that only mark a gap (0, -1, -9999, unknown …); return how many.

    Examples
    --------
    >>> rows = [{"height": "-1", "building:levels": "3"}, {"height": "0.0", "roof:angle": "0"}]
    >>> drop_gap_marks(rows), rows
    (2, [{'building:levels': '3'}, {'roof:angle': '0'}])
    """
    count = 0
    for row in rows:
        for key in _MARKED_KEYS:
            text = row.get(key)
            if text is None:
                continue
            if _marks_gap(text, key in _ZERO_COUNTS):
                del row[key]
                count += 1
    return count


def _candidate(column: str, texts: ObjectArray) -> list[str]:
    """Return a column's texts as ids, empty where it has none; ways of OpenStreetMap say so."""
    way = plain_name(column) == "osmwayid"
    return ["" if text is None else clean_name(f"way/{text}" if way else str(text)) for text in texts]


def row_ids(table: gpd.GeoDataFrame, stated: str | None = None) -> list[str]:
    """Return the file's own ids; rows without one are named after their geometry.

    Of several columns the first counts whose values are all different, and the next fill its gaps;
    without such a column one counts whose values are mostly different.

    Examples
    --------
    >>> points = gpd.points_from_xy([0, 1], [0, 1])
    >>> row_ids(gpd.GeoDataFrame({"id": [1, 1], "gml_id": ["a", "b"]}, geometry=points))
    ['a', 'b']
    """
    ids, spare = [""] * len(table), None
    columns = [stated] if stated else id_columns(table.columns)
    for column in columns:
        found = _candidate(column, as_texts(table[column]))
        named = [name for name in found if name]
        if stated or len(set(named)) == len(named):
            ids = [old or new for old, new in zip(ids, found, strict=True)]
        elif len(set(named)) > _MOSTLY * len(named):
            spare = spare or found
        if all(ids):
            break
    if spare and not any(ids):
        ids = spare
    nameless = np.array([not name for name in ids], dtype=bool)
    blobs = shapely.to_wkb(shapely.normalize(table.geometry.to_numpy()[nameless]))
    made = iter(
        "g/" + hashlib.blake2b(blob if blob is not None else b"", digest_size=_HASH_BYTES).hexdigest()
        for blob in blobs
    )
    return [name or next(made) for name in ids]
