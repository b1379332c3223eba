"""What a setting can be at all, by its unit: the last check of every number that a person may write.

Each layer knows narrower ranges for its own settings and checks them first. This check lets nothing pass that
no layer thought of: gaps, and numbers a thousand times too large.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from layers.core.errors import UsageProblem
from layers.core.units import unit_label, unit_suffix

# lowest and highest by unit; any other unit is held to the last line
UNIT_RANGES: dict[str, tuple[float, float]] = {
    "share": (0, 1), "ratio": (0, 1000), "deg": (0, 360), "c": (-60, 100), "k": (0, 200), "h": (0, 8760),
    "s": (0, 100_000), "days": (0, 366), "year": (0, 2200), "years": (0, 500), "count": (0, 100_000_000),
    "m": (0, 100_000), "mm": (0, 10_000), "km": (0, 20_000), "m2": (0, 100_000_000), "ha": (0, 1_000_000),
    "w_per_m2_k": (0, 100), "w_per_m_k": (0, 10), "wh_per_m2_k": (0, 2000), "w_per_m2": (0, 2000),
    "kwh_per_m2": (0, 2000), "per_h": (0, 50), "m_per_s": (0, 60), "kwp_per_m2": (0, 1),
    "eur_per_kwh": (-10, 10), "eur_per_m2": (0, 20_000), "per_k": (-1, 1),
}  # fmt: skip
OTHER_RANGE = (-1_000_000.0, 1_000_000.0)
# a seed may be any number
SEED = "seed"


def numbers_of(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield every number of a tree of settings with its place.

    Examples
    --------
    >>> list(numbers_of({"pitch_deg": {"flat": 0.0}, "tall_m": (3.0, 4.0), "name": "kwp"}))
    [(('pitch_deg', 'flat'), 0.0), (('tall_m', '1'), 3.0), (('tall_m', '2'), 4.0)]
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from numbers_of(getattr(value, field.name), (*place, field.name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from numbers_of(item, (*place, str(name)))
    elif isinstance(value, tuple | list):
        for number, item in enumerate(value, 1):
            yield from numbers_of(item, (*place, str(number)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, float(value)


def plausible_range(place: tuple[str, ...]) -> tuple[float, float, str]:
    """Return lowest, highest and unit of a setting, from the last of its names that has one.

    Examples
    --------
    >>> plausible_range(("envelope", "roof_pitch_deg", "flat"))
    (0.0, 360.0, '°')
    """
    for name in reversed(place):
        suffix = unit_suffix(name)
        if suffix is not None:
            low, high = UNIT_RANGES.get(suffix, OTHER_RANGE)
            return float(low), float(high), unit_label(name)
    return (*OTHER_RANGE, "")


def check_plausible(settings: Any) -> None:
    """Raise `UsageProblem` with every number of a tree of settings that cannot be meant.

    Examples
    --------
    >>> check_plausible({"solar": {"steepest_deg": 700.0}})
    Traceback (most recent call last):
    layers.core.errors.UsageProblem: solar.steepest_deg is 700; it must be 0 to 360 (°)
    """
    problems = []
    for place, number in numbers_of(settings):
        low, high, unit = plausible_range(place)
        if place[-1] == SEED and math.isfinite(number):
            continue
        if not low <= number <= high:
            told = f" ({unit})" if unit and unit not in ("count", "ratio", "year") else ""
            problems.append(f"{'.'.join(place)} is {number:g}; it must be {low:g} to {high:g}{told}")
    if problems:
        raise UsageProblem("; ".join(problems))
