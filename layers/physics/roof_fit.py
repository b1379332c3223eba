"""Search for the planes of one roof among the cells of a surface model.

Each cell well inside the outline gets the plane that fits its surroundings best; some of these planes
are tried on all cells that belong to no plane yet, and the one that most cells lie on is refined by
least squares (RANSAC after Fischler and Bolles 1981, with candidates drawn from surroundings instead of
from three far cells). This is repeated until no plane holds a fair share of the roof. Then every cell
goes to the plane it lies on; cells on no plane are superstructures or trees.

The candidates follow from the building's own number alone, so that order and neighbours change nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray

# four sides and two more for a wing
MOST_PLANES = 6
# labels of cells that lie on no plane, and that are not asked
NOBODY, OFF = -1, -2
_CANDIDATES = 40
_REFINEMENTS = 3
# cells that vote on a candidate; on larger roofs every second, third … votes
_VOTERS = 500


@njit(cache=True)
def _solve(sums: FloatArray, plane: FloatArray) -> bool:
    """Solve the normal equations of z = a x + b y + c; sums are n, x, y, z, xx, xy, yy, xz, yz."""
    n = sums[0]
    if n < 3:
        return False
    mx, my, mz = sums[1] / n, sums[2] / n, sums[3] / n
    xx, xy, yy = sums[4] / n - mx * mx, sums[5] / n - mx * my, sums[6] / n - my * my
    xz, yz = sums[7] / n - mx * mz, sums[8] / n - my * mz
    det = xx * yy - xy * xy
    if det < 1e-9:
        return False
    plane[0] = (xz * yy - yz * xy) / det
    plane[1] = (yz * xx - xz * xy) / det
    plane[2] = mz - plane[0] * mx - plane[1] * my
    return True


@njit(cache=True)
def _add(sums: FloatArray, x: float, y: float, z: float) -> None:
    sums[0] += 1.0
    sums[1] += x
    sums[2] += y
    sums[3] += z
    sums[4] += x * x
    sums[5] += x * y
    sums[6] += y * y
    sums[7] += x * z
    sums[8] += y * z


@njit(cache=True)
def _local_plane(
    patch: IntArray, x: FloatArray, y: FloatArray, z: FloatArray, label: IntArray, cell: int, reach: int,
    column: int, row: int, plane: FloatArray,
) -> float:  # fmt: skip
    """Fit a plane to the free cells around one cell; return their mean square distance."""
    sums = np.zeros(9)
    rows, columns = patch.shape
    for r in range(max(0, row - reach), min(rows, row + reach + 1)):
        for c in range(max(0, column - reach), min(columns, column + reach + 1)):
            other = patch[r, c]
            if other >= 0 and label[other] == NOBODY:
                _add(sums, x[other], y[other], z[other])
    if sums[0] < 2 * reach + 3 or not _solve(sums, plane):
        return np.inf
    total = 0.0
    for r in range(max(0, row - reach), min(rows, row + reach + 1)):
        for c in range(max(0, column - reach), min(columns, column + reach + 1)):
            other = patch[r, c]
            if other >= 0 and label[other] == NOBODY:
                total += (z[other] - plane[0] * x[other] - plane[1] * y[other] - plane[2]) ** 2
    return float(total / sums[0])


@njit(cache=True)
def _count_on(
    x: FloatArray, y: FloatArray, z: FloatArray, free: IntArray, stride: int, plane: FloatArray,
    tolerance: float,
) -> int:  # fmt: skip
    """Count the voting cells on a plane; distance is measured at right angles to it."""
    reach = tolerance * math.sqrt(1.0 + plane[0] ** 2 + plane[1] ** 2)
    count = 0
    for k in range(0, len(free), stride):
        i = free[k]
        if abs(z[i] - plane[0] * x[i] - plane[1] * y[i] - plane[2]) <= reach:
            count += 1
    return count


@njit(cache=True)
def _refine(
    x: FloatArray, y: FloatArray, z: FloatArray, free: IntArray, plane: FloatArray, tolerance: float
) -> int:
    """Fit the plane to the cells that lie on it, a few times; return how many they are."""
    count = 0
    for _ in range(_REFINEMENTS):
        sums = np.zeros(9)
        reach = tolerance * math.sqrt(1.0 + plane[0] ** 2 + plane[1] ** 2)
        for i in free:
            if abs(z[i] - plane[0] * x[i] - plane[1] * y[i] - plane[2]) <= reach:
                _add(sums, x[i], y[i], z[i])
        count = int(sums[0])
        if not _solve(sums, plane):
            return 0
    return count


@njit(cache=True)
def _best_candidate(
    patch: IntArray, column: IntArray, row: IntArray, x: FloatArray, y: FloatArray, z: FloatArray,
    label: IntArray, free: IntArray, step: float, tolerance: float, state: np.uint64, best: FloatArray,
) -> np.uint64:  # fmt: skip
    """Try planes of some cells' surroundings; leave the one with most votes in `best`."""
    stride = max(1, len(free) // _VOTERS)
    most = -1
    plane = np.zeros(3)
    near = max(1, int(1.0 / step + 0.5))
    for _ in range(_CANDIDATES):
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        i = free[int((state >> np.uint64(33)) % np.uint64(len(free)))]
        # a wide surrounding fixes the slope better; near an edge a narrow one stays on one side
        for reach in (2 * near, near):
            off = _local_plane(patch, x, y, z, label, i, reach, column[i], row[i], plane)
            if off <= tolerance * tolerance:
                votes = _count_on(x, y, z, free, stride, plane, tolerance)
                if votes > most:
                    most = votes
                    best[:] = plane
                break
    if most < 0:
        best[0] = np.nan
    return state


@njit(cache=True)
def find_planes(
    patch: IntArray, column: IntArray, row: IntArray, x: FloatArray, y: FloatArray, z: FloatArray,
    label: IntArray, step: float, tolerance: float, least: float, state: np.uint64, planes: FloatArray,
) -> int:  # fmt: skip
    """Find planes one after the other; cells that lie on none keep their label."""
    found = 0
    best = np.zeros(3)
    while found < MOST_PLANES:
        free = np.flatnonzero(label == NOBODY)
        if len(free) < least:
            break
        state = _best_candidate(patch, column, row, x, y, z, label, free, step, tolerance, state, best)
        if np.isnan(best[0]) or _refine(x, y, z, free, best, tolerance) < least:
            break
        planes[found] = best
        reach = tolerance * math.sqrt(1.0 + best[0] ** 2 + best[1] ** 2)
        for i in free:
            if abs(z[i] - best[0] * x[i] - best[1] * y[i] - best[2]) <= reach:
                label[i] = found
        found += 1
    return found


@njit(cache=True)
def settle_cells(
    x: FloatArray, y: FloatArray, z: FloatArray, label: IntArray, planes: FloatArray, found: int,
    tolerance: float,
) -> None:  # fmt: skip
    """Give each inner cell to the plane nearest to it and fit the planes once more, twice over."""
    for _ in range(2):
        sums = np.zeros((found, 9))
        for i in range(len(z)):
            if label[i] == OFF:
                continue
            nearest, owner = 1.5 * tolerance, NOBODY
            for p in range(found):
                rise = math.sqrt(1.0 + planes[p, 0] ** 2 + planes[p, 1] ** 2)
                off = abs(z[i] - planes[p, 0] * x[i] - planes[p, 1] * y[i] - planes[p, 2]) / rise
                if off < nearest:
                    nearest, owner = off, p
            label[i] = owner
            if owner >= 0:
                _add(sums[owner], x[i], y[i], z[i])
        for p in range(found):
            _solve(sums[p], planes[p])
