"""`planner assess`: the whole line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from planner.options import (
    examples,
    input_options,
    json_option,
    output_options,
    quiet_option,
    run_options,
    source_options,
)


@click.command(
    epilog=examples(
        "planner assess helsinki",
        "planner assess tartu",
        "planner assess mytown --osm extract.osm.pbf --country DE",
    )
)
@click.argument("city")
@input_options
@source_options
@run_options
@output_options
@click.option("--offline", is_flag=True, help="Open no connection; say what is missing.")
@json_option
@quiet_option
def assess(
    city: str,
    country: str | None,
    osm: Path | None,
    buildings: Path | None,
    streets: Path | None,
    layer: str | None,
    crs: str | None,
    mapping: tuple[str, ...],
    joins: tuple[Path, ...],
    join_wins: bool,
    surface: Path | None,
    terrain: Path | None,
    districts: Path | None,
    district_names: Path | None,
    existing_network: Path | None,
    network_streets: Path | None,
    corrections: Path | None,
    archetypes: Path | None,
    calibrate: Path | None,
    climate: Path | None,
    source: str | None,
    release: str | None,
    config: Path | None,
    rules: str | None,
    seed: int | None,
    pv_mode: str | None,
    hourly_buildings: bool | None,
    draws: int | None,
    grid: float | None,
    district_size: int | None,
    out: Path | None,
    force: bool,
    offline: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Assess a city: heat, rooftop solar, district heating, lighthouses; maps and tables.

    CITY is a name from `planner cities`, any town together with --country, or any name together with
    --osm or --buildings and --country. Data of a town that are not on this machine are fetched first;
    with data at hand no connection is opened.
    """
    import json

    from planner.acquire import Request
    from planner.runner import run_assessment

    request = Request(
        city=city, country=country, osm=osm, buildings=buildings, streets=streets, layer=layer, crs=crs,
        districts=districts, district_names=district_names, corrections=corrections,
        mapping=mapping, joins=joins, join_wins=join_wins, surface=surface, terrain=terrain,
        existing_network=existing_network, network_streets=network_streets,
        climate=climate, source=source, release=release, offline=offline,
        calibrate=calibrate, archetypes=archetypes,
    )  # fmt: skip
    run = run_assessment(
        request, config_path=config,
        changes={
            "rules": rules, "seed": seed, "draw_count": draws,
            "hourly_buildings": hourly_buildings, "planes": {"mode": pv_mode},
            "districts": _district_changes(districts, grid, district_size),
        },
        out=out, force=force, quiet=quiet,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"run": str(run.folder), "totals": run.totals}, ensure_ascii=False))
    else:
        click.echo(str(run.folder))


def _district_changes(outlines: Path | None, grid_m: float | None, size_count: int | None) -> dict[str, Any]:
    """Return the settings of the districts; they are one thing or another."""
    from layers.core.errors import UsageProblem

    given = {"--districts": outlines, "--grid": grid_m, "--district-size": size_count}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise UsageProblem(f"{' and '.join(named)} exclude each other; give one of them.")
    return {"grid_m": grid_m, "wanted_count": size_count}
