"""Retrofit added up: one row a district and package, and rows of the city, with their likely ranges.

The bare numbers are the base case and add up from buildings to districts and to the city. A row says what
follows when every building of the district that qualifies has the package; the row `best` gives each
building the package that was chosen for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.draws import Draws
from layers.core.retrofit_settings import RetrofitParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.retrofit_ranges import Spread, own_sums, shared_error

BEST = "best"
CITY = "city"
CURVE_POINT_COUNT = 200
KWH_PER_MWH = 1000.0
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}

TABLE_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district, or city for all buildings", "text"),
    Column("package", "retrofit package; best: each building has the one chosen for it", "text"),
    Column("heated_floor_area_m2", "heated floor of all buildings", lowest=0),
    Column("qualifying_floor_area_m2", "heated floor of those that qualify", lowest=0),
    Column("building_count", "buildings that qualify", "whole", lowest=0),
    Column("check_first_count", "of these, protected ones", "whole", lowest=0),
    Column("space_heat_mwh", "heat for rooms in standard use, all buildings", lowest=0),
    Column("space_heat_after_mwh", "the same after the package", lowest=0),
    Column(
        "space_heat_expected_mwh", "heat for rooms as it is likely to be metered, all buildings", lowest=0
    ),
    Column("saving_mwh", "saving as it is likely to be metered", lowest=0),
    Column("saving_p10_mwh", "nine in ten draws are above", lowest=0, gaps=True),
    Column("saving_p50_mwh", "half of the draws are above", lowest=0, gaps=True),
    Column("saving_p90_mwh", "nine in ten draws are below", lowest=0, gaps=True),
    Column("saving_share", "saving over metered heat for rooms", lowest=0, highest=1),
    Column("investment_eur", "full cost, once", lowest=0),
    Column("investment_p10_eur", "nine in ten draws are above", lowest=0, gaps=True),
    Column("investment_p90_eur", "nine in ten draws are below", lowest=0, gaps=True),
    Column("cost_eur_per_kwh", "yearly cost over yearly saving", lowest=0, gaps=True),
    Column("cost_p10_eur_per_kwh", "nine in ten draws are above", lowest=0, gaps=True),
    Column("cost_p90_eur_per_kwh", "nine in ten draws are below", lowest=0, gaps=True),
    Column("fan_electricity_mwh", "electricity of ventilation that is built in", lowest=0),
    Column("cooling_demand_mwh", "useful cold of all buildings", lowest=0, gaps=True),
    Column("cooling_demand_after_mwh", "the same after the package", lowest=0, gaps=True),
    Column("heat_price_eur_per_kwh", "price of useful heat behind the payback", lowest=0, gaps=True),
    Column("payback_years", "investment over the value of the saving in one year", lowest=0, gaps=True),
    Column("price_year", "year of the prices", "whole"),
)

CURVE_COLUMNS: tuple[Column, ...] = (
    Column("saving_mwh", "saving of all buildings up to here, cheapest first", lowest=0),
    Column("cost_eur_per_kwh", "cost per saved kWh of the building here", lowest=0),
    Column("investment_eur", "full cost of all buildings up to here", lowest=0),
    Column("building_count", "buildings up to here", "whole", lowest=1),
)


@dataclass(frozen=True)
class Stock:
    """n heated buildings and p packages: (n,) and (p, n) arrays.

    `district` is the position in `district_names`, -1 for none; `codes` is the archetype; `best` the
    position of the chosen package, -1 for none. Savings and costs are zero where a building does not
    qualify; `cooling_kwh` is NaN where cooling was not simulated.
    """

    names: tuple[str, ...]
    district: IntArray
    district_names: pd.Index
    codes: IntArray
    best: IntArray
    floor_area_m2: FloatArray
    protected: BoolArray
    space_heat_kwh: FloatArray
    metered_kwh: FloatArray
    after_kwh: FloatArray
    saving_kwh: FloatArray
    investment_eur: FloatArray
    yearly_eur: FloatArray
    fan_kwh: FloatArray
    qualifies: BoolArray
    cooling_kwh: FloatArray


@dataclass(frozen=True)
class _Drawn:
    """Draws of a package: districts, and last those outside of every district; (districts + 1, draws)."""

    saving_kwh: FloatArray
    cost_ratio: FloatArray


def retrofit_table(
    stock: Stock,
    spread: Spread,
    draws: Draws,
    country: str,
    heat_price_eur_per_kwh: float | None,
    params: RetrofitParams,
) -> pd.DataFrame:
    """Return the columns of `TABLE_COLUMNS`, districts in order and the city last, packages in order."""
    parts = []
    for package in (*stock.names, BEST):
        done = _done(stock, package)
        base = _base_sums(stock, done, spread)
        drawn = _draw_sums(stock, done, spread, draws, country, params)
        parts.append(_package_rows(stock, package, base, drawn, heat_price_eur_per_kwh))
    table = pd.concat(parts, ignore_index=True).assign(price_year=int(params.price_year))
    order = {name: number for number, name in enumerate([*stock.district_names, CITY])}
    place = table["district_id"].map(order)
    return table.assign(_place=place).sort_values("_place", kind="stable", ignore_index=True)[
        [column.name for column in TABLE_COLUMNS]
    ]


def _done(stock: Stock, package: str) -> BoolArray:
    """Return which package each building gets in this row of the table, (p, n)."""
    number = np.arange(len(stock.names))[:, None]
    if package == BEST:
        return np.asarray(number == stock.best[None, :], dtype=bool)
    return np.asarray(stock.qualifies & (number == stock.names.index(package)), dtype=bool)


def _by_district(stock: Stock, values: FloatArray) -> FloatArray:
    """Return sums by district; the last entry are buildings outside of every district."""
    count = len(stock.district_names)
    where = np.where(stock.district < 0, count, stock.district)
    return np.bincount(where, values, minlength=count + 1).astype(np.float64)


def _base_sums(stock: Stock, done: BoolArray, spread: Spread) -> dict[str, FloatArray]:
    gets = done.any(axis=0)
    after = np.where(gets, (stock.after_kwh * done).sum(axis=0), stock.space_heat_kwh)
    colder_ratio = 1.0 + ((spread.cold_ratio[:, stock.codes] - 1.0) * done).sum(axis=0)
    columns = {
        "cooling_demand_mwh": stock.cooling_kwh / KWH_PER_MWH,
        "cooling_demand_after_mwh": stock.cooling_kwh * colder_ratio / KWH_PER_MWH,
        "heated_floor_area_m2": stock.floor_area_m2,
        "qualifying_floor_area_m2": stock.floor_area_m2 * gets,
        "building_count": gets.astype(float),
        "check_first_count": (gets & stock.protected).astype(float),
        "space_heat_mwh": stock.space_heat_kwh / KWH_PER_MWH,
        "space_heat_after_mwh": after / KWH_PER_MWH,
        "space_heat_expected_mwh": stock.metered_kwh / KWH_PER_MWH,
        "saving_mwh": (stock.saving_kwh * done).sum(axis=0) / KWH_PER_MWH,
        "investment_eur": (stock.investment_eur * done).sum(axis=0),
        "yearly_eur": (stock.yearly_eur * done).sum(axis=0),
        "fan_electricity_mwh": (stock.fan_kwh * done).sum(axis=0) / KWH_PER_MWH,
    }
    return {name: _by_district(stock, values) for name, values in columns.items()}


def _draw_sums(
    stock: Stock, done: BoolArray, spread: Spread, draws: Draws, country: str, params: RetrofitParams
) -> _Drawn:
    """Draw savings and costs of districts; the last row is what lies outside of them."""
    rows = len(stock.district_names) + 1
    names = pd.Index([*stock.district_names, "outside"])
    realised, realised_own = shared_error(
        draws, "retrofit:realised", params.realised_error_share, params.shared_realised_error_share
    )
    cost, cost_own = shared_error(
        draws, f"retrofit:cost:{country}", params.cost_error_share, params.shared_cost_error_share
    )
    type_count = spread.saving_share.shape[1]
    where = np.where(stock.district < 0, rows - 1, stock.district) * type_count + stock.codes
    saving, variance = np.zeros((rows, draws.count)), np.zeros(rows)
    for package in range(len(stock.names)):
        heat_kwh = stock.metered_kwh * done[package]
        sums = np.bincount(where, heat_kwh, minlength=rows * type_count).reshape(rows, type_count)
        squares = np.bincount(where, heat_kwh**2, minlength=rows * type_count).reshape(rows, type_count)
        saving += sums @ spread.saving_share[package]
        variance += squares @ spread.own_share[package] ** 2
    saved = (stock.saving_kwh * done).sum(axis=0)
    base, squared = _by_district(stock, saved), _by_district(stock, saved**2)
    mean = np.maximum(saving.mean(axis=1), 0.0)
    own = _over(np.sqrt(variance), mean) ** 2 + _over(np.sqrt(squared), base) ** 2 * realised_own**2
    ratio = _over(saving, np.broadcast_to(mean[:, None], saving.shape)) * realised
    saving = base[:, None] * np.maximum(ratio + own_sums(draws, names, "saving", np.sqrt(own)), 0.0)
    invested = (stock.investment_eur * done).sum(axis=0)
    whole, squared = _by_district(stock, invested), _by_district(stock, invested**2)
    width = _over(np.sqrt(squared), whole) * cost_own
    return _Drawn(saving, np.maximum(cost * (1.0 + own_sums(draws, names, "cost", width)), 0.0))


def _package_rows(
    stock: Stock, package: str, base: dict[str, FloatArray], drawn: _Drawn, price: float | None
) -> pd.DataFrame:
    """Return the rows of one package: every district, and the city."""
    sums = {name: np.append(values[:-1], values.sum()) for name, values in base.items()}
    saving = np.vstack([drawn.saving_kwh[:-1], drawn.saving_kwh.sum(axis=0)]) / KWH_PER_MWH
    spent = drawn.cost_ratio * base["investment_eur"][:, None]
    investment = np.vstack([spent[:-1], spent.sum(axis=0)])
    # the yearly cost moves with the investment
    yearly_share = _over(sums["yearly_eur"], sums["investment_eur"])
    cost = _over(investment * yearly_share[:, None], saving * KWH_PER_MWH)
    per_kwh = _over(sums["yearly_eur"], sums["saving_mwh"] * KWH_PER_MWH)
    none = sums["building_count"] == 0
    columns: dict[str, object] = {
        "district_id": [*stock.district_names, CITY],
        "package": package,
        **{name: values for name, values in sums.items() if name != "yearly_eur"},
        "building_count": sums["building_count"].astype(np.int64),
        "check_first_count": sums["check_first_count"].astype(np.int64),
        "saving_share": _over(sums["saving_mwh"], sums["space_heat_expected_mwh"]),
        "cost_eur_per_kwh": np.where(none, np.nan, per_kwh),
        "heat_price_eur_per_kwh": np.nan if price is None else price,
        "payback_years": _payback_years(sums, price),
    }
    for name, share in QUANTILES.items():
        columns[f"saving_{name}_mwh"] = np.quantile(saving, share, axis=1)
        columns[f"investment_{name}_eur"] = np.quantile(investment, share, axis=1)
        columns[f"cost_{name}_eur_per_kwh"] = np.where(none, np.nan, np.quantile(cost, share, axis=1))
    return pd.DataFrame(columns)


def _payback_years(sums: dict[str, FloatArray], price: float | None) -> FloatArray:
    years: FloatArray = np.full(len(sums["saving_mwh"]), np.nan)
    if price is not None:
        value = sums["saving_mwh"] * KWH_PER_MWH * price
        np.divide(sums["investment_eur"], value, out=years, where=value > 0.0)
    return years


def _over(part: FloatArray, whole: FloatArray) -> FloatArray:
    out: FloatArray = np.zeros(np.shape(whole))
    np.divide(part, whole, out=out, where=whole > 0.0)
    return np.asarray(out, dtype=np.float64)
