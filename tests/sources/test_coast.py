"""The sea from coastlines: land to the left, water to the right."""

import numpy as np
import pytest
import shapely

from layers.core.crs import to_crs
from layers.core.errors import UsageProblem
from layers.sources.coast import Sea, carry_on, find_sea
from layers.sources.osm import read_osm

# a box of one hundredth of a degree at the equator, about 1.1 km wide
BOX = (0.0, 0.0, 0.01, 0.01)
WHOLE = 1e-4
NO_BUILDINGS = np.empty(0, dtype=object)


def line(*corners):
    return shapely.LineString(np.array(corners) / 1000)


def sea_of(*coastlines, buildings=NO_BUILDINGS, box=BOX) -> Sea:
    return find_sea(np.array(coastlines, dtype=object), box, buildings)


def area(sea):
    return shapely.area(sea.faces).sum()


def is_water(sea, x, y):
    return bool(shapely.intersects_xy(sea.faces, x / 1000, y / 1000).any())


def test_an_open_coast_parts_the_box_into_land_and_sea():
    sea = sea_of(line((10, 4), (5, 4), (0, 4)))  # drawn to the west: north of it is water
    assert area(sea) == pytest.approx(0.6 * WHOLE)
    assert is_water(sea, 5, 9)
    assert not is_water(sea, 5, 1)
    assert sea.undecided_count == 0


def test_an_island_is_land_and_all_around_it_is_sea():
    island = line((4, 4), (6, 4), (6, 6), (4, 6), (4, 4))  # against the clock: land inside
    sea = sea_of(island)
    assert area(sea) == pytest.approx(0.96 * WHOLE)
    assert not is_water(sea, 5, 5)
    assert is_water(sea, 1, 1)


def test_water_inside_a_ring_drawn_with_the_clock_is_sea_and_the_rest_is_land():
    sea = sea_of(line((4, 4), (4, 6), (6, 6), (6, 4), (4, 4)))
    assert area(sea) == pytest.approx(0.04 * WHOLE)
    assert is_water(sea, 5, 5)


def test_a_bay_with_an_island_in_it():
    bay = line((7, 10), (7, 3), (3, 3), (3, 10))  # down, west, up: the bay is to the right
    island = line((4.5, 5), (5.5, 5), (5.5, 6), (4.5, 6), (4.5, 5))
    sea = sea_of(bay, island)
    assert area(sea) == pytest.approx((0.28 - 0.01) * WHOLE)
    assert is_water(sea, 4, 5.5)
    assert not is_water(sea, 5, 5.5)
    assert not is_water(sea, 1, 5)


def test_a_coast_drawn_in_pieces_is_one_coast():
    sea = sea_of(line((10, 4), (6, 4)), line((6, 4), (2, 4)), line((2, 4), (0, 4)))
    assert area(sea) == pytest.approx(0.6 * WHOLE)


def test_two_shores_of_a_strait():
    # the southern shore runs west (water north of it), the northern one east (water south of it)
    sea = sea_of(line((10, 3), (0, 3)), line((0, 6), (10, 6)))
    assert area(sea) == pytest.approx(0.3 * WHOLE)
    assert is_water(sea, 5, 5)
    assert sea.undecided_count == 0


def test_a_piece_drawn_the_wrong_way_leaves_the_coast_undecided():
    sea = sea_of(line((10, 4), (5, 4)), line((0, 4), (5, 4)))
    assert len(sea.faces) == 0
    assert sea.undecided_count == 2


def test_a_wrong_island_leaves_the_water_around_it_undecided_and_other_water_drawn():
    shore = line((10, 3), (0, 3))
    wrong = line((4, 5), (4, 6), (6, 6), (6, 5), (4, 5))
    lagoon = line((1, 1), (1, 2), (2, 2), (2, 1), (1, 1))
    sea = sea_of(shore, wrong, lagoon)
    assert is_water(sea, 1.5, 1.5)
    assert not is_water(sea, 8, 8)
    assert sea.undecided_count == 1


def test_ends_cut_near_the_edge_are_carried_on_to_it():
    sea = sea_of(line((9.9, 4), (5, 4), (0.3, 4)))
    assert area(sea) == pytest.approx(0.6 * WHOLE)


def test_an_end_far_inside_is_no_coast_to_rely_on():
    sea = sea_of(line((10, 4), (5, 4)))
    assert len(sea.faces) == 0
    assert sea.undecided_count == 1


def test_only_open_ends_inside_the_box_are_carried_on():
    joined = np.array([line((10, 4), (9.5, 4)), line((9.5, 4), (0.1, 4))], dtype=object)
    (added,) = carry_on(joined, BOX)
    assert shapely.get_coordinates(added).tolist() == [[0.0001, 0.004], [0.0, 0.004]]


def test_an_end_is_carried_to_the_side_that_is_nearest_on_the_ground():
    # at 60° north a degree to the east is half as long as one to the north
    coast = np.array([shapely.LineString([(10.1, 60.1), (10.001, 60.0008)])], dtype=object)
    (added,) = carry_on(coast, (10.0, 60.0, 10.2, 60.2))
    assert shapely.get_coordinates(added)[1].tolist() == [10.0, 60.0008]


def test_coasts_that_reach_beyond_the_box_count_inside_it():
    sea = sea_of(line((14, 4), (9, 4), (1, 4), (-3, 4)), line((12, 12), (13, 12), (13, 13), (12, 12)))
    assert area(sea) == pytest.approx(0.6 * WHOLE)


def test_a_town_does_not_stand_in_the_sea():
    coast = line((10, 4), (0, 4))
    town = shapely.buffer(shapely.points(np.linspace(0.001, 0.009, 20), 0.008), 1e-5)
    sea = sea_of(coast, buildings=town)
    assert len(sea.faces) == 0
    assert sea.undecided_count == 1


def test_one_boathouse_among_many_buildings_may_stand_in_the_sea():
    xy = np.column_stack([np.linspace(0.001, 0.009, 40), np.full(40, 0.002)])
    xy[0, 1] = 0.0042
    sea = sea_of(line((10, 4), (0, 4)), buildings=shapely.buffer(shapely.points(xy), 1e-5))
    assert area(sea) == pytest.approx(0.6 * WHOLE)


def test_without_coast_or_without_extent_there_is_no_sea():
    assert len(sea_of().faces) == 0
    assert len(sea_of(line((0, 4), (10, 4)), box=(0.0, 0.0, 0.0, 0.01)).faces) == 0


NODES = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (1, 2), 5: (9.9, 4), 6: (5, 4), 7: (0.1, 4)}
HOUSE = {1: ([1, 2, 3, 4, 1], {"building": "yes"})}


def test_the_reader_draws_the_sea_of_a_town_with_a_coast(write_osm):
    coast = {2: ([5, 6, 7], {"natural": "coastline"})}
    extract = read_osm(write_osm(NODES, HOUSE | coast, bounds=(0, 0, 10, 10)))
    sea = extract.background.loc["sea/1"]
    assert sea["kind"] == "water"
    assert sea.geometry.area == pytest.approx(60e-8)
    assert extract.background.index.is_monotonic_increasing


def test_the_reader_carries_a_cut_coast_to_the_edge(write_osm):
    # node 99 lies outside the extract
    coast = {2: ([99, 5, 6, 7, 99], {"natural": "coastline"})}
    extract = read_osm(write_osm(NODES, HOUSE | coast, bounds=(0, 0, 10, 10)))
    assert extract.background.geometry["sea/1"].area == pytest.approx(60e-8)


def test_the_reader_says_when_a_coast_is_not_clear(write_osm):
    coast = {2: ([7, 6, 5], {"natural": "coastline"})}  # the house would stand in the water
    extract = read_osm(write_osm(NODES, HOUSE | coast, bounds=(0, 0, 10, 10)))
    assert extract.background.index.tolist() == ["way/2"]
    (note,) = [note for note in extract.notes if "coast" in note.text]
    assert note.count == 1


def test_helsinkis_bay_is_water_and_the_railway_station_is_not(samples):
    background = read_osm(samples / "helsinki.osm.pbf").background
    sea = background[background.index.str.startswith("sea/")]
    assert set(sea["kind"]) == {"water"}
    assert to_crs(sea, "EPSG:32635").area.sum() / 1e4 == pytest.approx(10.4, abs=0.1)  # hectares
    bay, island, station, south_harbour = shapely.points(
        [(24.9435, 60.1780), (24.9490, 60.1780), (24.9414, 60.1719), (24.95335, 60.1657)]
    )
    assert [bool(sea.intersects(place).any()) for place in (bay, island, station, south_harbour)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_in_helsinki_only_ships_and_the_boat_club_stand_in_the_sea(samples):
    extract = read_osm(samples / "helsinki.osm.pbf")
    sea = extract.background[extract.background.index.str.startswith("sea/")].union_all()
    middles = shapely.centroid(extract.buildings.geometry.to_numpy())
    afloat = extract.buildings.loc[shapely.intersects(sea, middles), "name"]
    assert sorted(afloat) == ["Hakaniemen venekerho ry", "M/S Maria", "Pikkudami"]


def test_karhula_has_no_sea_in_its_extract(samples):
    background = read_osm(samples / "karhula.osm.pbf").background
    assert not background.index.str.startswith("sea/").any()


def test_what_is_cut_far_from_the_edge_is_a_setting():
    from layers.sources.coast import CoastParams, carry_on

    # the line ends 0.002° of longitude, some 220 m, inside the box
    coast = np.array([shapely.LineString([(0.002, 0.05), (0.1, 0.05)])])
    box = (0.0, 0.0, 0.1, 0.1)
    assert len(carry_on(coast, box)) == 1
    assert len(carry_on(coast, box, CoastParams(end_m=100.0))) == 0
    with pytest.raises(UsageProblem, match="end_m"):
        CoastParams(end_m=-1.0)
