"""Prices by country: the level of prices, and what households pay for gas.

Both are facts: what a run uses is noted with its source, as other facts are.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from layers.core.facts import Fact, note_use

DATA = Path(__file__).resolve().parent.parent / "data"
# the country in whose prices the tables of costs stand
COST_COUNTRY = "DE"


@cache
def _rows(name: str) -> dict[str, dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {row["country"]: row for row in csv.DictReader(lines)}


def _noted(subject: str, column: str, parameter: str, unit: str, country: str) -> float | None:
    row = _rows(subject).get(country)
    if row is None:
        return None
    number = float(row[column])
    note_use(
        Fact(subject, country, f"{parameter}, {country}", number, unit, None, None, row["source_id"], "",
             row["note"])
    )  # fmt: skip
    return number


def price_level_ratio(country: str) -> float:
    """Return the prices of a country over those of Germany, where the tables of costs were made.

    Countries without an index borrow a neighbour's; the table says so.

    Examples
    --------
    >>> price_level_ratio("DE"), round(price_level_ratio("FI"), 3)
    (1.0, 1.185)
    """
    unit, parameter = "ratio", "level of prices over that of the EU, 2018"
    there = _noted("price_levels", "price_level_ratio", parameter, unit, country)
    here = _noted("price_levels", "price_level_ratio", parameter, unit, COST_COUNTRY)
    if there is None or here is None:
        raise KeyError(f"no price level of {country!r}")
    return there / here


def gas_price_eur_per_kwh(country: str) -> float | None:
    """Return what households pay for gas, taxes included, of its gross calorific value; None if not known.

    Examples
    --------
    >>> gas_price_eur_per_kwh("DE"), gas_price_eur_per_kwh("FI")
    (0.1223, None)
    """
    return _noted("gas_prices", "gas_eur_per_kwh", "household price of gas", "EUR/kWh", country)
