"""Seasonal heat balance after the TABULA reference method, as arrays.

The method works on one heating season and per square metre of reference floor area. It is the
method of the published national typologies; `tests/golden/tabula` reproduces it row by row, with
every intermediate value. The program's own results come from `layers.physics.monthly`, which shares
the night reduction and the utilisation factor of this module.

Source: Loga and Diefenbach, TABULA Calculation Method (2013); the letters follow it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.types import FloatArray

# heat that a cubic metre of air carries per kelvin, Wh/(m³ K)
AIR_HEAT_W_PER_M3_K = 0.34
HOURS_PER_DAY = 24.0
W_PER_KW = 1000.0


@dataclass(frozen=True)
class SeasonalBalance:
    """All intermediate values of the seasonal method, each an (n,) array.

    Attributes
    ----------
    transmission_w_per_m2_k, ventilation_w_per_m2_k
        h_tr and h_ve: losses per kelvin and floor area.
    night_ratio
        F_red: what lowered temperatures at night and in side rooms leave of the losses.
    loss_kwh_per_m2, solar_gain_kwh_per_m2, internal_gain_kwh_per_m2
        q_ht, q_sol and q_int of the heating season.
    time_constant_h, utilisation_exponent_ratio, gain_loss_ratio, utilisation_ratio
        τ, a, γ and η.
    heat_need_kwh_per_m2
        q_h,nd: useful heat for the rooms.
    """

    transmission_w_per_m2_k: FloatArray
    ventilation_w_per_m2_k: FloatArray
    night_ratio: FloatArray
    loss_kwh_per_m2: FloatArray
    solar_gain_kwh_per_m2: FloatArray
    internal_gain_kwh_per_m2: FloatArray
    time_constant_h: FloatArray
    utilisation_exponent_ratio: FloatArray
    gain_loss_ratio: FloatArray
    utilisation_ratio: FloatArray
    heat_need_kwh_per_m2: FloatArray


def transmission_w_per_m2_k(
    area_m2: FloatArray,
    u_w_per_m2_k: FloatArray,
    b_ratio: FloatArray,
    thermal_bridge_w_per_m2_k: FloatArray,
    floor_area_m2: FloatArray,
) -> FloatArray:
    """Return the transmission losses per kelvin and square metre of floor.

    h_tr = ( Σ A U b + ΔU_tb Σ A ) / A_ref. Thermal bridges act on all envelope areas, without b.

    Parameters
    ----------
    area_m2, u_w_per_m2_k, b_ratio : (n, k) arrays
        Area, U-value and temperature correction of k parts of the envelope.
    thermal_bridge_w_per_m2_k : (n,) array
        Supplement ΔU_tb on every part. [W m⁻² K⁻¹]
    floor_area_m2 : (n,) array
        Reference floor area A_ref, larger than zero. [m²]

    Examples
    --------
    >>> area = np.array([[100.0, 50.0]])
    >>> u, b = np.array([[1.0, 0.8]]), np.array([[1.0, 0.5]])
    >>> transmission_w_per_m2_k(area, u, b, np.array([0.1]), np.array([100.0]))
    array([1.35])
    """
    conducted = (area_m2 * u_w_per_m2_k * b_ratio).sum(axis=1)
    bridged = thermal_bridge_w_per_m2_k * area_m2.sum(axis=1)
    return np.asarray((conducted + bridged) / floor_area_m2, dtype=np.float64)


def ventilation_w_per_m2_k(air_change_per_h: FloatArray, room_height_m: FloatArray) -> FloatArray:
    """Return the losses by air exchange per kelvin and floor area, h_ve = 0.34 n h_room."""
    return AIR_HEAT_W_PER_M3_K * air_change_per_h * room_height_m


def night_reduction_ratio(
    transmission_w_per_m2_k: FloatArray, low_ratio: FloatArray, high_ratio: FloatArray
) -> FloatArray:
    """Return what lowered temperatures at night and in side rooms leave of the losses.

    F_red is linear in h_tr in two pieces: through `low_ratio` at 1 and `high_ratio` at 4 W/(m² K),
    constant above, and through 1 at 0.5; the table continues that line below 0.5.

    Examples
    --------
    >>> h_tr = np.array([0.5, 1.0, 2.5, 4.0, 6.0])
    >>> night_reduction_ratio(h_tr, np.array([0.9]), np.array([0.8]))
    array([1.  , 0.9 , 0.85, 0.8 , 0.8 ])
    """
    below = low_ratio + 2.0 * (1.0 - low_ratio) * (1.0 - transmission_w_per_m2_k)
    above = low_ratio + (high_ratio - low_ratio) * (np.minimum(transmission_w_per_m2_k, 4.0) - 1.0) / 3.0
    return np.asarray(np.where(transmission_w_per_m2_k < 1.0, below, above), dtype=np.float64)


def utilisation_ratio(gain_loss_ratio: FloatArray, exponent_ratio: FloatArray) -> FloatArray:
    """Return the share of the gains that replaces heating, η = (1 − γ^a) / (1 − γ^(a+1)).

    Written with E = γ^a − 1 below and F = γ^−a − 1 above γ = 1, so that neither the neighbourhood of
    γ = 1 loses digits nor a large γ^a overflows: η = E / (E γ + (γ − 1)) and η = F / (F − (γ − 1)); at
    γ = 1 it is a / (a + 1), and 1 for γ ≤ 0.

    Parameters
    ----------
    gain_loss_ratio : array
        γ, gains over losses.
    exponent_ratio : array of the same shape
        a = a0 + τ / τ0, larger than zero; infinite for a building without losses.

    Examples
    --------
    >>> utilisation_ratio(np.array([0.0, 0.5, 1.0, 2.0]), np.array([1.0, 1.0, 3.0, 1.0]))
    array([1.        , 0.66666667, 0.75      , 0.33333333])
    """
    gamma = np.asarray(gain_loss_ratio, dtype=np.float64)
    positive = np.where(gamma > 0.0, gamma, 1.0)
    log_gamma = np.log(positive)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = np.expm1(-exponent_ratio * np.abs(log_gamma))
        # γ − 1 is exact near γ = 1, so it is subtracted before anything is added
        below = shrunk / (shrunk * positive + (positive - 1.0))
        above = shrunk / (shrunk - (positive - 1.0))
        at_one = np.where(np.isinf(exponent_ratio), 1.0, exponent_ratio / (exponent_ratio + 1.0))
    eta = np.where(positive < 1.0, below, np.where(positive > 1.0, above, at_one))
    return np.asarray(np.where(gamma > 0.0, eta, 1.0), dtype=np.float64)


def seasonal_balance(
    *,
    transmission_w_per_m2_k: FloatArray,
    ventilation_w_per_m2_k: FloatArray,
    night_low_ratio: FloatArray,
    night_high_ratio: FloatArray,
    set_point_c: FloatArray,
    outdoor_c: FloatArray,
    heating_days: FloatArray,
    solar_gain_kwh_per_m2: FloatArray,
    internal_gain_w_per_m2: FloatArray,
    heat_capacity_wh_per_m2_k: FloatArray,
    utilisation_a0_ratio: float,
    utilisation_tau0_h: float,
) -> SeasonalBalance:
    """Return the heat need of a heating season, with every intermediate value.

    Parameters
    ----------
    transmission_w_per_m2_k, ventilation_w_per_m2_k : (n,) arrays
        See the functions of the same names. [W m⁻² K⁻¹]
    night_low_ratio, night_high_ratio : (n,) arrays
        Night reduction at a transmission of 1 and of 4 W/(m² K).
    set_point_c, outdoor_c : (n,) arrays
        Room temperature and mean outdoor temperature of the heating days. [°C]
    heating_days : (n,) array
        Length of the heating season. [d]
    solar_gain_kwh_per_m2 : (n,) array
        Sun through the windows in the heating season; see `solar_gain_kwh_per_m2`.
    internal_gain_w_per_m2 : (n,) array
        People, light and appliances. [W m⁻²]
    heat_capacity_wh_per_m2_k : (n,) array
        c_m. [Wh m⁻² K⁻¹]
    utilisation_a0_ratio, utilisation_tau0_h : float
        0.8 and 30 h for a season.
    """
    kilohours = HOURS_PER_DAY * heating_days / W_PER_KW
    loss_w_per_m2_k = transmission_w_per_m2_k + ventilation_w_per_m2_k
    night = night_reduction_ratio(transmission_w_per_m2_k, night_low_ratio, night_high_ratio)
    loss = loss_w_per_m2_k * night * (set_point_c - outdoor_c) * kilohours
    internal = internal_gain_w_per_m2 * kilohours
    time_constant = heat_capacity_wh_per_m2_k / loss_w_per_m2_k
    exponent = utilisation_a0_ratio + time_constant / utilisation_tau0_h
    gains = solar_gain_kwh_per_m2 + internal
    gamma = gains / loss
    eta = utilisation_ratio(gamma, exponent)
    return SeasonalBalance(
        transmission_w_per_m2_k, ventilation_w_per_m2_k, night, loss, solar_gain_kwh_per_m2, internal,
        time_constant, exponent, gamma, eta, loss - eta * gains,
    )  # fmt: skip


def solar_gain_kwh_per_m2(
    window_area_m2: FloatArray,
    irradiation_kwh_per_m2_plane: FloatArray,
    shading_ratio: FloatArray,
    *,
    frame_share: FloatArray,
    off_normal_ratio: FloatArray,
    glass_ratio: FloatArray,
    floor_area_m2: FloatArray,
) -> FloatArray:
    """Return the sun through the windows per floor area.

    q_sol = (1 − F_f) F_w g Σ_o F_sh,o A_win,o I_o / A_ref.

    Parameters
    ----------
    window_area_m2, irradiation_kwh_per_m2_plane, shading_ratio : (n, o) arrays
        Window area, irradiation of the season and what shading leaves of it, by direction.
    frame_share, off_normal_ratio, glass_ratio, floor_area_m2 : (n,) arrays
        F_f, F_w, g for perpendicular sun, and A_ref.
    """
    sun = (shading_ratio * window_area_m2 * irradiation_kwh_per_m2_plane).sum(axis=1)
    return np.asarray((1.0 - frame_share) * off_normal_ratio * glass_ratio * sun / floor_area_m2)
