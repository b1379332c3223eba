"""Where data lie, against where they should: the country, and the town where it is known.

Coordinates are wrong in few ways: latitude and longitude exchanged, metres taken for degrees, degrees
taken for metres, one national grid taken for another. Each is tried, and what would put the data into
their country is said, so that a person knows what to do.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from layers.core.crs import EUROPE_BOUNDS_DEG, GEOGRAPHIC, transform_points
from layers.core.errors import CrsProblem
from layers.core.extract import Note
from layers.core.types import BoolArray, FloatArray

PLACES = Path(__file__).resolve().parent.parent / "data" / "country_places.csv"
KM_PER_DEG = 111.2
# farther than this from a town's middle, a file is not of that town
FAR_FROM_TOWN_KM = 60.0
# systems of maps on the web and of all Europe
_WORLD_GRIDS = ("3857", "3035")
_MOST_HINTS = 2
# nearer to the origin than this share of the usual distance, a coordinate is a gap
_ORIGIN_SHARE = 1e-3
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class CountryPlace:
    """Where a country lies, and the codes of the systems that its maps use."""

    bounds_deg: Bounds
    grids: tuple[str, ...]


@dataclass(frozen=True)
class Town:
    """A town that is known: its name and its middle."""

    title: str
    longitude_deg: float
    latitude_deg: float


@cache
def country_places() -> dict[str, CountryPlace]:
    """Return every known country's place by its two-letter code.

    Examples
    --------
    >>> country_places()["EE"].grids
    ('3301',)
    """
    with PLACES.open(encoding="utf-8", newline="") as lines:
        return {
            row["country"]: CountryPlace(
                (
                    float(row["west_deg"]), float(row["south_deg"]),
                    float(row["east_deg"]), float(row["north_deg"]),
                ),
                tuple(row["grid_codes"].split()),
            )
            for row in csv.DictReader(lines)
        }  # fmt: skip


def within_deg(points_deg: FloatArray, bounds_deg: Bounds) -> BoolArray:
    """Say which points lie within bounds; points that are no numbers do not.

    Examples
    --------
    >>> within_deg(np.array([[9.0, 48.5], [0.0, 0.0], [np.nan, 1.0]]), EUROPE_BOUNDS_DEG)
    array([ True, False, False])
    """
    west, south, east, north = bounds_deg
    x, y = points_deg[:, 0], points_deg[:, 1]
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north), dtype=bool)


def distances_km(points_deg: FloatArray, middle_deg: FloatArray) -> FloatArray:
    """Return how far points are from a middle; good to a few percent within Europe.

    Examples
    --------
    >>> distances_km(np.array([[10.0, 60.0]]), np.array([10.0, 59.0])).round(0)
    array([111.])
    """
    east = (points_deg[:, 0] - middle_deg[0]) * np.cos(np.radians(middle_deg[1]))
    return np.asarray(np.hypot(east, points_deg[:, 1] - middle_deg[1]) * KM_PER_DEG, dtype=np.float64)


def middles(table: gpd.GeoDataFrame) -> FloatArray:
    """Return the middle of each geometry's box as (n, 2), in the table's system; NaN without one."""
    box = shapely.bounds(np.asarray(table.geometry.array, dtype=object)).reshape(-1, 4)
    # halves first: the sum of two huge numbers may be none
    with np.errstate(invalid="ignore"):
        return np.column_stack([box[:, 0] / 2 + box[:, 2] / 2, box[:, 1] / 2 + box[:, 3] / 2])


def to_degrees(points: FloatArray, crs: CRS | str) -> FloatArray:
    """Return points as longitude and latitude; what lies outside a system's area becomes NaN."""
    found = transform_points(points, crs, GEOGRAPHIC)
    return np.where(np.isfinite(found).all(axis=1, keepdims=True), found, np.nan)


def outside_europe(points: FloatArray, points_deg: FloatArray) -> BoolArray:
    """Say which places lie outside Europe, or at the origin of their system while most do not.

    A place that could not be found is often written as 0, 0, which may lie in the middle of a country.

    Parameters
    ----------
    points, points_deg : (n, 2) arrays
        The same places in the table's system and in degrees.
    """
    outside = ~within_deg(points_deg, EUROPE_BOUNDS_DEG)
    if outside.all():
        return outside
    usual = np.abs(np.median(points[~outside], axis=0)).max()
    return np.asarray(outside | (np.abs(points).max(axis=1) < _ORIGIN_SHARE * usual), dtype=bool)


def _looks_like_degrees(point: FloatArray) -> bool:
    return bool(abs(point[0]) <= 360.0 and abs(point[1]) <= 90.0)


def _candidates(point: FloatArray, place: CountryPlace) -> list[str]:
    """Return the systems that numbers like these may be in, the likeliest first."""
    if _looks_like_degrees(point):
        return [GEOGRAPHIC]
    west, _, east, _ = place.bounds_deg
    zones = range(int((west + 180) // 6) + 1, int((min(east, 42.0) + 180) // 6) + 2)
    utm = [f"258{zone}" for zone in zones if 28 <= zone <= 38]
    return [f"EPSG:{code}" for code in dict.fromkeys([*place.grids, *utm, *_WORLD_GRIDS])]


def _fits(point_deg: FloatArray, place: CountryPlace, town: Town | None) -> bool:
    one = point_deg.reshape(1, 2)
    if town is not None:
        middle = np.array([town.longitude_deg, town.latitude_deg])
        return bool(distances_km(one, middle)[0] <= FAR_FROM_TOWN_KM)
    return bool(within_deg(one, place.bounds_deg)[0])


def _is_swapped(point: FloatArray, crs: CRS, place: CountryPlace, town: Town | None) -> bool:
    return _fits(to_degrees(point[::-1].reshape(1, 2), crs)[0], place, town)


def _is_meant_for(crs: CRS, point_deg: FloatArray) -> bool:
    """Say whether a place lies in the area that a system was made for."""
    area = crs.area_of_use
    if area is None:
        return True
    return bool(within_deg(point_deg.reshape(1, 2), (area.west, area.south, area.east, area.north))[0])


def _other_systems(point: FloatArray, crs: CRS, place: CountryPlace, town: Town | None) -> list[str]:
    names = []
    for name in _candidates(point, place):
        point_deg = to_degrees(point.reshape(1, 2), name)[0]
        if CRS(name) != crs and _fits(point_deg, place, town) and _is_meant_for(CRS(name), point_deg):
            names.append(name)
    return names[:_MOST_HINTS]


def _where(point_deg: FloatArray) -> str:
    if not np.isfinite(point_deg).all():
        return "nowhere on the map"
    return f"around longitude {point_deg[0]:.5g}, latitude {point_deg[1]:.5g}"


def check_whereabouts(
    table: gpd.GeoDataFrame, *, name: str, country: str, country_name: str, town: Town | None = None
) -> tuple[Note, ...]:
    """Compare where most buildings lie with where the town is said to be.

    Parameters
    ----------
    table : GeoDataFrame
        Buildings as a reader gives them.
    name : str
        The file, for the sentence.
    country, country_name : str
        Two-letter code, and the name to show.
    town : Town, optional
        The town, where its place is known.

    Returns
    -------
    tuple of Note
        A hint where the data lie elsewhere and no cause is seen.

    Raises
    ------
    CrsProblem
        When the data lie outside Europe, or would be in place with their coordinates exchanged.
    """
    points = middles(table)
    points = points[np.isfinite(points).all(axis=1)]
    place = country_places().get(country)
    if table.crs is None or not len(points) or place is None:
        return ()
    point = np.median(points, axis=0)
    point_deg = to_degrees(point.reshape(1, 2), table.crs)[0]
    if _fits(point_deg, place, town):
        return ()
    target = town.title if town else country_name
    in_europe = bool(within_deg(point_deg.reshape(1, 2), EUROPE_BOUNDS_DEG)[0])
    found = f"{name} lies {_where(point_deg)} in {table.crs.to_string()}, not in {target}"
    if _is_swapped(point, table.crs, place, town):
        raise CrsProblem(
            f"{found}: its latitude and longitude look swapped; exchange them (longitude first) and export "
            "it again."
        )
    others = [] if in_europe else _other_systems(point, table.crs, place, town)
    if others:
        kind = "degrees" if others[0] == GEOGRAPHIC else "metres"
        raise CrsProblem(f"{found}: its numbers look like {kind}; pass --crs {' or --crs '.join(others)}.")
    if not in_europe:
        raise CrsProblem(
            f"{found}, and outside Europe; pass the coordinate system that its numbers are in with --crs."
        )
    return (Note("read", f"{found}; check the file, --country and --crs", len(points)),)
