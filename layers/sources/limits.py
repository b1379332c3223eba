"""What a file may not be: a bomb of nested brackets, of rows, or a table that computes itself.

A small file can ask for any amount of memory or time. Each kind is recognised before it is read, and
refused with the limit that it breaks.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.parquet

from layers.core.errors import InputProblem
from layers.core.types import AnyArray

# brackets within brackets: geographic JSON needs about ten
MOST_NESTED_COUNT = 200
# one run takes a town or a region; a country's twenty million buildings come as several files
MOST_ROWS_COUNT = 20_000_000
MOST_UNPACKED_BYTES = 16 << 30
_CHUNK_BYTES = 16 << 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENING, _CLOSING = np.frombuffer(b"[{", np.uint8), np.frombuffer(b"]}", np.uint8)


def _steps(content: bytes) -> AnyArray:
    signs = np.frombuffer(content, np.uint8)
    opening = (signs == _OPENING[0]) | (signs == _OPENING[1])
    closing_ = (signs == _CLOSING[0]) | (signs == _CLOSING[1])
    return np.asarray(opening.astype(np.int8) - closing_.astype(np.int8))


def nesting_count(path: Path) -> int:
    """Return how deeply a JSON file nests brackets; those within texts count only where many are open."""
    depth, deepest = 0, 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            heights = np.cumsum(_steps(chunk), dtype=np.int64) + depth
            depth, deepest = int(heights[-1]), max(deepest, int(heights.max()))
    if deepest <= MOST_NESTED_COUNT:
        return deepest
    heights = np.cumsum(_steps(_STRING.sub(b"", path.read_bytes())), dtype=np.int64)
    return int(heights.max(initial=0))


def refuse_nesting(path: Path) -> None:
    """Refuse a JSON file that nests too deeply.

    Raises
    ------
    InputProblem
        With the limit and what was found.
    """
    found = nesting_count(path)
    if found > MOST_NESTED_COUNT:
        raise InputProblem(
            f"{path.name} nests {found:,} brackets within each other, more than the limit of "
            f"{MOST_NESTED_COUNT}; export it again as plain GeoJSON."
        )


def refuse_rows(name: str, row_count: int) -> None:
    """Refuse a table with more rows than one run can take."""
    if row_count > MOST_ROWS_COUNT:
        raise InputProblem(
            f"{name} holds {row_count:,} rows, more than the limit of {MOST_ROWS_COUNT:,}; "
            "cut it to the town."
        )


def refuse_unpacking(path: Path) -> None:
    """Refuse a Parquet file that grows beyond all measure when it is unpacked."""
    stated = pyarrow.parquet.read_metadata(path)
    refuse_rows(path.name, stated.num_rows)
    unpacked = sum(stated.row_group(number).total_byte_size for number in range(stated.num_row_groups))
    if unpacked > MOST_UNPACKED_BYTES:
        raise InputProblem(
            f"{path.name} has {path.stat().st_size:,} bytes and would unpack to {unpacked:,}, more than the "
            f"limit of {MOST_UNPACKED_BYTES:,}; cut it to the town."
        )


def computed_layers(path: Path) -> set[str]:
    """Return the layers of a GeoPackage that are queries: what they cost, nobody can say beforehand.

    The file is opened for reading only and left as it is.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.text_factory = lambda content: content.decode("utf-8", "replace")
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    except (sqlite3.Error, UnicodeDecodeError, MemoryError):
        # a damaged database, which may ask for any amount of memory, is described where it is read
        return set()
    return {str(name) for (name,) in rows}
