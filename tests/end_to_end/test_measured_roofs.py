"""A town whose roofs are measured in a surface model, from the command to the summary and back."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.roof_cases import LOT_M, UTM, House, X, Y, place_houses, surface_of, write_houses, write_surface

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("measured_roofs")]
COLUMNS = 6


def test_roofs_of_a_surface_model_reach_the_results_and_repeat(run_planner, tmp_path):
    kinds = ("gabled", "hipped", "skillion", "flat")
    houses = [House(kinds[number % 4], 16, 10, 35, 15.0 * (number % 7)) for number in range(24)]
    heights, transform = surface_of(houses, place_houses(houses, COLUMNS))
    write_houses(tmp_path / "houses.gpkg", houses)
    write_surface(tmp_path / "dsm.tif", heights, transform)
    write_surface(tmp_path / "dtm.tif", heights * 0 + 100.0, transform)
    lines = [
        shapely.LineString([(X, Y + LOT_M * row), (X + LOT_M * COLUMNS, Y + LOT_M * row)]) for row in range(5)
    ]
    streets = {"id": range(5), "highway": ["residential"] * 5}
    gpd.GeoDataFrame(streets, geometry=lines, crs=UTM).to_file(tmp_path / "streets.gpkg")
    run_planner(
        "assess", "roofton", "--buildings", "houses.gpkg", "--streets", "streets.gpkg", "--country", "DE",
        "--surface", "dsm.tif", "--terrain", "dtm.tif", "--quiet", cwd=tmp_path,
    )  # fmt: skip
    folder = tmp_path / "runs" / "roofton"
    found = gpd.read_parquet(folder / "buildings.parquet")
    assert set(found["roof_method"]) == {"surface model"} and set(found["roof_origin"]) == {"measured"}
    assert found["roof_shape_class"].value_counts().to_dict() == dict.fromkeys(kinds, 6)
    assert set(found["horizon_origin"]) == {"measured"}
    methods = pd.read_csv(folder / "roof_methods.csv")
    assert methods["building_count"].tolist() == [24] and methods["roof_area_share"].tolist() == [1.0]
    assert "The shape of 100" in (folder / "summary.html").read_text(encoding="utf-8")
    again = run_planner("verify", folder, "--quiet", cwd=tmp_path)
    assert "are equal" in again.stdout + again.stderr


def test_a_terrain_alone_gives_hills(run_planner, tmp_path):
    from rasterio.transform import from_origin

    houses = [House("flat", 16, 10) for _ in range(8)]
    place_houses(houses, COLUMNS)
    write_houses(tmp_path / "houses.gpkg", houses)
    cells, cell = 200, 50.0
    heights = np.zeros((cells, cells))
    # a ridge of 400 m from 1 km to 2 km south of the town
    heights[cells // 2 + 20 : cells // 2 + 40] = 400.0
    place = from_origin(X - cells * cell / 2, Y + cells * cell / 2, cell, cell)
    write_surface(tmp_path / "dtm.tif", heights, place)
    lines = [shapely.LineString([(X, Y), (X + 400, Y)])]
    gpd.GeoDataFrame({"highway": ["residential"]}, geometry=lines, crs=UTM).to_file(tmp_path / "streets.gpkg")
    run_planner(
        "assess", "valley", "--buildings", "houses.gpkg", "--streets", "streets.gpkg", "--country", "DE",
        "--terrain", "dtm.tif", "--quiet", cwd=tmp_path,
    )  # fmt: skip
    found = gpd.read_parquet(tmp_path / "runs" / "valley" / "buildings.parquet")
    # a mountain of about 20° in the south; flat houses 60 m apart hardly shade each other
    assert found["shade_loss_share"].between(0.01, 0.2).all()
