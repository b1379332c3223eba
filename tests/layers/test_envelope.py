"""Areas of simple bodies, by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import affinity, box

from layers.core.contracts import find_problems
from layers.core.errors import ContractProblem, UsageProblem
from layers.core.facts import value
from layers.core.weather import FACADE_NAMES
from layers.envelope import (
    ADDS,
    WALL_COLUMNS,
    WINDOW_COLUMNS,
    EnvelopeParams,
    add_envelope,
    exposed_wall_m2,
)

NO_PAIRS = pd.DataFrame({"left": [], "right": [], "length_m": []})


def houses(*outlines, height=6.0, storeys=2.0, use="residential_single", heated=True, width=None, **more):
    count = len(outlines)
    sides = shapely.bounds(np.array(outlines))
    box_width = np.minimum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1])
    columns = {
        "footprint_area_m2": shapely.area(np.array(outlines)),
        "box_width_m": box_width if width is None else width,
        "height_m": np.broadcast_to(height, count).astype(float),
        "storey_count": np.broadcast_to(storeys, count).astype(float),
        "use": use,
        "roof_shape": "flat",
        "heated": np.broadcast_to(heated, count).astype(bool),
    }
    index = pd.Index([f"way/{i}" for i in range(count)], name="building_id")
    return gpd.GeoDataFrame(columns | more, geometry=list(outlines), index=index, crs="EPSG:25832")


def pairs(*rows):
    return pd.DataFrame(rows, columns=["left", "right", "length_m"])


def test_a_detached_box_has_the_areas_of_a_box():
    # 10 m east–west, 8 m north–south, 6 m high
    one = add_envelope(houses(box(0, 0, 10, 8)), NO_PAIRS).iloc[0]
    assert one["wall_area_m2"] == pytest.approx(2 * (10 + 8) * 6)
    assert one["wall_area_north_m2"] == pytest.approx(60) == one["wall_area_south_m2"]
    assert one["wall_area_east_m2"] == pytest.approx(48) == one["wall_area_west_m2"]
    assert one["wall_area_north_east_m2"] == 0
    assert one["roof_area_m2"] == one["ground_area_m2"] == 80
    assert one["volume_m3"] == pytest.approx(480)
    assert one["heated_floor_area_m2"] == pytest.approx(80 * 2 * 0.85)
    assert one["window_area_m2"] == pytest.approx(0.18 * 136)
    assert one["shared_wall_area_m2"] == 0


def test_what_is_added_keeps_its_contract_and_the_input():
    table = houses(box(0, 0, 10, 8), box(20, 0, 30, 8), heated=[True, False])
    before = table.copy()
    result = add_envelope(table, NO_PAIRS)
    assert find_problems(result, ADDS, name="buildings") == []
    assert set(result.columns) - set(before.columns) == {column.name for column in ADDS}
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before))


def test_a_party_wall_leaves_the_envelope_up_to_the_lower_roof_and_from_the_right_facade():
    # a 6 m house west of a 9 m house, sharing 8 m of wall
    result = add_envelope(houses(box(0, 0, 10, 8), box(10, 0, 18, 8), height=[6.0, 9.0]), pairs((0, 1, 8.0)))
    assert result["shared_wall_area_m2"].tolist() == pytest.approx([48, 48])
    assert result["wall_area_east_m2"].tolist() == pytest.approx([0, 72])
    assert result["wall_area_west_m2"].tolist() == pytest.approx([48, 72 - 48])
    assert result["wall_area_m2"].tolist() == pytest.approx([36 * 6 - 48, 32 * 9 - 48])


def test_a_gap_between_drawings_and_a_part_of_a_wall_still_find_their_facade():
    # 0.2 m apart, only the northern 3 m of the eastern wall are shared
    result = add_envelope(houses(box(0, 0, 10, 8), box(10.2, 5, 18, 13)), pairs((0, 1, 3.0)))
    assert result["wall_area_east_m2"].iloc[0] == pytest.approx((8 - 3) * 6)
    assert result["wall_area_west_m2"].iloc[1] == pytest.approx((8 - 3) * 6)


def test_a_pair_whose_walls_are_not_found_takes_from_all_facades():
    result = add_envelope(houses(box(0, 0, 10, 10), box(30, 0, 40, 10)), pairs((0, 1, 4.0)))
    walls = result[list(WALL_COLUMNS)].to_numpy()
    assert walls[:, [0, 2, 4, 6]] == pytest.approx(np.full((2, 4), 54.0))


def test_overlapping_neighbours_never_leave_negative_walls():
    wall = np.array([[60.0, 0, 48, 0, 60, 0, 48, 0]])
    taken = np.array([[0.0, 0, 80, 0, 0, 0, 0, 0]])
    none = np.zeros((0, 8))
    left = exposed_wall_m2(wall, np.array([0]), np.array([], dtype=int), taken, none)
    assert left.sum() == pytest.approx(216 - 80)
    assert left[0, 2] == 0
    everything = exposed_wall_m2(wall, np.array([0]), np.array([], dtype=int), taken * 10, none)
    assert (everything == 0).all()


def test_walls_around_a_courtyard_face_inwards_and_count():
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    one = add_envelope(houses(ring, height=10.0, storeys=3), NO_PAIRS).iloc[0]
    assert one["wall_area_m2"] == pytest.approx((120 + 40) * 10)
    assert one["wall_area_north_m2"] == pytest.approx((30 + 10) * 10)
    assert one["ground_area_m2"] == pytest.approx(800)


def test_parts_of_a_multipolygon_add_up_whatever_their_ring_direction():
    east, west = box(0, 0, 10, 8), box(50, 0, 60, 8)
    both = shapely.MultiPolygon([east.reverse(), west])
    one = add_envelope(houses(both), NO_PAIRS).iloc[0]
    assert one["wall_area_m2"] == pytest.approx(2 * 216)
    assert one["wall_area_east_m2"] == pytest.approx(2 * 48)


@pytest.mark.parametrize("turn_deg", [45, 90, 135, 180, 270])
def test_turning_a_house_turns_its_facades(turn_deg):
    straight = add_envelope(houses(box(0, 0, 10, 4)), NO_PAIRS)
    # affinity turns counter-clockwise, façades count clockwise
    turned = add_envelope(houses(affinity.rotate(box(0, 0, 10, 4), -turn_deg)), NO_PAIRS)
    expected = np.roll(straight[list(WALL_COLUMNS)].to_numpy()[0], turn_deg // 45)
    assert turned[list(WALL_COLUMNS)].to_numpy()[0] == pytest.approx(expected, abs=1e-6)


def test_a_roof_rises_above_the_walls_and_never_lowers_them():
    # ridge 3 m above the eaves of a house 8 m wide: tan = 3/4, cos = 4/5, so the slopes are 5/4 of the plan
    walls_and_volume = {"height": 6.0, "roof_shape": "gabled", "roof_height_m": 3.0}
    cold = add_envelope(
        houses(box(0, 0, 10, 8), **walls_and_volume), NO_PAIRS, params=EnvelopeParams(heated_attic_share=0)
    ).iloc[0]
    assert cold["wall_area_m2"] == pytest.approx(36 * 6)
    assert cold["volume_m3"] == pytest.approx(80 * (6 + 1.5))
    # over a cold attic heat ends at the ceiling, in a heated one at the slopes
    assert cold["roof_area_m2"] == pytest.approx(80)
    usual = add_envelope(houses(box(0, 0, 10, 8), **walls_and_volume), NO_PAIRS).iloc[0]
    assert usual["roof_area_m2"] == pytest.approx(80 * (1 + 0.41 * 0.25))
    assert usual["wall_area_m2"] == cold["wall_area_m2"]


def all_attics_heated(**more):
    table = houses(box(0, 0, 10, 8), **({"height": 20.0} | more))
    return add_envelope(table, NO_PAIRS, params=EnvelopeParams(heated_attic_share=1.0)).iloc[0]


def test_the_mapped_angle_goes_before_the_usual_pitch():
    assert all_attics_heated(roof_shape="hipped", roof_angle_deg=60.0)["roof_area_m2"] == pytest.approx(160)
    usual = all_attics_heated(roof_shape="hipped")["roof_area_m2"]
    assert usual == pytest.approx(80 / np.cos(np.radians(35)))


def test_the_pitches_are_those_of_the_roof_solar_layer():
    pitches = EnvelopeParams().roof_pitch_deg
    for kind in ("gabled", "hipped", "skillion", "pyramidal"):
        assert pitches[kind] == value("solar", f"pitch_{kind}")


def test_a_slope_without_a_shape_is_a_gable_and_a_flat_roof_stays_flat():
    assert all_attics_heated(roof_shape=None, roof_angle_deg=60.0)["roof_area_m2"] == pytest.approx(160)
    flat = all_attics_heated(roof_shape="flat", roof_height_m=pd.NA)
    assert flat["roof_area_m2"] == 80
    assert flat["volume_m3"] == pytest.approx(80 * 20)


@pytest.mark.parametrize("shape", [pd.NA, None, "crosspitched"])
def test_a_roof_that_nobody_mapped_is_the_average_of_such_roofs(shape):
    one = all_attics_heated(height=6.0, roof_shape=np.array([shape], dtype=object))
    # houses below 150 m²: 64 % gabled, 18 % hipped and 3 % pyramidal at 35°, 5 % skillion at 12°
    pitched, slight = 0.85, 0.05
    slope = pitched / np.cos(np.radians(35)) + slight / np.cos(np.radians(12)) + 0.10
    rise = pitched * np.tan(np.radians(35)) * 4 + slight * np.tan(np.radians(12)) * 8
    assert one["roof_area_m2"] == pytest.approx(80 * slope)
    assert one["wall_area_m2"] == pytest.approx(216)
    assert one["volume_m3"] == pytest.approx(80 * (6 + rise / 2))


def test_roofs_of_houses_are_as_large_as_those_of_the_example_buildings():
    # TABULA, 215 single-family houses as built: roof over lowest floor 1.08 on average
    assumed = houses(box(0, 0, 10, 8), roof_shape=None)
    assert add_envelope(assumed, NO_PAIRS)["roof_area_m2"].iloc[0] / 80 == pytest.approx(1.08, abs=0.02)


def test_large_halls_are_assumed_flatter_than_houses():
    table = houses(box(0, 0, 10, 8), box(100, 0, 160, 40), use=["residential_single", "industry"])
    ratio = add_envelope(table.assign(roof_shape=None), NO_PAIRS)["roof_area_m2"] / [80, 2400]
    assert 1.0 < ratio.iloc[1] < 1.02 < ratio.iloc[0]


def test_storeys_and_heights_need_not_be_whole():
    one = add_envelope(houses(box(0, 0, 10, 10), height=7.35, storeys=2.5), NO_PAIRS).iloc[0]
    assert one["heated_floor_area_m2"] == pytest.approx(212.5)
    assert one["wall_area_m2"] == pytest.approx(40 * 7.35)


def test_an_unheated_building_keeps_its_geometry_only():
    one = add_envelope(houses(box(0, 0, 10, 8), use="outbuilding", heated=False), NO_PAIRS).iloc[0]
    assert one["heated_floor_area_m2"] == one["window_area_m2"] == 0
    assert one["wall_area_m2"] == pytest.approx(216)


def test_windows_of_offices_follow_the_wall_and_those_of_deep_dwellings_stay_on_it():
    office = add_envelope(houses(box(0, 0, 10, 8), use="office"), NO_PAIRS).iloc[0]
    assert office["window_area_m2"] == pytest.approx(0.296 * 216)
    deep = add_envelope(houses(box(0, 0, 100, 100), use="residential_multi", height=3.0, storeys=1), NO_PAIRS)
    # 0.18 × 8,500 m² would be 1,530 m² on 1,200 m² of wall
    assert deep["window_area_m2"].iloc[0] == pytest.approx(0.6 * 1200)


def test_halls_have_fewer_windows_than_offices_of_the_same_size():
    halls = houses(box(0, 0, 60, 40), box(100, 0, 160, 40), use=["industry", "office"], storeys=1.0)
    found = add_envelope(halls, NO_PAIRS)["window_area_m2"]
    # a tenth of 2,400 · 0.85 m² of floor, against 0.296 of 1,200 m² of wall
    assert found.tolist() == pytest.approx([204, 0.296 * 1200])


def test_missing_columns_and_gaps_are_named_together():
    table = houses(box(0, 0, 10, 8)).drop(columns="heated").assign(height_m=np.nan)
    with pytest.raises(ContractProblem, match=r"height_m has no value.*heated is missing"):
        add_envelope(table, NO_PAIRS)


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="floor_area_ratio is"):
        EnvelopeParams(floor_area_ratio=1.7)


def test_an_empty_city_has_an_empty_envelope():
    result = add_envelope(houses(box(0, 0, 1, 1)).iloc[:0], NO_PAIRS)
    assert len(result) == 0 and set(WALL_COLUMNS) <= set(result.columns)
    assert len(FACADE_NAMES) == 8


def test_windows_of_dwellings_are_those_of_their_period_and_kind():
    years = [1930.0, 1970.0, np.nan]
    single = add_envelope(houses(*three(), construction_year=years), NO_PAIRS)
    multi = add_envelope(houses(*three(), construction_year=years, use="residential_multi"), NO_PAIRS)
    facts = [value("envelope", f"window_floor_{name}") for name in ("single_to_1945", "single_1961_1980")]
    ratio = (single["window_area_m2"] / single["heated_floor_area_m2"]).tolist()
    assert ratio == pytest.approx([*facts, value("envelope", "window_floor")])
    assert multi["window_area_m2"].iloc[1] > single["window_area_m2"].iloc[1]


def three():
    return [box(x, 0, x + 10, 8) for x in (0, 1000, 2000)]


def test_windows_by_facade_add_up_and_are_fewer_in_the_north():
    one = add_envelope(houses(box(0, 0, 10, 8)), NO_PAIRS).iloc[0]
    facing = one[list(WINDOW_COLUMNS)].to_numpy(dtype=float)
    assert facing.sum() == pytest.approx(one["window_area_m2"], rel=1e-12)
    # north and south walls are alike: 0.70 of the windows of the south
    assert facing[0] / facing[4] == pytest.approx(value("envelope", "window_north_single"))
    assert facing[[1, 3, 5, 7]].sum() == 0


def test_a_blind_party_wall_has_no_windows():
    result = add_envelope(houses(box(0, 0, 10, 8), box(10, 0, 20, 8)), pairs((0, 1, 8.0)))
    assert result["window_area_east_m2"].iloc[0] == 0
    assert result["window_area_west_m2"].iloc[0] > 0


def test_a_street_hides_the_sky_of_the_facades_along_it_only():
    # two rows 12 m high on either side of a street of 12 m: 6 m above the middle of the wall, 26.6°
    rows = [box(0, 0, 300, 10), box(0, 22, 300, 32)]
    result = add_envelope(houses(*rows, height=12.0, height_origin="tagged"), NO_PAIRS)
    assert result["horizon_north_deg"].iloc[0] == pytest.approx(26.6, abs=1.5)
    assert result["horizon_south_deg"].iloc[1] == pytest.approx(26.6, abs=1.5)
    assert result["horizon_south_deg"].iloc[0] == 0 == result["horizon_north_deg"].iloc[1]
    assert result["horizon_origin"].tolist() == ["tagged", "tagged"]


def test_a_horizon_is_as_sure_as_the_least_sure_height_behind_it():
    near = [box(0, 0, 10, 8), box(0, 20, 10, 28), box(5000, 0, 5010, 8)]
    result = add_envelope(houses(*near, height_origin=["measured", "default", "measured"]), NO_PAIRS)
    assert result["horizon_origin"].tolist() == ["default", "default", "measured"]


def test_unheated_buildings_have_horizons_and_hide_the_sky_of_others():
    result = add_envelope(houses(box(0, 0, 10, 8), box(0, 14, 10, 22), heated=[True, False]), NO_PAIRS)
    assert result["horizon_north_deg"].iloc[0] > 10
    assert result["window_area_m2"].iloc[1] == 0
