import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from reports.container import NumberedField, NumberField, encode_layer, quantise, write_signed, write_whole
from tests.reports.container_reader import Section, read_container


@given(st.lists(st.integers(0, 2**53), min_size=1, max_size=50))
@settings(max_examples=100, deadline=None)
def test_whole_numbers_come_back(values):
    section = Section(write_whole(np.array(values, dtype=np.int64)))
    assert [section.whole() for _ in values] == values


@given(st.lists(st.integers(-(2**51), 2**51), min_size=1, max_size=50))
@settings(max_examples=100, deadline=None)
def test_signed_numbers_come_back(values):
    section = Section(write_signed(np.array(values, dtype=np.int64)))
    assert [section.signed() for _ in values] == values


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=30), st.integers(-3, 3))
@settings(max_examples=100, deadline=None)
def test_numbers_come_back_as_quantised(values, decimals):
    numbers = pd.Series(values, dtype=float)
    table = gpd.GeoDataFrame({"v": numbers}, geometry=[Point(0, 0)] * len(values), crs="EPSG:4326")
    _, features = read_container(encode_layer(table, [NumberField("v", decimals)], "point", is_ordered=True))
    expected = quantise(numbers.to_numpy(), decimals)
    for feature, number in zip(features, expected, strict=True):
        assert (feature["v"] is None) == np.isnan(number)
        assert feature["v"] is None or feature["v"] == number


@given(st.lists(st.none() | st.text(max_size=20), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back(texts):
    texts = [None if text is None else text.encode("utf-8", "ignore").decode() for text in texts]
    table = gpd.GeoDataFrame(
        {"id": pd.array(texts, dtype="string")}, geometry=[Point(0, 0)] * len(texts), crs="EPSG:4326"
    )
    _, features = read_container(encode_layer(table, [NumberedField("id")], "point", is_ordered=True))
    assert [feature["id"] for feature in features] == texts
