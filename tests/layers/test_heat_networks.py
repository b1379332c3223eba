"""Candidate heat networks of made towns, whose answers can be told by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from layers import heat_networks
from layers.core.draws import Draws
from layers.core.errors import ContractProblem, PlannerError, UsageProblem
from layers.core.network_settings import SWEEP_SHARES, VARIANTS_C, NetworkParams
from layers.heat_networks import ADDS, plan_networks

CRS = "EPSG:25832"
DRAWS = Draws(seed=1, count=60)


def town(heat_mwh=60.0, peak_kw=30.0, count=12, gap_m=20.0):
    """Return a street with houses on both sides, one district."""
    houses = [
        box(100 + gap_m * k, 10 if k % 2 else -20, 110 + gap_m * k, 20 if k % 2 else -10)
        for k in range(count)
    ]
    ids = pd.Index([f"way/{k}" for k in range(count)], name="building_id")
    buildings = gpd.GeoDataFrame(
        {
            "district_id": "d01", "space_heat_expected_kwh": heat_mwh * 900.0,
            "hot_water_kwh": heat_mwh * 100.0, "peak_heat_kw": peak_kw,
        },
        geometry=houses, index=ids, crs=CRS,
    )  # fmt: skip
    length = 100 + gap_m * count + 100
    streets = gpd.GeoDataFrame(
        {"kind": "residential"}, geometry=[LineString([(0, 0), (length, 0)])],
        index=pd.Index(["way/900"], name="street_id"), crs=CRS,
    )  # fmt: skip
    districts = gpd.GeoDataFrame(
        {"linear_heat_density_mwh_per_m": [heat_mwh * count / length]},
        geometry=[box(0, -100, length, 100)], index=pd.Index(["d01"], name="district_id"), crs=CRS,
    )  # fmt: skip
    return districts, buildings, streets


def planned(districts, buildings, streets, **changes):
    drawn = pd.DataFrame(np.ones((len(districts), DRAWS.count)), index=districts.index)
    return plan_networks(
        districts, buildings, streets, country="DE", ground_c=9.0, heat_draws_kwh=drawn, draws=DRAWS,
        params=NetworkParams(**changes),
    )  # fmt: skip


def test_the_trench_of_one_street_is_the_street_between_the_first_and_the_last_house_and_its_links():
    found = planned(*town()).districts.loc["d01"]
    # nearest corners of the first and last house: x = 110 (house 0 links anywhere from 100 to 110) ...
    links = 12 * 10.0
    assert found["network_trench_m"] == pytest.approx(links + 220.0, abs=25.0)
    assert found["network_trench_gap_share"] == pytest.approx(0.0, abs=0.05)
    assert found["network_consumer_count"] == 12
    assert found["network_heat_mwh"] == pytest.approx(12 * 60.0 * 0.7)


def test_every_promised_column_is_there_and_ranges_hold_their_base():
    table = planned(*town()).districts
    assert {column.name for column in ADDS} <= set(table.columns)
    for name in ("network", "air_pump", "ground_pump", "gas"):
        low, base, high = (table[f"{name}_heat{part}_eur_per_mwh"].item() for part in ("_p10", "", "_p90"))
        assert 0 < low <= base <= high


def test_dense_heat_makes_networks_cheaper_and_thin_heat_makes_them_dear():
    dense = planned(*town(heat_mwh=400.0, peak_kw=180.0)).districts.loc["d01"]
    thin = planned(*town(heat_mwh=12.0, peak_kw=8.0)).districts.loc["d01"]
    assert dense["network_heat_eur_per_mwh"] < dense["air_pump_heat_eur_per_mwh"]
    assert thin["network_heat_eur_per_mwh"] > thin["air_pump_heat_eur_per_mwh"]
    assert dense["network_wins_share"] > 0.8 > 0.2 > thin["network_wins_share"]
    assert dense["network_worth_building_count"] == 12
    assert thin["network_worth_building_count"] == 0


def test_at_its_break_even_density_the_network_costs_what_the_best_heat_pump_costs():
    found = planned(*town()).districts.loc["d01"]
    needed, here = found["network_break_even_mwh_per_m"], found["network_linear_heat_density_mwh_per_m"]
    cheapest = min(found["air_pump_heat_eur_per_mwh"], found["ground_pump_heat_eur_per_mwh"])
    assert (here > needed) == (found["network_heat_eur_per_mwh"] < cheapest)


def test_more_connections_and_cooler_water_make_heat_cheaper():
    result = planned(*town())
    sweep = result.sweep.set_index("connection_share")["network_heat_eur_per_mwh"]
    assert list(sweep.index) == list(SWEEP_SHARES)
    assert (np.diff(sweep) < 0).all()
    variants = result.variants
    assert list(zip(variants["supply_c"], variants["return_c"], strict=True)) == list(VARIANTS_C)
    assert (np.diff(variants["network_loss_share"]) < 0).all()
    assert (np.diff(variants["plant_output_ratio"]) > 0).all()


def test_dearer_pipes_never_make_more_buildings_worth_joining():
    counts = [
        planned(*town(heat_mwh=90.0, peak_kw=40.0), pipe_price_ratio=ratio).districts.loc["d01"][
            "network_worth_heat_mwh"
        ]
        for ratio in (0.3, 1.0, 2.0, 5.0, 10.0)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_pipes_add_up_to_the_trench_and_belong_to_streets_or_consumers():
    result = planned(*town())
    pipes = result.pipes
    assert pipes["length_m"].sum() == pytest.approx(result.districts.loc["d01", "network_trench_m"])
    assert (pipes["street_id"].isna() ^ pipes["consumer_id"].isna()).all()
    assert pipes["consumer_id"].dropna().is_unique
    assert len(pipes["consumer_id"].dropna()) == 12
    assert pipes.crs == CRS


def test_a_district_without_heat_or_streets_or_far_too_sparse_has_no_network():
    districts, buildings, streets = town()
    nothing = planned(districts, buildings.assign(space_heat_expected_kwh=0.0, hot_water_kwh=0.0), streets)
    assert nothing.districts["network_trench_m"].isna().all()
    assert nothing.districts["network_consumer_count"].tolist() == [0]
    assert len(nothing.pipes) == 0
    away = streets.set_geometry(streets.geometry.translate(0, 5_000))
    assert planned(districts, buildings, away).districts["network_trench_m"].isna().all()
    assert planned(districts, buildings, streets.iloc[:0]).districts["network_trench_m"].isna().all()
    sparse = planned(districts, buildings, streets, least_mwh_per_m=5.0)
    assert sparse.districts["network_trench_m"].isna().all()


def test_streets_that_do_not_touch_serve_the_part_with_most_heat():
    districts, buildings, streets = town()
    island = buildings.iloc[:3].set_geometry(buildings.geometry.iloc[:3].translate(0, 600))
    island.index = pd.Index(["way/50", "way/51", "way/52"], name="building_id")
    lines = pd.concat([streets, streets.set_geometry(streets.geometry.translate(0, 600))])
    lines.index = pd.Index(["way/900", "way/901"], name="street_id")
    found = planned(districts, pd.concat([buildings, island]), gpd.GeoDataFrame(lines, crs=CRS)).districts
    assert found["network_consumer_count"].tolist() == [12]


def test_the_order_of_buildings_changes_nothing():
    districts, buildings, streets = town()
    one = planned(districts, buildings, streets).districts
    two = planned(districts, buildings.iloc[::-1], streets).districts
    names = [column.name for column in ADDS]
    pd.testing.assert_frame_equal(one[names], two[names], rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"supply_c": 45.0, "return_c": 40.0}, "10 K apart"),
        ({"connection_share": 0.0}, "connection_share is 0; it must be 0.05 to 1"),
        ({"pipe_price_ratio": 99.0}, "pipe_price_ratio is 99"),
        ({"ground_c": 60.0}, "ground_c is 60"),
        ({"simultaneity_base_ratio": 0.9, "simultaneity_spread_ratio": 0.5}, "at most 1"),
    ],
)
def test_absurd_settings_are_refused_with_their_range(changes, words):
    with pytest.raises(UsageProblem, match=words):
        NetworkParams(**changes)


def test_missing_columns_are_named():
    districts, buildings, streets = town()
    with pytest.raises(ContractProblem, match="peak_heat_kw"):
        planned(districts, buildings.drop(columns="peak_heat_kw"), streets)


def test_no_network_is_planned_with_a_solver_that_fails_its_own_test(monkeypatch):
    def broken():
        raise PlannerError("the solver fails its own test")

    monkeypatch.setattr(heat_networks, "check_solver", broken)
    with pytest.raises(PlannerError, match="fails its own test"):
        planned(*town())
