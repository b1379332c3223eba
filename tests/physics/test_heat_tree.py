"""Pipes and trees of heat networks by hand, and what must hold for any of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.errors import ContractProblem
from layers.physics.graphs import make_graph
from layers.physics.heat_tree import Design, root_tree, size_network
from layers.physics.pipes import (
    PipeSizes,
    Water,
    choose_sizes,
    friction_pa_per_m,
    mass_flow_kg_per_s,
    read_pipe_sizes,
    water_at,
)

WATER = Water(978.0, 4.0e-4, 4190.0)
DESIGN = Design(80.0, 50.0, 10.0, 0.62, 0.38, 250.0, 5e-5, 1.0, 1.2, 0.024)
SIZES = read_pipe_sizes()


def line(loads):
    """Return a row of consumers, 100 m from one to the next, the source at the first node."""
    count = len(loads) + 1
    graph = make_graph(count, np.arange(count - 1), np.arange(1, count), np.full(count - 1, 100.0))
    peak = np.concatenate([[0.0], np.array(loads, dtype=float)])
    return size_network(graph, np.arange(count - 1), 0, peak, graph.cost, SIZES, DESIGN, WATER)


def test_sizes_grow_and_casings_are_wider_than_pipes():
    assert (np.diff(SIZES.nominal_mm) > 0).all() and (np.diff(SIZES.inner_m) > 0).all()
    # two sizes may share a casing
    assert (np.diff(SIZES.casing_m) >= 0).all()
    # the table begins at DN 25; a thinner pipe needs the same trench
    assert (np.diff(SIZES.trench_eur_per_m)[1:] > 0).all()
    assert SIZES.trench_eur_per_m[0] == SIZES.trench_eur_per_m[1]
    assert (SIZES.casing_m > SIZES.inner_m).all()


def test_friction_of_a_pipe_by_hand():
    # DN 100, 5 kg/s: 0.5675 m/s, Re 148,600, Haaland 0.01890, 27.8 Pa/m
    speed = 5.0 / (978.0 * np.pi / 4 * 0.1071**2)
    reynolds = speed * 0.1071 * 978.0 / 4.0e-4
    factor = (-1.8 * np.log10((5e-5 / 0.1071 / 3.7) ** 1.11 + 6.9 / reynolds)) ** -2
    expected = factor / 0.1071 * 978.0 / 2 * speed**2
    found = friction_pa_per_m(np.array([5.0]), np.array([0.1071]), WATER, 5e-5)
    assert found[0] == pytest.approx(expected)
    assert found[0] == pytest.approx(27.8, abs=0.3)


def test_slow_water_flows_in_layers():
    # Hagen and Poiseuille: 128 µ q / (π d⁴)
    flow = 0.001
    expected = 128 * 4.0e-4 * (flow / 978.0) / (np.pi * 0.0216**4)
    assert friction_pa_per_m(np.array([flow]), np.array([0.0216]), WATER, 5e-5)[0] == pytest.approx(expected)


@given(st.floats(1e-4, 800.0))
def test_the_chosen_size_keeps_the_limit_and_the_next_smaller_one_does_not(flow):
    size = int(choose_sizes(np.array([flow]), SIZES, WATER, 5e-5, 250.0)[0])
    friction = friction_pa_per_m(np.full(len(SIZES.inner_m), flow), SIZES.inner_m, WATER, 5e-5)
    if size < len(SIZES.inner_m):
        assert friction[size] <= 250.0
    if size > 0:
        assert friction[size - 1] > 250.0


def test_peaks_of_many_add_up_to_less_than_their_sum():
    found = line([100.0, 100.0])
    assert found.consumer_count.tolist() == [2, 1]
    assert found.load_kw.tolist() == pytest.approx([2 * 100 * (0.62 + 0.19), 100.0])
    assert found.flow_kg_per_s[1] == pytest.approx(100e3 / (4190 * 30))


def test_water_cools_and_pressure_falls_along_the_way():
    found = line([50.0] * 6)
    assert found.node_supply_c[0] == 80.0
    assert (np.diff(found.node_supply_c) < 0).all()
    assert (np.diff(found.node_pressure_loss_pa) > 0).all()
    # both pipes of the first section: 2 × friction × 100 m
    assert found.node_pressure_loss_pa[1] == pytest.approx(200.0 * found.friction_pa_per_m[0])


def test_heat_lost_by_hand():
    found = line([100.0])
    size = found.size[0]
    per_k = 1 / (
        np.log(SIZES.casing_m[size] / SIZES.inner_m[size]) / (2 * np.pi * 0.024)
        + np.log(4 / SIZES.casing_m[size]) / (2 * np.pi * 1.2)
    )
    assert found.loss_kw[0] == pytest.approx(per_k * 100 * (70 + 40) / 1e3)
    # what the supply loses is the fall of its temperature
    fallen = found.flow_kg_per_s[0] * 4190 * (80 - found.node_supply_c[1]) / 1e3
    assert fallen == pytest.approx(per_k * 100 * 70 / 1e3, rel=0.02)


def test_a_flow_too_large_for_every_size_is_laid_side_by_side():
    small = PipeSizes(SIZES.nominal_mm[:3], SIZES.inner_m[:3], SIZES.casing_m[:3], SIZES.trench_eur_per_m[:3])
    graph = make_graph(2, np.array([0]), np.array([1]), np.array([100.0]))
    found = size_network(
        graph, np.array([0]), 0, np.array([0.0, 2_000.0]), graph.cost, small, DESIGN, WATER
    )  # fmt: skip
    assert found.size[0] == 3
    assert found.friction_pa_per_m[0] <= 250.0


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_what_flows_in_flows_out_at_every_node(seed, count):
    chance = np.random.default_rng(seed)
    above = np.array([chance.integers(0, k) for k in range(1, count)])
    graph = make_graph(count, above, np.arange(1, count), chance.uniform(5, 200, count - 1))
    peak = np.where(chance.random(count) < 0.7, chance.uniform(5, 300, count), 0.0)
    peak[0] = 0.0
    # without simultaneity the flows of a tree balance exactly
    plain = Design(80.0, 50.0, 10.0, 1.0, 0.0, 250.0, 5e-5, 1.0, 1.2, 0.024)
    found = size_network(graph, np.arange(count - 1), 0, peak, graph.cost, SIZES, plain, WATER)
    own = mass_flow_kg_per_s(peak, 30.0, WATER)
    for node in range(1, count):
        behind = found.flow_kg_per_s[above == node].sum()
        assert found.flow_kg_per_s[node - 1] == pytest.approx(behind + own[node])
    assert (found.loss_kw >= 0).all()


def test_pipes_that_do_not_hang_on_the_root_are_refused():
    graph = make_graph(4, np.array([0, 2]), np.array([1, 3]), np.ones(2))
    with pytest.raises(ContractProblem, match="2 pipes reach 1 nodes from the root"):
        root_tree(graph, np.array([0, 1]), 0)


def test_water_gets_thinner_and_lighter_as_it_warms():
    cold, warm = water_at(20.0), water_at(90.0)
    assert cold.density_kg_per_m3 > warm.density_kg_per_m3
    assert cold.viscosity_pa_s > 3 * warm.viscosity_pa_s
