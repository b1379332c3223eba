"""Planes of roofs: tilt, direction, area, and what is left inside the edges.

A roof is modelled over the rectangle that has the proportions and the direction of the smallest box
round the outline and the outline's own area. The ridge runs along the long side unless a tag says
otherwise. All slopes of a roof are equally steep.

* flat: rows of modules that look east and west; the outline itself keeps its edge free
* gabled: two halves of L × W / (2 cos t)
* hipped: two long faces of (L − W/2) W/2 and two ends of W²/4, over cos t
* skillion: one plane; when its direction is unknown, either side of the ridge with half a chance
* pyramidal: four faces of a quarter each
* curved: no plane

The edge strip of width d is taken off exactly: A − d P + d² Σ cot(θ/2) over the corners θ of a plane
of area A and perimeter P.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.roof_shapes import CURVED, FLAT, GABLED, HIPPED, PYRAMIDAL, SKILLION

QUARTER_DEG = 90.0
EAST_DEG, WEST_DEG = 90.0, 270.0
# a mapped pitch outside these bounds is a mistake
FLATTEST_TAG_DEG, STEEPEST_TAG_DEG = 2.0, 75.0


@dataclass(frozen=True)
class RoofBases:
    """What planes are made from; one entry a building.

    Attributes
    ----------
    length_m, width_m : (n,) arrays
        Sides of the rectangle of equal area, length along the ridge.
    ridge_deg : (n,) array
        Direction of the ridge.
    area_m2, perimeter_m : (n,) arrays
        Of the outline.
    face_deg : (n,) array
        Direction in which a skillion falls, NaN where it is unknown.
    """

    length_m: FloatArray
    width_m: FloatArray
    ridge_deg: FloatArray
    area_m2: FloatArray
    perimeter_m: FloatArray
    face_deg: FloatArray


@dataclass(frozen=True)
class Planes:
    """One entry a plane.

    Attributes
    ----------
    building, roof_class : (p,) arrays of int
        Position of the building; class of roof this plane belongs to.
    chance_share : (p,) array
        Probability of the plane within its class (two ways to lay a skillion).
    tilt_deg, azimuth_deg : (p,) arrays
        Of the modules.
    surface_m2 : (p,) array
        Area of the plane on the slope.
    inner_m2 : (p,) array
        The same inside the free edge.
    piece_m2 : (p,) array
        Connected area on which modules can stand; two rows of a flat roof share one.
    """

    building: IntArray
    roof_class: IntArray
    chance_share: FloatArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    surface_m2: FloatArray
    inner_m2: FloatArray
    piece_m2: FloatArray

    def take(self, keep: BoolArray) -> Planes:
        """Return some of the planes."""
        return Planes(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})


def equal_rectangle(
    length_m: FloatArray, width_m: FloatArray, area_m2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the sides of the rectangle with a box's proportions and the outline's area.

    Examples
    --------
    >>> equal_rectangle(np.array([40.0]), np.array([10.0]), np.array([100.0]))
    (array([20.]), array([5.]))
    """
    box = np.maximum(length_m * width_m, 1e-9)
    scale = np.sqrt(area_m2 / box)
    return length_m * scale, width_m * scale


def lay_ridges(
    box_length_m: FloatArray,
    box_width_m: FloatArray,
    axis_deg: FloatArray,
    area_m2: FloatArray,
    perimeter_m: FloatArray,
    face_deg: FloatArray,
    across: BoolArray,
) -> RoofBases:
    """Lay the ridge along the long side of the box, or where tags say.

    Parameters
    ----------
    box_length_m, box_width_m, axis_deg : (n,) arrays
        Smallest box round each outline, and the direction of its longer side.
    area_m2, perimeter_m : (n,) arrays
    face_deg : (n,) array
        Direction in which a slope falls, by tag; NaN where unknown.
    across : (n,) array
        True where a tag says that the ridge runs across the box.
    """
    length, width = equal_rectangle(box_length_m, box_width_m, area_m2)
    # a slope that falls along the long side has its ridge across it
    falls_deg = np.abs(np.mod(face_deg - axis_deg + 90.0, 180.0) - 90.0)
    turned = np.where(np.isfinite(face_deg), falls_deg < 45.0, across)
    return RoofBases(
        length_m=np.where(turned, width, length),
        width_m=np.where(turned, length, width),
        ridge_deg=np.where(np.isfinite(face_deg), face_deg - QUARTER_DEG, axis_deg + QUARTER_DEG * turned),
        area_m2=area_m2,
        perimeter_m=perimeter_m,
        face_deg=face_deg,
    )


def pitches_deg(
    angle_deg: FloatArray,
    rise_m: FloatArray,
    width_m: FloatArray,
    known_class: IntArray,
    usual_deg: tuple[float, ...],
) -> FloatArray:
    """Return the pitch that each roof would have in each class.

    Parameters
    ----------
    angle_deg, rise_m : (n,) arrays
        Tags for pitch and height of the roof; NaN where unknown.
    width_m : (n,) array
        Side of the roof across the ridge.
    known_class : (n,) array
        Tagged class, -1 where unknown.
    usual_deg : tuple of 6
        Pitch of each class without a tag.

    Returns
    -------
    (n, 6) array
    """
    span = np.maximum(width_m, 1.0) * np.where(known_class == SKILLION, 1.0, 0.5)
    tagged = np.where(np.isfinite(angle_deg), angle_deg, np.degrees(np.arctan2(rise_m, span)))
    usable = np.isfinite(tagged) & (tagged >= FLATTEST_TAG_DEG) & (tagged <= STEEPEST_TAG_DEG)
    usual = np.tile(np.array(usual_deg), (len(width_m), 1))
    sloped = np.ones(len(usual_deg), dtype=bool)
    sloped[[FLAT, CURVED]] = False
    return np.asarray(np.where(usable[:, None] & sloped, tagged[:, None], usual), dtype=np.float64)


def rectangle_inside_m2(length_m: FloatArray, width_m: FloatArray, edge_m: float) -> FloatArray:
    """Return a rectangle's area inside a free edge.

    Examples
    --------
    >>> rectangle_inside_m2(np.array([10.0, 0.8]), np.array([5.0, 5.0]), 0.5)
    array([36.,  0.])
    """
    return np.maximum(length_m - 2 * edge_m, 0.0) * np.maximum(width_m - 2 * edge_m, 0.0)


def triangle_inside_m2(base_m: FloatArray, height_m: FloatArray, edge_m: float) -> FloatArray:
    """Return the area of a triangle with two equal sides inside a free edge, A (1 − d / r)².

    Examples
    --------
    A triangle of 6 × 4 m has sides of 5 m and an inner circle of r = 1.5 m; half a metre leaves 4/9:

    >>> triangle_inside_m2(np.array([6.0]), np.array([4.0]), 0.5).round(4)
    array([5.3333])
    """
    area = base_m * height_m / 2.0
    perimeter = base_m + 2.0 * np.hypot(base_m / 2.0, height_m)
    inner_radius = 2.0 * area / np.maximum(perimeter, 1e-9)
    left = np.maximum(1.0 - edge_m / np.maximum(inner_radius, 1e-9), 0.0)
    return np.asarray(area * left**2, dtype=np.float64)


def trapezoid_inside_m2(
    eaves_m: FloatArray, ridge_m: FloatArray, slope_m: FloatArray, edge_m: float
) -> FloatArray:
    """Return the area of a symmetric trapezoid inside a free edge.

    Parameters
    ----------
    eaves_m, ridge_m : (n,) arrays
        Long and short parallel side.
    slope_m : (n,) array
        Their distance, measured on the slope.
    edge_m : float
    """
    side = np.hypot((eaves_m - ridge_m) / 2.0, slope_m)
    area = (eaves_m + ridge_m) / 2.0 * slope_m
    perimeter = eaves_m + ridge_m + 2.0 * side
    # Σ cot(θ/2) over base angles θ and tops π − θ is 4 / sin θ
    corners = 4.0 * side / np.maximum(slope_m, 1e-9)
    left = np.maximum(area - edge_m * perimeter + edge_m**2 * corners, 0.0)
    return np.asarray(np.where(slope_m > 2.0 * edge_m, left, 0.0), dtype=np.float64)


def ground_cover_ratio(row_tilt_deg: float, noon_height_deg: float, lowest_deg: float = 10.0) -> float:
    """Return module area over roof area for parallel rows that do not shade each other at noon.

    1 / (cos b + sin b / tan a) with b the rows' tilt and a the sun's height at noon on 21 December,
    but at least `lowest_deg`.

    Examples
    --------
    >>> round(ground_cover_ratio(15.0, 16.6), 3)
    0.545
    """
    tilt, sun = np.radians(row_tilt_deg), np.radians(max(lowest_deg, noon_height_deg))
    return float(1.0 / (np.cos(tilt) + np.sin(tilt) / np.tan(sun)))


def _planes(
    building: IntArray,
    roof_class: int,
    tilt_deg: FloatArray | float,
    azimuth_deg: FloatArray | float,
    surface_m2: FloatArray,
    inner_m2: FloatArray,
    piece_m2: FloatArray | None = None,
    chance_share: FloatArray | float = 1.0,
) -> Planes:
    """Return planes of one kind, one a building."""
    whole = np.ones(len(building))
    return Planes(
        building=building,
        roof_class=np.full(len(building), roof_class, dtype=np.int64),
        chance_share=whole * chance_share,
        tilt_deg=whole * tilt_deg,
        azimuth_deg=np.mod(whole * azimuth_deg, 360.0),
        surface_m2=surface_m2,
        inner_m2=inner_m2,
        piece_m2=inner_m2 if piece_m2 is None else piece_m2,
    )


def _flat(bases: RoofBases, at: IntArray, row_tilt_deg: float, edge_m: float) -> list[Planes]:
    area, perimeter = bases.area_m2[at], bases.perimeter_m[at]
    inner = np.clip(area - edge_m * perimeter + 4.0 * edge_m**2, 0.0, area)
    return [
        _planes(at, FLAT, row_tilt_deg, face, area / 2.0, inner / 2.0, inner) for face in (EAST_DEG, WEST_DEG)
    ]


def _gabled(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, edge_m: float) -> list[Planes]:
    slope = bases.width_m[at] / 2.0 / np.cos(np.radians(tilt_deg))
    length = bases.length_m[at]
    inner = rectangle_inside_m2(length, slope, edge_m)
    return [
        _planes(at, GABLED, tilt_deg, bases.ridge_deg[at] + turn, length * slope, inner)
        for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]


def _hipped(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, edge_m: float) -> list[Planes]:
    length = np.maximum(bases.length_m[at], bases.width_m[at])
    width = np.minimum(bases.length_m[at], bases.width_m[at])
    along = np.where(bases.length_m[at] >= bases.width_m[at], 0.0, QUARTER_DEG) + bases.ridge_deg[at]
    slope = width / 2.0 / np.cos(np.radians(tilt_deg))
    ridge = length - width
    face = (length + ridge) / 2.0 * slope
    face_inner = trapezoid_inside_m2(length, ridge, slope, edge_m)
    end, end_inner = width * slope / 2.0, triangle_inside_m2(width, slope, edge_m)
    long_faces = [
        _planes(at, HIPPED, tilt_deg, along + turn, face, face_inner) for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]
    ends = [_planes(at, HIPPED, tilt_deg, along + turn, end, end_inner) for turn in (0.0, 2 * QUARTER_DEG)]
    return long_faces + ends


def _skillion(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, edge_m: float) -> list[Planes]:
    slope = bases.width_m[at] / np.cos(np.radians(tilt_deg))
    length, known = bases.length_m[at], np.isfinite(bases.face_deg[at])
    inner = rectangle_inside_m2(length, slope, edge_m)
    return [
        _planes(
            at, SKILLION, tilt_deg,
            np.where(known, bases.face_deg[at], bases.ridge_deg[at] + turn),
            length * slope, inner, chance_share=0.5,
        )
        for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]  # fmt: skip


def _pyramidal(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, edge_m: float) -> list[Planes]:
    side = np.sqrt(bases.area_m2[at])
    slope = side / 2.0 / np.cos(np.radians(tilt_deg))
    inner = triangle_inside_m2(side, slope, edge_m)
    return [
        _planes(at, PYRAMIDAL, tilt_deg, bases.ridge_deg[at] + turn * QUARTER_DEG, side * slope / 2.0, inner)
        for turn in range(4)
    ]


def make_planes(
    bases: RoofBases, chance: FloatArray, tilt_deg: FloatArray, row_tilt_deg: float, edge_m: float
) -> Planes:
    """Return all planes that roofs may have, of every class with a chance above zero.

    Parameters
    ----------
    bases : RoofBases of n buildings
    chance : (n, 6) array
        Probabilities of the classes.
    tilt_deg : (n, 6) array
        Pitch that each roof would have in each class.
    row_tilt_deg : float
        Tilt of module rows on flat roofs.
    edge_m : float
        Width of the strip that stays free along the edges.

    Returns
    -------
    Planes
        Ordered by class, then building.
    """
    found: list[Planes] = []
    where = [np.flatnonzero(chance[:, number] > 0.0) for number in range(chance.shape[1])]
    found += _flat(bases, where[FLAT], row_tilt_deg, edge_m)
    for number, shape in (
        (GABLED, _gabled),
        (HIPPED, _hipped),
        (SKILLION, _skillion),
        (PYRAMIDAL, _pyramidal),
    ):
        at = where[number]
        found += shape(bases, at, tilt_deg[at, number], edge_m)
    return Planes(
        **{name: np.concatenate([getattr(part, name) for part in found]) for name in
           (field.name for field in fields(Planes))}
    )  # fmt: skip
