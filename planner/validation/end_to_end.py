"""Boxes of TABULA's example buildings through the whole line, against what TABULA says of them.

Three questions, from the narrow to the wide:

* In the example's own climate and use, does the line find the walls, windows, floors and the archetype
  that lose as much heat? Footprint, party walls, heights, windows and archetype are those of the line.
* The same in the local climate of the line. TABULA heats only on days on which the smooth course of the
  monthly means lies below 12 °C, so these days are taken.
* As a town would be assessed: local weather of the whole year, and the country's own conditions of use.
  What is different here is no error, but it is worth knowing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from layers import heat_demand
from layers.core.draws import Draws
from layers.core.types import FloatArray
from layers.core.weather import FACADE_NAMES, HOURS_IN_MONTH, HOURS_PER_YEAR, MONTH_OF_HOUR, MONTHS
from layers.physics.building_heat import heat_model
from layers.physics.heat_inputs import heat_inputs
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.monthly import monthly_heat_kwh
from layers.physics.seasonal import HOURS_PER_DAY
from planner.parameters import RunConfig
from planner.state import City
from planner.validation.boxes import TAGS, Town, describe_boxes
from planner.validation.examples import BASE_TEMPERATURE_C, OPENINGS, RESULT, season_temperatures_c

PLACES = Path(__file__).resolve().parent.parent / "data" / "tabula_places.csv"
NEIGHBOURS = {"B_Alone": 0, "B_N1": 1, "B_N2": 2}
WALLS = ("Wall_1", "Wall_2", "Wall_3")
EARLIEST_YEAR, LATEST_YEAR = 1850, 2020
# the archetype's name of what an example states of its use
USE_COLUMNS = {
    "set_point_c": "theta_i", "night_factor_low_ratio": "F_red_htr1", "night_factor_high_ratio": "F_red_htr4",
    "air_use_per_h": "n_air_use", "room_height_m": "h_room", "internal_gain_w_per_m2": "phi_int",
    "heat_capacity_wh_per_m2_k": "c_m",
}  # fmt: skip
# façades clockwise from north; the table knows four, between two of them lies their mean
_SUN_SIDES = {
    "north": ("North",), "north_east": ("North", "East"), "east": ("East",), "south_east": ("South", "East"),
    "south": ("South",), "south_west": ("South", "West"), "west": ("West",), "north_west": ("North", "West"),
}  # fmt: skip


@cache
def example_towns() -> dict[str, Town]:
    """Return a town in each climate region of the examples."""
    table = pd.read_csv(PLACES, keep_default_na=False)
    return {
        row["climate_region"]: Town(row["name"], row["country"], row["longitude_deg"], row["latitude_deg"])
        for row in table.to_dict("records")
    }


def existing_examples(examples: pd.DataFrame) -> pd.DataFrame:
    """Return the examples in their existing state whose size class, storeys and climate region are known.

    Archetypes are made of the existing state, the first variant of each example.
    """
    known = (
        (examples["Number_BuildingVariant"] == 1)
        & examples["Code_BuildingSizeClass"].isin(TAGS)
        & (examples["n_Storey"] > 0)
        & examples["Code_ClimateRegion"].isin(list(example_towns()))
    )
    return examples[known].reset_index(drop=True)


def boxes_of(examples: pd.DataFrame) -> pd.DataFrame:
    """Return what the line is told of each example: use, year, storeys, size, neighbours."""
    first = examples["Year1_Building"].clip(lower=EARLIEST_YEAR)
    last = examples["Year2_Building"].clip(upper=LATEST_YEAR)
    # cellar walls and walls to neighbours are listed without losses; no street sees them
    shown = examples[[f"A_Calc_{part}" for part in OPENINGS]].fillna(0.0).sum(axis=1)
    for part in WALLS:
        loses = (
            examples[f"U_Actual_{part}"].fillna(0.0) * examples[f"b_Transmission_{part}"].fillna(0.0) > 0.0
        )
        shown = shown + examples[f"A_Calc_{part}"].fillna(0.0).where(loses, 0.0)
    return pd.DataFrame(
        {
            "building": examples["Code_BuildingSizeClass"].map(TAGS),
            "year": ((first + last) // 2).astype(int),
            "storey_count": examples["n_Storey"],
            "floor_area_m2": examples["A_C_Ref"],
            "neighbour_count": examples["Code_AttachedNeighbours"].map(NEIGHBOURS).fillna(0).astype(int),
            "outer_wall_m2": shown,
        }
    )


@dataclass(frozen=True)
class Season:
    """Temperature, hours and sun on nine surfaces of the pieces of a heating season."""

    temperature_c: FloatArray
    hours_h: FloatArray
    irradiation_kwh_per_m2_plane: FloatArray


def tabled_season(example: pd.Series) -> Season:
    """Return the season that the table states, in twelve pieces of equal length and sun."""
    sides = [example["I_Sol_Hor"]]
    sides += [np.mean([example[f"I_Sol_{side}"] for side in _SUN_SIDES[name]]) for name in FACADE_NAMES]
    days = float(example["HeatingDays"])
    return Season(
        season_temperatures_c(days, float(example["Theta_e"])),
        np.full(MONTHS, days * HOURS_PER_DAY / MONTHS),
        np.repeat(np.array(sides, dtype=np.float64)[:, None] / MONTHS, MONTHS, axis=1),
    )


def local_season(temperature_c: FloatArray, irradiation_kwh_per_m2_plane: FloatArray) -> Season:
    """Return the days on which the smooth course of twelve monthly means lies below 12 °C, month by month.

    Examples
    --------
    Where it is always colder, the season is the year.

    >>> season = local_season(np.full(12, 5.0), np.ones((9, 12)))
    >>> float(season.hours_h.sum()), float(season.irradiation_kwh_per_m2_plane.sum())
    (8760.0, 108.0)
    """
    ends = np.cumsum(HOURS_IN_MONTH)
    hour = np.arange(HOURS_PER_YEAR) + 0.5
    course = np.interp(hour, ends - HOURS_IN_MONTH / 2.0, temperature_c, period=HOURS_PER_YEAR)
    is_heated = (course < BASE_TEMPERATURE_C).astype(np.float64)
    hours = np.asarray(np.bincount(MONTH_OF_HOUR, is_heated, MONTHS), dtype=np.float64)
    warmth = np.bincount(MONTH_OF_HOUR, is_heated * course, MONTHS)
    return Season(
        np.divide(warmth, hours, out=np.full(MONTHS, BASE_TEMPERATURE_C), where=hours > 0.0),
        hours,
        irradiation_kwh_per_m2_plane * hours / HOURS_IN_MONTH,
    )


def heat_of_use_kwh_per_m2(
    city: City, examples: pd.DataFrame, season: Season, config: RunConfig
) -> FloatArray:
    """Return the heat of boxes in a season, with the use that their examples state."""
    names = pd.Index(city.buildings.index, name="archetype_id")
    types = city.archetypes.loc[city.buildings["archetype_id"]].set_axis(names, axis=0)
    types = types.assign(**{ours: examples[theirs].to_numpy() for ours, theirs in USE_COLUMNS.items()})
    boxes = city.buildings.assign(archetype_id=names.astype(str))
    # boxes stand alone: neighbours leave their windows what they leave on average
    taken = heat_inputs(boxes, types, season.irradiation_kwh_per_m2_plane, config.heat)
    values = taken.types.take(taken.codes)
    sun = taken.solar_gain_kwh * values.window_g_ratio[:, None]
    model = heat_model(taken.bodies, values)
    need = monthly_heat_kwh(model, sun, season.temperature_c, season.hours_h).sum(axis=1)
    return np.asarray(need / taken.bodies.floor_area_m2)


def heat_of_town_kwh_per_m2(city: City, sun: FloatArray, config: RunConfig) -> FloatArray:
    """Return the heat of boxes as a town is assessed, under standard use."""
    found = heat_demand.simulate_heat(
        city.buildings, city.archetypes, city.climate, sun, Draws(seed=config.seed, count=1),
        params=config.heat,
    ).buildings  # fmt: skip
    return np.asarray(found["space_heat_kwh"] / found["heated_floor_area_m2"], dtype=np.float64)


def assess_examples(examples: pd.DataFrame, config: RunConfig) -> pd.DataFrame:
    """Return what the line finds for existing examples, all of one country.

    Returns
    -------
    DataFrame
        One row an example: `example`, `archetype_id`, `table_kwh_per_m2`, and for the three questions
        `tabled_ratio`, `local_ratio` and `town_ratio`, our heat over that of the table.
    """
    parts = []
    for _, rows in examples.groupby(["Code_ClimateRegion", "HeatingDays", "Theta_e"], sort=True):
        city = describe_boxes(boxes_of(rows), example_towns()[rows["Code_ClimateRegion"].iloc[0]], config)
        tables = plane_tables(city.weather, config.planes, sun_offset_h=city.weather.sun_offset_h)
        sun = facade_irradiation(tables)
        here = local_season(city.climate.temperature_c, sun)
        table = rows[RESULT].to_numpy(dtype=np.float64)
        found = {
            "example": rows["Code_BuildingVariant"].to_numpy(),
            "archetype_id": city.buildings["archetype_id"].to_numpy(),
            "table_kwh_per_m2": table,
            "tabled_ratio": heat_of_use_kwh_per_m2(city, rows, tabled_season(rows.iloc[0]), config) / table,
            "local_ratio": heat_of_use_kwh_per_m2(city, rows, here, config) / table,
            "town_ratio": heat_of_town_kwh_per_m2(city, sun, config) / table,
        }
        parts.append(pd.DataFrame(found))
    return pd.concat(parts, ignore_index=True)
