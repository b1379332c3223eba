"""Heat of solar collectors."""

import numpy as np
import pytest

from layers.physics.collector import (
    Collector,
    collector_heat_w_per_m2,
    heat_table_kwh_per_m2,
    plane_heat_kwh_per_m2,
    read_collector,
)
from layers.physics.sun_hours import PlaneLight, sunny_hours
from tests.solar_cases import northern_weather

SOUTH = np.array([180.0])


def light(beam=0.0, sky=0.0, incidence=0.0):
    one = np.ones((1, 1))
    return PlaneLight(incidence * one, beam * one, 0.0 * one, sky * one, 0.0 * one)


def test_the_formula_can_be_done_by_hand():
    collector = Collector(0.8, 3.0, 0.01, 0.9, 0.1)
    # 0.8 · (700 + 0.9 · 100) − 3 · 40 − 0.01 · 1600 = 632 − 120 − 16
    found = collector_heat_w_per_m2(light(700.0, 100.0), np.array([10.0]), 50.0, collector)
    assert found[0, 0] == pytest.approx(496.0)


def test_light_from_the_side_is_caught_less_and_from_behind_not_at_all():
    collector = Collector(0.8, 0.0, 0.0, 0.9, 0.1)
    air = np.array([50.0])
    # at 60° the cosine is a half: 1 − 0.1 · (2 − 1) = 0.9
    slanting = collector_heat_w_per_m2(light(500.0, incidence=60.0), air, 50.0, collector)
    assert slanting[0, 0] == pytest.approx(0.8 * 0.9 * 500.0)
    assert collector_heat_w_per_m2(light(500.0, incidence=95.0), air, 50.0, collector)[0, 0] == 0.0


def test_a_dark_collector_gives_nothing_rather_than_taking_heat():
    assert collector_heat_w_per_m2(light(), np.array([-10.0]), 60.0, read_collector("flat"))[0, 0] == 0.0


def test_warmer_water_costs_yield_and_tubes_lose_less_of_it():
    hours = sunny_hours(northern_weather())

    def heat(kind, fluid_c):
        return plane_heat_kwh_per_m2(hours, 35.0, SOUTH, fluid_c, read_collector(kind), 0.2)[0]

    assert heat("flat", 40.0) > heat("flat", 60.0) > heat("flat", 80.0) > 0.0
    assert heat("tube", 80.0) / heat("tube", 40.0) > heat("flat", 80.0) / heat("flat", 40.0)


def test_no_collector_gives_more_than_its_light():
    hours = sunny_hours(northern_weather())
    table = heat_table_kwh_per_m2(hours, 45.0, read_collector("flat"), 0.2)
    assert table.shape == (10, 36)
    assert table.max() < 0.739 * 1300.0
    assert table[4, 18] > table[4, 0]
