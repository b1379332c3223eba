"""A run can be repeated by anyone, and a difference has a name."""

import json
import shutil

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end_to_end")]
OUTSIDE = {"manifest.json", "log.txt"}


def test_a_second_run_gives_the_same_bytes(sample, run_planner, tmp_path):
    run_planner("assess", sample.slug, "--quiet", cwd=tmp_path)
    again = tmp_path / "runs" / sample.slug
    for path in sample.folder.iterdir():
        if path.name not in OUTSIDE:
            assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    first, second = (json.loads((folder / "manifest.json").read_text()) for folder in (sample.folder, again))
    for one in (first, second):
        one.pop("seconds")
    assert first == second


def test_verify_says_that_all_is_equal(helsinki, run_planner, tmp_path):
    done = run_planner("verify", helsinki.folder, "--quiet", cwd=tmp_path)
    assert "are equal" in done.stdout


def test_verify_names_a_changed_file_and_a_changed_step(helsinki, run_planner, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(helsinki.folder, copy)
    (copy / "districts.csv").write_text("other")
    done = run_planner("verify", copy, "--quiet", cwd=tmp_path, code=5)
    assert "districts.csv" in done.stderr
    shutil.copy(helsinki.folder / "districts.csv", copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    heat = next(step for step in manifest["steps"] if step["name"] == "heat")
    heat["checksum"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest))
    done = run_planner("verify", copy, "--quiet", cwd=tmp_path, code=5)
    assert "'heat' is the first that differs" in done.stderr


def test_another_seed_moves_ranges_but_no_base_value(helsinki, run_planner, tmp_path):
    import geopandas as gpd

    run_planner("assess", "helsinki", "--seed", "2", "--quiet", cwd=tmp_path)
    other = gpd.read_parquet(tmp_path / "runs" / "helsinki" / "buildings.parquet").set_index("building_id")
    before = helsinki.buildings.loc[other.index]
    assert (other["footprint_area_m2"] == before["footprint_area_m2"]).all()
    assert (other["heat_demand_p90_kwh"] != before["heat_demand_p90_kwh"]).any()
    total = other["heat_demand_p90_kwh"].sum() / before["heat_demand_p90_kwh"].sum()
    assert total == pytest.approx(1.0, abs=0.05)
