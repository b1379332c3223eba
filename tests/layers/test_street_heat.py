"""Heat along streets, by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.contracts import find_problems
from layers.core.errors import UsageProblem
from layers.physics.sections import cut_at_crossings
from layers.street_heat import ADDS, STREET_COLUMNS, StreetHeatParams, add_street_heat, make_sections
from tests.layers.samples import sample

CRS = "EPSG:32635"


def streets(*rows: tuple[str, str, list[tuple[float, float]]], bridge: str = "none") -> gpd.GeoDataFrame:
    names, kinds, lines = zip(*rows, strict=True) if rows else ((), (), ())
    return gpd.GeoDataFrame(
        {
            "name": pd.array(names, dtype="string"),
            "kind": np.array(kinds, dtype=object),
            "bridge": np.array([name == bridge for name in names], dtype=bool),
            "tunnel": np.zeros(len(names), dtype=bool),
        },
        geometry=[shapely.LineString(line) for line in lines],
        index=pd.Index([f"way/{k}" for k in range(len(rows))], name="street_id"),
        crs=CRS,
    )


def houses(*rows: tuple[float, float, float], address: str | None = None) -> gpd.GeoDataFrame:
    """Return houses of 10 m by 10 m (west, south, heat in MWh)."""
    return gpd.GeoDataFrame(
        {
            "heat_demand_kwh": [1000.0 * row[2] for row in rows],
            "district_id": "d01",
            "street_name": pd.array([address] * len(rows), dtype="string"),
        },
        geometry=[shapely.box(x, y, x + 10, y + 10) for x, y, _ in rows],
        index=[f"way/9{k}" for k in range(len(rows))],
        crs=CRS,
    )


MAIN = ("Main Street", "residential", [(0.0, 0.0), (100.0, 0.0)])


def test_two_houses_on_a_short_street_are_worth_connecting():
    buildings, served = add_street_heat(houses((10, 10, 100), (50, -30, 100)), streets(MAIN))
    street = served.loc["way/0"]
    assert street["linear_heat_density_mwh_per_m"] == 2.0  # 2 × 100 MWh on 100 m
    assert (street["building_count"], street["service_pipe_m"]) == (2, 10 + 20)
    assert street["linear_heat_density_with_service_mwh_per_m"] == pytest.approx(200 / 130)
    assert buildings["street_id"].tolist() == ["way/0", "way/0"]
    assert buildings["service_pipe_m"].tolist() == [10, 20]


def test_a_house_beyond_the_reach_stays_unconnected_and_is_counted():
    buildings, served = add_street_heat(houses((10, 10, 100), (10, 250, 40)), streets(MAIN))
    assert buildings["street_id"].isna().tolist() == [False, True]
    assert served["connected_heat_mwh"].sum() + 40 == pytest.approx(140)
    assert find_problems(buildings, ADDS, name="buildings") == []


def test_an_unheated_shed_needs_no_pipe():
    _, served = add_street_heat(houses((10, 10, 100), (50, 10, 0)), streets(MAIN))
    assert served[["building_count", "service_pipe_m"]].iloc[0].tolist() == [1, 10]


def test_a_house_prefers_a_street_to_a_nearer_path_and_takes_the_path_where_there_is_no_street():
    path = ("", "footway", [(0.0, 35.0), (100.0, 35.0)])
    assert add_street_heat(houses((10, 20, 1)), streets(MAIN, path))[0]["street_id"].tolist() == ["way/0"]
    assert add_street_heat(houses((10, 220, 1)), streets(MAIN, path))[0]["street_id"].tolist() == ["way/1"]


def test_the_street_of_the_address_wins_when_it_is_nearly_as_near():
    back = ("Back Lane", "residential", [(0.0, 50.0), (100.0, 50.0)])
    near_main = houses((10, 10, 1), address="Back Lane")  # 10 m to Main Street, 30 m to Back Lane
    assert add_street_heat(near_main, streets(MAIN, back))[0]["street_id"].tolist() == ["way/1"]
    far_off = ("Back Lane", "residential", [(0.0, 70.0), (100.0, 70.0)])  # 50 m: 40 m farther
    assert add_street_heat(near_main, streets(MAIN, far_off))[0]["street_id"].tolist() == ["way/0"]


def test_nobody_connects_on_a_bridge_a_motorway_or_stairs():
    assert (
        add_street_heat(houses((10, 10, 1)), streets(MAIN, bridge="Main Street"))[0]["street_id"].isna().all()
    )
    for kind in ("motorway", "steps"):
        served = add_street_heat(houses((10, 10, 1)), streets(("", kind, MAIN[2])))[1]
        assert len(served) == 0


def test_a_city_without_streets_connects_nobody():
    buildings, served = add_street_heat(houses((10, 10, 1)), streets())
    assert buildings["street_id"].isna().all()
    assert find_problems(served, STREET_COLUMNS, name="streets") == []


def test_streets_are_cut_where_they_cross_and_joined_where_a_data_set_breaks_them():
    made = make_sections(
        streets(
            ("High Street", "residential", [(0, 0), (50, 0), (80, 0)]),
            ("High Street", "residential", [(80, 0), (120, 0)]),
            ("Cross Street", "residential", [(50, -50), (50, 0), (50, 50)]),
        )
    )
    assert made["length_m"].to_dict() == {"way/0": 50.0, "way/0:2": 70.0, "way/2": 50.0, "way/2:2": 50.0}


def test_a_footway_does_not_cut_a_street_but_is_cut_by_it():
    made = make_sections(
        streets(
            ("High Street", "residential", [(0, 0), (50, 0), (80, 0)]),
            ("", "footway", [(50, -50), (50, 0), (50, 50)]),
        )
    )
    assert made["length_m"].to_dict() == {"way/0": 80.0, "way/1": 50.0, "way/1:2": 50.0}


def test_streets_on_two_levels_are_no_crossing():
    lines = [shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(5, -5), (5, 5)])]
    sections, _ = cut_at_crossings(np.array(lines, dtype=object), np.array([0, 1]), np.array([True, True]))
    assert len(sections) == 2


def test_a_street_on_a_border_belongs_to_the_district_with_more_heat():
    buildings = houses((10, 10, 10), (50, -30, 30)).assign(district_id=["d01", "d02"])
    assert add_street_heat(buildings, streets(MAIN))[1]["district_id"].tolist() == ["d02"]


@pytest.mark.parametrize("name", ["helsinki", "karhula"])
def test_streets_and_unconnected_buildings_add_up_to_all_buildings(name):
    tables = sample(name)
    heat_kwh = tables["buildings"].area.to_numpy() * 300.0
    buildings = tables["buildings"].assign(heat_demand_kwh=heat_kwh, district_id="d01")
    for reach in (20.0, 200.0):
        connected, served = add_street_heat(
            buildings, tables["streets"], StreetHeatParams(longest_service_m=reach)
        )
        lost = heat_kwh[connected["street_id"].isna().to_numpy()].sum()
        assert served["connected_heat_mwh"].sum() + lost / 1000 == pytest.approx(
            heat_kwh.sum() / 1000, rel=1e-9
        )
        assert set(connected["street_id"].dropna()) <= set(served.index)
        assert find_problems(served, STREET_COLUMNS, name="streets") == []
    usable = make_sections(tables["streets"])
    assert usable.index.is_unique
    again = make_sections(tables["streets"].sample(frac=1, random_state=2))
    assert again["length_m"].equals(usable["length_m"])


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageProblem, match="longest_service_m is 5"):
        StreetHeatParams(longest_service_m=5)
