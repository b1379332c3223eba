"""What neighbours leave of the sun on façades, month by month.

A façade whose sky is hidden up to β, as by an endless row opposite, keeps

* the sun and the bright ring round it while it stands higher than atan(tan β cos φ), φ the angle between
  its direction and the façade's normal,
* 1 − sin β of the rest of the sky,
* the light from the ground.

Light that the row opposite throws back is left out. The hours are summed once per place into a table by
façade, β and month; a building costs one look-up a façade (`layers.physics.facade_view` finds its β).
"""

from __future__ import annotations

import numpy as np

from layers.core.types import FloatArray
from layers.core.weather import FACADE_AZIMUTHS_DEG, MONTHS, FacadeSun, HourlyWeather
from layers.physics.irradiance import PlaneParams, plane_hours, sunny_hours

HORIZON_STEP_DEG = 5.0
HORIZONS_DEG = np.arange(0.0, 90.1, HORIZON_STEP_DEG)
VERTICAL_DEG = 90.0


def facade_sun(
    weather: HourlyWeather,
    irradiation_kwh_per_m2_plane: FloatArray,
    params: PlaneParams | None = None,
    *,
    sun_offset_h: float = 0.0,
) -> FacadeSun:
    """Return the sun on open façades and what horizons leave of it.

    Parameters
    ----------
    weather : HourlyWeather
    irradiation_kwh_per_m2_plane : (9, 12) array
        Unshaded sun from `layers.physics.irradiance.facade_irradiation`.
    params : PlaneParams, optional
    sun_offset_h : float
        As for `layers.physics.irradiance.plane_tables`.
    """
    hours = sunny_hours(weather, sun_offset_h)
    planes = plane_hours(hours, VERTICAL_DEG, FACADE_AZIMUTHS_DEG, params or PlaneParams())
    months = (hours.month[:, None] == np.arange(MONTHS)).astype(np.float64)
    turn = np.radians(hours.azimuth_deg[None, :] - FACADE_AZIMUTHS_DEG[:, None])
    sun_tangent = np.tan(np.radians(np.clip(VERTICAL_DEG - hours.zenith_deg, 0.0, 89.9)))
    in_front = np.maximum(np.cos(turn), 0.0)
    whole = planes.irradiance_w_per_m2 @ months
    kept = np.ones((len(FACADE_AZIMUTHS_DEG), len(HORIZONS_DEG), MONTHS))
    for step, horizon_deg in enumerate(HORIZONS_DEG[1:], 1):
        beta = np.radians(min(horizon_deg, 89.9))
        lit = sun_tangent >= np.tan(beta) * in_front
        sky = planes.sky_w_per_m2 * (1.0 - np.sin(beta))
        light = (planes.beam_w_per_m2 * lit + sky + planes.ground_w_per_m2) @ months
        kept[:, step] = np.divide(light, whole, out=np.ones_like(whole), where=whole > 0.0)
    return FacadeSun(np.asarray(irradiation_kwh_per_m2_plane, dtype=np.float64), HORIZONS_DEG, kept)


def kept_share(sun: FacadeSun, horizon_deg: FloatArray) -> FloatArray:
    """Return what each façade keeps of the sun in each month.

    Parameters
    ----------
    sun : FacadeSun
    horizon_deg : (n, 8) array
        Horizons of façades clockwise from north, 0 to 90.

    Returns
    -------
    (n, 8, 12) array
        1 before an open view; linear between the steps of the table.

    Examples
    --------
    >>> sun = FacadeSun(np.ones((9, 12)), np.array([0.0, 90.0]), np.stack([np.ones((8, 12)), np.zeros((8, 12))], 1))
    >>> kept_share(sun, np.full((1, 8), 45.0))[0, 0, 0]
    np.float64(0.5)
    """  # noqa: E501
    place = np.interp(horizon_deg, sun.horizon_deg, np.arange(len(sun.horizon_deg)))
    below = np.minimum(place.astype(np.int64), len(sun.horizon_deg) - 2)
    part = (place - below)[:, :, None]
    facade = np.arange(horizon_deg.shape[1])[None, :]
    return np.asarray(sun.kept_share[facade, below] * (1.0 - part) + sun.kept_share[facade, below + 1] * part)


def facade_gain_kwh(sun: FacadeSun, aperture_m2: FloatArray, horizon_deg: FloatArray | None) -> FloatArray:
    """Return each month's sun through the windows, neighbours taken into account.

    Parameters
    ----------
    aperture_m2 : (n, 9) array
        Effective area by surface; horizontal, then façades clockwise from north.
    horizon_deg : (n, 8) array or None
        None where nobody looked: open façades.

    Returns
    -------
    (n, 12) array
    """
    if horizon_deg is None:
        return np.asarray(aperture_m2 @ sun.irradiation_kwh_per_m2_plane, dtype=np.float64)
    gain = np.outer(aperture_m2[:, 0], sun.irradiation_kwh_per_m2_plane[0])
    # façade by façade, so that no (n, 8, 12) table is held
    for facade in range(horizon_deg.shape[1]):
        place = np.interp(horizon_deg[:, facade], sun.horizon_deg, np.arange(len(sun.horizon_deg)))
        below = np.minimum(place.astype(np.int64), len(sun.horizon_deg) - 2)
        part = (place - below)[:, None]
        table = sun.kept_share[facade] * sun.irradiation_kwh_per_m2_plane[1 + facade]
        light = table[below] * (1.0 - part) + table[below + 1] * part
        gain += aperture_m2[:, 1 + facade, None] * light
    return np.asarray(gain, dtype=np.float64)
