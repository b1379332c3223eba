"""The data-quality page of a made-up city: every figure can be counted by hand."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from reports.quality import assumed_squares, checks, known_values, make_quality, origin_map, write_quality
from reports.words import THIN_SPACE, read_words
from tests.reports.sample_assessment import make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()
NAN = float("nan")
COLUMNS = ["attribute", "method", "label_count", "unit", "cv_error", "rule_error", "coverage_share"]
QUALITY = pd.DataFrame(
    [
        ("use", "trees", 2061, "share", 0.073, 0.444, NAN),
        ("storey_count", "neighbours", 132, "storeys", 1.912, 2.076, 0.82),
        ("height_m", "rule", 3, "m", NAN, NAN, NAN),
        ("construction_year", "rule", 40, "years", 60.0, 55.0, 0.6),
    ],
    columns=COLUMNS,
)


def assessment(**changes):
    return replace(make_assessment(), quality=QUALITY, **changes)


@pytest.fixture(scope="module")
def page():
    return make_quality(assessment())


def visible(page):
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_title_says_what_is_known(page):
    buildings = assessment().buildings
    share = round(100 * (buildings["use_origin"] == "tagged").mean())
    title = unescape(re.search(r"<h1>(.*?)</h1>", page).group(1))
    assert f"use is known for {share}{THIN_SPACE}% of the buildings" in title
    assert title.startswith("Testville <b>centre</b>: ")


def test_completeness_is_told_by_building_and_by_floor(page):
    buildings = assessment().buildings
    tagged = buildings["use_origin"] == "tagged"
    floor = buildings["heated_floor_area_m2"].fillna(0.0)
    wanted = [round(100 * share) for share in (tagged.mean(), floor[tagged].sum() / floor.sum())]
    row = re.search(r'<th scope="row">Use</th>(.*?)</tr>', page, re.S).group(1)
    assert [int(number) for number in re.findall(r">(\d+)" + THIN_SPACE + "%<", row)] == wanted


def test_each_attribute_is_told_how_it_is_filled_and_how_well():
    use, storeys, height, year = checks(assessment(), WORDS)
    assert (use.method, use.error, use.rule_error) == (
        "learned from the known buildings of this city", f"7{THIN_SPACE}%", f"44{THIN_SPACE}%",
    )  # fmt: skip
    assert (storeys.error, storeys.held) == (f"1.91{THIN_SPACE}storeys", f"82{THIN_SPACE}%")
    assert "As promised" in storeys.remark
    assert height.remark == "Too few known values to judge."
    assert year.method == "the country's building stock, by use"
    # without learning the error is the rule's
    assert (year.error, year.rule_error) == (f"55{THIN_SPACE}years", "–")
    assert "too narrow" in year.remark


def test_the_usual_width_of_a_range_is_the_median_of_filled_in_heated_buildings():
    changed = assessment()
    buildings = changed.buildings.assign(construction_year_origin="imputed", construction_p10_year=1900.0)
    buildings["construction_p90_year"] = 1980.0
    buildings.loc[buildings["heated_floor_area_m2"].fillna(0) == 0, "construction_p90_year"] = 1900.0
    assert checks(replace(changed, buildings=buildings), WORDS)[3].reach == f"80{THIN_SPACE}years"


def test_a_known_value_is_measured_corrected_or_stated():
    table = pd.DataFrame({"use_origin": ["measured", "user", "tagged", "imputed", "default", pd.NA]})
    assert known_values(table, ("use",))["use"].tolist() == [True, True, True, False, False, False]


def test_squares_hold_the_mean_share_of_what_was_assumed():
    origins = {f"{name}_origin": ["tagged", "default", "imputed"]
               for name in ("use", "storey_count", "construction_year")}  # fmt: skip
    found = assumed_squares(pd.DataFrame(origins), np.array([5.0, 95.0, 105.0]), np.array([5.0, 99.0, 5.0]))
    assert found[["row", "column", "assumed_share", "building_count"]].to_numpy().tolist() == [
        [0, 0, 0.5, 2], [0, 1, 1.0, 1],
    ]  # fmt: skip


def test_every_square_is_drawn_once_inside_the_picture():
    drawn = origin_map(assessment(), WORDS)
    corners = [
        (int(x), int(y)) for square in drawn.squares for x, y in re.findall(r"M(\d+) (\d+)h", square.path)
    ]
    assert len(corners) == len(set(corners)) == sum(square.square_count for square in drawn.squares)
    assert all(0 <= x <= drawn.width - 100 and 0 <= y <= drawn.height - 100 for x, y in corners)
    buildings = assessment().buildings
    center = buildings.geometry.centroid
    wanted = {(x // 100, y // 100) for x, y in zip(center.x, center.y, strict=True)}
    assert len(corners) == len(wanted)
    assert drawn.scale_m <= drawn.width


def test_no_single_building_is_on_the_page(page):
    buildings = assessment().buildings
    text = visible(page)
    assert not any(str(name) in page for name in buildings.index)
    assert "Garden street" not in text and "City hall" not in text


def test_the_least_known_district_comes_first(page):
    table = page.split("Where values are assumed")[1]
    order = re.findall(r'<th scope="row" dir="auto">(.*?)</th>', table)
    known = known_values(assessment().buildings).mean(axis=1)
    means = known.groupby(assessment().buildings["district_id"]).mean()
    names = assessment().districts["name"]
    assert unescape(order[0])[:8] == names[means.idxmin()][:8]
    assert len(order) == 3


def test_what_was_done_and_the_sources_stand_on_the_page(page):
    text = visible(page)
    assert "footprints repaired: 3" in text
    assert "© OpenStreetMap contributors, ODbL 1.0, 2019-04-12" in text
    assert "planner collect" in text


def test_nothing_runs_nothing_is_asked_for_and_the_only_link_is_the_summary(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert "default-src 'none'" in policy and "script-src 'none'" in policy
    assert re.findall(r'<[a-z][^>]*\s(?:src|href|srcset)="([^"]*)"', page) == ["summary.html"]
    assert "<script" not in page and "<img" not in page and " style=" not in page


def test_no_method_word_is_shown(page):
    assert method_words_in(visible(page)) == []


def test_a_city_without_a_table_of_quality_still_has_its_page():
    text = visible(make_quality(make_assessment()))
    assert "Nothing was compared." in text
    assert method_words_in(text) == []


def test_a_city_without_buildings_of_a_known_origin_is_a_page_too():
    bare = assessment()
    stripped = bare.buildings.drop(columns=[c for c in bare.buildings.columns if c.endswith("_origin")])
    text = visible(make_quality(replace(bare, buildings=stripped)))
    assert "use is known for 0 % of the buildings" in text


def test_equal_cities_give_equal_bytes(page, tmp_path):
    write_quality(assessment(), tmp_path / "quality.html")
    assert (tmp_path / "quality.html").read_bytes() == page.encode()
