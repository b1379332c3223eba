"""What holds for every calibration, whatever the numbers."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.physics.raking import Prior, make_entries, rake

SIZES = st.lists(st.floats(1.0, 1e6), min_size=2, max_size=12)


def case(space, seed, total_count):
    rng = np.random.default_rng(seed)
    space = np.array(space)
    part = rng.integers(0, 4, len(space))
    shares = scipy.sparse.csr_matrix((rng.random((total_count, len(space))) < 0.6) * 1.0)
    shares = scipy.sparse.vstack([shares, np.ones((1, len(space)))], format="csr")
    every = np.ones(shares.shape[0])
    entries = make_entries(shares, part, part, every, np.zeros(len(every)), 4)
    amounts = entries.amounts(space, np.zeros_like(space))
    kept = entries.sums(amounts, np.zeros(4)) > 0
    if not kept.all():
        entries = make_entries(shares[kept], part, part, every[kept], np.zeros(int(kept.sum())), 4)
        amounts = entries.amounts(space, np.zeros_like(space))
    return entries, amounts


@given(SIZES, st.integers(0, 1000), st.integers(1, 3))
@settings(max_examples=40)
def test_factors_that_could_be_are_found_again_in_the_totals(space, seed, total_count):
    entries, amounts = case(space, seed, total_count)
    truth = np.random.default_rng(seed).normal(0, 0.3, 4)
    given_kwh = entries.sums(amounts, truth)
    found = rake(entries, amounts, given_kwh, np.full(len(given_kwh), 1e-4), Prior(2.0, 2.0))
    assert entries.sums(amounts, found.log_ratio) == pytest.approx(given_kwh, rel=1e-3)


@given(SIZES, st.integers(0, 1000), st.floats(0.01, 2.0))
@settings(max_examples=40)
def test_totals_equal_to_the_model_change_nothing(space, seed, width):
    entries, amounts = case(space, seed, 2)
    given_kwh = entries.sums(amounts, np.zeros(4))
    found = rake(entries, amounts, given_kwh, np.full(len(given_kwh), 0.05), Prior(width, width))
    assert np.abs(found.log_ratio).max() < 1e-9


@given(SIZES, st.integers(0, 1000), st.floats(0.3, 3.0))
@settings(max_examples=40)
def test_the_order_of_totals_changes_nothing(space, seed, ratio):
    entries, amounts = case(space, seed, 3)
    rng = np.random.default_rng(seed)
    given_kwh = entries.sums(amounts, np.zeros(4)) * ratio ** rng.random(entries.total_count)
    error = rng.uniform(0.01, 0.2, entries.total_count)
    found = rake(entries, amounts, given_kwh, error, Prior(0.2, 0.2)).log_ratio
    order = rng.permutation(entries.total_count)
    place = np.argsort(order)
    turned = type(entries)(
        place[entries.total],
        entries.part,
        entries.space,
        entries.water,
        entries.total_count,
        4,
        entries.kind,
        entries.place,
    )
    again = rake(turned, amounts, given_kwh[order], error[order], Prior(0.2, 0.2)).log_ratio
    assert again == pytest.approx(found, abs=1e-8)


@given(SIZES, st.integers(0, 1000), st.floats(0.2, 5.0))
@settings(max_examples=40)
def test_a_calibrated_total_lies_between_the_model_and_what_is_known(space, seed, ratio):
    entries, amounts = case(space, seed, 0)
    before = entries.sums(amounts, np.zeros(4))
    found = rake(entries, amounts, before * ratio, np.full(len(before), 0.05), Prior(0.2, 0.2))
    after = entries.sums(amounts, found.log_ratio)[-1] / before[-1]
    assert min(1.0, ratio) - 1e-9 <= after <= max(1.0, ratio) + 1e-9
    # the surer the total, the nearer
    surer = rake(entries, amounts, before * ratio, np.full(len(before), 0.01), Prior(0.2, 0.2))
    nearer = entries.sums(amounts, surer.log_ratio)[-1] / before[-1]
    assert abs(np.log(nearer / ratio)) <= abs(np.log(after / ratio)) + 1e-9
