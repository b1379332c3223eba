"""Read buildings, streets and district outlines from files of geographic data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.core.extract import Extract, Note, SourceRecord
from layers.core.text import clean_name
from layers.core.types import BoolArray, ObjectArray
from layers.physics.polygons import has_finite_coordinates
from layers.sources import osm_kinds as kinds
from layers.sources.building_table import (
    BuildingTable,
    check_columns,
    need_shape,
    open_buildings,
    to_buildings,
)
from layers.sources.building_tags import building_columns, building_frame, name_column
from layers.sources.column_names import OUTLINE_NAMES, STREET_NAMES, id_columns, match_columns, tag_bags
from layers.sources.datasets import source_of
from layers.sources.table_rows import row_ids, said_by
from layers.sources.tag_columns import TEXT, Texts
from layers.sources.vector_files import choose_layer, list_columns, open_vector, read_table, settle_crs

_STREET_WORDS = ("street", "road", "highway", "strass", "straat", "rue", "via", "tie", "weg", "troncon")
_DISTRICT_WORDS = (
    "district",
    "quarter",
    "bezirk",
    "wijk",
    "buurt",
    "quartier",
    "barri",
    "kaupunginosa",
    "linnaosa",
)
_AREAL = ("Polygon", "MultiPolygon", "GeometryCollection")
_LINEAR = ("LineString", "MultiLineString", "LinearRing", "GeometryCollection")
_LINESTRING = 1
# streets of files that do not say which they are: all of them may carry pipes
_UNSTATED_STREET = "unclassified"
_HASH_BYTES = 6


def _read(
    path: Path, layer: str | None, crs: str | None, names: Mapping[str, tuple[str, ...]],
    *, shape: str, words: tuple[str, ...],
) -> tuple[gpd.GeoDataFrame, dict[str, list[str]], tuple[Note, ...]]:  # fmt: skip
    """Return the layer that fits, the columns that were recognised, and notes."""
    opened = open_vector(path)
    chosen = choose_layer(opened, layer, shape=shape, words=words)
    columns = list_columns(opened, chosen)
    matches = match_columns(columns, names)
    matched = [name for found in matches.values() for name in found]
    wanted = dict.fromkeys([*matched, *id_columns(columns), *tag_bags(columns)])
    table = read_table(opened, chosen, list(wanted))
    table, notes = settle_crs(table, crs, path.name)
    if len(opened.layers) > 1:
        notes += (Note("read", f"rows of layer {clean_name(str(chosen))} of {path.name}", len(table)),)
    return table, matches, notes


@lru_cache(maxsize=32)
def _empty(
    crs: CRS, index_name: str, columns: tuple[str, ...], flags: tuple[str, ...] = ()
) -> gpd.GeoDataFrame:
    index = pd.Index([], name=index_name, dtype=TEXT)
    texts_ = {name: pd.array([], dtype=TEXT) for name in columns}
    flags_ = {name: np.zeros(0, dtype=bool) for name in flags}
    return gpd.GeoDataFrame(pd.DataFrame({**texts_, **flags_}, index=index), geometry=[], crs=crs)


def _extract(
    source: SourceRecord, crs: CRS, notes: tuple[Note, ...], *, buildings: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None, barriers: gpd.GeoDataFrame | None = None,
) -> Extract:  # fmt: skip
    """Return an extract whose other tables are empty."""
    if buildings is None:
        columns, _ = building_columns([])
        buildings = building_frame([], columns, np.zeros(0, dtype=object), crs)
    no_streets = _empty(crs, "street_id", ("name", "kind"), ("bridge", "tunnel")).copy()
    return Extract(
        buildings=buildings,
        streets=no_streets if streets is None else streets,
        barriers=_empty(crs, "barrier_id", ("kind",)).copy() if barriers is None else barriers,
        landuse=_empty(crs, "land_id", ("kind", "name")).copy(),
        background=_empty(crs, "background_id", ("kind",)).copy(),
        places=_empty(crs, "place_id", ("name", "kind")).copy(),
        points=_empty(crs, "point_id", ("use", "kind", "name")).copy(),
        sources=(source,),
        notes=notes,
    )


def read_buildings(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Extract:
    """Read building footprints from a file of geographic data.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, FlatGeobuf, Shapefile, GeoParquet, CSV or CityJSON; its content decides, not
        its name.
    layer : str, optional
        By default the layer of polygons named like "buildings", or the only one of polygons.
    crs : str, optional
        Coordinate system of a file that names none, or the wrong one.
    mapping : mapping, optional
        Our names (`MAP_TARGETS`) to the file's columns, where they are not recognised by themselves.

    Returns
    -------
    Extract
        Buildings with the columns that were recognised, in the file's system; all other tables empty.

    Raises
    ------
    InputProblem, CrsProblem, UsageProblem
        One sentence that names the file, what was found and the cure.
    """
    table = open_buildings(path, layer=layer, crs=crs, mapping=mapping)
    check_columns(mapping or {}, [table])
    return buildings_extract(table, mapping)


def buildings_extract(table: BuildingTable, mapping: Mapping[str, str] | None = None) -> Extract:
    """Return an opened table's buildings as an extract whose other tables are empty."""
    buildings, notes = to_buildings(table, mapping)
    return _extract(table.source, buildings.crs, notes, buildings=buildings)


def _stated_kind(tags: Mapping[str, str]) -> str:
    return clean_name(kinds.street_kind(tags) or "") or _UNSTATED_STREET


def _says_yes(text: str) -> bool:
    return text not in ("no", "0", "F")


def _lines(table: gpd.GeoDataFrame, ids: ObjectArray) -> tuple[ObjectArray, np.ndarray, list[str], int]:
    """Return single lines, the row of each, their ids, and how many rows hold no line."""
    parts, row = shapely.get_parts(table.geometry.to_numpy(), return_index=True)
    is_line = (shapely.get_type_id(parts) == _LINESTRING) & has_finite_coordinates(parts)
    parts, row = parts[is_line], row[is_line]
    number = pd.Series(row).groupby(row).cumcount().to_numpy() if len(row) else np.zeros(0, dtype=int)
    names = [
        ids[place] if count == 0 else f"{ids[place]}-{count + 1}"
        for place, count in zip(row, number, strict=True)
    ]
    return parts, row, names, len(table) - len(np.unique(row))


def read_streets(path: Path, *, layer: str | None = None, crs: str | None = None) -> Extract:
    """Read streets from a file of geographic data; see `read_buildings`.

    Returns
    -------
    Extract
        Streets (lines of unstated class count as ``unclassified``) and the motorways among them as
        barriers; no buildings.
    """
    table, matches, notes = _read(path, layer, crs, STREET_NAMES, shape="LineString", words=_STREET_WORDS)
    need_shape(table, _LINEAR, "lines", path)
    parts, row, ids, dropped_count = _lines(table, row_ids(table))
    said = said_by(table, matches, tag_bags(table.columns), frozenset({"bridge", "tunnel"}))
    group, _, different = said.different(set(said.columns) - {"name"})
    tags = list(different)
    street_kinds = Texts(group, [_stated_kind(tag) for tag in tags])
    barrier_kinds = Texts(group, tags).mapped(kinds.barrier_kind)

    def flag(key: str) -> BoolArray:
        """Return what is said to be a bridge or a tunnel."""
        return said.columns[key].flags(_says_yes) if key in said.columns else np.zeros(len(table), dtype=bool)

    frame = (
        pd.DataFrame(
            {
                "name": name_column(said.first_of("name")),
                "kind": name_column(street_kinds),
                "bridge": flag("bridge"),
                "tunnel": flag("tunnel"),
            }
        )
        .iloc[row]
        .set_axis(pd.Index(ids, name="street_id", dtype=TEXT), axis=0)
    )
    streets = gpd.GeoDataFrame(frame, geometry=parts, crs=table.crs)
    if not streets.index.is_unique:
        count = streets.groupby(level=0).cumcount().to_numpy()
        renamed = [
            name if number == 0 else f"{name}/{number + 1}" for name, number in zip(ids, count, strict=True)
        ]
        streets = streets.set_axis(pd.Index(renamed, name="street_id", dtype=TEXT), axis=0)
    barriers = gpd.GeoDataFrame(
        pd.DataFrame({"kind": barrier_kinds.to_column()[row]}, index=streets.index),
        geometry=parts,
        crs=table.crs,
    )[barrier_kinds.is_said[row]]
    lost = (Note("read", "rows that are no lines, left out", dropped_count),) if dropped_count else ()
    return _extract(
        source_of(path, table.columns, table), table.crs,
        (Note("read", "streets", len(streets)), *notes, *lost),
        streets=streets.sort_index(), barriers=barriers.sort_index().rename_axis("barrier_id"),
    )  # fmt: skip


def read_outlines(path: Path, *, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Read the user's own districts: polygons with `name` and, where the file has one, `district_id`."""
    table, matches, _ = _read(path, layer, crs, OUTLINE_NAMES, shape="Polygon", words=_DISTRICT_WORDS)
    need_shape(table, _AREAL, "polygons", path)
    said = said_by(table, matches)
    columns = {
        key: name_column(said.first_of(key)) for key in OUTLINE_NAMES if key in matches or key == "name"
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=table.geometry.to_numpy(), crs=table.crs)
