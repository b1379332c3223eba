"""Roots outside the streets, several of them, and streets in which a pipe must or must not lie."""

import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from layers.physics.district_network import Pipework, build_graph, plan_district
from layers.physics.graphs import components, tree_faults
from layers.physics.heat_tree import Design
from layers.physics.network_roots import FeedIns, add_feed_ins, forced_edges, is_feed_in
from layers.physics.pipes import read_pipe_sizes, water_at

SIZES = read_pipe_sizes()
PIPES = Pipework(
    SIZES, Design(70.0, 40.0, 10.0, 0.62, 0.38, 250.0, 5e-5, 1.0, 1.2, 0.024), water_at(55.0),
    SIZES.trench_eur_per_m, 50.0, 20.0,
)  # fmt: skip
LINKS = {"link_count": 3, "reach_m": 200.0, "detour_m": 30.0}


def objects(geometries):
    made = np.empty(len(geometries), dtype=object)
    made[:] = geometries
    return made


def planned(lines, houses, *, sources=(), detour_ratio=1.0, forced=None, blocked=None, prize_eur=1e6):
    street = build_graph(objects(houses), objects(lines), **LINKS, blocked=blocked)
    ones = np.ones(len(houses))
    return plan_district(
        street, 60.0 * ones, 30.0 * ones, prize_eur * ones, 1.0, PIPES,
        feed_ins=FeedIns(objects(list(sources)), detour_ratio) if sources else None, forced_section=forced,
    )  # fmt: skip


STREET = LineString([(0, 0), (100, 0)])
HOUSES = [Point(x, 10) for x in (20, 40, 60)]


def test_the_way_from_the_source_to_the_nearest_street_node_is_part_of_the_trench():
    found = planned([STREET], HOUSES, sources=[Point(-300, 0)])
    # 300 m to the end of the street, 60 m along it, three links of 10 m
    assert found.trench.length_m == pytest.approx(300 + 60 + 30, abs=0.2)
    assert found.feed_in_m == pytest.approx(300.0)
    assert found.trench.gap_share == pytest.approx(0.0, abs=1e-6)
    assert planned([STREET], HOUSES, sources=[Point(-300, 0)], detour_ratio=1.4).feed_in_m == pytest.approx(
        420
    )
    assert planned([STREET], HOUSES).feed_in_m == 0.0


def test_a_lake_feeds_in_from_its_nearest_shore():
    assert planned([STREET], HOUSES, sources=[box(150, -50, 400, 50)]).feed_in_m == pytest.approx(50.0)


def test_two_far_clusters_with_two_sources_get_two_trees():
    lines = [STREET, LineString([(5000, 0), (5100, 0)])]
    houses = [*HOUSES, *(Point(5000 + house.x, 10) for house in HOUSES)]
    found = planned(lines, houses, sources=[Point(-50, 0), Point(5150, 0)])
    assert len(found.reached) == 6
    graph, edges = found.street.graph, found.trench.edges
    assert tree_faults(graph, edges, np.append(found.street.consumer_node, found.root)) == []
    inside = edges[~is_feed_in(found.street)[edges]]
    part = components(graph, inside)[found.street.consumer_node]
    assert len(set(part[:3])) == len(set(part[3:])) == 1
    assert part[0] != part[3]
    assert found.trench.length_m == pytest.approx(50 + 60 + 30 + 50 + 80 + 30, abs=0.3)
    # both feed-ins carry their half
    feeds = is_feed_in(found.street)[edges]
    assert found.sized.consumer_count[feeds].tolist() == [3, 3]
    assert found.plant_kw(found.sized) == pytest.approx(found.sized.load_kw[feeds].sum())


def test_one_source_serves_the_part_with_most_heat_even_from_the_far_side_of_a_small_one():
    lines = [STREET, LineString([(900, 0), (950, 0)])]
    crowd = [Point(x, 10) for x in range(0, 100, 5)]
    found = planned(lines, [*crowd, Point(910, 10)], sources=[Point(960, 0)])
    assert found.reached.tolist() == list(range(20))
    assert found.feed_in_m == pytest.approx(860.0)


def test_without_streets_or_consumers_no_source_can_feed_in():
    street = build_graph(objects([Point(0, 5_000)]), objects([STREET]), **LINKS)
    assert add_feed_ins(street, np.ones(1), FeedIns(objects([Point(0, 0)]), 1.0)) is None
    assert planned([STREET], [Point(0, 5_000)], sources=[Point(0, 0)]) is None


# a square of streets; the houses at two of its corners
RING = [
    LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 100)]),
    LineString([(100, 100), (0, 100)]), LineString([(0, 100), (0, 0)]),
]  # fmt: skip
CORNERS = [Point(0, -10), Point(100, -10)]


def test_a_forced_street_is_in_the_trench_and_counts_with_its_length():
    assert planned(RING, CORNERS).trench.length_m == pytest.approx(120.0, abs=0.2)
    forced = np.array([False, False, True, False])
    found = planned(RING, CORNERS, forced=forced)
    edges = found.trench.edges
    assert (found.street.edge_section[edges] == 2).any()
    # the far side of the square, and two of its three other sides
    assert found.trench.length_m == pytest.approx(20 + 300, abs=0.3)
    assert found.trench.bound_m <= found.trench.length_m + 1e-6
    assert (found.street.edge_section[found.worth.edges] == 2).any()
    assert tree_faults(found.street.graph, edges, np.append(found.street.consumer_node, found.root)) == []


def test_a_forced_street_is_laid_even_where_nobody_is_worth_joining():
    forced = np.array([False, False, True, False])
    poor = planned(RING, CORNERS, forced=forced, prize_eur=1.0)
    assert (poor.street.edge_section[poor.worth.edges] == 2).any()
    assert poor.worth.value_eur < 0
    assert len(planned(RING, CORNERS, prize_eur=1.0).worth.edges) == 0


def test_a_ring_of_forced_streets_leaves_one_of_them_out():
    found = planned(RING, CORNERS, forced=np.ones(4, dtype=bool))
    laid = forced_edges(found.street, np.ones(4, dtype=bool))[found.trench.edges].sum()
    assert laid == forced_edges(found.street, np.ones(4, dtype=bool)).sum() - 1
    assert found.trench.bound_m <= found.trench.length_m + 1e-6


def test_no_pipe_lies_in_a_forbidden_street():
    found = planned(RING, CORNERS, blocked=np.array([True, False, False, False]))
    assert not (found.street.edge_section[found.trench.edges] == 0).any()
    assert found.trench.length_m > 300.0
