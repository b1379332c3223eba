"""One pass along the tree of a heat network: loads, sizes, pressures and temperatures of every pipe.

From the leaves to the root the peaks of consumers are added up, less than their sum the more there are;
from the root to the leaves pressure falls by friction in supply and return, and water cools towards the
ground. No equations have to be solved, since a tree has only one way to each consumer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.errors import ContractProblem
from layers.core.types import FloatArray, IntArray
from layers.physics.graphs import Graph, walk_tree
from layers.physics.pipes import (
    PipeSizes,
    Water,
    choose_sizes,
    friction_pa_per_m,
    loss_w_per_m_k,
    mass_flow_kg_per_s,
    simultaneity_ratio,
)


@dataclass(frozen=True)
class Rooted:
    """A tree seen from its root.

    Attributes
    ----------
    order : (k + 1,) array
        Nodes, each after the node above it; the root first.
    above : (n,) array
        The node above each node; -1 for the root and outside the tree.
    edge_above : (n,) array
        The edge that leads there; -1 where there is none.
    """

    order: IntArray
    above: IntArray
    edge_above: IntArray


def root_tree(graph: Graph, edges: IntArray, root: int) -> Rooted:
    """Turn a tree towards its root.

    Raises
    ------
    ContractProblem
        When the edges are no tree that hangs on the root.
    """
    in_tree = np.zeros(len(graph.tail), dtype=np.bool_)
    in_tree[edges] = True
    order, above, edge_above = walk_tree(graph.first, graph.neighbour, graph.edge, in_tree, root)
    if len(order) != len(edges) + 1:
        raise ContractProblem(
            f"{len(edges):,} pipes reach {len(order) - 1:,} nodes from the root; in a tree both are equal."
        )
    return Rooted(order, above, edge_above)


@njit(cache=True, nogil=True)
def _add_up(order: IntArray, above: IntArray, values: FloatArray) -> FloatArray:
    """Return for each node the sum over itself and everything behind it."""
    total = values.copy()
    for i in range(len(order) - 1, 0, -1):
        total[above[order[i]]] += total[order[i]]
    return total


@njit(cache=True, nogil=True)
def _fall(
    order: IntArray, above: IntArray, supply_loss_ratio: FloatArray, pressure_pa: FloatArray, supply_c: float,
    ground_c: float,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return supply temperature and lost pressure at each node, from the root on."""
    temperature = np.full(len(above), np.nan)
    lost = np.full(len(above), np.nan)
    temperature[order[0]], lost[order[0]] = supply_c, 0.0
    for i in range(1, len(order)):
        node = order[i]
        lost[node] = lost[above[node]] + pressure_pa[node]
        temperature[node] = ground_c + (temperature[above[node]] - ground_c) * supply_loss_ratio[node]
    return temperature, lost


@dataclass(frozen=True)
class Design:
    """What a network is designed for.

    Attributes
    ----------
    supply_c, return_c, ground_c : temperatures of supply and return at the root, and of the ground
    simultaneity_base, simultaneity_spread : the peak of n consumers over their sum is base + spread / n
    most_pa_per_m : friction that a pipe may have at the peak
    roughness_m, depth_m, ground_w_per_m_k, insulation_w_per_m_k : of pipes and ground
    """

    supply_c: float
    return_c: float
    ground_c: float
    simultaneity_base: float
    simultaneity_spread: float
    most_pa_per_m: float
    roughness_m: float
    depth_m: float
    ground_w_per_m_k: float
    insulation_w_per_m_k: float


@dataclass(frozen=True)
class Sized:
    """A network with sizes and its state at the peak; arrays by edge of the tree, in the order given.

    Attributes
    ----------
    load_kw, flow_kg_per_s : what each pipe carries at the peak
    size : position in the table of sizes; its length where no single pipe is large enough
    consumer_count : consumers behind each pipe
    friction_pa_per_m : of one pipe
    loss_kw : heat lost by supply and return together at design temperatures
    node_supply_c, node_pressure_loss_pa : (n,) arrays by node of the graph, NaN outside the tree
        Supply temperature that arrives at the peak, and pressure lost on the way there and back.
    """

    load_kw: FloatArray
    flow_kg_per_s: FloatArray
    size: IntArray
    consumer_count: IntArray
    friction_pa_per_m: FloatArray
    loss_kw: FloatArray
    node_supply_c: FloatArray
    node_pressure_loss_pa: FloatArray


def size_network(
    graph: Graph,
    edges: IntArray,
    root: int,
    peak_kw: FloatArray,
    length_m: FloatArray,
    sizes: PipeSizes,
    design: Design,
    water: Water,
) -> Sized:
    """Size the pipes of a tree and say what arrives at its nodes.

    Parameters
    ----------
    graph : Graph
    edges : (k,) array
        The tree.
    root : int
        Node of the heat source.
    peak_kw : (n,) array
        Peak of the consumer at each node; 0 where nobody is.
    length_m : (e,) array
        Length of every edge of the graph.
    sizes : PipeSizes
    design : Design
    water : Water
        At the mean of supply and return.

    Returns
    -------
    Sized
    """
    tree = root_tree(graph, edges, root)
    peaks = _add_up(tree.order, tree.above, peak_kw)
    counts = _add_up(tree.order, tree.above, (peak_kw > 0.0).astype(np.float64))
    # the node below each edge of the tree, which carries everything behind it
    below = np.full(len(graph.tail), -1)
    below[tree.edge_above[tree.order[1:]]] = tree.order[1:]
    node = below[edges]
    together = simultaneity_ratio(counts[node], design.simultaneity_base, design.simultaneity_spread)
    load = peaks[node] * together
    flow = mass_flow_kg_per_s(load, design.supply_c - design.return_c, water)
    size = choose_sizes(flow, sizes, water, design.roughness_m, design.most_pa_per_m)
    at = np.minimum(size, len(sizes.inner_m) - 1)
    # where no single pipe is large enough, as many of the largest lie side by side as it takes
    lanes = _lanes(flow, size, sizes, water, design)
    inner, casing, length = sizes.inner_m[at], sizes.casing_m[at], length_m[edges]
    friction = friction_pa_per_m(flow / lanes, inner, water, design.roughness_m)
    loss = loss_w_per_m_k(
        inner, casing, design.depth_m, design.ground_w_per_m_k, design.insulation_w_per_m_k
    )  # fmt: skip
    warmth = (design.supply_c - design.ground_c) + (design.return_c - design.ground_c)
    pressure, kept = np.zeros(graph.node_count), np.ones(graph.node_count)
    # there and back
    pressure[node] = 2.0 * friction * length
    per_lane = np.maximum(flow / lanes, 1e-12) * water.heat_capacity_j_per_kg_k
    kept[node] = np.exp(-loss * length / per_lane)
    supply, lost = _fall(tree.order, tree.above, kept, pressure, design.supply_c, design.ground_c)
    return Sized(
        load, flow, size, counts[node].astype(np.int64), friction, loss * length * lanes * warmth / 1e3,
        supply, lost,
    )  # fmt: skip


def _lanes(
    flow_kg_per_s: FloatArray, size: IntArray, sizes: PipeSizes, water: Water, design: Design
) -> FloatArray:
    """Return how many pipes of the largest size lie side by side; one where a single pipe is enough."""
    lanes = np.ones(len(flow_kg_per_s))
    last = len(sizes.inner_m) - 1
    while True:
        friction = friction_pa_per_m(
            flow_kg_per_s / lanes, np.full(len(lanes), sizes.inner_m[last]), water, design.roughness_m
        )
        tight = (size > last) & (friction > design.most_pa_per_m)
        if not tight.any():
            return lanes
        lanes = lanes + tight
