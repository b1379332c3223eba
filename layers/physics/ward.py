"""Ward's grouping of alike neighbours: only groups that a link joins may merge.

Each step merges the two linked groups whose union raises the sum of squared distances to the group
means least, which is n_a n_b / (n_a + n_b) · |mean_a - mean_b|² (Ward 1963). Links of merged groups
are inherited. With a heap of candidate merges a city of 100,000 buildings takes about a second.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray


@njit(cache=True)
def _root(parent: np.ndarray, node: int) -> int:
    top = node
    while parent[top] != top:
        top = parent[top]
    while parent[node] != top:
        parent[node], node = top, parent[node]
    return top


@njit(cache=True)
def _cost(total: np.ndarray, size: np.ndarray, a: int, b: int) -> float:
    square = 0.0
    for k in range(total.shape[1]):
        square += (total[a, k] / size[a] - total[b, k] / size[b]) ** 2
    weight: float = size[a] * size[b] / (size[a] + size[b])
    return square * weight


@njit(cache=True, nogil=True)
def _merge_all(features: np.ndarray, links: np.ndarray) -> np.ndarray:
    """Return all merges (child, child) in order; merge number m makes the group n + m."""
    n, most = len(features), 2 * len(features)
    total = np.zeros((most, features.shape[1]))
    total[:n] = features
    size = np.zeros(most)
    size[:n] = 1.0
    parent = np.arange(most)
    # linked lists of neighbours: record r names a neighbour and the next record
    records = 2 * len(links)
    neighbour, following = np.empty(records, np.int64), np.full(records, -1)
    first, last = np.full(most, -1), np.full(most, -1)
    heap = [(0.0, -1, -1)]
    for e in range(len(links)):
        a, b = links[e]
        heapq.heappush(heap, (_cost(total, size, a, b), a, b))
        for r, own, other in ((2 * e, a, b), (2 * e + 1, b, a)):
            neighbour[r] = other
            following[r] = first[own]
            first[own] = r
            if last[own] < 0:
                last[own] = r
    heapq.heappop(heap)
    seen = np.full(most, -1)
    merges = np.empty((n, 2), np.int64)
    made = 0
    while heap:
        _, a, b = heapq.heappop(heap)
        if parent[a] != a or parent[b] != b:
            continue
        c = n + made
        merges[made, 0], merges[made, 1] = a, b
        made += 1
        parent[a], parent[b] = c, c
        total[c], size[c] = total[a] + total[b], size[a] + size[b]
        for child in (a, b):
            r = first[child]
            while r >= 0:
                after = following[r]
                near = _root(parent, neighbour[r])
                if near != c and seen[near] != c:
                    seen[near] = c
                    neighbour[r], following[r] = near, first[c]
                    first[c] = r
                    heapq.heappush(heap, (_cost(total, size, near, c), near, c))
                r = after
    return merges[:made]


def ward_merges(features: FloatArray, links: IntArray) -> IntArray:
    """Return the merges of Ward's grouping along links, cheapest first.

    Parameters
    ----------
    features : (n, d) array
        Scaled so that one unit matters equally in every column.
    links : (e, 2) array
        Pairs of rows that may be in one group directly, each pair once.

    Returns
    -------
    (m, 2) array
        Merge k joins two groups into group n + k; rows are groups 0 to n - 1. There are n minus the
        number of linked components merges.
    """
    if not len(features) or not len(links):
        return np.zeros((0, 2), np.int64)
    return np.asarray(_merge_all(features.astype(np.float64), links.astype(np.int64)), dtype=np.int64)


@njit(cache=True, nogil=True)
def _cut(n: int, merges: np.ndarray, count: int) -> np.ndarray:
    parent = np.arange(n + count)
    for k in range(count):
        parent[merges[k, 0]] = n + k
        parent[merges[k, 1]] = n + k
    labels = np.empty(n, np.int64)
    for i in range(n):
        labels[i] = _root(parent, i)
    return labels


def cut_merges(row_count: int, merges: IntArray, group_count: int) -> IntArray:
    """Return a group for each row after as many merges as leave `group_count` groups.

    Groups are numbered from 0 in the order of their first rows; there are more than asked for where
    links do not join them.

    Examples
    --------
    Two pairs of alike neighbours on a line:

    >>> features = np.array([[0.0], [0.1], [5.0], [5.2]])
    >>> merges = ward_merges(features, np.array([[0, 1], [1, 2], [2, 3]]))
    >>> cut_merges(4, merges, 2)
    array([0, 0, 1, 1])
    """
    count = int(np.clip(row_count - group_count, 0, len(merges)))
    return renumber(_cut(row_count, merges, count))


def renumber(labels: IntArray) -> IntArray:
    """Number groups from 0 in the order in which they appear.

    Examples
    --------
    >>> renumber(np.array([7, 7, 2, 7, 5]))
    array([0, 0, 1, 0, 2])
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]
