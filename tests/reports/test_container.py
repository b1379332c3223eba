import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from reports.container import (
    CategoryField,
    NumberedField,
    NumberField,
    encode_layer,
    pack,
    to_pixels,
    write_signed,
    write_whole,
)
from tests.reports.container_reader import Section, read_container, unpack


def layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def pixels_of(ring):
    return [tuple(pair) for pair in to_pixels(shapely.get_coordinates(ring)).tolist()]


def same_ring(found, expected):
    """Say whether two rings are the same, whatever their start and sense."""
    closed = expected[:-1]
    turns = [closed[at:] + closed[:at] for at in range(len(closed))]
    return found in turns or found[::-1] in turns


def test_a_building_with_a_courtyard_and_an_annex_comes_back_whole():
    yard = Polygon(
        [(24.90, 60.17), (24.91, 60.17), (24.91, 60.18), (24.90, 60.18)],
        [[(24.902, 60.172), (24.908, 60.172), (24.908, 60.178), (24.902, 60.178)]],
    )
    annex = box(24.92, 60.17, 24.921, 60.171)
    _, (feature,) = read_container(encode_layer(layer([MultiPolygon([yard, annex])]), [], "polygon"))
    (outline, hole), (other,) = feature["parts"]
    assert same_ring(outline, pixels_of(yard.exterior))
    assert same_ring(hole, pixels_of(yard.interiors[0]))
    assert same_ring(other, pixels_of(annex.exterior))


def test_outlines_and_holes_run_in_opposite_senses():
    ring = [(24.90, 60.17), (24.90, 60.18), (24.91, 60.18), (24.91, 60.17)]
    hole = [(24.902, 60.172), (24.902, 60.178), (24.908, 60.178), (24.908, 60.172)]
    _, (feature,) = read_container(encode_layer(layer([Polygon(ring, [hole])]), [], "polygon"))

    def area(points):
        x, y = np.array(points, dtype=float).T - np.array(points[0], dtype=float)[:, None]
        return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))

    outer, inner = feature["parts"][0]
    assert area(outer) * area(inner) < 0


def test_a_round_outline_of_a_thousand_corners_keeps_each_of_them():
    circle = Point(24.9, 60.17).buffer(0.01, quad_segs=250)
    _, (feature,) = read_container(encode_layer(layer([circle]), [], "polygon"))
    assert len(feature["parts"][0][0]) == len(circle.exterior.coords) - 1 == 1_000


def test_one_pixel_is_less_than_fifteen_centimetres():
    metres_per_pixel = 40_075_016.686 / (256 * 2**20)
    assert metres_per_pixel < 0.15
    two = to_pixels(np.array([[24.9, 60.17], [24.9 + 0.1 / (111_320 * np.cos(np.radians(60.17))), 60.17]]))
    assert 1 <= abs(two[1, 0] - two[0, 0]) <= 2  # ten centimetres in Helsinki


def test_numbers_keep_their_decimals_gaps_and_values_beyond_sixteen_bits():
    table = layer(
        [Point(0, 0)] * 5,
        small=[0.1, 0.2, None, -3.4, 1985.0],
        large=[7e7, 123_456_780.0, None, 0.0, 4e12],
        nothing=[np.nan] * 5,
    )
    fields = [NumberField("small", 1), NumberField("large", -1), NumberField("nothing")]
    _, features = read_container(encode_layer(table, fields, "point", is_ordered=True))
    assert [each["small"] for each in features] == [0.1, 0.2, None, -3.4, 1985.0]
    assert [each["large"] for each in features] == [7e7, 123_456_780.0, None, 0.0, 4e12]
    assert [each["nothing"] for each in features] == [None] * 5


@pytest.mark.parametrize(
    "text",
    [
        "way/123",
        "relation/0",
        "7",
        "007",
        "12 A",
        "b",
        "",
        "way/123456789012345678901234567890",
        "a1b2",
        "٣",
        "12\n7",
    ],
)
def test_texts_that_end_in_numbers_come_back_letter_by_letter(text):
    table = layer([Point(0, 0)] * 2, id=pd.array([text, None], dtype="string"))
    _, features = read_container(encode_layer(table, [NumberedField("id")], "point", is_ordered=True))
    assert [each["id"] for each in features] == [text, None]


def test_categories_are_written_once():
    table = layer([Point(0, 0)] * 300, use=pd.array(["office", None, "retail"] * 100, dtype="string"))
    content = encode_layer(table, [CategoryField("use")], "point", is_ordered=True)
    assert content.count(b"office") == 1
    assert [each["use"] for each in read_container(content)[1]][:3] == ["office", None, "retail"]


def test_empty_layers_and_missing_shapes_are_layers_too():
    assert read_container(encode_layer(layer([]), [], "polygon"))[0]["count"] == 0
    table = layer([None, box(0, 0, 1, 1), Polygon()], n=[1.0, 2.0, 3.0])
    _, features = read_container(encode_layer(table, [NumberField("n")], "polygon"))
    assert sorted((each["n"], len(each["parts"])) for each in features) == [(1.0, 0), (2.0, 1), (3.0, 0)]


def test_lines_and_points_of_a_polygon_layer_stay_behind():
    mixed = shapely.geometrycollections([box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])])
    _, (feature,) = read_container(encode_layer(layer([mixed]), [], "polygon"))
    assert len(feature["parts"]) == 1
    _, (line,) = read_container(encode_layer(layer([LineString([(0, 0), (1, 1), (2, 0)])]), [], "line"))
    assert len(line["parts"][0][0]) == 3


def test_equal_layers_give_equal_bytes_in_any_order_of_rows():
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 1, (200, 2))
    table = layer(shapely.box(*corners.T, *(corners + 0.001).T), n=np.arange(200.0))
    shuffled = table.iloc[rng.permutation(200)]
    one, other = (encode_layer(each, [NumberField("n")], "polygon") for each in (table, shuffled))
    assert pack(one) == pack(other)
    assert unpack(pack(one)) == one


def test_whole_numbers_outside_the_container_are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        write_whole(np.array([-1]))
    with pytest.raises(ValueError, match="does not fit"):
        write_whole(np.array([2**60]))
    assert Section(write_signed(np.array([-(2**40)]))).signed() == -(2**40)
