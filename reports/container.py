"""Pack geometries and their attributes so small that a city travels inside one page.

A layer becomes one run of bytes, little-endian, compressed by gzip and written as base64:

* ``PLC1``, the length of the head (uint32), the head (JSON in UTF-8), then sections of the lengths
  that the head lists;
* geometry sections ``parts`` (parts of each feature), ``rings`` (rings of each part), ``sizes``
  (vertices of each ring, the closing one left out), ``coordinates`` (x and y of each vertex as
  differences to the vertex before; a ring's first vertex to the first vertex of the ring before);
* one or two sections a column. Codes are 0 where there is no value.

Coordinates are whole pixels of the Web Mercator world at zoom 20, 0.15 m at the equator and 0.07 m
in Helsinki: a page draws them with one multiplication. Whole numbers are variable-length integers
(seven bits a byte), signed ones interleaved (0, -1, 1, -2 …). Features lie along a Hilbert curve,
which makes differences small.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.crs import GEOGRAPHIC, to_crs
from layers.core.types import FloatArray, IntArray, ObjectArray

MAGIC: Final = b"PLC1"
ZOOM: Final = 20
WORLD_PIXELS: Final = 256 * 2**ZOOM
# levels 8 and 9 take two and four times as long and save a third of a percent
GZIP_LEVEL: Final = 7
GeometryKind = Literal["polygon", "line", "point"]
_TYPE_IDS: Final[dict[str, tuple[int, ...]]] = {"polygon": (3,), "line": (1, 2), "point": (0,)}


@dataclass(frozen=True)
class NumberField:
    """A column of numbers, kept to `decimals` places (negative: tens, hundreds …)."""

    name: str
    decimals: int = 0


@dataclass(frozen=True)
class CategoryField:
    """A column of texts that repeat; each is written once."""

    name: str


@dataclass(frozen=True)
class NumberedField:
    """A column of texts that end in a number: ids such as ``way/123``, house numbers."""

    name: str


Field = NumberField | CategoryField | NumberedField


def to_pixels(geographic_deg: FloatArray) -> IntArray:
    """Return whole Web Mercator pixels at zoom 20 of (n, 2) longitudes and latitudes.

    Examples
    --------
    >>> to_pixels(np.array([[0.0, 0.0], [-180.0, 0.0]])) == [[2**27, 2**27], [0, 2**27]]
    array([[ True,  True],
           [ True,  True]])
    """
    x = (geographic_deg[:, 0] + 180.0) / 360.0
    y = (1.0 - np.arcsinh(np.tan(np.radians(geographic_deg[:, 1]))) / np.pi) / 2.0
    return np.rint(np.column_stack([x, y]) * WORLD_PIXELS).astype(np.int64)


def write_whole(values: IntArray) -> bytes:
    """Return whole numbers from 0 to 2⁵³ as variable-length integers.

    Examples
    --------
    >>> write_whole(np.array([1, 127, 128, 300])).hex(" ")
    '01 7f 80 01 ac 02'
    """
    if values.size == 0:
        return b""
    if int(values.min()) < 0 or int(values.max()) > 2**53:
        raise ValueError(f"{values.min()} to {values.max()} does not fit the container")
    numbers = values.astype(np.uint64)
    lengths = np.ones(len(numbers), dtype=np.int64)
    for place in range(1, 8):
        lengths += numbers >= np.uint64(1) << np.uint64(7 * place)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    out = np.zeros(int(ends[-1]), dtype=np.uint8)
    for place in range(int(lengths.max())):
        wide = lengths > place
        digits = (numbers[wide] >> np.uint64(7 * place)) & np.uint64(127)
        more = np.where(lengths[wide] > place + 1, np.uint64(128), np.uint64(0))
        out[starts[wide] + place] = (digits | more).astype(np.uint8)
    return out.tobytes()


def write_signed(values: IntArray) -> bytes:
    """Return signed numbers as variable-length integers, small ones short.

    Examples
    --------
    >>> write_signed(np.array([0, -1, 1, -2])).hex(" ")
    '00 01 02 03'
    """
    return write_whole((values << 1) ^ (values >> 63))


def quantise(values: FloatArray, decimals: int) -> FloatArray:
    """Return the numbers as they will be read back; missing stays missing.

    Examples
    --------
    >>> quantise(np.array([12.34, 1985.0]), 1), quantise(np.array([12_345.0]), -2)
    (array([  12.3, 1985. ]), array([12300.]))
    """
    whole = np.rint(values * 10.0**decimals)
    return whole / 10.0**decimals if decimals >= 0 else whole * 10.0**-decimals


def _number_codes(values: FloatArray, decimals: int) -> tuple[IntArray, int]:
    """Return codes from 1, 0 where missing, and the number that code 1 stands for."""
    scaled = np.rint(values * 10.0**decimals)
    missing = ~np.isfinite(scaled)
    lowest = int(scaled[~missing].min()) if (~missing).any() else 0
    codes = np.where(missing, 0, np.where(missing, 0.0, scaled) - lowest + 1)
    return codes.astype(np.int64), lowest


def _category_codes(values: pd.Series) -> tuple[IntArray, list[str]]:
    texts = values.astype("string")
    names = sorted(texts.dropna().unique())
    codes = pd.Categorical(texts, categories=names).codes.astype(np.int64) + 1
    return codes, [str(name) for name in names]


def _numbered_codes(values: pd.Series) -> tuple[IntArray, list[str], IntArray]:
    # nine digits at most, no leading zero: what text and number put together gives back the same text
    split = values.astype("string").str.extract(r"^(?s:(.*?))((?:(?<![0-9])(?:0|[1-9][0-9]{0,14}))?)\Z")
    codes, names = _category_codes(split[0])
    numbers = pd.to_numeric(split[1].replace("", pd.NA)).to_numpy(dtype=float, na_value=np.nan)
    return codes, names, np.where(np.isnan(numbers), 0.0, numbers + 1.0).astype(np.int64)


def _write_column(table: pd.DataFrame, field: Field) -> tuple[dict[str, Any], list[bytes]]:
    values = table[field.name]
    if isinstance(field, NumberField):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        codes, lowest = _number_codes(numbers, field.decimals)
        head = {"name": field.name, "type": "number", "decimals": field.decimals, "lowest": lowest}
        return head, [write_whole(codes)]
    if isinstance(field, CategoryField):
        codes, names = _category_codes(values)
        return {"name": field.name, "type": "category", "values": names}, [write_whole(codes)]
    codes, names, numbers_after = _numbered_codes(values)
    head = {"name": field.name, "type": "numbered", "values": names}
    return head, [write_whole(codes), write_whole(numbers_after)]


def _write_geometry(shapes: ObjectArray, kind: GeometryKind) -> tuple[dict[str, Any], list[bytes]]:
    """Return the head and the sections of geometries in longitude and latitude."""
    parts, part_feature = shapely.get_parts(shapes, return_index=True)
    fits = np.isin(shapely.get_type_id(parts), _TYPE_IDS[kind]) & ~shapely.is_empty(parts)
    parts, part_feature = parts[fits], part_feature[fits]
    if kind == "polygon":
        # outlines run one way and holes the other: overlapping buildings stay filled, holes stay open
        parts = shapely.orient_polygons(parts)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
    else:
        rings, ring_part = parts, np.arange(len(parts))
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    pixels = to_pixels(points)
    sizes = np.bincount(point_ring, minlength=len(rings))
    if kind == "polygon" and len(rings):
        closing = np.cumsum(sizes) - 1
        pixels, sizes = np.delete(pixels, closing, axis=0), sizes - 1
    starts = np.cumsum(sizes) - sizes
    origin = pixels.min(axis=0) if len(pixels) else np.zeros(2, dtype=np.int64)
    local = pixels - origin
    steps = np.diff(local, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    steps[starts] = np.diff(local[starts], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    head = {
        "kind": kind,
        "origin": [int(origin[0]), int(origin[1])],
        "vertices": len(local),
        "rings": len(rings),
    }
    sections = [
        write_whole(np.bincount(part_feature, minlength=len(shapes))),
        write_whole(np.bincount(ring_part, minlength=len(parts))),
        write_whole(sizes),
        write_signed(steps.ravel()),
    ]
    return head, sections


def along_curve(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows along a Hilbert curve, so that neighbours follow each other."""
    if len(table) < 2:
        return table
    has_place = ~(table.geometry.isna() | table.geometry.is_empty).to_numpy()
    distance = np.zeros(len(table), dtype=np.int64)
    distance[has_place] = table[has_place].hilbert_distance().to_numpy()
    return table.iloc[np.argsort(distance, kind="stable")]


def encode_layer(
    table: gpd.GeoDataFrame, fields: Sequence[Field], kind: GeometryKind, *, is_ordered: bool = False
) -> bytes:
    """Return a layer as the bytes of a container, not yet compressed.

    Parameters
    ----------
    table : GeoDataFrame of n rows
        Any coordinate system; parts of another kind than `kind` are left out.
    fields : sequence of Field
        The columns to carry. Everything else stays behind.
    kind : {"polygon", "line", "point"}
    is_ordered : bool
        Keep the order of the rows instead of sorting them along a Hilbert curve.
    """
    geographic = to_crs(table, GEOGRAPHIC)
    ordered = geographic if is_ordered else along_curve(geographic)
    head, sections = _write_geometry(ordered.geometry.to_numpy(), kind)
    columns = []
    for field in fields:
        column, written = _write_column(ordered, field)
        columns.append(column)
        sections.extend(written)
    head |= {
        "count": len(ordered),
        "zoom": ZOOM,
        "columns": columns,
        "bytes": [len(part) for part in sections],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    return b"".join([MAGIC, len(text).to_bytes(4, "little"), text, *sections])


def pack(content: bytes) -> str:
    """Return bytes compressed and as base64 text; equal bytes give equal text."""
    return base64.b64encode(gzip.compress(content, GZIP_LEVEL, mtime=0)).decode("ascii")
