"""The large numbers at the top of the summary: at most six, each with its range or what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.city_themes import DENSE_STREET_MWH_PER_M
from reports.energy_themes import CENTS, numbers_of
from reports.inputs import Assessment
from reports.likely import likely_energy
from reports.words import Words, count, energy_unit, figure, quantity

MOST_NUMBERS_COUNT: Final = 6
HEAT: Final = ("heat_demand_mwh", "heat_demand_p10_mwh", "heat_demand_p90_mwh")
SOLAR: Final = ("pv_calibrated_mwh", "pv_calibrated_p10_mwh", "pv_calibrated_p90_mwh")
_ECONOMIC: Final = ("pv_economic_mwh", "pv_economic_p10_mwh", "pv_economic_p90_mwh")
_SAVING: Final = ("saving_mwh", "saving_p10_mwh", "saving_p90_mwh")
_PUMPS: Final = ("air_pump", "ground_pump")


@dataclass(frozen=True)
class KeyNumber:
    """One of the large numbers at the top."""

    value: str
    unit: str
    meaning: str
    likely: str


def number_in(row: Mapping[Any, Any] | pd.Series, name: str) -> float:
    """Return a number of a row; NaN where it has none."""
    value = row.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _energy_number(
    row: Mapping[Any, Any] | pd.Series, names: tuple[str, str, str], meaning: str, words: Words
) -> KeyNumber:
    middle, low, high = (number_in(row, name) for name in names)
    unit, factor = energy_unit(0.0 if np.isnan(middle) else middle * 1e3)
    return KeyNumber(
        figure(middle * 1e3 / factor),
        words.say("per_year", unit=unit),
        meaning,
        likely_energy(low, high, middle, words),
    )


def _per_floor(totals: Mapping[str, float], words: Words) -> list[KeyNumber]:
    heat, area = number_in(totals, HEAT[0]), number_in(totals, "heated_floor_area_m2")
    if not area > 0:
        return []
    low, high = (number_in(totals, name) * 1e3 / area for name in HEAT[1:])
    on_area = words.say("sum_floor_area", area=quantity(area / 1e4, "ha"))
    if np.isfinite([low, high]).all():
        likely = words.say("likely", low=figure(low), high=figure(high))
        on_area = words.say("sum_likely_on", likely=likely, area=on_area)
    value = figure(heat * 1e3 / area)
    return [KeyNumber(value, words.say("unit_kwh_m2"), words.say("sum_per_area"), on_area)]


def _sun(totals: Mapping[str, float], words: Words) -> list[KeyNumber]:
    """Return what roofs can give, and what of it costs no more than it is worth."""
    return [
        _energy_number(totals, names, words.say(meaning), words)
        for names, meaning in ((SOLAR, "sum_solar"), (_ECONOMIC, "sum_economic"))
        if np.isfinite(number_in(totals, names[0]))
    ]


def _savings(tables: Mapping[str, pd.DataFrame], words: Words) -> list[KeyNumber]:
    """Return what the cheapest package for each building saves in all, and what a kWh of it costs."""
    table = tables.get("retrofit")
    if table is None or table.empty:
        return []
    best = table[(table["district_id"] == "city") & (table["package"] == "best")]
    if best.empty or not float(best["saving_mwh"].iloc[0]) > 0:
        return []
    row = best.iloc[0]
    price = figure(number_in(row, "cost_eur_per_kwh") * CENTS)
    return [_energy_number(row, _SAVING, words.say("sum_saving", price=price), words)]


def _weighted(districts: pd.DataFrame, column: str, weights: pd.Series) -> float:
    values = numbers_of(districts, column)
    known = values.notna() & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _network(districts: pd.DataFrame, words: Words) -> list[KeyNumber]:
    """Return the price of heat from candidate networks, weighted with their heat, beside heat pumps.

    Ranges are means of the districts' ends: prices of energy, pipes and money vary together for all.
    """
    heat = numbers_of(districts, "network_heat_mwh")
    middle, low, high = (
        _weighted(districts, f"network_heat{part}_eur_per_mwh", heat) for part in ("", "_p10", "_p90")
    )
    if not np.isfinite(middle):
        return []
    pumps = [_weighted(districts, f"{pump}_heat_eur_per_mwh", heat) for pump in _PUMPS]
    pump = min((price for price in pumps if np.isfinite(price)), default=float("nan"))
    likely = words.say("likely", low=figure(low), high=figure(high)) if np.isfinite([low, high]).all() else ""
    beside = words.say("sum_pump_price", value=figure(pump)) if np.isfinite(pump) else ""
    number = int(numbers_of(districts, "network_heat_eur_per_mwh").notna().sum())
    meaning = words.say("sum_network_price", count=count(number))
    stands_on = "; ".join(part for part in (likely, beside) if part)
    return [KeyNumber(figure(middle), words.say("sum_price_unit"), meaning, stands_on)]


def _dense_streets(assessment: Assessment, words: Words) -> list[KeyNumber]:
    streets = assessment.streets
    if not {"linear_heat_density_mwh_per_m", "length_m"} <= set(streets.columns):
        return []
    is_dense = streets["linear_heat_density_mwh_per_m"] >= DENSE_STREET_MWH_PER_M
    dense_km = streets["length_m"].where(is_dense).sum() / 1e3
    served_km = assessment.totals.get("served_street_length_m", float(streets["length_m"].sum())) / 1e3
    meaning = words.say("sum_dense_streets", value=figure(DENSE_STREET_MWH_PER_M))
    of_all = words.say("sum_all_streets", length=quantity(served_km, "km"))
    return [KeyNumber(figure(dense_km), "km", meaning, of_all)]


def key_numbers(assessment: Assessment, words: Words) -> list[KeyNumber]:
    """Return the city's most telling numbers: heat, sun, savings, the price of networks, dense streets."""
    totals = dict(assessment.totals)
    numbers = [
        _energy_number(totals, HEAT, words.say("heat_demand"), words),
        *_per_floor(totals, words),
        *_sun(totals, words),
        *_savings(assessment.tables, words),
        *_network(assessment.districts, words),
        *_dense_streets(assessment, words),
    ]
    return numbers[:MOST_NUMBERS_COUNT]
