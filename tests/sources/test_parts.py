import numpy as np
import pytest
import shapely

from layers.sources.parts import Parts, find_owners, mean_over_footprint, serve_buildings

HOUSE = np.array([shapely.box(0, 0, 10, 10)])
NOTHING = np.array([np.nan])


def parts(boxes, storeys, first_storey):
    count = len(boxes)
    gaps = np.full(count, np.nan)
    return Parts(
        np.array(boxes), gaps, np.zeros(count), np.array(storeys, float), np.array(first_storey, float)
    )


def storeys_of(own, *arguments):
    return serve_buildings(parts(*arguments), HOUSE, NOTHING, np.array([own]))[1][0]


def test_two_halves_of_two_and_six_storeys_are_four_storeys():
    halves = [shapely.box(0, 0, 5, 10), shapely.box(5, 0, 10, 10)]
    assert storeys_of(np.nan, halves, [2, 6], [0, 0]) == 4


def test_a_tower_on_a_base_adds_only_its_own_storeys():
    # 100 m² × 3 storeys and 20 m² × (8 - 3) storeys on 100 m²
    pieces = [shapely.box(0, 0, 10, 10), shapely.box(0, 0, 2, 10)]
    assert storeys_of(np.nan, pieces, [3, 8], [0, 3]) == 4


def test_ground_without_a_part_takes_the_outlines_own_value():
    # a quarter of 2 storeys, the rest 6
    assert storeys_of(6.0, [shapely.box(0, 0, 5, 5)], [2], [0]) == pytest.approx(5.0)


def test_a_small_part_does_not_speak_for_a_silent_outline():
    assert np.isnan(storeys_of(np.nan, [shapely.box(0, 0, 5, 5)], [2], [0]))


def test_a_storey_in_the_air_says_nothing_about_the_ground_below():
    assert np.isnan(storeys_of(np.nan, [shapely.box(0, 0, 10, 10)], [7], [6]))
    assert storeys_of(5.0, [shapely.box(0, 0, 10, 10)], [7], [6]) == 5


def test_parts_drawn_over_one_another_never_exceed_the_highest():
    twice = [shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10)]
    assert storeys_of(np.nan, twice, [6, 8], [0, 0]) == 8


def test_a_part_belongs_to_the_smallest_building_around_it():
    buildings = np.array([shapely.box(0, 0, 100, 100), shapely.box(0, 0, 10, 10)])
    found = find_owners(np.array([shapely.box(1, 1, 2, 2), shapely.box(500, 0, 501, 1)]), buildings)
    assert found.tolist() == [1, -1]


def test_without_parts_nothing_changes():
    own = np.array([3.0, np.nan])
    none = np.zeros(0)
    found = mean_over_footprint(own, np.array([10.0, 10.0]), np.zeros(0, dtype=int), none, none, none)
    assert found.tolist() == pytest.approx(own.tolist(), nan_ok=True)
