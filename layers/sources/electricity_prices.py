"""Prices of electricity by country: households from Eurostat, others from the Union's ratio."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from layers.core.facts import ESTIMATE, Fact, note_use

DATA = Path(__file__).resolve().parent.parent / "data" / "electricity_prices.csv"
UNION = "EU"
HOUSEHOLD, OTHER = "household", "other"
SUBJECT = "electricity_prices"


@dataclass(frozen=True)
class ElectricityPrice:
    """What a consumer pays.

    Attributes
    ----------
    sector : str
        household (all taxes included) or other (without refundable taxes).
    price_eur_per_kwh : float
    period : str
        Such as ``2025-S2``, the second half of 2025.
    source_id : str
        ``estimate`` where the country has no value of its own.
    note : str
    """

    sector: str
    price_eur_per_kwh: float
    period: str
    source_id: str
    note: str

    @property
    def is_estimate(self) -> bool:
        """Say whether another country's or sector's price stands in."""
        return self.source_id == ESTIMATE


@cache
def _rows() -> dict[tuple[str, str], ElectricityPrice]:
    with DATA.open(encoding="utf-8", newline="") as lines:
        return {
            (row["country"], row["sector"]): ElectricityPrice(
                row["sector"], float(row["price_eur_per_kwh"]), row["period"], row["source_id"], row["note"]
            )
            for row in csv.DictReader(lines)
        }


def electricity_price(country: str, sector: str) -> ElectricityPrice:
    """Return the price of electricity of households or others and note that it was used.

    Where a country has no value, that of the Union stands in; where it has none for others than
    households, its household price times the Union's ratio of both. Either is an estimate.

    Examples
    --------
    >>> electricity_price("DE", "household").price_eur_per_kwh
    0.3869
    >>> electricity_price("DE", "other").is_estimate
    True
    """
    rows = _rows()
    found = rows.get((country, sector))
    if found is None and sector == OTHER and (country, HOUSEHOLD) in rows:
        own = rows[country, HOUSEHOLD]
        ratio = rows[UNION, OTHER].price_eur_per_kwh / rows[UNION, HOUSEHOLD].price_eur_per_kwh
        text = f"the household price times {ratio:.2f}, the Union's ratio of both"
        found = ElectricityPrice(sector, own.price_eur_per_kwh * ratio, own.period, ESTIMATE, text)
    if found is None:
        union = rows[UNION, sector]
        found = ElectricityPrice(
            sector,
            union.price_eur_per_kwh,
            union.period,
            ESTIMATE,
            "the average of the European Union stands in",
        )
    name = f"price of electricity for {'households' if sector == HOUSEHOLD else 'others than households'}"
    note_use(
        Fact(
            SUBJECT, f"{country.lower()}_{sector}", name, round(found.price_eur_per_kwh, 4), "EUR/kWh",
            None, None, found.source_id, found.period, found.note,
        )
    )  # fmt: skip
    return found
