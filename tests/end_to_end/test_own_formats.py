"""A run of joined files, a measured surface and mapped columns, and its repetition."""

import geopandas as gpd
import pytest

from tests.planner.test_own_data_page import COUNT, HEIGHT_M, write_osm, write_rasters, write_tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("own_formats")]


def test_joined_files_measured_heights_and_mapped_columns_reach_the_results_and_repeat(run_planner, tmp_path):
    write_osm(tmp_path)
    write_tables(tmp_path)
    write_rasters(tmp_path)
    run_planner(
        "assess", "mytown", "--buildings", "register.gpkg", "--map", "construction_year=ERBAUT",
        "--join", "certificates.gpkg", "--join", "heights.gpkg", "--join-wins", "--surface", "dsm.tif",
        "--terrain", "dtm.tif", "--streets", "town.osm.pbf", "--country", "DE", "--quiet", cwd=tmp_path,
    )  # fmt: skip
    folder = tmp_path / "runs" / "mytown"
    found = gpd.read_parquet(folder / "buildings.parquet")
    assert len(found) == COUNT
    assert found["tagged_height_m"].tolist() == pytest.approx([HEIGHT_M] * COUNT, abs=0.01)
    assert set(found["height_origin"]) == {"measured"}
    assert set(found["construction_year"]) == {1936}
    summary = (folder / "summary.html").read_text(encoding="utf-8")
    for name in ("register.gpkg", "certificates.gpkg", "heights.gpkg", "dsm.tif", "dtm"):
        assert name in summary, name
    again = run_planner("verify", folder, "--quiet", cwd=tmp_path)
    assert "are equal" in again.stdout + again.stderr
