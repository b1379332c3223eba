"""Candidates for a network's heat, on maps small enough to tell by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from layers.core.contracts import find_problems
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.heat_sources import ADDS, TABLE_COLUMNS, HeatSourceParams, find_heat_sources, given_roots

CRS = "EPSG:25832"
X, Y = 500_000.0, 5_500_000.0  # 9° E, about 49.65° N


def districts(demand_mwh=5_000.0):
    return gpd.GeoDataFrame(
        {"heat_demand_mwh": [demand_mwh, demand_mwh]},
        geometry=[box(X, Y, X + 500, Y + 500), box(X + 20_000, Y, X + 20_500, Y + 500)],
        index=pd.Index(["d01", "d02"], name="district_id"), crs=CRS,
    )  # fmt: skip


def sources(*found, **columns):
    index = pd.Index([f"way/{k}" for k in range(len(found))], name="source_id")
    table = gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in found], "name": None, "tagged_heat_kw": np.nan},
        geometry=[geometry for _, geometry in found], index=index, crs=CRS,
    )  # fmt: skip
    return table.assign(**columns)


def at(dx, dy):
    return Point(X + dx, Y + dy)


def found_of(*rows, **changes):
    columns = changes.pop("columns", {})
    return find_heat_sources(
        sources(*rows, **columns), districts(), air_c=10.0, params=HeatSourceParams(**changes)
    )


def test_at_its_half_distance_a_source_is_worth_half():
    half, rink = value("heat_sources", "ice_rink_half_distance_m"), value("heat_sources", "ice_rink_mwh")
    near = found_of(("ice_rink", at(250, 250))).table.iloc[0]
    far = found_of(("ice_rink", at(500 + half, 250))).table.iloc[0]
    assert near["heat_source_mwh"] == pytest.approx(rink)
    assert far["heat_source_distance_m"] == pytest.approx(half)
    assert far["heat_source_mwh"] == pytest.approx(rink / 2)
    assert far["heat_source_p10_mwh"] < far["heat_source_mwh"] < far["heat_source_p90_mwh"]


def test_what_is_too_far_is_no_candidate_and_districts_without_one_stay_empty():
    table = found_of(("ice_rink", at(5_000, 0))).districts
    assert table["heat_source_kind"].isna().all()
    served = found_of(("ice_rink", at(250, 250))).districts
    assert served["heat_source_kind"].tolist()[0] == "ice_rink"
    assert served["heat_source_mwh"].isna().tolist() == [False, True]
    lake = found_of(("lake", box(X, Y, X + 900, Y - 900))).table
    for table, columns in ((served, ADDS), (lake, TABLE_COLUMNS)):
        assert not find_problems(table, columns, name="table")


def test_land_and_water_count_by_their_area_and_small_ones_not_at_all():
    by_area = value("heat_sources", "lake_mwh_per_m2")
    lake = found_of(("lake", box(X + 500, Y, X + 1_000, Y + 500))).table.iloc[0]
    assert lake["heat_source_mwh"] == pytest.approx(250_000 * by_area)
    assert len(found_of(("lake", box(X + 500, Y, X + 520, Y + 20))).table) == 0
    assert len(found_of(("industry", box(X, Y, X + 50, Y + 50))).table) == 0


def test_a_plant_whose_power_is_tagged_gives_that_power_for_its_hours():
    hours = value("heat_sources", "heating_plant_full_load_h")
    row = found_of(("heating_plant", at(100, 100)), columns={"tagged_heat_kw": [3_000.0]}).table.iloc[0]
    assert row["heat_source_mwh"] == pytest.approx(3.0 * hours)


def test_the_best_candidate_gives_most_of_what_the_district_needs_with_least_electricity():
    both = (("supermarket", at(250, 250)), ("data_centre", at(400, 250)))
    assert found_of(*both).districts["heat_source_kind"].iloc[0] == "data_centre"
    table = found_of(*both).table
    assert table["heat_source_kind"].tolist() == ["data_centre", "supermarket"]
    # a river that gives more than the district needs is no better than a plant that gives enough
    enough = (("river", LineString([(X, Y), (X + 500, Y)])), ("heating_plant", at(10, 10)))
    assert found_of(*enough).districts["heat_source_kind"].iloc[0] == "heating_plant"


def test_only_the_best_of_a_kind_is_listed():
    table = found_of(("river", at(1_000, 0)), ("river", at(600, 0))).table
    assert table["source_id"].tolist() == ["way/1"]


def test_water_is_a_little_colder_than_the_air_and_never_frozen():
    row = found_of(("river", at(0, 0))).table.iloc[0]
    assert row["heat_source_c"] == pytest.approx(10.0 - value("heat_sources", "water_below_air_k"))
    cold = find_heat_sources(sources(("river", at(0, 0))), districts(), air_c=-3.0).table.iloc[0]
    assert cold["heat_source_c"] == value("heat_sources", "water_least_c")


def test_without_sources_there_are_columns_and_no_candidates():
    for nothing in (None, sources()):
        found = find_heat_sources(nothing, districts(), air_c=9.0)
        assert len(found.table) == 0
        assert {column.name for column in ADDS} <= set(found.districts.columns)


def test_the_order_of_sources_changes_nothing():
    table = sources(("river", at(600, 0)), ("data_centre", at(0, 0)), ("lake", box(X, Y - 600, X + 500, Y)))
    one = find_heat_sources(table, districts(), air_c=9.0)
    two = find_heat_sources(table.iloc[::-1], districts(), air_c=9.0)
    pd.testing.assert_frame_equal(one.table, two.table)


def test_a_root_that_a_person_names_comes_first():
    found = find_heat_sources(
        sources(("data_centre", at(0, 0))), districts(), air_c=9.0,
        params=HeatSourceParams(roots=("9.003, 49.655",)),
    )  # fmt: skip
    assert found.table["heat_source_kind"].tolist()[0] == "given"
    assert found.districts["heat_source_kind"].iloc[0] == "given"


def test_a_root_serves_the_districts_beside_it_and_else_the_nearest_one():
    town = districts()
    root = HeatSourceParams(roots=("9.010, 49.655",))
    far_m = find_heat_sources(None, town, air_c=9.0, params=root).table["heat_source_distance_m"]
    assert len(far_m) == 1
    assert far_m.item() == pytest.approx(222.0, abs=5.0)
    # a quarter beside the first one is served as well, one a kilometre on is not
    more = pd.concat([town, town.iloc[:1].set_geometry(town.geometry.iloc[:1].translate(600, 0))])
    more = pd.concat([more, town.iloc[:1].set_geometry(town.geometry.iloc[:1].translate(-1_300, 0))])
    more.index = pd.Index(["d01", "d02", "d03", "d04"], name="district_id")
    found = find_heat_sources(None, more, air_c=9.0, params=root).table
    assert sorted(found["district_id"]) == ["d01", "d03"]


def test_of_a_plain_only_a_field_counts():
    row = found_of(("open_land", box(X, Y, X + 5_000, Y + 5_000))).table.iloc[0]
    most, by_area = (value("heat_sources", f"open_land_{name}_m2") for name in ("most", "mwh_per"))
    assert row["heat_source_mwh"] == pytest.approx(most * by_area)


def test_a_root_outside_the_city_is_refused_with_its_distance():
    with pytest.raises(UsageProblem, match=r"the root '52\.5, 13\.4' lies [\d,.]+ km outside the city"):
        given_roots(districts(), HeatSourceParams(roots=("52.5, 13.4",)))
    with pytest.raises(UsageProblem, match="longitude before latitude"):
        given_roots(districts(), HeatSourceParams(roots=("-179, -89",)))


@pytest.mark.parametrize("text", ["here", "9", "9,95", "190,3", "1,2,3", ""])
def test_a_root_that_is_no_place_is_refused(text):
    with pytest.raises(UsageProblem, match="is no place"):
        HeatSourceParams(roots=(text,))
