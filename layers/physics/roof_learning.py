"""Shapes of roofs learned from the town's own tagged and measured roofs.

A gradient-boosted classifier learns shapes from form, size, height, age and use. It is tried on squares
of the town that it has not seen, because roofs of one street are alike and are mapped alike. There, its
probabilities are held against the shares by kind and size of building (`layers.physics.roof_shapes`):
they are mixed in the proportion that did best, and used only for the kinds and sizes where they did
better. Chances stay chances: nobody's roof becomes certain by learning.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.roof_shapes import (
    ASSUMED_COUNT,
    GROUPS,
    class_probabilities,
    learn_shape_shares,
    read_shape_prior,
)

FOLDS = 5
# more labels make the classifier slower, not better
MOST_LABELS = 12_000
# labels of a kind and size below which nobody can say what does better there
FEWEST_IN_STRATUM = 30
MIXES = (0.0, 0.25, 0.5, 0.75, 1.0)
CHANCE_BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_FLOOR = 1e-3


@dataclass(frozen=True)
class Labels:
    """What shapes are learned from; one entry a building.

    Attributes
    ----------
    features : (n, f) array
        NaN where unknown.
    group, size : (n,) arrays
        Stratum, from `layers.physics.roof_shapes.strata`.
    known_class : (n,) array
        One of the assumed classes, -1 where nobody knows.
    fold : (n,) array
        Part of the town by which learning is tested.
    ids_hash : (n,) array of uint64
    """

    features: FloatArray
    group: IntArray
    size: IntArray
    known_class: IntArray
    fold: IntArray
    ids_hash: IntArray


@dataclass(frozen=True)
class ShapeModel:
    """How shapes of roofs are guessed.

    Attributes
    ----------
    shares : (groups, sizes, 5) array
        Shares by kind and size, after the town's own roofs have been counted.
    classifier : fitted classifier or None
    mix : float
        Weight of the classifier.
    is_better : (groups, sizes) array
        Where its probabilities are used.
    quality : DataFrame
        What was measured on squares that were not seen: by method, the mean log-likelihood, and by
        `CHANCE_BINS` the stated chance of the most likely shape and how often it was right.
    """

    shares: FloatArray
    classifier: Any
    mix: float
    is_better: BoolArray
    quality: pd.DataFrame

    def guess(self, features: FloatArray, group: IntArray, size: IntArray) -> tuple[FloatArray, BoolArray]:
        """Return probabilities of all classes, (n, classes), and where they were learned."""
        chance = class_probabilities(group, size, np.full(len(group), -1), self.shares)
        learned = self.is_better[group, size]
        if self.classifier is None or not learned.any():
            return chance, np.zeros(len(group), dtype=bool)
        own = _predicted(self.classifier, features[learned])
        mixed = self.mix * own + (1.0 - self.mix) * chance[learned, :ASSUMED_COUNT]
        chance[learned, :ASSUMED_COUNT] = mixed
        return chance, learned


def _fit(features: FloatArray, known_class: IntArray) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.08, max_leaf_nodes=12, min_samples_leaf=15, l2_regularization=1.0,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    # one thread: waiting for busy cores would cost more than it saves
    with threadpool_limits(1):
        return model.fit(features, known_class)


def _predicted(model: Any, features: FloatArray) -> FloatArray:
    """Return probabilities of the assumed classes, none of them nil."""
    chance = np.zeros((len(features), ASSUMED_COUNT))
    with threadpool_limits(1):
        chance[:, model.classes_.astype(int)] = model.predict_proba(features)
    chance = np.maximum(chance, _FLOOR)
    return np.asarray(chance / chance.sum(axis=1, keepdims=True), dtype=np.float64)


def _unseen(labels: Labels, prior_count: float) -> tuple[FloatArray, FloatArray]:
    """Return probabilities by shares and by the classifier, each for squares that were not seen."""
    known, count = labels.known_class, len(labels.known_class)
    by_share, by_model = np.zeros((count, ASSUMED_COUNT)), np.zeros((count, ASSUMED_COUNT))
    for fold in range(FOLDS):
        out = labels.fold == fold
        if not out.any():
            continue
        seen = np.where(out, -1, known)
        shares = learn_shape_shares(labels.group, labels.size, seen, prior_count)
        by_share[out] = shares[labels.group[out], labels.size[out]]
        if len(np.unique(known[~out])) < 2:
            by_model[out] = by_share[out]
            continue
        by_model[out] = _predicted(_fit(labels.features[~out], known[~out]), labels.features[out])
    return by_share, by_model


def _likelihood(chance: FloatArray, known: IntArray) -> FloatArray:
    right = chance[np.arange(len(known)), known]
    return np.asarray(np.log(np.maximum(right, _FLOOR)), dtype=np.float64)


def _quality_rows(name: str, chance: FloatArray, known: IntArray) -> list[dict[str, object]]:
    """Return the log-likelihood of a method and the reliability of its probabilities."""
    stated, right = chance.max(axis=1), chance.argmax(axis=1) == known
    rows: list[dict[str, object]] = [
        {
            "method": name, "stated": "all", "roof_count": len(known), "stated_share": stated.mean(),
            "right_share": right.mean(), "log_likelihood_ratio": _likelihood(chance, known).mean(),
        }
    ]  # fmt: skip
    for low, high in pairwise(CHANCE_BINS):
        within = (stated > low) & (stated <= high)
        if within.any():
            rows.append(
                {
                    "method": name, "stated": f"{low:.1f} to {high:.1f}", "roof_count": int(within.sum()),
                    "stated_share": stated[within].mean(), "right_share": right[within].mean(),
                    "log_likelihood_ratio": _likelihood(chance[within], known[within]).mean(),
                }
            )  # fmt: skip
    return rows


def _sample(labels: Labels) -> Labels:
    """Keep the labelled buildings, of very many a part that does not depend on their order."""
    chosen = np.flatnonzero(labels.known_class >= 0)
    order = np.lexsort((chosen, labels.ids_hash[chosen]))
    chosen = chosen[order[:MOST_LABELS]]
    return Labels(*(getattr(labels, name)[chosen] for name in Labels.__dataclass_fields__))


def learn_shapes(labels: Labels, prior_count: float, least_count: float, least_gain: float) -> ShapeModel:
    """Learn shapes from the roofs that are known, as far as that does better than shares.

    Parameters
    ----------
    labels : Labels
    prior_count : float
        Roofs that the table of shares weighs in each stratum.
    least_count : float
        Known roofs without which nothing is learned.
    least_gain : float
        Mean gain in log-likelihood without which shares are used.

    Returns
    -------
    ShapeModel
    """
    shares = learn_shape_shares(labels.group, labels.size, labels.known_class, prior_count)
    strata = (len(GROUPS), len(read_shape_prior().size_m2))
    nowhere = np.zeros(strata, dtype=bool)
    known = _sample(labels)
    classes, counts = np.unique(known.known_class, return_counts=True)
    enough = len(known.known_class) >= least_count and len(np.unique(known.fold)) > 1
    if not enough or len(classes) < 2 or counts.min() < 2:
        return ShapeModel(shares, None, 0.0, nowhere, pd.DataFrame())
    by_share, by_model = _unseen(known, prior_count)
    mix = max(
        MIXES,
        key=lambda part: _likelihood(part * by_model + (1.0 - part) * by_share, known.known_class).mean(),
    )
    mixed = mix * by_model + (1.0 - mix) * by_share
    better = _likelihood(mixed, known.known_class) - _likelihood(by_share, known.known_class)
    stratum = known.group * strata[1] + known.size
    held = np.bincount(stratum, minlength=strata[0] * strata[1])
    mean = np.bincount(stratum, better, minlength=len(held)) / np.maximum(held, 1)
    is_better = ((held >= FEWEST_IN_STRATUM) & (mean >= least_gain)).reshape(strata)
    used = np.where(is_better[known.group, known.size][:, None], mixed, by_share)
    quality = pd.DataFrame(
        _quality_rows("by kind and size", by_share, known.known_class)
        + _quality_rows("learned", used, known.known_class)
    )
    if not is_better.any():
        return ShapeModel(shares, None, 0.0, nowhere, quality)
    order = np.argsort(known.ids_hash, kind="stable")
    return ShapeModel(shares, _fit(known.features[order], known.known_class[order]), mix, is_better, quality)
