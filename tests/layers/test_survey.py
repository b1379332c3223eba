"""What to survey next, on hand-made runs."""

import numpy as np
import pandas as pd
import pytest

from layers.archetypes import read_archetypes
from layers.core.errors import InputProblem, UsageProblem
from layers.physics.heat_widths import P90_DEVIATIONS
from layers.physics.survey_value import Doubt
from layers.survey import LISTED, SurveyParams, heat_doubts, list_survey

FINLAND = read_archetypes("FI")


def run(count=12, **changes):
    """Like houses of 1965 of which nobody knows storeys or year; the table of a finished run."""
    floor = np.full(count, 150.0)
    table = pd.DataFrame(
        {
            "use": "residential_single",
            "use_origin": "tagged",
            "archetype_id": "FI.SFH.1961-1970",
            "district_id": ["d01", "d02"] * (count // 2),
            "storey_count": 2.0,
            "storey_count_origin": "default",
            "storey_p10_count": 1.0,
            "storey_p90_count": 3.0,
            "height_m": 6.0,
            "height_origin": "default",
            "height_p10_m": 3.2,
            "height_p90_m": 8.8,
            "construction_year": 1965.0,
            "construction_year_origin": "default",
            "construction_p10_year": 1930.0,
            "construction_p50_year": 1965.0,
            "construction_p90_year": 2005.0,
            "heated_floor_area_m2": floor,
            "wall_area_m2": floor * 1.2,
            "window_area_m2": floor * 0.15,
            "roof_area_m2": floor * 0.55,
            "ground_area_m2": floor * 0.5,
            "space_heat_kwh": floor * 140.0,
            "hot_water_kwh": floor * 20.0,
            "heat_demand_kwh": floor * 160.0,
            "heat_demand_p10_kwh": floor * 90.0,
            "heat_demand_p90_kwh": floor * 260.0,
        },
        index=pd.Index([f"way/{number}" for number in range(count)], name="building_id"),
    )
    for name in ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west"):
        table[f"wall_area_{name}_m2"] = table["wall_area_m2"] / 8.0
    return table.assign(**changes)


def scaled(table, name, factor):
    """Make one building larger in everything that has an area or a heat."""
    table = table.copy()
    for column in table.columns:
        if column.endswith(("_m2", "_kwh")):
            table.loc[name, column] *= factor
    return table


def listed(table, **options):
    return list_survey(table, FINLAND, **{"most_count": 500, **options})


def test_a_list_holds_what_the_corrections_need_first():
    found = listed(run())
    assert found.columns.tolist() == list(LISTED)
    assert found.columns[:3].tolist() == ["column", "value", "source"]
    assert (found[["value", "source"]] == "").all(axis=None)
    assert sorted(found["column"].unique()) == ["construction_year", "storey_count"]
    assert len(found) == 24


def test_the_largest_doubt_comes_first_and_a_shorter_list_is_its_beginning():
    table = scaled(run(), "way/7", 10.0)
    found = listed(table)
    assert (found.index[:2] == "way/7").all()
    pd.testing.assert_frame_equal(listed(table, most_count=5), found.iloc[:5])


def test_what_is_known_is_not_asked():
    table = run(
        storey_count_origin=["user"] * 6 + ["default"] * 6,
        construction_p10_year=[1965.0] * 3 + [1930.0] * 9,
        construction_p90_year=[1965.0] * 3 + [2005.0] * 9,
    )
    found = listed(table)
    assert set(found.index[found["column"] == "storey_count"]) == set(table.index[6:])
    assert set(found.index[found["column"] == "construction_year"]) == set(table.index[3:])


def test_unheated_buildings_are_not_asked():
    table = run(heated_floor_area_m2=[0.0] * 2 + [150.0] * 10)
    assert not set(listed(table).index) & {"way/0", "way/1"}


def test_a_known_value_makes_the_range_narrower_by_its_own_part():
    found = listed(run()).iloc[0]
    deviation = found["doubt_mwh"] / (2 * P90_DEVIATIONS)
    whole = found["range_mwh"] / (2 * P90_DEVIATIONS)
    left = np.sqrt(1 - min((deviation / whole) ** 2, 0.95))
    assert found["range_then_mwh"] == pytest.approx(found["range_mwh"] * left)
    assert 0 < found["range_then_mwh"] < found["range_mwh"]


def test_double_the_storeys_is_nearly_double_the_heat():
    # storeys of one to three around two, walls and floors with them: σ ≈ 1/2.56 storey of two
    doubt = heat_doubts(run(), FINLAND, SurveyParams())["storey_count"]
    relative = doubt.deviation_kwh / run()["heat_demand_kwh"].to_numpy()
    assert 0.25 < relative[0] < 0.45
    assert (doubt.slope_kwh > 0.95 * doubt.deviation_kwh).all()


def test_an_older_year_needs_more_heat():
    doubt = heat_doubts(run(), FINLAND, SurveyParams())["construction_year"]
    assert (doubt.slope_kwh < 0).all()
    assert (np.abs(doubt.slope_kwh) <= doubt.deviation_kwh + 1e-9).all()


def test_the_range_of_the_area_falls_row_by_row():
    table = scaled(run(), "way/3", 4.0)
    doubts = heat_doubts(table, FINLAND, SurveyParams())
    known = sum(doubts[name].variance(0.25) for name in ("storey_count", "construction_year"))
    # a city whose variance is twice what the survey can take away
    width = 2 * P90_DEVIATIONS * np.sqrt(2 * known)
    then = listed(table, area_range_kwh=width)["area_range_then_share"].to_numpy()
    assert (np.diff(then) <= 1e-12).all()
    assert then[-1] == pytest.approx(np.sqrt(0.5))
    assert np.isnan(listed(table)["area_range_then_share"]).all()


def test_a_use_that_nobody_knows_is_asked_but_narrows_no_range():
    table = run(
        use=["unknown"] + ["residential_single"] * 5 + ["office"] * 6,
        use_origin=["default"] + ["tagged"] * 11,
        space_heat_kwh=[150.0 * 140.0] * 6 + [150.0 * 280.0] * 6,
        heat_demand_kwh=[150.0 * 160.0] * 6 + [150.0 * 300.0] * 6,
    )
    found = listed(table)
    asked = found[found["column"] == "use"]
    assert asked.index.tolist() == ["way/0"]
    assert asked["doubt_mwh"].iloc[0] > 0
    assert asked["range_then_mwh"].iloc[0] == asked["range_mwh"].iloc[0]


def test_a_district_is_listed_by_its_own_doubt():
    found = listed(run(), district_id="d02")
    assert set(found.index) == {f"way/{number}" for number in range(1, 12, 2)}
    with pytest.raises(UsageProblem, match=r"no district 'd09'.*d01, d02"):
        listed(run(), district_id="d09")


def test_rows_in_another_order_give_the_same_list():
    table = scaled(run(), "way/5", 3.0)
    pd.testing.assert_frame_equal(listed(table.iloc[::-1]), listed(table))


def test_an_older_run_is_refused_with_the_cure():
    with pytest.raises(InputProblem, match=r"lack storey_p10_count.*planner assess"):
        listed(run().drop(columns="storey_p10_count"))
    with pytest.raises(InputProblem, match=r"XX.SFH.*not known to this version"):
        listed(run(archetype_id="XX.SFH.1961-1970"))


def test_parts_that_go_together_count_more_than_their_squares():
    three = Doubt(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]))
    assert three.variance(0.0) == 6.0
    assert three.variance(1.0) == 16.0
    assert three.variance(0.25) == 0.25 * 16 + 0.75 * 6
    # knowing the largest leaves two ones
    assert three.left(three.take(np.array([False, False, True])), 0.25).tolist() == [0.25 * 4 + 0.75 * 2]
    assert three.saved(0.25)[2] == pytest.approx(three.variance(0.25) - 2.5)
