"""The section on heat networks: who is cheaper, how sure that is, and districts without any."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.sections.networks import make, price_lines, verdict
from reports.words import read_words
from tests.reports.sample_assessment import make_assessment

WORDS = read_words()


def row(**changes):
    base = {
        "network_wins_share": 0.9, "network_break_even_mwh_per_m": 1.2,
        "network_linear_heat_density_mwh_per_m": 3.0, "network_trench_m": 2_400.0,
        "network_trench_gap_share": 0.012, "network_consumer_count": 55, "network_loss_share": 0.08,
        "network_worth_building_count": 40, "network_worth_trench_m": 1_900.0,
    }  # fmt: skip
    for supply, price in (("network", 80.0), ("air_pump", 120.0), ("ground_pump", 140.0), ("gas", np.nan)):
        base[f"{supply}_heat_eur_per_mwh"] = price
        base[f"{supply}_heat_p10_eur_per_mwh"] = price * 0.8
        base[f"{supply}_heat_p90_eur_per_mwh"] = price * 1.3
    return pd.Series(base | changes)


def assessment(**changes):
    made = make_assessment()
    rows = pd.DataFrame([row(**changes) for _ in made.districts.index], index=made.districts.index)
    kept = made.districts.drop(columns=[name for name in rows.columns if name in made.districts.columns])
    return replace(made, districts=kept.join(rows))


def test_a_run_without_networks_has_no_section():
    assert make(make_assessment(), WORDS) is None


def test_prices_lie_on_the_scale_and_a_way_without_a_price_is_left_out():
    lines = price_lines(row(), 200.0, WORDS)
    assert [line.supply for line in lines] == ["network", "air_pump", "ground_pump"]
    assert (lines[0].at, lines[0].low, lines[0].high) == (400.0, 320.0, 520.0)


@pytest.mark.parametrize(
    ("wins", "words"),
    [(0.95, "The network is cheaper than every heat pump"), (0.05, "Heat pumps are cheaper"), (0.5, "Open:")],
)
def test_the_verdict_follows_the_draws_and_says_the_break_even(wins, words):
    said = verdict(row(network_wins_share=wins), WORDS)
    assert said.startswith(words)
    assert "breaks even from 1.2 MWh per metre; here 3" in said


def test_a_district_that_is_served_is_not_told_to_build_another_network():
    said = verdict(row(district_heating_class="probably_served"), WORDS)
    assert said.startswith("A network is probably there already")


def test_a_district_without_a_network_says_why():
    assert verdict(row(network_wins_share=np.nan), WORDS).startswith("No network of its own")


def test_the_section_shows_prices_ranges_and_the_certificate_with_hostile_names_escaped():
    body = make(assessment(), WORDS).body
    assert "<script" not in body
    assert "80<small>64 to 104</small>" in body
    assert "at most 1" in body
    assert "40 buildings" in body
    assert "Gas boiler" not in body


def test_nobody_pays_its_way_is_said_too():
    body = make(assessment(network_worth_building_count=0), WORDS).body
    assert "No building pays its way" in body
