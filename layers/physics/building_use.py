"""What the surroundings of a building say about its use, as arrays.

The floor area of a building is shared out among the classes of `PROFILE`: first what stands in it
(points of interest, each with a typical floor area; shops and restaurants on the ground floor only),
then what the land around it is for; what is left is unknown. The largest share names the use.
"""

from __future__ import annotations

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.core.uses import RESIDENTIAL_USES, USES

# the classes that a floor area is shared among: the sizes of dwellings are told apart later
PROFILE: tuple[str, ...] = ("residential", *(use for use in USES if use not in RESIDENTIAL_USES))
UNKNOWN = PROFILE.index("unknown")
RESIDENTIAL = PROFILE.index("residential")
GROUND_FLOOR = tuple(PROFILE.index(use) for use in ("retail", "restaurant"))


def smallest_containing(points: ObjectArray, polygons: ObjectArray) -> IntArray:
    """Return for each point the position of the smallest polygon around it, or -1.

    Examples
    --------
    >>> areas = np.array([shapely.box(0, 0, 9, 9), shapely.box(0, 0, 2, 2)], dtype=object)
    >>> smallest_containing(shapely.points([[1, 1], [5, 5], [20, 20]]), areas)
    array([ 1,  0, -1])
    """
    found = np.full(len(points), -1, dtype=np.int64)
    if len(points) == 0 or len(polygons) == 0:
        return found
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    size_m2 = shapely.area(polygons)[polygon]
    # largest first, so that the smallest is written last; equal sizes by their place on the map
    corner = shapely.bounds(polygons)[polygon]
    order = np.lexsort((corner[:, 1], corner[:, 0], -size_m2))
    found[point[order]] = polygon[order]
    return found


def points_in_buildings(
    polygons: ObjectArray, points: ObjectArray, reach_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return pairs of building and point, and the part of the point that falls to the building.

    A point belongs to the building around it, else to the nearest within a reach (shops are often
    drawn at their door); a point between several counts for each in equal parts.

    Examples
    --------
    >>> house = np.array([shapely.box(0, 0, 9, 9)], dtype=object)
    >>> points_in_buildings(house, shapely.points([[5, 5], [10, 5], [30, 5]]), 3.0)
    (array([0, 0]), array([0, 1]), array([1., 1.]))
    """
    empty = np.zeros(0, dtype=np.int64)
    if len(polygons) == 0 or len(points) == 0:
        return empty, empty, np.zeros(0)
    point, building = shapely.STRtree(polygons).query_nearest(points, max_distance=reach_m, all_matches=True)
    part = 1.0 / np.bincount(point, minlength=len(points))[point]
    order = np.lexsort((building, point))
    return building[order], point[order], part[order]


def beside_larger(
    polygons: ObjectArray, area_m2: FloatArray, small: BoolArray, large: BoolArray, reach_m: float
) -> BoolArray:
    """Say which small buildings stand within a reach of a larger one.

    Examples
    --------
    >>> plots = np.array([shapely.box(0, 0, 12, 10), shapely.box(20, 0, 25, 5), shapely.box(90, 0, 95, 5)])
    >>> size_m2 = shapely.area(plots)
    >>> beside_larger(plots, size_m2, size_m2 < 45, size_m2 >= 45, 25.0)
    array([False,  True, False])
    """
    found = np.zeros(len(polygons), dtype=bool)
    small_at, large_at = np.flatnonzero(small), np.flatnonzero(large)
    if len(small_at) == 0 or len(large_at) == 0:
        return found
    tree = shapely.STRtree(polygons[large_at])
    row, match = tree.query(polygons[small_at], predicate="dwithin", distance=reach_m)
    is_larger = area_m2[large_at[match]] > 1.5 * area_m2[small_at[row]]
    found[small_at[row[is_larger]]] = True
    return found


def share_floor_area(
    poi_area_m2: FloatArray, floor_area_m2: FloatArray, storey_count: FloatArray
) -> FloatArray:
    """Return the shares of a floor area that its points of interest take.

    Parameters
    ----------
    poi_area_m2 : (n, len(PROFILE)) array
        Floor area behind the points of interest of each class.
    floor_area_m2, storey_count : (n,) arrays
        Gross floor area and storeys of each building.

    Returns
    -------
    (n, len(PROFILE)) array
        Shares; their sum is at most 1. Shops and restaurants never take more than the ground floor.

    Examples
    --------
    Two shops and an office of 100 m² each in a house of 4 storeys and 400 m²:

    >>> areas = np.zeros((1, len(PROFILE)))
    >>> areas[0, PROFILE.index("retail")], areas[0, PROFILE.index("office")] = 200.0, 100.0
    >>> shares = share_floor_area(areas, np.array([400.0]), np.array([4.0]))
    >>> float(shares[0, PROFILE.index("retail")]), float(shares[0, PROFILE.index("office")])
    (0.25, 0.25)
    """
    floor = np.maximum(floor_area_m2, 1.0)[:, None]
    shares = poi_area_m2 / floor
    ground = list(GROUND_FLOOR)
    upper = [column for column in range(len(PROFILE)) if column not in GROUND_FLOOR]
    ground_limit = 1.0 / np.maximum(storey_count, 1.0)
    ground_sum = shares[:, ground].sum(axis=1)
    shares[:, ground] *= np.minimum(1.0, ground_limit / np.maximum(ground_sum, 1e-12))[:, None]
    left = 1.0 - shares[:, ground].sum(axis=1)
    upper_sum = shares[:, upper].sum(axis=1)
    shares[:, upper] *= np.minimum(1.0, left / np.maximum(upper_sum, 1e-12))[:, None]
    return np.asarray(shares, dtype=np.float64)


def fill_shares(shares: FloatArray, profile: FloatArray) -> FloatArray:
    """Return shares whose remainder is filled with another profile, and the rest with `unknown`.

    Parameters
    ----------
    shares, profile : (n, len(PROFILE)) arrays
        Sums of at most 1 per row.

    Examples
    --------
    >>> shares, land = np.zeros((1, len(PROFILE))), np.zeros((1, len(PROFILE)))
    >>> shares[0, PROFILE.index("retail")], land[0, RESIDENTIAL] = 0.25, 0.8
    >>> full = fill_shares(shares, land)
    >>> round(float(full[0, RESIDENTIAL]), 3), round(float(full[0, UNKNOWN]), 3), float(full.sum())
    (0.6, 0.15, 1.0)
    """
    left = 1.0 - shares.sum(axis=1, keepdims=True)
    filled = shares + np.maximum(left, 0.0) * profile
    filled[:, UNKNOWN] += np.maximum(1.0 - filled.sum(axis=1), 0.0)
    return np.asarray(filled, dtype=np.float64)


def single_use(classes: ObjectArray) -> FloatArray:
    """Return profiles that give the whole floor area to one class each (nothing where it is "").

    Examples
    --------
    >>> profile = single_use(np.array(["office", ""], dtype=object))
    >>> profile.sum(axis=1)
    array([1., 0.])
    """
    profile = np.zeros((len(classes), len(PROFILE)))
    for column, name in enumerate(PROFILE):
        profile[:, column] = classes == name
    return profile
