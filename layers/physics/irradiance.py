"""Irradiation and photovoltaic yield of planes of any tilt and azimuth, computed once per place.

All buildings of a place share one sky. So the hours are summed once into tables over tilt
(0…90° in steps of 10°) and azimuth (0…350° in steps of 10°), and a roof plane costs one bilinear
look-up. Light comes from `layers.physics.sun_hours`, power from `layers.physics.pv_power`.

For shading the yearly yield is kept apart by its origin: the beam and the bright ring round the sun
(by the sun's direction and height), the rest of the sky, and the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from layers.core.types import FloatArray, IntArray
from layers.core.weather import FACADE_AZIMUTHS_DEG, MONTHS, HourlyWeather
from layers.physics.plane_settings import PlaneParams
from layers.physics.pv_power import PlaneHours, plane_hours, pvgis_power_w
from layers.physics.sun_hours import SunnyHours, sunny_hours
from layers.physics.weather import W_PER_KW, monthly_means_c

__all__ = [
    "AZIMUTHS_DEG", "DIRECTION_COUNT", "HEIGHTS_DEG", "TILTS_DEG", "PlaneHours", "PlaneParams",
    "PlaneTables", "SunnyHours", "corner_weights", "facade_irradiation", "look_up", "plane_hours",
    "plane_tables", "pvgis_power_w", "sun_cells", "sunny_hours",
]  # fmt: skip

STEP_DEG = 10.0
TILTS_DEG = np.arange(0.0, 90.1, STEP_DEG)
AZIMUTHS_DEG = np.arange(0.0, 360.0, STEP_DEG)
# the sun's directions of the shading table, each centred on its azimuth, and heights in whole degrees
DIRECTION_COUNT = 36
HEIGHTS_DEG = np.arange(0.0, 91.0)


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
    mode : str
        Convention of the yield, pvgis or pvwatts.
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
    mode: str = "pvgis"


def _month_sums(hours: SunnyHours) -> sparse.csr_matrix:
    """Return the (hours, 12) matrix that sums hours into months, in kilo units."""
    count = len(hours.month)
    return sparse.csr_matrix(
        (np.full(count, 1.0 / W_PER_KW), (np.arange(count), hours.month)), shape=(count, MONTHS)
    )


def sun_cells(hours: SunnyHours) -> IntArray:
    """Return which of the 36 · 90 cells of direction and height the sun stands in, hour by hour."""
    levels = len(HEIGHTS_DEG) - 1
    direction = np.rint(hours.azimuth_deg / (360.0 / DIRECTION_COUNT)).astype(np.int64) % DIRECTION_COUNT
    height = np.clip(np.floor(90.0 - hours.zenith_deg), 0, levels - 1).astype(np.int64)
    return np.asarray(direction * levels + height, dtype=np.int64)


def _sun_sums(hours: SunnyHours) -> sparse.csr_matrix:
    """Return the (hours, 36 · 90) matrix that sums hours by the sun's direction and height."""
    count, levels = len(hours.month), len(HEIGHTS_DEG) - 1
    cell = sun_cells(hours)
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
        mode=params.mode,
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
