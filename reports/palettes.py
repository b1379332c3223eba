"""Colours that stay apart for colour-blind eyes, in grey print and on the light ground of our maps.

Runs of classes get darker step by step: the order is readable without any sense of hue. They are
interpolated in OKLab (Björn Ottosson 2020), where equal steps look equal. Classes without an order
take the eight colours of Okabe and Ito (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from layers.core.types import FloatArray

MISSING: Final = "#d8d5cf"
NEUTRAL_BUILDING: Final = "#d3cec6"
HEAT: Final = ("#fbe3b5", "#f2a65a", "#cb4b3f", "#571a3c")
SOLAR: Final = ("#f5eeae", "#86c78f", "#2b8290", "#1d2f63")
COLD: Final = ("#dceff7", "#7db8d8", "#2f6fae", "#16305e")
POWER: Final = ("#f3e6f5", "#c08bc6", "#7c3f92", "#341150")
# dearer is darker: pale is where to begin
COST: Final = ("#d9efc5", "#8cc28a", "#3f8474", "#143f4f")
# how sure it is that a network is cheaper: hardly, open, surely
WINS: Final = ("#efe3c8", "#8fb9a0", "#0b5a45")
PIPES: Final = ("#f0b48a", "#c4513f", "#4d1028")
STREETS: Final = ("#d9a9cf", "#a3559f", "#42135c")
KNOWLEDGE: Final = ("#f0dcc0", "#86aeb5", "#174f63")
DISTINCT: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
NOTHING_ALIKE: Final = "#bdb8af"
# where a network stands, where one pays, where it may, where it hardly does
SUITABILITY: Final = {
    "probably_served": "#2f6db3",
    "suitable": "#0b6e4f",
    "conditional": "#edb94c",
    "not_suitable": "#c3bdb3",
}

_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_rgb(colours: Sequence[str]) -> FloatArray:
    """Return (n, 3) sRGB values from 0 to 1 of colours such as ``#0072b2``."""
    return np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]) / 255.0


def linear(rgb: FloatArray) -> FloatArray:
    """Return light intensities of sRGB values (IEC 61966-2-1)."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _from_linear(intensity: FloatArray) -> FloatArray:
    light = np.clip(intensity, 0.0, 1.0)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_oklab(colours: Sequence[str]) -> FloatArray:
    """Return lightness and the two hue axes of colours."""
    return np.asarray(np.cbrt(linear(to_rgb(colours)) @ _TO_CONES.T) @ _TO_LAB.T)


def from_oklab(lab: FloatArray) -> list[str]:
    """Return colours of OKLab values, clipped to what a screen shows."""
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    rgb = np.rint(_from_linear(cones @ np.linalg.inv(_TO_CONES).T) * 255).astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in rgb]


def run_of_colours(anchors: Sequence[str], length: int) -> tuple[str, ...]:
    """Return colours evenly along the way through the anchors.

    Examples
    --------
    >>> run_of_colours(("#ffffff", "#000000"), 3)[::2]
    ('#ffffff', '#000000')
    """
    if length == 1:
        return (anchors[len(anchors) // 2],)
    lab = to_oklab(anchors)
    ends = np.linspace(0.0, 1.0, len(anchors))
    places = np.linspace(0.0, 1.0, length)
    return tuple(from_oklab(np.column_stack([np.interp(places, ends, lab[:, axis]) for axis in range(3)])))


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2); text needs 4.5, large shapes 3.

    Examples
    --------
    >>> round(contrast_ratio("#000000", "#ffffff"), 1)
    21.0
    """
    light = sorted((linear(to_rgb([one, other])) @ np.array([0.2126, 0.7152, 0.0722])).tolist())
    return float((light[1] + 0.05) / (light[0] + 0.05))
