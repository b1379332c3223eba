"""What follows from modules on roofs: when they yield, what that costs, and what heat could come instead."""

from __future__ import annotations

import dataclasses

import pandas as pd

from layers import roof_solar, solar_economics, solar_profiles, solar_thermal
from layers.core.draws import Draws
from layers.roof_solar import SolarResult
from layers.sources.prices import price_level_ratio
from planner.parameters import RunConfig
from planner.state import City, Energy
from planner.steps import StepLog

STEPS = ("solar hours", "solar economics", "solar heat")
# the country in whose prices the costs of plants stand
COST_COUNTRY = "DK"


def with_solar(
    energy: Energy, city: City, solar: SolarResult, draws: Draws, config: RunConfig, log: StepLog
) -> Energy:
    """Return the energy of a city with the hours, the economics and the heat of its sun.

    Parameters
    ----------
    energy : Energy
        Its buildings are those of `solar` in the same order, with more columns.
    city : City
    solar : SolarResult
    draws : Draws
    config : RunConfig
    log : StepLog
    """
    buildings = energy.buildings
    profiles = solar_profiles.make_solar_profiles(buildings, solar.panels, city.weather, config.planes)
    june = profiles.monthly[profiles.monthly["district_id"] == solar_profiles.CITY]["pv_calibrated_mwh"]
    text = f"{june.max() / max(june.sum(), 1e-9):.0%} of the year in the best month"
    monthly = log.step(
        "solar hours", profiles.monthly, solar_profiles.MONTHLY_COLUMNS, of="months", text=text
    )
    country = city.place.country
    paid = solar_economics.add_solar_economics(
        buildings, solar.district_draws, solar.city_draws, country, draws, config.solar_economics,
        weather_error_share=city.weather.irradiation_error_share,
        price_level_ratio=price_level_ratio(country) / price_level_ratio(COST_COUNTRY),
    )  # fmt: skip
    buildings = log.step(
        "solar economics", paid.buildings, solar_economics.ADDS, text=_economic_text(paid.buildings)
    )
    heat = solar_thermal.make_solar_thermal(
        buildings, city.districts, city.landuse, solar.panels, city.weather,
        config.solar.density_kwp_per_m2, config.solar_thermal,
    )  # fmt: skip
    heat = log.step("solar heat", heat, solar_thermal.TABLE_COLUMNS, of="solar heat", text=_heat_text(heat))
    return dataclasses.replace(
        energy,
        buildings=buildings,
        draws={**energy.draws, "pv_economic": paid.district_draws},
        city_draws={**energy.city_draws, "pv_economic": paid.city_draws},
        tables={
            **energy.tables, "solar_monthly": monthly, "solar_ranges": solar.ranges,
            "solar_sizes": paid.sizes, "solar_costs": paid.costs, "solar_prices": paid.prices,
            "solar_thermal": heat, **roof_solar.roof_tables(solar),
        },
        hourly={**energy.hourly, "pv_calibrated_kw": profiles.hourly_kw},
    )  # fmt: skip


def _economic_text(buildings: pd.DataFrame) -> str:
    pays, whole = (buildings[f"pv_{kind}_kwh"].sum() / 1e6 for kind in ("economic", "calibrated"))
    return f"{pays:,.1f} of {whole:,.1f} GWh a year cost no more than they are worth"


def _heat_text(heat: pd.DataFrame) -> str:
    city = heat[heat["district_id"] == solar_thermal.CITY].iloc[0]
    return (
        f"{city['roof_heat_mwh'] / 1e3:,.1f} GWh a year on roofs, "
        f"{city['field_used_mwh'] / 1e3:,.1f} GWh from fields"
    )
