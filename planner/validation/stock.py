"""A country's building stock through the line, against what stock models say of it.

Each period and kind of building is one box of usual size, weighted by the heated floor of that kind and
period; the climate is the mean over the towns in which the country's people live. Two results are
compared with the published useful heat for rooms: under standard use, and as it is likely to be metered,
because a stock model that is fitted to statistics holds what people really use.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from layers import heat_demand
from layers.core.draws import Draws
from layers.core.types import FloatArray
from layers.core.weather import MonthlyClimate
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.sources.climate import read_monthly_climate
from planner.parameters import FEWEST_DRAWS, RunConfig
from planner.validation.boxes import TAGS, Town, describe_boxes

DATA = Path(__file__).resolve().parent.parent / "data"
BANDS = Path(heat_demand.__file__).resolve().parent / "data" / "plausibility_bands.csv"
SECTORS = ("residential", "service")
# the band in which a stock model is plausible
BAND_SHARE = 0.3
# kind of the stock table: tag, reference floor area, storeys, neighbours, share of the kind, sector.
# Sizes of dwellings are the medians of TABULA's existing examples; those of other uses and the share of
# terraced houses are estimates.
KINDS: tuple[tuple[str, str, float, float, int, float, str], ...] = (
    ("house", TAGS["SFH"], 136.0, 2.0, 0, 0.7, "residential"),
    ("house", TAGS["TH"], 125.0, 2.0, 2, 0.3, "residential"),
    ("multi", TAGS["MFH"], 840.0, 3.0, 0, 1.0, "residential"),
    ("block", TAGS["AB"], 1630.0, 5.0, 1, 1.0, "residential"),
    ("office", "office", 2000.0, 4.0, 1, 1.0, "service"),
    ("retail", "retail", 800.0, 2.0, 1, 1.0, "service"),
    ("education", "school", 2500.0, 3.0, 0, 1.0, "service"),
    ("hospital", "hospital", 4000.0, 4.0, 0, 1.0, "service"),
    ("hotel", "hotel", 1200.0, 4.0, 0, 1.0, "service"),
)


def stock_boxes(country: str) -> pd.DataFrame:
    """Return one box for each kind and period of a country's stock, with its `floor_area_weight_m2`."""
    table = pd.read_csv(DATA / "stock_areas.csv", keep_default_na=False)
    columns = ["kind", "building", "floor_area_m2", "storey_count", "neighbour_count", "part", "sector"]
    rows = table[table["country"] == country].merge(pd.DataFrame(KINDS, columns=columns), on="kind")
    return rows.assign(
        year=(rows["first_year"] + rows["last_year"]) // 2,
        outer_wall_m2=np.nan,
        floor_area_weight_m2=rows["heated_floor_area_m2"] * rows["part"],
    ).drop(columns="heated_floor_area_m2")


def mean_climate(country: str) -> tuple[Town, MonthlyClimate, FloatArray]:
    """Return the first town, the mean climate of the country's towns, and its sun over the first town's."""
    table = pd.read_csv(DATA / "stock_places.csv", keep_default_na=False)
    rows = table[table["country"] == country].to_dict("records")
    towns = [Town(row["name"], country, row["longitude_deg"], row["latitude_deg"]) for row in rows]
    climates = [read_monthly_climate(one.name, country, one.longitude_deg, one.latitude_deg) for one in towns]
    weight = np.array([float(row["weight_ratio"]) for row in rows])
    warmth = np.average([one.temperature_c for one in climates], axis=0, weights=weight)
    light = np.average([one.irradiation_kwh_per_m2_land for one in climates], axis=0, weights=weight)
    sun_ratio = light / climates[0].irradiation_kwh_per_m2_land
    climate = dataclasses.replace(climates[0], temperature_c=warmth, irradiation_kwh_per_m2_land=light)
    return towns[0], climate, np.asarray(sun_ratio, dtype=np.float64)


def assess_stock(country: str) -> pd.DataFrame:
    """Return the heat of a country's stock by sector.

    Returns
    -------
    DataFrame, index `sector`
        `standard_kwh_per_m2`, `expected_kwh_per_m2` (mean by floor area), `published_kwh_per_m2`.
    """
    config = RunConfig(draw_count=FEWEST_DRAWS)
    boxes = stock_boxes(country)
    town, climate, sun_ratio = mean_climate(country)
    city = describe_boxes(boxes, town, config)
    tables = plane_tables(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
    found = heat_demand.simulate_heat(
        city.buildings, city.archetypes, climate, facade_irradiation(tables) * sun_ratio,
        Draws(seed=config.seed, count=1), params=config.heat,
    ).buildings  # fmt: skip
    floor = found["heated_floor_area_m2"].to_numpy(dtype=np.float64)
    weight = boxes["floor_area_weight_m2"].to_numpy(dtype=np.float64)
    sums = pd.DataFrame({
        "sector": boxes["sector"].to_numpy(),
        "weight": weight,
        "standard": found["space_heat_kwh"].to_numpy() / floor * weight,
        "expected": found["space_heat_expected_kwh"].to_numpy() / floor * weight,
    }).groupby("sector").sum()  # fmt: skip
    bands = pd.read_csv(BANDS, keep_default_na=False)
    published = bands[bands["country"] == country].set_index("sector")["space_heat_kwh_per_m2"]
    return pd.DataFrame({
        "standard_kwh_per_m2": sums["standard"] / sums["weight"],
        "expected_kwh_per_m2": sums["expected"] / sums["weight"],
        "published_kwh_per_m2": published.reindex(sums.index).astype(float),
    })  # fmt: skip


def stock_countries() -> tuple[str, ...]:
    """Return the countries whose stock is known."""
    return tuple(sorted(pd.read_csv(DATA / "stock_areas.csv", keep_default_na=False)["country"].unique()))
