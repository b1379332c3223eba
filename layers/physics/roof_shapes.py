"""Which shape a roof has: from its tag, else a probability for each shape.

A priori, shape depends on the kind of building and the size of its outline (a table of shares). The
town's own tagged roofs then move these shares: each stratum of kind and size starts with the weight
of a few imaginary roofs, and every tagged roof counts as one more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray

ROOF_CLASSES = (
    "flat", "gabled", "hipped", "skillion", "pyramidal", "half-hipped", "mansard", "gambrel", "curved"
)  # fmt: skip
FLAT, GABLED, HIPPED, SKILLION, PYRAMIDAL, HALF_HIPPED, MANSARD, GAMBREL, CURVED = range(len(ROOF_CLASSES))
# the first classes may be assumed; the others are only believed when somebody mapped or measured them
ASSUMED_COUNT = HALF_HIPPED
# roofs whose slopes have a break
BROKEN = (MANSARD, GAMBREL)
GROUPS = ("house", "apartment", "hall", "outbuilding", "other")
GROUP_OF_USE = {
    "residential_single": "house",
    "residential_terraced": "house",
    "residential_multi": "apartment",
    "office": "hall",
    "retail": "hall",
    "education": "hall",
    "hospital": "hall",
    "sport": "hall",
    "industry": "hall",
    "storage": "hall",
    "outbuilding": "outbuilding",
}
# values of OpenStreetMap's roof:shape
CLASS_OF_TAG = {
    "flat": FLAT,
    "gabled": GABLED,
    "saltbox": GABLED,
    "double_saltbox": GABLED,
    # a gable upside down has the same planes, each on the other side
    "butterfly": GABLED,
    "side_half-hipped": HALF_HIPPED,
    "half-hipped": HALF_HIPPED,
    "half_hipped": HALF_HIPPED,
    "gambrel": GAMBREL,
    # two chords on either side stand for a barrel
    "round": GAMBREL,
    "hipped": HIPPED,
    "side_hipped": HIPPED,
    "hipped-and-gabled": HIPPED,
    "mansard": MANSARD,
    "skillion": SKILLION,
    # each tooth is a skillion
    "sawtooth": SKILLION,
    "lean_to": SKILLION,
    "pyramidal": PYRAMIDAL,
    "dome": CURVED,
    "onion": CURVED,
    "cone": CURVED,
    "conical": CURVED,
    "sphere": CURVED,
}
_TABLE = Path(__file__).resolve().parent.parent / "data" / "roof_shapes.csv"


@dataclass(frozen=True)
class ShapePrior:
    """Shares of shapes by stratum; `size_m2` holds the lower bounds of the size classes.

    `share` is (groups, sizes, 5).
    """

    size_m2: FloatArray
    share: FloatArray


@cache
def read_shape_prior() -> ShapePrior:
    """Read the table of shares; each stratum adds up to 1."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    sizes = np.unique([float(row["lowest_m2"]) for row in rows])
    share = np.zeros((len(GROUPS), len(sizes), ASSUMED_COUNT))
    for row in rows:
        size = int(np.searchsorted(sizes, float(row["lowest_m2"])))
        values = [float(row[f"{name}_share"]) for name in ROOF_CLASSES[:ASSUMED_COUNT]]
        share[GROUPS.index(row["group"]), size] = values
    return ShapePrior(sizes, share / share.sum(axis=-1, keepdims=True))


def tagged_class(roof_shape: ObjectArray) -> IntArray:
    """Return the class of each tag, -1 where there is none or it is not understood.

    Examples
    --------
    >>> tagged_class(np.array(["gabled", None, "Flat", "many"], dtype=object))
    array([ 1, -1,  0, -1])
    """
    return np.array(
        [CLASS_OF_TAG.get(tag.strip().lower(), -1) if isinstance(tag, str) else -1 for tag in roof_shape],
        dtype=np.int64,
    )


def assumed_class(known_class: IntArray) -> IntArray:
    """Return the class that stands for each known one where shapes are learned; -1 for none.

    Rare shapes count for the common one that is most like them.

    Examples
    --------
    >>> assumed_class(np.array([FLAT, MANSARD, HALF_HIPPED, CURVED, -1]))
    array([ 0,  2,  1, -1, -1])
    """
    stands_for = np.arange(len(ROOF_CLASSES) + 1)
    stands_for[[HALF_HIPPED, GAMBREL, MANSARD, CURVED, -1]] = GABLED, GABLED, HIPPED, -1, -1
    return np.asarray(stands_for[known_class], dtype=np.int64)


def strata(use: ObjectArray, footprint_area_m2: FloatArray) -> tuple[IntArray, IntArray]:
    """Return group and size class of each building."""
    other = GROUPS.index("other")
    number = {name: GROUPS.index(group) for name, group in GROUP_OF_USE.items()}
    group = np.array([number.get(str(name), other) for name in use], dtype=np.int64)
    bounds = read_shape_prior().size_m2
    size = np.clip(np.searchsorted(bounds, footprint_area_m2, side="right") - 1, 0, len(bounds) - 1)
    return group, size.astype(np.int64)


def learn_shape_shares(
    group: IntArray, size: IntArray, known_class: IntArray, prior_count: float
) -> FloatArray:
    """Return the shares of shapes by stratum after the town's tagged roofs have been counted.

    Parameters
    ----------
    group, size : (n,) arrays
        From `strata`.
    known_class : (n,) array
        From `tagged_class`.
    prior_count : float
        How many roofs the table of shares weighs in each stratum; larger than zero.

    Returns
    -------
    (groups, sizes, 5) array
    """
    prior = read_shape_prior().share
    counts = np.zeros_like(prior)
    assumed = assumed_class(known_class)
    known: BoolArray = np.greater_equal(assumed, 0)
    np.add.at(counts, (group[known], size[known], assumed[known]), 1.0)
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray((prior * prior_count + counts) / (prior_count + total), dtype=np.float64)


def class_probabilities(
    group: IntArray, size: IntArray, known_class: IntArray, shares: FloatArray
) -> FloatArray:
    """Return each roof's probability of each class; a tagged roof has its class for certain.

    Returns
    -------
    (n, classes) array
        Rows add up to 1.
    """
    chance = np.zeros((len(group), len(ROOF_CLASSES)))
    chance[:, :ASSUMED_COUNT] = shares[group, size]
    known = known_class >= 0
    chance[known] = np.eye(len(ROOF_CLASSES))[known_class[known]]
    return chance
