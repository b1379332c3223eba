"""Chance in the heat demand: what is not known is drawn, in parts that buildings share and in own parts.

Each uncertain quantity q of building i in draw d deviates by

    z = √s · z(country, d) + √t · z(archetype, d) + √(1 − s − t) · z(i, d)

standard deviations, with the shares s and t of the variance. Relative quantities are multiplied by
exp(z σ − σ²/2) with σ² = ln(1 + width²): never negative, with the mean 1 and the width as standard
deviation; temperatures are shifted. The error of the climate belongs to all buildings alike.

Storeys, heights and construction years follow the p10 and p90 of each building, which may be lopsided.
The factors of size are divided by their exact means (`layers.physics.lopsided`). Years are drawn around
the middle of what is likely, not around the base case's year, which is itself one draw from the same
distribution. What is left between the mix of years in the base case and that in the draws is one number
for all buildings, `years_mean_ratio`; the heat of every draw is divided by it. So the base case stays
the expected one, and the range of a building does not depend on the year that it happened to get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.draws import Draws, hash_ids
from layers.core.types import FloatArray, IntArray
from layers.core.weather import MonthlyClimate
from layers.physics.building_heat import (
    Bodies,
    Deviation,
    TypeValues,
    TypeYears,
    air_change_per_h,
    heat_model,
    hot_water_kwh,
)
from layers.physics.heat_common import CommonParts, VarianceShares, common_parts
from layers.physics.heat_widths import Widths
from layers.physics.lopsided import lopsided, lopsided_mean_ratio, share_below
from layers.physics.monthly import yearly_heat_kwh

__all__ = [
    "Demand", "Drawn", "HeatCase", "VarianceShares", "centres", "draw_demands_kwh", "draw_heat_kwh",
    "draw_heat_parts_kwh", "heat_demands", "years_mean_ratio",
]  # fmt: skip

LOWEST_SIZE_RATIO = 0.2


@dataclass(frozen=True)
class HeatCase:
    """Everything about n heated buildings that the draws start from.

    Attributes
    ----------
    ids : Index of n building ids
    codes : (n,) array
        Archetype of each building in `types`.
    type_ids : Index of k archetype ids
    solar_gain_kwh : (n, 12) array
        Base case, before the glass (see `layers.physics.building_heat.window_aperture_m2`).
    """

    ids: pd.Index
    bodies: Bodies
    codes: IntArray
    types: TypeValues
    type_ids: pd.Index
    years: TypeYears
    widths: Widths
    solar_gain_kwh: FloatArray
    climate: MonthlyClimate

    def take(self, rows: IntArray | slice) -> HeatCase:
        """Return some rows; archetypes and climate stay whole."""
        return HeatCase(
            self.ids[rows], self.bodies.take(rows), self.codes[rows], self.types, self.type_ids,
            self.years, self.widths.take(rows), self.solar_gain_kwh[rows], self.climate,
        )  # fmt: skip


@dataclass(frozen=True)
class _Dice:
    """Standard normal numbers of one tile in one draw, with their common parts."""

    hashes: np.ndarray
    codes: IntArray
    parts: CommonParts
    shares: VarianceShares
    draws: Draws
    number: int

    def typed(self, name: str) -> FloatArray:
        """Return deviations of a quantity that archetypes state."""
        own = self.draws.own_from_hashes(self.hashes, f"heat:{name}", self.number)
        return np.asarray(
            np.sqrt(self.shares.shared_share) * self.parts.shared[name][self.number]
            + np.sqrt(self.shares.type_share) * self.parts.by_type[name][self.codes, self.number]
            + np.sqrt(self.shares.own_share) * own
        )

    def sized(self, name: str) -> FloatArray:
        """Return deviations of a quantity that was learned for each building."""
        own = self.draws.own_from_hashes(self.hashes, f"heat:{name}", self.number)
        share = self.shares.shared_share
        return np.asarray(np.sqrt(share) * self.parts.shared[name][self.number] + np.sqrt(1.0 - share) * own)


def _spread(z: FloatArray, width_ratio: FloatArray) -> FloatArray:
    """Return log-normal factors with the mean 1 and the width as standard deviation."""
    variance = np.log1p(width_ratio**2)
    return np.exp(z * np.sqrt(variance) - variance / 2.0)


@dataclass(frozen=True)
class Centres:
    """What lopsided factors are divided by, so that their mean is 1; one entry a building."""

    storey_ratio: FloatArray
    height_ratio: FloatArray


def _space_heat_kwh(case: HeatCase, codes: IntArray) -> FloatArray:
    types = case.types.take(codes)
    model = heat_model(case.bodies, types)
    return yearly_heat_kwh(model, case.solar_gain_kwh, case.climate.temperature_c, types.window_g_ratio)


def years_mean_ratio(case: HeatCase) -> float:
    """Return the space heat on average over the years in which buildings may have been built, over the base.

    Σ P(period) · heat with the archetype of the period, added up over all buildings: exact, no draws.
    """
    widths = case.widths
    base = _space_heat_kwh(case, case.codes)
    rows = np.flatnonzero(
        ~np.isnan(widths.year) & ((widths.year_down_count > 0.0) | (widths.year_up_count > 0.0))
    )
    if not len(rows) or base.sum() <= 0.0:
        return 1.0
    some, below, change_kwh = case.take(rows), np.zeros(len(rows)), 0.0
    down, up = some.widths.year_down_count, some.widths.year_up_count
    edges = case.years.edges_year()
    starts = np.concatenate([edges[:1] - 1.0, edges])
    # a loop over the periods of a country, about ten
    for start, end in zip(starts, np.append(edges, np.inf), strict=True):
        codes = case.years.codes(some.codes, np.full(len(rows), start))
        to_end = share_below(end - some.widths.year, down, up)
        heat = _space_heat_kwh(some, codes)
        change_kwh += float(((to_end - below) * (heat - base[rows])).sum())
        below = to_end
    return 1.0 + change_kwh / float(base.sum())


def centres(widths: Widths) -> Centres:
    """Return the means of the lopsided factors of each building."""
    return Centres(
        lopsided_mean_ratio(widths.storey_down_ratio, widths.storey_up_ratio, LOWEST_SIZE_RATIO),
        lopsided_mean_ratio(widths.height_down_ratio, widths.height_up_ratio, LOWEST_SIZE_RATIO),
    )


def _size_ratio(z: FloatArray, down: FloatArray, up: FloatArray, mean: FloatArray) -> FloatArray:
    return np.maximum(1.0 + lopsided(z, down, up), LOWEST_SIZE_RATIO) / mean


def _deviation(dice: _Dice, widths: Widths, types: TypeValues, centre: Centres) -> Deviation:
    air = air_change_per_h(types)
    air_width = np.divide(widths.air_change_per_h, air, out=np.zeros_like(air), where=air > 0.0)
    storeys = dice.sized("storeys")
    return Deviation(
        u_ratio=_spread(dice.typed("u_value"), widths.u_ratio),
        window_u_ratio=_spread(dice.typed("window_u_value"), widths.window_u_ratio),
        area_ratio=_spread(dice.sized("envelope_area"), widths.area_ratio),
        air_ratio=_spread(dice.typed("air_change"), air_width),
        set_point_k=dice.typed("set_point") * widths.set_point_k,
        internal_ratio=_spread(dice.typed("gain"), widths.internal_ratio),
        hot_water_ratio=_spread(dice.typed("hot_water"), widths.hot_water_ratio),
        storey_ratio=_size_ratio(
            storeys, widths.storey_down_ratio, widths.storey_up_ratio, centre.storey_ratio
        ),
        # a building that is one storey taller is taller: one deviation serves both
        height_ratio=_size_ratio(
            storeys, widths.height_down_ratio, widths.height_up_ratio, centre.height_ratio
        ),
    )


@dataclass(frozen=True)
class Drawn:
    """What one draw changes about the buildings of a tile.

    Attributes
    ----------
    codes : (n,) array
        Archetype that each building has in this draw.
    types : TypeValues of n entries
    deviation : Deviation
    sun_ratio : (n,) array
        What multiplies the sun before the glass: shading, weather and windows.
    temperature_c : (12,) array
    """

    codes: IntArray
    types: TypeValues
    deviation: Deviation
    sun_ratio: FloatArray
    temperature_c: FloatArray
    dice: _Dice

    def typed(self, name: str) -> FloatArray:
        """Return standard normal deviations of a quantity of `TYPED`."""
        return self.dice.typed(name)

    def typed_ratio(self, name: str, width_ratio: FloatArray) -> FloatArray:
        """Return log-normal factors of a quantity of `TYPED`, mean 1, the width their standard deviation."""
        return _spread(self.dice.typed(name), width_ratio)

    def mixed_ratio(self, name: str, other: str, width_ratio: FloatArray, share: float) -> FloatArray:
        """Return the same, a share of its variance that of one quantity and the rest that of another."""
        z = np.sqrt(share) * self.dice.typed(name) + np.sqrt(1.0 - share) * self.dice.typed(other)
        return _spread(z, width_ratio)


# what a building needs in one draw, from what the draw changed and from the needs drawn before it
Demand = Callable[[HeatCase, Drawn, Mapping[str, FloatArray]], FloatArray]


def _draw(case: HeatCase, dice: _Dice, centre: Centres) -> Drawn:
    widths = case.widths
    year = widths.year + lopsided(
        dice.sized("construction_year"), widths.year_down_count, widths.year_up_count
    )
    codes = case.years.codes(case.codes, year)
    types = case.types.take(codes)
    deviation = _deviation(dice, widths, types, centre)
    sun = _spread(dice.typed("sun"), widths.sun_ratio) * dice.parts.sun_ratio[dice.number]
    return Drawn(
        codes=codes,
        types=types,
        deviation=deviation,
        sun_ratio=sun * deviation.storey_ratio,
        temperature_c=case.climate.temperature_c + dice.parts.temperature_k[dice.number],
        dice=dice,
    )


def draw_demands_kwh(
    case: HeatCase,
    draws: Draws,
    shares: VarianceShares,
    demands: Mapping[str, Demand],
    *,
    tile_count: int,
) -> Iterator[tuple[slice, dict[str, FloatArray]]]:
    """Draw several demands from the same deviations, tile by tile.

    One draw of a U-value, a set-point or a year of construction moves every demand of a building, so
    that sums and differences of demands have the right range too.

    Parameters
    ----------
    demands : mapping of functions by name
        Called in their order; each gets the demands before it in the same draw.

    Yields
    ------
    rows : slice
        Which buildings.
    drawn : dict of (count, rows) arrays
        Every draw of each demand. [kWh] Only one tile is held at a time.
    """
    parts = common_parts(case.climate, case.type_ids, draws)
    for start in range(0, len(case.ids), tile_count):
        rows = slice(start, min(start + tile_count, len(case.ids)))
        tile = case.take(rows)
        hashes, centre = hash_ids(tile.ids), centres(tile.widths)
        drawn = {name: np.empty((draws.count, len(tile.ids))) for name in demands}
        for number in range(draws.count):
            one = _draw(tile, _Dice(hashes, tile.codes, parts, shares, draws, number), centre)
            known: dict[str, FloatArray] = {}
            for name, demand in demands.items():
                known[name] = drawn[name][number] = demand(tile, one, known)
        yield rows, drawn


def heat_demands(mean_ratio: float = 1.0) -> dict[str, Demand]:
    """Return the demands for the heat of rooms and of hot water.

    Parameters
    ----------
    mean_ratio : float
        What the heat for the rooms is divided by, from `years_mean_ratio` of the whole city.
    """

    def space(case: HeatCase, drawn: Drawn, _: Mapping[str, FloatArray]) -> FloatArray:
        model = heat_model(case.bodies, drawn.types, drawn.deviation)
        glass = drawn.sun_ratio * drawn.types.window_g_ratio
        return yearly_heat_kwh(model, case.solar_gain_kwh, drawn.temperature_c, glass) / mean_ratio

    def water(case: HeatCase, drawn: Drawn, _: Mapping[str, FloatArray]) -> FloatArray:
        return hot_water_kwh(case.bodies, drawn.types, drawn.deviation)

    return {"space_heat": space, "hot_water": water}


def draw_heat_parts_kwh(
    case: HeatCase, draws: Draws, shares: VarianceShares, *, tile_count: int, mean_ratio: float = 1.0
) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """Draw the heat for the rooms and for hot water, tile by tile.

    Parameters
    ----------
    mean_ratio : float
        As for `heat_demands`.

    Yields
    ------
    rows : slice
        Which buildings.
    space_kwh, hot_water_kwh : (count, rows) arrays
        Every draw of each of them. Only one tile is held at a time.
    """
    demands = heat_demands(mean_ratio)
    for rows, drawn in draw_demands_kwh(case, draws, shares, demands, tile_count=tile_count):
        yield rows, drawn["space_heat"], drawn["hot_water"]


def draw_heat_kwh(
    case: HeatCase, draws: Draws, shares: VarianceShares, *, tile_count: int, mean_ratio: float = 1.0
) -> Iterator[tuple[slice, FloatArray]]:
    """Draw the heat demand, rooms and hot water together; parameters as in `draw_heat_parts_kwh`.

    Yields
    ------
    rows : slice
    heat_kwh : (count, rows) array
    """
    for rows, space, water in draw_heat_parts_kwh(
        case, draws, shares, tile_count=tile_count, mean_ratio=mean_ratio
    ):
        yield rows, space + water
