"""From light on a plane to power, in the convention of PVGIS or of PVWatts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pvlib

from layers.core.facts import value
from layers.core.types import FloatArray
from layers.physics.cell_temperature import fuentes_cell_c
from layers.physics.plane_settings import PlaneParams, PvwattsParams
from layers.physics.sun_hours import PlaneLight, SunnyHours, plane_light

STANDARD_IRRADIANCE_W_PER_M2 = 1000.0
STANDARD_CELL_C = 25.0
# Martin and Ruiz' diffuse formula divides by the tilt; a thousandth of a degree is flat
FLATTEST_DEG = 1e-3


@dataclass(frozen=True)
class PlaneHours:
    """Irradiance and power of planes hour by hour; (planes, hours) arrays.

    `beam_w_per_m2` holds the sun's disc and the bright ring round it, `sky_w_per_m2` the rest of
    the sky. The powers are those of 1 kWp, divided among the same three origins.
    """

    beam_w_per_m2: FloatArray
    sky_w_per_m2: FloatArray
    ground_w_per_m2: FloatArray
    beam_power_w: FloatArray
    sky_power_w: FloatArray
    ground_power_w: FloatArray

    @property
    def irradiance_w_per_m2(self) -> FloatArray:
        """Return the plane-of-array irradiance."""
        return self.beam_w_per_m2 + self.sky_w_per_m2 + self.ground_w_per_m2

    @property
    def power_w(self) -> FloatArray:
        """Return the power of 1 kWp behind all losses."""
        return self.beam_power_w + self.sky_power_w + self.ground_power_w


def pvgis_power_w(
    effective_w_per_m2: FloatArray,
    irradiance_w_per_m2: FloatArray,
    temperature_c: FloatArray,
    wind_m_per_s: FloatArray,
    params: PlaneParams,
) -> FloatArray:
    """Return the power of 1 kWp of crystalline silicon as PVGIS 5 computes it.

    Parameters
    ----------
    effective_w_per_m2 : array
        Irradiance behind the glass, reflection taken off.
    irradiance_w_per_m2 : array
        Irradiance on the plane, which warms the module (Faiman 2008).
    temperature_c, wind_m_per_s : arrays that broadcast with the irradiance
        Air temperature and wind at 10 m.
    params : PlaneParams

    Returns
    -------
    array
        Power behind all losses (Huld et al. 2011, coefficients of PVGIS 5). [W]
    """
    module_c = pvlib.temperature.faiman(
        irradiance_w_per_m2,
        temperature_c,
        wind_m_per_s * params.wind_at_module_ratio,
        params.faiman_u0_w_per_m2_k,
        params.faiman_u1_ws_per_m3_k,
    )
    # the efficiency holds the logarithm of irradiance, which darkness has not
    lit = np.maximum(effective_w_per_m2 * (1.0 + params.spectral_gain_share), 1e-3)
    power = pvlib.pvarray.huld(
        lit, module_c, STANDARD_IRRADIANCE_W_PER_M2, cell_type="csi", k_version="pvgis5"
    )
    return np.asarray(np.maximum(power, 0.0) * (1.0 - params.system_loss_share), dtype=np.float64)


def inverter_power_w(dc_power_w: FloatArray, params: PvwattsParams) -> FloatArray:
    """Return the power behind the inverter for modules of 1 kWp (Dobos 2014, equations 10 to 13).

    Parameters
    ----------
    dc_power_w : array
        Power that reaches the inverter.
    params : PvwattsParams

    Returns
    -------
    array
        Never more than the inverter's power, 1 kWp over the ratio of modules to inverter. [W]
    """
    rated = STANDARD_IRRADIANCE_W_PER_M2 / params.dc_ac_ratio
    taken = rated / params.inverter_share
    load = np.maximum(dc_power_w / taken, 1e-9)
    efficiency = (params.inverter_share / value("pvwatts", "inverter_reference")) * (
        value("pvwatts", "inverter_slope") * load
        + value("pvwatts", "inverter_standing") / load
        + value("pvwatts", "inverter_constant")
    )
    given = np.minimum(np.maximum(efficiency, 0.0) * dc_power_w, rated)
    return np.asarray(np.where(dc_power_w > 0.0, given, 0.0), dtype=np.float64)


def pvwatts_power_w(effective_w_per_m2: FloatArray, cell_c: FloatArray, params: PvwattsParams) -> FloatArray:
    """Return the power of 1 kWp as PVWatts 5 computes it: linear in cell temperature, then the inverter.

    Parameters
    ----------
    effective_w_per_m2 : array
        Irradiance behind the glass.
    cell_c : array
        Cell temperature.
    params : PvwattsParams

    Examples
    --------
    At 1000 W/m² and 25 °C the losses leave 859.2 W, of which the inverter can give 1000 / 1.2 W:

    >>> pvwatts_power_w(np.array([1000.0]), np.array([25.0]), PvwattsParams()).round(1)
    array([824.9])
    """
    warmth = 1.0 + params.temperature_coefficient_per_k * (cell_c - STANDARD_CELL_C)
    direct = np.maximum(effective_w_per_m2 * warmth, 0.0) * (1.0 - params.system_loss_share)
    return inverter_power_w(direct, params)


def glass_modifier(incidence_deg: FloatArray, params: PvwattsParams) -> FloatArray:
    """Return what a glass cover lets through over what it does at right angles; 0 behind the plane."""
    found = pvlib.iam.physical(
        incidence_deg,
        n=params.glass_index_ratio,
        K=value("pvwatts", "glass_extinction"),
        L=value("pvwatts", "glass_thickness"),
    )
    return np.asarray(np.nan_to_num(found), dtype=np.float64)


def _pvgis_parts(
    light: PlaneLight, hours: SunnyHours, tilt_deg: float, params: PlaneParams
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return effective beam, sky and ground light, and the power of all three."""
    diffuse = pvlib.iam.martin_ruiz_diffuse(max(tilt_deg, FLATTEST_DEG), a_r=params.reflection_ratio)
    beam = light.beam_w_per_m2 * pvlib.iam.martin_ruiz(light.incidence_deg, a_r=params.reflection_ratio)
    sky = light.sky_w_per_m2 * float(diffuse["sky"])
    ground = light.ground_w_per_m2 * float(diffuse["ground"])
    power = pvgis_power_w(
        beam + sky + ground, light.irradiance_w_per_m2, hours.temperature_c, hours.wind_m_per_s, params
    )
    return beam, sky, ground, power


def _pvwatts_parts(
    light: PlaneLight, hours: SunnyHours, tilt_deg: float, params: PvwattsParams
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return effective beam, sky and ground light, and the power of all three; glass takes beam only."""
    beam = light.disc_w_per_m2 * glass_modifier(light.incidence_deg, params) + light.ring_w_per_m2
    cell_c = fuentes_cell_c(
        light.irradiance_w_per_m2, hours.temperature_c, hours.wind_m_per_s, hours.follows, tilt_deg,
        params.noct_c, value("pvwatts", "module_height"),
    )  # fmt: skip
    effective = beam + light.sky_w_per_m2 + light.ground_w_per_m2
    return beam, light.sky_w_per_m2, light.ground_w_per_m2, pvwatts_power_w(effective, cell_c, params)


def power_of_light(light: PlaneLight, hours: SunnyHours, tilt_deg: float, params: PlaneParams) -> PlaneHours:
    """Return the power of 1 kWp under given light, by the origin of the light."""
    if params.mode == "pvgis":
        beam, sky, ground, power = _pvgis_parts(light, hours, tilt_deg, params)
    else:
        beam, sky, ground, power = _pvwatts_parts(light, hours, tilt_deg, params.pvwatts)
    effective = beam + sky + ground
    per_light = np.divide(power, effective, out=np.zeros_like(power), where=effective > 0.0)
    return PlaneHours(
        beam_w_per_m2=light.beam_w_per_m2,
        sky_w_per_m2=light.sky_w_per_m2,
        ground_w_per_m2=light.ground_w_per_m2,
        beam_power_w=beam * per_light,
        sky_power_w=sky * per_light,
        ground_power_w=ground * per_light,
    )


def plane_hours(
    hours: SunnyHours, tilt_deg: float, azimuth_deg: FloatArray, params: PlaneParams
) -> PlaneHours:
    """Return irradiance and power of planes of one tilt, hour by hour.

    Parameters
    ----------
    hours : SunnyHours
    tilt_deg : float
    azimuth_deg : (planes,) array
        Direction each plane faces, clockwise from north.
    params : PlaneParams
    """
    light = plane_light(hours, tilt_deg, azimuth_deg, params.albedo_share, params.sky_model)
    return power_of_light(light, hours, tilt_deg, params)
