"""Outlines of buildings as arrays: what is a polygon, what is valid, which share ground."""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.errors import InputProblem
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

_POLYGON, _MULTIPOLYGON = 3, 6
# 0.2 m become 6.4 m
_SHIFT_DOUBLINGS = 6
_CHUNK_COUNT = 2_000
# pairs that overlap: a few for each building in any map, millions only by mistake
_PAIRS_ALWAYS, _PAIRS_PER_OUTLINE = 500_000, 20
# of a ring, the first and last in one place
_FEWEST_CORNERS = 4


def is_areal(geometries: ObjectArray) -> BoolArray:
    """Say which geometries are polygons, or collections that may hold some.

    Examples
    --------
    >>> is_areal(np.array([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)]))
    array([ True, False])
    """
    kinds = shapely.get_type_id(geometries)
    return np.asarray((kinds == _POLYGON) | (kinds >= _MULTIPOLYGON), dtype=bool)


def has_finite_coordinates(geometries: ObjectArray) -> BoolArray:
    """Say which geometries exist, are not empty and have only finite coordinates.

    Examples
    --------
    >>> here = shapely.Point(1, 2)
    >>> has_finite_coordinates(np.array([here, None, shapely.Point(), shapely.Point(np.inf, 0)]))
    array([ True, False, False, False])
    """
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    broken = ~np.isfinite(xy).all(axis=1)
    finite = np.bincount(owner[broken], minlength=len(geometries)) == 0
    return np.asarray(finite & ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries), dtype=bool)


def polygons_only(geometries: ObjectArray) -> ObjectArray:
    """Return the polygons inside each geometry as one Polygon or MultiPolygon, None without any.

    Examples
    --------
    >>> square = shapely.box(0, 0, 1, 1)
    >>> mixed = shapely.GeometryCollection([square, shapely.Point(5, 5)])
    >>> found = polygons_only(np.array([square, mixed, shapely.Point(0, 0)]))
    >>> [None if outline is None else outline.geom_type for outline in found]
    ['Polygon', 'Polygon', None]
    """
    kinds = shapely.get_type_id(geometries)
    result: ObjectArray = geometries.copy()
    result[(kinds != _POLYGON) & (kinds != _MULTIPOLYGON)] = None
    mixed = np.flatnonzero((kinds != _POLYGON) & (kinds >= _MULTIPOLYGON))
    parts, owner = shapely.get_parts(geometries[mixed], return_index=True)
    # a collection may hold multipolygons and further collections, and those hold the polygons
    while (shapely.get_type_id(parts) >= _MULTIPOLYGON).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    flat = (shapely.get_type_id(parts) == _POLYGON) & (shapely.area(parts) > 0)
    if flat.any():
        holders, dense = np.unique(owner[flat], return_inverse=True)
        result[mixed[holders]] = shapely.multipolygons(parts[flat], indices=dense)
        result[np.setdiff1d(mixed, mixed[holders])] = None
    else:
        result[mixed] = None
    single = (shapely.get_type_id(result) == _MULTIPOLYGON) & (shapely.get_num_geometries(result) == 1)
    result[single] = shapely.get_geometry(result[single], 0)
    return result


def repair_outlines(geometries: ObjectArray) -> tuple[ObjectArray, BoolArray]:
    """Return valid polygons, and which of them had to be repaired.

    An outline that crosses itself becomes the polygons that it encloses, so that a bow-tie keeps the
    area of both of its halves.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> repaired, was_broken = repair_outlines(np.array([bow_tie]))
    >>> float(shapely.area(repaired)[0]), bool(was_broken[0])
    (2.0, True)
    """
    flat = polygons_only(shapely.force_2d(geometries))
    broken = ~shapely.is_missing(flat) & ~shapely.is_valid(flat)
    if broken.any():
        flat[broken] = polygons_only(shapely.make_valid(flat[broken]))
    return flat, np.asarray(broken, dtype=bool)


def _simplify_rings(geometries: ObjectArray, shift_m: float) -> ObjectArray:
    """Simplify the rings of polygons as lines; those that shrink to nothing go.

    Simplifying the polygons themselves would also repair them, which takes hours for a scribble.
    """
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    drawn = np.asarray(shapely.linestrings(xy, indices=ring), dtype=object)
    lines = np.asarray(shapely.simplify(drawn, shift_m, preserve_topology=False), dtype=object)
    # without its outer ring a part is gone, and its holes with it
    is_outer = np.diff(part, prepend=-1) > 0
    is_ring = np.asarray(shapely.get_num_coordinates(lines) >= _FEWEST_CORNERS)
    kept = is_ring & np.isin(part, part[is_outer & is_ring])
    result = np.full(len(geometries), None, dtype=object)
    if not kept.any():
        return result
    xy, ring = shapely.get_coordinates(lines[kept], return_index=True)
    there, dense = np.unique(part[kept], return_inverse=True)
    closed = np.asarray(shapely.linearrings(xy, indices=ring), dtype=object)
    polygons = np.asarray(shapely.polygons(closed, indices=dense), dtype=object)
    holders, dense = np.unique(owner[there], return_inverse=True)
    result[holders] = shapely.multipolygons(polygons, indices=dense)
    single = shapely.get_num_geometries(result) == 1
    result[single] = shapely.get_geometry(result[single], 0)
    return result


def cap_detail(
    geometries: ObjectArray, most_vertices_count: float, shift_m: float
) -> tuple[ObjectArray, BoolArray]:
    """Return outlines with at most so many corners, and which of them had more.

    They are simplified by a shift that doubles until it suffices; an outline that even a shift of
    some metres leaves with more corners becomes None: it is no building.

    Examples
    --------
    >>> disc = shapely.Point(0, 0).buffer(10, quad_segs=5000)
    >>> capped, had_more = cap_detail(np.array([disc]), 1000, 0.01)
    >>> bool(shapely.get_num_coordinates(capped)[0] <= 1000), round(float(shapely.area(capped)[0]))
    (True, 314)
    """
    had_more = np.asarray(shapely.get_num_coordinates(geometries) > most_vertices_count, dtype=bool)
    if not had_more.any():
        return geometries, had_more
    result: ObjectArray = geometries.copy()
    still = had_more
    for doubling in range(_SHIFT_DOUBLINGS):
        result[still] = _simplify_rings(geometries[still], shift_m * 2**doubling)
        still = np.asarray(shapely.get_num_coordinates(result) > most_vertices_count, dtype=bool)
        if not still.any():
            break
    result[still] = None
    return result, had_more


def is_scribble(geometries: ObjectArray, most_ratio: float) -> BoolArray:
    """Say which outlines cross themselves so often that they enclose nothing that was meant.

    Their line is many times as long as the hull around them. To find all crossings of such a line may
    take hours, so they have to be known beforehand.

    Examples
    --------
    >>> is_scribble(np.array([shapely.box(0, 0, 9, 9), None]), 20.0)
    array([False, False])
    """
    broken = ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
    hull_m = shapely.length(shapely.convex_hull(geometries[broken]))
    scribble = np.zeros(len(geometries), dtype=bool)
    # the hull of a line that runs to and fro is the line, there and back
    scribble[broken] = shapely.length(geometries[broken]) > most_ratio * np.maximum(hull_m, 0.0)
    return scribble


def overlapping_pairs(geometries: ObjectArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return pairs of outlines that share ground, the larger first, and the shared area in m².

    Only pairs whose boxes share a tenth of the smaller box are measured: neighbours that merely touch
    are many, and never one building.
    """
    box = shapely.bounds(geometries)
    tree = shapely.STRtree(geometries)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    pair_count, most_count = 0, _PAIRS_ALWAYS + _PAIRS_PER_OUTLINE * len(geometries)
    for start in range(0, len(geometries), _CHUNK_COUNT):
        left, right = _close_pairs(tree, geometries, box, start)
        pair_count += len(left)
        if pair_count > most_count:
            raise InputProblem(
                f"More than {most_count:,} pairs of outlines lie on top of each other; that is no map of "
                "buildings. Export each building once, with its own coordinates."
            )
        shared = shapely.area(shapely.intersection(geometries[left], geometries[right]))
        found.append((left, right, np.asarray(shared, dtype=np.float64)))
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    left, right, shared = (np.concatenate(column) for column in zip(none, *found, strict=True))
    area = shapely.area(geometries)
    larger = np.where(area[left] >= area[right], left, right)
    return larger, np.where(larger == left, right, left), shared


def _close_pairs(
    tree: shapely.STRtree, geometries: ObjectArray, box: FloatArray, start: int
) -> tuple[IntArray, IntArray]:
    """Return pairs of which the first is in one chunk; chunks keep the memory small where many overlap."""
    left, right = tree.query(geometries[start : start + _CHUNK_COUNT], predicate="intersects")
    left = left + start
    once = left < right
    left, right = left[once], right[once]
    width = np.minimum(box[left, 2], box[right, 2]) - np.maximum(box[left, 0], box[right, 0])
    depth = np.minimum(box[left, 3], box[right, 3]) - np.maximum(box[left, 1], box[right, 1])
    size = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    close = width * depth >= 0.1 * np.minimum(size[left], size[right])
    return left[close], right[close]
