"""Undirected graphs as arrays: nodes are numbers, edges have a length or a cost, parallel edges are allowed.

Trees are sets of edges of such a graph, given by their numbers, so that what is found can be traced back
to the street sections and service pipes it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layers.core.errors import ContractProblem
from layers.core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Graph:
    """An undirected graph with costs of edges.

    Attributes
    ----------
    node_count : int
    tail, head : (e,) arrays
        The two nodes of each edge.
    cost : (e,) array
        Not negative; metres or money.
    first : (n + 1,) array
        Where each node's neighbours begin in `neighbour` and `edge`.
    neighbour, edge : (2 e,) arrays
        The node on the other side, and the number of the edge that leads there.
    """

    node_count: int
    tail: IntArray
    head: IntArray
    cost: FloatArray
    first: IntArray
    neighbour: IntArray
    edge: IntArray

    def with_cost(self, cost: FloatArray) -> Graph:
        """Return the same graph with other costs."""
        checked = _checked_cost(cost, len(self.tail))
        return Graph(
            self.node_count, self.tail, self.head, checked, self.first, self.neighbour, self.edge
        )  # fmt: skip


def _checked_cost(cost: FloatArray, count: int) -> FloatArray:
    values = np.ascontiguousarray(cost, dtype=np.float64)
    if values.shape != (count,) or not np.isfinite(values).all() or (values < 0).any():
        raise ContractProblem(
            f"the costs of {count:,} edges must be as many finite numbers from 0 on; found "
            f"{values.shape} with {int((~np.isfinite(values) | (values < 0)).sum()):,} others."
        )
    return values


def make_graph(node_count: int, tail: IntArray, head: IntArray, cost: FloatArray) -> Graph:
    """Return a graph with its lists of neighbours.

    Raises
    ------
    ContractProblem
        When an edge names a node that is not there, or a cost is negative or no number.

    Examples
    --------
    >>> graph = make_graph(3, np.array([0, 1]), np.array([1, 2]), np.array([5.0, 7.0]))
    >>> sorted(graph.neighbour[graph.first[1] : graph.first[2]].tolist())
    [0, 2]
    """
    tail, head = np.ascontiguousarray(tail, dtype=np.int64), np.ascontiguousarray(head, dtype=np.int64)
    ends = np.concatenate([tail, head])
    if len(ends) and (ends.min() < 0 or ends.max() >= node_count):
        raise ContractProblem(
            f"edges lead to nodes {int(ends.min())} to {int(ends.max())}, but there are {node_count:,} nodes."
        )
    others = np.concatenate([head, tail])
    order = np.argsort(ends, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=node_count))]).astype(np.int64)
    edge = np.concatenate([np.arange(len(tail)), np.arange(len(tail))])[order]
    return Graph(node_count, tail, head, _checked_cost(cost, len(tail)), first, others[order], edge)


def components(graph: Graph, kept: IntArray | None = None) -> IntArray:
    """Return the number of the connected part of each node, parts in the order of their first node.

    Parameters
    ----------
    graph : Graph
    kept : (k,) array, optional
        Edges that count; all of them when it is left out.
    """
    tail, head = (graph.tail, graph.head) if kept is None else (graph.tail[kept], graph.head[kept])
    shape = (graph.node_count, graph.node_count)
    matrix = coo_matrix((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape)
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


@njit(cache=True, nogil=True)
def _root(parent: IntArray, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def spanning_edges(node_count: int, tail: IntArray, head: IntArray, order: IntArray) -> IntArray:
    """Return the edges that Kruskal's method takes when it meets them in the given order."""
    parent = np.arange(node_count)
    taken = np.empty(min(len(order), node_count), dtype=np.int64)
    count = 0
    for edge in order:
        one, other = _root(parent, tail[edge]), _root(parent, head[edge])
        if one != other:
            parent[max(one, other)] = min(one, other)
            taken[count] = edge
            count += 1
    return taken[:count]


@njit(cache=True, nogil=True)
def drop_loose_ends(
    node_count: int, tail: IntArray, head: IntArray, edges: IntArray, is_wanted: BoolArray
) -> IntArray:
    """Return the edges of a forest without branches that lead to no wanted node."""
    degree = np.zeros(node_count, dtype=np.int64)
    # the number of the one edge that is left at a node of degree one is the xor of what is left
    left = np.zeros(node_count, dtype=np.int64)
    for i in range(len(edges)):
        for node in (tail[edges[i]], head[edges[i]]):
            degree[node] += 1
            left[node] ^= i
    kept = np.ones(len(edges), dtype=np.bool_)
    for start in range(node_count):
        node = start
        while degree[node] == 1 and not is_wanted[node]:
            i = left[node]
            kept[i] = False
            other = tail[edges[i]] + head[edges[i]] - node
            degree[node] = 0
            degree[other] -= 1
            left[other] ^= i
            node = other
    return edges[kept]


@njit(cache=True, nogil=True)
def walk_tree(
    first: IntArray, neighbour: IntArray, edge: IntArray, in_tree: BoolArray, root: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the nodes of a tree from its root on, and the node and the edge above each; -1 for none."""
    count = len(first) - 1
    order = np.empty(count, dtype=np.int64)
    above = np.full(count, -1)
    edge_above = np.full(count, -1)
    seen = np.zeros(count, dtype=np.bool_)
    order[0], seen[root] = root, True
    found, at = 1, 0
    while at < found:
        node = order[at]
        at += 1
        for k in range(first[node], first[node + 1]):
            other = neighbour[k]
            if in_tree[edge[k]] and not seen[other]:
                seen[other], above[other], edge_above[other] = True, node, edge[k]
                order[found] = other
                found += 1
    return order[:found], above, edge_above


def smallest_tree(graph: Graph, allowed: BoolArray, is_wanted: BoolArray) -> IntArray:
    """Return the cheapest forest on the allowed nodes, without branches that lead to no wanted node.

    Equal costs are taken in the order of the edges, so that the result does not hang on chance.
    """
    inside = np.flatnonzero(allowed[graph.tail] & allowed[graph.head] & (graph.tail != graph.head))
    order = inside[np.argsort(graph.cost[inside], kind="stable")]
    edges = spanning_edges(graph.node_count, graph.tail, graph.head, order)
    return np.sort(drop_loose_ends(graph.node_count, graph.tail, graph.head, edges, is_wanted))


def tree_faults(graph: Graph, edges: IntArray, terminals: IntArray) -> list[str]:
    """Return what keeps a set of edges from being a tree that joins all terminals; empty when nothing does.

    Examples
    --------
    >>> graph = make_graph(3, np.array([0, 1, 0]), np.array([1, 2, 2]), np.ones(3))
    >>> tree_faults(graph, np.array([0, 1]), np.array([0, 2]))
    []
    >>> tree_faults(graph, np.array([0, 1, 2]), np.array([0, 2]))
    ['it has a circle: 3 edges on 3 nodes']
    """
    faults = []
    if len(np.unique(edges)) != len(edges):
        faults.append("an edge is in it twice")
    nodes = np.unique(np.concatenate([graph.tail[edges], graph.head[edges], terminals[:1]]))
    part = components(graph, edges)
    if len(np.unique(part[nodes])) > 1:
        faults.append(f"it falls into {len(np.unique(part[nodes]))} parts")
    elif len(edges) != len(nodes) - 1:
        faults.append(f"it has a circle: {len(edges)} edges on {len(nodes)} nodes")
    missed = np.setdiff1d(terminals, nodes)
    if len(missed):
        faults.append(f"{len(missed)} of {len(terminals)} terminals are not in it")
    return faults
