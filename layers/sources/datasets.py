"""Which well-known data set a file is, by its columns: title, licence and attribution for every page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.core.extract import SourceRecord
from layers.core.text import clean_name
from layers.sources.column_names import plain_name
from layers.sources.files import source_record

_ODBL = "ODbL-1.0"
_OVERTURE_MARKS = frozenset({"names", "sources", "subtype", "class"})
_EUBUCCO_MARKS = frozenset({"idsource", "typesource"})
_MICROSOFT_COLUMNS = frozenset({"height", "confidence", "release", "capturedatesrange", "geometry"})
_BAG_MARKS = frozenset({"identificatie", "oorspronkelijkbouwjaar"})
_OSM_MARKS = frozenset({"osmid", "osmwayid", "osmtype", "othertags"})


def is_overture(columns: Iterable[str]) -> bool:
    """Say whether columns are those of Overture's buildings.

    Examples
    --------
    >>> is_overture(["id", "names", "sources", "subtype", "class", "height"]), is_overture(["names"])
    (True, False)
    """
    return set(columns) >= _OVERTURE_MARKS


def _parts(value: Any) -> Sequence[Any]:
    """Return a list as a Parquet table or a GeoJSON file holds it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return ()
    return list(value) if isinstance(value, list | tuple | np.ndarray) else ()


def _overture_datasets(frame: pd.DataFrame) -> list[str]:
    """Return the data sets that Overture took a file's buildings from."""
    if "sources" not in frame.columns:
        return []
    found = {
        clean_name(str(part.get("dataset") or ""), 60)
        for value in frame["sources"].tolist()
        for part in _parts(value)
        if isinstance(part, dict)
    }
    return sorted(found - {""})


def known_dataset(columns: Iterable[str], frame: pd.DataFrame) -> tuple[str, str, str] | None:
    """Return title, licence and attribution of a data set that its columns give away, or None.

    Examples
    --------
    >>> known_dataset(["height", "confidence"], pd.DataFrame())[0]
    "Microsoft's building footprints"
    """
    names = list(columns)
    plain = {plain_name(name) for name in names}
    if is_overture(names):
        made_of = _overture_datasets(frame)
        owners = ["© OpenStreetMap contributors" if name == "OpenStreetMap" else name for name in made_of]
        return "Overture Maps buildings", _ODBL, ", ".join([*owners, "Overture Maps Foundation"])
    if plain >= _EUBUCCO_MARKS:
        return "EUBUCCO", _ODBL, "EUBUCCO (Milojevic-Dupont et al.) and its sources"
    if {"height", "confidence"} <= plain <= _MICROSOFT_COLUMNS:
        return "Microsoft's building footprints", _ODBL, "© Microsoft"
    if any(name.startswith("b3_") for name in names) and "identificatie" in plain:
        return "3DBAG", "CC BY 4.0", "© 3DBAG by tudelft3d and 3DGI"
    if plain >= _BAG_MARKS:
        return "BAG, register of addresses and buildings of the Netherlands", "CC0 1.0", "Kadaster"
    if plain & _OSM_MARKS or "@id" in names:
        return "OpenStreetMap", _ODBL, "© OpenStreetMap contributors"
    return None


def source_of(path: Path, columns: Iterable[str], frame: pd.DataFrame) -> SourceRecord:
    """Return the record of a file: of its data set where that is known, else of its owner."""
    known = known_dataset(columns, frame)
    if known is None:
        return source_record(
            path,
            title=clean_name(path.stem),
            licence="as stated by its owner",
            attribution="own data",
            date="",
        )
    title, licence, attribution = known
    return source_record(
        path,
        title=f"{title} ({clean_name(path.name, 80)})",
        licence=licence,
        attribution=attribution,
        date="",
    )
