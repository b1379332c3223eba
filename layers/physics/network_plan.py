"""Whom a heat network joins, along which streets, in which sizes: one after the other until it settles.

A pipe's price depends on what it carries, and what it carries on who is joined. So the choice is made
with guessed prices per metre, the tree is sized, its edges get the price of their size, and the choice
is made again; the plan that is worth most by its own sizes is kept. No consumer is a passage to others: a
toll on every link, which each consumer pays once anyway, keeps pipes out of other people's houses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.errors import UsageProblem
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.dual_ascent import certify_tree
from layers.physics.heat_tree import Design, Sized, size_network
from layers.physics.network_roots import ends_of, with_forced
from layers.physics.pipes import PipeSizes, Water
from layers.physics.prize_collecting import MOST_ROUNDS, collect
from layers.physics.steiner import MOST_PASSES
from layers.physics.street_graph import StreetGraph

DEFAULT_ROUNDS = 4
# sizes that streets and links are guessed to need before anything is known, as positions in the table
FIRST_STREET_SIZES, FIRST_LINK_SIZE = (2, 4), 1
# larger graphs are searched with less care, so that a town of 20,000 buildings takes seconds
LARGE_EDGE_COUNT = 20_000
LARGE_ROUNDS, LARGE_PASSES = 2, 1
# a round that gains less ends the search
LEAST_GAIN_SHARE = 1e-3
# no way round a house is longer than all streets together, nor than this
MOST_TOLL_M = 50_000.0


@dataclass(frozen=True)
class Consumers:
    """What each consumer takes and what joining it is worth.

    Attributes
    ----------
    peak_kw : (c,) array
    prize_eur : (c,) array
        Present value of joining it, its own station paid, before any pipe; not negative.
    """

    peak_kw: FloatArray
    prize_eur: FloatArray


@dataclass(frozen=True)
class NetworkPlan:
    """A network that starts at its root.

    Attributes
    ----------
    edges : (k,) array
        Edges of the street graph.
    consumer : (j,) array
        Consumers that are joined.
    sized : Sized
        Sizes and state at the peak, by edge.
    cost_eur : float
        Price of all pipes, with the present value of what they lose.
    value_eur : float
        Prizes of the consumers joined less that price.
    """

    edges: IntArray
    consumer: IntArray
    sized: Sized
    cost_eur: float
    value_eur: float


def passages(street: StreetGraph, edges: IntArray) -> IntArray:
    """Return the consumers through which a tree leads on to others."""
    joined = street.edge_consumer[edges]
    who, times = np.unique(joined[joined >= 0], return_counts=True)
    return who[times > 1]


def _sizes_at(sized: Sized, sizes: PipeSizes) -> IntArray:
    return np.minimum(sized.size, len(sizes.inner_m) - 1)


def _first_prices(street: StreetGraph, eur_per_m: FloatArray, street_size: int) -> FloatArray:
    last = len(eur_per_m) - 1
    is_link = street.edge_consumer >= 0
    return np.asarray(
        np.where(is_link, eur_per_m[min(FIRST_LINK_SIZE, last)], eur_per_m[min(street_size, last)])
    )


def plan_network(
    street: StreetGraph,
    root: int,
    consumers: Consumers,
    eur_per_m: FloatArray,
    sizes: PipeSizes,
    design: Design,
    water: Water,
    *,
    rounds: int = DEFAULT_ROUNDS,
    forced: BoolArray | None = None,
) -> NetworkPlan:
    """Plan the network from one root.

    Parameters
    ----------
    street : StreetGraph
    root : int
        Node of the source.
    consumers : Consumers
    eur_per_m : (s,) array
        Price of one metre of trench by size, losses included.
    sizes, design, water
        Of the pipes.
    rounds : int
        How often prices are told anew by what the last tree carries.
    forced : (e,) array, optional
        Edges in which a pipe lies in any case; they cost nothing in the choice and all in the price.

    Returns
    -------
    NetworkPlan
        Without pipes where no tree is worth its price.

    Raises
    ------
    UsageProblem
        When there is not one round.
    """
    if rounds < 1:
        raise UsageProblem(f"the rounds of a network are {rounds}; at least 1 is needed.")
    graph, node = street.graph, street.consumer_node
    reached = np.flatnonzero(node >= 0)
    prize, peak = np.zeros(graph.node_count), np.zeros(graph.node_count)
    prize[node[reached]] = consumers.prize_eur[reached]
    peak[node[reached]] = consumers.peak_kw[reached]
    best: NetworkPlan | None = None
    is_large = len(graph.tail) > LARGE_EDGE_COUNT
    for street_size in FIRST_STREET_SIZES[:1] if is_large else FIRST_STREET_SIZES:
        price, before = _first_prices(street, eur_per_m, street_size), -np.inf
        for _ in range(rounds):
            edges = _collect(street, root, prize, price, is_large=is_large, forced=forced)
            plan = _told(street, edges, root, prize, peak, eur_per_m, sizes, design, water)
            if best is None or plan.value_eur > best.value_eur:
                best = plan
            if not len(edges) or plan.value_eur - before <= LEAST_GAIN_SHARE * abs(plan.value_eur):
                break
            before = plan.value_eur
            price = price.copy()
            price[edges] = eur_per_m[_sizes_at(plan.sized, sizes)]
    assert best is not None  # there is at least one round
    return best


def _collect(
    street: StreetGraph, root: int, prize: FloatArray, price: FloatArray, *, is_large: bool,
    forced: BoolArray | None = None,
) -> IntArray:  # fmt: skip
    """Return the edges of the tree that is worth most, without passages through consumers."""
    # every link costs a toll and every consumer brings one: only who is passed through pays it twice
    toll = float(prize.sum())
    # the source's own link is free of it: nobody brings a toll for the root
    at_root = (street.graph.tail == root) | (street.graph.head == root)
    cost = street.graph.cost * price + np.where((street.edge_consumer >= 0) & ~at_root, toll, 0.0)
    tolled = prize + np.where(prize > 0.0, toll, 0.0)
    rounds, passes = (LARGE_ROUNDS, LARGE_PASSES) if is_large else (MOST_ROUNDS, MOST_PASSES)
    if forced is None or not forced.any():
        return collect(street.graph.with_cost(cost), tolled, root, rounds=rounds, passes=passes).edges
    # nothing is dearer than to leave out a street that must be in
    must = ends_of(street.graph, forced)
    tolled[must] += float(cost.sum()) + 1.0
    graph = street.graph.with_cost(np.where(forced, 0.0, cost))
    edges = collect(graph, tolled, root, rounds=rounds, passes=passes).edges
    return with_forced(graph, edges, forced, np.append(must, root))


def _told(
    street: StreetGraph, edges: IntArray, root: int, prize: FloatArray, peak: FloatArray,
    eur_per_m: FloatArray, sizes: PipeSizes, design: Design, water: Water,
) -> NetworkPlan:  # fmt: skip
    """Return a tree with the sizes and the price that it has by itself."""
    graph = street.graph
    nodes = np.unique(np.concatenate([graph.tail[edges], graph.head[edges], [root]]))
    here = np.zeros(graph.node_count)
    here[nodes] = peak[nodes]
    sized = size_network(graph, edges, root, here, graph.cost, sizes, design, water)
    cost = float((graph.cost[edges] * eur_per_m[_sizes_at(sized, sizes)]).sum())
    inside = np.zeros(graph.node_count, dtype=bool)
    inside[nodes] = True
    joined = np.flatnonzero((street.consumer_node >= 0) & inside[np.maximum(street.consumer_node, 0)])
    return NetworkPlan(edges, joined, sized, cost, float(prize[nodes].sum()) - cost)


@dataclass(frozen=True)
class ShortestTrench:
    """The shortest trench to given consumers, and how far it can be from the shortest there is."""

    edges: IntArray
    length_m: float
    bound_m: float

    @property
    def gap_share(self) -> float:
        """The most that another route could save, over the bound."""
        return self.length_m / self.bound_m - 1.0 if self.bound_m > 0 else 0.0


def shortest_trench(
    street: StreetGraph, consumer: IntArray, root: int | None = None, *, root_count: int = 1,
    forced: BoolArray | None = None,
) -> ShortestTrench:  # fmt: skip
    """Return the shortest trench found that joins consumers, and a bound below which none can be.

    No trench leads through a consumer to others, in the route or in the bound.

    Parameters
    ----------
    street : StreetGraph
    consumer : (j,) array
        All in one connected part.
    root : int, optional
        Node of the source, joined as well.
    root_count : int
        Consumers from which the bound is laid out; more make it a little tighter and take as much longer.
    forced : (e,) array, optional
        Edges in which a pipe lies in any case: the shortest trench with them.
    """
    terminals = street.consumer_node[consumer]
    if root is not None:
        terminals = np.append(terminals, root)
    links = street.edge_consumer >= 0
    # a toll on every link: each consumer pays it once, a passage twice
    toll_m = min(float(street.graph.cost.sum()) + 1.0, MOST_TOLL_M)
    tolled = street.graph.cost + np.where(links, toll_m, 0.0)
    laid_m = 0.0
    if forced is not None and forced.any():
        tolled = np.where(forced, 0.0, tolled)
        terminals = np.append(terminals, ends_of(street.graph, forced))
    found = certify_tree(street.graph.with_cost(tolled), terminals, root_count=root_count)
    edges = found.edges
    if forced is not None and forced.any():
        edges = with_forced(street.graph.with_cost(tolled), edges, forced, terminals)
        # of a ring one edge stays out, and the bound does not know which
        laid = forced[edges].sum() == forced.sum()
        laid_m = float(street.graph.cost[forced].sum()) if laid else 0.0
    tolls_m = toll_m * len(np.unique(street.edge_consumer[edges][links[edges]]))
    length = float(street.graph.cost[edges].sum())
    bound = max(found.bound - tolls_m, 0.0) + laid_m
    return ShortestTrench(edges, length, min(bound, length))
