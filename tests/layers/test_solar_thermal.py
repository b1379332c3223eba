"""Solar heat on roofs and fields."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.draws import Draws
from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.weather import DAYS_IN_MONTH
from layers.physics.weather import make_hourly
from layers.roof_solar import simulate_solar
from layers.solar_thermal import (
    SolarThermalParams,
    field_heat_kwh_per_m2,
    land_in_reach_ha,
    make_solar_thermal,
)
from tests.solar_cases import climate, northern_tables, northern_weather, town


def districts(*boxes):
    names = [f"d{number:02d}" for number in range(1, len(boxes) + 1)]
    index = pd.Index(names, name="district_id")
    return gpd.GeoDataFrame(geometry=[shapely.box(*box) for box in boxes], index=index, crs="EPSG:32635")


def land(*pieces):
    kinds, boxes = zip(*pieces, strict=True) if pieces else ((), ())
    return gpd.GeoDataFrame(
        {"kind": list(kinds)}, geometry=[shapely.box(*box) for box in boxes], crs="EPSG:32635"
    )


@pytest.fixture(scope="module")
def solved():
    houses = town([shapely.box(30 * i, 0, 30 * i + 12, 10) for i in range(6)], 6.0)
    result = simulate_solar(houses, northern_tables(), Draws(1, 40))
    water = np.array([4000.0, 4000.0, 0.0, 900_000.0, 4000.0, 4000.0])
    return result.buildings.assign(hot_water_kwh=water, heat_demand_kwh=20_000.0), result.panels


def table(solved, landuse=None, params=None):
    buildings, panels = solved
    return make_solar_thermal(
        buildings, districts((0, 0, 200, 50)), land() if landuse is None else landuse, panels,
        northern_weather(), 0.217, params,
    ).set_index("district_id")  # fmt: skip


def test_collectors_are_laid_out_for_hot_water_and_never_exceed_the_roof(solved):
    row = table(solved).loc["d01"]
    buildings, _ = solved
    assert row["roof_collector_m2"] <= row["roof_module_m2"]
    # four houses get 55 % of 4 MWh; the one with more hot water than roof gives what its roof can
    one_roof = row["all_roofs_heat_mwh"] / 6
    assert row["roof_heat_mwh"] == pytest.approx(4 * 0.55 * 4.0 + one_roof, rel=1e-6)
    water_mwh = buildings["hot_water_kwh"].sum() / 1e3
    assert row["hot_water_share"] == pytest.approx(row["roof_heat_mwh"] / water_mwh)


def test_a_square_metre_carries_modules_or_collectors(solved):
    row = table(solved).loc["d01"]
    buildings, _ = solved
    share = row["roof_collector_m2"] / row["roof_module_m2"]
    # equal roofs: the lost electricity is the collectors' share of the area
    electricity_mwh = buildings["pv_calibrated_kwh"].sum() / 1e3
    assert row["roof_electricity_lost_mwh"] == pytest.approx(share * electricity_mwh)
    # heat is about two to four times the electricity of the same area
    assert 1.5 < row["roof_heat_mwh"] / row["roof_electricity_lost_mwh"] < 5.0


def test_open_land_near_a_district_is_counted_once_and_other_land_is_not():
    two = districts((0, 0, 200, 200), (5000, 0, 5200, 200))
    pieces = land(
        ("meadow", (300, 0, 500, 200)), ("farmland", (400, 0, 600, 200)), ("forest", (0, 300, 500, 500)),
        ("meadow", (5300, 0, 5350, 50)), ("meadow", (20_000, 0, 21_000, 1000)),
    )  # fmt: skip
    # 300 to 600 m by 200 m is 6 ha, the overlap counted once; 50 by 50 m is too small for a field
    assert land_in_reach_ha(two, pieces, SolarThermalParams()) == pytest.approx([6.0, 0.0])


def test_a_field_reaches_only_as_far_as_it_may():
    one = districts((0, 0, 200, 200))
    strip = land(("farmland", (200, 0, 3200, 100)))
    near = land_in_reach_ha(one, strip, SolarThermalParams(land_reach_m=500.0))
    far = land_in_reach_ha(one, strip, SolarThermalParams(land_reach_m=1500.0))
    assert near == pytest.approx([5.0], rel=0.01)
    assert far == pytest.approx([15.0], rel=0.01)


def test_a_field_covers_no_more_than_a_network_can_take(solved):
    wide = land(("meadow", (0, 100, 2000, 1000)))
    rows = table(solved, wide)
    assert rows.loc["d01", "field_used_mwh"] == pytest.approx(0.15 * 120.0)
    assert rows.loc["d01", "field_heat_share"] == pytest.approx(0.15)
    assert rows.loc["d01", "field_heat_mwh"] > rows.loc["d01", "field_used_mwh"]
    assert rows.loc["city", "field_used_mwh"] == rows.loc["d01", "field_used_mwh"]


def test_fields_yield_what_was_measured_in_denmark():
    days = DAYS_IN_MONTH
    # monthly means of Denmark: 0.5 to 5.6 kWh/(m² day), 1 to 17 °C
    light = np.array([0.5, 1.1, 2.3, 4.0, 5.2, 5.6, 5.3, 4.4, 3.0, 1.6, 0.7, 0.4]) * days
    air = np.array([1.0, 1.0, 3.0, 7.0, 12.0, 15.0, 17.0, 17.0, 13.5, 9.5, 5.5, 2.5])
    weather = make_hourly(climate(55.7, 12.0, light, air), 1)
    found = field_heat_kwh_per_m2(weather, SolarThermalParams())
    low, high = (value("solar_thermal", f"measured_field_{end}") for end in ("low", "high"))
    assert low < found < high


def test_the_city_is_the_sum_of_its_districts_and_what_lies_outside(solved):
    rows = table(solved)
    assert rows.loc["city", "roof_heat_mwh"] == pytest.approx(rows.loc["d01", "roof_heat_mwh"])


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="flat or tube"):
        SolarThermalParams(roof_kind="pool")
    with pytest.raises(UsageProblem, match="land_ratio"):
        SolarThermalParams(land_ratio=0.5)
