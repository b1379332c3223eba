import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sources.building_tags import building_columns, first_of
from layers.sources.table_rows import as_texts, row_ids, said_by
from layers.sources.tag_columns import Said, Texts, distinct

WORDS = st.sampled_from(["", " ", "yes", "house", "9", "9 m", "0", "x", "1890s"])
KEYS = ("building", "height", "building:height", "building:levels", "amenity", "name", "heritage")
ROWS = st.lists(st.dictionaries(st.sampled_from(KEYS), WORDS), min_size=1, max_size=8)


def test_a_column_knows_each_word_once():
    texts = Texts.of(["a", None, "b", "a"])
    assert texts.words == ["a", "b"]
    assert texts.place.tolist() == [0, -1, 1, 0]
    assert texts.to_column().isna().tolist() == [False, True, False, False]


def test_words_that_become_equal_are_one():
    assert Texts.of(["A", "a", ""]).mapped(lambda word: word.lower() or None).words == ["a"]


def test_a_column_speaks_where_another_is_silent_or_says_less():
    first, second = Texts.of(["yes", None, "yes"]), Texts.of(["house", "shed", None])
    assert first.filled_by(second).to_list() == ["yes", "shed", "yes"]
    assert first.filled_by(second, first.flags("yes".__eq__)).to_list() == ["house", "shed", "yes"]


def test_a_column_of_gaps_has_none_of_anything():
    nothing = Texts.gaps(2)
    assert nothing.to_list() == [None, None]
    assert nothing.flags(bool).tolist() == [False, False]
    assert np.isnan(nothing.numbers(np.zeros(0))).all()
    assert nothing.to_column().isna().all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), max_size=20))
def test_equal_rows_are_one_and_different_rows_are_not(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    group, first = distinct(list(columns), len(rows))
    assert len(first) == len(set(rows))
    assert [rows[first[number]] for number in group] == rows


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_columns_say_what_their_rows_say(rows):
    said = Said.of_rows(rows)
    assert said.to_rows() == rows
    heights = said.first_of("height", "building:height").to_list()
    assert heights == [first_of(row, "height", "building:height") for row in rows]
    group, _, different = said.different(KEYS)
    listed = list(different)
    assert [listed[number] for number in group] == rows


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_a_row_means_the_same_among_others_as_alone(rows):
    together, _ = building_columns(rows)
    alone = pd.concat([building_columns([row])[0] for row in rows], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series([363100012345678, 363100012345679]), ["363100012345678", "363100012345679"]),
        (pd.Series([363100012345678.0, np.nan]), ["363100012345678", None]),
        (pd.array([12_345_678_901, None], dtype="Int64"), ["12345678901", None]),
        (pd.Series([np.inf, 0.1 + 0.2]), [None, "0.3"]),
        (pd.Series(["", "a"], dtype="string"), [None, "a"]),
        (pd.Series(["a", 1, None, 2.0, b"x"], dtype=object), ["a", "1", None, "2", None]),
        (pd.Categorical(["b", None]), ["b", None]),
        (pd.Series(pd.to_datetime(["1936-05-12", None])), ["1936-05-12 00:00:00", None]),
    ],
)
def test_any_column_is_read_as_texts(values, texts):
    assert as_texts(pd.Series(values)).to_list() == texts


def test_long_numbers_of_a_register_stay_different_ids():
    points = gpd.points_from_xy([0, 1], [0, 1])
    table = gpd.GeoDataFrame({"identificatie": [363100012345678, 363100012345679]}, geometry=points)
    assert row_ids(table).tolist() == ["363100012345678", "363100012345679"]


def test_a_bag_speaks_last_and_only_of_what_is_asked():
    table = pd.DataFrame({"h": ["9", None], "tags": ['{"height": 3, "colour": "red"}'] * 2})
    said = said_by(table, {"height": ["h"]}, ["tags"], frozenset({"height"}))
    assert said.to_rows() == [{"height": "9"}, {"height": "3"}]


def test_rows_without_an_id_are_named_after_their_place():
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]
    table = gpd.GeoDataFrame({"id": ["a", None]}, geometry=shapes)
    first, second = row_ids(table)
    assert first == "a"
    assert second.startswith("g/")
    assert row_ids(table.iloc[[1]]).tolist() == [second]


def test_rows_without_an_id_are_named_even_where_their_corners_are_no_numbers():
    shapes = shapely.from_wkt(["POLYGON ((0 0, 0 1, 0 -inf, 0 0))", "POLYGON EMPTY", "POINT (nan 1)"])
    names = row_ids(gpd.GeoDataFrame({"id": [None, None, None]}, geometry=shapes)).tolist()
    assert all(name.startswith("g/") for name in names)
    assert len(set(names)) == 3
