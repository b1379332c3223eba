"""Cells of a grid in outlines: how much of each lies inside, and how far from the edge its middle is."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray

# lines across a cell along which its share inside is measured
_LINES = 4


@njit(cache=True)
def _shares(edges: FloatArray, west: float, south: float, step: float, columns: int, rows: int) -> FloatArray:
    """Return the share of each cell inside an outline, by lines from west to east (even and odd)."""
    share = np.zeros((rows, columns))
    crossings = np.empty(len(edges))
    for line in range(rows * _LINES):
        y = south + (line + 0.5) * step / _LINES
        found = 0
        for e in range(len(edges)):
            y1, y2 = edges[e, 1], edges[e, 3]
            if (y1 <= y) != (y2 <= y):
                crossings[found] = edges[e, 0] + (y - y1) / (y2 - y1) * (edges[e, 2] - edges[e, 0])
                found += 1
        ordered = np.sort(crossings[:found])
        row = line // _LINES
        for pair in range(0, found - 1, 2):
            left, right = (ordered[pair] - west) / step, (ordered[pair + 1] - west) / step
            first, last = max(0, math.floor(left)), min(columns - 1, math.floor(right))
            for column in range(first, last + 1):
                inside = min(right, column + 1.0) - max(left, float(column))
                if inside > 0.0:
                    share[row, column] += inside / _LINES
    return share


@njit(cache=True)
def _edge_distance(edges: FloatArray, x: float, y: float, enough: float) -> float:
    """Return the distance of a point from the nearest edge, or less than `enough` as soon as it is clear."""
    nearest = np.inf
    for e in range(len(edges)):
        x1, y1 = edges[e, 0], edges[e, 1]
        dx, dy = edges[e, 2] - x1, edges[e, 3] - y1
        length = dx * dx + dy * dy
        along = 0.0 if length <= 0.0 else min(1.0, max(0.0, ((x - x1) * dx + (y - y1) * dy) / length))
        away = math.hypot(x - x1 - along * dx, y - y1 - along * dy)
        if away < nearest:
            nearest = away
            if nearest < enough:
                break
    return nearest


@njit(cache=True)
def _all_cells(
    edges: FloatArray,
    edge_start: IntArray,
    first: IntArray,
    across: IntArray,
    step: FloatArray,
    inset: float,
    least_core: float,
    start: IntArray,
    column: IntArray,
    row: IntArray,
    weight: FloatArray,
    core: IntArray,
) -> int:
    """Write down the cells of all outlines; return how many they are."""
    count = 0
    for b in range(len(step)):
        start[b] = count
        mine = edges[edge_start[b] : edge_start[b + 1]]
        west, south = first[b, 0] * step[b], first[b, 1] * step[b]
        columns, rows = across[b, 0], across[b, 1]
        share = _shares(mine, west, south, step[b], columns, rows)
        for r in range(rows):
            for c in range(columns):
                if share[r, c] > 1e-9:
                    column[count], row[count] = c, r
                    weight[count] = min(1.0, share[r, c])
                    count += 1
        # an outline too narrow for the whole inset keeps half of it, or none
        wanted = least_core * weight[start[b] : count].sum()
        for depth in (inset, inset / 2.0, 0.0):
            held = 0
            for i in range(start[b], count):
                x = west + (column[i] + 0.5) * step[b]
                y = south + (row[i] + 0.5) * step[b]
                inside = weight[i] >= 0.5 and _edge_distance(mine, x, y, depth) >= depth
                core[i] = 1 if inside else 0
                held += core[i]
            if held >= wanted:
                break
    start[len(step)] = count
    return count


def cells_of_outlines(
    edges_m: FloatArray,
    edge_start: IntArray,
    first: IntArray,
    across: IntArray,
    step_m: FloatArray,
    inset_m: float,
    least_core_share: float,
) -> tuple[IntArray, IntArray, IntArray, FloatArray, IntArray]:
    """Return the cells that touch each outline.

    Parameters
    ----------
    edges_m : (e, 4) array
        x and y of both ends of all edges; holes belong to their outline.
    edge_start : (n + 1,) array
        Where each outline's edges begin.
    first : (n, 2) array of int
        Column and row of each outline's south-west cell, counted from the origin in its own steps.
    across : (n, 2) array of int
        Columns and rows of its grid.
    step_m : (n,) array
    inset_m : float
        Cells nearer to the edge are no core.
    least_core_share : float
        Share of the cells that must be core; else the inset is halved, then left out.

    Returns
    -------
    start : (n + 1,) array
    column, row : (c,) arrays
    weight : (c,) array
        Share of the cell inside the outline.
    core : (c,) array
        1 where the cell is core.

    Examples
    --------
    A square of 3 m whose first cell is cut in half:

    >>> corners = np.array([[0.5, 0.0], [3.0, 0.0], [3.0, 3.0], [0.5, 3.0]])
    >>> edges = np.hstack([corners, np.roll(corners, -1, axis=0)])
    >>> start, column, row, weight, core = cells_of_outlines(
    ...     edges, np.array([0, 4]), np.zeros((1, 2), dtype=int), np.full((1, 2), 3), np.ones(1), 1.0, 0.1)
    >>> weight[row == 0], int(core.sum())
    (array([0.5, 1. , 1. ]), 1)
    """
    most = int((across[:, 0] * across[:, 1]).sum())
    start = np.zeros(len(step_m) + 1, dtype=np.int64)
    column, row, core = (np.zeros(most, dtype=np.int64) for _ in range(3))
    weight = np.zeros(most)
    count = _all_cells(
        np.ascontiguousarray(edges_m, dtype=np.float64), np.ascontiguousarray(edge_start, dtype=np.int64),
        np.ascontiguousarray(first, dtype=np.int64), np.ascontiguousarray(across, dtype=np.int64),
        np.ascontiguousarray(step_m, dtype=np.float64), float(inset_m), float(least_core_share),
        start, column, row, weight, core,
    )  # fmt: skip
    return start, column[:count], row[:count], weight[:count], core[:count]
