"""Contiguous, alike groups of a size that people can plan for.

Points are linked by a Delaunay triangulation without links that are too long or cross a barrier;
Ward's method merges alike neighbours; groups that are too small join the most alike neighbour, and
groups that are too large are split again. Rows are put into the order of their coordinates first, so
that the order in which a file lists them changes nothing.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.ward import cut_merges, renumber, ward_merges

SAME_PLACE_M = 0.01
REPAIR_ROUNDS = 20


@dataclass(frozen=True)
class Sizes:
    """How many rows a group may have, and how many groups are wanted at least and at best."""

    smallest_count: int
    largest_count: int
    wanted_count: int
    fewest_count: int


def contiguity_links(xy_m: FloatArray) -> IntArray:
    """Return the pairs of neighbouring points as (e, 2) positions, low before high, sorted.

    Neighbours share a side of the Delaunay triangulation. Points in the same place are linked in a
    row, of which the first stands for all.

    Examples
    --------
    >>> contiguity_links(np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]]))
    array([[0, 1],
           [1, 2]])
    """
    places, place = np.unique(np.round(xy_m / SAME_PLACE_M), axis=0, return_inverse=True)
    place = place.reshape(-1)
    order = np.argsort(place, kind="stable")
    first = order[np.searchsorted(place[order], np.arange(len(places)))]
    same = place[order][1:] == place[order][:-1]
    stacked = np.column_stack([order[:-1][same], order[1:][same]])
    try:
        corners = Delaunay(places * SAME_PLACE_M - xy_m.mean(axis=0)).simplices
        sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    except (QhullError, ValueError):
        # fewer than three places, or all on one line: their order along it is what is left
        steps = np.arange(max(len(places) - 1, 0))
        sides = np.column_stack([steps, steps + 1])
    links = np.sort(np.concatenate([first[sides], stacked]), axis=1)
    return np.unique(links, axis=0).astype(np.int64)


def open_links(xy_m: FloatArray, links: IntArray, barriers: ObjectArray, longest_m: float) -> BoolArray:
    """Say which links are short enough and cross no barrier line."""
    ends = xy_m[links]
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    is_open = np.asarray(length <= longest_m)
    if len(barriers) and len(links):
        crossing = shapely.STRtree(barriers).query(shapely.linestrings(ends), predicate="intersects")[0]
        is_open[crossing] = False
    return is_open


def _components(row_count: int, links: IntArray) -> IntArray:
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(row_count, row_count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _shared_out(total: int, sizes: IntArray) -> IntArray:
    """Share a number of groups out to components by their sizes, at least one each."""
    exact = total * sizes / sizes.sum()
    given: IntArray = np.maximum(np.floor(exact), 1).astype(np.int64)
    for place in np.argsort(given - exact, kind="stable")[: max(total - int(given.sum()), 0)]:
        given[place] += 1
    return given


@dataclass
class _Groups:
    """Groups that may still merge: rows, feature sums, and links to each other."""

    count: IntArray
    total: FloatArray
    near: list[dict[int, int]]
    near_free: list[dict[int, int]]

    def home_of(self, group: int, largest_count: int) -> int | None:
        """Return the neighbour that a small group joins.

        Over open ground that is the most alike neighbour, unless it would become too large; a group
        that barriers cut off on all sides joins the one around it.
        """
        if self.near_free[group]:
            near = np.array(sorted(self.near_free[group]))
            centre = self.total[near] / self.count[near, None]
            unlike = np.linalg.norm(centre - self.total[group] / self.count[group], axis=1)
            too_large = self.count[near] + self.count[group] > largest_count
            return int(near[np.lexsort((near, unlike, too_large))[0]])
        return min(self.near[group], key=lambda other: (-self.near[group][other], other), default=None)

    def join(self, group: int, home: int) -> None:
        """Let one group become part of another."""
        self.count[home] += self.count[group]
        self.total[home] += self.total[group]
        self.count[group] = 0
        for near in (self.near, self.near_free):
            for other, link_count in near[group].items():
                del near[other][group]
                if other != home:
                    near[home][other] = near[home].get(other, 0) + link_count
                    near[other][home] = near[home][other]
            near[group] = {}


def _links_between_groups(labels: IntArray, links: IntArray, group_count: int) -> list[dict[int, int]]:
    pair = np.sort(labels[links], axis=1)
    pair, times = np.unique(pair[pair[:, 0] != pair[:, 1]], axis=0, return_counts=True)
    near: list[dict[int, int]] = [{} for _ in range(group_count)]
    for (one, two), link_count in zip(pair.tolist(), times.tolist(), strict=True):
        near[one][two] = near[two][one] = link_count
    return near


def _join_small(
    labels: IntArray, features: FloatArray, free: IntArray, links: IntArray, sizes: Sizes
) -> IntArray:
    """Let each group that is too small join a neighbour, smallest first.

    `links` are all links among the rows, `free` those over open ground.
    """
    group_count = int(labels.max()) + 1
    groups = _Groups(
        np.bincount(labels),
        np.column_stack([np.bincount(labels, column) for column in features.T]),
        _links_between_groups(labels, links, group_count),
        _links_between_groups(labels, free, group_count),
    )
    home = np.arange(group_count)
    waiting = [
        (int(count), group) for group, count in enumerate(groups.count) if count < sizes.smallest_count
    ]
    heapq.heapify(waiting)
    while waiting:
        count, group = heapq.heappop(waiting)
        if count != groups.count[group]:
            continue
        found = groups.home_of(group, sizes.largest_count)
        if found is None:
            continue
        groups.join(group, found)
        home[group] = found
        if groups.count[found] < sizes.smallest_count:
            heapq.heappush(waiting, (int(groups.count[found]), found))
    while (home != home[home]).any():
        home = home[home]
    return renumber(home[labels])


def _among(rows: IntArray, links: IntArray, row_count: int) -> IntArray:
    """Return the links among some rows, as positions in them."""
    position = np.full(row_count, -1)
    position[rows] = np.arange(len(rows))
    inside = position[links]
    return np.asarray(inside[(inside >= 0).all(axis=1)], dtype=np.int64)


def _split_in_two(
    features: FloatArray, free: IntArray, links: IntArray, smallest_count: int
) -> IntArray | None:
    """Split rows into two alike, contiguous groups that are large enough, or return None.

    Ward's last merges may only take off crumbs: more and more groups are tried, of which crumbs join
    their neighbours again until two are left.
    """
    count = len(features)
    if count < 2 * smallest_count:
        return None
    merges = ward_merges(features, free)
    for group_count in range(2, min(24, count // 4 + 2)):
        labels = cut_merges(count, merges, group_count)
        if (np.bincount(labels) >= smallest_count).sum() < 2:
            continue
        labels = _join_small(labels, features, free, links, Sizes(smallest_count, count, 2, 2))
        if labels.max() > 0:
            return np.minimum(labels, 1)
    return None


def _split_large(
    labels: IntArray, features: FloatArray, free: IntArray, links: IntArray, sizes: Sizes
) -> IntArray:
    """Split groups that are too large, and the largest ones while there are too few groups."""
    labels = labels.copy()
    given_up: set[int] = set()
    while True:
        count = np.bincount(labels)
        wanted = count > (sizes.largest_count if len(count) >= sizes.fewest_count else 0)
        wanted[list(given_up)] = False
        if not wanted.any():
            return renumber(labels)
        group = int(np.argmax(np.where(wanted, count, 0)))
        rows = np.flatnonzero(labels == group)
        inside_free, inside = _among(rows, free, len(labels)), _among(rows, links, len(labels))
        halves = _split_in_two(features[rows], inside_free, inside, sizes.smallest_count)
        if halves is None:
            given_up.add(group)
        else:
            labels[rows[halves == 1]] = len(count)


def group_alike(features: FloatArray, links: IntArray, is_open: BoolArray, sizes: Sizes) -> IntArray:
    """Return the group of each row: contiguous, alike, neither too small nor too large.

    Parameters
    ----------
    features : (n, d) array
        Place and form, scaled.
    links : (e, 2) array
        Neighbours, see `contiguity_links`.
    is_open : (e,) array
        Links along which groups may grow; the others only serve groups that would be too small.
    sizes : Sizes

    Returns
    -------
    (n,) array
        Groups from 0, numbered in the order of their first rows.
    """
    count = len(features)
    if not count:
        return np.zeros(0, np.int64)
    free = links[is_open]
    component = renumber(_components(count, free))
    component_sizes = np.bincount(component)
    shares = _shared_out(sizes.wanted_count, component_sizes)
    labels = np.zeros(count, np.int64)
    made = 0
    for number in np.flatnonzero(shares > 1):
        rows = np.flatnonzero(component == number)
        merges = ward_merges(features[rows], _among(rows, free, count))
        labels[rows] = cut_merges(len(rows), merges, int(shares[number])) + made
        made += int(shares[number])
    whole = shares[component] == 1
    labels[whole] = component[whole] + made
    labels = renumber(labels)
    for _ in range(REPAIR_ROUNDS):
        before = labels
        labels = _join_small(labels, features, free, links, sizes)
        labels = _split_large(labels, features, free, links, sizes)
        if (labels == before).all():
            break
    return labels


def agreement_shares(labels: IntArray, others: list[IntArray]) -> FloatArray:
    """Return how well each group is found again in other groupings of the same rows.

    For each other grouping the best overlap counts: rows in both over rows in either (Jaccard), after
    Hennig (2007); the mean over the groupings is returned.

    Examples
    --------
    >>> agreement_shares(np.array([0, 0, 1, 1]), [np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])])
    array([0.83333333, 0.75      ])
    """
    size = np.bincount(labels)
    found = np.zeros((len(others), len(size)))
    for k, other in enumerate(others):
        both = np.asarray(
            coo_matrix((np.ones(len(labels)), (labels, other)), shape=(len(size), other.max() + 1)).toarray()
        )
        found[k] = (both / (size[:, None] + np.bincount(other)[None, :] - both)).max(axis=1)
    return found.mean(axis=0) if len(others) else np.ones(len(size))
