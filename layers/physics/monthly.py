"""Monthly heat balance after ISO 13790, compiled with numba and, with equal results, in plain numpy.

For every building and month

    loss = H F (θ_i − θ_e) t        gains = Σ_o A_o I_o + Φ_int t        γ = gains / loss
    η = (1 − γ^a) / (1 − γ^(a+1)),  a = a0 + (C / H) / τ0                need = loss − η gains

with the heat losses H per kelvin, the night reduction F, the hours t of the month, the effective
solar aperture A_o and irradiation I_o of direction o, the internal gains Φ_int and the heat capacity
C. Months without losses need no heat; the need is never below zero.

The plain version is the reference: tests hold the compiled one to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from layers.core.types import FloatArray
from layers.core.weather import FACADE_AZIMUTHS_DEG, HOURS_IN_MONTH, MONTHS
from layers.physics.seasonal import W_PER_KW, night_reduction_ratio, utilisation_ratio

try:
    from numba import get_num_threads, njit, prange, set_num_threads
except ImportError:  # pragma: no cover - every supported platform has numba
    HAS_NUMBA = False
    prange = range  # type: ignore[misc]
else:
    HAS_NUMBA = True

Loop = TypeVar("Loop", bound=Callable[..., Any])
SURFACES = 1 + len(FACADE_AZIMUTHS_DEG)
# below this many buildings a loop over them runs in one thread
FEW_COUNT = 4_000


def compiled(*, parallel: bool) -> Callable[[Loop], Loop]:
    """Compile a loop with numba; without numba it stays as it is and is not called."""

    def decorate(loop: Loop) -> Loop:
        return (
            cast(Loop, njit(cache=True, parallel=parallel, error_model="numpy")(loop)) if HAS_NUMBA else loop
        )

    return decorate


@contextmanager
def threads_for(count: int) -> Iterator[None]:
    """Let few buildings be balanced by one thread: waking others takes longer than their work.

    The result does not hang on it; every building is balanced by itself.
    """
    if not HAS_NUMBA or count >= FEW_COUNT:
        yield
        return
    before = get_num_threads()
    set_num_threads(1)
    try:
        yield
    finally:
        set_num_threads(before)


ModelArrays = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


def floats(values: FloatArray) -> FloatArray:
    """Return values as the compiled loops want them."""
    return np.ascontiguousarray(values, dtype=np.float64)


@dataclass(frozen=True)
class HeatModel:
    """What the monthly balance knows of n buildings; every field is an (n,) array of floats.

    Attributes
    ----------
    loss_w_per_k
        H, transmission and air exchange.
    night_ratio
        F, what lowered temperatures at night leave of the losses.
    set_point_c
        θ_i.
    internal_gain_w
        Φ_int.
    heat_capacity_wh_per_k
        C.
    utilisation_a0_ratio, utilisation_tau0_h
        a0 and τ0: 1 and 15 h for dwellings.
    """

    loss_w_per_k: FloatArray
    night_ratio: FloatArray
    set_point_c: FloatArray
    internal_gain_w: FloatArray
    heat_capacity_wh_per_k: FloatArray
    utilisation_a0_ratio: FloatArray
    utilisation_tau0_h: FloatArray

    def arrays(self) -> ModelArrays:
        """Return the fields in their order, ready for the compiled loops."""
        return (
            floats(self.loss_w_per_k), floats(self.night_ratio), floats(self.set_point_c),
            floats(self.internal_gain_w), floats(self.heat_capacity_wh_per_k),
            floats(self.utilisation_a0_ratio), floats(self.utilisation_tau0_h),
        )  # fmt: skip


def capped_night_ratio(
    transmission_w_per_m2_k: FloatArray, low_ratio: FloatArray, high_ratio: FloatArray
) -> FloatArray:
    """Return the night reduction of the monthly method: that of TABULA, but never above 1.

    The seasonal method continues its line below a transmission of 0.5 W/(m² K), where it would add
    heat to a house that is warm all night; the monthly method stops at the full losses.
    """
    return np.minimum(night_reduction_ratio(transmission_w_per_m2_k, low_ratio, high_ratio), 1.0)


def solar_gain_kwh(aperture_m2: FloatArray, irradiation_kwh_per_m2_plane: FloatArray) -> FloatArray:
    """Return each month's sun through the windows.

    Parameters
    ----------
    aperture_m2 : (n, 9) array
        Effective area: window area × glass × frame × shading; horizontal, then façades clockwise
        from north.
    irradiation_kwh_per_m2_plane : (9, 12) array
        Irradiation of each surface in each month.

    Returns
    -------
    (n, 12) array
    """
    return np.asarray(aperture_m2 @ irradiation_kwh_per_m2_plane, dtype=np.float64)


def monthly_heat_kwh_plain(
    model: HeatModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    hours_h: FloatArray = HOURS_IN_MONTH,
) -> FloatArray:
    """Return the same as `monthly_heat_kwh`, without numba."""
    kilohours = hours_h / W_PER_KW
    excess = np.maximum(model.set_point_c[:, None] - temperature_c[None, :], 0.0)
    loss = (model.loss_w_per_k * model.night_ratio)[:, None] * excess * kilohours
    gains = solar_gain_kwh + model.internal_gain_w[:, None] * kilohours
    with np.errstate(divide="ignore", invalid="ignore"):
        time_constant = model.heat_capacity_wh_per_k / model.loss_w_per_k
        exponent = model.utilisation_a0_ratio + time_constant / model.utilisation_tau0_h
        gamma = np.where(loss > 0.0, gains / loss, 0.0)
    eta = utilisation_ratio(gamma, np.broadcast_to(exponent[:, None], gamma.shape))
    return np.asarray(np.where(loss > 0.0, np.maximum(loss - eta * gains, 0.0), 0.0))


@compiled(parallel=False)
def month_need_kwh(loss_kwh: float, gains_kwh: float, exponent_ratio: float) -> float:
    """Return the need of one month from its losses and gains (see `utilisation_ratio`)."""
    if loss_kwh <= 0.0:
        return 0.0
    gamma = gains_kwh / loss_kwh
    if gamma <= 0.0:
        return loss_kwh - gains_kwh
    if gamma == 1.0:
        return max(loss_kwh - gains_kwh * (exponent_ratio / (exponent_ratio + 1.0)), 0.0)
    shrunk = np.expm1(-exponent_ratio * abs(np.log(gamma)))
    eta = shrunk / (shrunk * gamma + (gamma - 1.0)) if gamma < 1.0 else shrunk / (shrunk - (gamma - 1.0))
    return float(max(loss_kwh - eta * gains_kwh, 0.0))


@compiled(parallel=True)
def _monthly(
    loss_w_per_k: FloatArray, night: FloatArray, set_point: FloatArray, internal: FloatArray,
    capacity: FloatArray, a0: FloatArray, tau0: FloatArray,
    solar: FloatArray, temperature: FloatArray, kilohours: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    for i in prange(len(loss_w_per_k)):
        if loss_w_per_k[i] > 0.0:
            exponent = a0[i] + capacity[i] / loss_w_per_k[i] / tau0[i]
            held = loss_w_per_k[i] * night[i]
            for m in range(len(kilohours)):
                loss = held * max(set_point[i] - temperature[m], 0.0) * kilohours[m]
                out[i, m] = month_need_kwh(loss, solar[i, m] + internal[i] * kilohours[m], exponent)


@compiled(parallel=True)
def _yearly(
    loss_w_per_k: FloatArray, night: FloatArray, set_point: FloatArray, internal: FloatArray,
    capacity: FloatArray, a0: FloatArray, tau0: FloatArray,
    solar: FloatArray, temperature: FloatArray, kilohours: FloatArray, sun: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    for i in prange(len(loss_w_per_k)):
        total = 0.0
        if loss_w_per_k[i] > 0.0:
            exponent = a0[i] + capacity[i] / loss_w_per_k[i] / tau0[i]
            held = loss_w_per_k[i] * night[i]
            for m in range(len(kilohours)):
                loss = held * max(set_point[i] - temperature[m], 0.0) * kilohours[m]
                total += month_need_kwh(loss, sun[i] * solar[i, m] + internal[i] * kilohours[m], exponent)
        out[i] = total


def monthly_heat_kwh(
    model: HeatModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    hours_h: FloatArray = HOURS_IN_MONTH,
) -> FloatArray:
    """Return the useful heat that each building needs for its rooms in each month.

    Parameters
    ----------
    model : HeatModel of n buildings
    solar_gain_kwh : (n, 12) array
        Sun through the windows; see `solar_gain_kwh`.
    temperature_c : (12,) array
        Mean outdoor temperature of each month. [°C]
    hours_h : (12,) array
        Length of each month. [h]

    Returns
    -------
    (n, 12) array
        Zero or more. [kWh]

    Examples
    --------
    100 W/K, 20 K for 744 h are 1,488 kWh of losses; without gains all of it is heated.

    >>> one = np.ones(1)
    >>> model = HeatModel(100 * one, one, 20 * one, 0 * one, 9000 * one, one, 15 * one)
    >>> cold = np.array([0.0] + [20.0] * 11)
    >>> monthly_heat_kwh(model, np.zeros((1, 12)), cold)[0, :2]
    array([1488.,    0.])
    """
    if not HAS_NUMBA:
        return monthly_heat_kwh_plain(model, solar_gain_kwh, temperature_c, hours_h)
    out = np.zeros((len(model.loss_w_per_k), len(temperature_c)))
    solar = floats(solar_gain_kwh)
    with threads_for(len(out)):
        _monthly(*model.arrays(), solar, temperature_c.astype(np.float64), hours_h / W_PER_KW, out)
    return out


def yearly_heat_kwh(
    model: HeatModel,
    solar_gain_kwh: FloatArray,
    temperature_c: FloatArray,
    sun_ratio: FloatArray | None = None,
) -> FloatArray:
    """Return the sum of `monthly_heat_kwh` over the year, without storing the months.

    Parameters
    ----------
    sun_ratio : (n,) array, optional
        Multiplies each building's solar gains, so that draws need no copies of them.

    Returns
    -------
    (n,) array
    """
    count = len(model.loss_w_per_k)
    sun = np.ones(count) if sun_ratio is None else floats(sun_ratio)
    if not HAS_NUMBA:
        monthly = monthly_heat_kwh_plain(model, solar_gain_kwh * sun[:, None], temperature_c)
        return np.asarray(monthly.sum(axis=1))
    out = np.empty(count)
    solar = floats(solar_gain_kwh)
    hours = HOURS_IN_MONTH[:MONTHS] / W_PER_KW
    with threads_for(count):
        _yearly(*model.arrays(), solar, temperature_c.astype(np.float64), hours, sun, out)
    return out


def peak_heat_kw(
    loss_w_per_k: FloatArray, set_point_c: FloatArray, design_temperature_c: float
) -> FloatArray:
    """Return the heat load on the design day: full losses, no gains, no lowered nights."""
    return loss_w_per_k * np.maximum(set_point_c - design_temperature_c, 0.0) / W_PER_KW
