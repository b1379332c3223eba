"""Squares of a grid, and how buildings are divided among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import FloatArray, IntArray, ObjectArray


@dataclass(frozen=True)
class CellShares:
    """How buildings are divided among squares: one row per building and square."""

    building: IntArray
    column: IntArray
    row: IntArray
    share: FloatArray


def divide_among_cells(polygons: ObjectArray, cell_m: float) -> CellShares:
    """Divide buildings among the squares they stand on, by area.

    Parameters
    ----------
    polygons : (n,) array
        In the system of the grid.
    cell_m : float
        Side of a square; squares begin at multiples of it.

    Examples
    --------
    A quarter of this house stands beyond x = 100 m:

    >>> shares = divide_among_cells(np.array([shapely.box(70, 10, 110, 30)], dtype=object), 100.0)
    >>> shares.column.tolist(), shares.share.tolist()
    ([0, 1], [0.75, 0.25])
    """
    bounds = shapely.bounds(polygons)
    low = np.floor(bounds[:, :2] / cell_m).astype(np.int64)
    high = np.floor(bounds[:, 2:] / cell_m).astype(np.int64)
    wide, tall = (high - low + 1).T
    building = np.repeat(np.arange(len(polygons)), wide * tall)
    rank = np.arange(len(building)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    column = low[building, 0] + rank % wide[building]
    row = low[building, 1] + rank // wide[building]
    several = (wide * tall > 1)[building]
    area = np.ones(len(building))
    x, y = column[several] * cell_m, row[several] * cell_m
    squares = shapely.box(x, y, x + cell_m, y + cell_m)
    area[several] = shapely.area(shapely.intersection(polygons[building[several]], squares))
    whole = np.bincount(building, area, minlength=len(polygons))
    kept = area > 0
    share = area[kept] / whole[building[kept]]
    return CellShares(building[kept], column[kept], row[kept], share)
