"""Learning shapes of roofs: used where it does better on squares that were not seen, and honest about it."""

import numpy as np
import pytest

from layers.physics.imputation import spatial_folds
from layers.physics.roof_learning import FOLDS, Labels, learn_shapes
from layers.physics.roof_shapes import FLAT, GABLED, HIPPED, strata


def town(count, rule, seed=1):
    """Return labels of houses and halls; `rule` says the shape from width, year and chance."""
    rng = np.random.default_rng(seed)
    area = rng.uniform(80, 140, count)
    year = rng.uniform(1880, 2020, count)
    x, y = rng.uniform(0, 5000, (2, count))
    group, size = strata(np.full(count, "residential_single", dtype=object), area)
    known = rule(area, year, rng.uniform(0, 1, count))
    features = np.column_stack([area, year, rng.normal(0, 1, count)])
    folds = spatial_folds(x, y, 500.0, FOLDS)
    return Labels(features, group, size, known, folds, rng.permutation(count).astype(np.uint64)), year


def by_year(area, year, chance):
    # nine in ten houses after 1960 are flat, nine in ten before it gabled
    flat = np.where(year > 1960, 0.9, 0.1)
    return np.where(chance < flat, FLAT, GABLED)


def by_chance(area, year, chance):
    return np.where(chance < 0.6, GABLED, np.where(chance < 0.8, HIPPED, FLAT))


def test_what_can_be_learned_is_learned_with_chances_that_come_true():
    labels, year = town(2000, by_year)
    model = learn_shapes(labels, 20.0, 300, 0.01)
    assert model.classifier is not None and model.mix >= 0.5
    chance, learned = model.guess(labels.features, labels.group, labels.size)
    assert learned.all()
    assert chance.sum(axis=1) == pytest.approx(np.ones(2000))
    new, old = chance[year > 1965], chance[year < 1955]
    assert new[:, FLAT].mean() == pytest.approx(0.9, abs=0.04)
    assert old[:, GABLED].mean() == pytest.approx(0.9, abs=0.04)
    quality = model.quality.set_index(["method", "stated"])
    ours, plain = quality.loc[("learned", "all")], quality.loc[("by kind and size", "all")]
    assert ours["log_likelihood_ratio"] > plain["log_likelihood_ratio"] + 0.2
    # what is stated with some confidence happens about as often as it is stated
    bins = model.quality[(model.quality["method"] == "learned") & (model.quality["stated"] != "all")]
    assert bins["roof_count"].sum() == 2000
    off = (bins["stated_share"] - bins["right_share"]).abs()
    assert np.average(off, weights=bins["roof_count"]) < 0.03


def test_where_nothing_can_be_learned_the_shares_stay():
    labels, _ = town(1500, by_chance)
    model = learn_shapes(labels, 20.0, 300, 0.01)
    chance, learned = model.guess(labels.features, labels.group, labels.size)
    assert not learned.any()
    counted = 20 * np.array([0.10, 0.64, 0.18, 0.05, 0.03]) + np.bincount(labels.known_class, minlength=5)
    assert chance[0, :5] == pytest.approx(counted / 1520)


def test_few_labels_are_counted_only():
    labels, _ = town(120, by_year)
    model = learn_shapes(labels, 20.0, 300, 0.01)
    assert model.classifier is None and len(model.quality) == 0


def test_the_order_of_roofs_changes_nothing():
    labels, _ = town(600, by_year)
    order = np.random.default_rng(2).permutation(600)
    mixed = Labels(*(getattr(labels, name)[order] for name in Labels.__dataclass_fields__))
    one = learn_shapes(labels, 20.0, 300, 0.01)
    two = learn_shapes(mixed, 20.0, 300, 0.01)
    first = one.guess(labels.features, labels.group, labels.size)[0]
    second = two.guess(labels.features, labels.group, labels.size)[0]
    assert (first == second).all()
