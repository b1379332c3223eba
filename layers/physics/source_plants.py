"""Large heat pumps on other sources than outdoor air, and plants that mix them.

Output ratios come from catalogues where these have one (outdoor air, excess heat) and move with source and
supply temperature as When2Heat's curves do; water and ground have no catalogue value of their own and follow
the ratio of their curve to that of air.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from layers.core.types import FloatArray
from layers.physics.heat_pumps import cop
from layers.physics.supply_costs import Plant

# the catalogue's pumps feed in at this temperature
CATALOGUE_C = 70.0
# what a source's heat comes from; `plant` is an existing plant, whose heat has no price that we know
MEDIA = ("excess", "water", "ground", "plant")


@dataclass(frozen=True)
class SourcePrices:
    """Pumps of a country's market; (1 + draws,) arrays.

    Attributes
    ----------
    air : Plant
        On outdoor air, at the supply temperature of the market.
    excess_output_ratio, excess_eur_per_kw : pump on excess heat, at the catalogue's supply temperature
    ground_eur_per_kw : pump on the ground, its boreholes included
    """

    air: Plant
    excess_output_ratio: FloatArray
    excess_eur_per_kw: FloatArray
    ground_eur_per_kw: FloatArray


@dataclass(frozen=True)
class Cover:
    """A source that gives part of the pumped heat.

    Attributes
    ----------
    medium : str
        One of `MEDIA`.
    source_c : float
        Its usual temperature in the heating season.
    share : (1 + draws,) array
        Of the heat that the pump makes; all covers together at most 1.
    """

    medium: str
    source_c: float
    share: FloatArray


def _at(curve: str, lift_k: float) -> float:
    return float(cop(curve, np.array([lift_k]), 1.0)[0])


def output_ratio(
    prices: SourcePrices, medium: str, source_c: float, supply_c: float, outdoor_c: float
) -> FloatArray:
    """Return the heat that a large pump on a source makes of electricity; never less than one on air.

    Parameters
    ----------
    prices : SourcePrices
    medium : str
    source_c, supply_c, outdoor_c : float
        Temperature of source, supply and air.

    Examples
    --------
    >>> one = np.ones(1)
    >>> air = Plant(one, one, 3.15 * one, one, one, one)
    >>> prices = SourcePrices(air, 5.2 * one, one, one)
    >>> output_ratio(prices, "excess", 30.0, 70.0, 5.0).round(2)
    array([5.2])
    >>> output_ratio(prices, "water", 12.0, 70.0, 5.0).round(2)
    array([3.78])
    """
    air = prices.air.output_ratio
    if medium == "plant":
        return air
    if medium == "excess":
        moved = _at("water", supply_c - source_c) / _at("water", CATALOGUE_C - source_c)
        return np.asarray(np.maximum(prices.excess_output_ratio * moved, air))
    ratio = _at(medium, supply_c - source_c) / _at("air", supply_c - outdoor_c)
    return np.asarray(air * max(ratio, 1.0))


def mixed_plant(prices: SourcePrices, covers: tuple[Cover, ...], supply_c: float, outdoor_c: float) -> Plant:
    """Return the plant that takes shares of its pumped heat from sources and the rest from air.

    Parameters
    ----------
    prices : SourcePrices
    covers : tuple of Cover
    supply_c, outdoor_c : float
    """
    air = prices.air
    rest = 1.0 - sum((cover.share for cover in covers), np.zeros_like(air.output_ratio))
    electricity = np.maximum(rest, 0.0) / air.output_ratio
    price = np.maximum(rest, 0.0) * air.eur_per_kw
    of_medium = {"excess": prices.excess_eur_per_kw, "ground": prices.ground_eur_per_kw}
    for cover in covers:
        output = output_ratio(prices, cover.medium, cover.source_c, supply_c, outdoor_c)
        electricity = electricity + cover.share / output
        price = price + cover.share * of_medium.get(cover.medium, air.eur_per_kw)
    return replace(air, eur_per_kw=np.asarray(price), output_ratio=np.asarray(1.0 / electricity))
