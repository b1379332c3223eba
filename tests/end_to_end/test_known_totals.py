"""What a town knows better, from the command line: totals, its own archetypes, and files that are wrong."""

import csv
import json

import geopandas as gpd
import pytest

pytestmark = pytest.mark.slow

HEAD = "level,id,sector,quantity,value,unit,year,source"


@pytest.fixture(scope="module")
def informed(tmp_path_factory, run_planner):
    """One run with known totals and own archetypes."""
    place = tmp_path_factory.mktemp("informed")
    (place / "totals.csv").write_text(
        f"{HEAD}\ncity,,all,heat,230,GWh,2023,city works\ndistrict,d02,all,heat,18000,MWh,2023,city works\n"
    )
    (place / "own.csv").write_text(
        "use,first_year,last_year,u_window_w_per_m2_k,source\nresidential_multi,1955,1972,1.4,survey\n"
    )
    words = ("--calibrate", "totals.csv", "--archetypes", "own.csv", "--draws", "60")
    done = run_planner("assess", "helsinki", *words, "--out", "run", cwd=place)
    return place, done


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_totals_and_factors_are_printed_and_written(informed):
    place, done = informed
    assert "city all heat 2023: 230,000 MWh known" in done.stderr
    assert "calibration: factors" in done.stderr
    totals, factors = (
        rows_of(place / "run" / f"{name}.csv") for name in ("calibration", "calibration_factors")
    )
    assert [row["level"] for row in totals] == ["city", "district"]
    for row in totals:
        assert abs(float(row["after_ratio"]) - 1) < abs(float(row["before_ratio"]) - 1)
        assert float(row["after_p90_mwh"]) - float(row["after_p10_mwh"]) < 0.5 * (
            float(row["before_p90_mwh"]) - float(row["before_p10_mwh"])
        )
    # a district whose buildings are like those elsewhere needs a factor of its own
    assert {row["component"] for row in factors} == {"space_heat", "hot_water", "district"}


def test_calibrated_heat_adds_up_and_standard_use_stays_beside_it(informed, helsinki):
    place, _ = informed
    buildings = gpd.read_parquet(place / "run" / "buildings.parquet").set_index("building_id")
    manifest = json.loads((place / "run" / "manifest.json").read_text())
    city = buildings["heat_calibrated_kwh"].sum() / 1000
    assert manifest["totals"]["heat_calibrated_mwh"] == pytest.approx(city)
    districts = rows_of(place / "run" / "districts.csv")
    assert sum(float(row["heat_calibrated_mwh"]) for row in districts) == pytest.approx(city, rel=1e-4)
    assert "heat_calibrated_kwh" not in helsinki.buildings.columns
    own = buildings["archetype_origin"] == "user"
    same = buildings.index[~own]
    assert own.any()
    assert buildings.loc[same, "heat_demand_kwh"].to_numpy() == pytest.approx(
        helsinki.buildings.loc[same, "heat_demand_kwh"].to_numpy()
    )
    assert set(manifest["inputs"]) >= {"calibrate", "archetypes"}
    page = (place / "run" / "summary.html").read_text(encoding="utf-8")
    assert 'id="calibration"' in page and 'id="sensitivity"' in page


def test_the_run_can_be_verified_and_surveyed(informed, run_planner):
    place, _ = informed
    assert "are equal" in run_planner("verify", "run", "--quiet", cwd=place).stdout
    assert run_planner("collect", "run", "--out", "next.csv", cwd=place).stdout.strip() == "next.csv"
    with (place / "next.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert {row["column"] for row in csv.DictReader(lines)} & {"storey_count", "construction_year", "use"}


def test_a_changed_file_of_totals_is_noticed(informed, run_planner):
    place, _ = informed
    before = (place / "totals.csv").read_text()
    try:
        (place / "totals.csv").write_text(before.replace("230", "231"))
        assert "calibrate" in run_planner("verify", "run", "--quiet", cwd=place, code=5).stderr
    finally:
        (place / "totals.csv").write_text(before)


def test_every_run_ranks_what_is_not_known(helsinki):
    rows = rows_of(helsinki.folder / "sensitivity.csv")
    assert {row["district_id"] for row in rows} == {"city", *helsinki.districts.index}
    city = [row for row in rows if row["district_id"] == "city"]
    widths = [float(row["high_mwh"]) - float(row["low_mwh"]) for row in city]
    assert widths == sorted(widths, reverse=True)
    assert 0.6 < sum(float(row["variance_share"]) for row in city) < 1.3


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--calibrate", f"{HEAD}\ncity,,all,heat,-3,GWh,2023,x\n", ("row 2", "value is -3", "above zero")),
        ("--calibrate", f"{HEAD}\ndistrict,d99,all,heat,3,GWh,2023,x\n", ("no district 'd99'", "d0")),
        ("--calibrate", f"{HEAD}\ncity,,all,heat,230,MWh,2023,x\n", ("1,000 times larger, as MWh for kWh",)),
        ("--calibrate", "level,id\ncity,\n", ("lacks the column sector", HEAD)),
        ("--archetypes", "use,set_point_c,source\noffice,90,x\n", ("set_point_c is '90'", "10 to 30 °C")),
        ("--archetypes", "archetype_id,set_point_c,source\nFI.XY,21,x\n", ("no archetype FI.XY",)),
        ("--climate", "time,T2m\n1,2\n", (".csv",)),
    ],
)
def test_a_wrong_file_ends_with_one_sentence_and_exit_code_3(tmp_path, run_planner, option, text, words):
    (tmp_path / "file.csv").write_text(text, encoding="utf-8")
    done = run_planner("assess", "helsinki", option, "file.csv", "--quiet", cwd=tmp_path, code=3)
    for word in words:
        assert word in done.stderr, done.stderr
    assert not list(tmp_path.glob("runs/*"))


def test_an_absurd_setting_ends_with_exit_code_2_and_its_range(tmp_path, run_planner):
    (tmp_path / "mine.toml").write_text("[heat]\nshading_ratio = 1e9\n")
    done = run_planner("assess", "helsinki", "--config", "mine.toml", "--quiet", cwd=tmp_path, code=2)
    assert "shading_ratio is 1e+09; it must be 0 to 1" in done.stderr


def test_a_country_without_archetypes_is_refused_with_the_list_of_those_that_have_them(tmp_path, run_planner):
    (tmp_path / "homes.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    words = ("assess", "sometown", "--buildings", "homes.geojson", "--country", "US", "--quiet")
    done = run_planner(*words, cwd=tmp_path, code=2)
    assert "'US'" in done.stderr and "FI" in done.stderr
