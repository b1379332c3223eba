"""Archetypes of every European country, and which building gets which."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.archetypes import (
    ADDS,
    ARCHETYPE_COLUMNS,
    DATA,
    LAST_YEAR,
    MIXES,
    ArchetypeParams,
    add_archetypes,
    read_archetypes,
    use_conditions,
)
from layers.core.contracts import check_table, find_problems
from layers.core.countries import check_country, known_countries
from layers.core.errors import ContractProblem, UsageProblem
from layers.core.facts import fact, read_sources, recording
from layers.core.uses import USES

EUROPE = [
    *(
        "AD",
        "AL",
        "AT",
        "BA",
        "BE",
        "BG",
        "BY",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
    ),
    *(
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MC",
        "MD",
        "ME",
        "MK",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
    ),
    *("RO", "RS", "SE", "SI", "SK", "SM", "UA", "VA", "XK"),
]
TABLES = {country: read_archetypes(country) for country in known_countries()}


def houses(**columns) -> pd.DataFrame:
    """Return heated single-family houses of 1965, changed by the given columns."""
    count = max([len(values) for values in columns.values()], default=1)
    basic = {
        "use": ["residential_single"] * count,
        "construction_year": [1965] * count,
        "storey_count": [2] * count,
        "heated_floor_area_m2": [150.0] * count,
        "heated": [True] * count,
    }
    return pd.DataFrame({**basic, **columns}, index=[f"way/{number}" for number in range(count)])


@pytest.mark.parametrize("country", EUROPE)
def test_every_european_country_has_an_archetype_for_every_use_and_year(country):
    years = np.arange(1800, 2031, 5)
    use, year = (grid.ravel() for grid in np.meshgrid(np.array(USES, dtype=object), years))
    stock = houses(use=list(use), construction_year=list(year))
    found = add_archetypes(stock, country, TABLES[country])
    assert found["archetype_id"].isin(TABLES[country].index).all()
    rows = TABLES[country].loc[found["archetype_id"]]
    assert (rows["first_year"].to_numpy() <= year).all()
    assert (rows["last_year"].to_numpy() >= year).all()
    expected = np.where(use == "outbuilding", "storage", use)
    assert (rows["use"].to_numpy() == expected).all()
    assert not find_problems(found, ADDS, name="buildings")


@pytest.mark.parametrize("country", sorted(TABLES))
def test_every_table_keeps_its_contract_and_has_no_holes_between_periods(country):
    table = TABLES[country]
    check_table(table, ARCHETYPE_COLUMNS, name=country)
    for _, rows in table.groupby(["use", "size_class"]):
        ordered = rows.sort_values("first_year")
        assert ordered["first_year"].iloc[0] == 0
        assert ordered["last_year"].iloc[-1] == LAST_YEAR
        assert (ordered["first_year"].to_numpy()[1:] == ordered["last_year"].to_numpy()[:-1] + 1).all()


@pytest.mark.parametrize("country", sorted(TABLES))
def test_new_buildings_are_better_insulated_than_old_ones(country):
    table = TABLES[country]
    for (use, size_class), rows in table.groupby(["use", "size_class"]):
        ordered = rows.sort_values("first_year")
        wall = ordered["u_wall_w_per_m2_k"].to_numpy()
        assert wall[-1] < 0.7 * wall[0], (use, size_class)
        assert wall[-1] <= 0.7
        # thin walls of the post-war years may be worse than old thick ones, never by more than this
        after_1980 = ordered["first_year"].to_numpy()[1:] >= 1980
        rise = wall[1:] - wall[:-1]
        assert (rise < 1.1).all(), (use, size_class)
        assert (rise[after_1980] < 0.4).all(), (use, size_class)


def test_borrowed_rows_name_whose_they_are():
    assert set(TABLES["FI"]["archetype_origin"]) == {"own:FI"}
    assert set(TABLES["XK"]["archetype_origin"]) == {"proxy:RS"}
    assert set(TABLES["CH"]["archetype_origin"]) == {"proxy:AT"}
    assert set(TABLES["IS"]["archetype_origin"]) == {"proxy:NO"}
    assert set(TABLES["AL"]["archetype_origin"]) == {"proxy:GR"}
    ukraine = TABLES["UA"]
    assert ukraine.loc["UA.AB.to-1945", "archetype_origin"] == "proxy:PL"
    assert ukraine.loc["UA.AB.1960-1990", "archetype_origin"] == "proxy:BG"
    for country, table in TABLES.items():
        kinds = table["archetype_origin"].str.split(":", expand=True)
        assert (kinds[1].eq(country) == kinds[0].eq("own")).all()


def test_the_sixteen_countries_of_the_network_that_have_a_typology_use_their_own():
    for country in ("DE", "DK", "CZ", "IT", "BG", "HU", "GR", "ES", "FI", "PT"):
        assert set(TABLES[country]["archetype_origin"]) == {f"own:{country}"}


def test_finnish_rows_are_the_design_values_of_the_finnish_energy_certificate_guide():
    finland = TABLES["FI"]
    # log house to 1920: wall 0.76, attic 0.41, floor 0.47; regulations of 2010: 0.17, 0.09, 0.17
    names = ["u_wall_w_per_m2_k", "u_roof_w_per_m2_k", "u_floor_w_per_m2_k"]
    assert list(finland.loc["FI.SFH.to-1920", names]) == [0.76, 0.41, 0.47]
    assert list(finland.loc["FI.AB.from-2010", names]) == [0.17, 0.09, 0.17]
    # n50 of 5 to 10 1/h divided by the factor of 24 to 35: 7.5 / 29.5
    assert finland.loc["FI.SFH.to-1920", "air_infiltration_per_h"] == pytest.approx(7.5 / 29.5, abs=1e-3)
    assert finland.loc["FI.SFH.from-2010", "heat_recovery_share"] == pytest.approx((0.45 + 0.9) / 2)
    assert (finland.loc[finland["first_year"] < 1978, "heat_recovery_share"] == 0).all()


def test_german_houses_are_those_of_the_typology_under_german_conditions():
    house = TABLES["DE"].loc["DE.SFH.1958-1968"]
    # TABULA example DE.N.SFH.05.Gen: wall 1.2, roof 0.8, floor 1.08, window 2.8
    assert house["u_wall_w_per_m2_k"] == pytest.approx(1.2)
    assert house["u_roof_w_per_m2_k"] == pytest.approx(0.8)
    assert house["u_window_w_per_m2_k"] == pytest.approx(2.8)
    assert house["set_point_c"] == 21
    assert "DE.N.SFH.05" in house["place_in_source"]


def test_conditions_follow_the_country_not_its_neighbour():
    assert set(TABLES["BG"].loc[TABLES["BG"]["use"] == "residential_single", "set_point_c"]) == {19.0}
    assert TABLES["IS"].loc["IS.SFH.to-1955", "set_point_c"] == 22.0
    assert TABLES["PT"]["night_factor_low_ratio"].loc["PT.SFH.to-1944"] < 0.9
    assert TABLES["ES"]["night_factor_low_ratio"].loc["ES.SFH.to-1900"] == 1.0


def test_an_office_gains_from_people_and_most_of_its_electricity():
    office = use_conditions("office")
    # 80 W per person on 20 m² for 6 of 24 hours, and 22.2 kWh/m² × 0.9 over 8760 hours
    assert office["internal_gain_w_per_m2"] == pytest.approx(80 / 20 * 6 / 24 + 22.2 * 0.9 / 8.76)
    assert office["air_use_per_h"] * office["room_height_m"] == pytest.approx(0.7)
    assert TABLES["DE"].loc["DE.office.1969-1978", "internal_gain_w_per_m2"] == pytest.approx(3.28, abs=0.01)
    # the envelope is that of the apartment block of the period
    wall = TABLES["DE"]["u_wall_w_per_m2_k"]
    assert wall["DE.office.1969-1978"] == wall["DE.AB.1969-1978"]


def test_an_unknown_use_lies_between_the_uses_it_is_mixed_from():
    table = TABLES["DE"]
    period = table[table["first_year"] == 1969].set_index("use")
    flats = period[period["size_class"] == "MFH"].loc["residential_multi"]
    parts = [flats, period.loc["office"], period.loc["retail"]]
    for name in ("set_point_c", "internal_gain_w_per_m2", "hot_water_kwh_per_m2", "electricity_kwh_per_m2"):
        values = [float(part[name]) for part in parts]
        assert min(values) <= period.loc["unknown", name] <= max(values)
    assert period.loc["unknown", "hot_water_kwh_per_m2"] == pytest.approx(0.6 * 15 + 0.2 * 6.9 + 0.2 * 6.9)


def test_the_shares_of_every_mix_add_up_to_one():
    for use, parts in MIXES.items():
        assert sum(fact("use_conditions", f"{use}_{part}_share").value for part in parts) == pytest.approx(1)


def test_size_class_follows_floor_area_or_storeys():
    multi = houses(
        use=["residential_multi"] * 3, heated_floor_area_m2=[600.0, 1800.0, 900.0], storey_count=[3, 3, 8]
    )
    found = add_archetypes(multi, "FI", TABLES["FI"])["archetype_id"]
    assert list(found) == ["FI.MFH.1961-1970", "FI.AB.1961-1970", "FI.AB.1961-1970"]


def test_the_first_and_last_year_of_a_period_belong_to_it():
    years = houses(construction_year=[1960, 1961, 1970, 1971])
    found = add_archetypes(years, "FI", TABLES["FI"])["archetype_id"]
    expected = ["FI.SFH.1946-1960", "FI.SFH.1961-1970", "FI.SFH.1961-1970", "FI.SFH.1971-1977"]
    assert list(found) == expected


def test_unheated_buildings_are_unheated_whatever_their_use_and_even_without_a_year():
    sheds = houses(use=["outbuilding", "storage"], heated=[False, False], construction_year=[np.nan, 1990])
    found = add_archetypes(sheds, "FI", TABLES["FI"])
    assert list(found["archetype_id"]) == ["unheated", "unheated"]
    assert list(found["archetype_origin"]) == ["unheated", "unheated"]


def test_row_order_and_subset_change_nothing_and_inputs_stay_as_they_are():
    rng = np.random.default_rng(1)
    stock = houses(
        use=list(rng.choice(USES, 300)),
        construction_year=list(rng.integers(1800, 2026, 300)),
        storey_count=list(rng.integers(1, 12, 300)),
        heated_floor_area_m2=list(rng.uniform(30, 5000, 300)),
    )
    before = stock.copy()
    found = add_archetypes(stock, "DE", TABLES["DE"])
    pd.testing.assert_frame_equal(stock, before)
    shuffled = add_archetypes(stock.sample(frac=0.5, random_state=2), "DE", TABLES["DE"].iloc[::-1])
    assert (found["archetype_id"].loc[shuffled.index] == shuffled["archetype_id"]).all()


def test_an_unknown_country_is_refused_with_the_list():
    with pytest.raises(UsageProblem, match=r"'ZZ'.*FI Finland.*XK Kosovo") as refused:
        read_archetypes("ZZ")
    assert refused.value.exit_code == 2
    assert check_country(" el ") == "GR"
    assert check_country("uk") == "GB"


def test_buildings_that_cannot_be_matched_are_named():
    with pytest.raises(ContractProblem, match="way/0"):
        add_archetypes(houses(construction_year=[np.nan]), "FI", TABLES["FI"])
    with pytest.raises(ContractProblem, match="way/0"):
        add_archetypes(houses(use=["castle"]), "FI", TABLES["FI"])
    with pytest.raises(ContractProblem, match="those of FI"):
        add_archetypes(houses(), "DE", TABLES["FI"])


def test_every_row_names_its_source_and_place():
    known = set(read_sources()) | {"estimate"}
    for name in ("archetypes", "archetype_conditions", "plausibility_bands"):
        table = pd.read_csv(DATA / f"{name}.csv", keep_default_na=False)
        assert set(table["source_id"]) <= known, name
        assert (table["place_in_source"] != "").all(), name
    assert set(pd.read_csv(DATA / "archetype_countries.csv")["source_id"]) <= known


def test_reading_archetypes_notes_the_facts_it_used():
    with recording() as used:
        read_archetypes("FI")
    ids = {entry.id for entry in used}
    assert {"office_set_point_c", "unknown_office_share"} <= ids
    assert all(entry.subject == "use_conditions" for entry in used)


def test_the_plausibility_bands_are_thirty_percent_around_the_stock_model():
    bands = pd.read_csv(DATA / "plausibility_bands.csv").set_index(["country", "sector"])
    printed = {"DE": 136, "FI": 197, "EE": 195, "DK": 103, "ES": 87, "PT": 74, "CZ": 161, "GR": 139, "IT": 76}
    for country, expected in {**printed, "BG": 99, "LT": 106, "HU": 188}.items():
        row = bands.loc[(country, "residential")]
        assert row["space_heat_kwh_per_m2"] == pytest.approx(expected, abs=0.6)
        assert row["space_heat_low_kwh_per_m2"] == pytest.approx(0.7 * row["space_heat_kwh_per_m2"], abs=0.1)
        assert row["space_heat_high_kwh_per_m2"] == pytest.approx(1.3 * row["space_heat_kwh_per_m2"], abs=0.1)


def test_finnish_detached_houses_lose_heat_like_finnish_detached_houses():
    """A box of 140 m² on two floors, by heating degree hours: plausible and falling with age."""
    rows = TABLES["FI"][TABLES["FI"]["size_class"].eq("SFH")].sort_values("first_year")
    wall, roof, floor, window = 130.0, 85.0, 85.0, 25.0
    transmission = (
        wall * rows["u_wall_w_per_m2_k"]
        + roof * rows["u_roof_w_per_m2_k"]
        + floor * rows["u_floor_w_per_m2_k"] * rows["b_floor_ratio"]
        + window * rows["u_window_w_per_m2_k"]
        + rows["thermal_bridge_w_per_m2_k"] * (wall + roof + floor + window)
    )
    air = rows["air_use_per_h"] * (1 - rows["heat_recovery_share"]) + rows["air_infiltration_per_h"]
    ventilation = 0.34 * air * 140.0 * rows["room_height_m"]
    # Helsinki: about 4,500 degree days to 18 °C; gains carry the rest up to 21 °C
    demand_kwh_per_m2 = (transmission + ventilation) * 4500 * 24 / 1000 / 140.0
    assert 180 < demand_kwh_per_m2.iloc[0] < 330
    assert 40 < demand_kwh_per_m2.iloc[-1] < 90
    assert demand_kwh_per_m2.loc["FI.SFH.1961-1970"] == pytest.approx(150, abs=30)


def test_settings_outside_their_range_are_refused():
    with pytest.raises(UsageProblem, match="apartment_block_area_m2"):
        ArchetypeParams(apartment_block_area_m2=10.0)
