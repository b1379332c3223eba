"""The section on renovation."""

import dataclasses
import itertools
import re

import numpy as np
import pandas as pd
import pytest

from reports.sections import retrofit
from reports.words import read_words
from tests.reports.sample_assessment import HOSTILE, make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()
SAVED_MWH = {"light": 4_000.0, "roof": 1_000.0, "best": 5_000.0}


def one_row(district, package, saving_mwh, **more):
    values = {
        "district_id": district, "package": package, "building_count": 20, "check_first_count": 3,
        "space_heat_expected_mwh": 20_000.0, "saving_mwh": saving_mwh, "saving_share": saving_mwh / 20_000.0,
        "saving_p10_mwh": saving_mwh / 2, "saving_p50_mwh": saving_mwh, "saving_p90_mwh": saving_mwh * 2,
        "investment_eur": 9e6, "investment_p10_eur": 6e6, "investment_p90_eur": 12.5e6,
        "cost_eur_per_kwh": 0.12, "cost_p10_eur_per_kwh": 0.08, "cost_p90_eur_per_kwh": 0.2,
        "fan_electricity_mwh": 90.0, "heat_price_eur_per_kwh": 0.144, "payback_years": 15.6,
        "price_year": 2025,
    }  # fmt: skip
    return values | more


def renovated(assessment=None, **more):
    """Return the sample with three packages in two districts and the city."""
    assessment = assessment or make_assessment()
    count = len(assessment.buildings)
    status = np.resize(["possible", "no_need", "check_first", "unheated"], count)
    places = [("d01", 0.6), ("d02", 0.4), ("city", 1.0)]
    table = pd.DataFrame(
        [
            one_row(place, name, mwh * share, **more)
            for place, share in places
            for name, mwh in SAVED_MWH.items()
        ]
    )
    curve = pd.DataFrame({"saving_mwh": [1_000.0, 3_000.0, 5_000.0], "cost_eur_per_kwh": [0.05, 0.1, 0.4]})
    return dataclasses.replace(
        assessment,
        buildings=assessment.buildings.assign(retrofit_status=status),
        tables={"retrofit": table, "retrofit_curve": curve},
    )


def text_of(section):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", section.body)).replace("\u202f", " ")


def test_a_run_without_packages_has_no_section():
    assert retrofit.make(make_assessment(), WORDS) is None


def test_nothing_to_save_is_nothing_to_show():
    bare = renovated()
    table = bare.tables["retrofit"].assign(saving_mwh=0.0)
    assert retrofit.make(dataclasses.replace(bare, tables={"retrofit": table}), WORDS) is None


def test_a_council_reads_what_is_saved_what_it_costs_and_how_sure_that_is():
    section = retrofit.make(renovated(), WORDS)
    text = text_of(section)
    assert "5 000 MWh" in section.heading.replace("\u202f", " ")
    assert "20 buildings are renovated" in text and "likely between 2 500 and 10 000 MWh (8 in 10)" in text
    assert "It costs 9 million € once, in full" in text and "each kWh saved costs 12 ct" in text
    assert "6 to 12.5 million €" in text and "8 to 20 ct" in text
    assert "prices of 2025" in text and "16 years" in text and "3 to be checked first" in text
    assert text.count("25 %") >= 2


def test_every_package_is_a_row_and_districts_follow_by_what_they_save():
    body = retrofit.make(renovated(), WORDS).body
    assert body.index("Light") < body.index("Roof only") < body.index("Best for each building")
    # 3 packages and 2 districts
    assert body.count('<th scope="row"') == 5


def test_without_a_price_of_heat_nothing_is_said_on_payback():
    text = text_of(retrofit.make(renovated(heat_price_eur_per_kwh=np.nan, payback_years=np.nan), WORDS))
    assert "No price of heat is known for this country" in text and "Paid back in" not in text


def test_the_curve_climbs_from_the_cheapest_saving_and_marks_the_price_of_heat():
    curve = retrofit.cost_curve(renovated().tables["retrofit_curve"], 0.144)
    pairs = [tuple(float(one) for one in pair.split(",")) for pair in curve.points.split()]
    assert len(pairs) == 6 and curve.unit == "MWh"
    # the axes end at 5,000 MWh and 40 ct: the first step goes to a fifth, at 5 of 40 ct
    assert pairs[0] == (0.0, 875.0) and pairs[1] == (200.0, 875.0) and pairs[-1] == (1000.0, 0.0)
    assert curve.price == pytest.approx(640.0)
    assert all(one[1] >= two[1] for one, two in itertools.pairwise(pairs))
    assert retrofit.cost_curve(pd.DataFrame({"saving_mwh": [], "cost_eur_per_kwh": []}), np.nan) is None


def test_names_from_data_stay_text():
    bare = renovated()
    districts = bare.districts.assign(name=[HOSTILE["script"]] * len(bare.districts))
    table = bare.tables["retrofit"].replace({"package": {"roof": "<b>mine</b>"}})
    section = retrofit.make(dataclasses.replace(bare, districts=districts, tables={"retrofit": table}), WORDS)
    assert "<script" not in section.body and "<b>mine" not in section.body


def test_no_word_of_the_method_stands_on_the_page():
    section = retrofit.make(renovated(), WORDS)
    assert method_words_in(section.heading + section.body) == []


def test_what_the_thickest_package_does_to_summers_is_said_where_it_is_known():
    known = text_of(retrofit.make(renovated(cooling_demand_mwh=700.0, cooling_demand_after_mwh=800.0), WORDS))
    assert "would need 800 MWh of cold a year, today 700 MWh" in known
    assert "In summer" not in text_of(retrofit.make(renovated(), WORDS))


def test_small_sums_are_written_in_euros():
    small = {"investment_eur": 9e5, "investment_p10_eur": 6e5, "investment_p90_eur": 1.2e6}
    text = text_of(retrofit.make(renovated(**small), WORDS))
    assert "900 000 €" in text and "600 000 to 1 200 000 €" in text
