"""A country's market of heat in every draw: what each way of supply costs, and what a connection is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from layers.core.types import FloatArray
from layers.physics.heat_pumps import cop
from layers.physics.levelised import annuity
from layers.physics.source_plants import Cover, SourcePrices, mixed_plant
from layers.physics.supply_costs import (
    KWH_PER_MWH,
    Appliance,
    Market,
    Plant,
    heat_price_eur_per_mwh,
    plant_price_eur_per_mwh,
)

# a plant runs this long on its full load where no district says otherwise
USUAL_FULL_LOAD_H = 2500.0


@dataclass(frozen=True)
class HeatMarket:
    """Prices of heat and what they are made of; arrays are (1 + draws,), the base case first.

    Attributes
    ----------
    market : Market
    appliances : mapping of Appliance
        air_pump, ground_pump, gas where the country has a gas price.
    plant : Plant
    plant_supply_c, outdoor_c : float
        Supply temperature for which the plant's output ratio stands, and the usual temperature outdoors.
    station_fixed_eur, station_per_kw_eur : price of a building's station
    pipe_ratio : price of pipes over the table
    pipe_life_years, operation_eur_per_mwh, pumping_share : of the network
    price_level_ratio : prices of the country over those of the tables
    sources : what pumps on other sources than air cost, the catalogue's plant on air among it
    covers : sources that take over parts of the heat from the pump on air
    """

    market: Market
    appliances: Mapping[str, Appliance]
    plant: Plant
    plant_supply_c: float
    outdoor_c: float
    station_fixed_eur: FloatArray
    station_per_kw_eur: FloatArray
    pipe_ratio: FloatArray
    pipe_life_years: float
    operation_eur_per_mwh: FloatArray
    pumping_share: FloatArray
    price_level_ratio: float
    sources: SourcePrices | None = None
    covers: tuple[Cover, ...] = ()

    @property
    def network_annuity_share(self) -> FloatArray:
        """The yearly payment that repays a network."""
        return annuity(self.market.network_interest_share, self.pipe_life_years)

    @property
    def plant_energy_eur_per_mwh(self) -> FloatArray:
        """Price of heat at the gate of a plant that runs the usual hours."""
        return plant_price_eur_per_mwh(self.plant, USUAL_FULL_LOAD_H, self.market)

    def at_supply(self, supply_c: float) -> HeatMarket:
        """Return the same market with a plant that feeds in at another temperature.

        The output ratio follows When2Heat's curve for outdoor air.
        """
        lifts = np.array([supply_c - self.outdoor_c, self.plant_supply_c - self.outdoor_c])
        there, here = cop("air", lifts, 1.0)
        if self.sources is None:
            output = np.maximum(self.plant.output_ratio * there / here, 1.0)
            return replace(self, plant=replace(self.plant, output_ratio=output), plant_supply_c=supply_c)
        air = self.sources.air
        moved = replace(air, output_ratio=np.maximum(air.output_ratio * there / here, 1.0))
        found = replace(
            self, plant=moved, plant_supply_c=supply_c, sources=replace(self.sources, air=moved), covers=()
        )
        return found.with_sources(self.covers)

    def with_sources(self, covers: tuple[Cover, ...]) -> HeatMarket:
        """Return the same market with a plant that takes parts of its heat from other sources than air."""
        if self.sources is None or not covers:
            return self
        plant = mixed_plant(self.sources, covers, self.plant_supply_c, self.outdoor_c)
        return replace(self, plant=plant, covers=covers)

    def station_eur(self, peak_kw: FloatArray) -> FloatArray:
        """Return the price of all stations of consumers with these peaks, in every draw."""
        return np.asarray(
            (self.station_fixed_eur * len(peak_kw) + self.station_per_kw_eur * float(peak_kw.sum()))
            * self.price_level_ratio
        )

    def building_prices_eur_per_mwh(self, full_load_h: FloatArray | float) -> dict[str, FloatArray]:
        """Return the price of heat made in the buildings, by appliance."""
        found = {
            name: heat_price_eur_per_mwh(appliance, full_load_h, self.market)
            for name, appliance in self.appliances.items()
        }
        none = np.full(len(self.pipe_ratio), np.nan)
        return {name: found.get(name, none) for name in ("air_pump", "ground_pump", "gas")}

    def network_price_eur_per_mwh(
        self,
        heat_mwh: FloatArray,
        peak_kw: float,
        pipe_cost_eur: float,
        station_eur: FloatArray,
        loss_mwh: float,
    ) -> FloatArray:
        """Return the price of a network's heat in every draw.

        Parameters
        ----------
        heat_mwh : (1 + draws,) array
            Heat delivered.
        peak_kw : float
            At the plant.
        pipe_cost_eur, loss_mwh : float
            At the prices of the table.
        station_eur : (1 + draws,) array
        """
        invested = pipe_cost_eur * self.pipe_ratio + station_eur
        fed_in = heat_mwh + loss_mwh
        plant = plant_price_eur_per_mwh(self.plant, fed_in * KWH_PER_MWH / max(peak_kw, 1e-9), self.market)
        pumping = self.pumping_share * self.market.plant_electricity_eur_per_kwh * KWH_PER_MWH
        capital = invested * self.network_annuity_share / heat_mwh
        return np.asarray(capital + plant * fed_in / heat_mwh + self.operation_eur_per_mwh + pumping)

    def connection_value_eur(self, heat_mwh: FloatArray, peak_kw: FloatArray) -> FloatArray:
        """Return the present value of joining each consumer, before any pipe, in a market without draws.

        What the cheaper heat pump would cost, less heat from the plant and the station; not below zero.

        Parameters
        ----------
        heat_mwh, peak_kw : (n,) arrays
        """
        hours = np.maximum(heat_mwh * KWH_PER_MWH / np.maximum(peak_kw, 1e-9), 1.0)
        own = self.building_prices_eur_per_mwh(hours)
        cheapest = np.fmin(own["air_pump"], own["ground_pump"])
        pumping = self.pumping_share * self.market.plant_electricity_eur_per_kwh * KWH_PER_MWH
        network = self.plant_energy_eur_per_mwh + self.operation_eur_per_mwh + pumping
        station = (self.station_fixed_eur + self.station_per_kw_eur * peak_kw) * self.price_level_ratio
        value = (cheapest - network) * heat_mwh / self.network_annuity_share - station
        return np.asarray(np.maximum(value, 0.0), dtype=np.float64)

    def break_even_mwh_per_m(
        self, prices: Mapping[str, FloatArray], pipe_cost_eur: float, trench_m: float, heat_mwh: float
    ) -> float:
        """Return the linear heat density from which the network is the cheapest way; NaN if it never is.

        Only what is paid per metre becomes less per unit of heat as streets become denser.
        """
        if trench_m <= 0.0 or heat_mwh <= 0.0:
            return float("nan")
        per_m = pipe_cost_eur / trench_m * float(self.pipe_ratio[0] * self.network_annuity_share[0])
        other = float(np.fmin(prices["air_pump"][0], prices["ground_pump"][0]))
        rest = float(prices["network"][0]) - per_m * trench_m / heat_mwh
        return per_m / (other - rest) if other > rest else float("nan")
