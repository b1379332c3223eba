"""A soup of outlines and bytes: nothing crashes, nothing hangs, no good building is lost for a bad one."""

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.errors import PlannerError
from layers.core.extract import Extract
from layers.footprints import clean_footprints
from layers.form import add_form, find_wall_pairs
from layers.sources.building_tags import building_columns, building_frame
from tests.bench.fuzz import fuzz

UTM = "EPSG:32632"
X, Y = 500_000.0, 5_500_000.0
# good buildings stand apart from the soup, so that none of it is a second drawing of them
GOOD = [shapely.box(X + 40 * i, Y + 3000, X + 40 * i + 12, Y + 3009) for i in range(12)]

NUMBERS = st.one_of(
    st.integers(0, 60).map(float),
    st.floats(-1e3, 1e3),
    st.sampled_from([0.0, -0.0, 1e-300, 1e7, 1e12, 1e300, float("inf"), float("-inf"), float("nan")]),
)
PLACES = st.tuples(st.integers(0, 60).map(float), st.integers(0, 60).map(float))
ANYWHERE = st.tuples(NUMBERS, NUMBERS)


def moved(points):
    return [(X + x, Y + y) for x, y in points]


def ring(points):
    # a ring has to begin and end in one place, which no gap is
    first = points[0] if np.isfinite(points[0]).all() else (0.0, 0.0)
    return shapely.Polygon(moved([first, *points[1:]]))


def collection(shapes):
    return shapely.GeometryCollection([shape for shape in shapes if shape is not None])


POLYGONS = st.lists(st.one_of(PLACES, ANYWHERE), min_size=3, max_size=12).map(ring)
SHAPES = st.one_of(
    POLYGONS,
    st.lists(PLACES, min_size=3, max_size=40).map(ring),
    st.builds(shapely.Point, NUMBERS, NUMBERS),
    st.lists(PLACES, min_size=2, max_size=5).map(lambda points: shapely.LineString(moved(points))),
    st.lists(POLYGONS, max_size=3).map(shapely.MultiPolygon),
    st.lists(POLYGONS, max_size=3).map(collection).map(lambda inner: collection([inner])),
    st.builds(lambda x, y, w, h: shapely.box(x, y, x + w, y + h), NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    st.just(shapely.Polygon()),
    st.none(),
)


def extract_of(shapes, ids):
    columns, _ = building_columns([{"building": "yes"}] * len(shapes))
    empty = gpd.GeoDataFrame(geometry=[], crs=UTM)
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    return Extract(building_frame(ids, columns, filled, UTM), *[empty] * 6, sources=())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SHAPES, max_size=10),
    st.lists(st.sampled_from(["a", "b", "good/1", ""]), min_size=10, max_size=10),
)
def test_no_soup_loses_a_good_building(soup, names):
    ids = [*(f"good/{number}" for number in range(len(GOOD))), *names[: len(soup)]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        buildings, notes = clean_footprints(extract_of([*GOOD, *soup], ids))
        buildings = add_form(buildings, wall_pairs=find_wall_pairs(buildings))
    outlines = set(shapely.to_wkb(buildings.geometry.to_crs(UTM).to_numpy()))
    assert all(shapely.to_wkb(good) in outlines for good in GOOD)
    assert buildings.index.is_unique
    assert shapely.is_valid(buildings.geometry.to_numpy()).all()
    assert np.isfinite(buildings["footprint_area_m2"]).all()
    assert len(buildings) <= len(GOOD) + len(soup)
    assert all(note.count >= 0 for note in notes)


@settings(max_examples=40, deadline=None)
@given(st.lists(SHAPES, max_size=12))
def test_soup_alone_is_a_table_or_a_sentence(soup):
    try:
        buildings, _ = clean_footprints(extract_of(soup, [f"s/{number}" for number in range(len(soup))]))
    except PlannerError as problem:
        assert str(problem).endswith(".")
        return
    assert len(add_form(buildings, wall_pairs=find_wall_pairs(buildings))) == len(buildings)


@pytest.mark.slow
def test_no_damaged_file_crashes_or_hangs_a_reader():
    outcomes, failures = fuzz(2_000, seed=2)
    assert failures == {}
    assert sum(outcomes.values()) == 2_000
    assert outcomes["read"] > 50
    assert outcomes["refused"] > 500
