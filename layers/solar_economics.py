"""What solar electricity from roofs costs, and on how many roofs it pays.

A roof's cost of energy is its investment, spread over the plant's life as an annuity, and its yearly cost,
over what it yields in an average year of that life. What a kilowatt hour is worth is a mixture: the part
that the building uses itself saves the price of electricity, the rest earns what exports bring. A roof is
*economic* where a kilowatt hour costs no more than it is worth. Grants, tariffs by law and batteries are
left out.

Bare columns are the base case and add up. Ranges come from draws of investment, discount rate, price,
self-use, value of exports and irradiation, all common to the town, on top of the draws of the calibrated
potential.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.draws import Draws
from layers.core.facts import Fact, fact, read_sources, value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray
from layers.core.uses import RESIDENTIAL_USES
from layers.physics.levelised import annuity, between_sizes, levelised_cost_eur_per_kwh, mean_degradation
from layers.sources.electricity_prices import HOUSEHOLD, OTHER, ElectricityPrice, electricity_price

KWH_PER_MWH = 1000.0
# half the width between p10 and p90 of a normal distribution, in standard deviations
P90_STEPS = 1.2815515655446004
SIZE_CLASSES = ((0.0, 10.0, "up to 10 kWp"), (10.0, 30.0, "10 to 30 kWp"),
                (30.0, 100.0, "30 to 100 kWp"), (100.0, np.inf, "above 100 kWp"))  # fmt: skip
CITY = "city"
CENT_EUR = 0.01

NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("pv_calibrated_kwp", "modules that studies of real roofs let expect", lowest=0),
    Column("pv_calibrated_kwh", "first-year yield of these modules", lowest=0),
)
ADDS: tuple[Column, ...] = (
    Column("pv_lcoe_eur_per_kwh", "cost of a kilowatt hour over the plant's life", lowest=0, gaps=True),
    Column("pv_economic_kwp", "modules whose energy costs no more than it is worth", lowest=0),
    Column("pv_economic_kwh", "first-year yield of these modules", lowest=0),
)


def _fact(name: str) -> float:
    return value("solar_economics", name)


def _spread(name: str) -> float:
    """Return the standard deviation over the value that a fact's range stands for."""
    found = fact("solar_economics", name)
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    return (high - low) / (2.0 * P90_STEPS * found.value)


@dataclass(frozen=True)
class SolarEconomicsParams:
    """Costs and values, in money of the year that `price_year` names.

    Attributes
    ----------
    small_eur_per_kw, large_eur_per_kw : float
        Investment of small and large plants; 100 to 5000.
    small_kwp, large_kwp : float
        What small and large mean; between them cost falls with the logarithm of size.
    small_upkeep_per_year, large_upkeep_per_year : float
        Yearly cost over investment; 0 to 0.1.
    lifetime_years : float
        5 to 50.
    discount_per_year, degradation_per_year : float
        0 to 0.2 and 0 to 0.03.
    local_cost_share, household_vat_share : float
        0 to 1 and 0 to 0.3.
    household_self_use_share, other_self_use_share : float
        Share of its yield that a building uses itself; 0 to 1.
    export_eur_per_kwh : float
        -0.1 to 0.5.
    household_price_eur_per_kwh, other_price_eur_per_kwh : float or None
        Price of electricity; from the country's facts where None.
    """

    small_eur_per_kw: float = field(default_factory=lambda: _fact("capex_small"))
    large_eur_per_kw: float = field(default_factory=lambda: _fact("capex_large"))
    small_kwp: float = field(default_factory=lambda: _fact("size_small"))
    large_kwp: float = field(default_factory=lambda: _fact("size_large"))
    small_upkeep_per_year: float = field(default_factory=lambda: _fact("opex_small"))
    large_upkeep_per_year: float = field(default_factory=lambda: _fact("opex_large"))
    lifetime_years: float = field(default_factory=lambda: _fact("lifetime"))
    discount_per_year: float = field(default_factory=lambda: _fact("discount_rate"))
    degradation_per_year: float = field(default_factory=lambda: _fact("degradation"))
    local_cost_share: float = field(default_factory=lambda: _fact("local_cost_share"))
    household_vat_share: float = field(default_factory=lambda: _fact("household_vat"))
    household_self_use_share: float = field(default_factory=lambda: _fact("self_use_household"))
    other_self_use_share: float = field(default_factory=lambda: _fact("self_use_other"))
    export_eur_per_kwh: float = field(default_factory=lambda: _fact("export_value"))
    household_price_eur_per_kwh: float | None = None
    other_price_eur_per_kwh: float | None = None

    def __post_init__(self) -> None:
        ranges = {
            "small_eur_per_kw": (100.0, 5000.0), "large_eur_per_kw": (100.0, 5000.0),
            "small_kwp": (0.5, 50.0), "large_kwp": (50.0, 5000.0), "small_upkeep_per_year": (0.0, 0.1),
            "large_upkeep_per_year": (0.0, 0.1), "lifetime_years": (5.0, 50.0),
            "discount_per_year": (0.0, 0.2), "degradation_per_year": (0.0, 0.03),
            "local_cost_share": (0.0, 1.0), "household_vat_share": (0.0, 0.3),
            "household_self_use_share": (0.0, 1.0), "other_self_use_share": (0.0, 1.0),
            "export_eur_per_kwh": (-0.1, 0.5),
        }  # fmt: skip
        check_ranges(self, ranges)
        given = ("household_price_eur_per_kwh", "other_price_eur_per_kwh")
        check_ranges(self, {name: (0.0, 2.0) for name in given if getattr(self, name) is not None})


@dataclass(frozen=True)
class SolarEconomics:
    """Buildings with cost and economic potential, and what is said of the town.

    Attributes
    ----------
    buildings : GeoDataFrame
        With the columns of `ADDS`.
    district_draws : DataFrame, index `district_id`, one column a draw
        Economic potential. [kWh]
    city_draws : (draws,) array
    sizes : DataFrame
        By size of plant: roofs, power, yield, mean cost, economic yield.
    costs : DataFrame
        Yield by cost in steps of one cent.
    prices : DataFrame
        Every cost and price with year and source.
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    sizes: pd.DataFrame
    costs: pd.DataFrame
    prices: pd.DataFrame


@dataclass(frozen=True)
class _Case:
    """What decides whether a roof is economic; arrays over buildings."""

    homes: BoolArray
    investment_eur: FloatArray
    upkeep_per_year: FloatArray
    energy_kwh: FloatArray


def _case(buildings: pd.DataFrame, params: SolarEconomicsParams, price_level_ratio: float) -> _Case:
    power = buildings["pv_calibrated_kwp"].to_numpy(dtype=np.float64)
    homes = buildings["use"].isin((*RESIDENTIAL_USES, "outbuilding")).to_numpy(dtype=np.bool_)
    per_kw = between_sizes(
        power, (params.small_kwp, params.small_eur_per_kw), (params.large_kwp, params.large_eur_per_kw)
    )
    level = 1.0 + params.local_cost_share * (price_level_ratio - 1.0)
    tax = np.where(homes, 1.0 + params.household_vat_share, 1.0)
    upkeep = between_sizes(
        power,
        (params.small_kwp, params.small_upkeep_per_year),
        (params.large_kwp, params.large_upkeep_per_year),
    )
    energy = buildings["pv_calibrated_kwh"].to_numpy(dtype=np.float64)
    return _Case(homes, power * per_kw * level * tax, upkeep, energy)


def worth_eur_per_kwh(self_use_share: FloatArray, price: FloatArray, export: FloatArray) -> FloatArray:
    """Return what a kilowatt hour is worth: saved where it is used, sold where it is not.

    Examples
    --------
    >>> worth_eur_per_kwh(np.array([0.3]), np.array([0.30]), np.array([0.05]))
    array([0.125])
    """
    return np.asarray(self_use_share * price + (1.0 - self_use_share) * export, dtype=np.float64)


def _prices(country: str, params: SolarEconomicsParams) -> dict[str, ElectricityPrice]:
    """Return the prices of both sectors, the user's own where given."""
    own = {HOUSEHOLD: params.household_price_eur_per_kwh, OTHER: params.other_price_eur_per_kwh}
    return {
        sector: electricity_price(country, sector)
        if given is None
        else ElectricityPrice(sector, given, "as set", "user", "")
        for sector, given in own.items()
    }


def _drawn_flags(
    case: _Case, prices: dict[str, ElectricityPrice], params: SolarEconomicsParams, draws: Draws,
    weather_error_share: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Return, draw by draw, cost factor of plants, annuity, and what a kilowatt hour is worth (draws, 2)."""
    cost = np.maximum(1.0 + _spread("capex_small") * draws.shared_evenly("solar:investment"), 0.3)
    rates = params.discount_per_year * (
        1.0 + _spread("discount_rate") * draws.shared_evenly("solar:discount")
    )
    weather = np.maximum(1.0 + weather_error_share * draws.shared("solar:weather"), 0.1)
    tariff = 1.0 + _fact("price_error") * draws.shared_evenly("solar:price")
    export = params.export_eur_per_kwh * (1.0 + _spread("export_value") * draws.shared_evenly("solar:export"))
    use = draws.shared_evenly("solar:self_use")
    worth = np.empty((draws.count, 2))
    shares = (
        (OTHER, params.other_self_use_share, _spread("self_use_other")),
        (HOUSEHOLD, params.household_self_use_share, _spread("self_use_household")),
    )
    for column, (sector, share, spread) in enumerate(shares):
        drawn = np.clip(share * (1.0 + spread * use), 0.0, 1.0)
        worth[:, column] = worth_eur_per_kwh(drawn, prices[sector].price_eur_per_kwh * tariff, export)
    return cost / weather, annuity(np.clip(rates, 0.0, 0.2), params.lifetime_years), worth


def add_solar_economics(
    buildings: gpd.GeoDataFrame,
    solar_draws: pd.DataFrame,
    city_solar_draws: FloatArray,
    country: str,
    draws: Draws,
    params: SolarEconomicsParams | None = None,
    *,
    weather_error_share: float = 0.0,
    price_level_ratio: float = 1.0,
) -> SolarEconomics:
    """Add cost and economic potential to every roof, with draws of districts and the city.

    Parameters
    ----------
    buildings : GeoDataFrame
        Columns of `NEEDS`, and `district_id`.
    solar_draws : DataFrame, index `district_id`, one column a draw
        Of the calibrated potential. [kWh]
    city_solar_draws : (draws,) array
    country : str
        Two letters.
    draws : Draws
    params : SolarEconomicsParams, optional
    weather_error_share : float
        Standard deviation of the yearly irradiation.
    price_level_ratio : float
        Prices of the country over those of Denmark, where the costs were found.
    """
    params = params or SolarEconomicsParams()
    case = _case(buildings, params, price_level_ratio)
    prices = _prices(country, params)
    ageing = mean_degradation(params.degradation_per_year, params.lifetime_years)
    yearly = float(annuity(np.array([params.discount_per_year]), params.lifetime_years)[0])
    lcoe = levelised_cost_eur_per_kwh(
        case.investment_eur, case.investment_eur * case.upkeep_per_year, case.energy_kwh, yearly, ageing
    )
    shares = np.where(case.homes, params.household_self_use_share, params.other_self_use_share)
    tariff = np.where(case.homes, prices[HOUSEHOLD].price_eur_per_kwh, prices[OTHER].price_eur_per_kwh)
    worth = worth_eur_per_kwh(shares, tariff, np.full(len(lcoe), params.export_eur_per_kwh))
    pays = np.nan_to_num(lcoe, nan=np.inf) <= worth
    result = buildings.assign(
        pv_lcoe_eur_per_kwh=lcoe,
        pv_economic_kwp=np.where(pays, buildings["pv_calibrated_kwp"], 0.0),
        pv_economic_kwh=np.where(pays, case.energy_kwh, 0.0),
    )
    names = solar_draws.index
    group = names.get_indexer(buildings["district_id"].astype(object).to_numpy())
    group = np.where(group < 0, len(names), group)
    base = np.bincount(group, case.energy_kwh, len(names) + 1)
    price_per_output = np.divide(
        case.investment_eur,
        case.energy_kwh * ageing,
        out=np.full(len(lcoe), np.inf),
        where=case.energy_kwh > 0,
    )
    factor, annuities, drawn_worth = _drawn_flags(case, prices, params, draws, weather_error_share)
    paying = np.zeros((len(names) + 1, draws.count))
    for draw in range(draws.count):
        cost = price_per_output * (annuities[draw] + case.upkeep_per_year) * factor[draw]
        flag = cost <= drawn_worth[draw, case.homes.astype(np.int64)]
        paying[:, draw] = np.bincount(group, case.energy_kwh * flag, len(names) + 1)
    part = np.divide(paying, base[:, None], out=np.zeros_like(paying), where=base[:, None] > 0.0)
    district_draws = pd.DataFrame(solar_draws.to_numpy() * part[:-1], index=names)
    whole = paying.sum(axis=0) / max(float(base.sum()), 1e-9)
    return SolarEconomics(
        result, district_draws, np.asarray(city_solar_draws * whole, dtype=np.float64),
        size_table(result), cost_table(result), price_table(prices, params),
    )  # fmt: skip


def size_table(buildings: pd.DataFrame) -> pd.DataFrame:
    """Return roofs, power, yield and mean cost by size of plant."""
    power = buildings["pv_calibrated_kwp"].to_numpy(dtype=np.float64)
    energy = buildings["pv_calibrated_kwh"].to_numpy(dtype=np.float64)
    lcoe = np.nan_to_num(buildings["pv_lcoe_eur_per_kwh"].to_numpy(dtype=np.float64))
    rows = []
    for low, high, name in SIZE_CLASSES:
        inside = (power > low) & (power <= high)
        total = float(energy[inside].sum())
        rows.append(
            {
                "size": name,
                "roof_count": int(inside.sum()),
                "pv_calibrated_kwp": float(power[inside].sum()),
                "pv_calibrated_mwh": total / KWH_PER_MWH,
                "pv_lcoe_eur_per_kwh": float((lcoe * energy)[inside].sum()) / total if total else np.nan,
                "pv_economic_mwh": float(buildings["pv_economic_kwh"].to_numpy()[inside].sum()) / KWH_PER_MWH,
            }
        )
    return pd.DataFrame(rows)


def cost_table(buildings: pd.DataFrame) -> pd.DataFrame:
    """Return the yield of the town by what it costs, in steps of one cent."""
    cost = buildings["pv_lcoe_eur_per_kwh"].to_numpy(dtype=np.float64)
    known = np.isfinite(cost)
    cents = np.floor(cost[known] / CENT_EUR).astype(np.int64)
    energy = buildings["pv_calibrated_kwh"].to_numpy(dtype=np.float64)[known] / KWH_PER_MWH
    pays = buildings["pv_economic_kwh"].to_numpy(dtype=np.float64)[known] / KWH_PER_MWH
    first, last = (int(cents.min()), int(cents.max()) + 1) if len(cents) else (0, 0)
    steps = np.arange(first, last)
    return pd.DataFrame(
        {
            "pv_lcoe_from_eur_per_kwh": np.round(steps * CENT_EUR, 2),
            "pv_calibrated_mwh": np.bincount(cents - first, energy, last - first),
            "pv_economic_mwh": np.bincount(cents - first, pays, last - first),
        }
    )


def price_table(prices: dict[str, ElectricityPrice], params: SolarEconomicsParams) -> pd.DataFrame:
    """Return every cost and price of the comparison with its unit, year and source."""
    year = f"{_fact('price_year'):.0f}"
    shown = {
        "capex_small": params.small_eur_per_kw, "capex_large": params.large_eur_per_kw,
        "opex_small": params.small_upkeep_per_year, "opex_large": params.large_upkeep_per_year,
        "lifetime": params.lifetime_years, "discount_rate": params.discount_per_year,
        "degradation": params.degradation_per_year, "household_vat": params.household_vat_share,
        "self_use_household": params.household_self_use_share,
        "self_use_other": params.other_self_use_share, "export_value": params.export_eur_per_kwh,
    }  # fmt: skip
    rows = [_price_row(fact("solar_economics", name), number, year) for name, number in shown.items()]
    for sector, price in prices.items():
        rows.append(
            {
                "parameter": f"price of electricity, {'households' if sector == HOUSEHOLD else 'others'}",
                "found": round(price.price_eur_per_kwh, 4), "unit": "EUR/kWh", "period": price.period,
                "source": _citation(price.source_id), "note": price.note,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _price_row(known: Fact, number: float, year: str) -> dict[str, object]:
    same = number == known.value
    return {
        "parameter": known.parameter,
        "found": number,
        "unit": known.unit,
        "period": year if "EUR" in known.unit else "",
        "source": _citation(known.source_id) if same else "setting of this run",
        "note": known.note if same else "",
    }


def _citation(source_id: str) -> str:
    known = read_sources().get(source_id)
    names = {"estimate": "estimate", "user": "setting of this run"}
    return names.get(source_id, source_id) if known is None else known.citation
