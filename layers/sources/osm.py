"""Read OpenStreetMap extracts (`.osm.pbf`, `.osm`, Overpass JSON) with exact multipolygons.

Buildings with holes are assembled from their relations; a ring that crosses itself is kept as it was
drawn, so that cleaning can repair it; parts of buildings lend their heights. An extract cuts objects at
its edge: a building with missing corners is left out and counted, a street keeps the runs of corners
that are there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import shapely

from layers.core.crs import GEOGRAPHIC
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note, SourceRecord
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.sources import heat_source_tags as heat_tags
from layers.sources import osm_kinds as kinds
from layers.sources import tags as parse
from layers.sources.building_tags import (
    BUILDING_KEYS,
    Tags,
    building_columns,
    building_frame,
    first_of,
    texts,
)
from layers.sources.coast import Box, CoastParams, find_sea
from layers.sources.files import CITYJSON, OVERPASS, describe_file, source_record
from layers.sources.osm_tables import Rows, add_modules, flags_of, kinds_by, make_frame, names
from layers.sources.overpass import overpass_to_opl
from layers.sources.parts import Parts, serve_buildings
from layers.sources.pbf_check import refuse_broken_texts
from layers.sources.tagged_use import INSIDE_KEYS, use_inside

WHAT = "an OpenStreetMap extract (.osm.pbf, .osm or Overpass JSON)"
_TABLES = (
    "an SQLite database",
    "a Parquet table",
    "a FlatGeobuf",
    "a Shapefile",
    "a JSON document",
    CITYJSON,
)
CUT_STREETS = "streets and other lines cut at the extract's edge, kept as far as they are known"
_NO_TIME_YEAR = 1970
_SMALLEST_RING = 4
_KEPT_KEYS = (
    BUILDING_KEYS
    | set(kinds.LOOKED_AT_KEYS)
    | {"type", "area", "tunnel", "bridge", "admin_level"}
    | heat_tags.DETAIL_KEYS
)


class _Collector:
    """Takes objects one by one and sorts them into tables."""

    def __init__(self) -> None:
        self.factory = osmium.geom.WKBFactory()
        self.buildings, self.parts, self.streets, self.barriers = Rows(), Rows(), Rows(), Rows()
        self.land, self.background, self.places, self.points = Rows(), Rows(), Rows(), Rows()
        self.modules, self.heat, self.heat_pipes = Rows(), Rows(), Rows()
        # outlines that are complete but not yet assembled, and relations not yet assembled
        self.waiting: dict[str, tuple[Tags, str]] = {}
        self.missing: set[str] = set()
        self.cut_street_count = 0
        self.building_point_count = 0
        self.unclosed_count = 0
        self.newest = datetime.min.replace(tzinfo=UTC)
        # what the file says it covers; not every file says it
        self.box: Box | None = None

    def take(self, item: Any) -> None:
        """Sort one object; areas are the assembled polygons of ways and relations."""
        tags = {tag.k: tag.v for tag in item.tags if tag.k in _KEPT_KEYS}
        if item.is_area():
            self._take_area(item, tags)
            return
        self.newest = max(self.newest, item.timestamp)
        if item.is_node():
            self._take_node(item, tags)
        elif item.is_way():
            self._take_way(item, tags)
        elif tags.get("type") == "multipolygon" and kinds.is_building(tags):
            self.missing.add(f"relation/{item.id}")

    def _take_node(self, node: Any, tags: Tags) -> None:
        self.building_point_count += tags.get("building") not in (None, "entrance")
        object_id = f"node/{node.id}"
        if heat_tags.site_kind(tags) is not None:
            self.heat.add(object_id, tags, self.factory.create_point(node))
        if kinds.is_solar(tags):
            self.modules.add(object_id, tags, self.factory.create_point(node))
        elif kinds.place_kind(tags) is not None:
            self.places.add(object_id, tags, self.factory.create_point(node))
        elif use_inside(tags) is not None:
            self.points.add(object_id, tags, self.factory.create_point(node))

    def _take_way(self, way: Any, tags: Tags) -> None:
        if kinds.is_building(tags):
            self._expect_building(way, tags)
        street, barrier = kinds.street_kind(tags), kinds.barrier_kind(tags)
        background = kinds.background_line_kind(tags)
        river, pipe = heat_tags.line_kind(tags), heat_tags.is_heat_pipe(tags) or None
        if all(kind is None for kind in (street, barrier, background, river, pipe)):
            return
        runs = self._runs(way)
        for number, wkb in enumerate(runs, start=1):
            object_id = f"way/{way.id}" if number == 1 else f"way/{way.id}-{number}"
            for rows, kind in (
                (self.streets, street),
                (self.barriers, barrier),
                (self.background, background),
                (self.heat, river),
                (self.heat_pipes, pipe),
            ):
                if kind is not None:
                    rows.add(object_id, tags, wkb)

    def _expect_building(self, way: Any, tags: Tags) -> None:
        object_id = f"way/{way.id}"
        if not way.is_closed():
            self.unclosed_count += 1
            return
        try:
            self.waiting[object_id] = (tags, self.factory.create_linestring(way))
        except (osmium.InvalidLocationError, RuntimeError):
            self.missing.add(object_id)

    def _runs(self, way: Any) -> list[str]:
        """Return the line of a way, or its runs of known corners where the extract cuts it."""
        try:
            return [self.factory.create_linestring(way)]
        except osmium.InvalidLocationError:
            self.cut_street_count += 1
        except RuntimeError:  # a single point drawn twice is no line
            return []
        runs: list[list[tuple[float, float]]] = [[]]
        for node in way.nodes:
            if node.location.valid():
                runs[-1].append((node.lon, node.lat))
            else:
                runs.append([])
        return [shapely.to_wkb(shapely.LineString(run), hex=True) for run in runs if len(set(run)) > 1]

    def _take_area(self, area: Any, tags: Tags) -> None:
        object_id = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        try:
            wkb = self.factory.create_multipolygon(area)
        except RuntimeError:  # rings that cross themselves; outlines of ways are kept in `waiting`
            return
        if (heat_tags.site_kind(tags) or heat_tags.area_kind(tags)) is not None:
            self.heat.add(object_id, tags, wkb)
        if kinds.is_building(tags):
            self.waiting.pop(object_id, None)
            self.missing.discard(object_id)
            self.buildings.add(object_id, tags, wkb)
            return
        if kinds.is_part(tags):
            self.parts.add(object_id, tags, wkb)
            return
        if kinds.is_solar(tags):
            self.modules.add(object_id, tags, wkb)
            return
        for rows, kind in (
            (self.land, kinds.land_kind(tags)),
            (self.background, kinds.background_area_kind(tags)),
            (self.places, kinds.place_kind(tags)),
        ):
            if kind is not None:
                rows.add(object_id, tags, wkb)

    def keep_crossing_outlines(self) -> int:
        """Add closed outlines that could not be assembled, as drawn; return how many."""
        kept = 0
        for object_id, (tags, wkb) in self.waiting.items():
            ring = shapely.get_coordinates(shapely.from_wkb(wkb))
            if len(ring) < _SMALLEST_RING:
                self.missing.add(object_id)
                continue
            self.buildings.add(object_id, tags, shapely.to_wkb(shapely.Polygon(ring), hex=True))
            kept += 1
        return kept


def _covered(box: Any) -> Box | None:
    if not box.valid():
        return None
    return (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)


def _open(path: Path) -> Any:
    """Return what osmium reads: the file itself, or the objects of an Overpass answer."""
    found = describe_file(path, what=WHAT)
    if found == OVERPASS:
        return osmium.io.FileBuffer(overpass_to_opl(path), "opl")
    if "OpenStreetMap" not in found:
        cure = "pass it with --buildings" if found in _TABLES else "fetch the extract again"
        raise InputProblem(f"{path.name} is {found}, not {WHAT}; {cure}.")
    if "PBF" in found:
        refuse_broken_texts(path)
        return osmium.io.File(str(path), "pbf")
    return osmium.io.File(str(path), "osm")


def _collect(path: Path) -> _Collector:
    source = _open(path)
    looked_at = osmium.filter.KeyFilter(*kinds.LOOKED_AT_KEYS)
    collector = _Collector()
    try:
        objects = osmium.FileProcessor(source).with_areas(looked_at).with_filter(looked_at)
        collector.box = _covered(objects.header.box())
        for item in objects:
            collector.take(item)
    except UnicodeDecodeError as problem:
        raise InputProblem(
            f"{path.name} holds text that is not UTF-8 ({problem.reason}); fetch the extract again."
        ) from problem
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as problem:
        raise InputProblem(
            f"{path.name} is damaged or cut short ({problem}); fetch the extract again."
        ) from problem
    return collector


def _numbers(rows: list[Tags], key: str, parser: Any) -> FloatArray:
    return parse.read_numbers(texts(rows, key), parser)[0]


def _read_parts(rows: Rows) -> Parts:
    _, tags, geometries = rows.sorted_geometries()
    bottom_m = _numbers(tags, "min_height", parse.parse_elevation_m)
    bottom_storeys = _numbers(tags, "building:min_level", parse.parse_level)
    return Parts(
        geometries,
        top_m=_numbers(tags, "height", parse.parse_height_m),
        # a part that begins somewhere above ground, nobody says where, has no known content
        bottom_m=np.where(np.isnan(bottom_m) & ~(bottom_storeys > 0), 0.0, bottom_m),
        top_storey_count=_numbers(tags, "building:levels", parse.parse_storey_count),
        bottom_storey_count=np.where(np.isnan(bottom_storeys) & ~(bottom_m > 0), 0.0, bottom_storeys),
    )


def _buildings(collector: _Collector) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    crossing_count = collector.keep_crossing_outlines()
    ids, tags, geometries = collector.buildings.sorted_geometries()
    columns, refused = building_columns(tags)
    parts = _read_parts(collector.parts)
    heights, storeys, owner = serve_buildings(
        parts,
        geometries,
        columns["tagged_height_m"].to_numpy(dtype=float),
        columns["tagged_storey_count"].to_numpy(dtype=float),
    )
    columns = columns.assign(tagged_height_m=heights, tagged_storey_count=storeys)
    columns, module_count = add_modules(columns, geometries, collector.modules)
    notes = [
        Note("read", "whole buildings", len(ids)),
        Note("read", "buildings left out because the extract's edge cuts them or their outline is broken",
             len(collector.missing), is_loss=True),
        Note("read", "buildings left out because their outline is not closed", collector.unclosed_count,
             is_loss=True),
        Note("read", "buildings left out because they are only points", collector.building_point_count,
             is_loss=True),
        Note("read", "outlines that cross themselves, kept as drawn", crossing_count),
        Note("read", "parts of buildings that lend their heights and storeys to their building",
             int((owner >= 0).sum())),
        Note("read", "parts of buildings outside any building, not used", int((owner < 0).sum())),
        Note("read", "solar modules drawn on roofs", module_count),
        Note("read", CUT_STREETS, collector.cut_street_count),
        *refused,
    ]  # fmt: skip
    frame = building_frame(ids, columns, geometries, GEOGRAPHIC)
    return frame, tuple(note for note in notes if note.count)


def _add_sea(
    collector: _Collector, buildings: gpd.GeoDataFrame, coast: CoastParams | None
) -> tuple[Note, ...]:
    """Add the sea to what is drawn; return what could not be decided."""
    _, tags, lines = collector.background.sorted_geometries()
    coastlines = lines[[row.get("natural") == "coastline" for row in tags]]
    if not len(coastlines):
        return ()
    outlines = np.asarray(buildings.geometry.array, dtype=object)
    box = collector.box or tuple(shapely.total_bounds([*outlines, *coastlines]).tolist())
    sea = find_sea(coastlines, box, outlines, coast)
    for number, wkb in enumerate(shapely.to_wkb(sea.faces, hex=True), start=1):
        collector.background.add(f"sea/{number}", {"natural": "water"}, wkb)
        collector.heat.add(f"sea/{number}", {"natural": "water"}, wkb)
    text = "stretches of coast whose water side is not clear, drawn as a line only"
    return (Note("read", text, sea.undecided_count),) if sea.undecided_count else ()


def _source(path: Path, newest: datetime) -> SourceRecord:
    # objects without a time seem to be of 1970
    date = "" if newest.year <= _NO_TIME_YEAR else newest.date().isoformat()
    return source_record(
        path,
        title="OpenStreetMap",
        licence="ODbL-1.0",
        attribution="© OpenStreetMap contributors",
        date=date,
    )


def _extract(
    path: Path, collector: _Collector, buildings: gpd.GeoDataFrame, notes: tuple[Note, ...]
) -> Extract:
    any_area = kinds_by(kinds.background_area_kind, kinds.background_line_kind)
    poi_kinds = kinds_by(lambda row: first_of(row, *INSIDE_KEYS))
    return Extract(
        buildings=buildings,
        streets=make_frame(
            collector.streets,
            "street_id",
            {
                "name": names,
                "kind": kinds_by(kinds.street_kind),
                "bridge": flags_of("bridge"),
                "tunnel": flags_of("tunnel"),
            },
        ),
        barriers=make_frame(collector.barriers, "barrier_id", {"kind": kinds_by(kinds.barrier_kind)}),
        landuse=make_frame(collector.land, "land_id", {"kind": kinds_by(kinds.land_kind), "name": names}),
        background=make_frame(collector.background, "background_id", {"kind": any_area}),
        places=make_frame(collector.places, "place_id", {"name": names, "kind": kinds_by(kinds.place_kind)}),
        points=make_frame(
            collector.points, "point_id", {"use": kinds_by(use_inside), "kind": poi_kinds, "name": names}
        ),
        sources=(_source(path, collector.newest),),
        notes=notes,
        heat_sources=heat_tags.source_frame(collector.heat),
        heat_pipes=heat_tags.pipe_frame(collector.heat_pipes),
    )


def read_osm(path: Path, coast: CoastParams | None = None) -> Extract:
    """Read buildings, streets and what lies around them from an OpenStreetMap extract.

    Parameters
    ----------
    path : Path
        A `.osm.pbf` or `.osm` file, or an answer of the Overpass API in JSON; its content decides, not
        its name.
    coast : CoastParams, optional
        How the sea is made from its coastlines.

    Returns
    -------
    Extract
        Tables in EPSG:4326, each sorted by id; `notes` count what was left out, and the source's date
        is that of its newest object.

    Raises
    ------
    InputProblem
        When the file is missing, empty, damaged, something else, or holds no building.
    """
    collector = _collect(path)
    buildings, notes = _buildings(collector)
    if buildings.empty:
        raise InputProblem(
            f"{path.name} holds no whole building ({len(collector.streets.ids)} streets were found); "
            "choose an extract that covers the district."
        )
    notes = (*notes, *_add_sea(collector, buildings, coast))
    return _extract(path, collector, buildings, notes)


def read_surroundings(path: Path, coast: CoastParams | None = None) -> Extract:
    """Read streets and what lies around buildings from an extract, without its buildings.

    Raises
    ------
    InputProblem
        As `read_osm`, or when the file holds no street.
    """
    collector = _collect(path)
    buildings, _ = _buildings(collector)
    if not collector.streets.ids:
        raise InputProblem(f"{path.name} holds no streets; choose an extract that covers the district.")
    sea = () if buildings.empty else _add_sea(collector, buildings, coast)
    notes = [Note("read", f"streets of {clean_name(path.name)}", len(collector.streets.ids)), *sea]
    if collector.cut_street_count:
        notes.append(Note("read", CUT_STREETS, collector.cut_street_count))
    return _extract(path, collector, buildings.iloc[:0], tuple(notes))
