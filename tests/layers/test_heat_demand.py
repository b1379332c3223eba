"""Three buildings on paper, and what the heat layer promises about tables, ranges and sums."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from layers.core.contracts import find_problems
from layers.core.draws import Draws
from layers.core.errors import ContractProblem, UsageProblem
from layers.core.facts import value
from layers.core.weather import MonthlyClimate
from layers.envelope import EnvelopeParams, add_envelope
from layers.heat_demand import ADDS, HeatParams, design_temperature_c, expected_heat_kwh, simulate_heat

DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
OUTDOOR_C = [0.0, 1, 4, 8, 13, 16, 18, 18, 14, 9, 4, 1]
SUN_NORTH = [8.0, 11, 19, 27, 38, 42, 42, 33, 22, 15, 9, 6]
SUN_EAST = [16.0, 26, 48, 68, 84, 86, 88, 74, 52, 33, 18, 12]
SUN_SOUTH = [40.0, 52, 73, 78, 78, 74, 79, 82, 77, 64, 42, 33]
NO_PAIRS = pd.DataFrame({"left": [], "right": [], "length_m": []})


def sun_on_surfaces():
    horizontal = [25.0, 40, 80, 115, 150, 160, 160, 135, 92, 56, 28, 19]
    between = [(n + e) / 2 for n, e in zip(SUN_NORTH, SUN_EAST, strict=True)]
    between_south = [(s + e) / 2 for s, e in zip(SUN_SOUTH, SUN_EAST, strict=True)]
    return np.array([
        horizontal, SUN_NORTH, between, SUN_EAST, between_south, SUN_SOUTH, between_south, SUN_EAST, between,
    ])  # fmt: skip


def climate(**more):
    values = {
        "place": "Paper", "country": "DE", "latitude_deg": 51.0, "longitude_deg": 10.0,
        "temperature_c": np.array(OUTDOOR_C), "irradiation_kwh_per_m2_land": sun_on_surfaces()[0],
        "origin": "made up", "source_ids": (), "design_temperature_c": -12.0,
    }  # fmt: skip
    return MonthlyClimate(**(values | more))


def archetype(name, **more):
    values = {
        "archetype_id": name, "country": "DE", "use": "residential_single", "size_class": "SFH",
        "first_year": 1949, "last_year": 1978, "u_wall_w_per_m2_k": 1.2, "u_roof_w_per_m2_k": 0.8,
        "u_floor_w_per_m2_k": 0.9, "u_window_w_per_m2_k": 2.8, "b_floor_ratio": 0.5, "b_roof_ratio": 1.0,
        "thermal_bridge_w_per_m2_k": 0.1, "window_g_ratio": 0.7, "air_use_per_h": 0.4,
        "air_infiltration_per_h": 0.2, "heat_recovery_share": 0.0, "room_height_m": 2.5, "set_point_c": 20.0,
        "night_factor_low_ratio": 0.9, "night_factor_high_ratio": 0.8, "internal_gain_w_per_m2": 3.0,
        "heat_capacity_wh_per_m2_k": 45.0, "hot_water_kwh_per_m2": 10.0,
        "utilisation_a0_ratio": 1.0, "utilisation_tau0_h": 15.0,
    }  # fmt: skip
    return values | more


def table_of(*rows):
    return pd.DataFrame(list(rows)).set_index("archetype_id")


OLD = archetype("DE.SFH.old")
NEW = archetype(
    "DE.SFH.new", first_year=1979, last_year=2030, u_wall_w_per_m2_k=0.3, u_roof_w_per_m2_k=0.2,
    u_floor_w_per_m2_k=0.3, u_window_w_per_m2_k=1.3,
)  # fmt: skip
OFFICE = archetype(
    "DE.office.60", use="office", size_class="office", air_use_per_h=0.28, heat_recovery_share=0.5,
    air_infiltration_per_h=0.1, internal_gain_w_per_m2=4.5, utilisation_a0_ratio=0.8,
    utilisation_tau0_h=70.0, night_factor_low_ratio=0.95, night_factor_high_ratio=0.85,
    hot_water_kwh_per_m2=6.9, room_height_m=2.5,
)  # fmt: skip


# windows of 0.18 of the floor, in proportion to walls, so that a person can do the sum
EVEN_WINDOWS = EnvelopeParams(
    window_period_floor_ratio=dict.fromkeys(EnvelopeParams().window_period_floor_ratio, 0.18),
    window_north_ratio={"single": 1.0, "multi": 1.0},
)


def city(*outlines, pairs=NO_PAIRS, **columns):
    sides = shapely.bounds(np.array(outlines))
    table = {
        "footprint_area_m2": shapely.area(np.array(outlines)),
        "box_width_m": np.minimum(sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]),
        "height_m": 6.0, "storey_count": 2.0, "roof_shape": "flat", "use": "residential_single",
        "heated": True, "archetype_id": "DE.SFH.old", "construction_year": 1960.0,
        "construction_year_origin": "tagged", "district_id": "d01",
    }  # fmt: skip
    index = pd.Index([f"way/{i}" for i in range(len(outlines))], name="building_id")
    return add_envelope(
        gpd.GeoDataFrame(table | columns, geometry=list(outlines), index=index, crs="EPSG:25832"),
        pairs,
        params=EVEN_WINDOWS,
    )


def simulated(buildings, *types, count=5, **more):
    return simulate_heat(
        buildings, table_of(*types), climate(), sun_on_surfaces(), Draws(seed=1, count=count), **more
    )


def one_month(loss_kwh, gains_kwh, a):
    gamma = gains_kwh / loss_kwh
    return loss_kwh - gains_kwh * (1 - gamma**a) / (1 - gamma ** (a + 1))


def a_year_on_paper(loss_w_per_k, night, a, internal_w, aperture_north, aperture_east_west, aperture_south):
    need = 0.0
    for month in range(12):
        hours = DAYS[month] * 24
        loss = loss_w_per_k * night * (20 - OUTDOOR_C[month]) * hours / 1000
        gains = internal_w * hours / 1000
        gains += aperture_north * SUN_NORTH[month]
        gains += aperture_east_west * SUN_EAST[month]
        gains += aperture_south * SUN_SOUTH[month]
        need += one_month(loss, gains, a)
    return need


def test_a_detached_house_as_on_paper():
    # 10 m × 8 m, 6 m high, two storeys: floor 80 · 2 · 0.85 = 136 m², windows 0.18 · 136 = 24.48 m²
    # walls 36 · 6 = 216 m², opaque 191.52 m²
    # transmission: walls 191.52 · 1.2 = 229.82   roof 80 · 0.8 = 64   floor 80 · 0.9 · 0.5 = 36
    #               windows 24.48 · 2.8 = 68.54   bridges 0.1 · (216 + 80 + 80) = 37.6     sum 435.97 W/K
    # air: 0.34 · (0.4 + 0.2) · 2.5 · 136 = 69.36 W/K                                  together 505.33 W/K
    # night: 435.97 / 136 = 3.206 W/(m² K), so 0.9 − 0.1 · (3.206 − 1) / 3 = 0.8265
    # a = 1 + 45 · 136 / 505.33 / 15 = 1.8074
    # sun: 24.48 · 0.7 · 0.7 · 0.9 · 0.6 = 6.477 m², north and south 60/216 each, east and west 48/216 each
    paper = a_year_on_paper(505.33, 0.8265, 1.8074, 3 * 136, 1.799, 2 * 1.4394, 1.799)
    one = simulated(city(box(0, 0, 10, 8)), OLD).buildings.iloc[0]
    assert one["space_heat_kwh"] == pytest.approx(paper, rel=0.001)
    assert one["hot_water_kwh"] == pytest.approx(1360)
    assert one["heat_demand_kwh"] == pytest.approx(paper + 1360, rel=0.001)
    # peak: 505.33 W/K · 32 K
    assert one["peak_heat_kw"] == pytest.approx(16.17, abs=0.01)
    # a house of the sixties, uninsulated, needs 200 to 300 kWh/m²
    assert 200 < one["space_heat_kwh"] / 136 < 300


def test_a_terraced_house_between_two_party_walls_as_on_paper():
    # 6 m wide, 9 m deep, 6 m high; the western neighbour is as high, the eastern one only 5 m
    # floor 54 · 2 · 0.85 = 91.8 m², windows 0.18 · 91.8 = 16.524 m²
    # walls 30 · 6 = 180 m² less 9 · 6 + 9 · 5 = 99 m²: 81 m² exposed, opaque 64.476 m²
    # transmission: walls 77.371   roof 54 · 0.8 = 43.2   floor 54 · 0.45 = 24.3   windows 46.267
    #               bridges 0.1 · (81 + 54 + 54) = 18.9                                  sum 210.04 W/K
    # air: 0.34 · 0.6 · 2.5 · 91.8 = 46.818 W/K                                    together 256.86 W/K
    # night: 210.04 / 91.8 = 2.288, so 0.9 − 0.1 · 1.288 / 3 = 0.8571
    # a = 1 + 45 · 91.8 / 256.86 / 15 = 2.0722
    # sun: 16.524 · 0.2646 = 4.3723 m², north and south 36/81 each, east 9/81
    paper = a_year_on_paper(256.86, 0.8571, 2.0722, 3 * 91.8, 1.9432, 0.4858, 1.9432)
    pairs = pd.DataFrame({"left": [0, 1], "right": [1, 2], "length_m": [9.0, 9.0]})
    row = city(
        box(-6, 0, 0, 9), box(0, 0, 6, 9), box(6, 0, 12, 9), pairs=pairs,
        height_m=[6.0, 6.0, 5.0], use="residential_terraced",
    )  # fmt: skip
    middle = simulated(row, OLD).buildings.iloc[1]
    assert middle["shared_wall_area_m2"] == pytest.approx(99)
    assert middle["wall_area_east_m2"] == pytest.approx(9)
    assert middle["wall_area_west_m2"] == pytest.approx(0)
    assert middle["space_heat_kwh"] == pytest.approx(paper, rel=0.001)


def test_an_office_block_as_on_paper():
    # 40 m × 15 m, 12 m high, four storeys: floor 600 · 4 · 0.85 = 2040 m²
    # walls 110 · 12 = 1320 m², windows 0.296 · 1320 = 390.72 m², opaque 929.28 m²
    # transmission: walls 1115.14   roof 480   floor 270   windows 1094.02
    #               bridges 0.1 · (1320 + 600 + 600) = 252                              sum 3211.15 W/K
    # air: half of 0.28 is recovered, 0.14 + 0.1 = 0.24; 0.34 · 0.24 · 2.5 · 2040 = 416.16 W/K
    # together 3627.31 W/K; night: 3211.15 / 2040 = 1.5741, so 0.95 − 0.1 · 0.5741 / 3 = 0.93086
    # a = 0.8 + 45 · 2040 / 3627.31 / 70 = 1.1615
    # sun: 390.72 · 0.2646 = 103.385 m², north and south 480/1320 each, east and west 180/1320 each
    paper = a_year_on_paper(3627.31, 0.93086, 1.1615, 4.5 * 2040, 37.594, 2 * 14.098, 37.594)
    block = city(
        box(0, 0, 40, 15), height_m=12.0, storey_count=4.0, use="office", archetype_id="DE.office.60"
    )
    one = simulated(block, OFFICE).buildings.iloc[0]
    assert one["space_heat_kwh"] == pytest.approx(paper, rel=0.001)
    # nobody measured how offices are metered against this method: they stay as calculated
    assert one["space_heat_expected_kwh"] == one["space_heat_kwh"]


def test_metered_heat_follows_the_published_curve_and_never_turns_back():
    ratios = HeatParams().expected_ratio
    floor = np.full(601, 100.0)
    heat = np.arange(601.0) * 100.0
    metered = expected_heat_kwh(heat, floor, ratios)
    assert metered[[0, 100, 200, 300, 400, 500]] == pytest.approx([0, 9500, 15900, 19500, 22000, 23750])
    assert metered[550] == pytest.approx(55_000 * 0.475)
    assert (np.diff(metered) > 0).all()
    assert expected_heat_kwh(np.zeros(1), np.zeros(1), ratios)[0] == 0


def test_what_is_added_keeps_its_contract_and_the_inputs():
    buildings = city(box(0, 0, 10, 8), box(20, 0, 30, 8))
    before = buildings.copy()
    result = simulated(buildings, OLD, NEW).buildings
    assert find_problems(result, ADDS, name="buildings") == []
    assert set(result.columns) - set(before.columns) == {column.name for column in ADDS}
    pd.testing.assert_frame_equal(pd.DataFrame(buildings), pd.DataFrame(before))
    assert result.index.equals(before.index)


def test_unheated_buildings_need_nothing_whatever_their_archetype():
    buildings = city(
        box(0, 0, 10, 8), box(20, 0, 30, 8), heated=[True, False], archetype_id=["DE.SFH.old", "unheated"]
    )
    result = simulated(buildings, OLD)
    assert (result.buildings[[column.name for column in ADDS]].iloc[1] == 0).all()
    assert result.city_draws == pytest.approx(result.district_draws.loc["d01"].to_numpy())


def test_an_unknown_archetype_is_named():
    with pytest.raises(ContractProblem, match=r"1 heated buildings is not in the archetype table: XX"):
        simulated(city(box(0, 0, 10, 8), archetype_id="XX"), OLD)


def test_a_missing_archetype_climate_or_area_names_the_building_and_the_cure():
    houses = city(box(0, 0, 10, 8), box(20, 0, 30, 8))
    with pytest.raises(ContractProblem, match=r"for example that of way/1; assign archetypes"):
        simulated(houses.assign(archetype_id=["DE.SFH.old", "XX"]), OLD)
    gap = houses.assign(roof_area_m2=[100.0, np.nan])
    with pytest.raises(ContractProblem, match=r"roof_area_m2 has no value in 1 of 2 rows: way/1; give these"):
        simulated(gap, OLD)
    with pytest.raises(
        ContractProblem, match=r"u_wall_w_per_m2_k is above 10 .*DE\.SFH\.old; give these archetypes"
    ):
        simulated(houses, OLD | {"u_wall_w_per_m2_k": 50.0})
    for month, wrong in ((3, np.nan), (7, 400.0)):
        months = np.array(OUTDOOR_C)
        months[month - 1] = wrong
        with pytest.raises(ContractProblem, match=rf"in month {month}; .*--climate"):
            simulate_heat(
                houses, table_of(OLD), climate(temperature_c=months), sun_on_surfaces(), Draws(count=20)
            )


def test_missing_columns_a_wrong_sun_and_no_draws_are_refused():
    buildings = city(box(0, 0, 10, 8))
    with pytest.raises(ContractProblem, match="wall_area_north_m2 is missing"):
        simulated(buildings.drop(columns="wall_area_north_m2"), OLD)
    with pytest.raises(ContractProblem, match="u_wall_w_per_m2_k is missing"):
        simulated(buildings, {k: v for k, v in OLD.items() if k != "u_wall_w_per_m2_k"})
    with pytest.raises(ContractProblem, match="9 surfaces"):
        simulate_heat(buildings, table_of(OLD), climate(), np.ones((12, 9)), Draws())
    with pytest.raises(UsageProblem, match="draws is 0"):
        simulated(buildings, OLD, count=0)
    with pytest.raises(UsageProblem, match="shading_ratio"):
        HeatParams(shading_ratio=2.0)


def test_columns_that_an_archetype_may_leave_out_take_the_published_defaults():
    bare = {
        k: v for k, v in OLD.items()
        if k not in ("b_floor_ratio", "b_roof_ratio", "thermal_bridge_w_per_m2_k", "heat_recovery_share",
                     "heat_capacity_wh_per_m2_k", "utilisation_a0_ratio", "utilisation_tau0_h")
    }  # fmt: skip
    full = OLD | {"b_floor_ratio": 1.0, "thermal_bridge_w_per_m2_k": 0.0}
    buildings = city(box(0, 0, 10, 8))
    assert simulated(buildings, bare).buildings["space_heat_kwh"].iloc[0] == pytest.approx(
        simulated(buildings, full).buildings["space_heat_kwh"].iloc[0]
    )


def test_the_design_temperature_is_the_given_one_or_comes_from_the_coldest_month():
    params = HeatParams()
    assert design_temperature_c(climate(), params) == -12.0
    cold = climate(design_temperature_c=None, temperature_c=np.array([-5.0] + [10.0] * 11))
    assert design_temperature_c(cold, params) == pytest.approx(1.9 * -5 - 15)


def many(count, **columns):
    outlines = [box(20 * i, 0, 20 * i + 10, 8) for i in range(count)]
    defaults = {"district_id": [f"d{i % 3 + 1:02d}" for i in range(count)]}
    return city(*outlines, **(defaults | columns))


@pytest.fixture(scope="module")
def drawn():
    return simulated(many(300), OLD, NEW, count=200)


def test_the_range_of_a_building_surrounds_its_base_case(drawn):
    table = drawn.buildings
    assert (table["heat_demand_p10_kwh"] < table["heat_demand_kwh"]).all()
    assert (table["heat_demand_kwh"] < table["heat_demand_p90_kwh"]).all()


def test_the_base_case_is_what_the_draws_give_on_average(drawn):
    assert drawn.city_draws.mean() == pytest.approx(drawn.buildings["heat_demand_kwh"].sum(), rel=0.02)


def lopsided_city(count=300):
    """Houses that may have a second storey, and of which nobody knows the year."""
    old = np.arange(count) % 4 < 3
    return many(
        count, storey_count=1.0, height_m=3.1, storey_count_origin="default", storey_p10_count=1.0,
        storey_p90_count=2.0, height_origin="default", height_p10_m=2.9, height_p90_m=6.0,
        construction_year=np.where(old, 1950.0, 2000.0), construction_year_origin="default",
        archetype_id=np.where(old, "DE.SFH.old", "DE.SFH.new"),
        construction_p10_year=1930.0, construction_p50_year=1965.0, construction_p90_year=2000.0,
    )  # fmt: skip


def test_the_base_case_stays_the_expected_one_when_storeys_and_years_are_lopsided():
    result = simulated(lopsided_city(), OLD, NEW, count=200)
    table = result.buildings
    # without storeys and years in doubt the mean is 2 % above: a month never needs less than no heat
    base = table["heat_demand_kwh"].sum()
    origins = ("storey_count_origin", "height_origin", "construction_year_origin")
    known = lopsided_city().assign(**dict.fromkeys(origins, "user"))
    certain = simulated(known, OLD, NEW, count=200)
    assert certain.years_mean_ratio == 1.0
    assert certain.city_draws.mean() == pytest.approx(base, rel=0.025)
    assert result.city_draws.mean() == pytest.approx(certain.city_draws.mean(), rel=0.01)
    assert (table["heat_demand_p10_kwh"] <= table["heat_demand_kwh"]).all()
    assert (table["heat_demand_kwh"] <= table["heat_demand_p90_kwh"]).all()


def test_a_part_of_the_city_takes_the_mean_over_the_years_from_the_whole():
    columns = [column.name for column in ADDS]
    whole = simulated(lopsided_city(), OLD, NEW, count=30)
    part = simulated(lopsided_city().iloc[5:9], OLD, NEW, count=30, years_mean_ratio=whole.years_mean_ratio)
    pd.testing.assert_frame_equal(
        pd.DataFrame(part.buildings[columns]), pd.DataFrame(whole.buildings[columns].iloc[5:9]), rtol=1e-12
    )


def test_the_range_of_a_building_does_not_depend_on_the_year_that_it_happened_to_get():
    # two like houses of unknown year, one of which got 1950 and the other 2000
    table = simulated(lopsided_city(), OLD, NEW, count=200).buildings.iloc[[2, 3]]
    old, new = table["heat_demand_kwh"]
    assert old > 1.3 * new
    low, high = table["heat_demand_p10_kwh"], table["heat_demand_p90_kwh"]
    assert low.iloc[1] == pytest.approx(low.iloc[0], rel=0.2)
    assert high.iloc[1] == pytest.approx(high.iloc[0], rel=0.2)
    assert (low < new).all() and (high > old).all()


def test_a_district_is_more_certain_than_a_house_but_not_certain(drawn):
    house = drawn.buildings["heat_demand_p90_kwh"] - drawn.buildings["heat_demand_p10_kwh"]
    house = (house / drawn.buildings["heat_demand_kwh"]).mean()
    low, high = drawn.district_draws.quantile([0.1, 0.9], axis=1).to_numpy()
    base = drawn.buildings.groupby("district_id")["heat_demand_kwh"].sum().to_numpy()
    district = ((high - low) / base).mean()
    assert 0.4 < house < 1.5
    assert 0.2 < district < 0.85 * house


def test_districts_add_up_to_the_city_in_every_draw(drawn):
    np.testing.assert_allclose(drawn.district_draws.sum(axis=0), drawn.city_draws, rtol=1e-12)
    assert drawn.district_draws.index.tolist() == ["d01", "d02", "d03"]


def test_with_nothing_in_common_a_city_would_look_certain():
    alone = simulated(
        many(300), OLD, count=100, params=HeatParams(shared_variance_share=0.0, type_variance_share=0.0)
    )
    together = simulated(many(300), OLD, count=100)
    assert alone.city_draws.std() < 0.5 * together.city_draws.std()


def test_order_subsets_and_tiles_change_no_building(drawn):
    columns = [column.name for column in ADDS]
    shuffled = many(300).sample(frac=1, random_state=3)
    again = simulated(shuffled, OLD, NEW, count=200, params=HeatParams(tile_count=77))
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.buildings[columns].sort_index()),
        pd.DataFrame(drawn.buildings[columns].sort_index()),
        rtol=1e-12,
    )
    np.testing.assert_allclose(again.district_draws, drawn.district_draws, rtol=1e-12)
    few = simulated(many(300).iloc[40:50], OLD, NEW, count=200).buildings
    pd.testing.assert_frame_equal(
        pd.DataFrame(few[columns]), pd.DataFrame(drawn.buildings[columns].iloc[40:50]), rtol=1e-12
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(drawn):
    assert np.array_equal(simulated(many(300), OLD, NEW, count=200).city_draws, drawn.city_draws)
    other = simulate_heat(
        many(300), table_of(OLD, NEW), climate(), sun_on_surfaces(), Draws(seed=2, count=200)
    )
    assert not np.array_equal(other.city_draws, drawn.city_draws)


def relative_width(result):
    table = result.buildings
    return ((table["heat_demand_p90_kwh"] - table["heat_demand_p10_kwh"]) / table["heat_demand_kwh"]).mean()


def test_a_guessed_year_or_height_widens_the_range(drawn):
    known = relative_width(drawn)
    year = many(
        300, construction_year_origin="imputed", construction_p10_year=1950.0, construction_p90_year=1995.0
    )
    size = many(
        300, storey_count_origin="imputed", storey_p10_count=1.0, storey_p90_count=4.0,
        height_origin="imputed", height_p10_m=3.0, height_p90_m=12.0,
    )  # fmt: skip
    assert relative_width(simulated(year, OLD, NEW, count=200)) > known + 0.05
    assert relative_width(simulated(size, OLD, NEW, count=200)) > known + 0.1


def test_a_year_that_a_planner_gave_is_not_doubted(drawn):
    given = many(
        300, construction_year_origin="user", construction_p10_year=1950.0, construction_p90_year=1995.0
    )
    assert simulated(given, OLD, NEW, count=200).city_draws == pytest.approx(drawn.city_draws)


def test_without_a_year_the_archetype_stays_and_the_u_values_are_least_certain():
    unknown = simulated(many(300, construction_year=np.nan), OLD, NEW, count=100)
    known = simulated(many(300), OLD, NEW, count=100)
    assert relative_width(unknown) > relative_width(known)
    np.testing.assert_allclose(unknown.buildings["heat_demand_kwh"], known.buildings["heat_demand_kwh"])


def test_buildings_without_a_district_count_for_the_city_only():
    result = simulated(many(4, district_id=["d02", None, "d02", pd.NA]), OLD)
    assert result.district_draws.index.tolist() == ["d02"]
    assert (result.city_draws > result.district_draws.loc["d02"]).all()


def test_a_city_without_heated_buildings_needs_nothing():
    result = simulated(many(3, heated=False), OLD)
    assert (result.city_draws == 0).all()
    assert (result.buildings["heat_demand_kwh"] == 0).all()


def test_the_published_utilisation_constants_are_the_defaults():
    assert value("heat", "monthly_utilisation_a0") == 1.0
    assert value("heat", "monthly_utilisation_tau0") == 15.0
    assert math.isclose(HeatParams().frame_share, 0.3)
