"""Monthly cooling after ISO 13790: the heat balance turned round.

Losses at the cooling set-point, without lowered nights, take from the gains what they can use:

    need = gains − η loss        η = (1 − γ^−a) / (1 − γ^−(a+1)),   γ = gains / loss

which is the utilisation factor of heating for the ratio 1/γ; a, γ and the symbols are those of
`layers.physics.monthly`. Where it is hotter outside than the set-point, losses are gains and all of them
count. The plain version is the reference: tests hold the compiled one to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.core.types import FloatArray
from layers.core.weather import HOURS_IN_MONTH, MONTHS
from layers.physics.monthly import HAS_NUMBA, compiled, floats, month_need_kwh, threads_for
from layers.physics.seasonal import W_PER_KW, utilisation_ratio

try:
    from numba import prange
except ImportError:  # pragma: no cover - every supported platform has numba
    prange = range  # type: ignore[misc]

CoolingArrays = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class CoolingModel:
    """What the monthly balance knows of n buildings in summer; every field is an (n,) array of floats.

    The fields are those of `HeatModel` at the cooling set-point, without a night reduction.
    """

    loss_w_per_k: FloatArray
    set_point_c: FloatArray
    internal_gain_w: FloatArray
    heat_capacity_wh_per_k: FloatArray
    utilisation_a0_ratio: FloatArray
    utilisation_tau0_h: FloatArray

    def arrays(self) -> CoolingArrays:
        """Return the fields in their order, ready for the compiled loops."""
        return (
            floats(self.loss_w_per_k), floats(self.set_point_c), floats(self.internal_gain_w),
            floats(self.heat_capacity_wh_per_k), floats(self.utilisation_a0_ratio),
            floats(self.utilisation_tau0_h),
        )  # fmt: skip


def monthly_cooling_kwh_plain(
    model: CoolingModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    sun_ratio: FloatArray | None = None,
) -> FloatArray:
    """Return the same as `monthly_cooling_kwh`, without numba."""
    kilohours = HOURS_IN_MONTH / W_PER_KW
    sun = solar_gain_kwh if sun_ratio is None else solar_gain_kwh * sun_ratio[:, None]
    loss = model.loss_w_per_k[:, None] * (model.set_point_c[:, None] - temperature_c[None, :]) * kilohours
    gains = sun + model.internal_gain_w[:, None] * kilohours
    with np.errstate(divide="ignore", invalid="ignore"):
        time_constant = model.heat_capacity_wh_per_k / model.loss_w_per_k
        exponent = model.utilisation_a0_ratio + time_constant / model.utilisation_tau0_h
        loss_gain = np.where((gains > 0.0) & (loss > 0.0), loss / gains, 0.0)
    eta = utilisation_ratio(loss_gain, np.broadcast_to(exponent[:, None], loss_gain.shape))
    used = np.where(loss > 0.0, eta * loss, loss)
    return np.asarray(np.maximum(gains - used, 0.0), dtype=np.float64)


@compiled(parallel=True)
def _cooling(
    loss_w_per_k: FloatArray, set_point: FloatArray, internal: FloatArray,
    capacity: FloatArray, a0: FloatArray, tau0: FloatArray,
    solar: FloatArray, temperature: FloatArray, kilohours: FloatArray, sun: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    whole_year = out.shape[1] == 1
    for i in prange(len(loss_w_per_k)):
        exponent = np.inf
        if loss_w_per_k[i] > 0.0:
            exponent = a0[i] + capacity[i] / loss_w_per_k[i] / tau0[i]
        total = 0.0
        for m in range(len(kilohours)):
            loss = loss_w_per_k[i] * (set_point[i] - temperature[m]) * kilohours[m]
            gains = sun[i] * solar[i, m] + internal[i] * kilohours[m]
            need = max(gains - loss, 0.0) if loss <= 0.0 else month_need_kwh(gains, loss, exponent)
            total += need
            if not whole_year:
                out[i, m] = need
        if whole_year:
            out[i, 0] = total


def _compiled_cooling_kwh(
    model: CoolingModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    sun_ratio: FloatArray | None,
    columns: int,
) -> FloatArray:
    count = len(model.loss_w_per_k)
    out = np.empty((count, columns))
    sun = np.ones(count) if sun_ratio is None else floats(sun_ratio)
    hours = HOURS_IN_MONTH / W_PER_KW
    with threads_for(count):
        _cooling(*model.arrays(), floats(solar_gain_kwh), temperature_c.astype(np.float64), hours, sun, out)
    return out


def monthly_cooling_kwh(
    model: CoolingModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    sun_ratio: FloatArray | None = None,
) -> FloatArray:
    """Return the heat that has to be taken out of each building's rooms in each month.

    Parameters
    ----------
    model : CoolingModel of n buildings
    solar_gain_kwh : (n, 12) array
        Sun through the windows; see `solar_gain_kwh`.
    temperature_c : (12,) array
        Mean outdoor temperature of each month. [°C]
    sun_ratio : (n,) array, optional
        Multiplies each building's solar gains.

    Returns
    -------
    (n, 12) array
        Zero or more. [kWh]

    Examples
    --------
    At the set-point outside nothing is lost: 744 h of 500 W are 372 kWh to take out. At 16 °C outside
    losses of 720 kWh use most of the 360 kWh of gains in April, but not all.

    >>> one = np.ones(1)
    >>> model = CoolingModel(100 * one, 26 * one, 500 * one, 9000 * one, one, 15 * one)
    >>> hot = np.array([26.0] + [16.0] * 11)
    >>> monthly_cooling_kwh(model, np.zeros((1, 12)), hot)[0, [0, 3]].round(1)
    array([372. ,   1.4])
    """
    if not HAS_NUMBA:
        return monthly_cooling_kwh_plain(model, solar_gain_kwh, temperature_c, sun_ratio)
    return _compiled_cooling_kwh(model, solar_gain_kwh, temperature_c, sun_ratio, MONTHS)


def yearly_cooling_kwh(
    model: CoolingModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    sun_ratio: FloatArray | None = None,
) -> FloatArray:
    """Return the sum of `monthly_cooling_kwh` over the year, without storing the months; (n,) array."""
    if not HAS_NUMBA:
        monthly = monthly_cooling_kwh_plain(model, solar_gain_kwh, temperature_c, sun_ratio)
        return np.asarray(monthly.sum(axis=1))
    return _compiled_cooling_kwh(model, solar_gain_kwh, temperature_c, sun_ratio, 1)[:, 0]
