"""Modules on planes of roofs, as the roof layer hands them to what computes hours or heat."""

from __future__ import annotations

from dataclasses import dataclass

from layers.core.types import FloatArray, IntArray


@dataclass(frozen=True)
class Panels:
    """Every plane that carries modules in the technical potential.

    Attributes
    ----------
    building : (n,) array of positions
    tilt_deg, azimuth_deg : (n,) arrays
    power_kwp : (n,) array
        Expected power: of the modules that fit, times the probability of the roof's shape.
    horizons_deg : (v, 36) array
        Horizons of viewpoints, clockwise from north.
    first_view, view_count : (n,) arrays
        Each plane is looked from `view_count` viewpoints, beginning with `first_view`.
    snow_share : (tilts, 12) array
        Share of each month's yield that snow takes, by the tilts of the tables.
    """

    building: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    power_kwp: FloatArray
    horizons_deg: FloatArray
    first_view: IntArray
    view_count: IntArray
    snow_share: FloatArray
