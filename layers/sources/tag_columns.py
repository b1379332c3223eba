"""What the rows of a table say, column by column: each word once, and which word a row has.

Towns repeat themselves: a million rows know a few hundred heights, years and kinds of building. So every
word is understood once, however many rows say it. Keys are OpenStreetMap's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers.core.types import AnyArray, BoolArray, FloatArray, IntArray, ObjectArray

# pandas' text type with NaN for gaps: comparisons give plain true and false
TEXT = pd.StringDtype(na_value=np.nan)
_GAP = -1


@dataclass(frozen=True)
class Texts:
    """A column of texts.

    Attributes
    ----------
    place : (n,) array
        Which of `words` a row has, -1 where it has none.
    words : list
        Some may be the word of no row.
    """

    place: IntArray
    words: list[Any]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Texts:
        """Return texts one by one as a column.

        Examples
        --------
        >>> Texts.of(["a", None, "a"])
        Texts(place=array([ 0, -1,  0]), words=['a'])
        """
        listed = list(values)
        column = np.empty(len(listed), dtype=object)
        column[:] = listed
        place, words = pd.factorize(column)
        return cls(np.asarray(place, dtype=np.int64), words.tolist())

    @classmethod
    def gaps(cls, row_count: int) -> Texts:
        """Return a column that says nothing."""
        return cls(np.full(row_count, _GAP, dtype=np.int64), [])

    def __len__(self) -> int:
        return len(self.place)

    @property
    def is_said(self) -> BoolArray:
        """Say which rows have a word."""
        return self.place >= 0

    def mapped(self, change: Callable[[Any], str | None]) -> Texts:
        """Return the column with every word changed; None makes a gap.

        Examples
        --------
        >>> Texts.of(["B", "b", ""]).mapped(lambda word: word.lower() or None).to_list()
        ['b', 'b', None]
        """
        return self.renamed([change(word) for word in self.words])

    def renamed(self, words: list[str | None]) -> Texts:
        """Return the column with other words in the place of its own; those that became equal are one."""
        changed = Texts.of(words)
        return Texts(_taken(changed.place, self.place), changed.words)

    def where(self, keep: BoolArray) -> Texts:
        """Return the column with gaps where a row is not kept."""
        return Texts(np.where(keep, self.place, _GAP), self.words)

    def filled_by(self, other: Texts, over: BoolArray | None = None) -> Texts:
        """Return the column with its gaps, and what lies in `over`, taken from another that has words there.

        Examples
        --------
        >>> Texts.of(["a", None, None]).filled_by(Texts.of(["x", "y", None])).to_list()
        ['a', 'y', None]
        """
        takes = ~self.is_said if over is None else ~self.is_said | over
        takes &= other.is_said
        if not takes.any():
            return self
        place = np.where(takes, other.place + len(self.words), self.place)
        return Texts(place, [*self.words, *other.words])

    def flags(self, test: Callable[[Any], bool]) -> BoolArray:
        """Return which rows have a word that passes a test."""
        passed = np.array([*(test(word) for word in self.words), False], dtype=bool)
        return np.asarray(passed[self.place], dtype=bool)

    def numbers(self, values: FloatArray) -> FloatArray:
        """Return one number (or row of numbers) for each row from one for each word; gaps are NaN."""
        gap = np.full((1, *values.shape[1:]), np.nan)
        return np.asarray(np.concatenate([values, gap])[self.place], dtype=np.float64)

    def to_array(self) -> ObjectArray:
        """Return the texts one by one, None for gaps."""
        words = np.empty(len(self.words) + 1, dtype=object)
        words[:-1] = self.words
        return words[self.place]

    def to_list(self) -> list[str | None]:
        """Return the texts one by one, None for gaps."""
        return list(self.to_array())

    def to_column(self) -> pd.api.extensions.ExtensionArray:
        """Return the texts as a column of a table."""
        return pd.array(self.words, dtype=TEXT).take(self.place, allow_fill=True)


def _taken(values: IntArray, place: IntArray) -> IntArray:
    return np.asarray(np.append(values, _GAP)[place], dtype=np.int64)


def distinct(columns: Iterable[IntArray], row_count: int) -> tuple[IntArray, IntArray]:
    """Return which of the different rows each row is, and where each of them stands first.

    Parameters
    ----------
    columns : arrays of whole numbers from -1
    row_count : int

    Examples
    --------
    >>> distinct([np.array([0, -1, 0, 0]), np.array([5, 5, 5, 6])], 4)
    (array([0, 1, 0, 2]), array([0, 1, 3]))
    """
    group = np.zeros(row_count, dtype=np.int64)
    for column in columns:
        # both numbers are below the count of rows, so that their product fits
        group = pd.factorize(group * (int(column.max(initial=_GAP)) + 2) + column + 1)[0]
    _, first = np.unique(group, return_index=True)
    return group, first


@dataclass(frozen=True)
class Said:
    """What the rows of a table say: a column for each key that any row has."""

    row_count: int
    columns: Mapping[str, Texts]

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, str]]) -> Said:
        """Return what rows say that are known one by one.

        Examples
        --------
        >>> Said.of_rows([{"height": "9"}, {}]).columns["height"].to_list()
        ['9', None]
        """
        keys = dict.fromkeys(key for row in rows for key in row)
        return cls(len(rows), {key: Texts.of(row.get(key) for row in rows) for key in keys})

    def first_of(self, *keys: str) -> Texts:
        """Return each row's text of the first key that has one; blanks say nothing."""
        found = Texts.gaps(self.row_count)
        for key in keys:
            if key in self.columns:
                found = found.filled_by(self.columns[key].mapped(lambda text: text if text.strip() else None))
        return found

    def different(
        self, keys: Iterable[str], *more: IntArray
    ) -> tuple[IntArray, IntArray, Iterator[dict[str, str]]]:
        """Return the different rows as mappings, which of them each row is, and where each stands first."""
        known = [key for key in sorted(keys) if key in self.columns]
        group, first = distinct([*(self.columns[key].place for key in known), *more], self.row_count)
        said = {key: self.columns[key].to_array()[first] for key in known}
        rows = (
            {key: said[key][number] for key in known if said[key][number] is not None}
            for number in range(len(first))
        )
        return group, first, rows

    def to_rows(self) -> list[dict[str, str]]:
        """Return one mapping of keys and texts per row."""
        rows: list[dict[str, str]] = [{} for _ in range(self.row_count)]
        for key, texts in self.columns.items():
            for row, text in zip(rows, texts.to_array(), strict=True):
                if text is not None:
                    row[key] = text
        return rows


def whole_numbers(values: AnyArray) -> IntArray:
    """Return numbers as whole numbers from -1 by which equal ones are found; gaps are -1."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)
