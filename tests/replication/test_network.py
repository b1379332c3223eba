from layers.core.text import slug
from replication.network import SUBREGIONS, read_cities


def test_twenty_one_cities_with_five_lighthouses():
    cities = read_cities()
    assert len(cities) == 21
    assert {city.slug for city in cities if city.role == "lighthouse"} == {
        "espoo",
        "leipzig",
        "vitoria-gasteiz",
        "tartu",
        "sonderborg",
    }
    assert [city.slug for city in cities if city.role == "extra"] == ["kyiv"]


def test_the_slug_is_what_a_person_would_type_for_the_name():
    assert [city.slug for city in read_cities()] == [slug(city.name) for city in read_cities()]


def test_every_share_of_district_heating_has_a_source_and_a_confidence():
    for city in read_cities():
        if city.district_heating_share is not None:
            assert 0 <= city.district_heating_share <= 1
            assert city.district_heating_source
            assert city.district_heating_confidence in ("high", "medium", "low")
        assert city.population_source
        assert city.land_area_source


def test_a_figure_whose_source_says_estimate_is_marked_as_one():
    for city in read_cities():
        pairs = (
            (city.population_source, city.population_is_estimate),
            (city.land_area_source, city.land_area_is_estimate),
            (city.district_heating_source, city.district_heating_is_estimate),
            (city.action_plan_note, city.action_plan_is_estimate),
            (city.climate_target + city.climate_target_source, city.climate_target_is_estimate),
        )
        for source, is_estimate in pairs:
            assert is_estimate == ("estimate" in source), (city.slug, source)


def test_cities_lie_in_europe_and_every_subregion_has_one():
    cities = read_cities()
    assert all(34 < city.latitude_deg < 70 and -25 < city.longitude_deg < 45 for city in cities)
    assert {city.subregion for city in cities} == set(SUBREGIONS)
