"""Degree days from monthly means."""

from __future__ import annotations

import numpy as np
import pytest

from layers.core.weather import DAYS_IN_MONTH
from layers.physics.degree_days import DegreeDayParams, cdd_21_24_kd, daily_spread_k, hdd_18_15_kd

# monthly means of PVGIS-SARAH2 air temperatures, Lyon (45.75 N 4.95 E), 2018-2020
LYON_C = np.array([4.63, 4.73, 7.87, 12.94, 15.26, 20.03, 23.92, 22.94, 19.33, 13.40, 8.00, 5.61])
# degree days counted from the same hours, day by day, mean of the three years
LYON_HDD_KD, LYON_CDD_KD = 2166.0, 166.6


def test_monthly_means_give_nearly_the_degree_days_of_the_days_of_lyon():
    assert hdd_18_15_kd(LYON_C) == pytest.approx(LYON_HDD_KD, rel=0.03)
    assert cdd_21_24_kd(LYON_C) == pytest.approx(LYON_CDD_KD, rel=0.15)


def test_the_formula_is_the_mean_over_normally_distributed_days():
    params = DegreeDayParams()
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    from scipy.special import ndtri

    heating = cooling = 0.0
    for mean_c, days in zip(LYON_C, DAYS_IN_MONTH, strict=True):
        day_c = mean_c + float(daily_spread_k(np.array([mean_c]), params)[0]) * ndtri(quantiles)
        heating += days * np.where(day_c <= 15, 18 - day_c, 0).mean()
        cooling += days * np.where(day_c >= 24, day_c - 21, 0).mean()
    assert hdd_18_15_kd(LYON_C) == pytest.approx(heating, rel=1e-3)
    assert cdd_21_24_kd(LYON_C) == pytest.approx(cooling, rel=1e-3)


def test_a_colder_year_needs_more_heating_and_less_cooling():
    warm, cold = LYON_C, LYON_C - 2.0
    assert hdd_18_15_kd(cold) > hdd_18_15_kd(warm)
    assert cdd_21_24_kd(cold) < cdd_21_24_kd(warm)


def test_the_tropics_need_no_heating():
    assert hdd_18_15_kd(np.full(12, 30.0)) == pytest.approx(0.0, abs=1.0)
    assert cdd_21_24_kd(np.full(12, 30.0)) == pytest.approx(365 * 9.0, rel=0.02)


def test_settings_outside_their_range_are_refused():
    with pytest.raises(ValueError, match="daily_spread_at_zero_k"):
        DegreeDayParams(daily_spread_at_zero_k=50.0)
