"""A town of four houses: what known totals do to its heat, and what they must not do."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from layers.calibration import ADDS, CalibrationParams, calibrate_heat
from layers.core.contracts import find_problems
from layers.core.draws import Draws
from layers.core.errors import InputProblem, UsageProblem
from layers.physics.heat_kinds import period_names
from layers.sources.known_totals import read_known_totals

HEAD = "level,id,sector,quantity,value,unit,year,source"
USES = ["residential_single", "residential_single", "office", "outbuilding"]
SPACE = np.array([20_000.0, 10_000.0, 60_000.0, 0.0])
EXPECTED = np.array([16_000.0, 10_000.0, 60_000.0, 0.0])
WATER = np.array([2_000.0, 2_000.0, 4_000.0, 0.0])
DISTRICTS = pd.DataFrame({"name": ["Harbour", "Hill"]}, index=pd.Index(["d01", "d02"], name="district_id"))
DRAWS = Draws(seed=1, count=80)
# tight enough to see totals met, in the words of the settings
TIGHT = CalibrationParams(total_error_ratio=0.001, common_prior_ratio=1.0, own_prior_ratio=1.0)


def houses():
    squares = [
        box(4_000_000 + 100 * x + 10, 2_999_910, 4_000_000 + 100 * x + 30, 2_999_930) for x in range(4)
    ]
    return gpd.GeoDataFrame(
        {
            "use": USES, "construction_year": [1930, 2010, 1975, 1990],
            "district_id": ["d01", "d01", "d02", "d02"],
            "heated_floor_area_m2": [150.0, 150.0, 800.0, 0.0], "space_heat_kwh": SPACE,
            "space_heat_expected_kwh": EXPECTED, "hot_water_kwh": WATER,
        },
        index=pd.Index(["way/1", "way/2", "way/3", "way/4"], name="building_id"),
        geometry=squares, crs="EPSG:3035",
    )  # fmt: skip


def drawn_for(buildings, spread=0.25, own=0.2):
    """Return the draws of the heated houses: one factor for all, one for each."""
    heated = buildings["heated_floor_area_m2"].to_numpy() > 0
    space, water = (buildings[name].to_numpy()[heated] for name in ("space_heat_kwh", "hot_water_kwh"))
    common = spread * DRAWS.shared_evenly("common")[:, None]
    each = own * np.array([DRAWS.shared_evenly(f"own:{name}") for name in buildings.index[heated]]).T
    factor = np.exp(common + each - (spread**2 + own**2) / 2)

    def draw():
        yield slice(0, len(space)), space * factor, water * factor

    return draw


def calibrated(tmp_path, *rows, buildings=None, params=TIGHT, head=HEAD):
    buildings = houses() if buildings is None else buildings
    path = tmp_path / "totals.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    known = read_known_totals(path)
    return calibrate_heat(buildings, known, DISTRICTS, drawn_for(buildings), DRAWS, params)


def test_the_city_total_is_met_and_what_was_there_before_stays(tmp_path):
    before = houses()
    found = calibrated(tmp_path, "city,,all,heat,75.2,MWh,2023,works", buildings=before)
    assert found.buildings["heat_calibrated_kwh"].sum() == pytest.approx(75_200, rel=1e-3)
    pd.testing.assert_frame_equal(found.buildings[before.columns], before)
    row = found.totals.iloc[0]
    assert row["before_mwh"] == pytest.approx(94.0)
    assert row["before_ratio"] == pytest.approx(94 / 75.2)
    assert row["after_ratio"] == pytest.approx(1.0, rel=1e-3)
    assert not find_problems(found.buildings, ADDS, name="buildings")


def test_it_is_the_metered_heat_that_is_calibrated_not_that_of_standard_use(tmp_path):
    found = calibrated(tmp_path, "city,,all,heat,94,MWh,2023,works")
    assert found.factors["factor_ratio"].to_numpy() == pytest.approx(1.0, abs=1e-9)
    assert found.buildings["space_heat_calibrated_kwh"].to_numpy() == pytest.approx(EXPECTED)
    assert found.notes == ()


def test_a_district_is_named_by_its_id_or_its_name_and_the_other_follows_in_part(tmp_path):
    for name in ("d02", "hill"):
        found = calibrated(
            tmp_path, f"district,{name},all,heat,32,MWh,2023,works", params=CalibrationParams()
        )
        heat = found.buildings["heat_calibrated_kwh"].to_numpy()
        assert heat[2] == pytest.approx(32_000, rel=0.05)
        assert 0.55 < heat[0] / 18_000 < 0.95
        assert list(found.buildings["calibration_basis"]) == ["likeness", "likeness", "total", "none"]
    assert any("so far from 1" in note.text for note in found.notes)


def test_a_total_of_rooms_only_leaves_hot_water_to_the_prior(tmp_path):
    params = CalibrationParams(total_error_ratio=0.001, common_prior_ratio=0.0)
    found = calibrated(tmp_path, "city,,all,space_heat,70,MWh,2023,works", params=params)
    assert found.buildings["hot_water_calibrated_kwh"].to_numpy() == pytest.approx(WATER)
    assert found.buildings["space_heat_calibrated_kwh"].sum() == pytest.approx(70_000, rel=1e-3)


def test_fuel_served_buildings_and_a_cold_year_are_allowed_for(tmp_path):
    # 90 % of 50 MWh are 45; they serve half of the city; rooms need 10 % more in that year than usual
    head = f"{HEAD},efficiency_ratio,served_share,climate_ratio"
    found = calibrated(tmp_path, "city,,all,fuel,50,MWh,2021,gas,0.9,0.5,1.1", head=head)
    space = found.buildings["space_heat_calibrated_kwh"].sum()
    water = found.buildings["hot_water_calibrated_kwh"].sum()
    assert 0.5 * (1.1 * space + water) == pytest.approx(45_000, rel=1e-3)
    assert found.totals["before_mwh"].tolist() == pytest.approx([0.5 * (1.1 * 86 + 8)])


def test_sectors_move_their_own_buildings(tmp_path):
    params = CalibrationParams(total_error_ratio=0.001, common_prior_ratio=0.0, own_prior_ratio=1.0)
    found = calibrated(tmp_path, "sector,residential,,heat,15,MWh,2023,works", params=params)
    heat = found.buildings["heat_calibrated_kwh"].to_numpy()
    assert heat[:2].sum() == pytest.approx(15_000, rel=1e-3)
    assert heat[2] == pytest.approx(64_000)


def test_squares_of_a_raster_count_what_stands_in_them(tmp_path):
    values = np.array([[9.0, -1.0, 32.0, 0.0]], dtype="float32")
    with rasterio.open(
        tmp_path / "heat.tif", "w", driver="GTiff", height=1, width=4, count=1, dtype="float32",
        crs="EPSG:3035", transform=from_origin(4_000_000, 3_000_000, 100, 100), nodata=-1,
    ) as target:  # fmt: skip
        target.write(values, 1)
    params = CalibrationParams(square_error_ratio=0.01, common_prior_ratio=0.0, own_prior_ratio=1.0)
    found = calibrated(tmp_path, "raster,heat.tif,all,heat,,MWh/ha,2020,atlas", params=params)
    heat = found.buildings["heat_calibrated_kwh"].to_numpy()
    assert heat[[0, 2]] == pytest.approx([9_000, 32_000], rel=0.01)
    assert found.totals["square_count"].tolist() == [2]
    assert found.totals["given_mwh"].tolist() == pytest.approx([41.0])
    assert any("know none" in note.text and note.count == 12 for note in found.notes)


def test_ranges_become_narrow_where_the_total_is_known_and_hold_it(tmp_path):
    found = calibrated(tmp_path, "city,,all,heat,75.2,MWh,2023,works", params=CalibrationParams())
    low, high = np.quantile(found.city_draws, [0.1, 0.9]) / 75_200
    row = found.totals.iloc[0]
    assert (row["before_p90_mwh"] - row["before_p10_mwh"]) / 94 > 0.5
    assert high - low < 0.12 and low < 1.02 and high > 0.98
    drawn = found.district_draws.sum()
    assert drawn.to_numpy() == pytest.approx(found.city_draws)
    house = found.buildings.loc["way/1"]
    assert house["heat_calibrated_p10_kwh"] < house["heat_calibrated_kwh"] < house["heat_calibrated_p90_kwh"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("district,Harbor,all,heat,30,MWh,2023,x", "row 2: no district 'Harbor'; near it are Harbour"),
        ("district,xyz,all,heat,30,MWh,2023,x", "there are d01, d02, Harbour, Hill"),
        ("city,,all,heat,94000,MWh,2023,x", "1e+03 times as much; is its unit one 1,000 times smaller"),
        ("city,,all,heat,94,kWh,2023,x", "is its unit one 1,000 times larger, as MWh for kWh?"),
        ("city,,all,heat,2,MWh,2023,x", "served_share"),
        ("sector,hotel,,heat,30,MWh,2023,x", "nothing is calculated for sector, hotel"),
        ("cell,100mN1E1,all,heat,30,MWh,2023,x", "nothing is calculated for cell"),
    ],
)
def test_a_total_that_does_not_fit_the_city_is_named_with_its_cure(tmp_path, row, words):
    with pytest.raises(InputProblem) as problem:
        calibrated(tmp_path, row)
    assert words in str(problem.value)
    assert "totals.csv cannot be used: row 2: " in str(problem.value)


def test_totals_that_contradict_each_other_are_told(tmp_path):
    rows = ("city,,all,heat,70,MWh,2023,a", "city,,all,heat,130,MWh,2022,b")
    found = calibrated(tmp_path, *rows)
    assert any("contradict" in note.text and note.count == 2 for note in found.notes)


def test_a_city_without_heat_has_nothing_to_calibrate(tmp_path):
    with pytest.raises(InputProblem, match="nothing to calibrate"):
        calibrated(
            tmp_path, "city,,all,heat,70,MWh,2023,a", buildings=houses().assign(heated_floor_area_m2=0.0)
        )


def test_settings_out_of_range_are_refused_and_periods_must_rise():
    with pytest.raises(UsageProblem, match="own_prior_ratio"):
        CalibrationParams(own_prior_ratio=0.0)
    with pytest.raises(UsageProblem, match="period_first_year is 1980, 1950; it must be"):
        CalibrationParams(period_first_year=(1980, 1950))
    assert period_names(()) == ("all years",)
