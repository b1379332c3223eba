"""Similarity of every district with every lighthouse, and how often each lighthouse comes first.

similarity  S = 1 − Σ w d / Σ w          over the indicators known on both sides
coverage    c = Σ w min(known here, known there)          estimates count half
cautious    S' = c S + (1 − c) m          m: median of the reference pool
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtr

from layers.core.draws import Draws
from layers.core.types import FloatArray
from replication.chance import cautious_similarity, read_scale
from replication.dictionary import compared_indicators, read_block_weights
from replication.distance import Anchors, Points, indicator_distances, indicator_weights, weighted_parts

SAME = 1e-9
CHUNK_VALUES = 4_000_000


@dataclass(frozen=True)
class SimilarityParams:
    """How sure the answer must be.

    Attributes
    ----------
    least_coverage_share : float
        Coverage, of all and of form and street, below which a lighthouse is never named. [0, 1]
    close_coverage_share : float
        Coverage of a pair below which it is at most a partial analogue. [0, 1]
    least_known_share : float
        Weight of a district's own known indicators below which it is not assessable. [0, 1]
    draw_count : int
        Draws of the block weights. [1, 100000]
    weight_concentration_ratio : float
        Concentration of the drawn block weights; larger is nearer to the given ones. [1, 1000]
    tie_share : float
        Two lighthouses nearer to each other than this are equally near. [0, 0.1]
    least_first_share : float
        Below this share of first places the first one is not sure. [0, 1]
    """

    least_coverage_share: float = 0.5
    close_coverage_share: float = 0.5
    least_known_share: float = 0.25
    draw_count: int = 2000
    weight_concentration_ratio: float = 30.0
    tie_share: float = 0.01
    least_first_share: float = 0.5

    def __post_init__(self) -> None:
        for name in (
            "least_coverage_share",
            "close_coverage_share",
            "least_known_share",
            "least_first_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, found {getattr(self, name)}")
        if not 1 <= self.draw_count <= 100_000:
            raise ValueError(f"draw_count must lie between 1 and 100000, found {self.draw_count}")
        if not 1 <= self.weight_concentration_ratio <= 1000:
            raise ValueError("weight_concentration_ratio must lie between 1 and 1000")
        if not 0 <= self.tie_share <= 0.1:
            raise ValueError(f"tie_share must lie between 0 and 0.1, found {self.tie_share}")


@dataclass(frozen=True)
class Pairs:
    """Similarity of every pair, (n, a) each, with the distances behind it."""

    similarity: FloatArray
    coverage: FloatArray
    compared: FloatArray
    cautious: FloatArray
    distances: FloatArray
    parts: FloatArray
    known_share: FloatArray


def compare_pairs(points: Points, anchors: Anchors, *, firm_only: bool = False) -> Pairs:
    """Return similarity and coverage of every pair; with `firm_only` no lighthouse estimate is used."""
    distances = indicator_distances(points.scaled, anchors.low, anchors.high)
    if firm_only:
        distances = np.where(anchors.is_firm[None], distances, np.nan)
    parts, compared = weighted_parts(distances, indicator_weights())
    both = np.minimum(points.known_share[:, None, :], anchors.known_share[None])
    known_share = np.where(np.isnan(distances), 0.0, both)
    coverage = known_share @ indicator_weights()
    similarity = np.where(compared > 0, 1 - parts.sum(axis=2), np.nan)
    median = read_scale().pool_median_share
    cautious = cautious_similarity(np.nan_to_num(similarity, nan=median), coverage, median)
    return Pairs(similarity, coverage, compared, cautious, distances, parts, known_share)


def draw_block_weights(params: SimilarityParams, seed: int) -> FloatArray:
    """Return block weights drawn around the given ones, each draw adding up to 1.

    A Dirichlet distribution, made of gamma numbers by the inverse of their distribution.

    Returns
    -------
    (blocks, draws) array
        In the order of the blocks that have a weight.
    """
    weights = {block: weight for block, weight in read_block_weights().items() if weight > 0}
    draws = Draws(seed=seed, count=params.draw_count)
    gammas = np.array(
        [
            gammaincinv(
                params.weight_concentration_ratio * weight, ndtr(draws.shared(f"block weight:{block}"))
            )
            for block, weight in weights.items()
        ]
    )
    return np.asarray(gammas / gammas.sum(axis=0))


def first_probabilities(pairs: Pairs, anchors: Anchors, params: SimilarityParams, seed: int) -> FloatArray:
    """Return how often each lighthouse comes first when the block weights are drawn.

    Returns
    -------
    (n, a) array
        Rows add up to 1 where a lighthouse may be named; equal firsts share the draw.
    """
    shape = pairs.similarity.shape
    named = np.flatnonzero(anchors.may_be_named)
    result = np.zeros(shape)
    if not len(named) or not shape[0]:
        return result
    blocks = [block for block, weight in read_block_weights().items() if weight > 0]
    of_block = np.array([blocks.index(indicator.block) for indicator in compared_indicators()])
    base = np.array([read_block_weights()[block] for block in blocks])
    factors = draw_block_weights(params, seed) / base[:, None]
    into_blocks = np.zeros((len(of_block), len(blocks)))
    into_blocks[np.arange(len(of_block)), of_block] = indicator_weights()
    distances = pairs.distances[:, named]
    apart = np.nan_to_num(distances) @ into_blocks
    whole = (~np.isnan(distances)).astype(float) @ into_blocks
    known = pairs.known_share[:, named] @ into_blocks
    step = max(1, CHUNK_VALUES // (len(named) * factors.shape[1]))
    for start in range(0, shape[0], step):
        rows = slice(start, start + step)
        result[rows, named] = _first_shares(apart[rows], whole[rows], known[rows], factors)
    return result


def _first_shares(apart: FloatArray, whole: FloatArray, known: FloatArray, factors: FloatArray) -> FloatArray:
    median = read_scale().pool_median_share
    compared = whole @ factors
    similarity = 1 - (apart @ factors) / np.where(compared > 0, compared, 1.0)
    cautious = cautious_similarity(np.where(compared > 0, similarity, median), known @ factors, median)
    is_first = cautious >= cautious.max(axis=1, keepdims=True) - SAME
    return np.asarray((is_first / is_first.sum(axis=1, keepdims=True)).mean(axis=2))
