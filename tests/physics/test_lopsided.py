"""Deviations with two sides: their mean, and what lies below a point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from layers.physics.lopsided import lopsided, lopsided_mean_ratio, share_below

# the middles of a million equally likely parts
Z = ndtri((np.arange(1_000_000) + 0.5) / 1_000_000)
SIDES = st.floats(0.0, 1.5)


@settings(max_examples=20, deadline=None)
@given(SIDES, SIDES)
def test_the_mean_is_that_of_the_distribution(down, up):
    factor = np.maximum(1.0 + lopsided(Z, np.array(down), np.array(up)), 0.2)
    exact = lopsided_mean_ratio(np.array([down]), np.array([up]), 0.2)[0]
    assert exact == pytest.approx(factor.mean(), abs=2e-5)


@settings(max_examples=20, deadline=None)
@given(SIDES, SIDES, st.floats(-2.0, 2.0))
def test_the_share_below_a_point_is_that_of_the_distribution(down, up, point):
    found = share_below(np.array([point]), np.array([down]), np.array([up]))[0]
    deviation = lopsided(Z, np.array(down), np.array(up))
    # a side without width has all its half in the middle
    assert (deviation < point).mean() - 1e-5 <= found <= (deviation <= point).mean() + 1e-5


def test_stated_p10_and_p90_are_kept_and_half_lies_on_either_side():
    deviation = lopsided(Z, np.array(10.0), np.array(30.0))
    low, middle, high = np.quantile(deviation, [0.1, 0.5, 0.9])
    assert (low, middle, high) == pytest.approx((-12.8155, 0.0, 38.4465), abs=1e-3)
