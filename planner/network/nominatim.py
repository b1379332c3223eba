"""Where a town lies and how far it reaches, from OpenStreetMap's own gazetteer."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.core.errors import DataMissing
from layers.core.text import clean_name
from planner.network.client import Question

SERVICE = "Nominatim"
URL_VARIABLE = "PLANNER_NOMINATIM_URL"
_PUBLIC_URL = "https://nominatim.openstreetmap.org"
_CANDIDATE_COUNT = 10
# a known town's answer must lie this near to where the catalogue says it is
_NEAR_KM = 50.0
_KM_PER_DEG = 111.2
# larger boxes are regions, not towns
_LARGEST_TOWN_KM2 = 25_000.0
_LONGEST_NAME = 80
_AREAS = ("Polygon", "MultiPolygon")
_SETTLED = frozenset(
    {"city", "town", "village", "municipality", "suburb", "borough", "city_district", "hamlet"}
)


@dataclass(frozen=True)
class Boundary:
    """A town's outline as OpenStreetMap has it.

    Attributes
    ----------
    osm_type, osm_id
        The object that the outline belongs to.
    longitude_deg, latitude_deg : float
        The town's middle.
    box_deg : tuple
        South, west, north, east.
    geometry : mapping
        GeoJSON; a box where the gazetteer knows no outline.
    is_outline : bool
        Whether the geometry is an outline and not only a box.
    name, full_name : str
        The town's name, and with its region and country.
    """

    osm_type: str
    osm_id: int
    longitude_deg: float
    latitude_deg: float
    box_deg: tuple[float, float, float, float]
    geometry: Mapping[str, Any]
    is_outline: bool
    name: str
    full_name: str

    def feature(self) -> dict[str, Any]:
        """Return the boundary as a GeoJSON feature."""
        properties = {
            "name": self.name, "full_name": self.full_name, "osm_type": self.osm_type, "osm_id": self.osm_id,
            "longitude_deg": self.longitude_deg, "latitude_deg": self.latitude_deg,
            "box_deg": list(self.box_deg), "is_outline": self.is_outline,
        }  # fmt: skip
        return {"type": "Feature", "properties": properties, "geometry": dict(self.geometry)}


def read_boundary(path: Path) -> Boundary:
    """Read a boundary from the cache."""
    feature = json.loads(path.read_text(encoding="utf-8"))
    known = feature["properties"]
    south, west, north, east = known["box_deg"]
    return Boundary(
        osm_type=known["osm_type"], osm_id=known["osm_id"], longitude_deg=known["longitude_deg"],
        latitude_deg=known["latitude_deg"], box_deg=(south, west, north, east),
        geometry=feature["geometry"], is_outline=known["is_outline"], name=known["name"],
        full_name=known["full_name"],
    )  # fmt: skip


def question(title: str, country: str) -> Question:
    """Return the question for a town of a country."""
    base = os.environ.get(URL_VARIABLE, "").strip() or _PUBLIC_URL
    fields = {
        "q": title,
        "countrycodes": country.lower(),
        "format": "jsonv2",
        "polygon_geojson": "1",
        "limit": str(_CANDIDATE_COUNT),
        "accept-language": "en",
    }
    return Question(SERVICE, f"{base.rstrip('/')}/search", fields, largest_answer_mb=50.0)


def choose_boundary(
    answer: Path, title: str, country: str, place_deg: tuple[float, float] | None
) -> Boundary:
    """Return the town that was meant among the gazetteer's candidates.

    Outlines come before points, settlements before anything else; then the gazetteer's own order holds.

    Parameters
    ----------
    answer : Path
        JSON as the service sent it.
    title, country : str
        What was asked.
    place_deg : (longitude, latitude) or None
        Where the town is known to be; candidates farther than 50 km away are others of the same name.

    Raises
    ------
    DataMissing
        When nothing fits or the answer is no list of places.
    """
    try:
        rows = json.loads(answer.read_bytes())
        candidates = [_boundary(row) for row in rows]
        ranks = [_rank(row, found) for row, found in zip(rows, candidates, strict=True)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise DataMissing(f"{SERVICE} sent something that is no list of places") from problem
    near = [
        (rank, number, found)
        for number, (rank, found) in enumerate(zip(ranks, candidates, strict=True))
        if (place_deg is None or _distance_km(found, place_deg) <= _NEAR_KM)
        and _box_km2(found) <= _LARGEST_TOWN_KM2
    ]
    if not near:
        raise DataMissing(
            f"{SERVICE} knows no town {clean_name(title, 80)!r} in {country}; check its name and --country"
        )
    return min(near, key=lambda row: row[:2])[2]


def _boundary(row: Mapping[str, Any]) -> Boundary:
    south, north, west, east = (float(text) for text in row["boundingbox"])
    geometry = row.get("geojson") or {}
    is_outline = geometry.get("type") in _AREAS
    full_name = clean_name(str(row.get("display_name", "")))
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Boundary(
        osm_type=str(row["osm_type"]),
        osm_id=int(row["osm_id"]),
        longitude_deg=float(row["lon"]),
        latitude_deg=float(row["lat"]),
        box_deg=(south, west, north, east),
        geometry=geometry if is_outline else {"type": "Polygon", "coordinates": [corners]},
        is_outline=is_outline,
        name=clean_name(str(row.get("name") or full_name.partition(",")[0]), _LONGEST_NAME),
        full_name=full_name,
    )


def _rank(row: Mapping[str, Any], found: Boundary) -> int:
    settled = row.get("addresstype") in _SETTLED or row.get("type") in _SETTLED
    administrative = row.get("type") == "administrative"
    if found.is_outline and settled:
        return 0
    if found.is_outline and administrative:
        return 1
    return 2 if settled else 3


def _distance_km(found: Boundary, place_deg: tuple[float, float]) -> float:
    longitude, latitude = place_deg
    east = (found.longitude_deg - longitude) * math.cos(math.radians(latitude))
    return _KM_PER_DEG * math.hypot(east, found.latitude_deg - latitude)


def _box_km2(found: Boundary) -> float:
    south, west, north, east = found.box_deg
    return (north - south) * (east - west) * _KM_PER_DEG**2 * math.cos(math.radians((south + north) / 2))
