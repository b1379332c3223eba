"""Larger towns from the carried samples: shifted copies side by side."""

from __future__ import annotations

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.crs import to_crs
from layers.core.extract import Extract

TABLES = ("buildings", "streets", "barriers", "landuse", "background", "places", "points")


def copies_of(extract: Extract, building_count: int, gap_m: float = 150.0) -> Extract:
    """Return an extract of at least `building_count` buildings, cut off at that number.

    The copies are real buildings in real streets; only the town as a whole is made up, so it says
    something about speed and nothing about results.
    """
    metric = extract.buildings.estimate_utm_crs()
    tables = {name: to_crs(getattr(extract, name), metric) for name in TABLES}
    shifts = _shifts(tables["buildings"], building_count, gap_m)
    tiled = {name: _shifted(table, shifts) for name, table in tables.items()}
    tiled["buildings"] = tiled["buildings"].iloc[:building_count]
    return dataclasses.replace(extract, **tiled)


def buildings_of(extract: Extract, building_count: int, gap_m: float = 150.0) -> gpd.GeoDataFrame:
    """Return the buildings of `copies_of` alone."""
    table = to_crs(extract.buildings, extract.buildings.estimate_utm_crs())
    return _shifted(table, _shifts(table, building_count, gap_m)).iloc[:building_count]


def _shifts(buildings: gpd.GeoDataFrame, building_count: int, gap_m: float) -> np.ndarray:
    """Return how far each copy is shifted to the east and to the north, as (copies, 2) array."""
    west, south, east, north = buildings.total_bounds
    count = math.ceil(building_count / len(buildings))
    side = math.ceil(math.sqrt(count))
    number = np.arange(count)
    return np.column_stack(
        [(number % side) * (east - west + gap_m), (number // side) * (north - south + gap_m)]
    )


def _shifted(table: gpd.GeoDataFrame, shifts: np.ndarray) -> gpd.GeoDataFrame:
    shapes = np.tile(table.geometry.to_numpy(), len(shifts))
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    moved = shapely.set_coordinates(shapes, xy + shifts[row // max(len(table), 1)])
    ids = [f"{name}@{number}" for number in range(len(shifts)) for name in table.index]
    rows = pd.DataFrame(table.drop(columns=table.geometry.name))
    copies = pd.concat([rows] * len(shifts)).set_axis(pd.Index(ids, name=table.index.name), axis=0)
    return gpd.GeoDataFrame(copies, geometry=moved, crs=table.crs)
