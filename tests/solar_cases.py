"""Places, skies and small towns that several solar tests share."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.weather import HourlyWeather, MonthlyClimate
from layers.physics.irradiance import plane_tables
from layers.physics.weather import make_hourly

GOLDEN = Path(__file__).parent / "golden" / "solar"

# rounded monthly means of southern Finland
TEMPERATURE_C = np.array([-4.0, -4.5, -2.6, 4.5, 10.8, 14.2, 17.3, 16.1, 10.5, 6.2, 0.5, -2.2])
IRRADIATION = np.array([6.2, 22.4, 64.3, 119.9, 165.5, 168.6, 180.9, 126.7, 82.0, 26.2, 8.1, 4.4])


def climate(latitude_deg=60.2, longitude_deg=24.9, irradiation=IRRADIATION, temperature=TEMPERATURE_C):
    return MonthlyClimate(
        "Test town", "FI", latitude_deg, longitude_deg, np.asarray(temperature, dtype=float),
        np.asarray(irradiation, dtype=float), "rounded means", (),
    )  # fmt: skip


@cache
def northern_weather():
    return make_hourly(climate(), 1)


@cache
def northern_tables():
    return plane_tables(northern_weather())


@cache
def pvgis_year():
    """The typical year at 45 N 8 E as our container holds it."""
    table = pd.read_csv(GOLDEN / "pvgis_tmy_45N_8E.csv.gz")
    return HourlyWeather(
        45.0, 8.0, table["T2m"].to_numpy(float), table["G(h)"].to_numpy(float),
        table["Gb(n)"].to_numpy(float), table["Gd(h)"].to_numpy(float), table["WS10m"].to_numpy(float),
        "PVGIS typical year",
    )  # fmt: skip


def town(outlines, height_m, **columns):
    """Return buildings with the columns that the roof layer needs, measured from rectangles."""
    geometry = np.array(outlines, dtype=object)
    box = shapely.get_coordinates(shapely.oriented_envelope(geometry)).reshape(-1, 5, 2)
    one, two = box[:, 1] - box[:, 0], box[:, 2] - box[:, 1]
    a, b = np.hypot(*one.T), np.hypot(*two.T)
    axis = np.where((a >= b)[:, None], one, two)
    table = {
        "use": "residential_single",
        "footprint_area_m2": shapely.area(geometry),
        "perimeter_m": shapely.length(geometry),
        "box_length_m": np.maximum(a, b),
        "box_width_m": np.minimum(a, b),
        "axis_azimuth_deg": np.mod(np.degrees(np.arctan2(axis[:, 0], axis[:, 1])).round(9), 180.0),
        "height_m": np.asarray(height_m, dtype=float),
        "district_id": "d01",
    }
    index = pd.Index([f"way/{number}" for number in range(len(geometry))], name="building_id")
    return gpd.GeoDataFrame(table | columns, geometry=geometry, index=index, crs="EPSG:32635")
