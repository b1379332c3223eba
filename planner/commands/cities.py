"""`planner cities`: the places that the program knows."""

from __future__ import annotations

import json

import click

from planner.options import json_option


@click.command()
@json_option
def cities(as_json: bool) -> None:
    r"""List the cities and samples, their role, and which have data on this machine.

    \b
    Example:
      planner cities
    """
    from planner.catalogue import read_catalogue

    places = read_catalogue()
    if as_json:
        rows = [
            {"slug": place.slug, "title": place.title, "country": place.country, "role": place.role,
             "data": place.data_text}
            for place in places
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    width = max(len(place.slug) for place in places)
    for place in places:
        click.echo(f"{place.slug:<{width}}  {place.country}  {place.role:<42}  {place.data_text}")
