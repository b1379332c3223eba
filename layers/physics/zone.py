"""A building as five conductances and one capacity (5R1C), ISO 13790:2008 Annex C.

Three nodes — air, inner surfaces, mass — and the outside are joined by five conductances:

    H_ve  air to outside (ventilation)          H_w   surfaces to outside (windows)
    H_is  air to surfaces                       H_ms  surfaces to mass
    H_em  mass to outside (walls, roof, floor)

The mass with its capacity C takes one Crank-Nicolson step an hour (C.4), everything else is in balance
within the hour (C.5 to C.11). Half of the internal gains warms the air; the other half and the sun are
divided between mass and surfaces by their areas, and a little leaves at once through the windows (C.1 to
C.3). Heating and cooling act on the air.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from layers.core.types import FloatArray, IntArray
from layers.core.weather import FACADE_AZIMUTHS_DEG

# horizontal, then eight façades clockwise from north
SURFACES = 1 + len(FACADE_AZIMUTHS_DEG)
# C.12: what the air and what the surfaces count in the temperature that people feel
OPERATIVE_AIR_SHARE = 0.3
AIR_SHARE = 1.0
# part of the internal gains that warms the air at once (C.1)
CONVECTIVE_SHARE = 0.5
# the coefficients of a building in one state of its ventilation, in the order of the loops
COEFFICIENTS = (
    "kept", "step_air", "step_gain", "step_heat",
    "felt_mass", "felt_air", "felt_gain", "felt_heat", "per_felt",
)  # fmt: skip


# what a model has once for each state or month, buildings along the second axis
OF_STATES = ("ventilation_w_per_k", "sun_ratio")


@dataclass(frozen=True)
class ZoneModel:
    """What the hourly balance knows of n buildings; every field is an (n,) array unless it says more.

    Attributes
    ----------
    ventilation_w_per_k : (2, n) array
        H_ve while the rooms are not used and while they are.
    window_w_per_k, mass_outside_w_per_k, air_surface_w_per_k, surface_mass_w_per_k
        H_w, H_em, H_is, H_ms.
    heat_capacity_wh_per_k
        C.
    mass_gain_share, surface_gain_share
        How much of sun and radiant gains reaches mass and surfaces; the rest leaves through windows.
    heating_set_c, cooling_set_c
        Temperatures below which is heated and above which is cooled while the rooms are used.
    internal_gain_w
        Mean over the year.
    heater_w, cooler_w
        Greatest power; `inf` where it is not limited, 0 where there is no plant.
    aperture_m2 : (n, 9) array
        Area that lets sun in: horizontal, then façades clockwise from north.
    sun_ratio : (12, n) array
        What neighbours leave of that sun in each month.
    """

    ventilation_w_per_k: FloatArray
    window_w_per_k: FloatArray
    mass_outside_w_per_k: FloatArray
    air_surface_w_per_k: FloatArray
    surface_mass_w_per_k: FloatArray
    heat_capacity_wh_per_k: FloatArray
    mass_gain_share: FloatArray
    surface_gain_share: FloatArray
    heating_set_c: FloatArray
    cooling_set_c: FloatArray
    internal_gain_w: FloatArray
    heater_w: FloatArray
    cooler_w: FloatArray
    aperture_m2: FloatArray
    sun_ratio: FloatArray

    def __len__(self) -> int:
        return len(self.window_w_per_k)

    def take(self, rows: IntArray | slice) -> ZoneModel:
        """Return the models of some buildings."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        rows_of = {
            name: values[:, rows] if name in OF_STATES else values[rows] for name, values in parts.items()
        }
        return ZoneModel(**rows_of)


@dataclass(frozen=True)
class HourlyDrivers:
    """What changes from hour to hour; g groups of buildings are used alike.

    Attributes
    ----------
    temperature_c : (hours,) array
        Outdoor air.
    sun_w_per_m2_plane : (9, hours) array
        Irradiance on the horizontal and on eight façades clockwise from north.
    gain_ratio : (g, hours) array
        Internal gains over their mean.
    lower_k : (g, hours) array
        By how much the rooms may be colder than the heating set-point.
    higher_k : (g, hours) array
        By how much they may be warmer than the cooling set-point.
    is_used : (g, hours) array of bool
        When the ventilation for use runs.
    month : (hours,) array
        0 to 11.
    """

    temperature_c: FloatArray
    sun_w_per_m2_plane: FloatArray
    gain_ratio: FloatArray
    lower_k: FloatArray
    higher_k: FloatArray
    is_used: npt.NDArray[np.bool_]
    month: IntArray

    def take_hours(self, hours: IntArray | slice) -> HourlyDrivers:
        """Return the drivers of some hours."""
        return HourlyDrivers(*(getattr(self, each.name)[..., hours] for each in fields(self)))


def constant_use(
    temperature_c: FloatArray, sun_w_per_m2_plane: FloatArray, gain_ratio: FloatArray | None = None
) -> HourlyDrivers:
    """Return the drivers of one group whose set-points and ventilation never change.

    Parameters
    ----------
    gain_ratio : (1, hours) array, optional
        Internal gains over their mean; 1 by default.

    Neighbours leave what the first month says.
    """
    none = np.zeros((1, len(temperature_c)))
    gains = none + 1.0 if gain_ratio is None else gain_ratio
    month = np.zeros(len(temperature_c), dtype=np.int64)
    return HourlyDrivers(temperature_c, sun_w_per_m2_plane, gains, none, none, none == 0.0, month)


def coefficients(zone: ZoneModel, air_share: float = OPERATIVE_AIR_SHARE) -> FloatArray:
    """Return what turns temperature, gains and power into the next hour.

    With the old mass temperature t, outside air θ, radiant gains g and heat to the air x

        next mass temperature = kept t + step_air θ + step_gain g + step_heat x
        felt temperature      = felt_mass t + felt_air θ + felt_gain g + felt_heat x

    and `per_felt` = 1 / felt_heat, the power that warms the felt temperature by 1 K.

    Parameters
    ----------
    zone : ZoneModel of n buildings
    air_share : float
        Part of the air in the controlled temperature: 0.3 operative, 1 air.

    Returns
    -------
    (2, 9, n) array
        By state of the ventilation and in the order of `COEFFICIENTS`.
    """
    vent, window = zone.ventilation_w_per_k, zone.window_w_per_k
    inner, outer, joint = zone.air_surface_w_per_k, zone.mass_outside_w_per_k, zone.surface_mass_w_per_k
    air_total = inner + vent
    to_surface = inner / air_total  # H_tr,1 / H_ve
    through = to_surface * vent + window  # H_tr,2 (C.6, C.7)
    to_mass = joint / (joint + through)  # H_tr,3 / H_tr,2
    half = 0.5 * (to_mass * through + outer)
    step = zone.heat_capacity_wh_per_k + half
    kept = (zone.heat_capacity_wh_per_k - half) / step
    step_air = (outer + to_mass * through) / step
    step_gain = (zone.mass_gain_share + to_mass * zone.surface_gain_share) / step
    step_heat = to_mass * to_surface / step
    # surfaces (C.10) from the mean of old and new mass temperature (C.9)
    surface_total = joint + through
    mass, air = 0.5 * joint * (1.0 + kept) / surface_total, (0.5 * joint * step_air + through) / surface_total
    gain = (0.5 * joint * step_gain + zone.surface_gain_share) / surface_total
    heat = (0.5 * joint * step_heat + to_surface) / surface_total
    # air (C.11) is a part of the surfaces' temperature, of the outside's and of the heat
    felt = air_share * to_surface + (1.0 - air_share)
    felt_heat = felt * heat + air_share / air_total
    table = (
        kept, step_air, step_gain, step_heat, felt * mass, felt * air + air_share * vent / air_total,
        felt * gain, felt_heat, 1.0 / felt_heat,
    )  # fmt: skip
    return np.stack([np.broadcast_to(each, vent.shape) for each in table], axis=1)


def node_temperatures_c(
    zone: ZoneModel, group: IntArray, drivers: HourlyDrivers, power_w: FloatArray, first_mass_c: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the temperatures of air, surfaces and mass that follow from a power.

    The three balances of each hour are solved as they stand, apart from the closed form of
    `coefficients`, so that one can be checked by the other.

    Parameters
    ----------
    power_w : (hours, n) array
        Positive heats, negative cools.
    first_mass_c : (n,) array

    Returns
    -------
    air, surfaces : (hours, n) arrays
    mass : (hours + 1, n) array
        Before the first and after every hour.
    """
    hours, every = len(power_w), np.arange(len(zone))
    air, surface = np.empty((hours, len(zone))), np.empty((hours, len(zone)))
    mass = np.vstack([first_mass_c, np.empty((hours, len(zone)))])
    window, inner = zone.window_w_per_k, zone.air_surface_w_per_k
    joint, outer, store = zone.surface_mass_w_per_k, zone.mass_outside_w_per_k, zone.heat_capacity_wh_per_k
    for t in range(hours):
        vent = zone.ventilation_w_per_k[drivers.is_used[group, t].astype(int), every]
        outside, half = (
            drivers.temperature_c[t],
            CONVECTIVE_SHARE * zone.internal_gain_w * drivers.gain_ratio[group, t],
        )
        sun = zone.aperture_m2 @ drivers.sun_w_per_m2_plane[:, t]
        gain = half + sun * zone.sun_ratio[drivers.month[t]]
        none = np.zeros_like(vent)
        matrix = np.array([
            [inner + vent, -inner, none],
            [-inner, inner + joint + window, -0.5 * joint],
            [none, -joint, store + 0.5 * (joint + outer)],
        ])  # fmt: skip
        right = np.array([
            half + power_w[t] + vent * outside,
            zone.surface_gain_share * gain + window * outside + 0.5 * joint * mass[t],
            zone.mass_gain_share * gain + outer * outside + (store - 0.5 * (joint + outer)) * mass[t],
        ])  # fmt: skip
        found = np.linalg.solve(np.moveaxis(matrix, -1, 0), right.T[:, :, None])[:, :, 0]
        air[t], surface[t], mass[t + 1] = found.T
    return air, surface, mass
