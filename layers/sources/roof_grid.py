"""Grids of cells over outlines, and heights between the cells of a raster."""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.types import AnyArray, FloatArray, IntArray, ObjectArray
from layers.physics.roof_cells import RoofCells

# a large roof is looked at in a coarser grid: this many cells say enough
MOST_CELLS = 4000
# an outline keeps its strip where less than this share would be left
LEAST_CORE_SHARE = 0.3
# a cell on the outline is parted into so many strips each way
_PARTS = 4


def _core(outlines: ObjectArray, inset_m: float) -> ObjectArray:
    """Return the inner part of outlines; narrow ones are inset less, or not at all."""
    core = np.asarray(shapely.buffer(outlines, -inset_m), dtype=object)
    for inset in (inset_m / 2.0, 0.0):
        narrow = shapely.area(core) < LEAST_CORE_SHARE * shapely.area(outlines)
        core[narrow] = shapely.buffer(outlines[narrow], -inset)
    return core


def _weights(outlines: ObjectArray, owner: IntArray, xy: FloatArray, step_m: FloatArray) -> FloatArray:
    """Return the share of each cell that lies inside its outline; only cells on the edge are looked into."""
    reach = 0.75 * step_m
    inner = np.asarray(shapely.buffer(outlines, -reach, quad_segs=2), dtype=object)
    outer = np.asarray(shapely.buffer(outlines, reach, quad_segs=2), dtype=object)
    for shapes in (inner, outer, outlines):
        shapely.prepare(shapes)
    weight = shapely.contains_xy(inner[owner], xy[:, 0], xy[:, 1]).astype(np.float64)
    edge = np.flatnonzero(weight == 0.0)
    edge = edge[shapely.contains_xy(outer[owner[edge]], xy[edge, 0], xy[edge, 1])]
    for k in range(_PARTS * _PARTS):
        offset = (np.array([k % _PARTS, k // _PARTS]) + 0.5) / _PARTS - 0.5
        part = xy[edge] + offset * step_m[owner[edge], None]
        inside = shapely.contains_xy(outlines[owner[edge]], part[:, 0], part[:, 1])
        weight[edge] += inside / (_PARTS * _PARTS)
    return np.asarray(weight, dtype=np.float64)


def lay_cells(
    outlines: ObjectArray, step_m: float, inset_m: float, seed: IntArray
) -> tuple[RoofCells, FloatArray]:
    """Return the cells of a grid that lie in each outline, heights still unknown, and their middles.

    Parameters
    ----------
    outlines : (n,) array of polygons
    step_m : float
        Side of the cells; a multiple of it on large outlines.
    inset_m : float
        Strip along the outline whose cells are no core.
    seed : (n,) array
        Number of each building.

    Returns
    -------
    RoofCells
    (c, 2) array
        Middle of each cell; the grids of all outlines lie on multiples of their step.
    """
    count = len(outlines)
    box = shapely.bounds(outlines)
    most = np.sqrt((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) / MOST_CELLS)
    step = step_m * np.maximum(np.ceil(most / step_m), 1.0)
    first = np.floor(box[:, :2] / step[:, None])
    across = np.maximum(np.ceil(box[:, 2:] / step[:, None]) - first, 1.0).astype(np.int64)
    size = across[:, 0] * across[:, 1]
    owner = np.repeat(np.arange(count), size)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    column, row = number % across[owner, 0], number // across[owner, 0]
    xy = (first[owner] + np.column_stack([column, row]) + 0.5) * step[owner, None]
    weight = _weights(outlines, owner, xy, step)
    held = weight > 0.0
    xy, owner, weight = xy[held], owner[held], weight[held]
    core = _core(outlines, inset_m)
    shapely.prepare(core)
    cells = RoofCells(
        start=np.searchsorted(owner, np.arange(count + 1)).astype(np.int64),
        column=column[held],
        row=row[held],
        height_m=np.full(len(owner), np.nan),
        is_core=shapely.contains_xy(core[owner], xy[:, 0], xy[:, 1]),
        weight=weight,
        step_m=step,
        seed=seed,
    )
    return cells, xy


def bilinear(heights_m: AnyArray, cells: FloatArray) -> FloatArray:
    """Return heights at places between the middles of cells; NaN outside, and beside cells without data.

    Parameters
    ----------
    heights_m : (rows, columns) array
    cells : (n, 2) array
        Column and row; the middle of the first cell is (0.5, 0.5).

    Examples
    --------
    >>> bilinear(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.5, 0.5], [1.0, 1.0], [9.0, 0.0]]))
    array([0. , 1.5, nan])
    """
    rows, columns = heights_m.shape
    found = np.full(len(cells), np.nan)
    with np.errstate(invalid="ignore"):
        inside = ((cells >= 0.0) & (cells <= [columns, rows])).all(axis=1)
    # within half a cell of the rim the outermost cells count
    x = np.clip(cells[inside, 0] - 0.5, 0.0, columns - 1.0)
    y = np.clip(cells[inside, 1] - 0.5, 0.0, rows - 1.0)
    left, upper = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    right, lower = np.minimum(left + 1, columns - 1), np.minimum(upper + 1, rows - 1)
    dx, dy = x - left, y - upper
    top = heights_m[upper, left] * (1.0 - dx) + heights_m[upper, right] * dx
    bottom = heights_m[lower, left] * (1.0 - dx) + heights_m[lower, right] * dx
    found[inside] = top * (1.0 - dy) + bottom * dy
    return found
