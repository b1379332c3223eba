"""Make the sea from coastlines.

OpenStreetMap draws the sea by its edge alone: lines with the land to their left and the water to their
right. The lines and the box of the extract divide the box into faces; a face that lies on the right of
every coastline that bounds it is sea.

An extract cuts coastlines at its edge, so that they end at the last corner inside; such an end is carried
on to the nearest side of the box. What does not fit together stays undecided and is not drawn: a face with
water on one side and land on another (a line drawn the wrong way, or one that ends far inside), and water
in which many of the buildings would stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, ObjectArray

METRES_PER_DEGREE: Final = 111_195.0  # of latitude, on a sphere of 6,371 km
# a corner of a coastline is seldom further from the next one
FURTHEST_END_M: Final = 500.0
# an end is near a side of the box when it lies in the outer tenth
_OUTER_SHARE: Final = 0.1
# beside a line: about one centimetre
_BESIDE_DEG: Final = 1e-7
# boathouses stand in the sea, towns do not
MOST_BUILDINGS_SHARE: Final = 0.05

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sea:
    """The sea inside a box.

    Attributes
    ----------
    faces : (n,) array of Polygon
        In longitude and latitude.
    undecided_count : int
        Faces that could be sea or land.
    """

    faces: ObjectArray
    undecided_count: int


def _nearest_on_box(points: FloatArray, box: Box) -> tuple[FloatArray, FloatArray]:
    """Return the nearest points on the sides of a box, and how far they are. [m]"""
    west, south, east, north = box
    x, y = points.T
    narrowing = np.cos(np.radians((south + north) / 2))
    sides = np.stack(
        [
            np.column_stack([np.full_like(x, west), y]),
            np.column_stack([np.full_like(x, east), y]),
            np.column_stack([x, np.full_like(y, south)]),
            np.column_stack([x, np.full_like(y, north)]),
        ]
    )
    away = np.abs(sides - points) * [narrowing, 1.0]
    away_m = away.sum(axis=2) * METRES_PER_DEGREE
    nearest = away_m.argmin(axis=0)
    columns = np.arange(len(points))
    return sides[nearest, columns], away_m[nearest, columns]


def carry_on(coastlines: ObjectArray, box: Box) -> ObjectArray:
    """Return short lines from the cut ends of coastlines to the sides of the box.

    Parameters
    ----------
    coastlines : (n,) array of LineString
    box : tuple of float
        West, south, east, north. [deg]

    Returns
    -------
    (m,) array of LineString
        One for each end that touches no other end and lies near a side, inside the box.

    Examples
    --------
    >>> coast = np.array([shapely.LineString([(0.0002, 0.005), (0.005, 0.005)])])
    >>> [line.wkt for line in carry_on(coast, (0.0, 0.0, 0.01, 0.01))]
    ['LINESTRING (0.0002 0.005, 0 0.005)']
    """
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(coastlines, place)) for place in (0, -1)]
    )
    west, south, east, north = box
    _, where, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    x, y = ends.T
    is_inside = (x > west) & (x < east) & (y > south) & (y < north)
    narrowing = np.cos(np.radians((south + north) / 2))
    outer_m = _OUTER_SHARE * min((east - west) * narrowing, north - south) * METRES_PER_DEGREE
    targets, away_m = _nearest_on_box(ends, box)
    is_cut = (times[where.ravel()] == 1) & is_inside & (away_m <= min(outer_m, FURTHEST_END_M))
    return np.asarray(shapely.linestrings(np.stack([ends[is_cut], targets[is_cut]], axis=1)), dtype=object)


def _sides_of(faces: ObjectArray, coastlines: ObjectArray) -> tuple[BoolArray, BoolArray]:
    """Return which faces lie on the right of a coastline somewhere, and which on the left."""
    coordinates, line = shapely.get_coordinates(coastlines, return_index=True)
    is_joined = line[1:] == line[:-1]
    start, step = coordinates[:-1][is_joined], np.diff(coordinates, axis=0)[is_joined]
    length = np.hypot(*step.T)
    start, step, length = start[length > 0], step[length > 0], length[length > 0]
    beside = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None] * _BESIDE_DEG
    middle = start + step / 2
    tree = shapely.STRtree(faces)
    found = []
    for sign in (1.0, -1.0):
        touched = np.zeros(len(faces), dtype=bool)
        touched[tree.query(shapely.points(middle + sign * beside), predicate="within")[1]] = True
        found.append(touched)
    return found[0], found[1]


def _is_built_up(faces: ObjectArray, buildings: ObjectArray) -> BoolArray:
    """Return the faces in which too many of the buildings stand."""
    if not len(buildings):
        return np.zeros(len(faces), dtype=bool)
    inside = shapely.STRtree(faces).query(shapely.centroid(buildings), predicate="within")[1]
    return np.bincount(inside, minlength=len(faces)) > MOST_BUILDINGS_SHARE * len(buildings)


def find_sea(coastlines: ObjectArray, box: Box, buildings: ObjectArray) -> Sea:
    """Return the sea inside a box.

    Parameters
    ----------
    coastlines : (n,) array of LineString
        In the direction in which they were drawn: land to the left, water to the right.
    box : tuple of float
        West, south, east, north of the extract. [deg]
    buildings : (n,) array of Polygon
        They tell water from land where the lines are wrong.

    Returns
    -------
    Sea

    Notes
    -----
    OpenStreetMap's rule for ``natural=coastline``.

    Examples
    --------
    >>> north_shore = np.array([shapely.LineString([(1.0, 0.4), (0.0, 0.4)])])
    >>> sea = find_sea(north_shore, (0.0, 0.0, 1.0, 1.0), np.empty(0, dtype=object))
    >>> [face.bounds for face in sea.faces]
    [(0.0, 0.4, 1.0, 1.0)]
    """
    nothing = np.empty(0, dtype=object)
    west, south, east, north = box
    if not len(coastlines) or not (west < east and south < north):
        return Sea(nothing, 0)
    frame = shapely.box(west, south, east, north)
    edges = shapely.union_all([shapely.boundary(frame), *coastlines, *carry_on(coastlines, box)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(edges))), dtype=object)
    faces = faces[shapely.within(shapely.point_on_surface(faces), frame)]
    is_right, is_left = _sides_of(faces, coastlines)
    is_sea = is_right & ~is_left & ~_is_built_up(faces, buildings)
    return Sea(faces[is_sea], int((is_right & ~is_sea).sum()))
