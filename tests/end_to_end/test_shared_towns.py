"""Two real towns with hardly a tag: what the data do not say is assumed, and the report says so."""

import html
import os
import re
from pathlib import Path

import geopandas as gpd
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("PLANNER_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = [pytest.mark.slow, pytest.mark.shared, pytest.mark.xdist_group("shared_towns")]


def assessed(run_planner, tmp_path, name, *words):
    for word in words:
        if isinstance(word, Path) and not word.exists():
            pytest.skip(f"{word.name} is not on this machine; set PLANNER_SHARED")
    run_planner("assess", name, *words, "--quiet", cwd=tmp_path)
    folder = tmp_path / "runs" / name
    page = (folder / "summary.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ").replace("\u2009", " ")
    return gpd.read_parquet(folder / "buildings.parquet"), re.sub(r"\s+", " ", text)


def share(table, attribute, origin):
    return (table[f"{attribute}_origin"] == origin).mean()


def test_haag_runs_from_its_shapefiles_and_says_what_was_assumed(run_planner, tmp_path):
    folder = SHARED / "haag"
    buildings, text = assessed(
        run_planner, tmp_path, "haag", "--buildings", folder / "building.shp",
        "--streets", folder / "streets.shp", "--country", "DE",
    )  # fmt: skip
    assert len(buildings) == 1738
    assert buildings["building_id"].str.startswith("way/").all()
    # uses are tagged, four buildings have storeys, nobody knows a year or a height
    assert share(buildings, "use", "tagged") > 0.8
    assert share(buildings, "construction_year", "default") == 1.0
    assert share(buildings, "height", "tagged") == 0.0
    assert buildings["heat_demand_kwh"].sum() > 50e6
    assert "Year of construction typical value 100 %" in text
    assert "Height from similar buildings" in text
    assert "columns of building.shp recognised: amenity, building, name, office, shop, type" in text
    assert "© OpenStreetMap contributors" in text


def test_names_of_haag_are_read_as_they_were_meant(tmp_path):
    from layers.sources.vector import read_buildings, read_streets

    path = SHARED / "haag" / "building.shp"
    if not path.exists():
        pytest.skip("the Shapefiles of Haag are not on this machine; set PLANNER_SHARED")
    assert "Getränkemarkt Lentner" in set(read_buildings(path).buildings["name"].dropna())
    streets = read_streets(path.with_name("streets.shp")).streets
    assert "Hauptstraße" in set(streets["name"].dropna())
    # the column "id" is 1 in all rows; "osm_id" names them
    assert len(set(streets.index)) == len(streets) > 480


def test_malta_runs_from_its_extract_and_says_what_was_assumed(run_planner, tmp_path):
    buildings, text = assessed(
        run_planner, tmp_path, "malta", "--osm", SHARED / "malta-2018.osm.pbf", "--country", "MT"
    )
    assert 13_000 < len(buildings) < 13_281
    assert share(buildings, "use", "default") > 0.2
    assert share(buildings, "construction_year", "default") > 0.99
    assert "Year of construction from the map data 0 %, typical value 100 %" in text
    assert "buildings left out because the extract's edge cuts them" in text
    # warm: little heat, many roofs
    assert buildings["pv_calibrated_kwh"].sum() > buildings["heat_demand_kwh"].sum()
