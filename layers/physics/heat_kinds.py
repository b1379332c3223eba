"""Kinds of buildings that share a factor when heat is calibrated: use and period."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import scipy.sparse

from layers.core.types import FloatArray, IntArray
from layers.core.uses import USES
from layers.physics.raking import Entries, make_entries

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


@dataclass(frozen=True)
class Cells:
    """Kinds of buildings, divided by the places that have a factor of their own.

    Attributes
    ----------
    space, water : (n,) arrays
        Cell of each building's heat for the rooms, and of its hot water.
    kind, place : (cells,) arrays
        What each cell is; the place is −1 where there is no factor of its own.
    places : tuple of str
        Names of the places.
    """

    space: IntArray
    water: IntArray
    kind: IntArray
    place: IntArray
    places: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return how many cells there are."""
        return len(self.kind)

    def entries(
        self, shares: scipy.sparse.csr_matrix, space_weight: FloatArray, water_weight: FloatArray
    ) -> Entries:
        """Pair totals with the cells that occur in them (`layers.physics.raking.make_entries`)."""
        return make_entries(
            shares, self.space, self.water, space_weight, water_weight, self.count,
            kind=self.kind, place=self.place,
        )  # fmt: skip


def cells_of(kinds: Kinds, places: pd.Series) -> Cells:
    """Divide kinds by places; buildings without a place keep their kind whole."""
    code, known = pd.factorize(places, sort=True)
    keys = [part * (len(known) + 1) + code + 1 for part in (kinds.space, kinds.water)]
    used, at = np.unique(np.concatenate(keys), return_inverse=True)
    at = at.reshape(-1)
    kind, place = np.divmod(used, len(known) + 1)
    names = tuple(str(name) for name in known)
    return Cells(at[: len(code)], at[len(code) :], kind, place - 1, names)
