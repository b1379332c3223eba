"""Rooftop photovoltaics: technical maximum, calibrated potential, and how sure either is.

* Planes measured in a surface model, else drawn in a 3D model (`layers.physics.measured_roofs`), else
  shaped by tags (`layers.physics.roof_forms`), else by the probability of each shape: learned from the
  town's own roofs (`layers.physics.roof_learning`) where that does better than shares by kind and size.
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

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.contracts import Column, check_table, origin_column
from layers.core.draws import Draws, hash_ids
from layers.core.roof_survey import RoofSurvey
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.imputation import spatial_folds
from layers.physics.irradiance import PlaneTables
from layers.physics.panels import Panels
from layers.physics.roof_learning import FOLDS, Labels, ShapeModel, learn_shapes
from layers.physics.roof_models import (
    METHODS,
    ORIGIN_OF_METHOD,
    existing_kwp,
    known_shapes,
    left_to_build,
    make_roofs,
    numbers,
    open_classes,
    shape_features,
    texts,
)
from layers.physics.roof_potential import technical
from layers.physics.roof_settings import SolarParams
from layers.physics.roof_shapes import ROOF_CLASSES, assumed_class, strata
from layers.physics.shaded_months import MonthTables
from layers.physics.solar_draws import SolarCalibration, calibrate, common_factors, draw_sums_kwh
from layers.physics.solar_ranges import range_table

__all__ = [
    "ADDS",
    "NEEDS",
    "SolarParams",
    "SolarResult",
    "learn_roof_shapes",
    "roof_tables",
    "simulate_solar",
]

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
    Column("roof_method", "how shape and planes of the roof are known", "category", allowed=METHODS),
    origin_column("horizon"),
    Column("roof_sloped_area_m2", "area of all planes of the roof, on the slope", lowest=0),
    Column("pv_technical_kwp", "modules on every plane that passes the cuts", lowest=0),
    Column("pv_technical_kwh", "first-year yield of these modules", lowest=0),
    Column("pv_calibrated_kwp", "modules that studies of real roofs let expect", lowest=0),
    Column("pv_calibrated_kwh", "first-year yield of these modules", lowest=0),
    Column("pv_calibrated_p10_kwh", "one in ten is lower", lowest=0),
    Column("pv_calibrated_p90_kwh", "one in ten is higher", lowest=0),
    Column("pv_check_first_kwh", "calibrated yield of listed buildings, not in the sums", lowest=0),
    Column("shade_loss_share", "yield of the whole roof lost to neighbours' shade", lowest=0, highest=1),
    Column(
        "pv_winter_share",
        "share of the yield that comes from October to March, with shade and snow",
        lowest=0,
        highest=1,
        gaps=True,
    ),
    Column("pv_existing_kwp", "modules that the data already show, not in the potential", lowest=0),
)


@dataclass(frozen=True)
class SolarResult:
    """Buildings with their potential, and the draws of districts and city.

    `district_draws` has one row a district and one column a draw [kWh]; `city_draws` is (count,) and
    includes buildings outside every district. `calibration` says how far the calibrated potential
    stays below the technical maximum, `panels` where the modules lie, `ranges` how far weather, roof and
    area each move the sums of districts and of the city, and `shapes` how shapes of roofs were guessed.
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    calibration: SolarCalibration
    panels: Panels
    ranges: pd.DataFrame
    shapes: ShapeModel


def learn_roof_shapes(
    buildings: gpd.GeoDataFrame, params: SolarParams | None = None, survey: RoofSurvey | None = None
) -> ShapeModel:
    """Learn from the roofs that are tagged or measured which shapes the others may have.

    Returns
    -------
    ShapeModel
        Pass it to `simulate_solar` when a town is computed in parts.
    """
    params = params or SolarParams()
    group, size = strata(texts(buildings, "use"), numbers(buildings, "footprint_area_m2"))
    middle = buildings.geometry.centroid
    fold = spatial_folds(middle.x.to_numpy(), middle.y.to_numpy(), params.learning_block_m, FOLDS)
    known = assumed_class(known_shapes(buildings, params, survey))
    labels = Labels(shape_features(buildings), group, size, known, fold, hash_ids(buildings.index))
    return learn_shapes(
        labels, params.shape_prior_count, params.least_learning_count, params.least_gain_ratio
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
    shapes: ShapeModel | None = None,
    calibration: SolarCalibration | None = None,
    survey: RoofSurvey | None = None,
    months: MonthTables | None = None,
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
    shapes, calibration : optional
        Learned from the whole town, when `buildings` is only a part of it.
    survey : RoofSurvey, optional
        Planes, horizons and levels measured in a surface or a terrain model.
    months : MonthTables, optional
        The sky of the place month by month, for the share of the winter.

    Returns
    -------
    SolarResult
        Buildings with the columns of `ADDS`, in the order given.
    """
    params = params or SolarParams()
    check_table(buildings, NEEDS, name="buildings")
    shapes = learn_roof_shapes(buildings, params, survey) if shapes is None else shapes
    group, size = strata(texts(buildings, "use"), numbers(buildings, "footprint_area_m2"))
    guessed, is_learned = shapes.guess(shape_features(buildings), group, size)
    roofs = make_roofs(buildings, guessed, is_learned, params, survey)
    found = technical(buildings, roofs, tables, params, survey, months)
    if calibration is None:
        calibration = calibrate(
            found.geometric_share, params.published_share, params.lowest_share, params.own_spread_ratio
        )
    listed: BoolArray = np.equal(texts(buildings, "protection"), LISTED)
    free = np.where(listed, 0.0, calibration.factor_ratio)
    power = (found.power_kwp * roofs.chance).sum(axis=1)
    # what stands there already cannot be built again
    left = left_to_build(buildings, power, params)
    energy_kwh = found.yield_kwh * left[:, None]
    power, energy = power * left, (energy_kwh * roofs.chance).sum(axis=1)
    common = common_factors(draws, tables.irradiation_error_share, found.snow_share, params.snow_error_ratio)
    number, districts = _district_numbers(buildings)
    drawn = draw_sums_kwh(
        hash_ids(buildings.index), *open_classes(np.where(listed[:, None], 0.0, energy_kwh), roofs.chance),
        calibration, common, draws, number, len(districts) + 1,
    )  # fmt: skip
    district_draws = pd.DataFrame(
        drawn.sums[:-1], index=pd.Index(districts, name="district_id", dtype=object)
    )
    base = np.asarray(np.bincount(number, energy * free, len(districts) + 1), dtype=np.float64)
    names = np.array(ROOF_CLASSES, dtype=object)
    result = buildings.assign(
        roof_shape_class=names[roofs.chance.argmax(axis=1)],
        roof_origin=np.array(ORIGIN_OF_METHOD, dtype=object)[roofs.method],
        roof_method=np.array(METHODS, dtype=object)[roofs.method],
        horizon_origin=np.where(found.is_horizon_measured, "measured", "imputed").astype(object),
        roof_sloped_area_m2=roofs.surface_m2,
        pv_technical_kwp=power,
        pv_technical_kwh=energy,
        pv_calibrated_kwp=power * free,
        pv_calibrated_kwh=energy * free,
        pv_calibrated_p10_kwh=drawn.p10,
        pv_calibrated_p90_kwh=drawn.p90,
        pv_check_first_kwh=np.where(listed, energy * calibration.factor_ratio, 0.0),
        shade_loss_share=found.shade_loss_share,
        pv_winter_share=found.winter_share,
        pv_existing_kwp=existing_kwp(buildings, params),
    )
    ranges = range_table(drawn, np.outer(base, common), base, districts)
    return SolarResult(
        result, district_draws, drawn.sums.sum(axis=0), calibration, found.panels, ranges, shapes
    )


def roof_tables(solar: SolarResult) -> dict[str, pd.DataFrame]:
    """Return how the roofs are known, and how well shapes were learned where anything was.

    `roof_methods` has one row a way of knowing that occurs: `roof_method`, `roof_origin`,
    `building_count`, `roof_area_share` and `pv_calibrated_mwh`.
    """
    roofs = solar.buildings
    area = roofs["roof_sloped_area_m2"].to_numpy(dtype=np.float64)
    position = pd.Index(METHODS).get_indexer(roofs["roof_method"].astype(str))
    table = pd.DataFrame(
        {
            "roof_method": METHODS,
            "roof_origin": ORIGIN_OF_METHOD,
            "building_count": np.bincount(position, minlength=len(METHODS)),
            "roof_area_share": np.bincount(position, area, len(METHODS)) / max(float(area.sum()), 1e-9),
            "pv_calibrated_mwh": np.bincount(position, roofs["pv_calibrated_kwh"] / 1e3, len(METHODS)),
        }
    )
    found = {"roof_methods": table[table["building_count"] > 0].reset_index(drop=True)}
    return found if solar.shapes.quality.empty else {**found, "roof_shapes": solar.shapes.quality}
