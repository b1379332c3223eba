"""What must hold for any town: order changes nothing, nothing gets lost, nobody is in two districts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.cells import make_cells
from layers.districts import DistrictParams, learn_districts
from layers.street_heat import add_street_heat
from layers.totals import add_district_totals

CRS = "EPSG:32635"
PARAMS = DistrictParams(smallest_count=5, largest_count=40, buildings_per_district_count=40, rerun_count=1)


def streets_of(size_m: float) -> gpd.GeoDataFrame:
    """Return a grid of streets, 80 m apart."""
    at = np.arange(0.0, size_m + 1, 80.0)
    cross = [shapely.LineString([(x, y) for y in at]) for x in at]
    along = [shapely.LineString([(x, y) for x in at]) for y in at]
    return gpd.GeoDataFrame(
        {
            "name": pd.array([None] * 2 * len(at), dtype="string"),
            "kind": "residential",
            "bridge": False,
            "tunnel": False,
        },
        geometry=cross + along,
        index=[f"way/s{k}" for k in range(2 * len(at))],
        crs=CRS,
    )


@st.composite
def towns(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Boxes anywhere on 500 m by 500 m, overlapping or far from each other as chance wants it."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 60))
    x, y = rng.uniform(0, 500, (2, count)).round(1)
    wide, deep = rng.uniform(3, 30, (2, count)).round(1)
    heat = rng.uniform(0, 50_000, count) * (rng.uniform(size=count) > 0.2)
    return gpd.GeoDataFrame(
        {
            "heat_demand_kwh": heat, "heated_floor_area_m2": heat / 100, "footprint_area_m2": wide * deep,
            "pv_technical_kwh": heat / 2, "pv_technical_kwp": heat / 2000,
            "pv_calibrated_kwh": heat / 5, "pv_calibrated_kwp": heat / 5000,
        },
        geometry=shapely.box(x, y, x + wide, y + deep),
        index=[f"way/{k}" for k in range(count)],
        crs=CRS,
    )  # fmt: skip


def plan(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    nothing = gpd.GeoDataFrame(
        {"name": pd.array([], dtype="string"), "kind": np.array([], dtype=object)}, geometry=[], crs=CRS
    )
    streets = streets_of(480.0)
    buildings, districts = learn_districts(buildings, streets, nothing, nothing, PARAMS)
    buildings, streets = add_street_heat(buildings, streets)
    draws = pd.DataFrame(index=districts.index)
    return (
        buildings,
        streets,
        add_district_totals(districts, buildings, streets, {"heat_demand": draws, "pv_calibrated": draws}),
    )


@settings(max_examples=25, deadline=None)
@given(towns())
def test_districts_streets_and_squares_each_add_up_to_the_buildings(town):
    buildings, streets, districts = plan(town)
    heat_mwh = town["heat_demand_kwh"].sum() / 1000
    lost = buildings["heat_demand_kwh"][buildings["street_id"].isna()].sum() / 1000
    assert districts["heat_demand_mwh"].sum() == pytest.approx(heat_mwh, rel=1e-9)
    assert streets["connected_heat_mwh"].sum() + lost == pytest.approx(heat_mwh, rel=1e-9)
    assert make_cells(buildings)[0]["heat_demand_mwh"].sum() == pytest.approx(heat_mwh, rel=1e-9)
    assert districts["building_count"].sum() == len(town)


@settings(max_examples=25, deadline=None)
@given(towns())
def test_outlines_do_not_overlap_and_hold_their_buildings(town):
    buildings, _, districts = plan(town)
    shapes = np.asarray(districts.geometry.array, dtype=object)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-6)
    points = shapely.point_on_surface(np.asarray(buildings.geometry.array, dtype=object))
    own = np.asarray(districts.geometry.loc[buildings["district_id"]].array, dtype=object)
    assert (shapely.distance(points, own) < 0.2).all()


@settings(max_examples=15, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_moves_no_building_to_another_district_or_street(town, random):
    order = list(town.index)
    random.shuffle(order)
    one, _, first = plan(town)
    two, _, second = plan(town.loc[order])
    again = two.loc[one.index]
    assert (again["district_id"] == one["district_id"]).all()
    assert again["street_id"].equals(one["street_id"])
    pd.testing.assert_frame_equal(first.drop(columns="geometry"), second.drop(columns="geometry"))
