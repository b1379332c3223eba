"""Which lighthouse a district is most like, how sure that is, and why.

    similarity  S = 1 − Σ w d / Σ w          over the indicators known on both sides
    coverage    c = Σ w min(known here, known there)          estimates count half
    cautious    S' = c S + (1 − c) m          m: median of the reference pool

Lighthouses are ordered by the cautious similarity, so that one of which little is known cannot win
by that. A district is *close* to the first when S' is above what one in twenty districts of chance
reaches with the same features known and half of the weight could be compared, *partial* when S' is
above what half of them reach, and otherwise it has *no close analogue*: that is an answer. A
lighthouse that is known from documents only is never named. The block weights are drawn 2,000 times
around their values; how often a lighthouse comes first says how much of the answer is the weights'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.types import BoolArray, FloatArray
from replication.chance import chance_limits, read_scale, typical_distances
from replication.dictionary import compared_indicators
from replication.distance import Anchors, Points, indicator_weights, scale_lighthouses, scale_table
from replication.district_table import DistrictIndicators
from replication.lighthouses import Library, Lighthouse
from replication.pairs import Pairs, SimilarityParams, compare_pairs, first_probabilities
from replication.reasons import reason_parts, reason_texts
from replication.statements import (
    CLOSE,
    DOCUMENTS_ONLY,
    NONE,
    NOT_ASSESSABLE,
    PARTIAL,
    SIMILARITY_CLASSES,
    Theme,
    district_notes,
    make_theme,
)

__all__ = ["ADDS", "SIMILARITY_CLASSES", "Comparison", "SimilarityParams", "Theme", "compare_districts"]

ADDS: tuple[Column, ...] = (
    Column("lighthouse_id", "lighthouse it is most like; none without a close analogue", "text", gaps=True),
    Column("nearest_lighthouse_id", "lighthouse that is the least different", "text", gaps=True),
    Column("similarity_share", "likeness to that lighthouse", lowest=0, highest=1, gaps=True),
    Column("coverage_share", "how much was compared; estimates count half", lowest=0, highest=1, gaps=True),
    Column(
        "cautious_similarity_share", "likeness, drawn to the usual where little could be compared",
        lowest=0, highest=1, gaps=True,
    ),
    Column(
        "first_probability_share", "how often it stays first when the weights are drawn",
        lowest=0, highest=1, gaps=True,
    ),
    Column("similarity_class", "how near the lighthouse is", "category", allowed=SIMILARITY_CLASSES),
    Column("documented_lighthouse_id", "the least different without the estimates", "text", gaps=True),
    Column("tied_lighthouse_ids", "lighthouses that are about as near", "text"),
    Column("similarity_note", "the answer in one sentence", "text"),
    Column("reasons_alike", "what makes them alike", "text"),
    Column("reasons_different", "what makes them differ", "text"),
)  # fmt: skip
# rounding that hides the last bits, in which equal sums may differ
DECIMALS = 9


@dataclass(frozen=True)
class Comparison:
    """Every district against every lighthouse district.

    Attributes
    ----------
    similarities : DataFrame
        One row a pair: `district_id`, `lighthouse_id`, `similarity_share`, `coverage_share`,
        `first_probability_share`, `reasons_alike`, `reasons_different`, `similarity_class`, and
        `compared_share`, `cautious_similarity_share`, `documented_similarity_share`,
        `documented_coverage_share`, `may_be_named`.
    district_columns : DataFrame, index `district_id`
        `lighthouse_id` (missing where there is no close analogue), `nearest_lighthouse_id`,
        `similarity_share`, `coverage_share`, `first_probability_share`, `similarity_class`,
        `documented_lighthouse_id`, `tied_lighthouse_ids`, `similarity_note`, `reasons_alike`,
        `reasons_different`.
    theme : Theme
        What the run says first about its lighthouses, and what its map calls the theme.
    parts : (n, a, f) array
        Each indicator's exact part of 1 − similarity.
    """

    similarities: pd.DataFrame
    district_columns: pd.DataFrame
    theme: Theme
    parts: FloatArray
    lighthouse_ids: tuple[str, ...]

    def explain(self, district_id: str, lighthouse_id: str) -> pd.Series:
        """Return each compared indicator's part of 1 − similarity of one pair, largest first."""
        row = self.district_columns.index.get_loc(district_id)
        place = self.lighthouse_ids.index(lighthouse_id)
        names = [indicator.name for indicator in compared_indicators()]
        return pd.Series(self.parts[row, place], index=names, name="part_share").sort_values(
            ascending=False, kind="stable"
        )


def _best(cautious: FloatArray, may_be_named: BoolArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the second named lighthouse of every district; -1 where there is none."""
    scores = np.where(may_be_named[None], np.round(cautious, DECIMALS), -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")
    count = int(may_be_named.sum())
    nobody = np.full(len(cautious), -1)
    return (order[:, 0] if count > 0 else nobody), (order[:, 1] if count > 1 else nobody)


def _classes(
    pairs: Pairs,
    limits: tuple[FloatArray, FloatArray],
    assessable: BoolArray,
    may_be_named: BoolArray,
    params: SimilarityParams,
) -> np.ndarray:
    """Return the class of every pair; (n, a) of text."""
    partial, close = limits
    is_close = (pairs.cautious > close[:, None]) & (pairs.coverage >= params.close_coverage_share)
    found = np.where(pairs.cautious > partial[:, None], PARTIAL, NONE)
    found = np.where(is_close, CLOSE, found)
    found = np.where(may_be_named[None], found, DOCUMENTS_ONLY)
    return np.where(assessable[:, None], found, NOT_ASSESSABLE)


def _pair_table(
    points: Points,
    anchors: Anchors,
    pairs: Pairs,
    firm: Pairs,
    first: FloatArray,
    classes: np.ndarray,
    texts: tuple[list[list[str]], list[list[str]]],
) -> pd.DataFrame:
    def flat(array: FloatArray) -> FloatArray:
        return np.asarray(np.round(array, DECIMALS).ravel())

    return pd.DataFrame(
        {
            "district_id": np.repeat(np.array(points.ids, dtype=object), len(anchors.ids)),
            "lighthouse_id": np.tile(np.array(anchors.ids, dtype=object), len(points.ids)),
            "similarity_share": flat(pairs.similarity),
            "coverage_share": flat(pairs.coverage),
            "first_probability_share": flat(first),
            "reasons_alike": [text for row in texts[0] for text in row],
            "reasons_different": [text for row in texts[1] for text in row],
            "similarity_class": classes.ravel().astype(object),
            "compared_share": flat(pairs.compared),
            "cautious_similarity_share": flat(pairs.cautious),
            "documented_similarity_share": flat(firm.similarity),
            "documented_coverage_share": flat(firm.coverage),
            "may_be_named": np.tile(anchors.may_be_named, len(points.ids)),
        }
    )


def _named(
    ids: tuple[str, ...], places: np.ndarray
) -> pd.arrays.StringArray | pd.api.extensions.ExtensionArray:
    return pd.array([ids[place] if place >= 0 else pd.NA for place in places], dtype="string")


def _tied(
    places: tuple[np.ndarray, np.ndarray, np.ndarray],
    pairs: Pairs,
    first: FloatArray,
    assessable: BoolArray,
    params: SimilarityParams,
) -> list[tuple[int, ...]]:
    """Return, for every district, the lighthouses that are about as near as the first."""
    best, second, documented = places
    rows = np.arange(len(best))
    gap = pairs.cautious[rows, best] - pairs.cautious[rows, second]
    unsure = first[rows, best] < params.least_first_share
    near = (second >= 0) & assessable & ((gap < params.tie_share) | unsure)
    other = (documented >= 0) & assessable & (documented != best)
    return [
        tuple(
            dict.fromkeys(
                ([int(second[row])] if near[row] else []) + ([int(documented[row])] if other[row] else [])
            )
        )
        for row in rows
    ]


def compare_districts(
    indicators: DistrictIndicators,
    library: Library,
    seed: int,
    params: SimilarityParams | None = None,
) -> Comparison:
    """Compare districts with the lighthouse districts of a library.

    Parameters
    ----------
    indicators : DistrictIndicators
        From `replication.indicators.compute_indicators`.
    library : Library
    seed : int
        Seed of the drawn weights.

    Returns
    -------
    Comparison
        The rows of `district_columns` are those of the indicators, in their order.
    """
    chosen = params or SimilarityParams()
    lighthouses = library.compared()
    anchors = scale_lighthouses(lighthouses, chosen.least_coverage_share)
    points = scale_table(indicators.values, indicators.known_share)
    pairs, firm = compare_pairs(points, anchors), compare_pairs(points, anchors, firm_only=True)
    first = first_probabilities(pairs, anchors, chosen, seed)
    assessable = points.known_share @ indicator_weights() >= chosen.least_known_share
    limits = chance_limits(points.known_share, anchors, read_scale().pool_median_share)
    classes = _classes(pairs, limits, assessable, anchors.may_be_named, chosen)
    reasons = reason_parts(pairs.parts, pairs.distances, typical_distances(anchors), anchors.known_share)
    texts = reason_texts(reasons, indicators.values, points.known_share, lighthouses)
    table = _pair_table(points, anchors, pairs, firm, first, classes, texts)
    best, second = _best(pairs.cautious, anchors.may_be_named)
    documented, _ = _best(firm.cautious, anchors.may_be_named)
    tied = _tied((best, second, documented), pairs, first, assessable, chosen)
    columns = _district_columns(table, lighthouses, (best, documented), tied, points, assessable)
    theme = make_theme(columns["similarity_class"], library, chosen.least_coverage_share)
    return Comparison(table, columns, theme, pairs.parts, anchors.ids)


def _district_columns(
    table: pd.DataFrame,
    lighthouses: tuple[Lighthouse, ...],
    places: tuple[np.ndarray, np.ndarray],
    tied: list[tuple[int, ...]],
    points: Points,
    assessable: BoolArray,
) -> pd.DataFrame:
    best, documented = places
    ids = tuple(one.id for one in lighthouses)
    index = pd.Index(points.ids, name="district_id", dtype=object)
    is_named = assessable & (best >= 0)
    rows = np.arange(len(index)) * len(ids) + np.maximum(best, 0)
    found = table.iloc[rows].set_index(index)
    numbers = ["similarity_share", "coverage_share", "cautious_similarity_share", "first_probability_share"]
    texts = ["reasons_alike", "reasons_different"]
    nobody = np.where(assessable, NONE, NOT_ASSESSABLE)
    classes = np.where(is_named, found["similarity_class"].to_numpy(dtype=object), nobody)
    has_analogue = np.isin(classes.astype(str), [CLOSE, PARTIAL])
    return pd.DataFrame(
        {
            "lighthouse_id": _named(ids, np.where(has_analogue, best, -1)),
            "nearest_lighthouse_id": _named(ids, np.where(is_named, best, -1)),
            **{name: np.where(is_named, found[name].to_numpy(dtype=float), np.nan) for name in numbers},
            "similarity_class": classes,
            "documented_lighthouse_id": _named(ids, np.where(assessable, documented, -1)),
            "tied_lighthouse_ids": [", ".join(ids[place] for place in one) for one in tied],
            "similarity_note": district_notes(classes, best, tied, lighthouses),
            **{name: np.where(is_named, found[name].to_numpy(dtype=object), "") for name in texts},
        },
        index=index,
    )
