"""Use, storeys, height and year of hand-made buildings, and of the two carried samples."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layers.attributes import ADDS, AttributeParams, add_attributes, apply_corrections, learn_attributes
from layers.core.contracts import check_table
from layers.core.crs import metric_crs, to_crs
from layers.core.errors import InputProblem, UsageProblem
from layers.footprints import clean_footprints
from layers.form import add_form
from layers.sources.osm import read_osm
from layers.sources.stock import read_stock_periods

CRS = "EPSG:32635"
SAMPLES = Path(__file__).resolve().parents[2] / "planner" / "data" / "samples"
FINLAND = read_stock_periods("FI")


def town(outlines, **columns):
    """Buildings with the columns of form; unnamed columns are missing."""
    names = columns.pop("index", [f"b{position}" for position in range(len(outlines))])
    table = gpd.GeoDataFrame(columns, geometry=outlines, crs=CRS, index=pd.Index(names, name="building_id"))
    return add_form(table)


def land(*areas):
    kinds = [kind for _, kind in areas]
    return gpd.GeoDataFrame({"kind": kinds}, geometry=[area for area, _ in areas], crs=CRS)


def points(*places):
    uses = [use for _, use in places]
    return gpd.GeoDataFrame({"use": uses}, geometry=[Point(*place) for place, _ in places], crs=CRS)


def describe(buildings, landuse=None, pois=None, params=None):
    landuse = land() if landuse is None else landuse
    pois = points() if pois is None else pois
    model = learn_attributes(buildings, landuse, pois, FINLAND, params)
    return add_attributes(buildings, landuse, pois, model, params)


def house(x=0.0, y=0.0, width=10.0, depth=10.0):
    return box(x, y, x + width, y + depth)


def test_a_building_that_nobody_describes_is_unknown_and_not_a_dwelling():
    found = describe(town([house(width=30, depth=30)])).iloc[0]
    assert (found["use"], found["use_origin"]) == ("unknown", "default")
    assert found["residential_share"] == AttributeParams().mixed_residential_share
    assert found["heated"]


def test_a_year_that_nobody_knows_has_the_middle_of_the_stock_and_a_known_one_itself():
    outlines = [house(), house(50), house(90)]
    years = {"tagged_first_year": [np.nan, 1931.0, 1900.0], "tagged_last_year": [np.nan, 1931.0, np.nan]}
    found = describe(town(outlines, tagged_use=["residential_single"] * 3, **years))
    # half of Finland's floor in single houses is older than the end of 1977
    middle = found["construction_p50_year"]
    assert middle.tolist()[:2] == [1978, 1931]
    assert (found["construction_p10_year"] <= middle).all() and (
        middle <= found["construction_p90_year"]
    ).all()


def test_what_the_data_state_is_kept():
    tags = {"tagged_use": ["hospital"], "tagged_storey_count": [3.0]}
    found = describe(town([house()], tagged_first_year=[1931.0], tagged_last_year=[1931.0], **tags)).iloc[0]
    assert (found["use"], found["use_origin"]) == ("hospital", "tagged")
    assert (found["storey_count"], found["storey_p10_count"], found["storey_p90_count"]) == (3, 3, 3)
    assert (found["construction_year"], found["construction_year_origin"]) == (1931, "tagged")
    assert found["storey_count_origin"] == "tagged"
    # 0.3 m plinth and three floors of 3.8 m; the height itself was not stated
    assert found["height_m"] == pytest.approx(0.3 + 3 * 3.8)
    assert found["height_origin"] == "imputed"


def test_shops_on_the_ground_floor_do_not_make_a_house_a_shop():
    quarter = land((box(-50, -50, 100, 100), "residential"))
    shops = points(((2, 2), "retail"), ((4, 4), "retail"), ((6, 6), "restaurant"), ((8, 8), "restaurant"))
    found = describe(town([house()], tagged_storey_count=[5.0]), quarter, shops).iloc[0]
    assert found["use"] == "residential_multi"
    # the ground floor is a fifth; nine tenths of the rest are dwellings, half of what is left unknown
    assert found["residential_share"] == pytest.approx(0.8 * 0.9 + 0.5 * 0.8 * 0.1)


def test_a_shop_that_fills_its_only_floor_is_a_shop():
    found = describe(town([house()], tagged_storey_count=[1.0]), pois=points(((5, 5), "retail"))).iloc[0]
    assert (found["use"], found["use_origin"], found["residential_share"]) == ("retail", "imputed", 0.0)


def test_offices_inside_and_commercial_land_make_an_office():
    firms = points(*(((x, 5), "office") for x in range(1, 9)))
    block = town([house(width=40, depth=20)], tagged_storey_count=[6.0])
    assert describe(block, land((box(-9, -9, 90, 90), "commercial")), firms).iloc[0]["use"] == "office"


def test_the_smallest_piece_of_land_speaks():
    around = land((box(-500, -500, 500, 500), "residential"), (box(-20, -20, 60, 60), "school"))
    found = describe(town([house(width=40, depth=20)]), around).iloc[0]
    assert (found["use"], found["heated"]) == ("education", True)


def test_a_public_building_on_residential_land_is_no_dwelling():
    found = describe(
        town([house()], tagged_use=["other"]), land((box(-50, -50, 50, 50), "residential"))
    ).iloc[0]
    assert (found["use"], found["use_origin"], found["residential_share"]) == ("other", "tagged", 0.0)


def test_sheds_are_not_heated_but_a_small_shop_is():
    plots = [house(), house(20, 0, 6, 6), house(0, 20, 6, 6)]
    flags = [False, True, True]
    found = describe(town(plots, is_outbuilding=flags), pois=points(((2, 22), "retail")))
    assert found["use"].tolist()[1:] == ["outbuilding", "retail"]
    assert found["heated"].tolist()[1:] == [False, True]
    assert found["residential_share"].iloc[1] == 0.0


def test_kiosks_are_not_heated_but_small_dwellings_and_parts_of_a_row_are():
    # 25 m² each: a kiosk, a stated dwelling, an undescribed hut, and one wedged between two larger ones
    plots = [house(0, 0, 5, 5), house(50, 0, 5, 5), house(100, 0, 5, 5),
             house(190, 0, 10, 10), house(200, 0, 5, 5), house(205, 0, 10, 10)]  # fmt: skip
    uses = ["retail", "residential_single", None, "office", "office", "office"]
    found = describe(town(plots, tagged_use=uses))
    assert found["heated"].tolist() == [False, True, False, True, True, True]
    assert found["use"].iloc[0] == "retail"
    assert describe(town(plots, tagged_use=uses), params=AttributeParams(least_heated_footprint_m2=20.0))[
        "heated"
    ].all()


def test_a_kiosk_stays_cold_under_a_corrected_use_until_it_is_a_dwelling():
    before = describe(town([house(0, 0, 5, 5), house(50, 0, 5, 5)], tagged_use=["retail"] * 2))
    table = corrections(["b0", "use", "office", "visit"], ["b1", "use", "residential_single", "visit"])
    assert apply_corrections(before, table)["heated"].tolist() == [False, True]


def test_a_warehouse_is_heated_and_a_car_park_is_not():
    found = describe(
        town([house(), house(50)], tagged_use=["storage"] * 2, building_tag=["warehouse", "parking"])
    )
    assert found["heated"].tolist() == [True, False]


def test_dwellings_are_told_apart_by_size_row_and_storeys():
    outlines = [house(0, 0, 10, 12), house(100, 0, 40, 11), house(300, 0, 60, 14), house(500, 0, 9, 9)]
    found = describe(town(outlines, is_home_tag=[True] * 4, tagged_storey_count=[1.0, 1.0, 6.0, 2.0]))
    assert found["use"].tolist() == [
        "residential_single", "residential_terraced", "residential_multi", "residential_single",
    ]  # fmt: skip
    assert (found["use_origin"] == "tagged").all()


def test_houses_wall_to_wall_are_terraced():
    street = [house(6.0 * number, 0, 6, 10) for number in range(5)]
    found = describe(town(street, is_home_tag=[True] * 5, tagged_storey_count=[2.0] * 5))
    # 20 of 32 m are shared in the middle, 10 of 32 at the ends
    assert (found["use"] == "residential_terraced").all()


def test_a_stated_size_class_is_believed():
    found = describe(town([house(0, 0, 40, 40)], tagged_use=["residential_single"])).iloc[0]
    assert (found["use"], found["residential_share"]) == ("residential_single", 1.0)


@pytest.mark.parametrize(("official", "lowest", "highest"), [("42211", 1, 2), ("42212", 3, 8)])
def test_the_finnish_class_bounds_the_storeys(official, lowest, highest):
    outlines = [house(90 * number, 0, 8 + 6 * number, 12) for number in range(5)]
    found = describe(town(outlines, is_home_tag=[True] * 5, official_class=[official] * 5))
    assert found["storey_count"].between(lowest, highest).all()
    assert (found["use"] == "residential_multi").all() == (official == "42212")


def test_a_small_footprint_means_two_storeys_and_a_large_one_one():
    found = describe(town([house(0, 0, 8, 9), house(60, 0, 12, 13)], is_home_tag=[True] * 2))
    # 160 m² of usual floor area on 72 m² and on 156 m²
    assert found["storey_count"].tolist() == [2.0, 1.0]
    assert found["storey_count_origin"].tolist() == ["default", "default"]


def test_storeys_fit_into_a_known_height():
    block = town([house(0, 0, 40, 20)], tagged_use=["office"], tagged_height_m=[18.3], roof_shape=["flat"])
    found = describe(block).iloc[0]
    assert (found["height_m"], found["height_origin"]) == (18.3, "tagged")
    assert (found["storey_count"], found["storey_count_origin"]) == (5.0, "imputed")


def test_a_measured_height_says_so_unless_it_is_not_believed():
    both = town(
        [house(), house(x=40), house(x=80)], tagged_height_m=[9.0, 9.0, 2.5],
        tagged_storey_count=[2.0, 2.0, 4.0], is_height_measured=[True, False, True],
    )  # fmt: skip
    assert describe(both)["height_origin"].tolist() == ["measured", "tagged", "imputed"]


def test_the_roof_is_taken_off_a_total_height():
    found = describe(town([house(0, 0, 12, 8)] * 1, is_home_tag=[True], tagged_height_m=[8.0],
                          roof_shape=["gabled"], roof_angle_deg=[45.0])).iloc[0]  # fmt: skip
    assert found["height_m"] == pytest.approx(4.0)


def test_a_height_that_cannot_hold_the_storeys_is_not_believed():
    found = describe(town([house()], tagged_use=["office"], tagged_height_m=[4.0], tagged_storey_count=[8.0]))
    assert found["height_origin"].iloc[0] == "imputed"
    assert found["height_m"].iloc[0] == pytest.approx(0.3 + 8 * 3.6)


def test_a_year_stays_within_what_is_known():
    count = 40
    outlines = [house(30.0 * number) for number in range(count)]
    found = describe(town(outlines, tagged_first_year=[np.nan] * 20 + [1981.0] * 20,
                          tagged_last_year=[1938.0] * 20 + [np.nan] * 20))  # fmt: skip
    assert (found["construction_year"].iloc[:20] <= 1938).all()
    assert found["construction_year"].iloc[20:].between(1981, 2020).all()
    assert (found["construction_year_origin"] == "tagged").all()
    assert found["construction_year"].nunique() > 10


def test_years_without_any_label_follow_the_stock_of_the_country():
    outlines = [house(30.0 * (number % 50), 30.0 * (number // 50)) for number in range(1500)]
    found = describe(town(outlines, tagged_use=["residential_single"] * 1500))
    assert (found["construction_year_origin"] == "default").all()
    rows = FINLAND[FINLAND["sector"] == "single_terraced"]
    wanted = rows.set_index("last_year")["share"].cumsum()
    for year, share in wanted.items():
        assert (found["construction_year"] <= year).mean() == pytest.approx(share, abs=0.04)


def test_learned_storeys_follow_the_quarter_and_say_how_good_they_are():
    # two quarters of like blocks, 4 storeys in the west and 8 in the east; every third is labelled
    spots = [(80.0 * (n % 30), 80.0 * (n // 30)) for n in range(300)]
    blocks = [house(x, y, 30, 20) for x, y in spots]
    true = np.array([4.0 if x < 1200 else 8.0 for x, _ in spots])
    labels = np.where(np.arange(300) % 3 == 0, true, np.nan)
    table = town(blocks, tagged_use=["residential_multi"] * 300, tagged_storey_count=labels)
    model = learn_attributes(table, land(), points(), FINLAND)
    quality = model.quality.set_index("attribute").loc["storey_count"]
    assert (quality["method"], quality["label_count"]) == ("neighbours", 100)
    assert quality["cv_error"] < 0.5 * quality["rule_error"]
    found = add_attributes(table, land(), points(), model)
    gaps = np.isnan(labels)
    # only along the seam between the quarters may a block be taken for its neighbours
    away = gaps & (np.abs(np.array([x for x, _ in spots]) - 1160.0) > 200.0)
    assert (found["storey_count"][away] == true[away]).all()
    assert (found["storey_count_origin"][gaps] == "imputed").all()


def test_labels_that_teach_nothing_are_not_used():
    # storeys that are pure noise around what the rule says anyway
    noise = np.tile([2.0, 3.0, 4.0], 20)
    table = town([house(60.0 * n, 0, 30, 20) for n in range(60)], tagged_use=["residential_multi"] * 60,
                 tagged_storey_count=noise)  # fmt: skip
    quality = learn_attributes(table, land(), points(), FINLAND).quality.set_index("attribute")
    assert quality.loc["storey_count", "method"] == "rule"


def test_labels_that_are_all_alike_are_not_used():
    table = town([house(60.0 * n, 0, 8, 9) for n in range(60)], is_home_tag=[True] * 60,
                 tagged_storey_count=[1.0] * 30 + [np.nan] * 30)  # fmt: skip
    assert describe(table)["storey_count"].iloc[30:].unique().tolist() == [2.0]


def test_trees_learn_years_from_many_labels():
    spots = [(60.0 * (n % 40), 60.0 * (n // 40)) for n in range(800)]
    true = np.array([1905.0 if y < 480 else 1985.0 for _, y in spots])
    labels = np.where(np.arange(800) % 2 == 0, true, np.nan)
    table = town([house(x, y, 12, 12) for x, y in spots], tagged_use=["residential_single"] * 800,
                 tagged_first_year=labels, tagged_last_year=labels)  # fmt: skip
    model = learn_attributes(table, land(), points(), FINLAND, AttributeParams(boosting_round_count=30))
    quality = model.quality.set_index("attribute").loc["construction_year"]
    assert quality["method"] == "trees"
    found = add_attributes(table, land(), points(), model)
    gaps = np.isnan(labels)
    # years are drawn from what is likely, so that some are far off and most are near
    assert np.abs(found["construction_year"][gaps] - true[gaps]).median() < 5


def test_a_part_of_the_city_in_another_order_gets_the_same_values():
    spots = [(40.0 * (n % 12), 40.0 * (n // 12)) for n in range(96)]
    labels = np.where(np.arange(96) % 2 == 0, np.arange(96) % 5 + 1.0, np.nan)
    table = town([house(x, y, 12 + n % 9, 14) for n, (x, y) in enumerate(spots)],
                 is_home_tag=[True] * 96, tagged_storey_count=labels)  # fmt: skip
    model = learn_attributes(table, land(), points(), FINLAND)
    whole = add_attributes(table, land(), points(), model)
    part = table.iloc[::-3]
    pd.testing.assert_frame_equal(add_attributes(part, land(), points(), model), whole.loc[part.index])
    again = add_attributes(table, land(), points(), learn_attributes(table[::-1], land(), points(), FINLAND))
    pd.testing.assert_frame_equal(again, whole)


def test_the_input_is_not_changed():
    table = town([house(), house(40)], tagged_use=["office", None])
    before = table.copy(deep=True)
    describe(table)
    pd.testing.assert_frame_equal(table, before)


def test_old_buildings_in_the_centre_and_churches_are_likely_protected():
    # blocks wall to wall, two houses outside, one church outside
    dense = [house(12.0 * (n % 16), 12.0 * (n // 16), 11, 11) for n in range(256)]
    outside = [house(900, 900), house(1200, 900)]
    table = town(
        [*dense, *outside],
        tagged_first_year=[1890.0] * 258,
        tagged_last_year=[1890.0] * 258,
        building_tag=["yes"] * 257 + ["church"],
        is_protected_tag=[True] + [False] * 256 + [True],
    )
    found = describe(table)["protection"]
    assert found.iloc[0] == "listed"
    assert found.iloc[120] == "likely"
    assert found.iloc[256:].tolist() == ["none", "likely"]


def test_a_year_drawn_from_the_country_protects_nothing():
    dense = [house(12.0 * (n % 10), 12.0 * (n // 10), 11, 11) for n in range(100)]
    found = describe(town(dense))
    assert (found["construction_year"] < 1920).any()
    assert (found["protection"] == "none").all()


def test_years_that_are_only_likely_to_be_old_protect_nothing():
    # a dense quarter where every fourth house is dated 1850 or 1950, whatever stands beside it
    dense = [house(12.0 * (n % 20), 12.0 * (n // 20), 11, 11) for n in range(400)]
    year = np.where(np.arange(400) % 4 == 0, np.where(np.arange(400) % 8 == 0, 1850.0, 1950.0), np.nan)
    found = describe(town(dense, tagged_first_year=year, tagged_last_year=year))
    likely = found["protection"] == "likely"
    assert (found["construction_year"] < 1920)[np.isnan(year)].any()
    assert not likely[np.isnan(year)].any()
    assert likely[(year == 1850.0)].sum() > 20


def test_before_1939_is_not_before_1920():
    dense = [house(12.0 * (n % 10), 12.0 * (n // 10), 11, 11) for n in range(100)]
    found = describe(town(dense, tagged_last_year=[1938.0] * 50 + [1900.0] * 50))
    assert (found["construction_year"].iloc[:50] < 1920).any()
    assert (found["protection"].iloc[:50] == "none").all()
    assert (found["protection"].iloc[60:90] == "likely").any()


def test_an_empty_town_has_the_columns():
    table = town([house()]).iloc[:0]
    assert {column.name for column in ADDS} <= set(describe(table).columns)


def test_params_outside_their_range_are_refused():
    with pytest.raises(UsageProblem, match="dense_built_share is 2"):
        AttributeParams(dense_built_share=2.0)


def test_an_unknown_country_is_refused_with_the_list():
    with pytest.raises(UsageProblem, match=r"'BR'.*AT.*FI"):
        read_stock_periods("BR")


def corrections(*rows):
    return pd.DataFrame(rows, columns=["building_id", "column", "value", "source"])


def test_a_planner_knows_better():
    before = describe(town([house(), house(40)], tagged_use=["office", "office"]))
    table = corrections(["b0", "construction_year", "1931", "archive"], ["b0", "use", "outbuilding", "visit"],
                        ["b1", "storey_count", "4", "visit"])  # fmt: skip
    after = apply_corrections(before, table)
    first, second = after.loc["b0"], after.loc["b1"]
    assert (first["construction_year"], first["construction_year_origin"]) == (1931, "user")
    assert (first["construction_p10_year"], first["construction_p90_year"]) == (1931, 1931)
    assert (first["use"], first["use_origin"], first["heated"]) == ("outbuilding", "user", False)
    assert second["storey_count_origin"] == "user"
    # the assumed height goes along with the storeys: two by rule, four in truth
    assert second["height_m"] == pytest.approx(before.loc["b1", "height_m"] * 2)
    assert second["use_origin"] == "tagged"
    check_table(after, ADDS, name="buildings")
    assert before.loc["b0", "use"] == "office"


def test_known_storeys_leave_the_height_the_spread_of_the_floors():
    before = describe(town([house(width=30, depth=30)], tagged_use=["office"]))
    after = apply_corrections(before, corrections(["b0", "storey_count", "4", "visit"])).iloc[0]
    # floors of an office: 3.6 m, from 3.2 to 4.2 m, on a plinth of 0.3 m
    assert after["height_p10_m"] == pytest.approx(after["height_m"] * (0.3 + 4 * 3.2) / (0.3 + 4 * 3.6))
    assert after["height_p90_m"] == pytest.approx(after["height_m"] * (0.3 + 4 * 4.2) / (0.3 + 4 * 3.6))


def test_a_list_may_come_back_half_filled_and_with_more_columns():
    before = describe(town([house(), house(40)], index=["=b0", "b1"], tagged_use=["office", "office"]))
    table = corrections(["'=b0", "storey_count", "4", "visit"], ["b1", "storey_count", "", ""]).assign(
        address="Main street 1"
    )
    after = apply_corrections(before, table)
    assert after["storey_count_origin"].tolist() == ["user", "default"]
    assert apply_corrections(before, table.iloc[1:])["storey_count"].equals(before["storey_count"])


def test_a_corrected_dwelling_is_heated_unless_that_is_corrected_too():
    before = describe(town([house(), house(40)], tagged_use=["outbuilding"] * 2))
    rows = [[name, "use", "residential_single", "visit"] for name in ("b0", "b1")]
    after = apply_corrections(before, corrections(*rows, ["b1", "heated", "no", "visit"]))
    assert after["heated"].tolist() == [True, False]
    assert after["residential_share"].tolist() == [1.0, 1.0]


def test_all_bad_corrections_are_named_at_once():
    before = describe(town([house()]))
    table = corrections(
        ["b9", "use", "office", "x"],
        ["b0", "geometry", "1", "x"],
        ["b0", "height_m", "tall", "x"],
        ["b0", "use", "castle", "x"],
        ["b0", "storey_count", "4", ""],
    )
    with pytest.raises(InputProblem) as problem:
        apply_corrections(before, table)
    message = str(problem.value)
    for part in ("row 2: no building 'b9'", "row 3: 'geometry' cannot", "row 4: height_m is 'tall'",
                 "row 5: use is 'castle'", "row 6: no source"):  # fmt: skip
        assert part in message
    assert message.count(".") == message.count("0.5") + 1


def test_corrections_without_their_columns_are_refused():
    with pytest.raises(InputProblem, match="lack the column value"):
        apply_corrections(
            describe(town([house()])), pd.DataFrame(columns=["building_id", "column", "source"])
        )


def sample(name):
    extract = read_osm(SAMPLES / f"{name}.osm.pbf")
    crs = metric_crs(extract.buildings, name=name)
    buildings, _ = clean_footprints(extract, crs)
    parts = (add_form(buildings), to_crs(extract.landuse, crs), to_crs(extract.points, crs))
    model = learn_attributes(*parts, FINLAND)
    found = add_attributes(*parts, model)
    check_table(found, ADDS, name="buildings")
    return found, model


def test_the_centre_of_helsinki_is_offices_and_shops_and_flats():
    found, model = sample("helsinki")
    area = found.groupby("use")["footprint_area_m2"].sum() / found["footprint_area_m2"].sum()
    # building=yes is 69 % of the footprint; what stands inside and around tells most of it
    assert area["unknown"] < 0.15
    assert area["office"] > 0.3
    assert area["retail"] > 0.03
    homes = found[found["use"] == "residential_multi"]
    assert homes["storey_count"].between(3, 10).mean() > 0.95
    assert 4 <= found.loc[found["heated"], "storey_count"].median() <= 7
    assert model.quality.set_index("attribute").loc["storey_count", "method"] == "neighbours"
    assert (found["construction_year"] <= 2020).all()


def test_karhula_is_houses_with_sheds():
    found, _ = sample("karhula")
    sheds = found["official_class"] == "42261"
    assert 880 <= int(sheds.sum()) <= 886
    assert not found.loc[sheds, "heated"].any()
    houses = found[found["official_class"] == "42211"]
    assert (houses["use"] == "residential_single").mean() > 0.9
    assert houses["storey_count"].isin([1.0, 2.0]).all()
    assert 1.1 < houses["storey_count"].mean() < 1.6
    assert houses["height_m"].between(2.5, 7).all()
    assert (found.loc[found["official_class"] == "42212", "use"] == "residential_multi").all()
