"""Hours of whole runs: their sums, their agreement with the months, their files."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module", params=["helsinki", "karhula"])
def run(request):
    return request.getfixturevalue(request.param)


def hours_of(run):
    return pd.read_parquet(run.folder / "hourly.parquet")


def test_hours_and_months_agree_within_three_percent_under_equal_assumptions(run):
    check = pd.read_csv(run.folder / "hourly_check.csv").set_index(["assumptions", "use"])
    equal = check.loc[("equal assumptions", "all")]
    assert equal["building_count"] > 300
    assert equal["hourly_over_monthly_ratio"] == pytest.approx(1.0, abs=0.03)


def test_the_hours_of_every_district_add_up_to_its_buildings(run):
    hours = hours_of(run).groupby("district_id").sum()
    buildings = run.buildings.groupby("district_id")
    for quantity, column in (
        ("space_heat_kw", "space_heat_kwh"), ("hot_water_kw", "hot_water_kwh"),
        ("cooling_kw", "cooling_demand_kwh"), ("electricity_kw", "electricity_demand_kwh"),
        ("pv_calibrated_kw", "pv_calibrated_kwh"),
    ):  # fmt: skip
        wanted = buildings[column].sum().reindex(hours.index)
        # single precision on disk
        np.testing.assert_allclose(hours[quantity], wanted, rtol=1e-5, err_msg=quantity)


def test_a_year_has_8760_hours_and_the_largest_is_that_of_the_districts_table(run):
    hours = hours_of(run)
    assert (hours.groupby("district_id")["hour"].nunique() == 8760).all()
    heat = (hours["space_heat_kw"] + hours["hot_water_kw"]).groupby(hours["district_id"]).max()
    largest = run.districts["largest_heat_kw"].reindex(heat.index)
    np.testing.assert_allclose(heat, largest, rtol=1e-5)
    assert (run.districts["largest_heat_p10_kw"] <= run.districts["largest_heat_kw"]).all()


def test_the_summary_shows_the_hours(run):
    assert '<section id="hours">' in (run.folder / "summary.html").read_text(encoding="utf-8")
