"""How large windows are and which way they face, by kind of use and year of construction.

Dwellings by floor area and period, halls by floor area, every other use by exposed wall; what floors
ask for is cut at a share of the exposed wall. Windows lie on the façades in proportion to exposed wall,
fewer on northern façades of dwellings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layers.core.types import FloatArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import FACADE_AZIMUTHS_DEG

# last years of the periods over which windows of dwellings were counted
PERIOD_ENDS_YEAR = (1945, 1960, 1980, 1995)
PERIODS = ("to_1945", "1946_1960", "1961_1980", "1981_1995", "from_1996")
GROUPS = {"residential_single": "single", "residential_terraced": "single", "residential_multi": "multi"}


def dwelling_ratio(
    uses: pd.Series, year: FloatArray, ratios: Mapping[str, float], default: float
) -> FloatArray:
    """Return windows over floor area by kind of dwelling and period; NaN for other uses.

    Parameters
    ----------
    uses : Series of n classes of use
    year : (n,) array
        Year of construction, NaN where nobody knows.
    ratios : mapping
        By ``single_to_1945`` … ``multi_from_1996``.
    default : float
        Where the year is not known.

    Examples
    --------
    >>> ratios = {f"{group}_{period}": 0.2 for group in ("single", "multi") for period in PERIODS}
    >>> uses = pd.Series(["residential_single", "residential_multi", "office"])
    >>> dwelling_ratio(uses, np.array([1970.0, np.nan, 1970.0]), ratios, 0.18)
    array([0.2 , 0.18,  nan])
    """
    period = np.searchsorted(PERIOD_ENDS_YEAR, np.nan_to_num(year, nan=0.0), side="left")
    found = np.full(len(uses), np.nan)
    for group in ("single", "multi"):
        table = np.array([ratios[f"{group}_{name}"] for name in PERIODS])
        mine = (uses.astype(object).map(GROUPS) == group).to_numpy(dtype=bool)
        found[mine] = table[period[mine]]
    return np.where(np.isnan(year) & uses.isin(RESIDENTIAL_USES).to_numpy(), default, found)


def facade_windows_m2(
    uses: pd.Series, wall_m2: FloatArray, window_area_m2: FloatArray, north_ratio: Mapping[str, float]
) -> FloatArray:
    """Return the (n, 8) windows by façade; each row adds up to the building's windows.

    Parameters
    ----------
    wall_m2 : (n, 8) array
        Exposed wall by façade, clockwise from north.
    window_area_m2 : (n,) array
    north_ratio : mapping
        Window share of a northern over that of any other façade, by ``single`` and ``multi``.

    Examples
    --------
    >>> facade_windows_m2(pd.Series(["residential_single"]), np.array([[20.0, 0, 0, 0, 20, 0, 0, 0]]),
    ...                   np.array([9.0]), {"single": 0.5, "multi": 1.0})
    array([[3., 0., 0., 0., 6., 0., 0., 0.]])
    """
    ratio = uses.astype(object).map(GROUPS).map(dict(north_ratio)).to_numpy(dtype=float, na_value=1.0)
    # a façade half-way to the north has half of the difference
    north = np.maximum(1.0 - np.minimum(FACADE_AZIMUTHS_DEG, 360.0 - FACADE_AZIMUTHS_DEG) / 90.0, 0.0)
    weight = wall_m2 * (1.0 + north[None, :] * (ratio - 1.0)[:, None])
    total = weight.sum(axis=1)
    per_weight = np.divide(window_area_m2, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(weight * per_weight[:, None], dtype=np.float64)
