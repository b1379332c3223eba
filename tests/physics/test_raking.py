"""Factors on paper: one kind, two kinds, totals that agree and totals that do not."""

import numpy as np
import pytest
import scipy.sparse

from layers.physics.raking import Prior, make_entries, rake, rake_each


def case(space, shares, space_part, water=None, water_part=None):
    """Make entries of a few buildings: which totals count them, and which factor they have."""
    space = np.array(space, dtype=float)
    water = np.zeros_like(space) if water is None else np.array(water, dtype=float)
    water_part = np.zeros(len(space), dtype=int) if water_part is None else np.array(water_part)
    shares = scipy.sparse.csr_matrix(np.array(shares, dtype=float))
    every = np.ones(shares.shape[0])
    count = int(max(*space_part, *water_part)) + 1
    entries = make_entries(shares, np.array(space_part), water_part, every, every, count)
    return entries, entries.amounts(space, water)


def factors(entries, amounts, given, error=1e-6, prior=None):
    error = np.full(len(given), error)
    found = rake(entries, amounts, np.array(given, float), error, prior or Prior(1.0, 1.0))
    return np.exp(found.log_ratio)


def test_a_weak_prior_reproduces_exact_totals_of_two_kinds():
    entries, amounts = case([100.0, 300.0], [[1, 0], [0, 1]], [0, 1])
    assert factors(entries, amounts, [80.0, 450.0]) == pytest.approx([0.8, 1.5], rel=1e-5)


def test_totals_equal_to_the_model_leave_every_factor_at_one():
    entries, amounts = case([100.0, 300.0, 50.0], [[1, 1, 0], [0, 1, 1]], [0, 1, 2])
    assert factors(entries, amounts, [400.0, 350.0]) == pytest.approx([1, 1, 1], abs=1e-12)


def test_one_total_of_two_kinds_moves_both_alike_when_both_weigh_the_same():
    entries, amounts = case([100.0, 100.0], [[1, 1]], [0, 1])
    found = factors(entries, amounts, [150.0])
    assert found == pytest.approx([0.75, 0.75], rel=1e-5)


def test_the_prior_and_the_error_of_a_total_share_what_is_missing_by_their_variances():
    # ln 0.5 is divided 0.05² to 0.2² + 0.2² between the misfit and the factor
    entries, amounts = case([100.0], [[1]], [0])
    found = rake(entries, amounts, np.array([50.0]), np.array([0.05]), Prior(0.2, 0.2))
    wanted = np.log(0.5) * 0.08 / (0.08 + 0.0025)
    assert found.log_ratio == pytest.approx([wanted], rel=1e-9)
    assert found.kind_deviation_ratio == pytest.approx([np.sqrt(0.08 * 0.0025 / 0.0825)], rel=1e-9)


def test_totals_that_contradict_each_other_meet_in_the_middle():
    entries, amounts = case([100.0], [[1], [1]], [0])
    found = factors(entries, amounts, [50.0, 200.0], error=0.1, prior=Prior(5.0, 5.0))
    assert found == pytest.approx([1.0], rel=1e-3)


def test_a_kind_that_no_total_counts_follows_what_all_have_in_common():
    entries, amounts = case([100.0, 100.0], [[1, 0]], [0, 1])
    common = factors(entries, amounts, [50.0], prior=Prior(0.2, 0.2))
    assert common[0] == pytest.approx(0.5, rel=1e-4)
    assert common[1] == pytest.approx(np.sqrt(0.5), rel=1e-4)
    own = factors(entries, amounts, [50.0], prior=Prior(0.0, 0.2))
    assert own == pytest.approx([0.5, 1.0], rel=1e-4)


def test_half_a_building_counts_half():
    entries, amounts = case([100.0], [[0.5]], [0])
    assert amounts.tolist() == [50.0]
    assert factors(entries, amounts, [25.0]) == pytest.approx([0.5], rel=1e-5)


def test_rooms_and_hot_water_have_factors_of_their_own():
    entries, amounts = case([100.0], [[1]], [0], water=[25.0], water_part=[1])
    assert amounts.sum() == 125.0
    assert entries.sums(amounts, np.log([0.5, 2.0])).tolist() == pytest.approx([100.0])


def test_each_draw_is_raked_like_a_case_of_its_own():
    entries, amounts = case([100.0, 300.0], [[1, 1], [0, 1]], [0, 1])
    given, error, prior = np.array([300.0, 200.0]), np.array([0.02, 0.05]), Prior(0.2, 0.3)
    start = rake(entries, amounts, given, error, prior)
    drawn = np.column_stack([amounts, 1.3 * amounts])
    wanted = np.column_stack([given, 0.9 * given])
    found = rake_each(entries, drawn, wanted, error, prior, start=start)
    for number in range(2):
        alone = rake(entries, drawn[:, number], wanted[:, number], error, prior)
        assert found[number] == pytest.approx(alone.log_ratio, abs=1e-8)


def test_many_totals_and_few_factors_are_solved_like_few_totals_and_many_factors():
    rng = np.random.default_rng(1)
    space = rng.uniform(50, 150, 60)
    part = np.arange(60) % 6
    for count in (3, 40):
        shares = rng.uniform(0, 1, (count, 60))
        entries, amounts = case(space, shares, part)
        truth = rng.normal(0, 0.2, 6)
        given = entries.sums(amounts, truth)
        found = rake(entries, amounts, given, np.full(count, 1e-4), Prior(1.0, 1.0))
        assert entries.sums(amounts, found.log_ratio) == pytest.approx(given, rel=1e-4)
        if count > 6:
            assert found.log_ratio == pytest.approx(truth, abs=1e-2)


def test_two_places_with_totals_of_their_own_are_both_met_though_they_share_a_kind():
    shares = scipy.sparse.csr_matrix(np.eye(2))
    one, both = np.ones(2), np.arange(2)
    entries = make_entries(shares, both, both, one, 0 * one, 2, kind=np.zeros(2, dtype=int), place=both)
    amounts = np.array([100.0, 100.0])
    given = np.array([80.0, 130.0])
    apart = rake(entries, amounts, given, np.full(2, 1e-4), Prior(0.2, 0.2, 0.2))
    assert entries.sums(amounts, apart.log_ratio) == pytest.approx(given, rel=1e-3)
    assert apart.place_log_ratio[0] < 0 < apart.place_log_ratio[1]
    shared = rake(entries, amounts, given, np.full(2, 1e-4), Prior(0.2, 0.2, 0.0))
    assert np.ptp(shared.log_ratio) == pytest.approx(0.0, abs=1e-9)
