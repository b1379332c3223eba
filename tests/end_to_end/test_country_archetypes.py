"""A street of houses, a garage, a church and a listed house, anywhere in Europe, through the line."""

import io

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.core.crs import utm_zone_code
from layers.core.draws import Draws
from layers.heat_demand import simulate_heat
from layers.sources.vector import read_buildings
from planner.acquire import Inputs
from planner.catalogue import Place
from planner.parameters import RunConfig
from planner.pipeline import STEP_NAMES, describe_city
from planner.progress import Progress
from planner.steps import StepLog

SUN = np.ones((9, 12)) * 30.0
ROWS = {
    "house": {"building": "house", "start_date": "1960"},
    "block": {"building": "apartments", "start_date": "1975", "levels": "9"},
    "garage": {"building": "garage"},
    "church": {"building": "church", "start_date": "1890"},
    "listed": {"building": "house", "start_date": "1880", "heritage": "2"},
    "barn": {"building": "barn"},
}


def described(country, longitude_deg, latitude_deg, folder):
    """Return the town of six buildings, and what stood on the screen."""
    crs = utm_zone_code(longitude_deg)
    centre = gpd.GeoSeries(gpd.points_from_xy([longitude_deg], [latitude_deg]), crs=4326).to_crs(crs).iloc[0]
    shapes = [shapely.box(0, 40 * i, 20, 40 * i + 12) for i in range(len(ROWS))]
    columns = {
        name: [row.get(name) for row in ROWS.values()]
        for name in ("building", "start_date", "levels", "heritage")
    }
    table = gpd.GeoDataFrame({"id": list(ROWS), **columns}, geometry=shapes)
    table.geometry = table.geometry.translate(centre.x, centre.y).set_crs(crs)
    table.to_file(folder / "street.gpkg")
    place = Place("street", "Street", country, "test", longitude_deg=longitude_deg, latitude_deg=latitude_deg)
    screen = io.StringIO()
    log = StepLog(Progress(STEP_NAMES, quiet=False, stream=screen))
    extract = read_buildings(folder / "street.gpkg")
    return describe_city(
        Inputs(place, extract, None, None, None, None, {}), RunConfig(), log
    ), screen.getvalue()


def test_garages_and_barns_are_unheated_and_churches_and_listed_houses_protected(tmp_path):
    city, _ = described("DE", 12.37, 51.34, tmp_path)
    buildings = city.buildings
    assert list(buildings.index[~buildings["heated"].astype(bool)]) == ["barn", "garage"]
    assert buildings.loc[["barn", "garage"], "archetype_id"].eq("unheated").all()
    assert buildings.loc["house", "protection"] == "none"
    assert buildings.loc[["church", "listed"], "protection"].isin(["likely", "listed"]).all()
    assert buildings.loc["house", "archetype_id"] == "DE.SFH.1958-1968"
    assert buildings.loc["block", "archetype_id"].startswith("DE.AB.")
    heat = simulate_heat(buildings, city.archetypes, city.climate, SUN, Draws(seed=1, count=20)).buildings
    unheated = heat.loc[["barn", "garage"]]
    for column in ("heated_floor_area_m2", "space_heat_kwh", "heat_demand_p90_kwh", "peak_heat_kw"):
        assert (unheated[column] == 0.0).all()
    assert (heat.loc[["house", "block", "church", "listed"], "space_heat_kwh"] > 0.0).all()


@pytest.mark.parametrize(
    ("country", "longitude_deg", "latitude_deg", "origins"),
    [
        ("XK", 21.16, 42.66, {"proxy:RS"}),
        ("UA", 24.03, 49.84, {"proxy:PL", "proxy:BG"}),
        ("AL", 19.82, 41.33, {"proxy:GR"}),
        ("AL", 20.78, 40.62, {"proxy:RS"}),
        ("PT", -8.62, 41.24, {"own:PT"}),
    ],
)
def test_a_proxy_is_in_the_table_and_on_the_screen(tmp_path, country, longitude_deg, latitude_deg, origins):
    city, screen = described(country, longitude_deg, latitude_deg, tmp_path)
    heated = city.buildings[city.buildings["heated"].astype(bool)]
    assert set(heated["archetype_origin"]) == origins
    for origin in origins:
        assert origin in screen
