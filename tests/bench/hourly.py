"""Rates of the hourly model: ``python tests/bench/hourly.py [BUILDINGS] [--oracle PYTHON]``.

Prints buildings a second for a year of 8,760 hours, in single and double precision and for the whole layer
of profiles, in seconds and in processor seconds. With the Python of an environment that has `rcbsim`, the
same for RC_BuildingSimulator and the ratio of both.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.archetypes import read_archetypes
from layers.core.heat_settings import HeatParams
from layers.core.hourly_settings import HourlyParams
from layers.core.uses import USES
from layers.physics.building_heat import Bodies, heat_model, window_aperture_m2
from layers.physics.heat_inputs import HeatInputs, type_values
from layers.physics.hourly import simulate_hours
from layers.physics.hourly_town import Wanted, make_town, town_hours
from layers.physics.hourly_zones import facade_hours_w_per_m2_plane, month_sums_kwh
from layers.physics.weather import make_hourly
from layers.sources.climate import read_monthly_climate

DISTRICTS = 60
ORACLE = """
import time
from rcbsim.building_physics import Zone
zone, mass, start = Zone(), 20.0, time.process_time()
for hour in range(8760):
    zone.solve_energy(100.0, 50.0, 5.0 + hour % 24 / 4, mass)
    mass = zone.t_m_next
print(time.process_time() - start)
"""


def make(count):
    """Return a town of many kinds of buildings in Finnish weather."""
    rng = np.random.default_rng(1)
    archetypes = read_archetypes("FI")
    codes = rng.integers(0, len(archetypes), count)
    floor = np.exp(rng.normal(5.6, 0.9, count))
    wall, roof = floor * rng.uniform(0.5, 1.5, count), floor * rng.uniform(0.2, 1.0, count)
    bodies = Bodies(floor, wall, 0.18 * floor, roof, roof, rng.dirichlet(np.ones(8), count) * wall[:, None])
    types = type_values(archetypes, HeatParams())
    weather = make_hourly(read_monthly_climate(None, "FI", 24.9, 60.2), 1)
    sun = facade_hours_w_per_m2_plane(weather)
    gain = window_aperture_m2(bodies, 0.3) @ month_sums_kwh(sun)
    index = pd.Index([f"way/{number}" for number in range(count)], name="building_id")
    uses = pd.Series(archetypes["use"].to_numpy()[codes], index=index)
    district = rng.integers(0, DISTRICTS, count)
    peak_kw = heat_model(bodies, types.take(codes)).loss_w_per_k * 46.0 / 1e3
    inputs = HeatInputs(bodies, codes, types, gain)
    return uses, district, inputs, weather, sun, peak_kw


def town_of(uses, district, inputs, weather, sun, peak_kw):
    """Prepare a town for its hours."""
    return make_town(
        uses, pd.Series(district, index=uses.index), inputs, weather, sun, "FI", peak_kw, None,
        dict.fromkeys(USES, 26.0), HourlyParams(),
    )  # fmt: skip


def measured(name, count, run):
    """Run once and print the rates."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:44} {wall:8.2f} s {cpu:8.2f} cpu s {count / wall:10,.0f}/s {count / cpu:10,.0f}/cpu s")
    return count / cpu


def batches(town, precision):
    """Take every batch through the year."""
    room = None
    for first in range(0, len(town.order), town.batch_count):
        rows = town.order[first : first + town.batch_count]
        found = simulate_hours(
            town.zone.take(rows), town.groups.group[rows], town.drivers, precision=precision, room=room
        )
        room = found.power_w


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("buildings", nargs="?", type=int, default=20_000)
    parser.add_argument("--oracle", metavar="PYTHON", help="Python of an environment with rcbsim")
    given = parser.parse_args()
    parts = make(given.buildings)
    town = town_of(*parts)
    none = np.zeros(given.buildings)
    wanted = Wanted(none + 1e4, none + 1e3, None, None, none + 2e3)
    small = town_of(*make(200))
    for precision in (np.float32, np.float64):
        batches(small, precision)
    town_hours(small, Wanted(*(np.ones(200),) * 2, None, None, None), np.zeros(200, int), 1)
    rate = measured("hours, single precision", given.buildings, lambda: batches(town, np.float32))
    measured("hours, double precision", given.buildings, lambda: batches(town, np.float64))
    measured(
        f"profiles of {DISTRICTS} districts with preparation", given.buildings,
        lambda: town_hours(town_of(*parts), wanted, parts[1], DISTRICTS),
    )  # fmt: skip
    if given.oracle:
        done = subprocess.run([given.oracle, "-c", ORACLE], capture_output=True, text=True, check=True)
        seconds = float(done.stdout)
        print(f"{'RC_BuildingSimulator, one zone':44} {seconds:8.2f} cpu s; ratio {rate * seconds:,.0f}")


if __name__ == "__main__":
    main()
