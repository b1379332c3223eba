"""Whatever is handed over: one sentence that names the file, what was found and the cure."""

import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely

from layers.core.errors import InputProblem
from layers.sources.files import describe_content
from layers.sources.osm import read_osm
from layers.sources.vector import read_buildings

ROOT = Path(__file__).resolve().parents[2]


def sentence_of(read, path):
    with pytest.raises(InputProblem) as caught:
        read(path)
    text = str(caught.value)
    assert path.name in text
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 320
    assert caught.value.exit_code == 3
    return text


@pytest.mark.parametrize("kept_bytes", [3, 10, 50, 200, 5_000, 100_000, 685_109])
def test_a_pbf_that_is_cut_short_is_refused(tmp_path, samples, kept_bytes):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes((samples / "helsinki.osm.pbf").read_bytes()[:kept_bytes])
    sentence_of(read_osm, path)


def test_a_pbf_with_damaged_blocks_is_refused(tmp_path, samples):
    content = bytearray((samples / "helsinki.osm.pbf").read_bytes())
    content[200_000:200_050] = bytes(50)
    path = tmp_path / "damaged.osm.pbf"
    path.write_bytes(content)
    assert "damaged" in sentence_of(read_osm, path)


@pytest.mark.parametrize("packing", ["none", "zlib"])
def test_a_text_with_a_zero_byte_does_not_end_the_program(tmp_path, write_osm, packing):
    plain = write_osm(
        {1: (0, 0), 2: (1, 0), 3: (1, 1)},
        {1: ([1, 2, 3, 1], {"building": "yes"}), 2: ([1, 2], {"highway": "residential"})},
    )
    path = tmp_path / "zero.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=none"), overwrite=True) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    read_osm(path)
    content = path.read_bytes().replace(b"highway", b"highwa\0")
    if packing == "zlib":
        start = content.index(b"OSMData") - 6
        header_bytes = int.from_bytes(content[start : start + 4])
        block = content[start + 4 + header_bytes :]
        block = block[block.index(b"\n\0\n") - 2 :]
        packed = zlib.compress(block)
        blob = b"\x10" + varint(len(block)) + b"\x1a" + varint(len(packed)) + packed
        header = b"\x0a\x07OSMData\x18" + varint(len(blob))
        content = content[:start] + len(header).to_bytes(4) + header + blob
    path.write_bytes(content)
    assert "zero byte" in sentence_of(read_osm, path)


def varint(number):
    low, rest = number & 0x7F, number >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + varint(rest)


def test_xml_that_is_cut_short_is_refused(write_osm):
    path = write_osm({1: (0, 0), 2: (1, 0), 3: (1, 1)}, {1: ([1, 2, 3, 1], {"building": "yes"})})
    path.write_bytes(path.read_bytes()[:-20])
    assert "damaged or cut short" in sentence_of(read_osm, path)


def test_an_extract_without_a_building_says_what_it_has(write_osm):
    path = write_osm({1: (0, 0), 2: (1, 0)}, {1: ([1, 2], {"highway": "residential"})})
    assert "no whole building (1 streets" in sentence_of(read_osm, path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<html><body>502 Bad Gateway</body></html>", "a web page"),
        (b"PK\x03\x04" + bytes(50), "a ZIP archive"),
        (b"\x1f\x8b\x08" + bytes(50), "a gzip archive"),
        (b'{"type": "FeatureCollection"}', "a JSON document"),
        (b"<gpx></gpx>", "an XML document"),
        (b"hello", "text"),
        (bytes(range(200)), "binary data"),
    ],
)
def test_something_else_under_the_right_name_is_called_what_it_is(tmp_path, content, found):
    for read, name in ((read_osm, "town.osm.pbf"), (read_buildings, "town.gpkg")):
        path = tmp_path / name
        path.write_bytes(content)
        if read is read_buildings and found == "a JSON document":
            continue
        assert found in sentence_of(read, path)


@pytest.mark.parametrize("read", [read_osm, read_buildings])
def test_nothing_empty_or_a_folder_is_refused(tmp_path, read):
    assert "does not exist" in sentence_of(read, tmp_path / "nowhere.gpkg")
    (tmp_path / "empty.gpkg").touch()
    assert "is empty" in sentence_of(read, tmp_path / "empty.gpkg")
    (tmp_path / "folder.gpkg").mkdir()
    assert "is a folder" in sentence_of(read, tmp_path / "folder.gpkg")


@pytest.mark.parametrize("read", [read_osm, read_buildings])
def test_a_pipe_is_not_waited_for(tmp_path, read):
    os.mkfifo(tmp_path / "pipe.gpkg")
    assert "not a regular file" in sentence_of(read, tmp_path / "pipe.gpkg")


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    path = tmp_path / "locked.gpkg"
    path.write_bytes(b"x")
    path.chmod(0)
    code = f"""
from pathlib import Path
from layers.core.errors import InputProblem
from layers.sources.osm import read_osm
from layers.sources.vector import read_buildings
for read in (read_osm, read_buildings):
    try:
        read(Path({str(path)!r}))
    except InputProblem as problem:
        print(problem)
"""
    helper = ROOT / "tests" / "planner" / "without_rights.py"
    done = subprocess.run(
        [sys.executable, helper, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    sentences = done.stdout.splitlines()
    assert len(sentences) == 2
    for sentence in sentences:
        assert "locked.gpkg cannot be opened (Permission denied); check its permissions" in sentence


def test_a_name_with_a_null_sign_is_refused_in_words(tmp_path):
    with pytest.raises(InputProblem, match=r"does not exist|cannot be opened"):
        read_osm(tmp_path / "a\0b.osm")


@pytest.mark.parametrize("name", ["points.vrt", "points.gpkg", "points.geojson"])
def test_files_that_point_elsewhere_are_refused_under_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource>/vsicurl/http://127.0.0.1:9/b.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    assert "points to other files" in sentence_of(read_buildings, path)


def test_an_osm_extract_given_as_buildings_is_sent_to_its_own_option(tmp_path, samples):
    path = tmp_path / "town.gpkg"
    shutil.copy(samples / "karhula.osm.pbf", path)
    assert "--osm" in sentence_of(read_buildings, path)


def test_content_is_told_by_its_first_bytes(samples):
    with (samples / "helsinki.osm.pbf").open("rb") as stream:
        assert describe_content(stream.read(100)) == "an OpenStreetMap PBF extract"
    assert describe_content(b"\xef\xbb\xbf<?xml version='1.0'?><osm/>") == "an OpenStreetMap XML extract"
    assert describe_content(b"") == "an empty file"


def parquet_of(houses, path, **changes):
    """Write a GeoParquet and change its bytes, of equal length, wherever they stand."""
    houses.to_parquet(path, compression=None)
    content = path.read_bytes()
    for old, new in changes.items():
        assert old.encode() in content
        content = content.replace(old.encode(), new.encode())
    path.write_bytes(content)
    return path


def houses_of(**columns):
    shapes = [shapely.box(9, 48.5, 9.0002, 48.5001), shapely.box(9.001, 48.5, 9.0012, 48.5001)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def test_what_a_parquet_says_of_its_writer_does_not_matter(tmp_path):
    houses = houses_of(height=[3.0, 9.0], name=["a", "b"])
    path = parquet_of(houses, tmp_path / "town.parquet", float64="floot64")
    assert read_buildings(path).buildings["tagged_height_m"].tolist() == [3.0, 9.0]


def test_a_column_that_stands_twice_is_refused(tmp_path):
    houses = houses_of(height=[3.0, 9.0], hejght=[4.0, 5.0])
    path = parquet_of(houses, tmp_path / "town.parquet", hejght="height")
    assert "damaged" in sentence_of(read_buildings, path)


def test_a_parquet_whose_texts_are_none_is_refused(tmp_path):
    path = tmp_path / "town.parquet"
    houses_of(name=["Schuhmacher", "b"]).to_parquet(path, compression=None)
    path.write_bytes(path.read_bytes().replace(b"Schuhmacher", b"Sch\xff\xfemacher"))
    assert "damaged" in sentence_of(read_buildings, path)


def test_no_damaged_page_of_a_geopackage_asks_for_too_much(tmp_path):
    houses_of(height=[3.0, 9.0]).to_file(tmp_path / "town.gpkg")
    sound, refused_count = (tmp_path / "town.gpkg").read_bytes(), 0
    for page in range(4096, len(sound), 4096):
        content = bytearray(sound)
        content[page + 380 : page + 892] = b"\xff" * 512
        path = tmp_path / f"page-{page}.gpkg"
        path.write_bytes(content)
        try:
            read_buildings(path)
        except InputProblem as problem:
            assert path.name in str(problem)
            refused_count += 1
    assert refused_count > 0
