"""What another file knows: the larger overlap speaks, contradictions are counted, nothing is lost."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import find_problems
from layers.core.errors import InputProblem, UsageProblem
from layers.sources.join import JoinParams
from layers.sources.own_files import OwnFiles, combine

UTM, X, Y = "EPSG:25832", 500_000.0, 5_500_000.0


def house(i, width=10.0, shift=0.0):
    return shapely.box(X + 50 * i + shift, Y, X + 50 * i + shift + width, Y + 10)


@pytest.fixture
def houses(tmp_path):
    """Three houses; the first has a height, the second a year."""
    table = {"id": ["a", "b", "c"], "height": [9.0, np.nan, np.nan], "baujahr": [np.nan, 1936, np.nan]}
    gpd.GeoDataFrame(table, geometry=[house(i) for i in range(3)], crs=UTM).to_file(tmp_path / "houses.gpkg")
    return tmp_path / "houses.gpkg"


def write(tmp_path, name, shapes, crs=UTM, **columns):
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(tmp_path / name)
    return tmp_path / name


def texts(extract):
    return {note.text: note.count for note in extract.notes}


def test_gaps_are_filled_by_the_largest_overlap_and_what_was_known_stays(tmp_path, houses):
    # shifted by a metre, in degrees, and cut differently: the second house is two there
    shapes = [house(0, shift=1), house(1, width=3), shapely.box(X + 53, Y, X + 60, Y + 10), house(7)]
    other = write(
        tmp_path, "heights.geojson", gpd.GeoSeries(shapes, crs=UTM).to_crs(4326), crs=4326,
        height=[6.0, 3.0, 8.0, 99.0], year=[1950, 1960, 1990, 2000],
    )  # fmt: skip
    found = combine(OwnFiles(buildings=houses, joins=(other,)))
    assert find_problems(found.buildings, BUILDING_COLUMNS, name="buildings") == []
    assert found.buildings["tagged_height_m"].fillna(0).tolist() == [9, 8, 0]
    assert found.buildings["tagged_first_year"].fillna(0).tolist() == [1950, 1936, 0]
    said = texts(found)
    assert said["buildings that also stand in heights.geojson"] == 2
    assert said["rows of heights.geojson without a building"] == 2
    assert said["heights taken from heights.geojson"] == 1
    assert said["heights of heights.geojson that contradict the footprints; the footprints' counts"] == 1
    assert said["years of heights.geojson that contradict the footprints; the footprints' counts"] == 1
    assert [source.path for source in found.sources] == ["houses.gpkg", "heights.geojson"]
    assert shapely.equals(found.buildings.geometry.values, [house(i) for i in range(3)]).all()


def test_on_request_the_other_file_wins(tmp_path, houses):
    other = write(tmp_path, "heights.gpkg", [house(0), house(1)], height=[6.0, 8.0])
    found = combine(OwnFiles(buildings=houses, joins=(other,), join_wins=True))
    assert found.buildings["tagged_height_m"].fillna(0).tolist() == [6, 8, 0]
    assert texts(found)["heights of heights.gpkg that contradict the footprints; heights.gpkg's counts"] == 1


def test_small_differences_are_no_contradiction(tmp_path, houses):
    other = write(tmp_path, "heights.gpkg", [house(0)], height=[10.5], baujahr=[1936])
    found = combine(OwnFiles(buildings=houses, joins=(other,)))
    assert not any("contradict" in text for text in texts(found))


def test_points_count_for_the_building_they_lie_in_or_stand_at_the_door_of(tmp_path, houses):
    # three in the first house, one at the door of the second, one in the street
    xy = [(X + 2, Y + 5), (X + 4, Y + 5), (X + 6, Y + 5), (X + 48.5, Y + 5), (X + 30, Y + 5)]
    other = write(
        tmp_path, "register.gpkg", [shapely.Point(*one) for one in xy], storeys=[2, 5, 3, 4, 9],
        use=["retail", "apartments", "apartments", "office", "hotel"],
    )  # fmt: skip
    found = combine(OwnFiles(buildings=houses, joins=(other,)))
    assert found.buildings["tagged_storey_count"].fillna(0).tolist() == [3, 4, 0]
    assert found.buildings["tagged_use"].fillna("").tolist() == ["residential_multi", "office", ""]
    assert texts(found)["rows of register.gpkg without a building"] == 1
    assert find_problems(found.buildings, BUILDING_COLUMNS, name="buildings") == []


def test_files_speak_in_their_order(tmp_path, houses):
    first = write(tmp_path, "first.gpkg", [house(2)], height=[5.0])
    second = write(tmp_path, "second.gpkg", [house(1), house(2)], height=[7.0, 12.0])
    found = combine(OwnFiles(buildings=houses, joins=(first, second)))
    assert found.buildings["tagged_height_m"].tolist() == [9, 7, 5]


def test_a_mapped_column_may_stand_in_any_of_the_files(tmp_path, houses):
    other = write(tmp_path, "heights.gpkg", [house(1)], z=[8.0])
    found = combine(OwnFiles(buildings=houses, joins=(other,), mapping=("height_m=z",)))
    assert found.buildings["tagged_height_m"].fillna(0).tolist() == [9, 8, 0]
    with pytest.raises(UsageProblem, match=r"houses.gpkg and heights.gpkg has no such column"):
        combine(OwnFiles(buildings=houses, joins=(other,), mapping=("height_m=qqqq",)))


def test_a_file_of_another_place_is_refused(tmp_path, houses):
    other = write(tmp_path, "heights.gpkg", [house(900)], height=[8.0])
    with pytest.raises(InputProblem, match=r"no building of heights.gpkg lies where the footprints are"):
        combine(OwnFiles(buildings=houses, joins=(other,)))


def test_broken_outlines_do_not_stop_a_join(tmp_path, houses):
    bow_tie = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    other = write(tmp_path, "heights.gpkg", [bow_tie, None, house(1)], height=[8.0, 5.0, 6.0])
    found = combine(OwnFiles(buildings=houses, joins=(other,)))
    assert found.buildings["tagged_height_m"].fillna(0).tolist() == [9, 6, 0]


def test_a_system_for_files_that_name_none_does_not_move_the_others(tmp_path, houses):
    other = write(
        tmp_path, "heights.geojson", gpd.GeoSeries([house(1)], crs=UTM).to_crs(4326), crs=4326, height=[8.0]
    )
    found = combine(OwnFiles(buildings=houses, joins=(other,), crs=UTM))
    assert found.buildings["tagged_height_m"].fillna(0).tolist() == [9, 8, 0]


def test_an_extract_serves_as_streets_with_what_lies_around_them(houses, write_osm):
    # at 50° N 10° E, some 70 km from the houses: nothing of it is near
    path = write_osm({1: (0, 0), 2: (5, 0)}, {1: ([1, 2], {"highway": "residential"})})
    found = combine(OwnFiles(buildings=houses, streets=path))
    assert found.streets.empty
    assert texts(found)["streets more than 500 m from the buildings, left out"] == 1


def test_streets_of_an_extract_around_the_buildings_are_taken(tmp_path, write_osm):
    path = write_osm(
        {1: (0, 0), 2: (5, 0), 3: (0, 2), 4: (9, 2), 5: (0, 9)},
        {
            1: ([1, 2], {"highway": "residential", "name": "Am Weg"}),
            2: ([3, 4, 5, 3], {"landuse": "residential"}),
        },
    )
    square = shapely.box(10, 50, 10.0002, 50.0001)
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[square], crs=4326).to_file(tmp_path / "one.gpkg")
    found = combine(OwnFiles(buildings=tmp_path / "one.gpkg", streets=path))
    assert found.streets["name"].tolist() == ["Am Weg"]
    assert found.landuse["kind"].tolist() == ["residential"]
    assert [source.path for source in found.sources] == ["one.gpkg", "town.osm"]


def test_an_extract_serves_as_buildings_too(write_osm):
    nodes = {1: (0, 0), 2: (2, 0), 3: (2, 1), 4: (0, 1)}
    path = write_osm(nodes, {1: ([1, 2, 3, 4, 1], {"building": "house"})})
    assert combine(OwnFiles(buildings=path)).buildings.index.tolist() == ["way/1"]
    with pytest.raises(UsageProblem, match="OpenStreetMap's keys need none"):
        combine(OwnFiles(osm=path, mapping=("height_m=x",)))


def test_settings_outside_their_range_are_refused():
    with pytest.raises(UsageProblem, match="point_reach_m is 99"):
        JoinParams(point_reach_m=99.0)
