"""When the buildings of a country were built: shares of floor area by sector and period.

The shares are those of the project MODERATE for the European Union; a country without own figures
takes those of a neighbour, named in `proxy_of`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from layers.core.errors import UsageProblem

_TABLE = Path(__file__).resolve().parent.parent / "data" / "stock_periods.csv"


@cache
def _read_all() -> pd.DataFrame:
    return pd.read_csv(_TABLE, keep_default_na=False, na_values={"first_year": ""})


def stock_countries() -> tuple[str, ...]:
    """Return the countries whose construction periods are known, as ISO 3166 codes."""
    return tuple(sorted(_read_all()["country"].unique()))


def read_stock_periods(country: str) -> pd.DataFrame:
    """Return when the buildings of a country were built.

    Parameters
    ----------
    country : str
        Two letters, for example ``FI``.

    Returns
    -------
    DataFrame
        `sector`, `first_year` (NaN: open), `last_year`, `share` (1 per sector), `proxy_of` (empty for
        own figures), `source_id`, `note`.

    Raises
    ------
    UsageProblem
        When the country is not carried; the message lists those that are.

    Examples
    --------
    >>> finland = read_stock_periods("FI")
    >>> bool((finland.groupby("sector")["share"].sum().round(6) == 1.0).all())
    True
    >>> read_stock_periods("NO")["proxy_of"].unique().tolist()
    ['SE']
    """
    table = _read_all()
    rows = table[table["country"] == country]
    if rows.empty:
        raise UsageProblem(
            f"The construction periods of country {country!r} are not known; known are "
            f"{', '.join(stock_countries())}."
        )
    return rows.drop(columns="country").reset_index(drop=True)
