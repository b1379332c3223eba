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


SHAPES = ["flat", "gabled", "hipped", "half-hipped", "mansard", "gambrel", "skillion", "pyramidal"]


@given(metres, metres, st.floats(0.0, 180.0), st.sampled_from(SHAPES), st.floats(5.0, 60.0))
@settings(max_examples=60, deadline=None)
def test_planes_seen_from_above_cover_the_outline(long, short, axis, shape, pitch):
    from layers.physics.roof_forms import EAST_WEST_DEG, FormSettings, make_planes
    from layers.physics.roof_planes import lay_ridges
    from layers.physics.roof_shapes import ROOF_CLASSES

    length, width = max(long, short), min(long, short)
    values = (length, width, axis, length * width, 2 * (length + width), np.nan)
    bases = lay_ridges(*(np.array([value]) for value in values), np.array([False]))
    chance = np.eye(len(ROOF_CLASSES))[[ROOF_CLASSES.index(shape)]]
    form = FormSettings(10.0, EAST_WEST_DEG, 0.5, 0.5, 0.25, 68.0)
    planes = make_planes(bases, chance, np.full(chance.shape, pitch), form)
    tilt = np.where(planes.is_row, 0.0, planes.tilt_deg)
    plan = (planes.surface_m2 * np.cos(np.radians(tilt)) * planes.chance_share).sum()
    assert plan == pytest.approx(length * width)
    assert (planes.inner_m2 <= planes.surface_m2 + 1e-9).all()


@given(st.floats(2.0, 30.0), st.floats(1.0, 15.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=80, deadline=None)
def test_modules_never_cover_more_than_their_plane(eaves, slope, ratio, edge):
    from layers.physics.roof_areas import module_counts

    top = eaves * ratio
    count = module_counts(np.array([eaves]), np.array([top]), np.array([slope]), edge, 1.762, 1.134)[0]
    assert 0 <= count * 1.762 * 1.134 <= (eaves + top) / 2 * slope


@given(st.integers(0, 9999), st.floats(5.0, 60.0), st.floats(0.0, 360.0))
@settings(max_examples=25, deadline=None)
def test_a_plain_slope_is_found_whatever_the_number_of_the_building(seed, tilt, azimuth):
    from layers.physics.roof_cells import FitSettings, RoofCells, fit_roofs

    row, column = np.divmod(np.arange(144), 12)
    fall = np.tan(np.radians(tilt))
    a, b = -fall * np.sin(np.radians(azimuth)), -fall * np.cos(np.radians(azimuth))
    noise = np.random.default_rng(seed).normal(0, 0.03, 144)
    cells = RoofCells(
        np.array([0, 144]), column, row, 20 + a * column + b * row + noise, np.ones(144, dtype=bool),
        np.ones(144), np.ones(1), np.array([seed], dtype=np.uint64),
    )  # fmt: skip
    found = fit_roofs(cells, FitSettings(0.2, 0.04, 6.0))
    assert len(found.tilt_deg) == 1 and found.known_share[0] == 1
    assert found.tilt_deg[0] == pytest.approx(tilt, abs=1.0)
    assert abs((found.azimuth_deg[0] - azimuth + 180) % 360 - 180) < 5.0


@given(st.floats(0.0, 60.0), st.integers(0, 3), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_higher_cell_never_lowers_a_horizon_and_a_turned_raster_turns_it(higher, quarter, seed):
    from layers.physics.raster_horizon import raster_horizons_deg, ray_distances_m

    rng = np.random.default_rng(seed)
    heights = rng.uniform(0, 10, (81, 81)).astype(np.float32)
    middle, north_up = np.array([[40.5, 40.5]]), np.array([[1.0, 0.0], [0.0, -1.0]])
    rays = ray_distances_m(2.0, 38.0, 1.0)

    def seen(values):
        return raster_horizons_deg(values, middle, north_up, np.full(1, 5.0), rays)[0][0]

    more = heights.copy()
    more[rng.integers(0, 81), rng.integers(0, 81)] += higher
    assert (seen(more) >= seen(heights) - 1e-9).all()
    # a quarter turn against the clock moves what was in the east to the north; cells on the axes stay whole
    turned = np.roll(seen(np.rot90(heights, quarter)), 9 * quarter)
    assert turned[[0, 9, 18, 27]] == pytest.approx(seen(heights)[[0, 9, 18, 27]], abs=1e-4)
