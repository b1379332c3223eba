"""Heights measured in a surface: boxes on a plane and on a slope."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from layers.core.errors import CrsProblem, InputProblem
from layers.sources.own_files import OwnFiles, combine
from layers.sources.surface import quantile_by_owner

UTM, X, Y, SIDE = "EPSG:25832", 500_000.0, 5_500_000.0, 200
HOUSES = {"block": (40, 40, 20, 12, 12.0), "house": (100, 40, 10, 10, 7.5), "shed": (150, 40, 1, 1, 3.0),
          "gone": (40, 100, 10, 10, 0.0)}  # fmt: skip


@pytest.fixture
def houses(tmp_path):
    shapes = [
        shapely.box(X + x, Y + y, X + x + width, Y + y + depth) for x, y, width, depth, _ in HOUSES.values()
    ]
    table = {"id": list(HOUSES), "height": [20.0, 7.0, np.nan, 5.0]}
    gpd.GeoDataFrame(table, geometry=shapes, crs=UTM).to_file(tmp_path / "houses.gpkg")
    return tmp_path / "houses.gpkg"


def ground(slope=0.0, level=431.0):
    """Return the ground, rising to the east; rows from north to south, cells of one metre."""
    x = np.arange(SIDE) + 0.5
    return np.broadcast_to(level + slope * x, (SIDE, SIDE)).copy()


def surface_of(terrain):
    surface = terrain.copy()
    for x, y, width, depth, height in HOUSES.values():
        rows = slice(SIDE - y - depth, SIDE - y)
        surface[rows, x : x + width] = (
            terrain[rows, x : x + width].mean() + height if height else terrain[rows, x : x + width]
        )
    return surface


def write(path, values, crs=UTM, **more):
    with rasterio.open(
        path, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype="float32", crs=crs,
        transform=from_origin(X, Y + SIDE, 1, 1), **more,
    ) as raster:  # fmt: skip
        raster.write(values.astype("float32"), 1)
    return path


def test_heights_are_measured_above_the_ground_around_the_building(tmp_path, houses):
    surface = write(tmp_path / "dsm.tif", surface_of(ground()))
    found = combine(OwnFiles(buildings=houses, surface=surface))
    # the shed has one cell: a gap stays a gap; where nothing stands the stated height stays
    assert found.buildings["tagged_height_m"].round(1).fillna(0).to_dict() == {
        "block": 12.0, "house": 7.5, "shed": 0.0, "gone": 5.0
    }  # fmt: skip
    assert found.buildings["is_height_measured"].tolist() == [True, True, False, False]
    said = {note.text: note.count for note in found.notes}
    assert said["heights measured in dsm.tif"] == 2
    assert said["heights that the footprints state otherwise, replaced by measured ones"] == 1
    assert said["buildings whose height dsm.tif does not show"] == 2
    assert [source.path for source in found.sources] == ["houses.gpkg", "dsm.tif"]


def test_a_terrain_model_gives_the_ground_on_a_slope(tmp_path, houses):
    terrain = ground(slope=0.2)
    files = OwnFiles(
        buildings=houses, surface=write(tmp_path / "dsm.tif", surface_of(terrain)),
        terrain=write(tmp_path / "dtm.tif", terrain),
    )  # fmt: skip
    found = combine(files).buildings["tagged_height_m"]
    assert found["block"] == pytest.approx(12.0, abs=0.3)
    assert found["house"] == pytest.approx(7.5, abs=0.3)


def test_a_surface_above_the_ground_needs_no_terrain(tmp_path, houses):
    surface = write(tmp_path / "ndsm.tif", surface_of(ground(level=0.0)))
    found = combine(OwnFiles(buildings=houses, surface=surface)).buildings["tagged_height_m"]
    assert found["block"] == pytest.approx(12.0)


def test_a_chimney_and_a_tree_do_not_make_a_house_higher(tmp_path, houses):
    values = surface_of(ground())
    values[SIDE - 45, 45:47] += 9.0
    values[SIDE - 60 : SIDE - 54, 61:64] += 15.0
    found = combine(OwnFiles(buildings=houses, surface=write(tmp_path / "dsm.tif", values)))
    assert found.buildings["tagged_height_m"]["block"] == pytest.approx(12.0)


def test_cells_without_data_do_not_count(tmp_path, houses):
    values = surface_of(ground())
    values[:, :55] = -9999.0
    surface = write(tmp_path / "dsm.tif", values, nodata=-9999.0)
    found = combine(OwnFiles(buildings=houses, surface=surface)).buildings
    assert found["tagged_height_m"]["block"] == pytest.approx(12.0)
    assert not found["is_height_measured"]["gone"]


def test_rasters_in_another_system_are_found(tmp_path, houses):
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    values = surface_of(ground()).astype("float32")
    bounds = (X, Y, X + SIDE, Y + SIDE)
    transform, width, height = calculate_default_transform(UTM, "EPSG:3035", SIDE, SIDE, *bounds)
    there = np.full((height, width), np.nan, dtype="float32")
    reproject(
        values, there, src_transform=from_origin(X, Y + SIDE, 1, 1), src_crs=UTM, dst_transform=transform,
        dst_crs="EPSG:3035", dst_nodata=np.nan, resampling=Resampling.nearest,
    )  # fmt: skip
    path = tmp_path / "dsm.tif"
    with rasterio.open(path, "w", driver="GTiff", width=width, height=height, count=1, dtype="float32",
                       crs="EPSG:3035", transform=transform, nodata=np.nan) as raster:  # fmt: skip
        raster.write(there, 1)
    found = combine(OwnFiles(buildings=houses, surface=path)).buildings["tagged_height_m"]
    assert found["block"] == pytest.approx(12.0, abs=0.1)


def test_the_order_of_buildings_does_not_matter(tmp_path, houses):
    surface = write(tmp_path / "dsm.tif", surface_of(ground(slope=0.03)))
    one = combine(OwnFiles(buildings=houses, surface=surface)).buildings["tagged_height_m"]
    gpd.read_file(houses).iloc[::-1].to_file(tmp_path / "back.gpkg")
    two = combine(OwnFiles(buildings=tmp_path / "back.gpkg", surface=surface)).buildings["tagged_height_m"]
    assert one.sort_index().equals(two.sort_index())


def test_what_is_no_raster_of_heights_here_is_refused_in_words(tmp_path, houses):
    with pytest.raises(InputProblem, match=r"houses.gpkg is an SQLite database, not a GeoTIFF of heights"):
        combine(OwnFiles(buildings=houses, surface=houses))
    far = tmp_path / "far.tif"
    with rasterio.open(far, "w", driver="GTiff", width=9, height=9, count=1, dtype="float32", crs=UTM,
                       transform=from_origin(X + 9000, Y, 1, 1)) as raster:  # fmt: skip
        raster.write(np.zeros((9, 9), dtype="float32"), 1)
    with pytest.raises(InputProblem, match=r"far.tif shows no building: it lies elsewhere"):
        combine(OwnFiles(buildings=houses, surface=far))
    nowhere = write(tmp_path / "nowhere.tif", ground(), crs=None)
    with pytest.raises(CrsProblem, match=r"nowhere.tif does not say in which coordinate system"):
        combine(OwnFiles(buildings=houses, surface=nowhere))
    assert combine(
        OwnFiles(buildings=houses, surface=write(nowhere, surface_of(ground()), crs=None), crs=UTM)
    )
    cut = write(tmp_path / "cut.tif", surface_of(ground()))
    cut.write_bytes(cut.read_bytes()[:2000])
    with pytest.raises(InputProblem, match=r"cut.tif is damaged or cut short"):
        combine(OwnFiles(buildings=houses, surface=cut))


def test_a_quantile_lies_between_the_two_nearest():
    values = np.array([4.0, np.nan, 1.0, 2.0, 3.0, 7.0])
    owner = np.array([0, 0, 0, 0, 0, 2])
    assert quantile_by_owner(values, owner, 3, 0.5)[[0, 2]].tolist() == [2.5, 7.0]
    assert np.isnan(quantile_by_owner(values, owner, 3, 0.5)[1])


def test_heights_in_feet_and_centimetres_are_recognised_by_what_the_footprints_state(tmp_path):
    shapes = [shapely.box(X + 15 * i, Y + 50, X + 15 * i + 10, Y + 60) for i in range(12)]
    table = {"id": [f"h{i}" for i in range(12)], "height": [8.0] * 12}
    gpd.GeoDataFrame(table, geometry=shapes, crs=UTM).to_file(tmp_path / "row.gpkg")
    values = ground(level=100.0)
    for i in range(12):
        values[SIDE - 60 : SIDE - 50, 15 * i : 15 * i + 10] += 8.2
    for times, unit in ((1 / 0.3048, "feet"), (100.0, "centimetres")):
        surface = write(tmp_path / "dsm.tif", values * times)
        with pytest.raises(InputProblem, match=f"look like {unit}"):
            combine(OwnFiles(buildings=tmp_path / "row.gpkg", surface=surface))
    surface = write(tmp_path / "dsm.tif", values)
    assert combine(OwnFiles(buildings=tmp_path / "row.gpkg", surface=surface)).buildings[
        "tagged_height_m"
    ].to_numpy() == pytest.approx(np.full(12, 8.2), abs=0.01)
