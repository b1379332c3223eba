"""Rings of many polygons as flat arrays, the common ground of wall, corner and roof geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray


@dataclass(frozen=True)
class RingSides:
    """The sides of all rings, ring after ring.

    Attributes
    ----------
    start_m, end_m : (s, 2) arrays
    ring : (s,) array
        Number of the ring each side belongs to, ascending.
    owner : (r,) array
        Position of the polygon or multipolygon each ring belongs to, ascending.
    is_shell : (r,) array
        Whether a ring is an outer outline rather than a courtyard.
    """

    start_m: FloatArray
    end_m: FloatArray
    ring: IntArray
    owner: IntArray
    is_shell: BoolArray


def ring_sides(polygons: ObjectArray) -> RingSides:
    """Take polygons and multipolygons apart into the sides of their rings.

    Examples
    --------
    >>> sides = ring_sides(np.array([shapely.box(0, 0, 4, 3)], dtype=object))
    >>> len(sides.start_m), sides.owner.tolist(), sides.is_shell.tolist()
    (4, [0], [True])
    """
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    ring_counts = shapely.get_num_interior_rings(parts) + 1
    part = np.repeat(np.arange(len(parts)), ring_counts)
    is_shell = np.ones(len(part), dtype=bool)
    is_shell[1:] = part[1:] != part[:-1]
    # taking rings out one by one is slow: only polygons with courtyards need it
    sizes = shapely.get_num_coordinates(parts)[part]
    holed = ring_counts > 1
    sizes[holed[part]] = shapely.get_num_coordinates(shapely.get_rings(parts[holed]))
    # a courtyard of no corners is none
    drawn = sizes > 0
    part, is_shell, sizes = part[drawn], is_shell[drawn], sizes[drawn]
    xy = shapely.get_coordinates(parts)
    ring = np.repeat(np.arange(len(part)), sizes)
    same = ring[1:] == ring[:-1]
    return RingSides(xy[:-1][same], xy[1:][same], ring[1:][same], part_owner[part], is_shell)
