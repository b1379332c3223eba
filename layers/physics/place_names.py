"""Names that a resident would know, for areas: a place and a street.

The place is a named quarter, neighbourhood, suburb or village inside the area (or a town, where there
are several), else the nearest one with the direction in which the area lies from it. The street is the
one with the longest stretch inside. Each name is given once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from layers.core.types import FloatArray, ObjectArray

# what people call the part of town they live in; a town's own name says nothing within the town
PLACE_KINDS = (
    "neighbourhood", "quarter", "suburb", "village", "hamlet", "borough",
    "admin_9", "admin_10", "admin_11", "admin_12",
)  # fmt: skip
# towns tell areas apart where the data hold several of them
TOWN_KINDS = ("town", "city")
STREET_KINDS = (
    "residential", "living_street", "unclassified", "tertiary", "secondary", "primary", "pedestrian",
)  # fmt: skip
DIRECTIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
DEGREES_PER_DIRECTION = 45.0
BETWEEN = " – "
SHORTEST_STRETCH_M = 20.0


@dataclass(frozen=True)
class Name:
    """A name and where it comes from: place, nearest place, street or number."""

    text: str
    origin: str


def direction(from_m: FloatArray, to_m: FloatArray) -> str:
    """Return the compass word for the way from one point to another.

    Examples
    --------
    >>> direction(np.array([0.0, 0.0]), np.array([100.0, 5.0]))
    'east'
    """
    east, north = to_m - from_m
    azimuth = np.degrees(np.arctan2(east, north))
    return DIRECTIONS[round(azimuth / DEGREES_PER_DIRECTION) % len(DIRECTIONS)]


def _place_names(
    outlines: ObjectArray, centres_m: FloatArray, names: list[str], shapes: ObjectArray, farthest_m: float
) -> list[Name]:
    """Return the place part of each area's name; empty where none is near."""
    if not len(shapes):
        return [Name("", "")] * len(outlines)
    points = shapely.point_on_surface(shapes)
    tree = shapely.STRtree(outlines)
    inside: dict[int, list[int]] = {}
    for place, area in zip(*tree.query(points, predicate="intersects"), strict=True):
        inside.setdefault(int(area), []).append(int(place))
    xy = shapely.get_coordinates(points)
    found = []
    for number, centre in enumerate(centres_m):
        far = np.hypot(*(xy - centre).T)
        # an area drawn on the map counts from its outline, a point from where it was put
        far = np.minimum(far, shapely.distance(shapes, shapely.Point(centre)))
        candidates = inside.get(number) or list(range(len(shapes)))
        nearest = min(candidates, key=lambda k: (far[k], names[k]))
        if number in inside or far[nearest] == 0:
            found.append(Name(names[nearest], "place"))
        elif far[nearest] <= farthest_m:
            way = direction(xy[nearest], centre)
            found.append(Name(f"{way.capitalize()} of {names[nearest]}", "nearest place"))
        else:
            found.append(Name("", ""))
    return found


def _streets_by_length(outlines: ObjectArray, names: ObjectArray, lines: ObjectArray) -> list[list[str]]:
    """Return the names of the streets inside each area: first those that run more here than elsewhere."""
    area, street = shapely.STRtree(lines).query(outlines, predicate="intersects")
    inside_m = shapely.length(shapely.intersection(lines[street], outlines[area]))
    table = pd.DataFrame({"area": area, "name": names[street], "inside_m": inside_m})
    totals = table.groupby(["area", "name"], as_index=False)["inside_m"].sum()
    totals = totals[totals["inside_m"] > SHORTEST_STRETCH_M]
    elsewhere = totals["inside_m"] < totals.groupby("name")["inside_m"].transform("max")
    totals = totals.assign(elsewhere=elsewhere).sort_values(
        ["area", "elsewhere", "inside_m", "name"], ascending=[True, True, False, True]
    )
    ordered: list[list[str]] = [[] for _ in outlines]
    for number, name in zip(totals["area"], totals["name"], strict=True):
        ordered[number].append(name)
    return ordered


def _telling_towns(outlines: ObjectArray, places: pd.DataFrame) -> tuple[str, ...]:
    """Return the kinds of towns where at least two of them lie inside the areas."""
    towns = places[places["kind"].isin(TOWN_KINDS)]
    points = shapely.point_on_surface(np.asarray(towns.geometry.array, dtype=object))
    inside, _ = shapely.STRtree(outlines).query(points, predicate="intersects")
    return TOWN_KINDS if len(set(towns["name"].iloc[inside])) > 1 else ()


def name_areas(
    outlines: ObjectArray,
    centres_m: FloatArray,
    places: pd.DataFrame,
    streets: pd.DataFrame,
    *,
    farthest_m: float,
) -> list[Name]:
    """Return one name per area, none twice.

    Parameters
    ----------
    outlines : (n,) array of polygons
    centres_m : (n, 2) array
        Where most of an area's buildings stand.
    places, streets : GeoDataFrame
        Columns `name`, `kind` and geometry, in the same metric system.
    farthest_m : float
        A place farther than this from an area's centre does not name it.
    """
    named = places[places["kind"].isin((*PLACE_KINDS, *_telling_towns(outlines, places)))]
    named = named[named["name"].notna()].sort_values("name", kind="stable")
    shapes = np.asarray(named.geometry.array, dtype=object)
    bases = _place_names(outlines, centres_m, named["name"].tolist(), shapes, farthest_m)
    roads = streets[streets["kind"].isin(STREET_KINDS) & streets["name"].notna()]
    lines = np.asarray(roads.geometry.array, dtype=object)
    inside = _streets_by_length(outlines, roads["name"].to_numpy(dtype=object), lines)
    taken: Counter[str] = Counter()
    return [_first_free(base, inside[number], number, taken) for number, base in enumerate(bases)]


def _first_free(base: Name, streets: list[str], number: int, taken: Counter[str]) -> Name:
    """Return place and street, or two streets, or a number, whatever is not taken yet."""
    fallback = base.text or f"District {number + 1}"
    if base.text:
        choices = [Name(base.text + BETWEEN + street, base.origin) for street in streets] or [base]
    else:
        choices = [Name(street, "street") for street in streets]
        choices += [Name(one + BETWEEN + two, "street") for one, two in pairwise(streets)]
    for choice in choices:
        if not taken[choice.text]:
            taken[choice.text] += 1
            return choice
    taken[fallback] += 1
    again = fallback if taken[fallback] == 1 else f"{fallback} ({taken[fallback]})"
    taken[again] += again != fallback
    return Name(again, base.origin or "number")
