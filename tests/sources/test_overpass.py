"""Answers of the Overpass API give what the same objects in an extract give."""

import json

import pytest
import shapely

from layers.core.errors import InputProblem
from layers.sources.osm import read_osm, read_surroundings
from layers.sources.overpass import overpass_to_opl

# a house, a block round a courtyard, and a street that ends at the house's corner
NODES = {1: (0, 0), 2: (2, 0), 3: (2, 1), 4: (0, 1), 5: (10, 0), 6: (16, 0), 7: (16, 6), 8: (10, 6),
         11: (12, 2), 12: (14, 2), 13: (14, 4), 14: (12, 4)}  # fmt: skip
WAYS = {
    1: ([1, 2, 3, 4, 1], {"building": "house", "building:levels": "2", "name": "Häusl, =%@"}),
    2: ([5, 6, 7, 8, 5], {}),
    3: ([11, 12, 13, 14, 11], {}),
    4: ([1, 5], {"highway": "residential", "name": "Am Weg"}),
}
RELATION = {9: ([(2, "outer"), (3, "inner")], {"type": "multipolygon", "building": "apartments"})}
STAMP = {"timestamp_osm_base": "2024-03-01T10:00:00Z"}


def corner(node):
    x, y = NODES[node]
    return {"lat": 50 + y * 1e-4, "lon": 10 + x * 1e-4}


def as_bodies():
    nodes = [{"type": "node", "id": node, **corner(node)} for node in NODES]
    ways = [
        {"type": "way", "id": way, "nodes": list(members), "tags": tags}
        for way, (members, tags) in WAYS.items()
    ]
    members, tags = RELATION[9]
    refs = [{"type": "way", "ref": way, "role": role} for way, role in members]
    return [*ways, {"type": "relation", "id": 9, "members": refs, "tags": tags}, *nodes]


def as_geometry():
    """Write the form of `out geom`: no nodes, no untagged ways, coordinates inside."""
    ways = [
        {
            "type": "way",
            "id": way,
            "nodes": list(members),
            "geometry": [corner(node) for node in members],
            "tags": tags,
        }
        for way, (members, tags) in WAYS.items()
        if tags
    ]
    members, tags = RELATION[9]
    refs = [
        {"type": "way", "ref": way, "role": role, "geometry": [corner(node) for node in WAYS[way][0]]}
        for way, role in members
    ]
    return [*ways, {"type": "relation", "id": 9, "members": refs, "tags": tags}]


def write(tmp_path, elements, **more):
    path = tmp_path / "answer.json"
    document = {
        "version": 0.6,
        "generator": "Overpass API 0.7.62",
        "osm3s": STAMP,
        "elements": elements,
        **more,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", [as_bodies, as_geometry])
def test_both_forms_of_an_answer_give_the_extracts_buildings_and_streets(tmp_path, write_osm, form):
    expected = read_osm(write_osm(NODES, WAYS, RELATION))
    found = read_osm(write(tmp_path, form()))
    assert found.buildings.index.tolist() == ["relation/9", "way/1"]
    assert found.buildings.drop(columns="geometry").equals(expected.buildings.drop(columns="geometry"))
    assert shapely.equals(found.buildings.geometry.values, expected.buildings.geometry.values).all()
    assert len(found.buildings.geometry["relation/9"].interiors) == 1
    assert found.buildings["name"]["way/1"] == "Häusl, =%@"
    assert found.streets["name"].tolist() == ["Am Weg"]
    assert found.sources[0].date == "2024-03-01"


def test_an_answer_that_the_server_cut_short_is_refused(tmp_path):
    path = write(tmp_path, as_geometry(), remark='runtime error: Query timed out in "query" at line 3.')
    with pytest.raises(
        InputProblem, match=r"answer.json is not a whole answer .*Query timed out.*smaller area"
    ):
        read_osm(path)


def test_objects_without_coordinates_say_how_to_ask_for_them(tmp_path):
    elements = [{key: value for key, value in way.items() if key != "geometry"} for way in as_geometry()[:1]]
    with pytest.raises(InputProblem, match=r"1 objects without coordinates; ask with `out geom;`"):
        read_osm(write(tmp_path, elements))


@pytest.mark.parametrize("kept_bytes", [200, 500])
def test_an_answer_cut_on_its_way_is_refused(tmp_path, kept_bytes):
    path = write(tmp_path, as_bodies())
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(InputProblem, match=r"no sound answer of the Overpass API .*fetch it again"):
        read_osm(path)


def test_corners_clipped_away_leave_the_building_out_and_the_street_its_rest(tmp_path):
    elements = as_geometry()
    elements[0]["geometry"][1] = None
    found = read_osm(write(tmp_path, elements))
    assert found.buildings.index.tolist() == ["relation/9"]
    assert any("edge cuts them" in note.text and note.count == 1 for note in found.notes)


def test_text_format_escapes_what_it_uses_itself(tmp_path):
    text = overpass_to_opl(write(tmp_path, as_bodies())).decode()
    assert "name=H%e4%usl%2c%%20%%3d%%25%%40%" in text


def test_surroundings_come_without_buildings(tmp_path):
    found = read_surroundings(write(tmp_path, as_bodies()))
    assert found.buildings.empty
    assert found.streets["kind"].tolist() == ["residential"]
    assert [(note.text, note.count) for note in found.notes] == [("streets of answer.json", 1)]


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "-1e30"])
@pytest.mark.parametrize("key", ["id", "lat", "lon", "nodes"])
def test_numbers_beyond_all_measure_are_refused_or_read(tmp_path, number, key):
    elements = as_bodies()
    holder = next(one for one in elements if key in one)
    holder[key] = ["HERE", *holder[key][1:]] if key == "nodes" else "HERE"
    path = write(tmp_path, elements)
    path.write_text(path.read_text().replace('"HERE"', number))
    try:
        read_osm(path)
    except InputProblem as problem:
        assert path.name in str(problem)
