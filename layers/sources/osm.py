"""Read OpenStreetMap extracts (`.osm.pbf`, `.osm`) with exact multipolygons.

Buildings with holes are assembled from their relations; a ring that crosses itself is kept as it was
drawn, so that cleaning can repair it; parts of buildings lend their heights. An extract cuts objects at
its edge: a building with missing corners is left out and counted, a street keeps the runs of corners
that are there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from layers.core.crs import GEOGRAPHIC
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note, SourceRecord
from layers.core.types import FloatArray, ObjectArray
from layers.sources import osm_kinds as kinds
from layers.sources import tags as parse
from layers.sources.building_tags import (
    BUILDING_KEYS,
    TEXT,
    Tags,
    building_columns,
    building_frame,
    first_of,
    text_column,
    texts,
    word_column,
)
from layers.sources.coast import Box, find_sea
from layers.sources.files import describe_content, is_osm_pbf, read_head, source_record
from layers.sources.parts import Parts, serve_buildings
from layers.sources.tagged_use import INSIDE_KEYS, use_inside

WHAT = "an OpenStreetMap extract (.osm.pbf or .osm)"
_SMALLEST_RING = 4
_KEPT_KEYS = BUILDING_KEYS | set(kinds.LOOKED_AT_KEYS) | {"type", "area", "tunnel", "bridge", "admin_level"}


@dataclass
class _Rows:
    """Objects of one kind while reading: ids, tags, and geometries as WKB."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)

    def add(self, object_id: str, tags: Tags, wkb: str) -> None:
        self.ids.append(object_id)
        self.tags.append(tags)
        self.wkb.append(wkb)

    def sorted_geometries(self) -> tuple[list[str], list[Tags], ObjectArray]:
        """Return ids, tags and geometries in the order of the ids."""
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        geometries = shapely.from_wkb(np.array([self.wkb[i] for i in order], dtype=object))
        single = shapely.get_num_geometries(geometries) == 1
        geometries = np.where(single, shapely.get_geometry(geometries, 0), geometries)
        return [self.ids[i] for i in order], [self.tags[i] for i in order], geometries


class _Collector:
    """Takes objects one by one and sorts them into tables."""

    def __init__(self) -> None:
        self.factory = osmium.geom.WKBFactory()
        self.buildings, self.parts, self.streets, self.barriers = _Rows(), _Rows(), _Rows(), _Rows()
        self.land, self.background, self.places, self.points = _Rows(), _Rows(), _Rows(), _Rows()
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
        if kinds.place_kind(tags) is not None:
            self.places.add(object_id, tags, self.factory.create_point(node))
        elif use_inside(tags) is not None:
            self.points.add(object_id, tags, self.factory.create_point(node))

    def _take_way(self, way: Any, tags: Tags) -> None:
        if kinds.is_building(tags):
            self._expect_building(way, tags)
        street, barrier = kinds.street_kind(tags), kinds.barrier_kind(tags)
        background = kinds.background_line_kind(tags)
        if street is None and barrier is None and background is None:
            return
        runs = self._runs(way)
        for number, wkb in enumerate(runs, start=1):
            object_id = f"way/{way.id}" if number == 1 else f"way/{way.id}-{number}"
            for rows, kind in (
                (self.streets, street),
                (self.barriers, barrier),
                (self.background, background),
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
        if kinds.is_building(tags):
            self.waiting.pop(object_id, None)
            self.missing.discard(object_id)
            self.buildings.add(object_id, tags, wkb)
            return
        if kinds.is_part(tags):
            self.parts.add(object_id, tags, wkb)
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


def _collect(path: Path) -> _Collector:
    head = read_head(path, what=WHAT)
    found = describe_content(head)
    if "OpenStreetMap" not in found:
        raise InputProblem(f"{path.name} is {found}, not {WHAT}; fetch the extract again.")
    source = osmium.io.File(str(path), "pbf" if is_osm_pbf(head) else "osm")
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
    except RuntimeError as problem:
        raise InputProblem(
            f"{path.name} is damaged or cut short ({problem}); fetch the extract again."
        ) from problem
    return collector


def _numbers(rows: list[Tags], key: str, parser: Any) -> FloatArray:
    return parse.read_numbers(texts(rows, key), parser)[0]


def _read_parts(rows: _Rows) -> Parts:
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
    notes = [
        Note("read", "whole buildings", len(ids)),
        Note("read", "buildings left out because the extract's edge cuts them or their outline is broken",
             len(collector.missing)),
        Note("read", "buildings left out because their outline is not closed", collector.unclosed_count),
        Note("read", "buildings left out because they are only points", collector.building_point_count),
        Note("read", "outlines that cross themselves, kept as drawn", crossing_count),
        Note("read", "parts of buildings that lend their heights and storeys to their building",
             int((owner >= 0).sum())),
        Note("read", "parts of buildings outside any building, not used", int((owner < 0).sum())),
        Note("read", "streets and other lines cut at the extract's edge, kept as far as they are known",
             collector.cut_street_count),
        *refused,
    ]  # fmt: skip
    frame = building_frame(ids, columns, geometries, GEOGRAPHIC)
    return frame, tuple(note for note in notes if note.count)


def _add_sea(collector: _Collector, buildings: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Add the sea to what is drawn; return what could not be decided."""
    _, tags, lines = collector.background.sorted_geometries()
    coastlines = lines[[row.get("natural") == "coastline" for row in tags]]
    if not len(coastlines):
        return ()
    outlines = np.asarray(buildings.geometry.array, dtype=object)
    box = collector.box or tuple(shapely.total_bounds([*outlines, *coastlines]).tolist())
    sea = find_sea(coastlines, box, outlines)
    for number, wkb in enumerate(shapely.to_wkb(sea.faces, hex=True), start=1):
        collector.background.add(f"sea/{number}", {"natural": "water"}, wkb)
    text = "stretches of coast whose water side is not clear, drawn as a line only"
    return (Note("read", text, sea.undecided_count),) if sea.undecided_count else ()


def _frame(rows: _Rows, index_name: str, columns: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return a table of one kind; `columns` maps names to functions of an object's tags."""
    ids, tags, geometries = rows.sorted_geometries()
    values = {name: make(tags) for name, make in columns.items()}
    index = pd.Index(ids, name=index_name, dtype=TEXT)
    return gpd.GeoDataFrame(pd.DataFrame(values, index=index), geometry=geometries, crs=GEOGRAPHIC)


def _names(rows: list[Tags]) -> Any:
    return text_column(texts(rows, "name"))


def _kinds(*readers: Any) -> Any:
    """Return a column maker that takes the first kind that one of the readers finds."""

    def make(rows: list[Tags]) -> Any:
        return word_column(next(filter(None, (read(row) for read in readers)), None) for row in rows)

    return make


def _flags(key: str) -> Any:
    return lambda rows: np.array([row.get(key, "no") != "no" for row in rows], dtype=bool)


def _source(path: Path, newest: datetime) -> SourceRecord:
    date = "" if newest == datetime.min.replace(tzinfo=UTC) else newest.date().isoformat()
    return source_record(
        path,
        title="OpenStreetMap",
        licence="ODbL-1.0",
        attribution="© OpenStreetMap contributors",
        date=date,
    )


def read_osm(path: Path) -> Extract:
    """Read buildings, streets and what lies around them from an OpenStreetMap extract.

    Parameters
    ----------
    path : Path
        A `.osm.pbf` or `.osm` file; its content decides, not its name.

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
    notes = (*notes, *_add_sea(collector, buildings))
    any_area = _kinds(kinds.background_area_kind, kinds.background_line_kind)
    poi_kinds = _kinds(lambda row: first_of(row, *INSIDE_KEYS))
    return Extract(
        buildings=buildings,
        streets=_frame(
            collector.streets,
            "street_id",
            {
                "name": _names,
                "kind": _kinds(kinds.street_kind),
                "bridge": _flags("bridge"),
                "tunnel": _flags("tunnel"),
            },
        ),
        barriers=_frame(collector.barriers, "barrier_id", {"kind": _kinds(kinds.barrier_kind)}),
        landuse=_frame(collector.land, "land_id", {"kind": _kinds(kinds.land_kind), "name": _names}),
        background=_frame(collector.background, "background_id", {"kind": any_area}),
        places=_frame(collector.places, "place_id", {"name": _names, "kind": _kinds(kinds.place_kind)}),
        points=_frame(
            collector.points, "point_id", {"use": _kinds(use_inside), "kind": poi_kinds, "name": _names}
        ),
        sources=(_source(path, collector.newest),),
        notes=notes,
    )
