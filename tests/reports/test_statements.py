"""Sentences that people read, on the map and in the summary alike."""

import json
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from layers.core.extract import Note
from layers.sources.osm import read_osm
from reports.city_themes import make_themes
from reports.map import make_map
from reports.statements import (
    assessed_sentence,
    constant_references,
    data_references,
    left_out,
    likeness_sentence,
    note_sentence,
    sentence,
)
from reports.summary import make_summary
from reports.words import THIN_SPACE, energy, house_style, read_words
from tests.reports.sample_assessment import make_assessment, make_climate

WORDS = read_words()
THIN = THIN_SPACE


def page_record(page):
    return json.loads(re.search(r'id="planner-page">([^<]*)<', page).group(1))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "9,274 m² against 4,051–5,000 m²",
            f"9{THIN}274{THIN}m² against 4{THIN}051–\u20605{THIN}000{THIN}m²",
        ),
        ("covers about 90% of it", f"covers about 90{THIN}% of it"),
        ("60–90 % there", f"60–\u206090{THIN}% there"),
        ("1,234,567 kWh", f"1{THIN}234{THIN}567{THIN}kWh"),
        ("21.6 MWh per metre", f"21.6{THIN}MWh per metre"),
        ("Solar Energy 46, 109-120; in 2012, 5 men", "Solar Energy 46, 109-120; in 2012, 5 men"),
        ("built 1900,1950", "built 1900,1950"),
        ("10 metres, 4 moons", "10 metres, 4 moons"),
    ],
)
def test_numbers_in_sentences_are_written_as_everywhere_on_the_page(written, shown):
    assert house_style(written) == shown
    assert house_style(shown) == shown


def test_a_gap_is_no_sentence_and_hidden_signs_are_lost():
    assert (sentence(None), sentence(pd.NA), sentence(float("nan"))) == ("", "", "")
    assert sentence("a\u202e\n b") == "a b"


def test_likeness_says_in_words_which_class_it_is_and_how_much_was_compared():
    partial = likeness_sentence("partial", 0.94, 0.45, WORDS)
    assert partial.startswith("Partial analogue")
    assert f"45{THIN}% of what matters could be compared; there, likeness is 94{THIN}%." in partial
    assert likeness_sentence("close", 0.9, 0.7, WORDS).startswith("Close analogue")
    nothing = likeness_sentence("no close analogue", 0.7, 0.5, WORDS)
    assert "nalogue" not in nothing
    assert f"70{THIN}%" in nothing
    assert likeness_sentence("", float("nan"), 0.5, WORDS) == ""


@pytest.mark.parametrize(
    ("classes", "finding"),
    [
        (
            ["close", "close", "no close analogue"],
            "2 of 3 districts closely resemble a demonstration district",
        ),
        (
            ["close", "partial", "no close analogue"],
            "2 of 3 districts resemble a demonstration district, 1 of them closely",
        ),
        (
            ["partial", "partial", "no close analogue"],
            "2 of 3 districts resemble a demonstration district in part, none closely",
        ),
        (["no close analogue"] * 3, "No demonstration district resembles these 3 districts closely"),
    ],
)
def test_the_finding_does_not_call_a_partial_analogue_a_close_one(classes, finding):
    assessment = make_assessment()
    districts = assessment.districts.assign(similarity_class=classes)
    city = make_themes(replace(assessment, districts=districts), WORDS)
    assert city.findings["lighthouse"] == finding


def test_both_pages_say_how_many_buildings_are_not_assessed():
    lost = (
        Note("read", "buildings left out because they are only points", 3, is_loss=True),
        Note(
            "clean", "second drawings of one building dropped, the better described kept", 1_200, is_loss=True
        ),
        Note("read", "values of roof shape that make no sense, left as gaps", 7),
        Note("read", "rows that are no lines, left out", 9),
    )
    assessment = replace(make_assessment(), notes=lost)
    count = len(assessment.buildings)
    said = f"{count} buildings assessed; 1{THIN}203 outlines left out"
    assert said in make_summary(assessment)
    for public in (False, True):
        record = page_record(make_map(assessment, public=public))
        assert record["assessed"].startswith(said)
        assert record["leftOut"] == [
            "buildings left out because they are only points: 3",
            f"second drawings of one building dropped, the better described kept: 1{THIN}200",
        ]
    assert assessed_sentence(replace(assessment, notes=()), WORDS) == f"{count} buildings assessed"


def test_what_the_readers_lose_is_marked_as_lost():
    from tests.layers.samples import SAMPLES

    notes = read_osm(SAMPLES / "helsinki.osm.pbf").notes
    assert sum(note.count for note in left_out(notes)) == 54 + 3


def test_the_data_sets_behind_a_run_stand_on_both_pages_with_their_licences():
    climate = replace(make_climate(), source_ids=("cru_ts_4_06", "nasa_sse_6", "estimate"))
    typical = pd.DataFrame({"source_id": ["tabula_values"]}, index=pd.Index(["a"], name="archetype_id"))
    assessment = replace(make_assessment(), climate=climate, archetypes=typical)
    found = data_references(assessment)
    expected = {
        "CRU TS": "Open Government",
        "NASA": "acknowledgement",
        "MODERATE": "CC BY",
        "TABULA": "CC BY",
    }
    for name, licence in expected.items():
        (each,) = [each for each in found if name in each["citation"]]
        assert licence in each["licence"]
    assert page_record(make_map(assessment))["references"] == found
    page = unescape(make_summary(assessment))
    assert all(page.count(each["citation"]) == 1 for each in found)


def test_a_data_set_is_not_cited_again_among_the_constants():
    assessment = make_assessment()
    data = {each["citation"] for each in data_references(assessment)}
    assert not data & {each["citation"] for each in constant_references(assessment)}


def test_the_finding_on_roofs_gives_the_citys_range_in_one_unit():
    assessment = make_assessment()
    roofs = assessment.buildings["pv_calibrated_kwh"].sum()
    totals = {"pv_calibrated_p10_mwh": 8_000.0, "pv_calibrated_p90_mwh": 12_345.0}
    finding = make_themes(replace(assessment, totals=totals), WORDS).findings["solar"]
    assert finding == (
        f"The roofs can give {energy(roofs)} of electricity a year, likely 8{THIN}000 to 12{THIN}300{THIN}MWh"
    )
    assert ", likely" not in make_themes(replace(assessment, totals={}), WORDS).findings["solar"]


def test_a_note_that_only_names_the_nearest_again_is_left_out():
    row = {
        "similarity_note": "Sello is the nearest.",
        "tied_lighthouse_ids": "",
        "nearest_lighthouse_id": "s",
    }
    assert note_sentence(row) == ""
    both = "Sello and Tartu centre are about equally near."
    assert note_sentence(row | {"tied_lighthouse_ids": "tartu", "similarity_note": both}) == both
    little = "Too little is known of this district to compare it."
    assert note_sentence(row | {"nearest_lighthouse_id": pd.NA, "similarity_note": little}) == little


def test_a_lighthouse_in_the_legend_is_named_with_its_city():
    assessment = make_assessment()
    districts = assessment.districts.assign(lighthouse_id="sello", similarity_class="close")
    theme = {each.id: each for each in make_themes(replace(assessment, districts=districts), WORDS).themes}
    assert [each.label for each in theme["lighthouse"].classes] == ["Sello, Espoo"]
    tartu = make_themes(replace(assessment, districts=districts.assign(lighthouse_id="tartu")), WORDS).themes
    assert [each.classes[0].label for each in tartu if each.id == "lighthouse"] == ["Tartu centre"]


def test_a_districts_heat_reads_the_same_on_the_map_and_in_the_summary():
    # 96.7496 GWh: rounded first to 96.750 and then again it would read 96.8
    assessment = make_assessment()
    districts = assessment.districts.assign(heat_demand_mwh=96_749.6)
    (heat,) = {
        each["heat"] for each in page_record(make_map(replace(assessment, districts=districts)))["districts"]
    }
    assert energy(heat * 1e3) == energy(96_749.6e3) == f"96.7{THIN}GWh"
