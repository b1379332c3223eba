import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.errors import CrsProblem, InputProblem
from layers.sources.building_table import open_buildings, to_buildings
from layers.sources.text_tables import look_at
from layers.sources.vector import read_buildings, read_outlines, read_streets

UTM, X, Y = "EPSG:25832", 500_000.0, 5_500_000.0
HOUSES = gpd.GeoSeries([shapely.box(X + 50 * i, Y, X + 50 * i + 10, Y + 10) for i in range(3)], crs=UTM)
LON_LAT = HOUSES.to_crs(4326)
FACTS = {"id": ["a", "b", "c"], "Höhe": ["12,5", "", "-1"], "name": ["Straße; 1", '"Haus"', None]}


def write(path, shapes, *, sep=",", encoding="utf-8", column="WKT", **facts):
    table = pd.DataFrame({**FACTS, **facts, column: shapes})
    table.to_csv(path, index=False, sep=sep, encoding=encoding)
    return path


def check(buildings):
    assert buildings.index.tolist() == ["a", "b", "c"]
    assert buildings["tagged_height_m"].fillna(0).tolist() == [12.5, 0, 0]
    assert buildings["name"].fillna("").tolist() == ["Straße; 1", '"Haus"', ""]
    assert buildings.to_crs(UTM).area.tolist() == pytest.approx([100] * 3, rel=0.03)


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_any_separator_and_both_ways_of_writing_letters_are_read(tmp_path, sep, encoding):
    path = write(tmp_path / "town.csv", LON_LAT.to_wkt(), sep=sep, encoding=encoding)
    check(read_buildings(path).buildings)


@pytest.mark.parametrize(
    "shapes",
    [HOUSES.to_wkt().radd("SRID=25832;"), HOUSES.to_wkb(hex=True).str.lower(),
     [shapely.to_wkb(shapely.set_srid(house, 25832), hex=True, include_srid=True) for house in HOUSES]],
    ids=["EWKT", "WKB", "EWKB"],
)  # fmt: skip
def test_outlines_come_in_four_notations(tmp_path, shapes):
    path = write(tmp_path / "town.csv", shapes, column="the_geom")
    check(read_buildings(path, crs=UTM).buildings)


def test_a_system_that_the_outlines_name_needs_no_option(tmp_path):
    path = write(tmp_path / "town.csv", HOUSES.to_wkt().radd("SRID=25832;"))
    assert read_buildings(path).buildings.crs.to_epsg() == 25832


def test_metres_without_a_system_are_refused_with_the_cure(tmp_path):
    path = write(tmp_path / "town.csv", HOUSES.to_wkt())
    with pytest.raises(CrsProblem, match=r"town\.csv does not say in which coordinate system.*--crs"):
        read_buildings(path)
    check(read_buildings(path, crs=UTM).buildings)


def test_eubucco_is_known_by_its_columns(tmp_path):
    shapes = HOUSES.to_crs(3035).to_wkt()
    facts = {"id_source": list("abc"), "type_source": list("abc"), "age": ["1936", "", "1936.0"]}
    extract = read_buildings(write(tmp_path / "v0_1-DEU.csv", shapes, column="geometry", **facts))
    assert extract.buildings.crs.to_epsg() == 3035
    assert extract.buildings["tagged_first_year"].fillna(0).tolist() == [1936, 0, 1936]
    assert "EUBUCCO" in extract.sources[0].title


def test_points_add_to_footprints_but_are_none(tmp_path):
    middles = HOUSES.centroid.to_crs(4326)
    path = tmp_path / "certificates.csv"
    pd.DataFrame({"Longitude": middles.x, "Latitude": middles.y, "Baujahr": 1936}).to_csv(path, index=False)
    with pytest.raises(InputProblem, match=r"certificates\.csv has no layer of Polygons"):
        read_buildings(path)
    table = open_buildings(path, as_join=True)
    found, _ = to_buildings(table)
    assert found.geometry.geom_type.tolist() == ["Point"] * 3
    assert found["tagged_first_year"].tolist() == [1936] * 3


def test_points_with_a_decimal_comma_are_read(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x;y;hoehe\n9,5;48,5;7\n;48,5;8\n", encoding="utf-8")
    found = open_buildings(path, as_join=True).frame.geometry
    assert shapely.get_coordinates(found.to_numpy()).tolist() == [[9.5, 48.5]]
    assert shapely.is_missing(found.to_numpy()).tolist() == [False, True]


def test_an_outline_that_cannot_be_understood_costs_no_other(tmp_path):
    shapes = LON_LAT.to_wkt().tolist()
    shapes[1] = "POLYGON ((9 48, 9"
    buildings = read_buildings(write(tmp_path / "town.csv", shapes)).buildings
    assert shapely.is_missing(buildings.geometry.to_numpy()).tolist() == [False, True, False]


def test_streets_and_districts_are_read_from_text_too(tmp_path):
    path = tmp_path / "streets.csv"
    path.write_text('id,highway,wkt\ns,residential,"LINESTRING (9 48.5, 9.01 48.5)"\n', encoding="utf-8")
    assert read_streets(path).streets["kind"].tolist() == ["residential"]
    path = write(tmp_path / "districts.csv", LON_LAT.to_wkt())
    assert read_outlines(path)["name"].iloc[0] == "Straße; 1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id,height\n1,2\n", "without a column of places (found: id, height); it needs geometry or wkt"),
        ("id,wkt\n1,here\n2,there\n", "no place that can be understood in wkt; outlines are written as WKT"),
        ('id,wkt\n1,"POLYGON ((9 48, 9.1 48, 9.1 48.1, 9 48))"\n2,3,4,5\n', "damaged or cut short"),
        ("just a line of words\nand another\n", "is text, which is not read here"),
        ("id,wkt\n", "holds no polygons (no rows)"),
        ("a\rb\r", "is text, which is not read here"),
        ('"a,b\r\x07', "is text, which is not read here"),
        ("x" * 200_000 + ",b\n", "is text, which is not read here"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_map_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "town.csv"
    path.write_bytes(content.encode())
    with pytest.raises(InputProblem) as caught:
        read_buildings(path)
    assert path.name in str(caught.value)
    assert sentence in str(caught.value)


def test_a_separator_inside_quotes_does_not_mislead(tmp_path):
    path = tmp_path / "town.csv"
    path.write_text('wkt;name\n"POLYGON ((9 48.5, 9.001 48.5, 9.001 48.501, 9 48.5))";a, b, c\n')
    described = look_at(path)
    assert (described.separator, described.columns) == (";", ("name",))
    assert read_buildings(path).buildings["name"].tolist() == ["a, b, c"]


def test_long_ids_stay_as_written(tmp_path):
    path = write(tmp_path / "town.csv", LON_LAT.to_wkt(), id=["0363100012345678", "007", "1e5"])
    assert read_buildings(path).buildings.index.tolist() == ["0363100012345678", "007", "1e5"]
    assert np.isfinite(read_buildings(path).buildings.total_bounds).all()
