"""What is known of each building before anything is filled in, gathered into arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.attribute_settings import HALLS, AttributeParams
from layers.core.types import AnyArray, BoolArray, FloatArray, IntArray, ObjectArray
from layers.core.uses import RESIDENTIAL_USES, USES
from layers.physics import building_use as use_rules
from layers.physics.building_use import PROFILE, RESIDENTIAL, UNKNOWN
from layers.physics.neighbours import built_around
from layers.physics.storeys import is_row_house, roof_rise_m

# national classes that bound the storeys: dwellings of at most two, and of at least three, in Finland
STOREY_BOUNDS: Mapping[str, tuple[float, float]] = {"42211": (1.0, 2.0), "42212": (3.0, np.inf)}
# what looks like a house on its own: not a shed, not wound, with some neighbours
_SMALLEST_HOUSE_M2 = 50.0
_MOST_HOUSE_CORNERS = 14
# a thirtieth of a circle of 100 m: from here on a building fills the built share around it by itself
_LARGE_M2, _STRIP_M = 1_000.0, 100.0
# a stated house has no more storeys than this, unless they are stated too
_MOST_HOUSE_STOREYS = 3.0
_FEWEST_NEAR = 3
_WORSHIP_TAGS = ("church", "cathedral", "chapel", "mosque", "synagogue", "temple", "monastery", "basilica")
# scales of the neighbour search: differences that make two buildings "rather unlike"
_NEAR_SCALE_M = 150.0
_GROUP_STEP = 1.5
_BUILT_SCALE_SHARE = 0.15
_WALL_SCALE_SHARE = 0.25


@dataclass(frozen=True)
class Evidence:
    """What is known of n buildings.

    Attributes
    ----------
    stated : classes of `PROFILE` that the data state, or ""
    stated_size : residential size class that the data state, or ""
    is_weak : the statement says little ("public building"): the surroundings may name a use
    is_outbuilding : stated, or told by size and a larger neighbour
    is_monument : protected by its tags, or a place of worship
    is_kiosk : too small to be heated
    poi_area_m2, land_shares : (n, len(PROFILE)) floor area of points of interest, shares by land
    form : (n, 8) features of form, for learning
    low_storey_count, high_storey_count : bounds by national class and stated size
    known_storey_count, known_eaves_m : tagged, NaN where not
    first_year, last_year : tagged range, NaN where open
    """

    index: pd.Index
    stated: ObjectArray
    stated_size: ObjectArray
    is_weak: BoolArray
    is_outbuilding: BoolArray
    is_monument: BoolArray
    is_kiosk: BoolArray
    poi_area_m2: FloatArray
    land_shares: FloatArray
    land_code: IntArray
    form: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    footprint_m2: FloatArray
    shared_wall_share: FloatArray
    is_dense: BoolArray
    is_row: BoolArray
    looks_like_house: BoolArray
    box_width_m: FloatArray
    low_storey_count: FloatArray
    high_storey_count: FloatArray
    known_storey_count: FloatArray
    known_eaves_m: FloatArray
    first_year: FloatArray
    last_year: FloatArray

    @property
    def count(self) -> int:
        """Return the number of buildings."""
        return len(self.footprint_m2)


def number_column(table: pd.DataFrame, name: str) -> FloatArray:
    """Return a column as numbers, NaN where it or a value is missing."""
    if name not in table.columns:
        return np.full(len(table), np.nan)
    return table[name].to_numpy(dtype=np.float64, na_value=np.nan)


def text_column(table: pd.DataFrame, name: str) -> ObjectArray:
    """Return a column as texts, empty where it or a value is missing."""
    if name not in table.columns:
        return np.full(len(table), "", dtype=object)
    values = table[name].astype(object)
    return np.asarray(values.where(values.notna(), "").to_numpy(dtype=object))


def flag_column(table: pd.DataFrame, name: str) -> BoolArray:
    """Return a column as flags, false where it or a value is missing."""
    if name not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return table[name].astype("boolean").fillna(False).to_numpy(dtype=bool)


def _polygons(table: gpd.GeoDataFrame) -> ObjectArray:
    return np.asarray(table.geometry.to_numpy(), dtype=object)


def _land(
    middles: ObjectArray, landuse: gpd.GeoDataFrame, params: AttributeParams
) -> tuple[FloatArray, IntArray]:
    """Return the shares of uses on the land of each building, and a code of the land for learning."""
    kinds = text_column(landuse, "kind")
    carried = np.isin(kinds.astype(str), list(params.landuse_share))
    at = use_rules.smallest_containing(middles, _polygons(landuse)[carried])
    codes = {kind: code for code, kind in enumerate(sorted(params.landuse_share))}
    profile = np.zeros((len(codes) + 1, len(PROFILE)))
    for kind, code in codes.items():
        for use, share in params.landuse_share[kind].items():
            profile[code, PROFILE.index(use)] = share
    code_of_land = np.array([codes[str(kind)] for kind in kinds[carried]] + [len(codes)], dtype=np.int64)
    found: IntArray = code_of_land[at]
    return profile[found], found


def _points(polygons: ObjectArray, points: gpd.GeoDataFrame, params: AttributeParams) -> FloatArray:
    """Return the floor area behind the points of interest in each building, by class."""
    uses = text_column(points, "use")
    area_of_use = {use: params.poi_area_m2[use][0] for use in USES}
    building, point, part = use_rules.points_in_buildings(polygons, _polygons(points), params.poi_reach_m)
    area = np.zeros((len(polygons), len(PROFILE)))
    for column, name in enumerate(PROFILE):
        if name in area_of_use and area_of_use[name] > 0:
            mine = uses[point] == name
            area[:, column] = (
                np.bincount(building[mine], part[mine], minlength=len(polygons)) * area_of_use[name]
            )
    return area


def _stated(buildings: gpd.GeoDataFrame) -> tuple[ObjectArray, ObjectArray]:
    """Return the stated class of `PROFILE` and the stated residential size class."""
    tagged = text_column(buildings, "tagged_use")
    is_size = np.isin(tagged.astype(str), RESIDENTIAL_USES)
    size = np.where(is_size, tagged, "")
    is_home = is_size | flag_column(buildings, "is_home_tag")
    stated = np.where(is_home, "residential", np.where(tagged == "unknown", "", tagged))
    stated[flag_column(buildings, "is_outbuilding_tag") & ~is_home] = "outbuilding"
    return stated.astype(object), size.astype(object)


def _eaves(buildings: gpd.GeoDataFrame, is_low: BoolArray, params: AttributeParams) -> FloatArray:
    """Return tagged heights without the roof; one that cannot hold its storeys is a gap."""
    height = number_column(buildings, "tagged_height_m")
    shape = text_column(buildings, "roof_shape")
    # low dwellings whose roof nobody describes carry a pitched one, everything else a flat one
    is_pitched = np.where(shape == "", is_low, shape != "flat")
    rise = roof_rise_m(
        height,
        number_column(buildings, "box_width_m"),
        is_pitched,
        number_column(buildings, "roof_height_m"),
        number_column(buildings, "roof_angle_deg"),
        params.roof_angle_deg,
    )
    least = params.least_height_per_storey_m
    storeys = np.maximum(np.nan_to_num(number_column(buildings, "tagged_storey_count"), nan=1.0), 1.0)
    eaves = height - np.where(height - rise < storeys * least, 0.0, rise)
    return np.where(eaves < storeys * least, np.nan, eaves)


def gather(
    buildings: gpd.GeoDataFrame, landuse: gpd.GeoDataFrame, points: gpd.GeoDataFrame, params: AttributeParams
) -> Evidence:
    """Gather what the tables say about each building.

    Parameters
    ----------
    buildings, landuse, points : GeoDataFrames in the same metric system
        Buildings with the columns of the form layer; land with `kind`; points with `use`.
    """
    polygons = _polygons(buildings)
    middles = shapely.point_on_surface(polygons)
    center = shapely.centroid(polygons)
    area = number_column(buildings, "footprint_area_m2")
    length, width = number_column(buildings, "box_length_m"), number_column(buildings, "box_width_m")
    perimeter = np.maximum(number_column(buildings, "perimeter_m"), 0.1)
    shared = np.minimum(number_column(buildings, "shared_wall_length_m") / perimeter, 1.0)
    built = number_column(buildings, "built_share")
    near, corners = number_column(buildings, "near_count"), number_column(buildings, "corner_count")
    is_row = is_row_house(
        length,
        width,
        shortest_row_m=params.terraced_row_length_m,
        least_elongation_ratio=params.terraced_elongation_ratio,
    )
    is_dense = _is_dense(polygons, area, built, params)
    stated, size = _stated(buildings)
    land_shares, land_code = _land(middles, landuse, params)
    poi_area = _points(polygons, points, params)
    official = text_column(buildings, "official_class").astype(str)
    low, high = np.ones(len(area)), np.full(len(area), np.inf)
    for name, (lowest, highest) in STOREY_BOUNDS.items():
        low[official == name], high[official == name] = lowest, highest
    high[np.isin(size.astype(str), ("residential_single", "residential_terraced"))] = _MOST_HOUSE_STOREYS
    # a small building with an address, a shop or a stated use is what it says, not an outbuilding
    says_nothing = (
        (stated == "") & (poi_area.sum(axis=1) == 0) & (text_column(buildings, "house_number") == "")
    )
    is_out = (stated == "outbuilding") | (flag_column(buildings, "is_outbuilding") & says_nothing)
    house_sized = (area <= params.house_footprint_m2) & (area >= _SMALLEST_HOUSE_M2)
    looks = house_sized & ~is_dense & (corners <= _MOST_HOUSE_CORNERS) & (near >= _FEWEST_NEAR)
    form = np.column_stack(
        [np.log2(np.maximum(area, 1.0)), number_column(buildings, "compactness_ratio"), corners,
         length / np.maximum(width, 0.1), shared, number_column(buildings, "neighbour_count"),
         np.log2(near + 1.0), built]
    )  # fmt: skip
    is_home = np.asarray(stated == "residential", dtype=bool)
    return Evidence(
        buildings.index, stated, size, stated == "other", is_out,
        flag_column(buildings, "is_protected_tag") | is_worship(buildings),
        is_kiosk(area, shared, is_home, params), poi_area, land_shares, land_code, form,
        shapely.get_x(center), shapely.get_y(center), area, shared, is_dense, is_row, looks, width, low, high,
        number_column(buildings, "tagged_storey_count"),
        _eaves(buildings, (area <= params.house_footprint_m2) & ~is_dense, params),
        number_column(buildings, "tagged_first_year"), number_column(buildings, "tagged_last_year"),
    )  # fmt: skip


def _is_dense(
    polygons: ObjectArray, area_m2: FloatArray, built: FloatArray, params: AttributeParams
) -> BoolArray:
    """Say where it is densely built; what is large itself is judged by the ground around it."""
    large = np.flatnonzero(area_m2 >= _LARGE_M2)
    around = built.copy()
    around[large] = built_around(polygons, large, _STRIP_M)
    return np.asarray(around >= params.dense_built_share, dtype=bool)


def use_shares(
    evidence: Evidence,
    storey_count: FloatArray,
    learned: FloatArray,
    params: AttributeParams,
) -> FloatArray:
    """Return (n, len(PROFILE)) shares of the floor area.

    What the data state comes first (shops may take the ground floor of a stated dwelling), then points
    of interest, what was learned from stated buildings, the land, and last the form.
    """
    poi = use_rules.share_floor_area(
        evidence.poi_area_m2, evidence.footprint_m2 * np.maximum(storey_count, 1.0), storey_count
    )
    ground = np.zeros_like(poi)
    ground[:, list(use_rules.GROUND_FLOOR)] = poi[:, list(use_rules.GROUND_FLOOR)]
    is_home = (evidence.stated == "residential")[:, None]
    firm = (evidence.stated != "") & ~evidence.is_weak
    start = np.where(firm[:, None], np.where(is_home, ground, 0.0), poi)
    stated = use_rules.single_use(np.where(evidence.is_outbuilding, "outbuilding", evidence.stated))
    start[evidence.is_outbuilding] = 0.0
    land = evidence.land_shares.copy()
    # a stated public building on residential land is not a dwelling
    land[evidence.is_weak, RESIDENTIAL] = 0.0
    is_open = ~firm & ~evidence.is_outbuilding
    first = np.where(is_open[:, None], np.where(evidence.is_weak[:, None], 0.0, learned), stated)
    partly = start + np.maximum(1.0 - start.sum(axis=1, keepdims=True), 0.0) * first
    partly += np.maximum(1.0 - partly.sum(axis=1, keepdims=True), 0.0) * np.where(is_open[:, None], land, 0.0)
    looks = evidence.looks_like_house & is_open & ~evidence.is_weak & (evidence.land_shares.sum(axis=1) == 0)
    last = np.zeros_like(partly)
    last[looks, RESIDENTIAL] = params.house_like_share
    last[evidence.is_weak] = use_rules.single_use(evidence.stated)[evidence.is_weak]
    return use_rules.fill_shares(partly, last)


def main_class(shares: FloatArray) -> IntArray:
    """Return the class with the largest share; of equal ones the first."""
    return np.asarray(np.argmax(np.round(shares, 9), axis=1), dtype=np.int64)


def learning_features(
    evidence: Evidence, group: IntArray, extra: tuple[AnyArray, ...] = ()
) -> tuple[FloatArray, FloatArray]:
    """Return features for trees (raw) and for the neighbour search (scaled)."""
    raw = np.column_stack([evidence.form, evidence.land_code, group, evidence.x_m, evidence.y_m, *extra])
    membership = group[:, None] == np.arange(len(PROFILE))[None, :]
    scaled = np.column_stack(
        [evidence.x_m / _NEAR_SCALE_M, evidence.y_m / _NEAR_SCALE_M, evidence.form[:, 0],
         evidence.form[:, 4] / _WALL_SCALE_SHARE, evidence.form[:, 7] / _BUILT_SCALE_SHARE,
         membership * _GROUP_STEP]
    )  # fmt: skip
    return raw, scaled


def is_hall(group: IntArray) -> BoolArray:
    """Say which classes are halls of one storey."""
    return np.isin(group, [PROFILE.index(use) for use in HALLS])


def profile_to_use(group: IntArray, size: ObjectArray) -> ObjectArray:
    """Return the use of each class, with the size class of dwellings."""
    names = np.array(PROFILE, dtype=object)[group]
    return np.where(group == RESIDENTIAL, size, names).astype(object)


def is_worship(buildings: pd.DataFrame) -> BoolArray:
    """Say which buildings are tagged as places of worship."""
    return np.isin(text_column(buildings, "building_tag").astype(str), _WORSHIP_TAGS)


def is_kiosk(
    footprint_m2: FloatArray,
    shared_wall_share: FloatArray,
    is_stated_home: BoolArray,
    params: AttributeParams,
) -> BoolArray:
    """Say which buildings are too small to be heated: kiosks, shelters, huts, substations.

    They stand free, cover less than the least heated footprint, and nobody states a dwelling; small
    parts of a row are warm with their neighbours.

    Examples
    --------
    >>> no, params = np.zeros(2, dtype=bool), AttributeParams(least_heated_footprint_m2=30.0)
    >>> is_kiosk(np.array([12.0, 90.0]), np.zeros(2), no, params)
    array([ True, False])
    """
    small = footprint_m2 < params.least_heated_footprint_m2
    wedged = shared_wall_share >= params.terraced_shared_share
    return np.asarray(small & ~wedged & ~is_stated_home, dtype=bool)


def is_unknown(group: IntArray) -> BoolArray:
    """Say which buildings have no known use."""
    return np.asarray(group == UNKNOWN, dtype=bool)
