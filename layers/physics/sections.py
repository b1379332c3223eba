"""Streets cut into sections from crossing to crossing.

Streets that meet share a vertex; a street that passes over or under another one does not. A vertex
where more than two street ends or passages meet is a crossing. Lines are cut there, and what continues
with the same name and kind is joined again, because data sets break a street wherever a property
changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

VERTEX_GRID_M = 0.05


@dataclass(frozen=True)
class _Sides:
    """Sides of all lines in order: their two vertices (numbers of places) and the line they belong to."""

    line: IntArray
    start: IntArray
    end: IntArray
    xy_m: FloatArray


def _sides(lines: ObjectArray) -> _Sides:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    _, place = np.unique(np.round(xy / VERTEX_GRID_M), axis=0, return_inverse=True)
    place = place.reshape(-1)
    same = (line[1:] == line[:-1]) & (place[1:] != place[:-1])
    where = np.flatnonzero(same)
    return _Sides(line[where], place[where], place[where + 1], np.stack([xy[where], xy[where + 1]], axis=1))


def _crossings(sides: _Sides, is_main: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return the places that are crossings for main streets, and for all other ways."""
    count = int(max(sides.start.max(), sides.end.max())) + 1
    main = is_main[sides.line]
    ends = [sides.start, sides.end]
    of_main = sum(np.bincount(end[main], minlength=count) for end in ends)
    of_all = sum(np.bincount(end, minlength=count) for end in ends)
    return np.asarray(of_main > 2), np.asarray(of_all > 2)


def cut_at_crossings(lines: ObjectArray, kinds: IntArray, is_main: BoolArray) -> tuple[ObjectArray, IntArray]:
    """Cut lines at crossings and join what continues as the same kind.

    Parameters
    ----------
    lines : (n,) array of LineString
        In metres; lines that meet share a vertex.
    kinds : (n,) array
        A number for name, class and level; only pieces with equal numbers are joined.
    is_main : (n,) array
        Main streets are cut by each other only, other ways by all.

    Returns
    -------
    sections : (m,) array of LineString
    first_line : (m,) array
        The first line each section comes from; sections are ordered by it and along it.

    Examples
    --------
    >>> cross = [shapely.LineString([(0, 0), (5, 0), (10, 0)]), shapely.LineString([(5, -5), (5, 0), (5, 5)])]
    >>> sections, line = cut_at_crossings(np.array(cross, object), np.array([0, 1]), np.array([True, True]))
    >>> line.tolist(), shapely.length(sections).tolist()
    ([0, 0, 1, 1], [5.0, 5.0, 5.0, 5.0])
    """
    sides = _sides(lines)
    if not len(sides.line):
        return np.zeros(0, dtype=object), np.zeros(0, np.int64)
    for_main, for_all = _crossings(sides, is_main)
    is_cut = np.where(is_main[sides.line], for_main[sides.end], for_all[sides.end])
    # sides of one line stay together unless a crossing lies between them
    follows = np.flatnonzero(
        (sides.line[1:] == sides.line[:-1]) & (sides.end[:-1] == sides.start[1:]) & ~is_cut[:-1]
    )
    across = _continuations(sides, kinds, is_main, for_main, for_all)
    one = np.concatenate([follows, across[:, 0]])
    two = np.concatenate([follows + 1, across[:, 1]])
    count = len(sides.line)
    graph = coo_matrix((np.ones(len(one)), (one, two)), shape=(count, count))
    group = np.asarray(connected_components(graph, directed=False)[1])
    first = np.unique(group, return_index=True)[1]
    rank = np.argsort(np.argsort(first))[group]
    order = np.argsort(rank, kind="stable")
    pieces = np.asarray(shapely.linestrings(sides.xy_m[order]), dtype=object)
    joined = shapely.line_merge(shapely.multilinestrings(pieces, indices=rank[order]))
    # a closed loop with a branch in itself may stay in several parts
    parts, owner = shapely.get_parts(joined, return_index=True)
    return np.asarray(parts, dtype=object), sides.line[np.sort(first)][owner]


def _continuations(
    sides: _Sides, kinds: IntArray, is_main: BoolArray, for_main: BoolArray, for_all: BoolArray
) -> IntArray:
    """Return pairs of sides of different lines that continue each other where nothing else meets."""
    side = np.tile(np.arange(len(sides.line)), 2)
    place = np.concatenate([sides.start, sides.end])
    quiet = np.where(is_main[sides.line[side]], ~for_main[place], ~for_all[place])
    key = np.stack([place, kinds[sides.line[side]]], axis=1)[quiet]
    side = side[quiet]
    order = np.lexsort((side, key[:, 1], key[:, 0]))
    key, side = key[order], side[order]
    same = (key[1:] == key[:-1]).all(axis=1)
    return np.stack([side[:-1][same], side[1:][same]], axis=1)
