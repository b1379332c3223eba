"""Monthly cooling: hand calculation, edges, and the compiled loop against the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from layers.core.weather import HOURS_IN_MONTH
from layers.physics import monthly_cooling
from layers.physics.monthly_cooling import (
    CoolingModel,
    monthly_cooling_kwh,
    monthly_cooling_kwh_plain,
    yearly_cooling_kwh,
)

HELSINKI_C = np.array([-3.9, -4.7, -1.3, 3.9, 10.2, 14.6, 17.8, 16.3, 11.5, 6.6, 1.6, -2.0])
VALLETTA_C = np.array([12.8, 12.6, 14.0, 16.1, 19.8, 23.9, 26.6, 27.2, 24.7, 21.5, 17.7, 14.4])


def model(count=1, *, loss=200.0, set_point=26.0, internal=400.0, capacity=4500.0, a0=1.0, tau0=15.0):
    """Return a house of 100 m²: 2 W/(m² K), 4 W/m² of gains, 45 Wh/(m² K)."""
    one = np.ones(count)
    return CoolingModel(loss * one, set_point * one, internal * one, capacity * one, a0 * one, tau0 * one)


def test_one_month_by_hand():
    # July at 20 °C: losses 200 × 6 × .744 = 892.8 kWh, gains 400 × .744 + 600 = 897.6 kWh
    # a = 1 + (4500 / 200) / 15 = 2.5; with x = losses / gains: η = (1 − x^2.5) / (1 − x^3.5)
    sun = np.zeros((1, 12))
    sun[0, 6] = 600.0
    x = 892.8 / 897.6
    by_hand = 897.6 - (1 - x**2.5) / (1 - x**3.5) * 892.8
    temperature = np.where(np.arange(12) == 6, 20.0, -30.0)
    assert monthly_cooling_kwh(model(), sun, temperature)[0, 6] == pytest.approx(by_hand, rel=1e-12)


def test_heat_from_outside_is_taken_out_in_full():
    # 30 °C outside: 200 × 4 × .744 = 595.2 kWh come in, with 297.6 kWh of people and appliances
    warm = np.full(12, 30.0)
    assert monthly_cooling_kwh(model(), np.zeros((1, 12)), warm)[0, 0] == pytest.approx(892.8)


def test_heat_and_cooling_close_the_balance_of_a_month():
    # what gains do not save of the heat is what losses do not save of the cooling, at one set-point:
    # losses − need of heat = gains − need of cooling, the exchange that the utilisation leaves
    from layers.physics.monthly import HeatModel, monthly_heat_kwh

    one, sun = np.ones(1), np.linspace(50.0, 900.0, 12)[None, :]
    cold = model(set_point=20.0)
    heat = HeatModel(200 * one, one, 20 * one, 400 * one, 4500 * one, one, 15 * one)
    loss = 200.0 * (20.0 - HELSINKI_C) * HOURS_IN_MONTH / 1000.0
    gains = sun[0] + 0.4 * HOURS_IN_MONTH
    used_gains = loss - monthly_heat_kwh(heat, sun, HELSINKI_C)[0]
    used_losses = gains - monthly_cooling_kwh(cold, sun, HELSINKI_C)[0]
    np.testing.assert_allclose(used_gains, used_losses, rtol=1e-12)


def test_the_compiled_balance_equals_the_plain_one():
    chance = np.random.default_rng(5)
    count = 500
    many = CoolingModel(
        chance.uniform(0.0, 900.0, count), chance.uniform(20.0, 28.0, count),
        chance.uniform(0.0, 2000.0, count), chance.uniform(1000.0, 40_000.0, count),
        chance.uniform(0.5, 1.5, count), chance.uniform(10.0, 70.0, count),
    )  # fmt: skip
    sun, ratio = chance.uniform(0.0, 1500.0, (count, 12)), chance.uniform(0.2, 2.0, count)
    for place in (HELSINKI_C, VALLETTA_C):
        plain = monthly_cooling_kwh_plain(many, sun, place, ratio)
        np.testing.assert_allclose(monthly_cooling_kwh(many, sun, place, ratio), plain, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(
            yearly_cooling_kwh(many, sun, place, ratio), plain.sum(axis=1), rtol=1e-9, atol=1e-9
        )


def test_without_numba_the_same_functions_answer(monkeypatch):
    sun = np.full((3, 12), 300.0)
    compiled = yearly_cooling_kwh(model(3), sun, VALLETTA_C)
    monkeypatch.setattr(monthly_cooling, "HAS_NUMBA", False)
    np.testing.assert_allclose(yearly_cooling_kwh(model(3), sun, VALLETTA_C), compiled, rtol=1e-12)
    np.testing.assert_allclose(
        monthly_cooling_kwh(model(3), sun, VALLETTA_C).sum(axis=1), compiled, rtol=1e-12
    )


def test_no_losses_no_gains_and_a_perfect_balance_give_finite_results():
    nothing = np.zeros((1, 12))
    cases = (
        model(loss=0.0), model(internal=0.0), model(loss=0.0, internal=0.0), model(capacity=1e12),
        model(set_point=HELSINKI_C[0]),
    )  # fmt: skip
    for case in cases:
        for need in (monthly_cooling_kwh, monthly_cooling_kwh_plain):
            values = need(case, nothing, HELSINKI_C)
            assert np.isfinite(values).all()
            assert (values >= 0.0).all()
    assert monthly_cooling_kwh(model(internal=0.0), nothing, HELSINKI_C).sum() == 0.0


def test_a_cold_place_hardly_needs_cooling_and_a_warm_one_does():
    sun = np.array([[60, 110, 200, 260, 320, 330, 340, 290, 220, 130, 70, 45]], dtype=float)
    cold, warm = (yearly_cooling_kwh(model(), sun, place)[0] / 100.0 for place in (HELSINKI_C, VALLETTA_C))
    assert cold < 3.0
    assert 10.0 < warm < 60.0
