"""Form of the buildings: size, shape, direction, shared walls, and how densely it is built around.

* Compactness is the isoperimetric quotient 4 π A / P², 1 for a circle.
* Corners are the vertices at which the outline turns by more than an angle.
* Length, width and direction are those of the smallest rectangle around the outline.
* Shared walls are found within a tolerance (see `layers.physics.walls`), because neighbours are
  rarely drawn with the same vertices.
* "Near" means that the middle of another building lies within a radius of the middle of this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.errors import CrsProblem
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.neighbours import near_statistics
from layers.physics.rings import ring_sides
from layers.physics.walls import SHORTEST_EDGE_M
from layers.physics.walls import wall_pairs as shared_walls


@dataclass(frozen=True)
class FormParams:
    """Settings of the form layer.

    Attributes
    ----------
    wall_gap_m : largest gap or overlap between two drawings of one wall, 0 to 1
    wall_angle_deg : largest angle between them, 0 to 45
    shortest_wall_m : shared walls shorter than this are corners that touch, 0 to 5
    corner_angle_deg : a vertex that turns by more is a corner, 1 to 60
    near_m : radius of "near", 20 to 1,000
    """

    wall_gap_m: float = 0.3
    wall_angle_deg: float = 15.0
    shortest_wall_m: float = 0.2
    corner_angle_deg: float = 20.0
    near_m: float = 100.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "wall_gap_m": (0.0, 1.0), "wall_angle_deg": (0.0, 45.0), "shortest_wall_m": (0.0, 5.0),
            "corner_angle_deg": (1.0, 60.0), "near_m": (20.0, 1000.0),
        }  # fmt: skip
        check_ranges(self, ranges)


ADDS: tuple[Column, ...] = (
    Column("footprint_area_m2", "area of the outline", lowest=0),
    Column("perimeter_m", "length of the outline, courtyards included", lowest=0),
    Column("compactness_ratio", "4 π area / perimeter², 1 for a circle", lowest=0, highest=1.000001),
    Column("corner_count", "corners of the outer outline", "whole", lowest=0),
    Column("box_length_m", "longer side of the smallest rectangle around the outline", lowest=0),
    Column("box_width_m", "shorter side of that rectangle", lowest=0),
    Column("axis_azimuth_deg", "direction of its longer side", lowest=0, highest=180),
    Column("shared_wall_length_m", "length of plan shared with other buildings", lowest=0),
    Column("neighbour_count", "buildings that share a wall with this one", "whole", lowest=0),
    Column("near_count", "other buildings whose middle lies within the radius of near", "whole", lowest=0),
    Column("built_share", "footprints within that radius over its area", lowest=0, highest=1),
)


def find_wall_pairs(buildings: gpd.GeoDataFrame, params: FormParams | None = None) -> pd.DataFrame:
    """Find the buildings that share a wall.

    Parameters
    ----------
    buildings : GeoDataFrame
        Valid polygons in a metric system.

    Returns
    -------
    DataFrame
        `left` and `right` (positions of the rows, left < right) and `length_m`, the shared length
        of plan.
    """
    params = params or FormParams()
    left, right, length_m = shared_walls(
        _polygons(buildings),
        tolerance_m=params.wall_gap_m,
        largest_angle_deg=params.wall_angle_deg,
        shortest_m=params.shortest_wall_m,
    )
    return pd.DataFrame({"left": left, "right": right, "length_m": length_m})


def corner_counts(polygons: ObjectArray, corner_angle_deg: float) -> IntArray:
    """Count the vertices at which the outer outlines turn by more than an angle.

    Examples
    --------
    >>> corner_counts(np.array([shapely.box(0, 0, 1, 1)], dtype=object), 20.0)
    array([4])
    """
    sides = ring_sides(polygons)
    step = sides.end_m - sides.start_m
    real = sides.is_shell[sides.ring] & (np.hypot(step[:, 0], step[:, 1]) > SHORTEST_EDGE_M)
    step, ring = step[real], sides.ring[real]
    # the side after the last one of a ring is the first one of the same ring
    following = np.arange(len(ring)) + 1
    is_last = np.ones(len(ring), dtype=bool)
    is_last[:-1] = ring[1:] != ring[:-1]
    following[is_last] = np.searchsorted(ring, ring[is_last])
    heading = np.arctan2(step[:, 1], step[:, 0])
    turn = np.abs(np.mod(heading[following] - heading + np.pi, 2 * np.pi) - np.pi)
    is_corner = turn > np.radians(corner_angle_deg)
    return np.bincount(sides.owner[ring], is_corner, minlength=len(polygons)).astype(np.int64)


def smallest_boxes(polygons: ObjectArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return length, width and azimuth (0 to 180°, clockwise from north) of the smallest rectangles.

    Examples
    --------
    >>> house = np.array([shapely.box(0, 0, 30, 10)], dtype=object)
    >>> [float(values[0]) for values in smallest_boxes(house)]
    [30.0, 10.0, 90.0]
    """
    corner = shapely.get_coordinates(shapely.oriented_envelope(polygons)).reshape(-1, 5, 2)
    one, two = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 1]
    one_m, two_m = np.hypot(one[:, 0], one[:, 1]), np.hypot(two[:, 0], two[:, 1])
    axis = np.where((one_m >= two_m)[:, None], one, two)
    azimuth = np.mod(np.degrees(np.arctan2(axis[:, 0], axis[:, 1])).round(9), 180.0)
    return np.maximum(one_m, two_m), np.minimum(one_m, two_m), azimuth


def add_form(
    buildings: gpd.GeoDataFrame, params: FormParams | None = None, *, wall_pairs: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Add size, shape, direction, shared walls and surroundings of each building.

    Parameters
    ----------
    buildings : GeoDataFrame
        Valid polygons in a metric system.
    params : FormParams, optional
    wall_pairs : DataFrame, optional
        What `find_wall_pairs` found, when it is known already.
    """
    params = params or FormParams()
    polygons = _polygons(buildings)
    pairs = find_wall_pairs(buildings, params) if wall_pairs is None else wall_pairs
    ends = np.concatenate([pairs["left"].to_numpy(), pairs["right"].to_numpy()])
    lengths = np.tile(pairs["length_m"].to_numpy(dtype=float), 2)
    area, perimeter = shapely.area(polygons), shapely.length(polygons)
    box_length, box_width, azimuth = smallest_boxes(polygons)
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    near_count, near_area, _ = near_statistics(middle, area, params.near_m)
    return buildings.assign(
        footprint_area_m2=area,
        perimeter_m=perimeter,
        compactness_ratio=4 * np.pi * area / perimeter**2,
        corner_count=corner_counts(polygons, params.corner_angle_deg),
        box_length_m=box_length,
        box_width_m=box_width,
        axis_azimuth_deg=azimuth,
        shared_wall_length_m=np.bincount(ends, lengths, minlength=len(buildings)),
        neighbour_count=np.bincount(ends, minlength=len(buildings)),
        near_count=near_count - 1,
        built_share=np.minimum(near_area / (np.pi * params.near_m**2), 1.0),
    )


def _polygons(buildings: gpd.GeoDataFrame) -> ObjectArray:
    if buildings.crs is not None and buildings.crs.is_geographic:
        raise CrsProblem(
            f"The form of buildings needs metres, but they are in {buildings.crs.to_string()}; "
            "reproject them to a metric system first."
        )
    return np.asarray(buildings.geometry.array, dtype=object)
