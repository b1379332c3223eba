"""Hours and months of districts add up to the years of their roofs."""

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.draws import Draws
from layers.core.weather import MONTH_OF_HOUR
from layers.physics.irradiance import PlaneParams, plane_tables, sunny_hours
from layers.physics.shading import shaded_share
from layers.physics.solar_hours import group_hours_kw
from layers.roof_solar import simulate_solar
from layers.solar_profiles import make_solar_profiles
from tests.solar_cases import northern_tables, northern_weather, town


def small_town(**columns):
    """Houses and blocks close to each other, in two districts and outside."""
    outlines, heights, districts = [], [], []
    for row in range(4):
        for place in range(6):
            x, y, size = place * 24.0, row * 21.0, 10.0 + 3 * (place % 3)
            outlines.append(shapely.affinity.rotate(shapely.box(x, y, x + size, y + 9.0), 11.0 * row))
            heights.append(4.0 + 7.0 * ((row * place) % 3))
            districts.append(["d01", "d02", None][row % 3] if place else "d01")
    return town(outlines, heights, district_id=districts, **columns)


@pytest.fixture(scope="module")
def solved():
    return simulate_solar(small_town(), northern_tables(), Draws(1, 40))


@pytest.fixture(scope="module")
def profiles(solved):
    return make_solar_profiles(solved.buildings, solved.panels, northern_weather())


def test_the_hours_of_a_district_add_up_to_its_buildings(solved, profiles):
    yearly = solved.buildings.groupby("district_id")["pv_calibrated_kwh"].sum()
    for name in ("d01", "d02"):
        assert profiles.hourly_kw[name].sum() == pytest.approx(yearly[name], rel=1e-9)
    assert profiles.hourly_kw.shape == (8760, 2)
    assert (profiles.hourly_kw >= 0.0).all(axis=None)


def test_the_city_holds_what_lies_outside_of_districts(solved, profiles):
    city = profiles.monthly[profiles.monthly["district_id"] == "city"]["pv_calibrated_mwh"]
    assert len(city) == 12
    assert city.sum() * 1000 == pytest.approx(solved.buildings["pv_calibrated_kwh"].sum(), rel=1e-9)


def test_before_scaling_the_hours_already_agree_with_the_years(profiles):
    # the years take snow off all light alike, the hours month by month
    assert profiles.scale_ratio == pytest.approx(1.0, abs=0.005)


def test_nights_are_dark_and_summer_beats_winter(profiles):
    hours = profiles.hourly_kw["d01"].to_numpy()
    assert (hours[northern_weather().ghi_w_per_m2 <= 0.0] == 0.0).all()
    assert hours[MONTH_OF_HOUR == 5].sum() > 5 * hours[MONTH_OF_HOUR == 11].sum()


def test_hours_behind_a_horizon_are_the_hours_of_its_yearly_loss():
    # without snow and at table entries, sums of hours and yearly tables are the same numbers
    from layers.physics.panels import Panels

    rng = np.random.default_rng(3)
    horizons = rng.uniform(0.0, 35.0, (3, 36))
    tilt, azimuth = np.array([0.0, 30.0, 20.0]), np.array([0.0, 180.0, 90.0])
    panels = Panels(
        np.arange(3),
        tilt,
        azimuth,
        np.array([2.0, 1.0, 3.0]),
        horizons,
        np.arange(3),
        np.ones(3, dtype=int),
        np.zeros((10, 12)),
    )
    tables = northern_tables()
    hours = sunny_hours(northern_weather())
    kept = shaded_share(tables, horizons, np.arange(3), tilt, azimuth)
    bare = tables.yield_kwh_per_kwp.sum(axis=-1)[(tilt / 10).astype(int), (azimuth / 10).astype(int)]
    found = group_hours_kw(panels, np.ones(3), np.arange(3), 3, hours, PlaneParams())
    assert found.sum(axis=0) == pytest.approx(bare * kept * [2.0, 1.0, 3.0], rel=1e-9)


def test_profiles_in_the_other_convention_follow_its_tables():
    params = PlaneParams(mode="pvwatts")
    tables = plane_tables(northern_weather(), params)
    solved = simulate_solar(small_town(), tables, Draws(1, 40))
    made = make_solar_profiles(solved.buildings, solved.panels, northern_weather(), params)
    assert made.scale_ratio == pytest.approx(1.0, abs=0.005)


def test_a_town_without_modules_has_profiles_of_zeros():
    sheds = town([shapely.box(0, 0, 2, 2)], [3.0])
    solved = simulate_solar(sheds, northern_tables(), Draws(1, 40))
    made = make_solar_profiles(solved.buildings, solved.panels, northern_weather())
    assert made.hourly_kw["d01"].sum() == 0.0
    assert made.scale_ratio == 1.0
    assert isinstance(made.monthly, pd.DataFrame)
