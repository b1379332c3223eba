"""The sections of the summary about what is not known, and about what was."""

from dataclasses import replace

import pandas as pd
import pytest

from layers.physics.one_at_a_time import ASSUMPTIONS
from layers.sources.known_totals import LEVELS, QUANTITIES, SECTORS
from reports.sections import calibration, sensitivity
from reports.words import read_words
from tests.reports.sample_assessment import HOSTILE, make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()


def ranking(*districts):
    rows = []
    for area in ("city", *districts):
        for number, name in enumerate(ASSUMPTIONS):
            width = 40.0 / (number + 1)
            rows.append((area, name, 100.0, 100.0 - width / 2, 100.0 + width, "up", 0.5 / (number + 1), True))
    columns = [
        "district_id", "assumption", "heat_demand_mwh", "low_mwh", "high_mwh", "moves", "variance_share",
        "is_shared",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def totals(**more):
    row = {
        "level": "city", "id": "", "sector": "all", "quantity": "heat", "year": 2023, "stated": "80 MWh",
        "building_count": 4, "square_count": 0, "given_mwh": 80.0, "error_ratio": 0.03, "before_mwh": 100.0,
        "before_p10_mwh": 70.0, "before_p90_mwh": 130.0, "after_mwh": 81.0, "after_p10_mwh": 78.0,
        "after_p90_mwh": 84.0, "before_ratio": 1.25, "after_ratio": 1.0125, "source": "city works",
    }  # fmt: skip
    return pd.DataFrame([row | more])


FACTORS = pd.DataFrame(
    {
        "component": ["space_heat", "hot_water"], "use": ["office", "office"],
        "period": ["until 1945", "all years"], "building_count": [3, 4], "before_mwh": [90.0, 10.0],
        "factor_ratio": [0.55, 0.9], "factor_p10_ratio": [0.5, 0.8], "factor_p90_ratio": [0.6, 1.0],
        "is_large": [True, False],
    }
)  # fmt: skip


def test_a_tornado_is_drawn_around_the_middle_the_longest_end_at_the_edge():
    bars = sensitivity.tornado(ranking()[lambda t: t["district_id"] == "city"], WORDS)
    assert len(bars) == 5
    # −20 % to +40 %: the upper end is the edge, the lower one half way to the other
    assert (bars[0].start, bars[0].width) == (250.0, 750.0)
    assert bars[0].text == "−20\u202f% to +40\u202f%"
    assert (bars[1].start, bars[1].width) == (375.0, 375.0)


def test_the_city_and_its_districts_say_what_would_narrow_their_heat():
    assessment = make_assessment()
    names = [str(name) for name in assessment.districts.index]
    section = sensitivity.make(replace(assessment, tables={"sensitivity": ranking(*names)}), WORDS)
    assert section.body.count("The most important unknown is insulation of walls") == 1 + min(
        len(names), sensitivity.MOST_DISTRICTS_COUNT
    )
    assert "energy certificates" in section.body
    assert not method_words_in(section.body)


def test_every_unknown_has_a_name_and_a_cure():
    for name in ASSUMPTIONS:
        for prefix in ("sens_", "sens_cure_"):
            assert WORDS.say(prefix + name) not in ("", prefix + name)


def test_without_a_ranking_or_heat_there_is_no_section():
    assessment = make_assessment()
    assert sensitivity.make(replace(assessment, tables={}), WORDS) is None
    cold = ranking().assign(heat_demand_mwh=0.0)
    assert sensitivity.make(replace(assessment, tables={"sensitivity": cold}), WORDS) is None


def test_every_known_total_is_shown_before_and_after_with_its_ranges():
    tables = {"calibration": totals(), "calibration_factors": FACTORS}
    section = calibration.make(replace(make_assessment(), tables=tables), WORDS)
    for words in ("80\u202fMWh", "100\u202fMWh", "81\u202fMWh", "70 to 130", "78 to 84", "city works", "± 3"):
        assert words in section.body, words
    assert "+25\u202f%, then +1\u202f%" in section.body
    assert "Factors far from 1: 1." in section.body and "0.55" in section.body
    assert not method_words_in(section.body)


def test_a_total_that_is_met_lies_in_the_middle_and_none_leaves_the_chart():
    assert calibration.place_ratio(1.0) == 500.0
    assert calibration.place_ratio(1e-12) == 0.0
    assert calibration.place_ratio(1e12) == 1000.0
    assert calibration.place_ratio(2.0) == pytest.approx(1000.0 - calibration.place_ratio(0.5), abs=0.2)


def test_hostile_names_and_sources_stay_text():
    for text in HOSTILE.values():
        tables = {
            "calibration": totals(level="raster", id=text, source=text),
            "calibration_factors": FACTORS,
        }
        body = calibration.make(replace(make_assessment(), tables=tables), WORDS).body
        assert "<script" not in body and "<img" not in body
        assert "<svg onload" not in body


def test_a_run_without_known_totals_has_no_such_section():
    assert calibration.make(make_assessment(), WORDS) is None


def test_every_level_quantity_and_sector_has_a_name():
    keys = [f"cal_level_{level}" for level in LEVELS] + [f"cal_{name}" for name in QUANTITIES]
    keys += [f"cal_sector_{name}" for name in ("residential", "services", "industry")]
    assert set(SECTORS) >= {"residential", "services", "industry"}
    for key in keys:
        assert WORDS.say(key)
