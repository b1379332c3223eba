import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import find_problems
from layers.core.errors import CrsProblem, InputProblem, UsageProblem
from layers.sources.column_names import match_columns
from layers.sources.table_rows import as_texts
from layers.sources.vector import read_buildings, read_outlines, read_streets

UTM = "EPSG:25832"
X, Y = 500_000.0, 5_500_000.0
DRIVERS = {
    "town.gpkg": "GPKG",
    "town.geojson": "GeoJSON",
    "town.fgb": "FlatGeobuf",
    "town.shp": "ESRI Shapefile",
}


@pytest.fixture
def houses():
    return gpd.GeoDataFrame(
        {
            "id": ["a", "b"],
            "use": ["Apartments", "residential"],
            "num_floors": [4.0, np.nan],
            "height": [13.5, -1.0],
            "baujahr": pd.array([1936, None], dtype="Int64"),
        },
        geometry=[shapely.box(X, Y, X + 20, Y + 10), shapely.box(X + 50, Y, X + 60, Y + 10)],
        crs=UTM,
    )


def check_houses(buildings):
    assert buildings.index.tolist() == ["a", "b"]
    assert buildings["tagged_use"].isna().tolist() == [False, True]
    assert buildings["tagged_use"].iloc[0] == "residential_multi"
    assert buildings["is_home_tag"].tolist() == [False, True]
    assert buildings["tagged_storey_count"].fillna(0).tolist() == [4, 0]
    assert buildings["tagged_height_m"].fillna(0).tolist() == [13.5, 0]
    assert buildings["tagged_first_year"].fillna(0).tolist() == [1936, 0]
    assert find_problems(buildings, BUILDING_COLUMNS, name="buildings") == []
    assert buildings.to_crs(UTM).area.tolist() == pytest.approx([200, 100], rel=1e-6)


@pytest.mark.parametrize("name", DRIVERS)
def test_every_format_gives_the_same_buildings(tmp_path, houses, name):
    (houses.to_crs(4326) if name.endswith("json") else houses).to_file(tmp_path / name, driver=DRIVERS[name])
    check_houses(read_buildings(tmp_path / name).buildings.sort_index())


def test_geoparquet_gives_the_same_buildings(tmp_path, houses):
    houses.rename_geometry("outline").to_parquet(tmp_path / "town.parquet")
    check_houses(read_buildings(tmp_path / "town.parquet").buildings)


def test_content_decides_and_not_the_name(tmp_path, houses):
    houses.to_file(tmp_path / "town.gpkg")
    (tmp_path / "town.gpkg").rename(tmp_path / "town.dat")
    check_houses(read_buildings(tmp_path / "town.dat").buildings)


def test_notes_name_the_columns_that_were_recognised_and_count_refused_values(tmp_path, houses):
    houses.to_file(tmp_path / "town.gpkg")
    texts = {note.text: note.count for note in read_buildings(tmp_path / "town.gpkg").notes}
    assert texts["columns of town.gpkg recognised: baujahr, height, num_floors, use"] == 4
    assert texts["values that only mark a gap (0, -1, -9999, unknown …), read as gaps"] == 1


def test_the_layer_named_like_buildings_is_taken_and_any_other_on_request(tmp_path, houses):
    path = tmp_path / "town.gpkg"
    houses.head(1).to_file(path, layer="parcels")
    houses.to_file(path, layer="Buildings_2024")
    assert len(read_buildings(path).buildings) == 2
    assert len(read_buildings(path, layer="parcels").buildings) == 1
    with pytest.raises(UsageProblem, match="no layer 'roads'; its layers are: parcels"):
        read_buildings(path, layer="roads")


def test_two_layers_that_fit_equally_are_not_guessed(tmp_path, houses):
    path = tmp_path / "town.gpkg"
    houses.to_file(path, layer="north")
    houses.to_file(path, layer="south")
    with pytest.raises(InputProblem, match="north, south; choose one with --layer"):
        read_buildings(path)


def test_a_file_without_a_coordinate_system_asks_for_it(tmp_path, houses):
    houses.to_file(tmp_path / "town.shp")
    (tmp_path / "town.prj").unlink()
    with pytest.raises(CrsProblem, match="--crs EPSG:25832"):
        read_buildings(tmp_path / "town.shp")
    assert read_buildings(tmp_path / "town.shp", crs=UTM).buildings.crs == UTM


def test_a_wrong_coordinate_system_can_be_corrected_and_leaves_a_note(tmp_path, houses):
    houses.to_file(tmp_path / "town.gpkg")
    extract = read_buildings(tmp_path / "town.gpkg", crs="EPSG:25833")
    assert extract.buildings.crs == "EPSG:25833"
    assert any("although the file says EPSG:25832" in note.text for note in extract.notes)
    with pytest.raises(UsageProblem, match="'utm' is no coordinate system"):
        read_buildings(tmp_path / "town.gpkg", crs="utm")


def test_rows_without_an_id_are_named_after_their_place_in_any_order(tmp_path, houses):
    nameless = houses.drop(columns="id")
    nameless.to_file(tmp_path / "one.gpkg")
    nameless.iloc[::-1].to_file(tmp_path / "two.gpkg")
    one, two = (read_buildings(tmp_path / name).buildings for name in ("one.gpkg", "two.gpkg"))
    assert one.index.tolist() == two.index.tolist()[::-1]
    assert one.index.is_unique


@pytest.mark.parametrize("name", ["town.gpkg", "town.geojson", "town.fgb"])
def test_files_that_are_cut_short_are_refused(tmp_path, houses, name):
    many = pd.concat([houses] * 300, ignore_index=True)
    (many.to_crs(4326) if name.endswith("json") else many).to_file(tmp_path / name, driver=DRIVERS[name])
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 3])
    with pytest.raises(InputProblem, match=rf"{name} is (damaged or )?cut short"):
        read_buildings(tmp_path / name)


def test_a_shapefile_needs_its_other_files(tmp_path, houses):
    houses.to_file(tmp_path / "town.shp")
    (tmp_path / "town.shx").unlink()
    with pytest.raises(InputProblem, match=r"lacks town.shx beside it"):
        read_buildings(tmp_path / "town.shp")


def test_parquet_without_geometry_is_refused(tmp_path, houses):
    pd.DataFrame(houses.drop(columns="geometry")).to_parquet(tmp_path / "town.parquet")
    with pytest.raises(InputProblem, match="without geometry"):
        read_buildings(tmp_path / "town.parquet")


def test_parquet_cut_short_is_refused(tmp_path, houses):
    houses.to_parquet(tmp_path / "town.parquet")
    content = (tmp_path / "town.parquet").read_bytes()
    (tmp_path / "town.parquet").write_bytes(content[:-30])
    with pytest.raises(InputProblem, match="cut short"):
        read_buildings(tmp_path / "town.parquet")


def test_points_are_no_buildings(tmp_path, houses):
    houses.set_geometry(houses.centroid).to_file(tmp_path / "town.gpkg", layer="buildings")
    with pytest.raises(InputProblem, match=r"no layer of Polygons; its layers are: buildings \(Point\)"):
        read_buildings(tmp_path / "town.gpkg")


def test_streets_come_in_single_lines_with_their_class(tmp_path):
    lines = [
        shapely.LineString([(X, Y), (X + 50, Y)]),
        shapely.MultiLineString([[(X, Y), (X, Y + 9)], [(X, Y + 20), (X, Y + 30)]]),
        shapely.LineString([(X, Y), (X + 5, Y + 5)]),
    ]
    streets = {
        "osm_id": [1, 2, 3],
        "fclass": ["residential", None, "motorway"],
        "name": ["A", "B\u202e", None],
    }
    gpd.GeoDataFrame(streets, geometry=lines, crs=UTM).to_file(tmp_path / "streets.gpkg")
    extract = read_streets(tmp_path / "streets.gpkg")
    assert extract.streets["kind"].to_dict() == {
        "1": "residential",
        "2": "unclassified",
        "2-2": "unclassified",
        "3": "motorway",
    }
    assert extract.streets["name"].iloc[1] == "B"
    assert extract.barriers["kind"].tolist() == ["motorway"]
    assert extract.buildings.empty
    assert list(extract.buildings.columns) == [*(column.name for column in BUILDING_COLUMNS), "geometry"]


def test_district_outlines_bring_their_names(tmp_path, houses):
    houses.rename(columns={"use": "Bezeichnung"}).to_file(tmp_path / "districts.gpkg")
    outlines = read_outlines(tmp_path / "districts.gpkg")
    assert outlines["name"].tolist() == ["Apartments", "residential"]
    assert outlines["district_id"].tolist() == ["a", "b"]


def test_names_of_columns_are_recognised_in_other_languages():
    from layers.sources.column_names import BUILDING_NAMES

    found = match_columns(
        ["Höhe", "Anzahl_Geschosse", "KÄYTTÖTARKOITUS", "Année construction"], BUILDING_NAMES
    )
    assert set(found) == {"height", "building:levels", "building", "start_date"}


def test_texts_of_columns_have_no_false_precision():
    assert as_texts(pd.Series([1, 2])).to_list() == ["1", "2"]
    assert as_texts(pd.Series([True, False])).to_list() == ["yes", "no"]
    assert as_texts(pd.Series([{"primary": "Town hall"}, None])).to_list() == ["Town hall", None]
