"""Commands as a person calls them, with everything that can be typed wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from planner.cli import cli

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "planner" / "data" / "samples" / "karhula.osm.pbf"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory):
    """An empty cache: nothing was fetched on this machine."""
    EMPTY["PLANNER_CACHE"] = str(tmp_path_factory.getbasetemp() / "empty-cache")


EMPTY: dict[str, str] = {}


def planner(*words, cwd, code=0):
    done = subprocess.run(
        [sys.executable, "-c", "from planner.cli import main; main()", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **EMPTY},
    )  # fmt: skip
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout[-500:]} {done.stderr[-1500:]}"
    assert "Traceback" not in done.stderr
    return done


def refused(*words, cwd, code):
    """Return the message of a call that must fail with one line and leave nothing behind."""
    before = sorted(cwd.rglob("*"))
    message = planner(*words, cwd=cwd, code=code).stderr.strip()
    assert sorted(cwd.rglob("*")) == before
    return message


def test_help_and_version_answer(tmp_path):
    assert "assess" in planner("--help", cwd=tmp_path).stdout
    assert re.search(r"\d+\.\d+", planner("--version", cwd=tmp_path).stdout)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented_and_ends_its_help_with_an_example(name):
    command = cli.commands[name]
    text = command.get_help(command.make_context(f"planner {name}", [], resilient_parsing=True))
    assert re.search(rf"Examples?:\n( +planner {name}[^\n]*\n?)+$", text)
    assert f"## planner {name}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def examples():
    for _, command in sorted(cli.commands.items()):
        lines = [line.strip() for line in (command.epilog or "").splitlines()]
        yield from (line.split()[1:] for line in lines if line.startswith("planner "))


@pytest.mark.parametrize("words", list(examples()), ids=" ".join)
def test_every_example_is_understood(words):
    command = cli.commands[words[0]]
    with command.make_context(words[0], list(words[1:])) as context:
        assert set(context.params) == {parameter.name for parameter in command.params} - {"help"}


SHORT = [["cities"], ["columns", "districts"], ["facts", "heat"], ["init", "planner.toml"]]


@pytest.mark.parametrize("words", SHORT, ids=" ".join)
def test_examples_that_need_no_run_run(tmp_path, words):
    assert words in list(examples())
    assert planner(*words, cwd=tmp_path).stdout


def test_cities_are_listed_with_their_role_and_data(tmp_path):
    lines = planner("cities", cwd=tmp_path).stdout.splitlines()
    assert len(lines) == 23
    assert "446 buildings" in lines[0]
    tartu = next(line for line in lines if line.startswith("tartu"))
    assert "EE" in tartu
    assert "no data on this machine" in tartu
    rows = json.loads(planner("cities", "--json", cwd=tmp_path).stdout)
    assert {row["slug"] for row in rows} >= {"helsinki", "karhula", "leipzig", "lviv"}


def test_facts_are_listed_with_source(tmp_path):
    assert "heat" in planner("facts", cwd=tmp_path).stdout
    heat = planner("facts", "heat", cwd=tmp_path).stdout
    assert "heat/monthly_utilisation_a0: 1" in heat
    estimates = json.loads(planner("facts", "--estimates", "--json", cwd=tmp_path).stdout)
    assert estimates
    assert all(row["source_id"] == "estimate" for row in estimates)
    assert "choose from" in refused("facts", "cheese", cwd=tmp_path, code=2)


def test_columns_are_listed_with_unit(tmp_path):
    lines = planner("columns", "districts", cwd=tmp_path).stdout.splitlines()
    assert any("districts.heat_density_mwh_per_ha [MWh/(ha a)]" in line for line in lines)
    assert "choose from" in refused("columns", "cheese", cwd=tmp_path, code=2)


def test_settings_are_written_once(tmp_path):
    planner("init", cwd=tmp_path)
    assert "seed = 1" in (tmp_path / "planner.toml").read_text()
    assert "--force" in refused("init", cwd=tmp_path, code=2)
    planner("init", "--force", cwd=tmp_path)


def test_a_known_city_without_data_says_what_to_do(tmp_path):
    message = refused("assess", "tartu", "--offline", cwd=tmp_path, code=4)
    assert "Tartu is known" in message
    assert "planner fetch tartu" in message
    assert "planner assess tartu --osm FILE" in message


def test_options_of_fetching_that_do_not_fit(tmp_path):
    carried = refused("assess", "helsinki", "--source", "osm", cwd=tmp_path, code=2)
    assert "leave --source out" in carried
    assert "--source overture" in refused("fetch", "tartu", "--release", "2026-11-18.0", cwd=tmp_path, code=2)
    own = ("--osm", SAMPLE, "--country", "FI", "--source", "osm")
    assert "--source says where" in refused("assess", "mytown", *own, cwd=tmp_path, code=2)
    assert "Invalid value" in refused("fetch", "tartu", "--source", "bing", cwd=tmp_path, code=2)
    assert "QQ" in refused("fetch", "mytown", "--country", "QQ", cwd=tmp_path, code=2)
    assert "is not known" in refused("fetch", "mytown", cwd=tmp_path, code=4)


def test_a_misspelt_city_gets_a_hint(tmp_path):
    message = refused("assess", "helsnki", cwd=tmp_path, code=4)
    assert "Did you mean helsinki" in message


@pytest.mark.parametrize("name", ["", "   ", "\u202e"])
def test_a_city_without_a_name_is_refused(tmp_path, name):
    assert "no name" in refused("assess", name, cwd=tmp_path, code=2)


def test_a_city_name_cannot_leave_the_folder(tmp_path):
    message = refused("assess", "../../etc/passwd", cwd=tmp_path, code=4)
    assert "is not known" in message


def test_an_own_town_needs_its_country(tmp_path):
    assert "--country" in refused("assess", "mytown", "--osm", SAMPLE, cwd=tmp_path, code=2)


def test_an_unknown_country_is_refused_with_the_list(tmp_path):
    message = refused("assess", "mytown", "--osm", SAMPLE, "--country", "QQ", cwd=tmp_path, code=2)
    assert "QQ" in message
    assert "DE" in message


def test_options_that_exclude_each_other(tmp_path):
    both = ("--osm", SAMPLE, "--buildings", SAMPLE, "--country", "FI")
    assert "both" in refused("assess", "mytown", *both, cwd=tmp_path, code=2)
    alone = ("--osm", SAMPLE, "--streets", SAMPLE, "--country", "FI")
    assert "--streets goes with" in refused("assess", "mytown", *alone, cwd=tmp_path, code=2)


def test_a_file_that_is_not_there(tmp_path):
    message = refused("assess", "mytown", "--osm", "nowhere.osm.pbf", "--country", "DE", cwd=tmp_path, code=3)
    assert "nowhere.osm.pbf does not exist" in message


def test_an_option_that_does_not_exist(tmp_path):
    assert "No such option" in refused("assess", "helsinki", "--chese", cwd=tmp_path, code=2)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\x00\x01garbage" * 50, "extract"), (SAMPLE.read_bytes()[:60_000], "")],
    ids=["empty", "garbage", "truncated"],
)
def test_a_damaged_extract_is_one_sentence_and_leaves_nothing(tmp_path, content, words):
    path = tmp_path / "broken.osm.pbf"
    path.write_bytes(content)
    message = refused("assess", "mytown", "--osm", path, "--country", "FI", "--quiet", cwd=tmp_path, code=3)
    assert "broken.osm.pbf" in message
    assert words in message


def test_a_table_of_corrections_with_the_wrong_head(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text("id,value\nway/1,3\n")
    message = refused("assess", "karhula", "--corrections", path, "--quiet", cwd=tmp_path, code=3)
    assert "known.csv" in message
    assert "building_id,column,value,source" in message


def test_a_run_folder_that_is_something_else_is_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "dear.jpg").write_text("dear")
    message = refused("assess", "karhula", "--out", "photos", "--force", cwd=tmp_path, code=2)
    assert "holds no run" in message


def test_verify_needs_a_run(tmp_path):
    assert "is not a run" in refused("verify", tmp_path, cwd=tmp_path, code=3)
    (tmp_path / "manifest.json").write_text("{")
    assert "damaged" in refused("verify", tmp_path, cwd=tmp_path, code=3)


@pytest.mark.parametrize("name", ["", *sorted(cli.commands)])
def test_examples_keep_their_lines(tmp_path, name):
    text = planner(*([name] if name else []), "--help", cwd=tmp_path).stdout
    assert "\\b" not in text
    assert re.search(r"^ +planner \w+", text, re.M)
