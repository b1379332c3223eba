"""One call a step: the contract is checked, rows are counted, time is taken, a checksum is kept."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column, check_table
from planner.progress import Progress

Table = TypeVar("Table", bound=pd.DataFrame)


def table_checksum(table: pd.DataFrame) -> str:
    """Return a SHA-256 over index, column names, values and geometries of a table.

    Examples
    --------
    >>> table_checksum(pd.DataFrame({"a": [1.0]})) == table_checksum(pd.DataFrame({"a": [1.0]}))
    True
    >>> table_checksum(pd.DataFrame({"a": [1.0]})) == table_checksum(pd.DataFrame({"a": [1.5]}))
    False
    """
    digest = hashlib.sha256()
    digest.update(pd.util.hash_array(table.index.astype(str).to_numpy(dtype=object)).tobytes())
    for name in table.columns:
        column = table[name]
        digest.update(str(name).encode())
        if isinstance(column, gpd.GeoSeries):
            digest.update(b"".join(wkb or b"-" for wkb in shapely.to_wkb(column.to_numpy(), byte_order=1)))
        elif pd.api.types.is_numeric_dtype(column.dtype):
            numbers = np.ascontiguousarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
            digest.update(numbers.tobytes())
        else:
            texts = column.astype(object).where(column.notna(), "\0").astype(str)
            digest.update(pd.util.hash_array(texts.to_numpy(dtype=object), categorize=True).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class StepRecord:
    """What the manifest keeps of one step."""

    name: str
    row_count: int
    seconds: float
    checksum: str


@dataclass
class StepLog:
    """Collect the steps of a run and show them as they are done."""

    progress: Progress
    records: list[StepRecord] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _contracts: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def step(
        self, name: str, table: Table, adds: tuple[Column, ...] = (), *, of: str = "buildings", text: str = ""
    ) -> Table:
        """Check a table against everything its layers promised so far, note it and give it back.

        Parameters
        ----------
        name : str
            Name of the step.
        table : DataFrame
            What the step gave.
        adds : tuple of Column
            What the step adds to the contract.
        of : str
            Which table it is; contracts grow per table.
        text : str
            What a person wants to know of the step.

        Raises
        ------
        ContractProblem
            When any column, old or new, breaks its promise.
        """
        known = {column.name: column for column in self._contracts.get(of, ())}
        known.update({column.name: column for column in adds})
        self._contracts[of] = tuple(known.values())
        check_table(table, self._contracts[of], name=of)
        seconds = time.perf_counter() - self._since
        record = StepRecord(name, len(table), seconds, table_checksum(table))
        self.records.append(record)
        self.lines.append(
            f"{name:<18} {seconds:8.3f} s  {len(table):>9,} rows  {record.checksum[:16]}  {text}"
        )
        self.progress.finish_step(name, seconds, text or f"{len(table):,} {of}")
        self._since = time.perf_counter()
        return table

    def note_output(self, name: str, seconds: float) -> None:
        """Note how long a group of files took to write."""
        self.lines.append(f"{name:<18} {seconds:8.3f} s")
        self.progress.finish_step(name, seconds, "written")
        self._since = time.perf_counter()
