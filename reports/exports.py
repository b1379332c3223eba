"""Tables and rasters in open formats; each file is written whole or not at all.

The caller hands a folder that nobody reads yet and renames it when everything is there, so that no
program ever sees half a GeoPackage.
"""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, GeometryError
from rasterio.transform import from_origin

from layers.core.crs import RASTER
from layers.core.text import spreadsheet_safe
from layers.core.units import unit_label
from reports.hourly_export import BUILDINGS_FILE, DISTRICTS_FILE, write_building_hours, write_district_hours
from reports.inputs import Assessment, HeatRaster

# GeoPackage keeps the hour of its making; a fixed one gives equal bytes for equal runs
_FIXED_HOUR = "2000-01-01T00:00:00.000Z"
# what the writers of tables and rasters raise when a disk takes no more, beside errors of the system
_WRITE_ERRORS = (
    CRSError, DataLayerError, DataSourceError, FeatureError, GeometryError, rasterio.errors.RasterioError,
    OSError,
)  # fmt: skip
_ROOM_BYTES = 1 << 20
_LAYERS = ("buildings", "streets", "districts", "cells", "pipes")


def _plain(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table with its index as a column and texts as plain texts."""
    flat = table.reset_index()
    texts = {
        name: flat[name].astype(object).where(flat[name].notna(), None)
        for name in flat.columns
        if isinstance(flat[name].dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(flat[name].dtype)
    }
    return flat.assign(**texts)


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = os.environ.get("OGR_CURRENT_DATE")
    os.environ["OGR_CURRENT_DATE"] = _FIXED_HOUR
    try:
        yield
    finally:
        if before is None:
            del os.environ["OGR_CURRENT_DATE"]
        else:
            os.environ["OGR_CURRENT_DATE"] = before


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Let every writer say of a disk what the system says of it, with the name of the file.

    Raises
    ------
    OSError
        With the system's own number, so that the caller can tell a full disk from a mistake.
    """
    try:
        yield
    except _WRITE_ERRORS as problem:
        number = getattr(problem, "errno", None) or _refusal_of(path)
        reason = os.strerror(number) if number else str(problem)
        raise OSError(number or errno.EIO, reason, str(path)) from problem


def _refusal_of(path: Path) -> int | None:
    """Return the number with which the disk refuses another file beside `path`, or None."""
    trial = path.with_name(f".{path.name}.room")
    try:
        trial.write_bytes(bytes(_ROOM_BYTES))
    except OSError as problem:
        return problem.errno
    finally:
        trial.unlink(missing_ok=True)
    return None


def _check_layers(path: Path, counts: Mapping[str, int]) -> None:
    """Count again what was written: a GeoPackage on a full disk may lose rows without a word."""
    for name, count in counts.items():
        there = int(pyogrio.read_info(path, layer=name, force_feature_count=True)["features"])
        if there != count:
            raise OSError(errno.EIO, f"{there:,} of {count:,} rows of {name} were written", str(path))


def write_buildings(buildings: gpd.GeoDataFrame, path: Path) -> None:
    """Write the buildings as GeoParquet, with the unit of every column in its metadata.

    Rows follow the Hilbert curve, so that a reader with a window reads few blocks.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    order = np.argsort(buildings.hilbert_distance().to_numpy(), kind="stable")
    _plain(buildings.iloc[order]).to_parquet(
        path, compression="zstd", write_covering_bbox=True, index=False, schema_version="1.1.0"
    )
    table = pq.read_table(path)
    fields = [
        field.with_metadata({"unit": unit_label(field.name)}) if _has_unit(field, pa) else field
        for field in table.schema
    ]
    schema = pa.schema(fields, metadata=table.schema.metadata)
    pq.write_table(table.cast(schema), path, compression="zstd")


def _has_unit(field: Any, pa: Any) -> bool:
    number = pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
    return bool(number and unit_label(field.name))


def write_geopackage(assessment: Assessment, path: Path) -> None:
    """Write buildings, streets, districts and cells as layers of one GeoPackage."""
    with _fixed_date():
        for number, name in enumerate(_LAYERS):
            table: gpd.GeoDataFrame | None = getattr(assessment, name)
            if table is None or (name == "pipes" and table.empty):
                continue
            _plain(table).to_file(
                path, layer=name, driver="GPKG", engine="pyogrio", mode="a" if number else "w",
                promote_to_multi=True, use_arrow=True, SPATIAL_INDEX="YES",
            )  # fmt: skip


def write_raster(raster: HeatRaster, path: Path, *, description: str, unit: str) -> None:
    """Write a raster as cloud-optimised GeoTIFF (float32, NaN where nothing stands)."""
    rows, columns = raster.values.shape
    with rasterio.open(
        path, "w", driver="COG", height=rows, width=columns, count=1, dtype="float32", crs=RASTER,
        transform=from_origin(raster.west_m, raster.north_m, raster.cell_m, raster.cell_m), nodata=np.nan,
        compress="deflate", predictor="yes",
    ) as target:  # fmt: skip
        target.write(raster.values.astype(np.float32), 1)
        target.set_band_description(1, description)
        target.update_tags(1, unit=unit)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that no spreadsheet takes for formulas."""
    flat = table if isinstance(table.index, pd.RangeIndex) else table.reset_index()
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(flat.columns)
        for row in zip(*(_cells(flat[name]) for name in flat.columns), strict=True):
            writer.writerow(row)


def _cells(column: pd.Series) -> list[str]:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return [
            "" if np.isnan(number) else f"{number:.6g}" for number in column.to_numpy(float, na_value=np.nan)
        ]
    return [
        "" if missing else spreadsheet_safe(str(text))
        for text, missing in zip(column, column.isna(), strict=True)
    ]


def write_all(assessment: Assessment, folder: Path) -> Mapping[str, Path]:
    """Write every table and raster of an assessment and return the files by name."""
    paths = {name: folder / name for name in ("buildings.parquet", "planner.gpkg", "districts.csv")}
    with _writing(paths["buildings.parquet"]):
        write_buildings(assessment.buildings, paths["buildings.parquet"])
    with _writing(paths["planner.gpkg"]):
        write_geopackage(assessment, paths["planner.gpkg"])
    with _writing(paths["districts.csv"]):
        write_csv(pd.DataFrame(assessment.districts.drop(columns="geometry")), paths["districts.csv"])
    for name, table in assessment.tables.items():
        path = folder / f"{name}.csv"
        with _writing(path):
            write_csv(table, path)
        paths[path.name] = path
    if assessment.hourly:
        paths[DISTRICTS_FILE] = folder / DISTRICTS_FILE
        with _writing(paths[DISTRICTS_FILE]):
            write_district_hours(assessment.hourly, paths[DISTRICTS_FILE])
    if assessment.building_hours is not None:
        paths[BUILDINGS_FILE] = folder / BUILDINGS_FILE
        with _writing(paths[BUILDINGS_FILE]):
            write_building_hours(assessment.building_hours, paths[BUILDINGS_FILE])
    for raster in assessment.rasters:
        path = folder / f"{raster.name}.tif"
        with _writing(path):
            write_raster(
                raster, path, description=raster.name.replace("_", " "), unit=_raster_unit(raster.name)
            )
        paths[path.name] = path
    return paths


def _raster_unit(name: str) -> str:
    return {"heat_density": "MWh/(ha a)", "plot_ratio": "m² floor per m² land"}[name]
