"""Candidate heat networks: which streets, whom, in which sizes, and what their heat costs against others.

For every district that is not far too sparse: the graph of its streets with links to its buildings, the
shortest trench to everybody who can be reached with a certificate of how far another could be shorter,
pipes sized for the share that connects, and the network of those who are worth it under today's prices
(the present value of a connection is what its heat pump would cost less what the plant costs). Heat
prices of the network, of heat pumps on air and ground and of gas stand side by side, with ranges from
common draws of prices, demand, pipes and money.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column, check_table
from layers.core.draws import Draws
from layers.core.network_settings import SWEEP_SHARES, VARIANTS_C, NetworkParams
from layers.core.quantiles import likely_range
from layers.core.types import BoolArray, FloatArray, ObjectArray
from layers.physics.district_network import (
    DistrictNetwork,
    Pipework,
    build_graph,
    plan_district,
    size_trench,
    with_temperatures,
)
from layers.physics.heat_market import HeatMarket
from layers.physics.heat_tree import Design
from layers.physics.pipes import read_pipe_sizes, water_at
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
_PRICES = ("network", "air_pump", "ground_pump", "gas")
ADDS: tuple[Column, ...] = (
    Column("network_consumer_count", "heated buildings that a network of the district can reach", "whole",
           lowest=0),
    Column("network_heat_mwh", "heat it would deliver at the share that connects", lowest=0),
    Column("network_trench_m", "its trench, links to the buildings included", lowest=0, gaps=True),
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
    """

    districts: gpd.GeoDataFrame
    pipes: gpd.GeoDataFrame
    sweep: pd.DataFrame
    variants: pd.DataFrame


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


def _tasks(
    buildings: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, considered: BoolArray
) -> list[_Task | None]:
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
        found.append(_Task(rows, outlines[rows], lines[near], near, heat[rows], peak[rows]))
    return found


def _solve(
    task: _Task | None, params: NetworkParams, market: HeatMarket, pipework: Pipework
) -> DistrictNetwork | None:
    if task is None or not len(task.sections):
        return None
    street = build_graph(
        task.outlines, task.sections, link_count=params.link_count, reach_m=params.reach_m,
        detour_m=params.detour_m,
    )  # fmt: skip
    prize = market.connection_value_eur(task.heat_mwh, task.peak_kw)
    return plan_district(street, task.heat_mwh, task.peak_kw, prize, params.connection_share, pipework)


def _prices(
    network: DistrictNetwork,
    task: _Task,
    share: float,
    cost_eur: float,
    loss_mwh: float,
    market: HeatMarket,
    heat_ratio: FloatArray,
) -> FloatArray:
    """Return the price of the network's heat in every draw."""
    reached = network.reached
    heat = float(task.heat_mwh[reached].sum()) * share * heat_ratio
    peak = float(task.peak_kw[reached].sum()) * share
    stations = market.station_eur(task.peak_kw[reached]) * share
    return market.network_price_eur_per_mwh(
        heat, peak * float(network.sized.load_kw.max() / max(peak, 1e-9)), cost_eur, stations, loss_mwh
    )


def _district_row(
    network: DistrictNetwork, task: _Task, params: NetworkParams, market: HeatMarket, heat_ratio: FloatArray
) -> dict[str, float]:
    """Return the columns of one district."""
    share, reached = params.connection_share, network.reached
    heat = float(task.heat_mwh[reached].sum()) * share
    full_load_h = float(task.heat_mwh[reached].sum() / task.peak_kw[reached].sum()) * KWH_PER_MWH
    prices = {
        "network": _prices(
            network, task, share, network.pipe_cost_eur, network.loss_mwh, market, heat_ratio
        ),
        **market.building_prices_eur_per_mwh(full_load_h * heat_ratio),
    }  # fmt: skip
    stations = float(market.station_eur(task.peak_kw[reached])[0]) * share
    trench = network.trench.length_m
    row = {
        "network_consumer_count": len(reached),
        "network_heat_mwh": heat,
        "network_trench_m": trench,
        "network_trench_gap_share": network.trench.gap_share,
        "network_linear_heat_density_mwh_per_m": heat / trench if trench > 0 else np.nan,
        "network_loss_share": network.loss_mwh / (heat + network.loss_mwh),
        "network_cost_eur": network.pipe_cost_eur + stations,
        "network_wins_share": float(
            (prices["network"] < np.minimum(prices["air_pump"], prices["ground_pump"]))[1:].mean()
        ),
        "network_break_even_mwh_per_m": market.break_even_mwh_per_m(
            prices, network.pipe_cost_eur, trench, heat
        ),
    }
    for name, price in prices.items():
        low, high = likely_range(price[None, 1:])
        row |= {
            f"{name}_heat_eur_per_mwh": float(price[0]),
            f"{name}_heat_p10_eur_per_mwh": min(float(low[0]), float(price[0])),
            f"{name}_heat_p90_eur_per_mwh": max(float(high[0]), float(price[0])),
        }
    worth = network.worth.consumer
    row |= {
        "network_worth_building_count": len(worth) if len(network.worth.edges) else 0,
        "network_worth_heat_mwh": float(task.heat_mwh[worth].sum()) if len(network.worth.edges) else 0.0,
        "network_worth_trench_m": float(network.street.graph.cost[network.worth.edges].sum()),
        "network_worth_eur": max(network.worth.value_eur, 0.0) if len(network.worth.edges) else 0.0,
    }
    return row


def _sweep_rows(
    name: str, network: DistrictNetwork, task: _Task, market: HeatMarket, pipework: Pipework,
    heat_ratio: FloatArray,
) -> list[dict[str, object]]:  # fmt: skip
    rows: list[dict[str, object]] = []
    for share in SWEEP_SHARES:
        _, cost, loss = size_trench(
            network.street, network.trench.edges, network.root, task.peak_kw, share, pipework
        )  # fmt: skip
        price = _prices(network, task, share, cost, loss, market, heat_ratio)
        low, high = likely_range(price[None, 1:])
        heat = float(task.heat_mwh[network.reached].sum()) * share
        rows.append(
            {
                "district_id": name, "connection_share": share, "network_heat_mwh": heat,
                "network_loss_share": loss / (heat + loss), "network_heat_eur_per_mwh": float(price[0]),
                "network_heat_p10_eur_per_mwh": float(low[0]), "network_heat_p90_eur_per_mwh": float(high[0]),
            }
        )  # fmt: skip
    return rows


def _variant_rows(
    name: str, network: DistrictNetwork, task: _Task, params: NetworkParams, market: HeatMarket,
    pipework: Pipework, heat_ratio: FloatArray,
) -> list[dict[str, object]]:  # fmt: skip
    rows: list[dict[str, object]] = []
    for supply_c, return_c in VARIANTS_C:
        changed = with_temperatures(pipework, supply_c, return_c, water_at((supply_c + return_c) / 2.0))
        sized, cost, loss = size_trench(
            network.street, network.trench.edges, network.root, task.peak_kw, params.connection_share, changed
        )  # fmt: skip
        there = market.at_supply(supply_c)
        price = _prices(network, task, params.connection_share, cost, loss, there, heat_ratio)
        heat = float(task.heat_mwh[network.reached].sum()) * params.connection_share
        rows.append(
            {
                "district_id": name, "supply_c": supply_c, "return_c": return_c,
                "network_loss_share": loss / (heat + loss),
                "plant_output_ratio": float(there.plant.output_ratio[0]),
                "network_cost_eur": cost, "network_heat_eur_per_mwh": float(price[0]),
                "coldest_supply_c": float(np.nanmin(sized.node_supply_c)),
            }
        )  # fmt: skip
    return rows


def _pipe_table(
    name: str, network: DistrictNetwork, task: _Task, pipework: Pipework, streets: gpd.GeoDataFrame,
    ids: pd.Index,
) -> pd.DataFrame:  # fmt: skip
    edges, street = network.trench.edges, network.street
    section, consumer = street.edge_section[edges], street.edge_consumer[edges]
    at = np.minimum(network.sized.size, len(pipework.sizes.nominal_mm) - 1)
    street_ids = np.array([*streets.index[task.section_rows], None], dtype=object)
    consumer_ids = np.array([*ids[task.rows], None], dtype=object)
    return pd.DataFrame(
        {
            "district_id": name,
            "street_id": street_ids[section],
            "consumer_id": consumer_ids[consumer],
            "length_m": street.graph.cost[edges],
            "pipe_diameter_mm": pipework.sizes.nominal_mm[at],
            "load_kw": network.sized.load_kw,
            "consumer_count": network.sized.consumer_count,
            "is_worth": np.isin(edges, network.worth.edges),
            "geometry": street.edge_line[edges],
        }
    )


def plan_networks(
    districts: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    country: str,
    ground_c: float,
    heat_draws_kwh: pd.DataFrame,
    draws: Draws,
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

    Returns
    -------
    NetworkResult
    """
    params = params or NetworkParams()
    check_table(buildings, NEEDS, name="buildings")
    market = read_heat_market(country, draws, supply_c=params.supply_c)
    today = read_heat_market(country, replace(draws, count=0), supply_c=params.supply_c)
    pipework = _pipework(params, market, ground_c)
    dense = districts["linear_heat_density_mwh_per_m"].to_numpy(float) >= params.least_mwh_per_m
    tasks = _tasks(buildings, streets, districts, dense)
    with ThreadPoolExecutor(THREADS) as pool:
        networks = list(pool.map(_solve, tasks, repeat(params), repeat(today), repeat(pipework)))
    rows: list[dict[str, float]] = []
    sweep: list[dict[str, object]] = []
    variants: list[dict[str, object]] = []
    pipes: list[pd.DataFrame] = []
    drawn = heat_draws_kwh.reindex(districts.index).to_numpy(float)
    for k, name in enumerate(districts.index):
        network, task = networks[k], tasks[k]
        if network is None or task is None:
            rows.append({})
            continue
        known = (
            drawn[k]
            if drawn.shape[1] == draws.count and np.isfinite(drawn[k]).all()
            else np.ones(draws.count)
        )
        ratio = np.concatenate([[1.0], known / known.mean()])
        rows.append(_district_row(network, task, params, market, ratio))
        sweep += _sweep_rows(str(name), network, task, market, pipework, ratio)
        variants += _variant_rows(str(name), network, task, params, market, pipework, ratio)
        pipes.append(_pipe_table(str(name), network, task, pipework, streets, buildings.index))
    table = pd.DataFrame(rows, index=districts.index).reindex(columns=[column.name for column in ADDS])
    counts = [column.name for column in ADDS if column.kind == "whole" or not column.gaps]
    table[counts] = table[counts].fillna(0)
    whole = {column.name: np.int64 for column in ADDS if column.kind == "whole"}
    return NetworkResult(
        districts.join(table.astype(whole)), _joined(pipes, buildings.crs), pd.DataFrame(sweep),
        pd.DataFrame(variants),
    )  # fmt: skip


def _joined(pipes: list[pd.DataFrame], crs: object) -> gpd.GeoDataFrame:
    columns = [column.name for column in PIPE_COLUMNS]
    table = pd.concat(pipes, ignore_index=True) if pipes else pd.DataFrame({name: [] for name in columns})
    table.index.name = "pipe_id"
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)
