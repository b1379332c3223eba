"""`planner columns`: the data dictionary."""

from __future__ import annotations

import json

import click

from layers.core.errors import UsageProblem
from planner.options import examples, json_option


@click.command(epilog=examples("planner columns districts"))
@click.argument("table", required=False)
@json_option
def columns(table: str | None, as_json: bool) -> None:
    """List every column of the results: table, layer, unit, range, meaning."""
    from planner.dictionary import dictionary_rows

    rows = dictionary_rows()
    tables = sorted({row["table"] for row in rows})
    if table is not None and table not in tables:
        raise UsageProblem(f"there is no table {table!r}; choose from {', '.join(tables)}.")
    chosen = [row for row in rows if table in (None, row["table"])]
    if as_json:
        click.echo(json.dumps(chosen, ensure_ascii=False, indent=1))
        return
    for row in chosen:
        unit = f" [{row['unit']}]" if row["unit"] else ""
        click.echo(f"{row['table']}.{row['name']}{unit} ({row['layer']}): {row['meaning']}")
