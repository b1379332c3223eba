"""Small charts as numbers: a template turns them into SVG, a test can check every length by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

CHART_WIDTH: Final = 1000.0
_NICE_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class RangeBar:
    """One bar with the range around its end; positions from 0 to `CHART_WIDTH`."""

    label: str
    value: float
    end: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Axis:
    """The scale under bars: where its ticks stand, and for which values."""

    highest: float
    ticks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Piece:
    """One piece of a bar that is divided into shares."""

    name: str
    share: float
    start: float
    width: float


def make_axis(highest: float, most_ticks_count: int = 5) -> Axis:
    """Return a scale from zero with memorable ticks that reaches the highest value.

    Examples
    --------
    >>> [value for _, value in make_axis(87.0).ticks]
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if not np.isfinite(highest) or highest <= 0:
        return Axis(1.0, ((0.0, 0.0),))
    rough = highest / most_ticks_count
    magnitude = 10.0 ** np.floor(np.log10(rough))
    step = next(nice * magnitude for nice in _NICE_STEPS if nice * magnitude >= rough * (1 - 1e-9))
    steps = int(np.ceil(highest / step - 1e-9))
    top = steps * step
    ticks = tuple((float(number * CHART_WIDTH / steps), float(number * step)) for number in range(steps + 1))
    return Axis(float(top), ticks)


def range_bars(
    labels: Sequence[str], values: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> tuple[list[RangeBar], Axis]:
    """Return bars with their ranges on one common scale.

    Examples
    --------
    >>> bars, axis = range_bars(["a", "b"], [50.0, 100.0], [40.0, 80.0], [60.0, float("nan")])
    >>> [(bar.label, bar.end, bar.low, bar.high) for bar in bars]
    [('a', 500.0, 400.0, 600.0), ('b', 1000.0, 800.0, None)]
    """
    known = [number for number in (*values, *highs) if np.isfinite(number)]
    axis = make_axis(max(known, default=0.0))

    def place(number: float) -> float | None:
        return float(round(number / axis.highest * CHART_WIDTH, 2)) if np.isfinite(number) else None

    bars = [
        RangeBar(label, float(value), place(value) or 0.0, place(low), place(high))
        for label, value, low, high in zip(labels, values, lows, highs, strict=True)
    ]
    return bars, axis


def share_pieces(shares: Mapping[str, float]) -> list[Piece]:
    """Return the pieces of a bar that is as wide as the chart; nothing for shares of zero.

    Examples
    --------
    >>> [(piece.name, piece.start, piece.width) for piece in share_pieces({"a": 0.25, "b": 0.0, "c": 0.75})]
    [('a', 0.0, 250.0), ('c', 250.0, 750.0)]
    """
    total = sum(share for share in shares.values() if np.isfinite(share))
    pieces: list[Piece] = []
    start = 0.0
    for name, share in shares.items():
        if not np.isfinite(share) or share <= 0:
            continue
        width = float(share / total * CHART_WIDTH)
        pieces.append(Piece(name, float(share / total), round(start, 2), round(width, 2)))
        start += width
    return pieces
