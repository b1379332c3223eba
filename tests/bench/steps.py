"""Rates of every step for 1,000, 10,000 and 100,000 buildings: ``python tests/bench/steps.py``.

Towns are shifted copies of the sample Karhula (real detached houses, rows, blocks and sheds). Prints one
table: seconds and buildings a second per step, and how the cost grows from one size to the next.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.core import facts
from layers.sources.osm import read_osm
from planner.acquire import Inputs
from planner.catalogue import find_place
from planner.config import RunConfig
from planner.pipeline import assess_city
from planner.progress import Progress
from planner.steps import StepLog
from reports.exports import write_all
from reports.map import write_map
from reports.summary import write_summary
from tests.bench.tiling import copies_of


def run_line(building_count: int) -> dict[str, float]:
    """Run the line on a town of that size and return seconds by step."""
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    extract = copies_of(read_osm(place.extract), building_count)
    inputs = Inputs(dataclasses.replace(place, subtitle="copies"), extract, None, None, None, None, {})
    log = StepLog(Progress((), quiet=True))
    with facts.recording() as used, tempfile.TemporaryDirectory() as scratch:
        assessment = assess_city(inputs, RunConfig(), log, used)
        seconds = {record.name: record.seconds for record in log.records}
        folder = Path(scratch)
        writers = {
            "tables": lambda: write_all(assessment, folder),
            "map": lambda: write_map(assessment, folder / "map.html"),
            "public map": lambda: write_map(assessment, folder / "public.html", public=True),
            "summary": lambda: write_summary(assessment, folder / "summary.html"),
        }
        for name, write in writers.items():
            before = time.perf_counter()
            write()
            seconds[name] = time.perf_counter() - before
    return seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().sizes
    run_line(500)  # compiles and fills caches
    results = {size: run_line(size) for size in sizes}
    head = "".join(f"{size:>12,} s {'1/s':>11}" for size in sizes)
    print(f"{'step':<18}{head}")
    for name in results[sizes[0]]:
        row = "".join(
            f"{results[size][name]:>14.3f} {size / max(results[size][name], 1e-9):>11,.0f}" for size in sizes
        )
        print(f"{name:<18}{row}")
    totals = {size: sum(results[size].values()) for size in sizes}
    print(f"{'all':<18}" + "".join(f"{totals[size]:>14.3f} {size / totals[size]:>11,.0f}" for size in sizes))
    for small, large in itertools.pairwise(sizes):
        print(f"{large / small:.0f}× the buildings cost {totals[large] / totals[small]:.1f}× the time")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of all runs: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
