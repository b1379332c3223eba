"""Party walls: where the outlines of two buildings run along each other.

Open footprints rarely share vertices: the same wall is drawn twice, a hand's breadth apart or
overlapping. Two walls count as one party wall where

* they belong to different buildings and look at each other (opposite directions, up to an angle),
* the distance measured square to the wall is at most a tolerance (a gap or an overlap),
* and only over the stretch where both conditions hold.

Every ring becomes directed edges with the building on their left, so walls of neighbours run in
opposite directions while walls of stacked or duplicated outlines run in the same one and do not
count. Stretches are united along each edge: a wall that two outlines cover twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.rings import RingSides, ring_sides

SHORTEST_EDGE_M = 1e-6


@dataclass(frozen=True)
class Edges:
    """Directed edges of many polygons, ordered by owner; the building lies to the left.

    `first` has one entry more than there are polygons: the edges of polygon i are
    ``first[i]:first[i + 1]``. `start_m` and `step_m` are (e, 2): where an edge begins and how far
    it goes.
    """

    first: IntArray
    start_m: FloatArray
    step_m: FloatArray
    length_m: FloatArray


def polygon_edges(polygons: ObjectArray) -> Edges:
    """Take polygons and multipolygons apart into directed edges, holes included.

    Parameters
    ----------
    polygons : (n,) array of Polygon or MultiPolygon
        In metres.

    Examples
    --------
    >>> edges = polygon_edges(np.array([shapely.box(0, 0, 4, 3)], dtype=object))
    >>> sorted(edges.length_m.tolist()), edges.first.tolist()
    ([3.0, 3.0, 4.0, 4.0], [0, 4])
    """
    sides = ring_sides(polygons)
    turned = ((_signed_areas(sides) > 0) != sides.is_shell)[sides.ring]
    start = np.where(turned[:, None], sides.end_m, sides.start_m)
    end = np.where(turned[:, None], sides.start_m, sides.end_m)
    step = end - start
    length = np.hypot(step[:, 0], step[:, 1])
    real = length > SHORTEST_EDGE_M
    owner = sides.owner[sides.ring][real]
    first = np.searchsorted(owner, np.arange(len(polygons) + 1))
    return Edges(first.astype(np.int64), start[real], step[real], length[real])


def _signed_areas(sides: RingSides) -> FloatArray:
    """Return the areas of rings, positive when they run counter-clockwise (Gauss's formula)."""
    count = len(sides.owner)
    # from the first vertex of each ring, so that large coordinates cost no digits
    origin = sides.start_m[np.searchsorted(sides.ring, np.arange(count))][sides.ring]
    a, b = sides.start_m - origin, sides.end_m - origin
    twice = np.bincount(sides.ring, a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1], minlength=count)
    return np.asarray(twice / 2, dtype=np.float64)


def near_pairs(polygons: ObjectArray, tolerance_m: float) -> tuple[IntArray, IntArray]:
    """Return pairs (left < right) of polygons whose bounding boxes are within a tolerance."""
    west, south, east, north = shapely.bounds(polygons).T
    boxes = shapely.box(west - tolerance_m, south - tolerance_m, east + tolerance_m, north + tolerance_m)
    left, right = shapely.STRtree(polygons).query(boxes)
    once = left < right
    left, right = left[once], right[once]
    order = np.lexsort((right, left))
    return left[order].astype(np.int64), right[order].astype(np.int64)


@njit(cache=True)
def _overlap(
    x: float, y: float, ux: float, uy: float, length: float,
    bx: float, by: float, cx: float, cy: float, tolerance: float,
) -> tuple[float, float]:  # fmt: skip
    """Return the stretch of an edge (start x, y; direction u) that another edge b–c runs along."""
    along_b = (bx - x) * ux + (by - y) * uy
    along_c = (cx - x) * ux + (cy - y) * uy
    beside_b = (by - y) * ux - (bx - x) * uy
    beside_c = (cy - y) * ux - (cx - x) * uy
    low = max(min(along_b, along_c), 0.0)
    high = min(max(along_b, along_c), length)
    slope = (beside_c - beside_b) / (along_c - along_b)
    if abs(slope) < 1e-12:
        return (low, high) if abs(beside_b) <= tolerance else (0.0, -1.0)
    # where the tilted edge enters and leaves the strip of plus and minus the tolerance
    enter = along_b + (tolerance - beside_b) / slope
    leave = along_b + (-tolerance - beside_b) / slope
    return max(low, min(enter, leave)), min(high, max(enter, leave))


@njit(cache=True)
def _stretches(
    left: np.ndarray, right: np.ndarray, first: np.ndarray, start: np.ndarray, step: np.ndarray,
    length: np.ndarray, tolerance: float, lowest_cosine: float, room: int,
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """List all stretches as (pair, edge, from, to); returns how many there are, stores up to `room`."""
    pair = np.empty(room, np.int64)
    edge = np.empty(room, np.int64)
    low = np.empty(room)
    high = np.empty(room)
    found = 0
    for p in range(len(left)):
        for a in range(first[left[p]], first[left[p] + 1]):
            ax, ay = start[a, 0], start[a, 1]
            ux, uy = step[a, 0] / length[a], step[a, 1] / length[a]
            for b in range(first[right[p]], first[right[p] + 1]):
                bx, by = start[b, 0], start[b, 1]
                vx, vy = step[b, 0] / length[b], step[b, 1] / length[b]
                if ux * vx + uy * vy > -lowest_cosine:
                    continue
                for side in range(2):
                    if side == 0:
                        bounds = _overlap(
                            ax, ay, ux, uy, length[a], bx, by, bx + step[b, 0], by + step[b, 1], tolerance
                        )
                    else:
                        bounds = _overlap(
                            bx, by, vx, vy, length[b], ax, ay, ax + step[a, 0], ay + step[a, 1], tolerance
                        )
                    if bounds[1] > bounds[0]:
                        if found < room:
                            pair[found] = p
                            edge[found] = a if side == 0 else b
                            low[found], high[found] = bounds
                        found += 1
    return found, pair, edge, low, high


@njit(cache=True)
def _merge(
    pair: np.ndarray, edge: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Unite stretches (sorted by pair, edge, start) of the same pair and edge that overlap or touch."""
    last = -1
    for k in range(len(pair)):
        if last >= 0 and pair[k] == pair[last] and edge[k] == edge[last] and low[k] <= high[last]:
            high[last] = max(high[last], high[k])
        else:
            last += 1
            pair[last], edge[last], low[last], high[last] = pair[k], edge[k], low[k], high[k]
    return pair[: last + 1], edge[: last + 1], low[: last + 1], high[: last + 1]


@njit(cache=True)
def _divided_lengths(edge: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return each stretch's length (sorted by edge) where what n stretches cover counts 1/n for each."""
    length = np.zeros(len(edge))
    begin = 0
    while begin < len(edge):
        end = begin + 1
        while end < len(edge) and edge[end] == edge[begin]:
            end += 1
        marks = np.sort(np.concatenate((low[begin:end], high[begin:end])))
        for m in range(len(marks) - 1):
            middle = (marks[m] + marks[m + 1]) / 2
            covering = 0
            for k in range(begin, end):
                covering += low[k] <= middle <= high[k]
            for k in range(begin, end):
                if low[k] <= middle <= high[k]:
                    length[k] += (marks[m + 1] - marks[m]) / covering
        begin = end
    return length


def wall_pairs(
    polygons: ObjectArray, *, tolerance_m: float, largest_angle_deg: float, shortest_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find the buildings that share a wall, and the length they share.

    Parameters
    ----------
    polygons : (n,) array of valid Polygon or MultiPolygon
        In metres.
    tolerance_m : float
        Largest gap or overlap between the two drawings of one wall, measured square to it.
    largest_angle_deg : float
        Largest angle between the two drawings.
    shortest_m : float
        Pairs that share less are dropped: corners that touch are not walls.

    Returns
    -------
    left, right : (p,) arrays
        Positions of the two buildings, left < right, in ascending order.
    length_m : (p,) array
        Shared length of plan. The lengths of all pairs of a building never add up to more than the
        part of its outline that is covered.

    Examples
    --------
    Two houses 0.1 m apart that share 6 of their 10 m:

    >>> houses = np.array([shapely.box(0, 0, 8, 10), shapely.box(8.1, 4, 16, 14)], dtype=object)
    >>> wall_pairs(houses, tolerance_m=0.3, largest_angle_deg=15, shortest_m=0.2)
    (array([0]), array([1]), array([6.]))
    """
    left, right = near_pairs(polygons, tolerance_m)
    edges = polygon_edges(polygons)
    # metric coordinates have seven digits before the point: a near origin keeps those behind it
    origin = edges.start_m.mean(axis=0).round() if len(edges.start_m) else np.zeros(2)
    settings = (tolerance_m, float(np.cos(np.radians(largest_angle_deg))))
    tables = (left, right, edges.first, edges.start_m - origin, edges.step_m, edges.length_m)
    room = max(1024, 6 * len(left))
    found, pair, edge, low, high = _stretches(*tables, *settings, room)
    if found > room:
        found, pair, edge, low, high = _stretches(*tables, *settings, found)
    order = np.lexsort((high[:found], low[:found], edge[:found], pair[:found]))
    stretches = _merge(pair[order], edge[order], low[order], high[order])
    return _pair_lengths(left, right, edges.first, stretches, shortest_m)


def _pair_lengths(
    left: IntArray,
    right: IntArray,
    first: IntArray,
    stretches: tuple[IntArray, IntArray, FloatArray, FloatArray],
    shortest_m: float,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Add stretches up to pairs; the shorter of the two buildings' views is the shared length."""
    pair, edge, low, high = stretches
    owner = np.searchsorted(first, edge, side="right") - 1
    on_left = owner == left[pair]
    count = len(left)
    whole = high - low
    seen_left = np.bincount(pair, whole * on_left, minlength=count)
    seen_right = np.bincount(pair, whole * ~on_left, minlength=count)
    kept = np.minimum(seen_left, seen_right) >= shortest_m
    order = np.flatnonzero(kept[pair])
    order = order[np.lexsort((high[order], low[order], edge[order]))]
    part = np.zeros(len(pair))
    part[order] = _divided_lengths(edge[order], low[order], high[order])
    seen_left = np.bincount(pair, part * on_left, minlength=count)
    seen_right = np.bincount(pair, part * ~on_left, minlength=count)
    return left[kept], right[kept], np.minimum(seen_left, seen_right)[kept]
