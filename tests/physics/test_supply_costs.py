"""Prices of heat by hand, heat pumps by When2Heat, and draws that keep their middle."""

import numpy as np
import pytest

from layers.core.draws import Draws
from layers.core.facts import fact
from layers.physics.heat_pumps import CURVES, cop, seasonal_cop, sink_temperature_c
from layers.physics.levelised import annuity
from layers.physics.supply_costs import (
    Market,
    Plant,
    drawn_fact,
    plant_price_eur_per_mwh,
)
from layers.sources.heat_prices import read_heat_market

ONE = np.ones(1)


def test_a_drawn_fact_begins_with_its_value_and_has_its_low_and_high_as_p10_and_p90():
    known = fact("heat_supply", "air_pump_eur_per_kw")
    drawn = drawn_fact("heat_supply", "air_pump_eur_per_kw", Draws(seed=1, count=2_000))
    assert drawn[0] == known.value
    assert np.quantile(drawn[1:], [0.1, 0.5, 0.9]) == pytest.approx(
        [known.low, known.value, known.high], rel=0.01
    )


def test_a_fact_without_low_and_high_is_the_same_in_every_draw():
    drawn = drawn_fact("heat_supply", "gross_over_net_ratio", Draws(seed=1, count=50))
    assert drawn.min() > 1.0
    assert set(drawn_fact("district_heating", "width_2019_dense_m", Draws(seed=1, count=50))) == {60.0}


def test_heat_at_the_gate_of_a_plant_by_hand():
    # 1,000 €/kW for half the peak, 100 €/kW boiler, no interest over 20 years, 2 % upkeep, 2,500 h:
    # 600 · (0.05 + 0.02) / 2500 · 1000 = 16.8; electricity 0.1 · (0.9 / 3 + 0.1) · 1000 = 40
    market = Market(0.3 * ONE, 0.1 * ONE, None, 0 * ONE, 0 * ONE, 0.02 * ONE)
    plant = Plant(1000 * ONE, 20 * ONE, 3 * ONE, 100 * ONE, 0.5 * ONE, 0.9 * ONE)
    assert plant_price_eur_per_mwh(plant, 2500.0, market)[0] == pytest.approx(56.8)


def test_annuities_repay_with_and_without_interest():
    found = annuity(np.array([0.0, 0.04]), 25.0)
    assert found == pytest.approx([0.04, 0.04 / (1 - 1.04**-25)])


@pytest.mark.parametrize("source", sorted(CURVES))
def test_heat_pumps_make_less_of_electricity_the_higher_they_lift(source):
    lifts = np.arange(0.0, 70.0, 5.0)
    found = cop(source, lifts, 0.85)
    assert (np.diff(found) <= 1e-12).all()
    # below 15 K machines do not gain any more
    assert found[0] == found[3]


def test_the_coefficient_of_performance_of_when2heat_by_hand():
    # air at 0 °C to radiators of 40 °C: 6.08 − 0.0941 · 40 + 0.000464 · 1600 = 3.0584, times 0.85
    assert sink_temperature_c(np.array([0.0]), "radiator")[0] == 40.0
    assert cop("air", np.array([40.0]), 0.85)[0] == pytest.approx(3.0584 * 0.85)


def test_the_year_of_a_heat_pump_lies_between_its_worst_and_its_best_hour():
    outdoor = np.array([-10.0, 0.0, 10.0])
    load, water = np.array([3.0, 2.0, 1.0]), np.array([0.5, 0.5, 0.5])
    hourly = cop("air", sink_temperature_c(outdoor, "radiator") - outdoor, 0.85)
    whole = seasonal_cop("air", outdoor, outdoor, load, 0 * water, 0.85)
    assert hourly.min() < whole < hourly.max()
    assert whole == pytest.approx(load.sum() / (load / hourly).sum())
    assert seasonal_cop("air", outdoor, outdoor, load, water, 0.85, "floor") > whole * 0.95


def test_warmer_networks_ask_more_of_their_plant():
    market = read_heat_market("FI", Draws(seed=1, count=20))
    ratios = [float(market.at_supply(supply_c).plant.output_ratio[0]) for supply_c in (90.0, 70.0, 55.0)]
    assert ratios == sorted(ratios)
    assert ratios[1] == pytest.approx(3.15)


def test_a_country_without_a_price_of_gas_has_no_gas_boilers_to_compare_with():
    with_gas = read_heat_market("DE", Draws(seed=1, count=20)).building_prices_eur_per_mwh(2000.0)
    without = read_heat_market("FI", Draws(seed=1, count=20)).building_prices_eur_per_mwh(2000.0)
    assert np.isfinite(with_gas["gas"]).all()
    assert np.isnan(without["gas"]).all()
