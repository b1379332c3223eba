"""Totals of districts and of the city, with the range of their own draws.

The bare numbers add up: buildings to districts, districts to the city. The likely range (p10 to p90)
of a sum is not the sum of ranges; each level computes its own from sums within each draw.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.facts import value
from layers.core.quantiles import likely_range
from layers.core.types import BoolArray, FloatArray

KWH_PER_MWH = 1000.0

ADDS: tuple[Column, ...] = (
    Column("heated_floor_area_m2", "heated floor area", lowest=0),
    Column("heated_building_count", "heated buildings", "whole", lowest=0),
    Column("anchor_count", "buildings whose heat demand could anchor a network", "whole", lowest=0),
    Column("heat_demand_mwh", "heat demand for rooms and hot water in standard use", lowest=0),
    Column("heat_demand_p10_mwh", "nine in ten draws are above", lowest=0, gaps=True),
    Column("heat_demand_p90_mwh", "nine in ten draws are below", lowest=0, gaps=True),
    Column("heat_density_mwh_per_ha", "heat demand over the area of the outline", lowest=0),
    Column("connected_heat_mwh", "heat demand of buildings with a street in reach", lowest=0),
    Column("street_length_m", "length of the streets to which they connect", lowest=0),
    Column("service_pipe_m", "service pipes from these streets to the buildings", lowest=0),
    Column("linear_heat_density_mwh_per_m", "connected heat demand over that length", lowest=0),
    Column("plot_ratio", "heated floor area over the area of the outline", lowest=0),
    Column("pv_technical_mwh", "what all suitable roofs could give", lowest=0),
    Column("pv_technical_kwp", "modules on all suitable roofs", lowest=0),
    Column("pv_calibrated_mwh", "what roofs can be expected to give", lowest=0),
    Column("pv_calibrated_kwp", "modules that can be expected", lowest=0),
    Column("pv_calibrated_p10_mwh", "nine in ten draws are above", lowest=0, gaps=True),
    Column("pv_calibrated_p90_mwh", "nine in ten draws are below", lowest=0, gaps=True),
)


def _with_range(name: str, meaning: str) -> tuple[Column, Column, Column]:
    """Return a yearly total and the range of its draws."""
    return (
        Column(f"{name}_mwh", meaning, lowest=0),
        Column(f"{name}_p10_mwh", "nine in ten draws are above", lowest=0, gaps=True),
        Column(f"{name}_p90_mwh", "nine in ten draws are below", lowest=0, gaps=True),
    )


# where cooling and electricity were drawn with the heat
COOLED: tuple[Column, ...] = (
    *_with_range("cooling_demand", "useful cold for all heated floor"),
    *_with_range("cooling_electricity", "electricity for the cold that is likely to be made"),
    *_with_range("appliance_electricity", "electricity of appliances, lighting and fans"),
    *_with_range("electricity_demand", "appliances, lighting, fans and cooling"),
)
# where the economics of solar electricity were drawn
PAID: tuple[Column, ...] = (
    *_with_range("pv_economic", "what costs no more than it is worth"),
    Column("pv_economic_kwp", "modules whose energy costs no more than it is worth", lowest=0),
)
# only in a run with known totals
CALIBRATED: tuple[Column, ...] = _with_range(
    "heat_calibrated", "expected heat for rooms and hot water after calibration"
)
M2_PER_HA = 10_000.0
# what buildings have in kWh a year and districts and the city in MWh, where the run has it
YEARLY = (
    "heat_demand", "heat_calibrated", "cooling_demand", "cooling_electricity", "appliance_electricity",
    "electricity_demand", "pv_technical", "pv_calibrated", "pv_economic",
)  # fmt: skip


# the modules that stand behind them
POWERS = ("pv_technical_kwp", "pv_calibrated_kwp", "pv_economic_kwp")


def columns_of(draws: Mapping[str, pd.DataFrame]) -> tuple[Column, ...]:
    """Return what `add_district_totals` adds, by which totals were drawn."""
    cooled = COOLED if "cooling_demand" in draws else ()
    paid = PAID if "pv_economic" in draws else ()
    return (*ADDS, *cooled, *paid, *(CALIBRATED if "heat_calibrated" in draws else ()))


def yearly_names(buildings: pd.DataFrame) -> list[str]:
    """Return which totals the buildings of a run have, in the order of `YEARLY`."""
    return [name for name in YEARLY if f"{name}_kwh" in buildings.columns]


def _over(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Divide where there is something to divide by; else zero."""
    return (part / whole.where(whole > 0)).fillna(0.0)


def likely_range_mwh(draws_kwh: pd.DataFrame, index: pd.Index) -> tuple[FloatArray, FloatArray]:
    """Return the likely range of each row's draws; districts without draws have none.

    Examples
    --------
    >>> draws = pd.DataFrame([[1000.0, 2000.0, 3000.0]], index=["d01"])
    >>> [values.tolist() for values in likely_range_mwh(draws, pd.Index(["d01"]))]
    [[1.2], [2.8]]
    """
    low, high = likely_range(draws_kwh.reindex(index).to_numpy(dtype=float))
    return low / KWH_PER_MWH, high / KWH_PER_MWH


def add_district_totals(
    districts: gpd.GeoDataFrame,
    buildings: pd.DataFrame,
    streets: pd.DataFrame,
    draws: Mapping[str, pd.DataFrame],
) -> gpd.GeoDataFrame:
    """Add buildings and streets up by district.

    Parameters
    ----------
    districts : GeoDataFrame, index `district_id`
        `area_ha`.
    buildings : DataFrame
        `district_id`, `street_id` and the columns that are added up.
    streets : DataFrame
        Sections with `length_m`, `connected_heat_mwh`, `district_id`.
    draws : mapping of DataFrame, index `district_id`, one column a draw
        Sums of the district in each draw, by the name of the total without its unit. [kWh]
    """
    yearly = yearly_names(buildings)
    powers = [name for name in POWERS if name in buildings.columns]
    columns = ["heated_floor_area_m2", *powers]
    values = buildings[columns + [f"{name}_kwh" for name in yearly]].astype(float).fillna(0.0)
    district = buildings["district_id"].to_numpy(dtype=object)
    sums = values.groupby(district).sum().reindex(districts.index, fill_value=0.0)
    heated = (values["heat_demand_kwh"] > 0).groupby(district).sum().reindex(districts.index, fill_value=0)
    large = values["heat_demand_kwh"] >= value("district_heating", "anchor_mwh") * KWH_PER_MWH
    anchors = large.groupby(district).sum().reindex(districts.index, fill_value=0)
    on_street = buildings["street_id"].notna().to_numpy() & (values["heat_demand_kwh"] > 0).to_numpy()
    pipes = buildings["service_pipe_m"].astype(float).where(on_street, 0.0)
    connected = values["heat_demand_kwh"].where(on_street, 0.0)
    reached = pd.DataFrame({"heat": connected / KWH_PER_MWH, "pipe": pipes}).groupby(district).sum()
    reached = reached.reindex(districts.index, fill_value=0.0)
    heat_mwh = sums["heat_demand_kwh"] / KWH_PER_MWH
    summed = {f"{name}_mwh": sums[f"{name}_kwh"] / KWH_PER_MWH for name in yearly}
    ranges: dict[str, FloatArray] = {}
    for name, drawn in draws.items():
        low, high = likely_range_mwh(drawn, districts.index)
        ranges |= {f"{name}_p10_mwh": low, f"{name}_p90_mwh": high}
    length = _served_lengths(buildings, streets, on_street).reindex(districts.index, fill_value=0.0)
    area_ha = districts["area_ha"].astype(float)
    return districts.assign(
        heated_floor_area_m2=sums["heated_floor_area_m2"],
        heated_building_count=heated.astype(np.int64),
        anchor_count=anchors.astype(np.int64),
        heat_density_mwh_per_ha=_over(heat_mwh, area_ha),
        connected_heat_mwh=reached["heat"],
        street_length_m=length,
        service_pipe_m=reached["pipe"],
        linear_heat_density_mwh_per_m=_over(reached["heat"], length),
        plot_ratio=_over(sums["heated_floor_area_m2"], area_ha * M2_PER_HA),
        **{name: sums[name] for name in powers},
        **summed,
        **ranges,
    )


def _served_lengths(buildings: pd.DataFrame, streets: pd.DataFrame, on_street: BoolArray) -> pd.Series:
    """Return the street length that serves each district; a street on a border is divided by its heat."""
    served = buildings[["street_id", "district_id", "heat_demand_kwh"]][on_street]
    heat = served.groupby(["street_id", "district_id"])["heat_demand_kwh"].sum().rename("heat").reset_index()
    share = heat["heat"] / heat.groupby("street_id")["heat"].transform("sum")
    length = streets["length_m"].reindex(heat["street_id"]).to_numpy(dtype=float) * share.to_numpy(
        dtype=float
    )
    return pd.Series(length, index=heat["district_id"]).groupby(level=0).sum()


def city_totals(
    buildings: pd.DataFrame, streets: pd.DataFrame, draws_kwh: Mapping[str, FloatArray]
) -> Mapping[str, float]:
    """Return the city's totals by the names of the contracts.

    Parameters
    ----------
    buildings, streets : DataFrame
    draws_kwh : mapping of (d,) arrays
        The city's sum in each draw, by the name of the total without its unit.
    """
    heat = buildings["heat_demand_kwh"].astype(float).fillna(0.0)
    connected = heat[buildings["street_id"].notna()].sum()
    totals = {
        "building_count": float(len(buildings)),
        "heated_building_count": float((heat > 0).sum()),
        "footprint_area_m2": float(buildings["footprint_area_m2"].sum()),
        "heated_floor_area_m2": float(buildings["heated_floor_area_m2"].astype(float).sum()),
        "unconnected_heat_mwh": float((heat.sum() - connected) / KWH_PER_MWH),
        "unconnected_building_count": float(((heat > 0) & buildings["street_id"].isna()).sum()),
        "street_length_m": float(streets["length_m"].sum()),
        "served_street_length_m": float(streets.loc[streets["connected_heat_mwh"] > 0, "length_m"].sum()),
    }
    for name in (name for name in POWERS if name in buildings.columns):
        totals[name] = float(buildings[name].astype(float).sum())
    for name in yearly_names(buildings):
        totals[f"{name}_mwh"] = float(buildings[f"{name}_kwh"].astype(float).sum() / KWH_PER_MWH)
    for name, draws in draws_kwh.items():
        low, high = likely_range(draws[None, :])
        totals[f"{name}_p10_mwh"] = float(low[0]) / KWH_PER_MWH
        totals[f"{name}_p90_mwh"] = float(high[0]) / KWH_PER_MWH
    return totals
