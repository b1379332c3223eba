"""Hours of buildings added up by district, scaled to yearly demands."""

import numpy as np
import pytest

from layers.physics import hourly
from layers.physics.hourly import HourlyPower, tile_rows
from layers.physics.hourly_sums import DistrictSums, add_missing, lower_ratio, scale_ratio, spread_missing


def powers(count=130, hours=50, seed=1):
    rng = np.random.default_rng(seed)
    rows, _ = tile_rows(np.zeros(count, int))
    whole = rng.normal(100, 300, (hours, count)).astype(np.float32)
    tiles = np.zeros((len(rows), hours, rows.shape[1]), np.float32)
    for k, row in enumerate(rows):
        inside = row >= 0
        tiles[k][:, inside] = whole[:, row[inside]]
    heat, cold = np.maximum(whole, 0).astype(float), np.maximum(-whole, 0).astype(float)
    none = np.zeros(count)
    found = HourlyPower(tiles, rows, heat.sum(0) / 1e3, cold.sum(0) / 1e3, none, none, none)
    return found, heat, cold


@pytest.mark.parametrize("compiled", [True, False])
def test_sums_are_those_of_scaled_buildings(compiled, monkeypatch):
    monkeypatch.setattr(hourly, "HAS_NUMBA", compiled)
    found, heat, cold = powers()
    rng = np.random.default_rng(2)
    a, b, place = rng.uniform(0, 2, 130), rng.uniform(0, 2, 130), rng.integers(-1, 3, 130)
    sums = DistrictSums.empty(50, 3)
    sums.add(found, a, b, b / 3, place)
    for column, number in enumerate((0, 1, 2, -1)):
        mine = place == number
        np.testing.assert_allclose(sums.heat_kw[:, column], (heat * a / 1e3)[:, mine].sum(1), rtol=1e-12)
        np.testing.assert_allclose(sums.plant_kw[:, column], sums.cold_kw[:, column] / 3, rtol=1e-12)
        np.testing.assert_allclose(sums.cold_kw[:, column], (cold * b / 1e3)[:, mine].sum(1), rtol=1e-12)


def test_a_scaled_building_keeps_its_yearly_sum():
    found, _, _ = powers()
    wanted = np.linspace(0.5, 2.0, 130) * found.heat_kwh
    sums = DistrictSums.empty(50, 1)
    sums.add(found, scale_ratio(wanted, found.heat_kwh), np.zeros(130), np.zeros(130), np.zeros(130, int))
    assert sums.heat_kw.sum() == pytest.approx(wanted.sum(), rel=1e-12)
    assert sums.cold_kw.sum() == 0


def test_batches_one_after_the_other_are_one():
    found, _, _ = powers()
    one = np.ones(130)
    once, twice = DistrictSums.empty(50, 1), DistrictSums.empty(50, 1)
    once.add(found, one * 2, one * 2, one, np.zeros(130, int))
    for _ in range(2):
        twice.add(found, one, one, one, np.zeros(130, int))
    np.testing.assert_allclose(once.heat_kw, twice.heat_kw, rtol=1e-13)


def test_hours_that_say_nothing_are_not_blown_up():
    assert scale_ratio(np.array([1000.0]), np.array([1.0]))[0] == 0


def test_a_place_without_hours_follows_the_others_and_at_last_the_shape():
    hours = np.zeros((4, 2))
    shape = np.array([0.0, 1.0, 1.0, 2.0])
    np.testing.assert_allclose(spread_missing(hours, np.array([8.0, 0.0]), shape)[:, 0], [0, 2, 2, 4])
    hours[1, 1] = 5.0
    np.testing.assert_allclose(
        spread_missing(hours, np.array([8.0, 10.0]), shape), [[0, 0], [8, 10], [0, 0], [0, 0]]
    )


def test_cold_is_lowered_to_the_year_and_what_is_missing_follows_the_warmth():
    cold = np.array([[0.0, 2.0], [4.0, 2.0]])
    wanted = np.array([2.0, 10.0])
    ratio = lower_ratio(wanted, cold.sum(axis=0))
    np.testing.assert_allclose(ratio, [0.5, 1.0])
    whole = add_missing(cold * ratio, wanted, np.array([1.0, 2.0]))
    np.testing.assert_allclose(whole, [[0.0, 4.0], [2.0, 6.0]])
