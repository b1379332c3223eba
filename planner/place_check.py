"""Does a file lie where the person says the town is?"""

from __future__ import annotations

from layers.core.countries import known_countries
from layers.core.extract import Extract, Note
from layers.core.whereabouts import Town, check_whereabouts
from planner.catalogue import Place


def check_place(place: Place, extract: Extract) -> tuple[Note, ...]:
    """Compare where buildings lie with the place: the town where its own is known, else its country.

    Raises
    ------
    CrsProblem
        When the coordinates are exchanged, or in another system than the file says.
    """
    town = None
    if place.longitude_deg is not None and place.latitude_deg is not None:
        town = Town(place.title, place.longitude_deg, place.latitude_deg)
    name = extract.sources[0].path if extract.sources and extract.sources[0].path else "the file"
    return check_whereabouts(
        extract.buildings,
        name=name,
        country=place.country,
        country_name=known_countries().get(place.country, place.country),
        town=town,
    )
