"""Envelope of the buildings from footprint, height and storeys.

* `height_m` is the height of the walls, from the ground to the eaves. A roof rises above it: it adds to
  the volume and, where the attic is likely to be heated, to the surface, never to the walls.
* Gross wall = length of the outline, courtyards included, × wall height. A party wall loses no heat:
  the shared length × the lower of the two wall heights leaves the envelope, on the façades on which
  the two buildings face each other.
* The pitch is that of the mapped angle, else of ridge height and width, else usual for the mapped
  shape. Without a mapped shape the roof is what roofs of such buildings are on average: the shares of
  shapes that the roof solar layer starts from.
* Top of the heated body = footprint × (1 + a (1 / cos(pitch) − 1)). Under gabled, hipped and pyramidal
  roofs a is the share of attics that are heated, elsewhere heat ends at a ceiling; under others a = 1.
* Ground = footprint. Volume = footprint × (wall height + half the rise of the roof).
* Reference floor area = footprint × storeys × 0.85 (from external to TABULA's reference area).
* Windows: dwellings and halls by floor area, at most a share of the exposed wall; other uses by exposed
  wall. Dwellings have the windows of their period, and fewer on northern façades.
* The horizon of a façade is the height of an endless row opposite that would hide as much of the sky as
  the neighbours do (`layers.physics.facade_view`).

A building that is not heated keeps its geometry and gets no heated floor area and no windows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import ORIGINS, Column, check_table, origin_column
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.core.weather import FACADE_NAMES
from layers.physics.facade_view import REACH_M, facade_horizons_deg
from layers.physics.facades import party_length_by_facade_m, wall_length_by_facade_m
from layers.physics.roof_shapes import ASSUMED_COUNT, ROOF_CLASSES, read_shape_prior, strata
from layers.physics.walls import Edges, polygon_edges
from layers.physics.windows import GROUPS, PERIODS, dwelling_ratio, facade_windows_m2

# halls have fewer windows than houses
HALL_USES = ("industry", "storage", "sport")
WALL_COLUMNS: tuple[str, ...] = tuple(f"wall_area_{name}_m2" for name in FACADE_NAMES)
WINDOW_COLUMNS: tuple[str, ...] = tuple(f"window_area_{name}_m2" for name in FACADE_NAMES)
HORIZON_COLUMNS: tuple[str, ...] = tuple(f"horizon_{name}_deg" for name in FACADE_NAMES)

# which mapped shapes have which usual pitch; any other word counts as not mapped
PITCH_KINDS: dict[str, str] = {
    "flat": "flat",
    "gabled": "gabled", "half-hipped": "gabled", "saltbox": "gabled", "sawtooth": "gabled", "many": "gabled",
    "hipped": "hipped", "pyramidal": "pyramidal", "cone": "pyramidal",
    "gambrel": "mansard", "mansard": "mansard",
    "skillion": "skillion", "butterfly": "skillion",
    "round": "dome", "dome": "dome", "onion": "dome",
}  # fmt: skip
# roofs that rise over the whole width of the building instead of half of it
ONE_SIDED_KINDS = ("skillion",)
# roofs over an attic that may be cold, so that heat ends at a ceiling
ATTIC_KINDS = ("gabled", "hipped", "pyramidal")
ASSUMED_KINDS = ROOF_CLASSES[:ASSUMED_COUNT]

NEEDS: tuple[Column, ...] = (
    Column("footprint_area_m2", "area of the outline", lowest=0),
    Column("box_width_m", "shorter side of the smallest rectangle around the outline", lowest=0),
    Column("height_m", "height of the walls, ground to eaves", lowest=0),
    Column("storey_count", "storeys above ground", lowest=0),
    Column("use", "class of use", "text"),
    Column("heated", "whether it is heated", "flag"),
)

ADDS: tuple[Column, ...] = (
    Column("heated_floor_area_m2", "reference floor area that is heated; 0 when unheated", lowest=0),
    Column("wall_area_m2", "exposed wall with its windows, party walls removed", lowest=0),
    Column("shared_wall_area_m2", "wall shared with other buildings", lowest=0),
    Column("roof_area_m2", "top of the heated body: ceilings, and slopes of heated attics", lowest=0),
    Column("ground_area_m2", "floor on the ground or above the cellar", lowest=0),
    Column("window_area_m2", "windows; 0 when unheated", lowest=0),
    Column("volume_m3", "volume from the ground to the top of the roof", lowest=0),
    *(
        Column(column, f"exposed wall that faces {name.replace('_', '-')}", lowest=0)
        for column, name in zip(WALL_COLUMNS, FACADE_NAMES, strict=True)
    ),
    *(
        Column(column, f"windows that face {name.replace('_', '-')}", lowest=0)
        for column, name in zip(WINDOW_COLUMNS, FACADE_NAMES, strict=True)
    ),
    *(
        Column(
            column,
            f"height up to which neighbours hide the sky in the {name.replace('_', '-')}",
            lowest=0,
            highest=90,
        )
        for column, name in zip(HORIZON_COLUMNS, FACADE_NAMES, strict=True)
    ),
    origin_column("horizon"),
)


def _fact(fact_id: str) -> float:
    return value("envelope", fact_id)


def _hall_windows() -> dict[str, float]:
    return {use: _fact(f"window_floor_{use}") for use in HALL_USES}


def _period_windows() -> dict[str, float]:
    names = (f"{group}_{period}" for group in ("single", "multi") for period in PERIODS)
    return {name: _fact(f"window_floor_{name}") for name in names}


def _north_windows() -> dict[str, float]:
    return {group: _fact(f"window_north_{group}") for group in sorted(set(GROUPS.values()))}


def _pitches() -> dict[str, float]:
    # the same pitches as those of the roof solar layer, where it has them
    solar = {kind: value("solar", f"pitch_{kind}") for kind in ASSUMED_KINDS if kind != "flat"}
    return {"flat": 0.0, **solar, **{kind: _fact(f"roof_pitch_{kind}") for kind in ("mansard", "dome")}}


@dataclass(frozen=True)
class EnvelopeParams:
    """Settings of the envelope layer.

    Attributes
    ----------
    floor_area_ratio : reference floor area / external floor area, 0.5 to 1
    window_floor_ratio : windows of dwellings of unknown age / reference floor area, 0 to 0.5
    window_period_floor_ratio : the same by kind of dwelling and period
    window_north_ratio : window share of northern over that of other façades, by kind of dwelling
    hall_window_floor_ratio : the same of industry, storage and sport
    window_wall_highest_share : most of the exposed wall that is window where floors decide, 0 to 1
    window_wall_other_share : windows / exposed wall of other uses, 0 to 1
    roof_pitch_deg : usual pitch of each kind of roof
    steepest_pitch_deg : mapped pitches are cut there, 30 to 80
    heated_attic_share : attics that are heated, 0 to 1
    wall_gap_m, wall_angle_deg : as in the form layer, to find the façade of a party wall
    horizon_reach_m : neighbours farther away hide nothing, 20 to 500
    """

    floor_area_ratio: float = field(default_factory=lambda: _fact("floor_area"))
    window_floor_ratio: float = field(default_factory=lambda: _fact("window_floor"))
    window_period_floor_ratio: dict[str, float] = field(default_factory=_period_windows)
    window_north_ratio: dict[str, float] = field(default_factory=_north_windows)
    hall_window_floor_ratio: dict[str, float] = field(default_factory=_hall_windows)
    window_wall_highest_share: float = field(default_factory=lambda: _fact("window_wall_highest"))
    window_wall_other_share: float = field(default_factory=lambda: _fact("window_wall_other"))
    roof_pitch_deg: dict[str, float] = field(default_factory=_pitches)
    steepest_pitch_deg: float = 65.0
    heated_attic_share: float = field(default_factory=lambda: _fact("heated_attic"))
    wall_gap_m: float = 0.3
    wall_angle_deg: float = 15.0
    horizon_reach_m: float = REACH_M

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "floor_area_ratio": (0.5, 1.0), "window_floor_ratio": (0.0, 0.5),
            "window_wall_highest_share": (0.0, 1.0), "window_wall_other_share": (0.0, 1.0),
            "steepest_pitch_deg": (30.0, 80.0), "heated_attic_share": (0.0, 1.0),
            "wall_gap_m": (0.0, 1.0), "wall_angle_deg": (0.0, 45.0), "horizon_reach_m": (20.0, 500.0),
        }  # fmt: skip
        check_ranges(self, ranges)


def roof_pitch_deg(
    kinds: pd.Series,
    angle_deg: FloatArray,
    rise_m: FloatArray,
    width_m: FloatArray,
    usual_deg: dict[str, float],
    steepest_deg: float,
) -> FloatArray:
    """Return the pitch of each roof: mapped angle, else ridge height over width, else usual for the kind.

    Parameters
    ----------
    kinds : Series of n texts
        Keys of `usual_deg`.
    angle_deg, rise_m : (n,) arrays
        Mapped slope and height from eaves to ridge; NaN where not mapped.
    width_m : (n,) array
        Shorter side of the building.

    Examples
    --------
    A ridge 4 m above the eaves of a house 8 m wide makes 45°.

    >>> none = np.array([np.nan])
    >>> usual = {"flat": 0.0, "gabled": 38.0}
    >>> roof_pitch_deg(pd.Series(["gabled"]), none, np.array([4.0]), np.array([8.0]), usual, 65.0)
    array([45.])
    """
    span = np.where(kinds.isin(ONE_SIDED_KINDS), width_m, width_m / 2.0)
    from_rise = np.degrees(np.arctan2(rise_m, span))
    usual = kinds.map(usual_deg).to_numpy(dtype=float)
    mapped = np.where(np.isfinite(angle_deg), angle_deg, from_rise)
    pitch = np.where((kinds != "flat") & np.isfinite(mapped), mapped, usual)
    return np.clip(pitch, 0.0, steepest_deg)


def _optional(buildings: pd.DataFrame, column: str) -> FloatArray:
    """Return a column that readers may leave out, with NaN for gaps."""
    if column not in buildings.columns:
        return np.full(len(buildings), np.nan)
    return buildings[column].to_numpy(dtype=float, na_value=np.nan)


def _span_ratio(kinds: pd.Series) -> FloatArray:
    """Return over which part of the width each kind of roof rises."""
    one_sided = np.where(kinds.isin(ONE_SIDED_KINDS), 1.0, 0.5)
    return np.where(kinds == "flat", 0.0, one_sided)


def _surface_ratio(kinds: pd.Series, pitch_deg: FloatArray, heated_attic_share: float) -> FloatArray:
    """Return the surface that loses heat over the footprint."""
    heated = np.where(kinds.isin(ATTIC_KINDS), heated_attic_share, 1.0)
    return np.asarray(1.0 + heated * (1.0 / np.cos(np.radians(pitch_deg)) - 1.0), dtype=np.float64)


def _assumed_roofs(buildings: pd.DataFrame, params: EnvelopeParams) -> tuple[FloatArray, FloatArray]:
    """Return surface over footprint, and rise in metres, on average over the shapes a roof may have."""
    use = np.asarray(buildings["use"].astype(object).to_numpy(), dtype=object)
    group, size = strata(use, buildings["footprint_area_m2"].to_numpy(dtype=float))
    chance = read_shape_prior().share[group, size]
    kinds = pd.Series(ASSUMED_KINDS)
    pitch = np.array([params.roof_pitch_deg[kind] for kind in ASSUMED_KINDS], dtype=np.float64)
    rise_ratio = (chance * (np.tan(np.radians(pitch)) * _span_ratio(kinds))).sum(axis=1)
    surface = (chance * _surface_ratio(kinds, pitch, params.heated_attic_share)).sum(axis=1)
    return surface, rise_ratio * buildings["box_width_m"].to_numpy(dtype=float)


def _roofs(buildings: pd.DataFrame, params: EnvelopeParams) -> tuple[FloatArray, FloatArray]:
    """Return surface over footprint, and rise from eaves to ridge in metres."""
    kinds = pd.Series(None, index=buildings.index, dtype=object)
    if "roof_shape" in buildings.columns:
        kinds = buildings["roof_shape"].astype(object).map(PITCH_KINDS)
    angle, rise = _optional(buildings, "roof_angle_deg"), _optional(buildings, "roof_height_m")
    # a slope without a shape is most likely that of a gabled roof
    kinds = kinds.mask(kinds.isna() & ((angle > 0.0) | (rise > 0.0)), "gabled")
    is_mapped = kinds.notna().to_numpy()
    kinds = kinds.fillna("flat")
    width = buildings["box_width_m"].to_numpy(dtype=float)
    pitch = roof_pitch_deg(kinds, angle, rise, width, params.roof_pitch_deg, params.steepest_pitch_deg)
    mapped_surface = _surface_ratio(kinds, pitch, params.heated_attic_share)
    mapped_rise = np.tan(np.radians(pitch)) * _span_ratio(kinds) * width
    surface, assumed_rise = _assumed_roofs(buildings, params)
    return np.where(is_mapped, mapped_surface, surface), np.where(is_mapped, mapped_rise, assumed_rise)


def exposed_wall_m2(
    wall_m2: FloatArray, left: IntArray, right: IntArray, on_left_m2: FloatArray, on_right_m2: FloatArray
) -> FloatArray:
    """Return the (n, 8) wall areas by façade that are left when party walls are taken away.

    Drawings overlap, so a façade can lose more than it has; what is too much there is taken from the
    building's other façades, so that the sum stays right, and no façade falls below zero.
    """
    shared = np.zeros_like(wall_m2)
    np.add.at(shared, left, on_left_m2)
    np.add.at(shared, right, on_right_m2)
    rest = np.maximum(wall_m2 - shared, 0.0)
    wanted = np.maximum(wall_m2.sum(axis=1) - shared.sum(axis=1), 0.0)
    total = rest.sum(axis=1)
    portion = np.divide(wanted, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(rest * portion[:, None])


def window_area_m2(
    uses: pd.Series,
    heated_floor_area_m2: FloatArray,
    wall_area_m2: FloatArray,
    year: FloatArray,
    params: EnvelopeParams,
) -> FloatArray:
    """Return the windows: of dwellings and halls by floor area, of other uses by exposed wall.

    A building without heated floor has none.
    """
    halls = uses.astype(object).map(params.hall_window_floor_ratio).to_numpy(dtype=float, na_value=np.nan)
    dwellings = dwelling_ratio(uses, year, params.window_period_floor_ratio, params.window_floor_ratio)
    ratio = np.where(np.isnan(halls), dwellings, halls)
    by_floor = np.minimum(ratio * heated_floor_area_m2, params.window_wall_highest_share * wall_area_m2)
    by_wall = params.window_wall_other_share * wall_area_m2
    windows = np.where(np.isnan(ratio), by_wall, by_floor)
    return np.where(heated_floor_area_m2 > 0.0, windows, 0.0)


def _horizons(
    buildings: pd.DataFrame, edges: Edges, wall_height_m: FloatArray, params: EnvelopeParams
) -> dict[str, FloatArray | ObjectArray]:
    """Return the horizons of façades, and the worst origin of the heights that they rest on."""
    doubt = np.zeros(len(buildings), dtype=np.int64)
    if "height_origin" in buildings.columns:
        doubt = np.maximum(pd.Categorical(buildings["height_origin"], categories=ORIGINS).codes, 0).astype(
            np.int64
        )
    horizon, worst = facade_horizons_deg(edges, wall_height_m, doubt, reach_m=params.horizon_reach_m)
    origin = np.array(ORIGINS, dtype=object)[worst]
    return {**dict(zip(HORIZON_COLUMNS, horizon.T, strict=True)), "horizon_origin": origin}


def add_envelope(
    buildings: gpd.GeoDataFrame, wall_pairs: pd.DataFrame, *, params: EnvelopeParams | None = None
) -> gpd.GeoDataFrame:
    """Add areas of walls, roof, ground, windows and heated floor, and the volume.

    Parameters
    ----------
    buildings : GeoDataFrame
        Polygons in a metric system with the columns of `NEEDS`; `roof_shape`, `roof_angle_deg` and
        `roof_height_m`, `construction_year` and `height_origin` are used where they are known.
    wall_pairs : DataFrame
        `left`, `right` (positions of rows) and `length_m`, one row for each two buildings that share
        a wall.

    Returns
    -------
    GeoDataFrame
        The same rows with the columns of `ADDS`.

    Raises
    ------
    ContractProblem
        When a needed column is missing or has gaps.
    """
    check_table(buildings, NEEDS, name="buildings")
    params = params or EnvelopeParams()
    surface, rise = _roofs(buildings, params)
    footprint = buildings["footprint_area_m2"].to_numpy(dtype=float)
    wall_height = buildings["height_m"].to_numpy(dtype=float)

    edges = polygon_edges(np.asarray(buildings.geometry.array, dtype=object))
    left = wall_pairs["left"].to_numpy(dtype=np.int64)
    right = wall_pairs["right"].to_numpy(dtype=np.int64)
    on_left, on_right = party_length_by_facade_m(
        edges, left, right, wall_pairs["length_m"].to_numpy(dtype=float),
        tolerance_m=params.wall_gap_m, largest_angle_deg=params.wall_angle_deg,
    )  # fmt: skip
    lower = np.minimum(wall_height[left], wall_height[right])[:, None]
    gross = wall_length_by_facade_m(edges) * wall_height[:, None]
    walls = exposed_wall_m2(gross, left, right, on_left * lower, on_right * lower)
    wall = walls.sum(axis=1)

    heated = buildings["heated"].to_numpy(dtype=bool)
    storeys = buildings["storey_count"].to_numpy(dtype=float)
    floor = np.where(heated, footprint * storeys * params.floor_area_ratio, 0.0)
    windows = window_area_m2(buildings["use"], floor, wall, _optional(buildings, "construction_year"), params)
    facing = facade_windows_m2(buildings["use"], walls, windows, params.window_north_ratio)
    return buildings.assign(
        heated_floor_area_m2=floor,
        wall_area_m2=wall,
        shared_wall_area_m2=gross.sum(axis=1) - wall,
        roof_area_m2=footprint * surface,
        ground_area_m2=footprint,
        window_area_m2=windows,
        volume_m3=footprint * (wall_height + rise / 2.0),
        **dict(zip(WALL_COLUMNS, walls.T, strict=True)),
        **dict(zip(WINDOW_COLUMNS, facing.T, strict=True)),
        **_horizons(buildings, edges, wall_height, params),
    )
