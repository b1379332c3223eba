"""Distances between districts and lighthouses, indicator by indicator (Gower 1971).

Each indicator is first put on a scale where the fixed reference range has length 1; skewed positive
numbers on a logarithmic one. A lighthouse is known as an interval, so the distance is 0 inside it
and the way to its nearer end outside, at most 1. Categories take their distance from a small table.
Where either side is unknown there is no distance: the pair is skipped, never filled in.

    distance(x, a) = Σ w d(x, a) / Σ w    over the indicators known on both sides

The distance is a sum, so every indicator's part of it is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.types import BoolArray, FloatArray
from replication.dictionary import Indicator, Value, categories_of, category_distances, compared_indicators
from replication.lighthouses import Lighthouse

# a logarithm needs a positive number: values below half the reference range's low end count as that
LOG_FLOOR_SHARE = 0.5


@dataclass(frozen=True)
class Points:
    """Districts on the reference scales.

    Attributes
    ----------
    ids : tuple of str
    scaled : (n, f) array
        Scaled number, or the position of the category; NaN where unknown.
    known_share : (n, f) array
        How much each value counts towards coverage: 1 known, between for estimates, 0 unknown.
    """

    ids: tuple[str, ...]
    scaled: FloatArray
    known_share: FloatArray


@dataclass(frozen=True)
class Anchors:
    """Lighthouses on the reference scales, as intervals.

    Attributes
    ----------
    ids : tuple of str
    scaled, low, high : (a, f) arrays
        NaN where unknown; for categories all three are the category's position.
    known_share : (a, f) array
    is_firm : (a, f) array of bool
        False for estimates.
    may_be_named : (a,) array of bool
    """

    ids: tuple[str, ...]
    scaled: FloatArray
    low: FloatArray
    high: FloatArray
    known_share: FloatArray
    is_firm: BoolArray
    may_be_named: BoolArray


def indicator_weights() -> FloatArray:
    """Return the (f,) weights of the compared indicators; they add up to 1."""
    return np.array([indicator.weight_share for indicator in compared_indicators()])


def scale_numbers(values: FloatArray, indicator: Indicator) -> FloatArray:
    """Put numbers on the reference scale: the fixed range runs from 0 to 1.

    Examples
    --------
    >>> from replication.dictionary import read_indicators
    >>> scale_numbers(np.array([0.0, 0.25, 1.0]), read_indicators()["residential_share"])
    array([0.  , 0.25, 1.  ])
    >>> scale_numbers(np.array([0.1, 4.0]), read_indicators()["plot_ratio"])
    array([0., 1.])
    """
    low, high = indicator.pool_low, indicator.pool_high
    if indicator.transform == "log":
        floored = np.maximum(values, low * LOG_FLOOR_SHARE)
        return np.asarray(np.log(floored / low) / np.log(high / low))
    return np.asarray((values - low) / (high - low))


def scale_categories(values: Sequence[object], indicator: Indicator) -> FloatArray:
    """Return the position of each category in the indicator's list; NaN where unknown."""
    positions = {name: float(place) for place, name in enumerate(categories_of(indicator.name))}
    return np.array([positions.get(str(value), np.nan) for value in values], dtype=np.float64)


def scale_table(values: pd.DataFrame, known_share: pd.DataFrame | None = None) -> Points:
    """Put a table of indicators on the reference scales.

    Parameters
    ----------
    values : DataFrame, index `district_id`
        Columns by the names of the dictionary; a missing column is unknown everywhere.
    known_share : DataFrame, optional
        Same shape; how much each value counts towards coverage. Without it known values count in full.
    """
    columns, shares = [], []
    for indicator in compared_indicators():
        if indicator.name not in values:
            column = np.full(len(values), np.nan)
        elif indicator.is_number:
            numbers = pd.to_numeric(values[indicator.name]).to_numpy(dtype=float, na_value=np.nan)
            column = scale_numbers(numbers, indicator)
        else:
            column = scale_categories(values[indicator.name].tolist(), indicator)
        share = np.ones(len(values))
        if known_share is not None and indicator.name in known_share:
            share = np.nan_to_num(known_share[indicator.name].to_numpy(dtype=float))
        columns.append(column)
        shares.append(np.where(np.isnan(column), 0.0, share))
    return Points(
        ids=tuple(values.index.astype(str)),
        scaled=np.column_stack(columns),
        known_share=np.column_stack(shares),
    )


def _end(lighthouse: Lighthouse, indicator: Indicator, end: str) -> float:
    feature = lighthouse.features.get(indicator.name)
    if feature is None:
        return np.nan
    value: Value = getattr(feature, end)
    if indicator.is_number:
        return float(scale_numbers(np.array([float(value)]), indicator)[0])
    return float(scale_categories([feature.value], indicator)[0])


def scale_lighthouses(lighthouses: Sequence[Lighthouse], least_coverage_share: float = 0.5) -> Anchors:
    """Put lighthouses on the reference scales."""
    indicators = compared_indicators()

    def table(end: str) -> FloatArray:
        rows = [[_end(one, indicator, end) for indicator in indicators] for one in lighthouses]
        return np.array(rows, dtype=np.float64).reshape(len(lighthouses), len(indicators))

    features = [[one.features.get(indicator.name) for indicator in indicators] for one in lighthouses]
    known = [[feature.known_share if feature else 0.0 for feature in row] for row in features]
    firm = [[feature is not None and not feature.is_estimate for feature in row] for row in features]
    shape = (len(lighthouses), len(indicators))
    return Anchors(
        ids=tuple(one.id for one in lighthouses),
        scaled=table("value"),
        low=table("low"),
        high=table("high"),
        known_share=np.array(known, dtype=np.float64).reshape(shape),
        is_firm=np.array(firm, dtype=bool).reshape(shape),
        may_be_named=np.array([one.may_be_named(least_coverage_share) for one in lighthouses], dtype=bool),
    )


def interval_distances(points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the distance of every point to every interval, per indicator.

    Parameters
    ----------
    points : (n, f) array
    low, high : (a, f) arrays

    Returns
    -------
    (n, a, f) array
        0 inside the interval, at most 1, NaN where either side is unknown. Categories are treated in
        `indicator_distances`.

    Examples
    --------
    >>> interval_distances(np.array([[0.5], [0.9]]), np.array([[0.4]]), np.array([[0.6]]))[:, 0, 0].round(2)
    array([0. , 0.3])
    """
    below = low[None, :, :] - points[:, None, :]
    above = points[:, None, :] - high[None, :, :]
    return np.asarray(np.clip(np.maximum(below, above), 0.0, 1.0))


def indicator_distances(points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return `interval_distances` with the categories' own distances in their places; (n, a, f)."""
    distances = interval_distances(points, low, high)
    for place, indicator in enumerate(compared_indicators()):
        if indicator.is_number:
            continue
        left, right = points[:, place], low[:, place]
        known = ~np.isnan(left)[:, None] & ~np.isnan(right)[None, :]
        rows, columns = np.nonzero(known)
        table = category_distances(indicator.name)
        column = np.full((len(left), len(right)), np.nan)
        column[rows, columns] = table[left[rows].astype(int), right[columns].astype(int)]
        distances[:, :, place] = column
    return distances


def point_distance(left: Mapping[str, Value], right: Mapping[str, Value]) -> float:
    """Return the weighted distance between two districts that are known as points; NaN without a pair.

    Examples
    --------
    >>> round(point_distance({"residential_share": 0.2}, {"residential_share": 0.7}), 9)
    0.5
    """
    both = scale_table(pd.DataFrame([dict(left), dict(right)], index=["left", "right"])).scaled
    distances = indicator_distances(both[:1], both[1:], both[1:])[0, 0]
    known = ~np.isnan(distances)
    weights = indicator_weights()
    if not known.any():
        return float("nan")
    return float(distances[known] @ weights[known] / weights[known].sum())


def weighted_parts(distances: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each indicator's exact part of the distance, and the weight that was compared.

    Parameters
    ----------
    distances : (n, a, f) array
        NaN where a pair is unknown.
    weights : (f,) array
        Adding up to 1.

    Returns
    -------
    parts : (n, a, f) array
        w d / Σ w over the known pairs; they add up to the distance. Zero where unknown.
    compared_share : (n, a) array
        Weight of the known pairs, whatever their quality.
    """
    known = ~np.isnan(distances)
    compared = known @ weights
    whole = np.where(compared > 0, compared, 1.0)
    parts = np.where(known, distances, 0.0) * weights / whole[:, :, None]
    return np.asarray(parts), np.asarray(compared)
