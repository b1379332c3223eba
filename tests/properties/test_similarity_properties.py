"""What must hold for any district: bounds, symmetry, and that knowing less never adds coverage."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from replication.dictionary import categories_of, compared_indicators
from replication.distance import indicator_distances, point_distance, scale_table
from replication.district_table import DistrictIndicators
from replication.lighthouses import read_lighthouses
from replication.pairs import SimilarityParams
from replication.similarity import compare_districts

LIBRARY = read_lighthouses()
PARAMS = SimilarityParams(draw_count=20)


def values_of(indicator):
    if indicator.is_number:
        wide = indicator.pool_high - indicator.pool_low
        return st.floats(max(indicator.pool_low - wide, 0.0), indicator.pool_high + wide)
    return st.sampled_from(categories_of(indicator.name))


DISTRICTS = st.fixed_dictionaries({}, optional={one.name: values_of(one) for one in compared_indicators()})


def as_indicators(*districts):
    values = pd.DataFrame([dict(one) for one in districts], index=[f"d{i}" for i in range(len(districts))])
    values.index.name = "district_id"
    return DistrictIndicators(values, values.notna().astype(float))


@settings(max_examples=25, deadline=None)
@given(DISTRICTS)
def test_shares_stay_shares_and_reasons_add_up(district):
    found = compare_districts(as_indicators(district), LIBRARY, 1, PARAMS)
    pairs = found.similarities
    for column in (
        "similarity_share",
        "coverage_share",
        "first_probability_share",
        "cautious_similarity_share",
    ):
        known = pairs[column].dropna()
        assert known.between(0, 1).all(), column
    apart = found.parts.sum(axis=2)[0]
    assert np.allclose(apart, 1 - pairs["similarity_share"].fillna(1), atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(DISTRICTS, DISTRICTS)
def test_the_distance_of_two_points_is_symmetric_and_within_one(left, right):
    there, back = point_distance(left, right), point_distance(right, left)
    assert np.isnan(there) == np.isnan(back)
    assert np.isnan(there) or (0 <= there <= 1 + 1e-12 and abs(there - back) < 1e-12)


@settings(max_examples=25, deadline=None)
@given(DISTRICTS, st.data())
def test_knowing_less_never_adds_coverage(district, data):
    kept = data.draw(st.sets(st.sampled_from(sorted(district)))) if district else set()
    thinned = {name: value for name, value in district.items() if name in kept}
    found = compare_districts(as_indicators(district, thinned), LIBRARY, 1, PARAMS).similarities
    whole, less = (found[found["district_id"] == name]["coverage_share"].to_numpy() for name in ("d0", "d1"))
    assert (less <= whole + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(DISTRICTS)
def test_a_wider_interval_is_never_farther(district):
    points = scale_table(as_indicators(district).values).scaled
    middle = np.full((1, points.shape[1]), 0.5)
    places = [place for place, one in enumerate(compared_indicators()) if one.is_number]
    narrow = indicator_distances(points, middle - 0.05, middle + 0.05)[..., places]
    wide = indicator_distances(points, middle - 0.2, middle + 0.2)[..., places]
    assert (np.nan_to_num(wide) <= np.nan_to_num(narrow) + 1e-12).all()
