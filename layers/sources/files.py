"""Opening files that people hand over: what they really hold, and one sentence when that is wrong."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from layers.core.errors import InputProblem
from layers.core.extract import SourceRecord

HEAD_BYTES = 4096
_LONGEST_BLOB_HEADER_BYTES = 65536

# content by its first bytes; the order matters where one beginning contains another
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"fgb\x03fgb", "a FlatGeobuf"),
    (b"\x00\x00\x27\x0a", "a Shapefile"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"II*\x00", "a TIFF raster"),
    (b"MM\x00*", "a TIFF raster"),
    (b"II+\x00", "a TIFF raster"),
    (b"MM\x00+", "a TIFF raster"),
)
OVERPASS, CITYJSON, CITYJSON_SEQ = "an Overpass JSON answer", "a CityJSON model", "a CityJSON sequence"
# what tells one JSON document from another stands near its beginning, or, in some, near its end
_JSON_LOOK_BYTES = 65536
_CITYJSON_TYPE = re.compile(rb'"type"\s*:\s*"CityJSON"')
_CITYJSON_FEATURE = re.compile(rb'"type"\s*:\s*"CityJSONFeature"')
_OVERPASS_MARK = re.compile(rb'"osm3s"\s*:|"generator"\s*:\s*"(?:Overpass|openstreetmap-cgimap)')
_ELEMENTS = re.compile(rb'"elements"\s*:\s*\[')
_GDAL_INDIRECTIONS = (b"<ogrvrt", b"<vrtdataset", b"<gdal_wms", b"<gdal_wmts", b"/vsicurl", b"/vsizip")


def describe_content(head: bytes) -> str:
    r"""Return in a few words what a file's first bytes look like.

    Examples
    --------
    >>> describe_content(b"PK\x03\x04..."), describe_content(b"<html><body>not found")
    ('a ZIP archive', 'a web page')
    """
    if not head:
        return "an empty file"
    if is_osm_pbf(head):
        return "an OpenStreetMap PBF extract"
    for beginning, description in _BEGINNINGS:
        if head.startswith(beginning):
            return description
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n\x1e").lower()
    if any(mark in text for mark in _GDAL_INDIRECTIONS):
        return "a file that points to other files or to the network"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if text.startswith(b"<"):
        if b"citymodel" in text[:2000]:
            return "a CityGML model"
        return "an OpenStreetMap XML extract" if b"<osm" in text[:1000] else "an XML document"
    if text.startswith((b"{", b"[")):
        return "a JSON document"
    return "text" if b"\x00" not in head else "binary data of an unknown kind"


def describe_file(path: Path, *, what: str) -> str:
    """Return in a few words what a file holds; JSON documents are told apart.

    Raises
    ------
    InputProblem
        See `read_head`.
    """
    content = describe_content(read_head(path, what=what))
    if content != "a JSON document":
        return content
    with path.open("rb") as stream:
        look = stream.read(_JSON_LOOK_BYTES)
        stream.seek(max(path.stat().st_size - _JSON_LOOK_BYTES, 0))
        end = stream.read()
    if _CITYJSON_TYPE.search(look) or _CITYJSON_TYPE.search(end):
        return CITYJSON_SEQ if _CITYJSON_FEATURE.search(look) or _CITYJSON_FEATURE.search(end) else CITYJSON
    if _OVERPASS_MARK.search(look) or _OVERPASS_MARK.search(end) or _ELEMENTS.search(look):
        return OVERPASS
    return content


def is_osm_pbf(head: bytes) -> bool:
    """Say whether bytes begin like a PBF extract: a short blob header named ``OSMHeader``."""
    return int.from_bytes(head[:4], "big") < _LONGEST_BLOB_HEADER_BYTES and b"OSMHeader" in head[4:64]


def read_head(path: Path, *, what: str) -> bytes:
    """Return the first bytes of a file that must be there, be a file and not be empty.

    Raises
    ------
    InputProblem
        When the path leads nowhere, to a folder, to an empty file or to one that may not be read.
    """
    cure = f"pass the path of {what}"
    try:
        str(path).encode()
    except UnicodeEncodeError as problem:
        raise InputProblem(f"{path.name} has a name that is no text; rename the file.") from problem
    if path.is_dir():
        raise InputProblem(f"{path.name or path} is a folder, not a file; {cure}.")
    if path.exists() and not path.is_file():
        raise InputProblem(f"{path.name} is not a regular file; {cure}.")
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except FileNotFoundError as problem:
        raise InputProblem(f"{path} does not exist; {cure}.") from problem
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise InputProblem(
            f"{path} cannot be opened ({reason}); check its permissions or {cure}."
        ) from problem
    if not head:
        raise InputProblem(f"{path.name} is empty (0 bytes); fetch it again or {cure}.")
    return head


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def source_record(path: Path, *, title: str, licence: str, attribution: str, date: str) -> SourceRecord:
    """Return the record of a file; only its name is kept, never the folders above it."""
    return SourceRecord(
        title=title,
        licence=licence,
        attribution=attribution,
        date=date,
        path=path.name,
        byte_count=path.stat().st_size,
        sha256=sha256_of(path),
    )
