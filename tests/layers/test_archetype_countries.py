"""Whose buildings stand for those of each country: every rule of the page, row by row."""

import pandas as pd
import pytest

from layers.archetypes import ArchetypeParams, origin_text, read_archetypes
from layers.core.countries import known_countries

# countries with a typology of their own, all uses and periods
OWN_TYPOLOGY = (
    ["DE", "DK", "CZ", "IT", "BG", "HU", "GR", "ES", "AT", "BE", "CY", "FR", "GB", "IE", "NL", "NO",
     "PL", "RS", "SE", "SI"],
    "tabula_examples",
)  # fmt: skip
OWN_FINNISH = (["FI"], "vtt_structures")
OWN_STOCK_MODEL = (["PT", "LV", "MT", "HR", "RO", "SK", "LU"], "moderate_stock")
# the neighbour that lends all rows
LENT_BY = {
    "CH": "AT", "LI": "AT", "BA": "RS", "ME": "RS", "MK": "RS", "XK": "RS", "MD": "RO", "IS": "NO",
    "AX": "FI", "FO": "DK", "SJ": "NO", "TR": "BG", "AD": "ES", "GI": "ES", "MC": "FR",
    "SM": "IT", "VA": "IT", "IM": "GB", "GG": "GB", "JE": "GB",
}  # fmt: skip
# use, year, lender: blocks and houses of countries that borrow by period
BY_PERIOD = {
    "EE": [("SFH", 1930, "FI"), ("SFH", 1970, "PL"), ("SFH", 2000, "FI"),
           ("AB", 1950, "PL"), ("AB", 1975, "BG"), ("AB", 1995, "FI")],
    "UA": [("SFH", 1930, "PL"), ("AB", 1930, "PL"), ("AB", 1975, "BG"), ("AB", 2005, "RO")],
}  # fmt: skip
BY_PERIOD["LT"], BY_PERIOD["BY"] = BY_PERIOD["EE"], BY_PERIOD["UA"]


def origin_of(table, size_class, year):
    rows = table[(table["size_class"] == size_class) & table["use"].str.startswith("residential")]
    found = rows[(rows["first_year"] <= year) & (rows["last_year"] >= year)]
    assert len(found) == 1
    return found["archetype_origin"].iloc[0]


@pytest.mark.parametrize(
    ("country", "source"),
    [(one, source) for many, source in (OWN_TYPOLOGY, OWN_FINNISH, OWN_STOCK_MODEL) for one in many],
)
def test_a_country_with_a_typology_or_stock_figures_uses_its_own(country, source):
    table = read_archetypes(country)
    assert set(table["archetype_origin"]) == {f"own:{country}"}
    # a gap may be filled by an estimate; the rest is the country's source
    assert (table["source_id"] == source).mean() > 0.7


@pytest.mark.parametrize(("country", "lender"), sorted(LENT_BY.items()))
def test_a_country_without_one_names_the_neighbour_that_lends(country, lender):
    table = read_archetypes(country)
    assert set(table["archetype_origin"]) == {f"proxy:{lender}"}
    walls = read_archetypes(lender)["u_wall_w_per_m2_k"].to_numpy()
    assert (table["u_wall_w_per_m2_k"].to_numpy() == walls).all()


@pytest.mark.parametrize("country", sorted(BY_PERIOD))
def test_countries_of_panel_buildings_borrow_by_period(country):
    table = read_archetypes(country)
    for size_class, year, lender in BY_PERIOD[country]:
        assert origin_of(table, size_class, year) == f"proxy:{lender}", (size_class, year)


def test_every_known_country_is_covered_by_a_rule_here():
    ruled = {*OWN_TYPOLOGY[0], *OWN_FINNISH[0], *OWN_STOCK_MODEL[0], *LENT_BY, *BY_PERIOD, "AL", "RU"}
    assert ruled == set(known_countries())


def test_albania_builds_like_greece_on_the_coast_and_like_serbia_inland():
    coast, inland = read_archetypes("AL", coldest_month_c=7.0), read_archetypes("AL", coldest_month_c=0.5)
    assert set(coast["archetype_origin"]) == {"proxy:GR"}
    assert set(inland["archetype_origin"]) == {"proxy:RS"}
    # both are only partly heated, and both are Albanian by name
    for table in (coast, inland):
        homes = table["use"].str.startswith("residential")
        assert (table.loc[homes, "night_factor_low_ratio"] < 0.9).all()
        assert table.index.str.startswith("AL.").all()
    pd.testing.assert_frame_equal(read_archetypes("AL"), coast)


def test_the_winters_of_other_countries_change_nothing():
    pd.testing.assert_frame_equal(read_archetypes("FI", coldest_month_c=-9.0), read_archetypes("FI"))


def test_where_winters_turn_cold_is_a_setting():
    later = ArchetypeParams(cold_winter_c=-2.0)
    assert set(read_archetypes("AL", later, coldest_month_c=0.5)["archetype_origin"]) == {"proxy:GR"}


def test_partial_heating_is_that_of_portugal_and_albania_alone():
    partly = {
        country
        for country in known_countries()
        if (read_archetypes(country)["night_factor_high_ratio"].min() < 0.78)
    }
    assert partly == {"PT", "AL"}


def test_icelandic_rooms_are_warm_and_portuguese_conditions_spanish():
    assert set(read_archetypes("IS").query("use == 'residential_single'")["set_point_c"]) == {22.0}
    names = ["set_point_c", "air_use_per_h", "hot_water_kwh_per_m2", "internal_gain_w_per_m2"]
    houses = [read_archetypes(code).query("use == 'residential_single'")[names] for code in ("PT", "ES")]
    assert houses[0].drop_duplicates().to_numpy().tolist() == houses[1].drop_duplicates().to_numpy().tolist()


def test_origins_are_listed_by_how_many_buildings_have_them():
    origins = ["proxy:PL", "unheated", "proxy:BG", "proxy:BG"]
    assert origin_text(pd.DataFrame({"archetype_origin": origins})) == "archetypes proxy:BG, proxy:PL"
    assert origin_text(pd.DataFrame({"archetype_origin": ["unheated"]})) == "no heated building"
