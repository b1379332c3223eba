"""Horizons of façades, by hand and by what may never happen."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from layers.physics.facade_view import REACH_M, facade_horizons_deg
from layers.physics.walls import polygon_edges

NORTH, EAST, SOUTH, WEST = 0, 2, 4, 6
FEW = settings(max_examples=40, deadline=None)


def horizons(outlines, heights, **more):
    edges = polygon_edges(np.array(outlines, dtype=object))
    return facade_horizons_deg(edges, np.array(heights, dtype=float), **more)[0]


def street(width_m, opposite_m, own_m=10.0):
    rows = [box(0, 0, 600, 10), box(-200, 10 + width_m, 800, 20 + width_m)]
    return horizons(rows, [own_m, opposite_m])[0, NORTH]


@pytest.mark.parametrize(
    ("width_m", "opposite_m"), [(5.0, 10.0), (10.0, 10.0), (20.0, 10.0), (10.0, 20.0), (30.0, 20.0)]
)
def test_an_endless_row_opposite_is_seen_at_its_own_height(width_m, opposite_m):
    by_hand = np.degrees(np.arctan((opposite_m - 5.0) / width_m))
    assert street(width_m, opposite_m) == pytest.approx(by_hand, abs=1.2)


def test_an_open_view_and_a_lower_neighbour_hide_nothing():
    assert (horizons([box(0, 0, 10, 10)], [9.0]) == 0).all()
    assert street(10.0, 4.9) == 0
    assert street(REACH_M + 5.0, 30.0) == 0


def test_a_party_wall_sees_nothing_and_takes_the_mean_of_the_other_facades():
    pair = horizons([box(0, 0, 10, 8), box(10.1, 0, 20, 8), box(0, 18, 20, 26)], [9.0, 9.0, 9.0])
    assert pair[0, SOUTH] == 0
    assert pair[0, WEST] == 0
    assert pair[0, NORTH] > 5
    assert 0 < pair[0, EAST] < pair[0, NORTH]


def test_one_sees_over_a_shed_that_leans_on_the_wall():
    shed = horizons([box(0, 0, 10, 8), box(10, 0, 14, 8)], [9.0, 2.5])
    assert shed[0, EAST] == 0


def test_the_wings_of_a_courtyard_hide_each_other_s_sky():
    ring = shapely.Polygon(box(0, 0, 60, 60).exterior, [box(20, 20, 40, 40).exterior])
    yard = horizons([ring], [20.0])[0]
    # half of the walls of each direction look out: 60 m free, 20 m into the yard, 10 m up in 20 m
    assert (yard[[NORTH, EAST, SOUTH, WEST]] > 3).all()
    assert yard[NORTH] == pytest.approx(yard[SOUTH], abs=1e-9)


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_turning_the_town_turns_the_horizons(turn_deg):
    town = [box(0, 0, 30, 10), box(0, 25, 40, 35), box(45, -10, 55, 30)]
    straight = horizons(town, [10.0, 14.0, 20.0])
    turned = horizons([affinity.rotate(one, -turn_deg, origin=(0, 0)) for one in town], [10.0, 14.0, 20.0])
    np.testing.assert_allclose(turned, np.roll(straight, turn_deg // 45, axis=1), atol=1e-6)


def test_moving_the_town_far_from_the_origin_changes_nothing():
    town = [box(0, 0, 30, 10), box(0, 25, 40, 35)]
    far = [affinity.translate(one, 500_000.0, 6_700_000.0) for one in town]
    np.testing.assert_allclose(horizons(far, [10, 14]), horizons(town, [10, 14]), atol=1e-6)


def test_order_of_rows_changes_nothing():
    town = [box(20 * i, 0, 20 * i + 12, 10 + i) for i in range(6)] + [box(0, 22, 120, 30)]
    heights = np.array([8.0, 12.0, 5.0, 9.0, 20.0, 7.0, 15.0])
    order = np.array([3, 6, 0, 5, 1, 4, 2])
    shuffled = horizons([town[i] for i in order], heights[order])
    np.testing.assert_array_equal(shuffled, horizons(town, heights)[order])


def test_a_town_spread_over_half_a_country_is_still_looked_at():
    spread = [box(0, 0, 10, 10), box(0, 20, 10, 30), box(900_000, 900_000, 900_010, 900_010)]
    assert horizons(spread, [10.0, 10.0, 10.0])[0, NORTH] > 5


@FEW
@given(st.floats(3, 60), st.floats(3, 60), st.floats(6, 50), st.floats(6, 50), st.floats(4, 30))
def test_nearer_and_higher_neighbours_never_leave_more_sky(near, far, low, high, own):
    near, far, low, high = min(near, far), max(near, far), min(low, high), max(low, high)
    assert street(near, low, own) >= street(far, low, own) - 1e-9
    assert street(near, high, own) >= street(near, low, own) - 1e-9


def test_nobody_is_no_town():
    assert horizons([], []).shape == (0, 8)
