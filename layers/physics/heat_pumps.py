"""How much heat a heat pump makes of electricity, hour by hour, after When2Heat.

COP = c0 + c1 ΔT + c2 ΔT² with the temperature the pump has to lift, at least 15 K, times 0.85 for what
machines in use fall short of test stands (Ruhnau et al. 2019). Radiators take 40 °C less the outdoor
temperature, floors 30 °C less half of it, hot water 50 °C.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from layers.core.types import FloatArray

# c0, c1, c2 by source: When2Heat, input/cop/cop_parameters.csv
CURVES: Final = {
    "air": (6.08, -0.0941, 0.000464),
    "ground": (10.29, -0.2084, 0.001322),
    "water": (9.99, -0.2049, 0.001249),
}
LEAST_LIFT_K: Final = 15.0
HOT_WATER_C: Final = 50.0
# the heat exchanger between ground or ground water and the pump takes 5 K
EXCHANGER_K: Final = 5.0


def sink_temperature_c(outdoor_c: FloatArray, emitter: str) -> FloatArray:
    """Return the flow temperature that radiators or floors need at an outdoor temperature.

    Examples
    --------
    >>> sink_temperature_c(np.array([-10.0, 10.0]), "radiator")
    array([50., 30.])
    >>> sink_temperature_c(np.array([-10.0, 10.0]), "floor")
    array([35., 25.])
    """
    if emitter == "water":
        return np.full_like(outdoor_c, HOT_WATER_C)
    base, slope = {"radiator": (40.0, 1.0), "floor": (30.0, 0.5)}[emitter]
    return np.asarray(base - slope * outdoor_c, dtype=np.float64)


def cop(source: str, lift_k: FloatArray, correction_ratio: float) -> FloatArray:
    """Return the coefficient of performance at a lift from source to sink.

    Parameters
    ----------
    source : str
        air, ground or water.
    lift_k : array
        Sink less source temperature; less than 15 K counts as 15 K.
    correction_ratio : float
        Field over test stand.

    Examples
    --------
    >>> cop("air", np.array([40.0]), 1.0).round(4)
    array([3.0584])
    """
    c0, c1, c2 = CURVES[source]
    lift = np.maximum(lift_k, LEAST_LIFT_K)
    return np.asarray(correction_ratio * (c0 + c1 * lift + c2 * lift**2), dtype=np.float64)


def seasonal_cop(
    source: str,
    source_c: FloatArray,
    outdoor_c: FloatArray,
    space_heat_kw: FloatArray,
    hot_water_kw: FloatArray,
    correction_ratio: float,
    emitter: str = "radiator",
) -> float:
    """Return the heat of a year over the electricity that makes it.

    Parameters
    ----------
    source : str
        air, ground or water.
    source_c, outdoor_c : (h,) arrays
        Temperature of the source and outdoors in each hour.
    space_heat_kw, hot_water_kw : (h,) arrays
        Load in each hour; any scale.
    correction_ratio : float
    emitter : str
        radiator or floor.
    """
    taken = source_c - (0.0 if source == "air" else EXCHANGER_K)
    space = cop(source, sink_temperature_c(outdoor_c, emitter) - taken, correction_ratio)
    water = cop(source, sink_temperature_c(outdoor_c, "water") - taken, correction_ratio)
    electricity = float((space_heat_kw / space + hot_water_kw / water).sum())
    heat = float((space_heat_kw + hot_water_kw).sum())
    return heat / electricity if electricity > 0.0 else float(space.mean())
