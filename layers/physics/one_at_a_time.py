"""Heat when one assumption lies at its tenth or ninetieth part and everything else stays.

What an assumption does to a sum is less than what it does to a building, because only a share s of its
variance is common to all buildings. Each building is therefore calculated with the conditional mean of its
heat given that the common part lies z = ∓1.28 standard deviations from its middle:

* log-normal factors of the width σ are exp(√s z σ − s σ²/2);
* temperatures shift by √s z times their width;
* storeys and heights are the mean of a lopsided deviation with the middle √s z and the spread √(1−s);
* years weigh the heat of every period by its probability, given the common part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import ndtr

from layers.core.types import FloatArray
from layers.physics.building_heat import (
    NO_DEVIATION,
    Deviation,
    TypeValues,
    air_change_per_h,
    heat_model,
    hot_water_kwh,
    independent_parts_ratio,
)
from layers.physics.heat_draws import HeatCase
from layers.physics.heat_widths import P90_DEVIATIONS
from layers.physics.lopsided import FARTHEST_DEVIATIONS, MIDDLE_DENSITY, lopsided_mean_ratio
from layers.physics.monthly import yearly_heat_kwh

LOWEST_SIZE_RATIO = 0.2
# every assumption, its deviation in the draws, and whose it is: a type's, a building's or the place's
ASSUMPTIONS: dict[str, tuple[str, str]] = {
    "u_wall": ("u_value", "type"),
    "u_roof": ("u_value", "type"),
    "u_floor": ("u_value", "type"),
    "u_window": ("window_u_value", "type"),
    "envelope_area": ("envelope_area", "building"),
    "air_change": ("air_change", "type"),
    "set_point": ("set_point", "type"),
    "internal_gain": ("gain", "type"),
    "window_sun": ("sun", "type"),
    "hot_water": ("hot_water", "type"),
    "storeys": ("storeys", "building"),
    "construction_year": ("construction_year", "building"),
    "temperature": ("temperature", "place"),
    "irradiation": ("irradiation", "place"),
}
OPAQUE = ("u_wall", "u_roof", "u_floor")


@dataclass(frozen=True)
class Answer:
    """Heat of n buildings with the common part of one assumption 1.28 deviations below and above."""

    low_kwh: FloatArray
    high_kwh: FloatArray


def factor(z: float, width_ratio: FloatArray, share: float) -> FloatArray:
    """Return the mean of a log-normal factor of mean 1, given its common part.

    Examples
    --------
    With everything in common it is the factor itself: exp(1.28 · 0.198 − 0.0196).

    >>> factor(1.28, np.array([0.2]), 1.0).round(3)
    array([1.263])
    """
    variance = np.log1p(width_ratio**2)
    return np.exp(np.sqrt(share * variance) * z - share * variance / 2.0)


def lopsided_given(z: float, down: FloatArray, up: FloatArray, share: float) -> FloatArray:
    """Return the mean of a lopsided deviation, given its common part.

    With the middle m = √s z and the spread r = √(1−s) of what is left, and φ and Φ the standard normal
    density and distribution: up (m Φ(m/r) + r φ(m/r)) + down (m Φ(−m/r) − r φ(m/r)).

    Examples
    --------
    >>> lopsided_given(1.0, np.array([0.2]), np.array([0.2]), 0.25)
    array([0.1])
    """
    middle, left = np.sqrt(share) * z, np.sqrt(1.0 - share)
    if left <= 0.0:
        return np.asarray(middle * (up if middle > 0.0 else down))
    at = middle / left
    density = MIDDLE_DENSITY * np.exp(-(at**2) / 2.0)
    above, below = middle * ndtr(at) + left * density, middle * ndtr(-at) - left * density
    return np.asarray(up * above + down * below, dtype=np.float64)


def _size(down: FloatArray, up: FloatArray, share: float, z: float) -> FloatArray:
    mean = lopsided_mean_ratio(down, up, LOWEST_SIZE_RATIO)
    return np.maximum(1.0 + lopsided_given(z, down, up, share), LOWEST_SIZE_RATIO) / mean


@dataclass(frozen=True)
class _Base:
    """The base case, and what it is made of."""

    case: HeatCase
    types: TypeValues

    def heat_kwh(
        self,
        deviation: Deviation = NO_DEVIATION,
        *,
        types: TypeValues | None = None,
        sun_ratio: FloatArray | float = 1.0,
        shift_k: float = 0.0,
    ) -> FloatArray:
        """Return the heat demand with one deviation."""
        chosen = self.types if types is None else types
        space = yearly_heat_kwh(
            heat_model(self.case.bodies, chosen, deviation),
            self.case.solar_gain_kwh,
            self.case.climate.temperature_c + shift_k,
            np.asarray(sun_ratio * chosen.window_g_ratio * deviation.storey_ratio),
        )
        return space + hot_water_kwh(self.case.bodies, chosen, deviation)


def _opaque(base: _Base, name: str, share: float, z: float) -> FloatArray:
    """Return the heat with one of the U-values of wall, roof and floor moved, each by its whole width."""
    parts = independent_parts_ratio(base.case.bodies, base.types)
    width = np.divide(base.case.widths.u_ratio, parts, out=np.zeros_like(parts), where=parts > 0.0)
    field = f"{name}_w_per_m2_k"
    moved = getattr(base.types, field) * factor(z, width, share)
    return base.heat_kwh(types=replace(base.types, **{field: moved}))


def _moves(base: _Base, share: float) -> dict[str, Callable[[float], FloatArray]]:
    """Return the heat as a function of the common part of each assumption but the years."""
    widths, climate = base.case.widths, base.case.climate
    air = air_change_per_h(base.types)
    air_width = np.divide(widths.air_change_per_h, air, out=np.zeros_like(air), where=air > 0.0)
    size = partial(_size, widths.storey_down_ratio, widths.storey_up_ratio, share)
    height = partial(_size, widths.height_down_ratio, widths.height_up_ratio, share)
    return {
        **{name: partial(_opaque, base, name, share) for name in OPAQUE},
        "u_window": lambda z: base.heat_kwh(
            Deviation(window_u_ratio=factor(z, widths.window_u_ratio, share))
        ),
        "envelope_area": lambda z: base.heat_kwh(Deviation(area_ratio=factor(z, widths.area_ratio, share))),
        "air_change": lambda z: base.heat_kwh(Deviation(air_ratio=factor(z, air_width, share))),
        "set_point": lambda z: base.heat_kwh(Deviation(set_point_k=np.sqrt(share) * z * widths.set_point_k)),
        "internal_gain": lambda z: base.heat_kwh(
            Deviation(internal_ratio=factor(z, widths.internal_ratio, share))
        ),
        "window_sun": lambda z: base.heat_kwh(sun_ratio=factor(z, widths.sun_ratio, share)),
        "storeys": lambda z: base.heat_kwh(Deviation(storey_ratio=size(z), height_ratio=height(z))),
        "temperature": lambda z: base.heat_kwh(shift_k=z * climate.temperature_error_k),
        "irradiation": lambda z: base.heat_kwh(
            sun_ratio=float(np.exp(z * np.log1p(climate.irradiation_error_share)))
        ),
    }


def _hot_water(base: _Base, base_kwh: FloatArray, share: float) -> Answer:
    water = hot_water_kwh(base.case.bodies, base.types)
    low, high = (
        base_kwh + water * (factor(z, base.case.widths.hot_water_ratio, share) - 1.0)
        for z in (-P90_DEVIATIONS, P90_DEVIATIONS)
    )
    return Answer(low, high)


def _years(base: _Base, base_kwh: FloatArray, share: float, mean_ratio: float) -> Answer:
    """Return the heat when all buildings tend to be older, and younger, than they are likely to be."""
    case, widths = base.case, base.case.widths
    rows = np.flatnonzero(
        ~np.isnan(widths.year) & ((widths.year_down_count > 0.0) | (widths.year_up_count > 0.0))
    )
    low, high = base_kwh.copy(), base_kwh.copy()
    if not len(rows):
        return Answer(low, high)
    some = case.take(rows)
    edges = case.years.edges_year()
    starts = np.concatenate([edges[:1] - 1.0, edges])
    every, older, younger = (np.zeros(len(rows)) for _ in range(3))
    below = [np.zeros(len(rows)) for _ in range(3)]
    # a loop over the periods of a country, about ten
    for start, end in zip(starts, np.append(edges, np.inf), strict=True):
        codes = case.years.codes(some.codes, np.full(len(rows), start))
        heat = _Base(some, case.types.take(codes)).heat_kwh()
        z_end = _deviations(end - some.widths.year, some.widths.year_down_count, some.widths.year_up_count)
        to_end = [
            ndtr(z_end),
            _given(z_end, -P90_DEVIATIONS, share),
            _given(z_end, P90_DEVIATIONS, share),
        ]
        for total, now, before in zip((every, older, younger), to_end, below, strict=True):
            total += (now - before) * heat
        below = to_end
    low[rows] += (older - every) / mean_ratio
    high[rows] += (younger - every) / mean_ratio
    return Answer(low, high)


def _deviations(distance: FloatArray, down: FloatArray, up: FloatArray) -> FloatArray:
    """Return how many standard deviations a distance from the middle is; infinite where there are none."""
    width = np.where(distance > 0.0, up, down)
    wide = width > np.abs(distance) / FARTHEST_DEVIATIONS
    z = np.divide(distance, width, out=np.zeros_like(distance), where=wide)
    return np.where(wide, z, np.where(distance > 0.0, np.inf, -np.inf))


def _given(z_end: FloatArray, z: float, share: float) -> FloatArray:
    """Return the probability to lie below, given the common part."""
    if share >= 1.0:
        return np.asarray(z_end > z, dtype=np.float64)
    return np.asarray(ndtr((z_end - np.sqrt(share) * z) / np.sqrt(1.0 - share)), dtype=np.float64)


def one_at_a_time(case: HeatCase, share: float, mean_ratio: float) -> tuple[FloatArray, dict[str, Answer]]:
    """Return the base case and the heat with each assumption at its ends.

    Parameters
    ----------
    case : HeatCase of n buildings
    share : float
        Part of the variance that all buildings have in common, above 0.
    mean_ratio : float
        From `layers.physics.heat_draws.years_mean_ratio`.

    Returns
    -------
    base_kwh : (n,) array
    answers : dict of Answer by the names of `ASSUMPTIONS`
    """
    base = _Base(case, case.types.take(case.codes))
    base_kwh = base.heat_kwh()
    answers = {
        name: Answer(heat(-P90_DEVIATIONS), heat(P90_DEVIATIONS))
        for name, heat in _moves(base, share).items()
    }
    answers["hot_water"] = _hot_water(base, base_kwh, share)
    answers["construction_year"] = _years(base, base_kwh, share, mean_ratio)
    return base_kwh, {name: answers[name] for name in ASSUMPTIONS}


def slopes_kwh(answers: dict[str, Answer], case: HeatCase, share: float) -> dict[str, FloatArray]:
    """Return by how much each building's heat answers to one standard deviation of each deviation drawn.

    The U-values of wall, roof and floor share one deviation in the draws, of their joint width.

    Returns
    -------
    dict of (n,) arrays
        By the names of deviations in the draws.
    """
    reach = 2.0 * P90_DEVIATIONS * np.sqrt(share)
    found: dict[str, FloatArray] = {}
    for name, answer in answers.items():
        drawn, owner = ASSUMPTIONS[name]
        length = 2.0 * P90_DEVIATIONS if owner == "place" else reach
        slope = (answer.high_kwh - answer.low_kwh) / length
        found[drawn] = np.hypot(found[drawn], slope) if drawn in found else slope
    return found
