"""Outlines of buildings as arrays: what is a polygon, what is valid, which share ground."""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

_POLYGON, _MULTIPOLYGON = 3, 6


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
    # a collection may hold multipolygons, and those hold the polygons
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


def overlapping_pairs(geometries: ObjectArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return pairs of outlines that share ground, the larger first, and the shared area in m².

    Only pairs whose boxes share a tenth of the smaller box are measured: neighbours that merely touch
    are many, and never one building.
    """
    left, right = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    box = shapely.bounds(geometries)
    width = np.minimum(box[left, 2], box[right, 2]) - np.maximum(box[left, 0], box[right, 0])
    depth = np.minimum(box[left, 3], box[right, 3]) - np.maximum(box[left, 1], box[right, 1])
    size = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    close = width * depth >= 0.1 * np.minimum(size[left], size[right])
    left, right = left[close], right[close]
    shared = shapely.area(shapely.intersection(geometries[left], geometries[right]))
    area = shapely.area(geometries)
    larger = np.where(area[left] >= area[right], left, right)
    return larger, np.where(larger == left, right, left), np.asarray(shared, dtype=np.float64)
