"""The manifest: everything needed to repeat a run and to see that nothing differs."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from layers.core.errors import InputProblem
from layers.core.extract import Note, SourceRecord
from layers.core.facts import Fact
from planner import __version__
from planner.catalogue import SAMPLE_ROLE
from planner.run_folder import MANIFEST
from planner.steps import StepRecord

# timings differ from run to run; these files stand outside of "equal bytes"
OUTSIDE = (MANIFEST, "log.txt")
_PACKAGES = (
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "scipy", "scikit-learn",
    "numba", "pvlib", "osmium", "pyarrow", "folium", "branca", "jinja2",
)  # fmt: skip


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Return the versions that decide about a run's bytes."""
    found = {"planner": __version__, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in _PACKAGES}


def build_manifest(
    *,
    request: Mapping[str, Any],
    settings: Mapping[str, Any],
    sources: Iterable[SourceRecord],
    inputs: Mapping[str, Path],
    steps: Iterable[StepRecord],
    facts: Iterable[Fact],
    notes: Iterable[Note],
    totals: Mapping[str, float],
    folder: Path,
) -> dict[str, Any]:
    """Return the manifest of a run whose files stand in `folder`."""
    step_list = list(steps)
    fact_list = sorted(facts, key=lambda fact: (fact.subject, fact.id))
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in OUTSIDE)
    return {
        "format": 1,
        "versions": versions(),
        "request": dict(request),
        "settings": dict(settings),
        "inputs": {
            role: {
                # a carried sample is found by name on every machine, a user's file by its path
                "path": path.name if role == SAMPLE_ROLE else str(path.resolve()),
                "bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for role, path in sorted(inputs.items())
        },
        "sources": [
            {
                "title": s.title,
                "licence": s.licence,
                "attribution": s.attribution,
                "date": s.date,
                "url": s.url,
            }
            for s in sources
        ],
        "steps": [{"name": s.name, "rows": s.row_count, "checksum": s.checksum} for s in step_list],
        "seconds": {s.name: round(s.seconds, 3) for s in step_list},
        "facts": [f"{f.subject}/{f.id}" for f in fact_list],
        "estimate_count": sum(f.is_estimate for f in fact_list),
        "totals": {name: None if number != number else number for name, number in totals.items()},
        "notes": [{"step": n.step, "text": n.text, "count": n.count} for n in notes],
        "files": {path.name: file_sha256(path) for path in files},
    }


def write_manifest(manifest: Mapping[str, Any], folder: Path) -> None:
    """Write a manifest into its run folder."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        # a path may hold bytes that are no text; JSON's escapes keep them as they are
        content = json.dumps(manifest, indent=1).encode()
    (folder / MANIFEST).write_bytes(content + b"\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a run's manifest.

    Raises
    ------
    InputProblem
        When the folder holds no run, or a damaged one.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise InputProblem(
            f"{folder} is not a run: it has no {MANIFEST}. Name a folder under runs/."
        ) from problem
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise InputProblem(f"{path} is damaged ({problem}); run `planner assess` again.") from problem
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise InputProblem(f"{path} was not written by this version of planner; run `planner assess` again.")
    return manifest
