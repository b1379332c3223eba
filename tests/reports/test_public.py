import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from reports.city_themes import add_building_columns
from reports.map import make_map
from reports.public import (
    GROUP_USE,
    cut_into_groups,
    find_homes,
    group_homes,
    group_sections,
    make_public,
)
from tests.reports.container_reader import read_container, unpack
from tests.reports.sample_assessment import CRS, OFFICE, SHED, SOUTH, SPACING_M, WEST, make_assessment


def prepared(assessment):
    return replace(assessment, buildings=add_building_columns(assessment.buildings))


def container(page, name):
    text = re.search(rf'id="planner-{name}">([^<]*)<', page).group(1)
    return read_container(unpack(text))[1]


@pytest.fixture(scope="module")
def page():
    return make_map(make_assessment(), public=True)


def test_small_sections_join_their_neighbours_until_a_group_is_large_enough():
    assert cut_into_groups([5, 5], 5) == [0, 1]
    assert cut_into_groups([1, 1, 1, 1, 1, 1], 5) == [0, 0, 0, 0, 0, 0]
    assert cut_into_groups([3], 5) == [0]
    assert cut_into_groups([], 5) == []


@pytest.mark.parametrize("seed", range(20))
def test_no_group_is_smaller_than_asked(seed):
    sizes = np.random.default_rng(seed).integers(1, 9, 40).tolist()
    for groups in (cut_into_groups(sizes, 5), group_sections(sizes, 5)):
        filled = np.bincount(groups, weights=sizes)
        assert filled[np.unique(groups)].min() >= 5
        assert filled.sum() == sum(sizes)


def test_a_section_with_enough_homes_stays_a_group_of_its_own():
    groups = group_sections([2, 7, 3, 9], 5)
    assert groups[0] == groups[2]
    assert len({groups[0], groups[1], groups[3]}) == 3


def test_unknown_uses_count_as_homes_and_garages_do_not():
    buildings = (
        make_assessment()
        .buildings.iloc[:4]
        .assign(
            use=["unknown", "residential_multi", "outbuilding", "office"],
            residential_share=[0.0, 1.0, 1.0, 0.2],
        )
    )
    assert find_homes(buildings).tolist() == [True, True, False, True]  # somebody lives above the office


def test_every_group_of_the_page_holds_at_least_five_homes(page):
    groups = [each for each in container(page, "buildings") if each["use"] == GROUP_USE]
    assert len(groups) >= 5
    assert min(each["group_count"] for each in groups) >= 5
    assert sum(each["group_count"] for each in groups) == 80


def test_groups_hold_the_sum_of_their_homes():
    buildings = add_building_columns(make_assessment().buildings)
    public, group = group_homes(buildings)
    homes = find_homes(buildings)
    assert set(group.index) == set(buildings.index[homes])
    expected = buildings.loc[homes, "heat_demand_kwh"].sum()
    found = public.loc[public["use"] == GROUP_USE, "heat_demand_kwh"].sum()
    assert found == pytest.approx(expected, rel=1e-12)
    assert public.loc[OFFICE, "heat_demand_kwh"] == buildings.loc[OFFICE, "heat_demand_kwh"]


def test_groups_stay_inside_a_district_and_follow_the_streets():
    buildings = add_building_columns(make_assessment().buildings)
    _, group = group_homes(buildings)
    homes = buildings.loc[group.index]
    assert homes.groupby(group)["district_id"].nunique().max() == 1
    assert homes.groupby(group)["street_id"].nunique().max() == 1  # five houses on each section here


def test_no_name_address_or_id_of_a_home_is_anywhere_in_the_file(page):
    assessment = make_assessment()
    homes = assessment.buildings[find_homes(assessment.buildings)]
    content = page + "".join(
        unpack(text).decode("latin-1")
        for text in re.findall(r'octet-stream" id="planner-[a-z]+">(H4s[^<]*)<', page)
    )
    features = container(page, "buildings")
    assert not {each["id"] for each in features} & set(homes.index)
    numbers = {(each.get("street_name"), each.get("house_number")) for each in features}
    assert not numbers & set(zip(homes["street_name"], homes["house_number"], strict=True))
    assert "way/2" not in content
    assert not any(str(number) in content for number in range(2_000_000, 2_000_080))
    assert "15 A" not in content


def test_garages_are_drawn_without_any_value(page):
    sheds = [each for each in container(page, "buildings") if each["use"] == "outbuilding"]
    assert len(sheds) == 1
    assert {name for name, value in sheds[0].items() if value is not None} == {
        "parts",
        "use",
        "id",
        "district_id",
    }
    assert sheds[0]["id"] != SHED


def few_homes(count):
    """A district of its own with a few homes and two shops, on one street."""
    rows = make_assessment().buildings.iloc[: count + 2].copy()
    rows["use"] = ["residential_single"] * count + ["retail"] * 2
    rows["residential_share"] = [1.0] * count + [0.0] * 2
    return rows.assign(district_id="d09", street_id="s09")


def test_a_district_with_few_homes_hides_them_among_its_other_buildings():
    buildings = add_building_columns(few_homes(3))
    public, group = group_homes(buildings)
    assert len(group) == 5  # three homes and both shops: the district's total tells nothing more
    assert public["group_count"].tolist() == [5.0]


def test_fewer_buildings_than_a_group_show_no_value_at_all():
    public, _ = group_homes(add_building_columns(few_homes(2)))
    assert public["heat_demand_kwh"].isna().all()
    assert public["group_count"].isna().all()
    assert not public.geometry.is_empty.any()


def test_a_street_is_shown_only_with_whole_groups():
    assessment = make_assessment()
    buildings = assessment.buildings.copy()
    moved = buildings.index[buildings["district_id"] == "d01"][:2]  # two homes of s00 now stand on s01
    buildings.loc[moved, "street_id"] = "s77"
    public = make_public(prepared(replace(assessment, buildings=buildings)))
    shown = public.streets["linear_heat_density_mwh_per_m"].notna()
    grouped = group_homes(add_building_columns(buildings))[1]
    street = buildings.loc[grouped.index, "street_id"]
    split = street.groupby(grouped.to_numpy()).transform("nunique").to_numpy() > 1
    assert split.any()
    for name in set(street[split]) & set(shown.index):
        assert not shown[name], name
    assert shown.any()


def test_a_cell_with_one_to_four_homes_shows_nothing():
    assessment = make_assessment()
    homes = assessment.buildings[find_homes(assessment.buildings)]
    lonely = box(WEST - 5, SOUTH - 5, WEST + 20, SOUTH + 20)  # one house
    crowded = box(WEST - 5, SOUTH - 5, WEST + 5 * SPACING_M, SOUTH + 20)  # five houses
    empty = box(WEST - 500, SOUTH - 500, WEST - 400, SOUTH - 400)
    cells = gpd.GeoDataFrame(
        {"heat_density_mwh_per_ha": [10.0, 20.0, 30.0]}, geometry=[lonely, crowded, empty], crs=CRS
    ).to_crs("EPSG:3035")
    public = make_public(prepared(replace(assessment, cells=cells)))
    assert len(homes) == 80
    assert public.cells["heat_density_mwh_per_ha"].isna().tolist() == [True, False, False]


def test_the_order_of_the_rows_changes_no_group():
    buildings = add_building_columns(make_assessment().buildings)
    shuffled = buildings.sample(frac=1.0, random_state=4)
    one, other = (group_homes(table)[1] for table in (buildings, shuffled))
    pd.testing.assert_series_equal(one.sort_index(), other.sort_index())


def test_a_few_homes_beside_a_large_section_join_it():
    buildings = make_assessment().buildings.iloc[:20].assign(district_id="d01", street_id="s01")
    buildings.iloc[:2, buildings.columns.get_loc("street_id")] = "s00"
    buildings.iloc[10:, buildings.columns.get_loc("district_id")] = "d02"
    public, group = group_homes(add_building_columns(buildings))
    assert sorted(public["group_count"]) == [10.0, 10.0]
    assert sorted(group.unique()) == [0, 1]
