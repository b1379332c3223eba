"""Envelope of the buildings from footprint, height and storeys.

* Wall height is the building's height less the roof above the eaves, where a pitched roof is mapped.
* Gross wall = length of the outline, courtyards included, × wall height. A party wall loses no heat:
  the shared length × the lower of the two wall heights leaves the envelope, on the façades on which
  the two buildings face each other.
* Roof = footprint ÷ cos(pitch). The pitch is that of the mapped angle, else of ridge height and width,
  else usual for the mapped shape. Without a mapped shape the top storey ends at a flat ceiling.
* Ground = footprint. Volume = footprint × (wall height + half the height of the roof).
* Reference floor area = footprint × storeys × 0.85 (from external to TABULA's reference area).
* Windows: dwellings by floor area, at most a share of the exposed wall; other uses by exposed wall.

A building that is not heated keeps its geometry and gets no heated floor area and no windows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.types import FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import FACADE_NAMES
from layers.physics.facades import party_length_by_facade_m, wall_length_by_facade_m
from layers.physics.walls import polygon_edges

WALL_COLUMNS: tuple[str, ...] = tuple(f"wall_area_{name}_m2" for name in FACADE_NAMES)

# which mapped shapes have which usual pitch; any other word counts as flat
PITCH_KINDS: dict[str, str] = {
    "gabled": "gabled", "half-hipped": "gabled", "saltbox": "gabled", "sawtooth": "gabled", "many": "gabled",
    "hipped": "hipped", "pyramidal": "hipped", "cone": "hipped",
    "gambrel": "mansard", "mansard": "mansard",
    "skillion": "skillion", "butterfly": "skillion",
    "round": "dome", "dome": "dome", "onion": "dome",
}  # fmt: skip
# roofs that rise over the whole width of the building instead of half of it
ONE_SIDED_KINDS = ("skillion",)

NEEDS: tuple[Column, ...] = (
    Column("footprint_area_m2", "area of the outline", lowest=0),
    Column("box_width_m", "shorter side of the smallest rectangle around the outline", lowest=0),
    Column("height_m", "height from the ground to the top of the roof", lowest=0),
    Column("storey_count", "storeys above ground", lowest=0),
    Column("use", "class of use", "text"),
    Column("heated", "whether it is heated", "flag"),
)

ADDS: tuple[Column, ...] = (
    Column("heated_floor_area_m2", "reference floor area that is heated; 0 when unheated", lowest=0),
    Column("wall_area_m2", "exposed wall with its windows, party walls removed", lowest=0),
    Column("shared_wall_area_m2", "wall shared with other buildings", lowest=0),
    Column("roof_area_m2", "surface of the roof, or of the ceiling below it", lowest=0),
    Column("ground_area_m2", "floor on the ground or above the cellar", lowest=0),
    Column("window_area_m2", "windows; 0 when unheated", lowest=0),
    Column("volume_m3", "volume from the ground to the top of the roof", lowest=0),
    *(
        Column(column, f"exposed wall that faces {name.replace('_', '-')}", lowest=0)
        for column, name in zip(WALL_COLUMNS, FACADE_NAMES, strict=True)
    ),
)


def _fact(fact_id: str) -> float:
    return value("envelope", fact_id)


def _pitches() -> dict[str, float]:
    return {kind: _fact(f"roof_pitch_{kind}") for kind in ("flat", *sorted(set(PITCH_KINDS.values())))}


@dataclass(frozen=True)
class EnvelopeParams:
    """Settings of the envelope layer.

    Attributes
    ----------
    floor_area_ratio : reference floor area / external floor area, 0.5 to 1
    window_floor_ratio : windows of dwellings / reference floor area, 0 to 0.5
    window_wall_highest_share : most of a dwelling's exposed wall that is window, 0 to 1
    window_wall_other_share : windows / exposed wall of other uses, 0 to 1
    roof_pitch_deg : usual pitch of each kind of roof
    steepest_pitch_deg : mapped pitches are cut there, 30 to 80
    lowest_wall_share : the eaves are at least at this share of the height, 0.1 to 1
    wall_gap_m, wall_angle_deg : as in the form layer, to find the façade of a party wall
    """

    floor_area_ratio: float = field(default_factory=lambda: _fact("floor_area"))
    window_floor_ratio: float = field(default_factory=lambda: _fact("window_floor"))
    window_wall_highest_share: float = field(default_factory=lambda: _fact("window_wall_highest"))
    window_wall_other_share: float = field(default_factory=lambda: _fact("window_wall_other"))
    roof_pitch_deg: dict[str, float] = field(default_factory=_pitches)
    steepest_pitch_deg: float = 65.0
    lowest_wall_share: float = 0.5
    wall_gap_m: float = 0.3
    wall_angle_deg: float = 15.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "floor_area_ratio": (0.5, 1.0), "window_floor_ratio": (0.0, 0.5),
            "window_wall_highest_share": (0.0, 1.0), "window_wall_other_share": (0.0, 1.0),
            "steepest_pitch_deg": (30.0, 80.0), "lowest_wall_share": (0.1, 1.0),
            "wall_gap_m": (0.0, 1.0), "wall_angle_deg": (0.0, 45.0),
        }  # fmt: skip
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise UsageProblem(f"{name} is {getattr(self, name):g}; it must be {low:g} to {high:g}.")


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


def _roofs(buildings: pd.DataFrame, params: EnvelopeParams) -> tuple[FloatArray, FloatArray]:
    """Return pitch in degrees and rise from eaves to ridge in metres."""
    if "roof_shape" in buildings.columns:
        kinds = buildings["roof_shape"].astype(object).map(PITCH_KINDS).fillna("flat")
    else:
        kinds = pd.Series("flat", index=buildings.index)
    width = buildings["box_width_m"].to_numpy(dtype=float)
    rise = _optional(buildings, "roof_height_m")
    pitch = roof_pitch_deg(
        kinds, _optional(buildings, "roof_angle_deg"), rise, width,
        params.roof_pitch_deg, params.steepest_pitch_deg,
    )  # fmt: skip
    span = np.where(kinds.isin(ONE_SIDED_KINDS), width, width / 2.0)
    from_pitch = np.tan(np.radians(pitch)) * span
    usable = np.where(np.isfinite(rise) & (kinds != "flat").to_numpy(), rise, from_pitch)
    height = buildings["height_m"].to_numpy(dtype=float)
    return pitch, np.clip(usable, 0.0, (1.0 - params.lowest_wall_share) * height)


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
    uses: pd.Series, heated_floor_area_m2: FloatArray, wall_area_m2: FloatArray, params: EnvelopeParams
) -> FloatArray:
    """Return the windows: of dwellings by floor area, of other uses by exposed wall, 0 when unheated."""
    by_floor = np.minimum(
        params.window_floor_ratio * heated_floor_area_m2, params.window_wall_highest_share * wall_area_m2
    )
    by_wall = params.window_wall_other_share * wall_area_m2
    windows = np.where(uses.isin(RESIDENTIAL_USES), by_floor, by_wall)
    return np.where(heated_floor_area_m2 > 0.0, windows, 0.0)


def add_envelope(
    buildings: gpd.GeoDataFrame, wall_pairs: pd.DataFrame, *, params: EnvelopeParams | None = None
) -> gpd.GeoDataFrame:
    """Add areas of walls, roof, ground, windows and heated floor, and the volume.

    Parameters
    ----------
    buildings : GeoDataFrame
        Polygons in a metric system with the columns of `NEEDS`; `roof_shape`, `roof_angle_deg` and
        `roof_height_m` are used where they are known.
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
    pitch, rise = _roofs(buildings, params)
    footprint = buildings["footprint_area_m2"].to_numpy(dtype=float)
    wall_height = buildings["height_m"].to_numpy(dtype=float) - rise

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
    return buildings.assign(
        heated_floor_area_m2=floor,
        wall_area_m2=wall,
        shared_wall_area_m2=gross.sum(axis=1) - wall,
        roof_area_m2=footprint / np.cos(np.radians(pitch)),
        ground_area_m2=footprint,
        window_area_m2=window_area_m2(buildings["use"], floor, wall, params),
        volume_m3=footprint * (wall_height + rise / 2.0),
        **dict(zip(WALL_COLUMNS, walls.T, strict=True)),
    )
