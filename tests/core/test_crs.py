import geopandas as gpd
import pytest
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info

from layers.core.crs import metric_crs, to_crs, transform_points, utm_zone_code
from layers.core.errors import CrsProblem


def points(*xy, crs="EPSG:4326"):
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=crs)


def test_a_city_is_computed_in_its_utm_zone():
    assert metric_crs(points((24.9, 60.2)), name="x").to_epsg() == 32635
    assert metric_crs(points((-8.6, 41.2)), name="x").to_epsg() == 32629


@pytest.mark.parametrize("longitude_deg", [-31.9, -24.1, -9.14, -0.2, 0.1, 5.9, 6.1, 24.94, 45.9])
def test_the_zone_is_the_one_that_the_register_of_systems_names(longitude_deg):
    here = AreaOfInterest(longitude_deg, 50.0, longitude_deg, 50.0)
    (found,) = query_utm_crs_info(datum_name="WGS 84", area_of_interest=here)
    assert utm_zone_code(longitude_deg) == f"EPSG:{found.code}"


def test_a_table_without_a_system_is_refused_with_the_cure():
    with pytest.raises(CrsProblem, match="pass --crs"):
        metric_crs(points((24.9, 60.2), crs=None), name="footprints.shp")


def test_swapped_axes_are_noticed():
    with pytest.raises(CrsProblem, match="look swapped"):
        metric_crs(points((60.2, 24.9)), name="footprints.geojson")


def test_metres_labelled_as_degrees_are_refused():
    with pytest.raises(CrsProblem):
        metric_crs(points((385_000.0, 6_672_000.0)), name="footprints.gpkg")


def test_there_and_back_is_the_same_place():
    there = transform_points(
        shapely.get_coordinates(points((24.9, 60.2)).geometry.array), "EPSG:4326", "EPSG:3035"
    )
    back = transform_points(there, "EPSG:3035", "EPSG:4326")
    assert back[0] == pytest.approx([24.9, 60.2], abs=1e-7)


def test_an_empty_table_only_takes_the_name():
    empty = gpd.GeoDataFrame(geometry=[])
    assert to_crs(empty, "EPSG:3035").crs.to_epsg() == 3035
