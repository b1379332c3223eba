"""Grids of cells over outlines, and heights between the cells of a raster."""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.types import AnyArray, FloatArray, IntArray, ObjectArray
from layers.physics.horizon import make_obstacles
from layers.physics.outline_cells import cells_of_outlines
from layers.physics.roof_cells import RoofCells

# a large roof is looked at in a coarser grid: this many cells say enough
MOST_CELLS = 4000
# an outline keeps its strip where less than this share would be left
LEAST_CORE_SHARE = 0.3


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
    first = np.floor(box[:, :2] / step[:, None]).astype(np.int64)
    across = np.maximum(np.ceil(box[:, 2:] / step[:, None]).astype(np.int64) - first, 1)
    walls = make_obstacles(outlines, np.zeros(count))
    start, column, row, weight, core = cells_of_outlines(
        walls.edges_m, walls.edge_start, first, across, step, inset_m, LEAST_CORE_SHARE
    )
    owner = np.repeat(np.arange(count), np.diff(start))
    xy = (first[owner] + np.column_stack([column, row]) + 0.5) * step[owner, None]
    cells = RoofCells(
        start=start, column=column, row=row, height_m=np.full(len(owner), np.nan),
        is_core=core.astype(bool), weight=weight, step_m=step, seed=seed,
    )  # fmt: skip
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
