"""What all districts of a city share, and what somebody told about single ones."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layers.core.weather import MonthlyClimate
from layers.physics.degree_days import cdd_21_24_kd, hdd_18_15_kd
from replication.network import City


@dataclass(frozen=True)
class CityContext:
    """What all districts of a city share; None where unknown.

    `estimates` names the fields that are estimates and therefore count half. `by_district` holds what
    somebody told about single districts (index `district_id`, columns by the dictionary's names); it
    goes before everything else.
    """

    hdd_18_15_kd: float | None = None
    cdd_21_24_kd: float | None = None
    irradiation_kwh_per_m2_land: float | None = None
    district_heating_share: float | None = None
    network_renewable_share: float | None = None
    waste_heat_distance_km: float | None = None
    ownership: str | None = None
    action_plan: str | None = None
    utility_ownership: str | None = None
    refurbished_share: float | None = None
    electricity_kwh_per_m2: float | None = None
    cooling_kwh_per_m2: float | None = None
    estimates: frozenset[str] = frozenset()
    by_district: pd.DataFrame | None = None


def city_context(climate: MonthlyClimate, city: City | None = None) -> CityContext:
    """Return what the climate and the catalogue of cities tell of a city."""
    known = CityContext(
        hdd_18_15_kd=hdd_18_15_kd(climate.temperature_c),
        cdd_21_24_kd=cdd_21_24_kd(climate.temperature_c),
        irradiation_kwh_per_m2_land=float(climate.irradiation_kwh_per_m2_land.sum()),
    )
    if city is None:
        return known
    estimates = set()
    if city.district_heating_is_estimate:
        estimates.add("district_heating_share")
    if city.action_plan_is_estimate:
        estimates.add("action_plan")
    return CityContext(
        hdd_18_15_kd=known.hdd_18_15_kd,
        cdd_21_24_kd=known.cdd_21_24_kd,
        irradiation_kwh_per_m2_land=known.irradiation_kwh_per_m2_land,
        district_heating_share=city.district_heating_share,
        action_plan=None if city.action_plan == "unknown" else city.action_plan,
        estimates=frozenset(estimates),
    )
