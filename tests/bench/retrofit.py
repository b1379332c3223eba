"""Retrofit packages of many buildings: ``python tests/bench/retrofit.py [SIZE …]``.

Towns are shifted copies of the sample Karhula. Prints seconds and processor seconds of all packages, ranges
and tables, and of the packages alone, and buildings × packages a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers import heat_demand, retrofit
from layers.core.draws import Draws
from layers.core.retrofit_settings import RetrofitParams
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.retrofit_heat import after_package
from layers.sources.osm import read_osm
from planner.acquire import Inputs
from planner.catalogue import find_place
from planner.config import RunConfig
from planner.pipeline import describe_city
from planner.progress import Progress
from planner.steps import StepLog
from tests.bench.tiling import copies_of


def measure(building_count: int) -> None:
    """Print the rates of one size."""
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    extract = copies_of(read_osm(place.extract), building_count)
    inputs = Inputs(dataclasses.replace(place, subtitle="copies"), extract, None, None, None, None, {})
    config, params = RunConfig(), RetrofitParams()
    city = describe_city(inputs, config, StepLog(Progress((), quiet=True)))
    sun = facade_irradiation(
        plane_tables(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
    )
    heat = heat_demand.simulate_heat(
        city.buildings, city.archetypes, city.climate, sun, Draws(seed=1, count=5), params=config.heat
    )
    draws = Draws(seed=1, count=config.draw_count)
    for name in ("first", "again"):
        start, cpu = time.perf_counter(), time.process_time()
        retrofit.add_retrofit(heat.buildings, heat.case, heat.shares, draws, heat=config.heat, params=params)
        print(
            f"{len(heat.buildings):>9,} buildings, all, {name}: {time.perf_counter() - start:6.2f} s, "
            f"{time.process_time() - cpu:6.2f} cpu s"
        )
    start = time.perf_counter()
    for package in params.packages:
        after_package(heat.case, params.package(package), params)
    seconds = time.perf_counter() - start
    rate = len(heat.case.ids) * len(params.packages) / seconds
    print(
        f"{len(heat.case.ids):>9,} heated, {len(params.packages)} packages alone: {seconds:6.2f} s, "
        f"{rate:,.0f}/s"
    )


def main() -> None:
    """Print the rates of every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    measure(500)  # compiles
    for size in parser.parse_args().sizes:
        measure(size)


if __name__ == "__main__":
    main()
