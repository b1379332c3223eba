"""Heights of buildings from a surface model: what stands on the ground, in a GeoTIFF.

The height of a building is a high percentile of the surface over its outline less the ground: the terrain
model where there is one, else a low percentile of the surface in a ring around the building that leaves
out its neighbours. Cells without data do not count.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from layers.core.building_columns import HIGHEST_HEIGHT_M
from layers.core.crs import metric_crs, to_crs
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.text import clean_name
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.polygons import has_finite_coordinates, repair_outlines
from layers.sources.files import source_record
from layers.sources.rasters import HeightModel, open_heights

_fact = partial(value, "joins")
_RANGES = {
    "top_share": (0.5, 1.0), "ground_share": (0.0, 0.5), "inset_m": (0.0, 3.0), "ring_near_m": (0.0, 10.0),
    "ring_far_m": (1.0, 50.0), "fewest_cells_count": (1.0, 100.0), "lowest_height_m": (0.0, 5.0),
}  # fmt: skip
# buildings looked at in one go
_CHUNK = 2000
# a large building is looked at in a coarser grid: this many cells say enough
_MOST_CELLS = 4000
_RING_POINTS = 24
# buildings with a stated height that tell the unit of a model
_FEWEST_TO_COMPARE, _UNIT_TOLERANCE_SHARE, _FEET_IN_A_METRE = 10, 0.08, 1.0 / 0.3048


@dataclass(frozen=True)
class SurfaceParams:
    """Settings of measuring heights; the ranges are checked.

    Attributes
    ----------
    top_share : share of the cells over a building that lie below its height, 0.5 to 1
    ground_share : share of the cells around it that lie below its ground, 0 to 0.5
    inset_m : strip along the outline that is left out, 0 to 3
    ring_near_m, ring_far_m : where the ground is looked for, 0 to 10 and 1 to 50
    fewest_cells_count : cells without which a height is a gap, 1 to 100
    lowest_height_m : lower ones are no building, 0 to 5
    """

    top_share: float = field(default_factory=lambda: _fact("top_share"))
    ground_share: float = field(default_factory=lambda: _fact("ground_share"))
    inset_m: float = field(default_factory=lambda: _fact("inset_m"))
    ring_near_m: float = field(default_factory=lambda: _fact("ring_near_m"))
    ring_far_m: float = field(default_factory=lambda: _fact("ring_far_m"))
    fewest_cells_count: float = field(default_factory=lambda: _fact("fewest_cells_count"))
    lowest_height_m: float = field(default_factory=lambda: _fact("lowest_height_m"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_ranges(self, _RANGES)


def quantile_by_owner(values: FloatArray, owner: IntArray, count: int, share: float) -> FloatArray:
    """Return a quantile of the values of each owner, between the two nearest; NaN without any.

    Examples
    --------
    >>> quantile_by_owner(np.array([1.0, 3.0, 2.0, 9.0]), np.array([0, 0, 0, 2]), 3, 0.5)
    array([ 2., nan,  9.])
    """
    known = np.isfinite(values)
    values, owner = values[known], owner[known]
    order = np.lexsort((values, owner))
    ordered = values[order]
    size = np.bincount(owner, minlength=count)
    first = np.cumsum(size) - size
    found = np.full(count, np.nan)
    has = size > 0
    at = first[has] + share * (size[has] - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, first[has] + size[has] - 1)
    found[has] = ordered[low] + (ordered[high] - ordered[low]) * (at - low)
    return found


def _cells(outlines: ObjectArray, step_m: float, inset_m: float) -> tuple[FloatArray, IntArray]:
    """Return points of a grid inside outlines, and whose they are; small outlines keep their rim."""
    inner = np.asarray(shapely.buffer(outlines, -inset_m), dtype=object)
    looked_at = np.where(shapely.area(inner) >= 0.3 * shapely.area(outlines), inner, outlines)
    box = np.nan_to_num(shapely.bounds(looked_at))
    size = np.maximum(box[:, 2:] - box[:, :2], 1e-3)
    step = np.maximum(step_m, np.sqrt(size[:, 0] * size[:, 1] / _MOST_CELLS))
    across = np.maximum(np.ceil(size / step[:, None]).astype(np.int64), 1)
    count = across[:, 0] * across[:, 1]
    owner = np.repeat(np.arange(len(outlines)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    width = across[owner, 0]
    xy = box[owner, :2] + (np.column_stack([number % width, number // width]) + 0.5) * (size / across)[owner]
    shapely.prepare(looked_at)
    inside = shapely.contains_xy(looked_at[owner], xy[:, 0], xy[:, 1])
    return xy[inside], owner[inside]


def _rings(
    outlines: ObjectArray, tree: shapely.STRtree, params: SurfaceParams
) -> tuple[FloatArray, IntArray]:
    """Return points around outlines that lie in no building, and whose they are."""
    xy, owner = [], []
    share = np.arange(_RING_POINTS) / _RING_POINTS
    for reach_m in (params.ring_near_m, (params.ring_near_m + params.ring_far_m) / 2.0, params.ring_far_m):
        parts, part_owner = shapely.get_parts(shapely.buffer(outlines, reach_m), return_index=True)
        lines = shapely.get_exterior_ring(parts)
        points = shapely.line_interpolate_point(lines[:, None], share[None, :], normalized=True)
        xy.append(shapely.get_coordinates(points))
        owner.append(np.repeat(part_owner, _RING_POINTS))
    places, owners = np.concatenate(xy), np.concatenate(owner)
    taken = tree.query(shapely.points(places), predicate="intersects")[0]
    free = np.ones(len(places), dtype=bool)
    free[taken] = False
    return places[free], owners[free]


def _measured(
    outlines: ObjectArray,
    surface: HeightModel,
    terrain: HeightModel | None,
    metric: CRS,
    params: SurfaceParams,
) -> FloatArray:
    """Return the height of each outline above its ground; NaN where the rasters do not tell."""
    drawn = np.flatnonzero(~shapely.is_missing(outlines))
    heights = np.full(len(outlines), np.nan)
    tree = shapely.STRtree(outlines[drawn])
    middle = shapely.bounds(outlines[drawn])
    middle_xy = np.array([np.median(middle[:, [0, 2]]), np.median(middle[:, [1, 3]])])
    step_m = surface.step_m(metric, middle_xy)
    # neighbours in one go share the cells that are read
    near = drawn[np.lexsort((middle[:, 0], np.floor(middle[:, 1] / 500.0)))]
    for begin in range(0, len(near), _CHUNK):
        rows = near[begin : begin + _CHUNK]
        xy, owner = _cells(outlines[rows], step_m, params.inset_m)
        over = surface.at(xy, metric)
        cells = np.bincount(owner[np.isfinite(over)], minlength=len(rows))
        top = quantile_by_owner(over, owner, len(rows), params.top_share)
        around, whose = _rings(outlines[rows], tree, params)
        if terrain is None:
            ground = quantile_by_owner(surface.at(around, metric), whose, len(rows), params.ground_share)
        else:
            ground = quantile_by_owner(terrain.at(around, metric), whose, len(rows), 0.5)
            below = quantile_by_owner(terrain.at(xy, metric), owner, len(rows), 0.5)
            ground = np.where(np.isnan(ground), below, ground)
        heights[rows] = np.where(cells >= params.fewest_cells_count, top - ground, np.nan)
    return heights


def _outlines(buildings: gpd.GeoDataFrame) -> ObjectArray:
    geometries = np.asarray(buildings.geometry.to_numpy(), dtype=object).copy()
    geometries[~has_finite_coordinates(geometries)] = None
    return repair_outlines(geometries)[0]


def _with_heights(
    extract: Extract, measured_m: FloatArray, usable: BoolArray, tolerance_m: float, name: str
) -> Extract:
    """Return the buildings with measured heights, and notes about what they replaced."""
    known = extract.buildings["tagged_height_m"].to_numpy(dtype=np.float64)
    apart = usable & (np.abs(known - measured_m) > tolerance_m)
    buildings = extract.buildings.assign(
        tagged_height_m=np.where(usable, measured_m, known),
        is_height_measured=usable | extract.buildings["is_height_measured"].to_numpy(dtype=bool),
    )
    text = "heights that the footprints state otherwise, replaced by measured ones"
    notes = (
        Note("read", f"heights measured in {name}", int(usable.sum())),
        Note("read", text, int(apart.sum())),
        Note("read", f"buildings whose height {name} does not show", int((~usable).sum())),
    )
    return dataclasses.replace(
        extract, buildings=buildings, notes=(*extract.notes, *(note for note in notes if note.count))
    )


def _check_unit(measured_m: FloatArray, extract: Extract, name: str) -> None:
    """Refuse heights that are in another unit than metres, as far as stated heights tell."""
    known = extract.buildings["tagged_height_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    both = np.isfinite(measured_m) & (measured_m > 0.0) & (known > 0.0)
    if int(both.sum()) < _FEWEST_TO_COMPARE:
        return
    ratio = float(np.median(measured_m[both] / known[both]))
    for unit, times in (("feet", _FEET_IN_A_METRE), ("decimetres", 10.0), ("centimetres", 100.0)):
        if abs(ratio / times - 1.0) < _UNIT_TOLERANCE_SHARE:
            raise InputProblem(
                f"{name} shows buildings {ratio:.3g} times as high as the footprints state: its heights look "
                f"like {unit}; convert them to metres, or name the unit in the file."
            )


def measure_heights(
    extract: Extract,
    surface: Path,
    terrain: Path | None = None,
    *,
    crs: str | None = None,
    params: SurfaceParams | None = None,
) -> Extract:
    """Return buildings with heights measured in a surface model.

    Parameters
    ----------
    extract : Extract
    surface : Path
        GeoTIFF of the surface, above sea level or above the ground. [m]
    terrain : Path, optional
        GeoTIFF of the ground in the same heights. [m]
    crs : str, optional
        Coordinate system of rasters that name none.
    params : SurfaceParams, optional

    Returns
    -------
    Extract
        Measured heights replace stated ones; what the surface does not show keeps what it had.

    Raises
    ------
    InputProblem, CrsProblem
        When a file is no raster of heights, is damaged, or lies elsewhere.
    """
    params = params or SurfaceParams()
    metric = metric_crs(extract.buildings, name="the buildings")
    outlines = _outlines(to_crs(extract.buildings, metric))
    name = clean_name(surface.name)
    with open_heights(surface, crs) as model:
        if terrain is None:
            measured = _measured(outlines, model, None, metric, params)
        else:
            with open_heights(terrain, crs) as below:
                measured = _measured(outlines, model, below, metric, params)
    if not np.isfinite(measured).any():
        raise InputProblem(
            f"{name} shows no building: it lies elsewhere, or has no data there; check its place and its "
            "coordinate system."
        )
    _check_unit(measured, extract, name)
    with np.errstate(invalid="ignore"):
        usable = (measured >= params.lowest_height_m) & (measured <= HIGHEST_HEIGHT_M)
    described = _with_heights(extract, np.round(measured, 2), usable, _fact("height_tolerance_m"), name)
    records = tuple(
        source_record(path, title=clean_name(path.stem), licence="as stated by its owner",
                      attribution="own data", date="")
        for path in (surface, terrain)
        if path is not None
    )  # fmt: skip
    return dataclasses.replace(described, sources=extract.sources + records)
