"""Which way walls face: lengths of walls and of party walls by eight façades.

A façade is the eighth of the compass nearest to a wall's outward normal: north, north-east, …
clockwise. Directions are those of the metric grid, which differs from true north by at most three
degrees within a UTM zone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray
from layers.core.weather import FACADE_AZIMUTHS_DEG
from layers.physics.walls import Edges

FACADES = len(FACADE_AZIMUTHS_DEG)
FULL_CIRCLE_DEG = 360.0


def facade_numbers(edges: Edges) -> IntArray:
    """Return the façade (0 north … 7 north-west) that each edge belongs to.

    The building lies to the left of its edges, so the outward normal points to the right.

    Examples
    --------
    >>> import shapely
    >>> from layers.physics.walls import polygon_edges
    >>> edges = polygon_edges(np.array([shapely.box(0, 0, 4, 3)], dtype=object))
    >>> sorted(facade_numbers(edges).tolist())
    [0, 2, 4, 6]
    """
    step = edges.step_m
    azimuth = np.degrees(np.arctan2(step[:, 1], -step[:, 0]))
    # a hundredth keeps walls on the border between two façades together in spite of rounding
    nearest = np.floor((azimuth + 0.01) / (FULL_CIRCLE_DEG / FACADES) + 0.5)
    return np.asarray(nearest.astype(np.int64) % FACADES)


def wall_length_by_facade_m(edges: Edges) -> FloatArray:
    """Return the (n, 8) lengths of each polygon's walls by façade; courtyards count.

    Examples
    --------
    >>> import shapely
    >>> from layers.physics.walls import polygon_edges
    >>> wall_length_by_facade_m(polygon_edges(np.array([shapely.box(0, 0, 4, 3)], dtype=object)))
    array([[4., 0., 3., 0., 4., 0., 3., 0.]])
    """
    count = len(edges.first) - 1
    owner = np.repeat(np.arange(count), np.diff(edges.first))
    slot = owner * FACADES + facade_numbers(edges)
    lengths = np.bincount(slot, edges.length_m, minlength=count * FACADES)
    return np.asarray(lengths.reshape(count, FACADES), dtype=np.float64)


@njit(cache=True)
def _facing_lengths(
    left: np.ndarray, right: np.ndarray, first: np.ndarray, start: np.ndarray, step: np.ndarray,
    length: np.ndarray, facade: np.ndarray, tolerance: float, lowest_cosine: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Measure along which façades the two buildings of each pair face each other."""
    on_left = np.zeros((len(left), FACADES))
    on_right = np.zeros((len(left), FACADES))
    for p in range(len(left)):
        for a in range(first[left[p]], first[left[p] + 1]):
            ux, uy = step[a, 0] / length[a], step[a, 1] / length[a]
            for b in range(first[right[p]], first[right[p] + 1]):
                if (ux * step[b, 0] + uy * step[b, 1]) / length[b] > -lowest_cosine:
                    continue
                x, y = start[b, 0] - start[a, 0], start[b, 1] - start[a, 1]
                begin = x * ux + y * uy
                end = begin + step[b, 0] * ux + step[b, 1] * uy
                low, high = max(min(begin, end), 0.0), min(max(begin, end), length[a])
                if high <= low:
                    continue
                # distance square to the wall in the middle of the common stretch
                middle = ((low + high) / 2 - begin) / (end - begin)
                beside = (y + middle * step[b, 1]) * ux - (x + middle * step[b, 0]) * uy
                if abs(beside) <= tolerance:
                    on_left[p, facade[a]] += high - low
                    on_right[p, facade[b]] += high - low
    return on_left, on_right


def party_length_by_facade_m(
    edges: Edges,
    left: IntArray,
    right: IntArray,
    length_m: FloatArray,
    *,
    tolerance_m: float,
    largest_angle_deg: float,
) -> tuple[FloatArray, FloatArray]:
    """Share the party walls of pairs of buildings out over the façades that touch.

    Parameters
    ----------
    edges : Edges of n polygons
    left, right : (p,) arrays
        Positions of the two buildings.
    length_m : (p,) array
        Length that they share; kept exactly, only its direction is found here.
    tolerance_m, largest_angle_deg : float
        As for `layers.physics.walls.wall_pairs`; a pair whose walls are not found within them is
        shared out in proportion to all walls of the building.

    Returns
    -------
    on_left, on_right : (p, 8) arrays
        Length by façade of the left and of the right building; each row adds up to `length_m`.
    """
    origin = edges.start_m.mean(axis=0).round() if len(edges.start_m) else np.zeros(2)
    found = _facing_lengths(
        left, right, edges.first, edges.start_m - origin, edges.step_m, edges.length_m,
        facade_numbers(edges), tolerance_m, float(np.cos(np.radians(largest_angle_deg))),
    )  # fmt: skip
    whole = wall_length_by_facade_m(edges)
    shared = []
    for side, facing in zip((left, right), found, strict=True):
        weight = np.where(facing.sum(axis=1, keepdims=True) > 0.0, facing, whole[side])
        total = weight.sum(axis=1, keepdims=True)
        portion = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)
        shared.append(portion * length_m[:, None])
    return shared[0], shared[1]
