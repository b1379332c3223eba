"""Whatever stands in a CityJSON model or an Overpass answer: buildings, or one sentence."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import find_problems
from layers.core.errors import PlannerError
from layers.sources.osm import read_osm
from layers.sources.vector import read_buildings
from tests.sources.city_models import Model, box, gabled

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(width=32) | st.text(max_size=5)
    | st.just("Building") | st.just("RoofSurface"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def model():
    return Model().add("a", gabled(0, 0, 20, 10, 6.0, 9.0)).add("b", box(40, 0, 9, 9, 6.0)).document()


def answer():
    corners = [(10.0, 50.0), (10.001, 50.0), (10.001, 50.001), (10.0, 50.001)]
    geometry = [{"lon": lon, "lat": lat} for lon, lat in [*corners, corners[0]]]
    way = {
        "type": "way",
        "id": 1,
        "nodes": [1, 2, 3, 4, 1],
        "geometry": geometry,
        "tags": {"building": "yes"},
    }
    member = {"type": "way", "ref": 7, "role": "outer", "geometry": geometry}
    relation = {
        "type": "relation",
        "id": 2,
        "members": [member],
        "tags": {"building": "yes", "type": "multipolygon"},
    }
    return {"version": 0.6, "generator": "Overpass API", "osm3s": {}, "elements": [way, relation]}


def places(document, path=()):
    """Return the path of every value in a document."""
    found = [path] if path else []
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in inner:
        found += places(value, (*path, key))
    return found


MODEL, ANSWER = model(), answer()
MODEL_PLACES = [path for path in places(MODEL) if path != ("type",)]
ANSWER_PLACES = [path for path in places(ANSWER) if path not in (("elements",), ("generator",))]


def spoiled(document, path, value):
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def holds(read, path):
    try:
        found = read(path).buildings
    except PlannerError as problem:
        assert str(problem).endswith((".", "?")) and "\n" not in str(problem)
        return
    assert find_problems(found, BUILDING_COLUMNS, name="buildings") == []


@settings(max_examples=80, deadline=None)
@given(place=st.sampled_from(MODEL_PLACES), value=JSON)
def test_a_spoiled_model_gives_buildings_or_a_sentence(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("model") / "town.json"
    path.write_text(json.dumps(spoiled(MODEL, place, value)), encoding="utf-8")
    holds(read_buildings, path)


@settings(max_examples=80, deadline=None)
@given(place=st.sampled_from(ANSWER_PLACES), value=JSON)
def test_a_spoiled_answer_gives_buildings_or_a_sentence(tmp_path_factory, place, value):
    path = tmp_path_factory.mktemp("answer") / "answer.json"
    path.write_text(json.dumps(spoiled(ANSWER, place, value)), encoding="utf-8")
    holds(read_osm, path)
