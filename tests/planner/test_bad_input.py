"""Bad input from end to end: one sentence, a cure that works when followed, and nothing lost."""

import contextlib
import csv
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from planner.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "planner" / "data" / "samples" / "helsinki.osm.pbf"
PROGRAM = "from planner.cli import main; main()"
HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": "=HYPERLINK(\"http://evil.example\",\"x\")",
    "mirror": "street\u202egnp.exe",
    "nothing": "a\u0000b",
    "terminal": "x\x1b[2J\x1b]0;owned\x07y",
    "long": "n" * 10_000,
    "path": "../../../etc/passwd",
    "half": "\ud800 half",
}  # fmt: skip


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def call(*words, cwd):
    """Call the program in this process; what libraries write to the screen is caught as well."""
    hook, argv, kept = sys.excepthook, sys.argv, (os.dup(1), os.dup(2))
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+", errors="replace") as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.argv = ["planner", *map(str, words)]
        try:
            with contextlib.chdir(cwd), redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as ending:
            code = ending.code
        finally:
            sys.excepthook, sys.argv = hook, argv
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)
        out.flush()
        err.flush()
        out.seek(0)
        err.seek(0)
        return Done(code, out.read(), err.read())


def call_apart(*words, cwd, **more):
    """Call the program as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False,
        env=environment, **more,
    )  # fmt: skip


def passes(*words, cwd):
    done = call(*words, cwd=cwd)
    assert done.returncode == 0, done.stderr[-1500:]
    assert "Warning" not in done.stderr
    return done


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def refused(*words, cwd, code=3):
    """Return the one sentence of a call that must fail, with everything as it was."""
    before = contents(cwd)
    done = call(*words, cwd=cwd)
    assert done.returncode == code, f"{done.returncode} {done.stderr[-1500:]}"
    said = done.stderr.strip()
    assert said.startswith("planner: ")
    assert "\n" not in said
    assert said.endswith(".")
    assert contents(cwd) == before
    return said


def town(count=24, *, west=9.0, south=48.5):
    step = 0.0003
    return [
        shapely.box(west + step * (i % 6), south + step * (i // 6),
                    west + step * (i % 6) + step / 2, south + step * (i // 6) + step / 2)
        for i in range(count)
    ]  # fmt: skip


def save(path, shapes, *, crs="EPSG:4326", **columns):
    """Write a file; GeoJSON by hand, so that nothing is put right on the way."""
    if path.suffix == ".geojson":
        rows = [
            {"type": "Feature", "properties": {name: values[i] for name, values in columns.items()},
             "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None}
            for i, shape in enumerate(shapes)
        ]  # fmt: skip
        path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    else:
        table = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
        if path.suffix == ".parquet":
            table.to_parquet(path)
        else:
            pyogrio.write_dataframe(table, path)
    return path


def own(path, *more):
    return ("assess", "mytown", "--buildings", path, "--country", "DE", "--draws", "20", "--quiet", *more)


def buildings_of(cwd, name="mytown"):
    return gpd.read_parquet(cwd / "runs" / name / "buildings.parquet").set_index("building_id")


def notes_of(cwd, name="mytown"):
    manifest = json.loads((cwd / "runs" / name / "manifest.json").read_text())
    return {note["text"]: note["count"] for note in manifest["notes"]}


def counted(notes, words):
    return sum(count for text, count in notes.items() if words in text)


@pytest.fixture
def older(tmp_path):
    """A folder with a run that nothing may touch."""
    run = tmp_path / "runs" / "older"
    run.mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    (run / "map.html").write_text("dear")
    return tmp_path


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_without_a_system_the_cure_is_crs(older):
    metres = list(gpd.GeoSeries(town(), crs="EPSG:4326").to_crs("EPSG:25832"))
    path = save(older / "houses.gpkg", metres, crs=None)
    said = refused(*own(path), cwd=older)
    assert "houses.gpkg does not say in which coordinate system it is" in said
    assert "begin with 5000" in said
    assert "--crs EPSG:25832" in said
    passes(*own(path, "--crs", "EPSG:25832"), cwd=older)
    assert len(buildings_of(older)) == 24
    assert (older / "runs" / "older" / "map.html").read_text() == "dear"


def test_swapped_latitude_and_longitude_are_noticed_and_exchanging_them_helps(older):
    swapped = shapely.transform(np.array(town(), dtype=object), lambda xy: xy[:, ::-1])
    path = save(older / "houses.geojson", swapped)
    said = refused(*own(path), cwd=older)
    assert "houses.geojson lies around longitude 48.501, latitude 9.0008" in said
    assert "look swapped; exchange them" in said
    save(path, town())
    passes(*own(path), cwd=older)
    # in the south-east of Europe both ways lie in Europe; only the town's place tells
    path = save(older / "athens.geojson", town(west=37.98, south=23.73))
    assert "look swapped" in refused(
        "assess", "athens", "--buildings", path, "--country", "GR", "--quiet", cwd=older
    )


@pytest.mark.parametrize(
    ("label", "truth", "country", "place"),
    [("EPSG:4326", "EPSG:25832", "DE", (9.0, 48.5)), ("EPSG:4326", "EPSG:3067", "FI", (24.9, 60.2)),
     ("EPSG:4326", "EPSG:28992", "NL", (5.1, 52.1)), ("EPSG:25832", "EPSG:4326", "DE", (9.0, 48.5))],
)  # fmt: skip
def test_a_wrong_label_is_noticed_and_the_hint_is_right(older, label, truth, country, place):
    shapes = gpd.GeoSeries(town(west=place[0], south=place[1]), crs="EPSG:4326").to_crs(truth)
    path = save(older / "houses.gpkg", list(shapes), crs=label)
    words = ("assess", "mytown", "--buildings", path, "--country", country, "--quiet")
    said = refused(*words, cwd=older)
    assert "houses.gpkg lies" in said
    assert ("metres" if label == "EPSG:4326" else "degrees") in said
    assert f"--crs {truth}" in said
    if truth == "EPSG:28992":
        passes(*words, "--crs", truth, cwd=older)
        assert len(buildings_of(older)) == 24


def test_a_file_of_another_town_is_noticed_but_read(tmp_path):
    path = save(tmp_path / "houses.geojson", town())
    done = call("assess", "tartu", "--buildings", path, cwd=tmp_path)
    assert done.returncode == 0
    assert "houses.geojson lies around longitude 9.0008, latitude 48.501" in done.stderr
    assert "not in Tartu" in done.stderr
    assert counted(notes_of(tmp_path, "tartu"), "not in Tartu") == 24


@pytest.mark.parametrize(
    "shapes",
    [town(west=179.9993, south=60.0), town(west=-74.0, south=40.7), [shapely.box(1e9, 1e9, 2e9, 2e9)] * 4],
    ids=["antimeridian", "america", "nowhere"],
)
def test_outside_europe_or_of_the_systems_area_is_refused(older, shapes):
    path = save(older / "houses.geojson", shapes)
    said = refused(*own(path), cwd=older)
    assert "houses.geojson lies" in said
    assert "outside Europe" in said
    assert "--crs" in said


def test_one_house_at_the_origin_is_dropped_and_counted(tmp_path):
    stray = [shapely.box(0, 0, 1e-4, 1e-4), shapely.box(2.35, 48.85, 2.3502, 48.8502)]
    path = save(tmp_path / "houses.geojson", [*town(60), *stray])
    passes(*own(path), cwd=tmp_path)
    assert len(buildings_of(tmp_path)) == 60
    notes = notes_of(tmp_path)
    assert counted(notes, "at the coordinates 0, 0 dropped") == 1
    assert counted(notes, "150 km from the middle") == 1


def broken_files(folder):
    sound = save(folder / "sound.geojson", town()).read_bytes()
    save(folder / "sound.parquet", town())
    parquet = (folder / "sound.parquet").read_bytes()
    nested = b'{"type":"FeatureCollection","features":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    empty = b'{"type":"FeatureCollection","features":[]}'
    points = save(folder / "p.geojson", [shapely.Point(9, 48.5)] * 3).read_bytes()
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource>/vsicurl/http://127.0.0.1:9/b.geojson'
    for name in ("sound.geojson", "sound.parquet", "p.geojson"):
        (folder / name).unlink()
    return {
        "empty.geojson": (b"", "is empty"),
        "none.geojson": (empty, "holds no polygons"),
        "points.geojson": (points, "no layer of Polygons"),
        "cut.geojson": (sound[:-700], "is cut short"),
        "cut.parquet": (parquet[:-50], "is damaged or cut short"),
        "nested.geojson": (nested, "more than the limit of 200"),
        "elsewhere.vrt": (vrt, "points to other files"),
        "elsewhere.gpkg": (vrt, "points to other files"),
        "bomb.zip": (b"PK\x03\x04" + bytes(99), "is a ZIP archive"),
    }


def test_broken_and_hostile_files_are_one_sentence_each_and_a_sound_one_helps(older):
    for name, (content, words) in broken_files(older).items():
        (older / name).write_bytes(content)
        said = refused(*own(older / name), cwd=older)
        assert name in said, said
        assert words in said, said
    (older / "town.osm.pbf").write_bytes(SAMPLE.read_bytes()[:300_000])
    said = refused(
        "assess", "mytown", "--osm", older / "town.osm.pbf", "--country", "FI", "--quiet", cwd=older
    )
    assert "town.osm.pbf is damaged or cut short" in said
    assert "fetch the extract again" in said


def test_a_table_without_geometry_is_refused_and_geoparquet_helps(older):
    import pandas as pd

    path = older / "houses.parquet"
    pd.DataFrame({"height": [3.0]}).to_parquet(path)
    said = refused(*own(path), cwd=older)
    assert "houses.parquet is a Parquet table without geometry" in said
    assert "export it as GeoParquet" in said
    save(path, town())
    passes(*own(path), cwd=older)


def test_paths_into_gdals_own_world_are_no_files(older):
    for path in ("/vsicurl/http://127.0.0.1:9/b.geojson", "/vsizip/houses.zip/b.geojson"):
        assert "does not exist" in refused(*own(path), cwd=older)


def test_what_is_no_building_is_dropped_and_counted_and_the_good_ones_stay(tmp_path):
    bow_tie = shapely.Polygon([(9.01, 48.51), (9.0102, 48.5102), (9.0102, 48.51), (9.01, 48.5102)])
    line = shapely.LineString([(9, 48.5), (9.1, 48.5)])
    flat = shapely.Polygon([(9.02, 48.5), (9.03, 48.5), (9.02, 48.5)])
    county = shapely.box(9.2, 48.0, 9.6, 48.4)
    angle = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    round_one = shapely.Polygon(np.column_stack([9.015 + 3e-4 * np.cos(angle), 48.5 + 2e-4 * np.sin(angle)]))
    shapes = [*town(), bow_tie, line, flat, county, round_one, None]
    ids = [*(f"h{number}" for number in range(23)), "h0", "bow", "line", "flat", "county", "round", "gap"]
    heights = [1e300, -4, 9, 12, *[8.0] * 26]
    path = save(tmp_path / "houses.geojson", shapes, id=ids, height=heights)
    path.write_text(path.read_text().replace("9.00015", "NaN", 1))
    passes(*own(path), cwd=tmp_path)
    buildings, notes = buildings_of(tmp_path), notes_of(tmp_path)
    # one of the 24 houses lost a coordinate, two share an id
    assert len(buildings) == 23 + 2
    assert buildings.index.is_unique
    assert counted(notes, "coordinates that are no numbers, dropped") == 2
    assert counted(notes, "points and lines dropped") == 1
    assert counted(notes, "slivers and outlines without area") == 1
    assert counted(notes, "dropped: no building is") == 1
    assert counted(notes, "very many corners") == 1
    assert counted(notes, "their area kept") == 1
    assert counted(notes, "height that make no sense") + counted(notes, "only mark a gap") == 2
    bow = gpd.GeoSeries([bow_tie], crs="EPSG:4326").to_crs(buildings.crs).iloc[0]
    assert buildings.loc["bow", "is_repaired"]
    assert buildings.loc["bow"].geometry.area == pytest.approx(shapely.make_valid(bow).area, rel=1e-6)
    assert shapely.get_num_coordinates(buildings.loc["round"].geometry) <= 20_000


def test_hostile_names_are_kept_as_text_and_do_nothing(tmp_path):
    names = list(HOSTILE.values())
    path = save(tmp_path / "houses.geojson", town(len(names)), id=names, name=names, **{"addr:street": names})
    outline = shapely.box(8.9, 48.4, 9.1, 48.6)
    rows = save(tmp_path / "quarters.geojson", [outline], name=[HOSTILE["markup"]])
    done = call(*own(path, "--districts", rows)[:-3], "--districts", rows, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-900:]
    run = tmp_path / "runs" / "mytown"
    for text in (done.stderr, (run / "log.txt").read_text()):
        assert not set("\x1b\x07\x00\u202e") & set(text)
    for page in ("map.html", "map-public.html", "summary.html"):
        text = (run / page).read_text(encoding="utf-8")
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
        assert not set("\x1b\x07\x00\u202e") & set(text), page
    buildings = buildings_of(tmp_path)
    layer = pyogrio.read_dataframe(run / "planner.gpkg", layer="buildings")
    for table in (buildings, layer):
        known = table["name"].dropna().tolist()
        assert HOSTILE["markup"] in known
        assert HOSTILE["formula"] in known
        assert "street gnp.exe" in known
        # a library written in C ends a text at such a sign
        assert {"a", "a b"} & set(known)
        assert max(map(len, known)) == 200
    with (run / "districts.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert HOSTILE["markup"] in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("name", ["../../evil", "a\x1b[2Jb"])
def test_a_city_name_is_only_a_slug(tmp_path, name):
    path = save(tmp_path / "houses.geojson", town())
    (tmp_path / "deep" / "er").mkdir(parents=True)
    done = call("assess", name, "--buildings", path, "--country", "DE", cwd=tmp_path / "deep" / "er")
    assert done.returncode == 0, done.stderr[-500:]
    assert "\x1b" not in done.stderr
    run = tmp_path / "deep" / "er" / done.stdout.strip()
    assert run.parent == tmp_path / "deep" / "er" / "runs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "houses.geojson"]


def test_a_file_name_that_is_no_text_is_refused_and_another_name_helps(older):
    path = Path(os.fsdecode(os.fsencode(older) + b"/caf\xe9\x1b[2J.geojson"))
    save(path, town())
    said = refused(*own(path), cwd=older)
    assert "caf??[2J.geojson has a name that is no text; rename the file." in said
    path.rename(older / "cafe.geojson")
    passes(*own(older / "cafe.geojson"), cwd=older)


def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path):
    place = tmp_path / "locked"
    place.mkdir()
    (place / "old.txt").write_text("dear")
    place.chmod(0o555)
    helper = Path(__file__).with_name("without_rights.py")
    words = ["-c", PROGRAM, "assess", "helsinki", "--quiet", "--out", str(place / "run")]
    done = call_apart(helper, *words, cwd=tmp_path)
    assert done.returncode == 3, done.stderr[-900:]
    assert "run cannot be written (Permission denied); choose another --out." in done.stderr
    assert [path.name for path in place.iterdir()] == ["old.txt"]


@pytest.mark.slow
@pytest.mark.parametrize("most_bytes", [100_000, 250_000])
def test_a_disk_that_takes_no_more_is_one_sentence_and_leaves_nothing(older, most_bytes):
    """The system refuses every writer beyond a size: Parquet, GeoPackage, then pages."""

    def small_files_only():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    before = contents(older)
    words = ("-c", PROGRAM, "assess", "helsinki", "--quiet")
    done = call_apart(*words, cwd=older, preexec_fn=small_files_only)
    assert done.returncode == 3, done.stderr[-900:]
    assert "could not be written" in done.stderr
    assert "older results are untouched" in done.stderr
    assert "Make room, or choose another place with --out." in done.stderr
    assert contents(older) == before


@pytest.mark.slow
def test_a_run_that_other_programs_hold_open_is_replaced_whole(tmp_path):
    path = save(tmp_path / "houses.gpkg", town())
    passes(*own(path, "--out", "run"), cwd=tmp_path)
    first = pyogrio.read_dataframe(tmp_path / "run" / "planner.gpkg", layer="buildings")
    held = sqlite3.connect(tmp_path / "run" / "planner.gpkg")
    held.execute("BEGIN EXCLUSIVE")
    save(path, town(12))
    source = sqlite3.connect(path)
    source.execute("BEGIN EXCLUSIVE")
    before = path.read_bytes()
    passes(*own(path, "--out", "run", "--force"), cwd=tmp_path)
    assert path.read_bytes() == before
    # the program that holds the older file still reads it
    assert held.execute("SELECT count(*) FROM buildings").fetchone() == (len(first),)
    held.close()
    source.close()
    assert len(pyogrio.read_dataframe(tmp_path / "run" / "planner.gpkg", layer="buildings")) == 12
    assert sorted(path.name for path in tmp_path.iterdir()) == ["houses.gpkg", "run"]


def test_an_output_that_is_a_link_is_left_alone(older):
    (older / "elsewhere").mkdir()
    (older / "link").symlink_to(older / "elsewhere")
    said = refused("assess", "helsinki", "--out", "link", "--force", "--quiet", cwd=older, code=2)
    assert "link is a link; name the folder itself with --out." in said


def test_queries_inside_a_geopackage_are_not_run(older):
    path = save(older / "houses.gpkg", town())
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) "
            "SELECT n AS fid, (SELECT geom FROM houses LIMIT 1) AS geom FROM t"
        )
        for table, column in (("gpkg_contents", "table_name"), ("gpkg_geometry_columns", "table_name")):
            row = database.execute(f"SELECT * FROM {table} WHERE {column} = 'houses'")
            names = [item[0] for item in row.description]
            values = ["endless" if value == "houses" else value for value in row.fetchone()]
            marks = ",".join("?" * len(names))
            database.execute(f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})", values)
    database.close()
    passes(*own(path), cwd=older)
    assert len(buildings_of(older)) == 24
    assert "has no layer 'endless'" in refused(*own(path, "--layer", "endless"), cwd=older, code=2)


@pytest.mark.slow
def test_kills_at_random_moments_leave_older_results_intact():
    # in a process of its own: it forks itself for every run
    script = ROOT / "tests" / "bench" / "kills.py"
    done = subprocess.run(
        [sys.executable, str(script), "--count", "6", "--seed", "3"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "6 kills, nothing lost" in done.stdout


def test_gdals_warnings_do_not_reach_the_screen(tmp_path):
    path = save(tmp_path / "houses.geojson", town(), id=[1] * 24, name=["<b>"] * 24)
    text = path.read_text()
    # a ring that is not closed, two equal ids, a name whose ending does not fit
    path.write_text(text.replace("[9.00015, 48.5], ", "", 1))
    shutil.copy(path, tmp_path / "houses.gpkg")
    done = call(*own(tmp_path / "houses.gpkg"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stderr == ""
