"""Solar checks of `planner validate`, and the files that people bring to them."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from layers.core.errors import InputProblem
from planner.validation import solar
from planner.validation.check import Options
from planner.validation.solar_services import (
    compare_pvgis,
    compare_pvwatts,
    lyon,
    read_pvgis_power,
    read_pvwatts,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "solar"

PVWATTS_HEAD = """PVWatts: Hourly PV Performance Data,,,
Requested Location:,Denver,,
Lat (deg N):,39.73,,
Long (deg W):,105.18,,
DC System Size (kW):,4,,
Module Type:,Standard,,
Array Type:,Fixed (roof mount),,
Array Tilt (deg):,20,,
Array Azimuth (deg):,180,,
System Losses:,14.08,,
Invert Efficiency:,96,,
DC to AC Size Ratio:,1.2,,
,,,
"""
PVGIS_HEAD = """Latitude (decimal degrees):\t45.752
Longitude (decimal degrees):\t4.949
Elevation (m):\t195
Slope: 37 deg. (optimum)
Azimuth: -2 deg. (optimum)
Nominal power of the PV system (c-Si) (kWp):\t1.0
System losses (%):\t14.0
"""


@pytest.fixture
def pvwatts(tmp_path):
    path = tmp_path / "denver.csv"
    rows = gzip.decompress((GOLDEN / "pvwatts_denver.csv.gz").read_bytes()).decode()
    path.write_text(PVWATTS_HEAD + rows, encoding="utf-8")
    return path


@pytest.fixture
def pvgis(tmp_path):
    path = tmp_path / "lyon.csv"
    rows = gzip.decompress((GOLDEN / "pvgis_lyon_2019.csv.gz").read_bytes()).decode()
    path.write_text(PVGIS_HEAD + rows + "\nP: PV system power (W)\n", encoding="utf-8")
    return path


def test_a_persons_files_are_checked_alone(pvgis, pvwatts):
    found = list(solar.checks(Options(pvgis=pvgis, pvwatts=pvwatts)))
    assert len(found) == 4
    assert all(check.passed for check in found)
    assert [check.name for check in found] == [one.name for one in solar.CRITERIA[:4]]


def test_plane_and_losses_are_read_from_the_head(pvgis, pvwatts):
    series = read_pvgis_power(pvgis)
    assert (series.tilt_deg, series.azimuth_deg, series.loss_share) == (37.0, 178.0, 0.14)
    result = read_pvwatts(pvwatts)
    assert (result.latitude_deg, result.longitude_deg, result.power_kwp) == (39.73, -105.18, 4.0)
    assert result.params.pvwatts.temperature_coefficient_per_k == -0.0047
    assert compare_pvwatts(result).light_error_share == pytest.approx(0.0, abs=0.002)


def test_a_file_that_says_something_else_misses(pvgis):
    # 10 % instead of 14 % losses: the power is 4.7 % higher
    pvgis.write_text(pvgis.read_text().replace("(%):\t14.0", "(%):\t10.0"), encoding="utf-8")
    [year, _hours] = solar.checks(Options(pvgis=pvgis))
    assert year.found == pytest.approx(0.9 / 0.86 - 1.0, abs=0.005)
    assert not year.passed


def test_light_with_its_components_is_taken_as_it_stands():
    series = lyon()
    table = series.table.iloc[: 24 * 60]
    parts = table.assign(**{"Gb(i)": table["G(i)"] * 0.6, "Gd(i)": table["G(i)"] * 0.4, "Gr(i)": 0.0})
    split = type(series)(**{**vars(series), "table": parts.drop(columns="G(i)")})
    found = compare_pvgis(split)
    assert found.light_error_share == pytest.approx(0.0, abs=1e-9)
    assert 0.9 < found.power[0].sum() / table["P"].sum() < 1.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("time,P,", "time,Q,"), "holds no power"),
        (lambda text: text.replace("System losses", "Losses"), "holds no power"),
        (lambda text: text.replace("Slope", "Lean"), "does not name its slope"),
    ],
)
def test_an_unfit_file_of_pvgis_is_one_sentence(pvgis, change, words):
    pvgis.write_text(change(pvgis.read_text()), encoding="utf-8")
    with pytest.raises(InputProblem, match=words):
        read_pvgis_power(pvgis)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "instead of 8,760|damaged"),
        (lambda text: text.replace("Array Tilt", "Tilt of array"), "does not name its tilt"),
        (lambda text: text.replace("Fixed (roof mount)", "2-Axis Tracking"), "follows the sun"),
        (lambda text: text.replace("Beam Irradiance", "Beam"), "lacks the column Beam"),
        (lambda text: text.replace("PVWatts", "Other"), "not an hourly result of PVWatts"),
    ],
)
def test_an_unfit_file_of_pvwatts_is_one_sentence(pvwatts, change, words):
    pvwatts.write_text(change(pvwatts.read_text()), encoding="utf-8")
    with pytest.raises(InputProblem, match=words):
        read_pvwatts(pvwatts)


def test_the_carried_results_are_whole():
    assert len(lyon().table) == 8760
    assert pd.DatetimeIndex(lyon().table.index).year.unique().tolist() == [2019]
