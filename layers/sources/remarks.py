"""What GDAL and the libraries around it remark while reading: kept for the report, not for the screen."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from layers.core.extract import Note
from layers.core.text import clean_name

# remarks without a meaning for the person: the content decides about the format, gaps and repeated ids
# are counted by our own notes, outlines that are not closed are closed or dropped and counted
_HARMLESS = re.compile(
    "non conformant file extension|invalid value encountered|Could not parse column"
    "|Several features with id|Non closed ring|organizePolygons|geographic CRS|appears to be missing"
)
_LONGEST = 160


@contextmanager
def kept_remarks() -> Iterator[list[str]]:
    """Keep what libraries warn of inside the block in a list instead of on the screen."""
    remarks: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield remarks
    remarks += [str(one.message) for one in caught if not _HARMLESS.search(str(one.message))]


def remark_notes(remarks: list[str], name: str) -> tuple[Note, ...]:
    """Return remarks as notes, each once and counted.

    Examples
    --------
    >>> [(note.text, note.count) for note in remark_notes(["odd ring", "odd ring"], "town.gpkg")]
    [('remarks of GDAL on town.gpkg: odd ring', 2)]
    """
    texts = [clean_name(text, _LONGEST) for text in remarks]
    return tuple(
        Note("read", f"remarks of GDAL on {name}: {text}", texts.count(text)) for text in dict.fromkeys(texts)
    )
