import numpy as np
import pandas as pd
import pytest

from replication.dictionary import compared_indicators
from replication.indicators import CityContext, city_context, compute_indicators
from replication.network import read_cities


def known_values(buildings, streets, districts, context):
    found = compute_indicators(buildings, streets, districts, context)
    return found.values, found.known_share


def test_four_houses_on_a_hectare_as_one_would_count_them(town):
    values = known_values(*town, CityContext())[0].loc["d01"]
    assert values["building_count"] == 4  # the garage is no building to count
    assert values["buildings_per_ha"] == 4
    assert values["gross_floor_area_m2"] == 800  # 4 × 100 m² × 2 storeys
    assert values["plot_ratio"] == pytest.approx(0.08)
    assert values["built_land_share"] == pytest.approx(0.042)  # but its 20 m² are built over
    assert values["open_land_share"] == pytest.approx(0.958)
    assert values["median_storey_count"] == 2
    assert values["spread_storey_count"] == 0
    assert values["median_footprint_m2"] == 100
    assert values["shared_wall_share"] == pytest.approx(20 / 160)
    assert values["floor_area_per_building_m2"] == 200
    assert values["large_unit_share"] == 0


def test_uses_and_ages_weigh_by_floor_area(town):
    values = known_values(*town, CityContext())[0].loc["d01"]
    assert values["residential_share"] == pytest.approx(700 / 800)
    # one eighth is trade on a ground floor: two of five uses
    mix = -(7 / 8 * np.log(7 / 8) + 1 / 8 * np.log(1 / 8)) / np.log(5)
    assert values["use_mix_ratio"] == pytest.approx(mix)
    assert values["built_1946_1960_share"] == pytest.approx(0.5)
    assert values["built_1961_1975_share"] == pytest.approx(0.25)
    assert values["built_1976_1990_share"] == pytest.approx(0.25)
    assert values["largest_period_share"] == pytest.approx(0.5)


def test_energy_stands_per_floor_and_per_land(town):
    values = known_values(*town, CityContext())[0].loc["d01"]
    assert values["heat_demand_kwh_per_m2"] == pytest.approx(100)  # 60,000 kWh on 600 m²
    assert values["heat_density_mwh_per_ha"] == pytest.approx(60)
    assert values["peak_heat_w_per_m2"] == pytest.approx(50)
    assert values["roof_solar_kwh_per_m2"] == pytest.approx(25)  # 20,000 kWh on 800 m²
    assert values["roof_solar_mwh_per_ha"] == pytest.approx(20)


def test_streets_count_where_they_lie_and_a_shared_crossing_is_split(town):
    values = known_values(*town, CityContext())[0]
    assert values.loc["d01", "street_length_m_per_ha"] == pytest.approx(100)
    assert values.loc["d01", "trench_per_building_m"] == pytest.approx(25)
    assert values.loc["d01", "linear_heat_density_mwh_per_m"] == pytest.approx(0.6)
    # one crossing of three sections, two of them in d01 and one in d02
    assert values.loc["d01", "intersections_per_ha"] == pytest.approx(2 / 3)
    assert values.loc["d02", "intersections_per_ha"] == pytest.approx(1 / 3)


def test_a_default_year_is_no_age_of_the_district(town):
    values, known_share = known_values(*town, CityContext())
    assert np.isnan(values.loc["d02", "built_since_1991_share"])
    assert known_share.loc["d02", "built_since_1991_share"] == 0
    assert known_share.loc["d02", "plot_ratio"] == 0.5  # imputed storeys count half


def test_silence_about_listed_buildings_is_not_a_zero(town):
    assert known_values(*town, CityContext())[0]["listed_share"].isna().all()
    buildings, streets, districts = town
    listed = buildings.assign(protection=["listed", "listed", "none", "none", "none", "none"])
    values, known_share = known_values(listed, streets, districts, CityContext())
    assert values.loc["d01", "listed_share"] == pytest.approx(0.5)
    assert known_share.loc["d01", "listed_share"] == 0.5


def test_an_empty_district_has_nothing_but_its_city(town):
    _, known_share = known_values(*town, CityContext(hdd_18_15_kd=4000.0))
    known = known_share.loc["d03", [one.name for one in compared_indicators()]]
    street = {"street_length_m_per_ha", "intersections_per_ha"}  # there is none, and that is known
    assert set(known.index[known > 0]) - street == {"heating_degree_days_kd"}


def test_every_compared_indicator_has_a_column_and_known_is_never_missing(town):
    values, known_share = known_values(*town, CityContext())
    for indicator in compared_indicators():
        is_missing = values[indicator.name].isna()
        assert (known_share[indicator.name].eq(0) == is_missing).all(), indicator.name


def test_the_city_share_of_district_heating_speaks_only_at_its_ends(town):
    def served(share):
        return known_values(*town, CityContext(district_heating_share=share))[0]["district_heating_present"]

    assert (served(0.95) == "yes").all()
    assert (served(0.0) == "no").all()
    assert served(0.5).isna().all()


def test_what_somebody_told_of_a_district_goes_first(town):
    told = pd.DataFrame({"ownership": ["municipal_company"], "plot_ratio": [1.5]}, index=["d02"])
    values, known_share = known_values(*town, CityContext(ownership="owner_occupier", by_district=told))
    assert values["ownership"].tolist() == ["owner_occupier", "municipal_company", "owner_occupier"]
    assert values.loc["d02", "plot_ratio"] == 1.5
    assert known_share.loc["d02", "plot_ratio"] == 1


def test_an_estimate_of_the_catalogue_counts_half(town):
    from layers.sources.climate import read_monthly_climate

    city = next(city for city in read_cities() if city.slug == "reykjavik")
    climate = read_monthly_climate(city.name, city.country, city.longitude_deg, city.latitude_deg)
    values, known_share = known_values(*town, city_context(climate, city))
    assert (values["district_heating_present"] == "yes").all()
    assert (known_share["district_heating_present"] == 0.5).all()
    assert values["heating_degree_days_kd"].between(4000, 5500).all()


def test_order_and_inputs_stay_as_they_were(town):
    buildings, streets, districts = town
    before = buildings.copy(deep=True)
    turned, _ = known_values(buildings[::-1], streets[::-1], districts, CityContext())
    pd.testing.assert_frame_equal(turned, known_values(*town, CityContext())[0])
    pd.testing.assert_frame_equal(pd.DataFrame(buildings), pd.DataFrame(before))
