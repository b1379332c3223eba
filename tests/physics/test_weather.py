import numpy as np
import pytest

from layers.core.weather import MONTH_OF_HOUR, MONTHS
from layers.physics.clouds import split_beam_w_per_m2, truncated_exponential_quantiles
from layers.physics.sun import hour_centres, sun_position_deg
from layers.physics.sun_hours import plane_light, sunny_hours
from layers.physics.weather import (
    WeatherParams,
    daily_course_c,
    detect_sun_offset_h,
    make_hourly,
    monthly_irradiation_kwh_per_m2_land,
    monthly_means_c,
)
from tests.solar_cases import IRRADIATION, TEMPERATURE_C, climate, northern_weather, pvgis_year


def test_every_month_is_met_to_a_thousandth():
    weather = northern_weather()
    assert monthly_irradiation_kwh_per_m2_land(weather) == pytest.approx(IRRADIATION, rel=1e-9)
    assert monthly_means_c(weather) == pytest.approx(TEMPERATURE_C, abs=1e-9)


def test_equal_seeds_give_equal_hours_and_other_seeds_other_days():
    again, other = make_hourly(climate(), 1), make_hourly(climate(), 2)
    assert (again.ghi_w_per_m2 == northern_weather().ghi_w_per_m2).all()
    assert (again.temperature_c == northern_weather().temperature_c).all()
    assert not np.allclose(other.ghi_w_per_m2, again.ghi_w_per_m2)


def test_beam_and_diffuse_light_make_up_the_global_light():
    weather = northern_weather()
    zenith, _ = sun_position_deg(hour_centres(), weather.latitude_deg, weather.longitude_deg)
    beam = weather.dni_w_per_m2 * np.clip(np.cos(np.radians(zenith)), 0, None)
    assert weather.dhi_w_per_m2 + beam == pytest.approx(weather.ghi_w_per_m2, abs=1e-6)
    assert (weather.dhi_w_per_m2 >= 0).all() and (weather.dni_w_per_m2 >= 0).all()
    # no hour brighter at the ground than above the atmosphere
    assert weather.dni_w_per_m2.max() < 1100 and weather.ghi_w_per_m2.max() < 1100


def test_nights_are_dark_and_noon_is_the_brightest_hour_of_a_bright_month():
    ghi = northern_weather().ghi_w_per_m2.reshape(365, 24)
    winter_midnight, june = ghi[:31, :4], ghi[151:181].mean(axis=0)
    assert (winter_midnight == 0).all()
    # at 24.9° east the sun stands highest near 10:20 UTC
    assert june.argmax() in (9, 10, 11)


def test_clear_days_are_warmer_in_the_afternoon_than_before_sunrise():
    weather = northern_weather()
    summer = weather.temperature_c.reshape(365, 24)[151:243].mean(axis=0)
    assert 5 < summer.max() - summer.min() < 14
    assert summer.argmax() in (12, 13, 14)


def test_a_month_without_sun_keeps_its_little_light_as_diffuse():
    dark = np.array([0.2, 9.0, 45.0, 105.0, 140.0, 150.0, 140.0, 95.0, 55.0, 20.0, 1.5, 0.05])
    weather = make_hourly(climate(latitude_deg=69.6, longitude_deg=18.9, irradiation=dark), 1)
    assert monthly_irradiation_kwh_per_m2_land(weather) == pytest.approx(dark, rel=1e-9)
    december = MONTH_OF_HOUR == 11
    assert weather.dni_w_per_m2[december].max() == 0
    assert weather.ghi_w_per_m2[december].max() < 5


def test_the_diffuse_share_comes_near_that_of_a_measured_year():
    real = pvgis_year()
    months = np.bincount(MONTH_OF_HOUR, real.ghi_w_per_m2, MONTHS) / 1000
    made = make_hourly(climate(45.0, 8.0, months, monthly_means_c(real)), 1)
    share = made.dhi_w_per_m2.sum() / made.ghi_w_per_m2.sum()
    assert share == pytest.approx(real.dhi_w_per_m2.sum() / real.ghi_w_per_m2.sum(), abs=0.06)


def test_daily_temperatures_keep_the_mean_of_each_month_and_have_no_jumps():
    course = daily_course_c(TEMPERATURE_C)
    assert course[:31].mean() == pytest.approx(-4.0)
    assert np.abs(np.diff(course)).max() < 0.6


def test_quantiles_have_the_mean_that_was_asked_for():
    for mean in (0.15, 0.4, 0.5, 0.7, 0.95):
        values = truncated_exponential_quantiles(mean, 0.06, 1.03, 31)
        assert values.mean() == pytest.approx(mean, abs=1e-6)
        assert values.min() >= 0.06 and values.max() <= 1.03
        assert (np.diff(values) > 0).all()


def test_an_overcast_hour_has_no_beam_and_a_clear_hour_mostly_beam():
    times = hour_centres()[4285:4287]
    dni, dhi = split_beam_w_per_m2(np.array([60.0, 800.0]), np.array([40.0, 40.0]), times)
    assert dni[0] < 1 and dhi[0] == pytest.approx(60, abs=1)
    assert dhi[1] < 250


def test_the_stamp_of_a_file_is_found_from_its_own_irradiances():
    # the file says: values stand 0.1761 h after the full hour, that is 0.324 h before our middle
    assert detect_sun_offset_h(pvgis_year()) == pytest.approx(0.1761 - 0.5, abs=0.051)


def test_contradictory_settings_are_refused():
    with pytest.raises(ValueError, match="clear-sky"):
        WeatherParams(darkest_day_ratio=1.2)
    with pytest.raises(ValueError, match="wind"):
        WeatherParams(wind_m_per_s=-1)


def test_east_and_west_together_get_what_a_measured_year_gives_them():
    real = pvgis_year()
    months = np.bincount(MONTH_OF_HOUR, real.ghi_w_per_m2, MONTHS) / 1000
    made = make_hourly(climate(45.0, 8.0, months, monthly_means_c(real)), 1)
    faces = np.array([90.0, 270.0])

    def both(weather, offset_h, tilt_deg):
        hours = sunny_hours(weather, offset_h)
        return plane_light(hours, tilt_deg, faces, 0.2).irradiance_w_per_m2.sum()

    for tilt_deg, within in ((30.0, 0.015), (90.0, 0.035)):
        assert both(made, 0.0, tilt_deg) == pytest.approx(both(real, -0.324, tilt_deg), rel=within)
