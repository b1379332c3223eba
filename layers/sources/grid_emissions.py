"""What electricity from the grid emits, by country.

A fact: what a run uses is noted with its source, and a stand-in for a country without its own row
counts as an estimate. The table is offered under the ODbL, as its source asks.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from layers.core.facts import Fact, note_use

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def _rows(name: str) -> dict[str, dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {row["country"]: row for row in csv.DictReader(lines)}


def _noted(subject: str, column: str, parameter: str, unit: str, country: str) -> float:
    row = _rows(subject)[country]
    number = float(row[column])
    note_use(
        Fact(
            subject, country, f"{parameter}, {country}", number, unit, None, None, row["source_id"], "",
            row["note"],
        )
    )  # fmt: skip
    return number


def grid_emissions_kg_co2e_per_kwh(country: str) -> float:
    """Return what a kilowatt hour from the grid emits, imports and life cycle included.

    Examples
    --------
    >>> grid_emissions_kg_co2e_per_kwh("FI")
    0.068
    """
    parameter = "emissions of electricity from the grid"
    return _noted("grid_emissions", "grid_kg_co2e_per_kwh", parameter, "kg CO2e/kWh", country)
