"""What the hourly balance keeps for any building."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.physics.hourly import simulate_hours
from layers.physics.zone import ZoneModel, constant_use

HOURS = 480
HOUR = np.arange(HOURS)


@st.composite
def towns(draw):
    """Draw a climate and five buildings of any sensible kind."""
    mean, swing = draw(st.floats(-15, 25)), draw(st.floats(0, 10))
    sunny = draw(st.floats(0, 400))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    floor = rng.uniform(30, 3000, 5)
    window, opaque = floor * rng.uniform(0.05, 1.2, 5), floor * rng.uniform(0.1, 5.0, 5)
    joint = 9.1 * 2.5 * floor
    vent = floor * rng.uniform(0.05, 2.0, 5)
    zone = ZoneModel(
        ventilation_w_per_k=np.stack([vent, vent]), window_w_per_k=window,
        mass_outside_w_per_k=1 / (1 / opaque - 1 / joint), air_surface_w_per_k=3.45 * 4.5 * floor,
        surface_mass_w_per_k=joint, heat_capacity_wh_per_k=floor * rng.uniform(20, 110, 5),
        mass_gain_share=np.full(5, 0.5), surface_gain_share=np.full(5, 0.45),
        heating_set_c=np.full(5, 20.0), cooling_set_c=np.full(5, 26.0),
        internal_gain_w=floor * rng.uniform(0, 10, 5), heater_w=np.full(5, np.inf),
        cooler_w=np.full(5, np.inf), aperture_m2=rng.uniform(0, 0.03, (5, 9)) * floor[:, None],
        sun_ratio=np.ones((12, 5)),
    )  # fmt: skip
    sun = np.maximum(np.sin((HOUR % 24 - 6) * np.pi / 12), 0) * np.full((9, 1), sunny)
    outside = mean + swing * np.sin((HOUR - 9) * np.pi / 12) + swing * np.sin(HOUR / 60.0)
    return zone, constant_use(outside, sun)


def run(zone, drivers):
    return simulate_hours(zone, np.zeros(5, int), drivers, precision=np.float64, warm_up_h=240)


@settings(max_examples=25, deadline=None)
@given(towns())
def test_heat_rises_with_every_loss_and_with_the_set_point(town):
    zone, drivers = town
    base = run(zone, drivers)
    for change in (
        {"heating_set_c": zone.heating_set_c + 1.0},
        {"internal_gain_w": zone.internal_gain_w * 0.5},
        {"aperture_m2": zone.aperture_m2 * 0.5},
    ):
        assert (run(dataclasses.replace(zone, **change), drivers).heat_kwh >= base.heat_kwh - 1e-9).all()
    # losses cost heat where it is colder outside than inside at all hours
    if drivers.temperature_c.max() < 20.0:
        for name in ("window_w_per_k", "mass_outside_w_per_k", "ventilation_w_per_k"):
            more = dataclasses.replace(zone, **{name: getattr(zone, name) * 1.1})
            assert (run(more, drivers).heat_kwh >= base.heat_kwh - 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(towns(), st.floats(0.2, 8.0))
def test_a_building_twice_the_size_needs_twice_the_power(town, ratio):
    zone, drivers = town
    sizes = ("heating_set_c", "cooling_set_c", "mass_gain_share", "surface_gain_share", "sun_ratio")
    larger = ZoneModel(**{
        each.name: getattr(zone, each.name) * (1.0 if each.name in sizes else ratio)
        for each in dataclasses.fields(zone)
    })  # fmt: skip
    a, b = run(zone, drivers), run(larger, drivers)
    np.testing.assert_allclose(b.heat_kwh, a.heat_kwh * ratio, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(b.cold_peak_w, a.cold_peak_w * ratio, rtol=1e-9, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(towns())
def test_no_hour_heats_and_cools_and_every_value_is_a_number(town):
    zone, drivers = town
    found = run(zone, drivers)
    power = found.hours_w()
    assert np.isfinite(power).all() and np.isfinite(found.mass_c).all()
    assert (found.heat_kwh >= 0).all() and (found.cold_kwh >= 0).all()
    balance = power.sum(axis=0) / 1000
    np.testing.assert_allclose(found.heat_kwh - found.cold_kwh, balance, rtol=1e-9, atol=1e-9)
