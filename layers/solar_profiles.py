"""Hourly and monthly profiles of the calibrated solar potential of districts.

The modules of a district are added up hour by hour over table entries of tilt and azimuth and a map of the
sky that they see (`layers.physics.solar_hours`), with the same horizons and snow as the yearly yields. The
profile is then scaled to the yearly sum of its buildings, so that all three agree; the factor is near one
and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.types import FloatArray
from layers.core.weather import MONTH_OF_HOUR, MONTHS, HourlyWeather
from layers.physics.irradiance import PlaneParams, sunny_hours
from layers.physics.panels import Panels
from layers.physics.solar_hours import group_hours_kw

CITY = "city"
KWH_PER_MWH = 1000.0

NEEDS: tuple[Column, ...] = (
    Column("pv_technical_kwp", "modules on every plane that passes the cuts", lowest=0),
    Column("pv_calibrated_kwp", "modules that studies of real roofs let expect", lowest=0),
    Column("pv_calibrated_kwh", "first-year yield of these modules", lowest=0),
)
MONTHLY_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district, or the whole city", "text"),
    Column("month_count", "month, 1 to 12", "whole", lowest=1, highest=12),
    Column("pv_calibrated_mwh", "yield of the month", lowest=0),
)


@dataclass(frozen=True)
class SolarProfiles:
    """Profiles of districts.

    Attributes
    ----------
    hourly_kw : DataFrame, 8760 hours × districts
        Calibrated potential, hours in UTC. [kW]
    monthly : DataFrame
        See `MONTHLY_COLUMNS`; the city includes buildings outside every district.
    scale_ratio : float
        Yearly sums of the buildings over the sums of the hours before scaling, for the whole city.
    """

    hourly_kw: pd.DataFrame
    monthly: pd.DataFrame
    scale_ratio: float


def scale_to_years(hours_kw: FloatArray, yearly_kwh: FloatArray) -> tuple[FloatArray, float]:
    """Return profiles whose sums are the given years, and years over sums of all together.

    Parameters
    ----------
    hours_kw : (8760, groups) array
    yearly_kwh : (groups,) array
    """
    sums = hours_kw.sum(axis=0)
    factor = np.divide(yearly_kwh, sums, out=np.zeros_like(sums), where=sums > 0.0)
    total = float(sums.sum())
    return hours_kw * factor, float(yearly_kwh.sum()) / total if total > 0.0 else 1.0


def _shares(part: pd.Series, whole: pd.Series) -> FloatArray:
    over, under = part.to_numpy(dtype=np.float64), whole.to_numpy(dtype=np.float64)
    share = np.divide(over, under, out=np.zeros_like(over), where=under > 0.0)
    return np.asarray(share, dtype=np.float64)


def make_solar_profiles(
    buildings: pd.DataFrame,
    panels: Panels,
    weather: HourlyWeather,
    params: PlaneParams | None = None,
) -> SolarProfiles:
    """Return the hours and months of the calibrated potential of every district and of the city.

    Parameters
    ----------
    buildings : DataFrame
        Columns of `NEEDS`, and `district_id`.
    panels : Panels
        From the roof layer, for the same buildings in the same order.
    weather : HourlyWeather
    params : PlaneParams, optional

    Returns
    -------
    SolarProfiles
    """
    found = buildings["district_id"].astype(object)
    names = sorted(found.dropna().astype(str).unique())
    place = pd.Index(names, dtype=object).get_indexer(found.to_numpy())
    group = np.where(place < 0, len(names), place).astype(np.int64)
    yearly = np.bincount(group, buildings["pv_calibrated_kwh"].to_numpy(dtype=np.float64), len(names) + 1)
    hours = sunny_hours(weather, weather.sun_offset_h)
    free = _shares(buildings["pv_calibrated_kwp"], buildings["pv_technical_kwp"])
    raw = group_hours_kw(panels, free, group, len(names) + 1, hours, params or PlaneParams())
    scaled, ratio = scale_to_years(raw, np.asarray(yearly, dtype=np.float64))
    monthly = np.stack(
        [scaled[month == MONTH_OF_HOUR].sum(axis=0) for month in range(MONTHS)], axis=1
    )  # (groups, 12)
    both = np.vstack([monthly[:-1], monthly.sum(axis=0)]) / KWH_PER_MWH
    table = pd.DataFrame(
        {
            "district_id": np.repeat(np.array([*names, CITY], dtype=object), MONTHS),
            "month_count": np.tile(np.arange(1, MONTHS + 1), len(names) + 1),
            "pv_calibrated_mwh": both.ravel(),
        }
    )
    return SolarProfiles(pd.DataFrame(scaled[:, :-1], columns=names), table, ratio)
