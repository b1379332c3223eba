"""How uncertain what is known about a building is, by the levels of TABULA and by its own p10 and p90.

TABULA's levels A to E give widths for each way of knowing a quantity; the descriptions in
`data/uncertainty.csv` say which level stands for what. The widths are one standard deviation: the source
models them by symmetrical distributions, widens them to the variance of the stock where nothing is known,
and its authors' own program adds their squares up, with wall, roof, ground and windows apart.

Walls follow the mapped outline instead of being estimated from floor area, storeys and neighbours, and
guessed storeys and heights are drawn on their own: the envelope's area is one level better than there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from layers.core.facts import value
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES

# standard deviations from the median to the p90 of a normal distribution
P90_DEVIATIONS = 1.2815515655446004
KNOWN_ORIGINS = ("measured", "user")
# the source of the U-value levels changes its level between two years
LEVEL_D_FROM_YEAR = 1995
# the source has nothing on windows of older buildings: they may be the first or the third
WINDOW_LEVEL_D_FROM_YEAR = 1979
TALL_STOREY_COUNT = 3


@dataclass(frozen=True)
class Widths:
    """How uncertain each of n buildings is: one standard deviation.

    Relative, but for `air_change_per_h` and `set_point_k`.

    The `…_down` and `…_up` fields are one standard deviation below and above the median, as a share
    of the median (storeys, height) or in years. `year` is the median of the construction year.
    """

    u_ratio: FloatArray
    window_u_ratio: FloatArray
    area_ratio: FloatArray
    air_change_per_h: FloatArray
    set_point_k: FloatArray
    sun_ratio: FloatArray
    internal_ratio: FloatArray
    hot_water_ratio: FloatArray
    storey_down_ratio: FloatArray
    storey_up_ratio: FloatArray
    height_down_ratio: FloatArray
    height_up_ratio: FloatArray
    year: FloatArray
    year_down_count: FloatArray
    year_up_count: FloatArray

    def take(self, rows: IntArray | slice) -> Widths:
        """Return the widths of some rows."""
        return Widths(*(getattr(self, each.name)[rows] for each in fields(self)))


def column_or(table: pd.DataFrame, name: str, default: float) -> FloatArray:
    """Return a column with gaps filled; a column that is not there is all gaps."""
    if name not in table.columns:
        return np.full(len(table), default)
    values = table[name].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(values), default, values)


def _width(fact_id: str) -> float:
    return value("uncertainty", fact_id)


def _spread(
    table: pd.DataFrame, name: str, unit: str, origin: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the middle and one standard deviation below and above it; none where the value is known.

    The middle is the base value, or the median where the table has one (the base value is then a draw).
    """
    given = column_or(table, f"{name}_{unit}", np.nan)
    middle = column_or(table, f"{name}_p50_{unit}", np.nan)
    base = np.where(np.isnan(given) | np.isnan(middle), given, middle)
    low = np.where(np.isnan(base), np.nan, column_or(table, f"{name}_p10_{unit}", np.nan))
    high = np.where(np.isnan(base), np.nan, column_or(table, f"{name}_p90_{unit}", np.nan))
    # a stated value is taken as it is: its p10 and p90, if any, are not used
    known = np.zeros(len(table), dtype=bool)
    if origin in table.columns:
        known = table[origin].isin(KNOWN_ORIGINS).to_numpy(dtype=bool)
    base = np.where(known, given, base)
    down = np.where(known, 0.0, np.nan_to_num(np.maximum(base - low, 0.0)))
    up = np.where(known, 0.0, np.nan_to_num(np.maximum(high - base, 0.0)))
    return base, down / P90_DEVIATIONS, up / P90_DEVIATIONS


def _share_of(base: FloatArray, spread: FloatArray) -> FloatArray:
    return np.divide(spread, base, out=np.zeros_like(spread), where=base > 0.0)


def uncertainty_widths(buildings: pd.DataFrame) -> Widths:
    """Return how uncertain each building is, by the levels of `data/uncertainty.csv`.

    Parameters
    ----------
    buildings : DataFrame
        `use`, `storey_count` and, where they are known, `construction_year`, `height_m`, their
        `…_origin`, their `…_p10_…` and `…_p90_…`, and `construction_p50_year`.
    """
    multi = (buildings["use"] == "residential_multi").to_numpy()
    dwelling = buildings["use"].isin(RESIDENTIAL_USES).to_numpy()
    base_year = column_or(buildings, "construction_year", np.nan)
    year, year_down, year_up = _spread(buildings, "construction", "year", "construction_year_origin")
    storeys, storey_down, storey_up = _spread(buildings, "storey", "count", "storey_count_origin")
    height, height_down, height_up = _spread(buildings, "height", "m", "height_origin")

    def by(condition: BoolArray, yes: str, no: str) -> FloatArray:
        return np.where(condition, _width(yes), _width(no))

    u_known = by(base_year < LEVEL_D_FROM_YEAR, "u_value_level_c", "u_value_level_d")
    other_water = by(dwelling, "hot_water_level_d", "hot_water_level_e")
    return Widths(
        u_ratio=np.where(np.isnan(base_year), _width("u_value_level_e"), u_known),
        window_u_ratio=by(
            base_year >= WINDOW_LEVEL_D_FROM_YEAR, "window_u_value_level_d", "window_u_value_level_e"
        ),
        area_ratio=by(storeys >= TALL_STOREY_COUNT, "envelope_area_level_b", "envelope_area_level_c"),
        air_change_per_h=by(multi, "air_change_level_c", "air_change_level_d"),
        set_point_k=by(multi, "set_point_level_c", "set_point_level_d"),
        sun_ratio=np.full(len(buildings), _width("solar_aperture_level_d")),
        internal_ratio=by(multi, "internal_gain_level_d", "internal_gain_level_e"),
        hot_water_ratio=np.where(multi, _width("hot_water_level_c"), other_water),
        storey_down_ratio=_share_of(storeys, storey_down),
        storey_up_ratio=_share_of(storeys, storey_up),
        height_down_ratio=_share_of(height, height_down),
        height_up_ratio=_share_of(height, height_up),
        year=year,
        year_down_count=year_down,
        year_up_count=year_up,
    )
