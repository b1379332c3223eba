"""The climate of any European place."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from layers.core.errors import DataMissing, UsageProblem
from layers.core.facts import read_sources
from layers.sources import climate
from layers.sources.climate import ClimateParams, Grid, correct_shape, interpolate, read_monthly_climate

GRID_ONLY = ClimateParams(place_distance_km=0.0, named_distance_km=0.0)


def test_helsinki_has_the_months_of_the_finnish_reference_year():
    found = read_monthly_climate("Helsinki", "FI", 24.95, 60.17)
    with (climate.DATA / "climate_months.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["place_id"] == "helsinki"]
    assert [float(row["temperature_c"]) for row in rows] == list(found.temperature_c)
    assert [float(row["irradiation_kwh_per_m2_land"]) for row in rows] == list(
        found.irradiation_kwh_per_m2_land
    )
    # printed in the building code D3/2012: 975 kWh/m² and 5.6 °C
    assert found.irradiation_kwh_per_m2_land.sum() == pytest.approx(975, abs=1)
    assert found.temperature_c.mean() == pytest.approx(5.57, abs=0.02)
    assert found.design_temperature_c == -26
    assert "Helsinki" in found.origin
    assert found.country == "FI"


def test_a_town_near_munich_has_a_munich_climate():
    found = read_monthly_climate(None, "DE", 11.6, 48.1)
    # Munich: German Weather Service 1991-2020 about 9.5 °C and 1,150 to 1,200 kWh/m²
    assert 8.5 < found.temperature_c.mean() < 10.0
    assert 1100 < found.irradiation_kwh_per_m2_land.sum() < 1230
    assert found.temperature_c.argmin() == 0
    assert found.temperature_c.argmax() in (6, 7)
    assert "CRU" in found.origin
    assert found.irradiation_error_share == 0.058


def test_names_are_matched_in_any_spelling_but_not_far_from_their_data():
    spelled = read_monthly_climate("SØNDERBORG", "DK", 9.79, 54.91)
    assert "Sønderborg" in spelled.origin
    stray = read_monthly_climate("Helsinki", "IT", 12.5, 41.9)
    assert "Helsinki" not in stray.origin
    assert stray.temperature_c.mean() > 13


def test_two_carried_towns_16_km_apart_keep_their_names():
    for name, longitude, latitude in (("Espoo", 24.66, 60.2), ("Helsinki", 24.94, 60.17)):
        assert name in read_monthly_climate(name, "FI", longitude, latitude).origin


def test_a_neighbouring_town_without_rows_takes_the_nearest_towns_months_and_says_so():
    vantaa = read_monthly_climate("Vantaa", "FI", 25.04, 60.29)
    assert vantaa.place == "Vantaa"
    assert "Helsinki, 14 km away" in vantaa.origin


def test_a_point_at_sea_takes_the_nearest_land_and_says_how_far():
    madeira = read_monthly_climate("Funchal", "PT", -16.9, 32.65)
    assert "km away" in madeira.origin
    assert 17 < madeira.temperature_c.mean() < 21
    with pytest.raises(DataMissing, match="km away, at most 150 km"):
        read_monthly_climate(None, "PT", -28.0, 38.5)


def test_a_valley_in_the_alps_is_marked_as_uncertain():
    zermatt = read_monthly_climate(None, "CH", 7.75, 46.02)
    flat = read_monthly_climate(None, "NL", 5.5, 52.2)
    assert zermatt.temperature_error_k > 2 > 0.8 > flat.temperature_error_k
    assert "mountains" in zermatt.origin
    assert "mountains" not in flat.origin


def test_degrees_that_are_metres_are_refused():
    with pytest.raises(UsageProblem, match="not degrees"):
        read_monthly_climate(None, "FI", 385_000.0, 6_672_000.0)


def test_the_shape_correction_keeps_the_year():
    flat = np.full(12, 100.0)
    for latitude in (35.0, 48.0, 60.0, 71.0):
        corrected = correct_shape(flat, latitude)
        assert corrected.sum() == pytest.approx(1200.0)
        assert (corrected >= 0).all()
    # at 48° the factors are the constants: January 0.8716 of their weighted sum
    assert correct_shape(flat, 48.0)[0] == pytest.approx(1200 * 0.8716 / 11.7115, rel=1e-4)


def test_between_cell_centres_values_are_bilinear_and_sea_gives_its_weight_away():
    months = np.zeros((2, 2, 12))
    months[0, 0], months[0, 1], months[1, 0], months[1, 1] = 0.0, 4.0, 8.0, 12.0
    grid = Grid(50.0, 10.0, 1.0, months)
    assert interpolate(grid, 10.5, 50.5)[0][0] == pytest.approx(6.0)
    assert interpolate(grid, 10.25, 50.0)[0][0] == pytest.approx(1.0)
    assert interpolate(grid, 11.0, 51.0)[0][0] == pytest.approx(12.0)
    drowned = months.copy()
    drowned[1, 1] = np.nan
    assert interpolate(Grid(50.0, 10.0, 1.0, drowned), 10.5, 50.5)[0][0] == pytest.approx(4.0)
    only, away_km = interpolate(Grid(50.0, 10.0, 1.0, drowned), 11.0, 51.0)
    # the nearest cell with data lies a degree of longitude to the west at 51° N: 70 km
    assert only[0] == pytest.approx(8.0)
    assert away_km == pytest.approx(111.2 * np.cos(np.radians(51.0)), rel=1e-3)


def test_the_grids_agree_with_the_towns_within_what_is_said():
    places = climate.climate_places()
    sun, warmth = [], []
    for place_id, place in places.iterrows():
        own = read_monthly_climate(
            str(place_id), place["country"], place["longitude_deg"], place["latitude_deg"]
        )
        grid = read_monthly_climate(
            None, place["country"], place["longitude_deg"] + 1e-4, place["latitude_deg"], params=GRID_ONLY
        )
        assert "grids" in grid.origin
        sun.append(grid.irradiation_kwh_per_m2_land.sum() / own.irradiation_kwh_per_m2_land.sum() - 1)
        warmth.append(grid.temperature_c.mean() - own.temperature_c.mean())
        assert abs(warmth[-1]) < 2.6 * max(grid.temperature_error_k, 0.6)
        assert abs(grid.design_temperature_c - own.design_temperature_c) <= 6
    assert np.sqrt(np.mean(np.square(sun))) < 0.058
    assert np.median(np.abs(warmth)) < 0.6


def test_every_source_of_a_town_is_in_the_bibliography():
    known = set(read_sources()) | {"estimate"}
    for column in ("irradiation_source_id", "temperature_source_id", "design_source_id"):
        for joined in climate.climate_places()[column]:
            assert set(joined.split("+")) <= known
    assert set(read_monthly_climate(None, "DE", 11.6, 48.1).source_ids) <= known


def test_all_carried_values_are_physical():
    months = climate.climate_months()
    assert months.index.is_unique
    assert (months.groupby(level=0).size() == 12).all()
    assert months["temperature_c"].between(-30, 35).all()
    assert months["irradiation_kwh_per_m2_land"].between(0, 260).all()
    daily = climate.irradiation_grid().months
    assert not np.isnan(daily).any()
    assert 0 <= daily.min() < daily.max() < 10


def test_settings_outside_their_range_are_refused():
    with pytest.raises(UsageProblem, match="farthest_cell_km"):
        ClimateParams(farthest_cell_km=5000.0)
