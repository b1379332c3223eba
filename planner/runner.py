"""One run from request to folder: read, assess, write, and only then give it its name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.core import facts
from layers.core.text import for_terminal
from planner import crash
from planner.acquire import Request, read_inputs
from planner.progress import Progress
from planner.run_folder import choose_folder, new_run, recover
from planner.settling import fetch_missing, settle_place

if TYPE_CHECKING:
    from planner.config import RunConfig
    from planner.steps import StepLog
    from reports.inputs import Assessment


@dataclass(frozen=True)
class Run:
    """A finished run: where it is, and the city's totals."""

    folder: Path
    totals: Mapping[str, float]


def run_assessment(
    request: Request,
    *,
    config_path: Path | None,
    changes: dict[str, Any],
    out: Path | None,
    force: bool,
    quiet: bool,
) -> Run:
    """Assess a city and write its run folder.

    Parameters
    ----------
    request : Request
        What to assess.
    config_path : Path or None
        Settings file.
    changes : dict
        Settings given on the command line.
    out, force
        Where to, and whether an older run there may be replaced.
    quiet : bool
        No progress on stderr.
    """
    place = settle_place(request)
    if out is not None:
        recover(out)
    target = choose_folder(place.slug, out, force=force)
    crash.keep_log_in(target.parent / f"{target.name}-crash")
    with facts.recording() as used:
        from planner.config import read_settings

        config = read_settings(config_path, changes)
        progress = Progress(_step_names(request), quiet=quiet)
        progress.say(f"planner assesses {place.title}{': ' + place.subtitle if place.subtitle else ''}")
        try:
            fetch_missing(request, place, progress.say)
            with new_run(target) as run:
                assessment = _assess(request, config, progress, used, run.folder)
        finally:
            progress.close()
    return Run(run.target, assessment.totals)


def _step_names(request: Request) -> tuple[str, ...]:
    from planner.pipeline import step_names

    return step_names(is_calibrated=request.calibrate is not None)


def _assess(
    request: Request, config: RunConfig, progress: Progress, used: set[facts.Fact], folder: Path
) -> Assessment:
    from planner.pipeline import assess_city
    from planner.steps import StepLog

    log = StepLog(progress)
    started = time.perf_counter()
    inputs = read_inputs(request, config)
    assessment = assess_city(inputs, config, log, used)
    _write(assessment, request, inputs.files, config, log, folder, started)
    return assessment


def _write(
    assessment: Assessment,
    request: Request,
    files: dict[str, Path],
    config: RunConfig,
    log: StepLog,
    folder: Path,
    started: float,
) -> None:
    from planner.config import settings_dict, settings_text
    from planner.manifest import build_manifest, write_manifest
    from reports.exports import write_all
    from reports.map import write_map
    from reports.quality import write_quality
    from reports.summary import write_summary

    before = time.perf_counter()
    write_all(assessment, folder)
    log.note_output("tables", time.perf_counter() - before)
    before = time.perf_counter()
    write_map(assessment, folder / "map.html", public=False)
    write_map(assessment, folder / "map-public.html", public=True)
    log.note_output("maps", time.perf_counter() - before)
    before = time.perf_counter()
    write_summary(assessment, folder / "summary.html")
    write_quality(assessment, folder / "quality.html")
    log.note_output("summary", time.perf_counter() - before)
    (folder / "run.toml").write_text(settings_text(config), encoding="utf-8")
    manifest = build_manifest(
        request=_request_record(request),
        settings=settings_dict(config),
        sources=assessment.sources,
        inputs=files,
        steps=log.records,
        facts=assessment.facts_used,
        notes=assessment.notes,
        totals=assessment.totals,
        folder=folder,
    )
    write_manifest(manifest, folder)
    lines = [*log.lines, f"{'all':<18} {time.perf_counter() - started:8.3f} s"]
    lines += [f"note: {note.step}: {note.text}" for note in assessment.notes]
    (folder / "log.txt").write_text("".join(f"{for_terminal(line)}\n" for line in lines), encoding="utf-8")


def _request_record(request: Request) -> dict[str, Any]:
    record = {
        "city": request.city, "country": request.country, "layer": request.layer, "crs": request.crs,
        "source": request.source, "release": request.release,
        "map": list(request.mapping) or None, "join_wins": request.join_wins or None,
    }  # fmt: skip
    paths = {role: str(path.resolve()) for role, path in request.files.items()}
    return {key: value for key, value in {**record, **paths}.items() if value is not None}
