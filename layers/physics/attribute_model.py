"""Filling the gaps of a building's description from a model of its city, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from layers.core.attribute_settings import AttributeParams
from layers.core.draws import Draws
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.core.uses import USE_BY_ID, USES
from layers.physics import building_evidence as known
from layers.physics import imputation, stock_years, storeys
from layers.physics.building_evidence import Evidence
from layers.physics.building_use import PROFILE, RESIDENTIAL, UNKNOWN
from layers.physics.calibration import Margins, Scale
from layers.physics.imputation import Predict

HIGHEST_STOREYS, LOWEST_HEIGHT_M, HIGHEST_HEIGHT_M = 120.0, 1.5, 500.0
EARLIEST_YEAR, LATEST_YEAR = 1000, 2035


BY_RATIO, BY_UNIT = Scale(by_ratio=True), Scale(by_ratio=False)
# columns of the tables of quantiles: the middle, the ends
MIDDLE_AND_ENDS = [2, 0, 4]


@dataclass(frozen=True)
class Filling:
    """How the gaps of one attribute are filled.

    Attributes
    ----------
    predict : function or None
        From features to (n, 5) quantiles; None where the rule is used.
    by_trees : bool
        Whether it is made of trees, which reach everywhere; neighbours only speak near their labels.
    rule_share : float
        What the rule keeps in the mixture with what was learned.
    margins : Margins
        How far the ends of the range move near labels, by stratum.
    places_m : (k, 2) array
        Where the labels are.
    """

    predict: Predict | None
    by_trees: bool
    rule_share: float
    margins: Margins
    places_m: FloatArray


@dataclass(frozen=True)
class AttributeModel:
    """What was learned from a whole city.

    Attributes
    ----------
    uses : the fitted classifier, None where the rules are used
    storeys, heights, years : how the gaps of each are filled
    floor_height_factor_ratio : floors of this city over the usual ones
    latest_year : no year is imputed after the newest label or the end of the country's stock
    edges_year, cumulative_share : the country's distribution by sector
    quality : DataFrame
        One row per attribute: `attribute`, `method`, `label_count`, `cv_error` (in `unit`, mean
        absolute error on blocks left out; for `use` the share of wrong classes), `rule_error` (the same
        without learning), `coverage_share` (labels between p10 and p90; 0.8 is wanted).
    """

    uses: imputation.Classifier | None
    storeys: Filling
    heights: Filling
    years: Filling
    floor_height_factor_ratio: float
    latest_year: float
    edges_year: FloatArray
    cumulative_share: Mapping[str, FloatArray]
    quality: pd.DataFrame


def stock_shares(stock: pd.DataFrame, params: AttributeParams) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the edges of the periods and the cumulative shares of each sector."""
    shares: dict[str, FloatArray] = {}
    edges = np.zeros(0)
    for sector, rows in stock.groupby("sector", sort=True):
        ordered = rows.sort_values("last_year")
        starts = ordered["first_year"].to_numpy(dtype=float, na_value=np.nan)
        starts = np.where(np.isnan(starts), params.oldest_default_year, starts)
        edges = np.append(starts, float(ordered["last_year"].iloc[-1]) + 1.0)
        total = np.cumsum(ordered["share"].to_numpy(dtype=float))
        shares[str(sector)] = np.append(0.0, total / total[-1])
    return edges, shares


def learned_profile(
    evidence: Evidence, classifier: imputation.Classifier | None, params: AttributeParams
) -> FloatArray:
    """Return shares by the learned classes, only where the classifier is sure."""
    profile = np.zeros((evidence.count, len(PROFILE)))
    if classifier is None:
        return profile
    raw = np.column_stack([evidence.form, evidence.land_code])
    probability = classifier.probabilities(raw)
    sure = probability.max(axis=1) >= params.sure_share
    for column, name in enumerate(classifier.classes):
        profile[sure, PROFILE.index(name)] = probability[sure, column]
    return profile


def first_guess(evidence: Evidence, learned: FloatArray, params: AttributeParams) -> IntArray:
    """Return the class of each building before its storeys are known."""
    usual = AttributeParams.table(params.dense_storey_count)[USES.index("unknown"), 0]
    guess = np.where(evidence.is_dense, usual, np.where(evidence.looks_like_house, 1.5, 2.0))
    guess = np.where(np.isnan(evidence.known_storey_count), guess, evidence.known_storey_count)
    return known.main_class(known.use_shares(evidence, guess, learned, params))


def use_code(group: IntArray) -> IntArray:
    """Return positions in `USES` for classes whose size is not known yet."""
    to_use = [USES.index("residential_multi" if name == "residential" else name) for name in PROFILE]
    return np.array(to_use, dtype=np.int64)[group]


def codes_of(use: ObjectArray) -> IntArray:
    """Return the positions of uses in `USES`."""
    return np.array([USES.index(name) for name in use], dtype=np.int64)


def rule_storeys(evidence: Evidence, group: IntArray, params: AttributeParams) -> FloatArray:
    """Return (n, 3) usual, low and high storeys by rule, within the bounds of a national class."""
    unit_m2 = evidence.box_width_m * params.terraced_row_length_m / 3.0
    house = storeys.house_range(evidence.footprint_m2, params.house_gross_area_m2, params.house_storey_count)
    row = storeys.house_range(unit_m2, params.terraced_gross_area_m2, params.terraced_storey_count)
    is_home = group == RESIDENTIAL
    house_size = (evidence.footprint_m2 <= params.house_footprint_m2) & (
        ~evidence.is_dense | (evidence.footprint_m2 <= params.house_footprint_m2 / 2.0)
    )
    is_single = evidence.stated_size == "residential_single"
    is_house = (is_home & (house_size | evidence.is_row | (evidence.high_storey_count <= 2.0))) | is_single
    is_house &= (evidence.low_storey_count <= 2.0) & (evidence.stated_size != "residential_multi")
    small_unknown = (group == UNKNOWN) & house_size
    as_house = np.where((evidence.is_row & ~is_single)[:, None], row, house)
    found = storeys.rule_storeys(
        use_code(group), evidence.is_dense, is_house | small_unknown, as_house,
        AttributeParams.table(params.dense_storey_count), AttributeParams.table(params.sparse_storey_count),
    )  # fmt: skip
    is_hall = ~evidence.is_dense & (evidence.footprint_m2 >= params.hall_footprint_m2)
    found[is_hall] = np.column_stack([np.ones(is_hall.sum()), np.ones(is_hall.sum()), found[is_hall, 0]])
    return np.clip(found, evidence.low_storey_count[:, None], evidence.high_storey_count[:, None])


def size_classes(evidence: Evidence, storey_count: FloatArray, params: AttributeParams) -> ObjectArray:
    """Return the residential size class: as stated, else by storeys, neighbours and footprint."""
    by_form = storeys.residential_size(
        storey_count,
        evidence.footprint_m2,
        evidence.shared_wall_share,
        evidence.is_row,
        largest_house_m2=params.house_footprint_m2,
        least_shared_share=params.terraced_shared_share,
    )
    by_form[evidence.low_storey_count > 2.0] = "residential_multi"
    return np.where(evidence.stated_size != "", evidence.stated_size, by_form).astype(object)


def storeys_from_height(evidence: Evidence, group: IntArray, params: AttributeParams) -> FloatArray:
    """Return (n, 3) storeys that fit into the known eaves heights; NaN where no height is known."""
    floor = AttributeParams.table(params.floor_height_m)[use_code(group)]
    hall = known.is_hall(group)
    columns = [
        storeys.storeys_in_height(evidence.known_eaves_m, floor[:, at], params.plinth_height_m, hall)
        for at in (0, 2, 1)
    ]
    return np.clip(np.column_stack(columns), evidence.low_storey_count[:, None], HIGHEST_STOREYS)


def as_quantiles(usual_low_high: FloatArray) -> FloatArray:
    """Return (n, 5) quantiles of a usual, a low and a high value; the quarters lie half-way."""
    usual, low, high = usual_low_high.T
    return np.column_stack([low, (low + usual) / 2.0, usual, (usual + high) / 2.0, high])


def no_stratum(evidence: Evidence) -> IntArray:
    """Return one stratum for all buildings."""
    return np.zeros(evidence.count, dtype=np.int64)


def _filled(
    filling: Filling, evidence: Evidence, group: IntArray, rule: FloatArray, open_rows: BoolArray,
    stratum: IntArray, params: AttributeParams, *, extra: tuple[FloatArray, ...] = (),
) -> tuple[FloatArray, FloatArray, BoolArray]:  # fmt: skip
    """Return (n, 5) quantiles as they were said, the same with moved ends, and which rows were learned."""
    near = open_rows & imputation.within_reach(evidence.x_m, evidence.y_m, filling.places_m, params.reach_m)
    learned = np.zeros(evidence.count, dtype=bool)
    said = rule.copy()
    if filling.predict is not None:
        learned = open_rows if filling.by_trees else near
        features = known.learning_features(evidence, group, extra)[0 if filling.by_trees else 1]
        found = filling.predict(features[learned])
        said[learned] = imputation.mixed_quantiles(found, rule[learned], filling.rule_share)
    moved, rows = said.copy(), near | learned
    moved[rows] = filling.margins.widen(said[rows], stratum[rows])
    return said, moved, learned


def fill_storeys(
    evidence: Evidence, group: IntArray, model: AttributeModel, params: AttributeParams
) -> tuple[FloatArray, ObjectArray]:
    """Return (n, 3) storeys with low and high, and their origin."""
    found = rule_storeys(evidence, group, params)
    bounded = (evidence.low_storey_count > 1.0) | np.isfinite(evidence.high_storey_count)
    origin = np.where(bounded, "imputed", "default").astype(object)
    rows = is_learnable(evidence, group, model.storeys.by_trees)
    _, moved, learned = _filled(
        model.storeys, evidence, group, as_quantiles(found), rows, no_stratum(evidence), params
    )
    chosen = moved[:, MIDDLE_AND_ENDS]
    chosen[:, 0] = np.round(chosen[:, 0])
    low, high = evidence.low_storey_count[:, None], evidence.high_storey_count[:, None]
    found[rows] = np.clip(np.clip(chosen, 1.0, HIGHEST_STOREYS), low, high)[rows]
    origin[learned] = "imputed"
    by_height = ~np.isnan(evidence.known_eaves_m)
    found[by_height] = storeys_from_height(evidence, group, params)[by_height]
    origin[by_height] = "imputed"
    tagged = ~np.isnan(evidence.known_storey_count)
    found[tagged] = evidence.known_storey_count[tagged, None]
    origin[tagged] = "tagged"
    return found, origin


def is_learnable(evidence: Evidence, group: IntArray, by_trees: bool) -> BoolArray:
    """Say whose storeys can be learned: a few labels of offices say nothing about halls and sheds."""
    return ~evidence.is_outbuilding & (by_trees | ~known.is_hall(group))


def fill_heights(
    evidence: Evidence, group: IntArray, use: ObjectArray, storey: FloatArray, storey_origin: ObjectArray,
    model: AttributeModel, params: AttributeParams,
) -> tuple[FloatArray, ObjectArray]:  # fmt: skip
    """Return (n, 3) heights of the eaves with low and high, and their origin."""
    floor = AttributeParams.table(params.floor_height_m)[codes_of(use)] * model.floor_height_factor_ratio
    usual = storeys.eaves_height_m(storey[:, 0], floor[:, 0], params.plinth_height_m)
    below, above = storeys.height_spread_m(storey, floor)
    found = np.column_stack([usual, np.maximum(usual - below, 2.0), usual + above])
    origin = np.where(storey_origin == "default", "default", "imputed").astype(object)
    _, moved, learned = _filled(
        model.heights, evidence, group, as_quantiles(found), ~evidence.is_outbuilding, no_stratum(evidence),
        params, extra=(storey[:, 0],),
    )  # fmt: skip
    found = moved[:, MIDDLE_AND_ENDS]
    origin[learned] = "imputed"
    tagged = ~np.isnan(evidence.known_eaves_m)
    found[tagged], origin[tagged] = evidence.known_eaves_m[tagged, None], "tagged"
    return np.clip(found, LOWEST_HEIGHT_M, HIGHEST_HEIGHT_M), origin


def years_of_stock(
    evidence: Evidence, use: ObjectArray, probability: FloatArray, model: AttributeModel
) -> FloatArray:
    """Return years from the country's distribution for each use, within what is known."""
    sector = np.array([USE_BY_ID[name].stock_sector for name in use], dtype=object)
    year = np.zeros(evidence.count)
    for name, cumulative in model.cumulative_share.items():
        rows = sector == name
        year[rows] = stock_years.year_at(
            probability[rows],
            model.edges_year,
            cumulative,
            evidence.first_year[rows],
            evidence.last_year[rows],
        )
    return year


def fill_years(
    evidence: Evidence, group: IntArray, use: ObjectArray, model: AttributeModel, params: AttributeParams
) -> tuple[FloatArray, ObjectArray]:
    """Return (n, 4) years with p10, p90 and p50, and their origin; the year is drawn by the id's hash."""
    chance = ndtr(Draws(count=1).own(evidence.index, "construction_year", 0))
    stock = stock_quantiles(evidence, use, model)
    drawn = years_of_stock(evidence, use, chance, model)
    dated = ~np.isnan(evidence.first_year) | ~np.isnan(evidence.last_year)
    origin = np.where(dated, "tagged", "default").astype(object)
    said, moved, learned = _filled(
        model.years, evidence, group, stock, ~dated, year_stratum(evidence), params
    )
    drawn[learned] = imputation.draw_between(said[learned], chance[learned])
    origin[learned] = "imputed"
    found = np.column_stack([drawn, moved[:, 0], moved[:, 4], moved[:, 2]])
    found[~dated] = np.minimum(found[~dated], model.latest_year)
    return np.clip(np.floor(found + 1e-6), EARLIEST_YEAR, LATEST_YEAR), origin


def year_stratum(evidence: Evidence) -> IntArray:
    """Return 1 for monuments and places of worship, 0 for all others: their years differ by centuries."""
    return evidence.is_monument.astype(np.int64)


def stock_quantiles(evidence: Evidence, use: ObjectArray, model: AttributeModel) -> FloatArray:
    """Return (n, 5) quantiles of the year from the country's distribution for each use."""
    parts = (np.full(evidence.count, share) for share in imputation.PROBABILITIES)
    return np.column_stack([years_of_stock(evidence, use, part, model) for part in parts])
