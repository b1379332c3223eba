"""The section on electricity and cooling."""

import dataclasses

import pandas as pd

from reports.sections import power
from reports.words import read_words
from tests.reports.sample_assessment import make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()
NAMES = ("cooling_demand", "cooling_electricity", "electricity_demand")


def with_power(assessment):
    """Return the sample with 4, 1 and 40 GWh in its districts, ranges of a half to double."""
    sizes = dict(zip(NAMES, (4_000.0, 1_000.0, 40_000.0), strict=True))
    columns, totals = {}, dict(assessment.totals)
    for name, mwh in sizes.items():
        for part, factor in (("", 1.0), ("_p10", 0.5), ("_p90", 2.0)):
            columns[f"{name}{part}_mwh"] = mwh * factor / len(assessment.districts)
            totals[f"{name}{part}_mwh"] = mwh * factor
    return dataclasses.replace(assessment, districts=assessment.districts.assign(**columns), totals=totals)


def test_a_run_without_cooling_has_no_section():
    assert power.make(make_assessment(), WORDS) is None


def test_the_section_shows_the_city_s_numbers_with_ranges_and_every_district():
    assessment = with_power(make_assessment())
    section = power.make(assessment, WORDS)
    text = section.body.replace("\u202f", " ").replace("\u2060", "")
    assert section.name == "power"
    assert "40 GWh" in text and "likely between 20 and 80 GWh (8 in 10)" in text
    assert "4 000 MWh" in text and "likely between 500 and 2 000 MWh (8 in 10)" in text
    assert text.count('<th scope="row"') == len(assessment.districts)
    assert "kWh per m² of heated floor" in text
    assert "MODERATE" in text and "SIA 380/1" in text


def test_names_of_districts_are_escaped_and_missing_ranges_leave_no_marks():
    assessment = with_power(make_assessment())
    names = ["<script>alert(1)</script>"] * len(assessment.districts)
    bare = assessment.districts.assign(name=names, electricity_demand_p10_mwh=float("nan"))
    body = power.make(dataclasses.replace(assessment, districts=bare), WORDS).body
    assert "<script" not in body
    assert 'class="reach"' not in body


def test_no_word_of_the_method_stands_on_the_page():
    section = power.make(with_power(make_assessment()), WORDS)
    assert method_words_in(section.heading + section.body) == []


def test_a_district_without_floor_and_name_is_shown_with_its_id():
    assessment = with_power(make_assessment())
    first = assessment.districts.index[0]
    bare = assessment.districts.copy()
    bare.loc[first, "heated_floor_area_m2"] = 0.0
    bare["name"] = bare["name"].astype(object).where(bare.index != first, pd.NA)
    body = power.make(dataclasses.replace(assessment, districts=bare), WORDS).body
    assert f'dir="auto">{first}</th>' in body
    assert "–" in body
