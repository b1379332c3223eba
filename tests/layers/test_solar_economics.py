"""What solar electricity costs, and which roofs pay."""

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.draws import Draws
from layers.core.errors import UsageProblem
from layers.solar_economics import SolarEconomicsParams, add_solar_economics
from layers.sources.electricity_prices import electricity_price
from tests.solar_cases import town

DRAWS = Draws(1, 200)


def roofs(power_kwp, yield_kwh_per_kwp, use="residential_single"):
    """Return buildings with known potential."""
    power = np.asarray(power_kwp, dtype=float)
    table = town([shapely.box(20 * i, 0, 20 * i + 10, 10) for i in range(len(power))], 6.0, use=use)
    energy = power * np.asarray(yield_kwh_per_kwp, dtype=float)
    return table.assign(
        pv_technical_kwp=power, pv_technical_kwh=energy, pv_calibrated_kwp=power, pv_calibrated_kwh=energy
    )


def solve(buildings, params=None, country="FI", **more):
    base = buildings.groupby("district_id")["pv_calibrated_kwh"].sum()
    drawn = pd.DataFrame(np.outer(base, np.ones(DRAWS.count)), index=base.index)
    city = np.full(DRAWS.count, buildings["pv_calibrated_kwh"].sum())
    return add_solar_economics(buildings, drawn, city, country, DRAWS, params, **more)


def test_the_cost_of_a_kilowatt_hour_can_be_done_by_hand():
    params = SolarEconomicsParams(household_vat_share=0.0)
    [cost] = solve(roofs([6.0], [1000.0]), params).buildings["pv_lcoe_eur_per_kwh"]
    # annuity of 25 years at 4 % is 6.4012 %, upkeep 1.16 %; a life yields 94.22 % of its first year
    assert cost == pytest.approx(1309 * (0.064012 + 0.0116) / (1000 * 0.94224), rel=1e-4)


def test_large_plants_cost_less_and_poor_roofs_more():
    cost = solve(roofs([6.0, 60.0, 6.0], [900.0, 900.0, 600.0], use="office")).buildings[
        "pv_lcoe_eur_per_kwh"
    ]
    assert cost.iloc[1] < cost.iloc[0] < cost.iloc[2]
    assert cost.iloc[2] == pytest.approx(cost.iloc[0] * 1.5)


def test_a_roof_is_economic_where_energy_costs_no_more_than_it_is_worth():
    params = SolarEconomicsParams(
        household_price_eur_per_kwh=0.30, household_self_use_share=0.3, export_eur_per_kwh=0.05,
        household_vat_share=0.0,
    )  # fmt: skip
    # worth 0.3 · 0.30 + 0.7 · 0.05 = 0.125 €/kWh; at 1309 €/kWp that needs 840.6 kWh/kWp
    found = solve(roofs([6.0, 6.0], [850.0, 830.0]), params).buildings
    assert found["pv_economic_kwh"].tolist() == [6.0 * 850.0, 0.0]
    assert found["pv_economic_kwp"].tolist() == [6.0, 0.0]


def test_roofs_without_modules_have_no_cost():
    found = solve(roofs([0.0, 8.0], [0.0, 900.0])).buildings
    assert np.isnan(found["pv_lcoe_eur_per_kwh"].iloc[0])
    assert found["pv_economic_kwh"].iloc[0] == 0.0


def test_the_economic_potential_never_exceeds_the_calibrated_one():
    rng = np.random.default_rng(0)
    found = solve(roofs(rng.uniform(2, 200, 60), rng.uniform(500, 1000, 60)))
    assert (found.buildings["pv_economic_kwh"] <= found.buildings["pv_calibrated_kwh"]).all()
    assert (found.city_draws <= found.buildings["pv_calibrated_kwh"].sum() * (1 + 1e-9)).all()
    assert found.district_draws.sum().to_numpy() == pytest.approx(found.city_draws)
    assert found.city_draws.min() < found.city_draws.max()


def test_dearer_electricity_never_makes_fewer_roofs_pay():
    rng = np.random.default_rng(1)
    table = roofs(rng.uniform(2, 60, 80), rng.uniform(500, 1000, 80))
    sums = [
        solve(table, SolarEconomicsParams(household_price_eur_per_kwh=price))
        .buildings["pv_economic_kwh"]
        .sum()
        for price in (0.1, 0.2, 0.3, 0.4)
    ]
    assert (np.diff(sums) >= 0).all() and sums[-1] > sums[0]


def test_cheaper_countries_have_cheaper_work():
    one = roofs([6.0], [900.0])
    cheap, dear = (
        solve(one, price_level_ratio=level).buildings["pv_lcoe_eur_per_kwh"].iloc[0] for level in (0.5, 1.0)
    )
    # half of the investment follows the level of prices
    assert cheap / dear == pytest.approx(0.75)


def test_tables_of_sizes_and_costs_add_up_to_the_town():
    rng = np.random.default_rng(2)
    table = roofs(rng.uniform(2, 300, 50), rng.uniform(500, 1000, 50), use="office")
    found = solve(table)
    total = table["pv_calibrated_kwh"].sum() / 1000
    assert found.sizes["pv_calibrated_mwh"].sum() == pytest.approx(total)
    assert found.costs["pv_calibrated_mwh"].sum() == pytest.approx(total)
    assert found.costs["pv_economic_mwh"].sum() == pytest.approx(
        found.buildings["pv_economic_kwh"].sum() / 1000
    )
    assert found.sizes["roof_count"].sum() == 50


def test_every_price_has_a_year_and_a_source():
    prices = solve(roofs([6.0], [900.0])).prices.set_index("parameter")
    household = prices.loc["price of electricity, households"]
    assert household["found"] == 0.2254 and household["period"] == "2025-S2"
    assert "Eurostat" in household["source"]
    assert prices.loc["price of electricity, others", "source"] == "estimate"
    assert (prices["source"] != "").all()
    own = SolarEconomicsParams(household_price_eur_per_kwh=0.4, small_eur_per_kw=1000.0)
    changed = solve(roofs([6.0], [900.0]), own).prices.set_index("parameter")["source"]
    assert changed["price of electricity, households"] == "setting of this run"
    assert changed["investment of a small plant on a roof"] == "setting of this run"


def test_countries_without_a_price_get_the_unions_and_it_is_called_an_estimate():
    price = electricity_price("FR", "household")
    assert price.price_eur_per_kwh == 0.2872 and price.is_estimate
    assert not electricity_price("DE", "household").is_estimate


def test_a_town_without_roofs_has_empty_tables():
    found = solve(roofs([0.0], [0.0]))
    assert found.city_draws.sum() == 0.0
    assert len(found.costs) == 0


def test_impossible_settings_are_refused():
    with pytest.raises(UsageProblem, match="lifetime_years"):
        SolarEconomicsParams(lifetime_years=1.0)
    with pytest.raises(UsageProblem, match="household_price"):
        SolarEconomicsParams(household_price_eur_per_kwh=-1.0)
