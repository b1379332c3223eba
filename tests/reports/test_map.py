import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

from reports.container import pack
from reports.map import SCRIPTS, make_map, write_map
from reports.offline import ASSETS
from reports.page_data import reason_list
from reports.words import Words, WordsError, read_words
from tests.reports.container_reader import read_container, unpack
from tests.reports.sample_assessment import (
    BARE,
    COURTYARD,
    HOSTILE,
    OFFICE,
    OFFICE_HEAT_KWH,
    make_assessment,
    make_buildings,
)
from tests.reports.words_for_people import method_words_in

REPORTS = Path(__file__).resolve().parents[2] / "reports"


@pytest.fixture(scope="module")
def page():
    return make_map(make_assessment())


def container(page, name):
    text = re.search(rf'id="planner-{name}">([^<]*)<', page).group(1)
    return {each.get("id"): each for each in read_container(unpack(text))[1]}


def page_record(page):
    return json.loads(re.search(r'id="planner-page">([^<]*)<', page).group(1))


def test_a_building_travels_with_its_numbers(page):
    office = container(page, "buildings")[OFFICE]
    assert office["heat_demand_kwh"] == OFFICE_HEAT_KWH
    assert office["heat_low_kwh"] == pytest.approx(0.8 * OFFICE_HEAT_KWH, abs=5)
    assert office["heat_demand_kwh_per_m2"] == 206.2
    assert (office["name"], office["use"], office["district_id"]) == ("City hall", "office", "d03")


def test_a_building_without_values_travels_without_values(page):
    bare = container(page, "buildings")[BARE]
    assert bare["heat_demand_kwh"] is None
    assert bare["street_name"] is None
    assert bare["construction_year"] is None


def test_holes_parts_and_large_numbers_reach_the_page(page):
    courtyard = container(page, "buildings")[COURTYARD]
    assert sorted(len(part) for part in courtyard["parts"]) == [1, 2]
    assert courtyard["heat_demand_kwh"] == 70_000_000.0


def test_every_building_of_the_table_is_on_the_map(page):
    assert set(container(page, "buildings")) == set(make_buildings().index)


def test_no_text_of_the_data_becomes_markup(page):
    for text in HOSTILE.values():
        if "<" in text:
            assert text not in page
    assert page.count("<script>") == page.count("</script>") - page.count(
        '<script type="application/octet-stream"'
    )
    assert "{{" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_direction_marks_and_endless_names_are_cut(page):
    names = [each["name"] for each in container(page, "buildings").values() if each["name"]]
    assert all(len(name) <= 200 for name in names)
    assert not any("\u202e" in name or "\u200f" in name for name in names)
    assert "Harbour gnp.exe hall" in names


def test_equal_cities_give_equal_bytes(page, tmp_path):
    write_map(make_assessment(), tmp_path / "map.html")
    assert (tmp_path / "map.html").read_bytes() == page.encode()


def test_the_page_is_small(page):
    assert len(page.encode()) < 330_000  # most of it is Leaflet


def test_every_layer_of_folium_is_in_its_layer_control(page):
    names = re.search(r"overlays :\s*\{(.*?)\}", page, re.DOTALL).group(1)
    assert names.count("canvas_layer_") == 6


def test_districts_carry_their_reasons_as_lists(page):
    districts = {each["id"]: each for each in page_record(page)["districts"]}
    assert districts["d01"]["alike"] == ["same storeys (2 against 2)", "built in the same years"]
    assert districts["d01"]["lighthouse"]["name"] == "Tartu centre"
    assert districts["d01"]["isAlike"] and not districts["d03"]["isAlike"]
    assert reason_list(np.array(["a", "<b>"])) == ["a", "<b>"]


def test_every_word_that_the_scripts_say_is_in_the_catalogue():
    words = read_words().sentences
    scripts = "".join((ASSETS / name).read_text() for name in SCRIPTS)
    said = set(re.findall(r'\bsay\("(\w+)"', scripts)) | set(re.findall(r'\? "(\w+)" : "\w+"\)', scripts))
    said = {name for name in said if not name.endswith("_")}
    assert len(said) > 50
    assert said <= set(words), said - set(words)


def test_every_word_of_the_catalogue_is_said_somewhere():
    used = "".join(path.read_text() for path in [*REPORTS.rglob("*.py"), *ASSETS.glob("*.js")])
    used += "".join(path.read_text() for path in (REPORTS / "templates").rglob("*.j2"))
    prefixes = re.findall(r'["\'](\w+_)(?:["\']|\{)', used)
    for key in read_words().sentences:
        named = re.search(rf"\b{key}\b", used) or any(key.startswith(prefix) for prefix in prefixes)
        assert named, key


def test_no_word_of_the_catalogue_is_a_method_word():
    for key, sentence in read_words().sentences.items():
        assert method_words_in(sentence) == [], key


def test_a_missing_word_is_an_error():
    with pytest.raises(WordsError, match="lack 'x'"):
        Words({}).say("x")
    with pytest.raises(WordsError, match=r"There are no words in 'tlh'"):
        read_words("tlh")


def test_scripts_never_write_markup():
    for name in SCRIPTS:
        code = (ASSETS / name).read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        ), name
        assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|importScripts|sendBeacon)\b", code), name
        assert len(code.splitlines()) <= 400


def test_the_map_module_holds_no_method_word_in_its_page_names():
    names = [
        node.value
        for node in ast.walk(ast.parse((REPORTS / "map.py").read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "_low_" in node.value
    ]
    assert names and not any("p10" in name for name in names)


def test_a_large_city_stays_small_in_the_file():
    content = make_map(make_assessment(columns=100, rows=30))
    data = re.search(r'id="planner-buildings">([^<]*)<', content).group(1)
    assert len(data) / 3_013 < 40  # bytes a building, base64 included
    assert pack(unpack(data)) == data
