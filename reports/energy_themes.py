"""Themes beyond heat: cold, electricity, savings, what the sun costs, candidate networks and their pipes.

Classes are the same for every city, so that two maps can be laid side by side. A mean per m² or per kWh
is that of one building; prices are in cents, as on a bill.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from reports import palettes
from reports.themes import Theme, worded_theme
from reports.words import Words, count, figure, percent, quantity

COOLING_BREAKS_KWH_PER_M2: Final = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
ELECTRICITY_BREAKS_KWH_PER_M2: Final = (10.0, 20.0, 30.0, 40.0, 60.0)
SAVING_BREAKS_CT_PER_KWH: Final = (6.0, 8.0, 10.0, 15.0, 20.0, 30.0)
SUN_BREAKS_CT_PER_KWH: Final = (6.0, 8.0, 10.0, 12.0, 15.0, 20.0)
# how sure it is that the network is cheaper; beyond 20 and 80 % the answer is clear
WINS_BREAKS_PERCENT: Final = (20.0, 40.0, 60.0, 80.0)
CLEAR_PERCENT: Final = WINS_BREAKS_PERCENT[-1]
COOLING_DENSITY_BREAKS_MWH_PER_HA: Final = (10.0, 25.0, 50.0, 100.0, 200.0)
PIPE_BREAKS_MM: Final = (40.0, 65.0, 100.0, 150.0, 250.0, 400.0)
CENTS: Final = 100.0
_PER_FLOOR: Final = {
    "cooling_kwh_per_m2": "cooling_demand_kwh", "cooling_low_kwh_per_m2": "cooling_demand_p10_kwh",
    "cooling_high_kwh_per_m2": "cooling_demand_p90_kwh",
    "electricity_kwh_per_m2": "electricity_demand_kwh",
    "electricity_low_kwh_per_m2": "electricity_demand_p10_kwh",
    "electricity_high_kwh_per_m2": "electricity_demand_p90_kwh",
}  # fmt: skip
_IN_CENTS: Final = {
    "retrofit_ct_per_kwh": "retrofit_cost_eur_per_kwh",
    "pv_ct_per_kwh": "pv_lcoe_eur_per_kwh",
}


def numbers_of(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as numbers; NaN everywhere where the table has none."""
    if column not in table.columns:
        return pd.Series(np.nan, index=table.index)
    return pd.Series(table[column].to_numpy(dtype=float, na_value=np.nan), index=table.index)


def add_energy_columns(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings with cold and electricity per m² of heated floor, and costs in cents.

    A building without heated floor has neither.
    """
    area = numbers_of(buildings, "heated_floor_area_m2")
    area = area.where(area > 0)
    added = {
        name: (numbers_of(buildings, source) / area).round(1)
        for name, source in _PER_FLOOR.items()
        if source in buildings.columns
    }
    added |= {
        name: (numbers_of(buildings, source) * CENTS).round(1)
        for name, source in _IN_CENTS.items()
        if source in buildings.columns
    }
    return buildings.assign(
        **{name: values for name, values in added.items() if name not in buildings.columns}
    )


def add_network_columns(districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts with the chance, in percent, that a network is cheaper than heat pumps."""
    if "network_wins_share" not in districts.columns:
        return districts
    return districts.assign(network_wins_percent=(numbers_of(districts, "network_wins_share") * 100).round(1))


def energy_themes(words: Words) -> dict[str, Theme]:
    """Return the themes of this module by their names."""
    themes = (
        worded_theme("cooling", "power", "buildings", "cooling_kwh_per_m2", COOLING_BREAKS_KWH_PER_M2,
                     palettes.COLD, "not_heated", words),
        worded_theme("electricity", "power", "buildings", "electricity_kwh_per_m2",
                     ELECTRICITY_BREAKS_KWH_PER_M2, palettes.POWER, "not_heated", words),
        worded_theme("cooling_density", "power", "districts", "cooling_density_mwh_per_ha",
                     COOLING_DENSITY_BREAKS_MWH_PER_HA, palettes.COLD, "no_value", words),
        worded_theme("retrofit", "savings", "buildings", "retrofit_ct_per_kwh", SAVING_BREAKS_CT_PER_KWH,
                     palettes.COST, "no_retrofit", words),
        worded_theme("network_price", "networks", "districts", "network_wins_percent", WINS_BREAKS_PERCENT,
                     palettes.WINS, "no_candidate", words),
        worded_theme("pipes", "networks", "streets", "pipe_diameter_mm", PIPE_BREAKS_MM, palettes.PIPES,
                     "no_pipe", words, has_widths=True),
        worded_theme("solar_cost", "sun", "buildings", "pv_ct_per_kwh", SUN_BREAKS_CT_PER_KWH, palettes.COST,
                     "no_solar", words),
    )  # fmt: skip
    return {theme.id: theme for theme in themes}


def _weighted_mean(values: pd.Series, weights: pd.Series) -> float:
    known = values.notna() & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _network_finding(districts: pd.DataFrame, words: Words) -> str:
    wins = numbers_of(districts, "network_wins_percent").dropna()
    return words.say(
        "finding_network_price", count=count(int((wins >= CLEAR_PERCENT).sum())), total=count(len(wins))
    )


def _pipes_finding(streets: pd.DataFrame, words: Words) -> str:
    size = numbers_of(streets, "pipe_diameter_mm")
    length_km = float(numbers_of(streets, "length_m")[size.notna()].sum()) / 1e3
    return words.say("finding_pipes", length=quantity(length_km, "km"), size=figure(float(size.max())))


def energy_findings(
    buildings: pd.DataFrame, districts: pd.DataFrame, streets: pd.DataFrame, words: Words
) -> dict[str, str]:
    """Return the sentence of each theme's map."""
    floor = numbers_of(buildings, "heated_floor_area_m2")
    per_floor = {
        name: _weighted_mean(numbers_of(buildings, f"{name}_kwh_per_m2"), floor)
        for name in ("cooling", "electricity")
    }
    cost, saving = numbers_of(buildings, "retrofit_ct_per_kwh"), numbers_of(buildings, "retrofit_saving_kwh")
    sun = numbers_of(buildings, "pv_ct_per_kwh").dropna()
    densest = numbers_of(districts, "cooling_density_mwh_per_ha").max()
    cheap = saving[cost < SAVING_BREAKS_CT_PER_KWH[2]].sum()
    return {
        **{name: words.say(f"finding_{name}", value=quantity(value, "kWh"))
           for name, value in per_floor.items()},
        "cooling_density": words.say("finding_cooling_density", value=quantity(densest, "MWh")),
        "retrofit": words.say(
            "finding_retrofit", price=figure(SAVING_BREAKS_CT_PER_KWH[2]),
            share=percent(cheap / saving.sum() if saving.sum() > 0 else float("nan")),
        ),
        "network_price": _network_finding(districts, words),
        "pipes": _pipes_finding(streets, words),
        "solar_cost": words.say("finding_solar_cost", value=figure(float(sun.median()))),
    }  # fmt: skip
