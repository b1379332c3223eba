"""`planner fetch`: put a town's data on this machine, and nothing else."""

from __future__ import annotations

import json

import click

from layers.core.errors import DataMissing
from planner.options import examples, json_option, quiet_option, source_options


@click.command(
    epilog=examples("planner fetch tartu", "planner fetch viljandi --country EE --source overture")
)
@click.argument("city")
@click.option("--country", metavar="CODE", help="Two-letter country code of a town that is not listed.")
@source_options
@click.option("--refresh", is_flag=True, help="Ask again for what is already here.")
@json_option
@quiet_option
def fetch(
    city: str,
    country: str | None,
    source: str | None,
    release: str | None,
    refresh: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fetch a town's boundary, footprints, streets and typical year of weather.

    CITY is a name from `planner cities`, or any town together with --country. Later runs of
    `planner assess` use what was fetched and open no connection. Prints the files on stdout.
    """
    from planner.acquire import Request
    from planner.fetched import SOURCES
    from planner.fetching import Errand, fetch_town
    from planner.settling import settle_place

    place = settle_place(Request(city=city, country=country, source=source, release=release))
    errand = Errand(
        place, source or SOURCES[0], release, refresh=refresh,
        say=lambda text: None if quiet else click.echo(text, err=True),
    )  # fmt: skip
    # the footprints of samples are carried; only their weather can be fetched
    fetched = fetch_town(errand, footprints=place.extract is None)
    files = [*fetched.data, *([fetched.weather] if fetched.weather else [])]
    if as_json:
        rows = [
            {"kind": one.kind, "path": str(one.path), "bytes": one.byte_count, "sha256": one.sha256,
             "source": one.about.source, "licence": one.about.licence, "date": one.about.date,
             "fetched": one.about.fetched}
            for one in files
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in files:
            click.echo(str(one.path))
    if fetched.weather is None:
        kept = " The footprints are kept." if fetched.data else ""
        raise DataMissing(
            f"{fetched.weather_problem}.{kept} Without a typical year, hours of weather are made from "
            f"monthly means; `planner fetch {place.slug}` asks again."
        )
