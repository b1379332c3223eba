"""Outlines of groups of buildings: who is nearest, clipped to what is near, cut along streets.

Every point of the plane belongs to its nearest building, so the outlines of groups cannot overlap.
Where two groups meet, that borderline wanders through courtyards half-way between buildings; a piece
of land that a street separates from its nearest building is therefore given to the nearest building
on its own side. What is farther than a reach from all buildings is left out.

Borderlines and streets are cut at each other once and closed to pieces, which tile the plane; then
pieces are only sorted, never cut again.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

SITE_STEP_M = 20.0
SITE_INSET_M = 0.5
# sites closer than this would make borderlines too jagged to compute with
SITE_GRID_M = 0.1
LINE_GRID_M = 0.01
# streets farther from a borderline than a deep block are not needed to draw it
BORDER_ZONE_M = 150.0
# so many of the nearest buildings are asked whether they stand on the same side of the streets
NEAR_COUNT = 24
CURVE_SEGMENTS = 2
FRAME_M = 2_000.0


def _reaches(polygons: ObjectArray, reach_m: float) -> ObjectArray:
    """Return the land within a reach of each building, corners rounded roughly."""
    box = shapely.envelope(polygons)
    # four corners instead of many where that changes little
    rough = np.where(shapely.area(box) > 2 * shapely.area(polygons), polygons, box)
    reaches = shapely.buffer(shapely.simplify(rough, reach_m / 20), reach_m, quad_segs=CURVE_SEGMENTS)
    return np.asarray(reaches, dtype=object)


def _closed_union(reaches: ObjectArray, gap_m: float) -> shapely.Geometry:
    """Unite reaches that were drawn `gap_m` too wide and take that off again, which closes narrow gaps.

    Clearings smaller than a square of four gaps are filled as well.
    """
    whole = shapely.buffer(shapely.union_all(reaches), -gap_m, quad_segs=CURVE_SEGMENTS)
    parts = shapely.get_parts(whole)
    if not shapely.get_num_interior_rings(parts).sum():
        return whole
    shells = shapely.polygons(shapely.get_exterior_ring(parts))
    clearings = shapely.get_parts(shapely.difference(shapely.union_all(shells), whole))
    wide = clearings[shapely.area(clearings) >= (4 * gap_m) ** 2]
    return shapely.difference(shapely.union_all(shells), shapely.union_all(wide))


def at_border(labels: IntArray, links: IntArray) -> BoolArray:
    """Say which rows are linked to a row of another group.

    Examples
    --------
    >>> at_border(np.array([0, 0, 0, 1]), np.array([[0, 1], [1, 2], [2, 3]]))
    array([False, False,  True,  True])
    """
    border = np.zeros(len(labels), dtype=bool)
    border[links[labels[links[:, 0]] != labels[links[:, 1]]]] = True
    return border


def _sites(polygons: ObjectArray, xy_m: FloatArray, detailed: BoolArray) -> tuple[FloatArray, IntArray]:
    """Return points that stand for the buildings: one each, many along the outline where it matters."""
    inner = shapely.buffer(polygons[detailed], -SITE_INSET_M)
    inner = np.where(shapely.is_empty(inner), polygons[detailed], inner)
    points, owner = shapely.get_coordinates(shapely.segmentize(inner, SITE_STEP_M), return_index=True)
    all_points = (np.concatenate([xy_m, points]) / SITE_GRID_M).round() * SITE_GRID_M
    all_owners = np.concatenate([np.arange(len(polygons)), np.flatnonzero(detailed)[owner]])
    places, first = np.unique(all_points, axis=0, return_index=True)
    return places, all_owners[first]


def _borderlines(sites_m: FloatArray, site_labels: IntArray, frame: FloatArray) -> ObjectArray:
    """Return the lines that are equally far from the sites of two groups."""
    origin = sites_m.mean(axis=0)
    # four far sites close every cell that reaches into the frame
    far = (frame[2:] - frame[:2]).max() * 10
    corners = np.array([[-far, -far], [-far, far], [far, -far], [far, far]])
    diagram = Voronoi(np.concatenate([sites_m - origin, corners]))
    label = np.append(site_labels, [-1, -1, -1, -1])[diagram.ridge_points]
    ends = np.asarray(diagram.ridge_vertices)
    between = (label[:, 0] != label[:, 1]) & (label >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    lines = shapely.linestrings(diagram.vertices[ends[between]] + origin)
    return np.asarray(shapely.intersection(lines, shapely.box(*frame)), dtype=object)


def _near_lines(lines: ObjectArray, borders: ObjectArray) -> ObjectArray:
    """Return the lines near a borderline; those inside a group cut nothing that matters."""
    if not len(lines) or not len(borders):
        return lines
    near = shapely.STRtree(borders).query(lines, predicate="dwithin", distance=BORDER_ZONE_M)[0]
    return np.asarray(lines[np.unique(near)], dtype=object)


def _pieces(lines: ObjectArray, frame: FloatArray) -> ObjectArray:
    """Cut lines at each other and return the areas they close within a frame."""
    edge = np.array([shapely.box(*frame).exterior], dtype=object)
    noded = shapely.union_all(np.concatenate([lines, edge]), grid_size=LINE_GRID_M)
    return np.asarray(shapely.get_parts(shapely.polygonize([noded])), dtype=object)


def _first_hit(areas: ObjectArray, points: ObjectArray) -> IntArray:
    """Return the number of the area each point lies in, -1 for none."""
    found = np.full(len(points), -1)
    # areas ask for points, not points for areas: an area with many corners is then prepared once
    area, point = shapely.STRtree(points).query(areas, predicate="intersects")
    order = np.argsort(-area, kind="stable")
    found[point[order]] = area[order]
    return found


def _nearest_in_face(
    middles_m: FloatArray, piece_face: IntArray, xy_m: FloatArray, point_face: IntArray
) -> IntArray:
    """Return, per piece, the nearest building in the same face, -1 where none of the near ones is."""
    count = min(NEAR_COUNT, len(xy_m))
    near = np.asarray(cKDTree(xy_m).query(middles_m, k=np.arange(1, count + 1))[1])
    same = point_face[near] == piece_face[:, None]
    first = same.argmax(axis=1)
    return np.where(same.any(axis=1), near[np.arange(len(near)), first], -1)


def _labelled_pieces(
    sites_m: FloatArray, site_labels: IntArray, xy_m: FloatArray, labels: IntArray, streets: ObjectArray
) -> tuple[ObjectArray, IntArray]:
    """Tile the plane with pieces and say to which group each belongs."""
    frame = np.concatenate([sites_m.min(axis=0) - FRAME_M, sites_m.max(axis=0) + FRAME_M])
    borders = _borderlines(sites_m, site_labels, frame)
    streets = _near_lines(streets, borders)
    pieces = _pieces(np.concatenate([borders, streets]), frame)
    middle = shapely.point_on_surface(pieces)
    middle_m = shapely.get_coordinates(middle)
    owner = site_labels[cKDTree(sites_m).query(middle_m)[1]]
    points = np.asarray(shapely.points(xy_m), dtype=object)
    inhabited = np.zeros(len(pieces), dtype=bool)
    inhabited[shapely.STRtree(points).query(pieces, predicate="intersects")[0]] = True
    faces = _pieces(streets, frame)
    piece_face, point_face = _first_hit(faces, middle), _first_hit(faces, points)
    # only a face in which several groups live needs a closer look; in the others there is one answer
    empty = np.flatnonzero(~inhabited & (piece_face >= 0))
    nearest = _nearest_in_face(middle_m[empty], piece_face[empty], xy_m, point_face)
    moved = empty[nearest >= 0]
    owner[moved] = labels[nearest[nearest >= 0]]
    return pieces, owner


def _hand_over_crumbs(outlines: ObjectArray, xy_m: FloatArray, smallest_m2: float) -> ObjectArray:
    """Give small parts without a building to the neighbouring outline with the longest common border."""
    parts, owner = shapely.get_parts(outlines, return_index=True)
    inhabited = np.zeros(len(parts), dtype=bool)
    points = np.asarray(shapely.points(xy_m), dtype=object)
    inhabited[shapely.STRtree(points).query(parts, predicate="intersects")[0]] = True
    crumb = np.flatnonzero(~inhabited & (shapely.area(parts) < smallest_m2))
    solid = np.setdiff1d(np.arange(len(parts)), crumb)
    if not len(crumb) or not len(solid):
        return outlines
    one, two = shapely.STRtree(parts[solid]).query(parts[crumb], predicate="intersects")
    common = shapely.length(shapely.intersection(parts[crumb[one]], parts[solid[two]]))
    order = np.lexsort((solid[two], -common, one))
    _, first = np.unique(one[order], return_index=True)
    giver = owner.copy()
    owner[crumb[one[order][first]]] = owner[solid[two[order][first]]]
    moved = owner != giver
    changed = np.unique(np.concatenate([owner[moved], giver[moved]]))
    united = outlines.copy()
    for group in changed:
        united[group] = _polygons_only(shapely.union_all(parts[owner == group]))
    return united


def _rows_of(labels: IntArray, count: int) -> list[IntArray]:
    """Return the rows of each group, in order."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.cumsum(np.bincount(labels, minlength=count))[:-1])


def _near_rows(labels: IntArray, links: IntArray, count: int) -> list[IntArray]:
    """Return the rows of each group and those linked to them, in order.

    Land given to a group because of a street may be near its neighbours' buildings only.

    Examples
    --------
    >>> [rows.tolist() for rows in _near_rows(np.array([0, 0, 1]), np.array([[0, 1], [1, 2]]), 2)]
    [[0, 1, 2], [1, 2]]
    """
    across = links[labels[links[:, 0]] != labels[links[:, 1]]]
    group = np.concatenate([labels, labels[across[:, 0]], labels[across[:, 1]]])
    row = np.concatenate([np.arange(len(labels)), across[:, 1], across[:, 0]])
    group, row = np.unique(np.column_stack([group, row]), axis=0).T
    return np.split(row, np.cumsum(np.bincount(group, minlength=count))[:-1])


def group_outlines(
    polygons: ObjectArray,
    xy_m: FloatArray,
    labels: IntArray,
    links: IntArray,
    streets: ObjectArray,
    *,
    reach_m: float,
    gap_m: float,
    crumb_m2: float,
) -> ObjectArray:
    """Return one outline per group; outlines do not overlap and each building's point lies in its own.

    Parameters
    ----------
    polygons, xy_m : (n,) and (n, 2) arrays
        Buildings and a point inside each.
    labels : (n,) array
        Group of each building, from 0.
    links : (e, 2) array
        Neighbouring buildings.
    streets : (s,) array of lines
        Along which borders may run.
    reach_m, gap_m : float
        Land farther than the reach from all buildings is left out, except gaps narrower than twice
        `gap_m` within a group.
    crumb_m2 : float
        Smaller detached parts without a building go to the neighbouring outline.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    reaches = _reaches(polygons, reach_m + gap_m)
    if count < 2:
        return np.array([_closed_union(reaches, gap_m)] * count, dtype=object)
    # what a group reaches does not depend on the pieces: other threads see to it meanwhile
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        near = pool.map(lambda rows: _closed_union(reaches[rows], gap_m), _near_rows(labels, links, count))
        sites, site_owner = _sites(polygons, xy_m, at_border(labels, links))
        pieces, owner = _labelled_pieces(sites, labels[site_owner], xy_m, labels, streets)
        wholes = pool.map(lambda rows: shapely.coverage_union_all(pieces[rows]), _rows_of(owner, count))
        found = pool.map(
            lambda pair: _polygons_only(shapely.intersection(*pair)), zip(wholes, near, strict=True)
        )
        outlines = np.empty(count, dtype=object)
        outlines[:] = list(found)
    return _hand_over_crumbs(outlines, xy_m, crumb_m2)


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    """Drop points and lines that an intersection leaves behind."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    whole: shapely.Geometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return whole
