"""What the measures of a retrofit package do to archetype values, and what they cost.

Insulation is added to what is there:

    U_after = 1 / (1 / U + d / λ)

so that a good element gains less and none gets worse. Windows, leaks, thermal bridges and heat recovery
take the package's value where it is better. An element is left alone, and costs nothing, where its U-value
needs no measure or would hardly improve. Leaks shrink where walls or windows are renewed, thermal bridges
where walls are insulated.

All functions work on arrays of any length: one entry an archetype, or one a building.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from layers.core.retrofit_settings import Package, RetrofitParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.building_heat import Bodies, TypeValues
from layers.physics.levelised import annuity


@dataclass(frozen=True)
class Measures:
    """Which measures are carried out; (n,) arrays of true and false."""

    wall: BoolArray
    roof: BoolArray
    floor: BoolArray
    window: BoolArray
    recovery: BoolArray

    def take(self, codes: IntArray) -> Measures:
        """Return the measures of the archetype that each building has."""
        return Measures(*(getattr(self, each.name)[codes] for each in fields(self)))

    def without_windows(self, kept: BoolArray) -> Measures:
        """Return the same measures, but windows stay where `kept` says so."""
        return replace(self, window=self.window & ~kept)

    @property
    def anything(self) -> BoolArray:
        """Say where anything is done at all."""
        return self.wall | self.roof | self.floor | self.window | self.recovery


def insulated_u_w_per_m2_k(
    u_w_per_m2_k: FloatArray, thickness_m: float, conductivity_w_per_m_k: float
) -> FloatArray:
    """Return the U-value with added insulation, 1 / (1/U + d/λ).

    Examples
    --------
    12 cm of 0.035 W/(m K) on a wall of 1.0 W/(m² K): 1 / (1 + 3.43).

    >>> insulated_u_w_per_m2_k(np.array([1.0, 0.0]), 0.12, 0.035).round(3)
    array([0.226, 0.   ])
    """
    return np.asarray(u_w_per_m2_k / (1.0 + u_w_per_m2_k * thickness_m / conductivity_w_per_m_k))


def worthwhile_measures(types: TypeValues, package: Package, params: RetrofitParams) -> Measures:
    """Decide which measures of a package are worth while for each entry of `types`."""
    left_share = 1.0 - params.least_improvement_share

    def insulate(u_w_per_m2_k: FloatArray, thickness_m: float, need_w_per_m2_k: float) -> BoolArray:
        after = insulated_u_w_per_m2_k(u_w_per_m2_k, thickness_m, params.conductivity_w_per_m_k)
        return (u_w_per_m2_k > need_w_per_m2_k) & (after <= left_share * u_w_per_m2_k)

    window = types.u_window_w_per_m2_k
    recovered = types.heat_recovery_share
    return Measures(
        wall=insulate(types.u_wall_w_per_m2_k, package.wall_insulation_m, params.need_wall_u_w_per_m2_k),
        roof=insulate(types.u_roof_w_per_m2_k, package.roof_insulation_m, params.need_roof_u_w_per_m2_k),
        floor=insulate(types.u_floor_w_per_m2_k, package.floor_insulation_m, params.need_floor_u_w_per_m2_k),
        window=(window > params.need_window_u_w_per_m2_k)
        & (package.window_u_w_per_m2_k <= left_share * window),
        recovery=(recovered < params.need_heat_recovery_share) & (package.heat_recovery_share > recovered),
    )


def improved_types(
    types: TypeValues, measures: Measures, package: Package, params: RetrofitParams
) -> TypeValues:
    """Return the values after the measures; set-point, use and hot water stay as they are."""

    def insulated(done: BoolArray, u_w_per_m2_k: FloatArray, thickness_m: float) -> FloatArray:
        after = insulated_u_w_per_m2_k(u_w_per_m2_k, thickness_m, params.conductivity_w_per_m_k)
        return np.where(done, after, u_w_per_m2_k)

    def better(done: BoolArray, now: FloatArray, then: float) -> FloatArray:
        return np.where(done, np.minimum(now, then), now)

    recovered = types.heat_recovery_share
    return replace(
        types,
        u_wall_w_per_m2_k=insulated(measures.wall, types.u_wall_w_per_m2_k, package.wall_insulation_m),
        u_roof_w_per_m2_k=insulated(measures.roof, types.u_roof_w_per_m2_k, package.roof_insulation_m),
        u_floor_w_per_m2_k=insulated(measures.floor, types.u_floor_w_per_m2_k, package.floor_insulation_m),
        u_window_w_per_m2_k=better(measures.window, types.u_window_w_per_m2_k, package.window_u_w_per_m2_k),
        window_g_ratio=better(measures.window, types.window_g_ratio, package.window_g_ratio),
        thermal_bridge_w_per_m2_k=better(
            measures.wall, types.thermal_bridge_w_per_m2_k, package.thermal_bridge_w_per_m2_k
        ),
        air_infiltration_per_h=better(
            measures.wall | measures.window, types.air_infiltration_per_h, package.air_infiltration_per_h
        ),
        heat_recovery_share=np.where(
            measures.recovery, np.maximum(recovered, package.heat_recovery_share), recovered
        ),
    )


@dataclass(frozen=True)
class Costs:
    """What a package costs n buildings: once, and as equal yearly sums over the life of its parts."""

    investment_eur: FloatArray
    yearly_eur: FloatArray


def package_costs(
    bodies: Bodies, measures: Measures, package: Package, price_level_ratio: float, params: RetrofitParams
) -> Costs:
    """Return the full cost of the measures: Σ area × (fixed part + thickness × part by thickness).

    Parameters
    ----------
    bodies : Bodies of n buildings
    measures : Measures of n buildings
    price_level_ratio : float
        Prices of the country over those of Germany.
    """
    indexed = params.construction_price_ratio * price_level_ratio
    opaque_m2 = np.maximum(bodies.wall_area_m2 - bodies.window_area_m2, 0.0)
    opaque_eur = (
        opaque_m2 * measures.wall * _element_eur_per_m2("wall", package.wall_insulation_m, params)
        + bodies.roof_area_m2 * measures.roof * _element_eur_per_m2("roof", package.roof_insulation_m, params)
        + bodies.ground_area_m2
        * measures.floor
        * _element_eur_per_m2("floor", package.floor_insulation_m, params)
    ) * indexed
    window_eur = bodies.window_area_m2 * measures.window * package.window_cost_eur_per_m2 * indexed
    # the cost of ventilation is given in prices of the price year
    plant_eur = bodies.floor_area_m2 * measures.recovery * params.ventilation_eur_per_m2 * price_level_ratio
    lives = (params.opaque_life_years, params.window_life_years, params.ventilation_life_years)
    parts = (opaque_eur, window_eur, plant_eur)
    yearly = [
        part * float(annuity(params.interest_share, life)) for part, life in zip(parts, lives, strict=True)
    ]
    return Costs(
        np.asarray(opaque_eur + window_eur + plant_eur, dtype=np.float64),
        np.asarray(yearly[0] + yearly[1] + yearly[2], dtype=np.float64),
    )


def _element_eur_per_m2(element: str, thickness_m: float, params: RetrofitParams) -> float:
    fixed: float = getattr(params, f"{element}_fixed_eur_per_m2")
    by_thickness: float = getattr(params, f"{element}_thickness_eur_per_m3")
    return fixed + by_thickness * thickness_m
