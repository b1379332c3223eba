"""The carried samples, read and cleaned once for all tests of layers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import geopandas as gpd

import planner
from layers.core.crs import to_crs
from layers.footprints import clean_footprints
from layers.sources.osm import read_osm

SAMPLES = Path(planner.__file__).parent / "data" / "samples"


@cache
def sample(name: str) -> dict[str, gpd.GeoDataFrame]:
    """Return buildings, streets, barriers and places of a sample in metres; never change them."""
    extract = read_osm(SAMPLES / f"{name}.osm.pbf")
    buildings = clean_footprints(extract)[0]
    tables = {"buildings": buildings}
    for kind in ("streets", "barriers", "places"):
        tables[kind] = to_crs(getattr(extract, kind), buildings.crs)
    return tables
