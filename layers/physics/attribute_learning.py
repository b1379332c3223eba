"""Learning a city's attributes from its labelled buildings, and measuring how well that works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from layers.core.attribute_settings import AttributeParams
from layers.core.draws import hash_ids
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics import attribute_model as model_of
from layers.physics import building_evidence as known
from layers.physics import calibration, imputation
from layers.physics.attribute_model import BY_RATIO, BY_UNIT, AttributeModel, Filling
from layers.physics.building_evidence import Evidence
from layers.physics.calibration import Labels, Scale
from layers.physics.imputation import Classifier, Fit

_FEWEST_CLASS_LABELS, _FEWEST_FLOOR_LABELS = 15, 20
_YEAR_STRATA = 2
_RULE_AS_WELL = 0.5
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


@dataclass(frozen=True)
class _Task:
    """One attribute to learn: its labels, what the rule says of all buildings, and how it is measured."""

    name: str
    unit: str
    labels: FloatArray
    rule: FloatArray
    stratum: IntArray
    scale: Scale
    fewest_count: int
    stratum_count: int = 1
    extra: tuple[FloatArray, ...] = ()
    fairness_matters: bool = False

    def rule_shares(self, labelled_share: float, params: AttributeParams) -> tuple[float, ...]:
        """Return what the rule may keep beside what is learned.

        Mostly nothing or a half, as the labels show; but the dated buildings of a town where few are
        dated are no fair sample, and their own errors cannot tell.
        """
        if self.fairness_matters and labelled_share < params.fair_label_share:
            return (1.0 - params.unfair_trust_share,)
        return (0.0, _RULE_AS_WELL)


def _fit_of(by_trees: bool, params: AttributeParams) -> Fit:
    if by_trees:
        return partial(imputation.fit_boosting, round_count=params.boosting_round_count)
    return partial(imputation.fit_nearest, neighbour_count=params.neighbour_count)


def _labelled(task: _Task, evidence: Evidence, group: IntArray, params: AttributeParams) -> BoolArray:
    """Say whose labels teach: not those of sheds and kiosks, and few labels of halls only their own."""
    rows = ~np.isnan(task.labels) & ~evidence.is_outbuilding & ~evidence.is_kiosk
    if task.name == "storey_count" and int(rows.sum()) < params.boosting_label_count:
        rows &= ~known.is_hall(group)
    return _limited(evidence, rows, params)


def _learn_numbers(
    task: _Task, evidence: Evidence, group: IntArray, params: AttributeParams
) -> tuple[Filling, Row]:
    """Learn one attribute; keep the rule (n, 5) unless what is learned is clearly nearer to the labels.

    Returns
    -------
    How gaps are filled, and its row of quality. Few labels widen the rule's range where they show that
    it is too narrow; they never narrow it.
    """
    rows = _labelled(task, evidence, group, params)
    places, label_count = np.column_stack([evidence.x_m, evidence.y_m])[rows], int(rows.sum())
    if label_count < calibration.FEWEST_LABELS:
        nothing = calibration.no_margins(task.scale, task.stratum_count)
        row = (task.name, "rule", label_count, task.unit, _NAN, _NAN, _NAN)
        return Filling(None, False, 1.0, nothing, places), row
    block = imputation.spatial_blocks(places[:, 0], places[:, 1], params.block_m)
    labels = Labels(task.labels[rows], task.stratum[rows], block, task.stratum_count, task.scale)
    folds, rule = _folds(evidence, rows, params), task.rule[rows]
    by_trees = label_count >= params.boosting_label_count
    fit = _fit_of(by_trees, params)
    features = known.learning_features(evidence, group, task.extra)[0 if by_trees else 1][rows]
    rule_error = np.abs(rule[:, imputation.MIDDLE] - labels.values)
    said, error, share, is_learned = rule, np.full(label_count, _NAN), 1.0, False
    # labels that are all alike were written for a purpose of their own: they tell nothing of the others
    if label_count >= task.fewest_count and np.ptp(np.quantile(labels.values, (0.05, 0.95))) > 0.0:
        left_out = imputation.left_out_quantiles(fit, features, labels.values, folds)
        said, error, share = _best_mixture(
            left_out, rule, labels.values, task.rule_shares(label_count / evidence.count, params)
        )
        is_learned = not np.isnan(error).any() and calibration.is_clearly_smaller(
            error, rule_error, block, needed_ratio=params.needed_error_ratio
        )
        said = said if is_learned else rule
    margins = calibration.find_margins(said, labels, only_wider=not is_learned)
    coverage = calibration.judged_coverage_share(said, labels, folds, only_wider=not is_learned)
    method = "rule" if not is_learned else "trees" if by_trees else "neighbours"
    errors = float(error.mean()), float(rule_error.mean())
    predict = fit(features, labels.values) if is_learned else None
    filling = Filling(predict, by_trees and is_learned, share, margins, places)
    return filling, (task.name, method, label_count, task.unit, *errors, coverage)


def _best_mixture(
    left_out: FloatArray, rule: FloatArray, labels: FloatArray, rule_shares: tuple[float, ...]
) -> tuple[FloatArray, FloatArray, float]:
    """Return the mixture with the rule that fits the labels left out best: quantiles, errors, share."""
    tried = []
    for share in rule_shares:
        said = imputation.mixed_quantiles(left_out, rule, share)
        tried.append((imputation.pinball_loss(said, labels), share, said))
    _, share, said = min(tried, key=lambda one: one[:2])
    return said, np.abs(said[:, imputation.MIDDLE] - labels), share


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
    no_stratum = model_of.no_stratum(evidence)
    storeys, storey_row = _learn_numbers(
        _Task("storey_count", "storeys", storey_labels, model_of.as_quantiles(rule), no_stratum, BY_RATIO,
              fewest_count=params.nearest_label_count),
        evidence, group, params,
    )  # fmt: skip
    nobody = Filling(None, False, 1.0, calibration.no_margins(BY_RATIO, 1), np.zeros((0, 2)))
    so_far = AttributeModel(
        uses, storeys, nobody, nobody, 1.0, edges_year[-1] - 1.0, edges_year, cumulative, pd.DataFrame()
    )
    nothing = np.full(evidence.count, np.nan)
    # a height must not be judged by the storeys that were read from it
    blind = replace(evidence, known_eaves_m=nothing)
    storey, storey_origin = model_of.fill_storeys(blind, group, so_far, params)
    size = model_of.size_classes(evidence, storey[:, 0], params)
    use = known.profile_to_use(group, size)
    factor = _floor_factor(evidence, group, size, params)
    so_far = replace(so_far, floor_height_factor_ratio=factor)
    usual_height, _ = model_of.fill_heights(blind, group, use, storey, storey_origin, so_far, params)
    heights, height_row = _learn_numbers(
        _Task("height_m", "m", evidence.known_eaves_m, model_of.as_quantiles(usual_height), no_stratum,
              BY_RATIO, fewest_count=params.boosting_label_count, extra=(storey[:, 0],)),
        evidence, group, params,
    )  # fmt: skip
    undated = replace(evidence, first_year=nothing, last_year=nothing)
    year_labels = _year_labels(evidence, params)
    latest = np.nanmax(np.append(year_labels, edges_year[-1] - 1.0))
    years, year_row = _learn_numbers(
        _Task("construction_year", "years", year_labels, model_of.stock_quantiles(undated, use, so_far),
              model_of.year_stratum(evidence), BY_UNIT, fewest_count=params.nearest_label_count,
              stratum_count=_YEAR_STRATA, fairness_matters=True),
        evidence, group, params,
    )  # fmt: skip
    quality = pd.DataFrame([use_row, storey_row, height_row, year_row], columns=list(QUALITY_COLUMNS))
    return replace(so_far, heights=heights, years=years, latest_year=float(latest), quality=quality)
