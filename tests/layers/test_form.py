"""Form of buildings, by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.core.contracts import find_problems
from layers.core.errors import CrsProblem, UsageProblem
from layers.form import ADDS, FormParams, add_form, find_wall_pairs
from tests.layers.samples import sample

CRS = "EPSG:32635"


def town(*polygons: shapely.Geometry) -> gpd.GeoDataFrame:
    index = [f"way/{k}" for k in range(len(polygons))]
    return gpd.GeoDataFrame({"building_id": index}, geometry=list(polygons), crs=CRS).set_index("building_id")


def test_a_house_of_ten_by_eight_is_described_as_one():
    house = add_form(town(shapely.box(0, 0, 10, 8))).iloc[0]
    assert house["footprint_area_m2"] == 80
    assert house["perimeter_m"] == 36
    assert house["compactness_ratio"] == pytest.approx(4 * np.pi * 80 / 36**2)
    assert (house["corner_count"], house["neighbour_count"], house["near_count"]) == (4, 0, 0)
    assert (house["box_length_m"], house["box_width_m"], house["axis_azimuth_deg"]) == (10, 8, 90)
    assert house["built_share"] == pytest.approx(80 / (np.pi * 100**2))


def test_an_l_shaped_house_has_six_corners_and_vertices_on_a_wall_are_none():
    shape = shapely.Polygon([(0, 0), (5, 0), (10, 0), (10, 5), (5, 5), (5, 10), (0, 10)])
    assert add_form(town(shape))["corner_count"].tolist() == [6]


def test_a_long_house_towards_the_north_east_points_there():
    house = shapely.affinity.rotate(shapely.box(0, 0, 40, 10), 45)
    assert add_form(town(house))["axis_azimuth_deg"].iloc[0] == pytest.approx(45)


def test_a_row_of_three_shares_two_walls_in_the_middle_house():
    row = add_form(town(*[shapely.box(8 * k, 0, 8 * k + 8, 10) for k in range(3)]))
    assert row["shared_wall_length_m"].tolist() == [10, 20, 10]
    assert row["neighbour_count"].tolist() == [1, 2, 1]
    assert row["near_count"].tolist() == [2, 2, 2]


def test_the_shared_length_is_the_sum_of_the_pairs():
    buildings = town(*[shapely.box(8 * k, k, 8 * k + 8, 10 + k) for k in range(5)])
    pairs = find_wall_pairs(buildings)
    form = add_form(buildings, wall_pairs=pairs)
    assert form["shared_wall_length_m"].sum() == pytest.approx(2 * pairs["length_m"].sum())
    assert form.equals(add_form(buildings))


def test_the_layer_keeps_its_contract_and_its_input():
    courtyard = shapely.box(0, 0, 30, 30).difference(shapely.box(5, 5, 25, 25))
    two = shapely.MultiPolygon([shapely.box(40, 0, 50, 9), shapely.box(52, 0, 60, 9)])
    buildings = town(courtyard, two)
    before = buildings.copy()
    form = add_form(buildings)
    assert find_problems(form, ADDS, name="buildings") == []
    assert buildings.equals(before)
    assert form.index.equals(buildings.index)
    assert form["perimeter_m"].iloc[0] == 120 + 80


def test_a_table_without_rows_stays_without_rows():
    empty = gpd.GeoDataFrame({"building_id": []}, geometry=[], crs=CRS).set_index("building_id")
    form = add_form(empty)
    assert len(form) == 0
    assert {column.name for column in ADDS} <= set(form.columns)


def test_degrees_are_refused():
    with pytest.raises(CrsProblem, match="metric"):
        add_form(town(shapely.box(0, 0, 1, 1)).set_crs("EPSG:4326", allow_override=True))


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="wall_gap_m is 3"):
        FormParams(wall_gap_m=3.0)


@pytest.mark.parametrize("name", ["helsinki", "karhula"])
def test_shared_walls_of_the_samples_agree_with_buffers(name):
    """The outline inside a 0.3 m buffer of the neighbour, less what a buffer reaches around both ends."""
    buildings = sample(name)["buildings"]
    polygons = np.asarray(buildings.geometry.array, dtype=object)
    pairs = find_wall_pairs(buildings)
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    overlap = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    stacked = set(left[overlap > 1.0]) | set(right[overlap > 1.0])
    plain = ~np.isin(left, list(stacked)) & ~np.isin(right, list(stacked))

    def by_buffer(one, two):
        near = shapely.intersection(shapely.boundary(one), shapely.buffer(two, 0.3, join_style="mitre"))
        near = shapely.line_merge(near)
        return shapely.length(near) - 0.6 * shapely.get_num_geometries(near)

    one, two = polygons[left[plain]], polygons[right[plain]]
    expected = np.minimum(by_buffer(one, two), by_buffer(two, one))
    found = pairs["length_m"].to_numpy()[plain]
    assert len(found) >= 10
    # in Karhula hardly any building touches another one: a corner more or less is one percent
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01, abs=2.0)
    assert np.median(np.abs(found - expected)) < 0.05
