import math

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.core.building_columns import BUILDING_COLUMNS, EARLIEST_YEAR, LATEST_YEAR
from layers.core.contracts import find_problems
from layers.core.uses import USES
from layers.sources.building_tags import BUILDING_KEYS, building_columns
from layers.sources.tagged_use import BUILDING_USES, stated_use
from layers.sources.tags import FOOT_M, parse_height_m, parse_storey_count, parse_years

# what mappers write: numbers with all kinds of signs around them
SCRIBBLES = st.text(alphabet="0123456789 .,;:-–~?'\"mftsCc/<>+beforaely…٣\u202e\x00", max_size=24)
ANY_TEXT = st.one_of(SCRIBBLES, st.text(max_size=40))


@settings(max_examples=300)
@given(ANY_TEXT)
def test_no_text_breaks_a_parser_and_every_number_is_believable(text):
    height_m, storeys = parse_height_m(text), parse_storey_count(text)
    assert math.isnan(height_m) or 1 <= height_m <= 500
    assert math.isnan(storeys) or 0.5 <= storeys <= 120


@settings(max_examples=300)
@given(ANY_TEXT)
def test_years_are_a_range_in_the_right_order(text):
    first, last = parse_years(text)
    for year in (first, last):
        assert math.isnan(year) or (EARLIEST_YEAR <= year <= LATEST_YEAR and year == round(year))
    assert math.isnan(first) or math.isnan(last) or first <= last


@settings(max_examples=100)
@given(st.integers(EARLIEST_YEAR, LATEST_YEAR), st.integers(0, 200))
def test_a_stated_range_is_read_back_exactly(first, length):
    last = min(first + length, LATEST_YEAR)
    assert parse_years(f"{first}..{last}") == (first, last)
    assert parse_years(str(first)) == (first, first)


@settings(max_examples=100)
@given(st.floats(5, 400))
def test_feet_and_metres_agree(height_m):
    text_m, text_ft = f"{height_m:.4f} m", f"{height_m / FOOT_M:.4f} ft"
    assert math.isclose(parse_height_m(text_m), parse_height_m(text_ft), rel_tol=1e-4)


TAGS = st.dictionaries(
    st.sampled_from(sorted(BUILDING_KEYS)),
    st.one_of(st.sampled_from(sorted(BUILDING_USES)), ANY_TEXT),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(TAGS, max_size=6))
def test_any_tags_give_a_table_that_keeps_the_contract(rows):
    table, notes = building_columns(rows)
    assert find_problems(table, BUILDING_COLUMNS, name="buildings") == []
    assert all(note.count > 0 for note in notes)
    for name in table["name"].dropna():
        assert name.isprintable() or " " in name
        assert "\x00" not in name
        assert "\u202e" not in name


@settings(max_examples=200)
@given(TAGS, st.one_of(st.just(math.nan), st.floats(1, 60)))
def test_a_use_is_one_of_the_list_and_never_stated_twice(tags, storeys):
    stated = stated_use(tags, storeys)
    assert stated.use is None or stated.use in USES
    assert not (stated.is_home and stated.use is not None)


@settings(max_examples=60)
@given(st.lists(TAGS, min_size=1, max_size=8))
def test_a_building_is_described_the_same_alone_and_among_others(rows):
    together, _ = building_columns(rows)
    alone = pd.concat([building_columns([row])[0] for row in rows], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)
    for place, row in enumerate(rows):
        # the whole of a row's tags, also those that say nothing of its use
        use = stated_use(row, together["tagged_storey_count"][place]).use
        assert use == (together["tagged_use"][place] if together["tagged_use"].notna()[place] else None)
