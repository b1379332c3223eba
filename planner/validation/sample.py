"""The carried sample town: the engines against each other, and the draws against other seeds."""

from __future__ import annotations

import io

import pandas as pd

from layers import heat_demand
from layers.core.draws import Draws
from layers.core.types import FloatArray
from layers.core.weather import FacadeSun
from layers.physics.convergence import monte_carlo_spread
from layers.physics.facade_sun import facade_sun
from layers.physics.heat_inputs import heat_inputs
from layers.physics.hourly_check import both_methods_kwh
from layers.physics.hourly_zones import facade_hours_w_per_m2_plane
from layers.physics.irradiance import facade_irradiation, plane_tables
from planner.acquire import Request, read_inputs
from planner.parameters import RunConfig
from planner.pipeline import STEP_NAMES, describe_city
from planner.progress import Progress
from planner.state import City
from planner.steps import StepLog

TOWN = "karhula"
SEEDS = (1, 2, 3, 4, 5)


def describe_sample(config: RunConfig) -> City:
    """Return the carried sample as the line describes it."""
    log = StepLog(Progress(STEP_NAMES, quiet=True, stream=io.StringIO()))
    return describe_city(read_inputs(Request(TOWN, offline=True, fetched_weather=False)), config, log)


def sample_sun(city: City, config: RunConfig) -> FacadeSun:
    """Return the sun on the façades of a town, as the line computes it."""
    offset_h = city.weather.sun_offset_h
    light = facade_irradiation(plane_tables(city.weather, config.planes, sun_offset_h=offset_h))
    return facade_sun(city.weather, light, config.planes, sun_offset_h=offset_h)


def hourly_over_monthly_ratio(city: City, sun: FacadeSun, config: RunConfig) -> float:
    """Return the year's heat of a town hour by hour over that month by month.

    Both heat to the set-point day and night, with the same losses, gains and weather; the hourly model
    controls the felt temperature.
    """
    heated = city.buildings[city.buildings["heated_floor_area_m2"] > 0.0]
    taken = heat_inputs(heated, city.archetypes, sun, config.heat)
    light = facade_hours_w_per_m2_plane(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
    monthly, hourly = both_methods_kwh(
        taken.bodies, taken.types.take(taken.codes), taken.solar_gain_kwh, city.weather, light
    )
    return float(hourly.sum() / monthly.sum())


def seed_spread_share(city: City, sun: FacadeSun, config: RunConfig) -> tuple[float, float]:
    """Return by how much p10 and p90 of districts and town differ at most between seeds."""

    def run(seed: int) -> tuple[pd.DataFrame, FloatArray]:
        found = heat_demand.simulate_heat(
            city.buildings, city.archetypes, city.climate, sun,
            Draws(seed=seed, count=config.draw_count), params=config.heat,
        )  # fmt: skip
        return found.district_draws, found.city_draws

    table = monte_carlo_spread(run, SEEDS)
    return float(table["p10_spread_share"].max()), float(table["p90_spread_share"].max())
