import numpy as np
import pytest

from layers.physics.irradiance import PlaneParams, plane_hours, sunny_hours
from layers.physics.shaded_months import month_tables, shaded_months_kwh_per_kwp
from layers.physics.shading import shaded_share, sky_share
from tests.physics.test_shading import some_horizons
from tests.solar_cases import northern_tables, northern_weather


@pytest.fixture(scope="module")
def tables():
    return month_tables(northern_weather())


def test_months_without_a_horizon_are_those_of_the_plane_tables(tables):
    whole = northern_tables().yield_kwh_per_kwp
    assert tables.whole_kwh_per_kwp == pytest.approx(whole)
    one = np.array([0])
    found = shaded_months_kwh_per_kwp(
        tables, np.zeros((1, 36)), one, one + 1, np.array([30.0]), np.array([180.0])
    )
    assert found[0] == pytest.approx(whole[3, 18])


def test_months_add_up_to_the_year_that_shade_leaves(tables):
    rng = np.random.default_rng(4)
    horizons = some_horizons(40, 6)
    tilt, azimuth = rng.uniform(0, 50, 40), rng.uniform(70, 290, 40)
    at, one = np.arange(40), np.ones(40, dtype=int)
    months = shaded_months_kwh_per_kwp(tables, horizons, at, one, tilt, azimuth)
    bare = shaded_months_kwh_per_kwp(tables, np.zeros((40, 36)), at, one, tilt, azimuth)
    share = shaded_share(northern_tables(), horizons, at, tilt, azimuth)
    # whole degrees there, steps of three degrees here
    assert months.sum(axis=1) / bare.sum(axis=1) == pytest.approx(share, abs=0.004)


def test_winter_hours_behind_a_wall_are_lost_in_winter(tables):
    wall = np.zeros((1, 36))
    wall[0, 13:24] = 20.0
    hours = sunny_hours(northern_weather())
    plane = plane_hours(hours, 30.0, np.array([180.0]), PlaneParams())
    direction = np.rint(hours.azimuth_deg / 10).astype(int) % 36
    seen = 90 - hours.zenith_deg > wall[0, direction]
    hourly = (
        plane.beam_power_w[0] * seen
        + plane.sky_power_w[0] * sky_share(wall[0], 30.0, 180.0)
        + plane.ground_power_w[0]
    )
    expected = np.bincount(hours.month, hourly, 12) / 1000
    one = np.array([0])
    found = shaded_months_kwh_per_kwp(tables, wall, one, one + 1, np.array([30.0]), np.array([180.0]))[0]
    assert found == pytest.approx(expected, abs=0.03 * expected.max())
    whole = tables.whole_kwh_per_kwp[3, 18]
    assert found[11] < 0.5 * whole[11] and found[5] > 0.95 * whole[5]
