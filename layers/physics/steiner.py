"""The shortest trench that joins given buildings: Steiner trees on street graphs.

Takahashi and Matsuyama's shortest-path heuristic from several starts (one Dijkstra search that goes on
from whatever the tree has reached), a smallest tree on the nodes found, branches to nobody cut off; then
stretches between branchings are taken out and the two halves joined again by the shortest way there is,
as long as that saves length (key-path exchange, Verhoeven et al. 1996). How far the result can be from
the shortest trench at all is said by `layers.physics.dual_ascent`.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from layers.core.errors import ContractProblem
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.graphs import Graph, components, smallest_tree

# trees are compared in the unit of the costs; shorter differences are rounding
EPS_SHARE = 1e-9
DEFAULT_STARTS = 8
MOST_PASSES = 20
# a stretch between two larger halves is left as it is: looking round them costs more than it saves
LARGEST_HALF_COUNT = 300


@njit(cache=True, nogil=True)
def _grow(
    first: IntArray, neighbour: IntArray, edge: IntArray, cost: FloatArray, is_terminal: BoolArray, start: int
) -> BoolArray:
    """Return the nodes of the tree that grows from a terminal, nearest terminal next."""
    count = len(first) - 1
    far = np.full(count, np.inf)
    before = np.full(count, -1, dtype=np.int64)
    inside = np.zeros(count, dtype=np.bool_)
    left = is_terminal.sum() - (1 if is_terminal[start] else 0)
    far[start] = 0.0
    inside[start] = True
    heap = [(0.0, start)]
    while len(heap) > 0 and left > 0:
        reached, node = heapq.heappop(heap)
        if reached > far[node]:
            continue
        if is_terminal[node] and not inside[node]:
            at = node
            while not inside[at]:
                inside[at] = True
                if is_terminal[at]:
                    left -= 1
                far[at] = 0.0
                heapq.heappush(heap, (0.0, at))
                at = before[at]
            continue
        for k in range(first[node], first[node + 1]):
            other = neighbour[k]
            longer = reached + cost[edge[k]]
            if longer < far[other]:
                far[other] = longer
                before[other] = node
                heapq.heappush(heap, (longer, other))
    return inside


def _starts(terminals: IntArray, count: int) -> IntArray:
    """Return terminals spread evenly over their order, the first one always among them."""
    if len(terminals) <= count:
        return terminals
    return terminals[np.unique(np.linspace(0, len(terminals) - 1, count).astype(np.int64))]


def check_terminals(graph: Graph, terminals: IntArray) -> None:
    """Refuse terminals that no tree can join.

    Raises
    ------
    ContractProblem
        When there is none, one is not in the graph, or they lie in parts that do not touch.
    """
    if not len(terminals):
        raise ContractProblem("there is nothing to join: no terminal was given.")
    if terminals.min() < 0 or terminals.max() >= graph.node_count:
        raise ContractProblem(f"a terminal is not among the {graph.node_count:,} nodes of the graph.")
    parts = np.unique(components(graph)[terminals])
    if len(parts) > 1:
        raise ContractProblem(
            f"the {len(terminals):,} terminals lie in {len(parts):,} parts of the graph that do not touch; "
            "join each part by itself."
        )


def grow_from(graph: Graph, terminals: IntArray, start: int) -> BoolArray:
    """Return which nodes a tree reaches that grows from one node to all terminals, nearest next."""
    is_terminal = np.zeros(graph.node_count, dtype=np.bool_)
    is_terminal[terminals] = True
    return np.asarray(
        _grow(graph.first, graph.neighbour, graph.edge, graph.cost, is_terminal, start), dtype=np.bool_
    )


def grow_tree(graph: Graph, terminals: IntArray, *, start_count: int = DEFAULT_STARTS) -> IntArray:
    """Return the edges of a short tree that joins the terminals, without the search for better nodes.

    Parameters
    ----------
    graph : Graph
    terminals : (t,) array
        Nodes to join; all in one connected part.
    start_count : int
        Terminals from which a tree is grown; the shortest one is taken.

    Raises
    ------
    ContractProblem
    """
    terminals = np.unique(terminals)
    check_terminals(graph, terminals)
    is_terminal = np.zeros(graph.node_count, dtype=np.bool_)
    is_terminal[terminals] = True
    best, shortest = np.empty(0, dtype=np.int64), np.inf
    for start in _starts(terminals, start_count):
        tree = smallest_tree(graph, grow_from(graph, terminals, int(start)), is_terminal)
        length = float(graph.cost[tree].sum())
        if length < shortest * (1.0 - EPS_SHARE):
            best, shortest = tree, length
    return best


@njit(cache=True, nogil=True)
def _is_key(node: int, degree: IntArray, is_terminal: BoolArray) -> bool:
    """Say whether a stretch ends here: at a terminal or where the tree branches."""
    return bool(is_terminal[node] or degree[node] != 2)


@njit(cache=True, nogil=True)
def _smaller_half(
    first: IntArray, neighbour: IntArray, edge: IntArray, in_tree: BoolArray, stamp: IntArray,
    queues: IntArray, ends: tuple[int, int], turn: int,
) -> tuple[int, int]:  # fmt: skip
    """Walk the tree from two nodes in turns until one half is exhausted, or both are too large.

    Nodes of the halves are stamped `turn` and `turn + 1`; which half is the smaller one and how many
    nodes it has is returned, and they stand in its row of `queues`; -1 when both are too large.
    """
    found = np.array([1, 1])
    at = np.array([0, 0])
    for side in range(2):
        queues[side, 0] = ends[side]
        stamp[ends[side]] = turn + side
    while True:
        for side in range(2):
            if at[side] == found[side]:
                return side, found[side]
            if at[side] > LARGEST_HALF_COUNT:
                return -1, 0
            node = queues[side, at[side]]
            at[side] += 1
            for k in range(first[node], first[node + 1]):
                other = neighbour[k]
                if in_tree[edge[k]] and stamp[other] != turn + side:
                    stamp[other] = turn + side
                    queues[side, found[side]] = other
                    found[side] += 1


@njit(cache=True, nogil=True)
def _exchange_paths(
    first: IntArray, neighbour: IntArray, edge: IntArray, tail: IntArray, head: IntArray, cost: FloatArray,
    in_tree: BoolArray, is_terminal: BoolArray, eps: float,
) -> int:  # fmt: skip
    """Replace stretches of the tree by shorter ones, each at most once; return how many were replaced."""
    count = len(first) - 1
    degree = np.zeros(count, dtype=np.int64)
    for node in range(count):
        for k in range(first[node], first[node + 1]):
            if in_tree[edge[k]]:
                degree[node] += 1
    stamp = np.zeros(count, dtype=np.int64)
    queues = np.empty((2, count), dtype=np.int64)
    far = np.full(count, np.inf)
    before = np.full(count, -1, dtype=np.int64)
    by_edge = np.full(count, -1, dtype=np.int64)
    path = np.empty(count, dtype=np.int64)
    touched = np.empty(count, dtype=np.int64)
    turn = 1
    replaced = 0
    for start in range(count):
        if degree[start] == 0 or not _is_key(start, degree, is_terminal):
            continue
        for k0 in range(first[start], first[start + 1]):
            if not in_tree[edge[k0]] or not _is_key(start, degree, is_terminal):
                continue
            # follow the stretch to its other end
            length, steps = 0.0, 0
            node, step = start, k0
            while True:
                path[steps] = edge[step]
                steps += 1
                length += cost[edge[step]]
                node = neighbour[step]
                if _is_key(node, degree, is_terminal):
                    break
                for k in range(first[node], first[node + 1]):
                    if in_tree[edge[k]] and edge[k] != path[steps - 1]:
                        step = k
                        break
            # each stretch is met from both ends; once is enough
            if node <= start:
                continue
            for i in range(steps):
                in_tree[path[i]] = False
            side, size = _smaller_half(first, neighbour, edge, in_tree, stamp, queues, (start, node), turn)
            mine = turn + side
            turn += 2
            if side < 0:
                for i in range(steps):
                    in_tree[path[i]] = True
                continue
            seen = size
            heap = [(0.0, queues[side, 0])]
            for i in range(size):
                far[queues[side, i]] = 0.0
                touched[i] = queues[side, i]
                if i > 0:
                    heap.append((0.0, queues[side, i]))
            best, meeting = length - eps, -1
            while len(heap) > 0:
                reached, at = heapq.heappop(heap)
                if reached >= best:
                    break
                if reached > far[at]:
                    continue
                if stamp[at] != mine:
                    is_other = False
                    for k in range(first[at], first[at + 1]):
                        if in_tree[edge[k]]:
                            is_other = True
                            break
                    if is_other or is_terminal[at]:
                        meeting = at
                        break
                for k in range(first[at], first[at + 1]):
                    other = neighbour[k]
                    longer = reached + cost[edge[k]]
                    if longer < far[other] and longer < best:
                        if far[other] == np.inf:
                            touched[seen] = other
                            seen += 1
                        far[other] = longer
                        before[other] = at
                        by_edge[other] = edge[k]
                        heapq.heappush(heap, (longer, other))
            if meeting < 0:
                for i in range(steps):
                    in_tree[path[i]] = True
            else:
                replaced += 1
                for i in range(steps):
                    degree[tail[path[i]]] -= 1
                    degree[head[path[i]]] -= 1
                at = meeting
                while stamp[at] != mine:
                    added = by_edge[at]
                    in_tree[added] = True
                    degree[tail[added]] += 1
                    degree[head[added]] += 1
                    at = before[at]
            for i in range(seen):
                far[touched[i]] = np.inf
                before[touched[i]] = -1
    return replaced


def improve_tree(
    graph: Graph, terminals: IntArray, edges: IntArray, *, passes: int = MOST_PASSES
) -> IntArray:
    """Return a tree at most as long, found by exchanging stretches of the given one.

    Parameters
    ----------
    graph : Graph
    terminals : (t,) array
    edges : (k,) array
        A tree that joins the terminals, without loose ends.
    passes : int
        Most rounds over all stretches.
    """
    is_terminal = np.zeros(graph.node_count, dtype=np.bool_)
    is_terminal[terminals] = True
    eps = EPS_SHARE * max(float(graph.cost[edges].sum()), 1e-12)
    for _ in range(passes):
        in_tree = np.zeros(len(graph.tail), dtype=np.bool_)
        in_tree[edges] = True
        replaced = _exchange_paths(
            graph.first, graph.neighbour, graph.edge, graph.tail, graph.head, graph.cost, in_tree,
            is_terminal, eps,
        )  # fmt: skip
        if not replaced:
            break
        nodes = np.zeros(graph.node_count, dtype=np.bool_)
        nodes[graph.tail[in_tree]] = True
        nodes[graph.head[in_tree]] = True
        edges = smallest_tree(graph, nodes, is_terminal)
    return edges
