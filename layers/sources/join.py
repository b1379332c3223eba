"""Take what another file knows about the same buildings: by largest overlap, or by points inside.

Each building takes the row of the other file that shares most ground with it; points count for the
building they lie in. What the first file says is kept unless the person asks otherwise; where both speak
and differ, the contradiction is counted.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.crs import metric_crs, to_crs
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, IntArray, ObjectArray
from layers.physics.polygons import has_finite_coordinates, repair_outlines

_fact = partial(value, "joins")
_RANGES = {
    "least_overlap_share": (0.05, 1.0), "point_reach_m": (0.0, 20.0), "height_tolerance_m": (0.0, 20.0),
    "storey_tolerance_count": (0.0, 10.0), "year_tolerance_years": (0.0, 50.0),
}  # fmt: skip


@dataclass(frozen=True)
class JoinParams:
    """Settings of joining two files of buildings; the ranges are checked.

    Attributes
    ----------
    least_overlap_share : overlap, of the smaller outline, from which two are one building, 0.05 to 1
    point_reach_m : distance within which a point beside a building belongs to it, 0 to 20
    height_tolerance_m, storey_tolerance_count, year_tolerance_years : larger differences contradict
    """

    least_overlap_share: float = field(default_factory=lambda: _fact("least_overlap_share"))
    point_reach_m: float = field(default_factory=lambda: _fact("point_reach_m"))
    height_tolerance_m: float = field(default_factory=lambda: _fact("height_tolerance_m"))
    storey_tolerance_count: float = field(default_factory=lambda: _fact("storey_tolerance_count"))
    year_tolerance_years: float = field(default_factory=lambda: _fact("year_tolerance_years"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_ranges(self, _RANGES)


# what belongs together is taken together: (what a note calls it, columns, the columns that say it is known)
_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("heights", ("tagged_height_m", "is_height_measured"), ("tagged_height_m",)),
    ("storeys", ("tagged_storey_count",), ("tagged_storey_count",)),
    ("years", ("tagged_first_year", "tagged_last_year"), ("tagged_first_year", "tagged_last_year")),
    (
        "uses",
        ("building_tag", "tagged_use", "is_home_tag", "is_outbuilding_tag"),
        ("tagged_use", "is_home_tag"),
    ),
    (
        "roofs",
        ("roof_shape", "roof_direction_deg", "roof_orientation", "roof_angle_deg", "roof_height_m"),
        ("roof_shape", "roof_direction_deg", "roof_angle_deg", "roof_height_m"),
    ),
    ("planes of roofs", ("roof_planes",), ("roof_planes",)),
    ("materials of roofs", ("roof_material",), ("roof_material",)),
    ("modules on roofs", ("has_solar_tag", "solar_tag_kwp"), ("has_solar_tag",)),
    ("names", ("name",), ("name",)),
    ("addresses", ("street_name", "house_number"), ("street_name",)),
    ("protections", ("is_protected_tag",), ("is_protected_tag",)),
    ("official classes", ("official_class",), ("official_class",)),
)


def _known(table: pd.DataFrame, columns: tuple[str, ...]) -> BoolArray:
    """Say which rows know at least one of the columns; a flag is known where it is true."""
    flags = [name for name in columns if table[name].dtype == bool]
    others = [name for name in columns if name not in flags]
    known = table[others].notna().any(axis=1).to_numpy(dtype=bool)
    return np.asarray(known | table[flags].any(axis=1).to_numpy(dtype=bool), dtype=bool)


def _differ(name: str, here: pd.DataFrame, there: pd.DataFrame, params: JoinParams) -> BoolArray:
    """Say where two rows that both know a thing contradict each other."""
    if name == "heights":
        apart = (here["tagged_height_m"] - there["tagged_height_m"]).abs()
        return np.asarray(apart > params.height_tolerance_m, dtype=bool)
    if name == "storeys":
        apart = (here["tagged_storey_count"] - there["tagged_storey_count"]).abs()
        return np.asarray(apart > params.storey_tolerance_count, dtype=bool)
    if name == "years":
        after = here["tagged_first_year"] - there["tagged_last_year"]
        before = there["tagged_first_year"] - here["tagged_last_year"]
        return np.asarray(np.fmax(after, before) > params.year_tolerance_years, dtype=bool)
    column = {"uses": "tagged_use", "roofs": "roof_shape", "names": "name", "addresses": "street_name"}.get(
        name
    )
    if column is None:
        return np.zeros(len(here), dtype=bool)
    both = here[column].notna().to_numpy() & there[column].notna().to_numpy()
    return np.asarray(both & (here[column].to_numpy() != there[column].to_numpy()), dtype=bool)


def _ground(table: gpd.GeoDataFrame) -> ObjectArray:
    """Return sound polygons, None where a row has none."""
    geometries = np.asarray(table.geometry.to_numpy(), dtype=object).copy()
    geometries[~has_finite_coordinates(geometries)] = None
    return repair_outlines(geometries)[0]


def match_outlines(here: ObjectArray, there: ObjectArray, least_share: float) -> IntArray:
    """Return for each outline the other that shares most ground with it, -1 without one.

    Examples
    --------
    >>> here = np.array([shapely.box(0, 0, 10, 10), shapely.box(50, 0, 60, 10)], dtype=object)
    >>> there = np.array([shapely.box(8, 0, 20, 10), shapely.box(0, 0, 9, 10)], dtype=object)
    >>> match_outlines(here, there, 0.3)
    array([ 1, -1])
    """
    found = np.full(len(here), -1, dtype=np.int64)
    there_drawn = np.flatnonzero(~shapely.is_missing(there))
    if len(there_drawn) == 0:
        return found
    place, other = shapely.STRtree(there[there_drawn]).query(here, predicate="intersects")
    other = there_drawn[other]
    shared = np.asarray(shapely.area(shapely.intersection(here[place], there[other])), dtype=np.float64)
    smaller = np.minimum(shapely.area(here)[place], shapely.area(there)[other])
    enough = (shared >= least_share * smaller) & (shared > 0)
    place, other, shared = place[enough], other[enough], shared[enough]
    # the last one wins: the largest overlap, of equal ones the first row
    order = np.lexsort((-other, shared, place))
    found[place[order]] = other[order]
    return found


def _owners(outlines: ObjectArray, points: ObjectArray, reach_m: float) -> IntArray:
    """Return the building of each point: the one around it, else the nearest within reach, else -1."""
    owner = np.full(len(points), -1, dtype=np.int64)
    drawn, placed = (
        np.flatnonzero(~shapely.is_missing(outlines)),
        np.flatnonzero(has_finite_coordinates(points)),
    )
    if len(drawn) == 0 or len(placed) == 0:
        return owner
    tree = shapely.STRtree(outlines[drawn])
    point, near = tree.query_nearest(points[placed], max_distance=max(reach_m, 1e-6), all_matches=False)
    owner[placed[point]] = drawn[near]
    return owner


def _middle(values: pd.Series) -> object:
    """Return the middle one of several numbers, the lower of two; the commonest of several words."""
    known = values.dropna()
    if known.empty:
        return values.iloc[0]
    if pd.api.types.is_bool_dtype(known.dtype):
        return bool(known.any())
    ordered = known.sort_values()
    if pd.api.types.is_numeric_dtype(known.dtype):
        return ordered.iloc[(len(ordered) - 1) // 2]
    return ordered.mode().iloc[0]


def _gathered(points: pd.DataFrame, owner: IntArray, like: pd.DataFrame) -> tuple[pd.DataFrame, BoolArray]:
    """Return one row a building from the points that belong to it, and which buildings have any."""
    mine = points[owner >= 0].assign(_owner=owner[owner >= 0])
    one = mine.drop_duplicates("_owner", keep=False).set_index("_owner")
    several = mine[mine.duplicated("_owner", keep=False)]
    parts = [one]
    if len(several):
        parts.append(several.groupby("_owner").agg(_middle))
    table = pd.concat(parts).reindex(np.arange(len(like)))
    for name in points.columns:
        table[name] = table[name].fillna(False).astype(bool) if points[name].dtype == bool else table[name]
    has = np.bincount(owner[owner >= 0], minlength=len(like)) > 0
    return table.set_axis(like.index, axis=0), np.asarray(has, dtype=bool)


def _partners(
    buildings: gpd.GeoDataFrame, other: gpd.GeoDataFrame, params: JoinParams
) -> tuple[pd.DataFrame, BoolArray, int]:
    """Return the other file's row for each building, which have one, and how many rows have no building."""
    here = _ground(buildings)
    facts = pd.DataFrame(other.drop(columns=other.geometry.name))
    geometries = np.asarray(other.geometry.to_numpy(), dtype=object)
    kinds = shapely.get_type_id(geometries)
    if np.isin(kinds, (0, 4)).any() and not np.isin(kinds, (3, 6)).any():
        owner = _owners(here, geometries, params.point_reach_m)
        table, has = _gathered(facts.reset_index(drop=True), owner, buildings)
        return table, has, int((owner < 0).sum())
    found = match_outlines(here, _ground(other), params.least_overlap_share)
    table = facts.iloc[np.maximum(found, 0)].set_axis(buildings.index, axis=0)
    return table, found >= 0, len(other) - len(np.unique(found[found >= 0]))


def join_attributes(
    extract: Extract, other: Extract, *, name: str, other_wins: bool, params: JoinParams | None = None
) -> Extract:
    """Return buildings with what another file knows about them.

    Parameters
    ----------
    extract : Extract
        The buildings; their outlines stay.
    other : Extract
        Polygons or points with `BUILDING_COLUMNS`.
    name : str
        What notes call the other file.
    other_wins : bool
        Whether the other file's values replace those of the first where both speak.
    params : JoinParams, optional

    Raises
    ------
    InputProblem
        When not one building of the two files meets.
    """
    params = params or JoinParams()
    metric = metric_crs(extract.buildings, name="the buildings")
    buildings = to_crs(extract.buildings, metric)
    there, has, lonely_count = _partners(buildings, to_crs(other.buildings, metric), params)
    if not has.any():
        raise InputProblem(
            f"no building of {name} lies where the footprints are; check that it is of the same place and in "
            "the right coordinate system."
        )
    result = extract.buildings.copy()
    notes = [
        Note("read", f"buildings that also stand in {name}", int(has.sum())),
        Note("read", f"rows of {name} without a building", lonely_count),
    ]
    kept = f"{name}'s counts" if other_wins else "the footprints' counts"
    for group, columns, telling in _GROUPS:
        says, said = _known(there, telling) & has, _known(buildings, telling)
        against = says & said & _differ(group, buildings, there, params)
        take = says if other_wins else says & ~said
        for column in columns:
            values = there[column].astype(result[column].dtype)
            result[column] = values.where(take, result[column])
        notes.append(Note("read", f"{group} taken from {name}", int((take & (~said | against)).sum())))
        text = f"{group} of {name} that contradict the footprints; {kept}"
        notes.append(Note("read", text, int(against.sum())))
    return dataclasses.replace(
        extract, buildings=result, sources=extract.sources + other.sources,
        notes=(*extract.notes, *other.notes, *(note for note in notes if note.count)),
    )  # fmt: skip
