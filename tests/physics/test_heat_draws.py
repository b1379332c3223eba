"""Draws of the heat demand: widths by level, factors around one, archetypes by year."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from layers.core.draws import Draws
from layers.core.weather import MonthlyClimate
from layers.physics.building_heat import Bodies, TypeValues, type_years
from layers.physics.heat_draws import HeatCase, VarianceShares, draw_heat_kwh, years_mean_ratio
from layers.physics.heat_widths import Widths, uncertainty_widths

NONE = dict.fromkeys(Widths.__dataclass_fields__, 0.0)
NOTHING_IN_COMMON = VarianceShares(0.0, 0.0)


def case_of(count=2000, hot_water=0.0, temperature_error_k=0.0, **widths):
    """Return equal buildings that lose 100 W/K by air exchange only, at −10 °C all year, without gains."""
    ones = np.ones(count)
    # 0.34 · 1 · 1 · 294.117… m² = 100 W/K
    bodies = Bodies(ones * 100 / 0.34, ones, 0 * ones, 0 * ones, 0 * ones, np.ones((count, 8)) / 8)
    per_type = {
        "air_use_per_h": 1.0, "room_height_m": 1.0, "set_point_c": 20.0, "night_factor_low_ratio": 1.0,
        "night_factor_high_ratio": 1.0, "heat_capacity_wh_per_m2_k": 45.0, "utilisation_a0_ratio": 1.0,
        "utilisation_tau0_h": 15.0, "hot_water_kwh_per_m2": hot_water,
    }  # fmt: skip
    types = TypeValues(*(np.array([per_type.get(name, 0.0)]) for name in TypeValues.__dataclass_fields__))
    given = NONE | {"year": 1960.0} | widths
    climate = MonthlyClimate(
        "x", "DE", 50.0, 10.0, np.full(12, -10.0), np.zeros(12), "made up", (), 0.0, temperature_error_k
    )
    return HeatCase(
        pd.Index([f"way/{i}" for i in range(count)]), bodies, np.zeros(count, dtype=np.int64), types,
        pd.Index(["DE.x"]), type_years(np.array([1900.0]), np.array([2030.0]), np.array([0])),
        Widths(*(np.full(count, given[name]) for name in Widths.__dataclass_fields__)),
        np.zeros((count, 12)), climate,
    )  # fmt: skip


def drawn(case, shares=NOTHING_IN_COMMON, count=20, tile_count=10_000):
    return np.hstack(
        [heat for _, heat in draw_heat_kwh(case, Draws(1, count), shares, tile_count=tile_count)]
    )


BASE_KWH = 0.1 * 30 * 8760


def test_without_any_width_every_draw_is_the_base_case():
    assert drawn(case_of(50)) == pytest.approx(np.full((20, 50), BASE_KWH))


def test_the_air_change_keeps_its_mean_and_takes_its_width():
    heat = drawn(case_of(air_change_per_h=0.25)) / BASE_KWH
    assert heat.mean() == pytest.approx(1.0, abs=0.01)
    assert heat.std() == pytest.approx(0.25, rel=0.03)
    assert heat.min() > 0


def test_the_set_point_moves_by_kelvins():
    # 2 K of 30 K
    assert drawn(case_of(set_point_k=2.0)).std() / BASE_KWH == pytest.approx(2 / 30, rel=0.03)


def test_the_climate_error_is_the_same_for_all_buildings_of_a_draw():
    heat = drawn(case_of(50, temperature_error_k=1.0), count=400) / BASE_KWH
    assert np.ptp(heat, axis=1).max() < 1e-9
    assert heat[:, 0].std() == pytest.approx(1 / 30, rel=0.1)


def test_hot_water_and_storeys_scale_what_they_should():
    dry = drawn(case_of(storey_down_ratio=0.2, storey_up_ratio=0.2))
    assert dry.std() / BASE_KWH == pytest.approx(0.2, rel=0.03)
    wet = drawn(case_of(hot_water=10.0, hot_water_ratio=0.5)) - BASE_KWH
    assert wet.mean() == pytest.approx(10 * 100 / 0.34, rel=0.02)


@pytest.mark.parametrize(("shared", "kind"), [(1.0, 0.0), (0.0, 1.0)])
def test_parts_that_are_wholly_in_common_leave_no_own_part(shared, kind):
    heat = drawn(case_of(60, air_change_per_h=0.25), VarianceShares(shared, kind))
    assert np.ptp(heat, axis=1).max() < 1e-6
    assert heat.std() > 0


def test_shared_and_own_parts_add_up_to_the_same_width_of_a_building():
    apart = drawn(case_of(400, set_point_k=2.0), count=300).std(axis=0).mean()
    mixed = drawn(case_of(400, set_point_k=2.0), VarianceShares(0.25, 0.15), count=300)
    assert mixed.std(axis=0).mean() == pytest.approx(apart, rel=0.1)
    # the mean of 400 buildings keeps √0.4 of a building's width
    assert mixed.mean(axis=1).std() == pytest.approx(apart * np.sqrt(0.4), rel=0.15)


@pytest.mark.parametrize(("down", "up"), [(0.0, 0.8), (0.6, 0.0), (0.7, 0.1), (0.2, 0.2)])
def test_lopsided_storeys_leave_the_mean_where_it_is(down, up):
    heat = drawn(case_of(4000, storey_down_ratio=down, storey_up_ratio=up))
    assert heat.mean() == pytest.approx(BASE_KWH, rel=0.005)
    # one storey or two: the middle moves down so that the mean stays
    assert (np.median(heat) < 0.999 * BASE_KWH) == (up > down)


def case_of_two_periods(**widths):
    """Return buildings of two archetypes: before 1980 one air change per hour, later half of it."""
    case = case_of(3000, **widths)
    types = case.types.take(np.array([0, 0]))
    types = replace(types, air_use_per_h=np.array([1.0, 0.5]))
    years = type_years(np.array([np.nan, 1980.0]), np.array([1979.0, np.nan]), np.array([0, 0]))
    return replace(case, types=types, years=years, type_ids=pd.Index(["DE.old", "DE.new"]))


def test_the_mean_over_the_years_is_that_over_the_periods_a_building_may_be_of():
    # base: all old. Median 1970, p90 at 1990: 20 / 1.28 years up, so 1980 is half way to the p90
    up = 20.0 / 1.2815515655446004
    case = case_of_two_periods(year=1970.0, year_up_count=up, year_down_count=10.0)
    new = 1.0 - norm.cdf(10.0 / up)
    assert years_mean_ratio(case) == pytest.approx(1.0 - 0.5 * new, rel=1e-9)
    heat = drawn(case, count=40)
    assert heat.mean() / BASE_KWH == pytest.approx(1.0 - 0.5 * new, abs=0.004)


def test_draws_divided_by_the_mean_over_the_years_keep_the_base_case():
    case = case_of_two_periods(year=1970.0, year_up_count=15.0, year_down_count=10.0)
    ratio = years_mean_ratio(case)
    parts = [heat for _, heat in draw_heat_kwh(
        case, Draws(1, 40), NOTHING_IN_COMMON, tile_count=10_000, mean_ratio=ratio)]  # fmt: skip
    assert np.hstack(parts).mean() == pytest.approx(BASE_KWH, rel=0.006)


def test_known_years_need_no_centre():
    assert years_mean_ratio(case_of_two_periods(year=1990.0)) == 1.0
    assert years_mean_ratio(case_of_two_periods(year=np.nan, year_up_count=30.0)) == 1.0


def test_tiles_change_nothing():
    case = case_of(100, air_change_per_h=0.25)
    assert np.array_equal(drawn(case, tile_count=7), drawn(case))


def test_years_choose_periods_with_open_ends_gaps_and_overlaps():
    # two uses: group 0 has a gap from 1950 to 1959 and a newer row within an older period
    years = type_years(
        np.array([np.nan, 1960.0, 1980.0, 1900.0]), np.array([1949.0, 1999.0, np.nan, 2000.0]),
        np.array([0, 0, 0, 1]),
    )  # fmt: skip
    base = np.array([0, 0, 0, 0, 1, 1, 3, 2])
    when = np.array([1700.0, 1951.0, 1958.0, 1985.0, 1985.0, 2025.0, 1800.0, np.nan])
    assert years.codes(base, when).tolist() == [0, 0, 1, 2, 1, 2, 3, 2]


def test_levels_follow_what_is_known():
    table = pd.DataFrame(
        {
            "use": ["residential_multi", "residential_single", "office"],
            "storey_count": [5.0, 2.0, 4.0],
            "storey_p10_count": [4.0, 2.0, 4.0], "storey_p90_count": [6.0, 3.0, 5.0],
            "storey_count_origin": ["imputed", "imputed", "user"],
            "construction_year": [1960.0, 2005.0, np.nan],
            "construction_p10_year": [1950.0, np.nan, 1950.0],
            "construction_p90_year": [1990.0, np.nan, 1960.0],
        }
    )  # fmt: skip
    widths = uncertainty_widths(table)
    assert widths.u_ratio.tolist() == [0.3, 0.4, 0.5]
    assert widths.window_u_ratio.tolist() == [0.5, 0.3, 0.5]
    assert widths.area_ratio.tolist() == [0.1, 0.15, 0.1]
    assert widths.air_change_per_h.tolist() == [0.15, 0.25, 0.25]
    assert widths.set_point_k.tolist() == [1.0, 2.0, 2.0]
    assert widths.hot_water_ratio.tolist() == [0.25, 0.5, 0.8]
    assert widths.storey_up_ratio * 1.28155 == pytest.approx([1 / 5, 1 / 2, 0], abs=1e-5)
    assert widths.storey_down_ratio * 1.28155 == pytest.approx([1 / 5, 0, 0], abs=1e-5)
    assert widths.year_up_count * 1.28155 == pytest.approx([30, 0, 0], abs=1e-3)
    assert (widths.height_up_ratio == 0).all()


def test_years_spread_around_their_median_unless_the_year_is_known():
    table = pd.DataFrame(
        {
            "use": "office", "storey_count": 2.0, "construction_year": [2004.0, 2004.0],
            "construction_p10_year": 1920.0, "construction_p50_year": 1978.0,
            "construction_p90_year": 2004.0, "construction_year_origin": ["default", "user"],
        }
    )  # fmt: skip
    widths = uncertainty_widths(table)
    assert widths.year.tolist() == [1978.0, 2004.0]
    assert widths.year_down_count * 1.28155 == pytest.approx([58, 0], abs=1e-3)
    assert widths.year_up_count * 1.28155 == pytest.approx([26, 0], abs=1e-3)
