"""Heat networks against proven optima, a real district, and the laws that any network keeps."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from layers.core.types import FloatArray, IntArray
from layers.physics.dual_ascent import certify_tree
from layers.physics.graphs import tree_faults
from layers.physics.heat_tree import Design, Sized
from layers.physics.network_plan import Consumers, passages, plan_network, shortest_trench
from layers.physics.pipes import mass_flow_kg_per_s, read_pipe_sizes, water_at
from layers.physics.sections import cut_at_crossings
from layers.physics.street_graph import StreetGraph, candidate_links, make_street_graph
from planner.validation.check import Check, Criterion, Options
from planner.validation.golden import golden_path
from planner.validation.pandapipes import compare_all
from planner.validation.steinlib import read_stp
from planner.validation.towns import random_town

SUBJECT = "network"
STEINLIB = "SteinLib, Koch, Martin and Voß 2001"
TOPOTHERM = "topotherm, Technical University of Munich, MIT"
PANDAPIPES = "pandapipes, Fraunhofer IEE and University of Kassel, BSD"
OURSELVES = "the program itself"
TESTED = tuple(f"d{number:02}" for number in range(1, 11))
TOWN_SEEDS = range(5)
TOWN_SIDE_COUNT, TOWN_HOUSE_COUNT = 30, 2_000
# worth of a megawatt hour over the life of a network that joins most, but not all, of the real district
VALUE_EUR_PER_MWH = 1_500.0
# without simultaneity, so that flows balance exactly
PLAIN = Design(80.0, 50.0, 10.0, 1.0, 0.0, 250.0, 5e-5, 1.0, 1.2, 0.024)

GAP = Criterion(
    SUBJECT, "trees on D01 to D10, mean length above the proven optimum", "share", STEINLIB, highest=0.03
)
FAULTS = Criterion(
    SUBJECT, "trees that are broken, miss a terminal or beat the optimum", "trees", STEINLIB, highest=0
)
BOUNDS = Criterion(SUBJECT, "lower bounds above the proven optimum", "bounds", STEINLIB, highest=0)
TOWNS = Criterion(
    SUBJECT, "towns of 2,000 houses on streets, largest certified gap", "share", OURSELVES, highest=0.02
)
TRENCH = Criterion(
    SUBJECT, "real district, certified gap of the trench to all consumers", "share", TOPOTHERM, highest=0.02
)
CHAIN = Criterion(SUBJECT, "real district, faults of the planned network", "faults", TOPOTHERM, highest=0)
MASS = Criterion(
    SUBJECT, "real district, largest imbalance of water at a node", "kg/s", OURSELVES, highest=1e-9
)
FRICTION = Criterion(SUBJECT, "real district, largest friction at the peak", "Pa/m", TOPOTHERM, highest=250.0)
PRESSURE = Criterion(
    SUBJECT, "three networks, largest difference of pressure at a node", "share", PANDAPIPES, highest=0.02
)
TEMPERATURE = Criterion(
    SUBJECT, "three networks, largest difference of temperature at a node", "share", PANDAPIPES, highest=0.02
)
CRITERIA: tuple[Criterion, ...] = (
    GAP, FAULTS, BOUNDS, TOWNS, TRENCH, CHAIN, MASS, FRICTION, PRESSURE, TEMPERATURE,
)  # fmt: skip


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of networks; graphs of the user's own ask for those alone."""
    if options.stp:
        yield from check_graphs(options.stp)
        return
    yield from check_steinlib()
    yield from check_towns()
    yield from check_district()
    yield from check_pandapipes()


def check_graphs(paths: tuple[Path, ...]) -> Iterator[Check]:
    """Yield length, bound and seconds of graphs of the user's own; none has a bound to miss."""
    for path in paths:
        graph, terminals = read_stp(path)
        started = time.perf_counter()
        found = certify_tree(graph, terminals)
        seconds = time.perf_counter() - started
        faults = tree_faults(graph, found.edges, terminals)
        criterion = Criterion(SUBJECT, f"{path.name}, faults of the tree", "faults", STEINLIB, highest=0)
        yield criterion.check(
            len(faults),
            f"tree weight {found.cost:g}, lower bound {found.bound:g}, gap at most {found.gap_share:.2%}, "
            f"{seconds:.3f} s, {len(terminals):,} terminals on {graph.node_count:,} nodes",
        )


def check_steinlib() -> Iterator[Check]:
    """Yield how close trees come to proven optima."""
    with golden_path("steiner/optima.csv").open(encoding="utf-8") as lines:
        optima = {row["instance"]: float(row["optimum"]) for row in csv.DictReader(lines)}
    gaps, broken, above = {}, 0, 0
    for name, best in optima.items():
        graph, terminals = read_stp(golden_path(f"steiner/{name}.stp.gz"))
        found = certify_tree(graph, terminals)
        gaps[name] = found.cost / best - 1.0
        broken += bool(tree_faults(graph, found.edges, terminals)) or found.cost < best - 1e-6
        above += found.bound > best + 1e-6
    tested = [gaps[name] for name in TESTED]
    yield GAP.check(float(np.mean(tested)), f"largest {max(tested):.2%}; i640-111 {gaps['i640-111']:.2%}")
    yield FAULTS.check(broken, f"{len(gaps)} graphs")
    yield BOUNDS.check(above, f"{len(gaps)} graphs")


def check_towns() -> Iterator[Check]:
    """Yield the certified gap on made-up towns."""
    gaps = []
    for seed in TOWN_SEEDS:
        graph, houses = random_town(TOWN_SIDE_COUNT, TOWN_HOUSE_COUNT, seed)
        gaps.append(certify_tree(graph, houses).gap_share)
    yield TOWNS.check(max(gaps), f"{len(gaps)} towns, mean {np.mean(gaps):.3%}")


@dataclass(frozen=True)
class RealDistrict:
    """The real district: its graph, peaks and yearly heat; the source is the last consumer."""

    street: StreetGraph
    peak_kw: FloatArray
    heat_mwh: FloatArray

    @property
    def source(self) -> int:
        """The node of the source."""
        return int(self.street.consumer_node[-1])


def read_district() -> RealDistrict:
    """Return the real district that is carried."""
    roads, sinks, source = (
        gpd.read_file(golden_path(f"topotherm/{name}.gpkg")) for name in ("roads", "sinks", "source")
    )
    lines = np.asarray(roads.explode().geometry.array, dtype=object)
    sections, _ = cut_at_crossings(
        lines, np.zeros(len(lines), dtype=np.int64), np.ones(len(lines), dtype=np.bool_)
    )
    points = np.concatenate([np.asarray(sinks.geometry.array), np.asarray(source.geometry.array)])
    links = candidate_links(points.astype(object), sections, most_count=3, reach_m=200.0, detour_m=30.0)
    peak = np.append(sinks["ts_0"].to_numpy(dtype=float), 0.0)
    heat = peak * np.append(sinks["flh_0"].to_numpy(dtype=float), 0.0) / 1e3
    return RealDistrict(make_street_graph(len(points), sections, links), peak, heat)


def largest_imbalance_kg_per_s(district: RealDistrict, edges: IntArray, sized: Sized) -> float:
    """Return the largest difference of what flows to a node and on from it, consumers included."""
    graph = district.street.graph
    design_flow = mass_flow_kg_per_s(
        district.peak_kw, PLAIN.supply_c - PLAIN.return_c, water_at((PLAIN.supply_c + PLAIN.return_c) / 2)
    )
    # every edge of a tree carries to its far end; far ends carry less behind them
    behind = np.zeros(graph.node_count)
    node = district.street.consumer_node
    behind[node[node >= 0]] = design_flow[node >= 0]
    near = _towards_source(district, edges)
    inflow, outflow = np.zeros(graph.node_count), np.zeros(graph.node_count)
    far = graph.tail[edges] + graph.head[edges] - near
    np.add.at(inflow, far, sized.flow_kg_per_s)
    np.add.at(outflow, near, sized.flow_kg_per_s)
    inside = np.unique(far)
    return float(np.abs(inflow[inside] - outflow[inside] - behind[inside]).max())


def _towards_source(district: RealDistrict, edges: IntArray) -> IntArray:
    """Return the end of each edge that lies nearer to the source along the tree."""
    graph = district.street.graph
    steps = np.full(graph.node_count, -1)
    steps[district.source] = 0
    level = 0
    while True:
        tail, head = steps[graph.tail[edges]], steps[graph.head[edges]]
        forward, backward = (tail == level) & (head < 0), (head == level) & (tail < 0)
        if not (forward.any() or backward.any()):
            break
        steps[graph.head[edges][forward]] = level + 1
        steps[graph.tail[edges][backward]] = level + 1
        level += 1
    is_forward = steps[graph.tail[edges]] < steps[graph.head[edges]]
    return np.asarray(np.where(is_forward, graph.tail[edges], graph.head[edges]), dtype=np.int64)


def check_district() -> Iterator[Check]:
    """Yield the real district through the chain: connect, choose, route, size."""
    district = read_district()
    street, consumers = district.street, np.arange(len(district.peak_kw) - 1)
    trench = shortest_trench(street, consumers, district.source, root_count=3)
    yield TRENCH.check(trench.gap_share, f"{trench.length_m:,.0f} m to {len(consumers)} consumers")
    sizes, water = read_pipe_sizes(), water_at((PLAIN.supply_c + PLAIN.return_c) / 2)
    prize = Consumers(district.peak_kw, district.heat_mwh * VALUE_EUR_PER_MWH)
    plan = plan_network(street, district.source, prize, sizes.trench_eur_per_m, sizes, PLAIN, water)
    joined = plan.consumer[district.peak_kw[plan.consumer] > 0.0]
    terminals = np.append(street.consumer_node[joined], district.source)
    faults = tree_faults(street.graph, plan.edges, terminals)
    lines = street.edge_line[plan.edges]
    is_long = np.abs(shapely.length(lines) - street.graph.cost[plan.edges]) > 0.1
    count = len(faults) + len(passages(street, plan.edges)) + int(is_long.sum())
    length_m = float(street.graph.cost[plan.edges].sum())
    yield CHAIN.check(count, f"{len(joined)} of {len(consumers)} consumers joined by {length_m:,.0f} m")
    yield MASS.check(largest_imbalance_kg_per_s(district, plan.edges, plan.sized))
    yield FRICTION.check(float(plan.sized.friction_pa_per_m.max()))


def check_pandapipes() -> Iterator[Check]:
    """Yield pressures and temperatures beside those of another simulator."""
    compared = compare_all()
    nodes = f"{sum(len(one.ours_pa) for one in compared):,} nodes"
    yield PRESSURE.check(max(one.pressure_share for one in compared), f"{nodes}; over the largest loss")
    yield TEMPERATURE.check(
        max(one.temperature_share for one in compared), f"{nodes}; over supply above ground"
    )
