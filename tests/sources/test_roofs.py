"""Roofs read from surface models that were made from known planes, noise, chimneys and trees."""

import dataclasses

import numpy as np
import pytest
from rasterio.transform import from_origin

from layers.core.errors import CrsProblem, InputProblem, UsageProblem
from layers.sources.own_files import OwnFiles, combine
from layers.sources.roofs import RoofParams, survey_roofs
from tests.roof_cases import (
    LOT_M,
    UTM,
    House,
    X,
    Y,
    place_houses,
    put_on,
    surface_of,
    write_houses,
    write_surface,
)


def wanted_planes(house):
    """Return azimuth and area on the slope of each plane of a house."""
    length, width, axis = house.length, house.width, house.axis_deg
    stretch = 1 / np.cos(np.radians(house.pitch_deg))
    if house.kind == "flat":
        return [(np.nan, length * width)]
    if house.kind == "skillion":
        return [(axis + 90, length * width * stretch)]
    sides = [axis + 90, axis - 90]
    if house.kind == "gabled":
        return [(side, length * width / 2 * stretch) for side in sides]
    long = [(side, (length - width / 2) * width / 2 * stretch) for side in sides]
    return long + [(end, width**2 / 4 * stretch) for end in (axis, axis + 180)]


def town_of(kinds=("gabled", "hipped", "skillion", "flat")):
    houses = [
        House(kind, length, width, pitch, axis)
        for kind in kinds
        for length, width in ((16, 10), (13, 9), (30, 14))
        for pitch, axis in ((22, 17), (35, 90), (45, 143))
    ]
    return houses, place_houses(houses)


def survey(tmp_path, houses, heights, transform, crs=UTM, params=None, **more):
    footprints = write_houses(tmp_path / "houses.gpkg", houses)
    surface = write_surface(tmp_path / "dsm.tif", heights, transform, crs, **more)
    extract = combine(OwnFiles(buildings=footprints))
    return survey_roofs(extract, surface, None, params=params)


@pytest.fixture(scope="module")
def half_metre(tmp_path_factory):
    houses, size = town_of()
    heights, transform = surface_of(houses, size, cell_m=0.5, noise_m=0.05)
    return houses, survey(tmp_path_factory.mktemp("half"), houses, heights, transform)


def misses(houses, found):
    """Return how far each plane is off: tilt, azimuth, share of the area; and roofs with other planes."""
    off, other = [], []
    for number, house in enumerate(houses):
        mine = found.roofs.planes[found.roofs.planes["building_id"] == f"h{number:02d}"]
        wanted = wanted_planes(house)
        if len(mine) != len(wanted):
            other.append(number)
            continue
        for azimuth, area in wanted:
            turn = np.abs(np.mod(mine["azimuth_deg"] - azimuth + 180, 360) - 180)
            nearest = 0 if np.isnan(azimuth) else int(turn.to_numpy().argmin())
            plane = mine.iloc[nearest]
            pitch = 0 if house.kind == "flat" else house.pitch_deg
            aside = 0 if np.isnan(azimuth) else turn.iloc[nearest]
            off.append((abs(plane["tilt_deg"] - pitch), aside, abs(plane["surface_m2"] / area - 1)))
    return np.array(off), other


def test_planes_come_back_within_two_degrees_five_degrees_and_five_percent(half_metre):
    off, other = misses(*half_metre)
    assert not other
    assert len(off) == 9 * (2 + 4 + 1 + 1)
    assert off[:, 0].max() < 2.0
    assert off[:, 1].max() < 5.0
    assert off[:, 2].max() < 0.05


def test_cells_of_a_metre_do_nearly_as_well(tmp_path):
    houses, size = town_of()
    heights, transform = surface_of(houses, size, cell_m=1.0, noise_m=0.05)
    off, other = misses(houses, survey(tmp_path, houses, heights, transform))
    assert not other
    inside = (off < [2.0, 5.0, 0.05]).all(axis=1)
    # ends of small hipped roofs have about ten cells
    assert inside.mean() > 0.9
    assert off[:, 2].max() < 0.12


def test_all_planes_of_a_roof_cover_its_outline(half_metre):
    houses, found = half_metre
    planes = found.roofs.planes
    plan = (
        (planes["surface_m2"] * np.cos(np.radians(planes["tilt_deg"]))).groupby(planes["building_id"]).sum()
    )
    assert plan.to_numpy() == pytest.approx([house.length * house.width for house in houses], rel=1e-6)
    stands_for = (planes["eaves_m"] + planes["top_m"]) / 2 * planes["slope_m"]
    assert stands_for.to_numpy() == pytest.approx(planes["surface_m2"].to_numpy())


def test_a_chimney_takes_its_share_and_leaves_the_plane_alone(tmp_path):
    houses = [House("gabled", 20, 12, 30, 90), House("gabled", 20, 12, 30, 90)]
    heights, transform = surface_of(houses, place_houses(houses), cell_m=0.5)
    x, y = houses[0].middle
    # two by two metres on a southern half whose cells away from the outline are about 18 × 5 m
    put_on(heights, transform, x, y - 3.0, 2.0, 113.0)
    planes = survey(tmp_path, houses, heights, transform).roofs.planes
    south = planes[np.abs(planes["azimuth_deg"] - 180) < 5]
    assert south["tilt_deg"].tolist() == pytest.approx([30, 30], abs=0.5)
    assert south["free_share"].iloc[0] == pytest.approx(1 - 4 / 90, abs=0.02)
    assert south["free_share"].iloc[1] > 0.99
    assert south["surface_m2"].iloc[0] == pytest.approx(south["surface_m2"].iloc[1], rel=0.03)


def test_a_roof_below_trees_has_no_planes_but_a_horizon(tmp_path):
    houses = [House("gabled", 16, 10), House("gabled", 16, 10)]
    heights, transform = surface_of(houses, place_houses(houses))
    rng = np.random.default_rng(5)
    x, y = houses[1].middle
    for place in np.array([x, y]) + rng.uniform(-9, 9, (900, 2)):
        put_on(heights, transform, *place, 1.0, rng.uniform(108, 118))
    found = survey(tmp_path, houses, heights, transform)
    assert set(found.roofs.planes["building_id"]) == {"h00"}
    assert set(found.roofs.views["building_id"]) == {"h00", "h01"}
    assert {note.text: note.count for note in found.notes}[
        "roofs on which dsm.tif shows no clear planes"
    ] == 1


def test_a_tree_to_the_south_stands_in_the_horizon_of_the_southern_half(tmp_path):
    houses = [House("gabled", 16, 10, 35, 90, eaves_m=6.0)]
    heights, transform = surface_of(houses, place_houses(houses), noise_m=0.0, margin_m=60.0)
    x, y = houses[0].middle
    put_on(heights, transform, x, y - 22.5, 5.0, 120.0)
    found = survey(tmp_path, houses, heights, transform)
    planes, views = found.roofs.planes, found.roofs.views
    plane = int(np.abs(planes["azimuth_deg"] - 180).to_numpy().argmin())
    horizon = found.roofs.horizons_deg[(views["plane_number"] == plane).to_numpy()][0]
    # the eye lies 2.5 m south of the middle at 100 + 6 + 2.5 tan 35°, the tree begins 17.5 m farther
    rise = 20 - 6 - 2.5 * np.tan(np.radians(35))
    assert horizon[18] == pytest.approx(np.degrees(np.arctan(rise / 17.5)), abs=2.0)
    assert horizon[9] < 1.0
    # behind the eye stands the plane itself, as steep as it is
    assert horizon[0] == pytest.approx(35.0, abs=2.0)


def test_order_and_parts_of_a_town_change_no_plane(tmp_path, half_metre):
    houses, found = half_metre
    footprints = write_houses(tmp_path / "houses.gpkg", houses)
    heights, transform = surface_of(houses, place_houses(houses), cell_m=0.5, noise_m=0.05)
    surface = write_surface(tmp_path / "dsm.tif", heights, transform)
    extract = combine(OwnFiles(buildings=footprints))
    part = dataclasses.replace(extract, buildings=extract.buildings.iloc[[20, 3, 11]])
    planes = survey_roofs(part, surface, None).roofs.planes
    whole = found.roofs.planes
    for name in ("h03", "h11", "h20"):
        one, all_of_them = planes[planes["building_id"] == name], whole[whole["building_id"] == name]
        assert one.reset_index(drop=True).equals(all_of_them.reset_index(drop=True))


def test_another_coordinate_system_is_followed(tmp_path):
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    houses = [House("gabled", 20, 12, 30, 90) for _ in range(4)]
    heights, transform = surface_of(houses, place_houses(houses), cell_m=0.5)
    bounds = (
        transform.c,
        transform.f - 0.5 * len(heights),
        transform.c + 0.5 * heights.shape[1],
        transform.f,
    )
    there, width, height = calculate_default_transform(
        UTM, "EPSG:3035", heights.shape[1], heights.shape[0], *bounds, resolution=0.5
    )
    turned = np.full((height, width), np.nan, dtype="float32")
    reproject(heights.astype("float32"), turned, src_transform=transform, src_crs=UTM, dst_transform=there,
              dst_crs="EPSG:3035", dst_nodata=np.nan, resampling=Resampling.bilinear)  # fmt: skip
    planes = survey(tmp_path, houses, turned, there, "EPSG:3035", nodata=np.nan).roofs.planes
    assert len(planes) == 8
    assert planes["tilt_deg"].to_numpy() == pytest.approx(np.full(8, 30), abs=2)
    off_south = np.abs(np.mod(planes["azimuth_deg"], 180))
    assert np.minimum(off_south, 180 - off_south).max() < 2


def test_coarse_cells_give_no_planes_and_say_so(tmp_path):
    houses, size = town_of(("gabled",))
    heights, transform = surface_of(houses, size, cell_m=10.0)
    found = survey(tmp_path, houses, heights, transform)
    assert len(found.roofs.planes) == 0 and len(found.roofs.views) == 0
    said = {note.text: note.count for note in found.notes}
    assert said["roofs without planes: cells of 10 m in dsm.tif are too coarse for them"] == 9


def test_feet_are_turned_into_metres_and_strange_units_refused(tmp_path):
    import rasterio

    houses = [House("gabled", 20, 12, 30, 90)]
    heights, transform = surface_of(houses, place_houses(houses), cell_m=0.5)
    write_houses(tmp_path / "houses.gpkg", houses)
    surface = write_surface(tmp_path / "dsm.tif", heights / 0.3048, transform)
    with rasterio.open(surface, "r+") as raster:
        raster.units = ("ft",)
    extract = combine(OwnFiles(buildings=tmp_path / "houses.gpkg"))
    assert survey_roofs(extract, surface, None).roofs.planes["tilt_deg"].to_numpy() == pytest.approx(
        [30, 30], abs=1
    )
    with rasterio.open(surface, "r+") as raster:
        raster.units = ("furlong",)
    with pytest.raises(InputProblem, match="furlong"):
        survey_roofs(extract, surface, None)


def test_cells_without_data_give_nothing(tmp_path):
    houses = [House("gabled")]
    heights, transform = surface_of(houses, place_houses(houses))
    found = survey(tmp_path, houses, np.full_like(heights, -9999.0), transform, nodata=-9999.0)
    assert len(found.roofs.planes) == 0 and len(found.roofs.views) == 0


def hill_town(tmp_path, hill_m=500.0, north_m=5000.0):
    """A house on a plain with a wall of a hill in the north, in cells of 50 m."""
    houses = [House("gabled")]
    place_houses(houses)
    cell, cells = 50.0, 400
    heights = np.full((cells, cells), 100.0)
    top = Y + cell * cells / 2
    heights[: int((top - (Y + north_m)) / cell)] += hill_m
    terrain = write_surface(tmp_path / "dtm.tif", heights, from_origin(X - cell * cells / 2, top, cell, cell))
    return combine(OwnFiles(buildings=write_houses(tmp_path / "houses.gpkg", houses))), terrain


def test_a_hill_far_away_stands_in_the_horizon_a_little_lowered_by_the_curved_earth(tmp_path):
    extract, terrain = hill_town(tmp_path)
    found = survey_roofs(extract, None, terrain)
    hills = found.roofs.hills_deg[0]
    away = 5000 - LOT_M / 2
    # the earth has sunk by 0.87 · 5 km² / 2 R = 1.7 m, the eye is 6 m above the ground
    expected = np.degrees(np.arctan((500 - 6 - 1.7) / away))
    assert hills[0] == pytest.approx(expected, abs=0.15)
    assert hills[[9, 18, 27]].max() == 0
    assert found.roofs.sites["ground_level_m"].iloc[0] == pytest.approx(100.0, abs=0.1)
    assert [source.path for source in found.sources][-1] == "dtm.tif"


def test_a_terrain_elsewhere_is_refused_in_a_sentence(tmp_path):
    extract, _ = hill_town(tmp_path)
    away = write_surface(tmp_path / "away.tif", np.zeros((50, 50)), from_origin(X + 900_000, Y, 10, 10))
    with pytest.raises(InputProblem, match=r"away\.tif shows no ground below the buildings"):
        survey_roofs(extract, None, away)
    nameless = write_surface(tmp_path / "nameless.tif", np.zeros((50, 50)), from_origin(X, Y, 10, 10), None)
    with pytest.raises(CrsProblem, match="--crs"):
        survey_roofs(extract, None, nameless)


def test_impossible_settings_are_refused():
    with pytest.raises(UsageProblem, match="tolerance_m"):
        RoofParams(tolerance_m=5.0)
