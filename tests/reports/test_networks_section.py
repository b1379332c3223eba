"""The section on heat networks: who is cheaper, how sure that is, and districts without any."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layers.heat_sources import MEDIUM_OF
from reports.sections.networks import make, price_lines, source_sentence, verdict
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


def said_of(**changes):
    """Return the sentence on a district's source with plain spaces."""
    said = source_sentence(row(**changes), WORDS)
    return said.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_source_is_named_with_its_share_and_its_trench():
    named = {
        "heat_source_kind": "data_centre",
        "heat_source_name": "Colo 1",
        "network_source_kind": "data_centre",
    }
    said = said_of(**named, network_source_share=0.45, network_feed_in_m=120.0)
    assert (
        said
        == "Heat from a data centre (Colo 1): may give 45 % of what the pump needs, feed-in trench 120 m."
    )


def test_a_plant_is_a_place_and_promises_no_share():
    said = said_of(network_source_kind="heating_plant", network_feed_in_m=80.0)
    assert said.startswith("The network starts at an existing plant, feed-in trench 80 m")


def test_a_candidate_that_does_not_pay_is_named_too():
    near = {"heat_source_kind": "river", "heat_source_distance_m": 900.0, "heat_source_mwh": 2_500.0}
    said = said_of(network_source_kind="air", **near)
    assert "not worth a trench of its own" in said
    assert "a river, 900 m away, perhaps 2 500 MWh a year" in said
    assert "no other source" in source_sentence(row(network_source_kind="air"), WORDS)
    assert source_sentence(row(network_trench_m=np.nan), WORDS) == ""


@pytest.mark.parametrize("kind", sorted(MEDIUM_OF))
def test_every_kind_of_source_has_its_words(kind):
    said = source_sentence(
        row(network_source_kind=kind, network_source_share=0.5, network_feed_in_m=1.0), WORDS
    )
    assert WORDS.say(f"net_kind_{kind}") in said


def test_hostile_names_of_sources_are_escaped():
    hostile = {"heat_source_kind": "industry", "heat_source_name": "<script>x</script>"}
    body = make(assessment(**hostile, network_source_kind="industry", network_source_share=0.5,
                           network_feed_in_m=5.0), WORDS).body  # fmt: skip
    assert "<script" not in body
    assert "industry" in body
