import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.contracts import check_table
from layers.core.draws import Draws
from layers.core.errors import ContractProblem, UsageProblem
from layers.physics.irradiance import look_up
from layers.roof_solar import ADDS, SolarParams, learn_roof_shapes, simulate_solar
from tests.solar_cases import northern_tables, town

DRAWS = Draws(seed=1, count=60)
EASY = SolarParams(
    free_edge_m=0.0, superstructure_ratio=1.0, coverage_share=1.0, row_cover_ratio=1.0, is_laid=False
)


def run(buildings, params=None, **more):
    return simulate_solar(buildings, northern_tables(), DRAWS, params, **more)


def row_of_houses(count=4, **columns):
    outlines = [shapely.box(60 * i, 0, 60 * i + 20, 10) for i in range(count)]
    return town(outlines, np.full(count, 8.0), **columns)


def without_snow(params=EASY):
    return dataclasses.replace(params, snow=dataclasses.replace(params.snow, southern_limit_deg=90.0))


def test_the_contract_is_kept_and_the_input_is_left_alone():
    houses = row_of_houses()
    before = houses.copy()
    result = run(houses)
    check_table(result.buildings, ADDS, name="buildings")
    assert list(houses.columns) == list(before.columns)
    assert result.buildings.index.equals(houses.index)


def test_a_roof_stands_above_the_walls_and_shades_a_flat_neighbour_of_the_same_eaves():
    # 4 m apart, the southern one with a ridge 5 m above its eaves
    outlines = [shapely.box(0, 0, 20, 10), shapely.box(0, -14, 20, -4)]
    both = town(outlines, np.full(2, 8.0), roof_shape=["flat", "gabled"], roof_angle_deg=[np.nan, 45.0])
    shade = run(both).buildings["shade_loss_share"]
    assert shade.iloc[0] > 0.01 and shade.iloc[1] == 0
    assert (run(both.assign(roof_shape="flat")).buildings["shade_loss_share"] == 0).all()


def test_an_open_flat_roof_can_be_computed_by_hand():
    found = run(row_of_houses(roof_shape="flat"), without_snow()).buildings
    # 200 m² at 0.217 kWp/m², rows at 10° that look east and west
    assert found["pv_technical_kwp"].to_numpy() == pytest.approx(np.full(4, 200 * 0.217))
    yearly = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    per_kwp = look_up(yearly, np.array([10.0, 10.0]), np.array([90.0, 270.0])).mean()
    assert found["pv_technical_kwh"].to_numpy() == pytest.approx(np.full(4, 200 * 0.217 * per_kwp), rel=1e-6)
    assert (found["shade_loss_share"] == 0).all()
    assert (found["roof_sloped_area_m2"] == 200).all()


def test_of_a_gabled_roof_only_the_southern_half_is_used():
    found = run(row_of_houses(1, roof_shape="gabled", roof_angle_deg=45.0), without_snow()).buildings
    half = 20 * 5 * np.sqrt(2)
    assert found["roof_sloped_area_m2"].iloc[0] == pytest.approx(2 * half)
    assert found["pv_technical_kwp"].iloc[0] == pytest.approx(half * 0.217)
    yearly = northern_tables().yield_kwh_per_kwp.sum(axis=-1)
    per_kwp = look_up(yearly, np.array([45.0]), np.array([180.0]))[0]
    assert found["pv_technical_kwh"].iloc[0] == pytest.approx(half * 0.217 * per_kwp, rel=1e-6)


def test_module_cover_edges_and_superstructures_reduce_the_area():
    found = run(row_of_houses(1, roof_shape="flat"), SolarParams(is_laid=False)).buildings
    # 19 × 9 m inside the edge, 95 % free, 70 % covered, rows 85 %
    assert found["pv_technical_kwp"].iloc[0] == pytest.approx(171 * 0.95 * 0.70 * 0.85 * 0.217)


def test_whole_modules_are_laid_inside_the_edges():
    found = run(row_of_houses(1, roof_shape="flat"), SolarParams()).buildings
    # on 19 × 9 m seven lying rows of ten, or five upright rows of sixteen: 80 modules of 1.998 m²
    laid = 80 * 1.762 * 1.134 / 171
    expected = 171 * 0.95 * (0.70 * laid / 0.85) * 0.85 * 0.217
    assert found["pv_technical_kwp"].iloc[0] == pytest.approx(expected)


def test_rows_that_look_south_stand_further_apart_and_yield_more_each():
    both = [
        run(row_of_houses(1, roof_shape="flat"), SolarParams(flat_rows=rows)).buildings.iloc[0]
        for rows in ("east-west", "south")
    ]
    assert both[1]["pv_technical_kwp"] < 0.6 * both[0]["pv_technical_kwp"]
    per_kwp = [one["pv_technical_kwh"] / one["pv_technical_kwp"] for one in both]
    assert per_kwp[1] > 1.05 * per_kwp[0]
    with pytest.raises(UsageProblem, match="flat_rows"):
        SolarParams(flat_rows="north")


def test_a_roof_without_a_tag_is_the_mean_of_what_it_may_be():
    shares = learn_roof_shapes(row_of_houses(1))
    plain = run(row_of_houses(1), shapes=shares).buildings.iloc[0]
    group, size = 0, 1  # a house of 200 m²
    expected = sum(
        shares.shares[group, size, number]
        * run(row_of_houses(1, roof_shape=shape), shapes=shares).buildings["pv_technical_kwh"].iloc[0]
        for number, shape in enumerate(("flat", "gabled", "hipped", "skillion", "pyramidal"))
    )
    assert plain["pv_technical_kwh"] == pytest.approx(expected, rel=1e-9)
    assert plain["roof_origin"] == "default" and plain["roof_method"] == "usual"
    assert plain["roof_shape_class"] == "gabled"


def test_small_steep_and_curved_roofs_carry_nothing():
    shed = town([shapely.box(0, 0, 3, 3)], [3.0], roof_shape="flat")
    assert run(shed, EASY).buildings["pv_technical_kwp"].iloc[0] == 0
    spire = row_of_houses(1, roof_shape="pyramidal", roof_angle_deg=70.0)
    assert run(spire).buildings["pv_technical_kwp"].iloc[0] == 0
    dome = run(row_of_houses(1, roof_shape="dome")).buildings.iloc[0]
    assert dome["pv_technical_kwp"] == 0 and dome["roof_sloped_area_m2"] == 200
    assert dome["roof_shape_class"] == "curved"


def test_a_shed_of_twelve_square_metres_is_large_enough():
    shed = town([shapely.box(0, 0, 4, 3)], [3.0], roof_shape="flat", use="outbuilding")
    assert run(shed, EASY).buildings["pv_technical_kwp"].iloc[0] == pytest.approx(12 * 0.217)


def test_a_low_roof_in_a_deep_yard_is_left_out_for_its_shade():
    walls = [
        shapely.box(-30, -20, 30, -16), shapely.box(-30, 26, 30, 30),
        shapely.box(-30, -16, -26, 26), shapely.box(26, -16, 30, 26),
    ]  # fmt: skip
    yard = town([shapely.box(0, 0, 20, 10), *walls], [5.0, 40.0, 40.0, 40.0, 40.0], roof_shape="flat")
    found = run(yard).buildings
    assert found["shade_loss_share"].iloc[0] > 0.3
    assert found["pv_technical_kwp"].iloc[0] == 0
    assert (found["pv_technical_kwp"].iloc[1:] > 0).all()


def test_more_obstacles_never_mean_more_sun():
    alone = run(row_of_houses(1, roof_shape="flat")).buildings.iloc[0]
    tower = town([shapely.box(0, 0, 20, 10), shapely.box(0, -40, 20, -20)], [8.0, 30.0], roof_shape="flat")
    shaded = run(tower).buildings.iloc[0]
    assert shaded["pv_technical_kwh"] < alone["pv_technical_kwh"]
    assert shaded["shade_loss_share"] > alone["shade_loss_share"] == 0


def test_rows_of_equal_houses_do_not_shade_each_other():
    outlines = [shapely.box(0, 14 * i, 20, 14 * i + 10) for i in range(5)]
    found = run(town(outlines, np.full(5, 8.0), roof_shape="gabled")).buildings
    assert (found["shade_loss_share"] == 0).all()


def test_listed_buildings_are_counted_apart():
    houses = row_of_houses(3, protection=np.array(["none", "likely", "listed"], dtype=object))
    found = run(houses).buildings
    assert (found["pv_calibrated_kwh"].iloc[:2] > 0).all()
    assert found["pv_calibrated_kwh"].iloc[2] == found["pv_calibrated_p90_kwh"].iloc[2] == 0
    assert found["pv_check_first_kwh"].tolist()[:2] == [0, 0]
    assert found["pv_check_first_kwh"].iloc[2] == pytest.approx(found["pv_calibrated_kwh"].iloc[0])
    assert found["pv_technical_kwh"].iloc[2] > 0


def test_the_calibrated_potential_lies_below_the_technical_one_by_a_common_factor():
    result = run(row_of_houses(4, roof_shape="flat"))
    ratio = result.buildings["pv_calibrated_kwh"] / result.buildings["pv_technical_kwh"]
    assert ratio.to_numpy() == pytest.approx(np.full(4, result.calibration.factor_ratio))
    # all that is left of 200 m² is 171 · 0.95 m²; half way to 35 %
    geometric = 171 * 0.95 / 200
    assert result.calibration.geometric_share == pytest.approx(geometric)
    assert result.calibration.factor_ratio == pytest.approx((0.35 + geometric) / 2 / geometric)


def test_likely_values_lie_between_p10_and_p90_on_every_level():
    district = np.array(["d02", "d01", "d01", None], dtype=object)
    result = run(row_of_houses(4, district_id=district))
    found = result.buildings
    assert (found["pv_calibrated_p10_kwh"] < found["pv_calibrated_kwh"]).all()
    assert (found["pv_calibrated_kwh"] < found["pv_calibrated_p90_kwh"]).all()
    assert result.district_draws.index.tolist() == ["d01", "d02"]
    assert result.district_draws.shape == (2, 60) and result.city_draws.shape == (60,)
    # the house outside every district counts in the city
    assert (result.city_draws > result.district_draws.sum(axis=0).to_numpy()).all()
    low, high = np.quantile(result.city_draws, [0.1, 0.9])
    assert low < found["pv_calibrated_kwh"].sum() < high


def test_districts_add_up_to_the_city():
    result = run(row_of_houses(4, district_id=["d01", "d01", "d02", "d03"]))
    assert result.district_draws.sum(axis=0).to_numpy() == pytest.approx(result.city_draws, rel=1e-12)


def test_the_order_of_rows_and_parts_of_a_town_change_no_building():
    houses = row_of_houses(6, use=["office", "retail", "industry"] * 2)
    whole = run(houses)
    order = [4, 2, 0, 5, 1, 3]
    mixed = run(houses.iloc[order])
    names = [column.name for column in ADDS]
    for name in names:
        assert mixed.buildings[name].equals(whole.buildings[name].iloc[order]), name
    # two houses 60 m apart stand equally high, so a part of the town sees the same horizons
    part = run(houses.iloc[:2], shapes=learn_roof_shapes(houses), calibration=whole.calibration).buildings
    for name in set(names) - {"pv_calibrated_p10_kwh", "pv_calibrated_p90_kwh"}:
        assert part[name].equals(whole.buildings[name].iloc[:2]), name


def test_large_halls_are_flat_and_small_houses_pitched():
    hall = town([shapely.box(0, 0, 60, 40)], [8.0], use="industry")
    assert run(hall).buildings["roof_shape_class"].iloc[0] == "flat"
    assert run(row_of_houses(1)).buildings["roof_shape_class"].iloc[0] == "gabled"


def test_an_empty_table_gives_an_empty_result():
    result = run(row_of_houses(2).iloc[:0])
    assert len(result.buildings) == 0
    assert result.city_draws.tolist() == [0.0] * 60


def test_a_table_without_form_is_refused_in_a_sentence():
    with pytest.raises(ContractProblem, match="perimeter_m is missing"):
        run(row_of_houses().drop(columns="perimeter_m"))


def test_impossible_settings_are_refused():
    with pytest.raises(UsageProblem, match="density_kwp_per_m2"):
        SolarParams(density_kwp_per_m2=2.0)
    with pytest.raises(UsageProblem, match="pitch_deg"):
        SolarParams(pitch_deg=(1.0,))


def surveyed(ids, planes, horizons=None, **sites):
    """Return a survey: planes are (building, tilt, azimuth, area on the slope, eaves, top, slope, free)."""
    from layers.core.roof_survey import PLANE_COLUMNS, RoofSurvey

    table = pd.DataFrame(planes, columns=PLANE_COLUMNS)
    views = pd.DataFrame(
        [(table["building_id"][number], number) for number in (horizons or {})],
        columns=["building_id", "plane_number"],
    )
    ground = pd.DataFrame({"ground_level_m": sites.get("ground", np.nan)}, index=pd.Index(ids))
    seen = np.array(list((horizons or {}).values())).reshape(-1, 36)
    return RoofSurvey(table, views, seen, ground, sites.get("hills", np.zeros((len(ids), 36))))


SOUTH = ("way/0", 30.0, 180.0, 100 / np.cos(np.radians(30)), 20.0, 20.0, 5 / np.cos(np.radians(30)), 1.0)
NORTH = ("way/0", 30.0, 0.0, 100 / np.cos(np.radians(30)), 20.0, 20.0, 5 / np.cos(np.radians(30)), 1.0)


def test_measured_planes_go_before_tags(make=row_of_houses):
    houses = make(2, roof_shape="flat")
    found = run(houses, without_snow(), survey=surveyed(houses.index, [SOUTH, NORTH])).buildings
    assert found["roof_method"].tolist() == ["surface model", "tag"]
    assert found["roof_origin"].tolist() == ["measured", "tagged"]
    assert found["roof_shape_class"].tolist() == ["gabled", "flat"]
    # the southern half, 20 m by 5 m over cos 30°
    assert found["pv_technical_kwp"].iloc[0] == pytest.approx(100 / np.cos(np.radians(30)) * 0.217)
    assert found["roof_sloped_area_m2"].iloc[0] == pytest.approx(200 / np.cos(np.radians(30)))


def test_measured_planes_are_scaled_to_the_outline_and_strange_ones_left_out():
    houses = row_of_houses(1)
    half = (*SOUTH[:3], SOUTH[3] * 0.8, *SOUTH[4:])
    found = run(houses, without_snow(), survey=surveyed(houses.index, [half, NORTH])).buildings
    assert found["roof_sloped_area_m2"].iloc[0] == pytest.approx(200 / np.cos(np.radians(30)))
    alone = run(
        houses, without_snow(), survey=surveyed(houses.index, [(*SOUTH[:3], 20.0, 4.0, 4.0, 5.0, 1.0)])
    )
    assert alone.buildings["roof_method"].iloc[0] == "usual"


def test_measured_superstructures_take_their_share():
    houses = row_of_houses(1)
    free = [run(houses, EASY, survey=surveyed(houses.index, [(*SOUTH[:7], share), NORTH]))
            .buildings["pv_technical_kwp"].iloc[0] for share in (1.0, 0.8)]  # fmt: skip
    assert free[1] == pytest.approx(0.8 * free[0])


def test_each_measured_plane_sees_its_own_horizon():
    houses = row_of_houses(1)
    wall = np.zeros(36)
    wall[15:22] = 12.0
    flat = [run(houses, EASY, survey=surveyed(houses.index, [SOUTH, NORTH], {0: open_sky, 1: wall})).buildings
            for open_sky in (np.zeros(36), wall)]  # fmt: skip
    # only the southern plane is used; a wall that the northern one sees takes nothing from it
    alone = run(houses, EASY, survey=surveyed(houses.index, [SOUTH, NORTH])).buildings
    assert flat[0]["pv_technical_kwh"].iloc[0] == pytest.approx(alone["pv_technical_kwh"].iloc[0])
    assert flat[1]["pv_technical_kwh"].iloc[0] < 0.97 * flat[0]["pv_technical_kwh"].iloc[0]
    assert flat[0]["horizon_origin"].tolist() == ["measured"]
    assert alone["horizon_origin"].tolist() == ["imputed"]
    # and behind the northern plane's own ridge the wall hides nothing
    assert flat[0]["shade_loss_share"].iloc[0] == pytest.approx(0, abs=1e-3)
    assert flat[1]["shade_loss_share"].iloc[0] > 0.02


def test_hills_take_sun_and_lower_ground_puts_a_roof_into_shade():
    houses = row_of_houses(2, roof_shape="flat")
    hills = np.zeros((2, 36))
    hills[0, 12:25] = 20.0
    behind = run(houses, EASY, survey=surveyed(houses.index, [], hills=hills)).buildings["shade_loss_share"]
    assert behind.iloc[0] > 0.02 and behind.iloc[1] == 0
    # 40 m beside a house whose ground is 30 m higher
    uphill = surveyed(houses.index, [], ground=[100.0, 130.0])
    assert run(houses, EASY, survey=uphill).buildings["shade_loss_share"].iloc[0] > 0.01
    level = surveyed(houses.index, [], ground=[100.0, 100.0])
    assert (run(houses, EASY, survey=level).buildings["shade_loss_share"] == 0).all()


def test_planes_of_a_3d_model_are_used_where_nothing_was_surveyed():
    planes = ["35/180/122.1/20/20/6.104 35/0/122.1/20/20/6.104", None]
    houses = row_of_houses(2, roof_planes=planes, roof_shape="hipped")
    found = run(houses, without_snow()).buildings
    assert found["roof_method"].tolist() == ["3D model", "tag"]
    assert found["pv_technical_kwp"].iloc[0] == pytest.approx(122.1 * 0.217, rel=1e-3)


def test_a_flat_plane_of_a_model_carries_rows():
    houses = row_of_houses(2, roof_planes=["0/180/200/20/20/10", None], roof_shape="flat")
    found = run(houses, without_snow()).buildings
    assert found["pv_technical_kwh"].iloc[0] == pytest.approx(found["pv_technical_kwh"].iloc[1], rel=1e-6)
    assert found["roof_shape_class"].tolist() == ["flat", "flat"]


def test_plants_on_a_flat_roof_and_modules_that_stand_there_leave_less():
    plain, green, taken, unknown = run(
        row_of_houses(
            4,
            roof_shape="flat",
            roof_material=[None, "grass", None, None],
            has_solar_tag=[False, False, True, True],
            solar_tag_kwp=[np.nan, np.nan, 10.0, np.nan],
        ),
        EASY,
    ).buildings.itertuples()
    assert green.pv_technical_kwp == pytest.approx(0.8 * plain.pv_technical_kwp)
    assert taken.pv_technical_kwp == pytest.approx(plain.pv_technical_kwp - 10)
    assert taken.pv_technical_kwh / taken.pv_technical_kwp == pytest.approx(
        plain.pv_technical_kwh / plain.pv_technical_kwp
    )
    assert [plain.pv_existing_kwp, taken.pv_existing_kwp, unknown.pv_existing_kwp] == [0, 10, 6]


def test_a_mansard_carries_modules_on_its_upper_slopes_only():
    found = run(row_of_houses(1, roof_shape="mansard"), without_snow()).buildings.iloc[0]
    # of upper slopes over 17.5 × 7.5 m the southern trapezoid, (17.5 − 3.75) · 3.75, and two ends of 7.5² / 4
    used = (13.75 * 3.75 + 2 * 7.5**2 / 4) / np.cos(np.radians(28))
    assert found["pv_technical_kwp"] == pytest.approx(used * 0.217)
    assert found["roof_shape_class"] == "mansard"


def test_the_winter_has_its_share_and_loses_it_behind_a_southern_wall():
    from layers.physics.shaded_months import month_tables
    from tests.solar_cases import northern_weather

    months = month_tables(northern_weather())
    houses = row_of_houses(1, roof_shape="flat")
    open_sky = run(houses, without_snow(), months=months).buildings["pv_winter_share"].iloc[0]
    yearly = months.whole_kwh_per_kwp[1, [9, 27]].sum(axis=0)
    assert open_sky == pytest.approx(yearly[[0, 1, 2, 9, 10, 11]].sum() / yearly.sum())
    tower = town([shapely.box(0, 0, 20, 10), shapely.box(-40, -60, 60, -40)], [8.0, 40.0], roof_shape="flat")
    shaded = run(tower, without_snow(), months=months).buildings["pv_winter_share"].iloc[0]
    assert shaded < 0.8 * open_sky
    # snow lies in winter
    assert run(houses, EASY, months=months).buildings["pv_winter_share"].iloc[0] < open_sky
    assert run(houses, EASY).buildings["pv_winter_share"].isna().all()
