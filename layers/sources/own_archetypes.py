"""A city's own typology: values that replace those of archetypes, row by row of a CSV.

A row says for which archetypes it holds, by `archetype_id` or by `use`, `size_class` and the period from
`first_year` to `last_year`, which values it states, and its `source`. An archetype whose period lies only
partly in that of a row is divided there, so that a city may part the years as its own typology does.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.errors import InputProblem
from layers.core.extract import SourceRecord
from layers.core.text import clean_name, spreadsheet_text
from layers.core.types import BoolArray
from layers.core.units import unit_label
from layers.sources.files import read_head, source_record
from layers.sources.known_totals import problems_sentence

WHOSE = ("archetype_id", "use", "size_class", "first_year", "last_year")
SOURCE = "source"
# what describes a row of the table and is no value of a building
DESCRIBING = ("country", "archetype_origin", "source_id", "place_in_source", "note")
OWN_ORIGIN = "user"
FIRST_YEAR, LAST_YEAR = 0, 9999
_NEAR_COUNT = 3


@dataclass(frozen=True)
class OwnRow:
    """One row: for which archetypes it holds, and what it states."""

    row: int
    archetype_id: str
    use: str
    size_class: str
    first_year: int
    last_year: int
    values: Mapping[str, float]
    source: str


@dataclass(frozen=True)
class OwnArchetypes:
    """A city's own values of archetypes."""

    rows: tuple[OwnRow, ...]
    record: SourceRecord
    name: str


def _near(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=_NEAR_COUNT, cutoff=0.5)
    return f"; near it are {', '.join(close)}" if close else ""


def _cells(path: Path) -> list[list[str]]:
    read_head(path, what="a CSV of archetypes")
    try:
        text = path.read_text(encoding="utf-8-sig")
        head: str = text.partition("\n")[0]
        separator = max(",;\t", key=head.count)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputProblem(
            f"{path.name} cannot be read as a table ({problem}); it needs UTF-8 and commas."
        ) from problem


def _check_head(name: str, head: list[str], values: dict[str, Column]) -> None:
    known = [*WHOSE, *values, SOURCE]
    problems = []
    for column in head:
        if column not in known and column not in DESCRIBING:
            problems.append(f"it has the unknown column {column[:40]!r}{_near(column, known)}")
    if not any(column in ("archetype_id", "use") for column in head):
        problems.append("it needs the column archetype_id or use, to say which archetypes are meant")
    if SOURCE not in head:
        problems.append("it needs the column source, to say who states the values")
    if not any(column in values for column in head):
        problems.append(f"it states no value; there are {', '.join(list(values)[:4])} and others")
    if problems:
        raise InputProblem(f"{name} cannot be used: {'; '.join(problems)}.")


def _value(column: Column, text: str) -> float | str:
    """Return a value within the range of its column, or what is wrong with it."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    low, high = column.lowest, column.highest
    if math.isfinite(number) and (low is None or number >= low) and (high is None or number <= high):
        return number
    unit = unit_label(column.name)
    bounds = f"{low:g} to {high:g}" if low is not None and high is not None else "a number"
    return f"{column.name} is {text[:20]!r}; it must be {bounds}{f' {unit}' if unit != 'ratio' else ''}"


def _year(texts: dict[str, str], name: str, default: int) -> int | str:
    text = texts.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) > LAST_YEAR:
        return f"{name} is {text[:20]!r}; it must be {FIRST_YEAR} to {LAST_YEAR}"
    return int(text)


def _own_row(
    number: int, texts: dict[str, str], values: dict[str, Column], allowed: dict[str, tuple[str, ...]]
) -> tuple[OwnRow | None, list[str]]:
    wrong = []
    archetype, use = spreadsheet_text(texts.get("archetype_id", "")), texts.get("use", "")
    size = texts.get("size_class", "")
    if not archetype and not use:
        wrong.append("neither archetype_id nor use says which archetypes are meant")
    for name, text in (("use", use), ("size_class", size)):
        if text and text not in allowed[name]:
            wrong.append(f"{name} is {text[:30]!r}; it must be one of {', '.join(allowed[name])}")
    years = [_year(texts, "first_year", FIRST_YEAR), _year(texts, "last_year", LAST_YEAR)]
    wrong += [year for year in years if isinstance(year, str)]
    first, last = (year if isinstance(year, int) else FIRST_YEAR for year in years)
    if not wrong and first > last:
        wrong.append(f"first_year {first} lies after last_year {last}")
    found: dict[str, float] = {}
    for name, column in values.items():
        if texts.get(name):
            value = _value(column, texts[name])
            if isinstance(value, str):
                wrong.append(value)
            else:
                found[name] = value
    if not found and not wrong:
        wrong.append("states no value")
    if not texts.get(SOURCE):
        wrong.append("no source")
    row = OwnRow(number, archetype, use, size, first, last, found, clean_name(texts.get(SOURCE, "")))
    return (row if not wrong else None), [f"row {number}: {text}" for text in wrong]


def read_own_archetypes(path: Path, columns: tuple[Column, ...]) -> OwnArchetypes:
    """Read a city's own values of archetypes.

    Parameters
    ----------
    path : Path
    columns : tuple of Column
        Those of the archetype table, with the range of every value.

    Raises
    ------
    InputProblem
        With every wrong row of the file in one sentence.
    """
    values = {column.name: column for column in columns if column.kind == "number"}
    allowed = {column.name: column.allowed for column in columns if column.allowed is not None}
    lines = _cells(path)
    head = [cell.strip() for cell in lines[0]] if lines else []
    _check_head(path.name, head, values)
    rows, problems = [], []
    for number, line in enumerate(lines[1:], 2):
        texts = dict(zip(head, [cell.strip() for cell in line], strict=False))
        if any(texts.values()):
            row, wrong = _own_row(number, texts, values, allowed)
            problems += wrong
            if row is not None:
                rows.append(row)
    if problems:
        raise InputProblem(problems_sentence(path.name, problems))
    if not rows:
        raise InputProblem(f"{path.name} has no rows below its head; write one kind of building a row.")
    record = source_record(
        path, title=clean_name(path.stem), licence="as stated by its owner", attribution="own data", date=""
    )
    return OwnArchetypes(tuple(rows), record, path.name)


def _meant(table: pd.DataFrame, row: OwnRow) -> BoolArray:
    """Say which archetypes a row means, whatever their period."""
    meant = np.ones(len(table), dtype=bool)
    if row.archetype_id:
        meant &= (table["archetype_id"] == row.archetype_id).to_numpy(dtype=bool)
    for name, wanted in (("use", row.use), ("size_class", row.size_class)):
        if wanted:
            meant &= (table[name] == wanted).to_numpy(dtype=bool)
    return meant


def _divided(table: pd.DataFrame, meant: BoolArray, first: int, last: int) -> pd.DataFrame:
    """Divide archetypes where a period begins and ends within theirs."""
    parts = [table[~meant]]
    some = table[meant]
    start, end = some["first_year"], some["last_year"]
    for low, high in ((FIRST_YEAR, first - 1), (first, last), (last + 1, LAST_YEAR)):
        piece = some.assign(first_year=start.clip(lower=low), last_year=end.clip(upper=high))
        parts.append(piece[piece["first_year"] <= piece["last_year"]])
    return pd.concat(parts, ignore_index=True)


def override_archetypes(
    archetypes: pd.DataFrame, own: OwnArchetypes, make_ids: Callable[[pd.DataFrame], pd.Series]
) -> pd.DataFrame:
    """Return archetypes with a city's own values, divided where its periods divide them.

    Parameters
    ----------
    archetypes : DataFrame, index `archetype_id`
    own : OwnArchetypes
    make_ids : function
        Names archetypes by their use, size and period.

    Returns
    -------
    DataFrame, index `archetype_id`
        Rows that were changed have the origin ``user``; their note says what was stated, and by whom.

    Raises
    ------
    InputProblem
        When a row means no archetype, or two rows state the same value.
    """
    table = archetypes.rename_axis("archetype_id").reset_index()
    names, stated = (
        list(archetypes.index.astype(str)),
        sorted({name for row in own.rows for name in row.values}),
    )
    table = table.assign(**{f"row of {name}": 0 for name in stated})
    problems = []
    for row in own.rows:
        meant = _meant(table, row)
        overlap = (table["first_year"] <= row.last_year) & (table["last_year"] >= row.first_year)
        meant &= overlap.to_numpy(dtype=bool)
        if not meant.any():
            hint = _near(row.archetype_id, names) if row.archetype_id not in names else ""
            what = row.archetype_id or " ".join(part for part in (row.use, row.size_class) if part)
            problems.append(
                f"row {row.row}: there is no archetype {what} from {row.first_year} to {row.last_year}{hint}"
            )
            continue
        table = _divided(table, meant, row.first_year, row.last_year)
        inside = _meant(table, row) & table["first_year"].ge(row.first_year).to_numpy(dtype=bool)
        inside &= table["last_year"].le(row.last_year).to_numpy(dtype=bool)
        for name, value in row.values.items():
            before = table.loc[inside, f"row of {name}"].max()
            if before:
                problems.append(f"row {row.row}: {name} of the same buildings stands in row {before}")
            table.loc[inside, name] = value
            table.loc[inside, f"row of {name}"] = row.row
        text = f"own values: {', '.join(row.values)} ({row.source})"
        notes = table.loc[inside, "note"].astype(str)
        table.loc[inside, "note"] = (notes + "; ").where(notes != "", "") + text
        table.loc[inside, "archetype_origin"] = OWN_ORIGIN
    if problems:
        raise InputProblem(problems_sentence(own.name, problems))
    plain = table[list(archetypes.columns)].sort_values(
        ["use", "size_class", "first_year"], kind="stable", ignore_index=True
    )
    return plain.set_axis(pd.Index(make_ids(plain), name="archetype_id"), axis=0)
