"""Planes of roofs, and the rectangles that modelled roofs stand on.

A roof is modelled over the rectangle that has the proportions and the direction of the smallest box
round the outline and the outline's own area. The ridge runs along the long side unless a tag says
otherwise. The shapes over it are in `layers.physics.roof_forms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.roof_shapes import BROKEN, CURVED, FLAT, SKILLION

QUARTER_DEG = 90.0
# a mapped pitch outside these bounds is a mistake
FLATTEST_TAG_DEG, STEEPEST_TAG_DEG = 2.0, 75.0
# on a roof with a break a steeper pitch is that of its lower slopes
STEEPEST_UPPER_DEG = 45.0
NOT_MEASURED = -1


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
    eaves_m, top_m, slope_m : (p,) arrays
        The symmetric trapezoid of the same area on which modules are laid: lower and upper side and
        their distance on the slope.
    is_row : (p,) array
        Whether modules stand in rows on a flat roof; tilt and azimuth are then those of the rows.
    free_share : (p,) array
        What measured superstructures leave of the plane; NaN where nobody measured.
    measured : (p,) array of int
        Position of a measured plane in the survey, -1 for a modelled one.
    """

    building: IntArray
    roof_class: IntArray
    chance_share: FloatArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    surface_m2: FloatArray
    inner_m2: FloatArray
    piece_m2: FloatArray
    eaves_m: FloatArray
    top_m: FloatArray
    slope_m: FloatArray
    is_row: BoolArray
    free_share: FloatArray
    measured: IntArray

    def take(self, keep: BoolArray) -> Planes:
        """Return some of the planes."""
        return Planes(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})


def join_planes(parts: Sequence[Planes]) -> Planes:
    """Return all planes of several lists, one after the other."""
    names = [field.name for field in fields(Planes)]
    return Planes(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


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
    usual_deg : tuple, one a class
        Pitch of each class without a tag; that of the upper slopes where a roof has a break.

    Returns
    -------
    (n, classes) array
    """
    span = np.maximum(width_m, 1.0) * np.where(known_class == SKILLION, 1.0, 0.5)
    tagged = np.where(np.isfinite(angle_deg), angle_deg, np.degrees(np.arctan2(rise_m, span)))
    usable = np.isfinite(tagged) & (tagged >= FLATTEST_TAG_DEG) & (tagged <= STEEPEST_TAG_DEG)
    usual = np.tile(np.array(usual_deg), (len(width_m), 1))
    sloped = np.ones(len(usual_deg), dtype=bool)
    sloped[[FLAT, CURVED]] = False
    fits = usable[:, None] & sloped
    # the rise of a roof with a break belongs to both of its slopes
    broken = np.isin(np.arange(len(usual_deg)), BROKEN)
    fits &= ~broken | (np.isfinite(angle_deg) & (angle_deg <= STEEPEST_UPPER_DEG))[:, None]
    return np.asarray(np.where(fits, tagged[:, None], usual), dtype=np.float64)
