"""Areas of roof planes inside a free edge, and modules laid on them row by row.

The edge strip of width d is taken off exactly: A − d P + d² Σ tan(τ/2) over the turns τ at the corners of
a convex plane of area A and perimeter P, as long as no side vanishes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import FloatArray

# modules are clamped side by side with a gap
MODULE_GAP_M = 0.02


def rectangle_inside_m2(length_m: FloatArray, width_m: FloatArray, edge_m: float) -> FloatArray:
    """Return a rectangle's area inside a free edge.

    Examples
    --------
    >>> rectangle_inside_m2(np.array([10.0, 0.8]), np.array([5.0, 5.0]), 0.5)
    array([36.,  0.])
    """
    return np.maximum(length_m - 2 * edge_m, 0.0) * np.maximum(width_m - 2 * edge_m, 0.0)


def triangle_inside_m2(base_m: FloatArray, height_m: FloatArray, edge_m: float) -> FloatArray:
    """Return the area of a triangle with two equal sides inside a free edge, A (1 − d / r)².

    Examples
    --------
    A triangle of 6 × 4 m has sides of 5 m and an inner circle of r = 1.5 m; half a metre leaves 4/9:

    >>> triangle_inside_m2(np.array([6.0]), np.array([4.0]), 0.5).round(4)
    array([5.3333])
    """
    area = base_m * height_m / 2.0
    perimeter = base_m + 2.0 * np.hypot(base_m / 2.0, height_m)
    inner_radius = 2.0 * area / np.maximum(perimeter, 1e-9)
    left = np.maximum(1.0 - edge_m / np.maximum(inner_radius, 1e-9), 0.0)
    return np.asarray(area * left**2, dtype=np.float64)


def trapezoid_inside_m2(
    eaves_m: FloatArray, ridge_m: FloatArray, slope_m: FloatArray, edge_m: float
) -> FloatArray:
    """Return the area of a symmetric trapezoid inside a free edge.

    Parameters
    ----------
    eaves_m, ridge_m : (n,) arrays
        Long and short parallel side.
    slope_m : (n,) array
        Their distance, measured on the slope.
    edge_m : float
    """
    side = np.hypot((eaves_m - ridge_m) / 2.0, slope_m)
    area = (eaves_m + ridge_m) / 2.0 * slope_m
    perimeter = eaves_m + ridge_m + 2.0 * side
    # Σ cot(θ/2) over base angles θ and tops π − θ is 4 / sin θ
    corners = 4.0 * side / np.maximum(slope_m, 1e-9)
    left = np.maximum(area - edge_m * perimeter + edge_m**2 * corners, 0.0)
    return np.asarray(np.where(slope_m > 2.0 * edge_m, left, 0.0), dtype=np.float64)


def trapezoids_m(
    surface_m2: FloatArray, eaves_m: FloatArray, slope_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper side of the symmetric trapezoid with a plane's area and extent.

    Examples
    --------
    A rectangle, a triangle, and a plane with a gap in it:

    >>> ten, four = np.full(3, 10.0), np.full(3, 4.0)
    >>> trapezoids_m(np.array([40.0, 20.0, 15.0]), ten, four)
    (array([10. , 10. ,  7.5]), array([10.,  0.,  0.]))
    """
    mean = surface_m2 / np.maximum(slope_m, 1e-9)
    top = 2.0 * mean - eaves_m
    eaves = np.where(top > eaves_m, mean, np.where(top < 0.0, 2.0 * mean, eaves_m))
    return eaves, np.where(top > eaves_m, mean, np.maximum(top, 0.0))


def ground_cover_ratio(row_tilt_deg: float, noon_height_deg: float, lowest_deg: float = 10.0) -> float:
    """Return module area over roof area for parallel rows that do not shade each other at noon.

    1 / (cos b + sin b / tan a) with b the rows' tilt and a the sun's height at noon on 21 December,
    but at least `lowest_deg`.

    Examples
    --------
    >>> round(ground_cover_ratio(15.0, 16.6), 3)
    0.545
    """
    tilt, sun = np.radians(row_tilt_deg), np.radians(max(lowest_deg, noon_height_deg))
    return float(1.0 / (np.cos(tilt) + np.sin(tilt) / np.tan(sun)))


def half_hip_inside_m2(
    eaves_m: FloatArray, slope_m: FloatArray, width_m: FloatArray, hip_ratio: float, edge_m: float
) -> FloatArray:
    """Return the area of a half-hipped roof's long side inside a free edge.

    The side is a rectangle of eaves × slope whose upper corners are cut off by the hips: a hexagon of
    eaves, two upright sides, two slanted ones and the ridge.

    Parameters
    ----------
    eaves_m, slope_m, width_m : (n,) arrays
        Length of the eaves, length of the slope, and width of the roof across the ridge; eaves at least
        as long as the hips are deep.
    hip_ratio : float
        Height of the hips over that of the roof, 0 (gabled) to 1 (hipped).
    edge_m : float

    Examples
    --------
    Without an edge it is the rectangle less two corners of (5/2) × 2.5 / 2:

    >>> half_hip_inside_m2(np.array([20.0]), np.array([5.0]), np.array([10.0]), 0.5, 0.0)
    array([93.75])
    """
    cut, fall = hip_ratio * width_m / 2.0, hip_ratio * slope_m
    slant = np.hypot(cut, fall)
    area = eaves_m * slope_m - cut * fall
    perimeter = eaves_m + 2.0 * (slope_m - fall) + 2.0 * slant + (eaves_m - 2.0 * cut)
    bend = np.arctan2(cut, np.maximum(fall, 1e-9)) if hip_ratio > 0.0 else np.zeros_like(eaves_m)
    # two right angles at the eaves, a bend where each hip begins, and the rest of the turn at the ridge
    corners = 2.0 + 2.0 * np.tan(bend / 2.0) + 2.0 * np.tan((np.pi / 2.0 - bend) / 2.0)
    left = np.maximum(area - edge_m * perimeter + edge_m**2 * corners, 0.0)
    return np.asarray(np.where(slope_m > 2.0 * edge_m, left, 0.0), dtype=np.float64)


@njit(cache=True)
def _laid(eaves: float, top: float, slope: float, edge: float, along: float, upwards: float) -> int:
    """Count modules of one orientation in rows from the eaves up."""
    lean = (eaves - top) / 2.0
    # a free strip of width d beside a slanted side takes d / sin of its angle from each row
    beside = edge * math.hypot(lean, slope) / slope
    count = 0
    height = edge
    while height + upwards <= slope - edge + 1e-9:
        upper, lower = height + upwards, height
        width = eaves + (top - eaves) * (upper if lean > 0.0 else lower) / slope - 2.0 * beside
        if width > 0.0:
            count += int((width + MODULE_GAP_M + 1e-9) / (along + MODULE_GAP_M))
        height += upwards + MODULE_GAP_M
    return count


@njit(cache=True)
def _module_counts(
    eaves: FloatArray, top: FloatArray, slope: FloatArray, edge: float, long_m: float, short_m: float
) -> FloatArray:
    counts = np.zeros(len(eaves))
    for i in range(len(eaves)):
        if slope[i] > 2.0 * edge:
            upright = _laid(eaves[i], top[i], slope[i], edge, short_m, long_m)
            lying = _laid(eaves[i], top[i], slope[i], edge, long_m, short_m)
            counts[i] = max(upright, lying)
    return counts


def module_counts(
    eaves_m: FloatArray,
    top_m: FloatArray,
    slope_m: FloatArray,
    edge_m: float,
    module_long_m: float,
    module_short_m: float,
) -> FloatArray:
    """Return how many whole modules can be laid on symmetric trapezoids, all upright or all lying.

    Parameters
    ----------
    eaves_m, top_m, slope_m : (n,) arrays
        Lower and upper side and their distance on the slope; equal sides make a rectangle, an upper
        side of zero a triangle.
    edge_m : float
        Strip along all sides that stays free.
    module_long_m, module_short_m : float

    Returns
    -------
    (n,) array

    Examples
    --------
    Inside the edge of a plane of 10 × 5 m, modules of 1.762 × 1.134 m stand two deep and seven wide; lying
    they make three rows of five:

    >>> ten, five = np.array([10.0]), np.array([5.0])
    >>> module_counts(ten, ten, five, 0.5, 1.762, 1.134)
    array([15.])
    """
    found = _module_counts(
        np.ascontiguousarray(eaves_m, dtype=np.float64),
        np.ascontiguousarray(top_m, dtype=np.float64),
        np.ascontiguousarray(slope_m, dtype=np.float64),
        float(edge_m), float(module_long_m), float(module_short_m),
    )  # fmt: skip
    return np.asarray(found, dtype=np.float64)
