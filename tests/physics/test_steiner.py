"""Trees on graphs: valid, short, certified, and never better than the exact answer."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.errors import ContractProblem
from layers.physics.dual_ascent import certify_tree
from layers.physics.graphs import drop_loose_ends, make_graph, tree_faults
from layers.physics.steiner import grow_tree, improve_tree

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "steiner"


def read_stp(path):
    """Return nodes, edges, costs and terminals of a SteinLib file."""
    edges, terminals, count = [], [], 0
    with gzip.open(path, "rt") as lines:
        for line in lines:
            words = line.split()
            if words[:1] == ["Nodes"]:
                count = int(words[1])
            elif words[:1] == ["E"]:
                edges.append([float(word) for word in words[1:4]])
            elif words[:1] == ["T"]:
                terminals.append(int(words[1]) - 1)
    table = np.array(edges)
    ends = table[:, :2].astype(np.int64) - 1
    return make_graph(count, ends[:, 0], ends[:, 1], table[:, 2]), np.array(terminals)


def optima():
    with (GOLDEN / "optima.csv").open(encoding="utf-8") as lines:
        return {row["instance"]: float(row["optimum"]) for row in csv.DictReader(lines)}


def random_town(side, house_count, seed):
    """Return a street grid with gaps and houses on service pipes, and the nodes of the houses."""
    chance = np.random.default_rng(seed)
    crossing = np.arange(side * side).reshape(side, side)
    across = np.column_stack([crossing[:, :-1].ravel(), crossing[:, 1:].ravel()])
    along = np.column_stack([crossing[:-1].ravel(), crossing[1:].ravel()])
    streets = np.concatenate([across, along])
    # a cross street may be missing, but never one of the first row, so that all hangs together
    kept = chance.random(len(streets)) < 0.6
    kept |= (streets < side).all(axis=1) | (np.diff(streets, axis=1)[:, 0] == side)
    streets = streets[kept]
    length = chance.uniform(20, 100, len(streets))
    middles = np.arange(len(streets)) + side * side
    count = side * side + len(streets)
    houses = np.arange(house_count) + count
    where = chance.integers(0, len(streets), house_count)
    tail = np.concatenate([streets[:, 0], middles, middles[where]])
    head = np.concatenate([middles, streets[:, 1], houses])
    cost = np.concatenate([length / 2, length / 2, chance.uniform(2, 30, house_count)])
    graph = make_graph(count + house_count, tail, head, cost)
    return graph, houses


@pytest.mark.parametrize("name", sorted(optima()))
def test_published_graphs_are_joined_by_valid_trees_within_the_bound(name):
    graph, terminals = read_stp(GOLDEN / f"{name}.stp.gz")
    found = certify_tree(graph, terminals)
    assert tree_faults(graph, found.edges, terminals) == []
    assert found.cost == pytest.approx(graph.cost[found.edges].sum())
    assert found.bound <= optima()[name] + 1e-6
    assert found.cost >= optima()[name] - 1e-6


def test_published_graphs_are_joined_within_three_percent_of_the_best_on_average():
    best = optima()
    gaps = []
    for name in (f"d{number:02}" for number in range(1, 11)):
        graph, terminals = read_stp(GOLDEN / f"{name}.stp.gz")
        gaps.append(certify_tree(graph, terminals).cost / best[name] - 1.0)
    assert np.mean(gaps) <= 0.03


@pytest.mark.parametrize("seed", range(4))
def test_on_street_graphs_the_certified_gap_is_below_two_percent(seed):
    graph, houses = random_town(20, 600, seed)
    found = certify_tree(graph, houses)
    assert tree_faults(graph, found.edges, houses) == []
    assert 0.0 <= found.gap_share <= 0.02


def test_exchanging_stretches_never_makes_a_tree_longer_and_can_make_it_shorter():
    saved = []
    for seed in range(6):
        graph, houses = random_town(12, 150, seed)
        grown = grow_tree(graph, houses, start_count=1)
        better = improve_tree(graph, houses, grown)
        assert tree_faults(graph, better, houses) == []
        saved.append(graph.cost[grown].sum() - graph.cost[better].sum())
    assert min(saved) >= -1e-6
    assert max(saved) > 1.0


@settings(max_examples=40)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_trees_of_any_small_graph_are_valid_and_not_longer_than_a_spanning_tree(count, seed):
    chance = np.random.default_rng(seed)
    tail = np.concatenate([np.arange(count - 1), chance.integers(0, count, count)])
    head = np.concatenate([np.arange(1, count), chance.integers(0, count, count)])
    graph = make_graph(count, tail, head, chance.integers(0, 20, len(tail)).astype(float))
    terminals = np.unique(chance.integers(0, count, 4))
    found = certify_tree(graph, terminals)
    assert tree_faults(graph, found.edges, terminals) == []
    everything = certify_tree(graph, np.arange(count))
    assert found.cost <= everything.cost + 1e-9
    assert found.bound <= found.cost + 1e-9
    # joining everybody is the smallest spanning tree, which the method finds exactly
    assert everything.gap_share == pytest.approx(0.0, abs=1e-9)


def test_the_order_of_terminals_changes_nothing():
    graph, houses = random_town(10, 80, 5)
    forward, backward = certify_tree(graph, houses), certify_tree(graph, houses[::-1])
    assert forward.edges.tolist() == backward.edges.tolist()


def test_terminals_in_parts_that_do_not_touch_are_refused_with_a_sentence():
    graph = make_graph(4, np.array([0, 2]), np.array([1, 3]), np.ones(2))
    with pytest.raises(ContractProblem, match="2 parts of the graph that do not touch"):
        grow_tree(graph, np.array([0, 3]))
    with pytest.raises(ContractProblem, match="nothing to join"):
        grow_tree(graph, np.array([], dtype=np.int64))
    with pytest.raises(ContractProblem, match="not among the 4 nodes"):
        grow_tree(graph, np.array([7]))


def test_negative_costs_and_unknown_nodes_are_refused():
    with pytest.raises(ContractProblem, match="from 0 on"):
        make_graph(2, np.array([0]), np.array([1]), np.array([-1.0]))
    with pytest.raises(ContractProblem, match="nodes 0 to 5"):
        make_graph(2, np.array([0]), np.array([5]), np.array([1.0]))


def test_loose_ends_are_cut_back_to_the_last_wanted_node():
    tail, head = np.array([0, 1, 2, 1]), np.array([1, 2, 3, 4])
    wanted = np.array([True, False, True, False, False])
    assert drop_loose_ends(5, tail, head, np.arange(4), wanted).tolist() == [0, 1]
