"""A country's market of heat, put together from carried prices."""

from __future__ import annotations

import numpy as np

from layers.core.draws import Draws
from layers.core.facts import value
from layers.core.types import FloatArray
from layers.physics.heat_market import HeatMarket
from layers.physics.source_plants import SourcePrices
from layers.physics.supply_costs import (
    LIKELY_NORMAL,
    Appliance,
    Market,
    Plant,
    drawn_fact,
    drawn_ratio,
)
from layers.sources.electricity_prices import HOUSEHOLD, OTHER, electricity_price
from layers.sources.prices import gas_price_eur_per_kwh, price_level_ratio

# the catalogue's plants feed in at this temperature, and take their heat from air of that one
CATALOGUE_SUPPLY_C = 70.0
USUAL_OUTDOOR_C = 5.0


def read_heat_market(country: str, draws: Draws, *, supply_c: float = CATALOGUE_SUPPLY_C) -> HeatMarket:
    """Return the market of heat in a country.

    Parameters
    ----------
    country : str
        Two letters.
    draws : Draws
    supply_c : float
        Temperature at which the plant feeds in.
    """

    def drawn(name: str) -> FloatArray:
        return drawn_fact("heat_supply", name, draws)

    one = np.ones(1 + draws.count)
    power = drawn_ratio(
        "price:electricity", value("heat_supply", "electricity_price_deviation_ratio"), draws
    )  # fmt: skip
    electricity = electricity_price(country, HOUSEHOLD).price_eur_per_kwh * power
    of_plants = electricity_price(country, OTHER).price_eur_per_kwh * power
    gas_price = gas_price_eur_per_kwh(country)
    swing = drawn_ratio("price:gas", value("heat_supply", "gas_price_deviation_ratio"), draws)
    gas = None if gas_price is None else gas_price * value("heat_supply", "gross_over_net_ratio") * swing
    level = price_level_ratio(country)
    market = Market(
        electricity, of_plants, gas,
        drawn("household_interest_share"), drawn_fact("district_heating", "interest_share", draws),
        drawn("operation_share"),
    )  # fmt: skip
    appliances = {
        f"{name}_pump": Appliance(
            drawn(f"{name}_pump_eur_per_kw"), drawn(f"{name}_pump_life_years"), drawn(f"{name}_pump_cop"),
            electricity,
        )
        for name in ("air", "ground")
    }  # fmt: skip
    if gas is not None:
        appliances["gas"] = Appliance(
            drawn("gas_boiler_eur_per_kw"), drawn("gas_boiler_life_years"),
            drawn("gas_boiler_efficiency_ratio"), gas,
        )  # fmt: skip
    plant = Plant(
        drawn("central_pump_eur_per_kw"), drawn("central_pump_life_years"), drawn("central_pump_cop"),
        drawn("electric_boiler_eur_per_kw"), drawn("pump_share_of_peak"),
        np.minimum(drawn("pump_share_of_heat"), 1.0),
    )  # fmt: skip
    pipes = np.concatenate(
        [[1.0], _between("trench_price", draws)]
    )  # fmt: skip
    made = HeatMarket(
        market, appliances, plant, CATALOGUE_SUPPLY_C, USUAL_OUTDOOR_C, drawn("station_eur"),
        drawn("station_eur_per_kw"), pipes * one, value("district_heating", "pipe_life_years"),
        drawn("network_operation_eur_per_mwh"), drawn("pumping_share"), level,
        SourcePrices(
            plant, drawn("excess_pump_cop"), drawn("excess_pump_eur_per_kw"), drawn("ground_pump_eur_per_kw")
        ),
    )  # fmt: skip
    return made.at_supply(supply_c)


def _between(name: str, draws: Draws) -> FloatArray:
    """Return a ratio around one whose p10 and p90 are two facts of their own."""
    low, high = (value("heat_supply", f"{name}_{end}_ratio") for end in ("low", "high"))
    normal = draws.shared_evenly(f"heat_supply:{name}")
    end = np.where(normal > 0.0, np.log(high), -np.log(low))
    return np.asarray(np.exp(normal * end / LIKELY_NORMAL))
