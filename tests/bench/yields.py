"""Rates of rooftop solar against pvlib's ModelChain: ``python tests/bench/yields.py [BUILDINGS]``.

Towns are shifted copies of the sample Karhula. Ours are whole roofs: planes, horizons in 36 directions,
shade, snow, yearly yields with all draws, and the hours and months of districts. A ModelChain computes one
open plane, hour by hour; both work on the same hours in the same process.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pandas as pd
from pvlib.location import Location
from pvlib.modelchain import ModelChain
from pvlib.pvsystem import Array, FixedMount, PVSystem
from pvlib.temperature import TEMPERATURE_MODEL_PARAMETERS

from layers.core.draws import Draws
from layers.physics.irradiance import plane_tables
from layers.physics.sun import hour_centres
from layers.roof_solar import simulate_solar
from layers.solar_profiles import make_solar_profiles
from layers.sources.osm import read_osm
from planner.acquire import Inputs
from planner.catalogue import find_place
from planner.parameters import RunConfig
from planner.pipeline import STEP_NAMES, describe_city
from planner.progress import Progress
from planner.state import City
from planner.steps import StepLog
from tests.bench.tiling import copies_of

Result = TypeVar("Result")
CHAINS = 8


def town(building_count: int) -> City:
    """Return a described town of that size."""
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    extract = copies_of(read_osm(place.extract), building_count)
    inputs = Inputs(dataclasses.replace(place, subtitle="copies"), extract, None, None, None, None, {})
    log = StepLog(Progress(STEP_NAMES, quiet=True, stream=io.StringIO()))
    return describe_city(inputs, RunConfig(), log)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what some work gives and its processor seconds, which change little beside other work."""
    before = time.process_time()
    return work(), time.process_time() - before


def chain_seconds(city: City) -> float:
    """Return the seconds of one ModelChain run in the convention of PVWatts."""
    weather = city.weather
    times = hour_centres()
    hours = pd.DataFrame(
        {
            "ghi": weather.ghi_w_per_m2, "dni": weather.dni_w_per_m2, "dhi": weather.dhi_w_per_m2,
            "temp_air": weather.temperature_c, "wind_speed": weather.wind_m_per_s,
        },
        index=times,
    )  # fmt: skip
    heat = TEMPERATURE_MODEL_PARAMETERS["sapm"]["close_mount_glass_glass"]
    place = Location(weather.latitude_deg, weather.longitude_deg)

    def run() -> None:
        for number in range(CHAINS):
            mount = FixedMount(30.0, 90.0 + 20.0 * number)
            array = Array(
                mount, module_parameters={"pdc0": 1000.0, "gamma_pdc": -0.0035},
                temperature_model_parameters=heat,
            )  # fmt: skip
            plant = PVSystem([array], inverter_parameters={"pdc0": 1000.0 / 1.2 / 0.96})
            ModelChain.with_pvwatts(plant, place).run_model(hours)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run()
        return timed(run)[1] / CHAINS


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=20_000)
    count = parser.parse_args().count
    config, few = RunConfig(), town(500)
    city = town(count)
    for warm in (few, city):
        size = len(warm.buildings)
        tables, sky_s = timed(lambda now=warm: plane_tables(now.weather, config.planes))
        _, plain_s = timed(
            lambda now=warm, sky=tables: simulate_solar(now.buildings, sky, Draws(1, 20), config.solar)
        )
        solved, whole_s = timed(
            lambda now=warm, sky=tables: simulate_solar(now.buildings, sky, Draws(1, 200), config.solar)
        )
        _, hours_s = timed(
            lambda now=warm, done=solved: make_solar_profiles(
                done.buildings, done.panels, now.weather, config.planes
            )
        )
    chain_s = chain_seconds(city)
    each_s = (sky_s + whole_s + hours_s) / size
    print(f"{'sky tables of the place':<52}{sky_s:>10.2f} s")
    print(f"{'roofs with shade and 20 draws':<52}{size / plain_s:>10,.0f} roofs/s")
    print(f"{'roofs with shade and 200 draws':<52}{size / whole_s:>10,.0f} roofs/s")
    print(f"{'hours and months of districts':<52}{size / hours_s:>10,.0f} roofs/s")
    print(f"{'all of it, tables included':<52}{1.0 / each_s:>10,.0f} roofs/s")
    print(f"{'one ModelChain (one open plane)':<52}{chain_s * 1000:>10.1f} ms")
    yearly_s = (sky_s + plain_s) / size
    print(f"{'ModelChain / our roof, shaded yearly yields':<52}{chain_s / yearly_s:>10,.0f} ×")
    print(f"{'ModelChain / our roof, all of it':<52}{chain_s / each_s:>10,.0f} ×")


if __name__ == "__main__":
    main()
