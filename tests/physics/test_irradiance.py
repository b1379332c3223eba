import numpy as np
import pytest

from layers.core.weather import FACADE_NAMES
from layers.physics.irradiance import (
    AZIMUTHS_DEG,
    TILTS_DEG,
    PlaneParams,
    facade_irradiation,
    look_up,
    plane_hours,
    plane_tables,
    pvgis_power_w,
    sunny_hours,
)
from layers.physics.weather import monthly_irradiation_kwh_per_m2_land
from tests.solar_cases import IRRADIATION, northern_tables, northern_weather, pvgis_year


def test_a_horizontal_plane_gets_the_global_irradiation_whatever_its_azimuth():
    flat = northern_tables().irradiation_kwh_per_m2_plane[0]
    assert flat.sum(axis=-1) == pytest.approx(IRRADIATION.sum(), rel=0.005)
    assert np.ptp(flat.sum(axis=-1)) < 1e-6


def test_the_same_holds_for_a_typical_year_of_pvgis():
    year = pvgis_year()
    flat = plane_tables(year, sun_offset_h=-0.324).irradiation_kwh_per_m2_plane[0, 0]
    assert flat.sum() == pytest.approx(monthly_irradiation_kwh_per_m2_land(year).sum(), rel=0.005)


def test_southern_planes_never_get_less_than_northern_ones():
    yearly = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    assert (yearly[:, 18] >= yearly[:, 0] - 1e-9).all()
    # mirrored about the east-west line: 170° against 10°, 100° against 80°
    south = yearly[:, 10:18]
    north = yearly[:, 8:0:-1]
    assert (south >= north - 1e-9).all()


def test_the_best_plane_of_the_north_faces_south_and_gives_what_pvgis_maps_show():
    yearly = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    row, column = np.unravel_index(yearly.argmax(), yearly.shape)
    assert TILTS_DEG[row] in (30, 40, 50) and AZIMUTHS_DEG[column] in (170, 180, 190)
    assert 930 < yearly.max() < 1030
    assert 740 < yearly[0, 0] < 830


def test_no_module_turns_more_light_into_power_than_its_rating():
    tables = northern_tables()
    assert (tables.yield_kwh_per_kwp <= tables.irradiation_kwh_per_m2_plane * 0.95).all()


def test_the_parts_of_the_yield_add_up_to_the_whole():
    tables = northern_tables()
    parts = (
        tables.beam_yield_kwh_per_kwp[..., -1].sum(axis=-1)
        + tables.sky_yield_kwh_per_kwp
        + tables.ground_yield_kwh_per_kwp
    )
    assert parts == pytest.approx(tables.yield_kwh_per_kwp.sum(axis=-1), rel=1e-9)


def test_facades_are_a_horizontal_plane_and_eight_walls():
    sun = facade_irradiation(northern_tables())
    yearly = dict(zip(("horizontal", *FACADE_NAMES), sun.sum(axis=1), strict=True))
    assert sun.shape == (9, 12)
    assert yearly["horizontal"] > yearly["south"] > yearly["east"] > yearly["north"] > 0
    assert yearly["east"] == pytest.approx(yearly["west"], rel=0.05)
    assert yearly["south"] == pytest.approx(
        northern_tables().irradiation_kwh_per_m2_plane[9, 18].sum(), rel=1e-9
    )


def test_looking_up_between_table_entries_comes_close_to_computing():
    hours, params = sunny_hours(northern_weather()), PlaneParams()
    tilts, azimuths = np.array([15.0, 35.0, 45.0]), np.array([355.0, 184.0, 97.0])
    table = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    exact = [
        plane_hours(hours, tilt, np.array([azimuth]), params).power_w.sum() / 1000
        for tilt, azimuth in zip(tilts, azimuths, strict=True)
    ]
    assert look_up(table, tilts, azimuths) == pytest.approx(exact, rel=0.01)


def test_looking_up_wraps_round_at_north():
    table = np.arange(360.0).reshape(10, 36)
    assert look_up(table, np.array([0.0]), np.array([360.0]))[0] == table[0, 0]
    assert look_up(table, np.array([0.0]), np.array([-10.0]))[0] == table[0, 35]
    assert look_up(table, np.array([90.0]), np.array([350.0]))[0] == table[9, 35]


def test_turning_town_and_sun_together_changes_nothing():
    hours, params = sunny_hours(northern_weather()), PlaneParams()
    turned = sunny_hours(northern_weather())
    object.__setattr__(turned, "azimuth_deg", np.mod(turned.azimuth_deg + 70.0, 360.0))
    faces = np.array([0.0, 135.0, 250.0])
    before = plane_hours(hours, 40.0, faces, params).power_w.sum(axis=1)
    after = plane_hours(turned, 40.0, np.mod(faces + 70.0, 360.0), params).power_w.sum(axis=1)
    assert after == pytest.approx(before, rel=1e-9)


def test_a_cool_module_in_full_sun_gives_its_rating_less_the_system_loss():
    params = PlaneParams(spectral_gain_share=0.0)
    # 1000 W/m² warm it by 1000 / 26.9 = 37.2 K; at −12.2 °C in calm air it is 25 °C warm
    air_c = np.array([25.0 - 1000.0 / 26.9])
    power = pvgis_power_w(np.array([1000.0]), np.array([1000.0]), air_c, np.zeros(1), params)
    assert power[0] == pytest.approx(1000.0 * 0.86)


def test_wind_cools_and_darkness_gives_nothing():
    params, sun = PlaneParams(), np.array([800.0])
    calm = pvgis_power_w(sun, sun, np.array([20.0]), np.array([0.0]), params)
    windy = pvgis_power_w(sun, sun, np.array([20.0]), np.array([6.0]), params)
    assert windy > calm
    assert pvgis_power_w(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), params)[0] == 0


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="albedo"):
        PlaneParams(albedo_share=2)
    with pytest.raises(ValueError, match="system loss"):
        PlaneParams(system_loss_share=0.9)
