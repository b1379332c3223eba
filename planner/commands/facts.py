"""`planner facts`: every constant, with its unit, range and source."""

from __future__ import annotations

import json

import click

from layers.core.errors import UsageProblem
from planner.options import examples, json_option


@click.command(epilog=examples("planner facts heat"))
@click.argument("subject", required=False)
@click.option("--estimates", is_flag=True, help="Only numbers that have no published source.")
@json_option
def facts(subject: str | None, estimates: bool, as_json: bool) -> None:
    """List the numbers that the methods use, with their sources.

    Without SUBJECT it lists the subjects.
    """
    from dataclasses import asdict

    from layers.core.facts import read_facts, read_sources, subjects

    known = subjects()
    if subject is not None and subject not in known:
        raise UsageProblem(f"there are no facts about {subject!r}; choose from {', '.join(known)}.")
    chosen = [subject] if subject else known
    found = [
        fact for name in chosen for fact in read_facts(name).values() if fact.is_estimate or not estimates
    ]
    if as_json:
        click.echo(json.dumps([asdict(fact) for fact in found], ensure_ascii=False, indent=1))
        return
    if subject is None and not estimates:
        for name in known:
            rows = list(read_facts(name).values())
            count = sum(fact.is_estimate for fact in rows)
            click.echo(f"{name:<22} {len(rows):>4} facts, {count} of them estimates")
        return
    sources = read_sources()
    for fact in found:
        spread = f" ({fact.low:g} to {fact.high:g})" if fact.low is not None and fact.high is not None else ""
        source = sources.get(fact.source_id)
        origin = source.citation if source else fact.source_id
        click.echo(
            f"{fact.subject}/{fact.id}: {fact.value:g}{spread} {fact.unit} | {fact.parameter} | {origin}"
        )
