"""What is known of a town's roofs before the sun is asked: classes, chances, pitches, planes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.roof_forms import EAST_WEST_DEG, SOUTH_DEG, FormSettings, make_planes
from layers.physics.roof_planes import Planes, RoofBases, lay_ridges, pitches_deg
from layers.physics.roof_settings import ROWS, SolarParams
from layers.physics.roof_shapes import class_probabilities, strata, tagged_class


@dataclass(frozen=True)
class Roofs:
    """What is known of the roofs before the sun is asked: classes, chances, pitches, planes."""

    known_class: IntArray
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


def make_roofs(buildings: gpd.GeoDataFrame, shares: FloatArray, params: SolarParams) -> Roofs:
    """Return the roofs of buildings, given the shares of shapes by kind and size of building."""
    group, size = strata(texts(buildings, "use"), numbers(buildings, "footprint_area_m2"))
    known = tagged_class(texts(buildings, "roof_shape"))
    chance = class_probabilities(group, size, known, shares)
    bases = _bases(buildings)
    angle, rise = numbers(buildings, "roof_angle_deg"), numbers(buildings, "roof_height_m")
    tilt = pitches_deg(angle, rise, bases.width_m, known, params.pitch_deg)
    planes = make_planes(bases, chance, tilt, form_settings(params))
    weight = planes.chance_share * chance[planes.building, planes.roof_class]
    sloped = np.bincount(planes.building, weight * planes.surface_m2, len(buildings))
    # a dome has no planes; its outline stands for it
    surface = np.asarray(sloped + chance[:, -1] * bases.area_m2, dtype=np.float64)
    return Roofs(known, chance, tilt, planes, surface)
