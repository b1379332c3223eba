"""What the program says about its samples is what is in them."""

import hashlib
import tomllib

import geopandas as gpd
import osmium
import pytest
import shapely

from layers.sources.osm import read_osm


@pytest.fixture(params=["helsinki", "karhula"])
def sample(request, samples):
    table = tomllib.loads((samples / "samples.toml").read_text(encoding="utf-8"))["sample"]
    return next(row for row in table if row["slug"] == request.param)


def test_bytes_and_checksums_are_those_of_the_files(sample, samples):
    content = (samples / sample["file"]).read_bytes()
    assert len(content) == sample["byte_count"]
    assert hashlib.sha256(content).hexdigest() == sample["sha256"]


def test_the_date_is_that_of_the_newest_object(sample, samples):
    newest = max(item.timestamp for item in osmium.FileProcessor(str(samples / sample["file"])))
    assert newest.date().isoformat() == sample["date"]
    assert newest.strftime("%B %Y") in sample["subtitle"]


def test_place_area_and_count_are_measured(sample, samples):
    path = samples / sample["file"]
    reader = osmium.io.Reader(str(path))
    corner, opposite = reader.header().box().bottom_left, reader.header().box().top_right
    reader.close()
    outline = gpd.GeoSeries([shapely.box(corner.lon, corner.lat, opposite.lon, opposite.lat)], crs=4326)
    area_km2 = outline.to_crs(32635).area.iloc[0] / 1e6
    assert area_km2 == pytest.approx(sample["area_km2"], abs=0.005)
    assert f"{area_km2:.1f} km²" in sample["subtitle"]
    assert f"{len(read_osm(path).buildings):,} buildings" in sample["subtitle"]
    centre = outline.iloc[0].centroid
    assert (sample["longitude_deg"], sample["latitude_deg"]) == pytest.approx((centre.x, centre.y), abs=1e-3)


def test_the_licence_file_names_both_extracts_and_their_owners(sample, samples):
    text = (samples / "LICENSE-ODbL.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in text
    assert "https://opendatacommons.org/licenses/odbl/1-0/" in text
    assert sample["file"] in text
    assert sample["licence"] == "ODbL-1.0"
    assert "© OpenStreetMap contributors" in sample["attribution"]
    assert ("National Land Survey of Finland" in sample["attribution"]) == (sample["slug"] == "karhula")
