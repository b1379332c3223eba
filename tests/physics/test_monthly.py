"""The monthly balance: by hand, compiled against plain, at its edges, and beside the seasonal method."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.core.weather import HOURS_IN_MONTH
from layers.physics import monthly
from layers.physics.monthly import (
    HeatModel,
    capped_night_ratio,
    monthly_heat_kwh,
    monthly_heat_kwh_plain,
    peak_heat_kw,
    solar_gain_kwh,
    yearly_heat_kwh,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "tabula" / "tabula_examples.csv.gz"
COLD_TO_WARM_C = np.array([-5.0, -4, 0, 5, 11, 15, 17, 16, 11, 6, 1, -3])


def model_of(loss=200.0, night=0.9, set_point=20.0, internal=300.0, capacity=4500.0, a0=1.0, tau0=15.0):
    values = (loss, night, set_point, internal, capacity, a0, tau0)
    return HeatModel(
        *(np.array(field, dtype=float) for field in np.broadcast_arrays(*map(np.atleast_1d, values)))
    )


def random_model(count, seed=1):
    rng = np.random.default_rng(seed)
    return HeatModel(
        rng.uniform(10, 900, count), rng.uniform(0.8, 1, count), rng.uniform(15, 24, count),
        rng.uniform(0, 3000, count), rng.uniform(500, 90_000, count), rng.uniform(0.8, 1, count),
        rng.uniform(15, 70, count),
    ), rng.uniform(0, 2500, (count, 12))  # fmt: skip


def test_one_month_by_hand():
    # January: 200 W/K · 0.9 · 25 K · 744 h = 3348 kWh; gains 150 + 0.3 · 744 = 373.2 kWh
    # a = 1 + (4500/200)/15 = 2.5; γ = 0.11147; η = (1 − γ^2.5)/(1 − γ^3.5)
    gamma = 373.2 / 3348.0
    eta = (1 - gamma**2.5) / (1 - gamma**3.5)
    solar = np.full((1, 12), 150.0)
    got = monthly_heat_kwh(model_of(), solar, COLD_TO_WARM_C)
    assert got[0, 0] == pytest.approx(3348.0 - eta * 373.2, rel=1e-12)


def test_the_compiled_balance_equals_the_plain_one():
    model, solar = random_model(3000)
    plain = monthly_heat_kwh_plain(model, solar, COLD_TO_WARM_C)
    assert (plain == 0).any() and (plain > 0).any()
    np.testing.assert_allclose(monthly_heat_kwh(model, solar, COLD_TO_WARM_C), plain, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(yearly_heat_kwh(model, solar, COLD_TO_WARM_C), plain.sum(axis=1), rtol=1e-11)


def test_without_numba_the_same_functions_answer(monkeypatch):
    model, solar = random_model(200)
    sun = np.linspace(0.5, 1.5, 200)
    compiled = yearly_heat_kwh(model, solar, COLD_TO_WARM_C, sun)
    months = monthly_heat_kwh(model, solar, COLD_TO_WARM_C)
    monkeypatch.setattr(monthly, "HAS_NUMBA", False)
    np.testing.assert_allclose(yearly_heat_kwh(model, solar, COLD_TO_WARM_C, sun), compiled, rtol=1e-11)
    np.testing.assert_allclose(monthly_heat_kwh(model, solar, COLD_TO_WARM_C), months, rtol=1e-9, atol=1e-9)


def test_gains_equal_to_losses_use_a_over_a_plus_one():
    # 100 W/K · 10 K · 744 h = 744 kWh losses and 744 kWh sun: η = 2/3 for a = 2
    model = model_of(loss=100, night=1, internal=0, capacity=1500)
    months = monthly_heat_kwh(model, np.full((1, 12), 744.0), np.full(12, 10.0))
    assert months[0, 0] == pytest.approx(744.0 / 3)
    near = monthly_heat_kwh(model, np.full((1, 12), 744.0 * (1 + 1e-13)), np.full(12, 10.0))
    assert near[0, 0] == pytest.approx(744.0 / 3, rel=1e-10)


def test_edges_give_finite_results():
    model = model_of(
        loss=[0.0, 200.0, 200.0, 1e-9, 200.0], internal=[300.0, 1e9, 0.0, 300.0, -100.0], night=1.0
    )
    months = monthly_heat_kwh(model, np.zeros((5, 12)), np.array([30.0] * 6 + [20.0] * 3 + [0.0] * 3))
    plain = monthly_heat_kwh_plain(model, np.zeros((5, 12)), np.array([30.0] * 6 + [20.0] * 3 + [0.0] * 3))
    np.testing.assert_allclose(months, plain, rtol=1e-12, atol=1e-9)
    assert np.isfinite(months).all() and (months >= 0).all()
    assert (months[:, :9] == 0).all()  # warm outside: no heating
    assert (months[0] == 0).all()  # nothing lost, nothing heated
    assert months[1, 11] == pytest.approx(0.0, abs=1e-6)  # gains far above the losses
    assert months[2, 11] == pytest.approx(0.2 * 20 * 744)  # no gains: the losses
    assert months[4, 11] == pytest.approx((0.2 * 20 + 0.1) * 744)  # a heat sink inside adds up


def test_night_reduction_stops_at_the_full_losses():
    ratio = capped_night_ratio(np.array([0.2, 0.5, 1.0, 4.0]), np.full(4, 0.9), np.full(4, 0.8))
    assert ratio == pytest.approx([1.0, 1.0, 0.9, 0.8])


def test_solar_gain_is_aperture_times_irradiation():
    aperture = np.zeros((1, 9))
    aperture[0, [1, 5]] = 2.0, 10.0  # north and south
    irradiation = np.zeros((9, 12))
    irradiation[1], irradiation[5] = 5.0, 30.0
    assert solar_gain_kwh(aperture, irradiation)[0] == pytest.approx(np.full(12, 310.0))


def test_peak_load_is_losses_times_the_design_difference():
    assert peak_heat_kw(np.array([200.0]), np.array([20.0]), -26.0)[0] == pytest.approx(9.2)
    assert peak_heat_kw(np.array([200.0]), np.array([20.0]), 25.0)[0] == 0.0


def season_in_months(heating_days, outdoor_c, base_c=12.0):
    """Return days and mean temperature of 12 equal parts of a year whose season is the table's.

    Over the year the temperature follows a cosine that stays below the base for `heating_days` and
    has the mean `outdoor_c` there; only days of the season count.
    """
    half = math.pi * min(heating_days, 364.0) / 365.0
    amplitude = (base_c - outdoor_c) / (math.sin(half) / half - math.cos(half))
    mean_c = base_c + amplitude * math.cos(half)
    angle = (np.arange(3650) + 0.5) / 3650 * 2 * math.pi - math.pi  # zero in midwinter
    inside = np.abs(angle) <= half
    part = np.arange(3650) * 12 // 3650
    days = np.bincount(part, inside, minlength=12) / 10
    sums = np.bincount(part, inside * (mean_c - amplitude * np.cos(angle)), minlength=12) / 10
    sun = np.bincount(part, inside * (1 - 0.7 * np.cos(angle)), minlength=12)
    return days, sums / np.maximum(days, 1e-9), sun


def test_the_monthly_balance_agrees_with_the_seasonal_examples():
    # the same losses, gains and capacity; only the months and the utilisation differ
    examples = pd.read_csv(GOLDEN)
    needs = []
    for (days_count, outdoor), rows in examples.groupby(["HeatingDays", "Theta_e"]):
        days, temperature, sun = season_in_months(days_count, outdoor)
        night_columns = rows[["h_Transmission", "F_red_htr1", "F_red_htr4"]].to_numpy()
        night = capped_night_ratio(*night_columns.T)
        loss = rows["h_Transmission"].to_numpy() + rows["h_Ventilation"].to_numpy()
        model = HeatModel(
            loss, night, rows["theta_i"].to_numpy(float), rows["phi_int"].to_numpy(),
            rows["c_m"].to_numpy(float), np.ones(len(rows)), np.full(len(rows), 15.0),
        )  # fmt: skip
        solar = rows["q_sol"].to_numpy()[:, None] * (sun / sun.sum())[None, :]
        need = monthly_heat_kwh(model, solar, temperature, days * 24.0).sum(axis=1)
        needs.append(pd.Series(need, index=rows.index))
    ratio = pd.concat(needs).reindex(examples.index) / examples["q_h_nd"] - 1
    assert ratio.abs().median() <= 0.05
    assert (ratio.abs() <= 0.15).mean() >= 0.90


def test_months_have_the_hours_of_a_year():
    assert HOURS_IN_MONTH.sum() == 8760


def test_one_thread_and_all_threads_give_equal_numbers_and_threads_come_back(monkeypatch):
    numba = pytest.importorskip("numba")
    chance = np.random.default_rng(4)
    count = 300
    model = HeatModel(
        chance.uniform(20, 900, count), chance.uniform(0.7, 1.0, count), np.full(count, 20.0),
        chance.uniform(50, 2_000, count), chance.uniform(1e3, 1e5, count),
        np.ones(count), np.full(count, 15.0),
    )  # fmt: skip
    sun = chance.uniform(0, 900, (count, 12))
    outdoors = np.linspace(-5, 20, 12)
    before = numba.get_num_threads()
    few = yearly_heat_kwh(model, sun, outdoors)
    assert numba.get_num_threads() == before
    monkeypatch.setattr(monthly, "FEW_COUNT", 0)
    assert (yearly_heat_kwh(model, sun, outdoors) == few).all()
    assert monthly_heat_kwh(model, sun, outdoors).sum(axis=1) == pytest.approx(few)
