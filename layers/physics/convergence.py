"""Whether so many draws are enough: how far p10 and p90 move when only the seed changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from layers.core.quantiles import likely_range
from layers.core.types import FloatArray

CITY = "city"

# draws of districts (index district_id, one column a draw) and of the city, by seed
DrawnSums = Callable[[int], tuple[pd.DataFrame, FloatArray]]


def monte_carlo_spread(run: DrawnSums, seeds: Iterable[int]) -> pd.DataFrame:
    """Return how far the ranges of districts and city move from seed to seed.

    Parameters
    ----------
    run : function
        Returns the draws of the districts and of the city with a seed; everything else stays equal.
    seeds : iterable of int
        Two or more.

    Returns
    -------
    DataFrame, index `area_id` (the districts, then ``city``)
        `mean_kwh`; `p10_spread_share` and `p90_spread_share`, one standard deviation over the seeds over
        their mean; `p10_farthest_share` and `p90_farthest_share`, the largest deviation from that mean.

    Examples
    --------
    >>> def run(seed):
    ...     return pd.DataFrame([[100.0] * 10], index=["d01"]), np.full(10, 99.0 + 2.0 * (seed % 2))
    >>> table = monte_carlo_spread(run, [1, 2])
    >>> table["p90_spread_share"].tolist(), table["p90_farthest_share"].tolist()
    ([0.0, 0.01], [0.0, 0.01])
    """
    found = [_quantiles(*run(seed)) for seed in seeds]
    low, high, mean = (pd.concat([one[part] for one in found], axis=1) for part in range(3))
    columns = {"mean_kwh": mean.mean(axis=1)}
    for name, values in (("p10", low), ("p90", high)):
        middle = values.mean(axis=1)
        off = values.sub(middle, axis=0)
        whole = middle.where(middle > 0.0)
        columns[f"{name}_spread_share"] = ((off**2).mean(axis=1) ** 0.5 / whole).fillna(0.0)
        columns[f"{name}_farthest_share"] = (off.abs().max(axis=1) / whole).fillna(0.0)
    return pd.DataFrame(columns).rename_axis("area_id")


def _quantiles(districts: pd.DataFrame, city: FloatArray) -> tuple[pd.Series, pd.Series, pd.Series]:
    draws = np.vstack([districts.to_numpy(dtype=float).reshape(len(districts), -1), city[None, :]])
    index = [*districts.index, CITY]
    low, high = likely_range(draws)
    return pd.Series(low, index), pd.Series(high, index), pd.Series(draws.mean(axis=1), index)
