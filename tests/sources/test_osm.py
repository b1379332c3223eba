import datetime

import pytest
import shapely

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import find_problems
from layers.sources.osm import read_osm

SQUARE = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
INNER = {5: (3, 3), 6: (7, 3), 7: (7, 7), 8: (3, 7)}
RING = [1, 2, 3, 4, 1]
HOUSE = {1: (RING, {"building": "yes"})}


def count_of(extract, words):
    return sum(note.count for note in extract.notes if words in note.text)


@pytest.fixture(scope="module")
def helsinki():
    from pathlib import Path

    return read_osm(Path(__file__).parents[2] / "planner" / "data" / "samples" / "helsinki.osm.pbf")


@pytest.fixture(scope="module")
def karhula():
    from pathlib import Path

    return read_osm(Path(__file__).parents[2] / "planner" / "data" / "samples" / "karhula.osm.pbf")


def test_helsinki_has_its_446_whole_buildings_and_says_that_54_are_cut(helsinki):
    assert len(helsinki.buildings) == 446
    assert count_of(helsinki, "edge cuts them or their outline") == 54


def test_helsinkis_parts_lend_their_storeys(helsinki):
    assert count_of(helsinki, "parts of buildings that lend") == 120
    # 149 outlines state storeys themselves; parts tell those of seven more
    assert helsinki.buildings["tagged_storey_count"].notna().sum() == 156


def test_helsinkis_streets_reach_the_edge_of_the_extract(helsinki):
    assert count_of(helsinki, "lines cut at the extract's edge") == 124
    west, south, east, north = helsinki.streets.total_bounds
    assert west < 24.9352
    assert south < 60.1642
    assert east > 24.9533
    assert north > 60.1790


def test_helsinkis_start_dates_become_ranges(helsinki):
    known = helsinki.buildings[["tagged_first_year", "tagged_last_year"]].notna().any(axis=1)
    assert known.sum() == 81
    ranges = helsinki.buildings["tagged_first_year"] != helsinki.buildings["tagged_last_year"]
    assert (known & ranges).sum() >= 25


def test_karhula_has_2171_buildings_of_which_the_land_survey_calls_886_outbuildings(karhula):
    assert len(karhula.buildings) == 2171
    survey = karhula.buildings["official_class"] == "42261"
    assert survey.sum() == 886
    assert karhula.buildings.loc[survey, "is_outbuilding_tag"].all()


def test_karhulas_houses_are_homes_whose_size_is_not_stated(karhula):
    houses = karhula.buildings[karhula.buildings["official_class"] == "42211"]
    assert houses["is_home_tag"].mean() > 0.97
    assert not (houses["tagged_use"] == "outbuilding").any()


def test_both_samples_keep_the_contract_and_their_ids_are_sorted(helsinki, karhula):
    for extract in (helsinki, karhula):
        assert find_problems(extract.buildings, BUILDING_COLUMNS, name="buildings") == []
        for table in (extract.buildings, extract.streets, extract.landuse, extract.points, extract.places):
            assert table.index.is_unique
            assert table.index.is_monotonic_increasing
            assert table.crs == "EPSG:4326"


def test_a_source_names_its_licence_and_the_date_of_its_newest_object(helsinki):
    (source,) = helsinki.sources
    assert source.attribution == "© OpenStreetMap contributors"
    assert datetime.date.fromisoformat(source.date).isoformat() == "2019-04-21"
    assert source.path == "helsinki.osm.pbf"
    assert len(source.sha256) == 64


def test_a_courtyard_is_a_hole(write_osm):
    ways = {1: (RING, {}), 2: ([5, 6, 7, 8, 5], {})}
    relation = {9: ([(1, "outer"), (2, "inner")], {"type": "multipolygon", "building": "apartments"})}
    extract = read_osm(write_osm(SQUARE | INNER, ways, relation))
    outline = extract.buildings.geometry["relation/9"]
    assert shapely.get_num_interior_rings(outline) == 1
    # 10 × 10 cells less 4 × 4
    assert outline.area == pytest.approx(84e-8)


def test_an_outline_that_crosses_itself_is_kept_as_drawn_and_counted(write_osm):
    extract = read_osm(write_osm(SQUARE, {1: ([1, 3, 2, 4, 1], {"building": "yes"})}))
    assert not extract.buildings.geometry.is_valid.any()
    assert count_of(extract, "cross themselves") == 1


def test_cut_open_and_point_buildings_are_left_out_and_counted(write_osm):
    ways = HOUSE | {
        2: ([1, 2, 99, 1], {"building": "yes"}),
        3: ([1, 2, 3], {"building": "yes"}),
        4: ([1, 2, 1], {"building": "yes"}),
    }
    extract = read_osm(write_osm(SQUARE, ways, node_tags={4: {"building": "kiosk"}}))
    assert extract.buildings.index.tolist() == ["way/1"]
    assert count_of(extract, "edge cuts them or their outline is broken") == 2
    assert count_of(extract, "not closed") == 1
    assert count_of(extract, "only points") == 1


def test_a_street_that_leaves_the_extract_keeps_its_runs(write_osm):
    ways = HOUSE | {2: ([1, 2, 99, 3, 4], {"highway": "residential", "name": "Long street"})}
    extract = read_osm(write_osm(SQUARE, ways))
    assert extract.streets.index.tolist() == ["way/2", "way/2-2"]
    assert extract.streets["name"].unique().tolist() == ["Long street"]
    lengths = shapely.length(extract.streets.geometry.to_numpy())
    assert lengths.tolist() == pytest.approx([10e-4, 10e-4])


def test_proposed_streets_and_squares_are_no_streets(write_osm):
    ways = HOUSE | {
        2: ([1, 2], {"highway": "proposed"}),
        3: (RING, {"highway": "pedestrian", "area": "yes"}),
        4: ([1, 3], {"highway": "service", "bridge": "yes"}),
    }
    extract = read_osm(write_osm(SQUARE, ways))
    assert extract.streets.index.tolist() == ["way/4"]
    assert extract.streets["bridge"].tolist() == [True]
    assert extract.background["kind"].tolist() == ["square"]


def test_a_railway_parts_neighbourhoods_and_its_tunnel_does_not(write_osm):
    ways = HOUSE | {
        2: ([1, 2], {"railway": "rail"}),
        3: ([1, 3], {"railway": "rail", "tunnel": "yes"}),
        4: ([2, 3], {"waterway": "river"}),
        5: ([2, 4], {"highway": "motorway"}),
    }
    barriers = read_osm(write_osm(SQUARE, ways)).barriers
    assert barriers["kind"].to_dict() == {"way/2": "rail", "way/4": "river", "way/5": "motorway"}


def test_landuse_places_and_points_of_interest_are_read(write_osm):
    ways = HOUSE | {2: (RING, {"amenity": "school", "name": "Hill school"})}
    tags = {
        1: {"place": "suburb", "name": "Hill"},
        2: {"shop": "bakery"},
        3: {"place": "city_block", "name": "7"},
    }
    extract = read_osm(write_osm(SQUARE, ways, node_tags=tags))
    assert extract.landuse["kind"].tolist() == ["school"]
    assert extract.places["name"].tolist() == ["Hill"]
    assert extract.points[["use", "kind"]].to_numpy().tolist() == [["retail", "bakery"]]


def test_solar_modules_on_a_roof_belong_to_its_building(write_osm):
    solar = {"power": "generator", "generator:source": "solar"}
    nodes = SQUARE | INNER | {9: (5, 5), 10: (30, 30)}
    ways = HOUSE | {2: ([5, 6, 7, 8, 5], solar | {"generator:output:electricity": "4 kW"})}
    tags = {9: solar | {"generator:output:electricity": "2500 W"}, 10: solar}
    extract = read_osm(write_osm(nodes, ways, node_tags=tags))
    assert extract.buildings["has_solar_tag"].tolist() == [True]
    assert extract.buildings["solar_tag_kwp"].tolist() == [6.5]
    assert count_of(extract, "solar modules drawn on roofs") == 2
    # what the building itself states covers what is drawn on it
    house = {
        1: (RING, {"building": "yes", "generator:source": "solar", "generator:output:electricity": "9 kW"})
    }
    stated = read_osm(write_osm(nodes, ways | house, node_tags=tags)).buildings
    assert stated["solar_tag_kwp"].tolist() == [9.0]
    assert not read_osm(write_osm(SQUARE, HOUSE)).buildings["has_solar_tag"].any()


def test_materials_and_planes_of_roofs_are_read(write_osm):
    tags = {"building": "yes", "roof:material": "grass", "roof:planes": "nonsense"}
    extract = read_osm(write_osm(SQUARE, {1: (RING, tags)}))
    assert extract.buildings["roof_material"].tolist() == ["grass"]
    assert extract.buildings["roof_planes"].isna().all()
    assert count_of(extract, "roof planes that make no sense") == 1


def test_parts_of_a_building_are_no_buildings(write_osm):
    ways = HOUSE | {2: (RING, {"building:part": "yes", "building:levels": "4", "height": "14 m"})}
    buildings = read_osm(write_osm(SQUARE, ways)).buildings
    assert buildings.index.tolist() == ["way/1"]
    assert buildings["tagged_storey_count"].tolist() == [4]
    assert buildings["tagged_height_m"].tolist() == [14]


def test_values_that_cannot_be_true_are_gaps_and_counted(write_osm):
    tags = {"building": "yes", "height": "-5", "building:levels": "900", "start_date": "3000"}
    extract = read_osm(write_osm(SQUARE, {1: (RING, tags)}))
    numbers = extract.buildings[["tagged_height_m", "tagged_storey_count", "tagged_first_year"]]
    assert numbers.isna().all(axis=None)
    assert count_of(extract, "make no sense") == 3


def test_hostile_names_lose_their_hidden_signs_and_keep_their_text(write_osm):
    name = "<script>alert(1)</script>\u202e tnemrat\u200b pa"
    extract = read_osm(write_osm(SQUARE, {1: (RING, {"building": "yes", "name": name})}))
    assert extract.buildings["name"].iloc[0] == "<script>alert(1)</script> tnemrat pa"


def test_reading_twice_gives_the_same_tables(write_osm):
    path = write_osm(SQUARE, HOUSE)
    assert read_osm(path).buildings.equals(read_osm(path).buildings)
