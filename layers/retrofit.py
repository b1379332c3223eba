"""Retrofit: what packages of measures save in each building, what they cost, and what a kWh saved costs.

* A package adds insulation, changes windows, tightens the envelope or recovers heat from used air
  (`layers.physics.retrofit_measures`); the four usual ones are light, deep, windows only and roof only.
* The heat after it comes from the same monthly balance with the values after the measures
  (`layers.physics.retrofit_heat`). What the table says of the heat now is kept, also where it was
  calibrated: the package takes its share of it.
* The saving is that which is likely to be metered: badly insulated dwellings are heated less than the
  standard says, and a little more of the comfort is used afterwards. Hot water stays as it is.
* Costs are full costs at the country's level of prices, spread evenly over the life of each part.
* Protected buildings qualify for no package that insulates walls outside, and are marked to be checked.
* p10 and p90 of districts and the city come from draws (`layers.physics.retrofit_ranges`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table
from layers.core.cooling_settings import CoolingParams
from layers.core.draws import Draws
from layers.core.heat_settings import HeatParams
from layers.core.retrofit_settings import USUAL_PACKAGES, RetrofitParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.physics.heat_draws import HeatCase, VarianceShares
from layers.physics.heat_inputs import expected_of_use_kwh
from layers.physics.retrofit_choice import (
    STATUSES,
    choose_package,
    cost_per_kwh,
    retrofit_status,
    saving_curve,
)
from layers.physics.retrofit_heat import After, Summer, after_package, space_heat_kwh
from layers.physics.retrofit_measures import package_costs
from layers.physics.retrofit_ranges import saving_spread
from layers.physics.retrofit_totals import (
    BEST,
    CURVE_COLUMNS,
    CURVE_POINT_COUNT,
    TABLE_COLUMNS,
    Stock,
    retrofit_table,
)
from layers.sources.prices import gas_price_eur_per_kwh, price_level_ratio

__all__ = [
    "ADDS", "BEST", "CURVE_COLUMNS", "TABLE_COLUMNS", "RetrofitParams", "RetrofitResult", "add_retrofit",
    "retrofit_columns", "summer_of",
]  # fmt: skip

NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("protection", "whether heritage rules bind its envelope", "text"),
    Column("space_heat_kwh", "useful heat for the rooms", lowest=0),
    Column("space_heat_expected_kwh", "the same as it is likely to be metered", lowest=0),
)
UNPROTECTED = "none"
_CHOICE: tuple[Column, ...] = (
    Column(
        "retrofit_status",
        "possible; check_first: protected; no_need: good already, or nothing saves enough; unheated",
        "category",
        allowed=STATUSES,
    ),
    Column("retrofit_package", "the package that is chosen", "text", gaps=True),
    Column("retrofit_saving_kwh", "what it is likely to save on the meter", lowest=0),
    Column("retrofit_cost_eur", "what it costs, once, in full", lowest=0),
    Column("retrofit_cost_eur_per_kwh", "its yearly cost over its yearly saving", lowest=0, gaps=True),
)


def retrofit_columns(names: tuple[str, ...]) -> tuple[Column, ...]:
    """Return the columns that packages of these names add."""
    return _CHOICE + tuple(
        Column(column, f"{meaning} {name}", lowest=0, gaps=gaps)
        for name in names
        for column, meaning, gaps in (
            (f"space_heat_after_{name}_kwh", "heat for the rooms in standard use after", False),
            (f"retrofit_{name}_saving_kwh", "what is likely to be saved on the meter by", False),
            (f"retrofit_{name}_cost_eur", "full cost, once, of", False),
            (f"retrofit_{name}_cost_eur_per_kwh", "yearly cost over yearly saving of", True),
        )
    )


ADDS: tuple[Column, ...] = retrofit_columns(USUAL_PACKAGES)


@dataclass(frozen=True)
class RetrofitResult:
    """Retrofit of one city.

    Attributes
    ----------
    buildings : GeoDataFrame
        With the columns of `retrofit_columns`.
    table : DataFrame
        One row a district and package, and those of the city (`layers.physics.retrofit_totals`).
    curve : DataFrame
        Cumulative saving of the chosen packages by cost.
    columns : tuple of Column
        What was added.
    """

    buildings: gpd.GeoDataFrame
    table: pd.DataFrame
    curve: pd.DataFrame
    columns: tuple[Column, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names under which a run keeps them."""
        return {"retrofit": self.table, "retrofit_curve": self.curve}


@dataclass(frozen=True)
class _Packages:
    """All packages of n heated buildings; (p, n) arrays, and the metered heat before as calculated, (n,)."""

    after: Mapping[str, After]
    calculated_kwh: FloatArray
    space_heat_kwh: FloatArray
    saving_kwh: FloatArray
    investment_eur: FloatArray
    yearly_eur: FloatArray
    fan_kwh: FloatArray
    works: BoolArray
    qualifies: BoolArray


def _all_packages(
    part: pd.DataFrame, case: HeatCase, level_ratio: float, expected_ratio: tuple[float, ...],
    params: RetrofitParams,
) -> _Packages:  # fmt: skip
    """Return what every package does to the heated buildings."""
    names = tuple(params.packages)
    floor = case.bodies.floor_area_m2
    now_kwh = space_heat_kwh(case, case.types.take(case.codes))
    metered_kwh = expected_of_use_kwh(part["use"], now_kwh, floor, expected_ratio)
    known_kwh = part["space_heat_kwh"].to_numpy(dtype=float)
    known_metered_kwh = part["space_heat_expected_kwh"].to_numpy(dtype=float)
    protected = (part["protection"] != UNPROTECTED).to_numpy(dtype=bool)
    after = {name: after_package(case, params.package(name), params) for name in names}
    shape = (len(names), len(part))
    space, saving, works, qualifies = (
        np.zeros(shape),
        np.zeros(shape),
        np.zeros(shape, bool),
        np.zeros(shape, bool),
    )
    investment, yearly, fan = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row, name in enumerate(names):
        package, one = params.package(name), after[name]
        left_kwh = expected_of_use_kwh(part["use"], one.space_heat_kwh, floor, expected_ratio)
        saved_share = _share(metered_kwh - left_kwh, metered_kwh)
        works[row] = one.measures.anything & (saved_share >= params.least_saving_share) & (saved_share > 0.0)
        qualifies[row] = works[row] & ~(protected & (package.wall_insulation_m > 0.0))
        does = qualifies[row]
        space[row] = np.where(
            does, known_kwh * (1.0 - _share(now_kwh - one.space_heat_kwh, now_kwh)), known_kwh
        )
        saving[row] = np.where(does, known_metered_kwh * saved_share, 0.0)
        costs = package_costs(case.bodies, one.measures, package, level_ratio, params)
        investment[row], yearly[row] = costs.investment_eur * does, costs.yearly_eur * does
        fan[row] = floor * package.fan_electricity_kwh_per_m2 * (one.measures.recovery & does)
    return _Packages(after, metered_kwh, space, saving, investment, yearly, fan, works, qualifies)


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)


def add_retrofit(
    buildings: gpd.GeoDataFrame,
    case: HeatCase,
    shares: VarianceShares,
    draws: Draws,
    *,
    mean_ratio: float = 1.0,
    heat: HeatParams | None = None,
    params: RetrofitParams | None = None,
    summer: Summer | None = None,
) -> RetrofitResult:
    """Add what retrofit packages save and cost, and make the tables of districts and of the city.

    Parameters
    ----------
    buildings : GeoDataFrame
        The columns of `NEEDS`; `district_id` where districts are wanted.
    case : HeatCase
        The heated buildings as the heat layer saw them.
    shares : VarianceShares
        Of the heat demand's draws.
    draws : Draws
    mean_ratio : float
        `years_mean_ratio` of the heat layer.
    heat : HeatParams
        Of the heat layer: the curve of metered over calculated heat.
    params : RetrofitParams
    summer : Summer
        From `summer_of`, where the table has `cooling_demand_kwh`: what packages do to it.

    Raises
    ------
    ContractProblem
        When a needed column is missing.
    """
    params, heat = params or RetrofitParams(), heat or HeatParams()
    check_table(buildings, NEEDS, name="buildings")
    names = tuple(params.packages)
    heated = buildings.index.get_indexer(case.ids)
    part = buildings.iloc[heated]
    level = params.price_level_ratio or price_level_ratio(case.climate.country)
    found = _all_packages(part, case, level, heat.expected_ratio, params)
    price = cost_per_kwh(found.yearly_eur, found.saving_kwh)
    metered = part["space_heat_expected_kwh"].to_numpy(dtype=float)
    considered = np.isin(np.array(names), params.chosen_from)
    best = choose_package(
        price, _share(found.saving_kwh, np.broadcast_to(metered, found.saving_kwh.shape)), found.qualifies,
        considered, params.choice_saving_share,
    )  # fmt: skip
    spread = saving_spread(
        case, found.after, part["use"].isin(RESIDENTIAL_USES).to_numpy(dtype=bool),
        found.calculated_kwh, draws, shares,
        mean_ratio=mean_ratio, expected_ratio=heat.expected_ratio, params=params, summer=summer,
    )  # fmt: skip
    district, district_names = _districts(buildings, heated)
    stock = Stock(
        names=names, district=district, district_names=district_names, codes=case.codes, best=best,
        floor_area_m2=case.bodies.floor_area_m2, protected=(part["protection"] != UNPROTECTED).to_numpy(bool),
        space_heat_kwh=part["space_heat_kwh"].to_numpy(dtype=float), metered_kwh=metered,
        after_kwh=found.space_heat_kwh, saving_kwh=found.saving_kwh, investment_eur=found.investment_eur,
        yearly_eur=found.yearly_eur, fan_kwh=found.fan_kwh, qualifies=found.qualifies,
        cooling_kwh=_cooling_kwh(part, summer),
    )  # fmt: skip
    table = retrofit_table(stock, spread, draws, case.climate.country, _heat_price(case, params), params)
    return RetrofitResult(
        _with_columns(buildings, heated, found, best, price, names),
        table,
        _curve(stock),
        retrofit_columns(names),
    )


def summer_of(archetypes: pd.DataFrame, cooling: CoolingParams) -> Summer:
    """Return what a package's effect on cooling needs to know; `archetypes` as in the heat layer."""
    points = archetypes["use"].astype(object).map(cooling.set_point_c)
    return Summer(np.asarray(points, dtype=np.float64), cooling.sun_protection_ratio)


def _cooling_kwh(part: pd.DataFrame, summer: Summer | None) -> FloatArray:
    if summer is None or "cooling_demand_kwh" not in part.columns:
        return np.full(len(part), np.nan)
    return part["cooling_demand_kwh"].to_numpy(dtype=np.float64)


def _heat_price(case: HeatCase, params: RetrofitParams) -> float | None:
    """Return the price of useful heat: the one that was set, or gas over the boiler's efficiency."""
    if params.heat_price_eur_per_kwh is not None:
        return params.heat_price_eur_per_kwh
    gas = gas_price_eur_per_kwh(case.climate.country)
    return None if gas is None else gas / params.boiler_efficiency_share


def _districts(buildings: pd.DataFrame, rows: IntArray) -> tuple[IntArray, pd.Index]:
    """Return each heated building's district, -1 for none, and all districts in order."""
    if "district_id" not in buildings.columns:
        return np.full(len(rows), -1, dtype=np.int64), pd.Index([], name="district_id", dtype=object)
    names = pd.Index(sorted(buildings["district_id"].dropna().unique()), name="district_id", dtype=object)
    mine = pd.Index(buildings["district_id"].iloc[rows].astype(object))
    return names.get_indexer(mine).astype(np.int64), names


def _with_columns(
    buildings: gpd.GeoDataFrame, heated: IntArray, found: _Packages, best: IntArray, price: FloatArray,
    names: tuple[str, ...],
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the buildings with their choice, and heat, saving and cost of each package."""
    count = len(buildings)
    chosen = np.maximum(best, 0), np.arange(len(best))

    def whole(values: FloatArray, gap: float) -> FloatArray:
        column = np.full(count, gap)
        column[heated] = np.where(best >= 0, values[chosen], gap)
        return column

    texts = np.full(count, None, dtype=object)
    texts[heated[best >= 0]] = np.array(names, dtype=object)[best[best >= 0]]
    is_heated = np.zeros(count, dtype=bool)
    is_heated[heated] = True
    flags = [np.zeros((len(names), count), dtype=bool) for _ in range(2)]
    flags[0][:, heated], flags[1][:, heated] = found.works, found.qualifies
    protected = (buildings["protection"] != UNPROTECTED).to_numpy(dtype=bool)
    after: dict[str, FloatArray] = {}
    for row, name in enumerate(names):
        for column, values, gap in (
            (f"space_heat_after_{name}_kwh", found.space_heat_kwh[row], 0.0),
            (f"retrofit_{name}_saving_kwh", found.saving_kwh[row], 0.0),
            (f"retrofit_{name}_cost_eur", found.investment_eur[row], 0.0),
            (f"retrofit_{name}_cost_eur_per_kwh", price[row], np.nan),
        ):
            after[column] = np.full(count, gap)
            after[column][heated] = values
    # copied before and after, so that all columns lie together: the table is wide by now
    together = buildings.copy()
    return together.assign(
        retrofit_status=retrofit_status(is_heated, protected, *flags),
        retrofit_package=pd.Series(texts, index=buildings.index, dtype="str"),
        retrofit_saving_kwh=whole(found.saving_kwh, 0.0),
        retrofit_cost_eur=whole(found.investment_eur, 0.0),
        retrofit_cost_eur_per_kwh=whole(price, np.nan),
        **after,
    ).copy()


def _curve(stock: Stock) -> pd.DataFrame:
    rows = np.flatnonzero(stock.best >= 0)
    chosen = stock.best[rows], rows
    saving, price, spent, count = saving_curve(
        stock.saving_kwh[chosen], stock.yearly_eur[chosen], stock.investment_eur[chosen], CURVE_POINT_COUNT
    )
    return pd.DataFrame(
        {
            "saving_mwh": saving / 1000.0, "cost_eur_per_kwh": price, "investment_eur": spent,
            "building_count": count,
        }
    )  # fmt: skip
