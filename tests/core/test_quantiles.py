import numpy as np
import pytest

from layers.core.quantiles import likely_range


def test_the_range_of_a_log_normal_sum_is_met_with_few_draws_more_often_than_by_counting():
    rng = np.random.default_rng(1)
    draws = np.exp(0.25 * rng.standard_normal((400, 200)))
    low, high = likely_range(draws)
    counted_low, counted_high = np.quantile(draws, [0.1, 0.9], axis=1)
    true_low, true_high = np.exp([-0.25 * 1.2815515655, 0.25 * 1.2815515655])
    assert low.mean() == pytest.approx(true_low, rel=0.005)
    assert high.mean() == pytest.approx(true_high, rel=0.005)
    assert low.std() < 0.9 * counted_low.std() and high.std() < 0.9 * counted_high.std()


def test_lopsided_and_negative_sums_keep_their_shape():
    even = (np.arange(2000) + 0.5) / 2000
    lopsided = -np.log(1.0 - even)
    low, high = likely_range(np.array([lopsided, 5.0 - 10.0 * even, np.full(2000, 7.0), np.zeros(2000)]))
    assert high[0] == pytest.approx(np.quantile(lopsided, 0.9), rel=0.05)
    assert low[1] == pytest.approx(-4.0, abs=0.15) and high[1] == pytest.approx(4.0, abs=0.15)
    assert (low[2], high[2]) == pytest.approx((7.0, 7.0))
    assert (low[3], high[3]) == (0.0, 0.0)


def test_the_order_of_draws_changes_nothing_and_none_is_a_gap():
    rng = np.random.default_rng(2)
    draws = rng.lognormal(size=(1, 100))
    assert likely_range(draws) == likely_range(draws[:, ::-1])
    low, high = likely_range(np.empty((2, 0)))
    assert np.isnan(low).all() and np.isnan(high).all()


def test_a_handful_of_draws_is_counted_off():
    low, high = likely_range(np.arange(11.0)[None, :])
    assert (low[0], high[0]) == (1.0, 9.0)
