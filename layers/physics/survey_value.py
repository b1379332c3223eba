"""What it would be worth to know one thing about one building, as arrays.

The heat of a building answers to its losses: over all buildings of a run the balance is close to
q = a h − g, with q the heat for the rooms and h the losses per kelvin, both per floor area. The slope a
and the gains g are read off the run itself, and every building keeps its own level. With that answer the
building is calculated again for each of a few equally likely storeys and years; the variance of what
comes out is what knowing them would take away (the first-order effect of Sobol' 1993).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.building_heat import NO_DEVIATION, Bodies, Deviation, TypeValues, TypeYears, heat_model
from layers.physics.heat_widths import P90_DEVIATIONS, Widths
from layers.physics.lopsided import lopsided, lopsided_mean_ratio

# equally likely values of what is not known, in the middle of their parts
NODES_Z = np.asarray(ndtri((np.arange(15) + 0.5) / 15.0), dtype=np.float64)
_LOWEST_SIZE_RATIO = 0.2
# what cannot be surveyed (U-values, habits, climate) always keeps this part of a building's variance
_LEAST_LEFT_SHARE = 0.05
_FEWEST_FOR_A_LINE = 10


@dataclass(frozen=True)
class Answer:
    """How heat answers to losses: `slope_kwh_per_w` per W/K, less `gain_kwh_per_m2` per floor area."""

    slope_kwh_per_w: float
    gain_kwh_per_m2: float

    def space_kwh(self, loss_w_per_k: FloatArray, floor_area_m2: FloatArray) -> FloatArray:
        """Return the heat for the rooms, never less than a tenth of what the losses alone would need."""
        alone = self.slope_kwh_per_w * loss_w_per_k
        return np.maximum(alone - self.gain_kwh_per_m2 * floor_area_m2, 0.1 * alone)


def fit_answer(space_kwh: FloatArray, loss_w_per_k: FloatArray, floor_area_m2: FloatArray) -> Answer:
    """Read off how heat answers to losses, by least squares per floor area.

    Examples
    --------
    >>> loss = np.linspace(100.0, 400.0, 20)
    >>> found = fit_answer(90.0 * loss - 30.0 * 100.0, loss, np.full(20, 100.0))
    >>> round(found.slope_kwh_per_w, 6), round(found.gain_kwh_per_m2, 6)
    (90.0, 30.0)
    """
    plain = Answer(float(space_kwh.sum() / max(loss_w_per_k.sum(), 1e-9)), 0.0)
    per_floor = loss_w_per_k / floor_area_m2
    if len(space_kwh) < _FEWEST_FOR_A_LINE or float(np.ptp(per_floor)) < 1e-6:
        return plain
    centred = per_floor - per_floor.mean()
    slope = float((centred * (space_kwh / floor_area_m2)).sum() / (centred**2).sum())
    gain = slope * float(per_floor.mean()) - float((space_kwh / floor_area_m2).mean())
    return Answer(slope, gain) if slope > 0.0 and gain >= 0.0 else plain


@dataclass(frozen=True)
class SurveyCase:
    """n heated buildings of a run: what they need, their bodies, types and widths."""

    space_kwh: FloatArray
    hot_water_kwh: FloatArray
    bodies: Bodies
    codes: IntArray
    types: TypeValues
    years: TypeYears
    widths: Widths

    def heat_kwh(self, answer: Answer, codes: IntArray, deviation: Deviation) -> FloatArray:
        """Return the heat demand with other archetypes, storeys or heights."""
        base = self._space(answer, self.codes, NO_DEVIATION)
        level = np.divide(self.space_kwh, base, out=np.zeros_like(base), where=base > 0.0)
        water = self.hot_water_kwh * deviation.storey_ratio
        return np.asarray(level * self._space(answer, codes, deviation) + water, dtype=np.float64)

    def _space(self, answer: Answer, codes: IntArray, deviation: Deviation) -> FloatArray:
        loss = heat_model(self.bodies, self.types.take(codes), deviation).loss_w_per_k
        return answer.space_kwh(loss, self.bodies.floor_area_m2 * deviation.storey_ratio)

    def answer(self) -> Answer:
        """Read off how heat answers to losses in this run."""
        loss = heat_model(self.bodies, self.types.take(self.codes)).loss_w_per_k
        return fit_answer(self.space_kwh, loss, self.bodies.floor_area_m2)


@dataclass(frozen=True)
class Doubt:
    """What one unknown leaves open in the heat of n buildings.

    Attributes
    ----------
    deviation_kwh : (n,) array
        Standard deviation.
    slope_kwh : (n,) array
        Heat per standard deviation of the unknown, E[heat · z]: what buildings have in common when their
        unknowns go together. Its size is at most the deviation; it is smaller where the heat does not
        simply rise or fall with the unknown.
    """

    deviation_kwh: FloatArray
    slope_kwh: FloatArray

    def take(self, rows: BoolArray) -> Doubt:
        """Return some buildings."""
        return Doubt(self.deviation_kwh[rows], self.slope_kwh[rows])

    def variance(self, shared_share: float) -> float:
        """Return the variance of the sum, when a share of the unknowns' variance is common to all.

        s (Σ λ)² + Σ (σ² − s λ²)

        Examples
        --------
        >>> both = Doubt(np.array([3.0, 4.0]), np.array([3.0, 4.0]))
        >>> both.variance(0.0), both.variance(1.0)
        (25.0, 49.0)
        """
        own = self.deviation_kwh**2 - shared_share * self.slope_kwh**2
        return float(shared_share * self.slope_kwh.sum() ** 2 + own.sum())

    def saved(self, shared_share: float) -> FloatArray:
        """Return by how much the variance of the sum falls when one building becomes known, for each.

        Examples
        --------
        >>> Doubt(np.array([3.0, 4.0]), np.array([3.0, 4.0])).saved(1.0)
        array([33., 40.])
        """
        rest = self.slope_kwh.sum() - self.slope_kwh
        return np.asarray(2.0 * shared_share * self.slope_kwh * rest + self.deviation_kwh**2)

    def left(self, known: Doubt, shared_share: float) -> FloatArray:
        """Return the variance of the sum after the first, the first two, … of `known` became known.

        Examples
        --------
        >>> parts, first = np.array([3.0, 4.0, 12.0]), np.array([12.0, 4.0])
        >>> Doubt(parts, parts).left(Doubt(first, first), 0.0)
        array([25.,  9.])
        """
        slope = self.slope_kwh.sum() - np.cumsum(known.slope_kwh)
        whole = (self.deviation_kwh**2 - shared_share * self.slope_kwh**2).sum()
        gone = np.cumsum(known.deviation_kwh**2 - shared_share * known.slope_kwh**2)
        return np.asarray(np.maximum(shared_share * slope**2 + whole - gone, 0.0), dtype=np.float64)


def _doubt(nodes: list[FloatArray], is_open: BoolArray) -> Doubt:
    values = np.array(nodes)
    slope = ((values - values.mean(axis=0)) * NODES_Z[:, None]).mean(axis=0) / NODES_Z.std()
    return Doubt(np.where(is_open, values.std(axis=0), 0.0), np.where(is_open, slope, 0.0))


def year_doubt(case: SurveyCase) -> Doubt:
    """Return what the years leave open in each building's heat."""
    answer, widths = case.answer(), case.widths
    nodes = [
        case.heat_kwh(answer, case.years.codes(case.codes, widths.year + move), NO_DEVIATION)
        for move in (lopsided(np.full(len(widths.year), z), widths.year_down_count, widths.year_up_count)
                     for z in NODES_Z)
    ]  # fmt: skip
    is_open = (widths.year_down_count > 0.0) | (widths.year_up_count > 0.0)
    return _doubt(nodes, is_open)


def storey_doubt(case: SurveyCase) -> Doubt:
    """Return what the storeys leave open in each building's heat.

    A building that is one storey taller is taller: heights move along, as in the draws.
    """
    answer, widths = case.answer(), case.widths
    sides = (
        (widths.storey_down_ratio, widths.storey_up_ratio), (widths.height_down_ratio, widths.height_up_ratio)
    )  # fmt: skip
    means = [lopsided_mean_ratio(down, up, _LOWEST_SIZE_RATIO) for down, up in sides]
    nodes = []
    for z in NODES_Z:
        ratios = [
            np.maximum(1.0 + lopsided(np.full(len(down), z), down, up), _LOWEST_SIZE_RATIO) / mean
            for (down, up), mean in zip(sides, means, strict=True)
        ]
        deviation = replace(NO_DEVIATION, storey_ratio=ratios[0], height_ratio=ratios[1])
        nodes.append(case.heat_kwh(answer, case.codes, deviation))
    is_open = (widths.storey_down_ratio > 0.0) | (widths.storey_up_ratio > 0.0)
    return _doubt(nodes, is_open)


def use_doubt(
    heat_kwh_per_m2: FloatArray, floor_area_m2: FloatArray, use_code: IntArray, is_known: BoolArray,
    doubt_share: FloatArray,
) -> Doubt:  # fmt: skip
    """Return by how much a heat demand may be off because the use may be another one.

    With the probability of `doubt_share` the use is drawn from those of the city, by the floor area of
    buildings whose use is known. The heat changes as the usual heat per floor area of the two uses differs,
    so that a new building stays a new one.

    Parameters
    ----------
    heat_kwh_per_m2, floor_area_m2 : (n,) arrays
    use_code : (n,) array
        Class of use of each building.
    is_known : (n,) array
        Whether that class is known.
    doubt_share : (n,) array
        Probability that the class is wrong; 0 where it is known.

    Examples
    --------
    Half of the known floor needs 100 and half 200 kWh/m²; nobody knows the use of the third building:

    >>> use_doubt(np.array([100.0, 200.0, 150.0]), np.full(3, 1000.0), np.array([0, 1, 2]),
    ...           np.array([True, True, False]), np.array([0.0, 0.0, 1.0])).deviation_kwh
    array([    0.,     0., 50000.])
    """
    count = int(use_code.max(initial=0)) + 1
    heat_kwh = heat_kwh_per_m2 * floor_area_m2
    floor = np.bincount(use_code, weights=floor_area_m2, minlength=count)
    heat = np.bincount(use_code, weights=heat_kwh, minlength=count)
    usual = np.divide(heat, floor, out=np.zeros(count), where=floor > 0.0)
    known = np.bincount(use_code, weights=floor_area_m2 * is_known, minlength=count)
    if known.sum() <= 0.0:
        return Doubt(np.zeros(len(use_code)), np.zeros(len(use_code)))
    own = usual[use_code]
    ratio = np.divide(usual[None, :], own[:, None], out=np.ones((len(own), count)), where=own[:, None] > 0.0)
    apart = ((ratio - 1.0) ** 2 * (known / known.sum())[None, :]).sum(axis=1)
    deviation = np.sqrt(doubt_share * apart) * heat_kwh
    return Doubt(deviation, deviation)


def range_deviation_kwh(low_kwh: FloatArray, high_kwh: FloatArray) -> FloatArray:
    """Return the standard deviation that a range from p10 to p90 stands for."""
    return np.asarray((high_kwh - low_kwh) / (2.0 * P90_DEVIATIONS), dtype=np.float64)


def left_ratio(deviation_kwh: FloatArray, whole_kwh: FloatArray) -> FloatArray:
    """Return how wide a range stays when one part of its variance is taken away.

    Examples
    --------
    >>> left_ratio(np.array([3.0, 0.0]), np.array([5.0, 5.0]))
    array([0.8, 1. ])
    """
    part = np.divide(deviation_kwh**2, whole_kwh**2, out=np.zeros_like(whole_kwh), where=whole_kwh > 0.0)
    return np.sqrt(1.0 - np.clip(part, 0.0, 1.0 - _LEAST_LEFT_SHARE))
