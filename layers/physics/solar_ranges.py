"""What makes a range of solar yields wide: the weather, the form of roofs, or the area that can be used.

Each cause is drawn alone, all others held at their expected values. *Weather* is irradiation and snow,
*roof* the shape that a roof without a tag may have, *area* the share of roofs that studies found suitable,
for the whole town and for each roof.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layers.core.types import FloatArray
from layers.physics.solar_draws import P10, P90, DrawnSums

CAUSES = ("weather", "roof", "area")
WHOLE = "all"
CITY = "city"


def part_ranges(parts: Mapping[str, FloatArray], base_kwh: FloatArray, whole: FloatArray) -> FloatArray:
    """Return how far each cause alone moves each group's sum, over its expected value.

    Parameters
    ----------
    parts : mapping of (groups, count) arrays
        Draws with one cause at a time.
    base_kwh : (groups,) array
        Expected sums.
    whole : (groups, count) array
        Draws with all causes.

    Returns
    -------
    (groups, causes + 1, 3) array
        p10 and p90 over the expected value, and the cause's share of the sum of all variances; the
        last row of each group is the whole.
    """
    found = np.zeros((len(base_kwh), len(parts) + 1, 3))
    base = np.maximum(base_kwh, 1e-12)
    for place, drawn in enumerate((*parts.values(), whole)):
        relative = drawn / base[:, None]
        found[:, place, 0], found[:, place, 1] = np.quantile(relative, (P10, P90), axis=1)
        found[:, place, 2] = relative.var(axis=1)
    total = found[:, :-1, 2].sum(axis=1)
    found[:, :-1, 2] /= np.maximum(total, 1e-30)[:, None]
    found[:, -1, 2] = np.where(total > 0.0, 1.0, 0.0)
    return found


def range_table(
    drawn: DrawnSums, weather_sums: FloatArray, base_kwh: FloatArray, districts: list[str]
) -> pd.DataFrame:
    """Return the ranges of districts and the city by cause.

    Parameters
    ----------
    drawn : DrawnSums
        Groups are the districts, then the buildings outside all of them.
    weather_sums : (groups, count) array
        With only weather and snow drawn.
    base_kwh : (groups,) array
        Expected sums.
    districts : list of str

    Returns
    -------
    DataFrame
        `district_id` (or ``city``), `cause` (weather, roof, area, all), `p10_ratio` and `p90_ratio` over the
        expected yield, `variance_share` of the three causes.
    """
    parts = dict(zip(CAUSES, (weather_sums, drawn.roof_sums, drawn.area_sums), strict=True))
    with_city = {name: _and_city(values) for name, values in parts.items()}
    base = np.append(base_kwh[:-1], base_kwh.sum())
    found = part_ranges(with_city, base, _and_city(drawn.sums))
    names, causes = [*districts, CITY], [*CAUSES, WHOLE]
    flat = found.reshape(-1, 3)
    return pd.DataFrame(
        {
            "district_id": np.repeat(np.array(names, dtype=object), len(causes)),
            "cause": np.tile(np.array(causes, dtype=object), len(names)),
            "p10_ratio": flat[:, 0],
            "p90_ratio": flat[:, 1],
            "variance_share": flat[:, 2],
        }
    )


def _and_city(values: FloatArray) -> FloatArray:
    """Return districts with the city below them instead of what lies outside of districts."""
    return np.vstack([values[:-1], values.sum(axis=0)])
