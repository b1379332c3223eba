"""The slow way: horizons by an exact search, and shade hour by hour; what the fast ways are held against."""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.horizon import NEAREST_M, SEARCH_RADIUS_M, SMALLEST_RISE_M
from layers.physics.irradiance import PlaneParams, SunnyHours, plane_hours
from layers.physics.shading import sky_share


def exact_horizons_deg(
    points_m: FloatArray,
    point_height_m: FloatArray,
    owner: IntArray,
    outlines: ObjectArray,
    height_m: FloatArray,
    directions: int = 36,
    radius_m: float = SEARCH_RADIUS_M,
) -> FloatArray:
    """Return the height of the horizon by true intersections of rays and walls, found in an STR tree.

    Parameters
    ----------
    points_m : (m, 2) array
    point_height_m : (m,) array
    owner : (m,) array
        Outline that a point stands on, which does not shade it; -1 for none.
    outlines : (n,) array of polygons
    height_m : (n,) array
    directions : int
        Rays of each point, clockwise from north.
    radius_m : float

    Returns
    -------
    (m, directions) array

    Examples
    --------
    >>> wall = np.array([shapely.box(-1, 10, 1, 12)], dtype=object)
    >>> one = np.zeros(1)
    >>> exact_horizons_deg(np.zeros((1, 2)), one, np.array([-1]), wall, one + 10, 4).round(6)
    array([[45.,  0.,  0.,  0.]])
    """
    angle = 2.0 * np.pi * np.arange(directions) / directions
    ends = points_m[:, None, :] + radius_m * np.column_stack([np.sin(angle), np.cos(angle)])
    starts = np.broadcast_to(points_m[:, None, :], ends.shape)
    lines = np.stack([starts, ends], axis=2).reshape(-1, 2, 2)
    rays: ObjectArray = np.asarray(shapely.linestrings(lines), dtype=object)
    ray, other = shapely.STRtree(outlines).query(rays, predicate="intersects")
    point = ray // directions
    stands_out = (other != owner[point]) & (height_m[other] > point_height_m[point] + SMALLEST_RISE_M)
    ray, other, point = ray[stands_out], other[stands_out], point[stands_out]
    hits = shapely.intersection(shapely.boundary(outlines[other]), rays[ray])
    places, pair = shapely.get_coordinates(hits, return_index=True)
    away = np.hypot(*(places - points_m[point[pair]]).T)
    seen = away > NEAREST_M
    pair, away = pair[seen], away[seen]
    slope = (height_m[other[pair]] - point_height_m[point[pair]]) / away
    found = np.zeros(len(rays))
    np.maximum.at(found, ray[pair], slope)
    return np.degrees(np.arctan(found)).reshape(-1, directions)


def hourly_kept_shares(
    hours: SunnyHours,
    horizons_deg: FloatArray,
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
    params: PlaneParams | None = None,
) -> FloatArray:
    """Return what shade leaves of the yearly yield of planes, asked hour by hour.

    In each hour the sun is there or behind the horizon of the direction nearest to it; the sky's light
    shrinks with the sky that the plane sees, and the ground's stays.

    Parameters
    ----------
    hours : SunnyHours
    horizons_deg : (n, directions) array
    tilt_deg, azimuth_deg : (n,) arrays
    params : PlaneParams, optional
    """
    params = params or PlaneParams()
    directions = horizons_deg.shape[1]
    nearest = np.rint(hours.azimuth_deg * directions / 360.0).astype(np.int64) % directions
    kept = np.zeros(len(tilt_deg))
    for number in range(len(tilt_deg)):
        plane = plane_hours(hours, float(tilt_deg[number]), azimuth_deg[number : number + 1], params)
        sun_seen = 90.0 - hours.zenith_deg > horizons_deg[number, nearest]
        open_sky = sky_share(horizons_deg[number], float(tilt_deg[number]), float(azimuth_deg[number]))
        left = (
            (plane.beam_power_w[0] * sun_seen).sum()
            + plane.sky_power_w.sum() * open_sky
            + plane.ground_power_w.sum()
        )
        kept[number] = left / plane.power_w.sum()
    return kept
