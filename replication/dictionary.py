"""The indicator dictionary: what is compared, in which unit, within which fixed range, in which words.

`data/indicators.csv` names every indicator with its unit last, its block and its weight inside the
block, the transform and the reference range by which differences are measured, and the words with
which a difference is told. The ranges are fixed, so that the same similarity means the same in
every city. `data/blocks.csv` weighs the blocks, `data/categories.csv` and
`data/category_distances.csv` hold the words that an indicator may take and how far they lie apart,
and `data/typical_districts.csv` describes districts that join the lighthouses in the reference pool.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

import numpy as np

from layers.core.text import number_text, percent_text
from layers.core.types import FloatArray

DATA = Path(__file__).resolve().parent / "data"

Transform = Literal["linear", "log", "category", "text"]
Scope = Literal["district", "city"]
Value = float | str

PERCENT = 100.0


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read one of our CSV tables as a list of rows."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@dataclass(frozen=True)
class Indicator:
    """One indicator of a district.

    Attributes
    ----------
    name : str
        Column name; a number's unit stands last.
    block : str
        Group whose weight it shares.
    weight_share : float
        Its part of the whole weight: the block's weight times its part of the block; zero when it is
        carried but never compared.
    transform : str
        ``linear``, ``log`` (skewed positive numbers), ``category`` or ``text``.
    pool_low, pool_high : float
        Reference range in the indicator's own unit; a difference of the whole range is a distance of 1.
    scope : str
        ``city`` for what all districts of a city or country share; a reason about form is never
        answered by such an indicator.
    topic : str
        At most one reason is given for each topic.
    """

    name: str
    block: str
    weight_share: float
    transform: Transform
    pool_low: float
    pool_high: float
    scope: Scope
    topic: str
    label: str
    unit_text: str
    display: str
    alike_text: str
    higher_text: str
    lower_text: str
    note: str

    @property
    def is_compared(self) -> bool:
        """Say whether the indicator enters the distance."""
        return self.weight_share > 0

    @property
    def is_number(self) -> bool:
        """Say whether its values are numbers."""
        return self.transform in ("linear", "log")

    def show(self, value: Value) -> str:
        """Return a value as a person writes it, with its unit.

        Examples
        --------
        >>> read_indicators()["residential_share"].show(0.724)
        '72 %'
        >>> read_indicators()["ownership"].show("municipal_company")
        'municipal housing company'
        """
        if isinstance(value, str):
            return category_labels().get((self.name, value), value)
        if self.display == "percent":
            return percent_text(value)
        unit = f" {self.unit_text}" if self.unit_text else ""
        return f"{number_text(value, int(self.display))}{unit}"

    def show_range(self, low: Value, high: Value) -> str:
        """Return a range as a person writes it; a range without width is one value.

        Examples
        --------
        >>> read_indicators()["median_height_m"].show_range(8.4, 16.0)
        '8.4–16.0 m'
        """
        if isinstance(low, str) or isinstance(high, str) or self.show(low) == self.show(high):
            return self.show(low)
        unit = self.show(low)[len(self._bare(low)) :]
        return f"{self._bare(low)}–{self._bare(high)}{unit}"

    def _bare(self, value: float) -> str:
        shown = value * PERCENT if self.display == "percent" else value
        digits = 0 if self.display == "percent" else int(self.display)
        return number_text(shown, digits)


@cache
def read_block_weights() -> dict[str, float]:
    """Read the weight of each block; the weights add up to 1."""
    return {row["block"]: float(row["weight"]) for row in read_rows(DATA / "blocks.csv")}


@cache
def read_block_labels() -> dict[str, str]:
    """Read the name of each block for people."""
    return {row["block"]: row["label"] for row in read_rows(DATA / "blocks.csv")}


@cache
def read_indicators() -> dict[str, Indicator]:
    """Read the indicator dictionary, by name.

    Examples
    --------
    >>> round(sum(indicator.weight_share for indicator in read_indicators().values()), 12)
    1.0
    """
    rows = read_rows(DATA / "indicators.csv")
    blocks = read_block_weights()
    in_block = dict.fromkeys(blocks, 0.0)
    for row in rows:
        in_block[row["block"]] += float(row["weight_in_block"])
    found = {}
    for row in rows:
        part = float(row["weight_in_block"])
        found[row["indicator"]] = Indicator(
            name=row["indicator"],
            block=row["block"],
            weight_share=blocks[row["block"]] * part / in_block[row["block"]] if part else 0.0,
            transform=cast(Transform, row["transform"]),
            pool_low=float(row["pool_low"] or "nan"),
            pool_high=float(row["pool_high"] or "nan"),
            scope=cast(Scope, row["scope"]),
            topic=row["topic"],
            label=row["label"],
            unit_text=row["unit_text"],
            display=row["display"],
            alike_text=row["alike_text"],
            higher_text=row["higher_text"],
            lower_text=row["lower_text"],
            note=row["note"],
        )
    return found


@cache
def compared_indicators() -> tuple[Indicator, ...]:
    """Return the indicators that enter the distance, in the order of the dictionary."""
    return tuple(indicator for indicator in read_indicators().values() if indicator.is_compared)


@cache
def category_labels() -> dict[tuple[str, str], str]:
    """Return the words for people of every category, by indicator and category."""
    return {(row["indicator"], row["category"]): row["label"] for row in read_rows(DATA / "categories.csv")}


@cache
def categories_of(indicator: str) -> tuple[str, ...]:
    """Return the categories that an indicator may take, or nothing where it is free text."""
    return tuple(category for name, category in category_labels() if name == indicator)


@cache
def category_distances(indicator: str) -> FloatArray:
    """Return the distance between every two categories of an indicator.

    Returns
    -------
    (c, c) array
        Symmetric, zero on the diagonal, one where the table names no smaller distance.

    Examples
    --------
    >>> names = categories_of("ownership")
    >>> left, right = names.index("housing_association"), names.index("municipal_company")
    >>> float(category_distances("ownership")[left, right])
    0.3
    """
    names = categories_of(indicator)
    distances = np.ones((len(names), len(names)))
    np.fill_diagonal(distances, 0.0)
    for row in read_rows(DATA / "category_distances.csv"):
        if row["indicator"] == indicator:
            left, right = names.index(row["left"]), names.index(row["right"])
            distances[left, right] = distances[right, left] = float(row["distance"])
    return distances


@cache
def read_typical_districts() -> dict[str, dict[str, Value]]:
    """Read the typical districts of the reference pool: indicator values by district.

    They are judgements, made to span what European cities hold; they are never shown as lighthouses.
    """
    indicators = read_indicators()
    districts: dict[str, dict[str, Value]] = {}
    for row in read_rows(DATA / "typical_districts.csv"):
        number = indicators[row["indicator"]].is_number
        value: Value = float(row["value"]) if number else row["value"]
        districts.setdefault(row["district_id"], {})[row["indicator"]] = value
    return districts
