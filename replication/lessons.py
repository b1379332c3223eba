"""What the lighthouses learned, and in which districts it applies.

A lesson fires where its condition is met: comparisons of indicators by the names of the dictionary,
joined by ``and``. Where anything in a condition is unknown the lesson does
not fire: silence is never taken for an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from layers.core.errors import InputProblem
from layers.core.types import BoolArray
from replication.dictionary import DATA, read_rows

_PART = re.compile(r"^(?P<names>\w+(?: \+ \w+)*) (?P<operator><=|>=|==|!=|<|>|in) (?P<value>\S+)$")


@dataclass(frozen=True)
class Comparison:
    """One comparison: the sum of the named indicators against a number, or a word against words."""

    names: tuple[str, ...]
    operator: str
    words: tuple[str, ...]

    @property
    def number(self) -> float | None:
        """Return the number it compares with, or None where it compares words."""
        try:
            return float(self.words[0])
        except ValueError:
            return None


@dataclass(frozen=True)
class Lesson:
    """One lesson of a lighthouse, with the condition under which it applies."""

    id: str
    lighthouse_id: str
    interventions: tuple[str, ...]
    condition: tuple[Comparison, ...]
    text: str
    source: str
    confidence: str


def parse_condition(text: str) -> tuple[Comparison, ...]:
    """Read a condition.

    Raises
    ------
    InputProblem
        When a part is not a comparison.

    Examples
    --------
    >>> parse_condition("built_1946_1960_share + built_1961_1975_share >= 0.6 and ownership in a|b")[1]
    Comparison(names=('ownership',), operator='in', words=('a', 'b'))
    """
    parts = []
    for part in text.split(" and "):
        found = _PART.match(part.strip())
        if found is None:
            raise InputProblem(
                f"The condition {part.strip()!r} is not a comparison; write it like 'plot_ratio >= 1.5'."
            )
        names = tuple(found["names"].split(" + "))
        parts.append(Comparison(names, found["operator"], tuple(found["value"].split("|"))))
    return tuple(parts)


@cache
def read_lessons() -> tuple[Lesson, ...]:
    """Read the lessons, in the order of the table.

    Examples
    --------
    >>> read_lessons()[0].lighthouse_id
    'vitoria_coronacion'
    """
    return tuple(
        Lesson(
            id=row["id"],
            lighthouse_id=row["lighthouse_id"],
            interventions=tuple(row["interventions"].split("|")),
            condition=parse_condition(row["condition"]),
            text=row["text"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in read_rows(DATA / "lessons.csv")
    )


def _one_holds(part: Comparison, values: pd.DataFrame) -> tuple[BoolArray, BoolArray]:
    """Return where a comparison is known, and where it holds."""
    if any(name not in values for name in part.names):
        nowhere = np.zeros(len(values), dtype=bool)
        return nowhere, nowhere
    known = values[list(part.names)].notna().all(axis=1).to_numpy(dtype=bool)
    number = part.number
    if number is None:
        word = values[part.names[0]].astype(object)
        is_one = word.isin(part.words).to_numpy(dtype=bool)
        return known, known & (~is_one if part.operator == "!=" else is_one)
    total = values[list(part.names)].astype(float).sum(axis=1).to_numpy()
    compare = {
        "<": total < number, "<=": total <= number, ">": total > number,
        ">=": total >= number, "==": total == number, "!=": total != number,
    }  # fmt: skip
    return known, known & compare[part.operator]


def find_lessons(values: pd.DataFrame, lessons: tuple[Lesson, ...] | None = None) -> pd.DataFrame:
    """Return the lessons that apply in each district.

    Parameters
    ----------
    values : DataFrame, index `district_id`
        Indicators in natural units; further columns (such as ``committed_dwelling_count``) serve too.
    lessons : tuple of Lesson, optional
        The carried ones when left out.

    Returns
    -------
    DataFrame
        Rows of `district_id`, `lesson_id`, `lighthouse_id`, `text`, `source`, `confidence`, by
        district in the order of the table and then by lesson.
    """
    chosen = read_lessons() if lessons is None else lessons
    fires = np.zeros((len(values), len(chosen)), dtype=bool)
    for place, lesson in enumerate(chosen):
        holds = [_one_holds(part, values)[1] for part in lesson.condition]
        fires[:, place] = np.logical_and.reduce(holds)
    rows, places = np.nonzero(fires)
    return pd.DataFrame(
        {
            "district_id": values.index.to_numpy(dtype=object)[rows],
            "lesson_id": [chosen[place].id for place in places],
            "lighthouse_id": [chosen[place].lighthouse_id for place in places],
            "text": [chosen[place].text for place in places],
            "source": [chosen[place].source for place in places],
            "confidence": [chosen[place].confidence for place in places],
        }
    )
