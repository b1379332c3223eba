"""Party walls: cases that a person can measure with a ruler, and a second way of measuring."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import affinity

from layers.physics.walls import polygon_edges, wall_pairs


def shared(*houses: shapely.Geometry) -> dict[tuple[int, int], float]:
    left, right, length = wall_pairs(
        np.array(houses, dtype=object), tolerance_m=0.3, largest_angle_deg=15, shortest_m=0.2
    )
    return {
        (int(a), int(b)): pytest.approx(float(m), abs=1e-9)
        for a, b, m in zip(left, right, length, strict=True)
    }


HOUSE = shapely.box(0, 0, 8, 10)


def test_houses_that_touch_share_the_stretch_they_have_in_common():
    assert shared(HOUSE, shapely.box(8, 4, 16, 14)) == {(0, 1): 6.0}


def test_a_courtyard_of_no_corners_is_none():
    hollow = shapely.polygons(shapely.get_exterior_ring(HOUSE), holes=[shapely.from_wkt("LINEARRING EMPTY")])
    assert shared(hollow, shapely.box(8, 4, 16, 14)) == {(0, 1): 6.0}
    assert shared(shapely.box(8, 4, 16, 14), hollow) == {(0, 1): 6.0}


@pytest.mark.parametrize("gap_m", [0.29, 0.1, 0.0, -0.1, -0.29])
def test_a_gap_or_an_overlap_of_a_hand_is_still_one_wall(gap_m):
    assert shared(HOUSE, shapely.box(8 + gap_m, 0, 16, 10)) == {(0, 1): 10.0}


def test_an_alley_is_no_wall():
    assert shared(HOUSE, shapely.box(8.31, 0, 16, 10)) == {}


def test_far_parallel_walls_of_touching_houses_do_not_count():
    # 8 m wide houses: the outer walls are parallel to the party wall, 8 and 16 m away
    row = [shapely.box(8 * k, 0, 8 * k + 8, 10) for k in range(4)]
    assert shared(*row) == {(0, 1): 10.0, (1, 2): 10.0, (2, 3): 10.0}


def test_corners_that_touch_are_no_wall():
    assert shared(HOUSE, shapely.box(8, 10, 16, 20)) == {}
    assert shared(HOUSE, shapely.box(7.9, 9.9, 16, 20)) == {}


def test_a_wall_drawn_with_many_vertices_is_as_long_as_with_two():
    other = shapely.segmentize(shapely.box(8, 0, 16, 10), 0.7)
    assert shared(HOUSE, other) == {(0, 1): 10.0}


def test_a_wall_at_a_right_angle_does_not_count():
    assert shared(HOUSE, shapely.box(8, 4.9, 18, 5.0)) == {}  # only its 0.1 m wide end touches


def test_a_tilted_wall_counts_as_far_as_it_is_near():
    # 5.7 degrees: leaves the 0.3 m strip after 3 m along the straight wall, 3.015 m along its own
    wedge = shapely.Polygon([(8, 0), (18, 0), (18, 10), (9, 10)])
    assert shared(HOUSE, wedge) == {(0, 1): 3.0}


def test_a_house_in_a_courtyard_shares_the_courtyard_walls():
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    assert shared(ring, shapely.box(10, 10, 20, 15)) == {(0, 1): 5 + 10 + 5}


def test_stacked_outlines_look_the_same_way_and_share_nothing():
    assert shared(HOUSE, shapely.box(0, 0, 8, 10)) == {}
    assert shared(HOUSE, shapely.box(0, 0, 4, 10)) == {}


def test_a_wall_that_two_neighbours_cover_counts_once():
    neighbours = [shapely.box(8, 0, 16, 10), shapely.box(8.1, 0, 14, 10)]
    left, _, length = wall_pairs(
        np.array([HOUSE, *neighbours], dtype=object), tolerance_m=0.3, largest_angle_deg=15, shortest_m=0.2
    )
    assert length[left == 0].sum() == pytest.approx(10.0)


def test_two_walls_of_a_neighbour_within_the_tolerance_count_once():
    # the neighbour's outline steps back by 0.2 m behind a 5 m long fin: both faces are within reach
    fin = shapely.Polygon([(8, 0), (16, 0), (16, 10), (8.2, 10), (8.2, 2), (8.1, 2), (8.1, 6), (8, 6)])
    assert shared(HOUSE, fin)[(0, 1)] == pytest.approx(10.0)


def test_the_direction_in_which_a_ring_was_drawn_does_not_matter():
    other = shapely.box(8, 4, 16, 14)
    assert shared(shapely.reverse(HOUSE), other) == shared(HOUSE, shapely.reverse(other)) == {(0, 1): 6.0}


def test_parts_of_one_building_are_not_neighbours_of_each_other():
    pair = shapely.MultiPolygon([HOUSE, shapely.box(8.1, 0, 16, 10)])
    assert shared(pair) == {}
    assert shared(pair, shapely.box(16, 0, 20, 10)) == {(0, 1): 10.0}


def test_a_city_without_buildings_has_no_walls():
    assert shared() == {}
    assert len(polygon_edges(np.array([], dtype=object)).length_m) == 0


def test_a_wall_far_from_the_origin_is_measured_as_well_as_near_it():
    moved = [affinity.translate(g, 385_000.123, 6_672_000.456) for g in (HOUSE, shapely.box(8.1, 4, 16, 14))]
    left, _, length = wall_pairs(
        np.array(moved, dtype=object), tolerance_m=0.3, largest_angle_deg=15, shortest_m=0.2
    )
    assert len(left) == 1
    assert length[0] == pytest.approx(6.0, abs=1e-6)


def test_a_town_of_random_blocks_agrees_with_buffers_within_one_percent():
    """Buffers reach 0.3 m around every end of a wall; taken off, they measure the same length."""
    rng = np.random.default_rng(7)
    cuts = np.cumsum(rng.uniform(6, 20, 40))
    gaps = rng.uniform(-0.02, 0.02, 39)
    deep, shift = rng.uniform(8, 16, 39), rng.uniform(-3, 3, 39)
    houses = np.array(
        [
            affinity.rotate(shapely.box(a, s, b - g, s + d), 23, origin=(0, 0))
            for a, b, s, d, g in zip(cuts[:-1], cuts[1:], shift, deep, gaps, strict=True)
        ],
        dtype=object,
    )
    left, right, length = wall_pairs(houses, tolerance_m=0.3, largest_angle_deg=15, shortest_m=0.2)
    assert len(left) == 38

    def by_buffer(one, two):
        near = shapely.line_merge(
            shapely.intersection(shapely.boundary(one), shapely.buffer(two, 0.3, join_style="mitre"))
        )
        return shapely.length(near) - 0.6 * shapely.get_num_geometries(near)

    expected = np.minimum(by_buffer(houses[left], houses[right]), by_buffer(houses[right], houses[left]))
    assert length.sum() == pytest.approx(expected.sum(), rel=0.01)
