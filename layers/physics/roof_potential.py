"""Technical maximum of roofs: planes that pass the cuts, the modules on them, what they yield."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.roof_survey import RoofSurvey
from layers.core.types import BoolArray, FloatArray
from layers.physics.irradiance import TILTS_DEG, PlaneTables, look_up
from layers.physics.panels import Panels
from layers.physics.roof_areas import ground_cover_ratio, module_counts
from layers.physics.roof_models import Roofs, numbers, texts
from layers.physics.roof_planes import Planes
from layers.physics.roof_settings import ROWS, SolarParams
from layers.physics.roof_shapes import ROOF_CLASSES
from layers.physics.roof_views import Standpoints, Views, kept_shares, look_round
from layers.physics.shaded_months import MonthTables, shaded_months_kwh_per_kwp
from layers.physics.snow import snow_loss_share

MIDWINTER_DECLINATION_DEG = 23.44
# January is 0
WINTER_MONTHS = [9, 10, 11, 0, 1, 2]
# words of the data for roofs with plants
GREEN_MATERIALS = ("grass", "green", "plants", "sedum", "vegetation", "turf", "greenery")


def _levels_m(ids: pd.Index, survey: RoofSurvey | None) -> tuple[FloatArray, FloatArray | None]:
    """Return the ground at each building, 0 where nobody surveyed it, and the horizon of the terrain."""
    if survey is None or not len(survey.sites):
        return np.zeros(len(ids)), None
    place = pd.Index(survey.sites.index.astype(str)).get_indexer(ids.astype(str))
    ground = survey.sites["ground_level_m"].to_numpy(dtype=np.float64)
    usual = float(np.nanmedian(ground)) if np.isfinite(ground).any() else 0.0
    level = np.where(place >= 0, np.nan_to_num(ground, nan=usual)[place], usual)
    hills = np.where((place >= 0)[:, None], survey.hills_deg[place], 0.0)
    return np.asarray(level, dtype=np.float64), np.asarray(hills, dtype=np.float64)


def _views(
    buildings: gpd.GeoDataFrame, roofs: Roofs, params: SolarParams, survey: RoofSurvey | None
) -> Views:
    """Look round from every roof; walls and eyes stand at the middle of the roof's height."""
    chosen = roofs.chance.argmax(axis=1)
    tilt = roofs.tilt_deg[np.arange(len(chosen)), chosen]
    # rows of equal houses so do not shade each other
    half_rise = np.tan(np.radians(tilt)) * numbers(buildings, "box_width_m") / 4.0
    eaves = numbers(buildings, "height_m")
    level, hills = _levels_m(buildings.index, survey)
    standpoints = Standpoints(
        np.asarray(buildings.geometry.array, dtype=object),
        level + eaves + np.minimum(half_rise, eaves / 2.0),
        numbers(buildings, "footprint_area_m2") >= params.large_roof_m2,
        numbers(buildings, "axis_azimuth_deg"),
        numbers(buildings, "box_length_m"),
        numbers(buildings, "box_width_m"),
    )
    return look_round(standpoints, buildings.index, survey, hills)


def passes_cuts(planes: Planes, params: SolarParams) -> BoolArray:
    """Say which planes are large enough, not too steep and do not face north.

    Large enough is the area inside the free edges on which modules stand together.
    """
    north = (planes.azimuth_deg >= params.north_from_deg) | (planes.azimuth_deg <= params.north_to_deg)
    facing_away = north & (planes.tilt_deg > params.flat_enough_deg) & ~planes.is_row
    fits = (planes.piece_m2 >= params.smallest_plane_m2) & (planes.tilt_deg <= params.steepest_deg)
    return np.asarray(fits & ~facing_away, dtype=np.bool_)


def row_cover_ratio(latitude_deg: float, params: SolarParams) -> float:
    """Return module plane over roof area for the rows of flat roofs at a latitude.

    Rows that look south keep each other free of shade at noon on 21 December.

    Examples
    --------
    >>> east_west, south = SolarParams(), SolarParams(flat_rows="south")
    >>> row_cover_ratio(48.0, east_west), round(row_cover_ratio(48.0, south), 3)
    (0.85, 0.576)
    """
    if params.flat_rows == ROWS[0]:
        return params.row_cover_ratio
    noon = 90.0 - abs(latitude_deg) - MIDWINTER_DECLINATION_DEG
    return ground_cover_ratio(params.south_row_tilt_deg, noon, params.lowest_noon_deg)


def _free_shares(planes: Planes, params: SolarParams) -> FloatArray:
    """Return what superstructures leave; windows and pipes that no survey shows always count."""
    measured = np.where(np.isfinite(planes.free_share), planes.free_share, 1.0)
    return np.asarray(measured * params.superstructure_ratio, dtype=np.float64)


def cover_shares(planes: Planes, params: SolarParams) -> FloatArray:
    """Return module area over area inside the free edge, before rows on flat roofs are spaced.

    Whole modules are laid on every plane. Where superstructures were measured, this is the share; where
    not, the published coverage, which knows of superstructures, varies with it: a plane on which half
    as much can be laid as on usual ones has half the coverage.
    """
    seen = np.isfinite(planes.free_share)
    if not params.is_laid:
        return _free_shares(planes, params) * params.coverage_share
    count = module_counts(
        planes.eaves_m, planes.top_m, planes.slope_m, params.free_edge_m,
        params.module_long_m, params.module_short_m,
    )  # fmt: skip
    whole = np.where(planes.is_row, planes.piece_m2, planes.inner_m2)
    module_m2 = params.module_long_m * params.module_short_m
    laid = np.minimum(count * module_m2 / np.maximum(whole, 1e-9), 1.0)
    usual = np.minimum(params.coverage_share * laid / params.layout_reference_share, laid)
    return np.asarray(np.where(seen, laid, usual) * _free_shares(planes, params), dtype=np.float64)


def module_kwp(planes: Planes, params: SolarParams, latitude_deg: float) -> FloatArray:
    """Return the power of the modules that fit on each plane."""
    rows = np.where(planes.is_row, row_cover_ratio(latitude_deg, params), 1.0)
    area = planes.inner_m2 * cover_shares(planes, params) * rows
    return np.asarray(area * params.density_kwp_per_m2, dtype=np.float64)


def _by_class(planes: Planes, values: FloatArray, count: int) -> FloatArray:
    """Add planes up by building and class; (n, classes)."""
    cell = planes.building * len(ROOF_CLASSES) + planes.roof_class
    total = np.bincount(cell, values * planes.chance_share, count * len(ROOF_CLASSES))
    return np.asarray(total.reshape(count, len(ROOF_CLASSES)), dtype=np.float64)


def _snowy_yield_kwh_per_kwp(tables: PlaneTables, params: SolarParams) -> tuple[FloatArray, FloatArray]:
    """Return yearly yields by tilt and azimuth without snow and with it."""
    loss = snow_loss_share(tables.latitude_deg, tables.temperature_c, TILTS_DEG, params.snow)
    monthly = tables.yield_kwh_per_kwp
    return monthly.sum(axis=-1), (monthly * (1.0 - loss[:, None, :])).sum(axis=-1)


@dataclass(frozen=True)
class Technical:
    """Technical maximum by building and class of roof; (n, classes) arrays."""

    power_kwp: FloatArray
    yield_kwh: FloatArray
    snow_share: float
    geometric_share: float
    shade_loss_share: FloatArray
    winter_share: FloatArray
    is_horizon_measured: BoolArray
    panels: Panels


def _shade_loss_shares(roofs: Roofs, views: Views, tables: PlaneTables, yearly: FloatArray) -> FloatArray:
    """Return the share of each roof's sun that shade takes.

    A roof whose planes look round for themselves is the mean of its planes, else it is a flat one.
    """
    count, flat = len(roofs.chance), np.zeros(len(roofs.chance))
    lost = 1.0 - kept_shares(tables, views, np.arange(count), flat, flat)
    planes = roofs.planes.take(roofs.planes.measured >= 0)
    if not len(planes.building):
        return lost
    light = planes.surface_m2 * look_up(yearly, planes.tilt_deg, planes.azimuth_deg)
    dark = 1.0 - kept_shares(
        tables, views, planes.building, planes.tilt_deg, planes.azimuth_deg, planes.measured
    )
    whole = np.bincount(planes.building, light, count)
    mean = np.bincount(planes.building, light * dark, count) / np.maximum(whole, 1e-9)
    seen = np.bincount(planes.building, views.plane_count[planes.measured], count) > 0
    return np.asarray(np.where(seen, mean, lost), dtype=np.float64)


def technical(
    buildings: gpd.GeoDataFrame,
    roofs: Roofs,
    tables: PlaneTables,
    params: SolarParams,
    survey: RoofSurvey | None = None,
    months: MonthTables | None = None,
) -> Technical:
    """Cut planes, shade what is left, and add up power and yield."""
    count = len(buildings)
    views = _views(buildings, roofs, params, survey)
    planes = roofs.planes.take(passes_cuts(roofs.planes, params))
    kept = kept_shares(tables, views, planes.building, planes.tilt_deg, planes.azimuth_deg, planes.measured)
    sunny = kept >= params.least_sun_share
    planes, kept = planes.take(sunny), kept[sunny]
    without_snow, with_snow = _snowy_yield_kwh_per_kwp(tables, params)
    bare, snowy = (look_up(table, planes.tilt_deg, planes.azimuth_deg) for table in (without_snow, with_snow))
    left = _left_shares(buildings, params)[planes.building]
    power = module_kwp(planes, params, tables.latitude_deg) * np.where(planes.is_row, left, 1.0)
    chance = planes.chance_share * roofs.chance[planes.building, planes.roof_class]
    bare_sum, snowy_sum = (float((chance * power * kept * each).sum()) for each in (bare, snowy))
    suitable = float((chance * planes.inner_m2 * _free_shares(planes, params)).sum())
    first, held = views.rows_of(planes.building, planes.measured)
    panels = Panels(
        planes.building, planes.tilt_deg, planes.azimuth_deg, chance * power, views.horizons_deg, first, held,
        snow_loss_share(tables.latitude_deg, tables.temperature_c, TILTS_DEG, params.snow),
    )  # fmt: skip
    return Technical(
        power_kwp=_by_class(planes, power, count),
        yield_kwh=_by_class(planes, power * kept * snowy, count),
        snow_share=1.0 - snowy_sum / bare_sum if bare_sum > 0.0 else 0.0,
        geometric_share=suitable / max(float(roofs.surface_m2.sum()), 1e-9),
        shade_loss_share=_shade_loss_shares(roofs, views, tables, without_snow),
        is_horizon_measured=views.is_measured,
        winter_share=_winter_shares(panels, months, count),
        panels=panels,
    )


def _winter_shares(panels: Panels, months: MonthTables | None, count: int) -> FloatArray:
    """Return the share of each roof's yield that comes from October to March; NaN where nothing does."""
    nothing = np.full(count, np.nan)
    if months is None or not len(panels.building):
        return nothing
    yields = shaded_months_kwh_per_kwp(
        months, panels.horizons_deg, panels.first_view, panels.view_count, panels.tilt_deg, panels.azimuth_deg
    )
    free = 1.0 - np.stack(
        [np.interp(panels.tilt_deg, TILTS_DEG, loss) for loss in panels.snow_share.T], axis=1
    )
    energy = yields * free * panels.power_kwp[:, None]
    whole = np.bincount(panels.building, energy.sum(axis=1), count)
    winter = np.bincount(panels.building, energy[:, WINTER_MONTHS].sum(axis=1), count)
    return np.asarray(np.divide(winter, whole, out=nothing, where=whole > 0.0), dtype=np.float64)


def _left_shares(buildings: gpd.GeoDataFrame, params: SolarParams) -> FloatArray:
    """Return what plants leave of flat roofs."""
    planted = np.isin(texts(buildings, "roof_material").astype(str), GREEN_MATERIALS)
    return np.where(planted, params.green_share, 1.0)
