"""Kinds of buildings that share a factor when heat is calibrated: use and period."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import scipy.sparse

from layers.core.types import IntArray
from layers.core.uses import USES

SPACE, WATER = "space_heat", "hot_water"
ALL_YEARS = "all years"


@dataclass(frozen=True)
class Kinds:
    """The factors of a calibration.

    Attributes
    ----------
    space, water : (n,) arrays
        Which factor multiplies each building's heat for the rooms, and its hot water.
    table : DataFrame
        `component`, `use` and `period` of each factor.
    """

    space: IntArray
    water: IntArray
    table: pd.DataFrame

    @property
    def count(self) -> int:
        """Return how many factors there are."""
        return len(self.table)


def period_names(first_years: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of periods from the first years of all but the first.

    Examples
    --------
    >>> period_names((1946, 2001))
    ('until 1945', '1946–2000', 'from 2001')
    """
    if not first_years:
        return (ALL_YEARS,)
    middle = [f"{a}–{b - 1}" for a, b in pairwise(first_years)]
    return (f"until {first_years[0] - 1}", *middle, f"from {first_years[-1]}")


def kinds_of(part: pd.DataFrame, first_years: tuple[int, ...]) -> Kinds:
    """Group buildings by use and period for the heat of their rooms, by use for their hot water.

    Parameters
    ----------
    part : DataFrame
        `use` and `construction_year`.
    first_years : tuple of int
        First year of each period but the first.
    """
    use = pd.Categorical(part["use"], categories=list(USES)).codes.astype(np.int64)
    year = part["construction_year"].to_numpy(dtype=float, na_value=np.nan)
    names = period_names(first_years)
    period = np.searchsorted(np.array(first_years, dtype=float), year, side="right")
    space_key, space = np.unique(use * len(names) + period, return_inverse=True)
    water_key, water = np.unique(use, return_inverse=True)
    uses = np.array(USES, dtype=object)
    table = pd.DataFrame(
        {
            "component": [SPACE] * len(space_key) + [WATER] * len(water_key),
            "use": [*uses[space_key // len(names)], *uses[water_key]],
            "period": [
                *np.array(names, dtype=object)[space_key % len(names)],
                *["all years"] * len(water_key),
            ],
        }
    )
    return Kinds(space.reshape(-1), water.reshape(-1) + len(space_key), table)


def district_shares(part: pd.DataFrame, names: pd.Index) -> scipy.sparse.csr_matrix:
    """Return which buildings belong to each district, and in a last row to the city."""
    code = names.get_indexer(pd.Index(part["district_id"].astype(object)))
    row = np.where(code < 0, len(names), code)
    every = np.arange(len(part))
    inside = scipy.sparse.csr_matrix((np.ones(len(part)), (row, every)), shape=(len(names) + 1, len(part)))
    everywhere = scipy.sparse.csr_matrix(np.ones((1, len(part))))
    return scipy.sparse.csr_matrix(scipy.sparse.vstack([inside[: len(names)], everywhere]))
