"""What a kilowatt hour costs over the life of what makes it."""

from __future__ import annotations

import numpy as np

from layers.core.types import FloatArray


def annuity(rate_per_year: FloatArray | float, lifetime_years: FloatArray | float) -> FloatArray:
    """Return the capital recovery factor: the yearly payment over the investment.

    r / (1 − (1 + r)^−n), exact also for interest that is next to nothing, and 1/n without any.

    Parameters
    ----------
    rate_per_year, lifetime_years : numbers or arrays that fit each other
        Interest, 0 or more; life of what is paid.

    Returns
    -------
    array of the common shape

    Examples
    --------
    >>> annuity(np.array([0.0, 0.04]), 25.0).round(4)
    array([0.04 , 0.064])
    """
    rate, life = np.asarray(rate_per_year, dtype=np.float64), np.asarray(lifetime_years, dtype=np.float64)
    is_paid = rate > 0.0
    safe = np.where(is_paid, rate, 1.0)
    paid = safe / -np.expm1(-life * np.log1p(safe))
    return np.asarray(np.where(is_paid, paid, 1.0 / life), dtype=np.float64)


def mean_degradation(degradation_per_year: float, lifetime_years: float) -> float:
    """Return the mean yield of a life over that of its first year.

    Examples
    --------
    >>> round(mean_degradation(0.005, 25.0), 4)
    0.9422
    """
    years = np.arange(round(lifetime_years))
    return float(((1.0 - degradation_per_year) ** years).mean())


def between_sizes(
    power_kwp: FloatArray, small: tuple[float, float], large: tuple[float, float]
) -> FloatArray:
    """Return a value that changes with the logarithm of size, level beyond both ends.

    Parameters
    ----------
    power_kwp : (n,) array
    small, large : (power, value)

    Examples
    --------
    >>> between_sizes(np.array([2.0, 6.0, 24.5, 100.0, 900.0]), (6.0, 1309.0), (100.0, 904.0)).round()
    array([1309., 1309., 1106.,  904.,  904.])
    """
    place = np.log(np.maximum(power_kwp, 1e-9))
    ends = np.log([small[0], large[0]])
    return np.asarray(np.interp(place, ends, [small[1], large[1]]), dtype=np.float64)


def levelised_cost_eur_per_kwh(
    investment_eur: FloatArray,
    yearly_eur: FloatArray,
    first_year_kwh: FloatArray,
    annuity_per_year: float,
    degradation_ratio: float,
) -> FloatArray:
    """Return (investment · annuity + yearly cost) ÷ (first year · mean degradation), NaN without yield.

    Parameters
    ----------
    investment_eur, yearly_eur, first_year_kwh : (n,) arrays
    annuity_per_year : float
    degradation_ratio : float
        From `mean_degradation`.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> levelised_cost_eur_per_kwh(1000 * one, 12 * one, 1000 * one, 0.064, 0.95).round(3)
    array([0.08])
    """
    energy = first_year_kwh * degradation_ratio
    cost = investment_eur * annuity_per_year + yearly_eur
    return np.divide(cost, energy, out=np.full_like(cost, np.nan), where=energy > 0.0)
