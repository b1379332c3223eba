import numpy as np
import pytest

from layers.physics.roof_planes import (
    ground_cover_ratio,
    lay_ridges,
    make_planes,
    pitches_deg,
    rectangle_inside_m2,
    trapezoid_inside_m2,
    triangle_inside_m2,
)
from layers.physics.roof_shapes import (
    CURVED,
    FLAT,
    GABLED,
    HIPPED,
    PYRAMIDAL,
    ROOF_CLASSES,
    SKILLION,
    class_probabilities,
    learn_shape_shares,
    read_shape_prior,
    strata,
    tagged_class,
)

USUAL = (0.0, 35.0, 35.0, 12.0, 35.0, 0.0)


def one_house(length=20.0, width=10.0, axis=90.0, face=np.nan, across=False):
    values = (length, width, axis, length * width, 2 * (length + width), face)
    return lay_ridges(*(np.array([value]) for value in values), np.array([across]))


def planes_of(bases, number, tilt=45.0, edge_m=0.0):
    chance = np.zeros((1, len(ROOF_CLASSES)))
    chance[0, number] = 1.0
    return make_planes(bases, chance, np.full((1, len(ROOF_CLASSES)), tilt), 10.0, edge_m)


def test_a_gabled_roof_along_an_east_west_axis_faces_north_and_south():
    planes = planes_of(one_house(), GABLED)
    assert sorted(planes.azimuth_deg) == [0.0, 180.0]
    # two halves of 20 × 5 m, each longer by 1 / cos 45° on the slope
    assert planes.surface_m2 == pytest.approx([100 * np.sqrt(2)] * 2)


def test_a_ridge_across_turns_the_faces_and_halves_the_long_side():
    planes = planes_of(one_house(across=True), GABLED)
    assert sorted(planes.azimuth_deg) == [90.0, 270.0]
    assert planes.surface_m2.sum() == pytest.approx(200 * np.sqrt(2))


def test_a_tagged_direction_is_a_face_of_the_roof():
    planes = planes_of(one_house(face=200.0), GABLED)
    assert sorted(planes.azimuth_deg) == [20.0, 200.0]
    # a face that looks along the axis means that the ridge runs across
    assert one_house(face=80.0).length_m == 10.0
    assert planes_of(one_house(face=200.0), SKILLION).azimuth_deg.tolist() == [200.0, 200.0]


def test_a_hipped_roof_has_two_long_faces_and_two_ends():
    planes = planes_of(one_house(), HIPPED)
    slope = np.sqrt(2)
    # (20 − 10/2) · 10/2 = 75 m² and 10²/4 = 25 m² in plan
    assert planes.surface_m2 == pytest.approx([75 * slope, 75 * slope, 25 * slope, 25 * slope])
    assert planes.azimuth_deg.tolist() == [180.0, 0.0, 90.0, 270.0]


@pytest.mark.parametrize("number", [FLAT, GABLED, HIPPED, PYRAMIDAL])
def test_planes_without_pitch_cover_the_footprint_exactly(number):
    assert planes_of(one_house(), number, tilt=0.0).surface_m2.sum() == pytest.approx(200.0)


def test_a_skillion_of_unknown_direction_falls_either_way_with_half_a_chance():
    planes = planes_of(one_house(), SKILLION, tilt=0.0)
    assert planes.chance_share.tolist() == [0.5, 0.5]
    assert sorted(planes.azimuth_deg) == [0.0, 180.0]
    assert planes.surface_m2.tolist() == [200.0, 200.0]


def test_a_dome_has_no_planes():
    assert len(planes_of(one_house(), CURVED).building) == 0


def test_rows_on_a_flat_roof_look_east_and_west_and_share_one_surface():
    planes = planes_of(one_house(), FLAT, edge_m=0.5)
    assert planes.azimuth_deg.tolist() == [90.0, 270.0]
    assert planes.tilt_deg.tolist() == [10.0, 10.0]
    # 19 × 9 m inside the edge
    assert planes.piece_m2.tolist() == [171.0, 171.0]
    assert planes.inner_m2.sum() == 171.0


def test_free_edges_are_taken_off_exactly():
    assert rectangle_inside_m2(np.array([10.0]), np.array([6.0]), 1.0)[0] == 32.0
    # a trapezoid with equal parallel sides is a rectangle, one with no ridge a triangle
    box = trapezoid_inside_m2(np.array([10.0]), np.array([10.0]), np.array([6.0]), 1.0)
    assert box[0] == pytest.approx(32.0)
    triangle = trapezoid_inside_m2(np.array([6.0]), np.array([1e-12]), np.array([4.0]), 0.0)
    assert triangle[0] == pytest.approx(triangle_inside_m2(np.array([6.0]), np.array([4.0]), 0.0)[0])
    assert triangle_inside_m2(np.array([6.0]), np.array([4.0]), 2.0)[0] == 0.0


def test_rows_further_north_need_more_room():
    assert ground_cover_ratio(15.0, 30.0) > ground_cover_ratio(15.0, 15.0)
    # below 10° the rows are allowed to shade each other
    assert ground_cover_ratio(15.0, 6.4) == ground_cover_ratio(15.0, 10.0)


def test_a_pitch_comes_from_the_angle_then_from_the_rise_then_from_the_class():
    angle, rise = np.array([20.0, np.nan, np.nan, 89.0]), np.array([9.0, 5.0, np.nan, np.nan])
    pitch = pitches_deg(angle, rise, np.full(4, 10.0), np.full(4, GABLED), USUAL)
    # 5 m over half of 10 m is 45°; 89° is a mistake
    assert pitch[:, GABLED] == pytest.approx([20.0, 45.0, 35.0, 35.0])
    assert pitch[:, FLAT].tolist() == [0.0] * 4


def test_a_skillion_rises_over_its_whole_width():
    pitch = pitches_deg(np.array([np.nan]), np.array([5.0]), np.array([10.0]), np.array([SKILLION]), USUAL)
    assert pitch[0, SKILLION] == pytest.approx(np.degrees(np.arctan(0.5)))


def test_the_table_of_shapes_is_complete_and_knows_large_halls_as_flat():
    prior = read_shape_prior()
    assert prior.share.sum(axis=-1) == pytest.approx(np.ones(prior.share.shape[:2]))
    hall, house = (strata(np.array([use], dtype=object), np.array([area])) for use, area in
                   (("industry", 2000.0), ("residential_single", 120.0)))  # fmt: skip
    assert prior.share[hall][0, FLAT] > 0.8
    assert prior.share[house][0].argmax() == GABLED


def test_mapped_roofs_move_the_shares_of_their_own_kind_only():
    group, size = strata(np.full(40, "residential_single", dtype=object), np.full(40, 120.0))
    shares = learn_shape_shares(group, size, np.full(40, HIPPED), prior_count=20.0)
    prior = read_shape_prior().share
    # (20 · prior + 40) / 60
    assert shares[group[0], size[0], HIPPED] == pytest.approx(
        (20 * prior[group[0], size[0], HIPPED] + 40) / 60
    )
    untouched = np.ones(prior.shape[:2], dtype=bool)
    untouched[group[0], size[0]] = False
    assert shares[untouched] == pytest.approx(prior[untouched])


def test_a_tag_is_certain_and_a_strange_tag_is_none():
    known = tagged_class(np.array(["gambrel", "many", None, "onion"], dtype=object))
    assert known.tolist() == [GABLED, -1, -1, CURVED]
    group, size = strata(np.full(4, "retail", dtype=object), np.full(4, 900.0))
    chance = class_probabilities(group, size, known, read_shape_prior().share)
    assert chance[0].tolist() == [0, 1, 0, 0, 0, 0]
    assert chance[1, FLAT] > 0.8
    assert chance.sum(axis=1) == pytest.approx(np.ones(4))
