"""Repeat a run in a temporary folder and compare it with its manifest, step by step."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from layers.core.errors import CheckMissed, InputProblem
from planner.acquire import JOIN_ROLE, Request
from planner.catalogue import SAMPLE_ROLE, SAMPLES
from planner.fetched import KINDS, WEATHER_ROLE
from planner.manifest import file_sha256, read_manifest, versions

_PATHS = ("osm", "buildings", "streets", "districts", "district_names", "corrections", "existing_network",
    "network_streets", "climate", "surface", "terrain", "calibrate", "archetypes",
)  # fmt: skip


def verify_run(folder: Path, *, quiet: bool) -> str:
    """Repeat a run and return a sentence that says that everything is equal.

    Raises
    ------
    InputProblem
        When the folder is no run, or an input file is gone.
    CheckMissed
        When a file of the run was changed, an input differs, or a step gives something else.
    """
    from planner.runner import run_assessment

    manifest = read_manifest(folder)
    _check_files(folder, manifest)
    _check_inputs(manifest)
    with tempfile.TemporaryDirectory(prefix="planner-verify-") as scratch:
        again = run_assessment(
            _request(manifest), config_path=folder / "run.toml", changes={},
            out=Path(scratch) / "run", force=False, quiet=quiet,
        )  # fmt: skip
        repeated = read_manifest(again.folder)
    _check_steps(manifest, repeated)
    _check_outputs(manifest, repeated)
    return f"{folder}: {len(manifest['steps'])} steps and {len(manifest['files'])} files are equal."


def _request(manifest: dict[str, Any]) -> Request:
    asked = manifest["request"]
    paths: dict[str, Any] = {role: Path(asked[role]) if asked.get(role) else None for role in _PATHS}
    request = Request(
        city=asked["city"],
        country=asked.get("country"),
        layer=asked.get("layer"),
        crs=asked.get("crs"),
        mapping=tuple(asked.get("map", ())),
        joins=tuple(Path(asked[role]) for role in _join_roles(asked)),
        join_wins=bool(asked.get("join_wins")),
        **paths,
    )
    return dataclasses.replace(
        request, source=_fetched_source(manifest), offline=True,
        fetched_weather=WEATHER_ROLE in manifest["inputs"],
    )  # fmt: skip


def _join_roles(asked: dict[str, Any]) -> list[str]:
    """Return the roles of joined files in their order."""
    roles = [role for role in asked if role.startswith(JOIN_ROLE) and role != "join_wins"]
    return sorted(roles, key=lambda role: int(role.removeprefix(JOIN_ROLE)))


def _fetched_source(manifest: dict[str, Any]) -> str | None:
    """Return where the run's footprints were fetched from; its repetition must take the same."""
    for source, kinds in KINDS.items():
        if f"fetched_{kinds[0].replace('-', '_')}" in manifest["inputs"]:
            return source
    return None


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    changed = [
        name for name, checksum in manifest["files"].items()
        if not (folder / name).is_file() or file_sha256(folder / name) != checksum
    ]  # fmt: skip
    if changed:
        raise CheckMissed(
            f"{folder}: {', '.join(changed)} changed or went missing after the run was written."
        )


def _check_inputs(manifest: dict[str, Any]) -> None:
    for role, record in manifest["inputs"].items():
        path = SAMPLES / record["path"] if role == SAMPLE_ROLE else Path(record["path"])
        if not path.is_file():
            raise InputProblem(f"{path} ({role}) is no longer there; put it back to repeat the run.")
        if file_sha256(path) != record["sha256"]:
            raise CheckMissed(f"{path} ({role}) is not the file that the run read; its checksum differs.")


def _version_hint(manifest: dict[str, Any]) -> str:
    now = versions()
    other = [
        f"{name} {before} then, {now.get(name, 'missing')} now"
        for name, before in manifest["versions"].items()
        if now.get(name) != before
    ]
    return f" Versions differ: {'; '.join(other)}." if other else ""


def _check_steps(manifest: dict[str, Any], repeated: dict[str, Any]) -> None:
    pairs = zip(manifest["steps"], repeated["steps"], strict=False)
    for before, after in pairs:
        if before != after:
            raise CheckMissed(
                f"the step {before['name']!r} is the first that differs: {before['rows']:,} rows "
                f"({before['checksum'][:12]}) then, {after['name']!r} with {after['rows']:,} rows "
                f"({after['checksum'][:12]}) now.{_version_hint(manifest)}"
            )
    if len(manifest["steps"]) != len(repeated["steps"]):
        raise CheckMissed(
            f"the run has {len(manifest['steps'])} steps, its repetition {len(repeated['steps'])}."
            f"{_version_hint(manifest)}"
        )


def _check_outputs(manifest: dict[str, Any], repeated: dict[str, Any]) -> None:
    different = [
        name for name, checksum in manifest["files"].items() if repeated["files"].get(name) != checksum
    ]
    if different:
        raise CheckMissed(
            f"every step is equal, but {', '.join(different)} came out with other bytes."
            f"{_version_hint(manifest)}"
        )
