"""The cache: whole or not at all, damage noticed, old data replaced in one stroke."""

import json
import os
import time

import pytest

from layers.core.errors import InputProblem, UsageProblem
from planner.fetched import fetched_towns, find_town
from planner.network import cache


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def about(town="tartu", country="EE", source="OpenStreetMap, Tartu"):
    return cache.About(
        town=town, title=town.title(), country=country, longitude_deg=26.7, latitude_deg=58.4, source=source,
        licence="ODbL-1.0", attribution="© OpenStreetMap contributors", url="https://example.org",
        date="2026-11-20", fetched="2026-11-21", service="http://service", query="all",
    )  # fmt: skip


def put(content=b"data", kind="osm", **words):
    known = about(**words)
    place = cache.town_folder(known.town, known.country)
    with cache.workshop(place) as room:
        (room / "made").write_bytes(content)
        return cache.store(place, kind, room / "made", known)


def test_data_come_back_with_their_record():
    stored = put()
    found = cache.find_data(stored.path.parent, "osm")
    assert found == stored
    record = found.source_record()
    assert (record.title, record.licence, record.date) == ("OpenStreetMap, Tartu", "ODbL-1.0", "2026-11-20")
    written = json.loads((stored.path.parent / "osm.json").read_text(encoding="utf-8"))
    assert {"file", "bytes", "sha256", "service", "query", "fetched", "attribution"} <= set(written)


def test_new_data_replace_old_and_leave_nothing_behind(folder):
    first, second = put(b"old"), put(b"new!")
    assert not first.path.exists()
    assert second.path.read_bytes() == b"new!"
    assert sorted(path.name for path in second.path.parent.iterdir()) == [second.path.name, "osm.json"]


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "record cut", "record strange", "record gone"])
def test_damaged_data_are_as_good_as_none(damage):
    stored = put(b"0123456789")
    record = stored.path.parent / "osm.json"
    {
        "cut": lambda: stored.path.write_bytes(b"01234"),
        "changed": lambda: stored.path.write_bytes(b"0123456780"),
        "gone": stored.path.unlink,
        "record cut": lambda: record.write_text(record.read_text()[:40]),
        "record strange": lambda: record.write_text("[]"),
        "record gone": record.unlink,
    }[damage]()
    assert cache.find_data(stored.path.parent, "osm") is None


def test_a_record_cannot_lead_out_of_its_folder(folder, tmp_path):
    stored = put()
    (tmp_path / "secret.osm.pbf").write_bytes(b"data")
    record = stored.path.parent / "osm.json"
    record.write_text(record.read_text().replace(stored.path.name, "../../secret.osm.pbf"))
    assert cache.find_data(stored.path.parent, "osm") is None


def test_what_fails_half_way_leaves_no_folder(folder):
    with pytest.raises(RuntimeError), cache.workshop(cache.town_folder("tartu", "EE")) as room:
        (room / "half").write_bytes(b"ha")
        raise RuntimeError("the network went away")
    assert not folder.exists()


def test_a_failed_refresh_keeps_what_was_there():
    stored = put()
    with pytest.raises(RuntimeError), cache.workshop(stored.path.parent) as room:
        (room / "half").write_bytes(b"ha")
        raise RuntimeError("the network went away")
    assert cache.find_data(stored.path.parent, "osm") == stored


def test_the_workshop_of_a_killed_run_is_cleared_after_a_day():
    place = put().path.parent
    young, old = place / ".partial-young", place / ".partial-old"
    for leftover in (young, old):
        leftover.mkdir()
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    with cache.workshop(place):
        pass
    assert young.exists()
    assert not old.exists()


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputProblem, match="PLANNER_CACHE"), cache.workshop(cache.town_folder("a", "EE")):
        pass


def test_without_a_folder_of_ones_own_the_systems_place_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("PLANNER_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "planner"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / ".cache" / "planner"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache.cache_folder() == tmp_path / "Library" / "Caches" / "planner"


def test_towns_of_the_same_name_need_their_country():
    put(town="neustadt", country="DE")
    put(town="neustadt", country="AT")
    with pytest.raises(UsageProblem, match="--country AT or DE"):
        find_town("neustadt", None, None)
    assert find_town("neustadt", "AT", None).place.country == "AT"
    assert set(fetched_towns()) == {("neustadt", "AT"), ("neustadt", "DE")}


def test_a_source_counts_only_when_all_its_files_are_there():
    put(kind="overture-buildings")
    assert find_town("tartu", "EE", None) is None
    put(kind="overture-streets")
    town = find_town("tartu", None, None)
    assert (town.source, len(town.data)) == ("overture", 2)
    put(kind="osm")
    assert find_town("tartu", "EE", None).source == "osm"
    assert find_town("tartu", "EE", "overture").source == "overture"


def test_a_town_without_anything_is_none():
    assert find_town("tartu", "EE", None) is None
    assert fetched_towns() == {}
