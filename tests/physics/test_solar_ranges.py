"""What makes the range of a town's solar yield wide."""

import numpy as np
import pandas as pd
import pytest

from layers.core.draws import Draws, hash_ids
from layers.physics.solar_draws import calibrate, draw_sums_kwh
from layers.physics.solar_ranges import CAUSES, part_ranges, range_table


def drawn_town(own_spread=0.8, open_shapes=True, common=None):
    rng = np.random.default_rng(0)
    count, draws = 400, Draws(1, 300)
    values = rng.uniform(2000, 9000, (count, 2)) * [0.5, 1.0]
    chance = np.tile([0.4, 0.6] if open_shapes else [0.0, 1.0], (count, 1))
    group = rng.integers(0, 3, count)
    calibration = calibrate(0.70, 0.35, 0.26, own_spread)
    common = np.ones(300) if common is None else common
    ids = hash_ids(pd.Index(range(count)))
    drawn = draw_sums_kwh(ids, values, chance, calibration, common, draws, group, 3)
    base = np.bincount(group, (values * chance).sum(axis=1), 3) * calibration.factor_ratio
    return range_table(drawn, np.outer(base, common), base, ["d01", "d02"])


def of(table, place, cause, column):
    row = table[(table["district_id"] == place) & (table["cause"] == cause)]
    return float(row[column].iloc[0])


def test_every_district_and_the_city_have_all_causes_and_shares_add_up():
    table = drawn_town(common=1.0 + 0.06 * np.random.default_rng(1).standard_normal(300))
    assert len(table) == 3 * 4
    for place in ("d01", "d02", "city"):
        assert sum(of(table, place, cause, "variance_share") for cause in CAUSES) == pytest.approx(1.0)
        assert of(table, place, "all", "p10_ratio") < 1.0 < of(table, place, "all", "p90_ratio")


def test_steady_weather_and_known_roofs_leave_the_area_alone():
    table = drawn_town(open_shapes=False)
    assert of(table, "city", "weather", "p90_ratio") == pytest.approx(1.0)
    assert of(table, "city", "roof", "p10_ratio") == pytest.approx(1.0)
    assert of(table, "city", "area", "variance_share") == pytest.approx(1.0)


def test_what_belongs_to_single_roofs_averages_out_over_the_city():
    table = drawn_town()

    def width(place):
        return of(table, place, "roof", "p90_ratio") - of(table, place, "roof", "p10_ratio")

    assert width("city") < min(width("d01"), width("d02"))


def test_weather_is_as_wide_as_it_is_said_to_be():
    factor = 1.0 + 0.06 * np.random.default_rng(1).standard_normal(300)
    table = drawn_town(common=factor)
    low, high = np.quantile(factor, [0.1, 0.9])
    assert of(table, "d01", "weather", "p10_ratio") == pytest.approx(low)
    assert of(table, "city", "weather", "p90_ratio") == pytest.approx(high)


def test_a_district_without_yield_has_no_causes():
    found = part_ranges({"weather": np.zeros((1, 5))}, np.zeros(1), np.zeros((1, 5)))
    assert np.isfinite(found).all()
    assert found[0, :, 2].sum() == 0.0
