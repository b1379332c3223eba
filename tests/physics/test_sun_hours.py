"""Light on planes under three descriptions of the sky."""

import numpy as np
import pytest

from layers.physics.sun_hours import plane_light, sunny_hours
from tests.solar_cases import northern_weather, pvgis_year

MODELS = ("isotropic", "hay_davies", "perez")


@pytest.mark.parametrize("model", MODELS)
def test_a_flat_plane_gets_the_global_light_under_every_description(model):
    year = pvgis_year()
    light = plane_light(sunny_hours(year, 0.1761 - 0.5), 0.0, np.array([0.0, 130.0]), 0.2, model)
    got = light.irradiance_w_per_m2.sum(axis=1)
    assert got == pytest.approx(year.ghi_w_per_m2.sum(), rel=0.001)
    assert got[0] == pytest.approx(got[1], rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_all_parts_of_the_light_are_positive(model):
    light = plane_light(sunny_hours(northern_weather()), 40.0, np.array([180.0, 0.0]), 0.2, model)
    for part in (light.disc_w_per_m2, light.ring_w_per_m2, light.sky_w_per_m2, light.ground_w_per_m2):
        assert (part >= 0.0).all()


def test_a_ring_round_the_sun_helps_the_south_and_not_the_north():
    hours = sunny_hours(northern_weather())
    even, ring = (
        plane_light(hours, 40.0, np.array([180.0, 0.0]), 0.2, model).irradiance_w_per_m2.sum(axis=1)
        for model in ("isotropic", "perez")
    )
    assert ring[0] > even[0] and ring[1] < even[1]


def test_hours_after_a_night_do_not_follow_the_ones_before():
    hours = sunny_hours(northern_weather())
    assert not hours.follows[0]
    nights = (~hours.follows).sum()
    assert 360 <= nights <= 366
