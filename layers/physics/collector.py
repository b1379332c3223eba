"""Heat of solar collectors, hour by hour after ISO 9806, added up over tilt and azimuth.

    heat = η₀ (K_b G_beam + K_d G_diffuse) − a₁ (T_m − T_a) − a₂ (T_m − T_a)²,   never below 0,

with the modifier of the beam K_b = 1 − b (1 / cos θ − 1), T_m the mean temperature of the fluid and T_a that
of the air. Areas are gross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.facts import value
from layers.core.types import FloatArray
from layers.physics.irradiance import AZIMUTHS_DEG, TILTS_DEG
from layers.physics.sun_hours import PlaneLight, SunnyHours, plane_light

W_PER_KW = 1000.0
# beyond this angle a cover lets nothing through and the formula would turn negative
WIDEST_DEG = 84.0


@dataclass(frozen=True)
class Collector:
    """Efficiency of a collector by gross area.

    Attributes
    ----------
    zero_loss_share : float
        Efficiency η₀ for beam at right angles and no loss.
    loss_w_per_m2_k : float
        a₁.
    growing_loss_w_per_m2_k2 : float
        a₂.
    diffuse_share : float
        K_d.
    angle_ratio : float
        b.
    """

    zero_loss_share: float
    loss_w_per_m2_k: float
    growing_loss_w_per_m2_k2: float
    diffuse_share: float
    angle_ratio: float


def read_collector(kind: str) -> Collector:
    """Return the collector of a kind, flat, tube or field, from the facts.

    Examples
    --------
    >>> read_collector("flat").loss_w_per_m2_k > read_collector("tube").loss_w_per_m2_k
    True
    """
    return Collector(
        value("solar_thermal", f"{kind}_zero_loss"),
        value("solar_thermal", f"{kind}_loss_1"),
        value("solar_thermal", f"{kind}_loss_2"),
        value("solar_thermal", "flat_diffuse"),
        value("solar_thermal", "flat_angle"),
    )


def collector_heat_w_per_m2(
    light: PlaneLight, temperature_c: FloatArray, fluid_c: float, collector: Collector
) -> FloatArray:
    """Return the heat of planes hour by hour; (planes, hours).

    Parameters
    ----------
    light : PlaneLight
    temperature_c : (hours,) array
        Air.
    fluid_c : float
        Mean temperature of the fluid.
    collector : Collector
    """
    narrow = np.minimum(light.incidence_deg, WIDEST_DEG)
    beam_modifier = np.where(
        light.incidence_deg < WIDEST_DEG,
        np.clip(1.0 - collector.angle_ratio * (1.0 / np.cos(np.radians(narrow)) - 1.0), 0.0, 1.0),
        0.0,
    )
    diffuse = (light.sky_w_per_m2 + light.ground_w_per_m2) * collector.diffuse_share
    caught = collector.zero_loss_share * (light.beam_w_per_m2 * beam_modifier + diffuse)
    above = np.maximum(fluid_c - temperature_c, 0.0)
    lost = collector.loss_w_per_m2_k * above + collector.growing_loss_w_per_m2_k2 * above**2
    return np.asarray(np.maximum(caught - lost, 0.0), dtype=np.float64)


def plane_heat_kwh_per_m2(
    hours: SunnyHours,
    tilt_deg: float,
    azimuth_deg: FloatArray,
    fluid_c: float,
    collector: Collector,
    albedo_share: float,
) -> FloatArray:
    """Return the yearly heat of planes of one tilt per gross area.

    Parameters
    ----------
    hours : SunnyHours
    tilt_deg : float
    azimuth_deg : (planes,) array
    fluid_c : float
    collector : Collector
    albedo_share : float

    Returns
    -------
    (planes,) array
    """
    light = plane_light(hours, tilt_deg, azimuth_deg, albedo_share)
    heat = collector_heat_w_per_m2(light, hours.temperature_c, fluid_c, collector)
    return np.asarray(heat.sum(axis=1) / W_PER_KW, dtype=np.float64)


def heat_table_kwh_per_m2(
    hours: SunnyHours, fluid_c: float, collector: Collector, albedo_share: float
) -> FloatArray:
    """Return the yearly heat by tilt and azimuth, the table for `layers.physics.irradiance.look_up`."""
    return np.stack(
        [
            plane_heat_kwh_per_m2(hours, float(tilt), AZIMUTHS_DEG, fluid_c, collector, albedo_share)
            for tilt in TILTS_DEG
        ]
    )
