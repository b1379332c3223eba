"""Cell temperature of modules after Fuentes (1987), as PVWatts uses it, for many planes at once.

A module is a plate that sunlight heats and that loses heat to the air on both sides (free and forced
convection together), to the sky and to what lies behind it. How well its back is cooled follows from the
installed nominal operating cell temperature (NOCT): the temperature at 800 W/m², 20 °C and 1 m/s. Within an
hour the balance is solved with linear change of the sun and the module's thermal mass. Equation numbers
are those of the report.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from layers.core.types import BoolArray, FloatArray

STEFAN_BOLTZMANN_W_PER_M2_K4 = 5.669e-8
ZERO_C_K = 273.15
SECONDS_PER_HOUR = 3600.0
GRAVITY_M_PER_S2 = 9.8
AIR_HEAT_J_PER_KG_K = 1007.0
PRANDTL = 0.71
PRESSURE_PA = 101325.0
# properties of a module in the report
ABSORBED_SHARE = 0.83
EMITTED_SHARE = 0.84
SIZE_M = 0.5
PLATE_J_PER_M2_K = 11000.0
# boundary of laminar flow
LARGEST_LAMINAR = 1.2e5
# conditions of the nominal operating cell temperature
NOCT_SUN_W_PER_M2 = 800.0
NOCT_AIR_K = 293.15
NOCT_SKY_K = 282.21
# a NOCT above 48 °C means contact with the roof, whose mass is added (equations 26 and 27)
CONTACT_NOCT_K = 321.15
CONTACT_STEP_K = 12.0
# the height at which stations measure wind, and the exponent of its profile (equation 22)
STATION_M = 9.144
WIND_EXPONENT = 0.2
# keeps calm air from standing quite still
LEAST_WIND_M_PER_S = 1e-4
ROUNDS = 10


@njit(cache=True)
def _convection(mean_k: float, wind: float, gap_k: float, slope_sine: float, turbulent: bool) -> float:
    """Return the heat transfer of one side, free and forced together. [W/(m² K)]"""
    density = 0.003484 * PRESSURE_PA / mean_k
    viscosity = 0.24237e-6 * mean_k**0.76 / density
    conductivity = 2.1695e-4 * mean_k**0.84
    reynolds = wind * SIZE_M / viscosity
    if turbulent and reynolds > LARGEST_LAMINAR:
        stanton = 0.0282 / reynolds**0.2 / PRANDTL**0.4
    else:
        stanton = 0.86 / reynolds**0.5 / PRANDTL**0.67
    forced = stanton * density * AIR_HEAT_J_PER_KG_K * wind
    grashof = GRAVITY_M_PER_S2 / mean_k * gap_k * SIZE_M**3 / viscosity**2 * slope_sine
    free = 0.21 * (grashof * PRANDTL) ** 0.32 * conductivity / SIZE_M
    return float((free**3 + forced**3) ** (1.0 / 3.0))


@njit(cache=True)
def _back_side(noct_k: float, slope_sine: float) -> tuple[float, float, float]:
    """Return ground temperature ratio, both sides' convection over the front's, and thermal mass."""
    above = noct_k - NOCT_AIR_K
    sigma = EMITTED_SHARE * STEFAN_BOLTZMANN_W_PER_M2_K4
    absorbed = ABSORBED_SHARE * NOCT_SUN_W_PER_M2
    front = _convection((noct_k + NOCT_AIR_K) / 2.0, 1.0, above, slope_sine, False)
    ground_loss = sigma * (noct_k**2 + NOCT_AIR_K**2) * (noct_k + NOCT_AIR_K)
    back_ratio = (absorbed - sigma * (noct_k**4 - NOCT_SKY_K**4) - front * above) / (
        (ground_loss + front) * above
    )
    ground = max(0.0, noct_k**4 - back_ratio * (noct_k**4 - NOCT_AIR_K**4)) ** 0.25
    ground = min(max(ground, NOCT_AIR_K), noct_k)
    sides = (absorbed - sigma * (2.0 * noct_k**4 - NOCT_SKY_K**4 - ground**4)) / (front * above)
    mass = PLATE_J_PER_M2_K
    if noct_k > CONTACT_NOCT_K:
        mass *= 1.0 + (noct_k - CONTACT_NOCT_K) / CONTACT_STEP_K
    return (ground - NOCT_AIR_K) / above, sides, mass


@njit(cache=True)
def _cells(
    sun: FloatArray, air_k: FloatArray, wind: FloatArray, follows: BoolArray, noct_k: float, slope_sine: float
) -> FloatArray:
    """Return the temperature of each plane in each hour; (planes, hours). [K]"""
    ground_ratio, sides, mass = _back_side(noct_k, slope_sine)
    sigma = EMITTED_SHARE * STEFAN_BOLTZMANN_W_PER_M2_K4
    planes, hours = sun.shape
    cells = np.empty((planes, hours))
    for p in range(planes):
        before_k, before_sun = 0.0, 0.0
        for t in range(hours):
            air = air_k[t]
            if t == 0 or not follows[t]:
                before_k, before_sun = air, 0.0
            heat = ABSORBED_SHARE * sun[p, t]
            sky = 0.68 * (0.0552 * air**1.5) + 0.32 * air
            cell = before_k
            for _ in range(ROUNDS):
                convection = sides * _convection(
                    (cell + air) / 2.0, wind[t], abs(cell - air), slope_sine, True
                )
                to_sky = sigma * (cell**2 + sky**2) * (cell + sky)
                ground = air + ground_ratio * (cell - air)
                to_ground = sigma * (cell**2 + ground**2) * (cell + ground)
                total = convection + to_sky + to_ground
                rate = -total / mass * SECONDS_PER_HOUR
                left = math.exp(rate) if rate > -10.0 else 0.0
                driven = convection * air + to_sky * sky + to_ground * ground + before_sun
                changed = heat - before_sun
                last = cell
                cell = before_k * left + ((1.0 - left) * (driven + changed / rate) + changed) / total
                if abs(cell - last) < 1e-4:
                    break
            cells[p, t] = cell
            before_k, before_sun = cell, heat
    return cells


def fuentes_cell_c(
    irradiance_w_per_m2: FloatArray,
    temperature_c: FloatArray,
    wind_m_per_s: FloatArray,
    follows: BoolArray,
    tilt_deg: float,
    noct_c: float,
    height_m: float,
) -> FloatArray:
    """Return the cell temperature of planes of one tilt, hour by hour.

    Parameters
    ----------
    irradiance_w_per_m2 : (planes, hours) array
        On the plane.
    temperature_c, wind_m_per_s : (hours,) arrays
        Air, and wind as stations measure it.
    follows : (hours,) array of flags
        Whether an hour comes straight after the one before it; else the module starts as cold as the air.
    tilt_deg, noct_c, height_m : float
        Of the modules; the height is above the ground.

    Returns
    -------
    (planes, hours) array
    """
    wind = wind_m_per_s * (height_m / STATION_M) ** WIND_EXPONENT + LEAST_WIND_M_PER_S
    cells = _cells(
        np.ascontiguousarray(irradiance_w_per_m2, dtype=np.float64),
        np.ascontiguousarray(temperature_c + ZERO_C_K, dtype=np.float64),
        np.ascontiguousarray(wind, dtype=np.float64),
        np.ascontiguousarray(follows, dtype=np.bool_),
        noct_c + ZERO_C_K,
        math.sin(math.radians(tilt_deg)),
    )
    return np.asarray(cells - ZERO_C_K, dtype=np.float64)
