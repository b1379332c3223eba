"""The whole line on both carried samples: what a city would look at first."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end_to_end")]

FILES = {
    "map.html", "map-public.html", "summary.html", "quality.html", "buildings.parquet", "planner.gpkg",
    "heat_density.tif", "plot_ratio.tif", "districts.csv", "run.toml", "manifest.json", "log.txt",
}  # fmt: skip
TABLES = {
    f"solar_{name}.csv" for name in ("monthly", "ranges", "sizes", "costs", "prices", "thermal")
}  # fmt: skip
BANDS = Path(__file__).resolve().parents[2] / "layers" / "data" / "plausibility_bands.csv"


def per_floor(buildings, column="space_heat_kwh"):
    return buildings[column] / buildings["heated_floor_area_m2"]


def test_the_last_line_names_a_folder_with_every_file(sample):
    assert sample.done.stdout.strip().splitlines()[-1] == f"runs/{sample.slug}"
    names = {path.name for path in sample.folder.iterdir()}
    # further tables come from layers of their own, one file each
    assert names >= FILES | TABLES
    assert all(name.endswith((".csv", ".parquet")) for name in names - FILES)
    assert all(path.stat().st_size > 0 for path in sample.folder.iterdir())


def test_a_person_sees_each_step(sample):
    for step in ("clean", "districts", "heat", "roof solar", "district heating", "maps"):
        assert step in sample.done.stderr


def test_all_buildings_are_there(sample):
    expected = {"helsinki": 446, "karhula": 2171}[sample.slug]
    manifest = json.loads((sample.folder / "manifest.json").read_text())
    dropped = sum(
        note["count"] for note in manifest["notes"] if note["step"] == "clean" and "left out" in note["text"]
    )
    assert len(sample.buildings) <= expected
    assert len(sample.buildings) >= 0.97 * expected, dropped


def test_districts_have_a_sensible_size(sample):
    counts = sample.buildings["district_id"].value_counts()
    assert len(counts) >= 4
    assert counts.between(40, 500).all(), counts.to_dict()
    assert counts.max() <= 0.4 * len(sample.buildings)
    assert (counts.reindex(sample.districts.index) == sample.districts["building_count"]).all()
    assert sample.districts["name"].is_unique


def test_every_district_outline_is_one_place_and_they_do_not_overlap(sample):
    districts = sample.districts.geometry
    assert districts.is_valid.all()
    union = districts.union_all().area
    assert union == pytest.approx(districts.area.sum(), rel=1e-6)


@pytest.mark.parametrize(
    "column",
    [
        "heat_demand", "cooling_demand", "cooling_electricity", "appliance_electricity", "electricity_demand",
        "pv_calibrated", "pv_technical",
    ],
)  # fmt: skip
def test_districts_add_up_to_the_buildings(sample, column):
    buildings = sample.buildings.groupby("district_id")[f"{column}_kwh"].sum() / 1000
    pd.testing.assert_series_equal(
        sample.districts[f"{column}_mwh"], buildings, check_names=False, rtol=1e-9, check_index_type=False
    )


def test_cells_add_up_to_the_buildings(sample):
    assert sample.cells["heat_demand_mwh"].sum() == pytest.approx(
        sample.buildings["heat_demand_kwh"].sum() / 1000, rel=1e-9
    )
    assert sample.cells["pv_calibrated_mwh"].sum() == pytest.approx(
        sample.buildings["pv_calibrated_kwh"].sum() / 1000, rel=1e-9
    )


def test_streets_and_unconnected_buildings_add_up_to_all(sample):
    unconnected = sample.buildings.loc[sample.buildings["street_id"].isna(), "heat_demand_kwh"].sum() / 1000
    assert sample.streets["connected_heat_mwh"].sum() + unconnected == pytest.approx(
        sample.buildings["heat_demand_kwh"].sum() / 1000, rel=1e-9
    )


def test_the_raster_is_a_cloud_optimised_geotiff_with_the_heat_of_the_cells(sample):
    with rasterio.open(sample.folder / "heat_density.tif") as raster:
        assert raster.crs.to_epsg() == 3035
        assert raster.res == (100, 100)
        assert raster.bounds.left % 100 == 0
        assert raster.bounds.top % 100 == 0
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        values = raster.read(1)
    # each cell is one hectare, so MWh/ha times cells is the city's heat
    assert np.nansum(values) == pytest.approx(sample.buildings["heat_demand_kwh"].sum() / 1000, rel=1e-5)


def test_ranges_contain_what_they_should(sample):
    heated = sample.buildings[sample.buildings["heat_demand_kwh"] > 0]
    assert (heated["heat_demand_p10_kwh"] < heated["heat_demand_p90_kwh"]).all()
    inside = (heated["heat_demand_kwh"] > heated["heat_demand_p10_kwh"]) & (
        heated["heat_demand_kwh"] < heated["heat_demand_p90_kwh"]
    )
    assert inside.mean() > 0.9
    districts = sample.districts
    assert (districts["heat_demand_p10_mwh"] < districts["heat_demand_mwh"]).all()
    assert (districts["heat_demand_p90_mwh"] > districts["heat_demand_mwh"]).all()


def test_cold_is_scarce_in_the_north_and_electricity_is_what_households_use(sample):
    floor = sample.buildings["heated_floor_area_m2"].sum()
    assert 0.5 < sample.buildings["cooling_demand_kwh"].sum() / floor < 10
    assert 20 < sample.buildings["electricity_demand_kwh"].sum() / floor < 45
    for name in ("cooling_demand", "electricity_demand"):
        middle = sample.districts[f"{name}_mwh"]
        assert (sample.districts[f"{name}_p10_mwh"] < middle).all()
        assert (sample.districts[f"{name}_p90_mwh"] > middle).all()


def test_neighbours_take_more_sun_in_the_city_than_among_detached_houses(helsinki, karhula):
    def mean(buildings):
        return buildings["horizon_south_deg"][buildings["heated_floor_area_m2"] > 0].mean()

    assert 15 < mean(helsinki.buildings) < 45
    assert 2 < mean(karhula.buildings) < 15


def test_a_district_is_more_certain_than_its_buildings_but_not_certain(sample):
    heated = sample.buildings[sample.buildings["heat_demand_kwh"] > 0]
    one = (
        (heated["heat_demand_p90_kwh"] - heated["heat_demand_p10_kwh"]) / heated["heat_demand_kwh"]
    ).median()
    many = (
        (sample.districts["heat_demand_p90_mwh"] - sample.districts["heat_demand_p10_mwh"])
        / sample.districts["heat_demand_mwh"]
    ).median()
    assert 0.15 < many < one


def test_detached_houses_of_karhula_need_what_finnish_houses_need(karhula):
    houses = karhula.buildings[karhula.buildings["use"] == "residential_single"]
    assert len(houses) > 500
    assert 150 <= per_floor(houses).median() <= 240


def test_outbuildings_of_karhula_need_no_heat(karhula):
    outbuildings = karhula.buildings[karhula.buildings["official_class"] == "42261"]
    assert len(outbuildings) > 850
    assert outbuildings["heat_demand_kwh"].sum() == 0
    assert not outbuildings["heated"].any()


def test_offices_and_shops_of_helsinki_lie_in_the_published_band(helsinki):
    bands = pd.read_csv(BANDS)
    band = bands[(bands["country"] == "FI") & (bands["sector"] == "service")].iloc[0]
    chosen = helsinki.buildings[helsinki.buildings["use"].isin(["office", "retail"])]
    assert len(chosen) > 100
    mean = chosen["space_heat_kwh"].sum() / chosen["heated_floor_area_m2"].sum()
    assert band["space_heat_low_kwh_per_m2"] <= mean <= band["space_heat_high_kwh_per_m2"]


def test_every_assumed_value_says_so(sample):
    origins = ["use_origin", "storey_count_origin", "height_origin", "construction_year_origin"]
    assert sample.buildings[origins].notna().all().all()
    assert sample.buildings["construction_year_origin"].isin(["imputed", "default", "tagged"]).all()
    tagged = sample.buildings["construction_year_origin"].eq("tagged").sum()
    assert tagged == {"helsinki": 80, "karhula": 0}[sample.slug]


def test_solar_stays_below_what_the_sky_gives(sample):
    buildings = sample.buildings
    assert (buildings["pv_calibrated_kwh"] <= buildings["pv_technical_kwh"] * (1 + 1e-9)).all()
    carrying = buildings[buildings["pv_technical_kwp"] > 0]
    yields = carrying["pv_technical_kwh"] / carrying["pv_technical_kwp"]
    assert 600 < yields.median() < 1000
    assert yields.max() < 1100


def test_helsinki_is_not_told_to_build_a_network_it_has(helsinki):
    assert set(helsinki.districts["district_heating_class"]) == {"probably_served"}


def test_the_table_of_districts_opens_as_csv(sample):
    with (sample.folder / "districts.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["district_id"] for row in rows] == list(sample.districts.index)
    assert float(rows[0]["heat_demand_mwh"]) == pytest.approx(
        sample.districts["heat_demand_mwh"].iloc[0], rel=1e-5
    )


def test_pages_say_what_the_data_are_and_whose(sample):
    title = {
        "helsinki": "sample of April 2019 (446 buildings, 1.7 km²)",
        "karhula": "sample of April 2019 (2 171 buildings, 4.9 km²)",
    }[sample.slug]
    for name in ("map.html", "map-public.html", "summary.html"):
        text = (sample.folder / name).read_text(encoding="utf-8")
        # pages write thin spaces between thousands and before units
        assert title in text.replace("\\u202f", " ").replace("\u202f", " "), name
        assert "OpenStreetMap contributors" in text
        assert "ODbL" in text


def test_no_warning_of_a_library_reaches_the_screen(sample):
    assert "Warning" not in sample.done.stderr
