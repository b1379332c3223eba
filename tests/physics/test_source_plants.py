"""Plants on other sources than air: catalogue values, curves, mixes, and which sources pay."""

from dataclasses import replace

import numpy as np
import pytest

from layers.core.draws import Draws
from layers.core.facts import value
from layers.physics.district_network import Pipework
from layers.physics.heat_pumps import cop
from layers.physics.heat_tree import Design
from layers.physics.network_sources import Candidate, Need, choose_sources, covers_of, drawn_heat_mwh
from layers.physics.pipes import read_pipe_sizes, water_at
from layers.physics.source_plants import Cover, SourcePrices, mixed_plant, output_ratio
from layers.physics.supply_costs import Plant
from layers.sources.heat_prices import read_heat_market

ONE = np.ones(1)
AIR = Plant(1000 * ONE, 20 * ONE, 3.0 * ONE, 100 * ONE, 0.5 * ONE, 0.9 * ONE)
PRICES = SourcePrices(AIR, 5.0 * ONE, 600 * ONE, 2000 * ONE)
TODAY = read_heat_market("DE", Draws(seed=1, count=0))
SIZES = read_pipe_sizes()
PIPES = Pipework(
    SIZES, Design(70.0, 40.0, 10.0, 0.62, 0.38, 250.0, 5e-5, 1.0, 1.2, 0.024), water_at(55.0),
    SIZES.trench_eur_per_m, 50.0, 20.0,
)  # fmt: skip
NEED = Need(10_000.0, 3_000.0, 1.3)


def candidate(kind="data_centre", medium="excess", far_m=100.0, mwh=20_000.0, source_c=30.0):
    return Candidate(f"node/{kind}", kind, medium, source_c, far_m, mwh / 2, mwh, mwh * 3)


def chosen(*candidates, most_count=1, least_share=0.1):
    found = choose_sources(
        candidates, NEED, TODAY, PIPES, most_count=most_count, least_share=least_share, near_plant_m=300.0
    )
    return [one.kind for one in found]


def test_excess_heat_keeps_its_catalogue_value_at_seventy_degrees_and_gains_below():
    assert output_ratio(PRICES, "excess", 30.0, 70.0, 5.0) == pytest.approx(5.0)
    assert output_ratio(PRICES, "excess", 30.0, 55.0, 5.0) > 5.5
    assert output_ratio(PRICES, "excess", 30.0, 90.0, 5.0) < 4.5


def test_water_follows_when2heat_relative_to_air_and_is_never_worse_than_air():
    ratio = cop("water", np.array([40.0]), 1.0) / cop("air", np.array([50.0]), 1.0)
    assert output_ratio(PRICES, "water", 15.0, 55.0, 5.0) == pytest.approx(3.0 * ratio)
    assert output_ratio(PRICES, "water", -20.0, 70.0, 5.0) == pytest.approx(3.0)
    assert output_ratio(PRICES, "plant", 70.0, 70.0, 5.0) == pytest.approx(3.0)


def test_a_plant_that_takes_half_from_excess_heat_by_hand():
    mixed = mixed_plant(PRICES, (Cover("excess", 30.0, 0.5 * ONE),), 70.0, 5.0)
    # electricity per heat: 0.5 / 3 + 0.5 / 5; price: half of each
    assert mixed.output_ratio == pytest.approx(1 / (0.5 / 3 + 0.5 / 5))
    assert mixed.eur_per_kw == pytest.approx(800.0)
    ground = mixed_plant(PRICES, (Cover("ground", 10.0, ONE),), 70.0, 5.0)
    assert ground.eur_per_kw == pytest.approx(2000.0)


def test_sources_take_over_one_after_the_other_and_never_more_than_all():
    first, second = covers_of(
        [candidate(mwh=8_000.0), candidate("industry", mwh=8_000.0)], 10_000.0, Draws(seed=1, count=0)
    )
    assert first.share == pytest.approx(0.8)
    assert second.share == pytest.approx(0.2)
    many = covers_of([candidate(), candidate("industry")], 10_000.0, Draws(seed=1, count=200))
    assert (sum(cover.share for cover in many) <= 1.0 + 1e-12).all()
    assert covers_of([candidate("heating_plant", "plant")], 10_000.0, Draws(seed=1, count=0)) == ()


def test_drawn_heat_has_its_low_and_high_as_p10_and_p90():
    drawn = drawn_heat_mwh(candidate(mwh=10_000.0), Draws(seed=1, count=2_000))
    assert drawn[0] == 10_000.0
    assert np.quantile(drawn[1:], [0.1, 0.5, 0.9]) == pytest.approx([5_000, 10_000, 30_000], rel=0.03)


def test_the_market_moves_its_sources_with_the_supply_temperature():
    fed = TODAY.with_sources((Cover("excess", 30.0, ONE),))
    assert fed.plant.output_ratio == pytest.approx(value("heat_supply", "excess_pump_cop"))
    assert fed.plant.eur_per_kw == pytest.approx(value("heat_supply", "excess_pump_eur_per_kw"))
    assert fed.at_supply(55.0).plant.output_ratio > fed.plant.output_ratio
    there_and_back = fed.at_supply(55.0).at_supply(70.0)
    assert there_and_back.plant.output_ratio == pytest.approx(fed.plant.output_ratio)
    assert TODAY.with_sources(()) is TODAY
    alone = replace(TODAY, sources=None)
    assert alone.at_supply(55.0).plant.output_ratio == pytest.approx(TODAY.at_supply(55.0).plant.output_ratio)


def test_a_source_is_chosen_only_while_its_trench_costs_less_than_it_saves():
    assert chosen(candidate(far_m=100.0)) == ["data_centre"]
    assert chosen(candidate(far_m=50_000.0)) == []
    assert chosen(candidate(far_m=0.0, mwh=500.0)) == []
    assert chosen(candidate(far_m=0.0, mwh=500.0), least_share=0.01) == ["data_centre"]
    assert chosen(candidate(), most_count=0) == []
    assert chosen() == []


def test_two_sources_are_chosen_where_one_is_not_enough_and_no_second_where_it_is():
    half = candidate(mwh=5_000.0, far_m=10.0)
    other = candidate("industry", mwh=5_000.0, far_m=10.0)
    assert sorted(chosen(half, other, most_count=3)) == ["data_centre", "industry"]
    assert chosen(candidate(far_m=10.0), other, most_count=3) == ["data_centre"]


def test_named_roots_are_always_taken_and_near_plants_only_where_nothing_pays():
    named = candidate("given", "plant", far_m=2_000.0)
    plant = candidate("heating_plant", "plant", far_m=200.0)
    assert chosen(named, candidate()) == ["given", "data_centre"]
    assert chosen(plant) == ["heating_plant"]
    assert chosen(plant, candidate()) == ["data_centre"]
    assert chosen(candidate("heating_plant", "plant", far_m=900.0)) == []
