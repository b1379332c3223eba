import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.errors import InputProblem
from layers.core.extract import Extract
from layers.footprints import clean_footprints
from layers.physics.polygons import overlapping_pairs, repair_outlines
from layers.sources.building_tags import building_columns, building_frame

UTM = "EPSG:32632"
X, Y = 500_000.0, 5_500_000.0
CORNERS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=9, unique=True)


def outline(corners):
    return shapely.Polygon([(X + x, Y + y) for x, y in corners])


def extract_of(shapes, order):
    columns, _ = building_columns([{"building": "yes"}] * len(shapes))
    ids = [f"way/{number}" for number in order]
    empty = gpd.GeoDataFrame(geometry=[], crs=UTM)
    frame = building_frame(ids, columns, np.array([shapes[number] for number in order], dtype=object), UTM)
    return Extract(frame, *[empty] * 6, sources=())


@settings(max_examples=60, deadline=None)
@given(st.lists(CORNERS, min_size=1, max_size=6))
def test_repaired_outlines_are_valid_polygons_inside_their_box(shapes):
    drawn = np.array([outline(corners) for corners in shapes], dtype=object)
    repaired, _ = repair_outlines(drawn)
    there = ~shapely.is_missing(repaired)
    assert shapely.is_valid(repaired[there]).all()
    assert np.isin(shapely.get_type_id(repaired[there]), [3, 6]).all()
    west, south, east, north = shapely.bounds(drawn[there]).T
    assert (shapely.area(repaired[there]) <= (east - west) * (north - south) + 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(CORNERS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shapes, chance):
    drawn = [outline(corners) for corners in shapes]
    order = list(range(len(drawn)))
    shuffled = order.copy()
    chance.shuffle(shuffled)
    try:
        one, notes = clean_footprints(extract_of(drawn, order), UTM)
    except InputProblem:
        return
    two, other_notes = clean_footprints(extract_of(drawn, shuffled), UTM)
    assert one.index.tolist() == two.index.tolist()
    assert shapely.equals_exact(one.geometry.to_numpy(), two.geometry.to_numpy(), 0.0).all()
    assert notes == other_notes


@settings(max_examples=40, deadline=None)
@given(st.lists(CORNERS, min_size=2, max_size=6))
def test_cleaned_buildings_never_cover_one_another_by_four_fifths(shapes):
    try:
        buildings, _ = clean_footprints(
            extract_of([outline(corners) for corners in shapes], range(len(shapes))), UTM
        )
    except InputProblem:
        return
    outlines = buildings.geometry.to_numpy()
    large, _, shared_m2 = overlapping_pairs(outlines)
    assert (shared_m2 <= 0.8 * shapely.area(outlines)[large] + 1e-6).all()
