import numpy as np
import pandas as pd
import pytest

from layers.core.draws import Draws, hash_ids
from layers.physics.irradiance import TILTS_DEG
from layers.physics.snow import SnowParams, snow_loss_share
from layers.physics.solar_draws import calibrate, common_factors, draw_solar_kwh, draw_sums_kwh
from tests.solar_cases import TEMPERATURE_C, northern_tables


def test_the_calibrated_share_lies_half_way_between_studies_and_geometry():
    # 0.70 of the roof area is suitable by geometry, studies say 0.35: (0.70 + 0.35) / 2 = 0.525 = 0.75 · 0.70
    assert calibrate(0.70, 0.35, 0.26, 0.8).factor_ratio == pytest.approx(0.75)


def test_where_geometry_itself_is_stricter_than_studies_it_is_believed():
    assert calibrate(0.30, 0.35, 0.26, 0.8).factor_ratio == pytest.approx(0.98)
    assert calibrate(0.0, 0.35, 0.26, 0.8).factor_ratio <= 1


def test_draws_of_many_roofs_have_the_expected_mean_and_never_leave_the_technical_maximum():
    calibration = calibrate(0.70, 0.35, 0.26, 0.8)
    ids = hash_ids(pd.Index([f"way/{i}" for i in range(3000)]))
    technical = np.full((3000, 2), 1000.0)
    chance = np.column_stack([np.full(3000, 0.4), np.full(3000, 0.6)])
    drawn = draw_solar_kwh(ids, technical, chance, calibration, np.ones(200), Draws(1, 200))
    assert drawn.max() <= 1000 and drawn.min() >= 0
    assert drawn.mean() == pytest.approx(750, rel=0.03)
    # what the roofs share does not average out: the town's range is far wider than 1 / √3000
    low, high = np.quantile(drawn.sum(axis=1), [0.1, 0.9]) / 3e6
    assert 0.4 < low < 0.65 and 0.8 < high < 0.95


def test_shapes_are_drawn_as_often_as_they_are_likely():
    calibration = calibrate(0.30, 0.35, 0.26, 0.0)
    ids = hash_ids(pd.Index(range(500)))
    # shape 0 gives nothing, shape 1 something
    values = np.tile([0.0, 1000.0], (500, 1))
    chance = np.tile([0.25, 0.75], (500, 1))
    drawn = draw_solar_kwh(ids, values, chance, calibration, np.ones(100), Draws(3, 100))
    assert (drawn > 0).mean() == pytest.approx(0.75, abs=0.01)


def test_sums_over_districts_are_the_sums_of_their_buildings():
    calibration = calibrate(0.70, 0.35, 0.26, 0.8)
    ids, draws = hash_ids(pd.Index(range(50))), Draws(1, 40)
    rng = np.random.default_rng(0)
    values, chance = rng.uniform(0, 9000, (50, 2)), np.tile([0.3, 0.7], (50, 1))
    group = rng.integers(0, 3, 50)
    arguments = (ids, values, chance, calibration, np.ones(40), draws)
    found = draw_sums_kwh(*arguments, group, 3)
    each = draw_solar_kwh(*arguments)
    for number in range(3):
        assert found.sums[number] == pytest.approx(each[:, group == number].sum(axis=1), rel=1e-6)
    assert (found.p10 <= found.p90).all()


def test_common_factors_are_one_on_average_and_as_wide_as_the_weather():
    factors = common_factors(Draws(1, 4000), 0.06, 0.0, 0.4)
    assert factors.mean() == pytest.approx(1.0, abs=0.005)
    assert factors.std() == pytest.approx(0.06, abs=0.003)
    snowy = common_factors(Draws(1, 4000), 0.0, 0.08, 0.4)
    # 40 % of 8 % of snow on what is left of 92 %
    assert snowy.std() == pytest.approx(0.4 * 0.08 / 0.92, rel=0.1)


def test_snow_takes_a_published_share_of_a_northern_year_and_nothing_in_the_south():
    params = SnowParams()
    loss = snow_loss_share(60.2, TEMPERATURE_C, TILTS_DEG, params)
    monthly = northern_tables().yield_kwh_per_kwp[3, 18]
    yearly = (monthly * loss[3]).sum() / monthly.sum()
    # van Noord et al. 2021: 2 to 9 % in mild and moderate climates
    assert 0.02 < yearly < 0.093
    assert snow_loss_share(50.0, TEMPERATURE_C, TILTS_DEG, params).max() == 0


def test_snow_slides_off_steep_roofs_and_melts_in_mild_winters():
    params = SnowParams()
    loss = snow_loss_share(60.2, TEMPERATURE_C, TILTS_DEG, params)
    assert loss[6:].max() == 0
    assert (np.diff(loss, axis=0) <= 0).all()
    assert snow_loss_share(56.0, np.full(12, 5.0), TILTS_DEG, params).max() == 0


def test_impossible_snow_is_refused():
    with pytest.raises(ValueError, match="twelve"):
        SnowParams(month_loss_share=(0.5,))
    with pytest.raises(ValueError, match="colder"):
        SnowParams(cold_c=9.0)
