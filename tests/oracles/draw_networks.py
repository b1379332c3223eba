"""Draw three heat networks, with the program's own environment, for another simulator to solve.

    python tests/oracles/draw_networks.py

Writes `tests/golden/pandapipes/networks.json`: nodes, pipes with length and inner diameter, the water that
each consumer takes, loss per kelvin of each pipe. `make_pandapipes.py` adds the answers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from layers.physics.graphs import Graph, make_graph  # noqa: E402
from layers.physics.heat_tree import size_network  # noqa: E402
from layers.physics.network_plan import shortest_trench  # noqa: E402
from layers.physics.pipes import loss_w_per_m_k, read_pipe_sizes, water_at  # noqa: E402
from planner.validation.network import PLAIN, read_district  # noqa: E402

TARGET = ROOT / "tests" / "golden" / "pandapipes" / "networks.json"
SIZES = read_pipe_sizes()


def told(name: str, graph: Graph, edges: np.ndarray, root: int, peak_kw: np.ndarray) -> dict:
    """Return a sized network as plain lists; nodes are numbered anew, the root first."""
    water = water_at(PLAIN.supply_c)
    sized = size_network(graph, edges, root, peak_kw, graph.cost, SIZES, PLAIN, water)
    used = np.unique(np.concatenate([graph.tail[edges], graph.head[edges]]))
    order = np.concatenate([[root], used[used != root]])
    number = np.full(graph.node_count, -1)
    number[order] = np.arange(len(order))
    inner, casing = SIZES.inner_m[sized.size], SIZES.casing_m[sized.size]
    loss = loss_w_per_m_k(
        inner, casing, PLAIN.depth_m, PLAIN.ground_w_per_m_k, PLAIN.insulation_w_per_m_k
    )  # fmt: skip
    spread_k = PLAIN.supply_c - PLAIN.return_c
    flow = peak_kw[order] * 1e3 / (water.heat_capacity_j_per_kg_k * spread_k)
    return {
        "name": name,
        "supply_c": PLAIN.supply_c,
        "return_c": PLAIN.return_c,
        "ground_c": PLAIN.ground_c,
        "roughness_m": PLAIN.roughness_m,
        "tail": number[graph.tail[edges]].tolist(),
        "head": number[graph.head[edges]].tolist(),
        "length_m": graph.cost[edges].round(3).tolist(),
        "inner_m": inner.tolist(),
        "loss_w_per_m_k": loss.round(6).tolist(),
        "peak_kw": peak_kw[order].round(6).tolist(),
        "flow_kg_per_s": flow.round(9).tolist(),
    }


def line() -> tuple[Graph, np.ndarray, int, np.ndarray]:
    """Return ten consumers in a row."""
    graph = make_graph(11, np.arange(10), np.arange(1, 11), np.linspace(40, 130, 10))
    return graph, np.arange(10), 0, np.concatenate([[0.0], np.linspace(30, 120, 10)])


def branches() -> tuple[Graph, np.ndarray, int, np.ndarray]:
    """Return forty consumers on a tree drawn by chance."""
    chance = np.random.default_rng(5)
    above = np.array([chance.integers(max(0, k - 6), k) for k in range(1, 41)])
    graph = make_graph(41, above, np.arange(1, 41), chance.uniform(15, 120, 40))
    peak = np.where(chance.random(41) < 0.8, chance.uniform(8, 150, 41), 0.0)
    peak[0] = 0.0
    # what leads to nobody carries no water, which no simulator likes
    peak[~np.isin(np.arange(41), above) & (peak == 0.0)] = 25.0
    peak[0] = 0.0
    return graph, np.arange(40), 0, peak


def real() -> tuple[Graph, np.ndarray, int, np.ndarray]:
    """Return the trench to all consumers of the real district."""
    district = read_district()
    street, consumers = district.street, np.arange(len(district.peak_kw) - 1)
    trench = shortest_trench(street, consumers, district.source)
    peak = np.zeros(street.graph.node_count)
    peak[street.consumer_node] = district.peak_kw
    # two links of no length at the same place are one for a simulator
    graph = street.graph.with_cost(np.maximum(street.graph.cost, 0.5))
    return graph, trench.edges, district.source, peak


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    drawn = [
        told(name, *make()) for name, make in (("line", line), ("branches", branches), ("district", real))
    ]
    TARGET.write_text(json.dumps(drawn, separators=(",", ":")) + "\n", encoding="utf-8")
    for one in drawn:
        print(f"{one['name']}: {len(one['tail'])} pipes")
