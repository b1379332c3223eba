"""From the technical maximum to a calibrated potential, and its range.

*Technical* is every plane that passes the cuts, covered as densely as modules allow. Studies that
looked at roofs one by one found much less to be suitable, because of machines, terraces, statics and
owners; and they differ among themselves by a factor of two. So the calibrated potential does not
trust either end: its expected suitable share of all roof area lies half way between the published
share and the town's own geometric share,

    f = (s_published + s_geometric) / (2 s_geometric),

and 90 % of the draws of f lie above the lowest published share. On the logit scale, f has a part that
the whole town shares and a part of each roof's own, so that it never leaves 0…1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit, ndtri

from layers.core.draws import Draws
from layers.core.types import FloatArray, IntArray

# a roof may be fully suitable, but never more than that; keeps the logit finite
MOST_SUITABLE = 0.98
# buildings that are drawn at a time, to bound memory
TILE_COUNT = 20_000
P10, P90 = 0.1, 0.9
_NORMAL_5_PERCENT = 1.6448536269514722


@dataclass(frozen=True)
class SolarCalibration:
    """How the calibrated potential follows from the technical maximum.

    Attributes
    ----------
    geometric_share : float
        Suitable inner area over all roof area of the town, after the cuts.
    factor_ratio : float
        Calibrated over technical, expected value.
    centre_logit : float
        Middle of the factor on the logit scale.
    shared_spread, own_spread : float
        Standard deviations on the logit scale.
    """

    geometric_share: float
    factor_ratio: float
    centre_logit: float
    shared_spread: float
    own_spread: float


def _logit_normal_mean(centre: float, spread: float) -> float:
    """Return the mean of expit(centre + spread · z), by 64-point Gauss–Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    return float((weights * expit(centre + spread * nodes)).sum() / weights.sum())


def calibrate(
    geometric_share: float, published_share: float, lowest_share: float, own_spread: float
) -> SolarCalibration:
    """Return the calibration of a town.

    Parameters
    ----------
    geometric_share : float
        Suitable inner area over roof area by geometry alone; 0 where there is no roof.
    published_share, lowest_share : float
        Typical and lowest suitable share that studies found.
    own_spread : float
        Spread of single roofs on the logit scale.

    Examples
    --------
    >>> round(calibrate(0.70, 0.35, 0.26, 0.8).factor_ratio, 3)
    0.75
    """
    if geometric_share <= published_share:
        factor = MOST_SUITABLE
    else:
        factor = min(MOST_SUITABLE, 0.5 * (1.0 + published_share / geometric_share))
    lowest = min(0.9 * factor, lowest_share / max(geometric_share, lowest_share))
    shared_spread = float(logit(factor) - logit(lowest)) / _NORMAL_5_PERCENT
    total = float(np.hypot(shared_spread, own_spread))
    low, high = -20.0, 20.0
    for _ in range(80):
        centre = 0.5 * (low + high)
        if _logit_normal_mean(centre, total) < factor:
            low = centre
        else:
            high = centre
    return SolarCalibration(geometric_share, factor, 0.5 * (low + high), shared_spread, own_spread)


@dataclass(frozen=True)
class DrawnSums:
    """Draws of sums over groups of buildings, as a whole and with one cause at a time.

    Attributes
    ----------
    p10, p90 : (n,) arrays
        Of single buildings. [kWh]
    sums : (groups, count) array
        With everything drawn. [kWh]
    roof_sums : (groups, count) array
        With only the shapes of roofs drawn. [kWh]
    area_sums : (groups, count) array
        With only the suitable shares drawn, the town's and each roof's. [kWh]
    """

    p10: FloatArray
    p90: FloatArray
    sums: FloatArray
    roof_sums: FloatArray
    area_sums: FloatArray


def shape_thresholds(chance: FloatArray) -> FloatArray:
    """Return the normal numbers between which each class of roof is drawn; (n, classes − 1)."""
    cumulative = np.clip(np.cumsum(chance, axis=1)[:, :-1], 0.0, 1.0)
    # rounding must not leave a sliver of chance to a class that has none
    cumulative = np.where(cumulative > 1.0 - 1e-12, 1.0, cumulative)
    return np.asarray(ndtri(cumulative), dtype=np.float64)


def _draw(
    ids_hash: IntArray,
    class_kwh: FloatArray,
    chance: FloatArray,
    calibration: SolarCalibration,
    common: FloatArray,
    draws: Draws,
    member: sparse.csr_matrix | None = None,
) -> tuple[NDArray[np.float32], FloatArray, FloatArray]:
    """Draw buildings; with `member` (groups × buildings) also the sums of one cause at a time."""
    thresholds = shape_thresholds(chance)
    certain = np.flatnonzero(chance.max(axis=1) >= 1.0 - 1e-12)
    open_shape = np.setdiff1d(np.arange(len(class_kwh)), certain)
    base = np.zeros(len(class_kwh))
    base[certain] = class_kwh[certain, chance[certain].argmax(axis=1)]
    expected = (class_kwh * chance).sum(axis=1)
    town = calibration.centre_logit + calibration.shared_spread * draws.shared("solar:suitability")
    out = np.empty((draws.count, len(class_kwh)), dtype=np.float32)
    group_count = 0 if member is None else member.shape[0]
    roofs, areas = np.zeros((group_count, draws.count)), np.zeros((group_count, draws.count))
    limits, choices = thresholds[open_shape], class_kwh[open_shape]
    positions = np.arange(len(open_shape))
    for draw in range(draws.count):
        if len(open_shape):
            shape = draws.own_from_hashes(ids_hash[open_shape], "solar:roof_shape", draw)
            base[open_shape] = choices[positions, (shape[:, None] > limits).sum(axis=1)]
        own = draws.own_from_hashes(ids_hash, "solar:suitability", draw)
        suitable = expit(town[draw] + calibration.own_spread * own)
        out[draw] = base * common[draw] * suitable
        if member is not None:
            roofs[:, draw] = member @ base
            areas[:, draw] = member @ (expected * suitable)
    return out, roofs * calibration.factor_ratio, areas


def draw_solar_kwh(
    ids_hash: IntArray,
    class_kwh: FloatArray,
    chance: FloatArray,
    calibration: SolarCalibration,
    common: FloatArray,
    draws: Draws,
) -> NDArray[np.float32]:
    """Draw calibrated yields of buildings.

    Parameters
    ----------
    ids_hash : (n,) array
        From `layers.core.draws.hash_ids`.
    class_kwh : (n, classes) array
        Technical yield of each building under each class of roof.
    chance : (n, classes) array
        Probabilities of the classes.
    calibration : SolarCalibration
    common : (count,) array
        Factor that all buildings share in each draw (weather, snow).
    draws : Draws

    Returns
    -------
    (count, n) float32 array
    """
    return _draw(ids_hash, class_kwh, chance, calibration, common, draws)[0]


def draw_sums_kwh(
    ids_hash: IntArray,
    class_kwh: FloatArray,
    chance: FloatArray,
    calibration: SolarCalibration,
    common: FloatArray,
    draws: Draws,
    group: IntArray,
    group_count: int,
) -> DrawnSums:
    """Return p10 and p90 of each building, and the draws' sums over groups of buildings.

    Parameters
    ----------
    ids_hash, class_kwh, chance, calibration, common, draws
        As in `draw_solar_kwh`.
    group : (n,) array
        Number of each building's group (its district).
    group_count : int
    """
    low, high = np.zeros(len(class_kwh)), np.zeros(len(class_kwh))
    sums, roofs, areas = (np.zeros((group_count, draws.count)) for _ in range(3))
    for first in range(0, len(class_kwh), TILE_COUNT):
        tile = slice(first, first + TILE_COUNT)
        size = len(group[tile])
        member = sparse.csr_matrix((np.ones(size), (group[tile], np.arange(size))), shape=(group_count, size))
        drawn, roof, area = _draw(
            ids_hash[tile], class_kwh[tile], chance[tile], calibration, common, draws, member
        )
        low[tile], high[tile] = np.quantile(drawn, (P10, P90), axis=0)
        sums += member @ drawn.T.astype(np.float64)
        roofs, areas = roofs + roof, areas + area
    return DrawnSums(low, high, sums, roofs, areas)


def common_factors(
    draws: Draws, weather_error_share: float, snow_share: float, snow_error_ratio: float
) -> FloatArray:
    """Return the factor of each draw that all roofs share.

    Parameters
    ----------
    draws : Draws
    weather_error_share : float
        Standard deviation of the yearly irradiation.
    snow_share : float
        Expected snow loss over the yield without snow.
    snow_error_ratio : float
        Standard deviation of the snow loss over its expected value.
    """
    weather = np.maximum(1.0 + weather_error_share * draws.shared("solar:weather"), 0.1)
    snow = np.clip(1.0 + snow_error_ratio * draws.shared("solar:snow"), 0.0, None)
    left = (1.0 - np.minimum(snow_share * snow, 0.95)) / (1.0 - snow_share)
    return np.asarray(weather * left, dtype=np.float64)
