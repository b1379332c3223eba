"""Factors of groups that bring a model to known totals, and no further from it than they must.

Every known total t is a sum over parts p of the model (heat for the rooms of one kind and period, hot
water of one use), M_t = Σ_p B_tp e^θp. The log-factors θ minimise

    Σ_t ((ln M_t − ln T_t) / σ_t)²  +  θᵀ C⁻¹ θ,      θ = c + k(p) + d(p)

with the error σ of each total and a prior around "the model is right": c for what all parts have in
common, k for what those of one kind have, d for what those of one place have. That is raking, the iterative
proportional fitting of Deming and Stephan (1940), with a ridge: a total of little certainty, or little of a
part, moves it little. Solved by Gauss–Newton steps in whitened coordinates, each halved until it helps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse

from layers.core.types import FloatArray, IntArray

MOST_STEPS_COUNT = 100
MOST_HALVINGS_COUNT = 40
# a step smaller than this, in deviations of the prior, changes nothing that anybody sees
SMALLEST_STEP = 1e-9
ROUNDING = 1e-12
# a draw may leave a square without any heat, and nothing has no logarithm
LEAST_KWH = 1e-6


@dataclass(frozen=True)
class Entries:
    """Which part of the model counts to which total: one entry a pair that occurs.

    Attributes
    ----------
    total, part : (e,) arrays
        Numbers of the total and of the part of each entry.
    space, water : (e, n) sparse matrices
        With which weight each building's heat for the rooms, and its hot water, counts in each entry.
    total_count, part_count : int
    kind, place : (p,) arrays
        Kind of each part, and its place, −1 where the place has no factor of its own.
    """

    total: IntArray
    part: IntArray
    space: scipy.sparse.csr_matrix
    water: scipy.sparse.csr_matrix
    total_count: int
    part_count: int
    kind: IntArray
    place: IntArray

    def amounts(self, space_kwh: FloatArray, water_kwh: FloatArray, rows: slice = slice(None)) -> FloatArray:
        """Add buildings up to entries.

        Parameters
        ----------
        space_kwh, water_kwh : (n,) or (n, d) arrays
            Of the buildings of `rows`.

        Returns
        -------
        (e,) or (e, d) array
        """
        return np.asarray(self.space[:, rows] @ space_kwh + self.water[:, rows] @ water_kwh)

    def sums(self, amounts_kwh: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Add entries up to totals, with the factors of one solution.

        Parameters
        ----------
        amounts_kwh : (e,) array
        log_ratio : (p,) array
        """
        grown = amounts_kwh * np.exp(log_ratio[self.part])
        return np.bincount(self.total, grown, minlength=self.total_count).astype(np.float64)


def make_entries(
    shares: scipy.sparse.csr_matrix,
    space_part: IntArray,
    water_part: IntArray,
    space_weight: FloatArray,
    water_weight: FloatArray,
    part_count: int,
    *,
    kind: IntArray | None = None,
    place: IntArray | None = None,
) -> Entries:
    """Pair totals with the parts of the model that occur in them.

    Parameters
    ----------
    shares : (t, n) sparse matrix
        Which share of each building belongs to each total.
    space_part, water_part : (n,) arrays
        Part of each building's heat for the rooms and of its hot water.
    space_weight, water_weight : (t,) arrays
        What of the two a total counts: 1 and 0 for rooms only.
    kind, place : (p,) arrays, optional
        Each part is a kind of its own, and no place has a factor, where they are not given.
    """
    pairs = shares.tocoo()
    total, building, share = pairs.row.astype(np.int64), pairs.col.astype(np.int64), pairs.data
    count = shares.shape[0]
    keys = [total * part_count + part[building] for part in (space_part, water_part)]
    known, at = np.unique(np.concatenate(keys), return_inverse=True)
    at = at.reshape(-1)

    def weights(entry: IntArray, weight: FloatArray) -> scipy.sparse.csr_matrix:
        values = share * weight[total]
        return scipy.sparse.csr_matrix((values, (entry, building)), shape=(len(known), shares.shape[1]))

    return Entries(
        known // part_count, known % part_count, weights(at[: len(total)], space_weight),
        weights(at[len(total) :], water_weight), count, part_count,
        np.arange(part_count) if kind is None else kind,
        np.full(part_count, -1) if place is None else place,
    )  # fmt: skip


@dataclass(frozen=True)
class Prior:
    """How far log-factors may be expected from zero: what all have in common, each kind's, each place's."""

    common_ratio: float
    own_ratio: float
    place_ratio: float = 0.0

    def root(self, kind: IntArray, place: IntArray) -> scipy.sparse.csr_matrix:
        """Return what turns independent standard deviations (common, kinds, places) into log-factors."""
        rows = np.arange(len(kind))
        placed = np.flatnonzero(place >= 0)
        kinds, places = int(kind.max(initial=-1)) + 1, int(place.max(initial=-1)) + 1
        values = [
            np.full(len(kind), self.common_ratio), np.full(len(kind), self.own_ratio),
            np.full(len(placed), self.place_ratio),
        ]  # fmt: skip
        columns = [np.zeros(len(kind), dtype=np.int64), 1 + kind, 1 + kinds + place[placed]]
        return scipy.sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate([rows, rows, placed]), np.concatenate(columns))),
            shape=(len(kind), 1 + kinds + places),
        )


@dataclass(frozen=True)
class Raked:
    """A solution.

    Attributes
    ----------
    log_ratio : (p,) array
        Log-factors of the parts.
    kind_log_ratio, kind_deviation_ratio : arrays of one entry a kind
        What kinds have without their places, and how uncertain that is left (one standard deviation).
    place_log_ratio, place_deviation_ratio : arrays of one entry a place
        What places add.
    whitened : array
        The solution in independent standard deviations, from which a like problem may begin.
    """

    log_ratio: FloatArray
    kind_log_ratio: FloatArray
    kind_deviation_ratio: FloatArray
    place_log_ratio: FloatArray
    place_deviation_ratio: FloatArray
    whitened: FloatArray


@dataclass(frozen=True)
class _Problem:
    entries: Entries
    amounts_kwh: FloatArray
    log_given: FloatArray
    precision: FloatArray
    root: scipy.sparse.csr_matrix

    def misfit(self, log_ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return ln M − ln T, and M."""
        sums = np.maximum(self.entries.sums(self.amounts_kwh, log_ratio), LEAST_KWH)
        return np.log(sums) - self.log_given, sums

    def loss(self, whitened: FloatArray) -> float:
        miss, _ = self.misfit(self.root @ whitened)
        return float(self.precision @ miss**2 + whitened @ whitened)

    def slopes(self, whitened: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the (t, p) slopes of ln M in whitened coordinates, and ln T − ln M, both over the errors."""
        log_ratio = self.root @ whitened
        miss, sums = self.misfit(log_ratio)
        entries, weight = self.entries, np.sqrt(self.precision)
        part_of_sum = self.amounts_kwh * np.exp(log_ratio[entries.part]) / sums[entries.total]
        slope = scipy.sparse.csr_matrix(
            (part_of_sum * weight[entries.total], (entries.total, entries.part)),
            shape=(entries.total_count, entries.part_count),
        )
        return (slope @ self.root).toarray(), -miss * weight


def _ridge(slopes: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return u that minimises |slopes · u − wanted|² + |u|², by whichever matrix is smaller."""
    t, p = slopes.shape
    if t < p:
        inner = scipy.linalg.solve(slopes @ slopes.T + np.eye(t), wanted, assume_a="pos")
        return np.asarray(slopes.T @ inner)
    return np.asarray(scipy.linalg.solve(slopes.T @ slopes + np.eye(p), slopes.T @ wanted, assume_a="pos"))


def _left_variance(slopes: FloatArray, root: FloatArray) -> FloatArray:
    """Return the diagonal of root (1 + slopesᵀ slopes)⁻¹ rootᵀ, by whichever matrix is smaller."""
    t, p = slopes.shape
    if t < p:
        seen = slopes @ root.T
        inner = scipy.linalg.solve(slopes @ slopes.T + np.eye(t), seen, assume_a="pos")
        return np.asarray((root**2).sum(axis=1) - (seen * inner).sum(axis=0))
    inner = scipy.linalg.solve(slopes.T @ slopes + np.eye(p), root.T, assume_a="pos")
    return np.asarray((root.T * inner).sum(axis=0))


def _solve(problem: _Problem, whitened: FloatArray) -> FloatArray:
    loss = problem.loss(whitened)
    for _ in range(MOST_STEPS_COUNT):
        slopes, miss = problem.slopes(whitened)
        step = _ridge(slopes, miss + slopes @ whitened) - whitened
        if float(np.abs(step).max()) < SMALLEST_STEP:
            return whitened + step
        for _ in range(MOST_HALVINGS_COUNT):
            tried = problem.loss(whitened + step)
            if tried <= loss * (1.0 + ROUNDING):
                break
            step = step / 2.0
        whitened, loss = whitened + step, tried
    return whitened


def rake(
    entries: Entries,
    amounts_kwh: FloatArray,
    given_kwh: FloatArray,
    error_ratio: FloatArray,
    prior: Prior,
) -> Raked:
    """Find the factors that bring the model to the known totals.

    Parameters
    ----------
    entries : Entries
    amounts_kwh : (e,) array
        The model's amount of each entry; every total has some.
    given_kwh : (t,) array
        The known totals, above zero.
    error_ratio : (t,) array
        One standard deviation of each, relative, above zero.
    prior : Prior

    Examples
    --------
    One kind of building, calculated at 100 MWh, metered 80 MWh within one percent. Its factor is
    allowed 28 %, so it goes nearly all the way:

    >>> one = scipy.sparse.csr_matrix(np.ones((1, 1)))
    >>> zero, unit = np.zeros(1, dtype=int), np.ones(1)
    >>> entries = make_entries(one, zero, zero, unit, np.zeros(1), 1)
    >>> found = rake(entries, np.array([100.0]), np.array([80.0]), np.array([0.01]), Prior(0.2, 0.2))
    >>> np.exp(found.log_ratio).round(3).tolist()
    [0.8]
    """
    root = prior.root(entries.kind, entries.place)
    problem = _Problem(entries, amounts_kwh, np.log(given_kwh), 1.0 / error_ratio**2, root)
    whitened = _solve(problem, np.zeros(root.shape[1]))
    slopes, _ = problem.slopes(whitened)
    kinds = np.arange(int(entries.kind.max(initial=-1)) + 1)
    of_kinds = prior.root(kinds, np.full(len(kinds), -1)).toarray()
    of_kinds = np.pad(of_kinds, ((0, 0), (0, root.shape[1] - of_kinds.shape[1])))
    of_places = prior.place_ratio * np.eye(root.shape[1])[1 + len(kinds) :]
    return Raked(
        log_ratio=np.asarray(root @ whitened),
        kind_log_ratio=of_kinds @ whitened,
        kind_deviation_ratio=np.sqrt(np.maximum(_left_variance(slopes, of_kinds), 0.0)),
        place_log_ratio=of_places @ whitened,
        place_deviation_ratio=np.sqrt(np.maximum(_left_variance(slopes, of_places), 0.0)),
        whitened=whitened,
    )


def rake_each(
    entries: Entries,
    amounts_kwh: FloatArray,
    given_kwh: FloatArray,
    error_ratio: FloatArray,
    prior: Prior,
    *,
    start: Raked,
) -> FloatArray:
    """Find the log-factors of many draws, each with its own amounts and totals; (d, p).

    Parameters
    ----------
    amounts_kwh : (e, d) array
    given_kwh : (t, d) array
    start : Raked
        The base case.
    """
    root = prior.root(entries.kind, entries.place)
    precision = 1.0 / error_ratio**2
    return np.array(
        [
            root @ _solve(_Problem(entries, amounts, np.log(given), precision, root), start.whitened)
            for amounts, given in zip(amounts_kwh.T, given_kwh.T, strict=True)
        ]
    )
