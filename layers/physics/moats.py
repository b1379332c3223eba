"""Moats around whoever is worth joining: the growth phase of prize-collecting Steiner trees.

Around each node that brings a prize a moat grows as long as its prize lasts; where moats meet, the edge
between them is bought and they grow on as one (Goemans and Williamson 1995, rooted as in Hegde, Indyk and
Schmidt 2014). Edges wait in pairing heaps of their cluster, which melt together with it.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from layers.core.types import FloatArray, IntArray
from layers.physics.pairing_heap import EMPTY, drop_root, meld, put_off


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
def grow_moats(
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
