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

from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import shapely

from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray, ObjectArray

METRES_PER_DEGREE: Final = 111_195.0  # of latitude, on a sphere of 6,371 km
# beside a line: about one centimetre
_BESIDE_DEG: Final = 1e-7
_RANGES: Final = {
    "end_m": (0.0, 10_000.0), "outer_share": (0.0, 0.5), "buildings_share": (0.0, 1.0),
}  # fmt: skip

Box = tuple[float, float, float, float]
_fact = partial(value, "footprints")


@dataclass(frozen=True)
class CoastParams:
    """Settings of making the sea; the ranges are checked.

    Attributes
    ----------
    end_m, outer_share : cut ends are carried on no farther than this, and only from the outer part of the
        extract, 0 to 10,000 and 0 to 0.5
    buildings_share : a face that holds more of the buildings is land, 0 to 1
    """

    end_m: float = field(default_factory=lambda: _fact("coast_end_m"))
    outer_share: float = field(default_factory=lambda: _fact("coast_outer_share"))
    buildings_share: float = field(default_factory=lambda: _fact("coast_buildings_share"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_ranges(self, _RANGES)


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


def carry_on(coastlines: ObjectArray, box: Box, params: CoastParams | None = None) -> ObjectArray:
    """Return short lines from the cut ends of coastlines to the sides of the box.

    Parameters
    ----------
    coastlines : (n,) array of LineString
    box : tuple of float
        West, south, east, north. [deg]
    params : CoastParams, optional

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
    params = params or CoastParams()
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(coastlines, place)) for place in (0, -1)]
    )
    west, south, east, north = box
    _, where, times = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    x, y = ends.T
    is_inside = (x > west) & (x < east) & (y > south) & (y < north)
    narrowing = np.cos(np.radians((south + north) / 2))
    outer_m = params.outer_share * min((east - west) * narrowing, north - south) * METRES_PER_DEGREE
    targets, away_m = _nearest_on_box(ends, box)
    is_cut = (times[where.ravel()] == 1) & is_inside & (away_m <= min(outer_m, params.end_m))
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


def _is_built_up(faces: ObjectArray, buildings: ObjectArray, most_share: float) -> BoolArray:
    """Return the faces in which too many of the buildings stand."""
    if not len(buildings):
        return np.zeros(len(faces), dtype=bool)
    inside = shapely.STRtree(faces).query(shapely.centroid(buildings), predicate="within")[1]
    return np.bincount(inside, minlength=len(faces)) > most_share * len(buildings)


def find_sea(
    coastlines: ObjectArray, box: Box, buildings: ObjectArray, params: CoastParams | None = None
) -> Sea:
    """Return the sea inside a box.

    Parameters
    ----------
    coastlines : (n,) array of LineString
        In the direction in which they were drawn: land to the left, water to the right.
    box : tuple of float
        West, south, east, north of the extract. [deg]
    buildings : (n,) array of Polygon
        They tell water from land where the lines are wrong.
    params : CoastParams, optional

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
    params, nothing = params or CoastParams(), np.empty(0, dtype=object)
    west, south, east, north = box
    if not len(coastlines) or not (west < east and south < north):
        return Sea(nothing, 0)
    frame = shapely.box(west, south, east, north)
    edges = shapely.union_all([shapely.boundary(frame), *coastlines, *carry_on(coastlines, box, params)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(edges))), dtype=object)
    faces = faces[shapely.within(shapely.point_on_surface(faces), frame)]
    is_right, is_left = _sides_of(faces, coastlines)
    is_sea = is_right & ~is_left & ~_is_built_up(faces, buildings, params.buildings_share)
    return Sea(faces[is_sea], int((is_right & ~is_sea).sum()))
