"""`planner init`: a settings file with every setting, its default, unit and meaning."""

from __future__ import annotations

from pathlib import Path

import click

from layers.core.errors import UsageProblem
from planner.options import examples


@click.command(epilog=examples("planner init planner.toml"))
@click.argument("file", type=click.Path(path_type=Path), default=Path("planner.toml"))
@click.option("--force", is_flag=True, help="Replace the file.")
def init(file: Path, force: bool) -> None:
    """Write a settings file to edit and hand to --config."""
    from planner.config import RunConfig, settings_text

    if file.exists() and not force:
        raise UsageProblem(f"{file} exists; add --force to replace it, or name another file.")
    try:
        file.write_text(settings_text(RunConfig()), encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"{file} cannot be written ({problem.strerror}).") from problem
    click.echo(str(file))
