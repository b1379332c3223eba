"""Which place is meant, which files serve it, and what has to be fetched first."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from layers.core.countries import check_country
from layers.core.errors import DataMissing, InputProblem, UsageProblem
from layers.core.text import clean_name, slug
from planner.catalogue import SAMPLE_ROLE, Place, find_place, similar_names
from planner.fetched import SOURCES, WEATHER_ROLE, Town, find_town

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from planner.acquire import Request


def settle_place(request: Request) -> Place:
    """Decide which place is meant, without reading or fetching its data.

    Raises
    ------
    UsageProblem
        For an empty name, a strange country, or options that exclude each other.
    InputProblem
        For a file that is not there.
    DataMissing
        For an unknown place, or one whose data are missing while `offline` is asked for.
    """
    _check_options(request)
    known = find_place(request.city)
    if request.osm or request.buildings:
        return _place_of_own_data(request, known)
    if known is not None and known.extract is not None:
        if request.source:
            raise UsageProblem(
                f"the footprints of {known.title} are carried with the program; leave --source out."
            )
        return known
    town = _find_town(request, known)
    if known is None and town is None and request.country is None:
        raise DataMissing(_unknown_text(request.city))
    if request.offline and (town is None or not town.data):
        raise DataMissing(_missing_text(request, known))
    if known is not None:
        return known
    if town is not None:
        return town.place
    place = _own_place(request)
    return dataclasses.replace(place, country=check_country(place.country))


def _check_options(request: Request) -> None:
    if request.osm and request.buildings:
        raise UsageProblem("--osm and --buildings both bring footprints; give one of them.")
    if request.streets and not request.buildings:
        raise UsageProblem(
            "--streets goes with --buildings; an OpenStreetMap extract brings its own streets."
        )
    if request.source is not None and request.source not in SOURCES:
        raise UsageProblem(f"--source is {request.source!r}; it must be {' or '.join(SOURCES)}.")
    if request.source and (request.osm or request.buildings):
        raise UsageProblem("--source says where to fetch footprints; --osm and --buildings bring them.")
    if request.release and request.source != "overture":
        raise UsageProblem("--release names a release of Overture; add --source overture.")
    if not clean_name(request.city):
        raise UsageProblem("the city has no name; write for example: planner assess helsinki.")
    if request.join_wins and not request.joins:
        raise UsageProblem("--join-wins says what --join may replace; add --join FILE.")
    if request.mapping and not (request.buildings or request.joins):
        raise UsageProblem("--map names columns of --buildings or --join; add one of them.")
    for role, path in request.files.items():
        if not path.exists():
            option = "join" if role.startswith("join_") else role.replace("_", "-")
            raise InputProblem(f"{path} does not exist; check --{option}.")


def _place_of_own_data(request: Request, known: Place | None) -> Place:
    place = known or _own_place(request)
    if known and known.extract is not None:
        # the user's own file of a place that is also a sample: the sample's words do not fit it
        place = dataclasses.replace(
            known, subtitle="", extract=None, licence="", attribution="", date="", url=""
        )
    country = check_country(request.country or place.country)
    return dataclasses.replace(place, country=country)


def _find_town(request: Request, known: Place | None) -> Town | None:
    if known is not None:
        return find_town(known.slug, known.country, request.source)
    country = check_country(request.country) if request.country else None
    return find_town(slug(request.city), country, request.source)


def fetch_missing(request: Request, place: Place, say: Callable[[str], None]) -> None:
    """Fetch footprints and weather of a place that has no data on this machine; else do nothing.

    Raises
    ------
    DataMissing
        When the network is not there or its answers are not whole.
    """
    if request.offline or request.osm or request.buildings or place.extract is not None:
        return
    town = find_town(place.slug, place.country, request.source)
    if town is not None and town.data:
        return
    from planner.fetching import Errand, fetch_town

    source = request.source or SOURCES[0]
    fetched = fetch_town(Errand(place, source, request.release, refresh=False, say=say))
    if fetched.weather is None:
        say(f"{fetched.weather_problem}; hours of weather are made from monthly means instead")


def find_inputs(request: Request) -> tuple[Place, Town | None, dict[str, Path]]:
    """Decide which place is meant and which files serve it, without reading them.

    Returns
    -------
    place : Place
    town : Town or None
        What was fetched of it.
    files : dict
        Paths by role.

    Raises
    ------
    PlannerError
        As `settle_place`; and `DataMissing` where footprints are not on this machine.
    """
    place = settle_place(request)
    files = dict(request.files)
    town = find_town(place.slug, place.country, request.source)
    if place.extract is not None:
        files[SAMPLE_ROLE] = place.extract
    elif not (request.osm or request.buildings):
        if town is None or not town.data:
            raise DataMissing(_missing_text(request, find_place(request.city)))
        files |= {f"fetched_{one.kind.replace('-', '_')}": one.path for one in town.data}
    if town and town.weather and request.fetched_weather and request.climate is None:
        files[WEATHER_ROLE] = town.weather.path
    return place, town, files


def _missing_text(request: Request, known: Place | None) -> str:
    name = known.slug if known else slug(request.city)
    title = known.title if known else clean_name(request.city, 80)
    country = "" if known or not request.country else f" --country {request.country}"
    return (
        f"{title} is known, but its footprints are not on this machine and --offline forbids fetching them. "
        f"Run `planner fetch {name}{country}` where there is a network, or save an OpenStreetMap extract of "
        f"it (.osm.pbf) and run: planner assess {name} --osm FILE{country}."
    )


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
        "Europe is fetched when its country is given (planner assess NAME --country CODE), or works with its "
        "own extract: planner assess NAME --osm FILE --country CODE."
    )
