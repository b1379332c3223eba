"""Margins that make ranges hold what they promise."""

import numpy as np
import pytest

from layers.physics.calibration import (
    Labels,
    Scale,
    effective_count,
    find_margins,
    held,
    is_clearly_smaller,
    judged_coverage_share,
    no_margins,
)
from layers.physics.imputation import mixed_quantiles, pinball_loss

YEARS, RATIOS = Scale(by_ratio=False), Scale(by_ratio=True)


def labels(values, *, stratum=None, block=None, scale=YEARS, strata=1):
    count = len(values)
    return Labels(
        np.asarray(values, dtype=float),
        np.zeros(count, dtype=np.int64) if stratum is None else np.asarray(stratum),
        np.arange(count) if block is None else np.asarray(block),
        strata,
        scale,
    )


def said(count, low, middle, high):
    return np.tile([float(low), float(middle), float(high)], (count, 1))


def test_new_labels_of_the_same_kind_lie_inside_in_eight_of_ten_cases():
    random = np.random.default_rng(1)
    shares = []
    for _ in range(60):
        known, new = random.normal(50, 20, 80), random.normal(50, 20, 400)
        margins = find_margins(said(80, 45, 50, 55), labels(known), only_wider=False)
        moved = margins.widen(said(400, 45, 50, 55), np.zeros(400, dtype=np.int64))
        shares.append(held(moved, new).mean())
    assert 0.78 <= np.mean(shares) <= 0.85


def test_a_range_that_is_too_wide_becomes_narrower_only_where_that_is_allowed():
    true = np.linspace(90, 110, 40)
    narrow = find_margins(said(40, 0, 100, 200), labels(true), only_wider=False)
    kept = find_margins(said(40, 0, 100, 200), labels(true), only_wider=True)
    assert narrow.below[0] < -80 and narrow.above[0] < -80
    assert kept.below[0] == kept.above[0] == 0.0


def test_an_error_of_one_storey_counts_more_on_two_than_on_eight():
    known = labels(np.full(40, 4.0), scale=RATIOS)
    margins = find_margins(said(40, 2, 2, 2), known, only_wider=True)
    moved = margins.widen(np.array([[2.0, 2.0, 2.0], [8.0, 8.0, 8.0]]), np.zeros(2, dtype=np.int64))
    assert moved[:, 2].tolist() == pytest.approx([4.0, 16.0])


def test_monuments_and_others_have_margins_of_their_own():
    true = np.concatenate([np.full(10, 1600.0), np.full(10, 1960.0)])
    stratum = np.repeat([1, 0], 10)
    margins = find_margins(
        said(20, 1900, 1950, 2000), labels(true, stratum=stratum, strata=2), only_wider=True
    )
    assert margins.below.tolist() == [0.0, 300.0]


def test_four_labels_say_nothing():
    margins = find_margins(said(4, 0, 1, 2), labels([9.0] * 4), only_wider=True)
    assert margins.above.tolist() == [0.0]


def test_ends_never_cross_the_middle():
    margins = no_margins(YEARS, 1)
    shrunk = type(margins)(np.array([-500.0]), np.array([-500.0]), YEARS)
    assert shrunk.widen(said(1, 1900, 1950, 2000), np.zeros(1, dtype=np.int64)).tolist() == [[1950.0] * 3]


def test_labels_of_one_block_count_as_few():
    true = np.repeat([0.0, 10.0, -20.0, 30.0, 5.0], 8)
    alone = find_margins(said(40, -1, 0, 1), labels(true), only_wider=True)
    together = find_margins(
        said(40, -1, 0, 1), labels(true, block=np.repeat(np.arange(5), 8)), only_wider=True
    )
    assert effective_count(np.abs(true), np.repeat(np.arange(5), 8)) == 5.0
    assert together.above[0] >= alone.above[0]


def test_the_coverage_is_judged_by_margins_that_never_saw_the_label():
    # the last fold is unlike all others: its own margins would hold it, those of the others cannot
    true = np.concatenate([np.full(30, 10.0), np.full(10, 90.0)])
    folds = np.repeat([0, 1, 2, 3], 10)
    assert judged_coverage_share(said(40, 5, 10, 15), labels(true), folds, only_wider=True) == 0.75


def test_a_gain_in_one_block_only_is_not_clear():
    error, other = np.ones(40), np.ones(40)
    other[:4] = 30.0
    block = np.repeat(np.arange(10), 4)
    assert not is_clearly_smaller(error, other, block, needed_ratio=0.95)
    assert is_clearly_smaller(error, error + 1.0, block, needed_ratio=0.95)
    assert not is_clearly_smaller(error, error * 1.04, block, needed_ratio=0.95)
    assert not is_clearly_smaller(error, error + 1.0, np.zeros(40, dtype=int), needed_ratio=0.95)


def test_a_mixture_reaches_as_far_as_both_and_lies_between_them():
    old = np.array([[1850.0, 1870.0, 1890.0, 1900.0, 1910.0]])
    new = np.array([[1950.0, 1960.0, 1970.0, 1980.0, 2000.0]])
    mixed = mixed_quantiles(old, new, 0.5)[0]
    assert mixed[0] < 1890 and mixed[4] > 1970
    assert 1900 <= mixed[2] <= 1960
    assert (np.diff(mixed) >= 0).all()
    assert pinball_loss(mixed_quantiles(old, new, 0.5), np.array([1980.0])) < pinball_loss(
        old, np.array([1980.0])
    )
