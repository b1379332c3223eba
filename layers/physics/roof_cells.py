"""Planes of roofs from the cells of a surface model: slopes, sizes, superstructures, places to look from.

The planes are searched for by `layers.physics.roof_fit`. The strip along the outline, whose cells mix
roof and ground, takes the plane of its nearest cells. Where two planes meet, a cell is parted along the
line on which both are equally high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.roof_fit import MOST_PLANES, NOBODY, OFF, find_planes, settle_cells

# ends of the extent that are left out, so that a stray cell does not stretch a plane
_STRAY_SHARE = 0.01
VIEW_COUNT = 5
# planes whose gradients differ less never meet on the roof; cells that must agree on how two meet
_SAME_SLOPE, _CLEAR_SHARE = 0.08, 0.75
# planes meet at most this far from where the nearest cells say, at the corners of the outline
_RIM_M = 2.0
# a cell on a ridge is parted into so many strips each way
_PARTS = 4
# columns of the kernel's answer
_TILT, _AZIMUTH, _PLAN, _EAVES, _SLOPE, _FREE, _RESIDUAL, _CELLS = range(8)
_MEASURES = 8


@dataclass(frozen=True)
class RoofCells:
    """Cells over buildings, those of one building side by side.

    Attributes
    ----------
    start : (n + 1,) array
        Where each building's cells begin.
    column, row : (c,) arrays of int
        Place in the building's own grid, from its south-west corner.
    height_m : (c,) array
        Surface; NaN where unknown.
    is_core : (c,) array
        Whether the cell lies well inside the outline.
    weight : (c,) array
        Share of the cell that lies inside the outline.
    step_m : (n,) array
        Side of the cells of each building.
    seed : (n,) array of uint64
        A number of each building that never changes.
    """

    start: IntArray
    column: IntArray
    row: IntArray
    height_m: FloatArray
    is_core: BoolArray
    weight: FloatArray
    step_m: FloatArray
    seed: IntArray


@dataclass(frozen=True)
class FitSettings:
    """When cells lie on a plane and when planes are kept.

    Attributes
    ----------
    tolerance_m : float
    smallest_share, fewest_cells_count : float
        Share of a roof's cells, and cells, without which there is no plane.
    """

    tolerance_m: float
    smallest_share: float
    fewest_cells_count: float


@dataclass(frozen=True)
class FittedPlanes:
    """Planes, ordered by building and size.

    Attributes
    ----------
    building : (p,) array of int
    tilt_deg, azimuth_deg : (p,) arrays
    plan_share : (p,) array
        Share of the building's cells that the plane takes, seen from above.
    eaves_m, slope_m : (p,) arrays
        Extent along the eaves, and along the slope.
    free_share : (p,) array
        Share of its cells on which nothing stands.
    residual_m : (p,) array
        Standard deviation of the cells around the plane.
    cell_count : (p,) array
    view_cell : (p, 5) array of int
        Cells in the middle of the plane and half way to its sides, -1 for none.
    view_height_m : (p, 5) array
        Height of the plane there.
    known_share : (n,) array
        Share of each building's inner cells that lie on its planes.
    """

    building: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    plan_share: FloatArray
    eaves_m: FloatArray
    slope_m: FloatArray
    free_share: FloatArray
    residual_m: FloatArray
    cell_count: FloatArray
    view_cell: IntArray
    view_height_m: FloatArray
    known_share: FloatArray


@njit(cache=True)
def _spread(patch: IntArray, column: IntArray, row: IntArray, label: IntArray) -> IntArray:
    """Give cells without a plane that of the nearest ones, ring by ring."""
    owner = label.copy()
    rows, columns = patch.shape
    queue = np.empty(len(label), dtype=np.int64)
    head, tail = 0, 0
    for i in range(len(label)):
        if label[i] >= 0:
            queue[tail] = i
            tail += 1
    while head < tail:
        i = queue[head]
        head += 1
        for k in range(4):
            r = row[i] + (1 if k == 0 else -1 if k == 1 else 0)
            c = column[i] + (1 if k == 2 else -1 if k == 3 else 0)
            if 0 <= r < rows and 0 <= c < columns:
                other = patch[r, c]
                if other >= 0 and owner[other] < 0:
                    owner[other] = owner[i]
                    queue[tail] = other
                    tail += 1
    return owner


@njit(cache=True)
def _meeting(x: FloatArray, y: FloatArray, label: IntArray, planes: FloatArray, found: int) -> IntArray:
    """Say how planes meet: 1 where the lower one is the roof, -1 where the higher one is, 0 elsewhere."""
    lower, cells = np.zeros((found, found)), np.zeros(found)
    for i in range(len(label)):
        a = label[i]
        if a < 0:
            continue
        cells[a] += 1
        for b in range(found):
            mine = planes[a, 0] * x[i] + planes[a, 1] * y[i] + planes[a, 2]
            other = planes[b, 0] * x[i] + planes[b, 1] * y[i] + planes[b, 2]
            lower[a, b] += 1.0 if mine < other else 0.0
    rule = np.zeros((found, found), dtype=np.int64)
    for a in range(found):
        for b in range(found):
            turn = math.hypot(planes[a, 0] - planes[b, 0], planes[a, 1] - planes[b, 1])
            if a == b or turn < _SAME_SLOPE or cells[a] == 0 or cells[b] == 0:
                continue
            one, two = lower[a, b] / cells[a], lower[b, a] / cells[b]
            if min(one, two) > _CLEAR_SHARE:
                rule[a, b] = 1
            elif max(one, two) < 1.0 - _CLEAR_SHARE:
                rule[a, b] = -1
    return rule


@njit(cache=True)
def _part_cells(
    patch: IntArray, column: IntArray, row: IntArray, owner: IntArray, weight: FloatArray,
    planes: FloatArray, rule: IntArray, found: int, step: float,
) -> FloatArray:  # fmt: skip
    """Return the share of the outline that each plane takes."""
    taken = np.zeros(found)
    rows, columns = patch.shape
    beside = np.zeros(found, dtype=np.bool_)
    reach = max(1, int(_RIM_M / step + 0.5))
    for i in range(len(owner)):
        a = owner[i]
        if a < 0:
            continue
        beside[:] = False
        mixed = False
        for r in range(max(0, row[i] - reach), min(rows, row[i] + reach + 1)):
            for c in range(max(0, column[i] - reach), min(columns, column[i] + reach + 1)):
                other = patch[r, c]
                if other >= 0 and owner[other] >= 0 and rule[a, owner[other]] != 0:
                    beside[owner[other]] = True
                    mixed = True
        if not mixed:
            taken[a] += weight[i]
            continue
        for k in range(_PARTS * _PARTS):
            x = (column[i] + ((k % _PARTS) + 0.5) / _PARTS - 0.5) * step
            y = (row[i] + ((k // _PARTS) + 0.5) / _PARTS - 0.5) * step
            best = a
            for b in range(found):
                if beside[b] and rule[best, b] != 0:
                    mine = planes[best, 0] * x + planes[best, 1] * y + planes[best, 2]
                    other = planes[b, 0] * x + planes[b, 1] * y + planes[b, 2]
                    if (other < mine) == (rule[best, b] == 1):
                        best = b
            taken[best] += weight[i] / (_PARTS * _PARTS)
    shares: FloatArray = taken / max(1e-9, taken.sum())
    return shares


@njit(cache=True)
def _extent(along: FloatArray, step: float) -> float:
    """Return the length of cells in one direction, strays left out."""
    ordered = np.sort(along)
    n = len(ordered)
    low = ordered[int(_STRAY_SHARE * (n - 1))]
    high = ordered[int((1.0 - _STRAY_SHARE) * (n - 1) + 0.999)]
    return float((high - low) / (1.0 - 2.0 * _STRAY_SHARE) + step)


@njit(cache=True)
def _choose_views(
    x: FloatArray, y: FloatArray, label: IntArray, mine: IntArray, number: int, plane: FloatArray,
    direction: tuple[float, float], half_fall: float, half_width: float, first: int,
    views: IntArray, view_heights: FloatArray,
) -> None:  # fmt: skip
    """Choose the cells nearest to the middle of a plane and to the points half way to its sides."""
    dx, dy = direction
    down, across = x[mine] * dx + y[mine] * dy, x[mine] * dy - y[mine] * dx
    mid_down, mid_across = down.mean(), across.mean()
    for k in range(VIEW_COUNT):
        to_down = mid_down + (half_fall if k == 1 else -half_fall if k == 2 else 0.0)
        to_across = mid_across + (half_width if k == 3 else -half_width if k == 4 else 0.0)
        nearest, chosen = np.inf, -1
        for m in range(len(mine)):
            if label[mine[m]] != number:
                continue
            away = (down[m] - to_down) ** 2 + (across[m] - to_across) ** 2
            if away < nearest - 1e-9:
                nearest, chosen = away, mine[m]
        views[k] = first + chosen if chosen >= 0 else -1
        if chosen >= 0:
            view_heights[k] = plane[0] * x[chosen] + plane[1] * y[chosen] + plane[2]


@njit(cache=True)
def _measure_plane(
    x: FloatArray, y: FloatArray, z: FloatArray, label: IntArray, owner: IntArray, is_core: BoolArray,
    number: int, plane: FloatArray, step: float, first: int,
    out: FloatArray, views: IntArray, view_heights: FloatArray,
) -> None:  # fmt: skip
    """Write down a plane's slope, size and places to look from."""
    a, b, c = plane[0], plane[1], plane[2]
    fall = math.sqrt(a * a + b * b)
    stretch = math.sqrt(1.0 + fall * fall)
    mine = np.flatnonzero(owner == number)
    # a plane falls against its gradient
    dx, dy = (-a / fall, -b / fall) if fall > 1e-9 else (0.0, -1.0)
    down, across = x[mine] * dx + y[mine] * dy, x[mine] * dy - y[mine] * dx
    on, taken, square = 0, 0, 0.0
    for i in mine:
        if label[i] == number:
            on += 1
            square += ((z[i] - a * x[i] - b * y[i] - c) / stretch) ** 2
        elif is_core[i]:
            taken += 1
    width = step * (abs(dx) + abs(dy))
    out[_TILT] = math.degrees(math.atan(fall))
    out[_AZIMUTH] = math.degrees(math.atan2(dx, dy)) % 360.0
    out[_EAVES] = _extent(across, width)
    out[_SLOPE] = _extent(down, width) * stretch
    out[_FREE] = on / max(1, on + taken)
    out[_RESIDUAL] = math.sqrt(square / max(1, on))
    out[_CELLS] = len(mine)
    _choose_views(
        x, y, label, mine, number, plane, (dx, dy), out[_SLOPE] / stretch / 4.0, out[_EAVES] / 4.0, first,
        views, view_heights,
    )  # fmt: skip


@njit(cache=True)
def _fit_all(
    start: IntArray, column: IntArray, row: IntArray, height: FloatArray, is_core: BoolArray,
    weight: FloatArray, step: FloatArray, seed: IntArray, tolerance: float, smallest_share: float,
    fewest: float,
) -> tuple[IntArray, FloatArray, IntArray, FloatArray, FloatArray]:  # fmt: skip
    """Fit all roofs; the loop over buildings."""
    count = len(start) - 1
    plane_count = np.zeros(count, dtype=np.int64)
    out = np.zeros((count, MOST_PLANES, _MEASURES))
    views = np.full((count, MOST_PLANES, VIEW_COUNT), -1, dtype=np.int64)
    view_heights = np.zeros((count, MOST_PLANES, VIEW_COUNT))
    known = np.zeros(count)
    for b in range(count):
        first, last = start[b], start[b + 1]
        size = last - first
        if size == 0:
            continue
        columns, rows = column[first:last], row[first:last]
        patch = np.full((rows.max() + 1, columns.max() + 1), -1, dtype=np.int64)
        label = np.full(size, OFF, dtype=np.int64)
        inner = 0
        for i in range(size):
            patch[rows[i], columns[i]] = i
            if is_core[first + i] and not np.isnan(height[first + i]):
                label[i] = NOBODY
                inner += 1
        least = max(fewest, smallest_share * inner)
        if inner < fewest:
            continue
        x, y = columns * step[b], rows * step[b]
        z = height[first:last]
        planes = np.zeros((MOST_PLANES, 3))
        found = find_planes(patch, columns, rows, x, y, z, label, step[b], tolerance, least, seed[b], planes)
        if found == 0:
            continue
        settle_cells(x, y, z, label, planes, found, tolerance)
        on = 0
        for i in range(size):
            if label[i] >= 0:
                on += 1
        known[b] = on / inner
        owner = _spread(patch, columns, rows, label)
        rule = _meeting(x, y, label, planes, found)
        taken = _part_cells(patch, columns, rows, owner, weight[first:last], planes, rule, found, step[b])
        kept = 0
        for p in range(found):
            held = 0
            for i in range(size):
                if label[i] == p:
                    held += 1
            if held >= 3:
                _measure_plane(
                    x, y, z, label, owner, is_core[first:last], p, planes[p], step[b], first,
                    out[b, kept], views[b, kept], view_heights[b, kept],
                )  # fmt: skip
                out[b, kept, _PLAN] = taken[p]
                kept += 1
        plane_count[b] = kept
    return plane_count, out, views, view_heights, known


def fit_roofs(cells: RoofCells, settings: FitSettings) -> FittedPlanes:
    """Return the planes of all roofs.

    Parameters
    ----------
    cells : RoofCells of n buildings
    settings : FitSettings

    Examples
    --------
    A slope that falls to the south by half a metre a metre:

    >>> row, column = np.divmod(np.arange(100), 10)
    >>> slope = RoofCells(np.array([0, 100]), column, row, 10.0 + 0.5 * row, np.ones(100, dtype=bool),
    ...                   np.ones(100), np.ones(1), np.array([7], dtype=np.uint64))
    >>> found = fit_roofs(slope, FitSettings(0.2, 0.06, 8.0))
    >>> found.tilt_deg.round(2), found.azimuth_deg.round(2), found.plan_share
    (array([26.57]), array([180.]), array([1.]))
    """
    count, out, views, view_heights, known = _fit_all(
        np.ascontiguousarray(cells.start, dtype=np.int64),
        np.ascontiguousarray(cells.column, dtype=np.int64),
        np.ascontiguousarray(cells.row, dtype=np.int64),
        np.ascontiguousarray(cells.height_m, dtype=np.float64),
        np.ascontiguousarray(cells.is_core, dtype=np.bool_),
        np.ascontiguousarray(cells.weight, dtype=np.float64),
        np.ascontiguousarray(cells.step_m, dtype=np.float64),
        np.ascontiguousarray(cells.seed, dtype=np.uint64),
        float(settings.tolerance_m), float(settings.smallest_share), float(settings.fewest_cells_count),
    )  # fmt: skip
    kept = np.arange(MOST_PLANES) < count[:, None]
    measures = out[kept]
    return FittedPlanes(
        building=np.nonzero(kept)[0].astype(np.int64),
        tilt_deg=measures[:, _TILT],
        azimuth_deg=measures[:, _AZIMUTH],
        plan_share=measures[:, _PLAN],
        eaves_m=measures[:, _EAVES],
        slope_m=measures[:, _SLOPE],
        free_share=measures[:, _FREE],
        residual_m=measures[:, _RESIDUAL],
        cell_count=measures[:, _CELLS],
        view_cell=views[kept],
        view_height_m=view_heights[kept],
        known_share=known,
    )
