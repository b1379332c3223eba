"""Where roofs are looked from, and what their neighbours' shade leaves of the yield."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.core.roof_survey import RoofSurvey
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.horizon import DIRECTION_COUNT, horizons_deg, make_obstacles
from layers.physics.irradiance import PlaneTables
from layers.physics.shading import shaded_share


@dataclass(frozen=True)
class Views:
    """Horizons seen from roofs, those of one building side by side.

    Attributes
    ----------
    horizons_deg : (v, 36) array
    start : (n + 1,) array
        Building i has the rows from `start[i]` up to `start[i + 1]`.
    is_measured : (n,) array
        Whether they were seen in a surface model.
    plane_first, plane_count : (planes of the survey,) arrays
        Rows seen from each measured plane; a count of 0 where it has none of its own.
    """

    horizons_deg: FloatArray
    start: IntArray
    is_measured: BoolArray
    plane_first: IntArray
    plane_count: IntArray

    def rows_of(self, building: IntArray, measured: IntArray | None = None) -> tuple[IntArray, IntArray]:
        """Return the first row and the number of rows of planes.

        Parameters
        ----------
        building : (p,) array
        measured : (p,) array, optional
            Position of each plane in the survey, -1 for modelled ones.
        """
        first, count = self.start[building], self.start[building + 1] - self.start[building]
        if measured is None or not len(self.plane_count):
            return first, count
        own = self.plane_count[measured] * (measured >= 0)
        return np.where(own > 0, self.plane_first[measured], first), np.where(own > 0, own, count)


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


@dataclass(frozen=True)
class Standpoints:
    """Roofs as places to look from, one entry a building.

    Attributes
    ----------
    geometry : (n,) array of polygons
    height_m : (n,) array
        Of roofs above a common level, both of eyes and of obstacles.
    large : (n,) array
        Roofs that are looked from at several points.
    axis_deg, length_m, width_m : (n,) arrays
        Direction and sides of the smallest box round each outline.
    """

    geometry: ObjectArray
    height_m: FloatArray
    large: BoolArray
    axis_deg: FloatArray
    length_m: FloatArray
    width_m: FloatArray


def look_round(
    roofs: Standpoints, ids: pd.Index, survey: RoofSurvey | None = None, hills_deg: FloatArray | None = None
) -> Views:
    """Return the horizons of all roofs: seen in a surface model, else with all other buildings as obstacles.

    Parameters
    ----------
    roofs : Standpoints of n buildings
    ids : Index of n buildings
    survey : RoofSurvey, optional
    hills_deg : (n, 36) array, optional
        Horizon of the terrain at each building; the higher of both counts.
    """
    count = len(roofs.geometry)
    seen_by, plane, seen = _surveyed(ids, survey)
    is_measured = np.zeros(count, dtype=bool)
    is_measured[seen_by] = True
    points, owner = view_points(roofs.geometry, roofs.large, roofs.axis_deg, roofs.length_m, roofs.width_m)
    bare = ~is_measured[owner]
    points, owner = points[bare], owner[bare]
    ours = horizons_deg(points, roofs.height_m[owner], owner, make_obstacles(roofs.geometry, roofs.height_m))
    if hills_deg is not None:
        ours = np.maximum(ours, hills_deg[owner])
    building = np.concatenate([owner, seen_by])
    number = np.concatenate([np.full(len(owner), -1), plane])
    order = np.lexsort((number, building))
    building, number = building[order], number[order]
    plane_count = 0 if survey is None else len(survey.planes)
    own = np.flatnonzero(number >= 0)
    first, held = np.zeros(plane_count, dtype=np.int64), np.zeros(plane_count, dtype=np.int64)
    held[:] = np.bincount(number[own], minlength=plane_count)
    first[number[own[::-1]]] = own[::-1]
    return Views(
        np.concatenate([ours, seen])[order],
        np.searchsorted(building, np.arange(count + 1)).astype(np.int64), is_measured, first, held,
    )  # fmt: skip


def _surveyed(ids: pd.Index, survey: RoofSurvey | None) -> tuple[IntArray, IntArray, FloatArray]:
    """Return building, plane and horizon of the survey's views of these buildings."""
    if survey is None or not len(survey.views):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, DIRECTION_COUNT))
    building = ids.astype(str).get_indexer(pd.Index(survey.views["building_id"].astype(str)))
    known = building >= 0
    plane = survey.views["plane_number"].to_numpy(dtype=np.int64)
    return building[known].astype(np.int64), plane[known], survey.horizons_deg[known]


def kept_shares(
    tables: PlaneTables,
    views: Views,
    building: IntArray,
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
    measured: IntArray | None = None,
) -> FloatArray:
    """Return what shade leaves of each plane's yearly yield, mean over its viewpoints.

    Parameters
    ----------
    tables : PlaneTables
    views : Views
    building : (n,) array
        Position of each plane's building.
    tilt_deg, azimuth_deg : (n,) arrays
    measured : (n,) array, optional
        Position of each plane in the survey, -1 for modelled ones.

    Returns
    -------
    (n,) array, 0 to 1
    """
    first, count = views.rows_of(building, measured)
    plane = np.repeat(np.arange(len(building)), count)
    step = np.arange(len(plane)) - np.repeat(np.cumsum(count) - count, count)
    kept = shaded_share(tables, views.horizons_deg, first[plane] + step, tilt_deg[plane], azimuth_deg[plane])
    return np.asarray(np.bincount(plane, kept, len(building)) / np.maximum(count, 1), dtype=np.float64)
