"""What must hold for every list of what to survey."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.physics.survey_value import Doubt, fit_answer, left_ratio

PARTS = st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(-1, 1)), min_size=1, max_size=30)


@settings(max_examples=80, deadline=None)
@given(PARTS, st.floats(0, 1), st.randoms(use_true_random=False))
def test_knowing_everything_in_any_order_leaves_nothing(parts, share, random):
    deviation, slope = np.array([size for size, _ in parts]), np.array([size * part for size, part in parts])
    order = list(range(len(parts)))
    random.shuffle(order)
    whole = Doubt(deviation, slope)
    left = whole.left(Doubt(deviation[order], slope[order]), share)
    assert abs(left[-1]) <= 1e-6 * max(whole.variance(share), 1.0)
    first = whole.saved(share)[order[0]]
    assert np.isclose(whole.variance(share) - left[0], first, rtol=1e-6, atol=1e-6 * whole.variance(share))


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e6), st.floats(0.001, 1e6))
def test_a_range_never_grows_and_never_closes(deviation, whole):
    ratio = left_ratio(np.array([deviation]), np.array([whole]))[0]
    assert 0.2 < ratio <= 1.0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(10, 1e4), st.floats(50, 1e4), st.floats(0, 1e6)), min_size=1, max_size=40)
)
def test_heat_never_falls_below_zero_and_rises_with_losses(rows):
    loss, floor, heat = (np.array(column) for column in zip(*rows, strict=True))
    answer = fit_answer(heat, loss, floor)
    assert (answer.space_kwh(loss, floor) >= 0).all()
    assert (answer.space_kwh(loss * 2, floor) >= answer.space_kwh(loss, floor)).all()
