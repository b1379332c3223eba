import numpy as np
import pytest

from layers.physics.roof_areas import (
    ground_cover_ratio,
    half_hip_inside_m2,
    module_counts,
    rectangle_inside_m2,
    trapezoid_inside_m2,
    triangle_inside_m2,
)
from layers.physics.roof_forms import EAST_WEST_DEG, SOUTH_DEG, FormSettings, make_planes
from layers.physics.roof_planes import lay_ridges, pitches_deg
from layers.physics.roof_shapes import (
    CURVED,
    FLAT,
    GABLED,
    GAMBREL,
    HALF_HIPPED,
    HIPPED,
    MANSARD,
    PYRAMIDAL,
    ROOF_CLASSES,
    SKILLION,
    class_probabilities,
    learn_shape_shares,
    read_shape_prior,
    strata,
    tagged_class,
)

USUAL = (0.0, 35.0, 35.0, 12.0, 35.0, 40.0, 28.0, 28.0, 0.0)


def one_house(length=20.0, width=10.0, axis=90.0, face=np.nan, across=False):
    values = (length, width, axis, length * width, 2 * (length + width), face)
    return lay_ridges(*(np.array([value]) for value in values), np.array([across]))


def planes_of(bases, number, tilt=45.0, edge_m=0.0, rows=EAST_WEST_DEG):
    chance = np.zeros((1, len(ROOF_CLASSES)))
    chance[0, number] = 1.0
    form = FormSettings(10.0, rows, edge_m, half_hip_ratio=0.5, break_ratio=0.25, lower_tilt_deg=60.0)
    return make_planes(bases, chance, np.full((1, len(ROOF_CLASSES)), tilt), form)


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


PITCHED = [GABLED, HIPPED, PYRAMIDAL, HALF_HIPPED, MANSARD, GAMBREL]


@pytest.mark.parametrize("number", [FLAT, *PITCHED])
@pytest.mark.parametrize("across", [False, True])
def test_planes_seen_from_above_cover_the_footprint_exactly(number, across):
    planes = planes_of(one_house(across=across), number, tilt=33.0)
    tilt = np.where(planes.roof_class == FLAT, 0.0, planes.tilt_deg)
    assert (planes.surface_m2 * np.cos(np.radians(tilt))).sum() == pytest.approx(200.0)


@pytest.mark.parametrize("number", PITCHED)
def test_the_trapezoids_on_which_modules_are_laid_are_as_large_as_the_planes(number):
    planes = planes_of(one_house(), number, tilt=33.0)
    assert (planes.eaves_m + planes.top_m) / 2 * planes.slope_m == pytest.approx(planes.surface_m2)


def test_a_half_hipped_roof_is_a_gable_whose_upper_half_is_hipped():
    planes = planes_of(one_house(), HALF_HIPPED)
    slope = np.sqrt(2)
    # half-hips 5 m wide and 2.5 m deep: 5 · 2.5 / 2 = 6.25 m² each, taken from two sides of 100 m²
    assert planes.surface_m2 == pytest.approx([93.75 * slope, 93.75 * slope, 6.25 * slope, 6.25 * slope])
    assert planes.azimuth_deg.tolist() == [180.0, 0.0, 90.0, 270.0]


def test_a_mansard_has_four_steep_slopes_below_a_hipped_roof():
    planes = planes_of(one_house(), MANSARD)
    # a band 1.25 m wide: (20 − 1.25) · 1.25 and (10 − 1.25) · 1.25, twice as long at 60°
    low = [18.75 * 1.25 * 2] * 2 + [8.75 * 1.25 * 2] * 2
    # a hipped roof over 17.5 × 7.5 m: (17.5 − 3.75) · 3.75 and 7.5² / 4
    high = [13.75 * 3.75 * np.sqrt(2)] * 2 + [7.5**2 / 4 * np.sqrt(2)] * 2
    assert planes.surface_m2 == pytest.approx(low + high)
    assert planes.tilt_deg.tolist() == [60.0] * 4 + [45.0] * 4
    assert planes.azimuth_deg.tolist() == [180.0, 0.0, 90.0, 270.0] * 2


def test_a_gambrel_breaks_its_two_sides():
    planes = planes_of(one_house(), GAMBREL)
    # 1.25 m in plan below the break, 3.75 m above
    assert planes.surface_m2 == pytest.approx([20 * 2.5] * 2 + [20 * 3.75 * np.sqrt(2)] * 2)
    assert planes.azimuth_deg.tolist() == [180.0, 0.0] * 2


def test_free_edges_of_a_half_hip_lie_between_those_of_gable_and_hip():
    length, slope, width = np.array([20.0]), np.array([7.0]), np.array([10.0])
    assert half_hip_inside_m2(length, slope, width, 0.0, 0.5)[0] == pytest.approx(19 * 6)
    assert half_hip_inside_m2(length, slope, width, 1.0, 0.0)[0] == pytest.approx(15 * 7)
    hip = trapezoid_inside_m2(length, length - width, slope, 0.5)[0]
    assert hip < half_hip_inside_m2(length, slope, width, 0.5, 0.5)[0] < 19 * 6


def test_modules_are_laid_whole_and_the_better_way_round():
    def laid(eaves, top, slope):
        return module_counts(*(np.array([value]) for value in (eaves, top, slope)), 0.5, 1.7, 1.1)[0]

    # 4 × 1.8 m inside the edge: three upright ones of 1.1 m with gaps, or one row of two lying
    assert laid(5.0, 5.0, 2.8) == 3
    # 5.2 × 1.2 m inside: only lying ones fit, three with two gaps are 5.14 m
    assert laid(6.2, 6.2, 2.2) == 3
    assert laid(6.2, 6.2, 0.9) == 0
    # a triangle holds fewer than half of its rectangle
    assert 0 < laid(12.0, 0.0, 8.0) < laid(12.0, 12.0, 8.0) / 2


def test_rows_that_look_south_are_one_plane():
    planes = planes_of(one_house(), FLAT, rows=SOUTH_DEG)
    assert planes.azimuth_deg.tolist() == [180.0] and planes.surface_m2.tolist() == [200.0]


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
    assert known.tolist() == [GAMBREL, -1, -1, CURVED]
    group, size = strata(np.full(4, "retail", dtype=object), np.full(4, 900.0))
    chance = class_probabilities(group, size, known, read_shape_prior().share)
    assert chance[0].tolist() == np.eye(9)[GAMBREL].tolist()
    assert chance[1, FLAT] > 0.8
    assert chance.sum(axis=1) == pytest.approx(np.ones(4))
