"""Surfaces of 3D buildings as arrays: outlines, heights, and what the roof looks like.

The normal of each face is that of its outer ring (Newell's sum of cross products), so that a ring of any
number of corners, convex or not, has the right area and slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.sources.city_roofs import plane_texts

UNSTATED, GROUND, ROOF, WALL, OTHER = range(5)
# faces that rise less are flat, those that rise more are walls
_FLATTEST_DEG, _STEEPEST_DEG = 8.0, 80.0
# a face that looks down this clearly is a floor
_DOWN_RATIO = -0.7
_LOD_WITH_ROOFS = 2.0
# a roof is flat from this share of flat surface on; it has two or four sides when they hold this share
_FLAT_SHARE, _WHOLE_SHARE = 0.6, 0.85
_SIDE_SHARE = 0.15
_SAME_WAY_DEG = 30.0
# sides of a pyramid are alike
_PYRAMID_LEAST_SHARE, _PYRAMID_MOST_SHARE = 0.4, 0.6
_SMALLEST_FACE_M2 = 1e-4


@dataclass(frozen=True)
class Surfaces:
    """Faces of many buildings; rings lie one behind the other, the outer ring of a face first.

    Attributes
    ----------
    xyz : (c, 3) array
        Corners of all rings, in metres.
    ring_size, ring_face : (r,) arrays
        Corners of each ring, and its face.
    part, semantic, lod : (f,) arrays
        Part of a building of each face, its meaning, and its level of detail.
    part_root : (p,) array
        Building of each part.
    root_count : int
    """

    xyz: FloatArray
    ring_size: IntArray
    ring_face: IntArray
    part: IntArray
    semantic: IntArray
    lod: FloatArray
    part_root: IntArray
    root_count: int


@dataclass(frozen=True)
class Described:
    """What the surfaces say of each building."""

    outlines: ObjectArray
    columns: dict[str, FloatArray | ObjectArray]

    @property
    def has_outline(self) -> BoolArray:
        """Say which buildings have an outline."""
        return np.asarray(~shapely.is_missing(self.outlines) & ~shapely.is_empty(self.outlines), dtype=bool)

    @property
    def height_count(self) -> int:
        """Return how many buildings have a height."""
        return int(np.isfinite(np.asarray(self.columns["height_m"], dtype=float)).sum())

    @property
    def roof_count(self) -> int:
        """Return how many buildings have a shape of roof."""
        return int(sum(shape is not None for shape in self.columns["roof_shape"]))


@dataclass(frozen=True)
class _Faces:
    """Measures of each face: normal by area, lowest and highest corner."""

    normal_m2: FloatArray
    low_m: FloatArray
    high_m: FloatArray

    @property
    def area_m2(self) -> FloatArray:
        return np.asarray(np.linalg.norm(self.normal_m2, axis=1))

    @property
    def down_ratio(self) -> FloatArray:
        return self.normal_m2[:, 2] / np.maximum(self.area_m2, _SMALLEST_FACE_M2)


def ring_normals_m2(xyz: FloatArray, ring_size: IntArray) -> FloatArray:
    """Return the normal of each ring, as long as its area.

    Examples
    --------
    >>> square = np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]])
    >>> ring_normals_m2(square, np.array([4]))
    array([[0., 0., 4.]])
    """
    first = np.cumsum(ring_size) - ring_size
    local = xyz - np.repeat(xyz[first], ring_size, axis=0)
    follower = np.arange(len(xyz)) + 1
    follower[first + ring_size - 1] = first
    return np.asarray(np.add.reduceat(np.cross(local, local[follower]), first, axis=0) / 2.0)


def _measure(surfaces: Surfaces) -> _Faces:
    count = len(surfaces.part)
    outer = np.unique(surfaces.ring_face, return_index=True)[1]
    normals = np.zeros((count, 3))
    rings = ring_normals_m2(surfaces.xyz, surfaces.ring_size)
    normals[surfaces.ring_face[outer]] = rings[outer]
    face = np.repeat(surfaces.ring_face, surfaces.ring_size)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, face, surfaces.xyz[:, 2])
    np.maximum.at(high, face, surfaces.xyz[:, 2])
    return _Faces(normals, low, high)


def _sound(surfaces: Surfaces) -> Surfaces:
    """Leave out rings of fewer than three corners, and closing corners drawn twice."""
    last = np.cumsum(surfaces.ring_size) - 1
    first = last - surfaces.ring_size + 1
    closed = (surfaces.ring_size > 1) & (surfaces.xyz[first] == surfaces.xyz[last]).all(axis=1)
    keep = np.ones(len(surfaces.xyz), dtype=bool)
    keep[last[closed]] = False
    size = surfaces.ring_size - closed
    short = size < 3
    keep[np.repeat(short, surfaces.ring_size)] = False
    return Surfaces(
        surfaces.xyz[keep], size[~short], surfaces.ring_face[~short], surfaces.part, surfaces.semantic,
        surfaces.lod, surfaces.part_root, surfaces.root_count,
    )  # fmt: skip


def _ground_faces(surfaces: Surfaces, faces: _Faces) -> BoolArray:
    """Return the faces that an outline is made of: ground, else what looks down, else everything."""
    part, count = surfaces.part, len(surfaces.part_root)
    flat = np.abs(faces.normal_m2[:, 2]) > _SMALLEST_FACE_M2

    def parts_with(mask: BoolArray) -> BoolArray:
        return np.asarray((np.bincount(part[mask], minlength=count) > 0)[part], dtype=bool)

    stated = (surfaces.semantic == GROUND) & flat
    drawn = flat & (surfaces.lod < 1.0)
    down = flat & (surfaces.lod >= 1.0) & (faces.down_ratio < _DOWN_RATIO) & (surfaces.semantic != ROOF)
    chosen = stated | (drawn & ~parts_with(stated))
    chosen |= down & ~parts_with(chosen)
    return np.asarray(chosen | (flat & ~parts_with(chosen)), dtype=bool)


def _array(geometries: object) -> ObjectArray:
    return np.asarray(geometries, dtype=object)


def _outlines(surfaces: Surfaces, wanted: BoolArray, owner: IntArray, count: int) -> ObjectArray:
    """Return the union of wanted faces, seen from above, for each owner."""
    outlines: ObjectArray = np.full(count, None, dtype=object)
    rings = wanted[surfaces.ring_face]
    if not rings.any():
        return outlines
    corners = np.repeat(rings, surfaces.ring_size)
    number = np.repeat(np.arange(int(rings.sum())), surfaces.ring_size[rings])
    lines = shapely.linearrings(surfaces.xyz[corners, :2], indices=number)
    held, dense = np.unique(surfaces.ring_face[rings], return_inverse=True)
    drawn = _array(shapely.make_valid(shapely.polygons(_array(lines), indices=dense)))
    owners, place = np.unique(owner[held], return_inverse=True)
    order = np.argsort(place, kind="stable")
    groups = _array(shapely.geometrycollections(drawn[order], indices=place[order]))
    outlines[owners] = shapely.union_all(groups[:, None], axis=1)
    return outlines


def _mean(values: FloatArray, weights: FloatArray, owner: IntArray, count: int) -> FloatArray:
    """Return weighted means by owner, NaN where nothing weighs."""
    known = np.isfinite(values) & (weights > 0)
    total = np.bincount(owner[known], weights[known], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(owner[known], (values * weights)[known], minlength=count) / total)


def _heights(surfaces: Surfaces, faces: _Faces, ground: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return each part's height from its ground to its top, and the area of its ground."""
    count = len(surfaces.part_root)
    solid = surfaces.lod >= 1.0
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, surfaces.part[solid], faces.low_m[solid])
    np.maximum.at(high, surfaces.part[solid], faces.high_m[solid])
    area = np.bincount(surfaces.part[ground], np.abs(faces.normal_m2[ground, 2]), minlength=count)
    with np.errstate(invalid="ignore"):
        height = high - low
    return np.where(np.isfinite(height) & (height > 0), height, np.nan), area.astype(np.float64)


@dataclass(frozen=True)
class _Roofs:
    """Faces of roofs with the building, slope, direction, area and rise of each."""

    root: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    area_m2: FloatArray
    rise_m: FloatArray
    face: IntArray


def _roof_faces(surfaces: Surfaces, faces: _Faces) -> _Roofs:
    """Return the faces of roofs: as stated, else what looks up in models of level 2."""
    count = len(surfaces.part_root)
    stated = surfaces.semantic == ROOF
    has_stated = (np.bincount(surfaces.part[stated], minlength=count) > 0)[surfaces.part]
    area = faces.area_m2
    up = np.where(faces.normal_m2[:, 2:] < 0, -faces.normal_m2, faces.normal_m2)
    tilt = np.degrees(np.arccos(np.clip(up[:, 2] / np.maximum(area, _SMALLEST_FACE_M2), 0.0, 1.0)))
    looks_up = (faces.normal_m2[:, 2] > 0) & (surfaces.semantic == UNSTATED)
    wanted = np.where(has_stated, stated, looks_up) & (surfaces.lod >= _LOD_WITH_ROOFS)
    wanted &= (tilt < _STEEPEST_DEG) & (area > _SMALLEST_FACE_M2)
    azimuth = np.mod(np.degrees(np.arctan2(up[:, 0], up[:, 1])), 360.0)
    root = surfaces.part_root[surfaces.part]
    return _Roofs(
        root[wanted], tilt[wanted], azimuth[wanted], area[wanted], (faces.high_m - faces.low_m)[wanted],
        np.flatnonzero(wanted),
    )  # fmt: skip


def _main_azimuth(roofs: _Roofs, count: int) -> FloatArray:
    """Return the direction of each building's largest sloping face, NaN without one."""
    main = np.full(count, np.nan)
    order = np.lexsort((roofs.azimuth_deg, roofs.area_m2.round(3), roofs.root))
    main[roofs.root[order]] = roofs.azimuth_deg[order]
    return main


def roof_columns(roofs: _Roofs, count: int) -> dict[str, FloatArray | ObjectArray]:
    """Return shape, slope, direction and rise of each building's roof.

    The sloping faces are sorted by their direction from that of the largest one: the same, opposite, or
    aside; their shares of the sloping area name the shape.
    """
    total = np.bincount(roofs.root, roofs.area_m2, minlength=count)
    slope = roofs.tilt_deg >= _FLATTEST_DEG
    pitched = _Roofs(*(values[slope] for values in vars(roofs).values()))
    sloping = np.bincount(pitched.root, pitched.area_m2, minlength=count)
    main = _main_azimuth(pitched, count)
    turn = np.abs(np.mod(pitched.azimuth_deg - main[pitched.root] + 180.0, 360.0) - 180.0)

    def share(mask: BoolArray) -> FloatArray:
        held = np.bincount(pitched.root[mask], pitched.area_m2[mask], minlength=count)
        return np.asarray(held / np.maximum(sloping, _SMALLEST_FACE_M2))

    same, opposite = share(turn < _SAME_WAY_DEG), share(turn > 180.0 - _SAME_WAY_DEG)
    aside = share(np.abs(turn - 90.0) < _SAME_WAY_DEG)
    is_flat = sloping < (1.0 - _FLAT_SHARE) * total
    four = (
        (same + opposite + aside >= _WHOLE_SHARE) & (opposite >= _SIDE_SHARE / 2) & (aside >= _SIDE_SHARE / 2)
    )
    shape: ObjectArray = np.full(count, "many", dtype=object)
    shape[four] = "hipped"
    shape[four & (aside >= _PYRAMID_LEAST_SHARE) & (aside <= _PYRAMID_MOST_SHARE)] = "pyramidal"
    shape[(same + opposite >= _WHOLE_SHARE) & (opposite >= _SIDE_SHARE)] = "gabled"
    shape[same >= _WHOLE_SHARE] = "skillion"
    shape[is_flat] = "flat"
    shape[total <= 0] = None
    angle = _mean(pitched.tilt_deg, pitched.area_m2, pitched.root, count)
    rise = _mean(pitched.rise_m, pitched.area_m2, pitched.root, count)
    has_slope = (total > 0) & ~is_flat
    return {
        "roof_shape": shape,
        "roof_angle_deg": np.where(has_slope, angle, np.nan),
        "roof_direction_deg": np.where(has_slope & (shape != "many"), main, np.nan),
        "roof_height_m": np.where(has_slope, rise, np.where(total > 0, 0.0, np.nan)),
    }


def describe_models(surfaces: Surfaces) -> Described:
    """Return outline, height and roof of each building.

    Parameters
    ----------
    surfaces : Surfaces
        Faces in metres; heights above any level.

    Returns
    -------
    Described
        One entry a building; what the faces do not say is None or NaN.
    """
    count = surfaces.root_count
    if len(surfaces.ring_size) == 0:
        none, no_length = np.zeros(0, dtype=np.int64), np.zeros(0)
        empty = _Roofs(none, no_length, no_length, no_length, no_length, none)
        nothing: ObjectArray = np.full(count, None, dtype=object)
        unknown = {**roof_columns(empty, count), "roof_planes": nothing}
        return Described(nothing, {"height_m": np.full(count, np.nan), **unknown})
    surfaces = _sound(surfaces)
    faces = _measure(surfaces)
    ground = _ground_faces(surfaces, faces)
    owner = surfaces.part_root[surfaces.part]
    part_height, part_area = _heights(surfaces, faces, ground)
    height = _mean(part_height, part_area, surfaces.part_root, count)
    roofs = _roof_faces(surfaces, faces)
    corner_face = np.repeat(surfaces.ring_face, surfaces.ring_size)
    drawn = plane_texts(roofs.root, roofs.face, faces.normal_m2[roofs.face], surfaces.xyz, corner_face, count)
    columns = {"height_m": height, **roof_columns(roofs, count), "roof_planes": drawn}
    return Described(_outlines(surfaces, ground, owner, count), columns)
