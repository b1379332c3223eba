"""Whom a network joins: valid trees, near the exact answer, and sensible when costs change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from layers.core.errors import ContractProblem, PlannerError
from layers.physics import prize_collecting
from layers.physics.graphs import make_graph, tree_faults
from layers.physics.pairing_heap import EMPTY, drop_root, meld, put_off
from layers.physics.prize_collecting import best_branch, check_solver, collect
from tests.physics.test_steiner import random_town


def best_value(graph, prize, root):
    """Return the exact value: one unit of flow to every node that is joined, over bought edges only."""
    tail = np.concatenate([graph.tail, graph.head])
    head = np.concatenate([graph.head, graph.tail])
    count, nodes = len(tail), [k for k in range(graph.node_count) if prize[k] > 0 and k != root]
    rows, columns, values, high = [], [], [], []
    row = 0
    for i, node in enumerate(nodes):
        flow = count + len(nodes) + i * count
        for at in range(graph.node_count):
            if at == root:
                continue
            for arcs, sign in ((np.flatnonzero(head == at), 1.0), (np.flatnonzero(tail == at), -1.0)):
                rows += [row] * len(arcs)
                columns += (flow + arcs).tolist()
                values += [sign] * len(arcs)
            if at == node:
                rows.append(row)
                columns.append(count + i)
                values.append(-1.0)
            high.append(0.0)
            row += 1
        for arc in range(count):
            rows += [row, row]
            columns += [flow + arc, arc]
            values += [1.0, -1.0]
            high.append(0.0)
            row += 1
    balance = graph.node_count - 1
    low = [0.0 if k % (balance + count) < balance else -np.inf for k in range(row)]
    size = count + len(nodes) * (1 + count)
    matrix = csr_matrix((values, (rows, columns)), shape=(row, size))
    goal = np.zeros(size)
    goal[:count] = np.concatenate([graph.cost, graph.cost])
    goal[count : count + len(nodes)] = -prize[nodes]
    whole = np.zeros(size)
    whole[: count + len(nodes)] = 1
    answer = milp(
        goal, constraints=LinearConstraint(matrix, low, high), bounds=Bounds(0, 1), integrality=whole
    )
    return prize[root] - answer.fun


def small_case(seed):
    chance = np.random.default_rng(seed)
    count = int(chance.integers(5, 13))
    edges = int(chance.integers(count, 2 * count + 3))
    graph = make_graph(
        count, chance.integers(0, count, edges), chance.integers(0, count, edges),
        chance.integers(1, 20, edges).astype(float),
    )  # fmt: skip
    prize = np.where(chance.random(count) < 0.6, chance.integers(1, 25, count), 0).astype(float)
    return graph, prize


def test_small_networks_come_near_the_exact_answer():
    missed, total = 0.0, 0.0
    for seed in range(25):
        graph, prize = small_case(seed)
        found, exact = collect(graph, prize, 0), best_value(graph, prize, 0)
        assert found.value <= exact + 1e-6
        assert found.bound >= exact - 1e-6
        missed += exact - found.value
        total += exact
    assert missed <= 0.03 * total


@settings(max_examples=60)
@given(st.integers(0, 100_000))
def test_what_is_collected_is_a_tree_worth_what_it_says(seed):
    graph, prize = small_case(seed)
    found = collect(graph, prize, 0)
    assert tree_faults(graph, found.edges, found.nodes) == []
    assert found.value == pytest.approx(prize[found.nodes].sum() - graph.cost[found.edges].sum())
    assert prize[0] - 1e-9 <= found.value <= found.bound + 1e-9


@settings(max_examples=25)
@given(st.integers(0, 100_000), st.floats(1.01, 4.0))
def test_dearer_pipe_is_never_worth_more(seed, factor):
    graph, prize = small_case(seed)
    exact, dearer = best_value(graph, prize, 0), best_value(graph.with_cost(graph.cost * factor), prize, 0)
    assert dearer <= exact + 1e-6
    assert collect(graph.with_cost(graph.cost * factor), prize, 0).value <= exact + 1e-6


def test_prizes_above_every_way_join_everybody_and_prizes_of_nothing_join_nobody():
    graph, houses = random_town(8, 60, 3)
    prize = np.zeros(graph.node_count)
    assert collect(graph, prize, 0).nodes.tolist() == [0]
    prize[houses] = 1e6
    assert np.isin(houses, collect(graph, prize, 0).nodes).all()


def test_a_town_joins_fewer_as_pipe_gets_dearer():
    graph, houses = random_town(14, 400, 8)
    chance = np.random.default_rng(8)
    prize = np.zeros(graph.node_count)
    prize[houses] = chance.uniform(0, 150, len(houses))
    joined = [
        np.isin(houses, collect(graph.with_cost(graph.cost * factor), prize, 0).nodes).sum()
        for factor in (0.5, 1.0, 1.5, 2.5, 6.0)
    ]
    assert joined == sorted(joined, reverse=True)
    assert joined[0] > joined[-1]


def test_nodes_that_no_edge_reaches_are_left_out():
    graph = make_graph(3, np.array([0]), np.array([1]), np.array([1.0]))
    assert collect(graph, np.array([0.0, 5.0, 99.0]), 0).nodes.tolist() == [0, 1]


def test_the_best_branch_of_a_tree_is_the_best_of_all_its_sub_trees():
    chance = np.random.default_rng(2)
    for _ in range(20):
        count = 8
        above = np.array([chance.integers(0, k) for k in range(1, count)])
        graph = make_graph(count, above, np.arange(1, count), chance.integers(1, 9, count - 1).astype(float))
        prize = chance.integers(0, 9, count).astype(float)
        edges, value = best_branch(graph, prize, np.arange(count - 1), 0)
        best = prize[0]
        for chosen in range(2 ** (count - 1)):
            picked = np.array([k for k in range(count - 1) if chosen >> k & 1], dtype=np.int64)
            inside = {0, *(picked + 1).tolist()}
            if all(int(above[k]) in inside for k in picked):
                best = max(best, prize[sorted(inside)].sum() - graph.cost[picked].sum())
        assert value == pytest.approx(best)
        assert prize[sorted({0, *(edges + 1).tolist()})].sum() - graph.cost[edges].sum() == pytest.approx(
            best
        )


def test_prizes_that_do_not_fit_are_refused():
    graph = make_graph(2, np.array([0]), np.array([1]), np.array([1.0]))
    with pytest.raises(ContractProblem, match="prizes must be 2"):
        collect(graph, np.array([1.0]), 0)
    with pytest.raises(ContractProblem, match="root 7"):
        collect(graph, np.zeros(2), 7)


def test_a_broken_solver_is_refused_with_a_sentence(monkeypatch):
    check_solver()
    monkeypatch.setattr(
        prize_collecting, "grow_moats", lambda count, *rest: (np.array([3], dtype=np.int64), 0.0)
    )
    monkeypatch.setattr(prize_collecting.collect, "__kwdefaults__", {"rounds": 0, "passes": 0})
    with pytest.raises(PlannerError, match="fails its own test"):
        check_solver()


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), max_size=60))
def test_heaps_give_back_what_was_put_in_lowest_first(steps):
    size = len(steps) + 1
    key, late = np.zeros(size), np.zeros(size)
    child, sibling = np.full(size, EMPTY), np.full(size, EMPTY)
    roots, mirror = [EMPTY, EMPTY], [[], []]
    for at, (what, number) in enumerate(steps):
        which = what % 2
        if what < 2:
            key[at] = float(number)
            roots[which] = meld(roots[which], at, key, late, child, sibling)
            mirror[which].append(float(number))
        elif what == 2:
            put_off(roots[0], float(number), key, late)
            mirror[0] = [value + number for value in mirror[0]]
        else:
            roots = [meld(roots[0], roots[1], key, late, child, sibling), EMPTY]
            mirror = [mirror[0] + mirror[1], []]
    for which in range(2):
        for expected in sorted(mirror[which]):
            assert key[roots[which]] == expected
            roots[which] = drop_root(roots[which], key, late, child, sibling)
        assert roots[which] == EMPTY
