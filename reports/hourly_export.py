"""Hourly profiles as long Parquet tables: of districts always, of single buildings on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.core.units import unit_label

DISTRICTS_FILE, BUILDINGS_FILE = "hourly.parquet", "hourly_buildings.parquet"


def write_district_hours(hourly: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write profiles as one row a district and hour, one column a quantity.

    Parameters
    ----------
    hourly : mapping of DataFrame
        By quantity (hours × districts); a district that a quantity lacks has gaps there.
    path : Path
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = sorted({str(name) for table in hourly.values() for name in table.columns})
    schema = _schema(pa, "district_id", tuple(hourly))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for name in names:
            columns = {
                quantity: table[name].to_numpy(dtype=np.float32) if name in table.columns else None
                for quantity, table in hourly.items()
            }
            count = max(len(values) for values in columns.values() if values is not None)
            parts = [
                pa.nulls(count, pa.float32()) if values is None else pa.array(values)
                for values in columns.values()
            ]
            hours = pa.array(np.arange(count, dtype=np.int16))
            rows = [pa.array([name] * count, pa.string()), hours, *parts]
            writer.write_table(pa.Table.from_arrays(rows, schema=schema))


def write_building_hours(hours: Callable[[], Iterator[pd.DataFrame]], path: Path) -> None:
    """Write the hours of single buildings, one batch after the other, so that memory stays bounded.

    Parameters
    ----------
    hours : callable
        Gives long tables with `building_id`, `hour_count` and one column a quantity.
    path : Path
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for batch in hours():
            quantities = tuple(str(name) for name in batch.columns[2:])
            schema = _schema(pa, "building_id", quantities)
            if writer is None:
                writer = pq.ParquetWriter(path, schema, compression="zstd")
            rows = [
                pa.array(batch["building_id"].astype(str).to_numpy(dtype=object), pa.string()),
                pa.array(batch["hour_count"].to_numpy(dtype=np.int16)),
                *(pa.array(batch[name].to_numpy(dtype=np.float32)) for name in quantities),
            ]
            writer.write_table(pa.Table.from_arrays(rows, schema=schema))
    finally:
        if writer is not None:
            writer.close()


def _schema(pa: Any, place: str, quantities: tuple[str, ...]) -> Any:
    """Return the columns with their units; hours count from 0, UTC."""
    return pa.schema(
        [
            pa.field(place, pa.string()),
            pa.field("hour", pa.int16(), metadata={"unit": "hour of the year, UTC"}),
            *(pa.field(name, pa.float32(), metadata={"unit": unit_label(name)}) for name in quantities),
        ]
    )
