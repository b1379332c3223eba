"""Feed damaged files and random outlines to the readers and to cleaning, as many as wanted.

    python tests/bench/fuzz.py --count 1000000 --seed 7

Cases run one after the other in a process of their own; a case that takes longer than its bound, ends
the process or raises anything but a `PlannerError` is reported with its number and written to
``--keep``, so that it can be repeated.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
SAMPLES = ROOT / "planner" / "data" / "samples"
BOUND_S = 20.0
# the memory of a case; beyond it a case fails instead of taking the machine
MEMORY_BYTES = 6 << 30
BATCH_COUNT = 2_000


def small_files(folder: Path) -> list[Path]:
    """Write one small sound file of each kind that is read."""
    import geopandas as gpd
    import shapely

    houses = [shapely.box(9 + i * 3e-4, 48.5, 9.0002 + i * 3e-4, 48.5001) for i in range(6)]
    table = gpd.GeoDataFrame(
        {"id": range(6), "name": ["Ä", "b", None, "d", "e", "f"], "height": [3.0, 9, 12, 4, 5, 6]},
        geometry=houses, crs="EPSG:4326",
    )  # fmt: skip
    for name in ("t.gpkg", "t.geojson", "t.fgb", "t.shp"):
        table.to_file(folder / name)
    table.to_parquet(folder / "t.parquet")
    nodes = "".join(
        f'<node id="{i}" version="1" lat="{48.5 + y * 1e-4}" lon="{9 + x * 1e-4}"/>'
        for i, (x, y) in enumerate([(0, 0), (2, 0), (2, 2), (0, 2), (3, 0), (3, 3)], start=1)
    )
    (folder / "t.osm").write_text(
        f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="1" version="1"><nd ref="1"/><nd ref="2"/>'
        '<nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="house"/><tag k="height" v="7 m"/></way>'
        '<way id="2" version="1"><nd ref="5"/><nd ref="6"/><tag k="highway" v="residential"/></way></osm>'
    )
    import osmium

    with osmium.SimpleWriter(str(folder / "t.osm.pbf"), overwrite=True) as writer:
        for item in osmium.FileProcessor(str(folder / "t.osm")):
            writer.add(item)
    return [folder / name for name in (
        "t.osm.pbf", "t.osm", "t.geojson", "t.gpkg", "t.fgb", "t.parquet", "t.shp"
    )]  # fmt: skip


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Damage a file: flip, cut, repeat, insert or replace some of its bytes."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        if not data:
            break
        place = chance.randrange(len(data))
        length = min(chance.choice((1, 1, 2, 4, 32, 512)), len(data) - place)
        kind = chance.randrange(6)
        if kind == 0:
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[place : place + length] = chance.randbytes(length)
        elif kind == 2:
            del data[place : place + length]
        elif kind == 3:
            data[place:place] = data[place : place + length]
        elif kind == 4:
            data[place : place + length] = chance.choice((b"\x00", b"\xff", b"9", b"[", b'"')) * length
        else:
            del data[place:]
    return bytes(data)


def random_case(number: int, seed: int, files: list[Path], folder: Path) -> Path:
    """Write the file of one case; the same number and seed give the same file."""
    chance = random.Random(f"{seed}/{number}")
    source = files[number % len(files)]
    path = folder / f"case{''.join(source.suffixes)}"
    if chance.random() < 0.1:
        content = chance.randbytes(chance.choice((1, 10, 100, 5000)))
    else:
        content = mutate(source.read_bytes(), chance)
    path.write_bytes(content)
    if source.suffix == ".shp":
        for suffix in (".dbf", ".shx", ".prj"):
            beside = source.with_suffix(suffix).read_bytes()
            path.with_suffix(suffix).write_bytes(mutate(beside, chance) if chance.random() < 0.3 else beside)
    return path


def run_case(path: Path) -> str:
    """Read and clean one file; return what came of it."""
    from layers.core.errors import PlannerError
    from layers.footprints import clean_footprints
    from layers.sources.osm import read_osm
    from layers.sources.vector import read_buildings

    try:
        extract = read_osm(path) if ".osm" in path.suffixes else read_buildings(path)
        clean_footprints(extract)
    except PlannerError as problem:
        text = str(problem)
        if path.name not in text and "usable building" not in text:
            return f"a sentence without the file's name: {text}"
        return "refused"
    return "read"


def _work(numbers: range, seed: int, folder: str, reports: object) -> None:
    import resource
    import warnings

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    warnings.simplefilter("ignore")
    files = small_files(Path(folder))
    for number in numbers:
        reports.send(("start", number, ""))
        path = random_case(number, seed, files, Path(folder))
        try:
            outcome = run_case(path)
        except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
            outcome = "crash: " + traceback.format_exc(limit=-4)
        reports.send(("end", number, outcome))
    reports.send(("done", -1, ""))


def fuzz(count: int, seed: int, *, first: int = 0, until: float = float("inf")) -> tuple[Counter, dict]:
    """Run cases; return outcomes counted, and every failure by its number."""
    outcomes: Counter = Counter()
    failures: dict[int, str] = {}
    context = multiprocessing.get_context("spawn")
    number, last = first, first + count
    while number < last and time.monotonic() < until:
        with tempfile.TemporaryDirectory() as folder:
            mine, theirs = context.Pipe(duplex=False)
            numbers = range(number, min(number + BATCH_COUNT, last))
            process = context.Process(target=_work, args=(numbers, seed, folder, theirs), daemon=True)
            process.start()
            theirs.close()
            number, failure = _follow(mine, number, outcomes)
            if failure:
                failures[number - 1] = failure
            process.kill()
            process.join()
            mine.close()
        failures.update({case: text for text, case in _bad(outcomes)})
    return outcomes, failures


def _bad(outcomes: Counter) -> list[tuple[str, int]]:
    found = [key for key in outcomes if isinstance(key, tuple)]
    pairs = [(text, case) for text, case in found]
    for key in found:
        del outcomes[key]
        outcomes["failed"] += 1
    return pairs


def _follow(pipe: object, number: int, outcomes: Counter) -> tuple[int, str]:
    """Take reports until the batch ends; return the next case, and why the process had to end early."""
    current = number
    # the first report waits for imports
    bound = 120.0
    while True:
        try:
            if not pipe.poll(bound):
                outcomes["failed"] += 1
                return current + 1, f"took more than {bound:g} s"
            kind, case, outcome = pipe.recv()
        except (EOFError, ConnectionResetError):
            outcomes["failed"] += 1
            return current + 1, "ended the process"
        bound = BOUND_S
        if kind == "done":
            return current + 1, ""
        current = case
        if kind == "end":
            outcomes[outcome if outcome in ("read", "refused") else (outcome, case)] += 1


def main() -> None:
    """Run from the command line and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    started = time.monotonic()
    outcomes, failures = fuzz(asked.count, asked.seed, first=asked.first, until=started + asked.seconds)
    if asked.keep and failures:
        asked.keep.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            files = small_files(Path(folder))
            for number in failures:
                path = random_case(number, asked.seed, files, Path(folder))
                (asked.keep / f"{number}-{path.name}").write_bytes(path.read_bytes())
    for number, text in sorted(failures.items())[:20]:
        print(f"case {number}: {text}")
    print(json.dumps({"seconds": round(time.monotonic() - started), **outcomes}))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
