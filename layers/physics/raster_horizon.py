"""Horizons from a raster of heights: the steepest line of sight to any cell along 36 rays.

Near a roof every cell that a ray crosses is looked at, so that trees, chimneys and parapets count; the
farther the ray goes, the longer its steps (one part in fifty of the way). Hills far away sink with the
earth's curvature, less what refraction lifts them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import FloatArray
from layers.physics.horizon import DIRECTION_COUNT, SMALLEST_RISE_M

EARTH_RADIUS_M = 6_371_000.0
# light bends along the earth; share of the curvature that it takes back
REFRACTION_SHARE = 0.13
_STEP_SHARE = 0.02


def ray_distances_m(first_m: float, last_m: float, cell_m: float) -> FloatArray:
    """Return the distances at which rays are looked at.

    Examples
    --------
    >>> ray_distances_m(2.0, 6.0, 1.0)
    array([2., 3., 4., 5., 6.])
    """
    found = [first_m]
    while found[-1] < last_m:
        found.append(min(last_m, found[-1] + max(cell_m, _STEP_SHARE * found[-1])))
    return np.array(found)


def sinking_m(distance_m: FloatArray) -> FloatArray:
    """Return how much lower things appear at a distance, by the earth's curvature less refraction.

    Examples
    --------
    >>> sinking_m(np.array([1000.0, 20_000.0])).round(2)
    array([ 0.07, 27.31])
    """
    return np.asarray((1.0 - REFRACTION_SHARE) * distance_m**2 / (2.0 * EARTH_RADIUS_M), dtype=np.float64)


@njit(cache=True)
def _march(
    heights: FloatArray,
    column: FloatArray,
    row: FloatArray,
    eye: FloatArray,
    ray_columns: FloatArray,
    ray_rows: FloatArray,
    distance: FloatArray,
    sinking: FloatArray,
    least_rise: float,
) -> tuple[FloatArray, FloatArray]:
    """Return tangents of the horizons, and the share of looked-at cells that are known."""
    rows, columns = heights.shape
    slopes = np.zeros((len(eye), len(ray_columns)))
    known = np.zeros(len(eye))
    for i in range(len(eye)):
        seen = 0
        for k in range(len(ray_columns)):
            steepest = 0.0
            for d in range(len(distance)):
                c = math.floor(column[i] + ray_columns[k] * distance[d])
                r = math.floor(row[i] + ray_rows[k] * distance[d])
                if c < 0 or r < 0 or c >= columns or r >= rows:
                    continue
                height = heights[r, c]
                if math.isnan(height):
                    continue
                seen += 1
                rise = height - sinking[d] - eye[i]
                if rise > least_rise and rise > steepest * distance[d]:
                    steepest = rise / distance[d]
            slopes[i, k] = steepest
        known[i] = seen / (len(ray_columns) * len(distance))
    return slopes, known


def raster_horizons_deg(
    heights_m: FloatArray,
    cells: FloatArray,
    cells_per_metre: FloatArray,
    eye_m: FloatArray,
    distances_m: FloatArray,
    least_rise_m: float = SMALLEST_RISE_M,
) -> tuple[FloatArray, FloatArray]:
    """Return the height of the horizon in 36 directions, clockwise from north.

    Parameters
    ----------
    heights_m : (rows, columns) float32 array
        NaN where nothing is known.
    cells : (m, 2) array
        Column and row of the points that are looked from.
    cells_per_metre : (2, 2) array
        Change of column and row for a metre to the east and for one to the north.
    eye_m : (m,) array
        Height of the eyes.
    distances_m : (d,) array
        From `ray_distances_m`.
    least_rise_m : float
        What rises less is no obstacle.

    Returns
    -------
    horizons : (m, 36) array of degrees
    known_share : (m,) array
        Share of the cells looked at that hold a height.

    Examples
    --------
    A wall 10 m to the north of a point that is 10 m lower, in cells of one metre:

    >>> heights = np.zeros((41, 41), dtype=np.float32)
    >>> heights[10, :] = 10.0
    >>> seen, known = raster_horizons_deg(
    ...     heights, np.array([[20.5, 20.5]]), np.array([[1.0, 0.0], [0.0, -1.0]]), np.zeros(1),
    ...     ray_distances_m(2.0, 18.0, 1.0))
    >>> seen[0, [0, 9, 18]].round(1), known
    (array([45.,  0.,  0.]), array([1.]))
    """
    azimuth = 2.0 * np.pi * np.arange(DIRECTION_COUNT) / DIRECTION_COUNT
    per_metre = np.sin(azimuth)[:, None] * cells_per_metre[0] + np.cos(azimuth)[:, None] * cells_per_metre[1]
    slopes, known = _march(
        np.ascontiguousarray(heights_m, dtype=np.float32),
        np.ascontiguousarray(cells[:, 0], dtype=np.float64),
        np.ascontiguousarray(cells[:, 1], dtype=np.float64),
        np.ascontiguousarray(eye_m, dtype=np.float64),
        np.ascontiguousarray(per_metre[:, 0]), np.ascontiguousarray(per_metre[:, 1]),
        np.ascontiguousarray(distances_m, dtype=np.float64), sinking_m(distances_m), float(least_rise_m),
    )  # fmt: skip
    return np.asarray(np.degrees(np.arctan(slopes)), dtype=np.float64), np.asarray(known, dtype=np.float64)
