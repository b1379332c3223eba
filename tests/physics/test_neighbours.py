"""What lies within a radius."""

from __future__ import annotations

import numpy as np

from layers.physics.neighbours import near_statistics


def test_points_on_the_edge_of_the_radius_count():
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [100.1, 0.0]])
    count, total, _ = near_statistics(xy, np.array([1.0, 10.0, 100.0]), 100.0)
    assert count.tolist() == [2, 3, 2]
    assert total.tolist() == [11.0, 111.0, 110.0]


def test_the_grid_finds_what_a_full_comparison_finds():
    rng = np.random.default_rng(3)
    xy = rng.uniform(-2000, 2000, (300, 2))
    weight = rng.lognormal(5, 1, 300)
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 250
    count, total, median = near_statistics(xy, weight, 250.0)
    assert (count == near.sum(axis=1)).all()
    np.testing.assert_allclose(total, near @ weight, rtol=1e-12)
    np.testing.assert_allclose(median, [np.median(weight[row]) for row in near])


def test_no_points_have_no_neighbours():
    count, total, median = near_statistics(np.zeros((0, 2)), np.zeros(0), 100.0)
    assert len(count) == len(total) == len(median) == 0


def test_the_order_of_the_rows_changes_no_bit():
    rng = np.random.default_rng(4)
    xy, weight, order = rng.uniform(0, 900, (200, 2)), rng.uniform(0, 1, 200), rng.permutation(200)
    one = near_statistics(xy, weight, 100.0)
    two = near_statistics(xy[order], weight[order], 100.0)
    for a, b in zip(one, two, strict=True):
        assert (a[order] == b).all()
