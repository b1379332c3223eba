"""Rows of results of one district's network: its columns, its sweep, its variants, its pipes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.network_settings import SWEEP_SHARES, VARIANTS_C
from layers.core.quantiles import likely_range
from layers.core.types import FloatArray, ObjectArray
from layers.physics.district_network import DistrictNetwork, Pipework, size_trench, with_temperatures
from layers.physics.heat_market import HeatMarket
from layers.physics.heat_tree import Sized
from layers.physics.pipes import water_at

KWH_PER_MWH = 1000.0
Row = dict[str, object]


@dataclass(frozen=True)
class Case:
    """A district's planned network with all that prices it.

    Attributes
    ----------
    name : str
        Of the district.
    network : DistrictNetwork
    heat_mwh, peak_kw : (c,) arrays
        Of its consumers.
    share : float
        Of consumers that connect.
    market : HeatMarket
        With the sources that the network uses.
    pipework : Pipework
    heat_ratio : (1 + draws,) array
        Heat of the district over its expectation.
    """

    name: str
    network: DistrictNetwork
    heat_mwh: FloatArray
    peak_kw: FloatArray
    share: float
    market: HeatMarket
    pipework: Pipework
    heat_ratio: FloatArray

    @property
    def all_heat_mwh(self) -> float:
        """Heat of everybody who is reached."""
        return float(self.heat_mwh[self.network.reached].sum())


def network_prices(
    case: Case, market: HeatMarket, share: float, sized: Sized, cost_eur: float, loss_mwh: float
) -> FloatArray:
    """Return the price of the network's heat in every draw.

    Parameters
    ----------
    case : Case
    market : HeatMarket
    share : float
        Of consumers that connect, for which the trench is `sized` and costs and loses what is said.
    """
    stations = market.station_eur(case.peak_kw[case.network.reached]) * share
    heat = case.all_heat_mwh * share * case.heat_ratio
    return market.network_price_eur_per_mwh(
        heat, case.network.plant_kw(sized), cost_eur, stations, loss_mwh
    )  # fmt: skip


def base_prices(case: Case, market: HeatMarket) -> FloatArray:
    """Return the price of the network as planned under a market."""
    network = case.network
    return network_prices(case, market, case.share, network.sized, network.pipe_cost_eur, network.loss_mwh)


def price_columns(prices: dict[str, FloatArray]) -> dict[str, float]:
    """Return the price in the base case and its likely range, by way of supply."""
    row: dict[str, float] = {}
    for name, price in prices.items():
        low, high = likely_range(price[None, 1:])
        row |= {
            f"{name}_heat_eur_per_mwh": float(price[0]),
            f"{name}_heat_p10_eur_per_mwh": min(float(low[0]), float(price[0])),
            f"{name}_heat_p90_eur_per_mwh": max(float(high[0]), float(price[0])),
        }
    return row


def district_row(case: Case) -> dict[str, float]:
    """Return the numbers of one district."""
    network, market = case.network, case.market
    reached, share = network.reached, case.share
    heat, trench = case.all_heat_mwh * share, network.trench.length_m
    full_load_h = case.all_heat_mwh / float(case.peak_kw[reached].sum()) * KWH_PER_MWH
    prices = {
        "network": base_prices(case, market),
        **market.building_prices_eur_per_mwh(full_load_h * case.heat_ratio),
    }
    stations = float(market.station_eur(case.peak_kw[reached])[0]) * share
    worth, has_worth = network.worth.consumer, len(network.worth.edges) > 0
    return {
        "network_consumer_count": len(reached),
        "network_heat_mwh": heat,
        "network_trench_m": trench,
        "network_feed_in_m": network.feed_in_m,
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
        **price_columns(prices),
        "network_worth_building_count": len(worth) if has_worth else 0,
        "network_worth_heat_mwh": float(case.heat_mwh[worth].sum()) if has_worth else 0.0,
        "network_worth_trench_m": float(network.street.graph.cost[network.worth.edges].sum()),
        "network_worth_eur": max(network.worth.value_eur, 0.0) if has_worth else 0.0,
    }


def sweep_rows(case: Case) -> list[Row]:
    """Return the price for several shares of consumers that connect."""
    network, rows = case.network, list[Row]()
    for share in SWEEP_SHARES:
        sized, cost, loss = size_trench(
            network.street, network.trench.edges, network.root, case.peak_kw, share, case.pipework
        )  # fmt: skip
        price = network_prices(case, case.market, share, sized, cost, loss)
        low, high = likely_range(price[None, 1:])
        heat = case.all_heat_mwh * share
        rows.append(
            {
                "district_id": case.name, "connection_share": share, "network_heat_mwh": heat,
                "network_loss_share": loss / (heat + loss), "network_heat_eur_per_mwh": float(price[0]),
                "network_heat_p10_eur_per_mwh": float(low[0]), "network_heat_p90_eur_per_mwh": float(high[0]),
            }
        )  # fmt: skip
    return rows


def variant_rows(case: Case) -> list[Row]:
    """Return loss, output and price for several temperatures."""
    network, rows = case.network, list[Row]()
    for supply_c, return_c in VARIANTS_C:
        changed = with_temperatures(
            case.pipework, supply_c, return_c, water_at((supply_c + return_c) / 2.0)
        )  # fmt: skip
        sized, cost, loss = size_trench(
            network.street, network.trench.edges, network.root, case.peak_kw, case.share, changed
        )  # fmt: skip
        there = case.market.at_supply(supply_c)
        price = network_prices(case, there, case.share, sized, cost, loss)
        heat = case.all_heat_mwh * case.share
        rows.append(
            {
                "district_id": case.name, "supply_c": supply_c, "return_c": return_c,
                "network_loss_share": loss / (heat + loss),
                "plant_output_ratio": float(there.plant.output_ratio[0]),
                "network_cost_eur": cost, "network_heat_eur_per_mwh": float(price[0]),
                "coldest_supply_c": float(np.nanmin(sized.node_supply_c)),
            }
        )  # fmt: skip
    return rows


def pipe_table(
    case: Case, street_ids: ObjectArray, consumer_ids: ObjectArray, source_ids: ObjectArray
) -> pd.DataFrame:
    """Return the pipes of the trench to everybody.

    Parameters
    ----------
    case : Case
    street_ids, consumer_ids, source_ids : arrays of text, each with a None at its end
    """
    network = case.network
    edges, street = network.trench.edges, network.street
    sizes = case.pipework.sizes.nominal_mm
    return pd.DataFrame(
        {
            "district_id": case.name,
            "street_id": street_ids[street.edge_section[edges]],
            "consumer_id": consumer_ids[street.edge_consumer[edges]],
            "source_id": source_ids[network.source[edges]],
            "length_m": street.graph.cost[edges],
            "pipe_diameter_mm": sizes[np.minimum(network.sized.size, len(sizes) - 1)],
            "load_kw": network.sized.load_kw,
            "consumer_count": network.sized.consumer_count,
            "is_worth": np.isin(edges, network.worth.edges),
            "geometry": street.edge_line[edges],
        }
    )
