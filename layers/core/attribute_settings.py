"""Assumptions behind uses, storeys, heights and construction years, with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from layers.core.facts import fact, note_use, read_facts, value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray
from layers.core.uses import USES

SUBJECT = "attributes"
Range = tuple[float, float, float]
# uses whose buildings are halls: one storey, however high
HALLS = ("assembly", "sport", "industry", "storage")


def _range(fact_id: str) -> Range:
    """Return a fact's usual, low and high value."""
    found = fact(SUBJECT, fact_id)
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    return found.value, low, high


def _by_use(prefix: str, unit: str, missing: Range) -> Mapping[str, Range]:
    known = read_facts(SUBJECT)
    ids = {use: f"{prefix}_{use}_{unit}" for use in USES}
    return {use: _range(ids[use]) if ids[use] in known else missing for use in USES}


def _landuse_profiles() -> Mapping[str, Mapping[str, float]]:
    """Return the shares of uses on each kind of land."""
    profiles: dict[str, dict[str, float]] = {}
    for found in read_facts("landuse_uses").values():
        kind, use = found.id.split(":")
        profiles.setdefault(kind, {})[use] = found.value
        note_use(found)
    return profiles


@dataclass(frozen=True)
class AttributeParams:
    """Settings of the attribute layer.

    Attributes
    ----------
    floor_height_m, dense_storey_count, sparse_storey_count : mapping of use to (usual, low, high)
        Floor-to-floor height, and storeys where it is or is not densely built.
    house_gross_area_m2, terraced_gross_area_m2 : (usual, low, high) floor area of one house
    house_storey_count, terraced_storey_count : (usual, low, high); the ends of a rule's range are no nearer
    hall_footprint_m2 : from this footprint on, where it is not dense, a rule gives one storey, 1000 to 10⁶
    poi_area_m2 : mapping of use to (usual, low, high) floor area behind one point of interest
    landuse_share : mapping of land to mapping of use to share of floor area
    mixed_residential_share : dwellings in a building of unknown use, 0 to 1
    house_like_share : share of dwellings given to a building that only looks like a house, 0 to 1
    sure_share : least probability with which a learned use is believed, 0.5 to 1
    highest_use_error_share : a learned classifier that errs more often is not used, 0 to 1
    dense_built_share : built-up share from which on it is dense, 0.05 to 0.9
    boosting_label_count, nearest_label_count : labels from which on trees, or neighbours, are learned
    neighbour_count : labels that a neighbour estimate looks at, 3 to 50
    reach_m : a neighbour estimate needs a label within this distance, 100 to 10,000
    block_m : side of the blocks of the cross-validation, 100 to 5,000
    fold_count : folds of the cross-validation, 2 to 10
    most_training_count : labels that the trees are grown from at most
    boosting_round_count : trees in a row, 10 to 500
    needed_error_ratio : what is learned must err less than this part of the rule's error, 0.5 to 1
    least_heated_footprint_m2 : free-standing buildings below it are cold unless stated dwellings, 0 to 60
    fair_label_share : from this share of labelled buildings on, their years are a fair sample, 0 to 1
    unfair_trust_share : what learned years weigh beside the country's stock below it, 0 to 1
    poi_reach_m : a point outside all buildings belongs to the nearest within this distance, 0 to 20
    widest_dated_range_year : a dated range is a label for learning when it is not wider
    """

    floor_height_m: Mapping[str, Range] = field(
        default_factory=lambda: _by_use("floor_height", "m", (3.0, 2.5, 4.0))
    )
    dense_storey_count: Mapping[str, Range] = field(
        default_factory=lambda: _by_use("storeys_dense", "count", (2.0, 1.0, 2.0))
    )
    sparse_storey_count: Mapping[str, Range] = field(
        default_factory=lambda: _by_use("storeys_sparse", "count", (2.0, 1.0, 2.0))
    )
    house_gross_area_m2: Range = field(default_factory=lambda: _range("gross_area_house_m2"))
    terraced_gross_area_m2: Range = field(default_factory=lambda: _range("gross_area_terraced_m2"))
    house_storey_count: Range = field(default_factory=lambda: _range("storeys_house_count"))
    terraced_storey_count: Range = field(default_factory=lambda: _range("storeys_terraced_count"))
    hall_footprint_m2: float = field(default_factory=lambda: value(SUBJECT, "hall_footprint_m2"))
    poi_area_m2: Mapping[str, Range] = field(
        default_factory=lambda: _by_use("poi_area", "m2", (0.0, 0.0, 0.0))
    )
    landuse_share: Mapping[str, Mapping[str, float]] = field(default_factory=_landuse_profiles)
    mixed_residential_share: float = field(default_factory=lambda: value(SUBJECT, "mixed_residential_share"))
    house_like_share: float = field(default_factory=lambda: value(SUBJECT, "house_like_share"))
    dense_built_share: float = field(default_factory=lambda: value(SUBJECT, "dense_built_share"))
    house_footprint_m2: float = field(default_factory=lambda: value(SUBJECT, "house_footprint_m2"))
    terraced_elongation_ratio: float = field(
        default_factory=lambda: value(SUBJECT, "terraced_elongation_ratio")
    )
    terraced_row_length_m: float = field(default_factory=lambda: value(SUBJECT, "terraced_row_length_m"))
    terraced_shared_share: float = field(default_factory=lambda: value(SUBJECT, "terraced_shared_share"))
    oldest_default_year: float = field(default_factory=lambda: value(SUBJECT, "oldest_default_year"))
    protection_before_year: float = field(default_factory=lambda: value(SUBJECT, "protection_before_year"))
    plinth_height_m: float = field(default_factory=lambda: value(SUBJECT, "plinth_height_m"))
    # the same pitch as that of the envelope and of roof solar
    roof_angle_deg: float = field(default_factory=lambda: value("solar", "pitch_gabled"))
    least_height_per_storey_m: float = field(
        default_factory=lambda: value(SUBJECT, "least_height_per_storey_m")
    )
    least_heated_footprint_m2: float = field(
        default_factory=lambda: value(SUBJECT, "least_heated_footprint_m2")
    )
    fair_label_share: float = field(default_factory=lambda: value(SUBJECT, "fair_label_share"))
    unfair_trust_share: float = field(default_factory=lambda: value(SUBJECT, "unfair_trust_share"))
    sure_share: float = 0.7
    highest_use_error_share: float = 0.3
    boosting_label_count: int = 200
    nearest_label_count: int = 20
    neighbour_count: int = 12
    reach_m: float = 1500.0
    block_m: float = 300.0
    fold_count: int = 4
    most_training_count: int = 10_000
    boosting_round_count: int = 60
    needed_error_ratio: float = 0.95
    poi_reach_m: float = 4.0
    widest_dated_range_year: float = 20.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "mixed_residential_share": (0, 1), "house_like_share": (0, 1), "dense_built_share": (0.05, 0.9),
            "house_footprint_m2": (50, 1000), "hall_footprint_m2": (1000, 10**6),
            "terraced_elongation_ratio": (1, 10), "terraced_row_length_m": (5, 100),
            "terraced_shared_share": (0.05, 1), "oldest_default_year": (1500, 1940),
            "protection_before_year": (1000, 2020), "plinth_height_m": (0, 2), "roof_angle_deg": (0, 70),
            "least_height_per_storey_m": (1, 3), "least_heated_footprint_m2": (0, 60),
            "fair_label_share": (0, 1), "unfair_trust_share": (0, 1), "sure_share": (0.5, 1),
            "highest_use_error_share": (0, 1),
            "boosting_label_count": (50, 10**7), "nearest_label_count": (10, 10**7),
            "neighbour_count": (3, 50), "reach_m": (100, 10_000), "block_m": (100, 5000),
            "fold_count": (2, 10), "most_training_count": (200, 10**6), "boosting_round_count": (10, 500),
            "needed_error_ratio": (0.5, 1), "poi_reach_m": (0, 20), "widest_dated_range_year": (0, 100),
        }  # fmt: skip
        check_ranges(self, ranges)

    @staticmethod
    def table(by_use: Mapping[str, Range]) -> FloatArray:
        """Return a mapping by use as a (uses, 3) array in the order of `USES`."""
        return np.array([by_use[use] for use in USES], dtype=np.float64)
