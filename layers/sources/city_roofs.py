"""Planes of roofs from the surfaces of 3D models: faces that lie in one plane are one plane."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.roof_areas import trapezoids_m

# faces of a building lie in one plane when normals and distances agree this well
_NORMAL_STEP, _OFFSET_STEP_M = 0.02, 0.25
_SMALLEST_PLANE_M2 = 1.0
_SMALLEST_M2 = 1e-9


def _upward(normal_m2: FloatArray) -> FloatArray:
    return np.asarray(np.where(normal_m2[:, 2:] < 0.0, -normal_m2, normal_m2), dtype=np.float64)


def _plane_numbers(root: IntArray, unit: FloatArray, middle: FloatArray) -> IntArray:
    """Return a number for each plane of each building; its faces share it."""
    offset = (unit * middle).sum(axis=1)
    key = np.column_stack([root, np.rint(unit / _NORMAL_STEP), np.rint(offset / _OFFSET_STEP_M)])
    return np.asarray(np.unique(key, axis=0, return_inverse=True)[1].ravel(), dtype=np.int64)


def _extents_m(along: FloatArray, plane: IntArray, count: int) -> FloatArray:
    """Return the length of each plane's corners in one direction."""
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, plane, along)
    np.maximum.at(high, plane, along)
    return np.asarray(np.maximum(high - low, 0.0), dtype=np.float64)


def plane_texts(
    root: IntArray, face: IntArray, normal_m2: FloatArray, xyz: FloatArray, corner_face: IntArray, count: int
) -> ObjectArray:
    """Return the planes of each building's roof as a text, None where there are none.

    Parameters
    ----------
    root, face : (f,) arrays
        Building and number of each face of a roof.
    normal_m2 : (f, 3) array
        Normals, as long as the area of the face.
    xyz : (c, 3) array
        Corners of all faces.
    corner_face : (c,) array
        Number of each corner's face.
    count : int
        Number of buildings.

    Returns
    -------
    (count,) array of texts
        Slope, direction, area on the slope, lower side, upper side and length of the slope of each plane,
        parted by strokes; planes are parted by blanks.
    """
    texts: ObjectArray = np.full(count, None, dtype=object)
    if not len(face):
        return texts
    place = np.full(int(max(corner_face.max(), face.max())) + 1, -1, dtype=np.int64)
    place[face] = np.arange(len(face))
    mine = place[corner_face]
    corners, owner = xyz[mine >= 0], mine[mine >= 0]
    held = np.maximum(np.bincount(owner, minlength=len(face)), 1)
    local = corners - xyz.mean(axis=0)
    middle = np.column_stack([np.bincount(owner, local[:, k], len(face)) / held for k in range(3)])
    up = _upward(normal_m2)
    unit = up / np.maximum(np.linalg.norm(up, axis=1), _SMALLEST_M2)[:, None]
    plane = _plane_numbers(root, unit, middle)
    planes = int(plane.max()) + 1
    normal = np.column_stack([np.bincount(plane, up[:, k], planes) for k in range(3)])
    area = np.linalg.norm(normal, axis=1)
    level = np.hypot(normal[:, 0], normal[:, 1])
    tilt = np.degrees(np.arctan2(level, normal[:, 2]))
    # a flat plane falls nowhere; south will do
    fall = np.where(
        (level > 1e-6 * area)[:, None], normal[:, :2] / np.maximum(level, _SMALLEST_M2)[:, None], [0, -1]
    )
    corner_plane = plane[owner]
    down = (local[:, :2] * fall[corner_plane]).sum(axis=1)
    across = local[:, 0] * fall[corner_plane, 1] - local[:, 1] * fall[corner_plane, 0]
    slope = _extents_m(down, corner_plane, planes) / np.cos(np.radians(tilt))
    eaves, top = trapezoids_m(area, _extents_m(across, corner_plane, planes), slope)
    azimuth = np.mod(np.degrees(np.arctan2(fall[:, 0], fall[:, 1])), 360.0)
    table = pd.DataFrame(
        {"tilt": tilt, "azimuth": azimuth, "area": area, "eaves": eaves, "top": top, "slope": slope}
    )
    building = np.zeros(planes, dtype=np.int64)
    building[plane] = root
    kept = area >= _SMALLEST_PLANE_M2
    words = np.array(
        ["/".join(f"{value:.4g}" for value in row.round(6)) for row in table.to_numpy()[kept]], dtype=object
    )
    # planes of a building in an order that does not hang on that of its faces
    order = np.lexsort((words, building[kept]))
    joined = pd.Series(words[order]).groupby(building[kept][order]).agg(" ".join)
    texts[joined.index.to_numpy()] = joined.to_numpy()
    return texts
