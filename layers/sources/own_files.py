"""Make one extract of all that a person brings: footprints, streets, other files' facts, a surface model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from layers.core.crs import GEOGRAPHIC, metric_crs, to_crs
from layers.core.errors import UsageProblem
from layers.core.extract import Extract, Note
from layers.core.text import clean_name
from layers.sources.building_table import BuildingTable, check_columns, open_buildings
from layers.sources.coast import CoastParams
from layers.sources.column_names import parse_mapping
from layers.sources.files import OVERPASS, describe_file
from layers.sources.join import JoinParams, join_attributes
from layers.sources.osm import read_osm, read_surroundings
from layers.sources.roofs import survey_roofs
from layers.sources.surface import SurfaceParams, measure_heights
from layers.sources.vector import buildings_extract, read_streets
from layers.sources.vector_files import WHAT

# streets of a larger extract end here; sections to the next crossing stay whole
SURROUNDINGS_M = 500.0


@dataclass(frozen=True)
class OwnFiles:
    """What a person brings.

    Attributes
    ----------
    osm, buildings : Path or None
        Footprints; at most one of them.
    streets : Path or None
        Streets to go with `buildings`: a file of lines, or an OpenStreetMap extract, which also brings
        land, water and places.
    layer, crs : str or None
        Layer of `buildings`; coordinate system of files that name none.
    mapping : tuple of str
        ``NAME=COLUMN`` for columns that are not recognised by themselves.
    joins : tuple of Path
        Files that know more about the same buildings, the first one first.
    join_wins : bool
        Whether joined values replace those of the footprints.
    surface, terrain : Path or None
        GeoTIFF of heights, and of the ground.
    join_params, surface_params, coast_params : optional
        Settings of joining, of measuring heights and of making the sea.
    """

    osm: Path | None = None
    buildings: Path | None = None
    streets: Path | None = None
    layer: str | None = None
    crs: str | None = None
    mapping: tuple[str, ...] = ()
    joins: tuple[Path, ...] = ()
    join_wins: bool = False
    surface: Path | None = None
    terrain: Path | None = None
    join_params: JoinParams | None = None
    surface_params: SurfaceParams | None = None
    coast_params: CoastParams | None = None


def _is_osm(path: Path) -> bool:
    found = describe_file(path, what=WHAT)
    return found == OVERPASS or "OpenStreetMap" in found


def _near(table: gpd.GeoDataFrame, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    west, south, east, north = shapely.bounds(table.geometry.to_numpy()).T if len(table) else np.zeros((4, 0))
    return table[(west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])]


def _add_surroundings(extract: Extract, path: Path, coast: CoastParams | None) -> Extract:
    """Take streets, land, water and places of an extract, as far as they lie around the buildings."""
    around = read_surroundings(path, coast)
    metric = metric_crs(extract.buildings, name="the buildings")
    reach = shapely.box(*to_crs(extract.buildings, metric).total_bounds).buffer(SURROUNDINGS_M)
    west, south, east, north = gpd.GeoSeries([reach], crs=metric).to_crs(GEOGRAPHIC).total_bounds
    names = ("streets", "barriers", "landuse", "background", "places", "points")
    tables = {name: _near(getattr(around, name), (west, south, east, north)) for name in names}
    tables |= {
        name: _near(table, (west, south, east, north))
        for name in ("heat_sources", "heat_pipes")
        if (table := getattr(around, name)) is not None
    }
    far_count = len(around.streets) - len(tables["streets"])
    text = f"streets more than {SURROUNDINGS_M:g} m from the buildings, left out"
    far = (Note("read", text, far_count),) if far_count else ()
    return dataclasses.replace(
        extract, **tables, sources=extract.sources + around.sources,
        notes=(*extract.notes, *around.notes, *far),
    )  # fmt: skip


def _add_streets(extract: Extract, files: OwnFiles) -> Extract:
    if files.streets is None:
        return extract
    if _is_osm(files.streets):
        return _add_surroundings(extract, files.streets, files.coast_params)
    streets = read_streets(files.streets, crs=files.crs)
    return dataclasses.replace(
        extract, streets=streets.streets, barriers=streets.barriers,
        sources=extract.sources + streets.sources, notes=extract.notes + streets.notes,
    )  # fmt: skip


def _opened(files: OwnFiles, mapping: Mapping[str, str]) -> tuple[Extract | None, BuildingTable | None]:
    """Return the footprints, read when they are OpenStreetMap's, else only opened."""
    if files.osm is not None:
        return read_osm(files.osm, files.coast_params), None
    assert files.buildings is not None
    if _is_osm(files.buildings):
        return read_osm(files.buildings, files.coast_params), None
    return None, open_buildings(files.buildings, layer=files.layer, crs=files.crs, mapping=mapping)


def _open_join(path: Path, files: OwnFiles, mapping: Mapping[str, str]) -> Extract | BuildingTable:
    if _is_osm(path):
        return read_osm(path, files.coast_params)
    return open_buildings(path, crs=files.crs, mapping=mapping, as_join=True)


def combine(files: OwnFiles, footprints: Extract | None = None) -> Extract:
    """Return one extract of everything that a person brings.

    Parameters
    ----------
    files : OwnFiles
    footprints : Extract, optional
        Footprints that were read before, in place of `files.osm` and `files.buildings`.

    Raises
    ------
    PlannerError
        One sentence that names the file, what was found and the cure.
    """
    mapping = parse_mapping(files.mapping)
    extract, table = (footprints, None) if footprints is not None else _opened(files, mapping)
    joins = [_open_join(path, files, mapping) for path in files.joins]
    tables = [one for one in (table, *joins) if isinstance(one, BuildingTable)]
    if mapping and not tables:
        raise UsageProblem("--map names columns of --buildings or --join; OpenStreetMap's keys need none.")
    check_columns(mapping, tables)
    if extract is None:
        assert table is not None
        extract = buildings_extract(table, mapping)
    extract = _add_streets(extract, files)
    for path, one in zip(files.joins, joins, strict=True):
        other = buildings_extract(one, mapping) if isinstance(one, BuildingTable) else one
        extract = join_attributes(
            extract, other, name=clean_name(path.name), other_wins=files.join_wins, params=files.join_params
        )
    if files.surface is not None:
        extract = measure_heights(
            extract, files.surface, files.terrain, crs=files.crs, params=files.surface_params
        )
    if files.surface is not None or files.terrain is not None:
        extract = survey_roofs(extract, files.surface, files.terrain, crs=files.crs)
    return extract
