import pandas as pd
import pytest

from layers.core.errors import InputProblem
from replication.dictionary import categories_of, read_indicators, read_rows
from replication.lessons import find_lessons, parse_condition, read_lessons
from replication.lighthouses import FOLDER, read_lighthouses


def lessons_of(**values):
    return set(find_lessons(pd.DataFrame([values], index=["d01"]))["lesson_id"])


def test_every_lesson_comes_from_a_lighthouse_and_has_a_source():
    lessons = read_lessons()
    assert len(lessons) == 34
    assert {one.lighthouse_id for one in lessons} <= set(read_lighthouses().lighthouses) | {"all"}
    assert all(one.source and one.confidence in ("high", "medium", "low") for one in lessons)
    interventions = {row["id"] for row in read_rows(FOLDER.parent / "interventions.csv")} | {"all"}
    assert {name for one in lessons for name in one.interventions} <= interventions


def test_words_in_conditions_are_categories_of_their_indicator():
    for lesson in read_lessons():
        for part in lesson.condition:
            allowed = categories_of(part.names[0])
            if part.number is None and allowed:
                assert set(part.words) <= set(allowed), lesson.id


def test_private_flats_get_coronacions_lesson_of_uptake():
    assert "L03" in lessons_of(ownership="condominium_private")
    assert "L03" not in lessons_of(ownership="municipal_company")


def test_a_sum_of_shares_is_compared_as_a_sum():
    ages = {"built_1946_1960_share": 0.3, "built_1961_1975_share": 0.4}
    assert "L10" in lessons_of(**ages, dwellings_per_building_count=30.0)
    assert "L10" not in lessons_of(**ages, dwellings_per_building_count=10.0)


def test_what_is_unknown_never_fires():
    assert lessons_of(ownership=None, listed_share=float("nan")) == set()
    assert "L01" not in lessons_of(district_heating_present="no")  # nobody said how much load is committed
    assert "L01" in lessons_of(district_heating_present="no", committed_dwelling_count=600.0)


def test_a_hot_summer_is_called_an_extrapolation():
    assert lessons_of(cooling_degree_days_kd=400.0) >= {"L34"}
    assert "L34" not in lessons_of(cooling_degree_days_kd=20.0)


def test_a_condition_that_is_none_is_explained():
    with pytest.raises(InputProblem, match="not a comparison"):
        parse_condition("plot_ratio about 2")


def test_lessons_use_names_of_the_dictionary_where_it_has_one():
    known = set(read_indicators())
    used = {name for lesson in read_lessons() for part in lesson.condition for name in part.names}
    assert {"ownership", "listed_share", "heat_demand_kwh_per_m2"} <= used & known
