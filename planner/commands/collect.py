"""`planner collect`: what to survey next."""

from __future__ import annotations

from pathlib import Path

import click

from planner.options import examples, quiet_option


@click.command(
    epilog=examples(
        "planner collect runs/helsinki",
        "planner collect runs/helsinki --district d03 --most 50 --out d03.csv",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--most", type=click.IntRange(1, 1_000_000), default=200, help="Rows at most. Default 200.")
@click.option("--district", metavar="ID", help="Only this district, by what narrows its own heat.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Default survey-<city>.csv.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@quiet_option
def collect(run: Path, most: int, district: str | None, out: Path | None, force: bool, quiet: bool) -> None:
    """List the storeys, years and uses that would narrow the heat of a run most.

    RUN is a run folder. The list is a table of corrections, most worth knowing first: fill in value and
    source, delete nothing, and hand it to `planner assess` with --corrections. Rows that stay empty count
    for nothing.
    """
    from planner.collection import collect as write_list

    written = write_list(run, most_count=most, out=out, district_id=district, force=force)
    if not quiet:
        click.echo(written.sentence, err=True)
    click.echo(str(written.path))
