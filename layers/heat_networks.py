"""Candidate heat networks: which streets, whom, in which sizes, and what their heat costs against others.

For every district that is not far too sparse: the graph of its streets with links to its buildings, the
shortest trench to everybody who can be reached with a certificate of how far another could be shorter,
pipes sized for the share that connects, and the network of those who are worth it under today's prices
(the present value of a connection is what its heat pump would cost less what the plant costs). Heat
prices of the network, of heat pumps on air and ground and of gas stand side by side, with ranges from
common draws of prices, demand, pipes, sources and money. A network starts at the sources whose feed-in
trench pays, else at its largest consumer with a plant on outdoor air.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column, check_table
from layers.core.draws import Draws
from layers.core.network_settings import NetworkParams
from layers.core.street_rules import StreetRules, find_rules
from layers.core.types import BoolArray, FloatArray, ObjectArray
from layers.physics.district_network import DistrictNetwork, Pipework, build_graph, plan_district
from layers.physics.heat_market import HeatMarket
from layers.physics.heat_tree import Design
from layers.physics.network_roots import FeedIns
from layers.physics.network_rows import Case, Row, district_row, pipe_table, sweep_rows, variant_rows
from layers.physics.network_sources import Candidate, Need, choose_sources, covers_of, source_rows
from layers.physics.pipes import read_pipe_sizes, water_at
from layers.physics.prize_collecting import check_solver
from layers.sources.heat_prices import read_heat_market

KWH_PER_MWH = 1000.0
# streets this far around a district's buildings may carry its pipes
AROUND_M = 100.0
THREADS = 2

NEEDS: tuple[Column, ...] = (
    Column("district_id", "district of the building", "text", gaps=True),
    Column("space_heat_expected_kwh", "heat for rooms, as it is likely to be metered", lowest=0),
    Column("hot_water_kwh", "heat for hot water", lowest=0),
    Column("peak_heat_kw", "peak of the heat", lowest=0),
)
ADDS: tuple[Column, ...] = (
    Column("network_consumer_count", "heated buildings that a network of the district can reach", "whole",
           lowest=0),
    Column("network_heat_mwh", "heat it would deliver at the share that connects", lowest=0),
    Column("network_trench_m", "its trench, links to the buildings included", lowest=0, gaps=True),
    Column("network_source_kind", "kind of the source it starts from; air where none pays its trench", "text",
           gaps=True),
    Column("network_source_share", "share of its pumped heat that this source may give", lowest=0, highest=1,
           gaps=True),
    Column("network_feed_in_m", "trench from the source to the streets, part of its trench", lowest=0,
           gaps=True),
    Column("network_trench_gap_share", "no other trench is shorter by more than this", lowest=0, gaps=True),
    Column("network_linear_heat_density_mwh_per_m", "heat delivered over the trench", lowest=0, gaps=True),
    Column("network_loss_share", "heat lost over heat fed in", lowest=0, highest=1, gaps=True),
    Column("network_cost_eur", "pipes and stations", lowest=0, gaps=True),
    *(
        Column(f"{name}_heat{part}_eur_per_mwh", f"price of heat from {words}{range_}", lowest=0, gaps=True)
        for name, words in (
            ("network", "a network fed by a large heat pump"), ("air_pump", "a heat pump on outdoor air"),
            ("ground_pump", "a heat pump on the ground"), ("gas", "a gas boiler"),
        )
        for part, range_ in (("", ""), ("_p10", ", nine in ten draws are above"),
                             ("_p90", ", nine in ten draws are below"))
    ),
    Column("network_wins_share", "draws in which its heat is cheaper than that of every heat pump", lowest=0,
           highest=1, gaps=True),
    Column("network_break_even_mwh_per_m", "linear heat density from which it would be", lowest=0, gaps=True),
    Column("network_worth_building_count", "buildings that are worth connecting today", "whole", lowest=0),
    Column("network_worth_heat_mwh", "their heat", lowest=0),
    Column("network_worth_trench_m", "trench to them", lowest=0),
    Column("network_worth_eur", "present value of their network, pipes paid", lowest=0),
)  # fmt: skip
STREET_ADDS: tuple[Column, ...] = (
    Column(
        "pipe_diameter_mm", "nominal size of the widest candidate pipe in the section", lowest=0, gaps=True
    ),
)
PIPE_COLUMNS: tuple[Column, ...] = (
    Column("geometry", "line of the pipe", "geometry"),
    Column("district_id", "district whose network it belongs to", "text"),
    Column("street_id", "street section in which it lies; missing for links", "text", gaps=True),
    Column("consumer_id", "building to which it leads; missing in streets", "text", gaps=True),
    Column("source_id", "source from which it feeds in; missing elsewhere", "text", gaps=True),
    Column("length_m", "length of the trench", lowest=0),
    Column("pipe_diameter_mm", "nominal size", lowest=0),
    Column("load_kw", "load at the peak, at the share that connects", lowest=0),
    Column("consumer_count", "consumers behind it", "whole", lowest=0),
    Column("is_worth", "belongs to the network that pays at today's prices", "flag"),
)


@dataclass(frozen=True)
class NetworkResult:
    """Candidate networks of a city.

    Attributes
    ----------
    districts : GeoDataFrame
        With the columns of `ADDS`.
    pipes : GeoDataFrame
        Pipes of the networks to everybody, columns as in `PIPE_COLUMNS`.
    sweep : DataFrame
        Heat price by district and share of consumers that connects.
    variants : DataFrame
        Loss and price by district and temperatures.
    sources : DataFrame
        Price by district and source, outdoor air first.
    """

    districts: gpd.GeoDataFrame
    pipes: gpd.GeoDataFrame
    sweep: pd.DataFrame
    variants: pd.DataFrame
    sources: pd.DataFrame


@dataclass(frozen=True)
class Surroundings:
    """What a city knows beside its buildings and streets.

    Attributes
    ----------
    candidates : DataFrame
        Sources in reach by district, the best first: `district_id`, `source_id` and the columns
        `heat_source_kind`, `_medium`, `_c`, `_distance_m`, `_mwh`, `_p10_mwh`, `_p90_mwh`.
    places : GeoSeries, index `source_id`
    rules : StreetRules or None
        Streets in which a pipe must or must not lie.
    """

    candidates: pd.DataFrame | None = None
    places: gpd.GeoSeries | None = None
    rules: StreetRules | None = None


def _pipework(params: NetworkParams, market: HeatMarket, ground_c: float) -> Pipework:
    sizes = read_pipe_sizes()
    design = Design(
        params.supply_c, params.return_c, params.ground_c if params.ground_c is not None else ground_c,
        params.simultaneity_base_ratio, params.simultaneity_spread_ratio, params.most_pa_per_m,
        params.pipe_roughness_m, params.pipe_depth_m, params.ground_w_per_m_k, params.insulation_w_per_m_k,
    )  # fmt: skip
    return Pipework(
        sizes, design, water_at((params.supply_c + params.return_c) / 2.0),
        sizes.trench_eur_per_m * params.pipe_price_ratio * market.price_level_ratio,
        float(market.plant_energy_eur_per_mwh[0]), float(1.0 / market.network_annuity_share[0]),
    )  # fmt: skip


@dataclass(frozen=True)
class _Task:
    """One district's buildings and streets, cut out of the city's tables."""

    rows: np.ndarray
    outlines: ObjectArray
    sections: ObjectArray
    section_rows: np.ndarray
    heat_mwh: FloatArray
    peak_kw: FloatArray
    candidates: list[Candidate]


def _candidates(found: pd.DataFrame | None) -> dict[object, list[Candidate]]:
    """Return the candidates by district, in their order."""
    by_district: dict[object, list[Candidate]] = {}
    if found is None:
        return by_district
    names = [
        "district_id", "source_id", "heat_source_kind", "heat_source_medium", "heat_source_c",
        "heat_source_distance_m", "heat_source_p10_mwh", "heat_source_mwh", "heat_source_p90_mwh",
    ]  # fmt: skip
    for district, *rest in zip(*(found[name].tolist() for name in names), strict=True):
        by_district.setdefault(district, []).append(Candidate(*rest))
    return by_district


def _tasks(
    buildings: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame,
    considered: BoolArray, candidates: dict[object, list[Candidate]],
) -> list[_Task | None]:  # fmt: skip
    outlines = np.asarray(buildings.geometry.array, dtype=object)
    lines = np.asarray(streets.geometry.array, dtype=object)
    tree = shapely.STRtree(lines)
    heat = (buildings["space_heat_expected_kwh"] + buildings["hot_water_kwh"]).to_numpy(float) / KWH_PER_MWH
    peak = buildings["peak_heat_kw"].to_numpy(float)
    number = districts.index.get_indexer(pd.Index(buildings["district_id"]))
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(len(districts) + 1))
    found: list[_Task | None] = []
    for k in range(len(districts)):
        rows = order[starts[k] : starts[k + 1]]
        rows = rows[(heat[rows] > 0.0) & (peak[rows] > 0.0)]
        if not considered[k] or not len(rows):
            found.append(None)
            continue
        around = shapely.box(*shapely.total_bounds(outlines[rows])).buffer(AROUND_M, join_style="mitre")
        near = np.sort(tree.query(around, predicate="intersects"))
        there = candidates.get(districts.index[k], [])
        found.append(_Task(rows, outlines[rows], lines[near], near, heat[rows], peak[rows], there))
    return found


@dataclass(frozen=True)
class _Solver:
    """Everything that the districts share."""

    params: NetworkParams
    today: HeatMarket
    pipework: Pipework
    no_draws: Draws
    places: gpd.GeoSeries | None
    forced: BoolArray | None
    blocked: BoolArray | None

    def need(self, task: _Task) -> Need:
        share = self.params.connection_share
        peak = float(task.peak_kw.sum()) * share * self.params.simultaneity_base_ratio
        return Need(float(task.heat_mwh.sum()) * share, peak, self.params.feed_in_detour_ratio)

    def solve(self, task: _Task | None) -> tuple[DistrictNetwork, list[Candidate]] | None:
        """Return a district's network and the sources that it uses."""
        if task is None or not len(task.sections):
            return None
        params, market = self.params, self.today
        of_task = task.section_rows
        street = build_graph(
            task.outlines, task.sections, link_count=params.link_count, reach_m=params.reach_m,
            detour_m=params.detour_m, blocked=None if self.blocked is None else self.blocked[of_task],
        )  # fmt: skip
        need = self.need(task)
        chosen = choose_sources(
            task.candidates, need, market, self.pipework, most_count=params.most_source_count,
            least_share=params.least_source_share, near_plant_m=params.near_plant_m,
        )  # fmt: skip
        feed_ins = None
        if chosen and self.places is not None:
            ids = [one.source_id for one in chosen]
            geometries = np.asarray(self.places.loc[ids].array, dtype=object)
            feed_ins = FeedIns(geometries, params.feed_in_detour_ratio)
            market = market.with_sources(covers_of(chosen, need.heat_mwh, self.no_draws))
        network = plan_district(
            street, task.heat_mwh, task.peak_kw, market.connection_value_eur(task.heat_mwh, task.peak_kw),
            params.connection_share, self.pipework, feed_ins=feed_ins,
            forced_section=None if self.forced is None else self.forced[of_task],
        )  # fmt: skip
        if network is None:
            return None
        used = np.unique(network.source[network.trench.edges])
        return network, [chosen[k] for k in used if k >= 0]


def _source_columns(used: list[Candidate], heat_mwh: float) -> dict[str, object]:
    share = sum(one.usable_mwh for one in used if one.medium != "plant") / max(heat_mwh, 1e-9)
    return {
        "network_source_kind": used[0].kind if used else "air",
        "network_source_share": min(share, 1.0) if used else np.nan,
    }


def plan_networks(
    districts: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    country: str,
    ground_c: float,
    heat_draws_kwh: pd.DataFrame,
    draws: Draws,
    around: Surroundings | None = None,
    params: NetworkParams | None = None,
) -> NetworkResult:
    """Plan the candidate heat network of every district.

    Parameters
    ----------
    districts : GeoDataFrame, index `district_id`
        `linear_heat_density_mwh_per_m`.
    buildings : GeoDataFrame
        The columns of `NEEDS`.
    streets : GeoDataFrame of sections, index `street_id`
    country : str
        Two letters, for prices.
    ground_c : float
        Yearly mean of the air, which the ground around pipes follows.
    heat_draws_kwh : DataFrame, index `district_id`, one column a draw
    draws : Draws
    around : Surroundings, optional
        Sources of heat, and rules for streets.

    Returns
    -------
    NetworkResult

    Raises
    ------
    InputProblem
        When a rule names a street that is not there.
    """
    params, around = params or NetworkParams(), around or Surroundings()
    check_table(buildings, NEEDS, name="buildings")
    check_solver()
    market = read_heat_market(country, draws, supply_c=params.supply_c)
    no_draws = replace(draws, count=0)
    pipework = _pipework(params, market, ground_c)
    rules = find_rules(around.rules, streets.index)
    today = read_heat_market(country, no_draws, supply_c=params.supply_c)
    solver = _Solver(params, today, pipework, no_draws, around.places, rules.forced, rules.forbidden)
    dense = districts["linear_heat_density_mwh_per_m"].to_numpy(float) >= params.least_mwh_per_m
    tasks = _tasks(buildings, streets, districts, dense, _candidates(around.candidates))
    with ThreadPoolExecutor(THREADS) as pool:
        networks = list(pool.map(solver.solve, tasks))
    rows: list[Row] = []
    sweep, variants, sources = list[Row](), list[Row](), list[Row]()
    pipes: list[pd.DataFrame] = []
    drawn = heat_draws_kwh.reindex(districts.index).to_numpy(float)
    for k, name in enumerate(districts.index):
        found, task = networks[k], tasks[k]
        if found is None or task is None:
            rows.append({})
            continue
        known = (
            drawn[k]
            if drawn.shape[1] == draws.count and np.isfinite(drawn[k]).all()
            else np.ones(draws.count)
        )
        (network, used), need = found, solver.need(task)
        case = Case(
            str(name), network, task.heat_mwh, task.peak_kw, params.connection_share,
            market.with_sources(covers_of(used, need.heat_mwh, draws)), pipework,
            np.concatenate([[1.0], known / known.mean()]),
        )  # fmt: skip
        rows.append({**district_row(case), **_source_columns(used, need.heat_mwh)})
        sweep += sweep_rows(case)
        variants += variant_rows(case)
        sources += source_rows(case, market, task.candidates, used, need, draws)
        pipes.append(
            pipe_table(
                case, np.array([*streets.index[task.section_rows], None], dtype=object),
                np.array([*buildings.index[task.rows], None], dtype=object),
                np.array([*(one.source_id for one in used), None], dtype=object),
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, index=districts.index).reindex(columns=[column.name for column in ADDS])
    counts = [column.name for column in ADDS if column.kind == "whole" or not column.gaps]
    table[counts] = table[counts].fillna(0)
    whole = {column.name: np.int64 for column in ADDS if column.kind == "whole"}
    return NetworkResult(
        districts.join(table.astype(whole)), _joined(pipes, buildings.crs), pd.DataFrame(sweep),
        pd.DataFrame(variants), pd.DataFrame(sources),
    )  # fmt: skip


def _joined(pipes: list[pd.DataFrame], crs: object) -> gpd.GeoDataFrame:
    columns = [column.name for column in PIPE_COLUMNS]
    table = pd.concat(pipes, ignore_index=True) if pipes else pd.DataFrame({name: [] for name in columns})
    table.index.name = "pipe_id"
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)
