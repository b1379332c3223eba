import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.draws import Draws
from layers.physics.irradiance import look_up, plane_tables
from layers.physics.roof_areas import rectangle_inside_m2, trapezoid_inside_m2, triangle_inside_m2
from layers.physics.shading import shaded_share
from layers.physics.solar_draws import calibrate
from layers.physics.weather import make_hourly, monthly_irradiation_kwh_per_m2_land, monthly_means_c
from layers.roof_solar import simulate_solar
from tests.solar_cases import IRRADIATION, TEMPERATURE_C, climate, northern_tables, town

metres = st.floats(3.0, 80.0)
heights = st.floats(2.0, 60.0)


@given(st.floats(35.0, 68.0), st.floats(-10.0, 30.0), st.floats(0.5, 1.3), st.integers(0, 99))
@settings(max_examples=12, deadline=None)
def test_any_european_climate_is_met_month_by_month(latitude, longitude, brighter, seed):
    wanted = IRRADIATION * brighter
    weather = make_hourly(climate(latitude, longitude, wanted), seed)
    assert monthly_irradiation_kwh_per_m2_land(weather) == pytest.approx(wanted, rel=1e-6)
    assert monthly_means_c(weather) == pytest.approx(TEMPERATURE_C, abs=1e-6)
    for part in (weather.ghi_w_per_m2, weather.dni_w_per_m2, weather.dhi_w_per_m2):
        assert np.isfinite(part).all() and part.min() >= 0


@given(st.floats(36.0, 66.0), st.integers(0, 99))
@settings(max_examples=4, deadline=None)
def test_south_beats_north_and_no_plane_beats_its_light(latitude, seed):
    tables = plane_tables(make_hourly(climate(latitude), seed))
    yearly = tables.yield_kwh_per_kwp.sum(axis=-1)
    assert (yearly[:, 18] >= yearly[:, 0] - 1e-6).all()
    assert (yearly <= tables.irradiation_kwh_per_m2_plane.sum(axis=-1)).all()
    assert (np.diff(tables.beam_yield_kwh_per_kwp, axis=-1) >= -1e-9).all()


@given(
    st.lists(st.floats(0.0, 80.0), min_size=36, max_size=36),
    st.lists(st.floats(0.0, 30.0), min_size=36, max_size=36),
    st.floats(0.0, 90.0),
    st.floats(-360.0, 720.0),
)
@settings(max_examples=60, deadline=None)
def test_a_higher_horizon_never_leaves_more(horizon, more, tilt, azimuth):
    both = np.vstack([horizon, np.minimum(np.add(horizon, more), 89.0)])
    share = shaded_share(northern_tables(), both, np.array([0, 1]), np.full(2, tilt), np.full(2, azimuth))
    assert 0 <= share[1] <= share[0] + 1e-9 <= 1 + 1e-9


@given(st.floats(0.0, 90.0), st.floats(0.0, 360.0))
@settings(max_examples=60, deadline=None)
def test_a_look_up_stays_between_its_neighbours(tilt, azimuth):
    table = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    found = look_up(table, np.array([tilt]), np.array([azimuth]))[0]
    assert table.min() <= found <= table.max()
    assert found == pytest.approx(look_up(table, np.array([tilt]), np.array([azimuth + 360]))[0], rel=1e-9)


@given(metres, metres, st.floats(0.0, 1.0), st.floats(0.0, 2.0))
def test_a_free_edge_never_adds_area(long, short, ratio, edge):
    base, slope = np.array([long]), np.array([short])
    ridge = base * ratio
    assert 0 <= rectangle_inside_m2(base, slope, edge)[0] <= long * short + 1e-9
    assert 0 <= triangle_inside_m2(base, slope, edge)[0] <= long * short / 2 + 1e-9
    assert 0 <= trapezoid_inside_m2(base, ridge, slope, edge)[0] <= (long + ridge[0]) / 2 * short + 1e-9


@given(st.floats(0.0, 1.0), st.floats(0.05, 0.6), st.floats(0.01, 0.5), st.floats(0.0, 2.0))
@settings(max_examples=50, deadline=None)
def test_a_calibration_never_exceeds_the_technical_maximum(geometric, published, lowest, spread):
    found = calibrate(geometric, published, lowest, spread)
    assert 0.5 <= found.factor_ratio <= 1
    assert np.isfinite([found.centre_logit, found.shared_spread]).all()
    assert found.shared_spread > 0


@given(
    st.lists(st.tuples(metres, metres, heights), min_size=1, max_size=8),
    st.sampled_from(["flat", "gabled", "hipped", "skillion", "pyramidal", None]),
)
@settings(max_examples=25, deadline=None)
def test_roofs_never_give_more_than_the_light_on_them(houses, shape):
    outlines = [shapely.box(100 * i, 0, 100 * i + a, b) for i, (a, b, _) in enumerate(houses)]
    table = town(outlines, [h for *_, h in houses], roof_shape=shape)
    tables = northern_tables()
    result = simulate_solar(table, tables, Draws(1, 20))
    found = result.buildings
    best = tables.irradiation_kwh_per_m2_plane.sum(axis=-1).max()
    assert (found["pv_technical_kwh"] <= found["roof_sloped_area_m2"] * best * 0.22).all()
    assert (found["pv_calibrated_kwh"] <= found["pv_technical_kwh"]).all()
    assert (found["pv_calibrated_p10_kwh"] <= found["pv_calibrated_p90_kwh"]).all()
    assert result.city_draws == pytest.approx(result.district_draws.sum(axis=0).to_numpy())
