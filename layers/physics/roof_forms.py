"""Shapes of roofs over a rectangle of length L (along the ridge) and width W, pitch t.

* flat: rows of modules, two that look east and west or one that looks south
* gabled: two halves of L W / (2 cos t)
* hipped: two long sides of (L − W/2) W / (2 cos t) and two ends of W² / (4 cos t)
* half-hipped: the hips begin at a share 1 − h of the roof's height: two long sides of
  (L W / 2 − h² W² / 4) / cos t and two ends of h² W² / (4 cos t)
* gambrel: two slopes on either side, the break a distance b inside the eaves: L b / cos(lower) and
  L (W/2 − b) / cos(upper)
* mansard: a band of four steep slopes b wide in plan, and a hipped roof over the rest
* skillion: one plane of L W / cos t; when its direction is unknown, either side of the ridge with half
  a chance
* pyramidal: four sides of A / (4 cos t)
* curved: no plane

Areas of all planes of a roof, seen from above, add up to the outline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from layers.core.types import FloatArray, IntArray
from layers.physics.roof_areas import (
    half_hip_inside_m2,
    rectangle_inside_m2,
    trapezoid_inside_m2,
    triangle_inside_m2,
)
from layers.physics.roof_planes import NOT_MEASURED, QUARTER_DEG, Planes, RoofBases, join_planes
from layers.physics.roof_shapes import (
    FLAT,
    GABLED,
    GAMBREL,
    HALF_HIPPED,
    HIPPED,
    MANSARD,
    PYRAMIDAL,
    SKILLION,
)

EAST_WEST_DEG, SOUTH_DEG = (90.0, 270.0), (180.0,)


@dataclass(frozen=True)
class FormSettings:
    """What shapes are made with.

    Attributes
    ----------
    row_tilt_deg : float
        Tilt of module rows on flat roofs.
    row_azimuths_deg : tuple
        Directions in which these rows look.
    edge_m : float
        Width of the strip that stays free along the edges.
    half_hip_ratio : float
        Height of half-hips over that of the roof.
    break_ratio : float
        Width of the lower slopes of a roof with a break, over half the roof's width, seen from above.
    lower_tilt_deg : float
        Tilt of these lower slopes.
    """

    row_tilt_deg: float
    row_azimuths_deg: tuple[float, ...]
    edge_m: float
    half_hip_ratio: float
    break_ratio: float
    lower_tilt_deg: float


def _stretch(tilt_deg: FloatArray | float) -> FloatArray:
    """Return length on the slope over length seen from above."""
    return np.asarray(1.0 / np.cos(np.radians(tilt_deg)), dtype=np.float64)


def _planes(
    building: IntArray,
    roof_class: int,
    tilt_deg: FloatArray | float,
    azimuth_deg: FloatArray | float,
    surface_m2: FloatArray,
    inner_m2: FloatArray,
    trapezoid_m: tuple[FloatArray, FloatArray, FloatArray],
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
        eaves_m=trapezoid_m[0],
        top_m=trapezoid_m[1],
        slope_m=trapezoid_m[2],
        is_row=np.full(len(building), roof_class == FLAT),
        free_share=np.full(len(building), np.nan),
        measured=np.full(len(building), NOT_MEASURED, dtype=np.int64),
    )


def _flat(bases: RoofBases, at: IntArray, form: FormSettings) -> list[Planes]:
    area, perimeter = bases.area_m2[at], bases.perimeter_m[at]
    inner = np.clip(area - form.edge_m * perimeter + 4.0 * form.edge_m**2, 0.0, area)
    ways = len(form.row_azimuths_deg)
    box = bases.length_m[at], bases.length_m[at], bases.width_m[at]
    return [
        _planes(at, FLAT, form.row_tilt_deg, face, area / ways, inner / ways, box, inner)
        for face in form.row_azimuths_deg
    ]


def _halves(
    building: IntArray,
    roof_class: int,
    ridge_deg: FloatArray,
    tilt_deg: FloatArray | float,
    length_m: FloatArray,
    slope_m: FloatArray,
    edge_m: float,
) -> list[Planes]:
    """Return two equal rectangles on either side of a ridge."""
    inner = rectangle_inside_m2(length_m, slope_m, edge_m)
    box = length_m, length_m, slope_m
    return [
        _planes(building, roof_class, tilt_deg, ridge_deg + turn, length_m * slope_m, inner, box)
        for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]


def _gabled(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    slope = bases.width_m[at] / 2.0 * _stretch(tilt_deg)
    return _halves(at, GABLED, bases.ridge_deg[at], tilt_deg, bases.length_m[at], slope, form.edge_m)


def _lying(bases: RoofBases, at: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return length, width and ridge of roofs whose ridge runs along the longer side."""
    length, width = bases.length_m[at], bases.width_m[at]
    along = np.where(length >= width, 0.0, QUARTER_DEG) + bases.ridge_deg[at]
    return np.maximum(length, width), np.minimum(length, width), along


def _bands(
    at: IntArray,
    roof_class: int,
    along_deg: FloatArray,
    tilt_deg: FloatArray | float,
    length_m: FloatArray,
    width_m: FloatArray,
    slope_m: FloatArray,
    inset_m: FloatArray,
    edge_m: float,
) -> list[Planes]:
    """Return four trapezoids round a rectangle, each `inset_m` deep seen from above."""
    found = []
    for eaves, turns in ((length_m, (QUARTER_DEG, -QUARTER_DEG)), (width_m, (0.0, 2 * QUARTER_DEG))):
        top = np.maximum(eaves - 2.0 * inset_m, 0.0)
        inner = trapezoid_inside_m2(eaves, top, slope_m, edge_m)
        pointed = top <= 1e-9
        inner = np.where(pointed, triangle_inside_m2(eaves, slope_m, edge_m), inner)
        area = (eaves + top) / 2.0 * slope_m
        found += [
            _planes(at, roof_class, tilt_deg, along_deg + turn, area, inner, (eaves, top, slope_m))
            for turn in turns
        ]
    return found


def _hipped(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    length, width, along = _lying(bases, at)
    slope = width / 2.0 * _stretch(tilt_deg)
    return _bands(at, HIPPED, along, tilt_deg, length, width, slope, width / 2.0, form.edge_m)


def _half_hipped(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    length, width, along = _lying(bases, at)
    slope = width / 2.0 * _stretch(tilt_deg)
    depth = form.half_hip_ratio
    side = length * slope - depth**2 * width * slope / 2.0
    inner = half_hip_inside_m2(length, slope, width, depth, form.edge_m)
    box = length, np.maximum(2.0 * side / np.maximum(slope, 1e-9) - length, 0.0), slope
    sides = [
        _planes(at, HALF_HIPPED, tilt_deg, along + turn, side, inner, box)
        for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]
    base, rise = depth * width, depth * slope
    point = base, np.zeros(len(at)), rise
    ends = [
        _planes(
            at, HALF_HIPPED, tilt_deg, along + turn, base * rise / 2.0,
            triangle_inside_m2(base, rise, form.edge_m), point,
        )
        for turn in (0.0, 2 * QUARTER_DEG)
    ]  # fmt: skip
    return sides + ends


def _gambrel(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    length, half, ridge = bases.length_m[at], bases.width_m[at] / 2.0, bases.ridge_deg[at]
    low = form.break_ratio * half * _stretch(form.lower_tilt_deg)
    high = (1.0 - form.break_ratio) * half * _stretch(tilt_deg)
    lower = _halves(at, GAMBREL, ridge, form.lower_tilt_deg, length, low, form.edge_m)
    return lower + _halves(at, GAMBREL, ridge, tilt_deg, length, high, form.edge_m)


def _mansard(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    length, width, along = _lying(bases, at)
    inset = form.break_ratio * width / 2.0
    low = inset * _stretch(form.lower_tilt_deg)
    lower = _bands(at, MANSARD, along, form.lower_tilt_deg, length, width, low, inset, form.edge_m)
    long_top, wide_top = length - 2.0 * inset, width - 2.0 * inset
    high = wide_top / 2.0 * _stretch(tilt_deg)
    upper = _bands(at, MANSARD, along, tilt_deg, long_top, wide_top, high, wide_top / 2.0, form.edge_m)
    return lower + upper


def _skillion(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    slope = bases.width_m[at] * _stretch(tilt_deg)
    length, known = bases.length_m[at], np.isfinite(bases.face_deg[at])
    inner = rectangle_inside_m2(length, slope, form.edge_m)
    return [
        _planes(
            at, SKILLION, tilt_deg,
            np.where(known, bases.face_deg[at], bases.ridge_deg[at] + turn),
            length * slope, inner, (length, length, slope), chance_share=0.5,
        )
        for turn in (QUARTER_DEG, -QUARTER_DEG)
    ]  # fmt: skip


def _pyramidal(bases: RoofBases, at: IntArray, tilt_deg: FloatArray, form: FormSettings) -> list[Planes]:
    side = np.sqrt(bases.area_m2[at])
    slope = side / 2.0 * _stretch(tilt_deg)
    return _bands(at, PYRAMIDAL, bases.ridge_deg[at], tilt_deg, side, side, slope, side / 2.0, form.edge_m)


Form = Callable[[RoofBases, IntArray, FloatArray, FormSettings], list[Planes]]
FORMS: tuple[tuple[int, Form], ...] = (
    (GABLED, _gabled),
    (HIPPED, _hipped),
    (SKILLION, _skillion),
    (PYRAMIDAL, _pyramidal),
    (HALF_HIPPED, _half_hipped),
    (MANSARD, _mansard),
    (GAMBREL, _gambrel),
)


def make_planes(bases: RoofBases, chance: FloatArray, tilt_deg: FloatArray, form: FormSettings) -> Planes:
    """Return all planes that roofs may have, of every class with a chance above zero.

    Parameters
    ----------
    bases : RoofBases of n buildings
    chance : (n, classes) array
        Probabilities of the classes; a row of zeros has no planes.
    tilt_deg : (n, classes) array
        Pitch that each roof would have in each class.
    form : FormSettings

    Returns
    -------
    Planes
        Ordered by class, then building.
    """
    where = [np.flatnonzero(chance[:, number] > 0.0) for number in range(chance.shape[1])]
    found = _flat(bases, where[FLAT], form)
    for number, shape in FORMS:
        at = where[number]
        found += shape(bases, at, tilt_deg[at, number], form)
    return join_planes(found)
