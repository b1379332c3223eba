"""How alike a district made of nothing but chance would be: the limits of the similarity's classes.

The reference pool is fixed: the lighthouse districts and the typical districts. A shuffled district
takes every feature from another, randomly drawn member of the pool, so that its features are real
but do not belong together. The best similarity that such districts reach is the chance level: what
half of them reach is the limit of *partial*, what one in twenty reaches the limit of *close*.

The limits depend on what is known of a district. With few features chance reaches far, so the level
is calculated again for the features that each district has; `data/similarity_scale.csv` keeps the
pool's median and the limits for a district of which everything is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import ndtr

from layers.core.draws import Draws
from layers.core.types import FloatArray
from replication.dictionary import DATA, compared_indicators, read_rows, read_typical_districts
from replication.distance import (
    Anchors,
    Points,
    indicator_distances,
    indicator_weights,
    scale_lighthouses,
    scale_table,
    weighted_parts,
)
from replication.lighthouses import Lighthouse, read_lighthouses

SHUFFLE_COUNT = 1000
PARTIAL_QUANTILE_SHARE = 0.5
CLOSE_QUANTILE_SHARE = 0.95
# known shares that differ by less than this share their limits
KNOWN_STEP_SHARE = 0.05


@dataclass(frozen=True)
class Scale:
    """The fixed ruler: what is usual in the pool, and where chance ends when everything is known."""

    pool_median_share: float
    partial_limit_share: float
    close_limit_share: float


@cache
def read_scale() -> Scale:
    """Read the carried ruler.

    Examples
    --------
    >>> scale = read_scale()
    >>> scale.pool_median_share < scale.partial_limit_share < scale.close_limit_share
    True
    """
    rows = {row["id"]: float(row["value"]) for row in read_rows(DATA / "similarity_scale.csv")}
    return Scale(rows["pool_median_share"], rows["partial_limit_share"], rows["close_limit_share"])


def lighthouse_values(lighthouses: tuple[Lighthouse, ...]) -> pd.DataFrame:
    """Return the lighthouses' own values as a table of districts, index the lighthouse's id."""
    rows = {one.id: {name: feature.value for name, feature in one.features.items()} for one in lighthouses}
    return pd.DataFrame.from_dict(rows, orient="index")


@cache
def reference_pool() -> Points:
    """Return the fixed pool, always of the carried lighthouses, whatever a coach adds."""
    carried = lighthouse_values(read_lighthouses().compared())
    typical = pd.DataFrame.from_dict(read_typical_districts(), orient="index")
    return scale_table(pd.concat([carried, typical]))


def cautious_similarity(
    similarity_share: FloatArray, coverage_share: FloatArray, pool_median_share: float
) -> FloatArray:
    """Draw a similarity towards what is usual in the pool, the more the less could be compared.

    Examples
    --------
    >>> cautious_similarity(np.array([1.0, 1.0]), np.array([1.0, 0.5]), 0.8)
    array([1. , 0.9])
    """
    return np.asarray(coverage_share * similarity_share + (1 - coverage_share) * pool_median_share)


def measure_pool_median_share() -> float:
    """Return the median similarity of the pool's members to the carried lighthouses, themselves left out."""
    anchors = scale_lighthouses(read_lighthouses().compared())
    pool = reference_pool()
    parts, compared = weighted_parts(
        indicator_distances(pool.scaled, anchors.low, anchors.high), indicator_weights()
    )
    other = np.array([[point != anchor for anchor in anchors.ids] for point in pool.ids])
    return float(np.median((1 - parts.sum(axis=2))[other & (compared > 0)]))


@cache
def shuffled_districts(count: int = SHUFFLE_COUNT) -> FloatArray:
    """Return `count` districts whose features come one by one from random members of the pool.

    Returns
    -------
    (count, f) array
        On the reference scales; NaN only where no member of the pool knows the indicator.
    """
    pool = reference_pool().scaled
    draws = Draws(seed=1, count=count)
    shuffled = np.full((count, pool.shape[1]), np.nan)
    for place, indicator in enumerate(compared_indicators()):
        known = pool[~np.isnan(pool[:, place]), place]
        if len(known):
            position = ndtr(draws.shared(f"shuffled:{indicator.name}")) * len(known)
            shuffled[:, place] = known[np.minimum(position.astype(int), len(known) - 1)]
    return shuffled


def typical_distances(anchors: Anchors) -> FloatArray:
    """Return how far each indicator of a shuffled district lies from each lighthouse, on average; (a, f)."""
    distances = indicator_distances(shuffled_districts(), anchors.low, anchors.high)
    known = ~np.isnan(distances)
    count = np.maximum(known.sum(axis=0), 1)
    return np.asarray(np.where(known, distances, 0.0).sum(axis=0) / count)


def chance_limits(
    known_share: FloatArray, anchors: Anchors, pool_median_share: float
) -> tuple[FloatArray, FloatArray]:
    """Return what shuffled districts reach when only a district's known features are compared.

    Parameters
    ----------
    known_share : (n, f) array
        How much each feature of each district counts; 0 where unknown.
    anchors : Anchors
        Only those that may be named are reached for.
    pool_median_share : float

    Returns
    -------
    partial_share, close_share : (n,) arrays
        Cautious similarities; 1 where no lighthouse may be named.
    """
    steps = np.round(known_share / KNOWN_STEP_SHARE) * KNOWN_STEP_SHARE
    steps = np.where(known_share > 0, np.maximum(steps, KNOWN_STEP_SHARE), 0.0)
    patterns, back = np.unique(steps, axis=0, return_inverse=True)
    if not anchors.may_be_named.any():
        return np.ones(len(known_share)), np.ones(len(known_share))
    weights = indicator_weights()
    shuffled = shuffled_districts()
    best = np.full((len(shuffled), len(patterns)), -np.inf)
    for place in np.flatnonzero(anchors.may_be_named):
        one = slice(place, place + 1)
        distances = indicator_distances(shuffled, anchors.low[one], anchors.high[one])[:, 0, :]
        is_known = ~np.isnan(distances)
        pattern_weights = (weights * (patterns > 0)).T
        whole = is_known @ pattern_weights
        apart = np.where(is_known, distances, 0.0) @ pattern_weights
        coverage = is_known @ (weights * np.minimum(patterns, anchors.known_share[place])).T
        similarity = 1 - apart / np.where(whole > 0, whole, 1.0)
        cautious = cautious_similarity(similarity, coverage, pool_median_share)
        best = np.maximum(best, np.where(whole > 0, cautious, pool_median_share))
    partial, close = np.quantile(best, [PARTIAL_QUANTILE_SHARE, CLOSE_QUANTILE_SHARE], axis=0)
    return partial[back.ravel()], close[back.ravel()]


def measure_scale() -> Scale:
    """Calculate the ruler anew from the carried library; a test holds the carried one to it."""
    median = measure_pool_median_share()
    anchors = scale_lighthouses(read_lighthouses().compared())
    everything = np.ones((1, len(indicator_weights())))
    partial, close = chance_limits(everything, anchors, median)
    return Scale(median, float(partial[0]), float(close[0]))


def measure_point_limits() -> tuple[float, float]:
    """Return the chance level when the lighthouses are taken as points, not as intervals.

    Comparable with published trials of the same vectors, which give 0.81 and 0.85.
    """
    anchors = scale_lighthouses(read_lighthouses().compared())
    parts, _ = weighted_parts(
        indicator_distances(shuffled_districts(), anchors.scaled, anchors.scaled), indicator_weights()
    )
    best = (1 - parts.sum(axis=2)).max(axis=1)
    partial, close = np.quantile(best, [PARTIAL_QUANTILE_SHARE, CLOSE_QUANTILE_SHARE])
    return float(partial), float(close)
