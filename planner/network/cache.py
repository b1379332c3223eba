"""Where fetched data stay: one file and one record beside it, both whole or not at all.

``<cache>/<country>-<town>/osm-1a2b….osm.pbf`` holds data under a name that contains their checksum;
``osm.json`` beside it names that file, its date, source, licence, question and checksum. The record is
put in place last and in one stroke: who reads sees the old data or the new, never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from layers.core.errors import InputProblem
from layers.core.extract import SourceRecord

CACHE_VARIABLE = "PLANNER_CACHE"
SUFFIXES = {
    "boundary": ".geojson",
    "osm": ".osm.pbf",
    "overture-buildings": ".parquet",
    "overture-streets": ".parquet",
    "weather": ".csv",
}
_PARTIAL = ".partial-"
_HASH_LETTERS = 12
_OLD_S = 24 * 3600.0


@dataclass(frozen=True)
class About:
    """What the record beside a file says.

    Attributes
    ----------
    town, title, country : str
        Slug, display name and two-letter code of the place.
    longitude_deg, latitude_deg : float
        Middle of the town.
    source, licence, attribution, url : str
        Of the data, as every page shows them.
    date, fetched : str
        Day of the data, and day on which they were fetched.
    service, query : str
        Who was asked, and what.
    """

    town: str
    title: str
    country: str
    longitude_deg: float
    latitude_deg: float
    source: str
    licence: str
    attribution: str
    url: str
    date: str
    fetched: str
    service: str
    query: str


@dataclass(frozen=True)
class Cached:
    """One file of the cache with its record."""

    kind: str
    path: Path
    sha256: str
    byte_count: int
    about: About

    def source_record(self) -> SourceRecord:
        """Return what every page and the manifest say about these data."""
        about = self.about
        return SourceRecord(
            title=about.source, licence=about.licence, attribution=about.attribution, date=about.date,
            path=self.path.name, byte_count=self.byte_count, sha256=self.sha256, url=about.url,
        )  # fmt: skip


def cache_folder() -> Path:
    """Return the folder of fetched data: ``PLANNER_CACHE``, else the system's place for caches."""
    own = os.environ.get(CACHE_VARIABLE, "").strip()
    if own:
        return Path(own).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "planner"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "planner"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "planner"


def town_folder(town: str, country: str) -> Path:
    """Return the folder of one town; towns of the same name in two countries stay apart."""
    return cache_folder() / f"{country.lower()}-{town}"


def find_towns(town: str = "*") -> list[Path]:
    """Return the folders of a town of any country, or of all towns."""
    return sorted(path for path in cache_folder().glob(f"[a-z][a-z]-{town}") if path.is_dir())


def read_record(folder: Path, kind: str) -> Cached | None:
    """Return a file by its record without looking into the file; None where either is missing."""
    try:
        record = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
        about = About(**{field.name: record[field.name] for field in fields(About)})
        path = folder / Path(record["file"]).name
        if path.stat().st_size != record["bytes"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Cached(kind, path, str(record["sha256"]), int(record["bytes"]), about)


def find_data(folder: Path, kind: str) -> Cached | None:
    """Return a file whose bytes are those of its record; None where it is missing or damaged."""
    cached = read_record(folder, kind)
    if cached is None or _sha256(cached.path) != cached.sha256:
        return None
    return cached


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Give a temporary folder on the cache's own disk, removed at the end.

    Raises
    ------
    InputProblem
        When the cache cannot be written to or its disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{_PARTIAL}*"):
            if time.time() - leftover.stat().st_mtime > _OLD_S:
                shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=folder, ignore_cleanup_errors=True) as room:
            yield Path(room)
    except OSError as problem:
        raise InputProblem(
            f"the cache {folder} cannot be written ({problem.strerror or problem}); "
            f"name another folder with {CACHE_VARIABLE}."
        ) from problem
    finally:
        with suppress(OSError):  # only where nothing was kept
            folder.rmdir()
            folder.parent.rmdir()


def store(folder: Path, kind: str, made: Path, about: About) -> Cached:
    """Move a finished file from its workshop into the cache and put its record in place."""
    sha256, size = _sha256(made), made.stat().st_size
    path = folder / f"{kind}-{sha256[:_HASH_LETTERS]}{SUFFIXES[kind]}"
    made.replace(path)
    record = {"file": path.name, "bytes": size, "sha256": sha256, **asdict(about)}
    written = made.with_name(f"{kind}.json")
    written.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(folder / f"{kind}.json")
    for old in folder.glob(f"{kind}-*{SUFFIXES[kind]}"):
        if old != path:
            old.unlink(missing_ok=True)
    return Cached(kind, path, sha256, size, about)
