"""What neighbours leave of the sun on façades."""

import numpy as np
import pytest

from layers.core.weather import HourlyWeather
from layers.physics.facade_sun import HORIZONS_DEG, facade_gain_kwh, facade_sun, kept_share
from layers.physics.irradiance import PlaneParams, facade_irradiation, plane_tables
from layers.physics.weather import hour_centres, sun_position_deg

SOUTH, NORTH = 4, 0


@pytest.fixture(scope="module")
def clear_sky():
    """A place at 50° N where the sun always shines as brightly as it stands high."""
    zenith, _ = sun_position_deg(hour_centres(), 50.0, 10.0)
    up = np.maximum(np.cos(np.radians(zenith)), 0.0)
    flat = np.full(8760, 10.0)
    dni, dhi = 800.0 * (up > 0.05), 100.0 * up
    weather = HourlyWeather(50.0, 10.0, flat, dni * up + dhi, dni, dhi, flat * 0 + 3.0, "made up")
    return weather, facade_sun(weather, facade_irradiation(plane_tables(weather)))


def test_an_open_view_keeps_everything_and_a_wall_at_arm_s_length_only_the_ground(clear_sky):
    weather, sun = clear_sky
    assert (sun.kept_share[:, 0] == 1).all()
    # the ground throws back a fifth of the light, of which an upright plane sees half
    ground = 0.5 * PlaneParams().albedo_share * weather.ghi_w_per_m2.sum() / 1000.0
    left = (sun.kept_share[SOUTH, -1] * sun.irradiation_kwh_per_m2_plane[1 + SOUTH]).sum()
    assert left == pytest.approx(ground, rel=0.02)


def test_a_higher_horizon_never_leaves_more_in_any_month(clear_sky):
    _, sun = clear_sky
    assert (np.diff(sun.kept_share, axis=1) <= 1e-12).all()
    assert (sun.kept_share >= 0).all()


def test_the_low_sun_of_winter_is_lost_first(clear_sky):
    _, sun = clear_sky
    at_20 = kept_share(sun, np.full((1, 8), 20.0))[0, SOUTH]
    # at 50° N the sun of December stands at most 16.6° high, that of June 63.4°
    assert at_20[11] < 0.3
    assert at_20[5] > 0.7


def test_gains_are_windows_times_sun_times_what_neighbours_leave(clear_sky):
    _, sun = clear_sky
    chance = np.random.default_rng(3)
    aperture, horizon = chance.uniform(0, 20, (7, 9)), chance.uniform(0, 80, (7, 8))
    by_hand = np.einsum(
        "nf,fm,nfm->nm", aperture[:, 1:], sun.irradiation_kwh_per_m2_plane[1:], kept_share(sun, horizon)
    ) + np.outer(aperture[:, 0], sun.irradiation_kwh_per_m2_plane[0])
    np.testing.assert_allclose(facade_gain_kwh(sun, aperture, horizon), by_hand, rtol=1e-12)
    free = facade_gain_kwh(sun, aperture, np.zeros((7, 8)))
    np.testing.assert_allclose(free, facade_gain_kwh(sun, aperture, None), rtol=1e-12)
    assert (facade_gain_kwh(sun, aperture, horizon) <= free + 1e-9).all()


def test_the_table_has_a_step_for_every_five_degrees():
    assert HORIZONS_DEG[[0, 1, -1]].tolist() == [0, 5, 90]
