"""Read tables written as text (CSV): outlines as WKT or hexadecimal WKB, or points as two columns.

The separator is looked for in the first line. Such a table cannot say in which coordinate system it is:
EWKT names one, EUBUCCO is known to use EPSG:3035, numbers that can be degrees are taken for degrees, and
for all others the person is asked.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.core.crs import GEOGRAPHIC, RASTER
from layers.core.errors import InputProblem
from layers.core.types import ObjectArray
from layers.sources.column_names import plain_name
from layers.sources.limits import MOST_ROWS_COUNT, refuse_rows

KIND = "a table in text"
_SEPARATORS = (",", ";", "\t", "|")
_SHAPE_NAMES = ("geometry", "wkt", "wktgeom", "geom", "thegeom", "geometrie", "geomwkt", "geometrywkt",
                "shape", "footprint", "polygon")  # fmt: skip
_X_NAMES = ("longitude", "lon", "lng", "long", "x", "xcoord", "coordx", "pointx", "easting", "rechtswert",
            "ostwert", "e", "longitud", "lengdegrad")  # fmt: skip
_Y_NAMES = ("latitude", "lat", "y", "ycoord", "coordy", "pointy", "northing", "hochwert", "nordwert", "n",
            "latitud", "breddegrad")  # fmt: skip
_EUBUCCO = frozenset({"idsource", "typesource"})
_SRID = re.compile(r"^\s*SRID\s*=\s*(\d{4,6})\s*;", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"^[0-9A-Fa-f]{18,}$")
_WHOLE = r"^(-?\d+)\.0+$"
_LONGEST_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class TextTable:
    """How a table in text is written.

    Attributes
    ----------
    separator, encoding : str
    columns : tuple of str
        All but those of its geometry.
    shape : str
        Column of outlines; empty where points stand in two columns.
    point : tuple of str
        Columns of longitude and latitude, or of easting and northing.
    """

    separator: str
    encoding: str
    columns: tuple[str, ...]
    shape: str = ""
    point: tuple[str, str] = ("", "")

    @property
    def kind(self) -> str:
        """Return what its geometries are, as other formats state it."""
        return "Unknown" if self.shape else "Point"


def _head(path: Path) -> tuple[str, str]:
    """Return the first line, and how the file's letters are written."""
    with path.open("rb") as stream:
        head = stream.readline(_LONGEST_HEAD_BYTES)
        rest = head + stream.read(_LONGEST_HEAD_BYTES)
    try:
        # the last letter may be cut
        rest[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace"), "cp1252"
    return head.decode("utf-8-sig", "replace"), "utf-8-sig"


def look_at(path: Path) -> TextTable | None:
    """Return how a table in text is written, or None where the file is none.

    Raises
    ------
    InputProblem
        When it is a table, but has no column of places.
    """
    line, encoding = _head(path)
    separator = max(_SEPARATORS, key=line.count)
    try:
        names = [name.strip() for name in next(csv.reader(line.splitlines(), delimiter=separator), [])]
    except csv.Error:
        return None
    if len(names) < 2 or any(not name.isprintable() for name in names) or len(set(names)) < len(names):
        return None
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain_name(name), name)
    shape = next((known[name] for name in _SHAPE_NAMES if name in known), "")
    x = next((known[name] for name in _X_NAMES if name in known), "")
    y = next((known[name] for name in _Y_NAMES if name in known), "")
    if not shape and not (x and y):
        raise InputProblem(
            f"{path.name} is a table without a column of places (found: {', '.join(names)[:120]}); it needs "
            "geometry or wkt with outlines as WKT, or lon and lat for --join."
        )
    point = ("", "") if shape else (x, y)
    rest = tuple(name for name in names if name not in (shape, *point))
    return TextTable(separator, encoding, rest, shape, point)


def _decoded(texts: pd.Series) -> tuple[ObjectArray, str]:
    """Return outlines, None where they cannot be understood, and the system that EWKT names."""
    known = texts.fillna("").astype(str)
    first = next((text for text in known if text.strip()), "")
    if _HEXADECIMAL.match(first.strip()):
        shapes = shapely.from_wkb(known.str.strip().where(known.str.strip() != "", None), on_invalid="ignore")
        codes = set(shapely.get_srid(shapes).tolist()) - {0, -1}
        return np.asarray(shapes, dtype=object), str(codes.pop()) if len(codes) == 1 else ""
    found = _SRID.match(first)
    plain = known.str.replace(_SRID, "", regex=True) if found else known
    shapes = shapely.from_wkt(plain.where(plain.str.strip() != "", None), on_invalid="ignore")
    return np.asarray(shapes, dtype=object), found[1] if found else ""


def _numbers(texts: pd.Series) -> np.ndarray:
    """Return numbers, also with a decimal comma; NaN where there is none."""
    plain = texts.fillna("").astype(str).str.strip().str.replace(",", ".", regex=False)
    return np.asarray(pd.to_numeric(plain, errors="coerce"), dtype=np.float64)


def _points(table: pd.DataFrame, names: tuple[str, str]) -> ObjectArray:
    x, y = (_numbers(table[name]) for name in names)
    there = np.isfinite(x) & np.isfinite(y)
    points = np.full(len(table), None, dtype=object)
    points[there] = shapely.points(x[there], y[there])
    return points


def _system(shapes: ObjectArray, described: TextTable, code: str) -> CRS | None:
    if code:
        return CRS.from_epsg(int(code))
    if {plain_name(name) for name in described.columns} >= _EUBUCCO:
        return CRS.from_user_input(RASTER)
    xy = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    can_be_degrees = (np.abs(xy[:, 0]) <= 180.0).all() and (np.abs(xy[:, 1]) <= 90.0).all()
    return CRS.from_user_input(GEOGRAPHIC) if can_be_degrees else None


def read_text_table(path: Path, columns: list[str]) -> gpd.GeoDataFrame:
    """Return the wanted columns of a table in text as texts, with its places.

    Raises
    ------
    InputProblem
        When it has no place, or none that can be understood.
    ValueError, OSError
        When it cannot be read as a table.
    """
    described = look_at(path)
    if described is None:
        raise ValueError("its first line names no columns")
    wanted = [*columns, *(name for name in (described.shape, *described.point) if name)]
    table = pd.read_csv(
        path, sep=described.separator, encoding=described.encoding, encoding_errors="replace", dtype=str,
        keep_default_na=False, skipinitialspace=True, nrows=MOST_ROWS_COUNT + 1,
    )  # fmt: skip
    table = table.rename(columns=str.strip)[wanted]
    refuse_rows(path.name, len(table))
    if described.shape:
        shapes, code = _decoded(table[described.shape])
    else:
        shapes, code = _points(table, described.point), ""
    if len(shapes) and shapely.is_missing(shapes).all():
        raise InputProblem(
            f"{path.name} has no place that can be understood in {described.shape or described.point[0]}; "
            "outlines are written as WKT, for example POLYGON ((9 48, 9.001 48, 9.001 48.001, 9 48))."
        )
    # whole numbers that once had gaps among them: 1936.0
    plain = table[columns].replace(_WHOLE, r"\1", regex=True)
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=_system(shapes, described, code))
