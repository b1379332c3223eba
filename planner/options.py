"""Options that several commands share, defined once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)


def examples(*lines: str) -> str:
    """Return the end of a command's help: what a person may type."""
    head = "Example:" if len(lines) == 1 else "Examples:"
    return "\b\n" + "\n".join([head, *(f"  {line}" for line in lines)])


def _stack(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


input_options = _stack(
    click.option("--country", metavar="CODE", help="Two-letter country code, for example DE."),
    click.option("--osm", type=_FILE, metavar="FILE", help="OpenStreetMap: .osm.pbf, .osm, Overpass JSON."),
    click.option("--buildings", type=_FILE, metavar="FILE", help="Building footprints from another source."),
    click.option("--streets", type=_FILE, metavar="FILE", help="Streets for --buildings; an extract too."),
    click.option("--layer", metavar="NAME", help="Layer of the --buildings file."),
    click.option("--crs", metavar="EPSG", help="Coordinate system of files that name none."),
    click.option(
        "--map", "mapping", multiple=True, metavar="NAME=COLUMN",
        help="Column that is not recognised, for example height_m=HOEHE. May be repeated.",
    ),
    click.option(
        "--join", "joins", type=_FILE, multiple=True, metavar="FILE",
        help="What another file knows of the same buildings: heights, ages, uses. May be repeated.",
    ),
    click.option("--join-wins", is_flag=True, help="Values of --join replace those of the footprints."),
    click.option("--surface", type=_FILE, metavar="TIF", help="Surface model: heights, roofs, shade."),
    click.option("--terrain", type=_FILE, metavar="TIF", help="Terrain model: the ground, and hills."),
    click.option("--districts", type=_FILE, metavar="FILE", help="Your own district outlines."),
    click.option("--district-names", type=_FILE, metavar="CSV", help="Names: district_id,name."),
    click.option("--existing-network", type=_FILE, metavar="FILE", help="Lines of the network there is."),
    click.option(
        "--network-streets", type=_FILE, metavar="CSV",
        help="Streets a pipe must or must not lie in: street_id,rule (forced, forbidden),reason.",
    ),
    click.option("--climate", type=_FILE, metavar="FILE", help="Hours of weather: EPW, or PVGIS."),
    click.option(
        "--archetypes", type=_FILE, metavar="CSV",
        help="Values of your own typology: archetype_id or use and years, values, source.",
    ),
    click.option(
        "--calibrate", type=_FILE, metavar="CSV",
        help="Known totals of heat: level,id,sector,quantity,value,unit,year,source.",
    ),
    click.option(
        "--corrections", type=_FILE, metavar="CSV",
        help="What you know better: building_id,column,value,source.",
    ),
)  # fmt: skip

source_options = _stack(
    click.option(
        "--source", type=click.Choice(["osm", "overture"]),
        help="Where footprints are fetched from. Default osm (OpenStreetMap).",
    ),
    click.option("--release", metavar="NAME", help="Release of Overture, for example 2026-11-18.0."),
)  # fmt: skip

run_options = _stack(
    click.option("--config", type=_FILE, metavar="TOML", help="Settings; see `planner init`."),
    click.option("--rules", metavar="NAME", help="Rule set for district heating, for example kwp."),
    click.option("--seed", type=click.IntRange(min=0), help="Seed of all chance. Default 1."),
    click.option(
        "--pv-mode", type=click.Choice(["pvgis", "pvwatts"]),
        help="Convention of solar yields; the two are never mixed. Default pvgis.",
    ),
    click.option(
        "--hourly-buildings", is_flag=True, default=None,
        help="Write the hours of every building too; some 0.05 MB each.",
    ),
    click.option("--draws", type=click.IntRange(20, 10_000), help="Draws behind every range. Default 200."),
    click.option(
        "--grid", type=click.FloatRange(100, 10_000), metavar="METRES",
        help="Squares of this side as districts, for example 500.",
    ),
    click.option(
        "--district-size", type=click.IntRange(5, 5000), metavar="N",
        help="Buildings wanted in a district. Default about 250.",
    ),
)  # fmt: skip

output_options = _stack(
    click.option("--out", type=_FILE, metavar="DIR", help="Run folder. Default runs/<city>, next free."),
    click.option("--force", is_flag=True, help="Replace the run in --out."),
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress on stderr.")
