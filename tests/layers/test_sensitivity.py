"""Districts of like houses: which unknown is the widest, and whether the draws agree."""

from dataclasses import fields, replace

import numpy as np
import pytest
from shapely import box

from layers.core.draws import Draws
from layers.physics.heat_draws import VarianceShares, draw_heat_kwh
from layers.physics.one_at_a_time import ASSUMPTIONS, factor, lopsided_given, one_at_a_time, slopes_kwh
from layers.sensitivity import CITY, COLUMNS, find_sensitivity
from tests.layers.test_heat_demand import NEW, OLD, city, simulated

COUNT = 200


def rows_of(columns, count=40, **more):
    """Simulate and rank a town of equal houses, the second half of them in another district."""
    outlines = [box(30 * x, 0, 30 * x + 10, 8) for x in range(count)]
    district = np.where(np.arange(count) < count // 2, "d01", "d02")
    houses = city(*outlines, district_id=district, **columns)
    result = simulated(houses, OLD, NEW, count=COUNT, **more)
    return houses, result, ranked(houses, result)


def ranked(houses, result, shares=None):
    return find_sensitivity(
        result.case, houses["district_id"].loc[result.case.ids], result.district_draws, result.city_draws,
        Draws(seed=1, count=COUNT), shares or result.shares, result.years_mean_ratio,
    )  # fmt: skip


KNOWN = {"storey_count_origin": "user", "height_origin": "user", "construction_year_origin": "user"}
VAGUE = KNOWN | {
    "storey_count_origin": "imputed", "storey_p10_count": 1.0, "storey_p90_count": 5.0,
    "height_origin": "imputed", "height_p10_m": 3.0, "height_p90_m": 15.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    return rows_of(KNOWN)


def test_every_area_has_every_assumption_the_widest_first(known):
    _, result, table = known
    assert tuple(table.columns) == COLUMNS
    assert table["district_id"].unique().tolist() == [CITY, "d01", "d02"]
    for _, rows in table.groupby("district_id"):
        assert set(rows["assumption"]) == set(ASSUMPTIONS)
        width = (rows["high_mwh"] - rows["low_mwh"]).to_numpy()
        assert (np.diff(width) <= 1e-9).all()
    assert (table["low_mwh"] <= table["heat_demand_mwh"] + 1e-9).all()
    base = table[table["district_id"] == CITY]["heat_demand_mwh"].iloc[0]
    assert base == pytest.approx(result.buildings["heat_demand_kwh"].sum() / 1000)


def test_what_is_known_moves_nothing(known):
    _, _, table = known
    still = table[table["assumption"].isin(["storeys", "construction_year"])]
    assert (still["high_mwh"] - still["low_mwh"]).abs().max() < 1e-9
    assert still["variance_share"].max() < 1e-9


def test_storeys_that_nobody_knows_move_most(known):
    _, _, table = rows_of(VAGUE)
    first = table[table["district_id"] == CITY].iloc[0]
    assert first["assumption"] == "storeys" and first["moves"] == "up"
    assert first["variance_share"] > 0.3


def test_more_insulation_warmth_and_airing_move_heat_the_way_they_should(known):
    _, _, table = known
    moves = table[table["district_id"] == CITY].set_index("assumption")["moves"]
    up = ["u_wall", "u_roof", "u_floor", "u_window", "air_change", "set_point", "envelope_area", "hot_water"]
    down = ["internal_gain", "window_sun", "temperature"]
    assert (moves[up] == "up").all() and (moves[down] == "down").all()


@pytest.mark.parametrize("columns", [KNOWN, VAGUE], ids=["known", "vague"])
def test_the_squares_of_all_widths_add_up_to_the_variance_of_the_draws(columns):
    _, result, table = rows_of(columns)
    whole = table[table["district_id"] == CITY]
    deviation = (whole["high_mwh"] - whole["low_mwh"]) / (2 * 1.2815515655)
    # what assumptions do together is not in the widths, and two hundred draws are not many
    assert np.sqrt((deviation**2).sum()) == pytest.approx(result.city_draws.std() / 1000, rel=0.2)
    assert whole["variance_share"].sum() == pytest.approx(1.0, abs=0.15)
    part = deviation**2 / (deviation**2).sum()
    assert np.abs(part - whole["variance_share"]).max() < 0.12


ALONE = {
    "set_point": "set_point_k", "air_change": "air_change_per_h", "envelope_area": "area_ratio",
    "internal_gain": "internal_ratio", "hot_water": "hot_water_ratio",
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_the_ends_are_those_of_draws_in_which_nothing_else_varies(known, name):
    _, result, table = known
    widths = result.case.widths
    still = {
        field.name: np.zeros_like(getattr(widths, field.name))
        for field in fields(widths)
        if field.name not in ("year", ALONE[name])
    }
    case = replace(
        result.case, widths=replace(widths, **still),
        climate=replace(result.case.climate, temperature_error_k=0.0, irradiation_error_share=0.0),
    )  # fmt: skip
    drawn = sum(
        heat.sum(axis=1)
        for _, heat in draw_heat_kwh(case, Draws(seed=1, count=400), result.shares, tile_count=8192)
    )
    row = table[(table["district_id"] == CITY) & (table["assumption"] == name)].iloc[0]
    assert row[["low_mwh", "high_mwh"]].to_list() == pytest.approx(
        np.quantile(drawn, [0.1, 0.9]) / 1000, rel=0.025
    )


def test_without_anything_in_common_a_town_is_surer_than_its_houses():
    houses, result, _ = rows_of(KNOWN)
    table = ranked(houses, result, VarianceShares(0.0, 0.0))
    alone = ranked(houses, result, VarianceShares(1.0, 0.0))
    one, all_together = (
        rows[(rows["district_id"] == CITY) & (rows["assumption"] == "set_point")].iloc[0]
        for rows in (table, alone)
    )
    narrow, wide = one["high_mwh"] - one["low_mwh"], all_together["high_mwh"] - all_together["low_mwh"]
    assert narrow == pytest.approx(wide / np.sqrt(40), rel=0.1)
    assert not one["is_shared"] and all_together["is_shared"]


def test_one_assumption_is_calculated_as_the_balance_would():
    houses = city(box(0, 0, 10, 8), **KNOWN)
    result = simulated(houses, OLD, count=20)
    base, answers = one_at_a_time(result.case, 1.0, 1.0)
    assert base == pytest.approx(result.buildings["heat_demand_kwh"].to_numpy())
    # 2 K is the width of a house's set-point: a house that is 2 K · 1.28 warmer
    warmer = simulated(houses, OLD | {"set_point_c": 20.0 + 2.0 * 1.2815515655}, count=20)
    assert answers["set_point"].high_kwh == pytest.approx(warmer.buildings["heat_demand_kwh"].to_numpy())
    walls = factor(1.2815515655, np.array([0.3]), 1.0)[0]
    better = simulated(houses, OLD | {"u_wall_w_per_m2_k": 1.2 * walls}, count=20)
    assert answers["u_wall"].high_kwh == pytest.approx(
        better.buildings["heat_demand_kwh"].to_numpy(), rel=1e-6
    )
    slope = slopes_kwh(answers, result.case, 1.0)["hot_water"]
    assert slope == pytest.approx(1360 * np.sqrt(np.log1p(0.25)), rel=0.05)


def test_years_that_may_be_older_ask_for_more_heat():
    years = KNOWN | {
        "construction_year_origin": "imputed", "construction_p10_year": 1950.0,
        "construction_p90_year": 2010.0, "construction_p50_year": 1975.0,
    }  # fmt: skip
    _, _, table = rows_of(years)
    row = table[(table["district_id"] == CITY) & (table["assumption"] == "construction_year")].iloc[0]
    assert row["moves"] == "down" and row["high_mwh"] > 1.1 * row["low_mwh"]


def test_the_mean_of_a_lopsided_deviation_is_that_of_many_draws():
    z = np.random.default_rng(1).standard_normal(400_000)
    for share, middle in ((0.25, 1.0), (0.5, -1.5), (0.9, 0.3)):
        total = np.sqrt(share) * middle + np.sqrt(1 - share) * z
        wanted = np.where(total < 0, 0.2 * total, 0.6 * total).mean()
        found = lopsided_given(middle, np.array([0.2]), np.array([0.6]), share)[0]
        assert found == pytest.approx(wanted, abs=2e-3)


def test_a_town_without_heat_has_no_ranking():
    houses = city(box(0, 0, 10, 8), heated=False)
    result = simulated(houses, OLD, count=20)
    assert ranked(houses, result).empty
