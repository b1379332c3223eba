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

from dataclasses import dataclass

import numpy as np
from numba import njit

from layers.core.errors import ContractProblem, PlannerError
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.graphs import Graph, components, make_graph, smallest_tree, walk_tree
from layers.physics.moats import grow_moats
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
def _best_branch(
    first: IntArray, neighbour: IntArray, edge: IntArray, cost: FloatArray, prize: FloatArray,
    in_tree: BoolArray, root: int,
) -> tuple[IntArray, float]:  # fmt: skip
    """Return the edges of the sub-tree at the root that is worth most, and its worth."""
    order, above, by_edge = walk_tree(first, neighbour, edge, in_tree, root)
    found = len(order)
    worth = prize.copy()
    for i in range(found - 1, 0, -1):
        node = order[i]
        surplus = worth[node] - cost[by_edge[node]]
        if surplus > 0.0:
            worth[above[node]] += surplus
    kept = np.zeros(len(prize), dtype=np.bool_)
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
    bought, grown = grow_moats(graph.node_count, graph.tail, graph.head, graph.cost, near, root, eps)
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
