"""What a horizon takes from a roof plane's yearly yield.

The sun's part is read from a table that holds, for each of 36 directions of the sun, how much of the
year's yield comes while the sun stands lower than 0, 1, 2 … 90°. A horizon of 17.3° in one direction
so takes that direction's yield below 17.3°. The sky's part shrinks with the share of the sky that
the plane still sees (Dozier and Frew 1990, equation 7b, for a tilted plane). Light from the
ground is left as it is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray
from layers.physics.irradiance import PlaneTables, corner_weights


@njit(cache=True)
def _sky_term(height: float, cos_tilt: float, sin_tilt: float, cos_turn: float) -> float:
    """Return the integrand of the sky view factor for one direction."""
    zenith = 0.5 * math.pi - height
    sine = math.sin(zenith)
    return cos_tilt * sine * sine + sin_tilt * cos_turn * (zenith - sine * math.cos(zenith))


@njit(cache=True)
def seen_sky(horizon_deg: FloatArray, tilt: float, azimuth: float) -> float:
    """Return the sky that a tilted plane sees over a horizon, over the sky it sees without; radians."""
    cos_tilt, sin_tilt = math.cos(tilt), math.sin(tilt)
    directions = len(horizon_deg)
    open_sky, lost = 0.0, 0.0
    for k in range(directions):
        cos_turn = math.cos(2.0 * math.pi * k / directions - azimuth)
        # the plane's own back hides the sky on the side it turns away from
        own = max(0.0, math.atan2(-sin_tilt * cos_turn, cos_tilt))
        free = _sky_term(own, cos_tilt, sin_tilt, cos_turn)
        open_sky += free
        height = math.radians(horizon_deg[k])
        if height > own:
            lost += free - _sky_term(height, cos_tilt, sin_tilt, cos_turn)
    return 1.0 if open_sky <= 0.0 else min(1.0, max(0.0, 1.0 - lost / open_sky))


@njit(cache=True)
def _lost_yields(
    horizons: FloatArray,
    viewpoint: IntArray,
    tilt: FloatArray,
    azimuth: FloatArray,
    rows: IntArray,
    columns: IntArray,
    weights: FloatArray,
    beam: FloatArray,
    sky: FloatArray,
) -> FloatArray:
    """Return the yearly yield that each plane loses to its horizon."""
    lost = np.zeros(len(viewpoint))
    for i in range(len(viewpoint)):
        horizon = horizons[viewpoint[i]]
        if horizon.max() <= 0.0:
            continue
        dark = 1.0 - seen_sky(horizon, tilt[i], azimuth[i])
        for c in range(4):
            row, column, weight = rows[i, c], columns[i, c], weights[i, c]
            if weight == 0.0:
                continue
            lost[i] += weight * dark * sky[row, column]
            for k in range(len(horizon)):
                if horizon[k] > 0.0:
                    below = int(horizon[k])
                    part = horizon[k] - below
                    table = beam[row, column, k]
                    lost[i] += weight * (table[below] * (1.0 - part) + table[below + 1] * part)
    return lost


@njit(cache=True)
def _open_skies(
    horizons: FloatArray, first: IntArray, count: IntArray, tilt: FloatArray, azimuth: FloatArray
) -> FloatArray:
    """Return the mean sky share of each plane over its viewpoints; radians."""
    out = np.zeros(len(first))
    for i in range(len(first)):
        for view in range(first[i], first[i] + count[i]):
            out[i] += seen_sky(horizons[view], tilt[i], azimuth[i]) / count[i]
    return out


def sky_shares(
    horizons_deg: FloatArray, first: IntArray, count: IntArray, tilt_deg: FloatArray, azimuth_deg: FloatArray
) -> FloatArray:
    """Return the share of each plane's diffuse sky light that is left, mean over its viewpoints.

    Parameters
    ----------
    horizons_deg : (v, 36) array
    first, count : (n,) arrays
        Each plane's first viewpoint, and how many follow.
    tilt_deg, azimuth_deg : (n,) arrays
    """
    return _open_skies(
        np.ascontiguousarray(horizons_deg, dtype=np.float64), first, count,
        np.radians(np.asarray(tilt_deg, dtype=np.float64)),
        np.radians(np.asarray(azimuth_deg, dtype=np.float64)),
    )  # fmt: skip


def sky_share(horizon_deg: FloatArray, tilt_deg: float, azimuth_deg: float) -> float:
    """Return the share of a plane's diffuse sky light that its horizon leaves.

    Parameters
    ----------
    horizon_deg : (36,) array
        Height of the horizon, clockwise from north.
    tilt_deg, azimuth_deg : float

    Examples
    --------
    All round at 30°, a horizontal plane keeps cos² 30° = 3/4:

    >>> round(sky_share(np.full(36, 30.0), 0.0, 0.0), 3)
    0.75
    """
    return float(
        seen_sky(
            np.ascontiguousarray(horizon_deg, dtype=np.float64),
            math.radians(tilt_deg),
            math.radians(azimuth_deg),
        )
    )


def shaded_share(
    tables: PlaneTables,
    horizons_deg: FloatArray,
    viewpoint: IntArray,
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
) -> FloatArray:
    """Return the share of each plane's yearly yield that its horizon leaves.

    Parameters
    ----------
    tables : PlaneTables
    horizons_deg : (v, 36) array
        Horizons of viewpoints, clockwise from north.
    viewpoint : (n,) array of int
        Which horizon each plane has.
    tilt_deg, azimuth_deg : (n,) arrays

    Returns
    -------
    (n,) array
        1 where nothing stands in the way; never below 0.
    """
    rows, columns, weights = corner_weights(tilt_deg, azimuth_deg)
    lost = _lost_yields(
        np.ascontiguousarray(np.clip(horizons_deg, 0.0, 89.999), dtype=np.float64),
        np.ascontiguousarray(viewpoint, dtype=np.int64),
        np.radians(np.asarray(tilt_deg, dtype=np.float64)),
        np.radians(np.asarray(azimuth_deg, dtype=np.float64)),
        rows, columns, weights,
        tables.beam_yield_kwh_per_kwp, tables.sky_yield_kwh_per_kwp,
    )  # fmt: skip
    whole = np.einsum("nc,nc->n", weights, tables.yield_kwh_per_kwp.sum(axis=-1)[rows, columns])
    share = 1.0 - np.divide(lost, whole, out=np.zeros_like(lost), where=whole > 0.0)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float64)
