"""What is known of a town's roofs before the sun is asked: classes, chances, pitches, planes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.roof_survey import RoofSurvey
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.measured_roofs import (
    CITY_MODEL,
    NONE,
    SURFACE_MODEL,
    MeasuredRoofs,
    measured_planes,
    measured_roofs,
)
from layers.physics.roof_forms import EAST_WEST_DEG, SOUTH_DEG, FormSettings, make_planes
from layers.physics.roof_planes import Planes, RoofBases, join_planes, lay_ridges, pitches_deg
from layers.physics.roof_settings import ROWS, SolarParams
from layers.physics.roof_shapes import ASSUMED_COUNT, GROUP_OF_USE, tagged_class

METHODS = ("surface model", "3D model", "tag", "learned", "usual")
SURFACE, MODEL, TAG, LEARNED, USUAL = range(len(METHODS))
ORIGIN_OF_METHOD = ("measured", "measured", "tagged", "imputed", "default")
# what shapes of roofs are learned from, as far as the table has it
FEATURES = (
    "footprint_area_m2", "box_length_m", "box_width_m", "compactness_ratio", "corner_count",
    "shared_wall_length_m", "neighbour_count", "near_count", "built_share", "storey_count", "height_m",
    "construction_year",
)  # fmt: skip


@dataclass(frozen=True)
class Roofs:
    """What is known of n roofs before the sun is asked.

    Attributes
    ----------
    method : (n,) array of int
        Where the shape comes from, a position in `METHODS`.
    chance : (n, classes) array
        Probability of each class; one class for certain where it is known.
    tilt_deg : (n, classes) array
    planes : Planes
        Of every class that has a chance.
    surface_m2 : (n,) array
        Expected area on the slopes.
    """

    method: IntArray
    chance: FloatArray
    tilt_deg: FloatArray
    planes: Planes
    surface_m2: FloatArray


def numbers(buildings: pd.DataFrame, column: str) -> FloatArray:
    """Return an optional column of numbers, NaN where it is missing."""
    if column not in buildings.columns:
        return np.full(len(buildings), np.nan)
    return buildings[column].to_numpy(dtype=np.float64, na_value=np.nan)


def texts(buildings: pd.DataFrame, column: str) -> ObjectArray:
    """Return an optional column of words, None where it is missing."""
    if column not in buildings.columns:
        return np.full(len(buildings), None, dtype=object)
    return np.asarray(buildings[column].astype(object).to_numpy(), dtype=object)


def _bases(buildings: pd.DataFrame) -> RoofBases:
    across: BoolArray = np.equal(texts(buildings, "roof_orientation"), "across")
    return lay_ridges(
        numbers(buildings, "box_length_m"), numbers(buildings, "box_width_m"),
        numbers(buildings, "axis_azimuth_deg"), numbers(buildings, "footprint_area_m2"),
        numbers(buildings, "perimeter_m"), numbers(buildings, "roof_direction_deg"), across,
    )  # fmt: skip


def form_settings(params: SolarParams) -> FormSettings:
    """Return what shapes of roofs are made with."""
    looks_south = params.flat_rows == ROWS[1]
    return FormSettings(
        row_tilt_deg=params.south_row_tilt_deg if looks_south else params.row_tilt_deg,
        row_azimuths_deg=SOUTH_DEG if looks_south else EAST_WEST_DEG,
        edge_m=params.free_edge_m,
        half_hip_ratio=params.half_hip_ratio,
        break_ratio=params.break_ratio,
        lower_tilt_deg=params.lower_pitch_deg,
    )


def shape_features(buildings: pd.DataFrame) -> FloatArray:
    """Return what shapes are learned from: form, size, height, age and use; NaN where unknown."""
    columns = [numbers(buildings, name) for name in FEATURES]
    area, length, width = columns[:3]
    box = np.maximum(length * width, 1e-9)
    uses = texts(buildings, "use")
    kinds = [np.equal(uses, use).astype(np.float64) for use in GROUP_OF_USE]
    return np.column_stack([*columns, length / np.maximum(width, 1e-9), area / box, *kinds])


def _measured(buildings: gpd.GeoDataFrame, params: SolarParams, survey: RoofSurvey | None) -> MeasuredRoofs:
    return measured_roofs(
        buildings.index, numbers(buildings, "footprint_area_m2"), texts(buildings, "roof_planes"), survey,
        params.flat_enough_deg,
    )  # fmt: skip


def known_shapes(buildings: gpd.GeoDataFrame, params: SolarParams, survey: RoofSurvey | None) -> IntArray:
    """Return the class of each roof that is measured or tagged, -1 for the others."""
    tagged = tagged_class(texts(buildings, "roof_shape"))
    measured = _measured(buildings, params, survey)
    return np.where(measured.method != NONE, measured.roof_class, tagged)


def existing_kwp(buildings: pd.DataFrame, params: SolarParams) -> FloatArray:
    """Return the power of the modules that the data show on each roof."""
    stated = numbers(buildings, "solar_tag_kwp")
    shown = np.equal(texts(buildings, "has_solar_tag"), True)
    return np.where(stated > 0.0, np.nan_to_num(stated), np.where(shown, params.existing_kwp, 0.0))


def left_to_build(buildings: pd.DataFrame, power_kwp: FloatArray, params: SolarParams) -> FloatArray:
    """Return the share of each roof's power that the modules standing there leave."""
    taken = existing_kwp(buildings, params) / np.maximum(power_kwp, 1e-9)
    return np.asarray(1.0 - np.minimum(taken, 1.0), dtype=np.float64)


def open_classes(class_kwh: FloatArray, chance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return yields and chances of the classes that may be assumed; a known roof stands in the first one.

    Examples
    --------
    >>> known, open_roof = np.eye(9)[7], np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0, 0])
    >>> open_classes(np.array([np.arange(9.0), np.arange(9.0)]), np.array([known, open_roof]))[0][:, :2]
    array([[7., 0.],
           [0., 1.]])
    """
    certain = chance.max(axis=1) >= 1.0 - 1e-12
    kwh, left = class_kwh[:, :ASSUMED_COUNT].copy(), chance[:, :ASSUMED_COUNT].copy()
    kwh[certain], left[certain] = 0.0, 0.0
    kwh[certain, 0] = (class_kwh * chance).sum(axis=1)[certain]
    left[certain, 0] = 1.0
    return kwh, left


def make_roofs(
    buildings: gpd.GeoDataFrame,
    guessed: FloatArray,
    is_learned: BoolArray,
    params: SolarParams,
    survey: RoofSurvey | None = None,
) -> Roofs:
    """Return the roofs of buildings: measured, else tagged, else each shape with its probability.

    Parameters
    ----------
    buildings : GeoDataFrame of n buildings
    guessed : (n, classes) array
        Probabilities for roofs of which nothing is known.
    is_learned : (n,) array
        Whether these come from the town's own roofs.
    params : SolarParams
    survey : RoofSurvey, optional
    """
    form, count = form_settings(params), len(buildings)
    measured = _measured(buildings, params, survey)
    has_planes = measured.method != NONE
    tagged = tagged_class(texts(buildings, "roof_shape"))
    known = np.where(has_planes, measured.roof_class, tagged)
    chance = np.where((known >= 0)[:, None], np.eye(guessed.shape[1])[known], guessed)
    bases = _bases(buildings)
    angle, rise = numbers(buildings, "roof_angle_deg"), numbers(buildings, "roof_height_m")
    tilt = pitches_deg(angle, rise, bases.width_m, tagged, params.pitch_deg)
    tilt[has_planes] = measured.tilt_deg[has_planes, None]
    modelled = make_planes(bases, np.where(has_planes[:, None], 0.0, chance), tilt, form)
    planes = join_planes([modelled, measured_planes(measured, form, params.flat_enough_deg)])
    weight = planes.chance_share * chance[planes.building, planes.roof_class]
    sloped = np.bincount(planes.building, weight * planes.surface_m2, count)
    # a dome has no planes; its outline stands for it
    surface = np.asarray(sloped + np.where(has_planes, 0.0, chance[:, -1]) * bases.area_m2, dtype=np.float64)
    method = np.where(is_learned, LEARNED, USUAL)
    method[tagged >= 0] = TAG
    method[measured.method == CITY_MODEL] = MODEL
    method[measured.method == SURFACE_MODEL] = SURFACE
    return Roofs(method.astype(np.int64), chance, tilt, planes, surface)
