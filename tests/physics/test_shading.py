import numpy as np
import pytest

from layers.physics.irradiance import PlaneParams, plane_hours, sunny_hours
from layers.physics.shading import shaded_share, sky_share
from tests.solar_cases import northern_tables, northern_weather


def some_horizons(count, seed):
    rng = np.random.default_rng(seed)
    raw = np.clip(rng.normal(0, 18, (count, 36)), 0, 70)
    # neighbours cover several directions at once
    return np.maximum(raw, np.roll(raw, 1, axis=1))


def test_shade_from_tables_equals_shade_hour_by_hour():
    count = 60
    rng = np.random.default_rng(2)
    horizons = some_horizons(count, 5)
    tilt, azimuth = rng.uniform(0, 50, count), rng.uniform(70, 290, count)
    ours = shaded_share(northern_tables(), horizons, np.arange(count), tilt, azimuth)
    hours, params = sunny_hours(northern_weather()), PlaneParams()
    direction = np.rint(hours.azimuth_deg / 10).astype(int) % 36
    exact = np.empty(count)
    for i in range(count):
        plane = plane_hours(hours, float(tilt[i]), azimuth[i : i + 1], params)
        sun_seen = 90 - hours.zenith_deg > horizons[i, direction]
        left = (
            (plane.beam_power_w[0] * sun_seen).sum()
            + plane.sky_power_w.sum() * sky_share(horizons[i], tilt[i], azimuth[i])
            + plane.ground_power_w.sum()
        )
        exact[i] = left / plane.power_w.sum()
    error = ours / exact - 1
    assert exact.min() < 0.75
    assert abs(error.mean()) < 0.003
    assert np.abs(error).max() < 0.02


def test_an_open_horizon_costs_nothing_and_a_closed_one_leaves_little():
    horizons = np.vstack([np.zeros(36), np.full(36, 89.0)])
    share = shaded_share(
        northern_tables(), horizons, np.array([0, 1]), np.array([30.0, 30.0]), np.array([180.0, 180.0])
    )
    assert share[0] == 1.0
    assert share[1] < 0.05


def test_a_wall_in_the_south_hurts_a_northern_town_more_than_one_in_the_north():
    horizons = np.zeros((2, 36))
    horizons[0, 16:21] = 30.0
    horizons[1, [34, 35, 0, 1, 2]] = 30.0
    share = shaded_share(northern_tables(), horizons, np.array([0, 1]), np.full(2, 30.0), np.full(2, 180.0))
    assert share[0] < 0.9 < share[1] < 1.0


@pytest.mark.parametrize("height", [10.0, 30.0, 60.0])
def test_an_even_horizon_leaves_a_flat_roof_cos_squared_of_the_sky(height):
    assert sky_share(np.full(36, height), 0.0, 0.0) == pytest.approx(np.cos(np.radians(height)) ** 2)


def test_a_horizon_behind_a_vertical_wall_does_not_matter():
    behind = np.zeros(36)
    behind[[0, 1, 35]] = 40.0
    assert sky_share(behind, 90.0, 180.0) == pytest.approx(1.0)
    assert sky_share(np.roll(behind, 18), 90.0, 180.0) < 0.95
