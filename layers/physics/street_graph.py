"""The graph on which a heat network can be laid: street sections, cut where buildings can connect.

Each consumer gets up to three candidate links to different sections, the nearest one and others that
are not much farther; which of them is built is decided with the network. Sections hang together where
their ends lie in the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.graphs import Graph, components, make_graph

# ends of sections closer than this are one place; links that meet a section this close to each other, too
SAME_PLACE_M = 0.05
NO_SECTION = -1


@dataclass(frozen=True)
class StreetGraph:
    """Streets and links as one graph.

    Attributes
    ----------
    graph : Graph
        Costs are metres.
    consumer_node : (c,) array
        The node of each consumer; -1 for one without a street in reach.
    edge_section : (e,) array
        The section that an edge is a piece of; -1 for links.
    edge_consumer : (e,) array
        The consumer that a link leads to; -1 for pieces of streets.
    edge_line : (e,) array of LineString
    """

    graph: Graph
    consumer_node: IntArray
    edge_section: IntArray
    edge_consumer: IntArray
    edge_line: ObjectArray


@dataclass(frozen=True)
class Links:
    """Candidate links: consumer, section, where on the section (metres from its start), and the line."""

    consumer: IntArray
    section: IntArray
    position_m: FloatArray
    line: ObjectArray


def candidate_links(
    outlines: ObjectArray,
    sections: ObjectArray,
    *,
    most_count: int,
    reach_m: float,
    detour_m: float,
    allowed: BoolArray | None = None,
) -> Links:
    """Return the links that each consumer may be connected by.

    Parameters
    ----------
    outlines : (c,) array of geometries
    sections : (s,) array of LineString
    most_count : int
        Links a consumer may have at most.
    reach_m : float
        No link is longer.
    detour_m : float
        Links beside the shortest one are at most this much longer.
    allowed : (s,) array, optional
        Sections to which one may connect; to all when it is left out.
    """
    usable = np.flatnonzero(np.ones(len(sections), dtype=bool) if allowed is None else allowed)
    nothing = np.zeros(0, dtype=np.int64)
    if not len(usable) or not len(outlines):
        return Links(nothing, nothing, np.zeros(0), np.zeros(0, dtype=object))
    tree = shapely.STRtree(sections[usable])
    (near, _), far = tree.query_nearest(outlines, max_distance=reach_m, return_distance=True)
    shortest = np.full(len(outlines), np.nan)
    shortest[near] = far
    known = np.flatnonzero(np.isfinite(shortest))
    if not len(known):
        return Links(nothing, nothing, np.zeros(0), np.zeros(0, dtype=object))
    within = np.minimum(shortest[known] + detour_m, reach_m)
    consumer, section = tree.query(outlines[known], predicate="dwithin", distance=within)
    consumer, section = known[consumer], usable[section]
    distance = shapely.distance(outlines[consumer], sections[section])
    order = np.lexsort((section, distance, consumer))
    consumer, section = consumer[order], section[order]
    first = np.searchsorted(consumer, consumer)
    kept = np.arange(len(consumer)) - first < most_count
    consumer, section = consumer[kept], section[kept]
    lines = shapely.shortest_line(sections[section], outlines[consumer])
    position = shapely.line_locate_point(sections[section], shapely.get_point(lines, 0))
    return Links(consumer, section, np.asarray(position), np.asarray(lines, dtype=object))


def _places(xy_m: FloatArray) -> IntArray:
    _, place = np.unique(np.round(xy_m / SAME_PLACE_M), axis=0, return_inverse=True)
    return place.reshape(-1).astype(np.int64)


@dataclass(frozen=True)
class _Cuts:
    """Where sections are cut, in order: section, position, node."""

    section: IntArray
    position_m: FloatArray
    node: IntArray


def _cut(sections: ObjectArray, links: Links) -> tuple[_Cuts, IntArray, int]:
    """Return all cuts, the node of each link's foot, and how many nodes there are."""
    count = len(sections)
    length = shapely.length(sections)
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(sections, k)) for k in (0, -1)]
    )  # fmt: skip
    place = _places(ends)
    start, end = place[:count], place[count:]
    steps = np.round(links.position_m / SAME_PLACE_M).astype(np.int64)
    at_start = steps <= 0
    at_end = ~at_start & (links.position_m >= length[links.section] - SAME_PLACE_M)
    inside = ~at_start & ~at_end
    feet, which = np.unique(
        np.column_stack([links.section[inside], steps[inside]]), axis=0, return_inverse=True
    )  # fmt: skip
    first_new = int(place.max()) + 1 if count else 0
    foot = np.where(at_start, start[links.section], end[links.section])
    foot[inside] = first_new + which.reshape(-1)
    section = np.concatenate([np.arange(count), feet[:, 0], np.arange(count)])
    position = np.concatenate([np.zeros(count), feet[:, 1] * SAME_PLACE_M, length])
    node = np.concatenate([start, first_new + np.arange(len(feet)), end])
    order = np.lexsort((position, section))
    cuts = _Cuts(section[order], position[order], node[order])
    return cuts, foot, first_new + len(feet)


def _pieces(sections: ObjectArray, cuts: _Cuts) -> tuple[IntArray, ObjectArray]:
    """Return the cut at which each piece begins, and its line."""
    begins = np.flatnonzero(cuts.section[1:] == cuts.section[:-1])
    if not len(begins):
        return begins, np.zeros(0, dtype=object)
    xy, of_section = shapely.get_coordinates(sections, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T)
    step = np.concatenate([[0.0], np.where(of_section[1:] == of_section[:-1], step, 0.0)])
    run = np.cumsum(step)
    along = run - run[np.searchsorted(of_section, of_section)]
    # vertices lie between the cuts of their section: number them by the piece they fall into
    low, high = cuts.position_m[begins], cuts.position_m[begins + 1]
    piece_of = np.full(len(cuts.section), -1)
    piece_of[begins] = np.arange(len(begins))
    key = cuts.section + 0.0
    span = float(along.max()) + 1.0
    rank = np.searchsorted(key * span + cuts.position_m, of_section * span + along, side="right") - 1
    piece = piece_of[np.clip(rank, 0, len(piece_of) - 1)]
    inner = (piece >= 0) & (along > low[piece] + 1e-9) & (along < high[piece] - 1e-9)
    lines = sections[cuts.section[begins]]
    from_xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, low))
    to_xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, high))
    number = np.arange(len(begins))
    all_xy = np.concatenate([from_xy, xy[inner], to_xy])
    belongs = np.concatenate([number, piece[inner], number])
    place = np.concatenate([low - 1e-9, along[inner], high + 1e-9])
    order = np.lexsort((place, belongs))
    return begins, np.asarray(shapely.linestrings(all_xy[order], indices=belongs[order]), dtype=object)


def make_street_graph(
    consumer_count: int, sections: ObjectArray, links: Links, *, blocked: BoolArray | None = None
) -> StreetGraph:
    """Return the graph of sections and links.

    Parameters
    ----------
    consumer_count : int
    sections : (s,) array of LineString
        In metres.
    links : Links
    blocked : (s,) array, optional
        Sections in which no pipe may lie; they carry nothing and links to them are dropped.
    """
    if blocked is not None and blocked.any():
        open_link = ~blocked[links.section]
        links = Links(
            links.consumer[open_link], links.section[open_link], links.position_m[open_link],
            links.line[open_link],
        )  # fmt: skip
    cuts, foot, street_nodes = _cut(sections, links)
    begins, lines = _pieces(sections, cuts)
    served, position = np.unique(links.consumer, return_inverse=True)
    consumer_node = np.full(consumer_count, -1)
    consumer_node[served] = street_nodes + np.arange(len(served))
    tail = np.concatenate([cuts.node[begins], foot])
    head = np.concatenate([cuts.node[begins + 1], street_nodes + position.reshape(-1)])
    length = np.concatenate(
        [cuts.position_m[begins + 1] - cuts.position_m[begins], shapely.length(links.line)]
    )  # fmt: skip
    section = np.concatenate([cuts.section[begins], np.full(len(foot), NO_SECTION)])
    consumer = np.concatenate([np.full(len(begins), -1), links.consumer])
    line = np.concatenate([lines, links.line])
    kept = tail != head
    if blocked is not None:
        kept &= (section < 0) | ~blocked[np.maximum(section, 0)]
    graph = make_graph(street_nodes + len(served), tail[kept], head[kept], length[kept])
    return StreetGraph(graph, consumer_node, section[kept], consumer[kept], line[kept])


def connected_part(street: StreetGraph, weight: FloatArray) -> tuple[StreetGraph, IntArray]:
    """Return the streets that hang together and reach most weight, and the consumers on them.

    Streets hang together by themselves: a house with links to two of them is no bridge. Links to other
    streets are left out; nodes keep their numbers.

    Parameters
    ----------
    street : StreetGraph
    weight : (c,) array
        Of each consumer, for example its heat.
    """
    graph = street.graph
    link = street.edge_consumer >= 0
    part = components(graph, np.flatnonzero(~link))
    # a link begins on its street
    beside = part[graph.tail[link]]
    who = street.edge_consumer[link]
    if not len(who):
        return street, np.zeros(0, dtype=np.int64)
    pairs = np.unique(np.column_stack([beside, who]), axis=0)
    best = int(np.bincount(pairs[:, 0], weight[pairs[:, 1]]).argmax())
    kept = np.where(link, part[graph.tail] == best, True)
    reached = np.unique(pairs[pairs[:, 0] == best, 1])
    node = np.full(len(street.consumer_node), -1)
    node[reached] = street.consumer_node[reached]
    narrowed = StreetGraph(
        make_graph(graph.node_count, graph.tail[kept], graph.head[kept], graph.cost[kept]),
        node, street.edge_section[kept], street.edge_consumer[kept], street.edge_line[kept],
    )  # fmt: skip
    return narrowed, reached
