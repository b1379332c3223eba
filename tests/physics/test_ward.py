"""Ward's grouping along links, against an independent implementation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from sklearn.cluster import AgglomerativeClustering

from layers.physics.grouping import Sizes, agreement_shares, contiguity_links, group_alike, open_links
from layers.physics.ward import cut_merges, renumber, ward_merges


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("group_count", [2, 7, 40])
def test_groups_are_those_of_scikit_learn(seed, group_count):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (400, 2))
    features = np.column_stack([xy / 300, rng.normal(size=(400, 3))])
    links = contiguity_links(xy)
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(400, 400))
    expected = AgglomerativeClustering(
        n_clusters=group_count, connectivity=(graph + graph.T).tocsr(), linkage="ward"
    ).fit_predict(features)
    assert (renumber(expected) == cut_merges(400, ward_merges(features, links), group_count)).all()


def test_groups_never_jump_over_a_missing_link():
    features = np.array([[0.0], [9.0], [0.1]])
    merges = ward_merges(features, np.array([[0, 1]]))
    assert cut_merges(3, merges, 1).tolist() == [0, 0, 1]


def test_points_on_a_line_are_linked_in_a_row_and_stacked_points_to_each_other():
    assert contiguity_links(np.array([[0.0, 0], [0.0, 0], [5.0, 0]])).tolist() == [[0, 1], [0, 2]]
    assert contiguity_links(np.array([[3.0, 3.0]])).tolist() == []


def test_long_links_are_closed():
    xy = np.array([[0.0, 0.0], [400.0, 0.0], [801.0, 0.0]])
    assert open_links(xy, contiguity_links(xy), np.array([], dtype=object), 400.0).tolist() == [True, False]


def test_a_crowd_behind_a_barrier_joins_the_group_around_it():
    xy = np.column_stack([np.arange(60) % 10 * 10.0, np.arange(60) // 10 * 10.0])
    links = contiguity_links(xy)
    island = np.isin(np.arange(60), [33, 34])
    is_open = island[links[:, 0]] == island[links[:, 1]]
    labels = group_alike(xy / 300, links, is_open, Sizes(10, 60, 1, 1))
    assert (labels == 0).all()


def test_groups_that_are_found_again_in_every_rerun_are_stable():
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert agreement_shares(labels, [labels[::-1].copy()]).tolist() == [1.0, 1.0]
    # the other grouping moves one row: 2 of 3 rows shared, 3 of 4
    assert agreement_shares(labels, [np.array([0, 0, 1, 1, 1, 1])]) == pytest.approx([2 / 3, 3 / 4])
