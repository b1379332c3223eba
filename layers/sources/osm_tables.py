"""Tables made of OpenStreetMap's objects: ids, tags and geometries while reading, then named columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.crs import GEOGRAPHIC
from layers.core.types import ObjectArray
from layers.sources import tags as parse
from layers.sources.building_tags import Tags, text_column, texts
from layers.sources.tag_columns import TEXT, Texts


@dataclass
class Rows:
    """Objects of one kind while reading: ids, tags, and geometries as WKB."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)

    def add(self, object_id: str, tags: Tags, wkb: str) -> None:
        """Take one object."""
        self.ids.append(object_id)
        self.tags.append(tags)
        self.wkb.append(wkb)

    def sorted_geometries(self) -> tuple[list[str], list[Tags], ObjectArray]:
        """Return ids, tags and geometries in the order of the ids."""
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        geometries = shapely.from_wkb(np.array([self.wkb[i] for i in order], dtype=object))
        single = shapely.get_num_geometries(geometries) == 1
        geometries = np.where(single, shapely.get_geometry(geometries, 0), geometries)
        return [self.ids[i] for i in order], [self.tags[i] for i in order], geometries


def make_frame(rows: Rows, index_name: str, columns: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return a table of one kind; `columns` maps names to functions of an object's tags."""
    ids, tags, geometries = rows.sorted_geometries()
    values = {name: make(tags) for name, make in columns.items()}
    index = pd.Index(ids, name=index_name, dtype=TEXT)
    return gpd.GeoDataFrame(pd.DataFrame(values, index=index), geometry=geometries, crs=GEOGRAPHIC)


def names(rows: list[Tags]) -> Any:
    """Return the names of objects."""
    return text_column(texts(rows, "name"))


def kinds_by(*readers: Any) -> Any:
    """Return a column maker that takes the first kind that one of the readers finds."""

    def make(rows: list[Tags]) -> Any:
        found = (next(filter(None, (read(row) for read in readers)), None) for row in rows)
        return Texts.of(found).to_column()

    return make


def flags_of(key: str) -> Any:
    """Return a column maker that says where a key is set and not `no`."""
    return lambda rows: np.array([row.get(key, "no") != "no" for row in rows], dtype=bool)


def add_modules(columns: pd.DataFrame, outlines: ObjectArray, modules: Rows) -> tuple[pd.DataFrame, int]:
    """Return buildings' columns with the solar modules that are drawn on their roofs, and how many these are.

    Parameters
    ----------
    columns : DataFrame
        One row a building, with `has_solar_tag` and `solar_tag_kwp`.
    outlines : (n,) array of polygons
    modules : Rows
        Points and areas of generators.
    """
    if not modules.ids:
        return columns, 0
    _, tags, geometries = modules.sorted_geometries()
    tree = shapely.STRtree(outlines)
    module, building = tree.query(shapely.point_on_surface(geometries), predicate="intersects")
    power = parse.read_numbers(texts(tags, "generator:output:electricity"), parse.parse_power_kw)[0][module]
    shown = columns["has_solar_tag"].to_numpy(dtype=bool).copy()
    shown[building] = True
    stated = columns["solar_tag_kwp"].to_numpy(dtype=np.float64)
    known = np.isfinite(power)
    drawn = np.bincount(building[known], power[known], len(columns))
    # what the building itself states covers what is drawn on it
    total = np.where(np.isfinite(stated), stated, np.where(drawn > 0.0, drawn, np.nan))
    return columns.assign(has_solar_tag=shown, solar_tag_kwp=total), len(np.unique(module))
