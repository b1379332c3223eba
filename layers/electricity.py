"""Electricity of buildings: appliances, lighting and fans by use, and cooling.

* Dwellings: so much a dwelling of the country's kind, half of it growing with the dwelling's floor; flats
  and terraced houses are counted from the floor, a house is one dwelling. Fans where heat is recovered.
* Other uses: electricity of standard use by floor (the value that also decides their gains), and fans.
* `electricity_demand_kwh` = `appliance_electricity_kwh` + `cooling_electricity_kwh`. Heating and hot
  water by electricity are supply, not demand, and are not in it; nor are lifts, street lights and charging.
* Ranges come from the draws of the heat. What appliances use warms the rooms, so half of the variance of
  appliances is that of the internal gains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.physics.heat_draws import Demand, Drawn, HeatCase
from layers.physics.heat_widths import column_or
from layers.physics.ranges import Ranges

NORTH = frozenset({"FI", "NO", "IS", "AX", "SJ"})
EAST = frozenset(
    {"AL", "BA", "BG", "BY", "EE", "HR", "HU", "LT", "LV", "MD", "ME", "MK", "PL", "RO", "RS", "RU", "SK",
     "TR", "UA", "XK"}
)  # fmt: skip
FAN_USES = (
    "office", "education", "hospital", "retail", "hotel", "restaurant", "sport", "storage", "assembly",
    "industry",
)  # fmt: skip
# flats and terraced houses stand in buildings that hold several
SHARED_ROOFS = ("residential_multi", "residential_terraced")
HALF = 0.5

ADDS: tuple[Column, ...] = (
    Column("appliance_electricity_kwh", "electricity of appliances, lighting and fans", lowest=0),
    Column("electricity_demand_kwh", "appliances, lighting, fans and cooling", lowest=0),
    Column("electricity_demand_p10_kwh", "one in ten is lower", lowest=0),
    Column("electricity_demand_p90_kwh", "one in ten is higher", lowest=0),
)


def _fact(fact_id: str) -> float:
    return value("electricity", fact_id)


def _fans() -> dict[str, float]:
    return {use: _fact(f"fans_{use}") for use in FAN_USES}


@dataclass(frozen=True)
class ElectricityParams:
    """Settings of the electricity layer.

    Attributes
    ----------
    dwelling_floor_mean_m2 : floor of the dwelling to which the country's value belongs, 20 to 300
    dwelling_floor_multi_m2, dwelling_floor_terraced_m2 : floor of a flat, of a terraced house, 20 to 300
    dwelling_floor_share : part of a dwelling's electricity that grows with its floor, 0 to 1
    dwelling_fans_kwh_per_m2 : fans of dwellings with heat recovery, 0 to 20
    fans_kwh_per_m2 : fans by use
    other_fans_kwh_per_m2 : fans of other and unknown uses, 0 to 50
    dwelling_width_ratio, other_width_ratio : uncertainty, one standard deviation, 0 to 2
    """

    dwelling_floor_mean_m2: float = field(default_factory=lambda: _fact("dwelling_floor_mean"))
    dwelling_floor_multi_m2: float = field(default_factory=lambda: _fact("dwelling_floor_multi"))
    dwelling_floor_terraced_m2: float = field(default_factory=lambda: _fact("dwelling_floor_terraced"))
    dwelling_floor_share: float = field(default_factory=lambda: _fact("dwelling_floor_effect"))
    dwelling_fans_kwh_per_m2: float = field(default_factory=lambda: _fact("dwelling_fans"))
    fans_kwh_per_m2: dict[str, float] = field(default_factory=_fans)
    other_fans_kwh_per_m2: float = field(default_factory=lambda: _fact("fans_other"))
    dwelling_width_ratio: float = field(default_factory=lambda: _fact("appliance_width_dwelling"))
    other_width_ratio: float = field(default_factory=lambda: _fact("appliance_width_other"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "dwelling_floor_mean_m2": (20.0, 300.0), "dwelling_floor_multi_m2": (20.0, 300.0),
            "dwelling_floor_terraced_m2": (20.0, 300.0), "dwelling_floor_share": (0.0, 1.0),
            "dwelling_fans_kwh_per_m2": (0.0, 20.0), "other_fans_kwh_per_m2": (0.0, 50.0),
            "dwelling_width_ratio": (0.0, 2.0), "other_width_ratio": (0.0, 2.0),
        }  # fmt: skip
        check_ranges(self, ranges)


def dwelling_electricity_kwh(country: str) -> float:
    """Return the electricity of appliances and lighting of a country's mean dwelling.

    Examples
    --------
    >>> dwelling_electricity_kwh("DE"), dwelling_electricity_kwh("SE")
    (2300.0, 5000.0)
    """
    if country == "SE":
        return _fact("dwelling_SE")
    return _fact(
        "dwelling_north" if country in NORTH else "dwelling_east" if country in EAST else "dwelling_eu"
    )


@dataclass(frozen=True)
class Appliances:
    """What k archetypes use; every field is a (k,) array but the last two.

    A dwelling of the floor a uses `per_dwelling_kwh` + `per_floor_kwh_per_m2` · a; where
    `dwelling_floor_m2` is infinite the building is one dwelling, other uses have none.
    """

    is_dwelling: BoolArray
    dwelling_floor_m2: FloatArray
    per_floor_kwh_per_m2: FloatArray
    width_ratio: FloatArray
    per_dwelling_kwh: float

    def kwh(self, codes: IntArray, floor_m2: FloatArray) -> FloatArray:
        """Return the electricity of buildings with these archetypes and floors."""
        dwellings = np.where(
            self.is_dwelling[codes], np.maximum(floor_m2 / self.dwelling_floor_m2[codes], 1.0), 0.0
        )
        return np.asarray(
            dwellings * self.per_dwelling_kwh + self.per_floor_kwh_per_m2[codes] * floor_m2, dtype=np.float64
        )


def appliances(archetypes: pd.DataFrame, country: str, params: ElectricityParams) -> Appliances:
    """Return what archetypes use for appliances, lighting and fans.

    Parameters
    ----------
    archetypes : DataFrame
        `use`, `electricity_kwh_per_m2`, and `heat_recovery_share` where it is known.
    country : str
    """
    uses = archetypes["use"].astype(object)
    homes = uses.isin(RESIDENTIAL_USES).to_numpy(dtype=bool)
    whole = dwelling_electricity_kwh(country)
    per_floor = whole * params.dwelling_floor_share / params.dwelling_floor_mean_m2
    floors = {
        "residential_multi": params.dwelling_floor_multi_m2,
        "residential_terraced": params.dwelling_floor_terraced_m2,
    }
    fans = uses.map(params.fans_kwh_per_m2).fillna(params.other_fans_kwh_per_m2).to_numpy(dtype=float)
    recovers = column_or(archetypes, "heat_recovery_share", 0.0) > 0.0
    other = archetypes["electricity_kwh_per_m2"].to_numpy(dtype=float) + fans
    home = per_floor + np.where(recovers, params.dwelling_fans_kwh_per_m2, 0.0)
    return Appliances(
        is_dwelling=homes,
        dwelling_floor_m2=np.asarray(uses.map(floors).fillna(np.inf), dtype=np.float64),
        per_floor_kwh_per_m2=np.where(homes, home, other),
        width_ratio=np.where(homes, params.dwelling_width_ratio, params.other_width_ratio),
        per_dwelling_kwh=whole * (1.0 - params.dwelling_floor_share),
    )


def electricity_demands(
    archetypes: pd.DataFrame, country: str, params: ElectricityParams | None = None
) -> dict[str, Demand]:
    """Return the demands for electricity, to be drawn with the heat and after `cooling_electricity`.

    Parameters
    ----------
    archetypes : DataFrame, index `archetype_id`
        The table from which the heat is simulated.
    country : str
        Two-letter ISO code.
    """
    table = appliances(archetypes, country, params or ElectricityParams())

    def used(tile: HeatCase, drawn: Drawn, _: Mapping[str, FloatArray]) -> FloatArray:
        floor = tile.bodies.floor_area_m2 * drawn.deviation.storey_ratio
        # what appliances use more than expected is seen in the gains too, and the other way round
        width = table.width_ratio[drawn.codes]
        ratio = drawn.mixed_ratio("gain", "appliances", width, HALF)
        return table.kwh(drawn.codes, floor) * ratio

    def whole(_: HeatCase, __: Drawn, known: Mapping[str, FloatArray]) -> FloatArray:
        return known["appliance_electricity"] + known.get("cooling_electricity", 0.0)

    return {"appliance_electricity": used, "electricity_demand": whole}


def add_electricity(
    buildings: gpd.GeoDataFrame,
    archetypes: pd.DataFrame,
    country: str,
    case: HeatCase,
    ranges: Ranges,
    *,
    params: ElectricityParams | None = None,
) -> gpd.GeoDataFrame:
    """Add the electricity of appliances, lighting and fans, and the whole demand with its range.

    Parameters
    ----------
    buildings : GeoDataFrame
        `heated_floor_area_m2` and, where there is one, `cooling_electricity_kwh`. Buildings without
        heated floor get zeros.
    archetypes : DataFrame, index `archetype_id`
    country : str
    case : HeatCase
        Of the buildings with heated floor, in their order, as the heat layer gives it.
    ranges : Ranges
        Of `electricity_demand`, for the same buildings.

    Returns
    -------
    GeoDataFrame
        The same rows with the columns of `ADDS`.
    """
    table = appliances(archetypes, country, params or ElectricityParams())
    heated = np.flatnonzero(buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0)
    used, low, high = (np.zeros(len(buildings)) for _ in range(3))
    used[heated] = table.kwh(case.codes, case.bodies.floor_area_m2)
    low[heated], high[heated] = ranges.low_kwh, ranges.high_kwh
    demand = used + column_or(buildings, "cooling_electricity_kwh", 0.0)
    return buildings.assign(
        appliance_electricity_kwh=used,
        electricity_demand_kwh=demand,
        electricity_demand_p10_kwh=np.minimum(low, demand),
        electricity_demand_p90_kwh=np.maximum(high, demand),
    )
