"""Filling gaps from labelled buildings: nearest neighbours for few labels, boosted trees for many.

Both give quantiles, not a mean, so that a value can be drawn and its uncertainty shown. How good they
are is measured on whole spatial blocks that were left out: buildings of one estate share their year,
and folds that are drawn at random would flatter (Roberts et al. 2017, Ecography 40, 913-929).
`layers.physics.calibration` then moves the outer quantiles until they hold what they promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from layers.core.types import AnyArray, BoolArray, FloatArray, IntArray

# the five quantiles that describe a predictive distribution
PROBABILITIES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
MIDDLE = 2
_FITTED = (0.1, 0.5, 0.9)
# a distribution of five quantiles is mixed with another at these probabilities
_FINE = (np.arange(19) + 1.0) / 20.0

Predict = Callable[[FloatArray], FloatArray]
Fit = Callable[[FloatArray, FloatArray], Predict]


def spatial_blocks(x_m: FloatArray, y_m: FloatArray, block_m: float) -> IntArray:
    """Return the number of the square block that each place lies in."""
    cells = np.column_stack([np.floor(x_m / block_m), np.floor(y_m / block_m)])
    _, block = np.unique(cells, axis=0, return_inverse=True)
    return np.asarray(block.ravel(), dtype=np.int64)


def spatial_folds(x_m: FloatArray, y_m: FloatArray, block_m: float, fold_count: int) -> IntArray:
    """Return folds made of whole square blocks, about equally large.

    Parameters
    ----------
    x_m, y_m : (n,) arrays
        Places in a metric system.
    block_m : float
        Side of a block.
    fold_count : int
        Number of folds; less are made when there are fewer blocks.

    Examples
    --------
    >>> folds = spatial_folds(np.array([1.0, 2.0, 900.0, 901.0]), np.zeros(4), 500.0, 5)
    >>> bool(folds[0] == folds[1]), bool(folds[2] == folds[3]), bool(folds[0] == folds[2])
    (True, True, False)
    """
    block = spatial_blocks(x_m, y_m, block_m)
    size = np.bincount(block)
    fold_of_block = np.zeros(len(size), dtype=np.int64)
    load = np.zeros(fold_count, dtype=np.int64)
    # the largest block goes first, each to the fold with least; a loop over blocks, not over buildings
    for position in np.argsort(-size, kind="stable"):
        target = int(np.argmin(load))
        fold_of_block[position] = target
        load[target] += size[position]
    return np.asarray(fold_of_block[block], dtype=np.int64)


def weighted_quantiles(values: FloatArray, weights: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Return quantiles of each row of values under each row of weights.

    Each value stands in the middle of its weight; between values the quantile is interpolated.

    Examples
    --------
    >>> weighted_quantiles(np.array([[3.0, 1.0, 2.0]]), np.ones((1, 3)), np.array([0.0, 0.5, 1.0]))
    array([[1., 2., 3.]])
    """
    order = np.argsort(values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    weight = np.take_along_axis(weights, order, axis=1)
    middle = (np.cumsum(weight, axis=1) - weight / 2.0) / weight.sum(axis=1, keepdims=True)
    found = np.empty((len(values), len(probabilities)))
    for column, probability in enumerate(probabilities):
        above = (middle < probability).sum(axis=1)
        right = np.minimum(above, values.shape[1] - 1)
        left = np.maximum(above - 1, 0)
        at_left = np.take_along_axis(middle, left[:, None], axis=1)[:, 0]
        at_right = np.take_along_axis(middle, right[:, None], axis=1)[:, 0]
        gap = np.maximum(at_right - at_left, 1e-12)
        part = np.clip((probability - at_left) / gap, 0.0, 1.0)
        low = np.take_along_axis(ranked, left[:, None], axis=1)[:, 0]
        high = np.take_along_axis(ranked, right[:, None], axis=1)[:, 0]
        found[:, column] = low + part * (high - low)
    return found


def _sorted_labels(features: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bring labels into an order of their own, so that the order of the table's rows cannot matter."""
    order = np.lexsort((labels, *features.T))
    return features[order], labels[order]


def fit_nearest(features: FloatArray, labels: FloatArray, neighbour_count: int) -> Predict:
    """Return a function that reads quantiles from the labels nearest in feature space.

    Parameters
    ----------
    features : (n, f) array
        Scaled so that a distance of 1 means "rather alike" in every column.
    labels : (n,) array
        Known values.
    neighbour_count : int
        How many labels to look at.
    """
    features, labels = _sorted_labels(features, labels)
    tree = cKDTree(features)
    most = min(neighbour_count, len(labels))

    def predict(wanted: FloatArray) -> FloatArray:
        if len(wanted) == 0:
            return np.zeros((0, len(PROBABILITIES)))
        distance, position = (np.asarray(found) for found in tree.query(wanted, k=most))
        shape = (len(wanted), -1)
        weights = 1.0 / (distance.reshape(shape) + 0.5)
        return weighted_quantiles(labels[position.reshape(shape)], weights, PROBABILITIES)

    return predict


def fit_boosting(features: FloatArray, labels: FloatArray, round_count: int) -> Predict:
    """Return a function that predicts quantiles by gradient-boosted trees.

    Three quantiles (10, 50 and 90 %) are fitted, each with its own trees, and sorted; the quarters
    between them are interpolated.
    """
    features, labels = _sorted_labels(features, labels)

    def grow(quantile: float) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            loss="quantile", quantile=quantile, max_iter=round_count, max_leaf_nodes=15,
            min_samples_leaf=15, early_stopping=False, random_state=0,
        ).fit(features, labels)  # fmt: skip

    # one thread: the trees of a city are small, and waiting for busy cores would cost more than it saves
    with threadpool_limits(1):
        models = [grow(quantile) for quantile in _FITTED]

    def predict(wanted: FloatArray) -> FloatArray:
        if len(wanted) == 0:
            return np.zeros((0, len(PROBABILITIES)))
        with threadpool_limits(1):
            columns = np.column_stack([model.predict(wanted) for model in models])
        low, middle, high = np.sort(columns, axis=1).T
        return np.column_stack(
            [low, low + 0.375 * (middle - low), middle, middle + 0.625 * (high - middle), high]
        )

    return predict


def within_reach(x_m: FloatArray, y_m: FloatArray, places_m: FloatArray, reach_m: float) -> BoolArray:
    """Say which places have one of the labelled places (k, 2) within a distance."""
    if len(x_m) == 0 or len(places_m) == 0:
        return np.zeros(len(x_m), dtype=bool)
    distance, _ = cKDTree(places_m).query(np.column_stack([x_m, y_m]), distance_upper_bound=reach_m)
    return np.asarray(np.isfinite(distance), dtype=bool)


def left_out_quantiles(fit: Fit, features: FloatArray, labels: FloatArray, folds: IntArray) -> FloatArray:
    """Return what is said of each label when its whole fold was left out.

    Parameters
    ----------
    fit : function
        From features and labels to a function that predicts.
    features : (n, f) array
    labels, folds : (n,) arrays
        Known values, and the fold of each (see `spatial_folds`).

    Returns
    -------
    (n, 5) array
        NaN where there is only one fold.
    """
    quantiles = np.full((len(labels), len(PROBABILITIES)), np.nan)
    names = np.unique(folds)
    for fold in names if len(names) > 1 else ():
        out = folds == fold
        quantiles[out] = fit(features[~out], labels[~out])(features[out])
    return quantiles


def mixed_quantiles(one: FloatArray, other: FloatArray, other_share: float) -> FloatArray:
    """Return the quantiles of a mixture of two distributions, each given by five quantiles.

    Examples
    --------
    >>> old, new = np.full((1, 5), 1890.0), np.full((1, 5), 1990.0)
    >>> mixed_quantiles(old, new, 0.3)[0, [0, 2, 4]].tolist()
    [1890.0, 1890.0, 1990.0]
    >>> mixed_quantiles(old, new, 0.0)[0, 4].item()
    1890.0
    """
    if other_share <= 0.0:
        return one
    shape = (len(one), len(_FINE))
    values = np.column_stack([_fine_quantiles(one), _fine_quantiles(other)])
    weights = np.column_stack([np.full(shape, 1.0 - other_share), np.full(shape, other_share)])
    return weighted_quantiles(values, weights, PROBABILITIES)


def pinball_loss(quantiles: FloatArray, labels: FloatArray) -> float:
    """Return the mean loss of five quantiles: the smaller, the better the whole distribution fits.

    Each quantile p pays p per unit that the label lies above it and 1 − p per unit below (Koenker and
    Bassett 1978).

    Examples
    --------
    >>> pinball_loss(np.full((1, 5), 10.0), np.array([10.0]))
    0.0
    >>> pinball_loss(np.full((1, 5), 10.0), np.array([12.0]))
    1.0
    """
    above = labels[:, None] - quantiles
    return float(np.maximum(PROBABILITIES * above, (PROBABILITIES - 1.0) * above).mean())


def _fine_quantiles(quantiles: FloatArray) -> FloatArray:
    """Return (n, 19) quantiles between five; beyond the outer ones they go on as far again."""
    reach = quantiles[:, -1] - quantiles[:, 0]
    low, high = quantiles[:, 0] - 0.1 * reach, quantiles[:, -1] + 0.1 * reach
    known = np.column_stack([low, quantiles, high])
    steps = np.concatenate([[0.0], PROBABILITIES, [1.0]])
    columns = [draw_between(known, np.full(len(known), share), steps) for share in _FINE]
    return np.column_stack(columns) if len(known) else np.zeros((0, len(_FINE)))


def draw_between(
    quantiles: FloatArray, probability: FloatArray, steps: FloatArray = PROBABILITIES
) -> FloatArray:
    """Return the value at a probability for each row of quantiles; outside, the outer ones.

    Examples
    --------
    >>> draw_between(np.array([[1900.0, 1950.0, 1960.0, 1970.0, 1990.0]]), np.array([0.375]))
    array([1955.])
    """
    right = np.clip(np.searchsorted(steps, probability), 1, len(steps) - 1)
    left = right - 1
    rows = np.arange(len(quantiles))
    gap = steps[right] - steps[left]
    part = np.clip((probability - steps[left]) / gap, 0.0, 1.0)
    return np.asarray(
        quantiles[rows, left] + part * (quantiles[rows, right] - quantiles[rows, left]), dtype=np.float64
    )


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier of uses and how often it was right on the blocks that were left out."""

    classes: tuple[str, ...]
    model: HistGradientBoostingClassifier
    error_share: float

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Return (n, classes) probabilities."""
        if len(features) == 0:
            return np.zeros((0, len(self.classes)))
        with threadpool_limits(1):
            return np.asarray(self.model.predict_proba(features), dtype=np.float64)


def fit_classifier(features: FloatArray, labels: AnyArray, folds: IntArray, round_count: int) -> Classifier:
    """Fit boosted trees that tell classes apart, and measure them on the folds that were left out."""
    order = np.lexsort((labels.astype(str), *features.T))
    features, labels, folds = features[order], labels[order].astype(str), folds[order]

    def fit(rows: BoolArray) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=round_count, max_leaf_nodes=15, min_samples_leaf=15, early_stopping=False, random_state=0
        ).fit(features[rows], labels[rows])

    right = np.zeros(len(labels), dtype=bool)
    names = np.unique(folds)
    with threadpool_limits(1):
        for fold in names if len(names) > 1 else ():
            out = folds == fold
            if len(np.unique(labels[~out])) > 1:
                right[out] = fit(~out).predict(features[out]) == labels[out]
        model = fit(np.ones(len(labels), dtype=bool))
    error = 1.0 - float(right.mean()) if len(names) > 1 else float("nan")
    return Classifier(tuple(str(name) for name in model.classes_), model, error)
