"""Pipes of heat networks: how much water, which size, what pressure and what heat is lost.

Water is sized for the design load; of the sizes of bonded pipes (EN 253) the smallest one is taken whose
friction stays below a limit per metre, with the friction factor of Haaland (1983). Heat is lost through
the insulation and the ground around one buried pipe.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from layers.core.types import FloatArray, IntArray

DATA: Final = Path(__file__).resolve().parent.parent / "data"
# below this Reynolds number water flows in layers, and friction is 64 / Re
LAMINAR_REYNOLDS: Final = 2300.0
W_PER_KW: Final = 1000.0
MM_PER_M: Final = 1000.0


@dataclass(frozen=True)
class PipeSizes:
    """The sizes of pipes on the market, smallest first.

    Attributes
    ----------
    nominal_mm, inner_m, casing_m : (s,) arrays
        Nominal size, inner diameter of the steel pipe, outer diameter of the casing.
    trench_eur_per_m : (s,) array
        Both pipes laid, per metre of trench, by a published table; interpolated where it has a gap.
    """

    nominal_mm: FloatArray
    inner_m: FloatArray
    casing_m: FloatArray
    trench_eur_per_m: FloatArray


@dataclass(frozen=True)
class Water:
    """Water at one temperature."""

    density_kg_per_m3: float
    viscosity_pa_s: float
    heat_capacity_j_per_kg_k: float


def _column(rows: list[dict[str, str]], name: str) -> FloatArray:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_pipe_sizes() -> PipeSizes:
    """Read the carried table of sizes."""
    rows = _rows("pipe_sizes.csv")
    inner = _column(rows, "inner_mm") / MM_PER_M
    cost = _column(rows, "trench_topotherm_eur_per_m")
    known = np.isfinite(cost)
    # beyond the table the price goes on as it rose between the last two sizes
    slope = np.diff(cost[known])[-1] / np.diff(inner[known])[-1]
    filled = np.interp(inner, inner[known], cost[known])
    filled += np.maximum(inner - inner[known][-1], 0.0) * slope
    return PipeSizes(
        _column(rows, "nominal_mm"), inner, _column(rows, "casing_mm") / MM_PER_M, filled
    )  # fmt: skip


def water_at(temperature_c: float) -> Water:
    """Return water between 10 and 140 °C, linear between the rows of the carried table.

    Examples
    --------
    >>> water_at(75.0).density_kg_per_m3
    974.8
    """
    rows = _rows("water.csv")
    at = _column(rows, "temperature_c")
    values = [
        float(np.interp(temperature_c, at, _column(rows, name)))
        for name in ("density_kg_per_m3", "viscosity_mpa_s", "heat_capacity_j_per_kg_k")
    ]
    return Water(values[0], values[1] / 1e3, values[2])


def simultaneity_ratio(consumer_count: FloatArray | IntArray, base: float, spread: float) -> FloatArray:
    """Return the peak of many consumers over the sum of their peaks: base + spread / n.

    Examples
    --------
    >>> simultaneity_ratio(np.array([1, 2, 100]), 0.62, 0.38)
    array([1.    , 0.81  , 0.6238])
    """
    return np.asarray(base + spread / np.maximum(consumer_count, 1), dtype=np.float64)


def mass_flow_kg_per_s(load_kw: FloatArray, spread_k: float, water: Water) -> FloatArray:
    """Return the water that carries a load at a difference of supply and return.

    Examples
    --------
    >>> mass_flow_kg_per_s(np.array([419.0]), 50.0, Water(978.0, 4e-4, 4190.0)).round(6)
    array([2.])
    """
    return np.asarray(load_kw * W_PER_KW / (water.heat_capacity_j_per_kg_k * spread_k))


def friction_pa_per_m(
    flow_kg_per_s: FloatArray, inner_m: FloatArray, water: Water, roughness_m: float
) -> FloatArray:
    """Return the loss of pressure per metre of one pipe.

    Parameters
    ----------
    flow_kg_per_s, inner_m : arrays that fit each other
    water : Water
    roughness_m : float
        Of the inner wall.
    """
    area = np.pi / 4.0 * inner_m**2
    speed = flow_kg_per_s / (water.density_kg_per_m3 * area)
    reynolds = np.maximum(speed * inner_m * water.density_kg_per_m3 / water.viscosity_pa_s, 1e-9)
    turbulent = (-1.8 * np.log10((roughness_m / inner_m / 3.7) ** 1.11 + 6.9 / reynolds)) ** -2
    factor = np.where(reynolds < LAMINAR_REYNOLDS, 64.0 / reynolds, turbulent)
    return np.asarray(factor / inner_m * water.density_kg_per_m3 / 2.0 * speed**2)


def choose_sizes(
    flow_kg_per_s: FloatArray, sizes: PipeSizes, water: Water, roughness_m: float, most_pa_per_m: float
) -> IntArray:
    """Return the smallest size for each flow whose friction stays below the limit.

    A flow too large for every size gets one past the last: it needs pipes side by side.

    Parameters
    ----------
    flow_kg_per_s : (n,) array

    Returns
    -------
    (n,) array
        Positions in `sizes`, or their count.
    """
    friction = friction_pa_per_m(flow_kg_per_s[:, None], sizes.inner_m[None, :], water, roughness_m)
    fits = friction <= most_pa_per_m
    return np.where(fits.any(axis=1), fits.argmax(axis=1), len(sizes.inner_m)).astype(np.int64)


def loss_w_per_m_k(
    inner_m: FloatArray,
    casing_m: FloatArray,
    depth_m: float,
    ground_w_per_m_k: float,
    insulation_w_per_m_k: float,
) -> FloatArray:
    """Return the heat lost by one metre of one pipe per kelvin above the ground.

    Resistances of insulation and ground in a row: ln(r)/(2π k_i) + ln(4h/(r d))/(2π k_g), where r is the
    casing's diameter over the pipe's inner diameter d, and h the depth of its axis.

    Examples
    --------
    >>> loss_w_per_m_k(np.array([0.1]), np.array([0.2]), 1.0, 1.2, 0.024).round(4)
    array([0.2002])
    """
    insulation = np.log(casing_m / inner_m) / (2.0 * np.pi * insulation_w_per_m_k)
    ground = np.log(4.0 * depth_m / casing_m) / (2.0 * np.pi * ground_w_per_m_k)
    return np.asarray(1.0 / (insulation + ground))
