"""Rates of the monthly balance and of the draws: ``python tests/bench/demand.py [BUILDINGS]``.

Copies of the sample Karhula, with archetypes and windows; prints buildings a second for horizons of façades,
heat and cold of a year, and the seconds of 200 draws of heat, cold and electricity. Processor seconds count
both cores and change little when others use the machine too.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.cooling import cooling_demands
from layers.core.draws import Draws
from layers.electricity import electricity_demands
from layers.heat_demand import simulate_heat
from layers.physics.building_heat import cooling_model, heat_model
from layers.physics.facade_sun import facade_sun
from layers.physics.facade_view import facade_horizons_deg
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.monthly import monthly_heat_kwh_plain, yearly_heat_kwh
from layers.physics.monthly_cooling import monthly_cooling_kwh_plain, yearly_cooling_kwh
from layers.physics.walls import polygon_edges
from layers.sources.osm import read_osm
from planner.acquire import Inputs
from planner.catalogue import find_place
from planner.config import RunConfig
from planner.pipeline import describe_city
from planner.progress import Progress
from planner.state import City
from planner.steps import StepLog
from tests.bench.tiling import copies_of

REPEATS = 5


def described(building_count: int) -> City:
    """Return a described town of that size."""
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    extract = copies_of(read_osm(place.extract), building_count)
    inputs = Inputs(dataclasses.replace(place, subtitle="copies"), extract, None, None, None, None, {})
    return describe_city(inputs, RunConfig(), StepLog(Progress((), quiet=True)))


def rate(name: str, count: int, work: Callable[[], object]) -> None:
    """Print how many buildings a second some work does, the best of several."""
    work()
    wall, cpu = [], []
    for _ in range(REPEATS):
        before, cpu_before = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - before)
        cpu.append(time.process_time() - cpu_before)
    print(f"{name:<34}{count / min(wall):>12,.0f} /s{2 * count / min(cpu):>14,.0f} /s by processor seconds")


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("buildings", nargs="?", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=200)
    settings = parser.parse_args()
    city = described(settings.buildings)
    weather, kinds, country = city.weather, city.archetypes, city.place.country
    sun = facade_sun(weather, facade_irradiation(plane_tables(weather)))
    geometry = np.asarray(city.buildings.geometry.array, dtype=object)
    height = city.buildings["height_m"].to_numpy(dtype=float)
    edges = polygon_edges(geometry)
    rate("horizons of façades", len(city.buildings), lambda: facade_horizons_deg(edges, height))
    case = simulate_heat(city.buildings, kinds, city.climate, sun, Draws(count=1)).case
    types, cold_c = case.types.take(case.codes), np.full(len(case.ids), 26.0)
    months, light, glass = case.climate.temperature_c, case.solar_gain_kwh, types.window_g_ratio
    warm, cool = heat_model(case.bodies, types), cooling_model(case.bodies, types, cold_c)
    count = len(case.ids)
    rate("heat of a year, compiled", count, lambda: yearly_heat_kwh(warm, light, months, glass))
    rate("heat of a year, plain", count, lambda: monthly_heat_kwh_plain(warm, light, months))
    rate("cold of a year, compiled", count, lambda: yearly_cooling_kwh(cool, light, months, glass))
    rate("cold of a year, plain", count, lambda: monthly_cooling_kwh_plain(cool, light, months, glass))
    also = {**cooling_demands(kinds, country), **electricity_demands(kinds, country)}
    for name, more in (("heat", None), ("heat, cold and electricity", also)):
        before, cpu_before = time.perf_counter(), time.process_time()
        draws = Draws(count=settings.draws)
        simulate_heat(city.buildings, kinds, city.climate, sun, draws, also=more)
        wall, cpu = time.perf_counter() - before, time.process_time() - cpu_before
        print(
            f"{settings.draws} draws of {name}: {wall:.1f} s, {cpu:.1f} processor seconds "
            f"({len(city.buildings):,} buildings, {count:,} heated)"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
