"""Fetch a town: its boundary, its footprints and streets, its typical year of weather.

The only module that opens connections, by way of `planner.network`. What is in the cache is not asked
for again unless the person wants it fresh.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from layers.core.errors import DataMissing
from planner.catalogue import Place
from planner.fetched import BOUNDARY, KINDS, WEATHER
from planner.network import cache, nominatim, overpass, pvgis
from planner.network.client import download

Say = Callable[[str], None]
_OSM_WORDS = (overpass.LICENCE, overpass.ATTRIBUTION, overpass.ABOUT_URL)
_PVGIS_WORDS = (pvgis.LICENCE, pvgis.ATTRIBUTION, pvgis.ABOUT_URL)


@dataclass(frozen=True)
class Errand:
    """One town to fetch.

    Attributes
    ----------
    place : Place
        Its middle may still be unknown; the boundary then tells it.
    source : str
        ``osm`` or ``overture``.
    release : str or None
        Of Overture; None means the newest.
    refresh : bool
        Ask again for what is there.
    say : callable
        Told what is being done.
    wait : callable
        Sleeps between questions to a busy service.
    """

    place: Place
    source: str
    release: str | None
    refresh: bool
    say: Say
    wait: Callable[[float], None] = time.sleep

    @property
    def folder(self) -> Path:
        """Return the town's folder in the cache."""
        return cache.town_folder(self.place.slug, self.place.country)

    @property
    def middle_deg(self) -> tuple[float, float] | None:
        """Return longitude and latitude where they are known."""
        place = self.place
        if place.longitude_deg is None or place.latitude_deg is None:
            return None
        return place.longitude_deg, place.latitude_deg

    def kept(self, kind: str) -> cache.Cached | None:
        """Return what need not be asked for."""
        return None if self.refresh else cache.find_data(self.folder, kind)


@dataclass(frozen=True)
class Fetched:
    """What an errand brought home.

    Attributes
    ----------
    data : tuple of Cached
        Footprints and streets; empty for a place whose footprints the program carries.
    weather : Cached or None
    weather_problem : str
        Why there is no typical year.
    """

    data: tuple[cache.Cached, ...]
    weather: cache.Cached | None
    weather_problem: str = ""


def fetch_town(errand: Errand, *, footprints: bool = True) -> Fetched:
    """Fetch what the cache lacks of a town.

    Parameters
    ----------
    errand : Errand
    footprints : bool
        False for a place whose footprints are at hand: then only the typical year is fetched.

    Raises
    ------
    DataMissing
        When footprints cannot be fetched. A missing typical year is only reported: the carried tables
        stand in for it.
    """
    data: tuple[cache.Cached, ...] = ()
    try:
        with cache.workshop(errand.folder) as room:
            kept = [errand.kept(kind) for kind in KINDS[errand.source]] if footprints else []
            data = tuple(one for one in kept if one is not None)
            if len(data) < len(kept) or errand.middle_deg is None:
                errand, boundary = _fetch_boundary(errand, room)
                if len(data) < len(kept):
                    fetch = _fetch_osm if errand.source == "osm" else _fetch_overture
                    data = fetch(errand, boundary, room)
    except DataMissing as problem:
        raise DataMissing(
            f"{problem}. Try again later, or save an OpenStreetMap extract (.osm.pbf) and run: "
            f"planner assess {errand.place.slug} --osm FILE --country {errand.place.country}"
        ) from problem
    try:
        with cache.workshop(errand.folder) as room:
            return Fetched(data, _fetch_weather(errand, room))
    except DataMissing as problem:
        return Fetched(data, None, str(problem))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _text(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)


def _about(
    errand: Errand, source: str, service: str, query: str, date: str, words: tuple[str, str, str]
) -> cache.About:
    """Return the record of data about this town; `words` are licence, attribution and address."""
    licence, attribution, url = words
    assert errand.middle_deg is not None
    longitude_deg, latitude_deg = errand.middle_deg
    return cache.About(
        town=errand.place.slug, title=errand.place.title, country=errand.place.country,
        longitude_deg=longitude_deg, latitude_deg=latitude_deg, source=source, licence=licence,
        attribution=attribution, url=url, date=date or _today(), fetched=_today(), service=service,
        query=query,
    )  # fmt: skip


def _fetch_boundary(errand: Errand, room: Path) -> tuple[Errand, nominatim.Boundary]:
    """Return the boundary, and the errand with what only the gazetteer knows: the town's middle and name."""
    place = errand.place
    kept = errand.kept(BOUNDARY)
    if kept is not None:
        boundary = nominatim.read_boundary(kept.path)
        return _with_middle(errand, boundary), boundary
    errand.say(f"asking {nominatim.SERVICE} where {place.title} lies")
    asked = nominatim.question(place.title, place.country)
    answer, made = room / "answer.json", room / "boundary.geojson"
    download(asked, answer, say=errand.say, wait=errand.wait)
    boundary = nominatim.choose_boundary(answer, place.title, place.country, errand.middle_deg)
    errand = _with_middle(errand, boundary)
    made.write_text(json.dumps(boundary.feature(), ensure_ascii=False) + "\n", encoding="utf-8")
    title = f"OpenStreetMap, boundary of {place.title}"
    cache.store(
        errand.folder, BOUNDARY, made, _about(errand, title, asked.url, _text(asked.fields), "", _OSM_WORDS)
    )
    return errand, boundary


def _with_middle(errand: Errand, boundary: nominatim.Boundary) -> Errand:
    if errand.middle_deg is not None:
        return errand
    # a name that was typed becomes the gazetteer's spelling
    place = dataclasses.replace(
        errand.place, title=boundary.name or errand.place.title,
        longitude_deg=boundary.longitude_deg, latitude_deg=boundary.latitude_deg,
    )  # fmt: skip
    return dataclasses.replace(errand, place=place)


def _fetch_osm(errand: Errand, boundary: nominatim.Boundary, room: Path) -> tuple[cache.Cached, ...]:
    title = errand.place.title
    asked = overpass.question(boundary)
    answer, made = room / "answer.osm", room / "town.osm.pbf"
    errand.say(f"asking {overpass.SERVICE} for buildings and streets of {title}; this can take minutes")
    download(asked, answer, say=errand.say, wait=errand.wait)
    date = overpass.check_complete(answer)
    building_count = overpass.rewrite_as_pbf(answer, made)
    if building_count == 0:
        raise DataMissing(f"{overpass.SERVICE} found no building in {title}")
    errand.say(f"{overpass.SERVICE} sent {building_count:,} buildings and parts, as of {date or _today()}")
    about = _about(errand, f"OpenStreetMap, {title}", asked.url, asked.fields["data"], date, _OSM_WORDS)
    return (cache.store(errand.folder, "osm", made, about),)


def _fetch_overture(errand: Errand, boundary: nominatim.Boundary, room: Path) -> tuple[cache.Cached, ...]:
    from planner.network import overture

    title = errand.place.title
    store = overture.open_store()
    release = overture.choose_release(store, errand.release)
    errand.say(f"reading {title} from {overture.SERVICE} {release}; this can take minutes")
    buildings, streets = room / "buildings.parquet", room / "streets.parquet"
    building_count = overture.write_buildings(store, release, boundary, buildings)
    if building_count == 0:
        raise DataMissing(f"{overture.SERVICE} {release} has no building in {title}")
    overture.write_streets(store, release, boundary, streets)
    errand.say(f"{overture.SERVICE} {release} has {building_count:,} buildings")
    words = (overture.LICENCE, overture.ATTRIBUTION, overture.ABOUT_URL)
    query, date = f"{release}, box {boundary.box_deg}", release.partition(".")[0]
    made = []
    for kind, path in (("overture-buildings", buildings), ("overture-streets", streets)):
        source = f"Overture Maps {release}, {kind.partition('-')[2]} of {title}"
        about = _about(errand, source, store.folder, query, date, words)
        made.append(cache.store(errand.folder, kind, path, about))
    return tuple(made)


def _fetch_weather(errand: Errand, room: Path) -> cache.Cached:
    kept = errand.kept(WEATHER)
    if kept is not None:
        return kept
    assert errand.middle_deg is not None
    errand.say(f"asking {pvgis.SERVICE} for the typical year of {errand.place.title}")
    asked = pvgis.question(*errand.middle_deg)
    made = room / "weather.csv"
    download(asked, made, say=errand.say, wait=errand.wait)
    years = pvgis.check_complete(made)
    source = f"PVGIS typical year ({years}), {errand.place.title}"
    about = _about(errand, source, asked.url, _text(asked.fields), "", _PVGIS_WORDS)
    return cache.store(errand.folder, WEATHER, made, about)
