"""The large numbers at the top of the summary."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.key_numbers import MOST_NUMBERS_COUNT, key_numbers
from reports.words import THIN_SPACE, read_words
from tests.reports.sample_assessment import make_assessment

WORDS = read_words()


def retrofit():
    return pd.DataFrame(
        {
            "district_id": ["d01", "city", "city"],
            "package": ["best", "deep", "best"],
            "saving_mwh": [1.0, 2.0, 20_000.0],
            "saving_p10_mwh": [1.0, 2.0, 15_000.0],
            "saving_p90_mwh": [1.0, 2.0, 30_000.0],
            "cost_eur_per_kwh": [0.5, 0.4, 0.0866],
        }
    )


@pytest.fixture
def whole():
    city = make_assessment()
    districts = city.districts.assign(
        network_heat_mwh=[np.nan, 100.0, 300.0], network_heat_eur_per_mwh=[np.nan, 120.0, 80.0],
        network_heat_p10_eur_per_mwh=[np.nan, 100.0, 60.0],
        network_heat_p90_eur_per_mwh=[np.nan, 160.0, 120.0],
        air_pump_heat_eur_per_mwh=[np.nan, 119.0, 119.0],
        ground_pump_heat_eur_per_mwh=[np.nan, 140.0, 140.0],
    )  # fmt: skip
    economic = {"pv_economic_mwh": 300.0, "pv_economic_p10_mwh": 10.0, "pv_economic_p90_mwh": 400.0}
    return replace(
        city, districts=districts, tables={"retrofit": retrofit()}, totals={**city.totals, **economic}
    )


def test_there_are_six_and_each_says_its_unit_and_what_it_means(whole):
    numbers = key_numbers(whole, WORDS)
    assert len(numbers) == MOST_NUMBERS_COUNT
    assert all(each.value not in ("", "–") and each.unit and each.meaning and each.likely for each in numbers)
    assert len({each.meaning for each in numbers}) == MOST_NUMBERS_COUNT


def test_savings_are_those_of_the_best_packages_of_the_whole_city(whole):
    saving = next(each for each in key_numbers(whole, WORDS) if "8.66" in each.meaning)
    assert saving.value == "20"
    assert saving.likely == f"likely between 15 and 30{THIN_SPACE}GWh (8 in 10)"


def test_the_price_of_networks_is_weighted_with_their_heat_and_stands_beside_the_cheapest_pump(whole):
    price = key_numbers(whole, WORDS)[-1]
    assert price.value == "90"  # (100 × 120 + 300 × 80) / 400
    assert "between 70 and 130" in price.likely
    assert price.likely.endswith("heat pump 119")
    assert "2 districts" in price.meaning


def test_what_pays_stands_beside_what_is_expected(whole):
    numbers = key_numbers(whole, WORDS)
    assert (numbers[2].value, numbers[3].value) == ("480", "300")


def test_a_run_without_savings_and_networks_shows_dense_streets():
    numbers = key_numbers(make_assessment(), WORDS)
    assert [each.unit for each in numbers][-1] == "km"
    assert len(numbers) == 4


def test_a_city_where_nothing_is_saved_says_nothing_about_it(whole):
    nothing = replace(whole, tables={"retrofit": retrofit().assign(saving_mwh=0.0)})
    assert len(key_numbers(nothing, WORDS)) == 6  # the streets come up
    assert not any("8.66" in each.meaning for each in key_numbers(nothing, WORDS))
