"""Seconds and memory of reading, cleaning and form: ``python tests/bench/geometry.py``.

Towns of 10,000, 100,000 and 1,000,000 buildings are shifted copies of the samples, written as
GeoParquet and read again as a town's own footprints would be. Every size runs in a process of its own,
so that its peak memory is its own. Where momepy is installed, its shared walls are measured on the same
buildings in the same process; it is no dependency, so it may be absent.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import geopandas as gpd

from layers import footprints, form
from layers.sources.osm import read_osm
from layers.sources.vector import read_buildings
from planner.catalogue import find_place
from tests.bench.tiling import buildings_of

MB = 1024
# the loose way of momepy grows every building by this much: half the gap that two drawings may have
HALF_GAP_M = form.FormParams().wall_gap_m / 2
NAMES = {
    "building_tag": "building", "tagged_height_m": "height", "tagged_storey_count": "levels",
    "tagged_first_year": "year", "name": "name", "street_name": "street", "house_number": "housenumber",
}  # fmt: skip


class Clock:
    """Keeps seconds, processor seconds and peak memory of one stage after the other."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def run(self, name: str, stage: Callable[[], Any], note: Callable[[Any], str] = lambda _: "") -> Any:
        """Run a stage and note what it cost; the peak is that of the process so far."""
        wall, processor = time.perf_counter(), time.process_time()
        result = stage()
        seconds, cpu = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
        self.rows.append({"stage": name, "s": seconds, "cpu": cpu, "mb": peak, "note": note(result)})
        return result


def extract_of(sample: str) -> Any:
    """Return a carried sample as its reader gives it."""
    place = find_place(sample)
    assert place is not None
    assert place.extract is not None
    return read_osm(place.extract)


def write_town(sample: str, building_count: int, path: Path) -> None:
    """Write a town's footprints with the columns that many towns have."""
    town = buildings_of(extract_of(sample), building_count).rename(columns=NAMES)
    town[[*NAMES.values(), "geometry"]].reset_index(names="id").to_parquet(path)


def warm_up(sample: str) -> None:
    """Compile what is compiled on first use, so that only work is measured."""
    buildings, _ = footprints.clean_footprints(extract_of(sample))
    form.add_form(buildings)


def measure(sample: str, path: Path) -> list[dict[str, Any]]:
    """Run all stages on a town's file and return what each cost."""
    clock = Clock()
    warm_up(sample)
    clock.run("start", lambda: None)

    def clean() -> gpd.GeoDataFrame:
        return footprints.clean_footprints(extract)[0]

    extract = clock.run("read", lambda: read_buildings(path), lambda one: f"{len(one.buildings):,} rows")
    buildings = clock.run("clean", clean, lambda table: f"{len(table):,} kept")
    walls = clock.run("party walls", lambda: form.find_wall_pairs(buildings), _walls_note)
    formed = clock.run("rest of form", lambda: form.add_form(buildings, wall_pairs=walls))
    if importlib.util.find_spec("momepy") is None:
        clock.rows.append({"stage": "momepy", "note": "not installed: nothing to compare with"})
    else:
        _measure_momepy(clock, formed[["geometry"]])
    return clock.rows


def _measure_momepy(clock: Clock, buildings: gpd.GeoDataFrame) -> None:
    import momepy

    def note(found: Any) -> str:
        return f"{found.sum() / 2e3:,.1f} km"

    clock.run("momepy strict", lambda: momepy.shared_walls(buildings), note)
    clock.run(
        "momepy loose", lambda: momepy.shared_walls(buildings, strict=False, tolerance=HALF_GAP_M), note
    )


def _walls_note(pairs: Any) -> str:
    return f"{pairs['length_m'].sum() / 1e3:,.1f} km in {len(pairs):,} pairs"


def run_apart(arguments: list[str]) -> str:
    """Run this file in a process of its own and return what it prints."""
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def print_table(building_count: int, rows: list[dict[str, Any]]) -> None:
    """Print one town's table."""
    print(f"\n{building_count:,} buildings")
    print(f"{'stage':<14}{'seconds':>9}{'processor s':>13}{'per cpu s':>13}{'peak MB':>10}  found")
    for row in rows:
        if "s" not in row:
            print(f"{row['stage']:<14}{row['note']}")
            continue
        rate = f"{building_count / row['cpu']:,.0f}" if row["cpu"] > 1e-3 else ""
        cost = f"{row['s']:>9.2f}{row['cpu']:>13.2f}{rate:>13}{row['mb']:>10,.0f}"
        print(f"{row['stage']:<14}{cost}  {row['note']}")
    whole = [row for row in rows if row["stage"] in ("clean", "party walls", "rest of form")]
    print(f"clean and form{sum(r['s'] for r in whole):>9.2f}{sum(r['cpu'] for r in whole):>13.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--sample", default="karhula", choices=["karhula", "helsinki"])
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write_town(given.sample, given.sizes[0], given.write)
    elif given.measure:
        print(json.dumps(measure(given.sample, given.measure)))
    else:
        print(f"copies of {given.sample}")
        for size in given.sizes:
            with tempfile.TemporaryDirectory() as scratch:
                path = Path(scratch) / "town.parquet"
                run_apart([str(size), "--sample", given.sample, "--write", str(path)])
                rows = json.loads(run_apart(["--sample", given.sample, "--measure", str(path)]))
            print_table(size, rows)


if __name__ == "__main__":
    main()
