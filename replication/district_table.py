"""How indicators are gathered: sums and quantiles per district, and what counts as known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.types import FloatArray, IntArray
from replication.dictionary import Value, compared_indicators, read_indicators

KNOWN_BY_ORIGIN = {"measured": 1.0, "user": 1.0, "tagged": 1.0, "imputed": 0.5, "default": 0.0}


@dataclass(frozen=True)
class IndicatorParams:
    """What counts as known.

    Attributes
    ----------
    least_known_share : float
        An indicator of which less is known is left out. [0, 1]
    served_everywhere_share, served_nowhere_share : float
        City share of district heating from which on every district is taken as served, and up to
        which none is; in between nothing is said. [0, 1]
    """

    least_known_share: float = 0.25
    served_everywhere_share: float = 0.9
    served_nowhere_share: float = 0.02

    def __post_init__(self) -> None:
        if not 0 <= self.least_known_share <= 1:
            raise ValueError(f"least_known_share must lie between 0 and 1, found {self.least_known_share}")
        if not 0 <= self.served_nowhere_share <= self.served_everywhere_share <= 1:
            raise ValueError(
                "served_nowhere_share and served_everywhere_share must lie in order between 0 and 1"
            )


@dataclass(frozen=True)
class DistrictIndicators:
    """Indicators in natural units, and how much each is known.

    Attributes
    ----------
    values : DataFrame, index `district_id`
        Columns by the names of the dictionary; missing where unknown.
    known_share : DataFrame
        Same shape: 1 known, between for what was partly filled in, 0 missing.
    """

    values: pd.DataFrame
    known_share: pd.DataFrame


@dataclass(frozen=True)
class Groups:
    """Sums and quantiles over the main buildings of each district, in the order of the districts."""

    codes: IntArray
    count: int

    def sums(self, values: FloatArray) -> FloatArray:
        """Return each district's sum; missing values add nothing."""
        weights = np.nan_to_num(values)
        return np.asarray(np.bincount(self.codes, weights=weights, minlength=self.count), dtype=np.float64)

    def means(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Return each district's weighted mean of the values that are known."""
        known = ~np.isnan(values)
        return ratio(
            self.sums(np.where(known, values * weights, 0.0)), self.sums(np.where(known, weights, 0.0))
        )

    def quantiles(self, values: FloatArray, share: float) -> FloatArray:
        """Return each district's quantile of the values that are known."""
        found = pd.Series(values).groupby(self.codes).quantile(share)
        return np.asarray(found.reindex(range(self.count)), dtype=np.float64)


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide where the lower number is positive; missing elsewhere."""
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def numbers(table: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as floats, missing values as NaN."""
    return np.asarray(pd.to_numeric(table[column]).to_numpy(dtype=float, na_value=np.nan))


def known_by_origin(table: pd.DataFrame, column: str) -> FloatArray:
    """Return how much each row's value is known, from its origin."""
    known = table[column].astype(object).map(KNOWN_BY_ORIGIN)
    return np.asarray(known.to_numpy(dtype=float, na_value=0.0), dtype=np.float64)


class Collector:
    """Gathers values and how much of them is known; the only place where something is left out."""

    def __init__(self, index: pd.Index, params: IndicatorParams) -> None:
        self.index = index
        self.params = params
        self.values: dict[str, np.ndarray] = {}
        self.known: dict[str, FloatArray] = {}

    def add(self, name: str, values: FloatArray, known: FloatArray | float = 1.0) -> None:
        """Take an indicator, and leave out the districts in which too little of it is known."""
        share = np.broadcast_to(np.asarray(known, dtype=float), (len(self.index),))
        is_kept = ~np.isnan(values) & (share >= self.params.least_known_share)
        self.values[name] = np.where(is_kept, values, np.nan)
        self.known[name] = np.where(is_kept, share, 0.0)

    def add_same(self, name: str, value: Value | None, known: float) -> None:
        """Take a value that all districts share; None is left out."""
        if isinstance(value, str):
            self.values[name] = np.full(len(self.index), value, dtype=object)
            self.known[name] = np.full(len(self.index), known)
        elif value is not None:
            self.add(name, np.full(len(self.index), float(value)), known)

    def override(self, told: pd.DataFrame) -> None:
        """Put what somebody told about single districts in place of everything else."""
        rows = told.reindex(self.index)
        for name in told.columns.intersection(pd.Index(list(read_indicators()))):
            is_told = rows[name].notna().to_numpy(dtype=bool)
            empty: np.ndarray = np.full(len(self.index), np.nan, dtype=object)
            own = np.asarray(self.values.get(name, empty), dtype=object)
            mixed = np.where(is_told, rows[name].to_numpy(dtype=object), own)
            self.values[name] = mixed.astype(float) if read_indicators()[name].is_number else mixed
            self.known[name] = np.where(is_told, 1.0, self.known.get(name, np.zeros(len(self.index))))

    def tables(self) -> DistrictIndicators:
        """Return what was gathered, with an empty column for every compared indicator that was not."""
        compared = {indicator.name for indicator in compared_indicators()}
        values: dict[str, np.ndarray] = {}
        known: dict[str, FloatArray] = {}
        for name, indicator in read_indicators().items():
            if name in self.values:
                values[name], known[name] = self.values[name], self.known[name]
            elif name in compared:
                kind = np.float64 if indicator.is_number else np.object_
                values[name] = np.full(len(self.index), np.nan, dtype=kind)
                known[name] = np.zeros(len(self.index))
        return DistrictIndicators(
            pd.DataFrame(values, index=self.index), pd.DataFrame(known, index=self.index)
        )
