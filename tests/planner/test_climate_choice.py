"""Which climate a run rests on, and that it says so."""

from pathlib import Path

import numpy as np
import pytest

from layers.core.errors import InputProblem
from layers.core.extract import SourceRecord
from layers.core.weather import HOURS_PER_YEAR, HourlyWeather
from layers.physics.weather import WeatherParams
from layers.sources.climate import read_monthly_climate
from layers.sources.typical_year import TypicalYear
from planner.acquire import Inputs
from planner.catalogue import Place
from planner.climate_choice import choose_climate

RECORD = SourceRecord("PVGIS typical year", "reuse", "PVGIS", "2026-11-21")
# a town of the carried table and a place between its towns
TARTU, ELSEWHERE = (26.72, 58.38), (26.1, 57.3)


def year_at(longitude, latitude):
    constant = np.ones(HOURS_PER_YEAR)
    return TypicalYear(
        HourlyWeather(
            latitude, longitude, 5.0 * constant, 100.0 * constant, 50.0 * constant, 60.0 * constant, constant,
            origin="typical year of PVGIS", sun_offset_h=-0.3,
        ),
        "2008-2017",
    )  # fmt: skip


def choose(place, year=None, *, title="Somewhere", files=None, is_fetched=False):
    inputs = Inputs(
        place=Place("somewhere", title, "EE", "fetched"), extract=None, outlines=None, names=None,
        corrections=None, existing_network=None, files=files or {}, typical_year=year,
        typical_year_source=RECORD if year else None, is_fetched=is_fetched,
    )  # fmt: skip
    return choose_climate(inputs, *place, seed=1, params=WeatherParams())


def test_without_a_typical_year_the_hours_are_made_from_the_tables_months():
    chosen = choose(ELSEWHERE)
    assert "made from monthly means" in chosen.weather.origin
    # what every page shows says so too, with how far the sun can be trusted
    assert "made from these months" in chosen.climate.origin
    assert "± " not in chosen.climate.origin and "6 %" in chosen.climate.origin
    assert chosen.sources == ()
    assert chosen.notes == ()


def test_fetched_footprints_without_a_typical_year_get_a_note():
    [note] = choose(ELSEWHERE, is_fetched=True).notes
    assert "planner fetch somewhere" in note.text


def test_a_typical_year_gives_hours_and_replaces_the_months_of_the_grid():
    chosen = choose(ELSEWHERE, year_at(*ELSEWHERE))
    assert chosen.weather.sun_offset_h == -0.3
    assert chosen.climate.temperature_c == pytest.approx(np.full(12, 5.0))
    # 100 W/m² in every hour of a year are 876 kWh
    assert chosen.climate.irradiation_kwh_per_m2_land.sum() == pytest.approx(876.0)
    assert chosen.sources == (RECORD,)
    assert "typical year of PVGIS" in chosen.climate.origin
    table = read_monthly_climate("Somewhere", "EE", *ELSEWHERE)
    assert chosen.climate.design_temperature_c == table.design_temperature_c


def test_a_towns_own_months_stay_beside_the_hours_of_the_typical_year():
    chosen = choose(TARTU, year_at(*TARTU), title="Tartu")
    table = read_monthly_climate("Tartu", "EE", *TARTU)
    assert chosen.climate.temperature_c == pytest.approx(table.temperature_c)
    assert chosen.weather.ghi_w_per_m2[0] == 100.0
    assert "carried table of towns" in chosen.climate.origin
    assert "typical year of PVGIS" in chosen.climate.origin


def test_a_fetched_year_of_another_place_is_left_aside_and_that_is_said():
    chosen = choose(ELSEWHERE, year_at(8.0, 45.0))
    assert "made from monthly means" in chosen.weather.origin
    assert chosen.sources == ()
    assert "km from the buildings" in chosen.notes[0].text


def test_a_persons_own_year_of_another_place_is_refused():
    with pytest.raises(InputProblem, match=r"mine\.csv: .* km from the buildings; give --climate"):
        choose(ELSEWHERE, year_at(8.0, 45.0), files={"climate": Path("mine.csv")})
