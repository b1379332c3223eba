import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

from layers.core.contracts import find_problems
from layers.core.errors import CrsProblem, InputProblem, UsageProblem
from layers.core.extract import Extract
from layers.footprints import ADDS, FootprintParams, clean_footprints
from layers.sources.building_tags import building_columns, building_frame
from layers.sources.osm import read_osm

UTM = "EPSG:32632"
X, Y = 500_000.0, 5_500_000.0
BOW_TIE = Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])


def house(east_m, width_m=10.0, depth_m=10.0, north_m=0.0):
    return box(X + east_m, Y + north_m, X + east_m + width_m, Y + north_m + depth_m)


def extract_of(shapes, *, tags=None, ids=None, crs=UTM):
    shapes = np.array(shapes, dtype=object)
    columns, _ = building_columns(tags or [{"building": "house"}] * len(shapes))
    ids = ids or [f"way/{number}" for number in range(1, len(shapes) + 1)]
    empty = gpd.GeoDataFrame(geometry=[], crs=crs)
    return Extract(building_frame(ids, columns, shapes, crs), *[empty] * 6, sources=())


def clean(shapes, **more):
    return clean_footprints(extract_of(shapes, **more), UTM)


def count_of(notes, words):
    return sum(note.count for note in notes if words in note.text)


def test_a_sound_house_passes_unchanged():
    buildings, notes = clean([house(0)])
    assert buildings.geometry.iloc[0].equals(house(0))
    assert not buildings["is_repaired"].any()
    assert notes == ()
    assert find_problems(buildings, ADDS, name="buildings") == []


def test_a_bow_tie_keeps_the_area_of_both_halves_and_is_flagged():
    buildings, notes = clean([BOW_TIE, house(50)])
    assert buildings.area.to_dict() == pytest.approx({"way/1": 50.0, "way/2": 100.0})
    assert buildings["is_repaired"].to_dict() == {"way/1": True, "way/2": False}
    assert count_of(notes, "repaired") == 1


def test_what_is_no_polygon_is_dropped_and_counted():
    broken = [None, Point(X, Y), Polygon(), Polygon([(X, Y), (np.nan, Y), (X, Y + 5)]), house(0)]
    buildings, notes = clean(broken)
    assert buildings.index.tolist() == ["way/5"]
    assert count_of(notes, "without a geometry") == 3
    assert count_of(notes, "points and lines") == 1


def test_slivers_and_flat_outlines_are_dropped_and_counted():
    flat = Polygon([(X, Y), (X + 5, Y), (X + 9, Y)])
    buildings, notes = clean([house(0, 50, 0.2), house(0, 0.5, 0.5, north_m=60), flat, house(80)])
    assert buildings.index.tolist() == ["way/4"]
    assert count_of(notes, "slivers") == 3


def test_a_collection_gives_its_polygons():
    mixed = shapely.GeometryCollection([house(0), Point(X, Y), house(30)])
    buildings, _ = clean([mixed])
    assert buildings.geom_type.tolist() == ["MultiPolygon"]
    assert buildings.area.tolist() == pytest.approx([200])


def test_of_two_drawings_of_one_house_the_better_described_stays():
    tags = [{"building": "yes"}, {"building": "yes", "height": "9", "name": "Mill"}]
    buildings, notes = clean([house(0), house(0.5)], tags=tags)
    assert buildings.index.tolist() == ["way/2"]
    assert count_of(notes, "second drawings") == 1


def test_equal_drawings_leave_the_same_one_in_any_order():
    one, _ = clean([house(0), house(0)], ids=["way/1", "way/2"])
    two, _ = clean([house(0), house(0)], ids=["way/2", "way/1"])
    assert one.index.tolist() == two.index.tolist() == ["way/1"]


def test_neighbours_that_overlap_by_half_are_both_kept_and_reported():
    buildings, notes = clean([house(0), house(5)])
    assert len(buildings) == 2
    assert count_of(notes, "overlap in part") == 1


def test_a_chapel_inside_the_cathedral_counts_with_the_cathedral():
    buildings, notes = clean([house(0, 40, 40), house(5, 5, 5, north_m=5)])
    assert buildings.index.tolist() == ["way/1"]
    assert count_of(notes, "inside another") == 1


def test_a_house_in_a_courtyard_is_a_house():
    ring = Polygon(house(0, 40, 40).exterior, [house(10, 20, 20, north_m=10).exterior])
    assert len(clean([ring, house(15, 8, 8, north_m=15)])[0]) == 2


def test_a_kiosk_under_a_canopy_stays_and_so_does_the_canopy():
    tags = [{"building": "roof"}, {"building": "kiosk"}]
    buildings, _ = clean([house(0, 40, 40), house(5, 5, 5, north_m=5)], tags=tags)
    assert len(buildings) == 2


def test_an_outline_that_was_drawn_around_houses_goes_and_the_houses_stay():
    frame = house(0, 20, 10)
    buildings, notes = clean([frame, house(0), house(10)])
    assert buildings.index.tolist() == ["way/2", "way/3"]
    assert count_of(notes, "second drawings") == 1


def test_repeated_ids_get_new_ones_that_do_not_depend_on_the_order():
    shapes = [house(0), house(50), house(100)]
    ids = ["7", "7", "7-2"]
    one, notes = clean(shapes, ids=ids)
    two, _ = clean(shapes[::-1], ids=ids[::-1])
    assert count_of(notes, "given a new one") == 1
    assert one.index.is_unique
    assert one.geometry["7"].equals(house(0))
    assert {name: shape.wkb for name, shape in one.geometry.items()} == {
        name: shape.wkb for name, shape in two.geometry.items()
    }


def test_rows_come_sorted_by_id_whatever_their_order():
    buildings, _ = clean([house(50), house(0)], ids=["way/9", "way/10"])
    assert buildings.index.tolist() == ["way/10", "way/9"]


def test_an_absurdly_large_outline_is_dropped_and_a_very_large_one_reported():
    buildings, notes = clean([house(0, 2_000, 2_000), house(9_000, 500, 500)])
    assert buildings.index.tolist() == ["way/2"]
    assert count_of(notes, "larger than 1,000,000 m² dropped") == 1
    assert count_of(notes, "larger than 100,000 m², kept") == 1


def test_an_outline_with_very_many_corners_is_simplified_and_keeps_its_area():
    angle = np.linspace(0, 2 * np.pi, 50_001)[:-1]
    round_house = Polygon(np.column_stack([X + 30 * np.cos(angle), Y + 30 * np.sin(angle)]))
    buildings, notes = clean([round_house])
    assert shapely.get_num_coordinates(buildings.geometry.to_numpy())[0] < 200
    assert buildings.area.iloc[0] == pytest.approx(np.pi * 900, rel=0.01)
    assert count_of(notes, "very many corners") == 1


def test_a_small_silent_building_beside_a_house_is_an_outbuilding():
    tags = [{"building": "house"}, {"building": "yes"}, {"building": "yes"}, {"building": "kiosk"}]
    shapes = [house(0, 12, 10), house(20, 5, 5), house(300, 5, 5), house(0, 5, 5, north_m=20)]
    buildings, notes = clean(shapes, tags=tags)
    # the second is beside the house, the third far from any, the fourth says what it is
    assert buildings["is_outbuilding"].tolist() == [False, True, False, False]
    assert count_of(notes, "by their size") == 1


def test_a_tagged_garage_is_an_outbuilding_wherever_it_stands():
    buildings, _ = clean([house(0, 20, 10)], tags=[{"building": "garages"}])
    assert buildings["is_outbuilding"].tolist() == [True]


def test_a_tiny_home_beside_a_house_stays_a_home():
    tags = [{"building": "house"}, {"building": "residential"}]
    buildings, _ = clean([house(0, 12, 10), house(20, 5, 5)], tags=tags)
    assert not buildings["is_outbuilding"].any()


def test_degrees_become_metres_in_the_zone_of_the_place():
    shapes = gpd.GeoSeries([house(0)], crs=UTM).to_crs(4326).to_numpy()
    buildings, _ = clean_footprints(extract_of(shapes, crs="EPSG:4326"))
    assert buildings.crs == UTM
    assert buildings.area.iloc[0] == pytest.approx(100, rel=1e-6)


def test_metres_that_are_called_degrees_are_refused():
    with pytest.raises(CrsProblem):
        clean_footprints(extract_of([house(0)], crs="EPSG:4326"))


def test_swapped_latitude_and_longitude_are_noticed():
    with pytest.raises(CrsProblem, match="swapped"):
        clean_footprints(extract_of([box(60.17, 24.94, 60.18, 24.95)], crs="EPSG:4326"))


def test_nothing_usable_is_one_sentence_that_says_what_was_dropped():
    with pytest.raises(InputProblem, match=r"1 points and lines dropped.*choose a file"):
        clean([Point(X, Y)])
    with pytest.raises(InputProblem, match="the table has no rows"):
        clean([])


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="duplicate_overlap_share is 80"):
        FootprintParams(duplicate_overlap_share=80)


def test_the_input_is_left_as_it_was():
    extract = extract_of([BOW_TIE, house(50), house(50)])
    before = extract.buildings.copy()
    clean_footprints(extract, UTM)
    pd.testing.assert_frame_equal(extract.buildings, before)


@pytest.mark.parametrize(
    ("name", "kept_count", "outbuilding_count"), [("helsinki", 435, 34), ("karhula", 2170, 894)]
)
def test_both_samples_are_cleaned(name, kept_count, outbuilding_count):
    from pathlib import Path

    path = Path(__file__).parents[2] / "planner" / "data" / "samples" / f"{name}.osm.pbf"
    buildings, _ = clean_footprints(read_osm(path))
    assert len(buildings) == kept_count
    assert buildings["is_outbuilding"].sum() == outbuilding_count
    assert buildings.crs == "EPSG:32635"
    assert find_problems(buildings, ADDS, name="buildings") == []
    assert buildings.geometry.is_valid.all()
