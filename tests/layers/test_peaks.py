"""Stores and building mass against peaks, and the screening of cooling."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from layers.core.errors import UsageProblem
from layers.peaks import ALONE, MASS, PEAK_TABLE, PeakParams, add_cooling_screening, shave_peaks
from layers.physics.peak_shaving import shaved_peak_kw


def hours(*loads):
    """Return profiles of districts, all of it space heat."""
    heat = pd.DataFrame({f"d{k:02}": load for k, load in enumerate(loads, 1)})
    return {"space_heat_kw": heat, "hot_water_kw": heat * 0.0}


def town(count, floor_m2=10_000.0):
    ids = pd.Index([f"d{k:02}" for k in range(1, count + 1)], name="district_id")
    return pd.DataFrame({"heated_floor_area_m2": floor_m2}, index=ids)


def year(seed=1):
    chance = np.random.default_rng(seed)
    season = 1.0 + np.cos(2 * np.pi * np.arange(8760) / 8760)
    return 200.0 * season * chance.uniform(0.6, 1.4, 8760)


def test_a_store_takes_off_what_it_holds_over_the_length_of_the_peak():
    load = np.full((1, 240), 40.0)
    load[0, 100:104] = 100.0
    # four hours of 60 kW above the rest: a store of 120 kWh leaves 30 of them
    assert shaved_peak_kw(load, np.array([120.0]))[0] == pytest.approx(70.0, abs=0.02)
    assert shaved_peak_kw(load, np.array([0.0]))[0] == pytest.approx(100.0, abs=0.02)
    # a limit of 10 kW on the store leaves 90
    assert shaved_peak_kw(load, np.array([1e6]), np.array([10.0]))[0] == pytest.approx(90.0, abs=0.02)


def test_no_store_gets_below_the_mean():
    load = year()[None, :]
    assert shaved_peak_kw(load, np.array([1e12]))[0] == pytest.approx(load.mean(), rel=1e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.0, 5_000.0), st.floats(0.0, 5_000.0))
def test_a_larger_store_never_needs_a_larger_plant(seed, one, other):
    load = np.repeat(year(seed)[None, :2_000], 2, axis=0)
    small, large = shaved_peak_kw(load, np.array(sorted([one, other])))
    assert large <= small + 1e-3 * load.max()
    assert load.mean() - 1e-6 <= large <= load.max() + 1e-6


def test_a_district_has_a_row_for_no_store_each_tank_and_its_mass():
    table = shave_peaks(town(2), hours(year(1), year(2)))
    assert set(table.columns) == {column.name for column in PEAK_TABLE}
    one = table[table["district_id"] == "d01"].set_index("store")
    assert set(one.index) == {ALONE, "tank of 2 h", "tank of 6 h", "tank of 12 h", MASS}
    assert one.loc[ALONE, "plant_kw"] == pytest.approx(year(1).max(), rel=1e-3)
    tanks = one.loc[["tank of 2 h", "tank of 6 h", "tank of 12 h"], "peak_saved_share"]
    assert (np.diff(tanks) >= 0).all()
    assert 0 < tanks.iloc[0] < 1
    assert one.loc[MASS, "store_kwh_capacity"] == pytest.approx(10_000 * 0.5 * 45 * 1.0 / 1e3)
    assert one.loc[MASS, "store_cost_eur"] == 0.0


def test_districts_without_heat_are_left_out():
    table = shave_peaks(town(2), hours(year(), np.zeros(8760)))
    assert set(table["district_id"]) == {"d01"}
    assert len(shave_peaks(town(1), hours(np.zeros(8760)))) == 0


def test_dense_cold_is_worth_a_look_and_thin_cold_is_not():
    districts = gpd.GeoDataFrame(
        {"cooling_demand_mwh": [9_000.0, 50.0, 0.0], "area_ha": [10.0, 10.0, 0.0]},
        geometry=[box(0, 0, 1, 1)] * 3, index=["d01", "d02", "d03"], crs="EPSG:32635",
    )  # fmt: skip
    found = add_cooling_screening(districts)
    assert found["cooling_density_mwh_per_ha"].tolist() == [900.0, 5.0, 0.0]
    assert found["district_cooling_class"].tolist() == ["examine", "not dense enough", "not dense enough"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"store_hours_h": (0.0,)}, "store_hours_h holds 0"),
        ({"mass_drop_k": 9.0}, "mass_drop_k is 9"),
        ({"mass_share": 2.0}, "mass_share is 2"),
    ],
)
def test_absurd_settings_are_refused(changes, words):
    with pytest.raises(UsageProblem, match=words):
        PeakParams(**changes)
