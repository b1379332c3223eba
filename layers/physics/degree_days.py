"""Heating and cooling degree days after Eurostat's rule, from monthly mean temperatures.

Eurostat counts days: heating Σ (18 °C - T) over days with a mean T of at most 15 °C, cooling
Σ (T - 21 °C) over days with a mean of at least 24 °C. Daily values are not carried, so days are taken
as normally distributed around the month's mean μ with a standard deviation σ that falls with μ.
For one day, with z = (15 - μ)/σ, Φ the normal distribution and φ its density:

    E[(18 - T) · 1(T ≤ 15)] = (18 - μ) Φ(z) + σ φ(z)

and, with y = (μ - 24)/σ, E[(T - 21) · 1(T ≥ 24)] = (μ - 21) Φ(y) + σ φ(y).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from layers.core.facts import value
from layers.core.types import FloatArray
from layers.core.weather import DAYS_IN_MONTH

# the rule's temperatures (Eurostat, nrg_chdd): base and threshold
HEATING_BASE_C = 18.0
HEATING_LIMIT_C = 15.0
COOLING_BASE_C = 21.0
COOLING_LIMIT_C = 24.0


@dataclass(frozen=True)
class DegreeDayParams:
    """How far days spread around their month.

    Attributes
    ----------
    daily_spread_at_zero_k : float
        Standard deviation of daily means in a month of 0 °C. [1, 10]
    daily_spread_slope_ratio : float
        Its change per kelvin of the monthly mean. [-0.2, 0.1]
    least_spread_k : float
        It never falls below this. [0.5, 3]
    """

    daily_spread_at_zero_k: float = field(default_factory=lambda: value("climate", "daily_spread_at_zero_k"))
    daily_spread_slope_ratio: float = field(
        default_factory=lambda: value("climate", "daily_spread_slope_ratio")
    )
    least_spread_k: float = 1.5

    def __post_init__(self) -> None:
        for name, low, high in (
            ("daily_spread_at_zero_k", 1.0, 10.0),
            ("daily_spread_slope_ratio", -0.2, 0.1),
            ("least_spread_k", 0.5, 3.0),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name):g}, outside {low:g} to {high:g}")


def daily_spread_k(temperature_c: FloatArray, params: DegreeDayParams | None = None) -> FloatArray:
    """Return the standard deviation of daily means around monthly means. [K]"""
    chosen = params or DegreeDayParams()
    spread = chosen.daily_spread_at_zero_k + chosen.daily_spread_slope_ratio * temperature_c
    return np.asarray(np.maximum(spread, chosen.least_spread_k))


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))


def hdd_18_15_kd(temperature_c: FloatArray, params: DegreeDayParams | None = None) -> float:
    """Return the heating degree days of a year.

    Parameters
    ----------
    temperature_c : (12,) array
        Monthly mean air temperatures. [°C]

    Returns
    -------
    float
        Heating degree days, base 18 °C, days up to 15 °C. [K d a⁻¹]

    Examples
    --------
    A year at 0 °C has 18 K on each of 365 days.

    >>> round(hdd_18_15_kd(np.zeros(12)))
    6570
    """
    spread = daily_spread_k(temperature_c, params)
    z = (HEATING_LIMIT_C - temperature_c) / spread
    per_day = (HEATING_BASE_C - temperature_c) * ndtr(z) + spread * _density(z)
    return float(DAYS_IN_MONTH @ per_day)


def cdd_21_24_kd(temperature_c: FloatArray, params: DegreeDayParams | None = None) -> float:
    """Return the cooling degree days of a year, base 21 °C, days from 24 °C. [K d a⁻¹]

    Examples
    --------
    >>> round(cdd_21_24_kd(np.zeros(12)))
    0
    """
    spread = daily_spread_k(temperature_c, params)
    y = (temperature_c - COOLING_LIMIT_C) / spread
    per_day = (temperature_c - COOLING_BASE_C) * ndtr(y) + spread * _density(y)
    return float(DAYS_IN_MONTH @ per_day)
