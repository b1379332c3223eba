"""Roofs a second: ``python tests/bench/roofs.py [ROOFS] [--surface]``.

Copies of the sample Karhula. Prints how many roofs a second see their horizon in 36 directions and keep
which yield in each month; with ``--surface`` also how many roofs a second are measured in a made-up surface
model with cells of one metre.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import geopandas as gpd
import numpy as np
import shapely

from layers.footprints import clean_footprints
from layers.form import add_form, find_wall_pairs
from layers.physics.horizon import horizons_deg, make_obstacles
from layers.physics.irradiance import plane_tables
from layers.physics.shaded_months import month_tables, shaded_months_kwh_per_kwp
from layers.physics.shading import shaded_share
from layers.physics.weather import make_hourly
from layers.sources.climate import read_monthly_climate
from layers.sources.osm import read_osm
from layers.sources.roofs import survey_roofs
from planner.catalogue import find_place
from tests.bench.tiling import copies_of
from tests.roof_cases import House, place_houses, surface_of, write_houses, write_surface


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and processor seconds of the second of two runs."""
    work()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def show(what: str, count: int, took: tuple[float, float]) -> None:
    wall, cpu = took
    print(f"{what:<58}{count:>10,}{wall:>9.2f}{cpu:>9.2f}{count / wall:>12,.0f}{count / cpu:>12,.0f}")


def town(count: int) -> gpd.GeoDataFrame:
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    buildings, _ = clean_footprints(copies_of(read_osm(place.extract), count))
    buildings = add_form(buildings, wall_pairs=find_wall_pairs(buildings))
    rng = np.random.default_rng(1)
    return buildings.assign(height_m=rng.uniform(3.0, 15.0, len(buildings)))


def shade(count: int) -> None:
    buildings = town(count)
    outlines = np.asarray(buildings.geometry.array, dtype=object)
    height, owner = buildings["height_m"].to_numpy(), np.arange(len(buildings))
    points = shapely.get_coordinates(shapely.point_on_surface(outlines))
    weather = make_hourly(read_monthly_climate("helsinki", "FI", 24.9, 60.2), 1)
    tables, months = plane_tables(weather), month_tables(weather)
    # the two halves of a gabled roof
    view = np.repeat(owner, 2)
    tilt = np.full(len(view), 35.0)
    azimuth = np.mod(
        np.repeat(buildings["axis_azimuth_deg"].to_numpy(), 2) + np.tile([90.0, -90.0], len(owner)), 360.0
    )
    one = np.ones(len(view), dtype=np.int64)
    seen: list[np.ndarray] = []

    def look() -> None:
        seen[:] = [horizons_deg(points, height, owner, make_obstacles(outlines, height))]

    def all_of_it() -> None:
        look()
        shaded_months_kwh_per_kwp(months, seen[0], view, one, tilt, azimuth)

    show("horizons in 36 directions", len(owner), timed(look))
    show("yearly shaded yield of two slopes", len(owner),
         timed(lambda: shaded_share(tables, seen[0], view, tilt, azimuth)))  # fmt: skip
    show("monthly shaded yield of two slopes", len(owner),
         timed(lambda: shaded_months_kwh_per_kwp(months, seen[0], view, one, tilt, azimuth)))  # fmt: skip
    show("horizons and monthly shaded yields", len(owner), timed(all_of_it))


def measure(count: int) -> None:
    rng = np.random.default_rng(2)
    kinds = ("gabled", "hipped", "flat", "skillion")
    houses = [
        House(
            kinds[number % 4],
            rng.uniform(10, 22),
            rng.uniform(8, 12),
            rng.uniform(20, 45),
            rng.uniform(0, 180),
        )
        for number in range(count)
    ]
    heights, transform = surface_of(houses, place_houses(houses, columns=round(count**0.5)))
    from layers.sources.own_files import OwnFiles, combine

    with tempfile.TemporaryDirectory() as scratch:
        extract = combine(OwnFiles(buildings=write_houses(Path(scratch) / "houses.gpkg", houses)))
        surface = write_surface(Path(scratch) / "dsm.tif", heights, transform)
        show("planes and horizons from a surface model, reading included", count,
             timed(lambda: survey_roofs(extract, surface, None)))  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("roofs", type=int, nargs="?", default=20_000)
    words.add_argument("--surface", action="store_true")
    wanted = words.parse_args()
    print(f"{'':<58}{'roofs':>10}{'s':>9}{'cpu s':>9}{'roofs/s':>12}{'per cpu s':>12}")
    shade(wanted.roofs)
    if wanted.surface:
        measure(min(wanted.roofs, 3000))


if __name__ == "__main__":
    main()
