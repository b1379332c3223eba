"""What no shape, place or order of buildings may change."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from layers.form import ADDS, add_form, find_wall_pairs

CRS = "EPSG:32635"


@st.composite
def towns(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Houses on a jittered grid, some of which touch, overlap or have a courtyard."""
    houses = []
    for k in range(draw(st.integers(2, 12))):
        x, y = 10.0 * (k % 4), 12.0 * (k // 4)
        wide, deep = draw(st.floats(4, 10.3)), draw(st.floats(4, 12.3))
        house = shapely.box(x, y, x + wide, y + deep)
        if draw(st.booleans()):
            house = house.difference(shapely.box(x + 1.5, y + 1.5, x + wide - 1.5, y + deep - 1.5))
        houses.append(affinity.rotate(house, draw(st.floats(-3, 3))))
    index = [f"way/{k}" for k in range(len(houses))]
    return gpd.GeoDataFrame(geometry=houses, index=index, crs=CRS)


@settings(max_examples=30, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_building(buildings, random):
    order = list(buildings.index)
    random.shuffle(order)
    straight, shuffled = add_form(buildings), add_form(buildings.loc[order]).loc[buildings.index]
    for column in ADDS:
        np.testing.assert_allclose(
            shuffled[column.name].to_numpy(float), straight[column.name].to_numpy(float), rtol=1e-9, atol=1e-9
        )


@settings(max_examples=30, deadline=None)
@given(towns(), st.floats(0, 360), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_turning_and_moving_a_town_changes_no_shared_wall(buildings, turn, east, north):
    moved = buildings.set_geometry(buildings.rotate(turn, origin=(0, 0)).translate(east, north))
    before = add_form(buildings)["shared_wall_length_m"].to_numpy()
    after = add_form(moved)["shared_wall_length_m"].to_numpy()
    # a wall exactly on a threshold may fall to either side; a town of boxes rarely has one
    assert np.mean(np.abs(after - before) < 1e-6) >= 0.8
    assert after.sum() == pytest.approx(before.sum(), rel=0.05, abs=0.5)


@settings(max_examples=30, deadline=None)
@given(towns())
def test_nobody_shares_more_wall_than_it_has(buildings):
    form, pairs = add_form(buildings), find_wall_pairs(buildings)
    assert (form["shared_wall_length_m"] <= form["perimeter_m"] + 1e-9).all()
    assert (pairs["left"] < pairs["right"]).all()
    assert (pairs["length_m"] > 0).all()
