"""Deviations that reach further on one side of what is most likely than on the other.

A lopsided deviation is z · down below and z · up above, with z standard normal: half of it lies on
either side, and its p10 and p90 are those that were stated. Its mean is not where its middle is, so a
factor 1 + deviation is divided by its mean before it multiplies a base case that has to stay the
expected one.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from layers.core.types import FloatArray

# density of the standard normal distribution in its middle
MIDDLE_DENSITY = 1.0 / np.sqrt(2.0 * np.pi)
# nothing lies further out than this
FARTHEST_DEVIATIONS = 38.0


def lopsided(z: FloatArray, down: FloatArray, up: FloatArray) -> FloatArray:
    """Return z · down below the middle and z · up above it.

    Examples
    --------
    >>> lopsided(np.array([-1.0, 1.0]), np.array([0.1, 0.1]), np.array([0.5, 0.5]))
    array([-0.1,  0.5])
    """
    return np.where(z < 0.0, z * down, z * up)


def lopsided_mean_ratio(down_ratio: FloatArray, up_ratio: FloatArray, lowest_ratio: float) -> FloatArray:
    """Return the exact mean of max(1 + deviation, lowest).

    With c = −(1 − lowest) / down, φ and Φ the standard normal density and distribution:
    1 + (up − down) φ(0) + down φ(c) − (1 − lowest) Φ(c).

    Examples
    --------
    One storey, two of them one standard deviation above: 1 + φ(0).

    >>> lopsided_mean_ratio(np.array([0.0, 0.3]), np.array([1.0, 0.3]), 0.0).round(4)
    array([1.3989, 1.    ])
    """
    room = 1.0 - lowest_ratio
    wide = down_ratio > room / FARTHEST_DEVIATIONS
    cut = -np.divide(room, down_ratio, out=np.full_like(down_ratio, FARTHEST_DEVIATIONS), where=wide)
    density = MIDDLE_DENSITY * np.exp(-(cut**2) / 2.0)
    mean = 1.0 + (up_ratio - down_ratio) * MIDDLE_DENSITY + down_ratio * density - room * ndtr(cut)
    return np.asarray(mean, dtype=np.float64)


def share_below(distance: FloatArray, down: FloatArray, up: FloatArray) -> FloatArray:
    """Return the probability that a lopsided deviation lies below a distance from the middle.

    Examples
    --------
    >>> share_below(np.array([-10.0, 0.0, 20.0]), np.full(3, 10.0), np.full(3, 20.0)).round(3)
    array([0.159, 0.5  , 0.841])
    >>> share_below(np.array([-1.0, 0.0, 1.0]), np.zeros(3), np.zeros(3))
    array([0., 0., 1.])
    """
    width = np.where(distance > 0.0, up, down)
    certain = np.where(distance > 0.0, 1.0, 0.0)
    wide = width > np.abs(distance) / FARTHEST_DEVIATIONS
    z = np.divide(distance, width, out=np.zeros_like(width), where=wide)
    return np.where(wide, ndtr(z), certain)
