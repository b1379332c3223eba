"""`planner verify`: repeat a run and see that nothing differs."""

from __future__ import annotations

from pathlib import Path

import click

from planner.options import examples, quiet_option


@click.command(epilog=examples("planner verify runs/helsinki"))
@click.argument("run", type=click.Path(path_type=Path))
@quiet_option
def verify(run: Path, quiet: bool) -> None:
    """Repeat a run and name the first step that differs.

    Ends with exit code 5 when an input, a step or a file is not as the run's manifest says.
    """
    from planner.verification import verify_run

    click.echo(verify_run(run, quiet=quiet))
