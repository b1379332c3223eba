"""Learning a city's attributes from its labelled buildings, and measuring how well that works."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from layers.core.attribute_settings import AttributeParams
from layers.core.draws import hash_ids
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics import attribute_model as model_of
from layers.physics import building_evidence as known
from layers.physics import imputation
from layers.physics.attribute_model import AttributeModel
from layers.physics.building_evidence import Evidence
from layers.physics.imputation import Checked, Classifier

_FEWEST_CLASS_LABELS, _FEWEST_FLOOR_LABELS, _FEWEST_RULE_LABELS = 15, 20, 5
# floors of a place may be this much lower or higher than usual; beyond, its heights are not of eaves
_FLOOR_FACTOR_LOW, _FLOOR_FACTOR_HIGH = 0.8, 1.4
QUALITY_COLUMNS = ("attribute", "method", "label_count", "unit", "cv_error", "rule_error", "coverage_share")
Row = tuple[str, str, int, str, float, float, float]
_NAN = float("nan")


def _folds(evidence: Evidence, rows: BoolArray, params: AttributeParams) -> IntArray:
    return imputation.spatial_folds(evidence.x_m[rows], evidence.y_m[rows], params.block_m, params.fold_count)


def _limited(evidence: Evidence, rows: BoolArray, params: AttributeParams) -> BoolArray:
    """Keep at most so many labels as the trees are grown from, chosen by the hash of their ids."""
    if int(rows.sum()) <= params.most_training_count:
        return rows
    at = np.flatnonzero(rows)
    chosen = at[np.argsort(hash_ids(evidence.index[at]), kind="stable")[: params.most_training_count]]
    kept = np.zeros_like(rows)
    kept[chosen] = True
    return kept


def _coverage(labels: FloatArray, low: FloatArray, high: FloatArray) -> float:
    return float(((labels >= low - 1e-9) & (labels <= high + 1e-9)).mean())


def _learn_uses(evidence: Evidence, params: AttributeParams) -> tuple[Classifier | None, Row]:
    """Learn to tell uses by form and land from the buildings whose use is stated."""
    label = np.where((evidence.stated == "outbuilding"), "outbuilding", evidence.stated).astype(str)
    rows = (label != "") & ~evidence.is_weak
    names, counts = np.unique(label[rows], return_counts=True)
    rows &= np.isin(label, names[counts >= _FEWEST_CLASS_LABELS])
    label_count = int(rows.sum())
    enough = label_count >= params.boosting_label_count and len(np.unique(label[rows])) > 1
    if not enough:
        return None, ("use", "rule", label_count, "share", _NAN, _NAN, _NAN)
    most = float(np.unique(label[rows], return_counts=True)[1].max() / label_count)
    rows = _limited(evidence, rows, params)
    raw = np.column_stack([evidence.form, evidence.land_code])[rows]
    found = imputation.fit_classifier(
        raw, label[rows], _folds(evidence, rows, params), params.boosting_round_count
    )
    good = found.error_share <= params.highest_use_error_share
    row = ("use", "trees" if good else "rule", label_count, "share", found.error_share, 1.0 - most, _NAN)
    return (found if good else None), row


def _fit(
    features: tuple[FloatArray, FloatArray], labels: FloatArray, folds: IntArray, *, by_trees: bool,
    params: AttributeParams,
) -> Checked:  # fmt: skip
    if by_trees:
        fit = partial(imputation.fit_boosting, round_count=params.boosting_round_count)
        return imputation.fit_checked(fit, features[0], labels, folds)
    near = partial(imputation.fit_nearest, neighbour_count=params.neighbour_count)
    return imputation.fit_checked(near, features[1], labels, folds)


def _learn_numbers(
    name: str, unit: str, evidence: Evidence, group: IntArray, labels: FloatArray, rule: FloatArray,
    params: AttributeParams, *, extra: tuple[FloatArray, ...] = (), fewest_count: int,
) -> tuple[Checked | None, bool, BoolArray, Row]:  # fmt: skip
    """Learn one attribute; give it up where the rule (n, 3) is nearer to the labels.

    Returns
    -------
    The fitted model or None, whether it is made of trees, its labelled rows, and its row of quality.
    """
    rows = ~np.isnan(labels) & ~evidence.is_outbuilding
    label_count = int(rows.sum())
    rule_error = coverage = _NAN
    if label_count >= _FEWEST_RULE_LABELS:
        rule_error = float(np.abs(rule[rows, 0] - labels[rows]).mean())
        coverage = _coverage(labels[rows], rule[rows, 1], rule[rows, 2])
    by_rule: Row = (name, "rule", label_count, unit, _NAN, rule_error, coverage)
    by_trees = label_count >= params.boosting_label_count
    # labels that are all alike were written for a purpose of their own: they tell nothing of the others
    if label_count < fewest_count or np.ptp(np.quantile(labels[rows], (0.05, 0.95))) == 0.0:
        return None, False, rows, by_rule
    rows = _limited(evidence, rows, params)
    raw, scaled = known.learning_features(evidence, group, extra)
    folds = _folds(evidence, rows, params)
    found = _fit((raw[rows], scaled[rows]), labels[rows], folds, by_trees=by_trees, params=params)
    if not found.absolute_error <= params.needed_error_ratio * rule_error:
        return None, False, rows, (*by_rule[:4], found.absolute_error, rule_error, coverage)
    method = "trees" if by_trees else "neighbours"
    row = (name, method, label_count, unit, found.absolute_error, rule_error, found.coverage_share)
    return found, by_trees, rows, row


def _year_labels(evidence: Evidence, params: AttributeParams) -> FloatArray:
    width = evidence.last_year - evidence.first_year
    middle = (evidence.first_year + evidence.last_year) / 2.0
    return np.where(width <= params.widest_dated_range_year, middle, np.nan)


def _floor_factor(evidence: Evidence, group: IntArray, size: ObjectArray, params: AttributeParams) -> float:
    """Return how much higher the floors of this place are, where heights and storeys are known."""
    both = ~np.isnan(evidence.known_eaves_m) & ~np.isnan(evidence.known_storey_count)
    both &= ~evidence.is_outbuilding & ~known.is_hall(group)
    if int(both.sum()) < _FEWEST_FLOOR_LABELS:
        return 1.0
    usual = AttributeParams.table(params.floor_height_m)[
        model_of.codes_of(known.profile_to_use(group, size)), 0
    ]
    walls = evidence.known_eaves_m[both] - params.plinth_height_m
    ratio = float(np.median(walls / (evidence.known_storey_count[both] * usual[both])))
    return float(np.clip(ratio, _FLOOR_FACTOR_LOW, _FLOOR_FACTOR_HIGH))


def learn(evidence: Evidence, stock: pd.DataFrame, params: AttributeParams) -> AttributeModel:
    """Learn a city's attributes from everything that is known of its buildings.

    Parameters
    ----------
    evidence : Evidence
        See `building_evidence.gather`.
    stock : DataFrame
        The country's construction periods: `sector`, `first_year`, `last_year`, `share`.
    """
    edges_year, cumulative = model_of.stock_shares(stock, params)
    uses, use_row = _learn_uses(evidence, params)
    learned = model_of.learned_profile(evidence, uses, params)
    group = model_of.first_guess(evidence, learned, params)
    rule = model_of.rule_storeys(evidence, group, params)
    storey_labels = evidence.known_storey_count.copy()
    from_height = model_of.storeys_from_height(evidence, group, params)[:, 0]
    gap = np.isnan(storey_labels) & ~known.is_hall(group)
    storey_labels[gap] = np.where(np.isnan(evidence.known_eaves_m), np.nan, from_height)[gap]
    storey_model, storey_trees, storey_rows, storey_row = _learn_numbers(
        "storey_count", "storeys", evidence, group, storey_labels, rule, params,
        fewest_count=params.nearest_label_count,
    )  # fmt: skip
    places = np.column_stack([evidence.x_m, evidence.y_m])
    so_far = AttributeModel(
        uses, storey_model, storey_trees, places[storey_rows], None, 1.0, None, False, places[:0],
        edges_year[-1] - 1.0, edges_year, cumulative, pd.DataFrame(),
    )  # fmt: skip
    storey, storey_origin = model_of.fill_storeys(evidence, group, so_far, params)
    size = model_of.size_classes(evidence, storey[:, 0], params)
    use = known.profile_to_use(group, size)
    factor = _floor_factor(evidence, group, size, params)
    so_far = replace(so_far, floor_height_factor_ratio=factor)
    nothing = np.full(evidence.count, np.nan)
    blind = replace(evidence, known_eaves_m=nothing)
    usual_height, _ = model_of.fill_heights(blind, group, use, storey, storey_origin, so_far, params)
    height_model, _, _, height_row = _learn_numbers(
        "height_m", "m", evidence, group, evidence.known_eaves_m, usual_height, params,
        extra=(storey[:, 0],), fewest_count=params.boosting_label_count,
    )  # fmt: skip
    undated = replace(evidence, first_year=nothing, last_year=nothing)
    parts = (np.full(evidence.count, share) for share in (0.5, 0.1, 0.9))
    usual_year = np.column_stack([model_of.years_of_stock(undated, use, part, so_far) for part in parts])
    year_labels = _year_labels(evidence, params)
    latest = np.nanmax(np.append(year_labels, edges_year[-1] - 1.0))
    year_model, year_trees, year_rows, year_row = _learn_numbers(
        "construction_year", "years", evidence, group, year_labels, usual_year, params,
        fewest_count=params.nearest_label_count,
    )  # fmt: skip
    quality = pd.DataFrame([use_row, storey_row, height_row, year_row], columns=list(QUALITY_COLUMNS))
    return replace(
        so_far, heights=height_model, years=year_model, years_by_trees=year_trees,
        year_places=places[year_rows], latest_year=float(latest), quality=quality,
    )  # fmt: skip
