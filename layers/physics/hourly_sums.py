"""Sums of hourly powers by district, each building scaled to its yearly demand.

The monthly balance says how much a building needs in a year, the hourly one when. A building's hours are
multiplied by the ratio of both, so that every sum over the year is that of the other tables. A building
to which the hourly balance gives (almost) nothing follows the other buildings of its district.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from layers.core.types import FloatArray, IntArray
from layers.physics import hourly
from layers.physics.hourly import HourlyPower
from layers.physics.seasonal import W_PER_KW

try:
    from numba import njit, prange
except ImportError:  # pragma: no cover - every supported platform has numba
    prange = range  # type: ignore[misc]

Loop = TypeVar("Loop", bound=Callable[..., Any])
# beyond this ratio of yearly over hourly demand the hours of a building say nothing about when
LARGEST_RATIO = 5.0
BLOCK_H = 120


def _compiled(loop: Loop) -> Loop:
    """Compile a loop with numba; without numba it stays as it is and is not called."""
    if not hourly.HAS_NUMBA:  # pragma: no cover - every supported platform has numba
        return loop
    return cast(Loop, njit(cache=True, parallel=True, error_model="numpy")(loop))


def scale_ratio(wanted_kwh: FloatArray, hourly_kwh: FloatArray) -> FloatArray:
    """Return by what each building's hours are multiplied; 0 where its hours are not used.

    Examples
    --------
    >>> scale_ratio(np.array([90.0, 100.0, 0.0]), np.array([100.0, 1.0, 50.0]))
    array([0.9, 0. , 0. ])
    """
    ratio = np.divide(wanted_kwh, hourly_kwh, out=np.zeros_like(wanted_kwh), where=hourly_kwh > 0.0)
    return np.where(ratio <= LARGEST_RATIO, ratio, 0.0)


def lower_ratio(wanted_kwh: FloatArray, hourly_kwh: FloatArray) -> FloatArray:
    """Return by what hours are multiplied so that they give no more than is wanted; never more than 1.

    Examples
    --------
    >>> lower_ratio(np.array([50.0, 200.0, 1.0]), np.array([100.0, 100.0, 0.0]))
    array([0.5, 1. , 0. ])
    """
    ratio = np.divide(wanted_kwh, hourly_kwh, out=np.zeros_like(wanted_kwh), where=hourly_kwh > 0.0)
    return np.minimum(ratio, 1.0)


@_compiled
def _add(
    power: npt.NDArray[np.floating[Any]], heat_ratio: FloatArray, cold_ratio: FloatArray,
    plant_ratio: FloatArray, place: IntArray, block: int, heat: FloatArray, cold: FloatArray,
    plant: FloatArray,
) -> None:  # fmt: skip
    """Add scaled powers to (hours, places) sums; each hour belongs to one thread, tiles keep their order."""
    tiles, hours, width = power.shape
    for b in prange((hours + block - 1) // block):
        for k in range(tiles):
            for t in range(b * block, min((b + 1) * block, hours)):
                here = place[k, 0]
                warm, chill, drive = 0.0, 0.0, 0.0
                # neighbours in a tile mostly share their district, so that few sums are written
                for j in range(width):
                    if place[k, j] != here:
                        heat[t, here] += warm
                        cold[t, here] += chill
                        plant[t, here] += drive
                        here = place[k, j]
                        warm, chill, drive = 0.0, 0.0, 0.0
                    p = float(power[k, t, j])
                    above = p if p > 0.0 else 0.0
                    below = above - p
                    warm += above * heat_ratio[k, j]
                    chill += below * cold_ratio[k, j]
                    drive += below * plant_ratio[k, j]
                heat[t, here] += warm
                cold[t, here] += chill
                plant[t, here] += drive


def _add_plain(
    power: npt.NDArray[np.floating[Any]], heat_ratio: FloatArray, cold_ratio: FloatArray,
    plant_ratio: FloatArray, place: IntArray, block: int, heat: FloatArray, cold: FloatArray,
    plant: FloatArray,
) -> None:  # fmt: skip
    """Do the same as `_add` with numpy."""
    del block
    rows = zip(power, heat_ratio, cold_ratio, plant_ratio, place, strict=True)
    for tile, of_heat, of_cold, of_plant, where in rows:
        wide = tile.astype(np.float64)
        for j, target in enumerate(where):
            heat[:, target] += np.maximum(wide[:, j], 0.0) * of_heat[j]
            cold[:, target] += np.maximum(-wide[:, j], 0.0) * of_cold[j]
            plant[:, target] += np.maximum(-wide[:, j], 0.0) * of_plant[j]


@dataclass
class DistrictSums:
    """Growing sums over buildings: (hours, places) arrays in kW, the last place takes the rest.

    Attributes
    ----------
    heat_kw, cold_kw
        Heating and cooling of the rooms.
    plant_kw
        Power for cooling, which follows the cold.
    """

    heat_kw: FloatArray
    cold_kw: FloatArray
    plant_kw: FloatArray

    @staticmethod
    def empty(hours_count: int, places_count: int) -> DistrictSums:
        """Return sums of nothing."""
        return DistrictSums(*(np.zeros((hours_count, places_count + 1)) for _ in range(3)))

    def add(
        self, found: HourlyPower, heat_ratio: FloatArray, cold_ratio: FloatArray, plant_ratio: FloatArray,
        place: IntArray,
    ) -> None:  # fmt: skip
        """Add the hours of n buildings.

        Parameters
        ----------
        heat_ratio, cold_ratio, plant_ratio : (n,) arrays
            From `scale_ratio`; heating follows the first, cold and its plant the others.
        place : (n,) array
            Column of each building; -1 belongs to no district.
        """
        rows = np.maximum(found.rows, 0)
        inside = found.rows >= 0

        def by_tile(ratio: FloatArray) -> FloatArray:
            return np.where(inside, ratio[rows], 0.0) / W_PER_KW

        column = np.where(inside, place[rows], -1)
        last = self.heat_kw.shape[1] - 1
        add = _add if hourly.HAS_NUMBA else _add_plain
        add(
            found.power_w, by_tile(heat_ratio), by_tile(cold_ratio), by_tile(plant_ratio),
            np.where(column < 0, last, column), BLOCK_H, self.heat_kw, self.cold_kw, self.plant_kw,
        )  # fmt: skip


def spread_missing(hours_kw: FloatArray, wanted_kwh: FloatArray, fallback: FloatArray) -> FloatArray:
    """Return hours whose sums are those wanted, to rounding.

    What is missing follows the hours that are there; a place without any follows all places together,
    and these, if they are empty too, a shape of last resort.

    Parameters
    ----------
    hours_kw : (hours, places) array
    wanted_kwh : (places,) array
    fallback : (hours,) array
        Shape with a positive sum.

    Examples
    --------
    >>> spread_missing(np.array([[1.0, 0.0], [3.0, 0.0]]), np.array([8.0, 4.0]), np.ones(2))
    array([[2., 1.],
           [6., 3.]])
    """
    together = hours_kw.sum(axis=1)
    shape = together if together.sum() > 0.0 else fallback
    sums = hours_kw.sum(axis=0)
    own = sums > 0.0
    filled = np.where(own, hours_kw, shape[:, None])
    ratio = np.divide(wanted_kwh, filled.sum(axis=0), out=np.zeros_like(wanted_kwh), where=wanted_kwh > 0.0)
    return np.asarray(filled * ratio)


def add_missing(hours_kw: FloatArray, wanted_kwh: FloatArray, shape: FloatArray) -> FloatArray:
    """Return hours to which is added what they lack, dealt by a shape.

    Parameters
    ----------
    hours_kw : (hours, places) array
        Whose sums are at most those wanted, but for rounding.
    wanted_kwh : (places,) array
    shape : (hours,) array
        With a positive sum.

    Examples
    --------
    >>> add_missing(np.array([[1.0], [3.0]]), np.array([6.0]), np.array([0.0, 1.0])).ravel()
    array([1., 5.])
    """
    missing = np.maximum(wanted_kwh - hours_kw.sum(axis=0), 0.0)
    return np.asarray(hours_kw + shape[:, None] / shape.sum() * missing)
