"""Largest hours, load-duration curves and typical weeks of hourly profiles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.core.types import FloatArray
from layers.core.weather import HOURS_PER_YEAR
from layers.physics.use_profiles import FIRST_WEEKDAY, HOURS_PER_DAY

# hours for which a load is reached or exceeded
EXCEEDED_H = (
    1, 10, 25, 50, 100, 200, 400, 700, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7000, 8000, 8760,
)  # fmt: skip
DAYS_PER_WEEK, WEEK_H = 7, 168


def load_duration_kw(hours_kw: FloatArray, exceeded_h: tuple[int, ...] = EXCEEDED_H) -> FloatArray:
    """Return the load that is reached or exceeded for a number of hours.

    Parameters
    ----------
    hours_kw : (hours, k) array

    Returns
    -------
    (len(exceeded_h), k) array

    Examples
    --------
    >>> load_duration_kw(np.array([[5.0], [9.0], [7.0]]), (1, 2, 3)).ravel()
    array([9., 7., 5.])
    """
    ordered = -np.sort(-hours_kw, axis=0)
    return np.asarray(ordered[np.array(exceeded_h) - 1])


def load_duration_table(profiles: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return load-duration curves as a long table: place, quantity, hours, load.

    Parameters
    ----------
    profiles : quantity to (8760 hours × places)
    """
    parts = []
    for quantity, table in profiles.items():
        curve = load_duration_kw(table.to_numpy())
        parts.append(
            pd.DataFrame(
                {
                    "district_id": np.repeat(table.columns.to_numpy(dtype=object), len(EXCEEDED_H)),
                    "quantity": quantity,
                    "exceeded_h": np.tile(np.array(EXCEEDED_H), table.shape[1]),
                    "load_kw": curve.T.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def full_load_h(hours_kw: FloatArray) -> FloatArray:
    """Return the hours in which the largest load would give the sum of all hours, 0 for none."""
    largest, total = hours_kw.max(axis=0), hours_kw.sum(axis=0)
    return np.asarray(np.divide(total, largest, out=np.zeros_like(total), where=largest > 0.0))


def first_hour_of_week(hours_kw: FloatArray) -> int:
    """Return where the week, Monday to Sunday UTC, with the largest sum begins."""
    monday = (DAYS_PER_WEEK - FIRST_WEEKDAY) % DAYS_PER_WEEK * HOURS_PER_DAY
    weeks = (HOURS_PER_YEAR - monday) // WEEK_H
    sums = hours_kw[monday : monday + weeks * WEEK_H].reshape(weeks, WEEK_H).sum(axis=1)
    return int(monday + WEEK_H * int(np.argmax(sums)))


def middle_week(hours_kw: FloatArray) -> int:
    """Return where the week begins whose sum is the middle one of all weeks."""
    monday = (DAYS_PER_WEEK - FIRST_WEEKDAY) % DAYS_PER_WEEK * HOURS_PER_DAY
    weeks = (HOURS_PER_YEAR - monday) // WEEK_H
    sums = hours_kw[monday : monday + weeks * WEEK_H].reshape(weeks, WEEK_H).sum(axis=1)
    return int(monday + WEEK_H * int(np.argsort(sums, kind="stable")[weeks // 2]))
