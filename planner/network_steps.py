"""Candidate heat networks of a city, after its districts were judged by rules."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers import district_heating, heat_networks, heat_sources, peaks
from layers.core.draws import Draws
from planner.parameters import RunConfig
from planner.state import City, Energy
from planner.steps import StepLog

STEP = "heat networks"


@dataclass(frozen=True)
class Planned:
    """What networks add: columns of districts and streets, pipes, tables."""

    districts: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    pipes: gpd.GeoDataFrame
    tables: dict[str, pd.DataFrame]


def with_networks(
    districts: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    city: City,
    energy: Energy,
    config: RunConfig,
    log: StepLog,
) -> Planned:
    """Plan the candidate network of every district.

    Parameters
    ----------
    districts, buildings, streets, cells : GeoDataFrame
        With their totals and connections.
    city : City
    energy : Energy
    config : RunConfig
    log : StepLog
    """
    air_c = float(city.climate.temperature_c.mean())
    warmth = heat_sources.find_heat_sources(
        city.heat_sources, districts, air_c=air_c, params=config.heat_sources
    )  # fmt: skip
    districts = warmth.districts
    result = heat_networks.plan_networks(
        districts, buildings, streets, country=city.place.country,
        ground_c=air_c, heat_draws_kwh=energy.draws["heat_demand"],
        draws=Draws(seed=config.seed, count=config.draw_count), params=config.networks,
        around=heat_networks.Surroundings(warmth.table, warmth.places, city.network_streets),
    )  # fmt: skip
    text = f"{result.pipes['length_m'].sum() / 1e3:,.1f} km of candidate trench"
    quarters = peaks.add_cooling_screening(result.districts, config.peaks)
    added = (*heat_sources.ADDS, *heat_networks.ADDS, *peaks.ADDS)
    quarters = log.step(STEP, quarters, added, of="districts", text=text)
    widest = result.pipes.dropna(subset="street_id").groupby("street_id")["pipe_diameter_mm"].max()
    return Planned(
        quarters,
        streets.assign(pipe_diameter_mm=widest.reindex(streets.index)),
        result.pipes,
        {
            "heat_sources": warmth.table,
            "network_sources": result.sources,
            "network_sweep": result.sweep,
            "network_variants": result.variants,
            "network_peaks": peaks.shave_peaks(districts, energy.hourly, config.peaks),
            "heating_rules": district_heating.compare_rules(districts, cells, config.district_heating),
        },
    )
