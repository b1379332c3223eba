"""The candidate network of one district: everybody who can be reached, and those who are worth it.

All arrays are by consumer of the district. Costs come as numbers per draw from
`layers.physics.supply_costs`; here they meet streets and pipes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.graphs import components
from layers.physics.heat_tree import Design, Sized, size_network
from layers.physics.network_plan import Consumers, NetworkPlan, ShortestTrench, plan_network, shortest_trench
from layers.physics.network_roots import FeedIns, add_feed_ins, forced_edges, is_feed_in
from layers.physics.pipes import PipeSizes, Water, loss_w_per_m_k
from layers.physics.street_graph import StreetGraph, candidate_links, connected_part, make_street_graph

HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True)
class Pipework:
    """What pipes are, what they cost and for what they are designed."""

    sizes: PipeSizes
    design: Design
    water: Water
    eur_per_m: FloatArray
    loss_eur_per_mwh: float
    present_value_years: float

    def full_price_eur_per_m(self) -> FloatArray:
        """Return the price of a metre by size with the present value of the heat that it loses."""
        return self.eur_per_m + self.loss_mwh_per_m() * self.loss_eur_per_mwh * self.present_value_years

    def loss_mwh_per_m(self) -> FloatArray:
        """Return the heat that supply and return of a metre of trench lose in a year, by size."""
        design = self.design
        per_k = loss_w_per_m_k(
            self.sizes.inner_m, self.sizes.casing_m, design.depth_m, design.ground_w_per_m_k,
            design.insulation_w_per_m_k,
        )  # fmt: skip
        warmth = design.supply_c + design.return_c - 2.0 * design.ground_c
        return np.asarray(per_k * warmth * HOURS_PER_YEAR / 1e6)


@dataclass(frozen=True)
class DistrictNetwork:
    """The candidate network of a district.

    Attributes
    ----------
    street : StreetGraph
    root : int
        Node of the source.
    reached : (r,) array
        Consumers in the connected part that has most heat.
    trench : ShortestTrench
        To all of them.
    sized : Sized
        Pipes of that trench, at the share of consumers that connects.
    pipe_cost_eur, loss_mwh : float
        Of that trench, links to those who do not connect left out.
    worth : NetworkPlan
        The network of those who are worth it under today's prices; may be empty.
    source : (e,) array
        Position of the source that an edge of `street` feeds in from; -1 for all others.
    """

    street: StreetGraph
    root: int
    reached: IntArray
    trench: ShortestTrench
    sized: Sized
    pipe_cost_eur: float
    loss_mwh: float
    worth: NetworkPlan
    source: IntArray

    @property
    def feed_in_m(self) -> float:
        """Length of the feed-in trenches."""
        edges = self.trench.edges
        return float(self.street.graph.cost[edges][is_feed_in(self.street)[edges]].sum())

    def plant_kw(self, sized: Sized) -> float:
        """Return the peak at the plants of the sized trench: all feed-ins, or the widest pipe."""
        feeds = is_feed_in(self.street)[self.trench.edges]
        return float(sized.load_kw[feeds].sum() if feeds.any() else sized.load_kw.max(initial=0.0))


def build_graph(
    outlines: ObjectArray, sections: ObjectArray, *, link_count: int, reach_m: float, detour_m: float,
    blocked: BoolArray | None = None,
) -> StreetGraph:  # fmt: skip
    """Return the graph of a district's streets with candidate links to its consumers."""
    links = candidate_links(
        outlines, sections, most_count=link_count, reach_m=reach_m, detour_m=detour_m,
        allowed=None if blocked is None else ~blocked,
    )  # fmt: skip
    return make_street_graph(len(outlines), sections, links, blocked=blocked)


def find_root(street: StreetGraph, reached: IntArray, peak_kw: FloatArray) -> int:
    """Return the node of the largest consumer: where a plant most likely finds room and load."""
    return int(street.consumer_node[reached[int(np.argmax(peak_kw[reached]))]])


def size_trench(
    street: StreetGraph,
    edges: IntArray,
    root: int,
    peak_kw: FloatArray,
    connection_share: float,
    pipework: Pipework,
) -> tuple[Sized, float, float]:
    """Size a trench for a share of its consumers; return sizes, price and yearly loss.

    Streets carry the share of the load, links are laid for the share of consumers only.

    Parameters
    ----------
    peak_kw : (c,) array
    """
    graph = street.graph
    node_peak = np.zeros(graph.node_count)
    known = street.consumer_node >= 0
    node_peak[street.consumer_node[known]] = peak_kw[known] * connection_share
    sized = size_network(
        graph, edges, root, node_peak, graph.cost, pipework.sizes, pipework.design, pipework.water
    )
    at = np.minimum(sized.size, len(pipework.sizes.inner_m) - 1)
    length = graph.cost[edges]
    laid = np.where(street.edge_consumer[edges] >= 0, length * connection_share, length)
    price = float((laid * pipework.eur_per_m[at]).sum())
    return sized, price, float((laid * pipework.loss_mwh_per_m()[at]).sum())


def plan_district(
    street: StreetGraph,
    heat_mwh: FloatArray,
    peak_kw: FloatArray,
    prize_eur: FloatArray,
    connection_share: float,
    pipework: Pipework,
    root: int | None = None,
    *,
    feed_ins: FeedIns | None = None,
    forced_section: BoolArray | None = None,
) -> DistrictNetwork | None:
    """Plan the candidate network of a district, or return None where no consumer reaches a street.

    Parameters
    ----------
    street : StreetGraph
    heat_mwh, peak_kw, prize_eur : (c,) arrays
        Of each consumer; the prize is the present value of joining it, before any pipe.
    connection_share : float
    pipework : Pipework
    root : int, optional
        Node of a known source; the largest consumer's when it is left out.
    feed_ins : FeedIns, optional
        Sources outside the streets; then the root is a made node from which they feed in.
    forced_section : (s,) array, optional
        Sections in which a pipe lies in any case, as far as they hang together with the network.
    """
    rooted = None if feed_ins is None else add_feed_ins(street, heat_mwh, feed_ins)
    if rooted is not None:
        street, root = rooted.street, rooted.root
    street, reached = connected_part(street, heat_mwh)
    reached = reached[heat_mwh[reached] > 0.0]
    if not len(reached):
        return None
    start = find_root(street, reached, peak_kw) if root is None else root
    forced = forced_edges(street, forced_section)
    if forced.any():
        part = components(street.graph, np.flatnonzero(street.edge_consumer < 0))
        home = part[street.graph.tail[street.edge_consumer >= 0][0]]
        forced &= part[street.graph.tail] == home
    trench = shortest_trench(street, reached, start, forced=forced)
    sized, price, loss = size_trench(street, trench.edges, start, peak_kw, connection_share, pipework)
    worth = plan_network(
        street, start, Consumers(peak_kw, prize_eur), pipework.full_price_eur_per_m(),
        pipework.sizes, pipework.design, pipework.water, forced=forced,
    )  # fmt: skip
    source = np.full(len(street.graph.tail), -1)
    if rooted is not None:
        # feed-ins are the last edges, and none of them is left out
        source[is_feed_in(street)] = np.arange(int(is_feed_in(street).sum()))
    return DistrictNetwork(street, start, reached, trench, sized, price, loss, worth, source)


def with_temperatures(pipework: Pipework, supply_c: float, return_c: float, water: Water) -> Pipework:
    """Return the same pipes for other temperatures."""
    return replace(
        pipework, design=replace(pipework.design, supply_c=supply_c, return_c=return_c), water=water
    )  # fmt: skip
