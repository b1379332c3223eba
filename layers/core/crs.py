"""The only place that reprojects.

A city is computed in its UTM zone (metres), rasters and tiles across Europe in EPSG:3035,
pages in EPSG:4326.
"""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
from pyproj import CRS, Transformer

from layers.core.errors import CrsProblem
from layers.core.types import FloatArray

GEOGRAPHIC = "EPSG:4326"
RASTER = "EPSG:3035"
# Europe with its Atlantic islands, in degrees: outside, neither climate nor archetypes are known
EUROPE_BOUNDS_DEG = (-32.0, 27.0, 46.0, 72.5)
# UTM: zones of six degrees, counted from the date line; EPSG numbers those of the north from 32601
_UTM_ZONE_DEG = 6.0
_UTM_NORTH_CODE = 32_600


def utm_zone_code(longitude_deg: float) -> str:
    """Return the EPSG code of the northern UTM zone that holds a longitude.

    Examples
    --------
    >>> utm_zone_code(24.94), utm_zone_code(-9.14)
    ('EPSG:32635', 'EPSG:32629')
    """
    return f"EPSG:{_UTM_NORTH_CODE + int((longitude_deg + 180.0) // _UTM_ZONE_DEG) + 1}"


def metric_crs(table: gpd.GeoDataFrame, *, name: str) -> CRS:
    """Return the UTM zone in which a table's areas can be computed.

    Raises
    ------
    CrsProblem
        When the table names no coordinate system, is empty, or lies outside Europe.
    """
    if table.crs is None:
        raise CrsProblem(
            f"{name} does not say in which coordinate system it is; pass --crs, for example --crs EPSG:25832."
        )
    west, south, east, north = table.to_crs(GEOGRAPHIC).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        raise CrsProblem(f"{name} has no usable coordinates in {table.crs.to_string()}; check its --crs.")
    low_lon, low_lat, high_lon, high_lat = EUROPE_BOUNDS_DEG
    if west < low_lon or east > high_lon or south < low_lat or north > high_lat:
        hint = ""
        if low_lon <= south and north <= high_lon and low_lat <= west and east <= high_lat:
            hint = " Latitude and longitude look swapped."
        raise CrsProblem(
            f"{name} lies at longitude {west:.4g} to {east:.4g}, latitude {south:.4g} to {north:.4g}, "
            f"outside Europe.{hint} Check its coordinate system or pass --crs."
        )
    return CRS(utm_zone_code((west + east) / 2.0))


def to_crs(table: gpd.GeoDataFrame, crs: CRS | str) -> gpd.GeoDataFrame:
    """Return a table in another coordinate system; an empty table only takes its name."""
    if table.crs is None:
        return table.set_crs(crs)
    return table.to_crs(crs)


def centre_deg(table: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return longitude and latitude of the middle of a table's bounds."""
    west, south, east, north = table.to_crs(GEOGRAPHIC).total_bounds
    return float((west + east) / 2), float((south + north) / 2)


@lru_cache(maxsize=64)
def _transformer(source: CRS | str, target: CRS | str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transform_points(xy: FloatArray, source: CRS | str, target: CRS | str) -> FloatArray:
    """Return (n, 2) points in another system, x before y."""
    x, y = _transformer(source, target).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([x, y])
