"""Look into a PBF extract before it is read: its texts must be texts.

The library that reads extracts keeps texts as C does, up to a zero byte. A zero byte inside of one makes it
take the rest for the next key, run past the end, and end the whole program. So the tables of texts, one in
each block, are looked at first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from layers.core.errors import InputProblem

# field numbers and kinds of the format: https://wiki.openstreetmap.org/wiki/PBF_Format
_HEADER_SIZE_BYTES = 4
_LONGEST_HEADER_BYTES, _LONGEST_BLOB_BYTES = 64 << 10, 32 << 20
_LENGTHS, _NUMBERS, _WIDE, _SHORT = 2, 0, 1, 5
_DATA_SIZE, _KIND, _RAW, _ZLIB, _TABLE, _TEXT = 3, 1, 1, 3, 1, 1
_LONGEST_VARINT_BYTES = 10


def _varint(content: bytes, start: int) -> tuple[int, int]:
    number = 0
    for place in range(start, min(start + _LONGEST_VARINT_BYTES, len(content))):
        number |= (content[place] & 0x7F) << 7 * (place - start)
        if content[place] < 0x80:
            return number, place + 1
    raise ValueError


def _fields(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the fields of a message: number, value, and where their content begins and ends."""
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        number, kind, value, end = key >> 3, key & 7, 0, place
        if kind == _NUMBERS:
            value, end = _varint(content, place)
        elif kind == _LENGTHS:
            value, place = _varint(content, place)
            end = place + value
        elif kind in (_WIDE, _SHORT):
            end = place + (8 if kind == _WIDE else 4)
        else:
            raise ValueError
        yield number, value, place, end
        place = end


def _blobs(path: Path) -> Iterator[bytes]:
    """Yield the blobs of a file that hold objects."""
    with path.open("rb") as stream:
        while len(size := stream.read(_HEADER_SIZE_BYTES)) == _HEADER_SIZE_BYTES:
            header_bytes = int.from_bytes(size)
            if header_bytes > _LONGEST_HEADER_BYTES:
                raise ValueError
            header = stream.read(header_bytes)
            stated = {number: (value, header[start:end]) for number, value, start, end in _fields(header)}
            blob_bytes, kind = stated.get(_DATA_SIZE, (0, b""))[0], stated.get(_KIND, (0, b""))[1]
            if blob_bytes > _LONGEST_BLOB_BYTES:
                raise ValueError
            blob = stream.read(blob_bytes)
            if kind == b"OSMData":
                yield blob


def _block(blob: bytes) -> bytes:
    """Return a block unpacked; of rare ways of packing, nothing."""
    for number, _, start, end in _fields(blob):
        if number == _RAW:
            return blob[start:end]
        if number == _ZLIB:
            return zlib.decompressobj().decompress(blob[start:end], _LONGEST_BLOB_BYTES)
    return b""


def _holds_zero(block: bytes) -> bool:
    """Say whether one of the texts of a block holds a zero byte."""
    for number, _, start, end in _fields(block):
        table = block[start:end] if number == _TABLE else b""
        # the first text is the empty one: its number, and a length of zero
        if b"\x00" in table[2:] and any(
            inner == _TEXT and b"\x00" in table[first:last] for inner, _, first, last in _fields(table)
        ):
            return True
    return False


def refuse_broken_texts(path: Path) -> None:
    """Refuse an extract whose texts hold zero bytes, or that is no PBF beyond its beginning.

    Raises
    ------
    InputProblem
        With what was found.
    """
    try:
        found = any(_holds_zero(_block(blob)) for blob in _blobs(path))
    except (ValueError, zlib.error) as problem:
        raise InputProblem(
            f"{path.name} is damaged or cut short (its blocks cannot be understood); fetch the extract again."
        ) from problem
    if found:
        raise InputProblem(
            f"{path.name} is damaged (a text in it holds a zero byte); fetch the extract again."
        )
