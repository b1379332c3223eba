"""Where roofs are looked from, and what their neighbours' shade leaves of the yield."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.horizon import horizons_deg, make_obstacles
from layers.physics.irradiance import PlaneTables
from layers.physics.shading import shaded_share


@dataclass(frozen=True)
class Views:
    """Horizons seen from roofs, those of one building side by side.

    `horizons_deg` is (v, 36); building i has the rows from `start[i]` up to `start[i + 1]`.
    """

    horizons_deg: FloatArray
    start: IntArray


def view_points(
    geometry: ObjectArray, large: BoolArray, axis_deg: FloatArray, length_m: FloatArray, width_m: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return the points from which roofs are looked from, and each one's building.

    One point lies on every outline. Large roofs have up to four more, half way from the middle to the
    sides of their box, as far as these lie on the outline.

    Parameters
    ----------
    geometry : (n,) array of polygons
    large : (n,) array of flags
    axis_deg, length_m, width_m : (n,) arrays
        Direction and sides of the smallest box round each outline.

    Returns
    -------
    points : (v, 2) array, ordered by building
    owner : (v,) array of positions
    """
    first = shapely.get_coordinates(shapely.point_on_surface(geometry))
    some = np.flatnonzero(large)
    middle = shapely.get_coordinates(shapely.centroid(geometry[some]))
    axis = np.radians(axis_deg[some])
    along = np.column_stack([np.sin(axis), np.cos(axis)]) * length_m[some, None] / 4.0
    aside = np.column_stack([np.cos(axis), -np.sin(axis)]) * width_m[some, None] / 4.0
    more = np.concatenate([middle + along, middle - along, middle + aside, middle - aside])
    owner = np.tile(some, 4)
    inside = shapely.contains_xy(geometry[owner], more[:, 0], more[:, 1])
    points = np.concatenate([first, more[inside]])
    owners = np.concatenate([np.arange(len(geometry)), owner[inside]])
    order = np.argsort(owners, kind="stable")
    return points[order], owners[order].astype(np.int64)


def look_round(
    geometry: ObjectArray,
    height_m: FloatArray,
    large: BoolArray,
    axis_deg: FloatArray,
    length_m: FloatArray,
    width_m: FloatArray,
) -> Views:
    """Return the horizons of all roofs, each with all other buildings as obstacles.

    `height_m` is the height of roofs above a common ground, both of eyes and of obstacles; the other
    arguments are those of `view_points`.
    """
    points, owner = view_points(geometry, large, axis_deg, length_m, width_m)
    seen = horizons_deg(points, height_m[owner], owner, make_obstacles(geometry, height_m))
    return Views(seen, np.searchsorted(owner, np.arange(len(geometry) + 1)).astype(np.int64))


def kept_shares(
    tables: PlaneTables, views: Views, building: IntArray, tilt_deg: FloatArray, azimuth_deg: FloatArray
) -> FloatArray:
    """Return what shade leaves of each plane's yearly yield, mean over its building's viewpoints.

    Parameters
    ----------
    tables : PlaneTables
    views : Views
    building : (n,) array
        Position of each plane's building.
    tilt_deg, azimuth_deg : (n,) arrays

    Returns
    -------
    (n,) array, 0 to 1
    """
    count = (views.start[1:] - views.start[:-1])[building]
    plane = np.repeat(np.arange(len(building)), count)
    step = np.arange(len(plane)) - np.repeat(np.cumsum(count) - count, count)
    view = views.start[building[plane]] + step
    kept = shaded_share(tables, views.horizons_deg, view, tilt_deg[plane], azimuth_deg[plane])
    return np.asarray(np.bincount(plane, kept, len(building)) / np.maximum(count, 1), dtype=np.float64)
