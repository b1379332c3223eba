"""Construction years out of a country's distribution over periods.

A distribution is piecewise uniform: `edges_year` (p + 1) are the first years of the periods and the
year after the last one, `cumulative_share` (p + 1) rises from 0 to 1.
"""

from __future__ import annotations

import numpy as np

from layers.core.types import FloatArray

# a known last year before the oldest edge: how far back the building may then go
OLDER_SPAN_YEARS = 60.0


def share_before(year: FloatArray, edges_year: FloatArray, cumulative_share: FloatArray) -> FloatArray:
    """Return the share of the stock that is older than the beginning of a year.

    Examples
    --------
    >>> share_before(np.array([1950.0, 2030.0]), np.array([1900.0, 2000.0]), np.array([0.0, 1.0]))
    array([0.5, 1. ])
    """
    return np.asarray(np.interp(year, edges_year, cumulative_share), dtype=np.float64)


def year_at(
    probability: FloatArray,
    edges_year: FloatArray,
    cumulative_share: FloatArray,
    first_year: FloatArray,
    last_year: FloatArray,
) -> FloatArray:
    """Return the year below which a share of the stock was built, within what is known.

    Parameters
    ----------
    probability : (n,) array
        From 0 to 1.
    edges_year, cumulative_share : (p + 1,) arrays
        The distribution.
    first_year, last_year : (n,) arrays
        What is known of each building, both inclusive; NaN where nothing is.

    Returns
    -------
    (n,) array
        Whole years.

    Examples
    --------
    Half of the stock is older than 1950; of what was built from 1960 to 1979 half is older than 1970:

    >>> edges, cumulative = np.array([1900.0, 2000.0]), np.array([0.0, 1.0])
    >>> nothing, half = np.array([np.nan]), np.array([0.5])
    >>> year_at(half, edges, cumulative, nothing, nothing)
    array([1950.])
    >>> year_at(half, edges, cumulative, np.array([1960.0]), np.array([1979.0]))
    array([1970.])
    """
    oldest = np.where(last_year < edges_year[0], last_year - OLDER_SPAN_YEARS, edges_year[0])
    first = np.where(np.isnan(first_year), oldest, first_year)
    last = np.where(np.isnan(last_year), np.maximum(edges_year[-1] - 1.0, first), last_year)
    low = share_before(first, edges_year, cumulative_share)
    high = share_before(last + 1.0, edges_year, cumulative_share)
    inside = low + probability * (high - low)
    # periods without buildings would make the inverse ambiguous: a tiny slope keeps it rising
    rising = cumulative_share + np.linspace(0.0, 1e-12, len(edges_year))
    from_stock = np.interp(inside, rising, edges_year)
    evenly = first + probability * (last + 1.0 - first)
    year = np.where(high - low > 1e-9, from_stock, evenly)
    return np.asarray(np.clip(np.floor(year + 1e-9), first, last), dtype=np.float64)
