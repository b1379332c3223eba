"""Networks on streets: a real district through the whole chain, and small ones by hand."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from layers.core.errors import UsageProblem
from layers.physics.graphs import components, tree_faults
from layers.physics.heat_tree import Design
from layers.physics.network_plan import Consumers, passages, plan_network, shortest_trench
from layers.physics.pipes import read_pipe_sizes, water_at
from layers.physics.sections import cut_at_crossings
from layers.physics.street_graph import candidate_links, connected_part, make_street_graph

DISTRICT = Path(__file__).resolve().parents[1] / "golden" / "topotherm"
DESIGN = Design(80.0, 50.0, 10.0, 0.62, 0.38, 250.0, 5e-5, 1.0, 1.2, 0.024)
SIZES = read_pipe_sizes()
WATER = water_at(65.0)


def objects(geometries):
    made = np.empty(len(geometries), dtype=object)
    made[:] = geometries
    return made


def street_graph(lines, consumers, **changes):
    settings_ = {"most_count": 3, "reach_m": 200.0, "detour_m": 30.0, **changes}
    sections, consumers = objects(lines), objects(consumers)
    links = candidate_links(consumers, sections, **settings_)
    return make_street_graph(len(consumers), sections, links)


@pytest.fixture(scope="module")
def district():
    """Return the graph of the real district, its peaks, its yearly heat; the source is the last consumer."""
    roads, sinks, source = (gpd.read_file(DISTRICT / f"{name}.gpkg") for name in ("roads", "sinks", "source"))
    lines = np.asarray(roads.explode().geometry.array, dtype=object)
    sections, _ = cut_at_crossings(
        lines, np.zeros(len(lines), dtype=np.int64), np.ones(len(lines), dtype=bool)
    )  # fmt: skip
    street = street_graph(list(sections), [*sinks.geometry, *source.geometry])
    peak = np.append(sinks["ts_0"].to_numpy(), 0.0)
    heat_mwh = peak * np.append(sinks["flh_0"].to_numpy(), 0.0) / 1e3
    return street, peak, heat_mwh


def test_all_consumers_of_the_real_district_are_reached_and_edges_are_as_long_as_their_lines(district):
    street, peak, _ = district
    assert (street.consumer_node >= 0).all()
    assert len(connected_part(street, np.ones(len(peak)))[1]) == len(peak) == 201
    assert shapely.length(street.edge_line) == pytest.approx(street.graph.cost, abs=0.06)


def test_the_trench_of_the_real_district_is_certified_within_two_percent(district):
    street, peak, _ = district
    source = int(street.consumer_node[-1])
    found = shortest_trench(street, np.arange(len(peak) - 1), source)
    assert tree_faults(street.graph, found.edges, street.consumer_node) == []
    assert len(passages(street, found.edges)) == 0
    assert found.gap_share <= 0.02
    assert found.length_m == pytest.approx(street.graph.cost[found.edges].sum())


def test_the_real_district_is_planned_connected_and_sized(district):
    street, peak, heat_mwh = district
    source = int(street.consumer_node[-1])
    plan = plan_network(
        street, source, Consumers(peak, heat_mwh * 1_500.0), SIZES.trench_eur_per_m, SIZES, DESIGN, WATER
    )
    joined = plan.consumer[peak[plan.consumer] > 0]
    assert tree_faults(street.graph, plan.edges, np.append(street.consumer_node[joined], source)) == []
    assert len(passages(street, plan.edges)) == 0
    assert 100 < len(joined) < 200
    assert plan.value_eur == pytest.approx((heat_mwh[joined] * 1_500.0).sum() - plan.cost_eur)
    assert plan.cost_eur == pytest.approx(
        (street.graph.cost[plan.edges] * SIZES.trench_eur_per_m[plan.sized.size]).sum()
    )
    # all of the peak, less simultaneity, leaves the source
    leaving = np.flatnonzero(
        (street.graph.tail[plan.edges] == source) | (street.graph.head[plan.edges] == source)
    )
    assert plan.sized.consumer_count[leaving].sum() == len(joined)
    assert plan.sized.friction_pa_per_m.max() <= 250.0


def test_dearer_pipe_never_joins_more_and_cheap_heat_joins_nobody(district):
    street, peak, heat_mwh = district
    source = int(street.consumer_node[-1])
    joined = []
    for factor in (0.5, 1.0, 1.5, 2.0, 4.0):
        plan = plan_network(
            street, source, Consumers(peak, heat_mwh * 1_500.0), factor * SIZES.trench_eur_per_m,
            SIZES, DESIGN, WATER,
        )  # fmt: skip
        joined.append(heat_mwh[plan.consumer].sum())
        assert plan.value_eur >= 0.0
    assert joined == sorted(joined, reverse=True)
    assert joined[-1] == 0.0


def test_a_consumer_between_two_streets_is_no_passage():
    # two parallel streets that meet far away; the house in between would be the shortest way across
    lines = [
        LineString([(0, 0), (0, 100)]), LineString([(40, 0), (40, 100)]),
        LineString([(0, 100), (20, 130)]), LineString([(20, 130), (40, 100)]),
    ]  # fmt: skip
    houses = [Point(20, 5), Point(5, 20), Point(45, 20), Point(-5, 2)]
    street = street_graph(lines, houses)
    found = shortest_trench(street, np.arange(4))
    assert len(passages(street, found.edges)) == 0
    assert tree_faults(street.graph, found.edges, street.consumer_node) == []


def test_a_house_is_no_passage_even_where_the_way_round_is_kilometres_long():
    # two dead ends side by side that meet only 3 km away; a house stands between their ends
    lines = [
        LineString([(0, 0), (0, 3_000)]), LineString([(40, 0), (40, 3_000)]),
        LineString([(0, 3_000), (40, 3_000)]),
    ]  # fmt: skip
    houses = [Point(20, 5), Point(-5, 40), Point(45, 40)]
    street = street_graph(lines, houses)
    found = shortest_trench(street, np.arange(3))
    assert len(passages(street, found.edges)) == 0
    assert found.length_m > 5_900
    assert 0.0 <= found.gap_share < 0.01
    plan = plan_network(
        street, int(street.consumer_node[1]), Consumers(np.full(3, 50.0), np.array([6e4, 0.0, 6e4])),
        SIZES.trench_eur_per_m, SIZES, DESIGN, WATER,
    )  # fmt: skip
    # the house is worth its link, the other side not six kilometres of pipe
    assert sorted(plan.consumer.tolist()) == [0, 1]


def test_links_meet_the_street_where_it_is_nearest_and_the_longer_ones_are_not_offered():
    lines = [
        LineString([(0, 0), (100, 0)]),
        LineString([(0, 30), (100, 30)]),
        LineString([(0, 90), (100, 90)]),
    ]
    links = candidate_links(objects([Point(50, 10)]), objects(lines), most_count=3, reach_m=200, detour_m=30)
    assert links.section.tolist() == [0, 1]
    assert links.position_m.tolist() == [50.0, 50.0]
    assert shapely.length(links.line).tolist() == [10.0, 20.0]
    nearest = candidate_links(
        objects([Point(50, 10)]), objects(lines), most_count=1, reach_m=200, detour_m=30
    )
    assert nearest.section.tolist() == [0]


def test_a_consumer_out_of_reach_has_no_node_and_blocked_streets_carry_nothing():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])]
    street = street_graph(lines, [Point(50, 10), Point(50, 900)])
    assert street.consumer_node[1] == -1
    sections, consumers = objects(lines), objects([Point(50, 10), Point(150, 10)])
    links = candidate_links(consumers, sections, most_count=1, reach_m=200, detour_m=0)
    blocked = make_street_graph(2, sections, links, blocked=np.array([False, True]))
    assert (blocked.consumer_node >= 0).tolist() == [True, False]
    assert not (blocked.edge_section == 1).any()


def test_streets_that_do_not_touch_fall_into_parts():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(0, 500), (100, 500)])]
    street = street_graph(lines, [Point(50, 10), Point(60, 510), Point(70, 510)])
    assert len(np.unique(components(street.graph)[street.consumer_node])) == 2
    narrowed, reached = connected_part(street, np.ones(3))
    assert reached.tolist() == [1, 2]
    assert narrowed.consumer_node[0] == -1


def test_a_house_between_two_streets_that_do_not_touch_is_no_bridge():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(0, 40), (100, 40)])]
    street = street_graph(lines, [Point(50, 20), Point(20, -5), Point(20, 45), Point(80, -5)])
    narrowed, reached = connected_part(street, np.array([1.0, 1.0, 1.5, 1.0]))
    assert reached.tolist() == [0, 1, 3]
    found = shortest_trench(narrowed, reached)
    assert len(passages(narrowed, found.edges)) == 0
    assert 0.0 <= found.gap_share < 0.01


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_pieces_of_bent_streets_add_up_to_the_streets(seed):
    chance = np.random.default_rng(seed)
    lines = [LineString(np.cumsum(chance.uniform(-30, 50, (5, 2)), axis=0)) for _ in range(4)]
    houses = [Point(*chance.uniform(-50, 200, 2)) for _ in range(12)]
    street = street_graph(lines, houses)
    assert shapely.length(street.edge_line) == pytest.approx(street.graph.cost, abs=0.11)
    for number, line in enumerate(lines):
        pieces = street.graph.cost[street.edge_section == number].sum()
        assert pieces == pytest.approx(line.length, abs=0.11)


def test_the_order_of_consumers_changes_nothing(district):
    street, peak, heat_mwh = district
    turned = np.arange(len(peak))[::-1]
    roads = gpd.read_file(DISTRICT / "roads.gpkg")
    lines = np.asarray(roads.explode().geometry.array, dtype=object)
    sections, _ = cut_at_crossings(
        lines, np.zeros(len(lines), dtype=np.int64), np.ones(len(lines), dtype=bool)
    )  # fmt: skip
    sinks, source = (gpd.read_file(DISTRICT / f"{name}.gpkg") for name in ("sinks", "source"))
    other = street_graph(list(sections), [*source.geometry, *sinks.geometry[::-1]])
    one, two = (
        plan_network(
            graph, int(graph.consumer_node[where]), Consumers(peaks, heat * 1_500.0),
            SIZES.trench_eur_per_m, SIZES, DESIGN, WATER,
        )
        for graph, where, peaks, heat in (
            (street, -1, peak, heat_mwh), (other, 0, peak[turned], heat_mwh[turned]),
        )
    )  # fmt: skip
    assert two.value_eur == pytest.approx(one.value_eur, rel=0.01)


def test_a_plan_needs_a_round(district):
    street, peak, heat_mwh = district
    with pytest.raises(UsageProblem, match="at least 1"):
        plan_network(
            street, 0, Consumers(peak, heat_mwh), SIZES.trench_eur_per_m, SIZES, DESIGN, WATER, rounds=0
        )
