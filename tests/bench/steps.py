"""Rates of every step for 1,000, 10,000 and 100,000 buildings: ``python tests/bench/steps.py``.

Towns are shifted copies of the sample Karhula (real detached houses, rows, blocks and sheds). Prints one
table: seconds and processor seconds per step, buildings a second in all, and how the cost grows from one
size to the next. Processor seconds count both cores and change little when others use the machine too.
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
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.core import facts
from layers.sources.osm import read_osm
from planner.acquire import Inputs
from planner.catalogue import find_place
from planner.config import RunConfig
from planner.pipeline import assess_city
from planner.progress import Progress
from planner.steps import StepLog, Table
from reports.exports import write_all
from reports.map import write_map
from reports.summary import write_summary
from tests.bench.tiling import copies_of


class CpuLog(StepLog):
    """A log that also keeps the processor seconds of each step."""

    def __init__(self) -> None:
        super().__init__(Progress((), quiet=True))
        self.cpu: dict[str, float] = {}
        self._cpu_since = time.process_time()

    def step(self, name: str, table: Table, *args: Any, **kwargs: Any) -> Table:
        """Do as the log does, and look at the processor's clock."""
        checked = super().step(name, table, *args, **kwargs)
        now = time.process_time()
        self.cpu[name] = now - self._cpu_since
        self._cpu_since = now
        return checked


def run_line(building_count: int) -> dict[str, tuple[float, float]]:
    """Run the line on a town of that size and return seconds and processor seconds by step."""
    place = find_place("karhula")
    assert place is not None and place.extract is not None
    extract = copies_of(read_osm(place.extract), building_count)
    inputs = Inputs(dataclasses.replace(place, subtitle="copies"), extract, None, None, None, None, {})
    log = CpuLog()
    with facts.recording() as used, tempfile.TemporaryDirectory() as scratch:
        assessment = assess_city(inputs, RunConfig(), log, used)
        seconds = {record.name: (record.seconds, log.cpu[record.name]) for record in log.records}
        folder = Path(scratch)
        writers = {
            "tables": lambda: write_all(assessment, folder),
            "map": lambda: write_map(assessment, folder / "map.html"),
            "public map": lambda: write_map(assessment, folder / "public.html", public=True),
            "summary": lambda: write_summary(assessment, folder / "summary.html"),
        }
        for name, write in writers.items():
            before, cpu_before = time.perf_counter(), time.process_time()
            write()
            seconds[name] = time.perf_counter() - before, time.process_time() - cpu_before
    return seconds


def _figures(seconds: float, cpu: float) -> str:
    return f"{seconds:>14.3f}{cpu:>10.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().sizes
    run_line(500)  # compiles and fills caches
    results = {size: run_line(size) for size in sizes}
    head = "".join(f"{size:>12,} s {'cpu s':>9}" for size in sizes)
    print(f"{'step':<18}{head}")
    for name in results[sizes[0]]:
        print(f"{name:<18}" + "".join(_figures(*results[size][name]) for size in sizes))
    totals = {size: [sum(both) for both in zip(*results[size].values(), strict=True)] for size in sizes}
    print(f"{'all':<18}" + "".join(_figures(*totals[size]) for size in sizes))
    print(
        f"{'buildings a second':<18}" + "".join(f"{size / totals[size][0]:>14,.0f}{'':>10}" for size in sizes)
    )
    for small, large in itertools.pairwise(sizes):
        wall, cpu = (new / old for new, old in zip(totals[large], totals[small], strict=True))
        print(f"{large / small:.0f}× the buildings cost {wall:.1f}× the time, {cpu:.1f}× on the processor")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of all runs: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
