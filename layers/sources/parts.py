"""Parts of buildings lend their building their heights and storeys.

In OpenStreetMap the outline of a building carries the height of its highest point; `building:part`
objects inside it say what stands where. For volume and floor area the mean over the footprint
counts: every part gives its area times its own height (from where it begins to where it ends), and
ground that no part covers takes the outline's own value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import FloatArray, IntArray, ObjectArray

# without a value of the outline itself, parts speak for a building from this share of its ground on
SMALLEST_COVER_SHARE = 0.5


@dataclass(frozen=True)
class Parts:
    """Parts of buildings: polygons, and where each begins and ends (NaN when unknown)."""

    geometries: ObjectArray
    top_m: FloatArray
    bottom_m: FloatArray
    top_storey_count: FloatArray
    bottom_storey_count: FloatArray


def find_owners(parts: ObjectArray, buildings: ObjectArray) -> IntArray:
    """Return the position of the smallest building around each part, -1 without one."""
    owners = np.full(len(parts), -1, dtype=np.int64)
    if len(parts) == 0 or len(buildings) == 0:
        return owners
    part, building = shapely.STRtree(buildings).query(shapely.point_on_surface(parts), predicate="intersects")
    largest_first = np.lexsort((building, -shapely.area(buildings)[building]))
    owners[part[largest_first]] = building[largest_first]
    return owners


def mean_over_footprint(
    own: FloatArray,
    area_m2: FloatArray,
    owner: IntArray,
    part_area_m2: FloatArray,
    top: FloatArray,
    bottom: FloatArray,
) -> FloatArray:
    """Return each building's mean height (or storeys) over its footprint.

    Parameters
    ----------
    own : (n,) array
        What the outline says; NaN when nothing.
    area_m2 : (n,) array
        Footprints; only their ratio to the parts' areas counts, so any unit of area will do.
    owner : (p,) array
        Building of each part, -1 without one.
    part_area_m2, top, bottom : (p,) arrays
        Each part's area, where it ends and where it begins.

    Returns
    -------
    (n,) array
        The mean where parts stand on enough of the ground, else `own`.

    Examples
    --------
    A hall of 4 m on three quarters of the ground, a tower of 20 m on the rest:

    >>> mean_over_footprint(
    ...     np.array([20.0]), np.array([100.0]), np.array([0, 0]),
    ...     np.array([75.0, 25.0]), np.array([4.0, 20.0]), np.array([0.0, 0.0]),
    ... )
    array([8.])
    """
    speaks = (owner >= 0) & (top > bottom) & (part_area_m2 > 0)
    owner, part_area_m2, top, bottom = owner[speaks], part_area_m2[speaks], top[speaks], bottom[speaks]
    count = len(own)
    on_ground = np.bincount(owner, np.where(bottom <= 0, part_area_m2, 0.0), minlength=count)
    content = np.bincount(owner, part_area_m2 * (top - bottom), minlength=count)
    highest = np.full(count, -np.inf)
    np.maximum.at(highest, owner, top)
    with np.errstate(invalid="ignore", divide="ignore"):
        # parts drawn over one another cannot make the mean higher than the highest part
        ground = np.minimum(on_ground, area_m2)
        cover_share = ground / area_m2
        covered = np.minimum(content / ground, highest)
        alone = np.where(cover_share >= SMALLEST_COVER_SHARE, covered, np.nan)
        together = covered * cover_share + own * (1.0 - cover_share)
    served = np.where(np.isnan(own), alone, np.where(cover_share > 0.0, together, own))
    return np.where(np.isfinite(served), served, own)


def serve_buildings(
    parts: Parts, buildings: ObjectArray, height_m: FloatArray, storey_count: FloatArray
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return heights and storeys with what the parts know, and each part's building.

    Areas are compared inside one building only, so that degrees serve as well as metres.
    """
    owner = find_owners(parts.geometries, buildings)
    area = shapely.area(buildings)
    part_area = shapely.area(parts.geometries)
    heights = mean_over_footprint(height_m, area, owner, part_area, parts.top_m, parts.bottom_m)
    storeys = mean_over_footprint(
        storey_count, area, owner, part_area, parts.top_storey_count, parts.bottom_storey_count
    )
    return heights, storeys, owner
