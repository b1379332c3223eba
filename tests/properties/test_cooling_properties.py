"""What holds for the cooling of any building at any place."""

from dataclasses import replace

import numpy as np
from hypothesis import given

from layers.physics.building_heat import cooling_model
from layers.physics.monthly_cooling import monthly_cooling_kwh_plain, yearly_cooling_kwh
from tests.properties.test_heat_properties import FEW, bodies, number, places, types

NOTHING_KWH = 1e-6


def parts(body, kind, place, set_point_c):
    temperature, sun = place
    light = sun[None, :] * body.floor_area_m2[:, None] * 0.1
    return cooling_model(body, kind, np.array([set_point_c])), light, temperature


def year(body, kind, place, set_point_c=26.0):
    return yearly_cooling_kwh(*parts(body, kind, place, set_point_c))[0]


@FEW
@given(bodies(), types(), places(), number(0.0, 4.0))
def test_a_higher_set_point_never_needs_more_cold(body, kind, place, more_k):
    warmer = year(body, kind, place, 26.0 + more_k)
    assert warmer <= year(body, kind, place) * (1 + 1e-9) + NOTHING_KWH


@FEW
@given(bodies(), types(), places(), number(1.0, 3.0))
def test_more_gains_never_need_less_cold(body, kind, place, factor):
    more = replace(kind, internal_gain_w_per_m2=kind.internal_gain_w_per_m2 * factor)
    base = year(body, kind, place)
    assert year(body, more, place) >= base * (1 - 1e-9) - NOTHING_KWH
    temperature, sun = place
    assert year(body, kind, (temperature, sun * factor)) >= base * (1 - 1e-9) - NOTHING_KWH


@FEW
@given(bodies(), types(), places(), number(0.0, 15.0))
def test_a_warmer_place_never_needs_less_cold(body, kind, place, more_k):
    temperature, sun = place
    warmer = year(body, kind, (temperature + more_k, sun))
    assert warmer >= year(body, kind, place) * (1 - 1e-9) - NOTHING_KWH


@FEW
@given(bodies(), types(), places())
def test_the_need_lies_between_zero_and_what_comes_in_and_compiled_equals_plain(body, kind, place):
    model, light, temperature = parts(body, kind, place, 26.0)
    plain = monthly_cooling_kwh_plain(model, light, temperature).sum()
    assert np.isclose(yearly_cooling_kwh(model, light, temperature)[0], plain, rtol=1e-9, atol=1e-9)
    hours = 8760.0 / 1000.0
    heat_from_outside = model.loss_w_per_k[0] * np.maximum(temperature - 26.0, 0.0).max() * hours
    most = light.sum() + model.internal_gain_w[0] * hours + heat_from_outside
    assert 0.0 <= plain <= most * (1 + 1e-9)


@FEW
@given(bodies(), types(), places(), number(0.5, 20.0))
def test_scaling_floor_and_envelope_together_changes_nothing_per_floor(body, kind, place, factor):
    larger = type(body)(*(getattr(body, name) * factor for name in body.__dataclass_fields__))
    small, large = year(body, kind, place), year(larger, kind, place)
    assert np.isclose(large, small * factor, rtol=1e-9, atol=1e-6)
