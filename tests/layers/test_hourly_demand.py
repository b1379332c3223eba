"""Hourly profiles of a small town: sums, peaks, order, districts, single buildings."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from layers.core.contracts import find_problems
from layers.core.draws import Draws
from layers.core.errors import ContractProblem
from layers.core.uses import USES
from layers.core.weather import FACADE_NAMES, MonthlyClimate
from layers.heat_demand import simulate_heat
from layers.hourly_demand import (
    AS_USED,
    CHECK_COLUMNS,
    CURVE_COLUMNS,
    DISTRICT_COLUMNS,
    EQUAL,
    PEAK_COLUMNS,
    HourlyParams,
    add_largest_hours,
    method_difference_share,
    simulate_hourly,
)
from layers.physics.irradiance import facade_irradiation, plane_tables
from layers.physics.weather import make_hourly

USES_HERE = ("residential_single", "residential_multi", "office", "education", "hospital", "unknown")
COOLING_C = dict.fromkeys(USES, 26.0)


@cache
def place():
    temperature = [0.0, 1, 5, 10, 14, 17, 19, 19, 15, 10, 5, 1]
    sun = [22.0, 40, 80, 120, 155, 160, 160, 138, 92, 54, 25, 17]
    climate = MonthlyClimate(
        "Test",
        "DE",
        51.0,
        10.0,
        np.array(temperature),
        np.array(sun),
        "rounded",
        (),
        design_temperature_c=-12.0,
    )
    weather = make_hourly(climate, 1)
    return climate, weather, facade_irradiation(plane_tables(weather))


def archetypes():
    row = {
        "first_year": 1950, "last_year": 2030, "u_wall_w_per_m2_k": 1.0, "u_roof_w_per_m2_k": 0.6,
        "u_floor_w_per_m2_k": 0.8, "u_window_w_per_m2_k": 2.5, "b_floor_ratio": 0.5, "window_g_ratio": 0.65,
        "air_use_per_h": 0.4, "air_infiltration_per_h": 0.2, "room_height_m": 2.6, "set_point_c": 20.0,
        "night_factor_low_ratio": 0.9, "night_factor_high_ratio": 0.8, "internal_gain_w_per_m2": 3.5,
        "hot_water_kwh_per_m2": 12.0, "heat_capacity_wh_per_m2_k": 45.0,
    }  # fmt: skip
    rows = [row | {"archetype_id": use, "use": use} for use in USES_HERE]
    for each in rows:
        if each["use"] == "hospital":
            each |= {"set_point_c": 22.0, "night_factor_low_ratio": 1.0, "night_factor_high_ratio": 1.0}
    return pd.DataFrame(rows).set_index("archetype_id")


@cache
def town(count=60):
    rng = np.random.default_rng(7)
    use = np.array(USES_HERE)[np.arange(count) % len(USES_HERE)]
    floor = rng.uniform(100, 3000, count)
    floor[3] = 0.0  # a ruin
    wall = 0.9 * floor
    table = {
        "use": use, "archetype_id": use, "storey_count": 3.0, "heated_floor_area_m2": floor,
        "wall_area_m2": wall, "window_area_m2": 0.2 * floor, "roof_area_m2": floor / 3,
        "ground_area_m2": floor / 3, "construction_year": 1970.0,
        "district_id": np.array([None, "d02", "d01", "d02", "d01"] * count, dtype=object)[:count],
    } | {f"wall_area_{name}_m2": wall / 8 for name in FACADE_NAMES}  # fmt: skip
    index = pd.Index([f"way/{i}" for i in range(count)], name="building_id")
    boxes = [box(20 * i, 0, 20 * i + 10, 10) for i in range(count)]
    whole = gpd.GeoDataFrame(table, geometry=boxes, index=index, crs="EPSG:25832")
    climate, _, sun = place()
    heat = simulate_heat(whole, archetypes(), climate, sun, Draws(seed=1, count=40))
    cold = np.where(floor > 0, 8.0 * floor, 0.0)
    known = heat.buildings.assign(
        cooling_demand_kwh=cold, cooling_electricity_kwh=cold * 0.1, appliance_electricity_kwh=20.0 * floor,
        peak_cooling_kw=0.03 * floor,
    )  # fmt: skip
    return known, heat.district_draws, heat.city_draws


def simulated(buildings=None, **params):
    known, draws, city = town()
    _, weather, sun = place()
    chosen = known if buildings is None else buildings
    return simulate_hourly(
        chosen, archetypes(), weather, sun, "DE", draws, city, COOLING_C, params=HourlyParams(**params)
    )


@cache
def result():
    return simulated()


def sums(column):
    return town()[0].groupby("district_id")[column].sum()


def test_the_hours_of_a_district_add_up_to_its_yearly_demands():
    hourly = result().hourly
    assert list(hourly) == ["space_heat_kw", "hot_water_kw", "cooling_kw", "electricity_kw"]
    for name, table in hourly.items():
        assert table.shape == (8760, 2) and list(table.columns) == ["d01", "d02"], name
        assert (table >= 0).all().all(), name
    np.testing.assert_allclose(hourly["space_heat_kw"].sum(), sums("space_heat_kwh"), rtol=1e-11)
    np.testing.assert_allclose(hourly["hot_water_kw"].sum(), sums("hot_water_kwh"), rtol=1e-11)
    np.testing.assert_allclose(hourly["cooling_kw"].sum(), sums("cooling_demand_kwh"), rtol=1e-11)
    used = sums("appliance_electricity_kwh") + sums("cooling_electricity_kwh")
    np.testing.assert_allclose(hourly["electricity_kw"].sum(), used, rtol=1e-11)


def test_the_city_counts_buildings_outside_every_district():
    peaks = result().tables["hourly_peaks"].set_index(["district_id", "quantity"])
    city = peaks.loc[("city", "heat")]
    together = result().hourly["space_heat_kw"].sum(axis=1) + result().hourly["hot_water_kw"].sum(axis=1)
    assert city["largest_kw"] > together.max()
    whole = town()[0]["heat_demand_kwh"].sum()
    assert city["full_load_h"] * city["largest_kw"] == pytest.approx(whole, rel=1e-11)


def test_the_largest_hour_is_in_winter_and_below_what_plants_are_sized_for():
    peaks = result().tables["hourly_peaks"].set_index(["district_id", "quantity"])
    rooms = peaks.loc[("d01", "space_heat")]
    hour = rooms["largest_hour_count"]
    assert hour < 90 * 24 or hour > 304 * 24
    assert 0.4 * rooms["design_kw"] < rooms["largest_kw"] <= 1.2 * rooms["design_kw"]
    assert rooms["largest_p10_kw"] <= rooms["largest_kw"] <= rooms["largest_p90_kw"]
    cold = peaks.loc[("d01", "cooling")]
    assert 3000 < cold["largest_hour_count"] < 6500 and np.isnan(cold["largest_p10_kw"])


def test_load_duration_curves_fall_and_begin_with_the_largest_hour():
    curves = result().tables["load_duration"].set_index(["district_id", "quantity"])
    for name in ("heat", "cooling", "electricity"):
        curve = curves.loc[("city", name)]
        assert (np.diff(curve["load_kw"]) <= 0).all() and (np.diff(curve["exceeded_h"]) > 0).all()
    peaks = result().tables["hourly_peaks"].set_index(["district_id", "quantity"])
    assert curves.loc[("d02", "heat")]["load_kw"].iloc[0] == peaks.loc[("d02", "heat"), "largest_kw"]


def test_the_table_of_the_check_has_both_assumptions_for_every_use():
    check = result().tables["hourly_check"]
    for assumptions in (EQUAL, AS_USED):
        rows = check[check["assumptions"] == assumptions].set_index("use")
        assert set(rows.index) == {*USES_HERE, "all"}
        assert rows["building_count"]["all"] == 59
    equal = check[check["assumptions"] == EQUAL].set_index("use")["hourly_over_monthly_ratio"]
    assert 0.97 < equal["all"] < 1.03
    assert method_difference_share(check) == pytest.approx(equal["all"] - 1)
    used = check[check["assumptions"] == AS_USED].set_index("use")["hourly_over_monthly_ratio"]
    # lowered nights and air that runs by day only need other heat than the months say
    assert used["hospital"] == pytest.approx(equal["hospital"], rel=0.03)
    assert 0.75 < used["office"] < 1.25


def test_tables_keep_their_contracts():
    tables = result().tables
    for name, columns in (
        ("hourly_peaks", PEAK_COLUMNS), ("load_duration", CURVE_COLUMNS), ("hourly_check", CHECK_COLUMNS)
    ):  # fmt: skip
        assert not find_problems(tables[name], columns, name=name)


def test_schools_want_warm_rooms_in_the_morning_and_flats_in_the_evening_too():
    known = town()[0]
    by_use = {}
    for use in ("education", "residential_multi"):
        part = known.assign(district_id=np.where(known["use"] == use, "d01", None))
        winter = simulated(part).hourly["space_heat_kw"]["d01"].to_numpy()[: 59 * 24]
        by_use[use] = winter.reshape(-1, 24).mean(axis=0)
    school, flat = by_use["education"], by_use["residential_multi"]
    assert school[5:8].max() / school[20:23].max() > flat[5:8].max() / flat[20:23].max()


def test_the_order_of_rows_and_the_size_of_batches_change_nothing():
    known = town()[0]
    turned = simulated(known.iloc[::-1], batch_count=64)
    for name, table in result().hourly.items():
        np.testing.assert_allclose(turned.hourly[name], table, rtol=1e-9, atol=1e-9)


def test_equal_inputs_give_equal_bits():
    again = simulated()
    for name, table in result().hourly.items():
        np.testing.assert_array_equal(again.hourly[name], table)
    for name, table in result().tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_hours_of_single_buildings_add_up_to_them_and_to_their_district():
    known = town()[0]
    parts = list(result().building_hours())
    assert max(len(part) for part in parts) <= 64 * 8760
    whole = pd.concat(parts)
    assert list(whole.columns) == ["building_id", "hour_count", "space_heat_kw", "hot_water_kw", "cooling_kw"]
    years = whole.groupby("building_id")[["space_heat_kw", "hot_water_kw", "cooling_kw"]].sum()
    heated = known[known["heated_floor_area_m2"] > 0]
    wanted = heated[["space_heat_kwh", "hot_water_kwh", "cooling_demand_kwh"]].reindex(years.index)
    np.testing.assert_allclose(years, wanted, rtol=1e-9)
    named = whole["building_id"].map(known["district_id"])
    district = whole[named == "d01"].groupby("hour_count")["space_heat_kw"].sum()
    np.testing.assert_allclose(district, result().hourly["space_heat_kw"]["d01"], rtol=1e-6, atol=1e-6)


def test_without_cooling_and_electricity_the_rest_is_still_there():
    known = town()[0].drop(columns=["cooling_demand_kwh", "appliance_electricity_kwh", "peak_cooling_kw"])
    found = simulated(known)
    assert "electricity_kw" not in found.hourly
    assert found.hourly["cooling_kw"].to_numpy().sum() > 0


def test_largest_hours_stand_beside_districts():
    districts = gpd.GeoDataFrame(
        {"area_ha": [1.0, 2.0, 3.0]}, index=pd.Index(["d01", "d02", "d03"], name="district_id"),
        geometry=[box(0, 0, 1, 1)] * 3,
    )  # fmt: skip
    found = add_largest_hours(districts, result().tables["hourly_peaks"])
    assert not find_problems(found, DISTRICT_COLUMNS, name="districts")
    assert found.loc["d01", "largest_heat_kw"] > 0 and found.loc["d03", "largest_heat_kw"] == 0
    assert 1500 < found.loc["d01", "heat_full_load_h"] < 4500


def test_a_town_without_heat_has_hours_of_nothing():
    known = town()[0].iloc[[3]]
    found = simulated(known)
    assert all((table == 0).all().all() for table in found.hourly.values())
    assert method_difference_share(found.tables["hourly_check"]) == 0.0


def test_an_unknown_archetype_is_refused():
    known = town()[0]
    with pytest.raises(ContractProblem, match="archetype"):
        simulated(known.assign(archetype_id="castle"))


def test_absurd_settings_are_refused_with_their_range():
    with pytest.raises(Exception, match="set_back_dwelling_k"):
        HourlyParams(set_back_dwelling_k=40.0)
