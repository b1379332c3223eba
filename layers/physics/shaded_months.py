"""What a horizon leaves of a roof plane's yield in each month.

The same reckoning as for the year (`layers.physics.shading`), from tables that hold, for each month and
each of 36 directions of the sun, how much of the yield comes while the sun stands lower than 0, 3 … 90°.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from scipy import sparse

from layers.core.types import AnyArray, FloatArray, IntArray
from layers.core.weather import MONTHS, HourlyWeather
from layers.physics.irradiance import (
    AZIMUTHS_DEG,
    DIRECTION_COUNT,
    TILTS_DEG,
    PlaneParams,
    corner_weights,
    plane_hours,
    sun_cells,
    sunny_hours,
)
from layers.physics.shading import seen_sky
from layers.physics.weather import W_PER_KW

LEVEL_DEG = 3.0
LEVELS = 30
_WHOLE_DEGREES = 90


@dataclass(frozen=True)
class MonthTables:
    """Monthly yields of 1 kWp by tilt and azimuth, apart by where the light comes from.

    Attributes
    ----------
    beam_kwh_per_kwp : (10, 36, 36, 31, 12) float32 array
        From the sun in each of 36 directions while it stands lower than 0, 3 … 90°.
    sky_kwh_per_kwp, whole_kwh_per_kwp : (10, 36, 12) arrays
        From the rest of the sky, and from everything without a horizon.
    """

    beam_kwh_per_kwp: AnyArray
    sky_kwh_per_kwp: FloatArray
    whole_kwh_per_kwp: FloatArray


def month_tables(
    weather: HourlyWeather, params: PlaneParams | None = None, *, sun_offset_h: float = 0.0
) -> MonthTables:
    """Sum a year of weather into tables over tilt, azimuth, month and the place of the sun.

    Parameters
    ----------
    weather : HourlyWeather
    params : PlaneParams, optional
    sun_offset_h : float
        As for `layers.physics.irradiance.plane_tables`.
    """
    params = params or PlaneParams()
    hours = sunny_hours(weather, sun_offset_h)
    direction, height = np.divmod(sun_cells(hours), _WHOLE_DEGREES)
    cell = (direction * LEVELS + (height / LEVEL_DEG).astype(np.int64)) * MONTHS + hours.month
    count = len(cell)
    weight = np.full(count, 1.0 / W_PER_KW)
    sun = sparse.csr_matrix(
        (weight, (np.arange(count), cell)), shape=(count, DIRECTION_COUNT * LEVELS * MONTHS)
    )
    months = sparse.csr_matrix((weight, (np.arange(count), hours.month)), shape=(count, MONTHS))
    nodes = (len(TILTS_DEG), len(AZIMUTHS_DEG))
    beam = np.zeros((*nodes, DIRECTION_COUNT, LEVELS + 1, MONTHS), dtype=np.float32)
    sky, whole = np.zeros((*nodes, MONTHS)), np.zeros((*nodes, MONTHS))
    for row, tilt in enumerate(TILTS_DEG):
        planes = plane_hours(hours, float(tilt), AZIMUTHS_DEG, params)
        by_sun = (planes.beam_power_w @ sun).reshape(nodes[1], DIRECTION_COUNT, LEVELS, MONTHS)
        beam[row, :, :, 1:] = np.cumsum(by_sun, axis=2)
        sky[row] = planes.sky_power_w @ months
        whole[row] = planes.power_w @ months
    return MonthTables(beam, sky, whole)


@njit(cache=True)
def _lost_months(
    horizons: FloatArray,
    first: IntArray,
    count: IntArray,
    tilt: FloatArray,
    azimuth: FloatArray,
    rows: IntArray,
    columns: IntArray,
    weights: FloatArray,
    beam: Any,
    sky: FloatArray,
) -> FloatArray:
    """Return the monthly yield that each plane loses, mean over its viewpoints."""
    lost = np.zeros((len(first), sky.shape[2]))
    for i in range(len(first)):
        for view in range(first[i], first[i] + count[i]):
            horizon = horizons[view]
            if horizon.max() <= 0.0:
                continue
            dark = 1.0 - seen_sky(horizon, tilt[i], azimuth[i])
            for c in range(4):
                row, column = rows[i, c], columns[i, c]
                weight = weights[i, c] / count[i]
                if weight == 0.0:
                    continue
                for m in range(sky.shape[2]):
                    lost[i, m] += weight * dark * sky[row, column, m]
                for k in range(len(horizon)):
                    if horizon[k] > 0.0:
                        level = horizon[k] / LEVEL_DEG
                        below = int(level)
                        part = level - below
                        table = beam[row, column, k]
                        for m in range(sky.shape[2]):
                            lost[i, m] += weight * (
                                table[below, m] * (1.0 - part) + table[below + 1, m] * part
                            )
    return lost


def shaded_months_kwh_per_kwp(
    tables: MonthTables,
    horizons_deg: FloatArray,
    first: IntArray,
    count: IntArray,
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
) -> FloatArray:
    """Return the monthly yields that horizons leave, mean over each plane's viewpoints.

    Parameters
    ----------
    tables : MonthTables
    horizons_deg : (v, 36) array
    first, count : (n,) arrays
        Each plane's first viewpoint, and how many follow.
    tilt_deg, azimuth_deg : (n,) arrays

    Returns
    -------
    (n, 12) array
    """
    rows, columns, weights = corner_weights(tilt_deg, azimuth_deg)
    lost = _lost_months(
        np.ascontiguousarray(np.clip(horizons_deg, 0.0, 89.999), dtype=np.float64),
        np.ascontiguousarray(first, dtype=np.int64), np.ascontiguousarray(count, dtype=np.int64),
        np.radians(np.asarray(tilt_deg, dtype=np.float64)),
        np.radians(np.asarray(azimuth_deg, dtype=np.float64)),
        rows, columns, weights, tables.beam_kwh_per_kwp, tables.sky_kwh_per_kwp,
    )  # fmt: skip
    whole = np.einsum("nc,ncm->nm", weights, tables.whole_kwh_per_kwp[rows, columns])
    return np.asarray(np.maximum(whole - lost, 0.0), dtype=np.float64)
