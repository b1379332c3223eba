"""How short a trench can be at most: a lower bound for Steiner trees, and the streets that matter.

Wong's dual ascent (1984): money is laid on every set of nodes that a terminal can reach for free and the
root is not part of, until all terminals reach the root over paid edges. No tree can cost less than the
money laid out. The edges that are paid in full make a small graph in which short trees are easy to find
(Poggi de Aragão, Uchoa and Werneck 2001), so that bound and tree come close to each other.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.graphs import Graph, smallest_tree
from layers.physics.steiner import DEFAULT_STARTS, check_terminals, grow_tree, improve_tree

# a remaining cost below this share of the mean cost is nothing
PAID_SHARE = 1e-9


@dataclass(frozen=True)
class Certificate:
    """A tree and how far it can be from the best one.

    Attributes
    ----------
    edges : (k,) array
        The tree.
    cost : float
        Its cost.
    bound : float
        No tree that joins the terminals costs less.
    """

    edges: IntArray
    cost: float
    bound: float

    @property
    def gap_share(self) -> float:
        """The most that a better tree could save, over the bound."""
        return self.cost / self.bound - 1.0 if self.bound > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _lay_out(
    first: IntArray,
    neighbour: IntArray,
    edge: IntArray,
    arc_in: IntArray,
    left: FloatArray,
    is_terminal: BoolArray,
    root: int,
    paid: float,
) -> float:
    """Lay money on cuts until every terminal reaches the root; return the sum, `left` keeps what is unpaid.

    `arc_in[k]` is the arc that leads from `neighbour[k]` into the node whose list `k` lies in.
    """
    count = len(first) - 1
    bound = 0.0
    seen = np.full(count, -1, dtype=np.int64)
    queue = np.empty(count, dtype=np.int64)
    # a terminal waits with the number of arcs of its cut: the smallest cut pays first
    heap = [(first[node + 1] - first[node], node) for node in range(count) if is_terminal[node]]
    heap = [(size, node) for size, node in heap if node != root]
    heapq.heapify(heap)
    turn = 0
    while len(heap) > 0:
        _, terminal = heapq.heappop(heap)
        while True:
            turn += 1
            seen[terminal] = turn
            queue[0] = terminal
            found, at = 1, 0
            is_joined = False
            while at < found and not is_joined:
                node = queue[at]
                at += 1
                for k in range(first[node], first[node + 1]):
                    other = neighbour[k]
                    if seen[other] != turn and left[arc_in[k]] <= paid:
                        if other == root:
                            is_joined = True
                            break
                        seen[other] = turn
                        queue[found] = other
                        found += 1
            if is_joined:
                break
            size, least = 0, np.inf
            for i in range(found):
                node = queue[i]
                for k in range(first[node], first[node + 1]):
                    if seen[neighbour[k]] != turn:
                        size += 1
                        least = min(least, left[arc_in[k]])
            if size == 0:
                break
            if len(heap) > 0 and size > heap[0][0]:
                heapq.heappush(heap, (size, terminal))
                break
            bound += least
            for i in range(found):
                node = queue[i]
                for k in range(first[node], first[node + 1]):
                    if seen[neighbour[k]] != turn:
                        left[arc_in[k]] -= least
    return bound


def _arcs(graph: Graph) -> IntArray:
    """Return for each place in the lists of neighbours the arc that leads into the node of the list."""
    node = np.repeat(np.arange(graph.node_count), np.diff(graph.first))
    # arc e leads from tail to head, arc e + count back
    return np.where(graph.head[graph.edge] == node, graph.edge, graph.edge + len(graph.tail))


def _bound(graph: Graph, is_terminal: BoolArray, root: int) -> tuple[float, BoolArray]:
    """Return the lower bound from one root, and which edges are paid in full in one direction."""
    left = np.concatenate([graph.cost, graph.cost])
    paid = PAID_SHARE * float(graph.cost.mean()) if len(graph.cost) else 0.0
    bound = _lay_out(
        graph.first, graph.neighbour, graph.edge, _arcs(graph), left, is_terminal, root, paid
    )  # fmt: skip
    count = len(graph.tail)
    return float(bound), np.minimum(left[:count], left[count:]) <= paid


def certify_tree(
    graph: Graph,
    terminals: IntArray,
    *,
    root_count: int = 3,
    start_count: int = DEFAULT_STARTS,
) -> Certificate:
    """Return a short tree that joins the terminals, with a bound below which no tree can be.

    Parameters
    ----------
    graph : Graph
    terminals : (t,) array
        Nodes to join; all in one connected part.
    root_count : int
        Terminals from which the bound is laid out; the best one counts.
    start_count : int
        Terminals from which a tree is grown in the whole graph.

    Raises
    ------
    ContractProblem
        When the terminals cannot be joined.

    Examples
    --------
    A star of three arms of 10 m is shorter than two sides of 18 m; nothing is shorter than it.

    >>> from layers.physics.graphs import make_graph
    >>> tail, head = np.array([3, 3, 3, 0, 1]), np.array([0, 1, 2, 1, 2])
    >>> found = certify_tree(
    ...     make_graph(4, tail, head, np.array([10.0, 10.0, 10.0, 18.0, 18.0])), np.array([0, 1, 2])
    ... )
    >>> found.cost, found.bound, found.edges.tolist()
    (30.0, 30.0, [0, 1, 2])
    """
    terminals = np.unique(terminals)
    check_terminals(graph, terminals)
    is_terminal = np.zeros(graph.node_count, dtype=np.bool_)
    is_terminal[terminals] = True
    best = improve_tree(graph, terminals, grow_tree(graph, terminals, start_count=start_count))
    bound = 0.0
    for root in terminals[np.unique(np.linspace(0, len(terminals) - 1, root_count).astype(np.int64))]:
        laid_out, is_paid = _bound(graph, is_terminal, int(root))
        bound = max(bound, laid_out)
        tree = improve_tree(graph, terminals, _tree_on(graph, terminals, is_paid, start_count))
        if graph.cost[tree].sum() < graph.cost[best].sum():
            best = tree
    return Certificate(best, float(graph.cost[best].sum()), min(bound, float(graph.cost[best].sum())))


def _tree_on(graph: Graph, terminals: IntArray, is_paid: BoolArray, start_count: int) -> IntArray:
    """Return a tree that grows on paid edges only, and is then made the smallest on its nodes."""
    # unpaid edges stay passable at a price that no tree of paid ones reaches
    dear = float(graph.cost.sum()) + 1.0
    grown = grow_tree(
        graph.with_cost(np.where(is_paid, graph.cost, graph.cost + dear)), terminals, start_count=start_count
    )
    allowed = np.zeros(graph.node_count, dtype=np.bool_)
    allowed[terminals] = True
    allowed[graph.tail[grown]] = True
    allowed[graph.head[grown]] = True
    is_terminal = np.zeros(graph.node_count, dtype=np.bool_)
    is_terminal[terminals] = True
    return smallest_tree(graph, allowed, is_terminal)
