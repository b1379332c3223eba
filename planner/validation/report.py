"""Run the checks of subjects and put them into words: table, JSON, the page of the documentation."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO, cast

from layers.core.errors import UsageProblem
from layers.core.text import for_terminal
from planner import __version__
from planner.validation.check import Check, Criterion, Options, Subject

# one module of this package each, in the order in which they run
SUBJECTS: tuple[str, ...] = ("demand", "solar", "network")
STORED = Path(__file__).resolve().parent.parent / "data" / "validation.json"
_FIGURES = 3


def load(subject: str) -> Subject:
    """Return the module of a subject."""
    return cast(Subject, import_module(f"planner.validation.{subject}"))


def criteria(subjects: Iterable[str] = SUBJECTS) -> tuple[Criterion, ...]:
    """Return every criterion of the subjects, without measuring anything."""
    return tuple(criterion for subject in subjects for criterion in load(subject).CRITERIA)


def subjects_for(subject: str | None, options: Options) -> tuple[str, ...]:
    """Return the subjects to run; a file given for one of them asks for that one alone.

    Raises
    ------
    UsageProblem
        When a file belongs to another subject than the one that was named.
    """
    files: dict[str, tuple[Path | None, ...]] = {
        "demand": (options.examples,), "solar": (options.pvgis, options.pvwatts), "network": options.stp,
    }  # fmt: skip
    wanted = tuple(name for name in SUBJECTS if any(one is not None for one in files.get(name, ())))
    if subject is None:
        return wanted or SUBJECTS
    if wanted and wanted != (subject,):
        other = next(name for name in wanted if name != subject)
        raise UsageProblem(
            f"a file was given that belongs to the checks of {other}, not to those of {subject}; "
            f"write `planner validate {other}`, or leave the file out."
        )
    return (subject,)


def run_checks(subjects: Sequence[str], options: Options, stream: TextIO | None) -> Iterator[Check]:
    """Yield each check when it is measured, and say so on the stream."""
    if stream is not None:
        options = dataclasses.replace(options, say=lambda text: _write(stream, f"  {text}"))
    for subject in subjects:
        module = load(subject)
        started = time.perf_counter()
        for number, check in enumerate(module.checks(options), 1):
            seconds, started = time.perf_counter() - started, time.perf_counter()
            count = max(len(module.CRITERIA), number)
            mark = "ok" if check.passed else "MISSED"
            if stream is not None:
                _write(stream, f"[{subject} {number:>2}/{count}] {mark:<6} {check.name}  {seconds:.1f} s")
            yield check


def _write(stream: TextIO, line: str) -> None:
    stream.write(for_terminal(line) + "\n")
    stream.flush()


def figures_text(value: float) -> str:
    """Return a value with three figures.

    Examples
    --------
    >>> figures_text(0.04321), figures_text(1234.6), figures_text(4.4e-13), figures_text(0.0)
    ('0.0432', '1230', '4.4e-13', '0')
    """
    rounded = float(f"{value:.{_FIGURES}g}")
    return f"{rounded:.0f}" if abs(rounded) >= 10 ** (_FIGURES - 1) else f"{rounded:g}"


def table_text(checks: Sequence[Check]) -> str:
    """Return the checks as an aligned table."""
    rows = [("subject", "what", "found", "bound", "unit", "", "note")]
    rows += [
        (
            check.subject, check.name, figures_text(check.found), check.bound, check.unit,
            "passed" if check.passed else "MISSED", check.note,
        )
        for check in checks
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            text.rjust(width) if column == 2 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    missed = sum(not check.passed for check in checks)
    closing = f"{len(checks)} checks, {missed} missed." if missed else f"{len(checks)} checks, all passed."
    return "\n".join([*lines, "", closing])


def json_text(checks: Sequence[Check]) -> str:
    """Return the checks as JSON with the version and the day; values have three figures more than shown."""
    rows = [dataclasses.asdict(check) | {"found": float(f"{check.found:.6g}")} for check in checks]
    # NaN is no JSON
    rows = [row | {"found": row["found"] if row["found"] == row["found"] else None} for row in rows]
    head = {"version": __version__, "date": date.today().isoformat(), "checks": rows}
    return json.dumps(head, ensure_ascii=False, indent=1)


def read_stored() -> dict[str, dict[str, Any]]:
    """Return the stored results of each subject: version, day and checks."""
    return cast(dict[str, dict[str, Any]], json.loads(STORED.read_text(encoding="utf-8")))


def store(subject: str, checks: Sequence[Check]) -> None:
    """Replace the stored results of a subject."""
    kept = {name: rows for name, rows in read_stored().items() if name in SUBJECTS}
    kept[subject] = json.loads(json_text(checks))
    ordered = {name: kept[name] for name in SUBJECTS if name in kept}
    STORED.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _rows(checks: list[dict[str, Any]]) -> list[str]:
    lines = ["| what | found | bound | unit | | compared with | note |"]
    lines += ["| --- | ---: | --- | --- | --- | --- | --- |"]
    return lines + [
        f"| {row['name']} | {'no number' if row['found'] is None else figures_text(row['found'])} "
        f"| {row['bound']} | {row['unit']} | {'passed' if row['passed'] else '**missed**'} "
        f"| {row['source']} | {row['note']} |"
        for row in checks
    ]


def validation_page() -> str:
    """Return the page of the documentation from the stored results."""
    lines = [
        "# Validation",
        "",
        "<!-- made by `python -m planner.validation.record`; edit the code, not this page -->",
        "",
        "`planner validate` compares the program with published results and its parts with each other; "
        "it ends with exit code 5 when a bound is missed. The tables below are what it found when they "
        "were last measured. How the heat demand is validated, and why countries differ: "
        "[demand](methods/demand_validation.md).",
    ]
    for subject, told in read_stored().items():
        lines += ["", f"## {subject.capitalize()}", ""]
        lines += [f"Measured on {told['date']} with version {told['version']}.", "", *_rows(told["checks"])]
    return "\n".join(lines) + "\n"
