"""Open any file of buildings as a table, and turn its columns into `BUILDING_COLUMNS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np

from layers.core.errors import InputProblem
from layers.core.extract import Note, SourceRecord
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.sources.building_tags import building_columns, building_frame
from layers.sources.cityjson import COMPUTED, read_city_model
from layers.sources.column_names import (
    BUILDING_NAMES,
    MAP_TARGETS,
    check_mapping,
    id_columns,
    match_columns,
    tag_bags,
)
from layers.sources.datasets import is_overture, source_of
from layers.sources.files import CITYJSON, CITYJSON_SEQ, describe_file
from layers.sources.table_rows import row_ids, said_by, without_gap_marks
from layers.sources.vector_files import WHAT, choose_layer, list_columns, open_vector, read_table, settle_crs

BUILDING_WORDS = (
    "build", "footprint", "gebaeude", "gebaude", "bati", "pand", "rakenn", "edific", "hoone", "byg", "budyn",
    "construc", "edifi", "fabbric",
)  # fmt: skip
_AREAL = ("Polygon", "MultiPolygon", "GeometryCollection")
_POINTS = ("Point", "MultiPoint")
# of whole towns even the lowest twentieth higher than this: heights above sea level, not above ground
_FEWEST_HEIGHTS = 20
_LOW_SHARE = 0.05
_SEA_LEVEL_M = 35.0


@dataclass(frozen=True)
class BuildingTable:
    """A file of buildings with the columns that are of use.

    Attributes
    ----------
    path : Path
    frame : GeoDataFrame
    columns : tuple of str
        All that the file has.
    matches : mapping of OpenStreetMap's keys to the file's columns
    is_model : bool
        A 3D model: its heights are measured.
    """

    path: Path
    frame: gpd.GeoDataFrame
    columns: tuple[str, ...]
    matches: Mapping[str, list[str]]
    notes: tuple[Note, ...]
    source: SourceRecord
    is_model: bool = False


def _mapped(matches: dict[str, list[str]], mapping: Mapping[str, str], columns: list[str]) -> None:
    """Let the columns that a person names stand in for those that were recognised."""
    for target, column in mapping.items():
        if column in columns and target != "building_id":
            matches[MAP_TARGETS[target]] = [column]


def need_shape(frame: gpd.GeoDataFrame, allowed: tuple[str, ...], what: str, path: Path) -> None:
    """Check that at least one geometry is of a wanted kind."""
    found = frame.geometry.geom_type.dropna()
    if found.isin(allowed).any():
        return
    kinds_found = ", ".join(f"{count:,} {kind}s" for kind, count in found.value_counts().items()) or "no rows"
    raise InputProblem(f"{path.name} holds no {what} ({kinds_found}); pass a file or --layer that does.")


def _open_model(path: Path, crs: str | None, mapping: Mapping[str, str], overrule: bool) -> BuildingTable:
    frame, notes = read_city_model(path)
    frame, crs_notes = settle_crs(frame, crs, path.name, overrule=overrule)
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    matches = match_columns(columns, BUILDING_NAMES)
    _mapped(matches, mapping, columns)
    source = source_of(path, columns, frame)
    own = tuple(name for name in columns if not name.startswith(COMPUTED))
    return BuildingTable(path, frame, own, matches, (*notes, *crs_notes), source, is_model=True)


def open_buildings(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    mapping: Mapping[str, str] | None = None,
    as_join: bool = False,
) -> BuildingTable:
    """Open a file of buildings and look at its columns.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, FlatGeobuf, Shapefile, GeoParquet, CSV or CityJSON; its content decides.
    layer, crs : str, optional
    mapping : our names to the file's columns, optional
        Names that the file does not have are left to other files.
    as_join : bool
        Whether the file only adds to other footprints: points serve as well as polygons, and `crs` does
        not overrule what the file says.

    Raises
    ------
    InputProblem, CrsProblem, UsageProblem
        One sentence that names the file, what was found and the cure.
    """
    mapping = mapping or {}
    if describe_file(path, what=WHAT) in (CITYJSON, CITYJSON_SEQ):
        return _open_model(path, crs, mapping, not as_join)
    opened = open_vector(path)
    shape = "Polygon"
    if as_join and not any("Polygon" in (kind or "") for kind in opened.layers.values()):
        shape = "Point"
    chosen = choose_layer(opened, layer, shape=shape, words=BUILDING_WORDS)
    columns = list_columns(opened, chosen)
    matches = match_columns(columns, BUILDING_NAMES)
    _mapped(matches, mapping, columns)
    wanted = [name for found in matches.values() for name in found] + id_columns(columns) + tag_bags(columns)
    wanted += [column for column in mapping.values() if column in columns]
    if is_overture(columns):
        wanted += [name for name in ("sources", "is_underground") if name in columns]
    frame = read_table(opened, chosen, list(dict.fromkeys(wanted)))
    frame, notes = settle_crs(frame, crs, path.name, overrule=not as_join)
    allowed = (*_AREAL, *_POINTS) if as_join else _AREAL
    need_shape(frame, allowed, "polygons or points" if as_join else "polygons", path)
    if len(opened.layers) > 1:
        notes += (Note("read", f"rows of layer {clean_name(str(chosen))} of {path.name}", len(frame)),)
    return BuildingTable(path, frame, tuple(columns), matches, notes, source_of(path, columns, frame))


def _above_ground(heights: FloatArray, path: Path) -> tuple[Note, ...]:
    """Take out heights above sea level; they say nothing without the ground."""
    known = heights[~np.isnan(heights)]
    if len(known) < _FEWEST_HEIGHTS or np.quantile(known, _LOW_SHARE) < _SEA_LEVEL_M:
        return ()
    text = f"heights of {path.name} look like heights above sea level, not above ground, and are left as gaps"
    return (Note("read", text, len(known)),)


def to_buildings(
    table: BuildingTable, mapping: Mapping[str, str] | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return a table's rows with `BUILDING_COLUMNS`, and notes about what was recognised and refused."""
    mapping = mapping or {}
    frame, path = table.frame, table.path
    notes = [Note("read", f"rows of {path.name}", len(frame))]
    if "is_underground" in frame.columns and is_overture(table.columns):
        below = frame["is_underground"].fillna(False).to_numpy(dtype=bool)
        frame = frame[~below]
        if below.any():
            notes.append(Note("read", "buildings below ground, left out", int(below.sum()), is_loss=True))
    said, marked_count = without_gap_marks(said_by(frame, table.matches, tag_bags(table.columns)))
    columns, refused = building_columns(said)
    heights = columns["tagged_height_m"].to_numpy(dtype=float)
    sea_notes = _above_ground(heights, path)
    if sea_notes:
        columns = columns.assign(tagged_height_m=np.nan)
    elif table.is_model:
        columns = columns.assign(is_height_measured=~np.isnan(heights))
    stated_id = mapping.get("building_id")
    ids = row_ids(frame, stated_id if stated_id in frame.columns else None)
    named = sorted(
        {name for found in table.matches.values() for name in found if not name.startswith(COMPUTED)}
    )
    text = f"columns of {path.name} recognised: {clean_name(', '.join(named), 300) or 'none'}"
    notes.append(Note("read", text, len(named)))
    if marked_count:
        notes.append(
            Note("read", "values that only mark a gap (0, -1, -9999, unknown …), read as gaps", marked_count)
        )
    buildings = building_frame(ids, columns, frame.geometry.to_numpy(), frame.crs)
    return buildings, (*notes, *table.notes, *sea_notes, *refused)


def check_columns(mapping: Mapping[str, str], tables: list[BuildingTable]) -> None:
    """Check that every column that a person names is in one of the tables; see `check_mapping`."""
    check_mapping(mapping, {table.path.name: table.columns for table in tables})
