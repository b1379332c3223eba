"""Which climate a run rests on: a typical year of hours where there is one, else the carried tables.

The hours of a typical year are used for the sun. Its months replace those of the carried grids, which
are coarse; a town's own months in the carried table stay, because they are means of many years and the
lighthouses are described by the same table, while a typical year is one choice of single months.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from layers.core.errors import InputProblem
from layers.core.extract import Note, SourceRecord
from layers.core.weather import HourlyWeather, MonthlyClimate
from layers.physics.weather import WeatherParams, make_hourly
from layers.sources.climate import ClimateParams, distance_km, find_place, read_monthly_climate
from layers.sources.typical_year import climate_of_year
from planner.acquire import Inputs

# a typical year serves this far around its place
FARTHEST_KM = 50.0


@dataclass(frozen=True)
class ChosenClimate:
    """Months and hours of a place, with what has to be said about them."""

    climate: MonthlyClimate
    weather: HourlyWeather
    sources: tuple[SourceRecord, ...] = ()
    notes: tuple[Note, ...] = ()


def choose_climate(
    inputs: Inputs, longitude_deg: float, latitude_deg: float, seed: int, params: WeatherParams
) -> ChosenClimate:
    """Return the climate of a city.

    Parameters
    ----------
    inputs : Inputs
        Place, and the typical year where one was fetched or brought along.
    longitude_deg, latitude_deg : float
        Middle of the assessed buildings.
    seed : int
        Of the hours that are made from months where there is no typical year.
    params : WeatherParams

    Raises
    ------
    InputProblem
        When the user's own typical year is for another place.
    """
    place = inputs.place
    table = read_monthly_climate(place.title, place.country, longitude_deg, latitude_deg)
    year, source = inputs.typical_year, inputs.typical_year_source
    notes: tuple[Note, ...] = ()
    if year is not None:
        lon, lat = year.weather.longitude_deg, year.weather.latitude_deg
        away_km = float(distance_km(longitude_deg, latitude_deg, np.array([lon]), np.array([lat]))[0])
        if away_km <= FARTHEST_KM:
            return _with_year(inputs, table, year.weather, () if source is None else (source,))
        where = f"the weather is of {lat:.2f}° N {lon:.2f}° E, {away_km:,.0f} km from the buildings"
        if "climate" in inputs.files:
            raise InputProblem(
                f"{inputs.files['climate'].name}: {where}; give --climate a file of the town's own place."
            )
        notes = (Note("climate", f"{where}, and was not used"),)
    elif inputs.is_fetched:
        text = "no typical year of weather was fetched; hours are made from monthly means"
        notes = (Note("climate", f"{text} (`planner fetch {place.slug}` asks for it again)"),)
    return ChosenClimate(_saying_made(table), make_hourly(table, seed, params), notes=notes)


def _saying_made(table: MonthlyClimate) -> MonthlyClimate:
    """Say in the climate's origin that its hours are made, and how far their sun can be trusted."""
    error = f"±{table.irradiation_error_share:.0%}".replace("%", " %")
    said = (
        f"{table.origin.rstrip('.')}. Sun hour by hour: made from these months; a year is known to {error}."
    )
    return dataclasses.replace(table, origin=said)


def _with_year(
    inputs: Inputs, table: MonthlyClimate, weather: HourlyWeather, sources: tuple[SourceRecord, ...]
) -> ChosenClimate:
    place = inputs.place
    own_months = find_place(place.title, table.longitude_deg, table.latitude_deg, ClimateParams())
    if own_months is None:
        return ChosenClimate(climate_of_year(weather, table), weather, sources)
    said = f"{table.origin} Sun hour by hour: {weather.origin}."
    return ChosenClimate(dataclasses.replace(table, origin=said), weather, sources)
