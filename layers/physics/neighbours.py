"""What lies within a radius of many points: counts, sums and medians by a grid of cells.

Points are ordered by cell and then by their coordinates before anything is added up, so the order
of the rows changes no bit of the result, and neither does a tile's edge beyond the radius.
"""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from layers.core.types import FloatArray, IntArray, ObjectArray


@njit(cache=True)
def _near_kernel(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, cell: np.ndarray, first: np.ndarray,
    neighbour: np.ndarray, radius: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    count = np.zeros(len(x), np.int64)
    total = np.zeros(len(x))
    median = np.zeros(len(x))
    found = np.empty(len(x))
    square = radius * radius
    for i in range(len(x)):
        n = 0
        added = 0.0
        for around in range(neighbour.shape[1]):
            c = neighbour[cell[i], around]
            if c < 0:
                continue
            for j in range(first[c], first[c + 1]):
                if (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= square:
                    found[n] = weight[j]
                    added += weight[j]
                    n += 1
        count[i] = n
        total[i] = added
        median[i] = np.median(found[:n])
    return count, total, median


def near_statistics(
    xy_m: FloatArray, weights: FloatArray, radius_m: float
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return count, sum and median of the weights of all points within a radius, the point included.

    Parameters
    ----------
    xy_m : (n, 2) array
    weights : (n,) array
    radius_m : float
        Longer than zero.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [50.0, 0.0], [500.0, 0.0]])
    >>> [values.tolist() for values in near_statistics(xy, np.array([1.0, 3.0, 9.0]), 100.0)]
    [[2, 2, 1], [4.0, 4.0, 9.0], [2.0, 2.0, 9.0]]
    """
    if not len(xy_m):
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    cells = np.floor(xy_m / radius_m).astype(np.int64)
    order = np.lexsort((weights, xy_m[:, 1], xy_m[:, 0], cells[:, 1], cells[:, 0]))
    used, cell = np.unique(cells[order], axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    first = np.searchsorted(cell, np.arange(len(used) + 1))
    count, total, median = _near_kernel(
        xy_m[order, 0], xy_m[order, 1], weights[order], cell, first, _cells_around(used), radius_m
    )
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return count[back], total[back], median[back]


def _cells_around(used: IntArray) -> IntArray:
    """Return, per used cell, the positions of the nine cells around it, -1 where there is none."""
    width = int(used[:, 1].max() - used[:, 1].min()) + 3
    key = (used[:, 0] - used[:, 0].min() + 1) * width + (used[:, 1] - used[:, 1].min() + 1)
    around = [key + dx * width + dy for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    wanted = np.stack(around, axis=1)
    place = np.searchsorted(key, wanted).clip(max=len(key) - 1)
    return np.where(key[place] == wanted, place, -1)


def built_around(polygons: ObjectArray, rows: IntArray, reach_m: float) -> FloatArray:
    """Return which share of the ground around some buildings others have built on.

    The ground is a strip around the outline: a building alone on its ground is not densely built, however
    much of that ground it takes itself. Other buildings count whole where their middle lies in the strip.

    Parameters
    ----------
    polygons : (n,) array
    rows : (m,) array
        Positions of the buildings that are asked for.
    reach_m : float
        Width of the strip.

    Returns
    -------
    (m,) array

    Examples
    --------
    A hall of 100 m by 100 m has one house of 20 m by 10 m nearby, in a strip of 100 m:

    >>> town = np.array([shapely.box(0, 0, 100, 100), shapely.box(150, 0, 170, 10)])
    >>> built_around(town, np.array([0]), 100.0).round(4)
    array([0.0028])
    """
    strips = shapely.buffer(polygons[rows], reach_m)
    ground_m2 = shapely.area(strips) - shapely.area(polygons[rows])
    asked, other = shapely.STRtree(shapely.centroid(polygons)).query(strips, predicate="contains")
    area_m2 = np.where(rows[asked] == other, 0.0, shapely.area(polygons)[other])
    return np.asarray(np.bincount(asked, area_m2, minlength=len(rows)) / ground_m2, dtype=np.float64)
