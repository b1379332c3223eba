"""Clean footprints: valid polygons in metres, each building once, with an id of its own.

In this order, every step counted in a note: what is no polygon or has no finite coordinates is
dropped, and what lies far from all others; coordinates become metres; outlines with far too many
corners are simplified; outlines that cross themselves are repaired, their area kept, and flagged;
slivers and areas that no building has are dropped; of two drawings of one building the better
described stays; what stands inside another building's outline counts with that building; repeated ids
get new ones; rows are sorted by id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.core.building_columns import BUILDING_COLUMNS
from layers.core.contracts import Column
from layers.core.crs import metric_crs, to_crs
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.whereabouts import distances_km, middles, outside_europe, to_degrees
from layers.physics.building_use import beside_larger
from layers.physics.polygons import (
    cap_detail,
    has_finite_coordinates,
    is_areal,
    is_scribble,
    overlapping_pairs,
    polygons_only,
    repair_outlines,
)

_STEP = "clean"
_fact = partial(value, "footprints")


@dataclass(frozen=True)
class FootprintParams:
    """Settings of the cleaning; the ranges are checked.

    Attributes
    ----------
    smallest_area_m2, narrowest_width_m : what is smaller or thinner is a drawing error, 0 to 50, 0 to 5
    remarkable_area_m2, largest_area_m2 : what is larger is reported, or is no building, 1,000 and more
    duplicate_overlap_share : overlap, of the larger outline, from which two are one, 0.5 to 1
    nested_overlap_share : overlap, of the smaller outline, from which it stands inside, 0.5 to 1
    most_vertices_count : corners from which an outline is simplified, 100 and more
    simplification_m : shift by simplifying; doubled where it does not suffice, 0 to 2
    stray_distance_km, stray_share : what is farther from the middle than this is dropped, if it is no
        more than this share, 10 and more, 0 to 0.5
    scribble_ratio : a crossing outline longer than so many times its hull is no drawing, 5 and more
    outbuilding_area_m2, outbuilding_reach_m : a building below this area, this near to a clearly
        larger house, is an outbuilding, 0 to 200, 0 to 100
    """

    smallest_area_m2: float = field(default_factory=lambda: _fact("smallest_area_m2"))
    narrowest_width_m: float = field(default_factory=lambda: _fact("narrowest_width_m"))
    remarkable_area_m2: float = field(default_factory=lambda: _fact("remarkable_area_m2"))
    largest_area_m2: float = field(default_factory=lambda: _fact("largest_area_m2"))
    duplicate_overlap_share: float = field(default_factory=lambda: _fact("duplicate_overlap_share"))
    nested_overlap_share: float = field(default_factory=lambda: _fact("nested_overlap_share"))
    most_vertices_count: float = field(default_factory=lambda: _fact("most_vertices_count"))
    simplification_m: float = field(default_factory=lambda: _fact("simplification_m"))
    stray_distance_km: float = field(default_factory=lambda: _fact("stray_distance_km"))
    stray_share: float = field(default_factory=lambda: _fact("stray_share"))
    scribble_ratio: float = field(default_factory=lambda: _fact("scribble_ratio"))
    outbuilding_area_m2: float = field(default_factory=lambda: _fact("outbuilding_area_m2"))
    outbuilding_reach_m: float = field(default_factory=lambda: _fact("outbuilding_reach_m"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "smallest_area_m2": (0.0, 50.0), "narrowest_width_m": (0.0, 5.0),
            "remarkable_area_m2": (1e3, np.inf), "largest_area_m2": (1e3, np.inf),
            "duplicate_overlap_share": (0.5, 1.0), "nested_overlap_share": (0.5, 1.0),
            "most_vertices_count": (100.0, np.inf), "simplification_m": (0.0, 2.0),
            "stray_distance_km": (10.0, np.inf), "stray_share": (0.0, 0.5), "scribble_ratio": (5.0, np.inf),
            "outbuilding_area_m2": (0.0, 200.0), "outbuilding_reach_m": (0.0, 100.0),
        }  # fmt: skip
        check_ranges(self, ranges)


ADDS: tuple[Column, ...] = (
    *BUILDING_COLUMNS,
    Column("geometry", "outline in metres", "geometry"),
    Column("is_repaired", "the outline crossed itself and was repaired", "flag"),
    Column("is_outbuilding", "an outbuilding by its tags, or small beside a larger house", "flag"),
)
# what makes one drawing of a building better described than another
_TELLING = (
    "name",
    "tagged_use",
    "tagged_height_m",
    "tagged_storey_count",
    "tagged_first_year",
    "tagged_last_year",
    "roof_shape",
    "official_class",
)


def _drop(table: gpd.GeoDataFrame, keep: BoolArray, text: str, notes: list[Note]) -> gpd.GeoDataFrame:
    dropped_count = int((~keep).sum())
    if dropped_count == 0:
        return table
    before = sum(note.count for note in notes if note.text == text)
    notes[:] = [note for note in notes if note.text != text]
    notes.append(Note(_STEP, text, before + dropped_count, is_loss=True))
    return table[keep]


def _usable(table: gpd.GeoDataFrame, notes: list[Note]) -> gpd.GeoDataFrame:
    """Drop what is no polygon or has no finite coordinates."""
    geometries = table.geometry.to_numpy()
    finite = has_finite_coordinates(geometries)
    table = _drop(
        table, finite, "rows without a geometry, or with coordinates that are no numbers, dropped", notes
    )
    return _drop(
        table, is_areal(table.geometry.to_numpy()), "points and lines dropped: a building is a polygon", notes
    )


def _together(table: gpd.GeoDataFrame, params: FootprintParams, notes: list[Note]) -> gpd.GeoDataFrame:
    """Drop what false coordinates have put far away, while most buildings are where a town may be."""
    if table.crs is None or table.empty:
        return table
    points = middles(table)
    points_deg = to_degrees(points, table.crs)
    outside = outside_europe(points, points_deg)
    if 2 * int(outside.sum()) > len(table):
        # most are outside: then it is the system that is wrong, and that is said elsewhere
        return table
    text = "buildings outside Europe or at the coordinates 0, 0 dropped: their place is not known"
    table = _drop(table, ~outside, text, notes)
    points_deg = points_deg[~outside]
    far = distances_km(points_deg, np.median(points_deg, axis=0)) > params.stray_distance_km
    if far.sum() > max(params.stray_share * len(table), 1.0):
        return table
    text = f"buildings more than {params.stray_distance_km:g} km from the middle of all others dropped"
    return _drop(table, ~far, text, notes)


def _sound(table: gpd.GeoDataFrame, params: FootprintParams, notes: list[Note]) -> gpd.GeoDataFrame:
    """Repair outlines, simplify the overly detailed, and drop areas that no building has."""
    drawn, detailed = cap_detail(
        polygons_only(table.geometry.to_numpy()), params.most_vertices_count, params.simplification_m
    )
    if detailed.any():
        text = f"outlines with very many corners (more than {params.most_vertices_count:,.0f}) simplified"
        notes.append(Note(_STEP, text, int(detailed.sum())))
    clear = ~is_scribble(drawn, params.scribble_ratio) & ~(detailed & shapely.is_missing(drawn))
    table = _drop(table, clear, "outlines that are scribbles dropped: no building is drawn like that", notes)
    geometries, repaired = repair_outlines(drawn[clear])
    area_m2 = np.nan_to_num(shapely.area(geometries))
    length_m = np.nan_to_num(shapely.length(geometries))
    table = table.set_geometry(gpd.GeoSeries(geometries, index=table.index, crs=table.crs))
    table = table.assign(is_repaired=repaired)
    with np.errstate(invalid="ignore", divide="ignore"):
        thin = ~(2.0 * area_m2 / length_m >= params.narrowest_width_m)
    is_real = (area_m2 >= params.smallest_area_m2) & ~thin
    believed = area_m2 <= params.largest_area_m2
    remarkable = believed & (area_m2 > params.remarkable_area_m2)
    if remarkable.any():
        text = f"buildings larger than {params.remarkable_area_m2:,.0f} m², kept; please check them"
        notes.append(Note(_STEP, text, int(remarkable.sum())))
    table = _drop(table, is_real, "slivers and outlines without area dropped", notes)
    limit = f"{params.largest_area_m2:,.0f} m²"
    table = _drop(table, believed[is_real], f"outlines larger than {limit} dropped: no building is", notes)
    repaired_count = int(table["is_repaired"].sum())
    if repaired_count:
        notes.append(
            Note(_STEP, "outlines that crossed themselves repaired, their area kept", repaired_count)
        )
    return table


def _telling_count(table: gpd.GeoDataFrame) -> IntArray:
    """Return how many of the telling columns each row fills."""
    columns = [column for column in _TELLING if column in table.columns]
    return np.asarray(table[columns].notna().sum(axis=1), dtype=np.int64)


def _ranks(table: gpd.GeoDataFrame, area_m2: FloatArray) -> IntArray:
    """Return the rank of each row: better described, then larger, then the smaller id."""
    ids = table.index.astype(str).to_numpy()
    order = np.lexsort((np.argsort(np.argsort(ids, kind="stable")), -area_m2, -_telling_count(table)))
    rank = np.empty(len(table), dtype=np.int64)
    rank[order] = np.arange(len(table))
    return rank


def _first_of_equals(table: gpd.GeoDataFrame) -> BoolArray:
    """Say which row stays where outlines are equal to the last digit; thousands may be."""
    geometries = table.geometry.to_numpy()
    outlines = pd.Series(shapely.to_wkb(geometries), dtype=object)
    if not outlines.duplicated().any():
        return np.ones(len(table), dtype=bool)
    rank = _ranks(table, shapely.area(geometries))
    best = pd.Series(rank).groupby(outlines, sort=False).transform("min").to_numpy()
    return np.asarray(rank == best, dtype=bool)


def _once(table: gpd.GeoDataFrame, params: FootprintParams, notes: list[Note]) -> gpd.GeoDataFrame:
    """Keep one drawing of each building, and none inside another building's outline."""
    text = "second drawings of one building dropped, the better described kept"
    table = _drop(table, _first_of_equals(table), text, notes)
    geometries = table.geometry.to_numpy()
    large, small, shared_m2 = overlapping_pairs(geometries)
    area_m2 = shapely.area(geometries)
    same = shared_m2 > params.duplicate_overlap_share * area_m2[large]
    rank = _ranks(table, area_m2)
    worse = np.where(rank[large[same]] > rank[small[same]], large[same], small[same])
    is_copy = np.zeros(len(table), dtype=bool)
    is_copy[worse] = True
    # a canopy over a kiosk is no building around it
    roof = table["is_outbuilding_tag"].to_numpy(dtype=bool)
    within = ~same & (shared_m2 > params.nested_overlap_share * area_m2[small]) & ~is_copy[large]
    within &= ~is_copy[small] & (~roof[large] | roof[small])
    filled_m2 = np.bincount(large[within], shared_m2[within], minlength=len(table))
    # an outline that others fill was drawn around them: it goes, they stay
    is_frame = filled_m2 > params.duplicate_overlap_share * area_m2
    is_nested = np.zeros(len(table), dtype=bool)
    is_nested[small[within & ~is_frame[large]]] = True
    is_frame &= ~is_nested
    partly = ~same & ~within & (shared_m2 > 0.1 * area_m2[small])
    partly &= ~(is_copy | is_frame | is_nested)[large] & ~(is_copy | is_frame | is_nested)[small]
    if partly.any():
        notes.append(Note(_STEP, "pairs of buildings that overlap in part, both kept", int(partly.sum())))
    keep = ~(is_copy | is_frame)
    table = _drop(table, keep, text, notes)
    text = "outlines inside another building's outline dropped: they count with that building"
    return _drop(table, ~is_nested[keep], text, notes)


def _own_ids(table: gpd.GeoDataFrame, notes: list[Note]) -> gpd.GeoDataFrame:
    """Give repeated ids new ones that do not depend on the order of rows, and sort by id."""
    box = shapely.bounds(table.geometry.to_numpy())
    ids = pd.Series(table.index.astype(str), dtype=object)
    order = np.lexsort(
        (shapely.area(table.geometry.to_numpy()), box[:, 1], box[:, 0], ids.to_numpy(dtype=str))
    )
    table, ids = table.iloc[order], ids.iloc[order].reset_index(drop=True)
    number = ids.groupby(ids).cumcount() + 1
    repeated = (number > 1).to_numpy()
    taken = set(ids)
    while repeated.any():
        # a new id may exist already: count on until it is free
        new = ids + "-" + number.astype(str)
        clash = repeated & new.isin(taken).to_numpy()
        if not clash.any():
            notes.append(
                Note(_STEP, "buildings with an id that another has, given a new one", int(repeated.sum()))
            )
            ids = ids.where(~repeated, new)
            break
        number = number.where(~clash, number + int(number.max()))
    table = table.set_axis(pd.Index(ids.to_numpy(dtype=str), name="building_id"), axis=0)
    return table.sort_index()


def _flag_outbuildings(
    table: gpd.GeoDataFrame, params: FootprintParams, notes: list[Note]
) -> gpd.GeoDataFrame:
    geometries = table.geometry.to_numpy()
    area_m2 = shapely.area(geometries)
    tagged = table["is_outbuilding_tag"].to_numpy(dtype=bool)
    silent = table[["name", "tagged_use"]].isna().all(axis=1).to_numpy() & ~table["is_home_tag"].to_numpy(
        bool
    )
    small = area_m2 < params.outbuilding_area_m2
    by_form = beside_larger(
        geometries, area_m2, silent & small & ~tagged, ~tagged & ~small, params.outbuilding_reach_m
    )
    for mask, reason in ((tagged, "by their tags"), (by_form, "by their size beside a larger house")):
        if mask.any():
            notes.append(Note(_STEP, f"outbuildings {reason}", int(mask.sum())))
    return table.assign(is_outbuilding=tagged | by_form)


def clean_footprints(
    extract: Extract, crs: CRS | str | None = None, params: FootprintParams | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return clean buildings in a metric system, sorted by id, and what was done to get them.

    Parameters
    ----------
    extract : Extract
        Buildings as a reader gives them, with `BUILDING_COLUMNS`.
    crs : CRS or str, optional
        The metric system; by default the UTM zone of the place.
    params : FootprintParams, optional

    Raises
    ------
    CrsProblem
        When the coordinates have no system or lie outside Europe.
    InputProblem
        When no usable building is left; the sentence says what was dropped.
    """
    params = params or FootprintParams()
    notes: list[Note] = []
    table = _together(_usable(extract.buildings, notes), params, notes)
    if not table.empty:
        name = extract.sources[0].path if extract.sources else "the buildings"
        table = to_crs(table, metric_crs(table, name=name or "the buildings") if crs is None else crs)
        projected = has_finite_coordinates(table.geometry.to_numpy())
        table = _drop(table, projected, "outlines outside the coordinate system's area dropped", notes)
    if not table.empty:
        table = _once(_sound(table, params, notes), params, notes)
    if table.empty:
        dropped = "; ".join(f"{note.count:,} {note.text}" for note in notes) or "the table has no rows"
        raise InputProblem(f"No usable building is left ({dropped}); choose a file with building outlines.")
    table = _flag_outbuildings(_own_ids(table, notes), params, notes)
    return table[[column.name for column in ADDS]], tuple(notes)
