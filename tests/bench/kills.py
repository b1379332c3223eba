"""Kill the program at random moments and look whether anything that was there is lost.

    python tests/bench/kills.py --count 100

An older run is replaced again and again (`--force`); each time the program is killed (SIGKILL) at a moment
that chance chooses between its start and its end. Whatever the moment, the run's folder holds one whole run
whose files are as its manifest says, and nothing half made has a name of its own.

The town is small, and every program begins as a copy of one that has imported everything, so that the
moments fall into reading, computing and writing; every second falls between the first file that is written
and a little after the end. The last line says where they fell.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
WORDS = ("assess", "Killtown", "--buildings", "town.gpkg", "--streets", "streets.gpkg", "--country", "FI",
         "--quiet", "--out", "runs/run", "--force")  # fmt: skip
# what a program has imported when it ends
_LIST_MODULES = "import sys, atexit, planner.cli as c; atexit.register(lambda: print(*sys.modules)); c.main()"
_CALIBRATION_RUNS = 3


def write_town(place: Path) -> None:
    """Write a town of forty houses and five streets."""
    import geopandas as gpd
    import shapely

    x, y = 385_000, 6_672_000
    houses = [shapely.box(x + 30 * i, y + 40 * j, x + 30 * i + 12, y + 40 * j + 9)
              for i in range(8) for j in range(5)]  # fmt: skip
    streets = [shapely.LineString([(x, y - 10 + 40 * j), (x + 260, y - 10 + 40 * j)]) for j in range(5)]
    gpd.GeoDataFrame(geometry=houses, crs="EPSG:32635").to_file(place / "town.gpkg")
    gpd.GeoDataFrame(geometry=streets, crs="EPSG:32635").to_file(place / "streets.gpkg")


def import_all(place: Path) -> None:
    """Import what a whole run imports, and leave the first run behind."""
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, *WORDS], cwd=place, check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    for name in done.stdout.split():
        if name.split(".")[0] in ("planner", "layers", "replication", "reports"):
            __import__(name)


def start(place: Path) -> int:
    """Start the program on the town; return its process id."""
    child = os.fork()
    if child:
        return child
    # the copy never comes back from here
    os.chdir(place)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.argv = ["planner", *WORDS]
    from planner.cli import main

    try:
        main()
    except SystemExit as end:
        os._exit(int(end.code or 0))
    finally:
        os._exit(70)


def damage(runs: Path) -> list[str]:
    """Return what is wrong with the run and the folder around it."""
    run = runs / "run"
    if not (run / "manifest.json").is_file():
        return ["the run is gone"]
    files = json.loads((run / "manifest.json").read_text())["files"]
    wrong = [
        name for name, checksum in files.items()
        if not (run / name).is_file() or hashlib.sha256((run / name).read_bytes()).hexdigest() != checksum
    ]  # fmt: skip
    visible = [path.name for path in runs.iterdir() if not path.name.startswith(".")]
    return wrong + [name for name in visible if name != "run"]


def _is_writing(runs: Path, child: int) -> bool:
    partial = [path for path in runs.iterdir() if path.name.endswith(f"-{child}")]
    try:
        return bool(partial) and any(partial[0].iterdir())
    except FileNotFoundError:
        return False


def _has_ended(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_writing(runs: Path, child: int) -> None:
    """Wait until a run writes its first file, or has ended."""
    while not _is_writing(runs, child) and not _has_ended(child):
        time.sleep(0.001)


def lengths_s(place: Path) -> tuple[float, float]:
    """Return how long a run takes, and how long it writes."""
    whole, writing = [], []
    for _ in range(_CALIBRATION_RUNS):
        started = time.monotonic()
        child = start(place)
        await_writing(place / "runs", child)
        first = time.monotonic()
        assert os.waitpid(child, 0)[1] == 0
        whole.append(time.monotonic() - started)
        writing.append(time.monotonic() - first)
    return statistics.median(whole), statistics.median(writing)


def kill_often(place: Path, *, count: int, seed: int) -> tuple[list[str], Counter]:
    """Replace a run `count` times, killed each time; return what was damaged, and where kills fell."""
    chance, runs = random.Random(seed), place / "runs"
    whole_s, writing_s = lengths_s(place)
    print(f"a run takes {whole_s:.2f} s and writes for {writing_s:.2f} s", flush=True)
    found, parts = [], Counter()
    for number in range(1, count + 1):
        child = start(place)
        if number % 2:
            time.sleep(whole_s * chance.uniform(0.0, 1.0))
        else:
            await_writing(runs, child)
            time.sleep(writing_s * chance.uniform(0.0, 1.2))
        part = "while writing" if _is_writing(runs, child) else "while reading or computing"
        part = "after its end" if _has_ended(child) else part
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        parts[part] += 1
        wrong = damage(runs)
        print(f"kill {number}, {part}: {'; '.join(wrong) or 'whole'}", flush=True)
        found += [f"kill {number}: {text}" for text in wrong]
    assert os.waitpid(start(place), 0)[1] == 0
    left = [path.name for path in runs.iterdir() if path.name != "run"]
    return found + [f"left behind: {name}" for name in left], parts


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write_town(place)
        import_all(place)
        found, parts = kill_often(place, count=asked.count, seed=asked.seed)
    print("\n".join(found) or f"{asked.count} kills, nothing lost")
    print(json.dumps(parts))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
