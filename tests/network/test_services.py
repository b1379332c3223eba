"""What is asked, and which answers are believed: gazetteer, Overpass, PVGIS."""

import json

import pytest

from layers.core.errors import DataMissing
from layers.sources.osm_kinds import LOOKED_AT_KEYS
from planner.network import nominatim, overpass, pvgis

from .conftest import KOTKA, gazetteer_answer, overpass_answer, typical_year


@pytest.fixture
def choose(tmp_path):
    def run(answer, place=None):
        path = tmp_path / "answer.json"
        path.write_bytes(answer)
        return nominatim.choose_boundary(path, "Kotka", "FI", place)

    return run


def test_an_outline_of_a_town_comes_before_a_point_of_the_same_name(choose):
    found = choose(gazetteer_answer())
    assert (found.osm_type, found.osm_id) == ("relation", 38042)
    assert found.is_outline
    assert found.name == "Kotka"


def test_a_namesake_far_from_the_known_place_is_not_taken(choose):
    with pytest.raises(DataMissing, match="knows no town 'Kotka' in FI"):
        choose(gazetteer_answer(place=(10.0, 50.0)), KOTKA)
    both = json.loads(gazetteer_answer(place=(10.0, 50.0))) + json.loads(gazetteer_answer())
    assert choose(json.dumps(both).encode(), KOTKA).latitude_deg == KOTKA[1]


def test_a_region_is_no_town(choose):
    with pytest.raises(DataMissing, match="knows no town"):
        choose(gazetteer_answer(boundingbox=["58", "62", "22", "30"]))


@pytest.mark.parametrize(
    "answer",
    [b"[]", b"{}", b'[{"lat": 1}]', b'["a"]', b"<html>", b"[", b"\xff", b"null", b"[[1]]", b"[" * 100_000],
)
def test_an_answer_that_names_no_place_is_one_sentence(choose, answer):
    with pytest.raises(DataMissing, match="Nominatim"):
        choose(answer)


def test_a_boundary_comes_back_from_its_file(choose, tmp_path):
    found = choose(gazetteer_answer())
    (tmp_path / "b.geojson").write_text(json.dumps(found.feature()))
    assert nominatim.read_boundary(tmp_path / "b.geojson") == found


def test_overpass_is_asked_for_everything_that_the_reader_looks_at(choose):
    text = overpass.query_text(choose(gazetteer_answer()))
    assert "area(3600038042)->.town" in text
    for key in LOOKED_AT_KEYS:
        assert f'["{key}"' in text, key
    # points of buildings' uses come along, and corners of ways and members of relations
    assert 'node["shop"](area.town)' in text
    assert "(._;>;);\nout body;" in text


def test_overpass_is_asked_for_a_box_where_there_is_no_outline(choose):
    point = json.loads(gazetteer_answer())[:1]
    text = overpass.query_text(choose(json.dumps(point).encode()))
    assert 'way["building"](60.5010000,26.9010000,60.5610000,27.0010000);' in text
    assert "area" not in text.split("(\n")[0]


@pytest.fixture
def answered(tmp_path):
    def write(body):
        path = tmp_path / "answer.osm"
        path.write_bytes(body)
        return path

    return write


def test_a_whole_answer_has_its_date_and_becomes_an_extract(answered, tmp_path):
    path = answered(overpass_answer())
    assert overpass.check_complete(path) == "2019-04-14"
    assert overpass.rewrite_as_pbf(path, tmp_path / "town.osm.pbf") == 247


def test_the_extract_reads_like_the_answer_itself(answered, tmp_path):
    from layers.sources.osm import read_osm

    path = answered(overpass_answer())
    overpass.rewrite_as_pbf(path, tmp_path / "town.osm.pbf")
    before, after = read_osm(path), read_osm(tmp_path / "town.osm.pbf")
    for name in ("buildings", "streets", "landuse", "background", "places", "points"):
        one, other = getattr(before, name), getattr(after, name)
        assert one.drop(columns="geometry").equals(other.drop(columns="geometry")), name
        assert one.geometry.geom_equals_exact(other.geometry, 1e-9).all(), name
    assert len(after.buildings) == 247
    assert len(after.streets) > 40


REMARK = b"<remark> runtime error: Query timed out in line 3 after 181 seconds. </remark>\n\n</osm>\n"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (overpass_answer()[:150_000], "broke off"),
        (overpass_answer().replace(b"</osm>", REMARK), "gave up .runtime error: Query timed out"),
        (b"<html><body><p><strong>Error</strong>: runtime error: open64: busy</p></body></html>", "gave up"),
        (b"<html><body>Welcome to the hotel's network</body></html>", "no OpenStreetMap data"),
        (b'{"elements": []}', "no OpenStreetMap data"),
    ],
    ids=["cut", "timed out", "busy", "captive portal", "json"],
)
def test_answers_of_overpass_that_are_not_whole_are_recognised(answered, body, words):
    with pytest.raises(DataMissing, match=words):
        overpass.check_complete(answered(body))


def test_damage_in_the_middle_is_recognised(answered, tmp_path):
    whole = overpass_answer()
    path = answered(whole[:50_000] + b"<<<" + whole[50_000:])
    with pytest.raises(DataMissing, match="damaged"):
        overpass.rewrite_as_pbf(path, tmp_path / "town.osm.pbf")


def test_a_whole_typical_year_names_its_years(answered):
    assert pvgis.check_complete(answered(typical_year())) == "2008-2017"


@pytest.mark.parametrize(
    "body",
    [
        typical_year()[:200_000],
        b'{"message": "Location over the sea. Please, select another location", "status": 400}',
        b"Latitude (decimal degrees): 60\r\n",
        typical_year().replace(b",700.0,", b",99999.0,"),
        b"<html></html>",
    ],
    ids=["cut", "sea", "head only", "impossible", "web page"],
)
def test_answers_of_pvgis_that_are_not_whole_are_recognised(answered, body):
    with pytest.raises(DataMissing, match="no whole typical year"):
        pvgis.check_complete(answered(body))
