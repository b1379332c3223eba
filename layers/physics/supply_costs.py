"""What a megawatt hour of heat costs by each way of supply, drawn with all its uncertain prices.

Levelised cost = (price · annuity + yearly upkeep + energy) / heat. Everything is an array over draws, so
that ways of supply are compared under the same prices of electricity, pipes and money in each draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from layers.core.draws import Draws
from layers.core.facts import fact
from layers.core.types import FloatArray
from layers.physics.levelised import annuity

KWH_PER_MWH = 1000.0
# low and high of a fact are the ends of its likely range, p10 and p90
LIKELY_NORMAL = float(ndtri(0.9))
# no price falls below this part of its low end
LEAST_SHARE = 0.5


def drawn_fact(subject: str, fact_id: str, draws: Draws) -> FloatArray:
    """Return a fact in every draw: its value in the middle, low and high as p10 and p90.

    The two halves of a normal distribution with different widths; a fact without low and high is the
    same in every draw. The first entry is the value itself and belongs to no draw.

    Returns
    -------
    (1 + count,) array
    """
    known = fact(subject, fact_id)
    low = known.value if known.low is None else known.low
    high = known.value if known.high is None else known.high
    normal = draws.shared_evenly(f"{subject}:{fact_id}")
    width = np.where(normal > 0.0, high - known.value, known.value - low) / LIKELY_NORMAL
    least = min(LEAST_SHARE * low, known.value)
    return np.concatenate([[known.value], np.maximum(known.value + width * normal, least)])


def drawn_ratio(name: str, deviation_ratio: float, draws: Draws) -> FloatArray:
    """Return a shared factor around one, lognormal, the base case first; (1 + count,)."""
    return np.concatenate([[1.0], np.exp(deviation_ratio * draws.shared_evenly(name))])


@dataclass(frozen=True)
class Market:
    """Prices of energy and money in every draw, the base case first; (1 + count,) arrays."""

    electricity_eur_per_kwh: FloatArray
    plant_electricity_eur_per_kwh: FloatArray
    gas_eur_per_kwh: FloatArray | None
    household_interest_share: FloatArray
    network_interest_share: FloatArray
    operation_share: FloatArray


@dataclass(frozen=True)
class Appliance:
    """A way to heat one building; (1 + count,) arrays.

    `output_ratio` is heat over the energy that is bought (the coefficient of performance of a heat pump).
    """

    eur_per_kw: FloatArray
    life_years: FloatArray
    output_ratio: FloatArray
    fuel_eur_per_kwh: FloatArray


def heat_price_eur_per_mwh(
    appliance: Appliance, full_load_h: FloatArray | float, market: Market
) -> FloatArray:
    """Return the levelised cost of heat made in a building.

    Parameters
    ----------
    appliance : Appliance
    full_load_h : float or (n, 1) array
        Yearly heat over peak load.
    market : Market

    Examples
    --------
    1,000 €/kW over 20 years without interest, 2,000 h, electricity .30 at a COP of 3:

    >>> one = np.ones(1)
    >>> market = Market(0.3 * one, 0.2 * one, None, 0 * one, 0 * one, 0 * one)
    >>> pump = Appliance(1000 * one, 20 * one, 3 * one, 0.3 * one)
    >>> heat_price_eur_per_mwh(pump, 2000.0, market)
    array([125.])
    """
    yearly = annuity(market.household_interest_share, appliance.life_years) + market.operation_share
    capital = appliance.eur_per_kw * yearly / full_load_h * KWH_PER_MWH
    return np.asarray(capital + appliance.fuel_eur_per_kwh / appliance.output_ratio * KWH_PER_MWH)


@dataclass(frozen=True)
class Plant:
    """A large heat pump with an electric boiler for cold days; (1 + count,) arrays."""

    eur_per_kw: FloatArray
    life_years: FloatArray
    output_ratio: FloatArray
    boiler_eur_per_kw: FloatArray
    share_of_peak: FloatArray
    share_of_heat: FloatArray


def plant_price_eur_per_mwh(plant: Plant, full_load_h: FloatArray | float, market: Market) -> FloatArray:
    """Return the levelised cost of heat at the gate of a plant that serves a network's peak.

    Parameters
    ----------
    plant : Plant
    full_load_h : float or (n, 1) array
        Heat fed in over the peak of the network.
    market : Market
    """
    price = plant.eur_per_kw * plant.share_of_peak + plant.boiler_eur_per_kw
    yearly = annuity(market.network_interest_share, plant.life_years) + market.operation_share
    capital = price * yearly / full_load_h * KWH_PER_MWH
    bought = plant.share_of_heat / plant.output_ratio + (1.0 - plant.share_of_heat)
    return np.asarray(capital + market.plant_electricity_eur_per_kwh * bought * KWH_PER_MWH)
