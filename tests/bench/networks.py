"""Plan one heat network for a made-up town, as large as wanted, and say how long each part takes.

    python tests/bench/networks.py [--buildings 20000] [--side 130]

Streets are a grid with gaps, bent a little; houses stand beside them. With networkx installed its Steiner
tree on the same graph is timed in the same run, on as many terminals as `--peer` says.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from layers.physics.graphs import components, tree_faults  # noqa: E402
from layers.physics.heat_tree import Design, size_network  # noqa: E402
from layers.physics.network_plan import Consumers, plan_network, shortest_trench  # noqa: E402
from layers.physics.pipes import read_pipe_sizes, water_at  # noqa: E402
from layers.physics.steiner import grow_tree  # noqa: E402
from layers.physics.street_graph import candidate_links, connected_part, make_street_graph  # noqa: E402

DESIGN = Design(70.0, 40.0, 8.0, 0.62, 0.38, 250.0, 5e-5, 1.0, 1.2, 0.024)


def make_town(side: int, count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return streets, houses and the yearly heat of each house in MWh."""
    chance = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(side) * 70.0, np.arange(side) * 70.0), axis=-1)
    xy += chance.uniform(-15, 15, xy.shape)
    flat = xy.reshape(-1, 2)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    pairs = pairs[chance.random(len(pairs)) < 0.85]
    streets = shapely.linestrings(np.stack([flat[pairs[:, 0]], flat[pairs[:, 1]]], axis=1))
    street = chance.integers(0, len(streets), count)
    along = shapely.get_coordinates(
        shapely.line_interpolate_point(streets[street], chance.random(count), normalized=True)
    )
    middle = along + chance.uniform(8, 25, (count, 1)) * chance.choice([-1, 1], (count, 2))
    houses = shapely.box(middle[:, 0] - 5, middle[:, 1] - 5, middle[:, 0] + 5, middle[:, 1] + 5)
    return streets, houses, chance.lognormal(np.log(40.0), 0.8, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=20_000)
    parser.add_argument("--side", type=int, default=130)
    parser.add_argument("--peer", type=int, default=1_000, help="terminals of the comparison with networkx")
    given = parser.parse_args()
    sizes, water = read_pipe_sizes(), water_at(55.0)
    for round_name in ("first run, compiling", "warm"):
        count = 200 if round_name != "warm" else given.buildings
        side = 15 if round_name != "warm" else given.side
        streets, houses, heat = make_town(side, count)
        peak = heat / 2.2
        marks = [("start", time.perf_counter())]
        links = candidate_links(houses, streets, most_count=3, reach_m=200.0, detour_m=30.0)
        graph = make_street_graph(len(houses), streets, links)
        graph, reached = connected_part(graph, heat)
        marks.append(("connect", time.perf_counter()))
        root = int(graph.consumer_node[reached[int(heat[reached].argmax())]])
        plan = plan_network(
            graph, root, Consumers(peak, heat * 900.0), sizes.trench_eur_per_m, sizes, DESIGN, water
        )
        marks.append(("choose, route, size, cost", time.perf_counter()))
        terminals = graph.consumer_node[reached]
        tree = grow_tree(graph.graph, terminals, start_count=1)
        marks.append(("one tree to everybody", time.perf_counter()))
        node_peak = np.zeros(graph.graph.node_count)
        node_peak[terminals] = peak[reached]
        size_network(graph.graph, tree, root, node_peak, graph.graph.cost, sizes, DESIGN, water)
        marks.append(("size it", time.perf_counter()))
    assert not tree_faults(graph.graph, plan.edges, graph.consumer_node[plan.consumer])
    assert not tree_faults(graph.graph, tree, terminals)
    print(f"{given.buildings:,} buildings, {len(graph.graph.tail):,} edges, {len(reached):,} reached")
    for (_, before), (name, after) in pairwise(marks):
        print(f"  {name:<28}{after - before:8.2f} s")
    print(f"  {len(plan.consumer):,} joined by {graph.graph.cost[plan.edges].sum() / 1e3:,.0f} km")
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    small, who = connected_part(*_small_town(given.peer))
    started = time.perf_counter()
    found = shortest_trench(small, who)
    print(f"certified trench to {len(who):,} houses: {time.perf_counter() - started:.2f} s, "
          f"at most {found.gap_share:.2%} above the shortest")  # fmt: skip
    compare_with_networkx(small, who)


def _small_town(count: int):  # type: ignore[no-untyped-def]
    streets, houses, heat = make_town(max(int(np.sqrt(count)), 10), count, seed=2)
    links = candidate_links(houses, streets, most_count=1, reach_m=200.0, detour_m=0.0)
    return make_street_graph(len(houses), streets, links), heat


def compare_with_networkx(street, who) -> None:  # type: ignore[no-untyped-def]
    """Time networkx's Steiner tree on the same graph."""
    try:
        import networkx as nx
    except ImportError:
        print("networkx is not installed: no comparison")
        return
    graph, terminals = street.graph, street.consumer_node[who]
    peer = nx.Graph()
    for tail, head, cost in zip(graph.tail.tolist(), graph.head.tolist(), graph.cost.tolist(), strict=True):
        if not peer.has_edge(tail, head) or peer[tail][head]["weight"] > cost:
            peer.add_edge(tail, head, weight=cost)
    part = components(graph)
    nodes = set(np.flatnonzero(part == part[terminals[0]]).tolist()) & set(peer.nodes)
    peer = peer.subgraph(nodes).copy()
    grow_tree(graph, terminals, start_count=1)
    started = time.perf_counter()
    ours = grow_tree(graph, terminals, start_count=1)
    our_seconds = time.perf_counter() - started
    started = time.perf_counter()
    theirs = nx.algorithms.approximation.steiner_tree(peer, terminals.tolist(), method="mehlhorn")
    their_seconds = time.perf_counter() - started
    their_length = sum(data["weight"] for _, _, data in theirs.edges(data=True))
    print(
        f"networkx (Mehlhorn) {their_seconds:.2f} s, {their_length / 1e3:,.1f} km; ours {our_seconds:.3f} s, "
        f"{graph.cost[ours].sum() / 1e3:,.1f} km: {their_seconds / our_seconds:,.0f} times as fast"
    )


if __name__ == "__main__":
    main()
