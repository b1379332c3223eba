"""Which OpenStreetMap objects become streets, barriers, land use, background and places."""

from __future__ import annotations

from collections.abc import Mapping

from layers.sources.heat_source_tags import HEAT_KEYS

Tags = Mapping[str, str]

# objects with one of these keys are looked at; all others stay in the reader's compiled filter
LOOKED_AT_KEYS = (
    "building",
    "building:part",
    "highway",
    "railway",
    "waterway",
    "natural",
    "landuse",
    "leisure",
    "amenity",
    "place",
    "boundary",
    "shop",
    "office",
    "tourism",
    "healthcare",
    "craft",
    "generator:source",
    *HEAT_KEYS,
)
NO_BUILDING = frozenset({"no", "demolished", "razed", "proposed", "planned"})
_NO_STREET = frozenset(
    {
        "proposed",
        "construction",
        "planned",
        "abandoned",
        "razed",
        "platform",
        "bus_stop",
        "elevator",
        "corridor",
    }
    | {"rest_area", "services", "raceway", "via_ferrata", "crossing", "traffic_signals", "emergency_bay"}
)
_BARRIER_RAILS = frozenset({"rail", "light_rail", "narrow_gauge"})
_DRAWN_RAILS = _BARRIER_RAILS | {"tram", "subway", "funicular", "monorail", "preserved"}
_MOTORWAYS = frozenset({"motorway", "trunk", "motorway_link"})
_RIVERS = frozenset({"river", "canal"})
_STREAMS = _RIVERS | {"stream"}
_WATER_AREAS = frozenset({"water", "bay", "strait"})
_GREEN_NATURAL = frozenset({"wood", "scrub", "grassland", "heath", "wetland", "beach", "fell", "moor"})
_GREEN_LANDUSE = frozenset(
    {"forest", "grass", "meadow", "cemetery", "recreation_ground", "village_green", "orchard", "vineyard"}
    | {"allotments", "flowerbed", "greenfield"}
)
_GREEN_LEISURE = frozenset(
    {"park", "garden", "pitch", "golf_course", "nature_reserve", "playground", "dog_park"}
)
_LAND_AMENITIES = frozenset(
    {"school", "kindergarten", "college", "university", "hospital", "clinic", "nursing_home", "parking"}
    | {"marketplace", "prison", "place_of_worship", "monastery", "grave_yard", "bus_station", "fire_station"}
    | {
        "police",
        "townhall",
        "fuel",
        "theatre",
        "community_centre",
        "childcare",
        "social_facility",
        "arts_centre",
    }
)
_LAND_LEISURE = frozenset({"sports_centre", "stadium", "marina", "swimming_pool", "ice_rink", "pitch"})
_PLACES = frozenset(
    {"town", "borough", "suburb", "quarter", "neighbourhood", "village", "hamlet", "isolated_dwelling"}
    | {"farm", "locality", "island", "city"}
)
# administrative boundaries inside a municipality
_ADMIN_LEVELS = frozenset({"7", "8", "9", "10", "11", "12"})


def _is_yes(text: str | None) -> bool:
    return text is not None and text not in ("no", "")


def is_building(tags: Tags) -> bool:
    """Say whether an object is a whole building."""
    return "building" in tags and tags["building"] not in NO_BUILDING


def is_solar(tags: Tags) -> bool:
    """Say whether an object is a generator of solar power that is not a building itself.

    Examples
    --------
    >>> is_solar({"power": "generator", "generator:source": "solar"}), is_solar({"power": "generator"})
    (True, False)
    """
    return "solar" in tags.get("generator:source", "") and tags.get("power", "generator") == "generator"


def is_part(tags: Tags) -> bool:
    """Say whether an object is only a part of a building."""
    return _is_yes(tags.get("building:part")) and not is_building(tags)


def is_area_street(tags: Tags) -> bool:
    """Say whether a street or square is drawn as an area."""
    return tags.get("area") == "yes" or tags.get("type") == "multipolygon"


def street_kind(tags: Tags) -> str | None:
    """Return the highway class of a street that exists.

    Examples
    --------
    >>> street_kind({"highway": "residential"}), street_kind({"highway": "proposed"})
    ('residential', None)
    """
    kind = tags.get("highway")
    return None if kind is None or kind in _NO_STREET or is_area_street(tags) else kind


def barrier_kind(tags: Tags) -> str | None:
    """Return rail, motorway or river for lines that part neighbourhoods; tunnels part nothing.

    Examples
    --------
    >>> barrier_kind({"railway": "rail"}), barrier_kind({"railway": "rail", "tunnel": "yes"})
    ('rail', None)
    """
    if _is_yes(tags.get("tunnel")):
        return None
    if tags.get("railway") in _BARRIER_RAILS:
        return "rail"
    if tags.get("highway") in _MOTORWAYS:
        return "motorway"
    return "river" if tags.get("waterway") in _RIVERS else None


def background_line_kind(tags: Tags) -> str | None:
    """Return rail or water for lines that a map draws below the buildings."""
    if _is_yes(tags.get("tunnel")):
        return None
    if tags.get("railway") in _DRAWN_RAILS:
        return "rail"
    return "water" if tags.get("waterway") in _STREAMS or tags.get("natural") == "coastline" else None


def background_area_kind(tags: Tags) -> str | None:
    """Return water, green or square for areas that a map draws below the buildings."""
    if tags.get("natural") in _WATER_AREAS or tags.get("waterway") in ("riverbank", "dock"):
        return "water"
    if tags.get("landuse") in ("reservoir", "basin"):
        return "water"
    if tags.get("place") == "square" or (tags.get("highway") == "pedestrian" and is_area_street(tags)):
        return "square"
    green = (
        tags.get("natural") in _GREEN_NATURAL
        or tags.get("landuse") in _GREEN_LANDUSE
        or tags.get("leisure") in _GREEN_LEISURE
    )
    return "green" if green else None


def land_kind(tags: Tags) -> str | None:
    """Return the land use, or the amenity that a ground belongs to.

    Examples
    --------
    >>> land_kind({"landuse": "residential"}), land_kind({"amenity": "school"})
    ('residential', 'school')
    """
    if tags.get("amenity") in _LAND_AMENITIES:
        return tags["amenity"]
    if "landuse" in tags:
        return tags["landuse"]
    if tags.get("tourism") == "hotel":
        return "hotel"
    return tags["leisure"] if tags.get("leisure") in _LAND_LEISURE else None


def place_kind(tags: Tags) -> str | None:
    """Return the kind of a named place, ``admin_9`` for a boundary of level 9."""
    if "name" not in tags:
        return None
    if tags.get("boundary") == "administrative":
        level = tags.get("admin_level", "")
        return f"admin_{level}" if level in _ADMIN_LEVELS else None
    return tags["place"] if tags.get("place") in _PLACES else None
