"""What `assess CITY` needs: the carried sample, the user's own files, or the network.

`planner.settling` decides which place is meant and has fetched what is missing; here files are read.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layers.core.errors import InputProblem
from planner.catalogue import Place
from planner.fetched import WEATHER_ROLE, Town
from planner.settling import find_inputs

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.core.extract import Extract, SourceRecord
    from layers.core.street_rules import StreetRules
    from layers.sources.coast import CoastParams
    from layers.sources.known_totals import KnownTotals
    from layers.sources.own_archetypes import OwnArchetypes
    from layers.sources.typical_year import TypicalYear
    from planner.config import RunConfig

# the files of --join, in their order
JOIN_ROLE = "join_"


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
    network_streets : Path or None
        Streets in which a pipe of a heat network must or must not lie.
    layer, crs : str or None
        Layer of `buildings`; coordinate system of files that name none.
    mapping : tuple of str
        ``NAME=COLUMN`` for columns of `buildings` and `joins` that are not recognised.
    joins : tuple of Path
        Files that know more about the same buildings; with `join_wins` they replace what is known.
    surface, terrain : Path or None
        Heights of the surface and of the ground.
    climate : Path or None
        The user's own typical year of weather.
    calibrate : Path or None
        Known totals of heat.
    archetypes : Path or None
        Values of a city's own typology.
    source, release : str or None
        Where footprints are fetched from, ``osm`` or ``overture``, and which release of Overture.
    offline : bool
        No connection is opened; what is missing is named.
    fetched_weather : bool
        Whether a fetched typical year is used; a repeated run uses it only where the first one did.
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
    network_streets: Path | None = None
    mapping: tuple[str, ...] = ()
    joins: tuple[Path, ...] = ()
    join_wins: bool = False
    surface: Path | None = None
    terrain: Path | None = None
    climate: Path | None = None
    calibrate: Path | None = None
    archetypes: Path | None = None
    source: str | None = None
    release: str | None = None
    offline: bool = False
    fetched_weather: bool = True

    @property
    def files(self) -> dict[str, Path]:
        """Return the user's files by role."""
        named = {
            "osm": self.osm, "buildings": self.buildings, "streets": self.streets,
            "districts": self.districts, "district_names": self.district_names,
            "corrections": self.corrections, "existing_network": self.existing_network,
            "network_streets": self.network_streets,
            "climate": self.climate, "surface": self.surface, "terrain": self.terrain,
            "calibrate": self.calibrate, "archetypes": self.archetypes,
            **{f"{JOIN_ROLE}{number}": path for number, path in enumerate(self.joins, 1)},
        }  # fmt: skip
        return {role: path for role, path in named.items() if path is not None}


@dataclass(frozen=True)
class Inputs:
    """Everything read, nothing computed.

    Attributes
    ----------
    place : Place
    extract : Extract
    outlines, names, corrections, existing_network
        What the user's own files say.
    typical_year : TypicalYear or None
        Hours of weather, fetched or the user's, with `typical_year_source`.
    known_totals : KnownTotals or None
        What meters counted, for a calibration.
    own_archetypes : OwnArchetypes or None
        What replaces values of archetypes.
    network_streets : StreetRules or None
        Streets in which a pipe of a heat network must or must not lie.
    is_fetched : bool
        Whether the footprints were fetched.
    files : dict
        Paths by role.
    """

    place: Place
    extract: Extract
    outlines: gpd.GeoDataFrame | None
    names: pd.DataFrame | None
    corrections: pd.DataFrame | None
    existing_network: gpd.GeoDataFrame | None
    files: dict[str, Path]
    typical_year: TypicalYear | None = None
    typical_year_source: SourceRecord | None = None
    known_totals: KnownTotals | None = None
    own_archetypes: OwnArchetypes | None = None
    network_streets: StreetRules | None = None
    is_fetched: bool = False

    @property
    def own_records(self) -> tuple[SourceRecord, ...]:
        """Return the records of what a person knows better."""
        totals = self.known_totals.records if self.known_totals is not None else ()
        return (*totals, *((self.own_archetypes.record,) if self.own_archetypes is not None else ()))


def read_inputs(request: Request, config: RunConfig | None = None) -> Inputs:
    """Read everything that a run needs.

    Parameters
    ----------
    request : Request
    config : RunConfig, optional
        Of the settings, those of the readers: coast, join, surface.

    Raises
    ------
    PlannerError
        When a place is unknown or a file cannot be used; see `planner.settling` and the readers.
    """
    place, town, files = find_inputs(request)
    year, year_source = _read_weather(files, town)
    known = _read_known_totals(request)
    return Inputs(
        place=place,
        extract=_read_extract(request, place, town, config),
        outlines=_read_outlines(request),
        names=_read_table(request.district_names, ("district_id", "name")),
        corrections=_read_table(request.corrections, ("building_id", "column", "value", "source")),
        existing_network=_read_network(request),
        files=files | _raster_files(known),
        typical_year=year,
        typical_year_source=year_source,
        known_totals=known,
        own_archetypes=read_own(request.archetypes),
        network_streets=_read_streets_rules(request),
        is_fetched=any(role.startswith("fetched_") and role != WEATHER_ROLE for role in files),
    )


def _read_weather(
    files: dict[str, Path], town: Town | None
) -> tuple[TypicalYear | None, SourceRecord | None]:
    path = files.get("climate") or files.get(WEATHER_ROLE)
    if path is None:
        return None, None
    from layers.sources.typical_year import typical_year_source
    from layers.sources.weather_files import read_weather

    fetched = town.weather.source_record() if town and town.weather and WEATHER_ROLE in files else None
    return read_weather(path), fetched or typical_year_source(path)


def _read_known_totals(request: Request) -> KnownTotals | None:
    if request.calibrate is None:
        return None
    from layers.sources.known_totals import read_known_totals

    return read_known_totals(request.calibrate)


def read_own(path: Path | None) -> OwnArchetypes | None:
    """Read a city's own values of archetypes, where it has any."""
    if path is None:
        return None
    from layers.archetypes import ARCHETYPE_COLUMNS
    from layers.sources.own_archetypes import read_own_archetypes

    return read_own_archetypes(path, ARCHETYPE_COLUMNS)


def _raster_files(known: KnownTotals | None) -> dict[str, Path]:
    """Return the rasters that a file of known totals names, by role."""
    rasters = known.raster_files if known is not None else ()
    return {f"calibrate_raster_{number}": path for number, path in enumerate(rasters, 1)}


def _read_fetched(town: Town, coast: CoastParams | None) -> Extract:
    """Read fetched data by the same readers as a person's files, and give them their own words."""
    from layers.sources.osm import read_osm
    from layers.sources.vector import read_buildings, read_streets

    records = tuple(one.source_record() for one in town.data)
    first = town.data[0].path
    if town.source == "osm":
        return dataclasses.replace(read_osm(first, coast), sources=records)
    extract, streets = read_buildings(first), read_streets(town.data[1].path)
    return dataclasses.replace(
        extract, streets=streets.streets, barriers=streets.barriers, sources=records,
        notes=extract.notes + streets.notes,
    )  # fmt: skip


def _read_extract(request: Request, place: Place, town: Town | None, config: RunConfig | None) -> Extract:
    from layers.sources.own_files import OwnFiles, combine

    own = OwnFiles(
        osm=request.osm, buildings=request.buildings, streets=request.streets, layer=request.layer,
        crs=request.crs, mapping=request.mapping, joins=request.joins, join_wins=request.join_wins,
        surface=request.surface, terrain=request.terrain,
    )  # fmt: skip
    if config is not None:
        own = dataclasses.replace(
            own, join_params=config.join, surface_params=config.surface, coast_params=config.coast
        )
    carried = None if request.osm or request.buildings else _read_place(place, town, own.coast_params)
    return combine(own, carried)


def _read_place(place: Place, town: Town | None, coast: CoastParams | None) -> Extract:
    """Read the footprints that the program carries or has fetched."""
    from layers.sources.osm import read_osm

    if place.extract is None:
        assert town is not None
        return _read_fetched(town, coast)
    extract = read_osm(place.extract, coast)
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


def _read_streets_rules(request: Request) -> StreetRules | None:
    if request.network_streets is None:
        return None
    from layers.sources.network_streets import read_network_streets

    return read_network_streets(request.network_streets)


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
