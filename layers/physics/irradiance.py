"""Irradiation and photovoltaic yield of planes of any tilt and azimuth, computed once per place.

All buildings of a place share one sky. So the hours are summed once into tables over tilt
(0…90° in steps of 10°) and azimuth (0…350° in steps of 10°), and a roof plane costs one bilinear
look-up. Irradiance is transposed after Perez et al. 1990; the yield follows the conventions of
PVGIS 5: reflection after Martin and Ruiz, module temperature after Faiman, efficiency after Huld,
and system losses that include the inverter.

For shading the yearly yield is kept apart by its origin: the beam and the bright ring round the sun
(by the sun's direction and height), the rest of the sky, and the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pvlib
from scipy import sparse

from layers.core.facts import value
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.weather import FACADE_AZIMUTHS_DEG, MONTH_OF_HOUR, MONTHS, HourlyWeather
from layers.physics.weather import W_PER_KW, hour_centres, monthly_means_c, sun_position_deg

STEP_DEG = 10.0
TILTS_DEG = np.arange(0.0, 90.1, STEP_DEG)
AZIMUTHS_DEG = np.arange(0.0, 360.0, STEP_DEG)
# the sun's directions of the shading table, each centred on its azimuth, and heights in whole degrees
DIRECTION_COUNT = 36
HEIGHTS_DEG = np.arange(0.0, 91.0)
STANDARD_IRRADIANCE_W_PER_M2 = 1000.0
# Martin and Ruiz' diffuse formula divides by the tilt; a thousandth of a degree is flat
FLATTEST_DEG = 1e-3


@dataclass(frozen=True)
class PlaneParams:
    """Assumptions of transposition and yield.

    Attributes
    ----------
    albedo_share : float
        Reflected share of the light on the ground; 0 to 1.
    reflection_ratio : float
        Angular loss coefficient a_r of Martin and Ruiz; 0.08 to 0.25.
    faiman_u0_w_per_m2_k : float
        Heat loss of the module without wind.
    faiman_u1_ws_per_m3_k : float
        Additional heat loss per m/s of wind at the module.
    wind_at_module_ratio : float
        Wind at the module's height over wind at 10 m; 0.3 to 1.
    spectral_gain_share : float
        Yearly gain of crystalline silicon from the spectrum of daylight.
    system_loss_share : float
        All losses behind the module, the inverter included; 0 to 0.5.
    """

    albedo_share: float = field(default_factory=lambda: value("solar", "ground_albedo"))
    reflection_ratio: float = field(default_factory=lambda: value("solar", "martin_ruiz_a_r"))
    faiman_u0_w_per_m2_k: float = field(default_factory=lambda: value("solar", "faiman_u0"))
    faiman_u1_ws_per_m3_k: float = field(default_factory=lambda: value("solar", "faiman_u1"))
    wind_at_module_ratio: float = field(default_factory=lambda: value("solar", "wind_at_module"))
    spectral_gain_share: float = field(default_factory=lambda: value("solar", "spectral_gain"))
    system_loss_share: float = field(default_factory=lambda: value("solar", "system_loss"))

    def __post_init__(self) -> None:
        if not 0.0 <= self.albedo_share <= 1.0:
            raise ValueError(f"an albedo of {self.albedo_share} is outside 0 to 1")
        if not 0.0 <= self.system_loss_share <= 0.5:
            raise ValueError(f"a system loss of {self.system_loss_share} is outside 0 to 0.5")
        if not 0.3 <= self.wind_at_module_ratio <= 1.0:
            raise ValueError(f"a wind ratio of {self.wind_at_module_ratio} is outside 0.3 to 1")
        if not 0.08 <= self.reflection_ratio <= 0.25:
            raise ValueError(
                f"a coefficient of reflection of {self.reflection_ratio} is outside 0.08 to 0.25"
            )


@dataclass(frozen=True)
class SunnyHours:
    """The hours of a year that have light, with the sun's place.

    All arrays have one entry an hour; `month` is 0 to 11; `sun_up` is False at twilight, when only
    diffuse light is left.
    """

    month: IntArray
    zenith_deg: FloatArray
    azimuth_deg: FloatArray
    sun_up: BoolArray
    ghi_w_per_m2: FloatArray
    dni_w_per_m2: FloatArray
    dhi_w_per_m2: FloatArray
    extra_w_per_m2: FloatArray
    air_mass_ratio: FloatArray
    temperature_c: FloatArray
    wind_m_per_s: FloatArray


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


@dataclass(frozen=True)
class PlaneTables:
    """Everything a roof needs to know about the sky above a place.

    Attributes
    ----------
    irradiation_kwh_per_m2_plane : (10, 36, 12) array
        Monthly plane-of-array irradiation by tilt and azimuth.
    yield_kwh_per_kwp : (10, 36, 12) array
        Monthly yield without shading and snow.
    beam_yield_kwh_per_kwp : (10, 36, 36, 91) array
        Yearly yield from the sun in each of 36 directions while it stands lower than 0, 1 … 90°.
    sky_yield_kwh_per_kwp, ground_yield_kwh_per_kwp : (10, 36) arrays
        Yearly yield from the rest of the sky and from the ground.
    facade_irradiation_kwh_per_m2_plane : (9, 12) array
        Horizontal plane, then façades clockwise from north.
    temperature_c : (12,) array
        Monthly means, which decide how long snow lies.
    """

    latitude_deg: float
    longitude_deg: float
    irradiation_kwh_per_m2_plane: FloatArray
    yield_kwh_per_kwp: FloatArray
    beam_yield_kwh_per_kwp: FloatArray
    sky_yield_kwh_per_kwp: FloatArray
    ground_yield_kwh_per_kwp: FloatArray
    facade_irradiation_kwh_per_m2_plane: FloatArray
    temperature_c: FloatArray
    irradiation_error_share: float
    origin: str


def sunny_hours(weather: HourlyWeather, sun_offset_h: float = 0.0) -> SunnyHours:
    """Return the hours with light and the sun's place in each.

    Parameters
    ----------
    weather : HourlyWeather
    sun_offset_h : float
        Time for which the values stand, counted from the middle of the hour.
    """
    times = hour_centres() + np.timedelta64(round(sun_offset_h * 3600), "s")
    zenith_deg, azimuth_deg = sun_position_deg(times, weather.latitude_deg, weather.longitude_deg)
    light = weather.ghi_w_per_m2 > 0.0
    zenith_deg, azimuth_deg = zenith_deg[light], azimuth_deg[light]
    sun_up = zenith_deg < 90.0
    return SunnyHours(
        month=MONTH_OF_HOUR[light],
        zenith_deg=zenith_deg,
        azimuth_deg=azimuth_deg,
        sun_up=sun_up,
        ghi_w_per_m2=weather.ghi_w_per_m2[light],
        dni_w_per_m2=np.where(sun_up, weather.dni_w_per_m2[light], 0.0),
        dhi_w_per_m2=weather.dhi_w_per_m2[light],
        extra_w_per_m2=pvlib.irradiance.get_extra_radiation(times).to_numpy()[light],
        air_mass_ratio=np.asarray(pvlib.atmosphere.get_relative_airmass(np.minimum(zenith_deg, 89.99))),
        temperature_c=weather.temperature_c[light],
        wind_m_per_s=weather.wind_m_per_s[light],
    )


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
    face = azimuth_deg[:, None]
    incidence_deg = pvlib.irradiance.aoi(tilt_deg, face, hours.zenith_deg, hours.azimuth_deg)
    cosine = np.where(hours.sun_up, np.clip(np.cos(np.radians(incidence_deg)), 0.0, None), 0.0)
    parts = pvlib.irradiance.perez(
        tilt_deg, face, hours.dhi_w_per_m2, hours.dni_w_per_m2, hours.extra_w_per_m2,
        hours.zenith_deg, hours.azimuth_deg, hours.air_mass_ratio, return_components=True,
    )  # fmt: skip
    seen = (1.0 + np.cos(np.radians(tilt_deg))) / 2.0
    ring = np.where(hours.sun_up, parts["poa_circumsolar"], 0.0)
    rest = np.where(hours.sun_up, parts["poa_isotropic"] + parts["poa_horizon"], hours.dhi_w_per_m2 * seen)
    beam = hours.dni_w_per_m2 * cosine + ring
    sky = np.maximum(np.nan_to_num(rest), 0.0)
    ground = np.broadcast_to(hours.ghi_w_per_m2 * params.albedo_share * (1.0 - seen), beam.shape)

    diffuse_modifier = pvlib.iam.martin_ruiz_diffuse(max(tilt_deg, FLATTEST_DEG), a_r=params.reflection_ratio)
    effective_beam = beam * pvlib.iam.martin_ruiz(incidence_deg, a_r=params.reflection_ratio)
    effective_sky = sky * float(diffuse_modifier["sky"])
    effective_ground = ground * float(diffuse_modifier["ground"])
    effective = effective_beam + effective_sky + effective_ground
    power = pvgis_power_w(effective, beam + sky + ground, hours.temperature_c, hours.wind_m_per_s, params)
    per_light = np.divide(power, effective, out=np.zeros_like(power), where=effective > 0.0)
    return PlaneHours(
        beam_w_per_m2=beam,
        sky_w_per_m2=sky,
        ground_w_per_m2=ground,
        beam_power_w=effective_beam * per_light,
        sky_power_w=effective_sky * per_light,
        ground_power_w=effective_ground * per_light,
    )


def _month_sums(hours: SunnyHours) -> sparse.csr_matrix:
    """Return the (hours, 12) matrix that sums hours into months, in kilo units."""
    count = len(hours.month)
    return sparse.csr_matrix(
        (np.full(count, 1.0 / W_PER_KW), (np.arange(count), hours.month)), shape=(count, MONTHS)
    )


def _sun_sums(hours: SunnyHours) -> sparse.csr_matrix:
    """Return the (hours, 36 · 90) matrix that sums hours by the sun's direction and height."""
    count = len(hours.month)
    levels = len(HEIGHTS_DEG) - 1
    direction = np.rint(hours.azimuth_deg / (360.0 / DIRECTION_COUNT)).astype(int) % DIRECTION_COUNT
    height = np.clip(np.floor(90.0 - hours.zenith_deg), 0, levels - 1).astype(int)
    cell = direction * levels + height
    return sparse.csr_matrix(
        (np.full(count, 1.0 / W_PER_KW), (np.arange(count), cell)),
        shape=(count, DIRECTION_COUNT * levels),
    )


def plane_tables(
    weather: HourlyWeather, params: PlaneParams | None = None, *, sun_offset_h: float = 0.0
) -> PlaneTables:
    """Sum a year of weather into tables over tilt and azimuth.

    Parameters
    ----------
    weather : HourlyWeather
    params : PlaneParams, optional
    sun_offset_h : float
        Time for which the weather's values stand, counted from the middle of the hour; see
        `layers.physics.weather.detect_sun_offset_h`.
    """
    params = params or PlaneParams()
    hours = sunny_hours(weather, sun_offset_h)
    months, sun = _month_sums(hours), _sun_sums(hours)
    shape = (len(TILTS_DEG), len(AZIMUTHS_DEG))
    irradiation = np.zeros((*shape, MONTHS))
    energy = np.zeros((*shape, MONTHS))
    beam = np.zeros((*shape, DIRECTION_COUNT, len(HEIGHTS_DEG)))
    sky, ground = np.zeros(shape), np.zeros(shape)
    for row, tilt in enumerate(TILTS_DEG):
        planes = plane_hours(hours, float(tilt), AZIMUTHS_DEG, params)
        irradiation[row] = planes.irradiance_w_per_m2 @ months
        energy[row] = planes.power_w @ months
        by_sun = (planes.beam_power_w @ sun).reshape(len(AZIMUTHS_DEG), DIRECTION_COUNT, -1)
        beam[row, :, :, 1:] = np.cumsum(by_sun, axis=-1)
        sky[row] = planes.sky_power_w.sum(axis=1) / W_PER_KW
        ground[row] = planes.ground_power_w.sum(axis=1) / W_PER_KW
    walls = plane_hours(hours, 90.0, FACADE_AZIMUTHS_DEG, params).irradiance_w_per_m2 @ months
    return PlaneTables(
        latitude_deg=weather.latitude_deg,
        longitude_deg=weather.longitude_deg,
        irradiation_kwh_per_m2_plane=irradiation,
        yield_kwh_per_kwp=energy,
        beam_yield_kwh_per_kwp=beam,
        sky_yield_kwh_per_kwp=sky,
        ground_yield_kwh_per_kwp=ground,
        facade_irradiation_kwh_per_m2_plane=np.vstack([irradiation[0, 0], walls]),
        temperature_c=monthly_means_c(weather),
        irradiation_error_share=weather.irradiation_error_share,
        origin=weather.origin,
    )


def facade_irradiation(tables: PlaneTables) -> FloatArray:
    """Return the monthly irradiation of the horizontal plane and eight façades, clockwise from north.

    Returns
    -------
    (9, 12) array
        Unshaded irradiation. [kWh/m²]
    """
    return tables.facade_irradiation_kwh_per_m2_plane.copy()


def corner_weights(tilt_deg: FloatArray, azimuth_deg: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the four table entries round each plane and their bilinear weights.

    Parameters
    ----------
    tilt_deg : (n,) array
        0 to 90.
    azimuth_deg : (n,) array
        Any angle; 360 is 0.

    Returns
    -------
    tilt_rows, azimuth_columns : (n, 4) arrays of positions
    weights : (n, 4) array that sums to 1 along each row

    Examples
    --------
    >>> rows, columns, weights = corner_weights(np.array([15.0]), np.array([355.0]))
    >>> rows, columns, weights
    (array([[1, 1, 2, 2]]), array([[35,  0, 35,  0]]), array([[0.25, 0.25, 0.25, 0.25]]))
    """
    tilt = np.clip(np.asarray(tilt_deg, dtype=np.float64) / STEP_DEG, 0.0, len(TILTS_DEG) - 1.0)
    turn = np.mod(np.asarray(azimuth_deg, dtype=np.float64), 360.0) / STEP_DEG
    row = np.minimum(tilt.astype(int), len(TILTS_DEG) - 2)
    column = turn.astype(int)
    up, right = tilt - row, turn - column
    count = len(AZIMUTHS_DEG)
    rows = np.column_stack([row, row, row + 1, row + 1])
    columns = np.column_stack([column % count, (column + 1) % count, column % count, (column + 1) % count])
    weights = np.column_stack([(1 - up) * (1 - right), (1 - up) * right, up * (1 - right), up * right])
    return rows, columns, weights


def look_up(table: FloatArray, tilt_deg: FloatArray, azimuth_deg: FloatArray) -> FloatArray:
    """Return a table's values at any tilt and azimuth, bilinear, wrapping round at north.

    Parameters
    ----------
    table : (10, 36, ...) array
        A table of `PlaneTables`.
    tilt_deg, azimuth_deg : (n,) arrays

    Returns
    -------
    (n, ...) array
    """
    rows, columns, weights = corner_weights(tilt_deg, azimuth_deg)
    values = table[rows, columns]
    return np.asarray(np.einsum("nc,nc...->n...", weights, values), dtype=np.float64)
