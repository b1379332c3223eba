"""Roofs from a surface model: planes, superstructures, what is seen from them; the ground below.

Planes are fitted where the model's cells are at most one metre wide. Near horizons come from the same
cells, so that trees, chimneys and parapets count; far ones from the terrain, or from the surface where
no terrain was given. Coarser models give what they can, and the notes say what that is.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.core.crs import metric_crs, to_crs
from layers.core.draws import hash_ids
from layers.core.errors import InputProblem
from layers.core.extract import Extract, Note, SourceRecord
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.roof_survey import PLANE_COLUMNS, RoofSurvey, empty_survey
from layers.core.text import clean_name
from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.polygons import has_finite_coordinates, repair_outlines
from layers.physics.raster_horizon import raster_horizons_deg, ray_distances_m
from layers.physics.roof_areas import trapezoids_m
from layers.physics.roof_cells import FitSettings, FittedPlanes, fit_roofs
from layers.sources.files import source_record
from layers.sources.rasters import HeightModel, Patch, open_heights
from layers.sources.roof_grid import bilinear, lay_cells

_fact = partial(value, "roofs")
_RANGES = {
    "tolerance_m": (0.02, 1.0), "smallest_share": (0.01, 0.5), "fewest_cells_count": (4.0, 100.0),
    "inset_m": (0.0, 3.0), "coarsest_plane_cell_m": (0.1, 2.0), "coarsest_horizon_cell_m": (0.1, 10.0),
    "least_known_share": (0.0, 1.0), "near_m": (20.0, 1000.0), "far_m": (500.0, 100_000.0),
}  # fmt: skip
# finer cells are averaged; a window of buildings that is read in one go, and the far view's cells
FINEST_CELL_M, TILE_M, FAR_CELL_M = 0.5, 1000.0, 25.0
# rays begin this far from the eye: nearer cells are the roof itself
FIRST_RAY_M = 2.0
# a plane from this size is looked from at five points
LARGE_PLANE_M2 = 100.0
# the eye where nobody knows the building's height
USUAL_HEIGHT_M = 6.0


@dataclass(frozen=True)
class RoofParams:
    """Settings of reading roofs from a surface model; the ranges are checked.

    Attributes
    ----------
    tolerance_m : distance up to which a cell lies on a plane, 0.02 to 1
    smallest_share, fewest_cells_count : share of a roof's cells, and cells, that make a plane
    inset_m : strip along the outline that does not fit planes, 0 to 3
    coarsest_plane_cell_m, coarsest_horizon_cell_m : cells above which there are no planes, no near views
    least_known_share : share of a roof's cells that must lie on its planes, 0 to 1
    near_m, far_m : how far every cell is looked at, and how far hills are, 20 to 1000 and 500 to 100,000
    """

    tolerance_m: float = field(default_factory=lambda: _fact("ransac_tolerance"))
    smallest_share: float = field(default_factory=lambda: _fact("smallest_part"))
    fewest_cells_count: float = field(default_factory=lambda: _fact("smallest_plane_cells"))
    inset_m: float = field(default_factory=lambda: _fact("roof_inset"))
    coarsest_plane_cell_m: float = field(default_factory=lambda: _fact("coarsest_plane_cell"))
    coarsest_horizon_cell_m: float = field(default_factory=lambda: _fact("coarsest_horizon_cell"))
    least_known_share: float = field(default_factory=lambda: _fact("least_known_share"))
    near_m: float = field(default_factory=lambda: _fact("near_horizon"))
    far_m: float = field(default_factory=lambda: _fact("far_horizon"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_ranges(self, _RANGES)


@dataclass(frozen=True)
class _Town:
    """Drawn outlines of a town in its metric system, with their ids and stated heights."""

    ids: pd.Index
    outlines: ObjectArray
    height_m: FloatArray
    metric: CRS

    def take(self, rows: IntArray) -> _Town:
        return _Town(self.ids[rows], self.outlines[rows], self.height_m[rows], self.metric)


@dataclass(frozen=True)
class _Found:
    """Planes, views and horizons of some buildings."""

    planes: pd.DataFrame
    views: pd.DataFrame
    horizons_deg: FloatArray


def _town(extract: Extract) -> _Town:
    metric = metric_crs(extract.buildings, name="the buildings")
    table = to_crs(extract.buildings, metric)
    geometries = np.asarray(table.geometry.to_numpy(), dtype=object).copy()
    geometries[~has_finite_coordinates(geometries)] = None
    outlines = repair_outlines(geometries)[0]
    drawn = np.flatnonzero(~shapely.is_missing(outlines) & ~shapely.is_empty(outlines))
    heights = table["tagged_height_m"].to_numpy(dtype=np.float64, na_value=np.nan)[drawn]
    return _Town(table.index.astype(str)[drawn], outlines[drawn], heights, metric)


def _tiles(town: _Town) -> list[IntArray]:
    """Return the positions of buildings by square of a kilometre."""
    middle = shapely.get_coordinates(shapely.centroid(town.outlines))
    square = np.floor(middle / TILE_M).astype(np.int64)
    _, number = np.unique(square, axis=0, return_inverse=True)
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if len(order) else []


def _plane_table(town: _Town, fitted: FittedPlanes) -> pd.DataFrame:
    plan = fitted.plan_share * shapely.area(town.outlines)[fitted.building]
    surface = plan / np.cos(np.radians(fitted.tilt_deg))
    eaves, top = trapezoids_m(surface, fitted.eaves_m, fitted.slope_m)
    columns = (
        np.asarray(town.ids[fitted.building], dtype=object), fitted.tilt_deg, fitted.azimuth_deg, surface,
        eaves, top, fitted.slope_m, fitted.free_share,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(PLANE_COLUMNS, columns, strict=True)))


def _fit(town: _Town, patch: Patch, params: RoofParams) -> tuple[FittedPlanes, FloatArray]:
    """Return the planes of buildings that are clear enough, and the places of all cells."""
    cells, xy = lay_cells(town.outlines, round(patch.cell_m, 2), params.inset_m, hash_ids(town.ids))
    heights = bilinear(patch.heights_m, patch.cells(xy, town.metric))
    fitted = fit_roofs(
        dataclasses.replace(cells, height_m=heights),
        FitSettings(params.tolerance_m, params.smallest_share, params.fewest_cells_count),
    )
    clear = (fitted.known_share >= params.least_known_share)[fitted.building]
    kept = {
        one.name: getattr(fitted, one.name)[clear]
        for one in dataclasses.fields(FittedPlanes)
        if one.name != "known_share"
    }
    return FittedPlanes(**kept, known_share=fitted.known_share), xy


def _plane_views(
    fitted: FittedPlanes, table: pd.DataFrame, xy: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return plane, place and eye of all points on planes; small planes have one."""
    wanted = fitted.view_cell >= 0
    wanted[:, 1:] &= (table["surface_m2"].to_numpy() >= LARGE_PLANE_M2)[:, None]
    plane = np.nonzero(wanted)[0]
    return plane, xy[fitted.view_cell[wanted]], fitted.view_height_m[wanted]


def _survey_tile(town: _Town, model: HeightModel, params: RoofParams) -> tuple[_Found, FloatArray]:
    """Return what one square's roofs are and see, and the eyes that see it."""
    box = shapely.total_bounds(town.outlines)
    reach = params.near_m + TILE_M / 100.0
    patch = model.window(box + np.array([-reach, -reach, reach, reach]), town.metric, FINEST_CELL_M)
    nothing = empty_survey()
    if patch is None or patch.cell_m > params.coarsest_horizon_cell_m:
        return _Found(nothing.planes, nothing.views, nothing.horizons_deg), np.zeros(0)
    parts: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    table = nothing.planes
    if patch.cell_m <= params.coarsest_plane_cell_m * 1.01:
        fitted, xy = _fit(town, patch, params)
        table = _plane_table(town, fitted)
        plane, place, eye = _plane_views(fitted, table, xy)
        parts.append((fitted.building[plane], plane, place, eye))
    bare = np.setdiff1d(np.arange(len(town.ids)), parts[0][0] if parts else [])
    place = shapely.get_coordinates(shapely.point_on_surface(town.outlines[bare]))
    parts.append(
        (bare, np.full(len(bare), -1), place, bilinear(patch.heights_m, patch.cells(place, town.metric)))
    )
    building, plane, place, eye = (np.concatenate(each) for each in zip(*parts, strict=True))
    near, known = raster_horizons_deg(
        patch.heights_m, patch.cells(place, town.metric),
        patch.cells_per_metre((box[:2] + box[2:]) / 2.0, town.metric), np.nan_to_num(eye),
        ray_distances_m(max(FIRST_RAY_M, 1.5 * patch.cell_m), params.near_m, patch.cell_m),
    )  # fmt: skip
    clear = np.isfinite(eye) & (known >= params.least_known_share)
    views = pd.DataFrame({"building_id": np.asarray(town.ids[building], dtype=object), "plane_number": plane})
    return _Found(table, views[clear], near[clear]), eye[clear]


def _hills_deg(
    town: _Town, model: HeightModel, eye_above_m: FloatArray, params: RoofParams, first_m: float
) -> tuple[FloatArray, FloatArray]:
    """Return the far horizon of each building, and the ground below it."""
    box = shapely.total_bounds(town.outlines)
    reach = np.array([-params.far_m, -params.far_m, params.far_m, params.far_m])
    nothing = np.full(len(town.ids), np.nan)
    patch = model.window(box + reach, town.metric, FAR_CELL_M)
    if patch is None:
        return np.zeros((len(town.ids), 36)), nothing
    place = shapely.get_coordinates(shapely.point_on_surface(town.outlines))
    cells = patch.cells(place, town.metric)
    ground = bilinear(patch.heights_m, cells)
    hills, _ = raster_horizons_deg(
        patch.heights_m, cells, patch.cells_per_metre((box[:2] + box[2:]) / 2.0, town.metric),
        np.nan_to_num(ground) + eye_above_m,
        ray_distances_m(max(first_m, 2.0 * patch.cell_m), params.far_m, patch.cell_m),
    )  # fmt: skip
    hills[np.isnan(ground)] = 0.0
    return hills, ground


def _survey_surface(town: _Town, model: HeightModel, params: RoofParams) -> _Found:
    """Return planes and near views of a town, square by square."""
    found = [_survey_tile(town.take(rows), model, params)[0] for rows in _tiles(town)]
    first = np.cumsum([0] + [len(one.planes) for one in found])
    views = [
        one.views.assign(
            plane_number=one.views["plane_number"] + np.where(one.views["plane_number"] >= 0, start, 0)
        )
        for one, start in zip(found, first[:-1], strict=True)
    ]
    return _Found(
        pd.concat([one.planes for one in found], ignore_index=True),
        pd.concat(views, ignore_index=True),
        np.concatenate([one.horizons_deg for one in found]),
    )


def _notes(name: str, found: _Found, cell_m: float, params: RoofParams, count: int) -> list[Note]:
    fitted = found.planes["building_id"].nunique()
    seen = found.views["building_id"].nunique()
    notes = [
        Note("read", f"roofs whose planes were fitted to {name}", fitted),
        Note("read", f"planes fitted to {name}", len(found.planes)),
        Note("read", f"roofs that see the horizon of {name}, trees included", seen),
    ]
    if cell_m > params.coarsest_plane_cell_m * 1.01:
        text = f"roofs without planes: cells of {cell_m:.3g} m in {name} are too coarse for them"
        notes.append(Note("read", text, count))
    elif fitted < count:
        notes.append(Note("read", f"roofs on which {name} shows no clear planes", count - fitted))
    return [note for note in notes if note.count]


def survey_roofs(
    extract: Extract,
    surface: Path | None,
    terrain: Path | None,
    *,
    crs: str | None = None,
    params: RoofParams | None = None,
) -> Extract:
    """Return buildings with what a surface and a terrain model say of their roofs.

    Parameters
    ----------
    extract : Extract
        Its heights are used where only the terrain is given.
    surface, terrain : Path or None
        GeoTIFFs of heights; at least one of them.
    crs : str, optional
        Coordinate system of rasters that name none.
    params : RoofParams, optional

    Returns
    -------
    Extract
        With `roofs`, and notes of how many roofs were measured.

    Raises
    ------
    InputProblem, CrsProblem
        When a file is no raster of heights, is damaged, or lies elsewhere.
    """
    params = params or RoofParams()
    town = _town(extract)
    if not len(town.ids):
        return extract
    nothing = empty_survey()
    found = _Found(nothing.planes, nothing.views, nothing.horizons_deg)
    notes: list[Note] = []
    middle = shapely.total_bounds(town.outlines).reshape(2, 2).mean(axis=0)
    above = np.where(np.isfinite(town.height_m), town.height_m, USUAL_HEIGHT_M)
    far = params.near_m if surface is not None else 0.0
    if surface is not None:
        with open_heights(surface, crs) as model:
            found = _survey_surface(town, model, params)
            cell = model.step_m(town.metric, middle)
            notes += _notes(model.name, found, cell, params, len(town.ids))
            if terrain is None:
                hills, _ = _hills_deg(town, model, np.zeros(len(above)), params, far)
                ground = np.full(len(town.ids), np.nan)
    if terrain is not None:
        with open_heights(terrain, crs) as model:
            hills, ground = _hills_deg(town, model, above, params, far)
        if not np.isfinite(ground).any():
            raise InputProblem(
                f"{clean_name(terrain.name)} shows no ground below the buildings: it lies elsewhere, or has "
                "no data there; check its place and its coordinate system."
            )
        higher = int((hills.max(axis=1) >= 1.0).sum())
        notes.append(
            Note("read", f"buildings above whose horizon hills of {clean_name(terrain.name)} stand", higher)
        )
    number = pd.Index(town.ids).get_indexer(found.views["building_id"])
    seen = np.maximum(found.horizons_deg, hills[number]) if len(number) else found.horizons_deg
    survey = RoofSurvey(
        found.planes, found.views, seen,
        pd.DataFrame({"ground_level_m": ground}, index=town.ids.rename("building_id")), hills,
    )  # fmt: skip
    return dataclasses.replace(
        extract, roofs=survey, notes=(*extract.notes, *(note for note in notes if note.count)),
        sources=extract.sources + _terrain_source(surface, terrain),
    )  # fmt: skip


def _terrain_source(surface: Path | None, terrain: Path | None) -> tuple[SourceRecord, ...]:
    """Return the record of a terrain that came alone; with a surface both are named already."""
    if surface is not None or terrain is None:
        return ()
    return (
        source_record(terrain, title=clean_name(terrain.stem), licence="as stated by its owner",
                      attribution="own data", date=""),
    )  # fmt: skip
