import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from reports.key_numbers import key_numbers
from reports.likely import likely_energy
from reports.sections.section import Section
from reports.summary import contents, make_summary, write_summary
from reports.words import THIN_SPACE, energy, figure, read_words
from tests.reports.sample_assessment import HOSTILE, make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()


@pytest.fixture(scope="module")
def page():
    return make_summary(make_assessment())


def visible(page):
    """Return the text that a person reads."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_title_says_the_finding(page):
    assessment = make_assessment()
    heat = energy(assessment.totals["heat_demand_mwh"] * 1e3)
    title = unescape(re.search(r"<h1>(.*?)</h1>", page).group(1))
    assert title.startswith("Testville <b>centre</b> needs ")
    assert heat in title
    assert f"480{THIN_SPACE}MWh of electricity" in title


def test_the_citys_numbers_stand_with_their_ranges(page):
    numbers = key_numbers(make_assessment(), WORDS)
    assert numbers[0].likely == f"likely between 66.1 and 80.8{THIN_SPACE}GWh (8 in 10)"
    assert numbers[0].value == "73.4"
    assert all(number.likely in unescape(page) for number in numbers)
    area_m2 = make_assessment().totals["heated_floor_area_m2"]
    low = make_assessment().totals["heat_demand_p10_mwh"] * 1e3 / area_m2
    assert numbers[1].likely.startswith(f"likely between {figure(low)} and ")


def test_a_range_is_in_the_unit_of_its_middle():
    assert likely_energy(9.0, 12.0, 10.0, WORDS) == f"likely between 9 and 12{THIN_SPACE}MWh (8 in 10)"
    assert (
        likely_energy(900.0, 12_000.0, 10_000.0, WORDS)
        == f"likely between 0.9 and 12{THIN_SPACE}GWh (8 in 10)"
    )
    assert likely_energy(float("nan"), 1.0, 1.0, WORDS) == ""


def test_districts_are_ranked_by_heat_per_hectare(page):
    order = re.findall(r'<th scope="row" dir="auto">(.*?)</th>', page)
    assert [unescape(name)[:12] for name in order] == ["Market quart", "Gardens west", "${window.att"]


def test_classes_and_likeness_come_with_reasons(page):
    text = visible(page)
    assert "Market quarter: suitable Dense streets: 2.4 MWh per metre." in text
    assert "No close analogue" in text
    assert "built in the same years" in text
    assert f"66{THIN_SPACE}% of what matters could be compared" in page
    assert "Partial analogue" in text


def test_what_is_assumed_is_told(page):
    text = visible(page)
    assert "Annex: 1 of 2 constants are estimates" in text
    assert "share of a roof for modules 0.6 share 0.4 to 0.7 no source" in text
    assert re.search(r"Use from the map data 20\s%, from similar buildings 80\s%", text)


def test_sources_licences_and_limits_stand_on_the_page(page):
    text = visible(page)
    assert "© OpenStreetMap contributors, ODbL 1.0, 2019-04-12" in text
    assert "not meter readings" in text
    assert "monthly means of a made-up grid" in text


def test_no_text_of_the_data_becomes_markup(page):
    assert "<script" not in page
    assert "<img" not in page
    assert 'onerror="' not in page
    assert HOSTILE["template"].replace("'", "&#39;") in page  # templates of data are not run


def test_nothing_runs_and_nothing_is_asked_for(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    # links lead to places of this page and to the page beside it
    links = re.findall(r'<[a-z][^>]*\s(?:src|href|srcset)="([^"]*)"', page)
    assert [link for link in links if not link.startswith("#")] == ["quality.html"]
    assert "url(" not in page
    assert " style=" not in page


def test_no_method_word_is_shown(page):
    assert method_words_in(visible(page)) == []


def test_gaps_are_dashes_and_never_nan():
    assessment = make_assessment()
    districts = assessment.districts.assign(
        heat_demand_p10_mwh=float("nan"),
        linear_heat_density_mwh_per_m=float("nan"),
        similarity_share=float("nan"),
    )
    bare = districts.drop(columns=["pv_calibrated_mwh", "district_heating_reason", "reasons_alike"])
    text = visible(make_summary(replace(assessment, districts=bare, facts_used=(), notes=(), statements={})))
    assert method_words_in(text) == []
    assert "–" in text


def test_one_district_without_lighthouses_is_a_page_too():
    assessment = make_assessment()
    only = assessment.districts.iloc[:1].drop(
        columns=["lighthouse_id", "nearest_lighthouse_id", "similarity_class"]
    )
    text = visible(make_summary(replace(assessment, districts=only, lighthouses=pd.DataFrame())))
    assert "Districts, by heat demand per hectare" in text


def test_equal_cities_give_equal_bytes(page, tmp_path):
    write_summary(make_assessment(), tmp_path / "summary.html")
    assert (tmp_path / "summary.html").read_bytes() == page.encode()


def test_a_city_of_many_districts_shows_the_densest_and_keeps_the_others_at_hand():
    assessment = make_assessment()
    many = pd.concat([assessment.districts] * 20)
    many.index = pd.Index([f"d{number:03d}" for number in range(60)], name="district_id")
    page = make_summary(replace(assessment, districts=many))
    assert page.count("<article>") == 60
    assert page.count('<th scope="row"') == 60
    assert page.count('class="bar"') == 24
    assert "36 more districts" in page


def test_a_known_rule_set_is_called_by_its_title():
    page = make_summary(replace(make_assessment(), rules_name="kwp"))
    assert "Rules for district heating: the German guide to municipal heat planning" in page


def test_the_contents_name_every_section_once_in_the_order_of_the_page(page):
    nav = re.search(r'<nav class="contents".*?</nav>', page, flags=re.DOTALL).group(0)
    named = re.findall(r'href="#([^"]+)"', nav)
    places = re.findall(r'<section id="([^"]+)"', page)
    assert named == places
    assert named[0] == "districts" and named[-2:] == ["sources", "annex"]
    titles = re.findall(r">([^<>]+)</a>", nav)
    assert len(titles) == len(set(titles)) == len(named)
    assert not set(titles) & set(named)  # words, not names


def test_sections_stand_where_a_reader_looks_for_them():
    made = [
        Section(name, name, "")
        for name in ("power", "hours", "retrofit", "sunlight", "networks", "calibration")
    ]
    order = [name for name, _ in contents(made, WORDS)]
    assert order == [
        "districts", "power", "hours", "retrofit", "sunlight", "district-heating", "networks", "lighthouses",
        "calibration", "known", "sources", "annex",
    ]  # fmt: skip


def test_a_section_without_a_short_title_is_listed_by_its_heading():
    assert ("made", "Made <b>up</b>") in contents([Section("made", "Made <b>up</b>", "")], WORDS)
