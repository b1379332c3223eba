"""Larger towns from the carried samples: shifted copies side by side."""

from __future__ import annotations

import dataclasses
import math

import geopandas as gpd
import pandas as pd

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
    west, south, east, north = tables["buildings"].total_bounds
    count = math.ceil(building_count / len(extract.buildings))
    side = math.ceil(math.sqrt(count))
    width, height = east - west + gap_m, north - south + gap_m
    shifts = [((n % side) * width, (n // side) * height) for n in range(count)]
    tiled = {name: _shifted(table, shifts) for name, table in tables.items()}
    tiled["buildings"] = tiled["buildings"].iloc[:building_count]
    return dataclasses.replace(extract, **tiled)


def _shifted(table: gpd.GeoDataFrame, shifts: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    parts = []
    for number, (right, up) in enumerate(shifts):
        part = table.set_geometry(table.geometry.translate(right, up))
        ids = [f"{name}@{number}" for name in table.index]
        parts.append(part.set_axis(pd.Index(ids, name=table.index.name)))
    return gpd.GeoDataFrame(pd.concat(parts), geometry=table.geometry.name, crs=table.crs)
