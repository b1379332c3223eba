"""The hourly model in the conventions of RC_BuildingSimulator, to compare both hour by hour.

That simulator (Jayathissa, ETH Zürich; package `rcbsim`) follows Annex C of ISO 13790 with two
conventions of its own: the opaque envelope joins the mass to the outside with its full conductance, and
the temperature of the air is controlled. Its answers are kept beside the tests (`rcbsim/zones.csv` and
`rcbsim/hours.csv.gz`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.core.facts import value
from layers.core.types import FloatArray
from layers.core.weather import MONTHS
from layers.physics.hourly import FIRST_MASS_C, simulate_hours
from layers.physics.zone import (
    AIR_SHARE,
    SURFACES,
    ZoneModel,
    constant_use,
)

JOULES_PER_WH = 3600.0
AIR_HEAT_J_PER_M3_K = 1200.0
MASS_AREA_RATIO = 2.5


def oracle_zone(zones: pd.DataFrame) -> ZoneModel:
    """Return the zones of the simulator as models, one row each."""
    of = {name: zones[name].to_numpy(dtype=np.float64) for name in zones.columns if name != "zone"}
    joint_w_per_m2_k = value("hourly", "surface_mass_w_per_m2_k")
    floor, inside = of["floor_area_m2"], of["internal_area_m2"]
    use_share = 1.0 - of["heat_recovery_share"]
    air_per_h = of["air_use_per_h"] * use_share + of["air_infiltration_per_h"]
    vent = AIR_HEAT_J_PER_M3_K * of["volume_m3"] * air_per_h / JOULES_PER_WH
    window = of["u_window_w_per_m2_k"] * of["window_area_m2"]
    mass_share = MASS_AREA_RATIO * floor / inside
    aperture = np.zeros((len(zones), SURFACES))
    aperture[:, 0] = of["aperture_m2"]
    return ZoneModel(
        ventilation_w_per_k=np.stack([vent, vent]),
        window_w_per_k=window,
        mass_outside_w_per_k=of["u_wall_w_per_m2_k"] * of["wall_area_m2"],
        air_surface_w_per_k=value("hourly", "air_surface_w_per_m2_k") * inside,
        surface_mass_w_per_k=joint_w_per_m2_k * MASS_AREA_RATIO * floor,
        heat_capacity_wh_per_k=of["heat_capacity_j_per_m2_k"] * floor / JOULES_PER_WH,
        mass_gain_share=mass_share,
        surface_gain_share=1.0 - mass_share - window / (joint_w_per_m2_k * inside),
        heating_set_c=of["heating_set_c"],
        cooling_set_c=of["cooling_set_c"],
        internal_gain_w=of["internal_gain_w_per_m2"] * floor,
        heater_w=of["heater_w_per_m2"] * floor,
        cooler_w=of["cooler_w_per_m2"] * floor,
        aperture_m2=aperture,
        sun_ratio=np.ones((MONTHS, len(zones))),
    )


def oracle_power_w(zones: pd.DataFrame, hours: pd.DataFrame) -> FloatArray:
    """Return our power of every zone in every hour, with the air's temperature controlled.

    Parameters
    ----------
    zones : DataFrame
        The columns of `rcbsim/zones.csv`.
    hours : DataFrame
        `temperature_c`, `sun_w_per_m2_plane` and `gain_ratio` of `rcbsim/hours.csv.gz`.

    Returns
    -------
    (hours, zones) array
        Positive heats, negative cools; compare with the columns `<zone>_w`.
    """
    found = []
    sun = np.zeros((SURFACES, len(hours)))
    sun[0] = hours["sun_w_per_m2_plane"]
    gain_ratio = hours["gain_ratio"].to_numpy(dtype=np.float64)[None, :]
    for number, warmer_k in enumerate(zones["warmer_k"]):
        zone = oracle_zone(zones.iloc[[number]])
        outside = hours["temperature_c"].to_numpy(dtype=np.float64) + warmer_k
        drivers = constant_use(outside, sun, gain_ratio)
        power = simulate_hours(
            zone, np.zeros(1, dtype=np.int64), drivers, air_share=AIR_SHARE, warm_up_h=0,
            first_mass_c=np.full(1, FIRST_MASS_C), precision=np.float64, width=1,
        )  # fmt: skip
        found.append(power.hours_w()[:, 0])
    return np.stack(found, axis=1).astype(np.float64)


def largest_difference_w(zones: pd.DataFrame, hours: pd.DataFrame) -> float:
    """Return by how much our power and the simulator's differ at most in any hour of any zone."""
    theirs = hours[[f"{name}_w" for name in zones["zone"]]].to_numpy(dtype=np.float64)
    return float(np.abs(oracle_power_w(zones, hours) - theirs).max())
