"""The other door: Overture's public GeoParquet, read here from a folder laid out like the bucket."""

import json
import socket

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from layers.core.errors import DataMissing, UsageProblem
from planner.catalogue import find_place
from planner.fetched import find_town
from planner.fetching import Errand, fetch_town
from planner.network import overture

from .conftest import gazetteer_answer

TARTU = (26.72, 58.38)
OLD, NEW = "2026-10-21.0", "2026-11-18.0"


def square(east, north, metres=12.0):
    """A house so many metres east and north of the town's middle."""
    longitude, latitude = TARTU[0] + east / 58_300.0, TARTU[1] + north / 111_200.0
    return shapely.box(longitude, latitude, longitude + metres / 58_300.0, latitude + metres / 111_200.0)


def table(ids, geometries, **columns):
    boxes = [dict(zip(("xmin", "ymin", "xmax", "ymax"), g.bounds, strict=True)) for g in geometries]
    names = [{"primary": f"Object {one}"} for one in ids]
    return pa.table(
        {"id": ids, "geometry": shapely.to_wkb(geometries).tolist(), "bbox": boxes, "names": names, **columns}
    )


@pytest.fixture
def bucket(tmp_path, monkeypatch, services):
    """Two releases: sixty houses and two streets in the town, one house far away, a waterway's segment."""
    services.say("search", gazetteer_answer("Tartu", TARTU))
    houses = [square(40.0 * (n % 10), 40.0 * (n // 10)) for n in range(60)]
    far = shapely.box(25.0, 58.0, 25.001, 58.001)
    ids = [f"h{n:02d}" for n in range(60)]
    streets = [
        shapely.LineString([square(0, -10).centroid, square(400, -10).centroid]),
        shapely.LineString([square(0, 230).centroid, square(400, 230).centroid]),
        shapely.LineString([square(0, 300).centroid, square(400, 300).centroid]),
    ]
    for release in (OLD, NEW):
        for theme, one in (
            ("theme=buildings/type=building", table(
                [*reversed(ids), "far"], [*reversed(houses), far], num_floors=[3] * 61, height=[10.5] * 61,
                subtype=["residential"] * 61,
            )),
            ("theme=transportation/type=segment", table(
                ["s1", "s2", "canal"], streets, subtype=["road", "road", "water"],
                **{"class": ["residential", "secondary", "canal"]},
            )),
        ):  # fmt: skip
            folder = tmp_path / "release" / release / theme
            folder.mkdir(parents=True)
            # several files, as in the bucket
            pq.write_table(one.slice(0, 2), folder / "part-1.parquet")
            pq.write_table(one.slice(2), folder / "part-2.parquet")
    monkeypatch.setenv("PLANNER_OVERTURE_URL", str(tmp_path / "release"))
    return tmp_path / "release"


def fetch(release=None):
    silent = lambda words: None  # noqa: E731
    return fetch_town(Errand(find_place("tartu"), "overture", release, False, silent, silent))


def test_the_newest_release_is_read_and_named(bucket):
    buildings, streets = fetch().data
    assert buildings.about.source == f"Overture Maps {NEW}, buildings of Tartu"
    assert buildings.about.date == "2026-11-18"
    assert buildings.about.licence == "ODbL-1.0"
    assert NEW in buildings.about.query
    houses = pq.read_table(buildings.path)
    assert houses.column("id").to_pylist() == [f"h{n:02d}" for n in range(60)]
    assert json.loads(houses.schema.metadata[b"geo"])["primary_column"] == "geometry"
    assert pq.read_table(streets.path).column("id").to_pylist() == ["s1", "s2"]


def test_a_release_can_be_chosen(bucket):
    assert OLD in fetch(OLD).data[0].about.source


def test_a_release_that_is_gone_is_answered_with_those_that_are_there(bucket):
    with pytest.raises(
        DataMissing, match=rf"no longer has the release '2025-01-01\.0'; it has {OLD} and {NEW}"
    ):
        fetch("2025-01-01.0")
    assert find_town("tartu", "EE", None) is None


def test_the_outline_and_not_its_box_decides(bucket, services):
    # a triangle that leaves out what lies in the north-east of the box
    corner = [[26.67, 58.35], [26.7215, 58.35], [26.7215, 58.38], [26.67, 58.41], [26.67, 58.35]]
    services.say(
        "search", gazetteer_answer("Tartu", TARTU, geojson={"type": "Polygon", "coordinates": [corner]})
    )
    count = pq.read_metadata(fetch().data[0].path).num_rows
    assert 0 < count < 60


def test_a_town_without_a_building_is_said(bucket, services):
    services.say("search", gazetteer_answer("Tartu", (26.9, 58.5)))
    with pytest.raises(DataMissing, match="has no building in Tartu"):
        fetch()


def test_a_damaged_release_is_one_sentence(bucket):
    (bucket / NEW / "theme=buildings" / "type=building" / "part-2.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(DataMissing, match="could not be read"):
        fetch()


@pytest.mark.parametrize("url", ["/nowhere/at/all", "file:///nowhere/at/all"])
def test_a_folder_that_is_not_there_is_one_sentence(bucket, monkeypatch, url):
    monkeypatch.setenv("PLANNER_OVERTURE_URL", url)
    with pytest.raises(DataMissing, match="Overture could not be reached"):
        fetch()


def test_a_bucket_that_refuses_is_one_sentence(monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("PLANNER_OVERTURE_URL", f"s3://a/release?endpoint=127.0.0.1:{port}&scheme=http")
    with pytest.raises(DataMissing, match=r"could not be reached \(there is no connection\)"):
        overture.choose_release(overture.open_store(), None)


def test_an_address_with_strange_settings_is_refused(monkeypatch):
    monkeypatch.setenv("PLANNER_OVERTURE_URL", "s3://a/release?key=secret")
    with pytest.raises(UsageProblem, match="key"):
        overture.open_store()


def test_fetched_overture_data_are_read_like_a_persons_files(bucket):
    from planner.acquire import Request, read_inputs

    fetch()
    inputs = read_inputs(Request("tartu", source="overture", offline=True))
    extract = inputs.extract
    assert len(extract.buildings) == 60
    assert extract.buildings["tagged_storey_count"].eq(3).all()
    assert extract.buildings["tagged_height_m"].eq(10.5).all()
    assert extract.streets["kind"].tolist() == ["residential", "secondary"]
    assert [source.title for source in extract.sources] == [
        f"Overture Maps {NEW}, buildings of Tartu", f"Overture Maps {NEW}, streets of Tartu",
    ]  # fmt: skip
    assert set(inputs.files) == {"fetched_overture_buildings", "fetched_overture_streets", "fetched_weather"}
