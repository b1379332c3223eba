"""Ranges that hold what they promise: measured on labels that were left out, then moved.

A range from p10 to p90 is right when 8 of 10 true values lie inside. Whatever says the range (a rule, a
country's stock, neighbours, trees), its ends are moved by the margins with which it would have held 8 of 10
labels: conformalised quantile regression (Romano, Patterson and Candès 2019). Buildings of different
strata, such as monuments and all others, get margins of their own (Mondrian conformal prediction; Vovk,
Gammerman and Shafer 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray

WANTED_SHARE = 0.8
# below this many labels a stratum has no margins of its own
FEWEST_LABELS = 5
# below this many labels both ends move alike: one stray label would decide about a single end
_FEWEST_FOR_TWO_SIDES = 30
_SMALLEST = 0.25
_ALMOST = 1e-9


@dataclass(frozen=True)
class Scale:
    """How an attribute is measured: in its unit, or by ratios (an error of one storey is more on two)."""

    by_ratio: bool

    def to(self, values: FloatArray) -> FloatArray:
        """Return values on the scale on which errors are alike."""
        return np.log(np.maximum(values, _SMALLEST)) if self.by_ratio else values

    def back(self, values: FloatArray) -> FloatArray:
        """Return values in their unit."""
        return np.exp(values) if self.by_ratio else values


@dataclass(frozen=True)
class Margins:
    """How far the lower and the upper end of a range move outwards in each stratum, on the scale."""

    below: FloatArray
    above: FloatArray
    scale: Scale

    def widen(self, quantiles: FloatArray, stratum: IntArray) -> FloatArray:
        """Return (n, q) quantiles with their first and last moved; none crosses the others.

        Examples
        --------
        >>> margins = Margins(np.array([5.0]), np.array([-30.0]), Scale(by_ratio=False))
        >>> margins.widen(np.array([[1900.0, 1950.0, 1970.0]]), np.zeros(1, dtype=np.int64))
        array([[1895., 1950., 1950.]])
        """
        moved = quantiles.copy()
        ends = self.scale.to(quantiles[:, [0, -1]])
        outer = self.scale.back(
            np.column_stack([ends[:, 0] - self.below[stratum], ends[:, 1] + self.above[stratum]])
        )
        moved[:, 0] = np.minimum(outer[:, 0], quantiles[:, 1])
        moved[:, -1] = np.maximum(outer[:, 1], quantiles[:, -2])
        return moved


def no_margins(scale: Scale, stratum_count: int) -> Margins:
    """Return margins that move nothing."""
    return Margins(np.zeros(stratum_count), np.zeros(stratum_count), scale)


def effective_count(scores: FloatArray, block: IntArray) -> float:
    """Return how many independent labels tell as much as these, of which those of one block err alike.

    n / (1 + (m − 1) ρ) with m labels in a block, on average over labels, and ρ the correlation within
    blocks (Kish 1965), here from an analysis of variance.

    Examples
    --------
    Five blocks of four labels with the same error each, and twenty labels that err on their own:

    >>> effective_count(np.repeat([1.0, -2.0, 4.0, 0.0, 3.0], 4), np.repeat(np.arange(5), 4))
    5.0
    >>> effective_count(np.tile([1.0, -1.0], 10), np.repeat(np.arange(5), 4))
    20.0
    """
    _, number, size = np.unique(block, return_inverse=True, return_counts=True)
    count, blocks = len(scores), len(size)
    if blocks < 2 or count == blocks:
        return float(blocks)
    mean = np.bincount(number, weights=scores) / size
    between = float((size * (mean - scores.mean()) ** 2).sum() / (blocks - 1))
    within = float(((scores - mean[number]) ** 2).sum() / (count - blocks))
    usual = (count - float((size**2).sum()) / count) / (blocks - 1)
    total = between + (usual - 1.0) * within
    alike = float(np.clip((between - within) / total, 0.0, 1.0)) if total > 0.0 else 0.0
    return float(count / (1.0 + (float((size**2).sum()) / count - 1.0) * alike))


def _reach(scores: FloatArray, share: float, effective: float) -> float:
    """Return the score that holds a share of the next label too."""
    return float(np.quantile(scores, min(1.0, share * (1.0 + 1.0 / effective))))


def _sides(below: FloatArray, above: FloatArray, block: IntArray) -> tuple[float, float]:
    worst = np.maximum(below, above)
    effective = effective_count(worst, block)
    if len(below) < _FEWEST_FOR_TWO_SIDES:
        both = _reach(worst, WANTED_SHARE, effective)
        return both, both
    each = (1.0 + WANTED_SHARE) / 2.0
    return _reach(below, each, effective), _reach(above, each, effective)


@dataclass(frozen=True)
class Labels:
    """n true values, with the stratum and the block of each; the labels of one block err alike."""

    values: FloatArray
    stratum: IntArray
    block: IntArray
    stratum_count: int
    scale: Scale

    def take(self, rows: BoolArray) -> Labels:
        """Return some of the labels."""
        return Labels(self.values[rows], self.stratum[rows], self.block[rows], self.stratum_count, self.scale)


def find_margins(quantiles: FloatArray, labels: Labels, *, only_wider: bool) -> Margins:
    """Return the margins with which the ranges would have held 8 of 10 labels.

    Parameters
    ----------
    quantiles : (n, q) array
        What was said of the labels without knowing them; first and last are the ends.
    labels : Labels
    only_wider : bool
        Never narrow a range: labels that are no fair sample may add doubt, not take it away.

    Examples
    --------
    Ten labels of ten blocks, nine of them inside or up to 4 beyond the range, one far out:

    >>> said = np.tile([10.0, 15.0, 20.0], (10, 1))
    >>> true = np.array([12.0, 13, 15, 17, 18, 20, 22, 23, 24, 99])
    >>> labels = Labels(true, np.zeros(10, dtype=int), np.arange(10), 1, Scale(by_ratio=False))
    >>> find_margins(said, labels, only_wider=True).above
    array([3.92])
    """
    found = no_margins(labels.scale, labels.stratum_count)
    low, high, true = (
        labels.scale.to(values) for values in (quantiles[:, 0], quantiles[:, -1], labels.values)
    )
    for number in range(labels.stratum_count):
        rows = labels.stratum == number
        if int(rows.sum()) >= FEWEST_LABELS:
            found.below[number], found.above[number] = _sides(
                (low - true)[rows], (true - high)[rows], labels.block[rows]
            )
    if only_wider:
        return Margins(np.maximum(found.below, 0.0), np.maximum(found.above, 0.0), labels.scale)
    return found


def held(quantiles: FloatArray, labels: FloatArray) -> BoolArray:
    """Say which labels lie between the first and the last quantile."""
    return np.asarray(
        (labels >= quantiles[:, 0] - _ALMOST) & (labels <= quantiles[:, -1] + _ALMOST), dtype=bool
    )


def judged_coverage_share(
    quantiles: FloatArray, labels: Labels, folds: IntArray, *, only_wider: bool
) -> float:
    """Return the share of labels inside their ranges, each judged with margins of the other folds."""
    inside = np.zeros(len(labels.values), dtype=bool)
    for fold in np.unique(folds):
        out = folds == fold
        margins = find_margins(quantiles[~out], labels.take(~out), only_wider=only_wider)
        inside[out] = held(margins.widen(quantiles[out], labels.stratum[out]), labels.values[out])
    return float(inside.mean()) if len(inside) else float("nan")


def is_clearly_smaller(error: FloatArray, other: FloatArray, block: IntArray, *, needed_ratio: float) -> bool:
    """Say whether errors are clearly smaller than others, label by label.

    They must be smaller by a ratio, and by more than one standard error of the difference, taken over
    whole blocks because neighbours err alike.

    Examples
    --------
    >>> block = np.repeat(np.arange(10), 3)
    >>> is_clearly_smaller(np.ones(30), np.full(30, 2.0), block, needed_ratio=0.95)
    True
    >>> one_bad_block = np.where(block == 3, 13.0, 1.0)
    >>> is_clearly_smaller(np.ones(30), one_bad_block, block, needed_ratio=0.95)
    False
    """
    if not len(error) or not float(error.mean()) <= needed_ratio * float(other.mean()):
        return False
    _, number = np.unique(block, return_inverse=True)
    gain = np.bincount(number, weights=other - error)
    if len(gain) < 2:
        return False
    standard_error = float(gain.std(ddof=1) * np.sqrt(len(gain)))
    return bool(gain.sum() > standard_error + _ALMOST * abs(float(gain.sum())))
