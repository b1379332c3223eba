"""Roofs whose planes were measured: by a surface model, or drawn in a 3D model of the city.

Planes of a roof are scaled so that they cover its outline. Flat ones carry rows of modules like any flat
roof. The shape of the roof follows from how much of it falls in which direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.roof_survey import PLANE_COLUMNS, RoofSurvey
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.roof_areas import trapezoid_inside_m2, triangle_inside_m2
from layers.physics.roof_forms import FormSettings
from layers.physics.roof_planes import NOT_MEASURED, Planes, join_planes
from layers.physics.roof_shapes import FLAT, GABLED, HIPPED, PYRAMIDAL, SKILLION

NONE, SURFACE_MODEL, CITY_MODEL = range(3)
# measured planes whose ground area is less or more of the outline do not belong to it
LEAST_COVER_RATIO, MOST_COVER_RATIO = 0.5, 1.7
# a roof is flat from this share of flat area on; one way or two when they hold that share of the slopes
_FLAT_SHARE, _WHOLE_SHARE, _SIDE_SHARE = 0.6, 0.85, 0.15
_SAME_WAY_DEG = 30.0
_PYRAMID_LEAST_SHARE, _PYRAMID_MOST_SHARE = 0.4, 0.6
_NUMBERS = PLANE_COLUMNS[1:]
_SMALLEST_M2 = 1e-6


@dataclass(frozen=True)
class MeasuredRoofs:
    """Planes of the roofs that were measured.

    Attributes
    ----------
    table : DataFrame
        Columns of `layers.core.roof_survey.PLANE_COLUMNS` without the id; areas cover the outlines.
    building : (p,) array of int
        Position of each plane's building.
    number : (p,) array of int
        Position of the plane in the survey, -1 for planes of a 3D model.
    method : (n,) array of int
        How each building was measured: `NONE`, `SURFACE_MODEL` or `CITY_MODEL`.
    roof_class : (n,) array of int
        Shape that follows from the planes, -1 where there are none.
    tilt_deg : (n,) array
        Mean slope of the sloping planes.
    """

    table: pd.DataFrame
    building: IntArray
    number: IntArray
    method: IntArray
    roof_class: IntArray
    tilt_deg: FloatArray


def planes_as_text(planes: pd.DataFrame) -> str:
    """Return planes of one building as a text that fits into a cell of a table.

    Examples
    --------
    >>> one = pd.DataFrame([[35.0, 180.0, 61.0, 10.0, 10.0, 6.1]], columns=_NUMBERS[:-1])
    >>> planes_as_text(one)
    '35/180/61/10/10/6.1'
    """
    rows = planes[list(_NUMBERS[:-1])].to_numpy(dtype=np.float64)
    return " ".join("/".join(f"{number:.4g}" for number in row) for row in rows)


def read_planes(texts: ObjectArray) -> tuple[pd.DataFrame, IntArray]:
    """Return the planes that texts of `planes_as_text` hold, and each one's position among the texts.

    Examples
    --------
    >>> table, owner = read_planes(np.array([None, "35/180/61/10/10/6.1 35/0/61/10/10/6.1"], dtype=object))
    >>> table["azimuth_deg"].tolist(), owner.tolist()
    ([180.0, 0.0], [1, 1])
    """
    rows, owner = [], []
    for position in np.flatnonzero([isinstance(text, str) and bool(text) for text in texts]):
        planes = [word.split("/") for word in str(texts[position]).split()]
        rows += planes
        owner += [position] * len(planes)
    numbers = np.array(rows, dtype=np.float64).reshape(-1, len(_NUMBERS) - 1)
    table = pd.DataFrame(numbers, columns=list(_NUMBERS[:-1])).assign(free_share=np.nan)
    return table, np.array(owner, dtype=np.int64)


def shapes_of_planes(
    building: IntArray, tilt_deg: FloatArray, azimuth_deg: FloatArray, area_m2: FloatArray, count: int,
    flat_deg: float,
) -> tuple[IntArray, FloatArray]:  # fmt: skip
    """Return the class and the mean slope of each building's roof; -1 and 0 without planes."""
    sloping = tilt_deg > flat_deg
    total = np.bincount(building, area_m2, count)
    slopes = np.bincount(building[sloping], area_m2[sloping], count)
    main = np.zeros(count)
    order = np.lexsort((azimuth_deg, area_m2.round(3), building))
    order = order[sloping[order]]
    main[building[order]] = azimuth_deg[order]
    turn = np.abs(np.mod(azimuth_deg - main[building] + 180.0, 360.0) - 180.0)

    def share(mask: BoolArray) -> FloatArray:
        held = np.bincount(building[mask & sloping], area_m2[mask & sloping], count)
        return np.asarray(held / np.maximum(slopes, _SMALLEST_M2), dtype=np.float64)

    same, opposite = share(turn < _SAME_WAY_DEG), share(turn > 180.0 - _SAME_WAY_DEG)
    aside = share(np.abs(turn - 90.0) < _SAME_WAY_DEG)
    found = np.where(same + opposite >= 2.0 * aside, GABLED, HIPPED)
    four = (same + opposite + aside >= _WHOLE_SHARE) & (aside >= _SIDE_SHARE / 2)
    found[four] = HIPPED
    found[four & (aside >= _PYRAMID_LEAST_SHARE) & (aside <= _PYRAMID_MOST_SHARE)] = PYRAMIDAL
    found[(same + opposite >= _WHOLE_SHARE) & (opposite >= _SIDE_SHARE)] = GABLED
    found[same >= _WHOLE_SHARE] = SKILLION
    found[slopes < (1.0 - _FLAT_SHARE) * total] = FLAT
    found[total <= 0.0] = NOT_MEASURED
    mean = np.bincount(building[sloping], (area_m2 * tilt_deg)[sloping], count)
    return found.astype(np.int64), np.asarray(mean / np.maximum(slopes, _SMALLEST_M2), dtype=np.float64)


def measured_roofs(
    ids: pd.Index, area_m2: FloatArray, drawn: ObjectArray, survey: RoofSurvey | None, flat_deg: float
) -> MeasuredRoofs:
    """Return the planes of all roofs that were measured; a surface model goes before a 3D model.

    Parameters
    ----------
    ids : Index of n buildings
    area_m2 : (n,) array
        Area of their outlines.
    drawn : (n,) array of texts
        Planes of a 3D model as `planes_as_text` writes them, None where there are none.
    survey : RoofSurvey or None
    flat_deg : float
        Planes up to this slope are flat.
    """
    count = len(ids)
    tables, owners, numbers = [], [], []
    method = np.full(count, NONE, dtype=np.int64)
    if survey is not None and len(survey.planes):
        owner = ids.astype(str).get_indexer(pd.Index(survey.planes["building_id"].astype(str)))
        number = np.flatnonzero(owner >= 0)
        tables.append(survey.planes.iloc[number][list(_NUMBERS)])
        owners.append(owner[number])
        numbers.append(number)
        method[owner[number]] = SURFACE_MODEL
    left = drawn.copy()
    left[method != NONE] = None
    table, owner = read_planes(left)
    method[owner] = CITY_MODEL
    tables.append(table)
    owners.append(owner)
    numbers.append(np.full(len(owner), NOT_MEASURED))
    planes = pd.concat(tables, ignore_index=True)
    building, number = np.concatenate(owners).astype(np.int64), np.concatenate(numbers).astype(np.int64)
    order = np.argsort(building, kind="stable")
    planes, building, number = planes.iloc[order].reset_index(drop=True), building[order], number[order]
    plan = planes["surface_m2"].to_numpy() * np.cos(np.radians(planes["tilt_deg"].to_numpy()))
    cover = np.bincount(building, plan, count) / np.maximum(area_m2, _SMALLEST_M2)
    fits = (cover >= LEAST_COVER_RATIO) & (cover <= MOST_COVER_RATIO)
    method[~fits] = NONE
    kept = fits[building]
    planes, building, number = planes[kept].reset_index(drop=True), building[kept], number[kept]
    scale = 1.0 / cover[building]
    lengths = {name: planes[name] * np.sqrt(scale) for name in ("eaves_m", "top_m", "slope_m")}
    planes = planes.assign(surface_m2=planes["surface_m2"] * scale, **lengths)
    roof_class, tilt = shapes_of_planes(
        building, planes["tilt_deg"].to_numpy(), planes["azimuth_deg"].to_numpy(),
        planes["surface_m2"].to_numpy(), count, flat_deg,
    )  # fmt: skip
    return MeasuredRoofs(planes, building, number, method, roof_class, tilt)


def _inner_m2(table: pd.DataFrame, edge_m: float) -> FloatArray:
    """Return what is left of planes inside a free edge, by the trapezoids that stand for them."""
    eaves, top, slope, surface = (
        table[name].to_numpy(dtype=np.float64) for name in ("eaves_m", "top_m", "slope_m", "surface_m2")
    )
    inside = np.where(
        top > 2.0 * edge_m,
        trapezoid_inside_m2(eaves, top, slope, edge_m),
        triangle_inside_m2(eaves + top, slope, edge_m),
    )
    whole = np.maximum((eaves + top) / 2.0 * slope, _SMALLEST_M2)
    return np.asarray(np.minimum(inside / whole, 1.0) * surface, dtype=np.float64)


def measured_planes(roofs: MeasuredRoofs, form: FormSettings, flat_deg: float) -> Planes:
    """Return the planes of measured roofs, ready for modules; each flat one as its rows."""
    table = roofs.table
    flat = table["tilt_deg"].to_numpy() <= flat_deg
    inner = _inner_m2(table, form.edge_m)
    ways = len(form.row_azimuths_deg)

    def some(at: IntArray, share: float, azimuth_deg: FloatArray, tilt_deg: FloatArray) -> Planes:
        part = table.iloc[at]
        return Planes(
            building=roofs.building[at],
            roof_class=roofs.roof_class[roofs.building[at]],
            chance_share=np.ones(len(at)),
            tilt_deg=tilt_deg,
            azimuth_deg=azimuth_deg,
            surface_m2=part["surface_m2"].to_numpy() * share,
            inner_m2=inner[at] * share,
            piece_m2=inner[at],
            eaves_m=part["eaves_m"].to_numpy(),
            top_m=part["top_m"].to_numpy(),
            slope_m=part["slope_m"].to_numpy(),
            is_row=flat[at],
            free_share=part["free_share"].to_numpy(),
            measured=roofs.number[at],
        )

    steep, level = np.flatnonzero(~flat), np.flatnonzero(flat)
    slopes = some(steep, 1.0, table["azimuth_deg"].to_numpy()[steep], table["tilt_deg"].to_numpy()[steep])
    rows = [
        some(level, 1.0 / ways, np.full(len(level), face), np.full(len(level), form.row_tilt_deg))
        for face in form.row_azimuths_deg
    ]
    return join_planes([slopes, *rows])
