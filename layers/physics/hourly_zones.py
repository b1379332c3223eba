"""From areas and archetype values to the hourly model, with losses, gains and capacity of the monthly one.

Losses are those of the monthly balance: windows join the surfaces to the outside, everything else of the
envelope the mass, and H_em is chosen so that mass and surface joint in series lose just that,
1 / H_em = 1 / H_opaque − 1 / H_ms. What the sun gives in each month is that of the monthly balance too:
the hours deal it out.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from layers.core.facts import value
from layers.core.hourly_settings import HourlyParams
from layers.core.types import FloatArray
from layers.core.weather import FACADE_AZIMUTHS_DEG, HOURS_PER_YEAR, MONTH_OF_HOUR, MONTHS, HourlyWeather
from layers.physics.building_heat import Bodies, TypeValues, transmission_w_per_k, window_aperture_m2
from layers.physics.irradiance import PlaneParams, plane_hours, sunny_hours
from layers.physics.seasonal import W_PER_KW, ventilation_w_per_m2_k
from layers.physics.zone import SURFACES, HourlyDrivers, ZoneModel

WH_PER_KJ = 1.0 / 3.6
VERTICAL_DEG = 90.0
# the mass node cannot lose more than its joint brings; what exceeds this share joins the surfaces
LARGEST_OPAQUE_SHARE = 0.9
CLASSES = ("very_light", "medium", "heavy", "very_heavy")


def facade_hours_w_per_m2_plane(
    weather: HourlyWeather, params: PlaneParams | None = None, *, sun_offset_h: float = 0.0
) -> FloatArray:
    """Return the sun on the horizontal and on eight open façades in every hour.

    Parameters
    ----------
    weather : HourlyWeather
    params : PlaneParams, optional
    sun_offset_h : float
        As for `layers.physics.irradiance.plane_tables`, whose months are the sums of these hours.

    Returns
    -------
    (9, 8760) array
        Horizontal, then façades clockwise from north. [W/m²]
    """
    chosen = params or PlaneParams()
    hours = sunny_hours(weather, sun_offset_h)
    light = weather.ghi_w_per_m2 > 0.0
    sun = np.zeros((SURFACES, HOURS_PER_YEAR))
    sun[0, light] = plane_hours(hours, 0.0, np.zeros(1), chosen).irradiance_w_per_m2[0]
    sun[1:, light] = plane_hours(hours, VERTICAL_DEG, FACADE_AZIMUTHS_DEG, chosen).irradiance_w_per_m2
    return sun


def month_sums_kwh(values_w: FloatArray) -> FloatArray:
    """Return the (k, 12) sums of (k, 8760) powers."""
    return np.stack([np.bincount(MONTH_OF_HOUR, row, MONTHS) for row in values_w]) / W_PER_KW


def mass_area_ratio(heat_capacity_wh_per_m2_k: FloatArray) -> FloatArray:
    """Return the effective area of the mass over the floor area, by heat capacity.

    Linear between the classes of ISO 13790, table 12, from very light (80 kJ/(m² K), 2.5) to very heavy
    (370 kJ/(m² K), 3.5).

    Examples
    --------
    >>> mass_area_ratio(np.array([45.0, 260 / 3.6, 500.0]))
    array([2.5, 3. , 3.5])
    """
    capacities = [value("hourly", f"capacity_{name}") * WH_PER_KJ for name in CLASSES]
    areas = [value("hourly", f"mass_area_{name}") for name in ("medium", "medium", "heavy", "very_heavy")]
    return np.asarray(np.interp(heat_capacity_wh_per_m2_k, capacities, areas))


def left_by_neighbours(
    aperture_m2: FloatArray, sun_w_per_m2_plane: FloatArray, solar_gain_kwh: FloatArray
) -> FloatArray:
    """Return what neighbours leave of the sun through all windows of a building in each month.

    Parameters
    ----------
    aperture_m2 : (n, 9) array
    sun_w_per_m2_plane : (9, 8760) array
        Open façades.
    solar_gain_kwh : (n, 12) array
        What the monthly balance lets in; the hours add up to it.

    Returns
    -------
    (12, n) array
    """
    whole = aperture_m2 @ month_sums_kwh(sun_w_per_m2_plane)
    return np.divide(solar_gain_kwh, whole, out=np.zeros_like(whole), where=whole > 0.0).T


def zone_model(
    bodies: Bodies,
    types: TypeValues,
    solar_gain_kwh: FloatArray,
    sun_w_per_m2_plane: FloatArray,
    heater_w: FloatArray,
    cooler_w: FloatArray,
    cooling_set_c: FloatArray,
    used_share: FloatArray,
    params: HourlyParams,
) -> ZoneModel:
    """Return the hourly model of buildings.

    Parameters
    ----------
    bodies : Bodies of n buildings
    types : TypeValues of n entries
        After `take`.
    solar_gain_kwh : (n, 12) array
        Sun through the windows before the glass, of the monthly balance.
    sun_w_per_m2_plane : (9, 8760) array
    heater_w, cooler_w : (n,) arrays
        Greatest power of heating and cooling.
    cooling_set_c : (n,) array
        Felt temperature above which is cooled.
    used_share : (n,) array
        Share of hours in which the ventilation for use runs; in them it brings the air of the whole day.
    params : HourlyParams
    """
    floor = bodies.floor_area_m2
    inside = params.internal_area_ratio * floor
    mass_area = np.minimum(mass_area_ratio(types.heat_capacity_wh_per_m2_k) * floor, inside)
    joint = params.surface_mass_w_per_m2_k * mass_area
    glass = types.u_window_w_per_m2_k * bodies.window_area_m2
    opaque = transmission_w_per_k(bodies, types) - glass
    behind_mass = np.minimum(opaque, LARGEST_OPAQUE_SHARE * joint)
    window = glass + opaque - behind_mass
    mass_share = mass_area / inside
    at_once = window / (params.surface_mass_w_per_m2_k * inside)
    leaks = ventilation_w_per_m2_k(types.air_infiltration_per_h, types.room_height_m) * floor
    used_per_h = types.air_use_per_h * (1.0 - types.heat_recovery_share) / used_share
    use = ventilation_w_per_m2_k(used_per_h, types.room_height_m) * floor
    aperture = window_aperture_m2(bodies, 1.0)
    return ZoneModel(
        ventilation_w_per_k=np.stack([leaks, leaks + use]),
        window_w_per_k=window,
        mass_outside_w_per_k=behind_mass * joint / (joint - behind_mass),
        air_surface_w_per_k=params.air_surface_w_per_m2_k * inside,
        surface_mass_w_per_k=joint,
        heat_capacity_wh_per_k=types.heat_capacity_wh_per_m2_k * floor,
        mass_gain_share=mass_share,
        surface_gain_share=np.maximum(1.0 - mass_share - at_once, 0.0),
        heating_set_c=types.set_point_c,
        cooling_set_c=np.maximum(cooling_set_c, types.set_point_c),
        internal_gain_w=types.internal_gain_w_per_m2 * floor,
        heater_w=heater_w,
        cooler_w=cooler_w,
        aperture_m2=aperture * types.window_g_ratio[:, None],
        sun_ratio=left_by_neighbours(aperture, sun_w_per_m2_plane, solar_gain_kwh),
    )


def without_cooling(zone: ZoneModel) -> ZoneModel:
    """Return the same buildings without a plant that cools and with heating of any power."""
    none = np.zeros(len(zone))
    return dataclasses.replace(zone, cooler_w=none, heater_w=none + np.inf)


def steady_drivers(temperature_c: FloatArray, sun_w_per_m2_plane: FloatArray) -> HourlyDrivers:
    """Return a year in which every building is used alike in all hours, as the monthly balance has it."""
    none = np.zeros((1, HOURS_PER_YEAR))
    always: npt.NDArray[np.bool_] = none == 0.0
    return HourlyDrivers(temperature_c, sun_w_per_m2_plane, none + 1.0, none, none, always, MONTH_OF_HOUR)
