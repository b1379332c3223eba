import numpy as np
import pandas as pd
import pytest

from layers.core.draws import Draws
from layers.physics.convergence import CITY, monte_carlo_spread
from planner.acquire import Request, read_inputs
from planner.config import RunConfig
from planner.pipeline import describe_city
from planner.progress import Progress
from planner.steps import StepLog


def test_the_spread_is_that_of_the_quantiles_from_seed_to_seed():
    def run(seed):
        districts = pd.DataFrame(np.full((1, 50), 100.0 + seed), index=["d01"])
        return districts, np.full(50, 200.0)

    table = monte_carlo_spread(run, [-10, 10])
    assert list(table.index) == ["d01", CITY]
    # 90 and 110 lie ten percent from their mean
    assert table.loc["d01"].to_list() == pytest.approx([100.0, 0.1, 0.1, 0.1, 0.1])
    assert table.loc[CITY].to_list() == pytest.approx([200.0, 0.0, 0.0, 0.0, 0.0])


def test_the_weighted_sum_of_turned_draws_is_met_evenly_and_each_stays_standard_normal():
    weights = {"a": 3.0, "b": -2.0, "c": 1.0}
    spreads = []
    for seed in range(40):
        turned = Draws(seed=seed, count=200).shared_along(weights)
        total = sum(weights[name] * turned[name] for name in weights) / np.sqrt(14.0)
        spreads.append(np.quantile(total, 0.9))
        assert total.std() == pytest.approx(1.0, abs=0.02)
    assert np.std(spreads) < 0.01
    many = Draws(seed=1, count=20_000).shared_along(weights)
    stacked = np.array([many[name] for name in weights])
    assert np.cov(stacked) == pytest.approx(np.eye(3), abs=0.03)


def test_one_factor_alone_is_the_even_draw_itself():
    draws = Draws(seed=3, count=50)
    assert np.abs(draws.shared_along({"a": 2.0})["a"]) == pytest.approx(np.abs(draws.shared_evenly("a")))


def test_the_second_half_of_own_draws_mirrors_the_first():
    draws, ids = Draws(seed=1, count=6), pd.Index(["way/1", "way/2"])
    for number in range(3):
        assert draws.own(ids, "u", number + 3) == pytest.approx(-draws.own(ids, "u", number))
    odd = Draws(seed=1, count=7)
    assert not np.allclose(np.abs(odd.own(ids, "u", 6)), np.abs(odd.own(ids, "u", 3)))


@pytest.mark.slow
def test_two_hundred_draws_say_the_heat_of_helsinki_within_two_percent_whatever_the_seed():
    from layers.heat_demand import simulate_heat
    from layers.physics.facade_sun import facade_sun
    from layers.physics.irradiance import facade_irradiation, plane_tables

    config = RunConfig()
    city = describe_city(read_inputs(Request("helsinki")), config, StepLog(Progress((), quiet=True)))
    offset = city.weather.sun_offset_h
    tables = plane_tables(city.weather, config.planes, sun_offset_h=offset)
    sun = facade_sun(city.weather, facade_irradiation(tables), config.planes, sun_offset_h=offset)

    def run(seed):
        result = simulate_heat(
            city.buildings,
            city.archetypes,
            city.climate,
            sun,
            Draws(seed=seed, count=200),
            params=config.heat,
        )
        return result.district_draws, result.city_draws

    table = monte_carlo_spread(run, range(1, 9))
    assert len(table) == 6
    assert table[["p10_spread_share", "p90_spread_share"]].to_numpy().max() < 0.02
