"""Likely ranges of buildings, districts and the city, from draws that come tile by tile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.types import FloatArray, IntArray

LOW_SHARE, HIGH_SHARE = 0.1, 0.9


@dataclass(frozen=True)
class Ranges:
    """What the draws of one yearly quantity say; all in kWh.

    Attributes
    ----------
    mean_kwh, low_kwh, high_kwh : (n,) arrays
        Mean, p10 and p90 of each building that was drawn.
    district_draws : DataFrame, index `district_id`, one column a draw
        Sums of the buildings of each district.
    city_draws : (count,) array
        Sums of all buildings, those without a district included.
    """

    mean_kwh: FloatArray
    low_kwh: FloatArray
    high_kwh: FloatArray
    district_draws: pd.DataFrame
    city_draws: FloatArray


@dataclass(frozen=True)
class Places:
    """Where buildings stand: `district` is (n,), -1 for none, into `names`."""

    district: IntArray
    names: pd.Index


def places_of(part: pd.DataFrame, buildings: pd.DataFrame) -> Places:
    """Return the district of each row of a part of the buildings, and all districts in order."""
    if "district_id" not in buildings.columns:
        return Places(np.full(len(part), -1, dtype=np.int64), pd.Index([], name="district_id", dtype=object))
    names = pd.Index(sorted(buildings["district_id"].dropna().unique()), name="district_id", dtype=object)
    codes = names.get_indexer(pd.Index(part["district_id"].astype(object))).astype(np.int64)
    return Places(codes, names)


def sums_by_district(drawn_kwh: FloatArray, district: IntArray, count: int) -> FloatArray:
    """Return the (draws, districts) sums of (draws, buildings) demands."""
    inside = district >= 0
    if not inside.any():
        return np.zeros((len(drawn_kwh), count))
    return np.stack([np.bincount(district[inside], row[inside], minlength=count) for row in drawn_kwh])


def collect_ranges(
    tiles: Iterable[tuple[slice, Mapping[str, FloatArray]]],
    names: Sequence[str],
    places: Places,
    draw_count: int,
) -> dict[str, Ranges]:
    """Sum tiles of draws up and keep the range of every building.

    Parameters
    ----------
    tiles : iterable of rows and (count, rows) arrays by name
        As from `layers.physics.heat_draws.draw_demands_kwh`.
    names : sequence of str
        The quantities that are wanted.
    places : Places of all rows
    draw_count : int
    """
    count, districts = len(places.district), len(places.names)
    mean, low, high = ({name: np.zeros(count) for name in names} for _ in range(3))
    by_district = {name: np.zeros((draw_count, districts)) for name in names}
    city = {name: np.zeros(draw_count) for name in names}
    for rows, drawn in tiles:
        for name in names:
            values = drawn[name]
            mean[name][rows] = values.mean(axis=0)
            low[name][rows], high[name][rows] = np.quantile(values, [LOW_SHARE, HIGH_SHARE], axis=0)
            by_district[name] += sums_by_district(values, places.district[rows], districts)
            city[name] += values.sum(axis=1)
    columns = pd.RangeIndex(draw_count, name="draw")
    return {
        name: Ranges(
            mean[name],
            low[name],
            high[name],
            pd.DataFrame(by_district[name].T, index=places.names, columns=columns),
            city[name],
        )
        for name in names
    }
