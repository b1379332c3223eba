"""From areas and archetype values to the heat balance of buildings, for the base case and for draws.

All functions work on arrays: a `Bodies` has one entry per building, a `TypeValues` one per archetype
or, after `take`, one per building. A draw multiplies or shifts the base values by the factors of
`Deviation`; with all factors at their neutral values the draw is the base case.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from layers.core.types import FloatArray, IntArray
from layers.core.weather import FACADE_AZIMUTHS_DEG
from layers.physics.monthly import HeatModel, capped_night_ratio
from layers.physics.monthly_cooling import CoolingModel
from layers.physics.seasonal import ventilation_w_per_m2_k


@dataclass(frozen=True)
class Bodies:
    """Areas of n heated buildings; `facade_area_m2` is (n, 8), everything else (n,), all in m².

    `wall_area_m2` is exposed wall with its windows. `facade_area_m2` says where windows lie, clockwise
    from north: the windows of each façade, or the exposed wall, to which they are in proportion.
    """

    floor_area_m2: FloatArray
    wall_area_m2: FloatArray
    window_area_m2: FloatArray
    roof_area_m2: FloatArray
    ground_area_m2: FloatArray
    facade_area_m2: FloatArray

    def take(self, rows: IntArray | slice) -> Bodies:
        """Return the bodies of some rows."""
        return Bodies(*(getattr(self, each.name)[rows] for each in fields(self)))


@dataclass(frozen=True)
class TypeValues:
    """What archetypes say, one entry each; the names are those of the archetype table."""

    u_wall_w_per_m2_k: FloatArray
    u_roof_w_per_m2_k: FloatArray
    u_floor_w_per_m2_k: FloatArray
    u_window_w_per_m2_k: FloatArray
    b_floor_ratio: FloatArray
    b_roof_ratio: FloatArray
    thermal_bridge_w_per_m2_k: FloatArray
    window_g_ratio: FloatArray
    air_use_per_h: FloatArray
    air_infiltration_per_h: FloatArray
    heat_recovery_share: FloatArray
    room_height_m: FloatArray
    set_point_c: FloatArray
    night_factor_low_ratio: FloatArray
    night_factor_high_ratio: FloatArray
    internal_gain_w_per_m2: FloatArray
    heat_capacity_wh_per_m2_k: FloatArray
    hot_water_kwh_per_m2: FloatArray
    utilisation_a0_ratio: FloatArray
    utilisation_tau0_h: FloatArray

    def take(self, codes: IntArray) -> TypeValues:
        """Return the values of the archetype that each building has."""
        return TypeValues(*(getattr(self, each.name)[codes] for each in fields(self)))


@dataclass(frozen=True)
class Deviation:
    """How one draw differs from the base case; arrays of one entry per building, or plain numbers.

    Ratios multiply, 1 changes nothing; `set_point_k` is added. `storey_ratio` scales what lies on
    floors (area, people, windows, hot water), `height_ratio` the walls.
    """

    u_ratio: FloatArray | float = 1.0
    window_u_ratio: FloatArray | float = 1.0
    area_ratio: FloatArray | float = 1.0
    air_ratio: FloatArray | float = 1.0
    set_point_k: FloatArray | float = 0.0
    internal_ratio: FloatArray | float = 1.0
    hot_water_ratio: FloatArray | float = 1.0
    storey_ratio: FloatArray | float = 1.0
    height_ratio: FloatArray | float = 1.0


NO_DEVIATION = Deviation()


def transmission_w_per_k(
    bodies: Bodies, types: TypeValues, deviation: Deviation = NO_DEVIATION
) -> FloatArray:
    """Return the losses through the envelope per kelvin.

    Σ A U b + ΔU_tb Σ A with walls (without windows), windows, roof and ground; thermal bridges act
    on all areas without b. Party walls are not part of the envelope.
    """
    window = bodies.window_area_m2 * deviation.storey_ratio
    opaque = np.maximum(bodies.wall_area_m2 * deviation.height_ratio - window, 0.0)
    walls_and_roof = (
        types.u_wall_w_per_m2_k * opaque
        + types.u_roof_w_per_m2_k * types.b_roof_ratio * bodies.roof_area_m2
        + types.u_floor_w_per_m2_k * types.b_floor_ratio * bodies.ground_area_m2
    )
    glass = types.u_window_w_per_m2_k * window
    bridges = types.thermal_bridge_w_per_m2_k * (
        opaque + window + bodies.roof_area_m2 + bodies.ground_area_m2
    )
    conducted = deviation.u_ratio * (walls_and_roof + bridges) + deviation.window_u_ratio * glass
    return np.asarray(deviation.area_ratio * conducted, dtype=np.float64)


def independent_parts_ratio(bodies: Bodies, types: TypeValues) -> FloatArray:
    """Return the relative width of the opaque envelope's conduction over that of one U-value.

    Wall, roof and ground are known apart: their errors are independent, so their squares add up,
    √(Σ H²) / Σ H with H their losses per kelvin. 1 where one part loses everything, 1 / √3 where three
    lose alike.

    Examples
    --------
    >>> from types import SimpleNamespace as Some
    >>> body = Some(wall_area_m2=10.0, window_area_m2=2.0, roof_area_m2=8.0, ground_area_m2=0.0)
    >>> kind = Some(u_wall_w_per_m2_k=1.0, u_roof_w_per_m2_k=1.0, b_roof_ratio=1.0,
    ...             u_floor_w_per_m2_k=1.0, b_floor_ratio=0.5)
    >>> round(float(independent_parts_ratio(body, kind)), 3)
    0.707
    """
    wall = types.u_wall_w_per_m2_k * np.maximum(bodies.wall_area_m2 - bodies.window_area_m2, 0.0)
    roof = types.u_roof_w_per_m2_k * types.b_roof_ratio * bodies.roof_area_m2
    ground = types.u_floor_w_per_m2_k * types.b_floor_ratio * bodies.ground_area_m2
    total = np.asarray(wall + roof + ground, dtype=np.float64)
    apart = np.sqrt(wall**2 + roof**2 + ground**2)
    return np.divide(apart, total, out=np.ones_like(total), where=total > 0.0)


def air_change_per_h(types: TypeValues) -> FloatArray:
    """Return the air change that costs heat: use, less what is recovered, and leaks."""
    return types.air_use_per_h * (1.0 - types.heat_recovery_share) + types.air_infiltration_per_h


def heat_model(bodies: Bodies, types: TypeValues, deviation: Deviation = NO_DEVIATION) -> HeatModel:
    """Return the monthly heat model of buildings.

    Parameters
    ----------
    bodies : Bodies of n buildings
        With floors larger than zero.
    types : TypeValues of n entries
        After `take`.
    deviation : Deviation
        Of one draw; the base case by default.
    """
    floor = bodies.floor_area_m2 * deviation.storey_ratio
    transmission = transmission_w_per_k(bodies, types, deviation)
    ventilation = ventilation_w_per_m2_k(air_change_per_h(types) * deviation.air_ratio, types.room_height_m)
    night = capped_night_ratio(
        transmission / floor, types.night_factor_low_ratio, types.night_factor_high_ratio
    )
    return HeatModel(
        loss_w_per_k=transmission + ventilation * floor,
        night_ratio=night,
        set_point_c=types.set_point_c + deviation.set_point_k,
        internal_gain_w=types.internal_gain_w_per_m2 * floor * deviation.internal_ratio,
        heat_capacity_wh_per_k=types.heat_capacity_wh_per_m2_k * floor,
        utilisation_a0_ratio=types.utilisation_a0_ratio,
        utilisation_tau0_h=types.utilisation_tau0_h,
    )


def cooling_model(
    bodies: Bodies,
    types: TypeValues,
    cooling_set_point_c: FloatArray,
    deviation: Deviation = NO_DEVIATION,
    set_point_k: FloatArray | float = 0.0,
) -> CoolingModel:
    """Return the monthly cooling model of buildings.

    Heat recovery is passed by in summer, nights are not lowered; everything else is that of `heat_model`.

    Parameters
    ----------
    cooling_set_point_c : (n,) array
        Room temperature above which is cooled.
    set_point_k : (n,) array or float
        What a draw adds to it; the deviation's own is that of the heating set-point.
    """
    floor = bodies.floor_area_m2 * deviation.storey_ratio
    air = types.air_use_per_h + types.air_infiltration_per_h
    ventilation = ventilation_w_per_m2_k(air * deviation.air_ratio, types.room_height_m)
    return CoolingModel(
        loss_w_per_k=transmission_w_per_k(bodies, types, deviation) + ventilation * floor,
        set_point_c=cooling_set_point_c + set_point_k,
        internal_gain_w=types.internal_gain_w_per_m2 * floor * deviation.internal_ratio,
        heat_capacity_wh_per_k=types.heat_capacity_wh_per_m2_k * floor,
        utilisation_a0_ratio=types.utilisation_a0_ratio,
        utilisation_tau0_h=types.utilisation_tau0_h,
    )


def hot_water_kwh(bodies: Bodies, types: TypeValues, deviation: Deviation = NO_DEVIATION) -> FloatArray:
    """Return the useful heat for hot water in a year."""
    floor = bodies.floor_area_m2 * deviation.storey_ratio
    return np.asarray(types.hot_water_kwh_per_m2 * floor * deviation.hot_water_ratio, dtype=np.float64)


def window_aperture_m2(bodies: Bodies, sun_ratio: float) -> FloatArray:
    """Return the area that lets sun in by surface, before the glass.

    Windows lie on the façades in proportion to `facade_area_m2`; a blind party wall has none.

    Parameters
    ----------
    sun_ratio : float
        What shading, frame and slanting sun leave: F_sh (1 − F_f) F_w.

    Returns
    -------
    (n, 9) array
        Horizontal (none), then façades clockwise from north.
    """
    facades = bodies.facade_area_m2.sum(axis=1)
    per_area = np.divide(bodies.window_area_m2, facades, out=np.zeros_like(facades), where=facades > 0.0)
    aperture = np.zeros((len(facades), 1 + len(FACADE_AZIMUTHS_DEG)))
    aperture[:, 1:] = bodies.facade_area_m2 * (per_area * sun_ratio)[:, None]
    return aperture


@dataclass(frozen=True)
class TypeYears:
    """Which archetype a building would have if it had been built in another year.

    Attributes
    ----------
    first_year, last_year : (k,) arrays
        Period of each archetype.
    group : (k,) array
        Archetypes of the same country, use and size share a number.
    by_year : (groups, years) array
        Archetype of each group and year, counted from `earliest_year`.
    """

    first_year: FloatArray
    last_year: FloatArray
    group: IntArray
    by_year: IntArray
    earliest_year: int

    def codes(self, base: IntArray, year: FloatArray) -> IntArray:
        """Return the archetype of each building in a year; its own one while the period holds."""
        # without a year there is nothing to move: such a building keeps its archetype
        unknown = np.isnan(year)
        whole = np.floor(np.where(unknown, self.earliest_year, year)) - self.earliest_year
        column = np.clip(whole, 0, self.by_year.shape[1] - 1)
        other = self.by_year[self.group[base], column.astype(np.int64)]
        stays = unknown | ((year >= self.first_year[base]) & (year < self.last_year[base] + 1.0))
        return np.asarray(np.where(stays, base, other), dtype=np.int64)

    def edges_year(self) -> FloatArray:
        """Return the years from which on another archetype may hold, in order."""
        turns = np.flatnonzero((np.diff(self.by_year, axis=1) != 0).any(axis=0)) + 1.0 + self.earliest_year
        ends = np.concatenate([self.first_year, self.last_year + 1.0])
        return np.unique(np.concatenate([turns, ends[np.isfinite(ends)]]))


def type_years(first_year: FloatArray, last_year: FloatArray, group: IntArray) -> TypeYears:
    """Make the table of archetypes by year.

    Open periods are NaN at their open end. Where periods overlap the later beginning counts, where
    they leave a gap the nearest period.

    Examples
    --------
    >>> years = type_years(np.array([np.nan, 1950.0]), np.array([1949.0, np.nan]), np.array([0, 0]))
    >>> years.codes(np.array([1, 1]), np.array([1930.0, 2010.0]))
    array([0, 1])
    """
    first = np.where(np.isnan(first_year), -np.inf, first_year)
    last = np.where(np.isnan(last_year), np.inf, last_year)
    bounds = np.concatenate([first[np.isfinite(first)], last[np.isfinite(last)], [2000.0]])
    earliest, latest = int(bounds.min()) - 1, int(bounds.max()) + 1
    years = np.arange(earliest, latest + 1, dtype=np.float64)
    by_year = np.zeros((int(group.max(initial=-1)) + 1, len(years)), dtype=np.int64)
    for number in range(len(by_year)):
        members = np.flatnonzero(group == number)
        members = members[np.argsort(-first[members], kind="stable")]
        outside = np.maximum(np.maximum(first[members, None] - years, years - last[members, None]), 0.0)
        by_year[number] = members[np.argmin(outside, axis=0)]
    return TypeYears(first, last, group, by_year, earliest)
