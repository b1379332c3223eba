"""Districts that people could plan for, by hand and on both samples."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.contracts import find_problems
from layers.core.crs import to_crs
from layers.core.errors import InputProblem, UsageProblem
from layers.districts import ADDS, DISTRICT_COLUMNS, DistrictParams, learn_districts, wanted_sizes
from layers.footprints import clean_footprints
from layers.sources.osm import read_osm
from tests.layers.samples import sample

CRS = "EPSG:32635"


def lines(kind: str, *shapes: shapely.Geometry, name: str | None = None) -> gpd.GeoDataFrame:
    data = {"name": pd.array([name] * len(shapes), dtype="string"), "kind": [kind] * len(shapes)}
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=CRS)


def village(
    columns: int, rows: int, *, size_m: float = 10, step_m: float = 30, west_m: float = 0, key: str = "way"
):
    xy = [(west_m + step_m * i, step_m * j) for i in range(columns) for j in range(rows)]
    index = [f"{key}/{k}" for k in range(len(xy))]
    return gpd.GeoDataFrame(
        geometry=[shapely.box(x, y, x + size_m, y + size_m) for x, y in xy], index=index, crs=CRS
    )


def overlap_m2(districts: gpd.GeoDataFrame) -> float:
    shapes = np.asarray(districts.geometry.array, dtype=object)
    one, two = shapely.STRtree(shapes).query(shapes)
    return float(shapely.area(shapely.intersection(shapes[one[one < two]], shapes[two[one < two]])).sum())


@pytest.mark.parametrize("name", ["helsinki", "karhula"])
class TestBothSamples:
    def test_there_are_at_least_four_districts_of_forty_to_five_hundred_buildings(self, name):
        tables = sample(name)
        buildings, districts = learn_districts(**tables)
        count = buildings["district_id"].value_counts()
        assert len(districts) >= 4
        assert count.between(40, 500).all()
        assert count.max() <= 0.4 * len(buildings)
        assert (districts["building_count"] == count.reindex(districts.index)).all()
        assert find_problems(districts, DISTRICT_COLUMNS, name="districts") == []
        assert find_problems(buildings, ADDS, name="buildings") == []

    def test_outlines_hold_their_buildings_and_nobody_elses(self, name):
        buildings, districts = learn_districts(**sample(name))
        points = shapely.point_on_surface(buildings.geometry.array)
        own = districts.geometry.loc[buildings["district_id"]].array
        assert shapely.intersects(points, np.asarray(own, dtype=object)).all()
        assert shapely.is_valid(districts.geometry.array).all()
        assert overlap_m2(districts) < 1.0

    def test_names_are_unique_and_not_the_towns_own(self, name):
        districts = learn_districts(**sample(name))[1]
        assert districts["name"].is_unique
        assert set(districts["name_origin"]) <= {"place", "nearest place"}
        assert not districts["name"].str.contains("Helsinki|Kotka").any()

    def test_the_order_of_the_file_changes_nothing(self, name):
        tables = sample(name)
        shuffled = tables["buildings"].sample(frac=1, random_state=5)
        one, districts = learn_districts(**tables)
        two, again = learn_districts(**{**tables, "buildings": shuffled})
        assert (two["district_id"].reindex(one.index) == one["district_id"]).all()
        assert again.drop(columns="geometry").equals(districts.drop(columns="geometry"))
        assert (again.to_wkb()["geometry"] == districts.to_wkb()["geometry"]).all()


def test_small_houses_and_large_blocks_do_not_share_a_district():
    small, large = village(10, 10), village(10, 10, size_m=24, west_m=330, key="relation")
    buildings = pd.concat([small, large])
    nothing = lines("rail")
    params = DistrictParams(fewest_count=2, built_per_district_ha=500, largest_share=0.5)
    labelled, districts = learn_districts(buildings, lines("residential"), nothing, nothing, params)
    assert len(districts) == 2
    pure = pd.crosstab(labelled["district_id"], labelled.index.str.split("/").str[0]).max(axis=1)
    assert pure.sum() >= 190


def test_a_railway_parts_what_would_be_one_district():
    buildings = village(20, 10)
    rail = lines("rail", shapely.LineString([(290, -500), (290, 800)]))
    nothing = lines("rail")
    labelled, _ = learn_districts(buildings, lines("residential"), rail, nothing)
    west = shapely.get_x(shapely.centroid(buildings.geometry.array)) < 290
    assert not set(labelled["district_id"][west]) & set(labelled["district_id"][~west])


def test_a_border_runs_along_the_street_and_not_through_the_yards():
    # six rows each side; a street with closed ends lies nearer to the southern houses
    south, north = village(10, 5), village(10, 5, key="relation")
    north = north.set_geometry(north.translate(0, 200))
    buildings = pd.concat([south, north])
    street = [
        shapely.LineString([(-200, 150), (500, 150)]),
        shapely.box(-200, -200, 500, 500).exterior,
    ]
    nothing = lines("rail")
    params = DistrictParams(fewest_count=2, form_ratio=0, built_per_district_ha=500)
    _, districts = learn_districts(buildings, lines("residential", *street), nothing, nothing, params)
    assert len(districts) == 2
    # half-way between the rows lies y = 165, the street at y = 150
    assert districts.geometry.iloc[1].bounds[3] == pytest.approx(150, abs=0.1)
    assert districts.geometry.iloc[0].bounds[1] == pytest.approx(150, abs=0.1)


def test_a_hamlet_of_thirty_is_one_district_with_a_name_of_its_street():
    nothing = lines("rail")
    street = lines("residential", shapely.LineString([(0, 20), (150, 20)]), name="Mill Lane")
    labelled, districts = learn_districts(village(6, 5), street, nothing, nothing)
    assert districts.index.tolist() == ["d01"]
    assert districts[["name", "name_origin"]].iloc[0].tolist() == ["Mill Lane", "street"]
    assert (labelled["district_id"] == "d01").all()


def test_a_single_house_and_stacked_houses_are_districts_too():
    nothing = lines("rail")
    for count in (1, 2, 3):
        houses = gpd.GeoDataFrame(
            geometry=[shapely.box(0, 0, 9, 9)] * count, index=list("abc"[:count]), crs=CRS
        )
        labelled, districts = learn_districts(houses, nothing, nothing, nothing)
        assert len(districts) == 1
        assert districts["name"].tolist() == ["District 1"]
        assert districts["building_count"].tolist() == [count]
        assert (labelled["district_id"] == "d01").all()


def test_no_buildings_no_districts():
    with pytest.raises(InputProblem, match="no buildings"):
        learn_districts(village(0, 0), lines("residential"), lines("rail"), lines("rail"))


def test_a_place_inside_names_the_district_else_the_nearest_with_its_direction():
    nothing = lines("rail")
    inside = lines("suburb", shapely.Point(80, 80), name="Oldtown")
    assert learn_districts(village(6, 5), nothing, nothing, inside)[1]["name"].tolist() == ["Oldtown"]
    north = lines("suburb", shapely.Point(80, 900), name="Oldtown")
    assert learn_districts(village(6, 5), nothing, nothing, north)[1]["name"].tolist() == ["South of Oldtown"]
    for kind in ("city", "city_block", "farm"):
        useless = lines(kind, shapely.Point(80, 80), name="Nowhere")
        assert learn_districts(village(6, 5), nothing, nothing, useless)[1]["name"].tolist() == ["District 1"]


def test_the_users_own_outlines_and_names_come_first():
    outlines = gpd.GeoDataFrame(
        {"name": ["West", "West"]},
        geometry=[shapely.box(-5, -5, 100, 150), shapely.box(-5, -5, 45, 50)],
        crs=CRS,
    )
    nothing = lines("rail")
    names = pd.DataFrame({"district_id": ["d02"], "name": ["The  corner\u202e"]})
    labelled, districts = learn_districts(
        village(6, 5), nothing, nothing, nothing, outlines=outlines, names=names
    )
    assert districts["name"].tolist() == ["West", "The corner", "Outside the given districts"]
    assert districts["name_origin"].tolist() == ["user", "user", "rest"]
    # columns at 0, 30, 60, 90 lie in the large outline (middle of the fourth at 95), 2 × 2 in the corner
    assert districts["building_count"].tolist() == [4 * 5 - 4, 4, 2 * 5]
    assert labelled["district_id"].notna().all()


def test_a_name_for_a_district_that_does_not_exist_is_refused():
    nothing = lines("rail")
    with pytest.raises(UsageProblem, match="d07"):
        learn_districts(
            village(3, 3),
            nothing,
            nothing,
            nothing,
            names=pd.DataFrame({"district_id": ["d07"], "name": ["X"]}),
        )
    with pytest.raises(UsageProblem, match="needs district_id and name"):
        learn_districts(village(3, 3), nothing, nothing, nothing, names=pd.DataFrame({"id": ["d07"]}))


def test_a_thousand_buildings_on_ninety_hectares_make_four_districts():
    # 1,000 / 250 = 4 districts by buildings, fewer by land
    xy = np.column_stack([np.arange(1000) % 40 * 20.0, np.arange(1000) // 40 * 20.0])
    sizes = wanted_sizes(xy, DistrictParams())
    assert (sizes.wanted_count, sizes.largest_count, sizes.smallest_count) == (4, 350, 40)


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="largest_count is 50; it must be 80"):
        DistrictParams(largest_count=50)


def boundaries(*shapes, kinds):
    names = [f"Parish {number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"name": names, "kind": kinds}, geometry=list(shapes), crs=CRS)


def test_administrative_areas_serve_as_districts_where_they_are_whole():
    # 20 x 10 houses, 30 m apart: x from 0 to 580, y from 0 to 280; four parishes and a quarter around two
    halves = [shapely.box(-5, -5, 285, 140), shapely.box(285, -5, 585, 140),
              shapely.box(-5, 140, 285, 285), shapely.box(285, 140, 585, 285)]  # fmt: skip
    west, east = shapely.box(-5, -5, 285, 285), shapely.box(285, -5, 585, 285)
    nothing = lines("rail")
    params = DistrictParams(buildings_per_district_count=50)
    places = boundaries(*halves, west, east, kinds=["admin_10"] * 4 + ["admin_9"] * 2)
    labelled, districts = learn_districts(village(20, 10), nothing, nothing, places, params)
    assert districts["name"].tolist() == ["Parish 1", "Parish 2", "Parish 3", "Parish 4"]
    assert set(districts["border_origin"]) == {"boundary"}
    assert set(districts["name_origin"]) == {"boundary"}
    assert districts["building_count"].tolist() == [50, 50, 50, 50]
    assert labelled["district_id"].notna().all()
    # the larger areas serve where larger districts are wanted
    larger = DistrictParams(buildings_per_district_count=100)
    _, districts = learn_districts(village(20, 10), nothing, nothing, places, larger)
    assert districts["building_count"].tolist() == [100, 100]


def test_administrative_areas_that_the_extract_cuts_do_not_serve():
    nothing = lines("rail")
    cut = boundaries(
        shapely.box(-5000, -5, 285, 285), shapely.box(285, -5, 9000, 285), kinds=["admin_10"] * 2
    )
    _, districts = learn_districts(village(20, 10), nothing, nothing, cut)
    assert set(districts["border_origin"]) == {"found"}


def test_small_municipalities_serve_where_there_are_several():
    nothing = lines("rail")
    west, east = shapely.box(-5, -5, 285, 285), shapely.box(285, -5, 585, 285)
    places = boundaries(west, east, kinds=["admin_8"] * 2)
    _, districts = learn_districts(village(20, 10), nothing, nothing, places)
    assert districts["name"].tolist() == ["Parish 1", "Parish 2"]
    # too large for districts, they are left alone
    few = DistrictParams(smallest_count=20, largest_count=80, buildings_per_district_count=40)
    _, districts = learn_districts(village(20, 10), nothing, nothing, places, few)
    assert set(districts["border_origin"]) == {"found"}


@pytest.mark.parametrize(("town_count", "named"), [(1, False), (2, True)])
def test_towns_name_districts_where_there_are_several(town_count, named):
    nothing = lines("rail")
    points = [shapely.Point(145, 145), shapely.Point(435, 145)][:town_count]
    towns = gpd.GeoDataFrame(
        {"name": ["Westham", "Eastham"][:town_count], "kind": "town"}, geometry=points, crs=CRS
    )
    _, districts = learn_districts(village(20, 10), nothing, nothing, towns)
    assert districts["name"].str.contains("ham").any() == named


MALTA = Path(os.environ.get("PLANNER_SHARED", Path(__file__).parents[3] / "shared")) / "data"


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not MALTA.exists(), reason="PLANNER_SHARED names no folder with the extract of Malta")
def test_the_local_councils_of_malta_serve_as_its_districts():
    extract = read_osm(MALTA / "malta-2018.osm.pbf")
    buildings, _ = clean_footprints(extract)
    tables = (to_crs(table, buildings.crs) for table in (extract.streets, extract.barriers, extract.places))
    labelled, districts = learn_districts(buildings, *tables)
    councils = districts[districts["border_origin"] == "boundary"]
    assert 60 <= len(councils) <= 68
    assert {"Il-Birgu", "Tas-Sliema", "Il-Mellieħa"} <= set(councils["name"])
    assert labelled["district_id"].isin(councils.index).mean() > 0.98
    # 316 km², as the islands are
    assert councils["area_ha"].sum() / 100 == pytest.approx(316, rel=0.03)


def test_one_area_around_everything_divides_nothing():
    nothing = lines("rail")
    one = boundaries(shapely.box(-5, -5, 585, 285), kinds=["admin_9"])
    _, districts = learn_districts(village(20, 10), nothing, nothing, one)
    assert set(districts["border_origin"]) == {"found"}


@pytest.mark.parametrize("size", [10, 25, 50, 100])
def test_a_wanted_size_is_met(size):
    nothing = lines("rail")
    params = DistrictParams(wanted_count=size)
    labelled, districts = learn_districts(village(20, 10), nothing, nothing, nothing, params)
    assert abs(len(districts) - 200 / size) <= 0.25 * 200 / size
    assert districts["building_count"].between(0.2 * size, 2 * size).all()
    assert districts["building_count"].sum() == len(labelled) == 200


def test_squares_of_the_european_grid_serve_as_districts():
    nothing = lines("rail")
    houses = village(20, 10)
    houses = houses.set_geometry(houses.translate(385_000, 6_672_000))
    labelled, districts = learn_districts(houses, nothing, nothing, nothing, DistrictParams(grid_m=200))
    assert set(districts["border_origin"]) == {"grid"}
    assert districts["area_ha"].to_numpy() == pytest.approx(4.0, rel=0.01)
    assert 6 <= len(districts) <= 15
    corners = shapely.get_coordinates(districts.to_crs("EPSG:3035").geometry.array)
    assert np.abs(corners / 200 - np.round(corners / 200)).max() < 1e-6
    inside = shapely.point_on_surface(houses.geometry.array)
    own = np.asarray(districts.geometry.loc[labelled["district_id"]].array, dtype=object)
    assert (shapely.distance(own, inside) < 0.01).all()
    assert districts["name"].is_unique


def test_sizes_and_squares_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="wanted_count is 2; it must be 5"):
        DistrictParams(wanted_count=2)
    with pytest.raises(UsageProblem, match="grid_m is 10; it must be 100"):
        DistrictParams(grid_m=10)
