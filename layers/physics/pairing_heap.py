"""Pairing heaps in arrays, many at once, that melt together and can be put off all at once.

Each heap is the number of its root, -1 when it is empty. Adding to all keys of a heap costs nothing: the
amount waits at the root and is handed on when the root's children are looked at (Fredman et al. 1986).
All functions work on the same pool of arrays.
"""

from __future__ import annotations

from numba import njit

from layers.core.types import FloatArray, IntArray

EMPTY = -1


@njit(cache=True, nogil=True)
def meld(one: int, other: int, key: FloatArray, late: FloatArray, child: IntArray, sibling: IntArray) -> int:
    """Join two heaps and return the root of both; the lower root stays above, the first one on a tie."""
    if one == EMPTY:
        return other
    if other == EMPTY:
        return one
    if key[other] < key[one]:
        one, other = other, one
    # what waits at the new root must not reach its new child
    key[other] -= late[one]
    late[other] -= late[one]
    sibling[other] = child[one]
    child[one] = other
    return one


@njit(cache=True, nogil=True)
def put_off(root: int, amount: float, key: FloatArray, late: FloatArray) -> None:
    """Add an amount to every key of a heap."""
    if root != EMPTY:
        key[root] += amount
        late[root] += amount


@njit(cache=True, nogil=True)
def drop_root(root: int, key: FloatArray, late: FloatArray, child: IntArray, sibling: IntArray) -> int:
    """Take the lowest node out and return the root of the rest."""
    at = child[root]
    waiting = late[root]
    pairs = EMPTY
    while at != EMPTY:
        one = at
        other = sibling[one]
        key[one] += waiting
        late[one] += waiting
        sibling[one] = EMPTY
        if other == EMPTY:
            at = EMPTY
            joined = one
        else:
            at = sibling[other]
            key[other] += waiting
            late[other] += waiting
            sibling[other] = EMPTY
            joined = meld(one, other, key, late, child, sibling)
        sibling[joined] = pairs
        pairs = joined
    rest = EMPTY
    while pairs != EMPTY:
        following = sibling[pairs]
        sibling[pairs] = EMPTY
        rest = meld(rest, pairs, key, late, child, sibling)
        pairs = following
    child[root] = EMPTY
    late[root] = 0.0
    return rest
