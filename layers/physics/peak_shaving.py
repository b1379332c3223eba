"""How far a store or the mass of buildings takes the peak off a district's load.

With a store that is full when the year begins and can be charged whenever the load lies below the cap, a
plant of that cap serves the year if the store never runs empty. The lowest such cap is found by bisection.
Buildings shift heat in the same way, for as long as their mass may cool by a kelvin.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.core.types import FloatArray

# the cap is told to this share of the peak
_CLOSE_SHARE = 1e-4


@njit(cache=True, nogil=True)
def _serves(load_kw: FloatArray, cap_kw: float, store_kwh: float, power_kw: float) -> bool:
    """Say whether a plant of the cap and the store serve every hour, twice the year in a row."""
    left = store_kwh
    for _ in range(2):
        for load in load_kw:
            lacking = load - cap_kw
            if lacking > power_kw:
                return False
            left -= max(lacking, -power_kw)
            if left < 0.0:
                return False
            left = min(left, store_kwh)
    return True


@njit(cache=True, nogil=True)
def _lowest_cap(load_kw: FloatArray, store_kwh: float, power_kw: float, close: float) -> float:
    high = load_kw.max()
    low = load_kw.mean()
    while high - low > close:
        middle = (low + high) / 2.0
        if _serves(load_kw, middle, store_kwh, power_kw):
            high = middle
        else:
            low = middle
    return float(high)


def shaved_peak_kw(
    load_kw: FloatArray, store_kwh: FloatArray, power_kw: FloatArray | None = None
) -> FloatArray:
    """Return the smallest plant that serves each load with its store.

    Parameters
    ----------
    load_kw : (n, h) array
        Load in every hour of the year.
    store_kwh : (n,) array
        What the store holds.
    power_kw : (n,) array, optional
        What it gives or takes in an hour at most; no limit when it is left out.

    Returns
    -------
    (n,) array

    Examples
    --------
    One hour of 10 kW among hours of 4: a store of 3 kWh leaves 7 kW.

    >>> load = np.full((1, 48), 4.0)
    >>> load[0, 20] = 10.0
    >>> shaved_peak_kw(load, np.array([3.0])).round(2)
    array([7.])
    """
    rows = np.ascontiguousarray(load_kw, dtype=np.float64)
    limits = np.full(len(rows), np.inf) if power_kw is None else power_kw
    return np.array(
        [
            _lowest_cap(row, float(store), float(limit), _CLOSE_SHARE * max(float(row.max()), 1e-9))
            for row, store, limit in zip(rows, store_kwh, limits, strict=True)
        ]
    )
