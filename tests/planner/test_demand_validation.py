"""The boxes, seasons and stocks behind `planner validate demand`; the long runs are marked slow."""

import numpy as np
import pandas as pd
import pytest
import shapely

from planner.parameters import FEWEST_DRAWS, RunConfig
from planner.validation.boxes import Town, box_outlines, box_sides_m, describe_boxes
from planner.validation.demand import BAND_SHARE, COUNTRIES, CRITERIA, HOURLY, LINE
from planner.validation.end_to_end import (
    assess_examples,
    boxes_of,
    example_towns,
    existing_examples,
    local_season,
    tabled_season,
)
from planner.validation.examples import read_examples, season_temperatures_c
from planner.validation.golden import golden_path
from planner.validation.sample import describe_sample, hourly_over_monthly_ratio, sample_sun
from planner.validation.stock import assess_stock, mean_climate, stock_boxes, stock_countries

FEW = RunConfig(draw_count=FEWEST_DRAWS)


@pytest.fixture(scope="module")
def examples():
    return read_examples(golden_path("tabula/tabula_examples.csv.gz"))


@pytest.fixture(scope="module")
def existing(examples):
    return existing_examples(examples)


def boxes(**columns):
    basic = {
        "building": "detached", "year": 1965, "storey_count": 2.0, "floor_area_m2": 136.0,
        "neighbour_count": 0, "outer_wall_m2": np.nan,
    }  # fmt: skip
    count = max(len(values) for values in columns.values())
    return pd.DataFrame({**{name: [value] * count for name, value in basic.items()}, **columns})


def test_a_box_has_the_floor_the_storeys_and_the_walls_of_its_example():
    # 136 m² on two storeys are 80 m² of ground; 216 m² of wall are 36 m around at 3 m a storey: 10 × 8
    one = box_outlines(boxes(outer_wall_m2=[216.0])).geometry.iloc[0]
    assert one.area == pytest.approx(80.0)
    assert one.length == pytest.approx(36.0)


def test_houses_of_a_row_show_only_what_no_neighbour_covers():
    row = box_outlines(boxes(neighbour_count=[2], building=["terrace"], outer_wall_m2=[96.0]))
    assert len(row) == 3
    middle, *others = row.geometry
    free_m = middle.length - sum(middle.intersection(other).length for other in others)
    assert free_m == pytest.approx(96.0 / 6.0)
    assert not any(middle.overlaps(other) for other in others)


def test_too_little_wall_makes_a_square_and_too_much_no_needle():
    length, depth = box_sides_m(np.array([100.0, 100.0]), np.array([10.0, 900.0]), np.array([0, 0]))
    assert length[0] == pytest.approx(10.0) and depth[0] == pytest.approx(10.0)
    assert depth[1] == pytest.approx(4.0)


def test_boxes_neither_touch_nor_shade_each_other():
    many = box_outlines(boxes(floor_area_m2=[5000.0] * 45, storey_count=[8.0] * 45))
    shapes = many.geometry.to_numpy()
    near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=150.0)
    assert (near[0] == near[1]).all()


def test_the_line_keeps_order_use_size_and_party_walls_of_boxes():
    told = boxes(
        building=["detached", "terrace", "apartments"], storey_count=[2.0, 2.0, 6.0],
        floor_area_m2=[136.0, 102.0, 2040.0], neighbour_count=[0, 2, 0],
    )  # fmt: skip
    found = describe_boxes(told, Town("Leipzig", "DE", 12.37, 51.34), FEW).buildings
    uses = ["residential_single", "residential_terraced", "residential_multi"]
    assert found["use"].astype(str).tolist() == uses
    assert found["heated_floor_area_m2"].tolist() == pytest.approx([136.0, 102.0, 2040.0], rel=1e-3)
    assert found["shared_wall_area_m2"].gt(1.0).tolist() == [False, True, False]
    assert found["construction_year"].eq(1965).all()


def test_only_examples_as_they_were_built_are_compared(examples, existing):
    assert 600 < len(existing) < len(examples)
    assert (existing["Number_BuildingVariant"] == 1).all()
    assert set(existing["Code_Country"]) == set(COUNTRIES)
    assert set(examples["Code_ClimateRegion"]) == set(example_towns())
    # cellar walls that lose nothing are no outer walls: a Swedish house with 100 m² of each
    swedish = existing[existing["Code_BuildingVariant"] == "SE.Zone1.SFH.01.Gen.ReEx.001.001"]
    windows = swedish[["A_Calc_Window_1", "A_Calc_Window_2", "A_Calc_Door_1"]].fillna(0).to_numpy().sum()
    assert boxes_of(swedish)["outer_wall_m2"].iloc[0] == pytest.approx(100.0 + windows)


def test_a_season_has_the_days_warmth_and_sun_of_the_table(existing):
    example = existing[existing["Code_ClimateRegion"] == "CZ.N"].iloc[0]
    season = tabled_season(example)
    assert season.hours_h.sum() == pytest.approx(24 * 217)
    assert season.temperature_c.mean() == pytest.approx(3.8)
    sun = season.irradiation_kwh_per_m2_plane.sum(axis=1)
    assert sun[[0, 1, 3, 5, 7]] == pytest.approx(
        [example[f"I_Sol_{side}"] for side in ("Hor", "North", "East", "South", "West")]
    )
    assert sun[4] == pytest.approx((sun[3] + sun[5]) / 2)


@pytest.mark.parametrize(("days", "mean_c"), [(22.4, 11.537), (212.0, 3.9), (365.0, -1.2)])
def test_season_pieces_have_the_published_mean_and_stay_below_the_limit(days, mean_c):
    pieces = season_temperatures_c(days, mean_c)
    assert pieces.mean() == pytest.approx(mean_c)
    assert (pieces <= 12.0 + 1e-9).all()
    assert pieces == pytest.approx(pieces[::-1])


@pytest.mark.parametrize(("days", "mean_c"), [(0.0, 10.0), (100.0, 12.0), (100.0, 15.0)])
def test_a_season_without_a_course_is_even(days, mean_c):
    assert season_temperatures_c(days, mean_c).tolist() == [mean_c] * 12


def test_a_local_season_is_the_part_of_the_year_below_twelve_degrees():
    # a cosine between 2 and 22 °C is below 12 °C for half the year
    months = 12.0 - 10.0 * np.cos(2 * np.pi * (np.arange(12) + 0.5) / 12)
    season = local_season(months, np.ones((9, 12)))
    assert season.hours_h.sum() == pytest.approx(8760 / 2, abs=48)
    assert season.hours_h[5] == season.hours_h[6] == 0.0
    assert season.irradiation_kwh_per_m2_plane.sum() == pytest.approx(9 * 6, rel=0.02)
    warm = local_season(np.full(12, 15.0), np.ones((9, 12)))
    assert warm.hours_h.sum() == 0.0 and warm.irradiation_kwh_per_m2_plane.sum() == 0.0


def test_every_country_has_a_bound_of_a_quarter():
    for country, criterion in LINE.items():
        assert (criterion.lowest, criterion.highest) == (0.75, 1.25), country
    assert (HOURLY.lowest, HOURLY.highest) == (0.97, 1.03)
    assert BAND_SHARE == 0.3
    assert len(CRITERIA) == 32


def test_every_stock_has_towns_and_every_kind_of_building():
    assert len(stock_countries()) == 27
    for country in stock_countries():
        town, climate, sun_ratio = mean_climate(country)
        assert town.country == country and climate.temperature_c.shape == (12,)
        assert (sun_ratio > 0.6).all() and (sun_ratio < 2.5).all()
    portugal = stock_boxes("PT")
    assert set(portugal["sector"]) == {"residential", "service"}
    # houses are parted into detached and terraced ones, no area is lost
    houses = portugal[portugal["kind"] == "house"]
    assert houses["floor_area_weight_m2"].sum() == pytest.approx(198e6, rel=0.01)


@pytest.mark.slow
def test_czech_examples_come_back_through_the_line(existing):
    czech = existing[existing["Code_Country"] == "CZ"]
    found = assess_examples(czech, FEW)
    assert found["example"].tolist() == czech["Code_BuildingVariant"].tolist()
    assert LINE["CZ"].check(float(found["tabled_ratio"].median())).passed
    # the same houses made of twice their heat would be missed
    doubled = assess_examples(czech.assign(q_h_nd=czech["q_h_nd"] * 2.0), FEW)
    assert not LINE["CZ"].check(float(doubled["tabled_ratio"].median())).passed


@pytest.mark.slow
def test_the_engines_agree_on_the_sample_town():
    config = RunConfig()
    city = describe_sample(config)
    ratio = hourly_over_monthly_ratio(city, sample_sun(city, config), config)
    assert HOURLY.check(ratio).passed


@pytest.mark.slow
def test_the_danish_stock_needs_what_the_stock_model_says():
    found = assess_stock("DK").loc["residential"]
    assert found["published_kwh_per_m2"] == pytest.approx(102.9)
    assert found["expected_kwh_per_m2"] == pytest.approx(102.9, rel=BAND_SHARE)
    assert found["expected_kwh_per_m2"] < found["standard_kwh_per_m2"]
