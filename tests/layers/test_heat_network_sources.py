"""Candidate networks that start at sources, keep to rules for streets, and meet bad input."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from layers.core.draws import Draws
from layers.core.errors import InputProblem
from layers.core.network_settings import NetworkParams
from layers.core.street_rules import StreetRules
from layers.heat_networks import ADDS, PIPE_COLUMNS, Surroundings, plan_networks

CRS = "EPSG:25832"
DRAWS = Draws(seed=1, count=60)
COLUMNS = {"heat_source_medium": "excess", "heat_source_c": 30.0}


def town(count=12, heat_mwh=200.0, peak_kw=90.0, y_m=0.0):
    """Return houses along one street of 400 m, and the street."""
    houses = gpd.GeoDataFrame(
        {
            "district_id": "d01", "space_heat_expected_kwh": heat_mwh * 900.0,
            "hot_water_kwh": heat_mwh * 100.0, "peak_heat_kw": peak_kw,
        },
        geometry=[box(50 + 20 * k, y_m + 10, 60 + 20 * k, y_m + 20) for k in range(count)],
        index=pd.Index([f"way/{y_m:g}{k}" for k in range(count)], name="building_id"), crs=CRS,
    )  # fmt: skip
    street = gpd.GeoDataFrame(
        {"kind": "residential"}, geometry=[LineString([(0, y_m), (400, y_m)])],
        index=pd.Index([f"way/9{y_m:g}"], name="street_id"), crs=CRS,
    )  # fmt: skip
    return houses, street


def planned(buildings, streets, candidates=(), places=(), rules=None, **changes):
    districts = gpd.GeoDataFrame(
        {"linear_heat_density_mwh_per_m": [5.0]}, geometry=[box(0, -2_000, 400, 2_000)],
        index=pd.Index(["d01"], name="district_id"), crs=CRS,
    )  # fmt: skip
    rows = [
        {
            "district_id": "d01", "source_id": f"node/{k}", "heat_source_kind": kind,
            "heat_source_distance_m": far, "heat_source_mwh": mwh, "heat_source_p10_mwh": mwh / 2,
            "heat_source_p90_mwh": mwh * 2, **COLUMNS, **more,
        }
        for k, (kind, far, mwh, more) in enumerate(candidates)
    ]  # fmt: skip
    geometries = gpd.GeoSeries(list(places), index=[f"node/{k}" for k in range(len(places))], crs=CRS)
    around = Surroundings(pd.DataFrame(rows) if rows else None, geometries if rows else None, rules)
    drawn = pd.DataFrame(np.ones((1, DRAWS.count)), index=districts.index)
    return plan_networks(
        districts, buildings, streets, country="DE", ground_c=9.0, heat_draws_kwh=drawn, draws=DRAWS,
        around=around, params=NetworkParams(**{"feed_in_detour_ratio": 1.0, **changes}),
    )  # fmt: skip


NEAR = ("data_centre", 100.0, 5_000.0, {})


def test_plenty_of_excess_heat_nearby_makes_heat_cheaper_by_what_its_pump_saves():
    alone = planned(*town())
    fed = planned(*town(), [NEAR], [Point(-100, 0)])
    row, before = fed.districts.loc["d01"], alone.districts.loc["d01"]
    assert row["network_source_kind"] == "data_centre"
    assert row["network_source_share"] == 1.0
    assert row["network_feed_in_m"] == pytest.approx(100.0)
    assert before["network_source_kind"] == "air"
    assert before["network_feed_in_m"] == 0.0
    assert row["network_heat_eur_per_mwh"] < before["network_heat_eur_per_mwh"]
    # nothing changes for those who stay alone
    assert row["air_pump_heat_eur_per_mwh"] == pytest.approx(before["air_pump_heat_eur_per_mwh"])
    assert {column.name for column in ADDS} <= set(fed.districts.columns)
    assert {column.name for column in PIPE_COLUMNS} <= set(fed.pipes.columns)


def test_both_prices_stand_side_by_side_whatever_is_chosen():
    found = planned(*town(), [NEAR], [Point(-100, 0)])
    table = found.sources.set_index("heat_source_kind")
    assert table.index.tolist() == ["air", "data_centre"]
    assert table["is_chosen"].tolist() == [False, True]
    assert table.loc["data_centre", "plant_output_ratio"] == pytest.approx(5.2, abs=0.01)
    assert table.loc["data_centre", "network_heat_eur_per_mwh"] == pytest.approx(
        found.districts.loc["d01", "network_heat_eur_per_mwh"], rel=0.01
    )
    assert table.loc["air", "network_heat_eur_per_mwh"] > table.loc["data_centre", "network_heat_eur_per_mwh"]


def test_a_feed_in_that_costs_more_than_it_saves_is_not_laid():
    far = planned(*town(), [("data_centre", 9_000.0, 5_000.0, {})], [Point(-9_000, 0)])
    assert far.districts.loc["d01", "network_source_kind"] == "air"
    assert far.sources["is_chosen"].tolist() == [True, False]


def test_a_source_that_gives_next_to_nothing_is_no_root():
    little = planned(*town(), [("supermarket", 0.0, 20.0, {})], [Point(0, 5)])
    assert little.districts.loc["d01", "network_source_kind"] == "air"


def test_water_is_only_worth_its_trench_where_it_is_warmer_than_the_air():
    warm_water, cold_water = (
        {"heat_source_medium": "water", "heat_source_c": temperature_c} for temperature_c in (14.0, 2.0)
    )
    warm = planned(*town(), [("wastewater", 50.0, 5e4, warm_water)], [Point(-50, 0)])
    cold = planned(*town(), [("river", 50.0, 5e4, cold_water)], [Point(-50, 0)])
    assert warm.districts.loc["d01", "network_source_kind"] == "wastewater"
    assert cold.districts.loc["d01", "network_source_kind"] == "air"


def test_an_existing_plant_nearby_is_the_root_and_keeps_the_price_of_a_plant_on_air():
    plant = ("heating_plant", 100.0, 5e4, {"heat_source_medium": "plant"})
    near = planned(*town(), [plant], [Point(-100, 0)]).districts.loc["d01"]
    assert near["network_source_kind"] == "heating_plant"
    assert near["network_feed_in_m"] == pytest.approx(100.0)
    assert near["network_source_share"] == 0.0
    away = planned(*town(), [plant], [Point(-100, 0)], near_plant_m=50.0).districts.loc["d01"]
    assert away["network_source_kind"] == "air"


def test_roots_that_a_person_names_are_used_all_of_them_where_each_has_streets_of_its_own():
    north, south = town(), town(y_m=-1_500.0)
    both = pd.concat([north[0], south[0]]), pd.concat([north[1], south[1]])
    given = ("given", 50.0, 1e4, {"heat_source_medium": "plant"})
    found = planned(*both, [given, given], [Point(-50, 0), Point(-50, -1_500)])
    row = found.districts.loc["d01"]
    assert row["network_consumer_count"] == 24
    assert row["network_feed_in_m"] == pytest.approx(100.0)
    feeds = found.pipes[found.pipes["source_id"].notna()]
    assert sorted(feeds["source_id"]) == ["node/0", "node/1"]
    assert feeds["street_id"].isna().all()
    # with one root the other streets stay unserved
    one = planned(*both, [given], [Point(-50, 0)]).districts.loc["d01"]
    assert one["network_consumer_count"] == 12


def test_feed_ins_streets_and_links_add_up_to_the_trench():
    found = planned(*town(), [NEAR], [Point(-100, 0)])
    kinds = found.pipes[["street_id", "consumer_id", "source_id"]].notna().sum(axis=1)
    assert (kinds == 1).all()
    assert found.pipes["length_m"].sum() == pytest.approx(found.districts.loc["d01", "network_trench_m"])


def test_buildings_without_a_street_in_reach_are_not_reached_and_not_counted():
    houses, street = town()
    hermit = houses.iloc[:1].set_geometry([box(50, 300, 60, 310)])
    hermit.index = pd.Index(["way/hermit"], name="building_id")
    found = planned(pd.concat([houses, hermit]), street)
    assert found.districts.loc["d01", "network_consumer_count"] == 12
    assert "way/hermit" not in set(found.pipes["consumer_id"].dropna())
    only = planned(hermit, street, [NEAR], [Point(-100, 0)])
    assert only.districts.loc["d01", "network_consumer_count"] == 0


def test_zero_demand_and_no_streets_give_no_network_even_beside_a_source():
    houses, street = town()
    cold = houses.assign(space_heat_expected_kwh=0.0, hot_water_kwh=0.0, peak_heat_kw=0.0)
    for buildings, streets in ((cold, street), (houses, street.iloc[:0])):
        found = planned(buildings, streets, [NEAR], [Point(-100, 0)])
        assert np.isnan(found.districts.loc["d01", "network_trench_m"])
        assert found.districts.loc["d01", "network_consumer_count"] == 0
        assert len(found.sources) == 0


def test_an_island_of_little_heat_gets_no_source_of_its_own():
    north, island = town(), town(count=1, heat_mwh=10.0, peak_kw=5.0, y_m=-900.0)
    found = planned(
        pd.concat([north[0], island[0]]), pd.concat([north[1], island[1]]), [NEAR], [Point(-100, 0)]
    )
    assert found.districts.loc["d01", "network_consumer_count"] == 12


def test_forbidden_streets_carry_nothing_and_forced_ones_do():
    houses, street = town()
    way_round = gpd.GeoDataFrame(
        {"kind": "residential"}, index=pd.Index(["way/96"], name="street_id"), crs=CRS,
        geometry=[LineString([(0, 0), (0, -60), (400, -60), (400, 0)])],
    )  # fmt: skip
    streets = pd.concat([street, way_round])
    free = planned(houses, streets)
    assert set(free.pipes["street_id"].dropna()) == {"way/90"}
    closed = planned(houses, streets, rules=StreetRules("rules.csv", ("way/90",), ("forbidden",)))
    assert set(closed.pipes["street_id"].dropna()) == {"way/96"}
    forced = planned(houses, streets, rules=StreetRules("rules.csv", ("way/96",), ("forced",)))
    assert "way/96" in set(forced.pipes["street_id"].dropna())
    assert forced.pipes.loc[forced.pipes["street_id"] == "way/96", "is_worth"].all()
    longer = forced.districts["network_trench_m"] - free.districts["network_trench_m"]
    assert longer.item() > 300.0


def test_a_rule_for_an_unknown_street_is_refused():
    with pytest.raises(InputProblem, match="not among the 1 street sections"):
        planned(*town(), rules=StreetRules("rules.csv", ("way/1",), ("forced",)))


def test_equal_input_gives_equal_networks():
    one, two = (planned(*town(), [NEAR], [Point(-100, 0)]) for _ in range(2))
    pd.testing.assert_frame_equal(one.districts, two.districts)
    pd.testing.assert_frame_equal(one.sources, two.sources)
