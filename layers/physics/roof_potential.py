"""Technical maximum of roofs: planes that pass the cuts, the modules on them, what they yield."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from layers.core.types import BoolArray, FloatArray
from layers.physics.irradiance import TILTS_DEG, PlaneTables, look_up
from layers.physics.panels import Panels
from layers.physics.roof_areas import ground_cover_ratio, module_counts
from layers.physics.roof_models import Roofs, numbers
from layers.physics.roof_planes import Planes
from layers.physics.roof_settings import ROWS, SolarParams
from layers.physics.roof_shapes import FLAT, ROOF_CLASSES
from layers.physics.roof_views import Views, kept_shares, look_round
from layers.physics.snow import snow_loss_share

MIDWINTER_DECLINATION_DEG = 23.44


def _views(buildings: gpd.GeoDataFrame, roofs: Roofs, params: SolarParams) -> Views:
    """Look round from every roof; walls and eyes stand at the middle of the roof's height."""
    chosen = roofs.chance.argmax(axis=1)
    tilt = roofs.tilt_deg[np.arange(len(chosen)), chosen]
    # rows of equal houses so do not shade each other
    half_rise = np.tan(np.radians(tilt)) * numbers(buildings, "box_width_m") / 4.0
    eaves = numbers(buildings, "height_m")
    return look_round(
        np.asarray(buildings.geometry.array, dtype=object),
        eaves + np.minimum(half_rise, eaves / 2.0),
        numbers(buildings, "footprint_area_m2") >= params.large_roof_m2,
        numbers(buildings, "axis_azimuth_deg"),
        numbers(buildings, "box_length_m"),
        numbers(buildings, "box_width_m"),
    )


def passes_cuts(planes: Planes, params: SolarParams) -> BoolArray:
    """Say which planes are large enough, not too steep and do not face north.

    Large enough is the area inside the free edges on which modules stand together.
    """
    north = (planes.azimuth_deg >= params.north_from_deg) | (planes.azimuth_deg <= params.north_to_deg)
    facing_away = north & (planes.tilt_deg > params.flat_enough_deg)
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


def cover_shares(planes: Planes, params: SolarParams) -> FloatArray:
    """Return module area over area inside the free edge, before rows on flat roofs are spaced.

    Whole modules are laid on every plane. Where superstructures were measured, this is the share; where
    not, the published coverage, which knows of superstructures, varies with it: a plane on which half
    as much can be laid as on usual ones has half the coverage.
    """
    seen = np.isfinite(planes.free_share)
    if not params.is_laid:
        return np.where(seen, planes.free_share, params.superstructure_ratio) * params.coverage_share
    count = module_counts(
        planes.eaves_m, planes.top_m, planes.slope_m, params.free_edge_m,
        params.module_long_m, params.module_short_m,
    )  # fmt: skip
    whole = np.where(planes.roof_class == FLAT, planes.piece_m2, planes.inner_m2)
    module_m2 = params.module_long_m * params.module_short_m
    laid = np.minimum(count * module_m2 / np.maximum(whole, 1e-9), 1.0)
    usual = np.minimum(params.coverage_share * laid / params.layout_reference_share, laid)
    share = np.where(seen, laid * planes.free_share, usual) * params.superstructure_ratio
    return np.asarray(share, dtype=np.float64)


def module_kwp(planes: Planes, params: SolarParams, latitude_deg: float) -> FloatArray:
    """Return the power of the modules that fit on each plane."""
    rows = np.where(planes.roof_class == FLAT, row_cover_ratio(latitude_deg, params), 1.0)
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
    panels: Panels


def technical(
    buildings: gpd.GeoDataFrame, roofs: Roofs, tables: PlaneTables, params: SolarParams
) -> Technical:
    """Cut planes, shade what is left, and add up power and yield."""
    count = len(buildings)
    views = _views(buildings, roofs, params)
    planes = roofs.planes.take(passes_cuts(roofs.planes, params))
    kept = kept_shares(tables, views, planes.building, planes.tilt_deg, planes.azimuth_deg)
    sunny = kept >= params.least_sun_share
    planes, kept = planes.take(sunny), kept[sunny]
    bare, snowy = (
        look_up(table, planes.tilt_deg, planes.azimuth_deg)
        for table in _snowy_yield_kwh_per_kwp(tables, params)
    )
    power = module_kwp(planes, params, tables.latitude_deg)
    chance = planes.chance_share * roofs.chance[planes.building, planes.roof_class]
    without, with_snow = (
        float((chance * power * kept * bare).sum()),
        float((chance * power * kept * snowy).sum()),
    )
    suitable = float((chance * planes.inner_m2).sum()) * params.superstructure_ratio
    flat = np.zeros(count)
    return Technical(
        power_kwp=_by_class(planes, power, count),
        yield_kwh=_by_class(planes, power * kept * snowy, count),
        snow_share=1.0 - with_snow / without if without > 0.0 else 0.0,
        geometric_share=suitable / max(float(roofs.surface_m2.sum()), 1e-9),
        shade_loss_share=1.0 - kept_shares(tables, views, np.arange(count), flat, flat),
        panels=Panels(
            planes.building, planes.tilt_deg, planes.azimuth_deg, chance * power,
            views.horizons_deg, views.start,
            snow_loss_share(tables.latitude_deg, tables.temperature_c, TILTS_DEG, params.snow),
        ),
    )  # fmt: skip
