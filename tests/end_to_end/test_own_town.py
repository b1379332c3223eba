"""A town of one's own: other files, other countries, and what its planner knows better."""

import csv
import json

import geopandas as gpd
import pytest
import shapely

from planner.catalogue import SAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("own_town")]
EXTRACT = SAMPLES / "karhula.osm.pbf"


def tables(folder):
    buildings = gpd.read_parquet(folder / "buildings.parquet").set_index("building_id")
    districts = gpd.read_file(folder / "planner.gpkg", layer="districts").set_index("district_id")
    return buildings, districts


@pytest.fixture(scope="module")
def kosovar(run_planner, tmp_path_factory):
    """Karhula's footprints as if they stood in Kosovo: archetypes of a neighbour, climate of the place."""
    place = tmp_path_factory.mktemp("own")
    done = run_planner("assess", "My Town (new)", "--osm", EXTRACT, "--country", "xk", "--json", cwd=place)
    return place, json.loads(done.stdout)


def test_any_town_of_europe_works_with_its_own_extract(kosovar):
    place, answer = kosovar
    assert answer["run"] == "runs/my-town-new"
    assert answer["totals"]["heat_demand_mwh"] > 0
    buildings, districts = tables(place / answer["run"])
    assert len(buildings) == 2170
    assert len(districts) >= 4


def test_a_borrowed_archetype_is_named_in_the_data_and_on_the_summary(kosovar):
    place, answer = kosovar
    buildings, _ = tables(place / answer["run"])
    heated = buildings[buildings["heated"]]
    assert set(heated["archetype_origin"]) == {"proxy:RS"}
    summary = (place / answer["run"] / "summary.html").read_text(encoding="utf-8")
    assert "Serbia" in summary


def test_the_page_says_what_the_data_are(kosovar):
    place, answer = kosovar
    summary = (place / answer["run"] / "summary.html").read_text(encoding="utf-8")
    assert "My Town (new)" in summary
    assert "OpenStreetMap" in summary
    assert "sample of April" not in summary


def test_buildings_and_streets_of_another_source_give_the_same_line(run_planner, tmp_path):
    extract = gpd.read_file(EXTRACT, layer="multipolygons", engine="pyogrio", on_invalid="ignore")
    houses = extract[extract["building"].notna()]
    houses.to_file(tmp_path / "houses.gpkg", layer="buildings")
    lines = gpd.read_file(EXTRACT, layer="lines", engine="pyogrio")
    lines[lines["highway"].notna()].to_file(tmp_path / "streets.gpkg", layer="streets")
    run_planner(
        "assess", "anywhere", "--buildings", "houses.gpkg", "--streets", "streets.gpkg", "--country", "FI",
        "--quiet", cwd=tmp_path,
    )  # fmt: skip
    buildings, districts = tables(tmp_path / "runs" / "anywhere")
    assert len(buildings) > 2000
    assert districts["linear_heat_density_mwh_per_m"].max() > 0.3
    assert not (tmp_path / "runs" / "anywhere-crash").exists()


def test_corrections_outlines_and_names_are_followed(run_planner, tmp_path, karhula):
    known = karhula.buildings
    office = known.index[known["use"] == "residential_multi"][0]
    old = known.index[known["use"] == "residential_single"][0]
    rows = [
        ("building_id", "column", "value", "source"),
        (office, "use", "office", "site visit"),
        (old, "construction_year", "1931", "city archive"),
    ]
    with (tmp_path / "known.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    west, south, east, north = known.total_bounds
    middle = (west + east) / 2
    halves = [
        shapely.box(west - 1, south - 1, middle, north + 1),
        shapely.box(middle, south - 1, east + 1, north + 1),
    ]
    gpd.GeoDataFrame({"name": ["West", "East"]}, geometry=halves, crs=known.crs).to_file(
        tmp_path / "halves.gpkg"
    )
    run_planner(
        "assess", "karhula", "--corrections", "known.csv", "--districts", "halves.gpkg", "--rules", "bavaria",
        "--quiet", cwd=tmp_path,
    )  # fmt: skip
    buildings, districts = tables(tmp_path / "runs" / "karhula")
    assert buildings.loc[office, ["use", "use_origin"]].tolist() == ["office", "user"]
    assert buildings.loc[old, "construction_year"] == 1931
    assert buildings.loc[old, "construction_year_origin"] == "user"
    assert (
        buildings.loc[old, "archetype_id"] != known.loc[old, "archetype_id"]
        or known.loc[old, "construction_year"] < 1946
    )
    assert set(districts["name"]) == {"West", "East"}
    assert districts["building_count"].sum() == len(buildings)
    assert set(districts["district_heating_rule"]) == {"bavaria"}


def test_a_correction_of_an_unknown_building_names_its_row(run_planner, tmp_path):
    (tmp_path / "known.csv").write_text("building_id,column,value,source\nway/1,use,office,me\n")
    done = run_planner("assess", "karhula", "--corrections", "known.csv", "--quiet", cwd=tmp_path, code=3)
    assert "way/1" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_districts_can_be_renamed(run_planner, tmp_path):
    (tmp_path / "names.csv").write_text("district_id,name\nd01,Köyhänoja <b>north</b>\n", encoding="utf-8")
    run_planner("assess", "karhula", "--district-names", "names.csv", "--quiet", cwd=tmp_path)
    _, districts = tables(tmp_path / "runs" / "karhula")
    assert districts.loc["d01", "name"] == "Köyhänoja <b>north</b>"
    for page in ("map.html", "map-public.html", "summary.html"):
        assert "<b>north</b>" not in (tmp_path / "runs" / "karhula" / page).read_text(encoding="utf-8"), page
