"""Feed damaged files and random outlines to the readers and to cleaning, as many as wanted.

    python tests/bench/fuzz.py --count 1000000 --seed 7

Cases run one after the other in a process of their own; a case that takes longer than its bound, ends
the process or raises anything but a `PlannerError` is reported with its number and written to
``--keep``, so that it can be repeated. After every batch a line tells the counts so far.

Most cases damage a sound file, one of each kind that is read; every ninth writes a GeoJSON whose outlines
and attributes are chosen to be awkward. Files of streets are read as streets, of districts as districts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
SAMPLES = ROOT / "planner" / "data" / "samples"
BOUND_S = 20.0
# the memory of a case; beyond it a case fails instead of taking the machine
MEMORY_BYTES = 6 << 30
BATCH_COUNT = 10_000
# files in memory, where the machine has such a place: a case takes about a millisecond
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
STREET_FILE, DISTRICT_FILE = "s", "d"


def _write_tables(folder: Path) -> list[Path]:
    import geopandas as gpd
    import shapely

    houses = [shapely.box(9 + i * 3e-4, 48.5, 9.0002 + i * 3e-4, 48.5001) for i in range(6)]
    table = gpd.GeoDataFrame(
        {"id": range(6), "name": ["Ä", "b", None, "d", "e", "f"], "height": [3.0, 9, 12, 4, 5, 6]},
        geometry=houses, crs="EPSG:4326",
    )  # fmt: skip
    lines = [shapely.LineString([(9, 48.5 + i * 1e-4), (9.002, 48.5 + i * 1e-4)]) for i in range(4)]
    streets = gpd.GeoDataFrame(
        {"id": ["a", "b", "b", None], "highway": ["residential", "motorway", "x", None]},
        geometry=lines, crs="EPSG:4326",
    )  # fmt: skip
    for name, frame in (("t", table), (STREET_FILE, streets)):
        for suffix in ("geojson", "gpkg", "fgb", "shp"):
            frame.to_file(folder / f"{name}.{suffix}")
        # packed bytes are noticed by their checksums: these are not, and are read
        frame.to_parquet(folder / f"{name}.parquet", compression=None)
        frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry").to_csv(
            folder / f"{name}.csv", index=False
        )
    suffixes = ("geojson", "gpkg", "fgb", "shp", "parquet", "csv")
    return [folder / f"{name}.{suffix}" for name in ("t", STREET_FILE) for suffix in suffixes]


def _write_osm(folder: Path) -> list[Path]:
    import osmium

    nodes = "".join(
        f'<node id="{i}" version="1" lat="{48.5 + y * 1e-4}" lon="{9 + x * 1e-4}"/>'
        for i, (x, y) in enumerate([(0, 0), (2, 0), (2, 2), (0, 2), (3, 0), (3, 3)], start=1)
    )
    text = folder / "t.osm"
    text.write_text(
        f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="1" version="1"><nd ref="1"/><nd ref="2"/>'
        '<nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="house"/><tag k="height" v="7 m"/></way>'
        '<way id="2" version="1"><nd ref="5"/><nd ref="6"/><tag k="highway" v="residential"/></way></osm>'
    )
    packed = folder / "t.osm.pbf"
    plain = osmium.io.File(str(packed), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(plain, overwrite=True) as writer:
        for item in osmium.FileProcessor(str(text)):
            writer.add(item)
    way = {"type": "way", "id": 1, "tags": {"building": "yes", "height": "9"},
           "geometry": [{"lat": 48.5 + y * 1e-4, "lon": 9 + x * 1e-4}
                        for x, y in ((0, 0), (2, 0), (2, 2), (0, 2), (0, 0))]}  # fmt: skip
    answer = folder / "t.osm.json"
    answer.write_text(json.dumps({"version": 0.6, "generator": "Overpass API", "elements": [way]}))
    return [text, packed, answer]


def _write_model(folder: Path) -> list[Path]:
    corners = [[x, y, z] for z in (0, 6) for x, y in ((0, 0), (9, 0), (9, 9), (0, 9))]
    sides = [[[i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i]] for i in range(4)]
    solid = {"type": "Solid", "lod": "1", "boundaries": [[[[3, 2, 1, 0]], [[4, 5, 6, 7]], *sides]]}
    house = {"type": "Building", "attributes": {"measuredHeight": 6.0}, "geometry": [solid]}
    path = folder / "t.city.json"
    path.write_text(json.dumps({
        "type": "CityJSON", "version": "2.0", "vertices": corners, "CityObjects": {"b": house},
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [500000.0, 5500000.0, 100.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/25832"},
    }))  # fmt: skip
    return [path]


def small_files(folder: Path) -> list[Path]:
    """Write one small sound file of each kind that is read."""
    (folder / "cases").mkdir()
    return [*_write_osm(folder), *_write_model(folder), *_write_tables(folder)]


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


_NUMBERS = (0.0, -0.0, 1.0, 9.0, 48.5, 90.0, 180.0, -180.0, 1e-300, 1e7, 1e300, -1e300)
_KEYS = ("id", "height", "HOEHE", "levels", "building", "year", "name", "highway", "osm_id", "fid", "tags",
         "roof:shape", "sources", "bridge", "x")  # fmt: skip
_VALUES = (None, "", "yes", "12 m", -9999, 0, 1e308, "3;4", "R+3", "1890s", "\x00", "\u202e<b>", "=1+1", True,
           [], [1], {}, {"primary": "a"}, '{"height": 3}', '"a"=>"b"', "9" * 400, "\ud800", 2**63, "42211",
           "31001_1010", "residential", "motorway")  # fmt: skip

_KINDS = (
    "Polygon",
    "MultiPolygon",
    "LineString",
    "MultiLineString",
    "Point",
    "GeometryCollection",
    "X",
    None,
)


def _position(chance: random.Random) -> list:
    if chance.random() < 0.04:
        return [chance.choice(_NUMBERS) for _ in range(chance.choice((0, 1, 2, 2, 2, 3, 4)))]
    return [9.0 + chance.randrange(40) * 1e-5, 48.5 + chance.randrange(40) * 1e-5]


def _path(chance: random.Random, closed: bool) -> list:
    points = [_position(chance) for _ in range(chance.choice((0, 1, 2, 3, 4, 4, 4, 5, 8, 30)))]
    return [*points, *points[:1]] if closed and chance.random() < 0.95 else points


def _shape(chance: random.Random, depth: int = 0) -> dict | None:
    kind = chance.choices(_KINDS, (60, 12, 12, 4, 3, 3, 1, 1))[0]
    if kind is None:
        return None
    if kind == "GeometryCollection":
        inner = [_shape(chance, depth + 1) for _ in range(chance.randrange(3))] if depth < 3 else []
        return {"type": kind, "geometries": inner}
    one = {
        "Polygon": lambda: [_path(chance, True) for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3)))],
        "LineString": lambda: _path(chance, False),
        "Point": lambda: _position(chance),
        "X": lambda: _position(chance),
    }
    if kind.startswith("Multi"):
        return {"type": kind, "coordinates": [one[kind[5:]]() for _ in range(chance.randrange(3))]}
    return {"type": kind, "coordinates": one[kind]()}


def _soup(chance: random.Random) -> bytes:
    """Write a GeoJSON that is well formed and whose content is awkward."""
    keys = chance.sample(_KEYS, chance.randrange(6))
    good = [[9.01, 48.51], [9.0102, 48.51], [9.0102, 48.5101], [9.01, 48.5101], [9.01, 48.51]]
    shapes = [_shape(chance) for _ in range(chance.randrange(8))]
    shapes += [{"type": "Polygon", "coordinates": [good]}] * chance.randrange(2)
    features = [
        {"type": "Feature", "properties": {key: chance.choice(_VALUES) for key in keys}, "geometry": shape}
        for shape in shapes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode("utf-8", "replace")


def random_case(number: int, seed: int, files: list[Path], folder: Path) -> Path:
    """Write the file of one case; the same number and seed give the same file."""
    chance = random.Random(f"{seed}/{number}")
    if number % 9 == 0:
        path = folder / "cases" / f"{chance.choice(('case', 'case', STREET_FILE, DISTRICT_FILE))}.geojson"
        path.write_bytes(_soup(chance))
        return path
    source = files[number % len(files)]
    start = STREET_FILE if source.name.startswith(STREET_FILE + ".") else "case"
    path = folder / "cases" / f"{start}{''.join(source.suffixes)}"
    if chance.random() < 0.05:
        content = chance.randbytes(chance.choice((1, 10, 100, 5000)))
    else:
        content = mutate(_content(source), chance)
    path.write_bytes(content)
    if source.suffix == ".shp":
        for suffix in (".dbf", ".shx", ".prj"):
            beside = _content(source.with_suffix(suffix))
            path.with_suffix(suffix).write_bytes(mutate(beside, chance) if chance.random() < 0.3 else beside)
    return path


@lru_cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


def _read(path: Path) -> None:
    from layers.footprints import clean_footprints
    from layers.form import add_form, find_wall_pairs
    from layers.sources.osm import read_osm
    from layers.sources.vector import read_buildings, read_outlines, read_streets

    kind = path.stem.split(".")[0]
    if kind == STREET_FILE:
        read_streets(path)
    elif kind == DISTRICT_FILE:
        read_outlines(path)
    elif ".osm" in path.suffixes:
        clean_footprints(read_osm(path))
    else:
        extract = read_buildings(path)
        buildings, _ = clean_footprints(extract)
        add_form(buildings, wall_pairs=find_wall_pairs(buildings))


def run_case(path: Path) -> str:
    """Read and clean one file; return what came of it."""
    from layers.core.errors import PlannerError

    try:
        _read(path)
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


def fuzz(
    count: int, seed: int, *, first: int = 0, until: float = float("inf"), show: Callable | None = None
) -> tuple[Counter, dict]:
    """Run cases; return outcomes counted, and every failure by its number."""
    outcomes: Counter = Counter()
    failures: dict[int, str] = {}
    context = multiprocessing.get_context("spawn")
    number, last = first, first + count
    while number < last and time.monotonic() < until:
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            mine, theirs = context.Pipe(duplex=False)
            numbers = range(number, min(number + BATCH_COUNT, last))
            process = context.Process(target=_work, args=(numbers, seed, folder, theirs), daemon=True)
            process.start()
            theirs.close()
            number, failure = _follow(mine, number, outcomes, process.pid)
            if failure:
                failures[number - 1] = failure
            process.kill()
            process.join()
            mine.close()
        failures.update({case: text for text, case in _bad(outcomes)})
        if show:
            show(number - first, outcomes, failures)
    return outcomes, failures


def _bad(outcomes: Counter) -> list[tuple[str, int]]:
    found = [key for key in outcomes if isinstance(key, tuple)]
    pairs = [(text, case) for text, case in found]
    for key in found:
        del outcomes[key]
        outcomes["failed"] += 1
    return pairs


def processor_s(process_id: int) -> float:
    """Return the processor seconds of a process; where they are not told, the seconds of the clock."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _follow(pipe: object, number: int, outcomes: Counter, process_id: int) -> tuple[int, str]:
    """Take reports until the batch ends; return the next case, and why the process had to end early."""
    current = number
    # the first report waits for imports
    bound, start = 120.0, processor_s(process_id)
    while True:
        try:
            if not pipe.poll(bound):
                # on a busy machine a case waits: only what it works counts
                if processor_s(process_id) - start < bound:
                    continue
                outcomes["failed"] += 1
                return current + 1, f"took more than {bound:g} s"
            kind, case, outcome = pipe.recv()
        except (EOFError, ConnectionResetError):
            outcomes["failed"] += 1
            return current + 1, "ended the process"
        bound, start = BOUND_S, processor_s(process_id)
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
    shown: set[int] = set()

    def show(done_count: int, outcomes: Counter, failures: dict) -> None:
        for number in sorted(failures.keys() - shown):
            print(f"case {number}: {failures[number]}")
        shown.update(failures)
        found = {"cases": done_count, "seconds": round(time.monotonic() - started), **outcomes}
        print(json.dumps(found), flush=True)

    _, failures = fuzz(asked.count, asked.seed, first=asked.first, until=started + asked.seconds, show=show)
    if asked.keep and failures:
        asked.keep.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            files = small_files(Path(folder))
            for number in failures:
                path = random_case(number, asked.seed, files, Path(folder))
                (asked.keep / f"{number}-{path.name}").write_bytes(path.read_bytes())
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
