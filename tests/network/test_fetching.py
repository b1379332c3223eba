"""A town from the network to the pages: fetched once, then never asked for again."""

import dataclasses
import json
import socket

import geopandas as gpd
import pytest

from layers.core.errors import DataMissing
from planner.catalogue import find_place
from planner.fetched import find_town
from planner.fetching import Errand, fetch_town

from .conftest import NO_CONNECTION, NO_SOCKET, Answer, gazetteer_answer, overpass_answer, typical_year

TARTU = (26.72, 58.38)


@pytest.fixture
def fetch(services):
    """Fetch Tartu, a town of the catalogue, from the recorded services."""
    services.say("search", gazetteer_answer("Tartu", TARTU))
    services.say("tmy", typical_year(*TARTU))

    def run(*, refresh=False):
        silent = lambda words: None  # noqa: E731
        return fetch_town(Errand(find_place("tartu"), "osm", None, refresh, silent, silent))

    return run


def gone():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def test_a_town_is_fetched_with_date_source_and_licence(fetch, services):
    fetched = fetch()
    [osm] = fetched.data
    assert osm.about.date == "2019-04-14"
    assert osm.about.source == "OpenStreetMap, Tartu"
    assert osm.about.licence == "ODbL-1.0"
    assert "area(3600038042)" in osm.about.query
    assert fetched.weather.about.source == "PVGIS typical year (2008-2017), Tartu"
    assert [service for service, _, _ in services.asked] == ["search", "overpass", "tmy"]
    assert services.asked[0][1]["q"] == "Tartu"
    assert services.asked[0][1]["countrycodes"] == "ee"


def test_the_second_time_nobody_is_asked(fetch, services):
    first = fetch()
    services.asked.clear()
    assert fetch() == first
    assert services.asked == []


def test_a_fresh_copy_is_fetched_only_on_request(fetch, services):
    first = fetch()
    services.say("overpass", overpass_answer().replace(b"2019-04-14T", b"2026-11-20T"))
    assert fetch(refresh=True).data[0].about.date == "2026-11-20"
    assert services.count("overpass") == 2
    # the same objects: the same file
    assert find_town("tartu", "EE", "osm").data[0].sha256 == first.data[0].sha256


def test_damaged_data_are_fetched_again(fetch, services):
    path = fetch().data[0].path
    path.write_bytes(path.read_bytes()[:-7])
    assert fetch().data[0].path == path
    assert services.count("overpass") == 2
    assert services.count("search") == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (overpass_answer()[:90_000], "broke off"),
        (Answer(overpass_answer()[:90_000], promised=len(overpass_answer())), "broke off"),
        (b"", "empty answer"),
        (b'<osm version="0.6"><meta osm_base="2026-11-20T00:00:00Z"/></osm>', "found no building in Tartu"),
        (Answer(b"<html></html>", status=400), "refused the question"),
    ],
    ids=["cut", "cut on the way", "empty", "nothing there", "refused"],
)
def test_footprints_that_are_not_whole_are_not_kept(fetch, services, answer, words):
    services.say("overpass", Answer(status=429, headers={"Retry-After": "0"}), answer)
    with pytest.raises(DataMissing, match=words) as caught:
        fetch()
    assert "planner assess tartu --osm FILE --country EE" in str(caught.value)
    assert find_town("tartu", "EE", None) is None


def test_a_typical_year_that_cannot_be_had_stops_nobody(fetch, monkeypatch):
    monkeypatch.setenv("PLANNER_PVGIS_URL", gone())
    fetched = fetch()
    assert fetched.data
    assert fetched.weather is None
    assert "PVGIS could not be reached" in fetched.weather_problem


def test_a_cut_typical_year_is_not_kept(fetch, services):
    services.say("tmy", typical_year()[:100_000])
    assert "no whole typical year" in fetch().weather_problem
    assert find_town("tartu", "EE", None).weather is None


def test_of_a_carried_sample_only_the_weather_is_fetched(services):
    errand = Errand(find_place("karhula"), "osm", None, refresh=False, say=lambda text: None)
    fetched = fetch_town(errand, footprints=False)
    assert fetched.data == ()
    assert fetched.weather is not None
    assert [service for service, _, _ in services.asked] == ["tmy"]


def test_a_town_that_nobody_listed_gets_the_gazetteers_spelling(services):
    place = dataclasses.replace(
        find_place("tartu"), slug="kotka", title="kotka", country="FI", longitude_deg=None, latitude_deg=None
    )
    fetch_town(Errand(place, "osm", None, refresh=False, say=lambda text: None))
    assert find_town("kotka", None, None).place.title == "Kotka"


def test_fetch_prints_the_files_and_asks_once(services, planner):
    first = planner("fetch", "kotka", "--country", "FI")
    assert "asking Overpass" in first.stderr
    assert [line.rpartition("/")[2].partition("-")[0] for line in first.stdout.splitlines()] == [
        "osm",
        "weather",
    ]
    before = len(services.asked)
    again = planner("fetch", "kotka", "--json", guard=NO_CONNECTION)
    rows = json.loads(again.stdout)
    assert [row["kind"] for row in rows] == ["osm", "weather"]
    assert rows[0]["licence"] == "ODbL-1.0"
    assert len(services.asked) == before
    listed = planner("cities", guard=NO_SOCKET).stdout.splitlines()
    assert any(line.startswith("kotka") and "OpenStreetMap, 2019-04-14" in line for line in listed)


def test_offline_no_socket_is_opened_and_what_is_missing_is_said(services, planner):
    message = planner("assess", "tartu", "--offline", code=4, guard=NO_SOCKET).stderr
    assert "--offline forbids fetching" in message
    assert "planner fetch tartu" in message
    assert services.asked == []
    assert list(planner.place.iterdir()) == []


@pytest.mark.parametrize("command", ["assess", "fetch"])
def test_a_missing_network_is_an_ordinary_answer(services, planner, monkeypatch, command):
    monkeypatch.setenv("PLANNER_NOMINATIM_URL", gone())
    message = planner(command, "tartu", code=4).stderr.splitlines()[-1]
    assert "Nominatim could not be reached (the connection was refused)" in message
    assert "planner assess tartu --osm FILE --country EE" in message
    assert list(planner.place.iterdir()) == []


@pytest.mark.slow
def test_a_town_is_fetched_and_assessed_and_then_needs_no_socket(services, planner):
    busy = Answer(status=429, headers={"Retry-After": "0"})
    services.say("overpass", busy, overpass_answer())
    first = planner("assess", "kotka", "--country", "FI", "--draws", "20")
    assert "Overpass is busy (429); asking again in 0 s" in first.stderr
    asked = len(services.asked)
    planner("assess", "kotka", "--draws", "20", "--quiet", guard=NO_CONNECTION)
    assert len(services.asked) == asked
    one, other = planner.place / "runs" / "kotka", planner.place / "runs" / "kotka-2"
    steps = [json.loads((run / "manifest.json").read_bytes())["steps"] for run in (one, other)]
    assert steps[0] == steps[1]
    assert (one / "buildings.parquet").read_bytes() == (other / "buildings.parquet").read_bytes()
    assert len(gpd.read_parquet(one / "buildings.parquet")) == 247

    manifest = json.loads((one / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {"fetched_osm", "fetched_weather"}
    assert [source["title"] for source in manifest["sources"]] == [
        "OpenStreetMap, Kotka", "PVGIS typical year (2008-2017), Kotka",
    ]  # fmt: skip
    for page in ("map.html", "map-public.html", "summary.html"):
        text = (one / page).read_text(encoding="utf-8")
        for words in ("OpenStreetMap", "2019-04-14", "ODbL-1.0", "PVGIS © European Union"):
            assert words in text, f"{page}: {words}"
    summary = (one / "summary.html").read_text(encoding="utf-8")
    assert "typical year of PVGIS for 60.53° N 26.95° E" in summary

    for path in (planner.place.parent / "cache" / "fi-kotka").glob("weather*"):
        path.unlink()
    assert "is no longer there" in planner("verify", one, "--quiet", code=3).stderr


def test_a_run_is_repeated_with_the_data_that_it_used():
    from planner.verification import _request

    inputs = {"fetched_overture_buildings": {}, "fetched_overture_streets": {}}
    again = _request({"request": {"city": "kotka", "country": "FI"}, "inputs": inputs})
    assert (again.source, again.offline, again.fetched_weather) == ("overture", True, False)
    again = _request({"request": {"city": "kotka"}, "inputs": {"fetched_osm": {}, "fetched_weather": {}}})
    assert (again.source, again.offline, again.fetched_weather) == ("osm", True, True)
    assert _request({"request": {"city": "helsinki"}, "inputs": {"sample": {}}}).source is None
