"""Where heat enters a network, and streets in which a pipe must lie.

Every source in reach becomes an edge from one made node, the root, to the street node nearest to it: as
long as its feed-in trench, no street and no link. A tree from that root is one network for each source that
it uses, and a dear feed-in is weighed against streets like any other trench.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.graphs import Graph, components, make_graph, smallest_tree
from layers.physics.street_graph import NO_SECTION, StreetGraph

# another part of the streets gets a source of its own from this share of the heat of the largest part
LEAST_PART_SHARE = 0.1


@dataclass(frozen=True)
class FeedIns:
    """Sources that a network may start from.

    Attributes
    ----------
    place : (k,) array of geometries
        In the system of the streets, the best source first.
    detour_ratio : float
        Length of a feed-in trench over the straight line.
    """

    place: ObjectArray
    detour_ratio: float


@dataclass(frozen=True)
class RootedStreets:
    """Streets with a root.

    Attributes
    ----------
    street : StreetGraph
    root : int
    source : (e,) array
        Position of the source that an edge feeds in from; -1 for streets and links.
    """

    street: StreetGraph
    root: int
    source: IntArray


def _street_nodes(street: StreetGraph) -> tuple[IntArray, ObjectArray]:
    """Return the nodes of streets and their points."""
    piece = street.edge_section >= 0
    ends = np.concatenate([street.graph.tail[piece], street.graph.head[piece]])
    points = np.concatenate(
        [shapely.get_point(street.edge_line[piece], 0), shapely.get_point(street.edge_line[piece], -1)]
    )
    node, first = np.unique(ends, return_index=True)
    return node, points[first]


def _part_heat_mwh(street: StreetGraph, part: IntArray, heat_mwh: FloatArray) -> FloatArray:
    """Return the heat that the streets of each part reach."""
    link = street.edge_consumer >= 0
    pairs = np.unique(np.column_stack([part[street.graph.tail[link]], street.edge_consumer[link]]), axis=0)
    total = np.bincount(pairs[:, 0], heat_mwh[pairs[:, 1]], minlength=int(part.max()) + 1)
    return np.asarray(total, dtype=np.float64)


def add_feed_ins(street: StreetGraph, heat_mwh: FloatArray, feed_ins: FeedIns) -> RootedStreets | None:
    """Return the streets with a root from which the sources feed in; None without streets or consumers.

    A source joins the nearest street of those parts that hold enough heat; where none lies at the part
    with most heat, the best source is led there.

    Parameters
    ----------
    street : StreetGraph
    heat_mwh : (c,) array
        Of each consumer.
    feed_ins : FeedIns
    """
    link = street.edge_consumer >= 0
    if not link.any() or not len(feed_ins.place) or not (street.edge_section >= 0).any():
        return None
    graph = street.graph
    part = components(graph, np.flatnonzero(~link))
    heat = _part_heat_mwh(street, part, heat_mwh)
    node, point = _street_nodes(street)
    worth_it = heat[part[node]] >= max(LEAST_PART_SHARE * float(heat.max()), 1e-12)
    node, point = node[worth_it], point[worth_it]
    if not len(node):
        return None
    main = part[node] == int(heat.argmax())
    joins = _nearest(feed_ins.place, node, point)
    if not (part[joins] == int(heat.argmax())).any():
        joins[0] = _nearest(feed_ins.place[:1], node[main], point[main])[0]
    point_of = np.empty(graph.node_count, dtype=object)
    point_of[node] = point
    return _joined(street, feed_ins, joins, shapely.shortest_line(feed_ins.place, point_of[joins]))


def _nearest(place: ObjectArray, node: IntArray, point: ObjectArray) -> IntArray:
    index = shapely.STRtree(point).query_nearest(place, all_matches=False)[1]
    return np.asarray(node[index], dtype=np.int64)


def _joined(street: StreetGraph, feed_ins: FeedIns, joins: IntArray, lines: ObjectArray) -> RootedStreets:
    graph, count = street.graph, len(joins)
    root = graph.node_count
    none = np.full(count, NO_SECTION)
    made = StreetGraph(
        make_graph(
            root + 1,
            np.concatenate([graph.tail, joins]),
            np.concatenate([graph.head, np.full(count, root)]),
            np.concatenate([graph.cost, shapely.length(lines) * feed_ins.detour_ratio]),
        ),
        street.consumer_node,
        np.concatenate([street.edge_section, none]),
        np.concatenate([street.edge_consumer, none]),
        np.concatenate([street.edge_line, lines]),
    )
    source = np.concatenate([np.full(len(graph.tail), -1), np.arange(count)])
    return RootedStreets(made, root, source)


def is_feed_in(street: StreetGraph) -> BoolArray:
    """Say which edges are feed-in trenches."""
    return np.asarray((street.edge_section < 0) & (street.edge_consumer < 0))


def forced_edges(street: StreetGraph, forced_section: BoolArray | None) -> BoolArray:
    """Say in which edges a pipe must lie.

    Parameters
    ----------
    street : StreetGraph
    forced_section : (s,) array, optional
    """
    if forced_section is None or not len(forced_section):
        return np.zeros(len(street.edge_section), dtype=bool)
    return np.asarray((street.edge_section >= 0) & forced_section[np.maximum(street.edge_section, 0)])


def ends_of(graph: Graph, is_edge: BoolArray) -> IntArray:
    """Return the nodes at the ends of some edges."""
    return np.unique(np.concatenate([graph.tail[is_edge], graph.head[is_edge]]))


def with_forced(graph: Graph, edges: IntArray, forced: BoolArray, terminals: IntArray) -> IntArray:
    """Return a tree on the nodes of a tree in which forced edges come first; of a ring one edge stays out.

    Examples
    --------
    >>> graph = make_graph(3, np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([1.0, 1.0, 5.0]))
    >>> forced = np.array([False, False, True])
    >>> with_forced(graph, np.array([0, 1]), forced, np.array([0, 1, 2])).tolist()
    [0, 2]
    """
    if not forced.any() or np.isin(np.flatnonzero(forced), edges).all():
        return edges
    nodes = np.zeros(graph.node_count, dtype=bool)
    nodes[graph.tail[edges]] = nodes[graph.head[edges]] = nodes[terminals] = True
    nodes[ends_of(graph, forced)] = True
    allowed = np.where(forced, 0.0, graph.cost)
    wanted = np.zeros(graph.node_count, dtype=bool)
    wanted[terminals] = True
    wanted[ends_of(graph, forced)] = True
    inside = np.zeros(len(allowed), dtype=bool)
    inside[edges] = True
    # what is not in the tree comes last, so that only forced edges are taken in
    order = np.where(forced, 0.0, np.where(inside, 1.0 + allowed, np.inf))
    dear = float(np.nan_to_num(order, posinf=0.0).sum()) + 1.0
    return smallest_tree(replace(graph, cost=np.where(np.isfinite(order), order, dear)), nodes, wanted)
