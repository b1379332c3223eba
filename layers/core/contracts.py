"""Contracts of tables: which column, in which unit, within which range.

Each layer declares what it adds as `ADDS`, a tuple of `Column`. After every step the pipeline
checks the table against all columns added so far and reports every problem at once, in sentences
that name the table, the column, the rows and the values found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from layers.core.errors import ContractProblem
from layers.core.units import unit_label, unit_suffix

Kind = Literal["number", "whole", "flag", "text", "category", "geometry"]

ORIGINS = ("measured", "user", "tagged", "imputed", "default")


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    `lowest` and `highest` are inclusive; `gaps` says whether missing values are allowed;
    `allowed` lists the values of a category. The unit follows from the name.
    """

    name: str
    meaning: str
    kind: Kind = "number"
    lowest: float | None = None
    highest: float | None = None
    gaps: bool = False
    allowed: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind in ("number", "whole") and unit_suffix(self.name) is None:
            raise ValueError(f"column {self.name!r} is a number but its name does not end in a unit")
        if self.kind == "category" and not self.allowed:
            raise ValueError(f"column {self.name!r} is a category without a list of values")

    @property
    def unit(self) -> str:
        """Return the unit as a person writes it."""
        return unit_label(self.name)


def origin_column(attribute: str) -> Column:
    """Return the column that says where an attribute's values come from."""
    return Column(f"{attribute}_origin", f"where the {attribute} comes from", "category", allowed=ORIGINS)


def _rows_text(index: pd.Index, mask: np.ndarray, most: int = 3) -> str:
    names = [str(label)[:60] for label in index[mask][:most]]
    more = int(mask.sum()) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def _number_problems(values: pd.Series, column: Column) -> list[tuple[np.ndarray, str]]:
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(numbers)
    found: list[tuple[np.ndarray, str]] = []
    if not column.gaps and missing.any():
        found.append((missing, "has no value"))
    if np.isinf(numbers).any():
        found.append((np.isinf(numbers), "is infinite"))
    if column.lowest is not None:
        low = numbers < column.lowest
        if low.any():
            found.append((low, f"is below {column.lowest:g} (lowest {np.nanmin(numbers):g})"))
    if column.highest is not None:
        high = numbers > column.highest
        if high.any():
            found.append((high, f"is above {column.highest:g} (highest {np.nanmax(numbers):g})"))
    if column.kind == "whole":
        broken = ~missing & (numbers != np.round(numbers))
        if broken.any():
            found.append((broken, "is not a whole number"))
    return found


def _other_problems(values: pd.Series, column: Column) -> list[tuple[np.ndarray, str]]:
    missing = values.isna().to_numpy(dtype=bool)
    found: list[tuple[np.ndarray, str]] = []
    if not column.gaps and missing.any():
        found.append((missing, "has no value"))
    if column.allowed is not None:
        strange = ~missing & ~values.isin(column.allowed).to_numpy(dtype=bool)
        if strange.any():
            example = str(values[strange].iloc[0])[:40]
            found.append((strange, f"holds {example!r}, allowed are {', '.join(column.allowed)}"))
    if column.kind == "flag" and not pd.api.types.is_bool_dtype(values.dtype):
        found.append((np.ones(len(values), bool), f"is {values.dtype}, not true/false"))
    return found


def find_problems(table: pd.DataFrame, columns: Iterable[Column], *, name: str) -> list[str]:
    """Return every way in which a table breaks its contract, as sentences.

    Parameters
    ----------
    table : DataFrame
        Rows to check; its index labels appear in the sentences.
    columns : iterable of Column
        The contract.
    name : str
        What the table is called in the sentences, for example ``"buildings"``.

    Examples
    --------
    >>> table = pd.DataFrame({"height_m": [3.0, -1.0]}, index=["way/1", "way/2"])
    >>> find_problems(table, [Column("height_m", "eaves height", lowest=0)], name="buildings")
    ['buildings.height_m is below 0 (lowest -1) in 1 of 2 rows: way/2']
    """
    problems = []
    if not table.index.is_unique:
        repeated = table.index.duplicated()
        problems.append(f"{name} has {int(repeated.sum())} repeated ids: {_rows_text(table.index, repeated)}")
    for column in columns:
        if column.name not in table.columns:
            problems.append(f"{name}.{column.name} is missing ({column.meaning})")
            continue
        if column.kind == "geometry":
            continue
        values = table[column.name]
        check = _number_problems if column.kind in ("number", "whole") else _other_problems
        for mask, what in check(values, column):
            rows = f"in {int(mask.sum()):,} of {len(table):,} rows: {_rows_text(table.index, mask)}"
            problems.append(f"{name}.{column.name} {what} {rows}")
    return problems


def check_table(table: pd.DataFrame, columns: Iterable[Column], *, name: str, cure: str = "") -> None:
    """Raise one `ContractProblem` that lists everything wrong with a table, and says what to do."""
    problems = find_problems(table, columns, name=name)
    if problems:
        raise ContractProblem("; ".join(problems) + (f"; {cure}." if cure else "."))
