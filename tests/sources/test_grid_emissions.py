import pytest

from layers.core.countries import known_countries
from layers.core.facts import read_sources, recording
from layers.sources.grid_emissions import _rows, grid_emissions_kg_co2e_per_kwh


@pytest.mark.parametrize("country", sorted(known_countries()))
def test_every_country_has_emissions_that_can_be(country):
    assert 0.01 < grid_emissions_kg_co2e_per_kwh(country) < 1.0


def test_every_row_has_a_source_or_says_what_stands_in():
    for country, row in _rows("grid_emissions").items():
        assert row["source_id"] in read_sources() or row["source_id"] == "estimate"
        assert (row["source_id"] == "estimate") == ("stands in" in row["note"]), country


def test_what_is_read_is_noted_and_a_stand_in_counts_as_an_estimate():
    with recording() as used:
        grid_emissions_kg_co2e_per_kwh("DE")
        grid_emissions_kg_co2e_per_kwh("AT")
    assert {(fact.id, fact.is_estimate) for fact in used} == {("DE", False), ("AT", True)}
