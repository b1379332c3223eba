"""What stands opposite a façade: the angle up to which neighbours hide its sky.

From points along every wall, at half its height, five rays look out over a half circle. Each ray finds
the steepest line of sight to the top of any wall that it meets within reach, its own building's wings
included. Where a wall of another building touches the point there is a party wall and nothing to see.

The five directions are Gauss-Legendre nodes of sin φ, φ from the wall's normal, so that their weighted
mean is the integral over the half circle. A vertical plane sees of a uniform sky above the height h

    f(h) = 1 − (2 h + sin 2 h) / π

of what it would see without obstacles. A façade's horizon is the height β of an endless row opposite that
would leave the same mean f: such a row leaves exactly 1 − sin β.

Walls are sorted into square cells; a ray walks from cell to cell. All heights stand on common ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray
from layers.physics.facades import FACADES, facade_numbers
from layers.physics.walls import Edges

# five Gauss-Legendre nodes of sin φ between −1 and 1, and their weights (together 1)
SINES = np.array([-0.9061798459386640, -0.5384693101056831, 0.0, 0.5384693101056831, 0.9061798459386640])
WEIGHTS = np.array(
    [0.2369268850561891, 0.4786286704993665, 0.5688888888888889, 0.4786286704993665, 0.2369268850561891]
) / 2.0  # fmt: skip
REACH_M = 100.0
CELL_M = 20.0
MOST_CELLS = 4_000_000
# walls that are looked from, and how far apart the points on them are
SHORTEST_WALL_M = 1.0
SPACING_M = 15.0
# drawings of one wall lie up to this far apart; what stands nearer than that is a party wall
TOUCHING_M = 0.5
OVERLAP_M = 0.35
NEAREST_OWN_M = 0.1


@dataclass(frozen=True)
class _Cells:
    """Walls by cell, the tallest first: x, y, step x, step y and height of each, and its building."""

    start: IntArray
    walls: FloatArray
    owner: IntArray
    west_m: float
    south_m: float
    cell_m: float
    columns: int
    rows: int


@njit(cache=True)
def _count_and_fill(
    walls: np.ndarray, first_column: np.ndarray, last_column: np.ndarray, first_row: np.ndarray,
    last_row: np.ndarray, columns: int, start: np.ndarray, order: np.ndarray, fill: bool,
) -> None:  # fmt: skip
    """Count the entries of each cell, or write the walls into their places."""
    for e in range(len(walls)):
        for row in range(first_row[e], last_row[e] + 1):
            for column in range(first_column[e], last_column[e] + 1):
                cell = row * columns + column
                if fill:
                    order[start[cell]] = e
                start[cell] += 1


def _sort_walls(edges: Edges, height_m: FloatArray) -> _Cells:
    """Sort walls into the cells that their bounding boxes touch."""
    owner = np.repeat(np.arange(len(edges.first) - 1), np.diff(edges.first))
    end = edges.start_m + edges.step_m
    low, high = np.minimum(edges.start_m, end), np.maximum(edges.start_m, end)
    west, south = low.min(axis=0)
    extent = high.max(axis=0) - (west, south)
    cell = CELL_M
    while (extent[0] / cell + 1.0) * (extent[1] / cell + 1.0) > MOST_CELLS:
        cell *= 2.0
    columns, rows = (int(size // cell) + 1 for size in extent)
    from_cell = ((low - (west, south)) // cell).astype(np.int64)
    to_cell = ((high - (west, south)) // cell).astype(np.int64)
    box = (from_cell[:, 0], to_cell[:, 0], from_cell[:, 1], to_cell[:, 1])
    walls = np.column_stack([edges.start_m - (west, south), edges.step_m, height_m[owner]])
    count = np.zeros(columns * rows, dtype=np.int64)
    _count_and_fill(walls, *box, columns, count, np.zeros(0, np.int64), False)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    order = np.empty(start[-1], dtype=np.int64)
    _count_and_fill(walls, *box, columns, start[:-1].copy(), order, True)
    cell_of = np.repeat(np.arange(columns * rows), count)
    order = order[np.lexsort((order, -walls[order, 4], cell_of))]
    return _Cells(start, walls[order], owner[order], float(west), float(south), cell, columns, rows)


@njit(cache=True)
def _look(
    x: float, y: float, ux: float, uy: float, eye: float, own: int, straight: bool,
    cell_start: np.ndarray, walls: np.ndarray, owners: np.ndarray,
    cell: float, columns: int, rows: int, reach: float, highest: float,
) -> tuple[float, int]:  # fmt: skip
    """Return the steepest tangent along a ray and whose wall it is; -1 where a wall touches the point."""
    steepest, whose = 0.0, -1
    column, row = math.floor(x / cell), math.floor(y / cell)
    step_x, step_y = (1 if ux > 0 else -1), (1 if uy > 0 else -1)
    across_x = cell / abs(ux) if ux != 0.0 else math.inf
    across_y = cell / abs(uy) if uy != 0.0 else math.inf
    next_x = ((column + (1 if ux > 0 else 0)) * cell - x) / ux if ux != 0.0 else math.inf
    next_y = ((row + (1 if uy > 0 else 0)) * cell - y) / uy if uy != 0.0 else math.inf
    entered = 0.0
    while True:
        if 0 <= column < columns and 0 <= row < rows:
            number = row * columns + column
            # walls in this cell are met no nearer than where the ray enters it, and the rest is lower still
            needed = steepest * entered if entered > TOUCHING_M else 0.0
            for e in range(cell_start[number], cell_start[number + 1]):
                rise = walls[e, 4] - eye
                if rise <= needed:
                    break
                ax, ay, vx, vy = walls[e, 0] - x, walls[e, 1] - y, walls[e, 2], walls[e, 3]
                against = ux * vy - uy * vx
                if abs(against) < 1e-9:
                    continue
                along = (ax * uy - ay * ux) / against
                if along < 0.0 or along > 1.0:
                    continue
                distance = (ax * vy - ay * vx) / against
                if owners[e] == own:
                    if distance <= NEAREST_OWN_M or distance > reach:
                        continue
                elif distance > reach or distance < (-OVERLAP_M if straight else 0.0):
                    continue
                elif straight and distance < TOUCHING_M:
                    return -1.0, owners[e]
                tangent = rise / max(distance, TOUCHING_M)
                if tangent > steepest:
                    steepest, whose = tangent, owners[e]
        entered = min(next_x, next_y)
        if entered > reach or steepest * entered > highest - eye:
            return steepest, whose
        if next_x < next_y:
            column += step_x
            next_x += across_x
        else:
            row += step_y
            next_y += across_y


@njit(cache=True)
def _views(
    first: np.ndarray, start: np.ndarray, step: np.ndarray, length: np.ndarray, facade: np.ndarray,
    height: np.ndarray, doubt: np.ndarray, cell_start: np.ndarray, walls: np.ndarray, owners: np.ndarray,
    cell: float, columns: int, rows: int, reach: float,
    seen: np.ndarray, weight: np.ndarray, worst: np.ndarray,
) -> None:  # fmt: skip
    """Sum up, for each building and façade, what points see of the sky, weighted by length."""
    highest = height.max()
    for i in range(len(first) - 1):
        eye = height[i] / 2.0
        for a in range(first[i], first[i + 1]):
            if length[a] < SHORTEST_WALL_M:
                continue
            points = max(1, round(length[a] / SPACING_M))
            # the building lies to the left of its edges, so the normal points to the right
            tx, ty = step[a, 0] / length[a], step[a, 1] / length[a]
            for p in range(points):
                part = (p + 0.5) / points
                x, y = start[a, 0] + part * step[a, 0], start[a, 1] + part * step[a, 1]
                clear = 0.0
                for turn in (2, 0, 1, 3, 4):
                    sine = SINES[turn]
                    cosine = math.sqrt(1.0 - sine * sine)
                    tangent, whose = _look(
                        x, y, ty * cosine + tx * sine, -tx * cosine + ty * sine, eye, i, turn == 2,
                        cell_start, walls, owners, cell, columns, rows, reach, highest,
                    )  # fmt: skip
                    if tangent < 0.0:
                        clear = -1.0
                        break
                    angle = math.atan(tangent)
                    clear += WEIGHTS[turn] * (1.0 - (2.0 * angle + math.sin(2.0 * angle)) / math.pi)
                    if whose >= 0:
                        worst[i] = max(worst[i], doubt[whose])
                if clear >= 0.0:
                    seen[i, facade[a]] += clear * length[a] / points
                    weight[i, facade[a]] += length[a] / points


def facade_horizons_deg(
    edges: Edges, height_m: FloatArray, doubt: IntArray | None = None, *, reach_m: float = REACH_M
) -> tuple[FloatArray, IntArray]:
    """Return the horizon of each building's eight façades.

    Parameters
    ----------
    edges : Edges of n polygons
    height_m : (n,) array
        Height of the walls above common ground.
    doubt : (n,) array of int, optional
        How doubtful each height is, larger is worse.
    reach_m : float
        Walls farther away are not looked at.

    Returns
    -------
    horizon_deg : (n, 8) array
        0 to 90, façades clockwise from north. A façade without a wall that sees anything has the mean of
        the building's other façades.
    worst : (n,) array of int
        The largest doubt among the building's own height and those of the walls that it sees.

    Examples
    --------
    Two long rows 10 m high, 10 m apart: from half height the other rises by 5 m in 10 m, 26.6°;
    the five rays make 27 of it.

    >>> import shapely
    >>> from layers.physics.walls import polygon_edges
    >>> rows = np.array([shapely.box(0, 0, 400, 8), shapely.box(0, 18, 400, 26)], dtype=object)
    >>> horizon, _ = facade_horizons_deg(polygon_edges(rows), np.array([10.0, 10.0]))
    >>> horizon[0, [0, 4]].round(0)
    array([27.,  0.])
    """
    count = len(edges.first) - 1
    worst = np.zeros(count, np.int64) if doubt is None else np.array(doubt, dtype=np.int64)
    seen, weight = np.zeros((count, FACADES)), np.zeros((count, FACADES))
    if len(edges.start_m):
        cells = _sort_walls(edges, np.asarray(height_m, dtype=np.float64))
        _views(
            edges.first, edges.start_m - (cells.west_m, cells.south_m), edges.step_m, edges.length_m,
            facade_numbers(edges), np.asarray(height_m, dtype=np.float64), worst.copy(),
            cells.start, cells.walls, cells.owner, cells.cell_m, cells.columns, cells.rows, float(reach_m),
            seen, weight, worst,
        )  # fmt: skip
    whole = weight.sum(axis=1)
    mean = np.divide(seen.sum(axis=1), whole, out=np.ones(count), where=whole > 0.0)
    share = np.divide(seen, weight, out=np.repeat(mean[:, None], FACADES, axis=1), where=weight > 0.0)
    return np.degrees(np.arcsin(np.clip(1.0 - share, 0.0, 1.0))), worst
