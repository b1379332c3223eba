"""The seasonal method gives the published values of 2,268 example buildings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.core.facts import value
from layers.physics.seasonal import (
    seasonal_balance,
    solar_gain_kwh_per_m2,
    transmission_w_per_m2_k,
    utilisation_ratio,
    ventilation_w_per_m2_k,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "tabula" / "tabula_examples.csv.gz"
OPAQUE = ["Roof_1", "Roof_2", "Wall_1", "Wall_2", "Wall_3", "Floor_1", "Floor_2"]
OPENINGS = ["Window_1", "Window_2", "Door_1"]


@pytest.fixture(scope="module")
def examples():
    return pd.read_csv(GOLDEN)


def numbers(table, *names):
    return np.nan_to_num(table[list(names)].to_numpy(dtype=float))


@pytest.fixture(scope="module")
def balance(examples):
    parts = OPAQUE + OPENINGS
    b_ratio = np.hstack(
        [numbers(examples, *[f"b_Transmission_{part}" for part in OPAQUE]), np.ones((len(examples), 3))]
    )
    floor_area = examples["A_C_Ref"].to_numpy()
    transmission = transmission_w_per_m2_k(
        numbers(examples, *[f"A_Calc_{part}" for part in parts]),
        numbers(examples, *[f"U_Actual_{part}" for part in parts]),
        b_ratio,
        examples["delta_U_ThermalBridging"].to_numpy(),
        floor_area,
    )
    vertical = examples["F_sh_vert"].to_numpy()
    sun = solar_gain_kwh_per_m2(
        numbers(examples, *[f"A_Calc_Window_{o}" for o in ("Horizontal", "East", "South", "West", "North")]),
        numbers(examples, *[f"I_Sol_{o}" for o in ("Hor", "East", "South", "West", "North")]),
        np.column_stack([examples["F_sh_hor"], vertical, vertical, vertical, vertical]),
        frame_share=examples["F_f"].to_numpy(),
        off_normal_ratio=examples["F_w"].to_numpy(),
        glass_ratio=numbers(examples, "g_gl_n")[:, 0],
        floor_area_m2=floor_area,
    )
    air_change = numbers(examples, "n_air_use", "n_air_infiltration").sum(axis=1)
    return seasonal_balance(
        transmission_w_per_m2_k=transmission,
        ventilation_w_per_m2_k=ventilation_w_per_m2_k(air_change, examples["h_room"].to_numpy()),
        night_low_ratio=examples["F_red_htr1"].to_numpy(),
        night_high_ratio=examples["F_red_htr4"].to_numpy(),
        set_point_c=examples["theta_i"].to_numpy(dtype=float),
        outdoor_c=examples["Theta_e"].to_numpy(),
        heating_days=examples["HeatingDays"].to_numpy(),
        solar_gain_kwh_per_m2=sun,
        internal_gain_w_per_m2=examples["phi_int"].to_numpy(),
        heat_capacity_wh_per_m2_k=examples["c_m"].to_numpy(dtype=float),
        utilisation_a0_ratio=value("heat", "seasonal_utilisation_a0"),
        utilisation_tau0_h=value("heat", "seasonal_utilisation_tau0"),
    )


@pytest.mark.parametrize(
    ("ours", "published"),
    [
        ("transmission_w_per_m2_k", "h_Transmission"),
        ("ventilation_w_per_m2_k", "h_Ventilation"),
        ("night_ratio", "F_red_temp"),
        ("loss_kwh_per_m2", "q_ht"),
        ("solar_gain_kwh_per_m2", "q_sol"),
        ("internal_gain_kwh_per_m2", "q_int"),
        ("time_constant_h", "tau"),
        ("utilisation_exponent_ratio", "a_H"),
        ("gain_loss_ratio", "gamma_h_gn"),
        ("utilisation_ratio", "eta_h_gn"),
        ("heat_need_kwh_per_m2", "q_h_nd"),
    ],
)
def test_every_example_building_gives_the_published_value(examples, balance, ours, published):
    assert len(examples) == 2268
    assert np.abs(getattr(balance, ours) - examples[published].to_numpy()).max() < 1e-6


def test_the_examples_cover_both_branches_of_the_night_reduction(examples):
    # a formula with only one branch right could not pass above
    assert (examples["h_Transmission"] < 1).sum() > 100
    assert (examples["h_Transmission"] > 4).sum() > 10
    assert (examples["h_Transmission"] < 0.5).sum() > 10


@pytest.mark.parametrize("distance", [0.0, 1e-15, 1e-12, 1e-9, 1e-6])
@pytest.mark.parametrize("sign", [-1, 1])
def test_utilisation_keeps_its_digits_where_gains_equal_losses(distance, sign):
    # Taylor: η(1 + δ) = a/(a+1) · (1 − δ/2 + …), for a = 3
    gamma = 1.0 + sign * distance
    expected = 0.75 * (1.0 - (gamma - 1.0) / 2.0)
    assert utilisation_ratio(np.array([gamma]), np.array([3.0]))[0] == pytest.approx(expected, rel=1e-11)


def test_utilisation_survives_huge_gains_and_endless_time_constants():
    eta = utilisation_ratio(
        np.array([1e300, 1e-300, 0.5, 2.0, 1.0, -3.0]), np.array([500.0] * 2 + [np.inf] * 4)
    )
    assert eta == pytest.approx([1e-300, 1.0, 1.0, 0.5, 1.0, 1.0])
