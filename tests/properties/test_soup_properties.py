"""A soup of outlines and bytes: nothing crashes, nothing hangs, no good building is lost for a bad one."""

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from layers.attributes import ADDS as ATTRIBUTES
from layers.attributes import add_attributes, learn_attributes
from layers.core.contracts import find_problems
from layers.core.errors import PlannerError
from layers.core.extract import Extract
from layers.districts import ADDS as DISTRICTS
from layers.districts import learn_districts
from layers.envelope import ADDS as ENVELOPE
from layers.envelope import add_envelope
from layers.footprints import ADDS as FOOTPRINTS
from layers.footprints import clean_footprints
from layers.form import ADDS as FORM
from layers.form import add_form, find_wall_pairs
from layers.sources.building_tags import building_columns, building_frame
from layers.sources.stock import read_stock_periods
from layers.sources.tag_columns import TEXT
from layers.sources.vector import read_streets
from tests.bench.fuzz import fuzz

UTM = "EPSG:32632"
STOCK = read_stock_periods("DE")
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


def extract_of(shapes, ids, tags=None):
    columns, _ = building_columns((tags or [{"building": "yes"}] * len(shapes))[: len(shapes)])
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


WORDS = st.none() | st.sampled_from(
    ["", " ", "yes", "0", "-1", "9", "12 m", "1e9", "3;4", "1890s", "9999", "house", "garage", "church",
     "apartments", "42261", "\x00", "\u202e<b>", "=1+1", "x" * 300]
)  # fmt: skip
KEYS = ("building", "height", "building:levels", "start_date", "amenity", "mml:class", "roof:shape",
        "roof:angle", "name", "heritage")  # fmt: skip
TAGS = st.fixed_dictionaries(dict.fromkeys(KEYS, WORDS))
# looking for the smallest case that fails would take many minutes
BRIEFLY = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
LINES = st.one_of(
    st.lists(st.one_of(PLACES, ANYWHERE), min_size=2, max_size=6).map(lambda p: shapely.LineString(moved(p))),
    st.just(shapely.LineString([(X - 50, Y + 2990), (X + 600, Y + 2990)])),
)
# what is read has coordinates that are numbers
READ_LINES = st.lists(PLACES, min_size=2, max_size=6).map(lambda points: shapely.LineString(moved(points)))
KINDS = st.sampled_from(
    ["residential", "motorway", "rail", "river", "footway", "", "school", "admin_9", "town"]
)


def table_of(kind_of, shapes, **columns):
    index = pd.Index(
        [f"{kind_of}/{number}" for number in range(len(shapes))], name=f"{kind_of}_id", dtype=TEXT
    )
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=index), geometry=filled, crs=UTM)


def text(values):
    return pd.array(values, dtype=TEXT)


@settings(BRIEFLY, max_examples=20)
@given(
    st.lists(SHAPES, max_size=6),
    st.lists(TAGS, min_size=18, max_size=18),
    st.lists(READ_LINES, max_size=4),
    st.lists(st.lists(PLACES, min_size=3, max_size=9).map(ring), max_size=3),
    st.lists(KINDS, min_size=4, max_size=4),
)
def test_no_soup_stops_what_is_said_of_the_buildings(soup, tags, lines, areas, kinds):
    rows = [{key: word for key, word in tag.items() if word is not None} for tag in tags]
    extract = extract_of([*GOOD, *soup], [f"b/{number}" for number in range(len(GOOD) + len(soup))], rows)
    kind = text([kinds[number % 4] for number in range(max(len(lines), len(areas)))])
    plain = np.zeros(len(lines), dtype=bool)
    streets = table_of(
        "street", lines, name=kind[: len(lines)], kind=kind[: len(lines)], bridge=plain, tunnel=plain
    )
    barriers = table_of("barrier", lines, kind=kind[: len(lines)])
    land = table_of("land", areas, kind=kind[: len(areas)], name=kind[: len(areas)])
    middles = [shapely.Point(X + 40 * number, Y + 3004) for number in range(len(areas))]
    points = table_of("point", middles, use=text(["school"] * len(areas)), kind=kind[: len(areas)],
                      name=kind[: len(areas)])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        buildings, _ = clean_footprints(extract)
        crs = buildings.crs
        streets, barriers, land, points = (table.to_crs(crs) for table in (streets, barriers, land, points))
        pairs = find_wall_pairs(buildings)
        buildings = add_form(buildings, wall_pairs=pairs)
        buildings, districts = learn_districts(buildings, streets, barriers, land)
        model = learn_attributes(buildings, land, points, STOCK)
        buildings = add_envelope(add_attributes(buildings, land, points, model), pairs)
    assert find_problems(buildings, (*FOOTPRINTS, *FORM, *DISTRICTS, *ATTRIBUTES, *ENVELOPE), name="b") == []
    assert set(buildings["district_id"]) <= set(districts.index)
    assert districts["building_count"].sum() == len(buildings) >= len(GOOD)


@settings(BRIEFLY, max_examples=40)
@given(st.lists(LINES | SHAPES, max_size=8), st.lists(WORDS, min_size=8, max_size=8))
def test_any_table_of_streets_is_streets_or_a_sentence(tmp_path_factory, shapes, words):
    path = tmp_path_factory.mktemp("streets") / "streets.parquet"
    columns = {"highway": text(words[: len(shapes)]), "bridge": text(words[::-1][: len(shapes)])}
    table_of("s", shapes, **columns).to_parquet(path)
    try:
        extract = read_streets(path)
    except PlannerError as problem:
        assert path.name in str(problem)
        return
    assert extract.streets.index.is_unique
    assert (extract.streets.geom_type == "LineString").all()
    assert extract.streets["kind"].notna().all()


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
