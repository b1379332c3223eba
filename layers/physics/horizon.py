"""Horizons: how high the neighbours stand above a roof, in 36 directions.

From a point on a roof, 36 rays go out, every 10° clockwise from north. The horizon of a direction is
the steepest line of sight to the top of any wall that its ray meets within a search radius. Obstacles
are upright prisms over their footprints.

Neighbours are found with a grid of square cells: each obstacle lies in the cell of its centre, and a
point looks through all cells that can hold an obstacle within reach. Obstacles too large for that are
kept in a list of their own and looked at from everywhere. The result equals an exact search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

DIRECTION_COUNT = 36
STEP_RAD = 2.0 * math.pi / DIRECTION_COUNT
SEARCH_RADIUS_M = 150.0
CELL_M = 50.0
# obstacles whose half-diagonal is longer are kept apart, so that the grid need not look so far
LARGE_OBSTACLE_M = 50.0
# a neighbour that stands less than a parapet higher is no obstacle
SMALLEST_RISE_M = 0.2
# a wall at arm's length touches the point; its slope would say nothing about the roof
NEAREST_M = 0.5


@dataclass(frozen=True)
class Obstacles:
    """Upright prisms, ready to be looked at.

    Attributes
    ----------
    edges_m : (e, 4) array
        Wall feet: x and y of both ends.
    edge_start : (n + 1,) array
        Where each obstacle's edges begin.
    centre_m : (n, 2) array
        Middle of each bounding box.
    half_diagonal_m, height_m : (n,) arrays
    """

    edges_m: FloatArray
    edge_start: IntArray
    centre_m: FloatArray
    half_diagonal_m: FloatArray
    height_m: FloatArray


@dataclass(frozen=True)
class _Grid:
    """Obstacles by cell, the tallest first, and the large ones apart."""

    cell_start: IntArray
    members: IntArray
    large: IntArray
    column_count: int
    row_count: int
    west_m: float
    south_m: float


def make_obstacles(geometry: ObjectArray, height_m: FloatArray) -> Obstacles:
    """Take the walls out of footprints.

    Parameters
    ----------
    geometry : (n,) array of polygons or multipolygons in metres
        Courtyards count as walls too; an empty or missing geometry has none.
    height_m : (n,) array
        Height of the walls' tops above the common ground.
    """
    count = len(geometry)
    polygons, owner_of_polygon = shapely.get_parts(geometry, return_index=True)
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    joined: BoolArray = np.equal(ring_of_vertex[1:], ring_of_vertex[:-1])
    edges = np.column_stack([xy[:-1], xy[1:]])[joined]
    owner = owner_of_polygon[polygon_of_ring[ring_of_vertex[:-1][joined]]]
    bounds = shapely.bounds(geometry)
    empty: BoolArray = np.logical_not(np.isfinite(bounds).all(axis=1))
    bounds = np.where(empty[:, None], 0.0, bounds)
    return Obstacles(
        edges_m=np.ascontiguousarray(edges),
        # parts keep the order of their owners, so the edges of an obstacle stand together
        edge_start=np.searchsorted(owner, np.arange(count + 1)).astype(np.int64),
        centre_m=np.ascontiguousarray((bounds[:, :2] + bounds[:, 2:]) / 2.0),
        half_diagonal_m=np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) / 2.0,
        height_m=np.where(empty, -np.inf, np.nan_to_num(height_m, nan=-np.inf)),
    )


def _make_grid(obstacles: Obstacles) -> _Grid:
    """Sort obstacles into cells."""
    present = np.isfinite(obstacles.height_m)
    is_large = obstacles.half_diagonal_m > LARGE_OBSTACLE_M
    small = np.flatnonzero(~is_large & present)
    origin = obstacles.centre_m[present].min(axis=0) if present.any() else np.zeros(2)
    cells = np.floor((obstacles.centre_m - origin) / CELL_M).astype(np.int64)
    columns = int(cells[small, 0].max(initial=0)) + 1
    rows = int(cells[small, 1].max(initial=0)) + 1
    number = cells[small, 1] * columns + cells[small, 0]
    order = np.lexsort((-obstacles.height_m[small], number))
    large = np.flatnonzero(is_large)
    return _Grid(
        cell_start=np.searchsorted(number[order], np.arange(columns * rows + 1)).astype(np.int64),
        members=small[order].astype(np.int64),
        large=large[np.argsort(-obstacles.height_m[large], kind="stable")].astype(np.int64),
        column_count=columns,
        row_count=rows,
        west_m=float(origin[0]),
        south_m=float(origin[1]),
    )


@njit(cache=True)
def _raise_horizon(
    slopes: FloatArray,
    edges: FloatArray,
    first: int,
    last: int,
    x: float,
    y: float,
    rise: float,
    radius: float,
    ray_x: FloatArray,
    ray_y: FloatArray,
) -> None:
    """Raise one point's slopes (tangents) by the walls of one obstacle."""
    step = 2.0 * math.pi / len(slopes)
    for e in range(first, last):
        x1, y1 = edges[e, 0] - x, edges[e, 1] - y
        x2, y2 = edges[e, 2] - x, edges[e, 3] - y
        # azimuths clockwise from north: atan2 of east over north
        start = math.atan2(x1, y1)
        turn = math.atan2(x2, y2) - start
        if turn > math.pi:
            turn -= 2.0 * math.pi
        elif turn < -math.pi:
            turn += 2.0 * math.pi
        if turn < 0.0:
            start += turn
            turn = -turn
        along_x, along_y = x2 - x1, y2 - y1
        cross = x1 * along_y - y1 * along_x
        for k in range(math.ceil(start / step), math.floor((start + turn) / step) + 1):
            direction = k % len(slopes)
            against = ray_x[direction] * along_y - ray_y[direction] * along_x
            if abs(against) < 1e-12:
                continue
            distance = cross / against
            if NEAREST_M < distance <= radius:
                slopes[direction] = max(slopes[direction], rise / distance)


@njit(cache=True)
def _all_slopes(
    points: FloatArray,
    point_height: FloatArray,
    owner: IntArray,
    edges: FloatArray,
    edge_start: IntArray,
    centre: FloatArray,
    half_diagonal: FloatArray,
    height: FloatArray,
    cell_start: IntArray,
    members: IntArray,
    large: IntArray,
    columns: int,
    rows: int,
    west_m: float,
    south_m: float,
    radius: float,
    directions: int,
) -> FloatArray:
    """Return the tangents of all horizons; the loop over points, cells and obstacles."""
    slopes = np.zeros((len(points), directions))
    ray_x, ray_y = np.empty(directions), np.empty(directions)
    for k in range(directions):
        ray_x[k] = math.sin(2.0 * math.pi * k / directions)
        ray_y[k] = math.cos(2.0 * math.pi * k / directions)
    reach = radius + LARGE_OBSTACLE_M
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        eye = point_height[i] + SMALLEST_RISE_M
        west = max(0, math.floor((x - west_m - reach) / CELL_M))
        east = min(columns - 1, math.floor((x - west_m + reach) / CELL_M))
        south = max(0, math.floor((y - south_m - reach) / CELL_M))
        north = min(rows - 1, math.floor((y - south_m + reach) / CELL_M))
        for row in range(south, north + 1):
            for column in range(west, east + 1):
                cell = row * columns + column
                for p in range(cell_start[cell], cell_start[cell + 1]):
                    j = members[p]
                    if height[j] <= eye:
                        break  # the rest of the cell is lower still
                    far = radius + half_diagonal[j]
                    if j == owner[i] or (centre[j, 0] - x) ** 2 + (centre[j, 1] - y) ** 2 > far * far:
                        continue
                    _raise_horizon(
                        slopes[i], edges, edge_start[j], edge_start[j + 1],
                        x, y, height[j] - point_height[i], radius, ray_x, ray_y,
                    )  # fmt: skip
        for j in large:
            if height[j] <= eye:
                break
            far = radius + half_diagonal[j]
            if j == owner[i] or (centre[j, 0] - x) ** 2 + (centre[j, 1] - y) ** 2 > far * far:
                continue
            _raise_horizon(
                slopes[i], edges, edge_start[j], edge_start[j + 1],
                x, y, height[j] - point_height[i], radius, ray_x, ray_y,
            )  # fmt: skip
    return slopes


def horizons_deg(
    points_m: FloatArray,
    point_height_m: FloatArray,
    owner: IntArray,
    obstacles: Obstacles,
    radius_m: float = SEARCH_RADIUS_M,
) -> FloatArray:
    """Return the height of the horizon in 36 directions, clockwise from north.

    Parameters
    ----------
    points_m : (m, 2) array
        Points on roofs, in the coordinates of the footprints.
    point_height_m : (m,) array
        Their height above the common ground.
    owner : (m,) array of int
        Position of the obstacle that a point stands on, which does not shade it; -1 for none.
    obstacles : Obstacles
    radius_m : float
        Walls farther away are not seen.

    Returns
    -------
    (m, 36) array
        Degrees above the horizontal, 0 where the view is open.

    Examples
    --------
    A wall 10 m to the north that stands 10 m higher hides the sky up to 45°:

    >>> wall = np.array([shapely.box(-1, 10, 1, 12)])
    >>> point, ground = np.zeros((1, 2)), np.zeros(1)
    >>> seen = horizons_deg(point, ground, np.array([-1]), make_obstacles(wall, np.array([10.0])))
    >>> seen[0, [0, 1, 18]].round(1)
    array([45.,  0.,  0.])
    """
    grid = _make_grid(obstacles)
    slopes = _all_slopes(
        np.ascontiguousarray(points_m, dtype=np.float64),
        np.ascontiguousarray(point_height_m, dtype=np.float64),
        np.ascontiguousarray(owner, dtype=np.int64),
        obstacles.edges_m, obstacles.edge_start, obstacles.centre_m, obstacles.half_diagonal_m,
        obstacles.height_m, grid.cell_start, grid.members, grid.large,
        grid.column_count, grid.row_count, grid.west_m, grid.south_m, float(radius_m), DIRECTION_COUNT,
    )  # fmt: skip
    return np.asarray(np.degrees(np.arctan(slopes)), dtype=np.float64)
