"""`planner validate`: reproduce published results."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from layers.core.errors import CheckMissed
from planner.options import examples, json_option, quiet_option

_FILE = click.Path(path_type=Path)


@click.command(epilog=examples("planner validate", "planner validate demand"))
@click.argument("subject", type=click.Choice(["demand", "solar", "network"]), required=False)
@click.option(
    "--examples", "example_file", type=_FILE, metavar="CSV",
    help="Demand: example buildings of your own in the columns of TABULA's; only they are checked.",
)  # fmt: skip
@click.option("--pvgis", type=_FILE, metavar="CSV", help="Solar: hourly results of PVGIS.")
@click.option("--pvwatts", type=_FILE, metavar="CSV", help="Solar: hourly results of PVWatts.")
@click.option(
    "--stp", type=_FILE, multiple=True, metavar="FILE",
    help="Network: a graph of SteinLib; weight, bound and seconds are told. May be repeated.",
)  # fmt: skip
@json_option
@quiet_option
def validate(
    subject: str | None,
    example_file: Path | None,
    pvgis: Path | None,
    pvwatts: Path | None,
    stp: tuple[Path, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare the program with published results, and its parts with each other.

    Without SUBJECT everything is checked. Ends with exit code 5 when a bound is missed.
    """
    from planner.validation.check import Options
    from planner.validation.report import json_text, run_checks, subjects_for, table_text

    options = Options(examples=example_file, pvgis=pvgis, pvwatts=pvwatts, stp=stp)
    found = list(run_checks(subjects_for(subject, options), options, None if quiet else sys.stderr))
    click.echo(json_text(found) if as_json else table_text(found))
    missed = [check for check in found if not check.passed]
    if missed:
        first = missed[0]
        raise CheckMissed(
            f"{len(missed)} of {len(found)} checks missed their bound, first {first.subject}, {first.name}: "
            f"found {first.found:.4g}, bound {first.bound} {first.unit}."
        )
