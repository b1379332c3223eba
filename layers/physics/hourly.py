"""Heating and cooling of buildings hour by hour, with the 5R1C model of ISO 13790:2008 Annex C.

The controlled temperature, 0.3 air + 0.7 surfaces (C.12) or the air alone, is linear in the power P of
the heater: θ = θ₀ + b P with b constant for a building (`layers.physics.zone.coefficients`). So the power
that meets the set-point follows at once, P = (θ_set − θ₀) / b, cut to what the plant can give: no second
pass is needed.

All buildings of a tile take the hour together, in single precision for whole towns and in double
precision for tests; without numba plain numpy takes the same steps in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from layers.core.types import FloatArray, IntArray
from layers.physics.seasonal import W_PER_KW
from layers.physics.zone import (
    CONVECTIVE_SHARE,
    OPERATIVE_AIR_SHARE,
    HourlyDrivers,
    ZoneModel,
    coefficients,
)

try:
    from numba import njit, prange
except ImportError:  # pragma: no cover - every supported platform has numba
    HAS_NUMBA = False
    prange = range  # type: ignore[misc]
else:
    HAS_NUMBA = True

Loop = TypeVar("Loop", bound=Callable[..., Any])
Floats = npt.NDArray[np.floating[Any]]

# what the loops know of a building beside its coefficients and windows, in their order
OWN = ("heating_set_c", "cooling_set_c", "heater_w", "cooler_w", "internal_gain_w")
TILE_COUNT = 64
# the mass forgets its first temperature within two weeks
WARM_UP_H = 14 * 24
FIRST_MASS_C = 20.0


@dataclass(frozen=True)
class HourlyPower:
    """The power of n buildings in every hour, in tiles; positive heats, negative cools.

    Attributes
    ----------
    power_w : (tiles, hours, width) array
    rows : (tiles, width) array
        Which building stands where; -1 where nothing stands.
    heat_kwh, cold_kwh : (n,) arrays
        Sums over all hours; both zero or more.
    heat_peak_w, cold_peak_w : (n,) arrays
        Largest hours.
    mass_c : (n,) array
        Temperature of the mass after the last hour.
    """

    power_w: Floats
    rows: IntArray
    heat_kwh: FloatArray
    cold_kwh: FloatArray
    heat_peak_w: FloatArray
    cold_peak_w: FloatArray
    mass_c: FloatArray

    def hours_w(self) -> Floats:
        """Return the power as (hours, n); only for few buildings."""
        hours = self.power_w.shape[1]
        flat = np.moveaxis(self.power_w, 1, 0).reshape(hours, -1)
        whole = np.zeros((hours, len(self.mass_c)), self.power_w.dtype)
        inside = self.rows.ravel() >= 0
        whole[:, self.rows.ravel()[inside]] = flat[:, inside]
        return whole


def _compiled(loop: Loop) -> Loop:
    """Compile a loop with numba; without numba it stays as it is and is not called."""
    return cast(Loop, njit(cache=True, parallel=True, error_model="numpy")(loop)) if HAS_NUMBA else loop


@_compiled
def _hours(
    table: Floats, window: Floats, left: Floats, own: Floats, mass: Floats, group: IntArray, outside: Floats,
    sun: Floats, gain_ratio: Floats, lower: Floats, higher: Floats, state: npt.NDArray[np.uint8],
    month: npt.NDArray[np.uint8], power: Floats, sums: FloatArray,
) -> None:  # fmt: skip
    """Take every tile through all hours; `mass`, `power` and `sums` are filled."""
    hours, width = power.shape[1], power.shape[2]
    for k in prange(power.shape[0]):
        none = outside[0] - outside[0]
        first, g = k * width, group[k]
        c = np.ascontiguousarray(table[:, :, first : first + width])
        w = np.ascontiguousarray(window[:, first : first + width])
        shade = np.ascontiguousarray(left[:, first : first + width])
        o = np.ascontiguousarray(own[:, first : first + width])
        m = mass[first : first + width].copy()
        line = np.empty(width, m.dtype)
        for t in range(hours):
            s, te, ratio, down, up = state[g, t], outside[t], gain_ratio[g, t], lower[g, t], higher[g, t]
            now = month[t]
            i0, i1, i2, i3, i4 = sun[0, t], sun[1, t], sun[2, t], sun[3, t], sun[4, t]
            i5, i6, i7, i8 = sun[5, t], sun[6, t], sun[7, t], sun[8, t]
            for j in range(width):
                line[j] = (
                    w[0, j] * i0 + w[1, j] * i1 + w[2, j] * i2 + w[3, j] * i3 + w[4, j] * i4
                    + w[5, j] * i5 + w[6, j] * i6 + w[7, j] * i7 + w[8, j] * i8
                )  # fmt: skip
            for j in range(width):
                air = o[4, j] * ratio
                gain = air + line[j] * shade[now, j]
                t0 = m[j]
                felt = c[s, 4, j] * t0 + c[s, 5, j] * te + c[s, 6, j] * gain + c[s, 7, j] * air
                heat = (o[0, j] - down - felt) * c[s, 8, j]
                cold = (o[1, j] + up - felt) * c[s, 8, j]
                heat = heat if heat > none else none
                heat = heat if heat < o[2, j] else o[2, j]
                cold = cold if cold < none else none
                cold = cold if cold > -o[3, j] else -o[3, j]
                line[j] = heat + cold
                m[j] = c[s, 0, j] * t0 + c[s, 1, j] * te + c[s, 2, j] * gain + c[s, 3, j] * (air + line[j])
            for j in range(width):
                power[k, t, j] = line[j]
        mass[first : first + width] = m
        total = np.zeros((4, width))
        for t in range(hours):
            for j in range(width):
                p = float(power[k, t, j])
                heat64 = p if p > 0.0 else 0.0
                cold64 = heat64 - p
                total[0, j] += heat64
                total[1, j] += cold64
                total[2, j] = heat64 if heat64 > total[2, j] else total[2, j]
                total[3, j] = cold64 if cold64 > total[3, j] else total[3, j]
        sums[:, first : first + width] = total


def _hours_plain(
    table: Floats, window: Floats, left: Floats, own: Floats, mass: Floats, group: IntArray, outside: Floats,
    sun: Floats, gain_ratio: Floats, lower: Floats, higher: Floats, state: npt.NDArray[np.uint8],
    month: npt.NDArray[np.uint8], power: Floats, sums: FloatArray,
) -> None:  # fmt: skip
    """Take the same steps as `_hours` with numpy, all tiles of a group at once."""
    width = power.shape[2]
    for g in np.unique(group):
        tiles = np.flatnonzero(group == g)
        part = (tiles[:, None] * width + np.arange(width)).ravel()
        c, w, o, m = table[:, :, part], window[:, part], own[:, part], mass[part]
        shade = left[:, part]
        for t in range(len(outside)):
            now, air = c[state[g, t]], o[4] * gain_ratio[g, t]
            light = w[0] * sun[0, t]
            for surface in range(1, len(sun)):
                light = light + w[surface] * sun[surface, t]
            gain = air + light * shade[month[t]]
            felt = now[4] * m + now[5] * outside[t] + now[6] * gain + now[7] * air
            heat = np.clip((o[0] - lower[g, t] - felt) * now[8], 0.0, o[2])
            cold = np.clip((o[1] + higher[g, t] - felt) * now[8], -o[3], 0.0)
            p = heat + cold
            m = now[0] * m + now[1] * outside[t] + now[2] * gain + now[3] * (air + p)
            power[tiles, t] = p.reshape(len(tiles), width)
        mass[part] = m
    for k, block in enumerate(power):
        heat64 = np.maximum(block, 0.0, dtype=np.float64)
        cold64 = heat64 - block
        sums[:, k * width : (k + 1) * width] = (
            heat64.sum(axis=0), cold64.sum(axis=0), heat64.max(axis=0), cold64.max(axis=0),
        )  # fmt: skip


def tile_rows(group: IntArray, width: int = TILE_COUNT) -> tuple[IntArray, IntArray]:
    """Deal buildings into tiles of one group each, in their order.

    Returns
    -------
    rows : (tiles, width) array
        Position of each building; -1 where a tile is not full.
    tile_group : (tiles,) array

    Examples
    --------
    >>> rows, of = tile_rows(np.array([0, 1, 0, 0]), 2)
    >>> rows.tolist(), of.tolist()
    ([[0, 2], [3, -1], [1, -1]], [0, 0, 1])
    """
    parts, groups = [np.empty((0, width), dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        tiles = -(-len(members) // width)
        padded = np.full(tiles * width, -1, dtype=np.int64)
        padded[: len(members)] = members
        parts.append(padded.reshape(tiles, width))
        groups.append(np.full(tiles, number, dtype=np.int64))
    return np.concatenate(parts), np.concatenate(groups)


def _room(
    shape: tuple[int, int, int], precision: type[np.floating[Any]], room: Floats | None = None
) -> Floats:
    """Return an array of a shape, in memory that is there already if it is large enough."""
    size = int(np.prod(shape))
    if room is None or room.dtype != precision or room.size < size:
        return np.empty(shape, precision)
    return room.reshape(-1)[:size].reshape(shape)


def simulate_hours(
    zone: ZoneModel, group: IntArray, drivers: HourlyDrivers, *, air_share: float = OPERATIVE_AIR_SHARE,
    first_mass_c: FloatArray | None = None, warm_up_h: int = WARM_UP_H,
    precision: type[np.floating[Any]] = np.float32, width: int = TILE_COUNT, room: Floats | None = None,
) -> HourlyPower:  # fmt: skip
    """Return the power that keeps buildings between their set-points in every hour.

    Parameters
    ----------
    zone : ZoneModel of n buildings
    group : (n,) array
        Row of `drivers` that each building follows.
    drivers : HourlyDrivers
    air_share : float
        Part of the air in the controlled temperature: `OPERATIVE_AIR_SHARE` or `AIR_SHARE`.
    first_mass_c : (n,) array, optional
        Temperature of the mass before the first hour; 20 °C.
    warm_up_h : int
        Hours of the end of the year that run before the first, so that the year closes.
    precision : type
        `numpy.float32` for towns, `numpy.float64` for equality.
    width : int
        Buildings in a tile; changes nothing but the speed.
    room : array, optional
        Memory of an earlier result that is no longer needed; it is written over if it is large enough.
    """
    rows, tile_group = tile_rows(group, width)
    place = np.maximum(rows, 0).ravel()

    def numbers(values: FloatArray) -> Floats:
        return np.ascontiguousarray(values, dtype=precision)

    own = np.stack([getattr(zone, name)[place] for name in OWN])
    own[-1] *= CONVECTIVE_SHARE
    fixed = (
        numbers(coefficients(zone, air_share)[:, :, place]), numbers(zone.aperture_m2[place].T),
        numbers(zone.sun_ratio[:, place]), numbers(own),
    )  # fmt: skip
    start = np.full(len(zone), FIRST_MASS_C) if first_mass_c is None else first_mass_c
    mass, sums = numbers(start[place]), np.zeros((4, rows.size))
    take = _hours if HAS_NUMBA else _hours_plain
    warm_up = slice(max(len(drivers.temperature_c) - warm_up_h, 0), None)
    power = _room((len(rows), len(drivers.temperature_c), width), precision, room)
    for part in ([drivers.take_hours(warm_up)] if warm_up_h else []) + [drivers]:
        out = power if part is drivers else _room((len(rows), len(part.temperature_c), width), precision)
        take(
            *fixed, mass, tile_group, numbers(part.temperature_c), numbers(part.sun_w_per_m2_plane),
            numbers(part.gain_ratio), numbers(part.lower_k), numbers(part.higher_k),
            np.ascontiguousarray(part.is_used, dtype=np.uint8),
            np.ascontiguousarray(part.month, dtype=np.uint8), out, sums,
        )  # fmt: skip
    inside = rows.ravel() >= 0
    found = np.zeros((5, len(zone)))
    found[:, place[inside]] = np.vstack([sums, mass.astype(np.float64)])[:, inside]
    found[:2] /= W_PER_KW
    return HourlyPower(power, rows, *found)
