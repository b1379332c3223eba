"""The data dictionary: every column of every table, joined from what the layers declare."""

from __future__ import annotations

from layers import (
    archetypes,
    attributes,
    calibration,
    cells,
    cooling,
    district_heating,
    districts,
    electricity,
    envelope,
    footprints,
    form,
    heat_demand,
    heat_networks,
    heat_sources,
    hourly_demand,
    peaks,
    retrofit,
    roof_solar,
    solar_economics,
    solar_profiles,
    solar_thermal,
    street_heat,
    totals,
)
from layers.core.contracts import Column
from replication import similarity

TABLES: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("buildings", "footprints", footprints.ADDS),
    ("buildings", "form", form.ADDS),
    ("buildings", "districts", districts.ADDS),
    ("buildings", "attributes", attributes.ADDS),
    ("buildings", "envelope", envelope.ADDS),
    ("buildings", "archetypes", archetypes.ADDS),
    ("buildings", "heat_demand", heat_demand.ADDS),
    ("buildings", "cooling", cooling.ADDS),
    ("buildings", "electricity", electricity.ADDS),
    ("buildings", "calibration", calibration.ADDS),
    ("buildings", "roof_solar", roof_solar.ADDS),
    ("buildings", "solar_economics", solar_economics.ADDS),
    ("buildings", "retrofit", retrofit.ADDS),
    ("buildings", "street_heat", street_heat.ADDS),
    ("streets", "street_heat", street_heat.STREET_COLUMNS),
    ("streets", "heat_networks", heat_networks.STREET_ADDS),
    ("districts", "districts", districts.DISTRICT_COLUMNS),
    ("districts", "totals", totals.ADDS),
    ("districts", "totals", totals.COOLED),
    ("districts", "totals", totals.PAID),
    ("districts", "hourly_demand", hourly_demand.DISTRICT_COLUMNS),
    ("districts", "calibration", totals.CALIBRATED),
    ("districts", "district_heating", district_heating.ADDS),
    ("districts", "heat_sources", heat_sources.ADDS),
    ("heat_sources", "heat_sources", heat_sources.TABLE_COLUMNS),
    ("districts", "heat_networks", heat_networks.ADDS),
    ("districts", "peaks", peaks.ADDS),
    ("districts", "similarity", similarity.ADDS),
    ("solar_monthly", "solar_profiles", solar_profiles.MONTHLY_COLUMNS),
    ("solar_thermal", "solar_thermal", solar_thermal.TABLE_COLUMNS),
    ("cells", "cells", cells.CELL_COLUMNS),
    ("pipes", "heat_networks", heat_networks.PIPE_COLUMNS),
    ("network_peaks", "peaks", peaks.PEAK_TABLE),
    ("hourly_peaks", "hourly_demand", hourly_demand.PEAK_COLUMNS),
    ("load_duration", "hourly_demand", hourly_demand.CURVE_COLUMNS),
    ("hourly_check", "hourly_demand", hourly_demand.CHECK_COLUMNS),
    ("retrofit", "retrofit", retrofit.TABLE_COLUMNS),
    ("retrofit_curve", "retrofit", retrofit.CURVE_COLUMNS),
)


def _range_text(column: Column) -> str:
    if column.allowed is not None:
        return ", ".join(column.allowed)
    if column.kind in ("number", "whole"):
        low = "" if column.lowest is None else f"{column.lowest:g}"
        high = "" if column.highest is None else f"{column.highest:g}"
        return f"{low} … {high}" if low or high else ""
    return {"flag": "true, false"}.get(column.kind, "text")


def dictionary_rows() -> list[dict[str, str]]:
    """Return one row a column: table, name, unit, kind, range, layer, meaning."""
    return [
        {
            "table": table,
            "name": column.name,
            "unit": column.unit if column.kind in ("number", "whole") else "",
            "kind": column.kind,
            "range": _range_text(column) + (" or missing" if column.gaps else ""),
            "layer": layer,
            "meaning": column.meaning,
        }
        for table, layer, columns in TABLES
        for column in columns
    ]
