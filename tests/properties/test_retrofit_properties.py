"""Whatever a building is made of: retrofit makes nothing worse."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.retrofit_settings import PACKAGE_RANGES, USUAL_PACKAGES, RetrofitParams
from layers.core.weather import MonthlyClimate
from layers.physics.building_heat import Bodies, TypeValues
from layers.physics.heat_draws import HeatCase
from layers.physics.levelised import annuity
from layers.physics.retrofit_choice import choose_package
from layers.physics.retrofit_heat import after_package, space_heat_kwh, stock_heat_kwh
from layers.physics.retrofit_measures import (
    improved_types,
    insulated_u_w_per_m2_k,
    package_costs,
    worthwhile_measures,
)

PARAMS = RetrofitParams()
FLOATS = {
    "u_wall_w_per_m2_k": (0.1, 3.0), "u_roof_w_per_m2_k": (0.08, 4.0), "u_floor_w_per_m2_k": (0.1, 3.0),
    "u_window_w_per_m2_k": (0.7, 6.0), "b_floor_ratio": (0.3, 1.0), "b_roof_ratio": (0.7, 1.0),
    "thermal_bridge_w_per_m2_k": (0.0, 0.15), "window_g_ratio": (0.35, 0.85), "air_use_per_h": (0.2, 1.0),
    "air_infiltration_per_h": (0.02, 0.5), "heat_recovery_share": (0.0, 0.85), "room_height_m": (2.4, 4.0),
    "set_point_c": (18.0, 22.0), "night_factor_low_ratio": (0.9, 1.0), "night_factor_high_ratio": (0.8, 0.9),
    "internal_gain_w_per_m2": (1.0, 8.0), "heat_capacity_wh_per_m2_k": (30.0, 150.0),
    "hot_water_kwh_per_m2": (5.0, 30.0), "utilisation_a0_ratio": (1.0, 1.0),
    "utilisation_tau0_h": (15.0, 15.0),
}  # fmt: skip
COLD = np.array([-4.0, -3.0, 1.0, 6.0, 11.0, 15.0, 17.0, 16.0, 12.0, 7.0, 2.0, -2.0])


def between(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def buildings(draw):
    """A heated building of one archetype, in a climate between Finland and Greece."""
    types = TypeValues(**{name: np.array([draw(between(*span))]) for name, span in FLOATS.items()})
    floor, storeys = draw(between(50.0, 5000.0)), draw(st.integers(1, 8))
    ground = floor / storeys / 0.85
    wall = draw(between(1.0, 6.0)) * np.sqrt(ground) * 3.0 * storeys
    window = min(draw(between(0.05, 0.3)) * floor, 0.8 * wall)
    bodies = Bodies(*(np.array([area]) for area in (floor, wall, window, ground * 1.1, ground)),
                    np.full((1, 8), wall / 8.0))  # fmt: skip
    warmer = draw(between(0.0, 12.0))
    sun = window * draw(between(0.1, 0.5)) * np.array([[20.0, 30, 55, 70, 80, 80, 85, 80, 65, 45, 25, 16]])
    climate = MonthlyClimate("made up", "DE", 51.0, 10.0, COLD + warmer, np.full(12, 90.0), "", ())
    return HeatCase(
        pd.Index(["way/1"]), bodies, np.zeros(1, dtype=np.int64), types, pd.Index(["DE.x"]),
        None, None, sun, climate,
    )  # fmt: skip


def package_values():
    return st.fixed_dictionaries({}, optional={name: between(*span) for name, span in PACKAGE_RANGES.items()})


@settings(max_examples=150, deadline=None)
@given(buildings())
def test_demand_never_rises_and_the_deep_package_leaves_least(case):
    now = space_heat_kwh(case, case.types)[0]
    left = {
        name: after_package(case, PARAMS.package(name), PARAMS).space_heat_kwh[0] for name in USUAL_PACKAGES
    }
    slack = 1e-9 * max(now, 1.0)
    assert all(heat <= now + slack for heat in left.values())
    assert left["deep"] <= left["light"] + slack


@settings(max_examples=150, deadline=None)
@given(buildings(), package_values())
def test_no_package_raises_a_u_value_leaks_bridges_or_lost_air(case, values):
    params = RetrofitParams(packages={"mine": values})
    package = params.package("mine")
    done = worthwhile_measures(case.types, package, params)
    after = improved_types(case.types, done, package, params)
    for name in ("u_wall_w_per_m2_k", "u_roof_w_per_m2_k", "u_floor_w_per_m2_k", "u_window_w_per_m2_k",
                 "thermal_bridge_w_per_m2_k", "air_infiltration_per_h", "window_g_ratio"):  # fmt: skip
        assert (getattr(after, name) <= getattr(case.types, name)).all()
    assert (after.heat_recovery_share >= case.types.heat_recovery_share).all()
    costs = package_costs(case.bodies, done, package, 1.0, params)
    assert (costs.investment_eur > 0).all() <= bool(done.anything.all())
    assert (costs.investment_eur[~done.anything] == 0).all()


@settings(max_examples=100, deadline=None)
@given(buildings())
def test_what_was_done_once_is_not_done_again(case):
    for name in ("deep", "windows", "roof"):
        package = PARAMS.package(name)
        once = improved_types(case.types, worthwhile_measures(case.types, package, PARAMS), package, PARAMS)
        again = improved_types(once, worthwhile_measures(once, package, PARAMS), package, PARAMS)
        for one in ("u_window_w_per_m2_k", "heat_recovery_share", "air_infiltration_per_h"):
            assert (getattr(again, one) == getattr(once, one)).all()


@settings(max_examples=100, deadline=None)
@given(between(0.01, 6.0), between(0.01, 6.0), between(0.0, 0.5))
def test_a_good_wall_gains_less_than_a_poor_one(one, other, thickness):
    good, poor = sorted([one, other])
    after = insulated_u_w_per_m2_k(np.array([good, poor]), thickness, 0.035)
    assert after[0] <= after[1] + 1e-12
    assert good - after[0] <= poor - after[1] + 1e-12


@settings(max_examples=60, deadline=None)
@given(buildings(), between(0.1, 10.0))
def test_cost_scales_with_area(case, factor):
    package = PARAMS.package("deep")
    done = worthwhile_measures(case.types, package, PARAMS)
    larger = Bodies(*(getattr(case.bodies, name) * factor for name in Bodies.__dataclass_fields__))
    one, other = (package_costs(each, done, package, 1.0, PARAMS) for each in (case.bodies, larger))
    np.testing.assert_allclose(other.investment_eur, one.investment_eur * factor, rtol=1e-9)
    np.testing.assert_allclose(other.yearly_eur, one.yearly_eur * factor, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(between(0.0, 0.2), between(5.0, 100.0))
def test_an_annuity_pays_the_investment_back(interest, life):
    share = annuity(interest, life)
    assert share >= 1.0 / life - 1e-12
    assert share >= interest


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_chosen_package_is_one_for_which_the_building_qualifies(packages, count, seed):
    rng = np.random.default_rng(seed)
    cost, share = rng.uniform(0.01, 1, (packages, count)), rng.uniform(0, 1, (packages, count))
    able = rng.random((packages, count)) < 0.5
    chosen = choose_package(cost, share, able, np.ones(packages, bool), 0.2)
    for building, package in enumerate(chosen):
        assert (package < 0) == (not able[:, building].any())
        if package >= 0:
            assert able[package, building]
            enough = able[:, building] & (share[:, building] >= 0.2)
            rivals = enough if enough.any() else able[:, building]
            assert cost[package, building] == cost[rivals, building].min()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_a_partly_done_stock_lies_between_before_and_after(count, packages, seed):
    rng = np.random.default_rng(seed)
    before = rng.uniform(1, 100, count)
    after = before[:, None] * rng.uniform(0, 1, (count, packages))
    share = rng.dirichlet(np.ones(packages)) * rng.random()
    left = stock_heat_kwh(before, after, share)
    assert (left <= before + 1e-9).all() and (left >= after.min(axis=1) - 1e-9).all()
