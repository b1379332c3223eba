"""What the retrofit layer promises: nothing gets worse, sums agree, order does not matter."""

import numpy as np
import pandas as pd
import pytest
from shapely import box

from layers.core.contracts import check_table
from layers.core.cooling_settings import CoolingParams
from layers.core.draws import Draws
from layers.core.heat_settings import HeatParams
from layers.heat_demand import simulate_heat
from layers.physics.retrofit_totals import TABLE_COLUMNS
from layers.retrofit import ADDS, RetrofitParams, add_retrofit, retrofit_columns, summer_of
from tests.layers.test_heat_demand import NEW, OLD, archetype, city, climate, sun_on_surfaces, table_of

DRAWS = Draws(seed=1, count=40)
MIDDLE = archetype(
    "DE.SFH.middle", first_year=1970, last_year=1978, u_wall_w_per_m2_k=0.8, u_window_w_per_m2_k=2.2
)
DONE = archetype(
    "DE.SFH.done", u_wall_w_per_m2_k=0.13, u_roof_w_per_m2_k=0.14, u_floor_w_per_m2_k=0.21,
    u_window_w_per_m2_k=0.8, window_g_ratio=0.5, air_infiltration_per_h=0.1, heat_recovery_share=0.8,
    thermal_bridge_w_per_m2_k=0.05,
)  # fmt: skip


def rows_of_houses(count=12, **columns):
    outlines = [box(20 * i, 0, 20 * i + 8 + i % 3, 9) for i in range(count)]
    names = ["DE.SFH.old", "DE.SFH.middle", "DE.SFH.done"]
    table = {
        "archetype_id": [names[i % 3] for i in range(count)],
        "district_id": [f"d{1 + i // 5:02d}" for i in range(count)],
        "protection": "none",
        "construction_year": 1960.0,
    }
    return city(*outlines, **(table | columns))


def retrofitted(buildings, *, params=None, draws=DRAWS, types=(OLD, MIDDLE, DONE), warm=0.0):
    place = climate(temperature_c=np.array(climate().temperature_c) + warm)
    heat = simulate_heat(buildings, table_of(*types), place, sun_on_surfaces(), draws)
    return add_retrofit(
        heat.buildings, heat.case, heat.shares, draws, mean_ratio=heat.years_mean_ratio, params=params
    )


def of_city(result, package):
    table = result.table
    return table[(table["district_id"] == "city") & (table["package"] == package)].iloc[0]


@pytest.fixture(scope="module")
def houses():
    return retrofitted(rows_of_houses())


def test_the_tables_keep_their_contracts(houses):
    check_table(houses.buildings, ADDS, name="buildings")
    check_table(houses.table, TABLE_COLUMNS, name="retrofit")
    assert houses.columns == ADDS
    # 3 districts and the city, four packages and the best
    assert len(houses.table) == 4 * 5


def test_the_heat_after_a_package_is_the_same_balance_with_better_values():
    # the old house with the values of the light package, by the heat layer itself
    light = archetype(
        "DE.SFH.old", u_wall_w_per_m2_k=1 / (1 / 1.2 + 0.12 / 0.035),
        u_roof_w_per_m2_k=1 / (1 / 0.8 + 0.16 / 0.035), u_floor_w_per_m2_k=1 / (1 / 0.9 + 0.08 / 0.035),
        u_window_w_per_m2_k=1.3, window_g_ratio=0.6,
    )  # fmt: skip
    house = rows_of_houses(1)
    after = retrofitted(house, types=(OLD, MIDDLE, DONE)).buildings["space_heat_after_light_kwh"].iloc[0]
    heat = simulate_heat(house, table_of(light, MIDDLE, DONE), climate(), sun_on_surfaces(), DRAWS)
    assert after == pytest.approx(heat.buildings["space_heat_kwh"].iloc[0], rel=1e-12)


def test_no_package_makes_a_building_worse_and_deep_is_never_above_light(houses):
    table = houses.buildings
    for name in ("light", "deep", "windows", "roof"):
        assert (table[f"space_heat_after_{name}_kwh"] <= table["space_heat_kwh"]).all()
    assert (table["space_heat_after_deep_kwh"] <= table["space_heat_after_light_kwh"]).all()
    assert (table["space_heat_after_light_kwh"] <= table["space_heat_after_windows_kwh"]).all()


def test_every_package_tells_its_saving_and_cost_for_every_building(houses):
    table, totals = houses.buildings, houses.table.set_index(["district_id", "package"])
    for name in ("light", "deep", "windows", "roof"):
        saving, cost = table[f"retrofit_{name}_saving_kwh"], table[f"retrofit_{name}_cost_eur"]
        assert saving.sum() / 1000 == pytest.approx(totals.loc[("city", name), "saving_mwh"], rel=1e-9)
        assert cost.sum() == pytest.approx(totals.loc[("city", name), "investment_eur"], rel=1e-9)
        assert (table[f"retrofit_{name}_cost_eur_per_kwh"].notna() == (saving > 0)).all()
        chosen = table[table["retrofit_package"] == name]
        assert (chosen["retrofit_saving_kwh"] == chosen[f"retrofit_{name}_saving_kwh"]).all()
        assert (chosen["retrofit_cost_eur"] == chosen[f"retrofit_{name}_cost_eur"]).all()


def test_a_refurbished_building_needs_no_package(houses):
    done = houses.buildings[houses.buildings["archetype_id"] == "DE.SFH.done"]
    assert (done["retrofit_status"] == "no_need").all()
    assert (done["retrofit_saving_kwh"] == 0).all() and (done["retrofit_cost_eur"] == 0).all()
    assert done["retrofit_package"].isna().all() and done["retrofit_cost_eur_per_kwh"].isna().all()
    assert (done["space_heat_after_deep_kwh"] == done["space_heat_kwh"]).all()


def test_the_saving_is_what_the_meter_is_likely_to_show(houses):
    # the old house needs 200 to 300 kWh/m² by the standard, of which some .7 are metered; the share that
    # is saved on the meter is therefore smaller
    old = houses.buildings[houses.buildings["archetype_id"] == "DE.SFH.old"].iloc[0]
    chosen = old[f"space_heat_after_{old['retrofit_package']}_kwh"]
    assert 0 < old["retrofit_saving_kwh"] < old["space_heat_kwh"] - chosen
    assert old["retrofit_saving_kwh"] < old["space_heat_expected_kwh"]


def test_districts_add_up_to_the_city_and_buildings_to_districts(houses):
    table, buildings = houses.table, houses.buildings
    for package in ("light", "deep", "windows", "roof", "best"):
        rows = table[table["package"] == package].set_index("district_id")
        for name in (
            "saving_mwh",
            "investment_eur",
            "space_heat_mwh",
            "space_heat_after_mwh",
            "building_count",
        ):
            assert rows[name].drop("city").sum() == pytest.approx(rows.loc["city", name], rel=1e-9)
    best = table[table["package"] == "best"].set_index("district_id")
    summed = buildings.groupby("district_id")["retrofit_saving_kwh"].sum() / 1000
    assert best.loc[summed.index, "saving_mwh"].tolist() == pytest.approx(summed.tolist(), rel=1e-9)
    light = table[table["package"] == "light"].set_index("district_id")
    after = buildings.groupby("district_id")["space_heat_after_light_kwh"].sum() / 1000
    assert light.loc[after.index, "space_heat_after_mwh"].tolist() == pytest.approx(after.tolist(), rel=1e-9)


def test_ranges_hold_the_base_case(houses):
    table = houses.table[houses.table["saving_mwh"] > 0]
    assert (table["saving_p10_mwh"] < table["saving_mwh"]).all()
    assert (table["saving_p90_mwh"] > table["saving_mwh"]).all()
    assert (table["investment_p10_eur"] < table["investment_eur"]).all()
    assert (table["investment_p90_eur"] > table["investment_eur"]).all()
    assert (table["cost_p10_eur_per_kwh"] < table["cost_eur_per_kwh"]).all()
    assert (table["cost_p90_eur_per_kwh"] > table["cost_eur_per_kwh"]).all()


def test_what_buildings_share_stays_in_the_citys_range():
    # a hundred alike: own parts cancel out, the shared ones do not
    few, many = (retrofitted(rows_of_houses(count, archetype_id="DE.SFH.old", district_id="d01"))
                 for count in (1, 100))  # fmt: skip

    def width(result):
        row = of_city(result, "light")
        return (row["saving_p90_mwh"] - row["saving_p10_mwh"]) / row["saving_mwh"]

    assert 0.1 < width(many) < width(few)


def test_walls_of_protected_buildings_are_left_alone_and_the_rest_is_checked_first():
    result = retrofitted(
        rows_of_houses(3, protection=["listed", "likely", "none"], archetype_id="DE.SFH.old")
    )
    listed, likely, free = (result.buildings.iloc[i] for i in range(3))
    for one in (listed, likely):
        assert one["retrofit_status"] == "check_first"
        assert one["retrofit_package"] in ("windows", "roof")
        assert one["space_heat_after_deep_kwh"] == one["space_heat_kwh"]
        assert one["space_heat_after_windows_kwh"] < one["space_heat_kwh"]
    assert free["retrofit_status"] == "possible"
    assert of_city(result, "deep")["building_count"] == 1
    assert of_city(result, "roof")["check_first_count"] == 2


def test_an_unheated_building_has_no_package():
    result = retrofitted(rows_of_houses(3, heated=[True, False, True]))
    shed = result.buildings.iloc[1]
    assert shed["retrofit_status"] == "unheated"
    assert shed["space_heat_after_deep_kwh"] == 0 and pd.isna(shed["retrofit_package"])


def test_cost_follows_the_country_and_the_interest():
    houses = rows_of_houses(3, archetype_id="DE.SFH.old")
    plain = of_city(retrofitted(houses), "deep")
    dear = of_city(retrofitted(houses, params=RetrofitParams(price_level_ratio=2.0)), "deep")
    assert dear["investment_eur"] == pytest.approx(2 * plain["investment_eur"])
    free = of_city(retrofitted(houses, params=RetrofitParams(interest_share=0.0)), "deep")
    assert free["investment_eur"] == plain["investment_eur"]
    assert free["cost_eur_per_kwh"] < plain["cost_eur_per_kwh"]


def test_payback_is_investment_over_the_value_of_a_years_saving():
    houses = rows_of_houses(3, archetype_id="DE.SFH.old")
    row = of_city(retrofitted(houses, params=RetrofitParams(heat_price_eur_per_kwh=0.1)), "light")
    assert row["payback_years"] == pytest.approx(row["investment_eur"] / (row["saving_mwh"] * 100))
    # Germany's gas at .1223 in a boiler of 85 %
    german = of_city(retrofitted(houses), "light")
    assert german["heat_price_eur_per_kwh"] == pytest.approx(0.1223 / 0.85)


def test_the_order_of_rows_changes_nothing():
    houses = rows_of_houses(30)
    turned = houses.iloc[np.random.default_rng(1).permutation(len(houses))]
    params = RetrofitParams(range_sample_count=4)
    one, other = retrofitted(houses, params=params), retrofitted(turned, params=params)
    columns = [column.name for column in ADDS]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.buildings[columns]), pd.DataFrame(other.buildings[columns].loc[houses.index])
    )
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-9)
    pd.testing.assert_frame_equal(one.curve, other.curve, rtol=1e-9)


def test_cost_grows_with_area_and_cost_per_kwh_does_not():
    small = city(box(0, 0, 10, 10), protection="none")
    # four times the floor, walls twice as long and twice as high
    large = city(box(0, 0, 20, 20), protection="none", height_m=12.0)
    one, other = (
        retrofitted(table, params=RetrofitParams(chosen_from=("roof",))).buildings.iloc[0]
        for table in (small, large)
    )
    assert other["retrofit_cost_eur"] == pytest.approx(4 * one["retrofit_cost_eur"])


def test_new_windows_stay_out_where_they_cost_more_sun_than_they_keep_heat():
    # all windows to the south, a mild winter with much sun: glass that lets half as much in does harm
    params = RetrofitParams(packages={
        "windows": {"window_u_w_per_m2_k": 1.0, "window_g_ratio": 0.2, "air_infiltration_per_h": 1.0}
    })  # fmt: skip
    table = rows_of_houses(1, archetype_id="DE.SFH.old")
    mild = archetype("DE.SFH.old", u_window_w_per_m2_k=1.35, window_g_ratio=0.9, internal_gain_w_per_m2=0.0)
    result = retrofitted(table, params=params, types=(mild,), warm=6.0)
    one = result.buildings.iloc[0]
    assert one["space_heat_after_windows_kwh"] == one["space_heat_kwh"]
    assert of_city(result, "windows")["building_count"] == 0


def test_a_package_of_ones_own_stands_in_columns_tables_and_the_choice():
    params = RetrofitParams(
        packages={"cellar": {"floor_insulation_m": 0.1}}, chosen_from=("cellar",), choice_saving_share=0.0
    )
    result = retrofitted(rows_of_houses(), params=params)
    check_table(result.buildings, retrofit_columns(tuple(params.packages)), name="buildings")
    assert set(result.buildings["retrofit_package"].dropna()) == {"cellar"}
    assert of_city(result, "cellar")["saving_mwh"] == of_city(result, "best")["saving_mwh"] > 0


def test_calibrated_heat_keeps_its_share_of_saving():
    table = rows_of_houses()
    heat = simulate_heat(table, table_of(OLD, MIDDLE, DONE), climate(), sun_on_surfaces(), DRAWS)
    names = ["space_heat_kwh", "space_heat_expected_kwh"]
    halved = heat.buildings.assign(**{name: heat.buildings[name] / 2 for name in names})
    one, other = (
        add_retrofit(each, heat.case, heat.shares, DRAWS, heat=HeatParams()).buildings
        for each in (heat.buildings, halved)
    )
    assert (other["retrofit_saving_kwh"] * 2).tolist() == pytest.approx(one["retrofit_saving_kwh"].tolist())
    assert (other["space_heat_after_deep_kwh"] * 2).tolist() == pytest.approx(
        one["space_heat_after_deep_kwh"].tolist()
    )


def test_a_new_house_gains_less_than_an_old_one():
    table = rows_of_houses(2, archetype_id=["DE.SFH.old", "DE.SFH.new"])
    old, new = (retrofitted(table, types=(OLD, NEW)).buildings.iloc[i] for i in range(2))
    assert new["space_heat_kwh"] - new["space_heat_after_light_kwh"] < 0.3 * (
        old["space_heat_kwh"] - old["space_heat_after_light_kwh"]
    )


def test_packages_change_the_cold_as_much_as_the_same_balance_says():
    table = rows_of_houses(6, archetype_id="DE.SFH.old")
    types = table_of(OLD, MIDDLE, DONE)
    heat = simulate_heat(table, types, climate(), sun_on_surfaces(), DRAWS)
    cooled = heat.buildings.assign(cooling_demand_kwh=1000.0)
    summer = summer_of(types, CoolingParams())
    plain = add_retrofit(cooled, heat.case, heat.shares, DRAWS)
    result = add_retrofit(cooled, heat.case, heat.shares, DRAWS, summer=summer)
    row = of_city(result, "windows")
    assert row["cooling_demand_mwh"] == pytest.approx(6.0)
    # glass with less sun, and a little less heat lost at night
    assert 0 < row["cooling_demand_after_mwh"] < 6.0
    # a roof keeps warmth in: more cold is needed; nothing else of the table moves
    assert of_city(result, "roof")["cooling_demand_after_mwh"] > 6.0
    cold = ["cooling_demand_mwh", "cooling_demand_after_mwh"]
    assert plain.table[cold].isna().all(axis=None)
    pd.testing.assert_frame_equal(plain.table.drop(columns=cold), result.table.drop(columns=cold))


def test_a_city_without_heated_buildings_has_tables_of_zeros():
    result = retrofitted(rows_of_houses(2, heated=False))
    assert (result.table["saving_mwh"] == 0).all()
    assert len(result.curve) == 0
