"""Groups of buildings that are used alike, and what they do hour by hour.

A group is a class of use, whether its nights are lowered, and by how much its people are before or behind
the clock: not everybody turns the heating up in the same hour, so each building is given −1, 0 or 1 h by
its id.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.core.draws import hash_ids
from layers.core.facts import value
from layers.core.hourly_settings import HourlyParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import HOURS_PER_YEAR, MONTH_OF_HOUR
from layers.physics.seasonal import W_PER_KW
from layers.physics.use_profiles import (
    HOURS_PER_DAY,
    MIXES,
    LocalCalendar,
    is_kept,
    local_calendar,
    mixed_shares,
    use_shape,
)
from layers.physics.zone import HourlyDrivers

# before, at and behind the clock
SHIFTS_H = (-1, 0, 1)


@dataclass(frozen=True)
class UseGroups:
    """Which buildings are used alike.

    Attributes
    ----------
    group : (n,) array
        Number of each building's group.
    uses, lowered, shift_h : (g,) lists
        What each group is.
    """

    group: IntArray
    uses: list[str]
    lowered: list[bool]
    shift_h: list[int]


def use_groups(uses: pd.Series, night_ratio: FloatArray) -> UseGroups:
    """Return the groups of buildings.

    Parameters
    ----------
    uses : Series of n classes of use, index `building_id`
    night_ratio : (n,) array
        What lowered nights leave of the losses; nights are lowered where it is below 1.

    Examples
    --------
    >>> groups = use_groups(pd.Series(["office", "office"], ["a", "b"]), np.array([0.9, 1.0]))
    >>> sorted(set(groups.uses)), sorted(groups.lowered)
    (['office'], [False, True])
    """
    lowered = night_ratio < 1.0
    shift = (hash_ids(uses.index) % np.uint64(len(SHIFTS_H))).astype(np.int64) + SHIFTS_H[0]
    table = pd.DataFrame({"use": uses.astype(str).to_numpy(dtype=object), "lowered": lowered, "shift": shift})
    kinds = table.drop_duplicates().sort_values(["use", "lowered", "shift"])
    keys = pd.MultiIndex.from_frame(kinds)
    group = keys.get_indexer(pd.MultiIndex.from_frame(table)).astype(np.int64)
    return UseGroups(group, list(kinds["use"]), list(kinds["lowered"]), list(kinds["shift"]))


def people_gain_share(use: str) -> float:
    """Return the share of people in the internal gains of a use that has a day of its own.

    Examples
    --------
    An office: 80 W / 20 m² for 6 h are 1.0 W/m² of 3.28 W/m².

    >>> round(people_gain_share("office"), 2)
    0.3
    """
    if use in RESIDENTIAL_USES:
        return value("hourly", "people_multi_share" if use == "residential_multi" else "people_single_share")

    def fact(name: str) -> float:
        return value("use_conditions", f"{use}_{name}")

    people = fact("person_heat_w") / fact("person_area_m2") * fact("presence_h") / HOURS_PER_DAY
    electric = fact("electricity_kwh_per_m2") * fact("electricity_gain_share") * W_PER_KW / HOURS_PER_YEAR
    return people / (people + electric)


def gain_shape(use: str, calendar: LocalCalendar) -> FloatArray:
    """Return the internal gains of a use in every hour over their mean."""
    whole = np.zeros(HOURS_PER_YEAR)
    for part, share in mixed_shares(use).items():
        people = people_gain_share(part)
        shapes = {name: use_shape(part, name, calendar) for name in ("people", "appliances")}
        whole += share * (people * shapes["people"] + (1.0 - people) * shapes["appliances"])
    return whole


def ventilated(use: str, calendar: LocalCalendar) -> BoolArray:
    """Return when the ventilation for use runs: always in dwellings, else while the rooms are heated."""
    if use in RESIDENTIAL_USES or "residential_multi" in MIXES.get(use, ()):
        return np.ones(HOURS_PER_YEAR, dtype=bool)
    return is_kept(use, "heated", calendar)


def group_drivers(
    groups: UseGroups,
    country: str,
    temperature_c: FloatArray,
    sun_w_per_m2_plane: FloatArray,
    params: HourlyParams,
) -> HourlyDrivers:
    """Return what every group does in every hour.

    Parameters
    ----------
    groups : UseGroups
    country : str
        Two-letter code, for its time.
    temperature_c : (8760,) array
    sun_w_per_m2_plane : (9, 8760) array
    params : HourlyParams
    """
    count = len(groups.uses)
    gains, lower, higher = (np.zeros((count, HOURS_PER_YEAR)) for _ in range(3))
    used: npt.NDArray[np.bool_] = np.zeros((count, HOURS_PER_YEAR), dtype=bool)
    for row, (use, lowered, shift) in enumerate(
        zip(groups.uses, groups.lowered, groups.shift_h, strict=True)
    ):
        calendar = local_calendar(country, shift)
        home = use in RESIDENTIAL_USES or "residential_multi" in MIXES.get(use, ())
        gains[row] = gain_shape(use, local_calendar(country))
        used[row] = ventilated(use, calendar)
        set_back = params.set_back_dwelling_k if home else params.set_back_other_k
        if lowered:
            lower[row] = np.where(is_kept(use, "heated", calendar), 0.0, set_back)
        higher[row] = np.where(is_kept(use, "cooled", calendar), 0.0, value("hourly", "set_up_k"))
    return HourlyDrivers(temperature_c, sun_w_per_m2_plane, gains, lower, higher, used, MONTH_OF_HOUR)
