"""District heating: is there a network already, what does the rule say, and what would it cost."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers import totals
from layers.core.contracts import find_problems
from layers.core.crs import RASTER
from layers.core.errors import UsageProblem
from layers.core.facts import read_facts, read_sources, recording
from layers.district_heating import (
    ADDS,
    DistrictHeatingParams,
    add_district_heating,
    compare_rules,
    pipe_costs,
    read_rules,
    rule_names,
)
from layers.physics.heat_network import distribution_cost_eur_per_mwh
from layers.physics.heating_rules import Measure, RuleSet, judge, needed_ratio
from layers.physics.levelised import annuity


def districts(*rows: tuple[float, float, int]) -> gpd.GeoDataFrame:
    """Return districts of 10 ha in a row: heat [MWh], street length [m], anchors; no service pipes."""
    heat, street, anchors = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    table = {column.name: 0.0 for column in totals.ADDS}
    shapes = [shapely.box(1000 * k, 0, 1000 * k + 1000, 100) for k in range(len(rows))]
    index = [f"d{k + 1:02d}" for k in range(len(rows))]
    line = np.divide(heat, street, out=np.zeros(len(heat)), where=street > 0)
    return gpd.GeoDataFrame(geometry=shapes, crs=RASTER, index=index).assign(
        **table
        | {
            "heat_demand_mwh": heat, "heat_demand_p90_mwh": heat * 1.2, "connected_heat_mwh": heat,
            "heat_density_mwh_per_ha": heat / 10, "street_length_m": street,
            "linear_heat_density_mwh_per_m": line,
            "heated_floor_area_m2": heat * 10, "plot_ratio": heat * 10 / 100_000, "anchor_count": anchors,
        }
    )  # fmt: skip


def cells(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ten squares of one hectare for each district, with its heat spread evenly."""
    x = np.arange(10 * len(table)) * 100.0
    heat = np.repeat(table["heat_demand_mwh"].to_numpy() / 10, 10)
    return gpd.GeoDataFrame(
        {"heat_demand_mwh": heat, "heat_density_mwh_per_ha": heat},
        geometry=shapely.box(x, 0, x + 100, 100),
        crs=RASTER,
    )


def classes(rules: str, *rows: tuple[float, float, int], share: float | None = None) -> list[str]:
    table = districts(*rows)
    judged = add_district_heating(
        table, cells(table), read_rules(rules), district_heating_share=share, country="FI"
    )
    assert find_problems(judged, ADDS, name="districts") == []
    return judged["district_heating_class"].tolist()


def test_the_german_guide_sorts_by_land_and_by_street_and_the_weaker_one_counts():
    # 5,000 MWh on 10 ha = 500 MWh/ha; on 2,000 m = 2.5 MWh/m, on 5,000 m = 1 MWh/m
    rows = [(5000, 2000, 0), (5000, 5000, 0), (2000, 1000, 0), (500, 1000, 0), (5000, 10_000, 0)]
    assert classes("kwp", *rows) == ["suitable", "conditional", "conditional", "not_suitable", "not_suitable"]


def test_every_carried_rule_set_judges_a_dense_centre_above_a_field():
    for name in rule_names():
        dense, field = classes(name, (200_000, 4000, 20), (10, 4000, 0))
        assert (dense, field) == ("suitable", "not_suitable"), name


def test_a_city_with_a_network_is_never_told_to_build_one():
    rows = [(5000, 2000, 0), (2000, 1000, 0), (500, 1000, 0)]
    found = classes("kwp", *rows, share=0.9)
    assert found == ["probably_served", "probably_served", "not_suitable"]
    assert classes("kwp", *rows, share=0.39)[0] == "suitable"


def test_reasons_give_numbers_and_what_it_would_take():
    table = districts((500, 1000, 0), (5000, 2000, 0))
    judged = add_district_heating(
        table, cells(table), read_rules("kwp"), district_heating_share=None, country="FI"
    )
    sparse, dense = judged["district_heating_reason"]
    assert "50 MWh per hectare and 0.5 MWh per metre of street" in sparse
    assert "3.5 times as much" in sparse  # 175 / 50, more than 0.7 / 0.5
    assert judged["density_needed_ratio"].tolist() == [3.5, 1.0]
    assert "500 MWh per hectare and 2.5 MWh per metre of street" in dense
    served = add_district_heating(
        table, cells(table), read_rules("kwp"), district_heating_share=0.62, country="FI"
    )
    assert "62 % of the city's heat" in served["district_heating_reason"].iloc[1]
    assert "lower its temperature" in served["district_heating_reason"].iloc[1]
    assert "The city has a network" in served["district_heating_reason"].iloc[0]


def test_a_map_of_the_network_decides_where_there_is_one():
    table = districts((5000, 1000, 0), (5000, 1000, 0))
    pipes = gpd.GeoDataFrame(geometry=[shapely.LineString([(100, 50), (500, 50)])], crs=RASTER)
    judged = add_district_heating(
        table,
        cells(table),
        read_rules("kwp"),
        district_heating_share=0.9,
        country="FI",
        existing_network=pipes,
    )
    assert judged["district_heating_class"].tolist() == ["probably_served", "suitable"]


def test_pipes_of_a_map_that_does_not_show_all_add_districts_and_take_none_away():
    table = districts((5000, 1000, 0), (5000, 1000, 0))
    pipes = gpd.GeoDataFrame(geometry=[shapely.LineString([(100, 50), (500, 50)])], crs=RASTER)

    def classes_at(share):
        judged = add_district_heating(
            table, cells(table), read_rules("kwp"), district_heating_share=share, country="FI",
            existing_network=pipes, is_whole_network=False,
        )  # fmt: skip
        return judged["district_heating_class"].tolist()

    assert classes_at(0.9) == ["probably_served", "probably_served"]
    assert classes_at(0.0) == ["probably_served", "suitable"]


def test_one_threshold_within_the_likely_range_is_a_condition():
    rules = RuleSet("x", "a rule", (Measure("line", 1.5, None),))
    found = {"line": np.array([1.0, 1.3, 1.6])}
    assert judge(found, np.full(3, 1.2), rules).tolist() == [0, 1, 2]
    assert needed_ratio(found, rules).tolist() == pytest.approx([1.5, 1.5 / 1.3, 1.0])


def test_unknown_streets_leave_the_judgement_to_the_land():
    assert classes("kwp", (5000, 0, 0)) == ["suitable"]
    assert classes("carmen", (5000, 0, 0)) == ["not_suitable"]  # it only knows streets


def test_a_district_without_heat_is_not_suitable():
    table = districts((0, 1000, 0))
    judged = add_district_heating(
        table, cells(table), read_rules("kwp"), district_heating_share=0.9, country="FI"
    )
    assert judged["district_heating_class"].tolist() == ["not_suitable"]
    assert "no heat demand" in judged["district_heating_reason"].iloc[0]


def test_a_zone_of_hotmaps_needs_thirty_gigawatt_hours_in_one_piece():
    # 3,500 MWh on each of ten squares: 35 GWh in one piece; half as much falls short
    assert classes("hotmaps", (35_000, 4000, 0)) == ["suitable"]
    assert classes("hotmaps", (17_500, 4000, 0)) == ["not_suitable"]
    assert classes("hotmaps", (17_500, 4000, 0), (17_500, 4000, 0)) == ["suitable", "suitable"]


def test_the_break_even_distance_is_what_the_heat_carries_beyond_its_streets():
    table = districts((5000, 2000, 0))
    judged = add_district_heating(
        table, cells(table), read_rules("kwp"), district_heating_share=None, country="FI"
    )
    assert judged["break_even_distance_m"].iloc[0] == pytest.approx(5000 / 1.5 - 2000)


def test_pipes_cost_what_persson_and_werner_say():
    params = DistrictHeatingParams()
    costs = pipe_costs("FI", params)
    assert (costs.trench_eur_per_m, costs.pipe_eur_per_m2) == (439, 4073)
    assert pipe_costs("IS", params).trench_eur_per_m == 212
    # 2 MWh/m = 7.2 GJ/m: d = 0.0486 ln 7.2 + 0.0007 = 0.09664 m
    by_hand = (439 + 4073 * (0.0486 * np.log(7.2) + 0.0007)) * float(annuity(0.03, 40)) / 2
    assert distribution_cost_eur_per_mwh(np.array([2.0]), costs)[0] == pytest.approx(by_hand)


def test_denser_heat_costs_less_per_unit_and_dearer_trenches_cost_more():
    density = np.geomspace(0.05, 30, 400)
    default = pipe_costs("IS", DistrictHeatingParams())
    cost = distribution_cost_eur_per_mwh(density, default)
    # thin networks end at 1.5 GJ/m, where the published curve of the diameter steps by less than a millimetre
    assert (np.diff(cost) < 0).sum() >= len(cost) - 2
    dearer = dataclasses.replace(default, trench_eur_per_m=2 * default.trench_eur_per_m)
    assert (distribution_cost_eur_per_mwh(density, dearer) > cost).all()


def test_every_threshold_and_cost_has_a_source_and_is_noted_when_used():
    known = set(read_sources()) | {"estimate"}
    for subject in ("heating_rules", "district_heating"):
        assert {found.source_id for found in read_facts(subject).values()} <= known
    with recording() as used:
        read_rules("scotland")
    assert {found.value for found in used} == {4, 8, 2, 5}


def test_an_unknown_rule_set_is_refused_with_the_list():
    with pytest.raises(UsageProblem, match="kwp, bavaria"):
        read_rules("kpw")


def test_all_rule_sets_are_compared_and_say_what_each_says_alone():
    rows = ((20_000.0, 3_000.0, 4), (900.0, 2_000.0, 0), (50.0, 3_000.0, 0))
    table = districts(*rows)
    compared = compare_rules(table, cells(table))
    assert list(compared.columns) == list(rule_names())
    for name in rule_names():
        assert compared[name].tolist() == classes(name, *rows)
    assert len({tuple(compared[name]) for name in rule_names()}) > 1
