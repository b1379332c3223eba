"""Rooftop photovoltaics: technical maximum, calibrated potential, and how sure either is.

* Shape of the roof from its tag, else probabilities by kind and size of building that the town's own
  tagged roofs have corrected; planes, pitch and direction follow (`layers.physics.roof_planes`).
* Cuts after Gagnon et al. 2016: no plane under 10 m², steeper than 60°, facing north, or keeping less
  than 70 % of its unshaded yield.
* Yield from the tables of the place (`layers.physics.irradiance`) in the conventions of PVGIS, less
  shade by neighbours (`layers.physics.shading`) and snow (`layers.physics.snow`).
* Technical maximum: modules on all planes that pass. Calibrated potential: what roof-by-roof studies
  let expect of it (`layers.physics.solar_draws`). Listed buildings are left out of the calibrated
  potential and counted apart: check first.

Bare values are expectations over the shapes that a roof may have; they add up. P10 and P90 come from
draws, in which weather, snow and the town's suitable share are common to all roofs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table, origin_column
from layers.core.draws import Draws, hash_ids
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.irradiance import TILTS_DEG, PlaneTables, look_up
from layers.physics.roof_planes import Planes, RoofBases, lay_ridges, make_planes, pitches_deg
from layers.physics.roof_shapes import (
    FLAT,
    ROOF_CLASSES,
    class_probabilities,
    learn_shape_shares,
    strata,
    tagged_class,
)
from layers.physics.roof_views import Views, kept_shares, look_round
from layers.physics.snow import SnowParams, snow_loss_share
from layers.physics.solar_draws import SolarCalibration, calibrate, common_factors, draw_sums_kwh

LISTED = "listed"

NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("footprint_area_m2", "area of the outline", lowest=0),
    Column("perimeter_m", "length of the outline", lowest=0),
    Column("box_length_m", "longer side of the smallest rectangle around the outline", lowest=0),
    Column("box_width_m", "shorter side of that rectangle", lowest=0),
    Column("axis_azimuth_deg", "direction of its longer side", lowest=0, highest=180),
    Column("height_m", "height of the walls, ground to eaves", lowest=0),
)
ADDS: tuple[Column, ...] = (
    Column("roof_shape_class", "most likely shape of the roof", "category", allowed=ROOF_CLASSES),
    origin_column("roof"),
    Column("roof_sloped_area_m2", "area of all planes of the roof, on the slope", lowest=0),
    Column("pv_technical_kwp", "modules on every plane that passes the cuts", lowest=0),
    Column("pv_technical_kwh", "first-year yield of these modules", lowest=0),
    Column("pv_calibrated_kwp", "modules that studies of real roofs let expect", lowest=0),
    Column("pv_calibrated_kwh", "first-year yield of these modules", lowest=0),
    Column("pv_calibrated_p10_kwh", "one in ten is lower", lowest=0),
    Column("pv_calibrated_p90_kwh", "one in ten is higher", lowest=0),
    Column("pv_check_first_kwh", "calibrated yield of listed buildings, not in the sums", lowest=0),
    Column("shade_loss_share", "yield of the whole roof lost to neighbours' shade", lowest=0, highest=1),
)


def _solar(fact_id: str) -> float:
    return value("solar", fact_id)


def _pitches() -> tuple[float, ...]:
    named = tuple(_solar(f"pitch_{name}") for name in ("gabled", "hipped", "skillion", "pyramidal"))
    return (0.0, *named, 0.0)


@dataclass(frozen=True)
class SolarParams:
    """Settings of the roof solar layer.

    Attributes
    ----------
    pitch_deg : tuple of 6
        Pitch by class of roof where no tag gives it, 0 to 60.
    row_tilt_deg, row_cover_ratio
        Tilt of rows on flat roofs, 0 to 30, and module plane over roof area, 0.2 to 1.
    free_edge_m : strip along the edges of planes without modules, 0 to 3
    superstructure_ratio, coverage_share : what superstructures leave; module area over the rest, 0 to 1
    density_kwp_per_m2 : power of modules, 0.1 to 0.35
    smallest_plane_m2, steepest_deg, flat_enough_deg, north_from_deg, north_to_deg, least_sun_share
        The cuts.
    published_share, lowest_share : suitable shares of roof area that studies found, 0 to 1
    own_spread_ratio : spread of single roofs on the logit scale, 0 to 2
    snow_error_ratio : standard deviation of the snow loss over its expected value, 0 to 1
    shape_prior_count : roofs that the table of shapes weighs, above 0
    large_roof_m2 : outline from which five points of a roof are looked from
    snow : SnowParams
    """

    pitch_deg: tuple[float, ...] = field(default_factory=_pitches)
    row_tilt_deg: float = field(default_factory=lambda: _solar("row_tilt"))
    row_cover_ratio: float = field(default_factory=lambda: _solar("row_cover"))
    free_edge_m: float = field(default_factory=lambda: _solar("free_edge"))
    superstructure_ratio: float = field(default_factory=lambda: _solar("superstructure"))
    coverage_share: float = field(default_factory=lambda: _solar("module_coverage"))
    density_kwp_per_m2: float = field(default_factory=lambda: _solar("module_density"))
    smallest_plane_m2: float = field(default_factory=lambda: _solar("smallest_plane"))
    steepest_deg: float = field(default_factory=lambda: _solar("steepest_tilt"))
    flat_enough_deg: float = field(default_factory=lambda: _solar("flat_enough_tilt"))
    north_from_deg: float = field(default_factory=lambda: _solar("north_from"))
    north_to_deg: float = field(default_factory=lambda: _solar("north_to"))
    least_sun_share: float = field(default_factory=lambda: _solar("least_sun"))
    published_share: float = field(default_factory=lambda: _solar("suitable_zurich"))
    lowest_share: float = field(default_factory=lambda: _solar("suitable_small_us"))
    own_spread_ratio: float = field(default_factory=lambda: _solar("own_suitability_spread"))
    snow_error_ratio: float = field(default_factory=lambda: _solar("snow_error"))
    shape_prior_count: float = field(default_factory=lambda: _solar("shape_prior_count"))
    large_roof_m2: float = field(default_factory=lambda: _solar("large_roof"))
    snow: SnowParams = field(default_factory=SnowParams)

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "row_tilt_deg": (0.0, 30.0), "row_cover_ratio": (0.2, 1.0), "free_edge_m": (0.0, 3.0),
            "superstructure_ratio": (0.0, 1.0), "coverage_share": (0.0, 1.0),
            "density_kwp_per_m2": (0.1, 0.35), "least_sun_share": (0.0, 1.0),
            "published_share": (0.0, 1.0), "lowest_share": (0.01, 1.0), "own_spread_ratio": (0.0, 2.0),
            "snow_error_ratio": (0.0, 1.0), "shape_prior_count": (1e-6, 1e6),
        }  # fmt: skip
        check_ranges(self, ranges)
        if len(self.pitch_deg) != len(ROOF_CLASSES) or not all(0 <= x <= 60 for x in self.pitch_deg):
            raise UsageProblem(f"pitch_deg needs {len(ROOF_CLASSES)} pitches between 0 and 60 degrees.")


@dataclass(frozen=True)
class SolarResult:
    """Buildings with their potential, and the draws of districts and city.

    `district_draws` has one row a district and one column a draw [kWh]; `city_draws` is (count,) and
    includes buildings outside every district. `calibration` says how far the calibrated potential
    stays below the technical maximum.
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    calibration: SolarCalibration


@dataclass(frozen=True)
class _Roofs:
    """What is known of the roofs before the sun is asked: classes, chances, pitches, planes."""

    known_class: IntArray
    chance: FloatArray
    tilt_deg: FloatArray
    planes: Planes
    surface_m2: FloatArray


def _numbers(buildings: pd.DataFrame, column: str) -> FloatArray:
    """Return an optional column of numbers, NaN where it is missing."""
    if column not in buildings.columns:
        return np.full(len(buildings), np.nan)
    return buildings[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(buildings: pd.DataFrame, column: str) -> ObjectArray:
    if column not in buildings.columns:
        return np.full(len(buildings), None, dtype=object)
    return np.asarray(buildings[column].astype(object).to_numpy(), dtype=object)


def _bases(buildings: pd.DataFrame) -> RoofBases:
    across: BoolArray = np.equal(_texts(buildings, "roof_orientation"), "across")
    return lay_ridges(
        _numbers(buildings, "box_length_m"), _numbers(buildings, "box_width_m"),
        _numbers(buildings, "axis_azimuth_deg"), _numbers(buildings, "footprint_area_m2"),
        _numbers(buildings, "perimeter_m"), _numbers(buildings, "roof_direction_deg"), across,
    )  # fmt: skip


def learn_roof_shapes(buildings: gpd.GeoDataFrame, params: SolarParams | None = None) -> FloatArray:
    """Learn from the tagged roofs how often each shape occurs, by kind and size of building.

    Returns
    -------
    (groups, sizes, 5) array
        Shares of shapes; pass it to `simulate_solar` when a town is computed in parts.
    """
    params = params or SolarParams()
    group, size = strata(_texts(buildings, "use"), _numbers(buildings, "footprint_area_m2"))
    known = tagged_class(_texts(buildings, "roof_shape"))
    return learn_shape_shares(group, size, known, params.shape_prior_count)


def _make_roofs(buildings: gpd.GeoDataFrame, shares: FloatArray, params: SolarParams) -> _Roofs:
    group, size = strata(_texts(buildings, "use"), _numbers(buildings, "footprint_area_m2"))
    known = tagged_class(_texts(buildings, "roof_shape"))
    chance = class_probabilities(group, size, known, shares)
    bases = _bases(buildings)
    angle, rise = _numbers(buildings, "roof_angle_deg"), _numbers(buildings, "roof_height_m")
    tilt = pitches_deg(angle, rise, bases.width_m, known, params.pitch_deg)
    planes = make_planes(bases, chance, tilt, params.row_tilt_deg, params.free_edge_m)
    weight = planes.chance_share * chance[planes.building, planes.roof_class]
    sloped = np.bincount(planes.building, weight * planes.surface_m2, len(buildings))
    # a dome has no planes; its outline stands for it
    surface = np.asarray(sloped + chance[:, -1] * bases.area_m2, dtype=np.float64)
    return _Roofs(known, chance, tilt, planes, surface)


def _views(buildings: gpd.GeoDataFrame, roofs: _Roofs, params: SolarParams) -> Views:
    """Look round from every roof; walls and eyes stand at the middle of the roof's height."""
    chosen = roofs.chance.argmax(axis=1)
    tilt = roofs.tilt_deg[np.arange(len(chosen)), chosen]
    # rows of equal houses so do not shade each other
    half_rise = np.tan(np.radians(tilt)) * _numbers(buildings, "box_width_m") / 4.0
    eaves = _numbers(buildings, "height_m")
    return look_round(
        np.asarray(buildings.geometry.array, dtype=object),
        eaves + np.minimum(half_rise, eaves / 2.0),
        _numbers(buildings, "footprint_area_m2") >= params.large_roof_m2,
        _numbers(buildings, "axis_azimuth_deg"),
        _numbers(buildings, "box_length_m"),
        _numbers(buildings, "box_width_m"),
    )


def passes_cuts(planes: Planes, params: SolarParams) -> BoolArray:
    """Say which planes are large enough, not too steep and do not face north.

    Large enough is the area inside the free edges on which modules stand together.
    """
    north = (planes.azimuth_deg >= params.north_from_deg) | (planes.azimuth_deg <= params.north_to_deg)
    facing_away = north & (planes.tilt_deg > params.flat_enough_deg)
    fits = (planes.piece_m2 >= params.smallest_plane_m2) & (planes.tilt_deg <= params.steepest_deg)
    return np.asarray(fits & ~facing_away, dtype=np.bool_)


def module_kwp(planes: Planes, params: SolarParams) -> FloatArray:
    """Return the power of the modules that fit on each plane."""
    cover = np.where(planes.roof_class == FLAT, params.row_cover_ratio, 1.0)
    area = planes.inner_m2 * params.superstructure_ratio * params.coverage_share * cover
    return np.asarray(area * params.density_kwp_per_m2, dtype=np.float64)


def _by_class(planes: Planes, values: FloatArray, count: int) -> FloatArray:
    """Add planes up by building and class; (n, 6)."""
    cell = planes.building * len(ROOF_CLASSES) + planes.roof_class
    total = np.bincount(cell, values * planes.chance_share, count * len(ROOF_CLASSES))
    return np.asarray(total.reshape(count, len(ROOF_CLASSES)), dtype=np.float64)


def _snowy_yield_kwh_per_kwp(tables: PlaneTables, params: SolarParams) -> tuple[FloatArray, FloatArray]:
    """Return yearly yields by tilt and azimuth without snow and with it."""
    loss = snow_loss_share(tables.latitude_deg, tables.temperature_c, TILTS_DEG, params.snow)
    monthly = tables.yield_kwh_per_kwp
    return monthly.sum(axis=-1), (monthly * (1.0 - loss[:, None, :])).sum(axis=-1)


@dataclass(frozen=True)
class _Technical:
    """Technical maximum by building and class of roof; (n, 6) arrays."""

    power_kwp: FloatArray
    yield_kwh: FloatArray
    snow_share: float
    geometric_share: float
    shade_loss_share: FloatArray


def _technical(
    buildings: gpd.GeoDataFrame, roofs: _Roofs, tables: PlaneTables, params: SolarParams
) -> _Technical:
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
    power = module_kwp(planes, params)
    chance = planes.chance_share * roofs.chance[planes.building, planes.roof_class]
    without, with_snow = (
        float((chance * power * kept * bare).sum()),
        float((chance * power * kept * snowy).sum()),
    )
    suitable = float((chance * planes.inner_m2).sum()) * params.superstructure_ratio
    flat = np.zeros(count)
    return _Technical(
        power_kwp=_by_class(planes, power, count),
        yield_kwh=_by_class(planes, power * kept * snowy, count),
        snow_share=1.0 - with_snow / without if without > 0.0 else 0.0,
        geometric_share=suitable / max(float(roofs.surface_m2.sum()), 1e-9),
        shade_loss_share=1.0 - kept_shares(tables, views, np.arange(count), flat, flat),
    )


def _district_numbers(buildings: pd.DataFrame) -> tuple[IntArray, list[str]]:
    """Return each building's district as a number, and the districts' names; the last number is none."""
    if "district_id" not in buildings.columns:
        return np.zeros(len(buildings), dtype=np.int64), []
    found = buildings["district_id"]
    names = sorted(found.dropna().astype(str).unique())
    place = pd.Index(names).get_indexer(found.astype(object).to_numpy()) if names else -np.ones(len(found))
    return np.where(place < 0, len(names), place).astype(np.int64), names


def simulate_solar(
    buildings: gpd.GeoDataFrame,
    tables: PlaneTables,
    draws: Draws,
    params: SolarParams | None = None,
    *,
    shape_shares: FloatArray | None = None,
    calibration: SolarCalibration | None = None,
) -> SolarResult:
    """Add what photovoltaics on each roof can give, with draws for districts and the city.

    Parameters
    ----------
    buildings : GeoDataFrame
        Columns of `NEEDS`; `roof_shape`, `roof_direction_deg`, `roof_orientation`, `roof_angle_deg`,
        `roof_height_m`, `protection` and `district_id` are used where they are there.
    tables : PlaneTables
        The sky of the place, from `layers.physics.irradiance.plane_tables`.
    draws : Draws
    params : SolarParams, optional
    shape_shares, calibration : optional
        Learned from the whole town, when `buildings` is only a part of it.

    Returns
    -------
    SolarResult
        Buildings with the columns of `ADDS`, in the order given.
    """
    params = params or SolarParams()
    check_table(buildings, NEEDS, name="buildings")
    shares = learn_roof_shapes(buildings, params) if shape_shares is None else shape_shares
    roofs = _make_roofs(buildings, shares, params)
    found = _technical(buildings, roofs, tables, params)
    if calibration is None:
        calibration = calibrate(
            found.geometric_share, params.published_share, params.lowest_share, params.own_spread_ratio
        )
    listed: BoolArray = np.equal(_texts(buildings, "protection"), LISTED)
    free = np.where(listed, 0.0, calibration.factor_ratio)
    power = (found.power_kwp * roofs.chance).sum(axis=1)
    energy = (found.yield_kwh * roofs.chance).sum(axis=1)
    common = common_factors(draws, tables.irradiation_error_share, found.snow_share, params.snow_error_ratio)
    number, districts = _district_numbers(buildings)
    low, high, sums = draw_sums_kwh(
        hash_ids(buildings.index), np.where(listed[:, None], 0.0, found.yield_kwh), roofs.chance,
        calibration, common, draws, number, len(districts) + 1,
    )  # fmt: skip
    district_draws = pd.DataFrame(sums[:-1], index=pd.Index(districts, name="district_id", dtype=object))
    names = np.array(ROOF_CLASSES, dtype=object)
    result = buildings.assign(
        roof_shape_class=names[roofs.chance.argmax(axis=1)],
        roof_origin=np.where(roofs.known_class >= 0, "tagged", "imputed").astype(object),
        roof_sloped_area_m2=roofs.surface_m2,
        pv_technical_kwp=power,
        pv_technical_kwh=energy,
        pv_calibrated_kwp=power * free,
        pv_calibrated_kwh=energy * free,
        pv_calibrated_p10_kwh=low,
        pv_calibrated_p90_kwh=high,
        pv_check_first_kwh=np.where(listed, energy * calibration.factor_ratio, 0.0),
        shade_loss_share=found.shade_loss_share,
    )
    return SolarResult(result, district_draws, sums.sum(axis=0), calibration)
