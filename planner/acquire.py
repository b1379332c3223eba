"""What `assess CITY` needs: the carried sample, or the user's own files.

Reads files; opens no network connection.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layers.core.countries import check_country
from layers.core.errors import DataMissing, InputProblem, UsageProblem
from layers.core.text import clean_name, slug
from planner.catalogue import SAMPLE_ROLE, Place, find_place, similar_names

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.core.extract import Extract


@dataclass(frozen=True)
class Request:
    """What a person asked for, before anything is read.

    Attributes
    ----------
    city : str
        Name as typed.
    country : str or None
        Two-letter code; known places bring their own.
    osm, buildings, streets, districts, district_names, corrections, existing_network : Path or None
        The user's own files.
    layer, crs : str or None
        Layer of `buildings`; coordinate system of files that name none.
    """

    city: str
    country: str | None = None
    osm: Path | None = None
    buildings: Path | None = None
    streets: Path | None = None
    layer: str | None = None
    crs: str | None = None
    districts: Path | None = None
    district_names: Path | None = None
    corrections: Path | None = None
    existing_network: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """Return the user's files by role."""
        named = {
            "osm": self.osm, "buildings": self.buildings, "streets": self.streets,
            "districts": self.districts, "district_names": self.district_names,
            "corrections": self.corrections, "existing_network": self.existing_network,
        }  # fmt: skip
        return {role: path for role, path in named.items() if path is not None}


@dataclass(frozen=True)
class Inputs:
    """Everything read, nothing computed."""

    place: Place
    extract: Extract
    outlines: gpd.GeoDataFrame | None
    names: pd.DataFrame | None
    corrections: pd.DataFrame | None
    existing_network: gpd.GeoDataFrame | None
    files: dict[str, Path]


def find_inputs(request: Request) -> tuple[Place, dict[str, Path]]:
    """Decide which place is meant and which files serve it, without reading them.

    Raises
    ------
    UsageProblem
        For an empty name, a strange country, or options that exclude each other.
    DataMissing
        For a place without data on this machine, or an unknown one.
    """
    if request.osm and request.buildings:
        raise UsageProblem("--osm and --buildings both bring footprints; give one of them.")
    if request.streets and not request.buildings:
        raise UsageProblem(
            "--streets goes with --buildings; an OpenStreetMap extract brings its own streets."
        )
    if not clean_name(request.city):
        raise UsageProblem("the city has no name; write for example: planner assess helsinki.")
    for role, path in request.files.items():
        if not path.exists():
            raise InputProblem(f"{path} does not exist; check --{role.replace('_', '-')}.")
    known = find_place(request.city)
    own = request.osm or request.buildings
    if own is None:
        if known is None:
            raise DataMissing(_unknown_text(request.city))
        if known.extract is None:
            raise DataMissing(
                f"{known.title} is known, but its footprints are not on this machine. Save an OpenStreetMap "
                f"extract of it (.osm.pbf) and run: planner assess {known.slug} --osm FILE."
            )
        return known, {**request.files, SAMPLE_ROLE: known.extract}
    place = known or _own_place(request)
    if known and known.extract is not None:
        # the user's own file of a place that is also a sample: the sample's words do not fit it
        place = dataclasses.replace(
            known, subtitle="", extract=None, licence="", attribution="", date="", url=""
        )
    country = check_country(request.country or place.country)
    return dataclasses.replace(place, country=country), request.files


def _own_place(request: Request) -> Place:
    if request.country is None:
        raise UsageProblem(
            f"{request.city!r} is not in the list of `planner cities`, so its country is needed: "
            "add --country, for example --country DE."
        )
    return Place(slug(request.city), clean_name(request.city, 80), request.country.upper(), "own data")


def _unknown_text(city: str) -> str:
    near = similar_names(city)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"{clean_name(city, 80)!r} is not known.{hint} `planner cities` lists what is; any other town of "
        "Europe works with its own extract: planner assess NAME --osm FILE --country CODE."
    )


def read_inputs(request: Request) -> Inputs:
    """Read everything that a run needs.

    Raises
    ------
    PlannerError
        When a place is unknown or a file cannot be used; see `find_inputs` and the readers.
    """
    place, files = find_inputs(request)
    return Inputs(
        place=place,
        extract=_read_extract(request, place),
        outlines=_read_outlines(request),
        names=_read_table(request.district_names, ("district_id", "name")),
        corrections=_read_table(request.corrections, ("building_id", "column", "value", "source")),
        existing_network=_read_network(request),
        files=files,
    )


def _read_extract(request: Request, place: Place) -> Extract:
    from layers.sources.osm import read_osm

    if request.osm:
        return read_osm(request.osm)
    if request.buildings:
        from layers.sources.vector import read_buildings, read_streets

        extract = read_buildings(request.buildings, layer=request.layer, crs=request.crs)
        if request.streets is None:
            return extract
        streets = read_streets(request.streets, crs=request.crs)
        return dataclasses.replace(
            extract, streets=streets.streets, barriers=streets.barriers,
            sources=extract.sources + streets.sources, notes=extract.notes + streets.notes,
        )  # fmt: skip
    assert place.extract is not None
    extract = read_osm(place.extract)
    source = dataclasses.replace(
        extract.sources[0], title=f"OpenStreetMap, {place.title}, {place.subtitle}", licence=place.licence,
        attribution=place.attribution, date=place.date, url=place.url,
    )  # fmt: skip
    return dataclasses.replace(extract, sources=(source, *extract.sources[1:]))


def _read_outlines(request: Request) -> gpd.GeoDataFrame | None:
    if request.districts is None:
        return None
    from layers.sources.vector import read_outlines

    return read_outlines(request.districts, crs=request.crs)


def _read_network(request: Request) -> gpd.GeoDataFrame | None:
    if request.existing_network is None:
        return None
    from layers.sources.vector import read_streets

    return read_streets(request.existing_network, crs=request.crs).streets


def _read_table(path: Path | None, needed: tuple[str, ...]) -> pd.DataFrame | None:
    """Read a small CSV as texts and check its head."""
    if path is None:
        return None
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
        raise InputProblem(
            f"{path} cannot be read as a table ({problem}); it needs UTF-8 and commas."
        ) from problem
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise InputProblem(
            f"{path} lacks the column {', '.join(missing)}; its first line must be {','.join(needed)}, "
            f"found {','.join(str(name) for name in table.columns)[:120]}."
        )
    return pd.DataFrame({name: table[name].str.strip() for name in needed})
