"""Measures and their costs on paper."""

import dataclasses

import numpy as np
import pytest

from layers.core.errors import UsageProblem
from layers.core.retrofit_settings import Package, RetrofitParams, usual_packages
from layers.physics.building_heat import Bodies, TypeValues
from layers.physics.levelised import annuity
from layers.physics.retrofit_choice import choose_package, saving_curve
from layers.physics.retrofit_heat import stock_heat_kwh
from layers.physics.retrofit_measures import (
    improved_types,
    insulated_u_w_per_m2_k,
    package_costs,
    worthwhile_measures,
)

OLD = {
    "u_wall_w_per_m2_k": 1.2, "u_roof_w_per_m2_k": 0.8, "u_floor_w_per_m2_k": 0.9,
    "u_window_w_per_m2_k": 2.8, "b_floor_ratio": 0.5, "b_roof_ratio": 1.0, "thermal_bridge_w_per_m2_k": 0.1,
    "window_g_ratio": 0.7, "air_use_per_h": 0.4, "air_infiltration_per_h": 0.4, "heat_recovery_share": 0.0,
    "room_height_m": 2.5, "set_point_c": 20.0, "night_factor_low_ratio": 0.9, "night_factor_high_ratio": 0.8,
    "internal_gain_w_per_m2": 3.0, "heat_capacity_wh_per_m2_k": 45.0, "hot_water_kwh_per_m2": 10.0,
    "utilisation_a0_ratio": 1.0, "utilisation_tau0_h": 15.0,
}  # fmt: skip
PARAMS = RetrofitParams()


def types(**more):
    return TypeValues(**{name: np.array([float(number)]) for name, number in (OLD | more).items()})


def bodies(floor=136.0, wall=216.0, window=24.48, roof=80.0, ground=80.0):
    one = [np.array([area]) for area in (floor, wall, window, roof, ground)]
    return Bodies(*one, np.full((1, 8), wall / 8.0))


def after(name, **more):
    package, before = PARAMS.package(name), types(**more)
    done = worthwhile_measures(before, package, PARAMS)
    return before, done, improved_types(before, done, package, PARAMS)


def test_twelve_centimetres_on_an_uninsulated_wall():
    # 1 / (1/1.2 + 0.12/0.035) = 1 / (0.833 + 3.429) = 0.235
    _, _, light = after("light")
    assert light.u_wall_w_per_m2_k[0] == pytest.approx(0.2346, abs=1e-4)
    # roof 16 cm: 1 / (1.25 + 4.571); floor 8 cm: 1 / (1.111 + 2.286)
    assert light.u_roof_w_per_m2_k[0] == pytest.approx(0.1718, abs=1e-4)
    assert light.u_floor_w_per_m2_k[0] == pytest.approx(0.2944, abs=1e-4)
    assert (light.u_window_w_per_m2_k[0], light.window_g_ratio[0]) == (1.3, 0.6)
    assert (light.air_infiltration_per_h[0], light.heat_recovery_share[0]) == (0.2, 0.0)


def test_the_deep_package_recovers_heat_and_closes_bridges_and_leaks():
    _, _, deep = after("deep")
    assert deep.u_wall_w_per_m2_k[0] == pytest.approx(1 / (1 / 1.2 + 0.24 / 0.035))
    assert (deep.thermal_bridge_w_per_m2_k[0], deep.air_infiltration_per_h[0]) == (0.05, 0.1)
    assert deep.heat_recovery_share[0] == 0.8


def test_use_set_point_and_hot_water_stay_as_they_are():
    before, _, deep = after("deep")
    for name in ("set_point_c", "air_use_per_h", "hot_water_kwh_per_m2", "internal_gain_w_per_m2"):
        assert getattr(deep, name)[0] == getattr(before, name)[0]


@pytest.mark.parametrize(("package", "untouched"), [
    ("windows", ("u_wall_w_per_m2_k", "u_roof_w_per_m2_k", "u_floor_w_per_m2_k")),
    ("roof", ("u_wall_w_per_m2_k", "u_floor_w_per_m2_k", "u_window_w_per_m2_k", "air_infiltration_per_h")),
])  # fmt: skip
def test_a_package_of_one_element_leaves_the_others_alone(package, untouched):
    before, _, then = after(package)
    for name in untouched:
        assert getattr(then, name)[0] == getattr(before, name)[0]


def test_a_good_element_is_left_alone_and_costs_nothing():
    good = {"u_wall_w_per_m2_k": 0.2, "u_roof_w_per_m2_k": 0.2, "u_floor_w_per_m2_k": 0.25,
            "u_window_w_per_m2_k": 1.1, "heat_recovery_share": 0.7}  # fmt: skip
    for name in PARAMS.packages:
        before, done, then = after(name, **good)
        assert not done.anything.any()
        assert all(
            getattr(then, each.name)[0] == getattr(before, each.name)[0]
            for each in dataclasses.fields(TypeValues)
        )
        costs = package_costs(bodies(), done, PARAMS.package(name), 1.0, PARAMS)
        assert (costs.investment_eur[0], costs.yearly_eur[0]) == (0.0, 0.0)


def test_nobody_changes_windows_for_hardly_better_ones():
    # 1.3 is only 13 % less than 1.5, the deep package's 0.8 is 47 % less
    assert not after("light", u_window_w_per_m2_k=1.5)[1].window[0]
    assert after("deep", u_window_w_per_m2_k=1.5)[1].window[0]


def test_a_package_done_twice_is_done_once():
    _, _, once = after("deep")
    again = worthwhile_measures(once, PARAMS.package("deep"), PARAMS)
    assert not again.anything.any()


def test_what_a_light_retrofit_costs_as_on_paper():
    # walls 191.52 m² · (70.34 + 236 · 0.12) = 18,895   roof 80 · (75.61 + 130 · 0.16) = 7,713
    # floor 80 · (39.39 + 130 · 0.08) = 3,983           windows 24.48 · 180.08 = 4,408
    # together 34,999, in prices of 2025: · 1.55 = 54,249; in a country half as dear: 27,125
    _, done, _ = after("light")
    costs = package_costs(bodies(), done, PARAMS.package("light"), 1.0, PARAMS)
    assert costs.investment_eur[0] == pytest.approx(54_249, abs=5)
    half = package_costs(bodies(), done, PARAMS.package("light"), 0.5, PARAMS)
    assert half.investment_eur[0] == pytest.approx(27_125, abs=5)
    # 40 years at 4 %: 5.052 %, windows 35 years: 5.358 %
    yearly = (34_999 - 4_408) * 1.55 * 0.050523 + 4_408 * 1.55 * 0.053577
    assert costs.yearly_eur[0] == pytest.approx(yearly, rel=1e-4)


def test_ventilation_is_paid_in_prices_of_the_price_year():
    _, done, _ = after("deep")
    plain = package_costs(bodies(), done, PARAMS.package("deep"), 1.0, PARAMS)
    none = dataclasses.replace(done, recovery=np.array([False]))
    without = package_costs(bodies(), none, PARAMS.package("deep"), 1.0, PARAMS)
    assert plain.investment_eur[0] - without.investment_eur[0] == pytest.approx(136 * 60)


def test_money_lent_without_interest_is_paid_back_evenly():
    assert annuity(0.0, 25.0) == 0.04
    assert annuity(1e-9, 25.0) == pytest.approx(0.04, rel=1e-6)
    # 4 % over 20 years, from any table of annuities
    assert annuity(0.04, 20.0) == pytest.approx(0.07358, abs=1e-5)


def test_no_insulation_and_no_losses_change_nothing():
    assert insulated_u_w_per_m2_k(np.array([0.7]), 0.0, 0.035)[0] == 0.7
    assert insulated_u_w_per_m2_k(np.array([0.0]), 0.3, 0.035)[0] == 0.0


def test_the_cheapest_of_those_that_save_enough_is_chosen():
    costs = np.array([[0.05, 0.05, np.nan], [0.12, 0.20, np.nan], [0.12, 0.30, np.nan]])
    shares = np.array([[0.10, 0.10, 0.0], [0.40, 0.15, 0.0], [0.60, 0.18, 0.0]])
    able = np.array([[True, True, False]] * 3)
    # equal costs: the larger saving; nothing saves enough: the cheapest; nothing at all: none
    assert choose_package(costs, shares, able, np.ones(3, bool), 0.2).tolist() == [2, 0, -1]
    only_roof = np.array([True, False, False])
    assert choose_package(costs, shares, able, only_roof, 0.2).tolist() == [0, 0, -1]


def test_the_curve_rises_and_ends_with_everything():
    rng = np.random.default_rng(3)
    saving, cost, spent = rng.uniform(1, 9, 1000), rng.uniform(1, 5, 1000), rng.uniform(10, 50, 1000)
    total, price, invested, count = saving_curve(saving, cost, spent, 50)
    assert len(total) <= 50
    assert (np.diff(price) >= 0).all() and (np.diff(total) > 0).all()
    assert total[-1] == pytest.approx(saving.sum()) and invested[-1] == pytest.approx(spent.sum())
    assert count[-1] == 1000
    nothing = saving_curve(np.array([]), np.array([]), np.array([]), 50)
    assert all(len(part) == 0 for part in nothing)


def test_a_third_of_the_stock_done_saves_a_third():
    before, then = np.array([300.0, 60.0]), np.array([[150.0, 90.0], [60.0, 30.0]])
    assert stock_heat_kwh(before, then, np.array([1 / 3, 0.0])).tolist() == pytest.approx([250.0, 60.0])
    assert stock_heat_kwh(before, then, np.array([0.0, 0.0])).tolist() == [300.0, 60.0]
    with pytest.raises(UsageProblem, match="together at most 1"):
        stock_heat_kwh(before, then, np.array([0.7, 0.4]))


def test_a_package_of_ones_own_does_what_it_names_and_nothing_else():
    params = RetrofitParams(packages={"cellar": {"floor_insulation_m": 0.1}})
    assert params.package("cellar") == Package(floor_insulation_m=0.1)
    assert params.package("deep") == PARAMS.package("deep")


def test_one_value_of_a_usual_package_may_be_changed():
    params = RetrofitParams(packages={"deep": {"wall_insulation_m": 0.2}})
    assert params.packages["deep"] == usual_packages()["deep"] | {"wall_insulation_m": 0.2}


@pytest.mark.parametrize(("settings", "sentence"), [
    ({"packages": {"deep": {"wall_insulation_m": -0.1}}},
     r"retrofit\.packages\.deep\.wall_insulation_m is -0\.1; it must be 0 to 0\.5"),
    ({"packages": {"windows": {"window_u_w_per_m2_k": 10.0}}}, r"is 10; it must be 0\.4 to 6\.5"),
    ({"packages": {"deep": {"wall_insulation": 0.1}}}, r"wall_insulation is not known; did you mean"),
    ({"packages": {"depp": {}}}, r"depp is not known; did you mean 'deep'"),
    ({"packages": {"My package!": {}}}, r"is no name for a package"),
    ({"packages": {"deep": {"window_g_ratio": float("nan")}}}, r"window_g_ratio is nan; it must be"),
    ({"chosen_from": ("light", "dep")}, r"chosen_from names 'dep'; did you mean 'deep'"),
    ({"interest_share": 4.0}, r"interest_share is 4; it must be 0 to 0\.2"),
    ({"price_level_ratio": 0.0}, r"price_level_ratio is 0; it must be"),
    ({"need_wall_u_w_per_m2_k": 10.0}, r"need_wall_u_w_per_m2_k is 10; it must be 0\.1 to 6"),
])  # fmt: skip
def test_absurd_settings_are_refused_with_their_range(settings, sentence):
    with pytest.raises(UsageProblem, match=sentence):
        RetrofitParams(**settings)


def test_an_unknown_package_is_refused_with_the_one_that_was_meant():
    with pytest.raises(UsageProblem, match="did you mean 'light'"):
        PARAMS.package("ligth")
