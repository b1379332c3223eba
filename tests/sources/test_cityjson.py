"""3D models by hand: what stands in them can be measured with a ruler."""

import json
import math

import numpy as np
import pytest

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import find_problems
from layers.core.errors import CrsProblem, InputProblem
from layers.sources.vector import read_buildings
from tests.sources.city_models import SYSTEM, Model, box, floor_of, gabled, hipped, skillion


@pytest.fixture
def town():
    """Five houses of 20 m × 10 m in a row, each with another roof."""
    facts = {"storeysAboveGround": 3, "yearOfConstruction": "1936", "function": "31001_1010", "name": "Haus"}
    return (
        Model()
        .add("flat", box(0, 0, 20, 10, 9.0), attributes=facts)
        .add("gabled", gabled(50, 0, 20, 10, 6.0, 11.0))
        .add("hipped", hipped(100, 0, 20, 10, 6.0, 11.0, 5.0))
        .add("pyramid", hipped(150, 0, 10, 10, 6.0, 11.0, 5.0))
        .add("skillion", skillion(200, 0, 20, 10, 4.0, 9.0))
    )


def test_planes_of_roofs_keep_slope_direction_area_and_size(tmp_path, town):
    found = read_buildings(town.write(tmp_path / "town.city.json")).buildings["roof_planes"]
    planes = {
        name: sorted(tuple(map(float, plane.split("/"))) for plane in text.split())
        for name, text in found.items()
    }
    # a flat roof of 20 × 10 m; a slope of 45° over 5 m is 7.071 m long
    assert [plane[2] for plane in planes["flat"]] == [200.0]
    assert [plane[0] for plane in planes["gabled"]] == [45.0, 45.0]
    assert sorted(plane[1] for plane in planes["gabled"]) == [0.0, 180.0]
    assert [plane[2:] for plane in planes["gabled"]] == [(141.4, 20.0, 20.0, 7.071)] * 2
    # two trapezoids of (20 + 10) / 2 · 7.071 m² and two triangles of 10 · 7.071 / 2 m²
    assert sorted(plane[2:] for plane in planes["hipped"]) == [
        (35.36, 10.0, 0.0, 7.071), (35.36, 10.0, 0.0, 7.071),
        (106.1, 20.0, 10.0, 7.071), (106.1, 20.0, 10.0, 7.071),
    ]  # fmt: skip
    assert len(planes["pyramid"]) == 4
    assert [plane[1] for plane in planes["skillion"]] == [270.0]


@pytest.mark.parametrize("form", ["write", "write_sequence"])
def test_outlines_heights_and_roofs_are_those_of_the_drawing(tmp_path, town, form):
    found = read_buildings(getattr(town, form)(tmp_path / "town.city.json")).buildings
    assert find_problems(found, BUILDING_COLUMNS, name="buildings") == []
    assert found.crs.to_epsg() == 25832
    assert found.area.round(6).to_dict() == {
        "flat": 200, "gabled": 200, "hipped": 200, "pyramid": 100, "skillion": 200
    }  # fmt: skip
    assert found.geometry["flat"].bounds == (500_000, 5_500_000, 500_020, 5_500_010)
    heights = {"flat": 9, "gabled": 11, "hipped": 11, "pyramid": 11, "skillion": 9}
    assert found["tagged_height_m"].round(6).to_dict() == heights
    assert found["is_height_measured"].all()
    shapes = {
        "flat": "flat",
        "gabled": "gabled",
        "hipped": "hipped",
        "pyramid": "pyramidal",
        "skillion": "skillion",
    }
    assert found["roof_shape"].to_dict() == shapes
    # 5 m up over 5 m; 5 m up over 20 m
    assert found["roof_angle_deg"]["gabled"] == pytest.approx(45.0)
    assert found["roof_angle_deg"]["hipped"] == pytest.approx(45.0)
    assert found["roof_angle_deg"]["skillion"] == pytest.approx(math.degrees(math.atan2(5, 20)))
    # the largest face looks south or north; the skillion falls to the west
    assert found["roof_direction_deg"]["gabled"] in (pytest.approx(0.0), pytest.approx(180.0))
    assert found["roof_direction_deg"]["skillion"] == pytest.approx(270.0)
    assert np.isnan(found["roof_direction_deg"]["flat"])
    assert found["roof_height_m"].round(6).to_dict() == {
        "flat": 0, "gabled": 5, "hipped": 5, "pyramid": 5, "skillion": 5
    }  # fmt: skip


def test_attributes_become_our_columns(tmp_path, town):
    found = read_buildings(town.write(tmp_path / "town.json")).buildings
    flat = found.loc["flat"]
    assert flat[["tagged_storey_count", "tagged_first_year", "name"]].tolist() == [3, 1936, "Haus"]
    assert flat["is_home_tag"]


def test_parts_count_with_their_building_and_heights_are_meant_over_the_ground(tmp_path):
    # a hall of 300 m² and 4 m, a tower of 100 m² and 20 m: (300 × 4 + 100 × 20) / 400 = 8 m
    model = Model()
    model.objects["whole"] = {
        "type": "Building",
        "attributes": {"yearOfConstruction": 1990},
        "children": ["hall", "tower"],
    }
    model.add("hall", box(0, 0, 30, 10, 4.0), kind="BuildingPart", parents=["whole"])
    model.add("tower", box(30, 0, 10, 10, 20.0), kind="BuildingPart", parents=["whole"])
    model.objects["tree"] = {"type": "SolitaryVegetationObject"}
    extract = read_buildings(model.write(tmp_path / "town.json"))
    assert extract.buildings.index.tolist() == ["whole"]
    assert extract.buildings.area.tolist() == pytest.approx([400])
    assert extract.buildings["tagged_height_m"].tolist() == pytest.approx([8.0])
    assert extract.buildings["tagged_first_year"].tolist() == [1990]
    assert ("objects of town.json that are no buildings, left out", 1) in [
        (n.text, n.count) for n in extract.notes
    ]


def test_level_one_has_a_height_and_an_outline_but_no_roof(tmp_path):
    model = Model("1.1").add("block", box(0, 0, 20, 10, 12.0, z=3.0), lod="1.2", semantics=False)
    found = read_buildings(model.write(tmp_path / "town.json")).buildings
    assert found["tagged_height_m"].tolist() == pytest.approx([9.0])
    assert found["roof_shape"].isna().all()
    assert found.area.tolist() == pytest.approx([200])


def test_level_two_without_meanings_is_read_by_where_faces_look(tmp_path):
    model = Model().add("house", gabled(0, 0, 20, 10, 6.0, 11.0), semantics=False)
    found = read_buildings(model.write(tmp_path / "town.json")).buildings
    assert found["roof_shape"].tolist() == ["gabled"]
    assert found.area.tolist() == pytest.approx([200])


def test_a_footprint_alone_has_no_height(tmp_path):
    model = Model().add("outline", [floor_of(0, 0, 20, 10)], lod="0", solid=False)
    found = read_buildings(model.write(tmp_path / "town.json")).buildings
    assert found.area.tolist() == pytest.approx([200])
    assert found["tagged_height_m"].isna().all()
    assert not found["is_height_measured"].any()


def test_courtyards_stay_open(tmp_path):
    yard = [(5, 3, 0.0), (15, 3, 0.0), (15, 7, 0.0), (5, 7, 0.0)]
    ground = (*floor_of(0, 0, 20, 10), yard)
    model = Model().add("block", [ground], lod="2", solid=False)
    found = read_buildings(model.write(tmp_path / "town.json")).buildings
    assert found.area.tolist() == pytest.approx([200 - 40])


def test_stated_heights_come_before_computed_ones(tmp_path):
    model = Model().add("block", box(0, 0, 20, 10, 9.0), attributes={"measuredHeight": 8.5})
    found = read_buildings(model.write(tmp_path / "town.json")).buildings
    assert found["tagged_height_m"].tolist() == [8.5]


@pytest.mark.parametrize(
    "system", ["urn:ogc:def:crs:EPSG::7415", "https://www.opengis.net/def/crs/EPSG/0/7415"]
)
def test_of_a_system_with_heights_the_plane_is_taken(tmp_path, system):
    path = Model(system=system).add("block", box(0, 0, 20, 10, 9.0)).write(tmp_path / "town.json")
    assert read_buildings(path).buildings.crs.to_epsg() == 28992


def test_a_model_without_a_system_asks_for_it(tmp_path):
    path = Model(system="").add("block", box(0, 0, 20, 10, 9.0)).write(tmp_path / "town.json")
    with pytest.raises(CrsProblem, match="--crs"):
        read_buildings(path)
    assert read_buildings(path, crs="EPSG:25832").buildings.crs.to_epsg() == 25832


def test_an_unknown_system_is_named(tmp_path):
    path = (
        Model(system="urn:ogc:def:crs:EPSG::999999")
        .add("b", box(0, 0, 9, 9, 9.0))
        .write(tmp_path / "town.json")
    )
    with pytest.raises(CrsProblem, match="EPSG::999999"):
        read_buildings(path)


def test_models_that_are_damaged_or_hold_no_building_are_refused_in_words(tmp_path, town):
    path = town.write(tmp_path / "town.json")
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(InputProblem, match=r"town.json is damaged or cut short .*export it again"):
        read_buildings(path)
    path.write_text(text.replace(json.dumps(town.corners), "[[0, 0, 0]]"))
    with pytest.raises(InputProblem, match="names corner"):
        read_buildings(path)
    Model().write(path)
    with pytest.raises(InputProblem, match="no building with surfaces"):
        read_buildings(path)


def test_citygml_is_told_how_to_become_readable(tmp_path):
    path = tmp_path / "town.gml"
    path.write_text(f'<?xml version="1.0"?><core:CityModel srsName="{SYSTEM}"></core:CityModel>')
    with pytest.raises(InputProblem, match="a CityGML model, which is not read here; convert it to CityJSON"):
        read_buildings(path)


@pytest.mark.parametrize("number", ["1" + "0" * 30, "-" + "9" * 400, "1e400", "0.5"])
@pytest.mark.parametrize("place", ["corner", "vertex", "lod"])
def test_numbers_beyond_all_measure_are_refused_or_read(tmp_path, town, number, place):
    path = town.write(tmp_path / "town.city.json")
    document = json.loads(path.read_text())
    house = next(iter(document["CityObjects"].values()))
    geometry = house["geometry"][0]
    if place == "corner":
        rings = geometry["boundaries"]
        while isinstance(rings[0], list):
            rings = rings[0]
        rings[0] = "HERE"
    elif place == "vertex":
        document["vertices"][0][0] = "HERE"
    else:
        geometry["lod"] = "HERE"
    path.write_text(json.dumps(document).replace('"HERE"', number))
    try:
        read_buildings(path)
    except InputProblem as problem:
        assert path.name in str(problem)
