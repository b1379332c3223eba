"""Peaks of district heat that need no plant: stores, and buildings that may cool by a kelvin for an hour.

For each district the smallest plant that serves its hours of a year, alone, with a tank for some hours of
the mean load on its coldest day, and with the mass of the buildings that take part. What a smaller plant
saves stands beside what the tank costs. Where cold is dense, the same table says so: district cooling is
worth a look where squares need about as much cold as networks ask of heat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray
from layers.physics.peak_shaving import shaved_peak_kw

WH_PER_KWH = 1000.0
HOURS_PER_DAY = 24
ALONE, MASS = "none", "building mass"
SPACE_HEAT, HOT_WATER = "space_heat_kw", "hot_water_kw"

PEAK_TABLE: tuple[Column, ...] = (
    Column("district_id", "district", "text"),
    Column("store", "what takes the peak off", "text"),
    Column("store_kwh_capacity", "what it holds", lowest=0),
    Column("plant_kw", "smallest plant that serves every hour of a typical year with it", lowest=0),
    Column("peak_saved_share", "of the peak without", lowest=0, highest=1),
    Column("store_cost_eur", "price of the store", lowest=0),
    Column("plant_saved_eur", "price of the plant that is not needed", lowest=0),
)
ADDS: tuple[Column, ...] = (
    Column("cooling_density_mwh_per_ha", "useful cold over the area of the outline", lowest=0),
    Column("district_cooling_class", "whether district cooling is worth a look", "category",
           allowed=("examine", "not dense enough")),
)  # fmt: skip


def _supply(fact_id: str) -> float:
    return value("heat_supply", fact_id)


@dataclass(frozen=True)
class PeakParams:
    """Settings of stores and of the screening of cooling.

    Attributes
    ----------
    store_hours_h : hours of the mean load of the coldest day that a tank holds
    mass_wh_per_m2_k : heat capacity of buildings over their floor, 10 to 300
    mass_drop_k : what rooms may cool by, 0 to 4
    mass_share : floor that takes part, 0 to 1
    cooling_mwh_per_ha : density from which district cooling is worth a look, 1 to 2,000
    """

    store_hours_h: tuple[float, ...] = (2.0, 6.0, 12.0)
    mass_wh_per_m2_k: float = field(default_factory=lambda: value("heat", "heat_capacity"))
    mass_drop_k: float = field(default_factory=lambda: _supply("mass_drop_k"))
    mass_share: float = field(default_factory=lambda: _supply("mass_share"))
    cooling_mwh_per_ha: float = field(default_factory=lambda: _supply("cooling_mwh_per_ha"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "mass_wh_per_m2_k": (10.0, 300.0), "mass_drop_k": (0.0, 4.0), "mass_share": (0.0, 1.0),
            "cooling_mwh_per_ha": (1.0, 2000.0),
        }  # fmt: skip
        check_ranges(self, ranges)
        for hours in self.store_hours_h:
            if not 0.0 < hours <= 168.0:
                raise UsageProblem(f"store_hours_h holds {hours:g}; it must be above 0 and at most 168.")


def _coldest_day_kw(load_kw: FloatArray) -> FloatArray:
    """Return the mean load of the day with most heat; (n,)."""
    days = load_kw.shape[1] // HOURS_PER_DAY
    daily = load_kw[:, : days * HOURS_PER_DAY].reshape(len(load_kw), days, HOURS_PER_DAY).mean(axis=2)
    return np.asarray(daily.max(axis=1), dtype=np.float64)


def shave_peaks(
    districts: pd.DataFrame, hourly: Mapping[str, pd.DataFrame], params: PeakParams | None = None
) -> pd.DataFrame:
    """Return what stores and building mass take off the peak of every district's heat.

    Parameters
    ----------
    districts : DataFrame, index `district_id`
        `heated_floor_area_m2`.
    hourly : mapping of DataFrame
        `space_heat_kw` and `hot_water_kw`, hours × districts.

    Returns
    -------
    DataFrame
        Columns as in `PEAK_TABLE`; districts without heat are left out.
    """
    params = params or PeakParams()
    ids = [name for name in districts.index if name in hourly[SPACE_HEAT].columns]
    load = (hourly[SPACE_HEAT][ids] + hourly[HOT_WATER][ids]).to_numpy(dtype=np.float64).T
    heated = load.sum(axis=1) > 0.0
    load, ids = load[heated], [name for name, keep in zip(ids, heated, strict=True) if keep]
    if not ids:
        return pd.DataFrame({column.name: [] for column in PEAK_TABLE})
    peak, mean = load.max(axis=1), _coldest_day_kw(load)
    floor = districts.loc[ids, "heated_floor_area_m2"].to_numpy(dtype=float)
    plant_eur_per_kw = (
        _supply("central_pump_eur_per_kw") * _supply("pump_share_of_peak")
        + _supply("electric_boiler_eur_per_kw")
    )  # fmt: skip
    stores: list[tuple[str, FloatArray, float]] = [(ALONE, np.zeros(len(ids)), 0.0)]
    stores += [
        (f"tank of {hours:g} h", mean * hours, _supply("tank_eur_per_kwh")) for hours in params.store_hours_h
    ]
    mass = floor * params.mass_share * params.mass_wh_per_m2_k * params.mass_drop_k / WH_PER_KWH
    stores.append((MASS, mass, 0.0))
    rows = []
    for name, store_kwh, eur_per_kwh in stores:
        plant = np.minimum(shaved_peak_kw(load, store_kwh), peak)
        rows.append(
            pd.DataFrame(
                {
                    "district_id": ids,
                    "store": name,
                    "store_kwh_capacity": store_kwh,
                    "plant_kw": plant,
                    "peak_saved_share": np.clip(1.0 - plant / peak, 0.0, 1.0),
                    "store_cost_eur": store_kwh * eur_per_kwh,
                    "plant_saved_eur": (peak - plant) * plant_eur_per_kw,
                }
            )
        )
    table = pd.concat(rows, ignore_index=True)
    return table.sort_values(["district_id", "store_kwh_capacity", "store"], kind="stable", ignore_index=True)


def add_cooling_screening(districts: gpd.GeoDataFrame, params: PeakParams | None = None) -> gpd.GeoDataFrame:
    """Add how dense the cold of districts is, and whether district cooling is worth a look.

    Parameters
    ----------
    districts : GeoDataFrame
        `cooling_demand_mwh`, `area_ha`.
    """
    params = params or PeakParams()
    area = districts["area_ha"].to_numpy(dtype=float)
    cold = districts["cooling_demand_mwh"].to_numpy(dtype=float)
    density = np.divide(cold, area, out=np.zeros(len(area)), where=area > 0.0)
    return districts.assign(
        cooling_density_mwh_per_ha=density,
        district_cooling_class=np.where(
            density >= params.cooling_mwh_per_ha, "examine", "not dense enough"
        ),
    )  # fmt: skip
