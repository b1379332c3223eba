"""The hourly and the monthly balance on one table, under equal assumptions.

Both get the same losses, gains and capacity, the sun of the same hours, constant set-points, gains and
ventilation, no lowered nights and a plant of any power. What is left is the difference of the methods: the
hours know how weather follows weather, the months only how much of the gains is useful on average.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from layers.core.hourly_settings import HourlyParams
from layers.core.types import FloatArray
from layers.core.weather import HourlyWeather
from layers.physics.building_heat import Bodies, TypeValues, heat_model
from layers.physics.hourly import simulate_hours
from layers.physics.hourly_zones import steady_drivers, without_cooling, zone_model
from layers.physics.monthly import yearly_heat_kwh
from layers.physics.weather import monthly_means_c
from layers.physics.zone import OPERATIVE_AIR_SHARE


def both_methods_kwh(
    bodies: Bodies,
    types: TypeValues,
    solar_gain_kwh: FloatArray,
    weather: HourlyWeather,
    sun_w_per_m2_plane: FloatArray,
    *,
    params: HourlyParams | None = None,
    air_share: float = OPERATIVE_AIR_SHARE,
) -> tuple[FloatArray, FloatArray]:
    """Return the yearly heat of n buildings by months and by hours.

    Parameters
    ----------
    bodies, types : Bodies and TypeValues of n buildings
    solar_gain_kwh : (n, 12) array
        Sun through the windows, before the glass.
    weather : HourlyWeather
    sun_w_per_m2_plane : (9, 8760) array
        From `layers.physics.hourly_zones.facade_hours_w_per_m2_plane`.
    air_share : float
        Part of the air in the controlled temperature.

    Returns
    -------
    monthly, hourly : (n,) arrays
    """
    count = len(bodies.floor_area_m2)
    model = dataclasses.replace(heat_model(bodies, types), night_ratio=np.ones(count))
    glass = types.window_g_ratio[:, None]
    monthly = yearly_heat_kwh(model, solar_gain_kwh * glass, monthly_means_c(weather))
    free = np.full(count, np.inf)
    zone = zone_model(
        bodies, types, solar_gain_kwh, sun_w_per_m2_plane, free, free, free, np.ones(count),
        params or HourlyParams(),
    )  # fmt: skip
    found = simulate_hours(
        without_cooling(zone), np.zeros(count, dtype=np.int64),
        steady_drivers(weather.temperature_c, sun_w_per_m2_plane), air_share=air_share,
    )  # fmt: skip
    return monthly, found.heat_kwh


def comparison_rows(
    uses: pd.Series, monthly_kwh: FloatArray, hourly_kwh: FloatArray, assumptions: str
) -> pd.DataFrame:
    """Return sums and their ratio by use, and for all together.

    Examples
    --------
    >>> months, hours = np.array([1.0, 3.0]), np.array([2.0, 3.0])
    >>> rows = comparison_rows(pd.Series(["office", "hotel"]), months, hours, "equal")
    >>> rows[["use", "hourly_over_monthly_ratio"]].to_numpy().tolist()
    [['hotel', 1.0], ['office', 2.0], ['all', 1.25]]
    """
    table = pd.DataFrame(
        {"use": uses.astype(str).to_numpy(dtype=object), "monthly_kwh": monthly_kwh, "hourly_kwh": hourly_kwh}
    )
    grouped = table.groupby("use", sort=True)
    rows = grouped.sum().assign(building_count=grouped.size())
    rows.loc["all"] = rows.sum()
    ratio = np.divide(
        rows["hourly_kwh"],
        rows["monthly_kwh"],
        out=np.full(len(rows), np.nan),
        where=rows["monthly_kwh"] > 0.0,
    )
    rows = rows.assign(
        assumptions=assumptions,
        building_count=rows["building_count"].astype(np.int64),
        hourly_over_monthly_ratio=ratio,
    ).reset_index()
    return rows[
        ["assumptions", "use", "building_count", "monthly_kwh", "hourly_kwh", "hourly_over_monthly_ratio"]
    ]
