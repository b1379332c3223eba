"""`planner cities`: the places that the program knows."""

from __future__ import annotations

import json

import click

from planner.options import examples, json_option


@click.command(epilog=examples("planner cities"))
@json_option
def cities(as_json: bool) -> None:
    """List the cities and samples, their role, and which have data on this machine."""
    from planner.catalogue import read_catalogue
    from planner.fetched import fetched_towns

    towns = fetched_towns()
    listed = read_catalogue()
    known = {(place.slug, place.country) for place in listed}
    places = [*listed, *(town.place for key, town in sorted(towns.items()) if key not in known)]
    texts = [
        town.text
        if (town := towns.get((place.slug, place.country))) and not place.extract
        else place.data_text
        for place in places
    ]
    if as_json:
        rows = [
            {"slug": place.slug, "title": place.title, "country": place.country, "role": place.role,
             "data": text}
            for place, text in zip(places, texts, strict=True)
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    width = max(len(place.slug) for place in places)
    for place, text in zip(places, texts, strict=True):
        click.echo(f"{place.slug:<{width}}  {place.country}  {place.role:<42}  {text}")
