"""The hourly model beside RC_BuildingSimulator, hour by hour."""

import pandas as pd
import pytest

from layers.physics import hourly
from layers.physics.hourly_oracle import largest_difference_w, oracle_power_w, oracle_zone
from planner.validation.golden import golden_path


@pytest.fixture(scope="module")
def kept():
    return (
        pd.read_csv(golden_path("rcbsim/zones.csv")),
        pd.read_csv(golden_path("rcbsim/hours.csv.gz")),
    )


def test_every_hour_of_every_zone_agrees_with_the_simulator(kept):
    zones, hours = kept
    theirs = hours[[f"{name}_w" for name in zones["zone"]]].to_numpy()
    # the answers exercise heating, cooling, idle hours and plants at their limit
    assert (theirs > 1000).any(axis=0).sum() >= 7 and (theirs < -1000).any(axis=0).sum() >= 4
    assert (theirs == 0).any(axis=0).sum() >= 7
    assert (theirs[:, 5] == 45.0 * 90.0).sum() > 20 and (theirs[:, 5] == -12.0 * 90.0).sum() > 5
    assert largest_difference_w(zones, hours) < 1e-6


def test_without_numba_the_same_hours_agree(kept, monkeypatch):
    zones, hours = kept
    monkeypatch.setattr(hourly, "HAS_NUMBA", False)
    assert largest_difference_w(zones.iloc[[0, 5]], hours) < 1e-6


def test_a_tenth_more_capacity_would_be_noticed(kept):
    zones, hours = kept
    heavier = zones.assign(heat_capacity_j_per_m2_k=zones["heat_capacity_j_per_m2_k"] * 1.1)
    assert largest_difference_w(heavier, hours) > 10.0


def test_ventilation_of_a_zone_by_hand(kept):
    zones, _ = kept
    # 1200 J/(m³ K) · 350 m³ · 0.7 1/h / 3600 J/Wh = 81.67 W/K
    assert oracle_zone(zones.iloc[[0]]).ventilation_w_per_k[:, 0] == pytest.approx(81.6667, rel=1e-5)


def test_the_answer_has_an_hour_a_row_and_a_zone_a_column(kept):
    zones, hours = kept
    assert oracle_power_w(zones.iloc[:2], hours.iloc[:30]).shape == (30, 2)
