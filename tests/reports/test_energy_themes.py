"""Themes of cold, electricity, savings, costs of the sun, candidate networks; what is published of them."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.city_themes import add_building_columns, make_themes
from reports.energy_themes import (
    PIPE_BREAKS_MM,
    add_energy_columns,
    add_network_columns,
    energy_themes,
)
from reports.map import make_map
from reports.public import GROUP_USE, group_homes, make_public
from reports.themes import MOST_CLASSES
from reports.words import read_words
from tests.reports.container_reader import read_container, unpack
from tests.reports.sample_assessment import OFFICE, OFFICE_AREA_M2, make_assessment

WORDS = read_words()
NEW = ("cooling", "electricity", "cooling_density", "retrofit", "network_price", "pipes", "solar_cost")


def energetic(**changes):
    """The made-up city with cold, electricity, packages, prices and pipes."""
    city = make_assessment()
    buildings, districts, streets = city.buildings, city.districts, city.streets
    area = buildings["heated_floor_area_m2"].to_numpy(dtype=float)
    number = np.arange(len(buildings))
    buildings = buildings.assign(
        cooling_demand_kwh=area * 6.0, cooling_demand_p10_kwh=area * 1.0, cooling_demand_p90_kwh=area * 14.0,
        electricity_demand_kwh=area * (20.0 + number % 40), electricity_demand_p10_kwh=area * 12.0,
        electricity_demand_p90_kwh=area * 70.0, retrofit_package="windows",
        retrofit_saving_kwh=area * 30.0, retrofit_cost_eur_per_kwh=0.05 + 0.01 * (number % 30),
        pv_lcoe_eur_per_kwh=0.08 + 0.002 * (number % 60),
    )  # fmt: skip
    districts = districts.assign(
        cooling_density_mwh_per_ha=[4.0, 12.0, 220.0], network_wins_share=[np.nan, 0.4, 0.95],
        network_heat_eur_per_mwh=[np.nan, 120.0, 80.0], network_heat_p10_eur_per_mwh=[np.nan, 100.0, 70.0],
        network_heat_p90_eur_per_mwh=[np.nan, 150.0, 110.0], air_pump_heat_eur_per_mwh=[np.nan, 119.0, 121.0],
        air_pump_heat_p10_eur_per_mwh=[np.nan, 98.0, 99.0],
        air_pump_heat_p90_eur_per_mwh=[np.nan, 160.0, 161.0],
        ground_pump_heat_eur_per_mwh=[np.nan, 130.0, 109.0],
        ground_pump_heat_p10_eur_per_mwh=[np.nan, 101.0, 102.0],
        ground_pump_heat_p90_eur_per_mwh=[np.nan, 180.0, 181.0],
    )  # fmt: skip
    sizes = np.resize([20.0, 40.0, 150.0, np.nan], len(streets))
    streets = streets.assign(pipe_diameter_mm=sizes)
    retrofit = pd.DataFrame(
        {
            "district_id": ["d01", "d01", "city"],
            "package": ["best", "deep", "best"],
            "saving_mwh": [200.0, 900.0, 200.0],
            "cost_eur_per_kwh": [0.08, 0.2, 0.08],
        }
    )
    whole = replace(
        city, buildings=buildings, districts=districts, streets=streets, tables={"retrofit": retrofit}
    )
    return replace(whole, **changes)


@pytest.fixture(scope="module")
def page():
    return make_map(energetic())


def container(page, name):
    return read_container(unpack(re.search(rf'id="planner-{name}">([^<]*)<', page).group(1)))[1]


def record(page):
    return json.loads(re.search(r'id="planner-page">(.*?)</script>', page, flags=re.DOTALL).group(1))


def test_new_themes_have_words_classes_and_a_finding_without_blanks():
    city = make_themes(energetic(), WORDS)
    shown = {theme.id: theme for theme in city.themes}
    assert set(NEW) <= set(shown)
    assert set(NEW) == set(energy_themes(WORDS))
    for name in NEW:
        theme = shown[name]
        assert theme.title and theme.unit and theme.note and WORDS.say(f"group_{theme.group}")
        assert len(theme.classes) <= MOST_CLASSES
        assert not re.search(r"nan|–|\{", city.findings[name]), city.findings[name]
        values = city.table(theme.table)[theme.column]
        assert theme.counts(values).sum() == len(values)


def test_a_run_without_these_columns_has_none_of_these_themes():
    shown = {theme.id for theme in make_themes(make_assessment(), WORDS).themes}
    assert not shown & set(NEW)


def test_values_are_per_heated_floor_and_in_cents():
    buildings = add_energy_columns(energetic().buildings)
    raw = energetic().buildings.loc[OFFICE]
    office = buildings.loc[OFFICE]
    assert office["cooling_kwh_per_m2"] == pytest.approx(raw["cooling_demand_kwh"] / OFFICE_AREA_M2) == 6.0
    assert office["electricity_high_kwh_per_m2"] == 70.0
    assert office["retrofit_ct_per_kwh"] == pytest.approx(100 * raw["retrofit_cost_eur_per_kwh"])
    unheated = energetic().buildings.assign(heated_floor_area_m2=0.0)
    assert add_energy_columns(unheated)["cooling_kwh_per_m2"].isna().all()


def test_the_chance_of_a_network_is_in_percent_and_open_answers_are_not_counted():
    districts = add_network_columns(energetic().districts)
    assert districts["network_wins_percent"].tolist()[1:] == [40.0, 95.0]
    assert np.isnan(districts["network_wins_percent"].iloc[0])
    assert "1 of 2" in make_themes(energetic(), WORDS).findings["network_price"]


def test_pipes_are_coloured_by_their_nominal_size():
    theme = energy_themes(WORDS)["pipes"]
    assert theme.table == "streets" and theme.breaks == PIPE_BREAKS_MM
    assert theme.classify(pd.Series([20.0, 40.0, 150.0, np.nan])).tolist() == [0, 1, 4, 7]
    widths = [each.width_px for each in theme.classes]
    assert widths == sorted(set(widths))


def test_the_page_carries_what_its_themes_colour(page):
    shown = record(page)
    for theme in shown["themes"]:
        assert any(each.get(theme["column"]) is not None for each in container(page, theme["table"])), theme[
            "id"
        ]


def test_a_districts_card_knows_the_cheapest_heat_pump_with_its_own_range(page):
    cards = {each["id"]: each for each in record(page)["districts"]}
    assert (cards["d02"]["pumpPrice"], cards["d02"]["pumpPriceHigh"]) == (119.0, 160.0)
    assert (cards["d03"]["pumpPrice"], cards["d03"]["pumpPriceLow"]) == (109.0, 102.0)
    assert cards["d01"]["networkPrice"] is None
    assert (cards["d01"]["saving"], cards["d01"]["savingPrice"]) == (200.0, 0.08)
    assert cards["d02"]["saving"] is None


def test_words_of_the_summary_stay_out_of_the_map(page):
    words = record(page)["words"]
    assert "ret_name_windows" in words and "theme_heat" not in words and "sens_intro" not in words


def test_a_group_of_homes_shows_weighted_means_and_no_range():
    buildings = add_building_columns(energetic().buildings)
    public, group = group_homes(buildings)
    groups = public[public["use"] == GROUP_USE]
    members = buildings.loc[group.index[group == 0]]
    first = groups.loc["group/1"]
    saving = members["retrofit_saving_kwh"]
    expected = np.average(members["retrofit_ct_per_kwh"], weights=saving)
    assert first["retrofit_ct_per_kwh"] == pytest.approx(expected, abs=0.06)
    assert first["cooling_kwh_per_m2"] == 6.0
    for name in ("cooling_low_kwh_per_m2", "retrofit_package", "electricity_high_kwh_per_m2"):
        assert groups[name].isna().all(), name


def test_a_mean_of_fewer_than_five_homes_is_not_published():
    buildings = add_building_columns(energetic().buildings)
    _, group = group_homes(buildings)
    members = group.index[group == 0]
    lonely = buildings.copy()
    lonely.loc[members[1:], ["retrofit_saving_kwh", "pv_calibrated_kwh"]] = (
        0.0  # one renovates, one has a roof
    )
    public, _ = group_homes(lonely)
    assert np.isnan(public.loc["group/1", "retrofit_ct_per_kwh"])
    assert np.isnan(public.loc["group/1", "pv_ct_per_kwh"])
    assert public.loc["group/1", "cooling_kwh_per_m2"] == 6.0
    assert public.loc["group/2", "retrofit_ct_per_kwh"] > 0


def test_pipes_of_streets_that_are_hidden_are_hidden_too():
    city = energetic()
    buildings = city.buildings.copy()
    moved = buildings.index[buildings["district_id"] == "d01"][:2]  # two homes of s00 now stand on s01
    buildings.loc[moved, "street_id"] = "s01"
    city = replace(city, buildings=add_building_columns(buildings))
    public = make_public(city)
    hidden = public.streets["building_count"].isna()
    assert hidden.any() and city.streets.loc[hidden, "pipe_diameter_mm"].notna().any()
    assert public.streets.loc[hidden, "pipe_diameter_mm"].isna().all()
    assert public.streets["pipe_diameter_mm"].notna().any()
