"""Hours against months under equal assumptions, in a cold and in a warm place."""

import numpy as np
import pytest

from layers.archetypes import read_archetypes
from layers.core.heat_settings import HeatParams
from layers.core.hourly_settings import HourlyParams
from layers.core.weather import MONTHS
from layers.physics.building_heat import Bodies
from layers.physics.heat_inputs import type_values
from layers.physics.hourly_check import both_methods_kwh
from layers.physics.hourly_groups import gain_shape, people_gain_share, use_groups
from layers.physics.hourly_zones import (
    facade_hours_w_per_m2_plane,
    left_by_neighbours,
    mass_area_ratio,
    month_sums_kwh,
    steady_drivers,
    zone_model,
)
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.use_profiles import local_calendar
from layers.physics.weather import WeatherParams, make_hourly
from layers.physics.zone import AIR_SHARE, OPERATIVE_AIR_SHARE
from layers.sources.climate import read_monthly_climate

# changes from day to day are small beside a warm sea; the estimate of the weather is that of lowlands


def stock(country, count=300):
    """Return bodies of all archetypes of a country, in sizes from houses to blocks."""
    archetypes = read_archetypes(country)
    types = type_values(archetypes, HeatParams())
    rng = np.random.default_rng(3)
    floor = np.exp(rng.normal(5.8, 0.9, count))
    storeys = rng.integers(1, 7, count)
    roof = floor / 0.85 / storeys
    wall = 4 * np.sqrt(roof) * storeys * 2.9 * rng.uniform(0.5, 1.0, count)
    window = 0.18 * floor
    facades = rng.dirichlet(np.full(8, 0.7), count) * wall[:, None]
    codes = rng.integers(0, len(archetypes), count)
    return Bodies(floor, wall, window, roof, roof, facades), types.take(codes)


def compared(country, place, longitude, latitude, *, air_share=OPERATIVE_AIR_SHARE, **weather_settings):
    climate = read_monthly_climate(place, country, longitude, latitude)
    weather = make_hourly(climate, 1, WeatherParams(**weather_settings))
    sun = facade_hours_w_per_m2_plane(weather)
    bodies, types = stock(country)
    per_facade = bodies.facade_area_m2 * (bodies.window_area_m2 / bodies.wall_area_m2 * 0.4)[:, None]
    aperture = np.hstack([np.zeros((len(per_facade), 1)), per_facade])
    gain = aperture @ month_sums_kwh(sun)
    monthly, hourly = both_methods_kwh(bodies, types, gain, weather, sun, air_share=air_share)
    return hourly.sum() / monthly.sum(), monthly.sum() / bodies.floor_area_m2.sum()


@pytest.mark.parametrize(
    ("country", "place", "longitude", "latitude", "settings"),
    [
        ("FI", None, 24.9, 60.2, {}),
        ("DE", None, 12.4, 51.3, {}),
        ("MT", None, 14.5, 35.9, {}),
    ],
)
def test_hours_and_months_agree_within_three_percent(country, place, longitude, latitude, settings):
    ratio, per_floor = compared(country, place, longitude, latitude, **settings)
    assert 10 < per_floor < 400
    assert ratio == pytest.approx(1.0, abs=0.03)


def test_holding_the_air_instead_of_the_felt_temperature_needs_less():
    felt, _ = compared("FI", None, 24.9, 60.2)
    air, _ = compared("FI", None, 24.9, 60.2, air_share=AIR_SHARE)
    assert 0.02 < felt - air < 0.12


def test_weather_that_changes_more_needs_more_where_gains_nearly_warm_the_house():
    calm, _ = compared("MT", None, 14.5, 35.9, day_to_day_k=1.0)
    changing, _ = compared("MT", None, 14.5, 35.9, day_to_day_k=4.0)
    assert changing - calm > 0.1


def test_the_sun_of_the_hours_is_that_of_the_months():
    weather = make_hourly(read_monthly_climate(None, "FI", 24.9, 60.2), 1)
    sun = facade_hours_w_per_m2_plane(weather)
    np.testing.assert_allclose(month_sums_kwh(sun), facade_irradiation(plane_tables(weather)), rtol=1e-9)


def test_what_neighbours_leave_makes_the_months_whole():
    weather = make_hourly(read_monthly_climate(None, "FI", 24.9, 60.2), 1)
    sun = facade_hours_w_per_m2_plane(weather)
    rng = np.random.default_rng(1)
    aperture, gain = rng.uniform(0, 5, (4, 9)), rng.uniform(0, 300, (4, 12))
    left = left_by_neighbours(aperture, sun, gain)
    months = np.stack([left[month] * (aperture @ month_sums_kwh(sun))[:, month] for month in range(MONTHS)])
    np.testing.assert_allclose(months.T, gain, rtol=1e-12)
    assert (left_by_neighbours(aperture * 0, sun, gain * 0) == 0).all()


def test_a_model_loses_what_the_monthly_balance_loses():
    bodies, types = stock("FI", 40)
    none = np.full(40, np.inf)
    zone = zone_model(
        bodies, types, np.zeros((40, 12)), np.zeros((9, 8760)), none, none, none, np.full(40, 0.25),
        HourlyParams(),
    )  # fmt: skip
    from layers.physics.building_heat import heat_model

    behind_mass = 1 / (1 / zone.mass_outside_w_per_k + 1 / zone.surface_mass_w_per_k)
    # air for use runs a quarter of the time and then brings the air of the whole day
    vent = 0.75 * zone.ventilation_w_per_k[0] + 0.25 * zone.ventilation_w_per_k[1]
    lost = behind_mass + zone.window_w_per_k + vent
    np.testing.assert_allclose(lost, heat_model(bodies, types).loss_w_per_k, rtol=1e-12)


def test_mass_grows_with_capacity_between_the_classes():
    # 165 kJ/(m² K) are 45.8 Wh/(m² K); half way to heavy (260) the area is half way too
    assert mass_area_ratio(np.array([45.8, (165 + 260) / 7.2])) == pytest.approx([2.5, 2.75], abs=1e-3)


def test_gains_have_the_mean_one_and_people_count_their_share():
    calendar = local_calendar("DE")
    people = 80 / 30 * 16 / 24
    assert people_gain_share("hospital") == pytest.approx(people / (people + 27.8 * 0.7 / 8.76))
    for use in ("office", "residential_multi", "unknown", "other"):
        assert gain_shape(use, calendar).mean() == pytest.approx(1.0)


def test_a_buildings_clock_depends_on_its_id_alone():
    import pandas as pd

    uses = pd.Series("office", index=[f"way/{i}" for i in range(300)])
    groups = use_groups(uses, np.full(300, 0.9))
    shifts = np.array(groups.shift_h)[groups.group]
    assert set(shifts) == {-1, 0, 1} and np.bincount(shifts + 1).min() > 70
    some = use_groups(uses.iloc[::-7], np.full(len(uses.iloc[::-7]), 0.9))
    np.testing.assert_array_equal(np.array(some.shift_h)[some.group], shifts[::-7])


def test_steady_drivers_never_change():
    drivers = steady_drivers(np.zeros(8760), np.zeros((9, 8760)))
    assert (drivers.gain_ratio == 1).all() and drivers.is_used.all() and (drivers.lower_k == 0).all()
