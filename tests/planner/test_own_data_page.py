"""Every command of the page "bring your own data" is typed, with files of the formats it names."""

import json
import re
import shlex
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from planner.acquire import Request, read_inputs
from planner.cli import cli
from tests.sources.city_models import Model, box

PAGE = Path(__file__).parents[2] / "docs" / "bring-your-own-data.md"
UTM, X, Y, COUNT = "EPSG:25832", 500_000.0, 5_500_000.0, 6
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    for line in block.splitlines()
]
# where footprints carry one, this is every building's height
HEIGHT_M = 9.0


def outlines(**columns):
    shapes = [shapely.box(X + 40 * i, Y, X + 40 * i + 20, Y + 10) for i in range(COUNT)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM)


def lines(**columns):
    shapes = [shapely.LineString([(X - 20, Y - 15), (X + 300, Y - 15)])]
    return gpd.GeoDataFrame({"fclass": ["residential"], **columns}, geometry=shapes, crs=UTM)


def osm_elements():
    """Return nodes, and ways as (id, nodes, tags), of the same houses and their street."""
    houses, street = outlines().to_crs(4326).geometry, lines().to_crs(4326).geometry.iloc[0]
    nodes, ways = {}, []
    for shape, tags in [*((one.exterior, {"building": "house", "height": "9"}) for one in houses),
                        (street, {"highway": "residential"})]:  # fmt: skip
        xy = shapely.get_coordinates(shape)
        closed = bool((xy[0] == xy[-1]).all())
        ids = []
        for lon, lat in xy[: len(xy) - closed]:
            nodes[len(nodes) + 1] = (round(float(lon), 7), round(float(lat), 7))
            ids.append(len(nodes))
        ways.append((len(ways) + 1, [*ids, ids[0]] if closed else ids, tags))
    return nodes, ways


def write_osm(folder):
    nodes, ways = osm_elements()
    for name in ("town.osm.pbf", "town.osm"):
        with osmium.SimpleWriter(str(folder / name)) as writer:
            for number, place in nodes.items():
                writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=place))
            for number, members, tags in ways:
                writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=members, tags=tags))
    elements = [
        {"type": "node", "id": number, "lon": lon, "lat": lat} for number, (lon, lat) in nodes.items()
    ]
    elements += [
        {"type": "way", "id": number, "nodes": members, "tags": tags} for number, members, tags in ways
    ]
    answer = {"version": 0.6, "generator": "Overpass API", "elements": elements}
    (folder / "overpass.json").write_text(json.dumps(answer))


def write_text(table, path, **how):
    """Write outlines as WKT."""
    text = pd.DataFrame(table.drop(columns="geometry")).assign(WKT=table.geometry.to_wkt())
    text.to_csv(path, index=False, **how)


def write_tables(folder):
    plain = outlines(id=[f"b{i}" for i in range(COUNT)], HOEHE=[HEIGHT_M] * COUNT, BAUJAHR=[1936] * COUNT)
    degrees = plain.to_crs(4326)
    plain.to_file(folder / "buildings.gpkg", layer="buildings")
    plain.to_file(folder / "cadastre.gpkg", layer="outlines")
    plain.head(1).to_file(folder / "cadastre.gpkg", layer="other")
    degrees.to_file(folder / "buildings.geojson")
    degrees.to_file(folder / "buildings.geojsonl", driver="GeoJSONSeq")
    plain.to_file(folder / "buildings.shp")
    plain.to_file(folder / "plain.shp")
    (folder / "plain.prj").unlink()
    plain.to_file(folder / "buildings.fgb", driver="FlatGeobuf")
    plain.to_parquet(folder / "buildings.parquet")
    outlines(
        id=list("abcdef"), names=[{"primary": "Haus"}] * COUNT, subtype=["residential"] * COUNT,
        **{"class": ["house"] * COUNT}, height=[HEIGHT_M] * COUNT,
        sources=[[{"dataset": "OpenStreetMap"}]] * COUNT,
    ).to_crs(4326).to_parquet(folder / "overture.parquet")  # fmt: skip
    outlines(
        id=list("abcdef"), id_source=list("abcdef"), type_source=list("abcdef"), type=["residential"] * COUNT,
        age=[1936] * COUNT, height=[HEIGHT_M] * COUNT,
    ).to_parquet(folder / "eubucco.parquet")  # fmt: skip
    outlines(height=[HEIGHT_M] * COUNT, confidence=[-1.0] * COUNT).to_crs(4326).to_file(
        folder / "microsoft.geojsonl", driver="GeoJSONSeq"
    )
    outlines(TRAUFE=[HEIGHT_M] * COUNT, ERBAUT=[1936] * COUNT).to_file(folder / "register.gpkg")
    outlines(height=[HEIGHT_M] * COUNT).to_file(folder / "heights.gpkg")
    points = outlines(year=[1936] * COUNT)
    points.set_geometry(points.centroid).to_file(folder / "certificates.gpkg")
    write_text(degrees, folder / "buildings.csv", sep=";")
    write_text(plain, folder / "metres.csv")
    eubucco = gpd.read_parquet(folder / "eubucco.parquet").to_crs(3035)
    write_text(eubucco, folder / "eubucco.csv")
    middles = points.centroid.to_crs(4326)
    pd.DataFrame({"lon": middles.x, "lat": middles.y, "year": 1936}).to_csv(
        folder / "points.csv", index=False
    )
    lines().to_file(folder / "streets.gpkg")
    lines().to_crs(4326).to_file(folder / "streets.geojson")
    lines().to_file(folder / "streets.shp")


def write_rasters(folder):
    ground = np.full((80, 340), 431.0, dtype="float32")
    surface = ground.copy()
    for i in range(COUNT):
        surface[40:50, 50 + 40 * i : 70 + 40 * i] += HEIGHT_M
    for name, values in (("dsm.tif", surface), ("dtm.tif", ground)):
        with rasterio.open(
            folder / name, "w", driver="GTiff", width=340, height=80, count=1, dtype="float32", crs=UTM,
            transform=from_origin(X - 50, Y + 50, 1, 1),
        ) as raster:  # fmt: skip
            raster.write(values, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("own")
    write_osm(place)
    write_tables(place)
    write_rasters(place)
    model = Model()
    for i in range(COUNT):
        model.add(f"m{i}", box(40 * i, 0, 20, 10, HEIGHT_M), attributes={"yearOfConstruction": 1936})
    model.write(place / "model.city.json")
    model.write_sequence(place / "tiles.city.jsonl")
    return place


def test_the_page_has_an_example_for_each_format():
    text = " ".join(COMMANDS)
    names = "osm.pbf .osm overpass.json .gpkg .geojson .geojsonl .shp .fgb .parquet .csv overture eubucco"
    for name in f"{names} microsoft .city.json .city.jsonl .tif --join --map".split():
        assert name in text, name
    assert len(COMMANDS) >= 20


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_every_command_of_the_page_reads_what_it_names(folder, monkeypatch, command):
    monkeypatch.chdir(folder)
    program, name, *words = shlex.split(command)
    assert (program, name) == ("planner", "assess")
    asked = cli.commands["assess"].make_context("assess", list(words)).params
    fields = Request.__dataclass_fields__
    inputs = read_inputs(Request(**{key: value for key, value in asked.items() if key in fields}))
    extract = inputs.extract
    assert len(extract.buildings) == COUNT
    assert len(extract.streets) == 1
    assert extract.buildings["tagged_height_m"].tolist() == pytest.approx([HEIGHT_M] * COUNT, abs=0.01)
    assert {path.name for path in inputs.files.values()} == {word for word in words if Path(word).is_file()}
    if re.search(r"cadastre|buildings\.|metres|eubucco|register|certificates|points|city", command):
        assert extract.buildings["tagged_first_year"].tolist() == [1936] * COUNT


def test_options_that_need_each_other_say_so(folder, monkeypatch):
    from layers.core.errors import InputProblem, UsageProblem

    monkeypatch.chdir(folder)
    osm = Path("town.osm")
    wrong = {
        "--join-wins says": {"join_wins": True},
        "--map names columns": {"mapping": ("height_m=x",)},
    }
    for sentence, fields in wrong.items():
        with pytest.raises(UsageProblem, match=sentence):
            read_inputs(Request("mytown", "DE", osm=osm, **fields))
    with pytest.raises(InputProblem, match=r"nothing.gpkg does not exist; check --join\."):
        read_inputs(Request("mytown", "DE", osm=osm, joins=(Path("nothing.gpkg"),)))
