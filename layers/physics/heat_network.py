"""What a heat network costs to lay, from heat density and from street length.

After Persson and Werner: the mean pipe diameter grows with the logarithm of the linear heat density
(heat per metre of trench), the cost per metre is C1 + C2 · diameter, and capital costs are repaid as an
annuity. Without streets the trench length is guessed as area / effective width, and two published
guesses of that width differ by a factor of twelve in sparse areas: both are given, beside the length
measured on real streets, which decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from layers.core.types import FloatArray, IntArray
from layers.physics.levelised import annuity

GJ_PER_MWH = 3.6
M2_PER_HA = 10_000.0


@dataclass(frozen=True)
class WidthCurve:
    """Effective width over plot ratio e: offset + slope · e (or factor / e) up to a limit, then constant."""

    slope_m: float
    offset_m: float
    factor_m: float
    limit_ratio: float
    dense_m: float


def effective_width_m(plot_ratio: FloatArray, curve: WidthCurve) -> FloatArray:
    """Return land area per metre of trench.

    Parameters
    ----------
    plot_ratio : (n,) array
        Floor area over land area.
    curve : WidthCurve

    Examples
    --------
    At a plot ratio of 0.05 the two published curves give 12 m and 148 m:

    >>> e = np.array([0.05])
    >>> float(effective_width_m(e, WidthCurve(137.5, 5.0, 0.0, 0.4, 60.0)).round(1)[0])
    11.9
    >>> float(effective_width_m(e, WidthCurve(0.0, 0.0, 7.389, 0.1353, 54.6)).round(0)[0])
    148.0
    """
    e = np.maximum(plot_ratio, 1e-6)
    sparse = curve.offset_m + curve.slope_m * e + curve.factor_m / e
    return np.where(e <= curve.limit_ratio, sparse, curve.dense_m)


def density_by_width_mwh_per_m(heat_density_mwh_per_ha: FloatArray, width_m: FloatArray) -> FloatArray:
    """Return the linear heat density that a heat density and an effective width stand for.

    Examples
    --------
    >>> density_by_width_mwh_per_m(np.array([500.0]), np.array([60.0]))
    array([3.])
    """
    return heat_density_mwh_per_ha / M2_PER_HA * width_m


@dataclass(frozen=True)
class PipeCosts:
    """Diameter over linear heat density, costs of trench and pipe, and how they are repaid."""

    diameter_slope_m: float
    diameter_offset_m: float
    diameter_least_m: float
    diameter_limit_gj: float
    trench_eur_per_m: float
    pipe_eur_per_m2: float
    interest_share: float
    life_years: float


def mean_diameter_m(linear_density_mwh_per_m: FloatArray, costs: PipeCosts) -> FloatArray:
    """Return the mean pipe diameter, d = slope · ln(GJ/m) + offset; thin below a limit."""
    gj = np.maximum(linear_density_mwh_per_m * GJ_PER_MWH, 1e-9)
    diameter = costs.diameter_slope_m * np.log(gj) + costs.diameter_offset_m
    return np.where(gj < costs.diameter_limit_gj, costs.diameter_least_m, diameter)


def distribution_cost_eur_per_mwh(linear_density_mwh_per_m: FloatArray, costs: PipeCosts) -> FloatArray:
    """Return the capital cost of the network per unit of heat, a (C1 + C2 d) / LHD; NaN without heat.

    Examples
    --------
    2 MWh/m with the default costs: d = 0.0966 m, (212 + 4464 · 0.0966) · 0.0433 / 2

    >>> costs = PipeCosts(0.0486, 0.0007, 0.02, 1.5, 212.0, 4464.0, 0.03, 40.0)
    >>> distribution_cost_eur_per_mwh(np.array([2.0]), costs).round(1)
    array([13.9])
    """
    per_m = costs.trench_eur_per_m + costs.pipe_eur_per_m2 * mean_diameter_m(linear_density_mwh_per_m, costs)
    yearly = per_m * float(annuity(costs.interest_share, costs.life_years))
    heat = np.where(linear_density_mwh_per_m > 0, linear_density_mwh_per_m, np.nan)
    return np.asarray(yearly / heat, dtype=np.float64)


def coherent_totals(row: IntArray, column: IntArray, values: FloatArray, included: IntArray) -> FloatArray:
    """Return, per square, the total of the coherent area it belongs to; zero for squares left out.

    Squares belong together when they share a side or a corner.

    Examples
    --------
    >>> row, column = np.array([0, 1, 5]), np.array([0, 1, 5])
    >>> coherent_totals(row, column, np.array([1.0, 2.0, 4.0]), np.array([True, True, True]))
    array([3., 3., 4.])
    """
    if not len(row):
        return np.zeros(0)
    grid = np.zeros((int(np.ptp(row)) + 1, int(np.ptp(column)) + 1), dtype=bool)
    place = (row - row.min(), column - column.min())
    grid[place] = included
    label, count = ndimage.label(grid, structure=np.ones((3, 3)))
    area = label[place]
    totals = np.bincount(area, values, minlength=int(count) + 1)
    totals[0] = 0.0
    return np.asarray(totals[area], dtype=np.float64)
