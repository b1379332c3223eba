import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from replication.dictionary import read_typical_districts
from replication.district_table import DistrictIndicators
from replication.lighthouses import read_lighthouses


def as_indicators(rows, known=1.0):
    values = pd.DataFrame.from_dict(rows, orient="index")
    values.index.name = "district_id"
    return DistrictIndicators(values, values.notna().astype(float) * known)


@pytest.fixture(scope="session")
def library():
    return read_lighthouses()


@pytest.fixture
def typical():
    return {name: dict(values) for name, values in read_typical_districts().items()}


@pytest.fixture
def make_indicators():
    return as_indicators


@pytest.fixture
def town():
    """Two districts of one hectare, four like houses with a garage and one large office, and an empty one."""
    squares = [shapely.box(x, 0, x + 10, 10) for x in (0, 20, 40, 60)]
    garage, office = shapely.box(0, 20, 5, 24), shapely.box(200, 0, 240, 50)
    ids = ["h1", "h2", "h3", "h4", "g1", "o1"]
    buildings = gpd.GeoDataFrame(
        {
            "district_id": ["d01"] * 5 + ["d02"],
            "use": ["residential_multi"] * 4 + ["outbuilding", "office"],
            "use_origin": ["tagged"] * 6,
            "residential_share": [1.0, 1.0, 1.0, 0.5, 0.0, 0.0],
            "footprint_area_m2": [100.0] * 4 + [20.0, 2000.0],
            "perimeter_m": [40.0] * 4 + [18.0, 180.0],
            "compactness_ratio": [np.pi / 4] * 6,
            "shared_wall_length_m": [10.0, 10.0, 0, 0, 0, 0],
            "storey_count": [2.0, 2, 2, 2, 1, 5],
            "storey_count_origin": ["tagged"] * 4 + ["default", "imputed"],
            "height_m": [7.0] * 4 + [3.0, 20.0],
            "height_origin": ["imputed"] * 6,
            "construction_year": [1950, 1950, 1965, 1980, 1980, 2000],
            "construction_year_origin": ["tagged"] * 4 + ["default", "default"],
            "protection": ["none"] * 6,
            "heated_floor_area_m2": [150.0] * 4 + [0.0, 8000.0],
            "heat_demand_kwh": [15_000.0] * 4 + [0.0, 800_000.0],
            "peak_heat_kw": [7.5] * 4 + [0.0, 400.0],
            "pv_calibrated_kwh": [5_000.0] * 4 + [0.0, 100_000.0],
        },
        geometry=[*squares, garage, office],
        crs="EPSG:32635",
        index=pd.Index(ids, name="building_id"),
    )
    lines = [[(0, -5), (50, -5)], [(50, -5), (100, -5)], [(50, -5), (50, -40)], [(200, -5), (260, -5)]]
    streets = gpd.GeoDataFrame(
        {
            "length_m": [50.0, 50.0, 35.0, 60.0],
            "connected_heat_mwh": [30.0, 30.0, 0.0, 800.0],
            "building_count": [2, 2, 0, 1],
            "district_id": ["d01", "d01", "d02", "d02"],
        },
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:32635",
        index=pd.Index(["s1", "s2", "s3", "s4"], name="street_id"),
    )
    districts = pd.DataFrame(
        {"area_ha": [1.0, 1.0, 5.0]}, index=pd.Index(["d01", "d02", "d03"], name="district_id")
    )
    return buildings, streets, districts
