"""Cooling and electricity of buildings: hand calculation, monotony, places, ranges."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from layers.archetypes import add_archetypes, read_archetypes
from layers.cooling import ADDS, CoolingParams, add_cooling, cooled_shares, cooling_demands
from layers.core.contracts import find_problems
from layers.core.countries import known_countries
from layers.core.draws import Draws
from layers.core.errors import UsageProblem
from layers.core.weather import HOURS_IN_MONTH
from layers.electricity import ADDS as ELECTRICITY_ADDS
from layers.electricity import (
    ElectricityParams,
    add_electricity,
    appliances,
    dwelling_electricity_kwh,
    electricity_demands,
)
from layers.envelope import add_envelope
from layers.heat_demand import simulate_heat
from layers.physics.monthly_cooling import CoolingModel, monthly_cooling_kwh_plain
from layers.sources.climate import read_monthly_climate

NO_PAIRS = pd.DataFrame({"left": [], "right": [], "length_m": []})
# what a façade sees of the sun through the year, a third of it in the north
SUN = np.array([30, 45, 80, 95, 110, 115, 120, 105, 85, 60, 35, 25], dtype=float)
SURFACES = np.stack([SUN * 1.3, *(SUN * share for share in (0.35, 0.5, 0.9, 1.0, 1.0, 1.0, 0.9, 0.5))])
PLACES = {"FI": (24.94, 60.17), "DE": (13.4, 52.5), "MT": (14.51, 35.9)}


def town(country, count=1, archetypes=None, **columns):
    outlines = [box(40 * i, 0, 40 * i + 10, 10) for i in range(count)]
    table = {
        "footprint_area_m2": shapely.area(np.array(outlines)), "box_width_m": 10.0, "height_m": 9.0,
        "storey_count": 3.0, "use": "residential_multi", "heated": True, "construction_year": 1970.0,
        "construction_year_origin": "tagged", "district_id": "d01",
    }  # fmt: skip
    index = pd.Index([f"way/{i}" for i in range(count)], name="building_id")
    houses = gpd.GeoDataFrame(table | columns, geometry=outlines, index=index, crs="EPSG:32633")
    archetypes = read_archetypes(country) if archetypes is None else archetypes
    return add_archetypes(add_envelope(houses, NO_PAIRS), country, archetypes), archetypes


def cooled(country, count=1, draw_count=20, params=None, archetypes=None, sun=SURFACES, **columns):
    """Return buildings with heat, cooling and electricity, and the result of the heat."""
    buildings, kinds = town(country, count, archetypes, **columns)
    climate = read_monthly_climate(None, country, *PLACES[country])
    also = {**cooling_demands(kinds, country, params), **electricity_demands(kinds, country)}
    heat = simulate_heat(buildings, kinds, climate, sun, Draws(seed=1, count=draw_count), also=also)
    done = add_cooling(heat.buildings, kinds, country, heat.case, heat.also["cooling_demand"], params=params)
    done = add_electricity(done, kinds, country, heat.case, heat.also["electricity_demand"])
    return done, heat


def test_the_standard_cold_of_a_block_of_flats_as_on_paper():
    done, heat = cooled("MT")
    one = done.iloc[0]
    kind = read_archetypes("MT").loc[one["archetype_id"]]
    floor, windows, wall = one["heated_floor_area_m2"], one["window_area_m2"], one["wall_area_m2"]
    roof, ground = one["roof_area_m2"], one["ground_area_m2"]
    losses = (
        kind["u_wall_w_per_m2_k"] * (wall - windows) + kind["u_window_w_per_m2_k"] * windows
        + kind["u_roof_w_per_m2_k"] * kind["b_roof_ratio"] * roof
        + kind["u_floor_w_per_m2_k"] * kind["b_floor_ratio"] * ground
        + kind["thermal_bridge_w_per_m2_k"] * (wall + roof + ground)
    )  # fmt: skip
    # heat recovery, if any, is passed by in summer
    air = kind["air_use_per_h"] + kind["air_infiltration_per_h"]
    losses += 0.34 * air * kind["room_height_m"] * floor
    facing = one[[f"window_area_{name}_m2" for name in ("north", "east", "south", "west")]].to_numpy(float)
    sun = (facing[:, None] * SURFACES[[1, 3, 5, 7]]).sum(axis=0)
    # 0.6 shading, 0.7 glass in the frame, 0.9 slanting sun, 0.75 blinds
    sun = sun * 0.6 * 0.7 * 0.9 * 0.75 * kind["window_g_ratio"]
    each = np.array([1.0])
    model = CoolingModel(
        losses * each, 26.0 * each, kind["internal_gain_w_per_m2"] * floor * each,
        kind["heat_capacity_wh_per_m2_k"] * floor * each, each, 15.0 * each,
    )  # fmt: skip
    paper = monthly_cooling_kwh_plain(model, sun[None, :], heat.case.climate.temperature_c).sum()
    assert one["cooling_standard_kwh"] == pytest.approx(paper, rel=1e-9)


def test_what_is_added_keeps_its_contracts():
    done, _ = cooled("DE", 3, heated=[True, False, True])
    assert find_problems(done, (*ADDS, *ELECTRICITY_ADDS), name="buildings") == []
    unheated = done.iloc[1]
    for column in (*ADDS, *ELECTRICITY_ADDS):
        assert unheated[column.name] == 0


def test_malta_needs_much_cold_and_helsinki_hardly_any():
    per_floor = {}
    for country in ("FI", "DE", "MT"):
        done, _ = cooled(country, 20, draw_count=40)
        per_floor[country] = done["cooling_demand_kwh"].sum() / done["heated_floor_area_m2"].sum()
    assert per_floor["FI"] < per_floor["DE"] < per_floor["MT"]
    assert per_floor["FI"] < 8
    assert 20 < per_floor["MT"] < 100


def test_where_every_month_is_cold_nothing_is_cooled():
    done, _ = cooled(
        "FI", sun=SURFACES * 0.0, archetypes=read_archetypes("FI").assign(internal_gain_w_per_m2=0.1)
    )
    assert done["cooling_standard_kwh"].iloc[0] == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(("column", "factor"), [("window_g_ratio", 1.3), ("internal_gain_w_per_m2", 1.5)])
def test_more_sun_and_more_gains_never_need_less_cold(column, factor):
    kinds = read_archetypes("DE")
    less, _ = cooled("DE", 5, archetypes=kinds)
    more, _ = cooled("DE", 5, archetypes=kinds.assign(**{column: kinds[column] * factor}))
    for name in ("cooling_demand_kwh", "cooling_standard_kwh", "cooling_demand_p90_kwh", "peak_cooling_kw"):
        assert (more[name] > less[name]).all()


def test_a_higher_set_point_never_needs_more_cold():
    found = []
    for set_point in (24.0, 26.0, 28.0):
        params = CoolingParams(set_point_c=dict.fromkeys(CoolingParams().set_point_c, set_point))
        found.append(cooled("MT", 3, params=params)[0]["cooling_demand_kwh"].sum())
    assert found[0] > found[1] > found[2] > 0


def test_a_neighbour_opposite_lowers_the_need_for_cold():
    from layers.core.weather import FacadeSun

    kept = np.stack([np.ones((8, 12)), np.full((8, 12), 0.1)], axis=1)
    sun = FacadeSun(SURFACES, np.array([0.0, 90.0]), kept)
    alone, _ = cooled("MT", 2, sun=sun)
    shaded, _ = cooled("MT", 2, sun=sun, height_m=[9.0, 60.0])
    assert shaded["cooling_standard_kwh"].iloc[0] < 0.99 * alone["cooling_standard_kwh"].iloc[0]


def test_the_expected_cold_is_the_mean_of_the_draws_and_districts_add_it_up():
    done, heat = cooled("DE", 30, draw_count=50)
    drawn = heat.also["cooling_demand"]
    assert done["cooling_demand_kwh"].sum() == pytest.approx(drawn.city_draws.mean(), rel=1e-9)
    np.testing.assert_allclose(drawn.district_draws.loc["d01"], drawn.city_draws, rtol=1e-12)
    assert (done["cooling_demand_p10_kwh"] <= done["cooling_demand_kwh"]).all()
    assert (done["cooling_demand_p90_kwh"] >= done["cooling_demand_kwh"]).all()


def test_what_makes_a_winter_mild_makes_a_summer_hot():
    # one draw of temperature, sun and gains moves both: less heat goes with more cold
    _, heat = cooled("DE", 40, draw_count=100)
    together = np.corrcoef(heat.city_draws, heat.also["cooling_demand"].city_draws)[0, 1]
    assert together < -0.2


def test_electricity_for_cooling_is_cold_times_share_over_efficiency():
    done, _ = cooled("MT", 2, use=["residential_multi", "office"])
    assert done["cooled_share"].tolist() == pytest.approx([0.735, 0.717])
    paper = done["cooling_demand_kwh"] * done["cooled_share"] / [2.3, 2.5]
    np.testing.assert_allclose(done["cooling_electricity_kwh"], paper)


def test_every_country_with_archetypes_has_cooled_shares_and_electricity():
    for country in known_countries():
        shares = cooled_shares(
            pd.Series(["residential_single", "office", "unknown"]), country, CoolingParams()
        )
        assert ((shares >= 0) & (shares <= 1)).all()
        assert 1000 < dwelling_electricity_kwh(country) < 6000


def test_a_country_without_cooled_shares_is_refused_with_the_list():
    with pytest.raises(UsageProblem, match="known are AD, AL, AT"):
        cooled_shares(pd.Series(["office"]), "US", CoolingParams())


def test_absurd_settings_are_refused_with_their_range():
    with pytest.raises(UsageProblem, match=r"set_point_c of office is 45.*18 to 35"):
        CoolingParams(set_point_c=CoolingParams().set_point_c | {"office": 45.0})
    with pytest.raises(UsageProblem, match="seer_service_ratio is 0"):
        CoolingParams(seer_service_ratio=0.0)
    with pytest.raises(UsageProblem, match="dwelling_floor_share is 2"):
        ElectricityParams(dwelling_floor_share=2.0)


def test_dwellings_use_so_much_each_and_half_of_it_by_floor():
    kinds = read_archetypes("DE")
    table = appliances(kinds, "DE", ElectricityParams())
    uses = kinds["use"].tolist()
    single, multi = uses.index("residential_single"), uses.index("residential_multi")
    # a house of 180 m², twice the mean dwelling: 2,300 · (0.5 + 0.5 · 2); ten flats of 70 m²
    found = table.kwh(np.array([single, multi]), np.array([180.0, 700.0]))
    flat = 2300 * (0.5 + 0.5 * 70 / 90)
    assert found.tolist() == pytest.approx([3450.0, 10 * flat])


def test_a_building_smaller_than_a_flat_is_one_flat():
    kinds = read_archetypes("DE")
    multi = kinds["use"].tolist().index("residential_multi")
    found = appliances(kinds, "DE", ElectricityParams()).kwh(np.array([multi]), np.array([35.0]))
    assert found[0] == pytest.approx(2300 * 0.5 + 2300 * 0.5 / 90 * 35)


def test_offices_use_standard_electricity_and_fans():
    done, _ = cooled("DE", use="office")
    one = done.iloc[0]
    assert one["appliance_electricity_kwh"] / one["heated_floor_area_m2"] == pytest.approx(22.2 + 4.7)
    parts = one["appliance_electricity_kwh"] + one["cooling_electricity_kwh"]
    assert one["electricity_demand_kwh"] == pytest.approx(parts, rel=1e-12)


def test_the_draws_of_electricity_keep_the_expected_demand():
    done, heat = cooled("DE", 60, draw_count=200)
    drawn = heat.also["electricity_demand"].city_draws
    assert drawn.mean() == pytest.approx(done["electricity_demand_kwh"].sum(), rel=0.05)
    np.testing.assert_allclose(
        drawn,
        heat.also["appliance_electricity"].city_draws + heat.also["cooling_electricity"].city_draws,
        rtol=1e-12,
    )


def test_drawing_more_demands_changes_nothing_of_the_heat():
    buildings, kinds = town("DE", 4)
    climate = read_monthly_climate(None, "DE", *PLACES["DE"])
    alone = simulate_heat(buildings, kinds, climate, SURFACES, Draws(seed=1, count=8))
    also = cooling_demands(kinds, "DE")
    both = simulate_heat(buildings, kinds, climate, SURFACES, Draws(seed=1, count=8), also=also)
    pd.testing.assert_frame_equal(pd.DataFrame(alone.buildings), pd.DataFrame(both.buildings))
    np.testing.assert_array_equal(alone.city_draws, both.city_draws)


def test_rows_in_another_order_and_tiles_change_no_building():
    from layers.core.heat_settings import HeatParams

    buildings, kinds = town("MT", 9)
    climate = read_monthly_climate(None, "MT", *PLACES["MT"])
    results = []
    for table, tile in ((buildings, 9), (buildings.iloc[::-1], 2)):
        heat = simulate_heat(
            table, kinds, climate, SURFACES, Draws(seed=1, count=10), params=HeatParams(tile_count=tile),
            also=cooling_demands(kinds, "MT"),
        )  # fmt: skip
        done = add_cooling(heat.buildings, kinds, "MT", heat.case, heat.also["cooling_demand"])
        results.append(pd.DataFrame(done[[column.name for column in ADDS]]).sort_index())
    pd.testing.assert_frame_equal(*results, check_exact=False, rtol=1e-12)


def test_a_peak_is_at_least_the_mean_load_of_the_hottest_month():
    done, heat = cooled("MT", 2)
    types = heat.case.types.take(heat.case.codes)
    mean_w = (
        types.internal_gain_w_per_m2 * heat.case.bodies.floor_area_m2
        + (heat.case.solar_gain_kwh / HOURS_IN_MONTH).max(axis=1) * 1000 * types.window_g_ratio * 0.75
    )
    assert (done["peak_cooling_kw"] * 1000 > mean_w).all()


def test_hot_places_come_near_to_the_published_cold_of_cooled_dwellings():
    bands = pd.read_csv(Path(__file__).parents[1] / "golden" / "cooling" / "cooling_bands.csv")
    published = bands.set_index(["country", "sector"])["cooling_kwh_per_m2"]
    done, _ = cooled("MT", 12, draw_count=60, construction_year=[1930.0, 1960.0, 1980.0, 2000.0] * 3)
    per_floor = done["cooling_demand_kwh"].sum() / done["heated_floor_area_m2"].sum()
    # the source is an estimate from installed plants: an order of magnitude
    assert per_floor == pytest.approx(published["MT", "residential"], rel=0.5)


def test_cold_places_stay_below_the_published_cold_of_the_few_dwellings_that_are_cooled():
    bands = pd.read_csv(Path(__file__).parents[1] / "golden" / "cooling" / "cooling_bands.csv")
    published = bands.set_index(["country", "sector"])["cooling_kwh_per_m2"]
    done, _ = cooled("FI", 12, draw_count=60, construction_year=[1930.0, 1960.0, 1980.0, 2000.0] * 3)
    per_floor = done["cooling_demand_kwh"].sum() / done["heated_floor_area_m2"].sum()
    assert 0.5 < per_floor < published["FI", "residential"]


def test_a_town_without_heated_buildings_needs_neither_cold_nor_electricity():
    done, heat = cooled("DE", 3, heated=False)
    for column in (*ADDS, *ELECTRICITY_ADDS):
        assert (done[column.name] == 0).all()
    assert (heat.also["electricity_demand"].city_draws == 0).all()
