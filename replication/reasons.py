"""Why a district is like a lighthouse, or not: sentences in natural units.

The distance is a sum, so each indicator's part of it is exactly its share of the difference. What
makes alike is where the two lie near each other although districts of chance would not: the
indicator's weight times the distance that chance would give, counted half where the lighthouse's
value is an estimate. At most one reason is given for each topic and at most one that all districts
of the city share, and that one never first: sunshine does not answer a question about form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.types import BoolArray, FloatArray
from replication.dictionary import Indicator, Value, compared_indicators
from replication.distance import indicator_weights
from replication.lighthouses import Feature, Lighthouse

REASON_COUNT = 3
CITY_REASON_COUNT = 1
# parts of the reference range: up to the first two values are alike, above the second they differ
ALIKE_RANGE_SHARE = 0.05
DIFFERENT_RANGE_SHARE = 0.1
SEPARATOR = "; "


@dataclass(frozen=True)
class ReasonParts:
    """What reasons are chosen from, all (n, a, f).

    Attributes
    ----------
    parts : array
        Each indicator's exact part of the distance.
    distances : array
        NaN where a pair is unknown.
    gains : array
        How much nearer than chance each indicator is, weighted; NaN where unknown.
    """

    parts: FloatArray
    distances: FloatArray
    gains: FloatArray


def reason_parts(
    parts: FloatArray, distances: FloatArray, typical: FloatArray, known_share: FloatArray
) -> ReasonParts:
    """Return the parts of the distance beside the nearness that chance does not explain.

    Parameters
    ----------
    parts, distances : (n, a, f) arrays
    typical : (a, f) array
        Mean distance of shuffled districts.
    known_share : (a, f) array
        How much each lighthouse value counts.
    """
    gains = (typical[None] - distances) * indicator_weights() * known_share[None]
    return ReasonParts(parts, distances, gains)


def _pick(order: np.ndarray, fits: BoolArray) -> list[int]:
    """Take the first that fit: one a topic, at most one of the city, and that one never first."""
    indicators = compared_indicators()
    chosen: list[int] = []
    topics: set[str] = set()
    city_count = 0
    held_back: list[int] = []
    for place in order:
        if len(chosen) == REASON_COUNT:
            break
        indicator = indicators[place]
        if not fits[place] or indicator.topic in topics:
            continue
        if indicator.scope == "city":
            if city_count == CITY_REASON_COUNT:
                continue
            if not chosen:
                held_back.append(int(place))
                continue
            city_count += 1
        topics.add(indicator.topic)
        chosen.append(int(place))
    room = min(REASON_COUNT - len(chosen), CITY_REASON_COUNT - city_count)
    return chosen + held_back[:room] if chosen else chosen


def pick_alike(reasons: ReasonParts, district: int, anchor: int) -> list[int]:
    """Return the positions of up to three indicators that make the two alike."""
    gains, distances = reasons.gains[district, anchor], reasons.distances[district, anchor]
    fits = (distances <= ALIKE_RANGE_SHARE) & (gains > 0)
    order = np.argsort(-np.nan_to_num(gains, nan=-np.inf), kind="stable")
    return _pick(order, fits)


def pick_different(reasons: ReasonParts, district: int, anchor: int) -> list[int]:
    """Return the positions of up to three indicators with the largest parts of the distance."""
    parts, distances = reasons.parts[district, anchor], reasons.distances[district, anchor]
    fits = distances > DIFFERENT_RANGE_SHARE
    order = np.argsort(-parts, kind="stable")
    return _pick(order, fits)


def show_here(indicator: Indicator, value: Value, known_share: float) -> str:
    """Return a district's own value; "about" where it was partly filled in."""
    about = "about " if known_share < 1 and indicator.is_number else ""
    return about + indicator.show(value)


def sentence(
    indicator: Indicator, value: Value, known_share: float, feature: Feature, *, is_alike: bool
) -> str:
    """Return one reason in words.

    Examples
    --------
    >>> from replication.dictionary import read_indicators
    >>> there = Feature("plot_ratio", 0.45, 0.22, 0.8, "documented", "a page", "high")
    >>> sentence(read_indicators()["plot_ratio"], 1.5, 1.0, there, is_alike=False)
    'more floor area on the land (1.50 m² per m² against 0.22–0.80 m² per m²)'
    """
    is_higher = indicator.is_number and float(value) > float(feature.value)
    if is_alike:
        template = indicator.alike_text
    else:
        template = indicator.higher_text if is_higher or not indicator.lower_text else indicator.lower_text
    there = indicator.show_range(feature.low, feature.high)
    text = template.format(here=show_here(indicator, value, known_share), there=there)
    is_guess = feature.is_estimate and text.endswith(")")
    return f"{text[:-1]}, an estimate)" if is_guess else text


def reason_texts(
    reasons: ReasonParts,
    values: pd.DataFrame,
    known_share: FloatArray,
    lighthouses: tuple[Lighthouse, ...],
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the reasons for and against every pair, as two tables of texts.

    Parameters
    ----------
    reasons : ReasonParts
    values : DataFrame of n districts
        In natural units, by the names of the dictionary.
    known_share : (n, f) array
    lighthouses : tuple of a lighthouses

    Returns
    -------
    alike, different : n lists of a texts
        Up to three reasons each, joined by semicolons; empty where there is none.
    """
    indicators = compared_indicators()
    columns = {name: values[name].tolist() for name in values.columns}
    alike: list[list[str]] = []
    different: list[list[str]] = []
    for row in range(len(values)):
        alike.append([])
        different.append([])
        for place, lighthouse in enumerate(lighthouses):
            for picked, is_alike, into in (
                (pick_alike(reasons, row, place), True, alike),
                (pick_different(reasons, row, place), False, different),
            ):
                texts = [
                    sentence(
                        indicators[one],
                        columns[indicators[one].name][row],
                        float(known_share[row, one]),
                        lighthouse.features[indicators[one].name],
                        is_alike=is_alike,
                    )
                    for one in picked
                ]
                into[row].append(SEPARATOR.join(texts))
    return alike, different
