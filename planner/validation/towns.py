"""Made-up towns to try networks on: a grid of streets with gaps, houses on service pipes."""

from __future__ import annotations

import numpy as np

from layers.core.types import IntArray
from layers.physics.graphs import Graph, make_graph

KEPT_SHARE = 0.6
LEAST_M, MOST_M = 20.0, 100.0
NEAR_M, FAR_M = 2.0, 30.0


def random_town(side_count: int, house_count: int, seed: int) -> tuple[Graph, IntArray]:
    """Return the graph of a town and the nodes of its houses.

    Cross streets may be missing, all others hang together; houses lie on the middles of streets.

    Parameters
    ----------
    side_count : int
        Crossings along each side.
    house_count : int
    seed : int
    """
    chance = np.random.default_rng(seed)
    crossing = np.arange(side_count**2).reshape(side_count, side_count)
    across = np.column_stack([crossing[:, :-1].ravel(), crossing[:, 1:].ravel()])
    along = np.column_stack([crossing[:-1].ravel(), crossing[1:].ravel()])
    streets = np.concatenate([across, along])
    kept = chance.random(len(streets)) < KEPT_SHARE
    # the first row and every street along stay, so that all hangs together
    kept |= (streets < side_count).all(axis=1) | (np.diff(streets, axis=1)[:, 0] == side_count)
    streets = streets[kept]
    length = chance.uniform(LEAST_M, MOST_M, len(streets))
    middles = np.arange(len(streets)) + side_count**2
    count = side_count**2 + len(streets)
    houses = np.arange(house_count) + count
    where = chance.integers(0, len(streets), house_count)
    graph = make_graph(
        count + house_count,
        np.concatenate([streets[:, 0], middles, middles[where]]),
        np.concatenate([middles, streets[:, 1], houses]),
        np.concatenate([length / 2, length / 2, chance.uniform(NEAR_M, FAR_M, house_count)]),
    )
    return graph, houses
