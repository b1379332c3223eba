"""Areas that are there already: a person's outlines, administrative boundaries, squares of a grid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

# administrative levels within a municipality, as readers name them
BOUNDARY_KINDS = ("admin_9", "admin_10", "admin_11")
# municipalities, which serve where the data hold several small ones
MUNICIPAL_KINDS = ("admin_7", "admin_8")
# an outline of which less lies within the data is cut by their edge
WHOLE_SHARE = 0.95


def area_of_points(shapes: ObjectArray, points: ObjectArray) -> IntArray:
    """Return the area that each point lies in, the smaller where areas overlap, their number where none.

    Examples
    --------
    >>> shapes = np.array([shapely.box(0, 0, 9, 9), shapely.box(0, 0, 3, 3)])
    >>> area_of_points(shapes, shapely.points([[1, 1], [5, 5], [99, 0]]))
    array([1, 0, 2])
    """
    point, area = shapely.STRtree(shapes).query(points, predicate="intersects")
    # where outlines overlap, the smaller one is the more particular one
    order = np.lexsort((area, shapely.area(shapes)[area], point))
    first = np.unique(point[order], return_index=True)[1]
    labels = np.full(len(points), len(shapes))
    labels[point[order][first]] = area[order][first]
    return labels


def is_whole(shapes: ObjectArray, frame: shapely.Geometry) -> BoolArray:
    """Say which areas lie within the frame of the data.

    Examples
    --------
    >>> is_whole(np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 9, 9)]), shapely.box(-1, -1, 2, 2))
    array([ True, False])
    """
    size = shapely.area(shapes)
    inside = shapely.area(shapely.intersection(shapes, frame))
    return np.asarray((size > 0) & (inside >= WHOLE_SHARE * size), dtype=bool)


def fitting_level(
    levels: ObjectArray, shapes: ObjectArray, points: ObjectArray, wanted_count: float, fewest_share: float,
    largest_count: float = np.inf,
) -> IntArray:  # fmt: skip
    """Return the areas of the one administrative level whose areas suit best, or none.

    A level serves when at least two of its areas hold buildings and together at least a share of them
    all; of several the one whose mean number of buildings is nearest to what is wanted.

    Parameters
    ----------
    levels, shapes : (n,) arrays
        Level and outline of each area.
    points : (m,) array
        One point inside each building.
    wanted_count, fewest_share : float
        Buildings wanted in a district; share of all buildings that a level must hold.
    largest_count : float
        Municipalities that hold more buildings than this, on average, are no districts.

    Returns
    -------
    array of positions
        In `levels`.
    """
    best, least = np.zeros(0, dtype=np.int64), np.inf
    for level in sorted(set(levels.tolist())):
        places = np.flatnonzero(levels == level)
        labels = area_of_points(shapes[places], points)
        count = np.bincount(labels, minlength=len(places) + 1)[:-1]
        if (count > 0).sum() < 2 or count.sum() < fewest_share * len(points):
            continue
        mean_count = count[count > 0].mean()
        if level in MUNICIPAL_KINDS and mean_count > largest_count:
            continue
        unlike = abs(np.log(mean_count / wanted_count))
        if unlike < least:
            best, least = places[count > 0], unlike
    return best


def boundary_areas(
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    wanted_count: float,
    fewest_share: float,
    largest_count: float,
    reach_m: float,
) -> gpd.GeoDataFrame | None:
    """Return the administrative areas that serve as districts, or None.

    Only areas that lie within the data, up to a reach, are whole; see `fitting_level`.
    """
    is_area = places.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    is_boundary = is_area & places["kind"].isin((*BOUNDARY_KINDS, *MUNICIPAL_KINDS))
    areas = places[is_boundary.to_numpy(dtype=bool)].sort_index()
    if len(areas) < 2:
        return None
    drawn = np.concatenate([buildings.geometry.array, streets.geometry.array])
    frame = shapely.buffer(shapely.box(*shapely.total_bounds(drawn)), reach_m)
    shapes = shapely.make_valid(np.asarray(areas.geometry.array, dtype=object))
    whole = is_whole(shapes, frame)
    points = np.asarray(shapely.point_on_surface(buildings.geometry.array), dtype=object)
    levels = areas["kind"].to_numpy(dtype=object)[whole]
    chosen = fitting_level(levels, shapes[whole], points, wanted_count, fewest_share, largest_count)
    return areas[whole].iloc[chosen] if len(chosen) else None


def squares_of_points(xy_m: FloatArray, side_m: float) -> tuple[ObjectArray, IntArray]:
    """Return the squares of a grid that hold points, from the north, and the square of each point.

    Examples
    --------
    >>> squares, square = squares_of_points(np.array([[10.0, 10.0], [10.0, 600.0], [20.0, 20.0]]), 500.0)
    >>> [shape.bounds for shape in squares], square.tolist()
    ([(0.0, 500.0, 500.0, 1000.0), (0.0, 0.0, 500.0, 500.0)], [1, 0, 1])
    """
    place = np.floor(xy_m / side_m).astype(np.int64)
    found, square = np.unique(np.column_stack([-place[:, 1], place[:, 0]]), axis=0, return_inverse=True)
    west, south = found[:, 1] * side_m, -found[:, 0] * side_m
    return np.asarray(shapely.box(west, south, west + side_m, south + side_m)), square.reshape(-1)
