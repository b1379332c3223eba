"""Who is worth joining: prize-collecting Steiner trees.

Every building brings a prize, every metre costs; the tree that starts at the source should leave as
little as possible of prizes lost plus costs paid. Goemans and Williamson's growth (1995) in the rooted
form of Hegde, Indyk and Schmidt (2014): around each building a moat grows as long as its prize lasts,
and where moats meet an edge is bought. The forest that reaches the root is made the smallest tree on
its nodes, branches that cost more than they bring are cut (the best sub-tree of a tree, exactly),
stretches are exchanged for shorter ones, and buildings left out whose way is worth their prize are taken
in again. The moats also say what no tree can be worth more than.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.errors import ContractProblem, PlannerError
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.graphs import Graph, components, make_graph, smallest_tree
from layers.physics.pairing_heap import EMPTY, drop_root, meld, put_off
from layers.physics.steiner import MOST_PASSES, grow_from, improve_tree

# distances closer than this share of the mean cost are equal
TIGHT_SHARE = 1e-9
MOST_ROUNDS = 10


@dataclass(frozen=True)
class Collected:
    """A tree from the root to the buildings that are worth it.

    Attributes
    ----------
    edges : (k,) array
        The tree; empty when nothing is worth joining.
    nodes : (j,) array
        Its nodes, the root always among them.
    value : float
        Prizes of these nodes less the costs of these edges.
    bound : float
        No tree from the root is worth more.
    """

    edges: IntArray
    nodes: IntArray
    value: float
    bound: float


@njit(cache=True, nogil=True)
def _reach(
    node: int, merged: IntArray, moat: FloatArray, skip: IntArray, skip_sum: FloatArray, trail: IntArray
) -> tuple[int, float]:
    """Return the living cluster of a node and how far the moats inside it reach from the node."""
    at, total, steps = node, 0.0, 0
    while merged[at] != EMPTY:
        trail[steps] = at
        steps += 1
        if skip[at] != EMPTY:
            total += skip_sum[at]
            at = skip[at]
        else:
            total += moat[at]
            at = merged[at]
    rest = total
    for i in range(steps):
        here = trail[i]
        step = skip_sum[here] if skip[here] != EMPTY else moat[here]
        skip[here] = at
        skip_sum[here] = rest
        rest -= step
    return at, total


@njit(cache=True, nogil=True)
def _grow_moats(
    node_count: int, tail: IntArray, head: IntArray, cost: FloatArray, prize: FloatArray, root: int,
    eps: float,
) -> tuple[IntArray, float]:  # fmt: skip
    """Return the edges that are bought, and what all moats together have grown."""
    edge_count, most = len(tail), 2 * node_count
    merged = np.full(most, EMPTY)
    skip = np.full(most, EMPTY)
    skip_sum = np.zeros(most)
    moat = np.zeros(most)
    since = np.zeros(most)
    until = np.zeros(most)
    left = np.zeros(most)
    is_active = np.zeros(most, dtype=np.bool_)
    has_root = np.zeros(most, dtype=np.bool_)
    heap_of = np.full(most, EMPTY)
    trail = np.empty(most, dtype=np.int64)
    pool = 4 * edge_count + 16
    key, late = np.zeros(pool), np.zeros(pool)
    child, sibling = np.full(pool, EMPTY), np.full(pool, EMPTY)
    side_of = np.empty(pool, dtype=np.int64)
    entry = np.full(2 * edge_count, EMPTY)
    free = np.arange(pool)[::-1].copy()
    free_count = pool
    for node in range(node_count):
        has_root[node] = node == root
        is_active[node] = node != root and prize[node] > eps
        left[node] = prize[node]
    has_root[root] = True
    for e in range(edge_count):
        if tail[e] == head[e]:
            continue
        for side in range(2):
            mine = tail[e] if side == 0 else head[e]
            other = head[e] if side == 0 else tail[e]
            free_count -= 1
            at = free[free_count]
            if not is_active[mine]:
                key[at] = 0.0
            elif is_active[other]:
                key[at] = cost[e] / 2.0
            else:
                key[at] = cost[e]
            side_of[at] = 2 * e + side
            entry[2 * e + side] = at
            heap_of[mine] = meld(heap_of[mine], at, key, late, child, sibling)
    alive = 0
    meetings = [(np.inf, 0)]
    ends = [(np.inf, 0)]
    for node in range(node_count):
        if is_active[node]:
            alive += 1
            heapq.heappush(ends, (left[node], node))
            if heap_of[node] != EMPTY:
                heapq.heappush(meetings, (key[heap_of[node]], node))
    bought = np.empty(node_count, dtype=np.int64)
    bought_count = 0
    cluster_count = node_count
    grown = 0.0
    while alive > 0:
        met, meeting = meetings[0]
        if meeting >= 0 and met < np.inf:
            stale = merged[meeting] != EMPTY or not is_active[meeting] or heap_of[meeting] == EMPTY
            if stale or key[heap_of[meeting]] != met:
                heapq.heappop(meetings)
                continue
        ended, ending = ends[0]
        if ended < np.inf and (merged[ending] != EMPTY or not is_active[ending]):
            heapq.heappop(ends)
            continue
        if ended <= met:
            if ended == np.inf:
                break
            heapq.heappop(ends)
            is_active[ending] = False
            until[ending] = ended
            moat[ending] = ended - since[ending]
            grown += moat[ending]
            alive -= 1
            continue
        now = met
        top = heap_of[meeting]
        side = side_of[top]
        heap_of[meeting] = drop_root(top, key, late, child, sibling)
        free[free_count] = top
        free_count += 1
        if heap_of[meeting] != EMPTY:
            heapq.heappush(meetings, (key[heap_of[meeting]], meeting))
        if entry[side] != top:
            continue
        entry[side] = EMPTY
        e = side // 2
        mine, other_node = (tail[e], head[e]) if side % 2 == 0 else (head[e], tail[e])
        one, one_reach = _reach(mine, merged, moat, skip, skip_sum, trail)
        other, other_reach = _reach(other_node, merged, moat, skip, skip_sum, trail)
        if one == other:
            entry[side ^ 1] = EMPTY
            continue
        one_now = one_reach + now - since[one]
        other_now = other_reach + (now - since[other] if is_active[other] else moat[other])
        remaining = cost[e] - one_now - other_now
        if remaining > eps:
            # not there yet: look again when it can be, and let the other side look as well
            wait = remaining / 2.0 if is_active[other] else remaining
            for again in range(2):
                cluster = one if again == 0 else other
                place = side if again == 0 else side ^ 1
                if free_count == 0:
                    more = len(key)
                    key = np.concatenate((key, np.zeros(more)))
                    late = np.concatenate((late, np.zeros(more)))
                    child = np.concatenate((child, np.full(more, EMPTY)))
                    sibling = np.concatenate((sibling, np.full(more, EMPTY)))
                    side_of = np.concatenate((side_of, np.empty(more, dtype=np.int64)))
                    free = np.concatenate((free, np.empty(more, dtype=np.int64)))
                    for i in range(more):
                        free[i] = 2 * more - 1 - i
                    free_count = more
                free_count -= 1
                at = free[free_count]
                child[at], sibling[at], late[at] = EMPTY, EMPTY, 0.0
                side_of[at] = place
                entry[place] = at
                if again == 0 or is_active[other]:
                    key[at] = now + wait
                else:
                    key[at] = until[other]
                heap_of[cluster] = meld(heap_of[cluster], at, key, late, child, sibling)
                if is_active[cluster]:
                    heapq.heappush(meetings, (key[heap_of[cluster]], cluster))
            continue
        entry[side ^ 1] = EMPTY
        bought[bought_count] = e
        bought_count += 1
        moat[one] = now - since[one]
        grown += moat[one]
        is_active[one] = False
        alive -= 1
        if is_active[other]:
            moat[other] = now - since[other]
            grown += moat[other]
            is_active[other] = False
            alive -= 1
        else:
            put_off(heap_of[other], now - until[other], key, late)
        new = cluster_count
        cluster_count += 1
        merged[one] = new
        merged[other] = new
        left[new] = left[one] - moat[one] + left[other] - moat[other]
        has_root[new] = has_root[one] or has_root[other]
        heap_of[new] = meld(heap_of[one], heap_of[other], key, late, child, sibling)
        since[new] = now
        until[new] = now
        if not has_root[new] and left[new] > eps:
            is_active[new] = True
            alive += 1
            heapq.heappush(ends, (now + left[new], new))
            if heap_of[new] != EMPTY:
                heapq.heappush(meetings, (key[heap_of[new]], new))
    return bought[:bought_count], grown


@njit(cache=True, nogil=True)
def _best_branch(
    first: IntArray, neighbour: IntArray, edge: IntArray, cost: FloatArray, prize: FloatArray,
    in_tree: BoolArray, root: int,
) -> tuple[IntArray, float]:  # fmt: skip
    """Return the edges of the sub-tree at the root that is worth most, and its worth."""
    count = len(first) - 1
    order = np.empty(count, dtype=np.int64)
    by_edge = np.full(count, EMPTY)
    above = np.full(count, EMPTY)
    seen = np.zeros(count, dtype=np.bool_)
    order[0], seen[root] = root, True
    found, at = 1, 0
    while at < found:
        node = order[at]
        at += 1
        for k in range(first[node], first[node + 1]):
            if in_tree[edge[k]] and not seen[neighbour[k]]:
                other = neighbour[k]
                seen[other], above[other], by_edge[other] = True, node, edge[k]
                order[found] = other
                found += 1
    worth = prize.copy()
    for i in range(found - 1, 0, -1):
        node = order[i]
        surplus = worth[node] - cost[by_edge[node]]
        if surplus > 0.0:
            worth[above[node]] += surplus
    kept = np.zeros(count, dtype=np.bool_)
    kept[root] = True
    edges = np.empty(found, dtype=np.int64)
    size = 0
    for i in range(1, found):
        node = order[i]
        if kept[above[node]] and worth[node] > cost[by_edge[node]]:
            kept[node] = True
            edges[size] = by_edge[node]
            size += 1
    return edges[:size], worth[root]


def best_branch(graph: Graph, prize: FloatArray, edges: IntArray, root: int) -> tuple[IntArray, float]:
    """Return the part of a tree, from its root, that brings most: prizes of nodes less costs of edges.

    Examples
    --------
    Of two branches only the one that pays its way stays.

    >>> graph = make_graph(3, np.array([0, 0]), np.array([1, 2]), np.array([10.0, 10.0]))
    >>> kept, value = best_branch(graph, np.array([0.0, 12.0, 9.0]), np.array([0, 1]), 0)
    >>> kept.tolist(), value
    ([0], 2.0)
    """
    in_tree = np.zeros(len(graph.tail), dtype=np.bool_)
    in_tree[edges] = True
    kept, value = _best_branch(
        graph.first, graph.neighbour, graph.edge, graph.cost, prize, in_tree, root
    )  # fmt: skip
    return np.sort(kept), float(value)


def _tree_nodes(graph: Graph, edges: IntArray, root: int) -> BoolArray:
    nodes = np.zeros(graph.node_count, dtype=np.bool_)
    nodes[graph.tail[edges]] = True
    nodes[graph.head[edges]] = True
    nodes[root] = True
    return nodes


def _retold(graph: Graph, prize: FloatArray, nodes: BoolArray, root: int) -> tuple[IntArray, float]:
    """Return the best branch of the smallest tree on some nodes."""
    wanted = (prize > 0.0) & nodes
    wanted[root] = True
    return best_branch(graph, prize, smallest_tree(graph, nodes, wanted), root)


def _extended(graph: Graph, prize: FloatArray, edges: IntArray, root: int, reach: BoolArray) -> BoolArray:
    """Return the nodes of a tree and of the ways from it to everybody that it has left out."""
    free = graph.cost.copy()
    free[edges] = 0.0
    wanted = np.flatnonzero((prize > 0.0) & reach)
    everybody = grow_from(graph.with_cost(free), wanted, root)
    return _tree_nodes(graph, edges, root) | everybody


def check_solver() -> None:
    """Solve a graph of four edges whose answer is known, and refuse to go on when it is not found.

    A library compiled for other versions can return wrong numbers of edges without a word; a network
    that nobody can build would be the result.

    Raises
    ------
    PlannerError
    """
    graph = make_graph(
        4, np.array([0, 1, 1, 0]), np.array([1, 2, 3, 3]), np.array([3.0, 2.0, 2.0, 9.0])
    )  # fmt: skip
    found = collect(graph, np.array([0.0, 0.0, 6.0, 1.0]), 0)
    if found.edges.tolist() != [0, 1] or abs(found.value - 1.0) > 1e-9:
        raise PlannerError(
            f"the solver that chooses whom a network joins fails its own test (edges {found.edges.tolist()} "
            "instead of [0, 1]): the installed numba or numpy does not fit; install the versions that this "
            "package asks for."
        )


def collect(
    graph: Graph, prize: FloatArray, root: int, *, rounds: int = MOST_ROUNDS, passes: int = MOST_PASSES
) -> Collected:
    """Return a tree from the root that leaves little of prizes lost plus costs paid.

    Parameters
    ----------
    graph : Graph
    prize : (n,) array
        What joining a node brings, not negative, in the unit of the costs.
    root : int
        Node at which the tree starts; it belongs to the tree in any case.
    rounds : int
        Most rounds of re-telling and extending the tree; it stops when a round brings nothing.
    passes : int
        Most passes of exchanging stretches in a round.

    Returns
    -------
    Collected

    Raises
    ------
    ContractProblem
        When prizes or root do not fit the graph.

    Examples
    --------
    >>> graph = make_graph(4, np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([4.0, 4.0, 4.0]))
    >>> collect(graph, np.array([0.0, 0.0, 9.0, 3.0]), 0).edges.tolist()
    [0, 1]
    """
    prize = np.ascontiguousarray(prize, dtype=np.float64)
    if prize.shape != (graph.node_count,) or not np.isfinite(prize).all() or (prize < 0).any():
        raise ContractProblem(
            f"prizes must be {graph.node_count:,} finite numbers from 0 on; found {prize.shape}."
        )
    if not 0 <= root < graph.node_count:
        raise ContractProblem(f"the root {root} is not among the {graph.node_count:,} nodes of the graph.")
    part = components(graph)
    reach = np.asarray(part == part[root])
    near = np.where(reach, prize, 0.0)
    eps = TIGHT_SHARE * max(float(graph.cost.mean()) if len(graph.cost) else 0.0, 1e-12)
    bought, grown = _grow_moats(graph.node_count, graph.tail, graph.head, graph.cost, near, root, eps)
    joined = components(graph, bought)
    best, value = _retold(graph, near, np.asarray(joined == joined[root]), root)
    for _ in range(rounds):
        joined_now = (near > 0.0) & _tree_nodes(graph, best, root)
        joined_now[root] = True
        shorter = improve_tree(graph, np.flatnonzero(joined_now), best, passes=passes)
        found, worth = _retold(graph, near, _extended(graph, near, shorter, root, reach), root)
        if worth <= value + eps:
            break
        best, value = found, worth
    nodes = np.flatnonzero(_tree_nodes(graph, best, root))
    return Collected(best, nodes, value, float(near.sum() - grown))
