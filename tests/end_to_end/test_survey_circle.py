"""The full circle: a run, the list of what to survey, the answers, a run that knows more."""

import csv
import json

import geopandas as gpd
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end_to_end")]
ROWS = 60


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def circle(run_planner, karhula, tmp_path_factory):
    """Half of the list comes back filled in, with the values that were assumed; the rest stays empty."""
    place = tmp_path_factory.mktemp("circle")
    done = run_planner("collect", karhula.folder, "--most", ROWS, "--out", "list.csv", cwd=place)
    rows = read(place / "list.csv")
    for row in rows[: ROWS // 2]:
        row["value"], row["source"] = row["assumed_value"], "site visit"
    with (place / "answers.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    run_planner("assess", "karhula", "--corrections", "answers.csv", "--quiet", cwd=place)
    after = gpd.read_parquet(place / "runs" / "karhula" / "buildings.parquet").set_index("building_id")
    return done, rows, after, place


def width(buildings):
    return buildings["heat_demand_p90_kwh"] - buildings["heat_demand_p10_kwh"]


def test_the_list_says_where_it_is_and_what_it_would_do(circle):
    done, rows, _, _ = circle
    assert done.stdout.strip() == "list.csv"
    assert f"{ROWS} values of" in done.stderr and "at best" in done.stderr
    assert len(rows) == ROWS
    assert list(rows[0])[:4] == ["building_id", "column", "value", "source"]
    assert {row["column"] for row in rows} <= {"storey_count", "construction_year", "use"}
    then = [float(row["area_range_then_share"]) for row in rows]
    assert then == sorted(then, reverse=True) and 0.5 < then[-1] < 1.0


def test_what_was_surveyed_has_a_narrower_range_about_as_the_list_said(circle, karhula):
    _, rows, after, _ = circle
    answered = [row for row in rows[: ROWS // 2] if row["column"] != "use"]
    names = sorted({row["building_id"] for row in answered})
    before = karhula.buildings
    ratio = width(after).loc[names].sum() / width(before).loc[names].sum()
    # a building with two answers is narrower still than each row says
    said = dict.fromkeys(names, 1.0)
    for row in answered:
        said[row["building_id"]] *= float(row["range_then_mwh"]) / float(row["range_mwh"])
    wanted = sum(said[name] * width(before)[name] for name in names) / width(before).loc[names].sum()
    assert ratio < 0.85
    assert ratio == pytest.approx(wanted, abs=0.15)
    assert (after.loc[names, "construction_year_origin"] == "user").mean() > 0.5


def test_rows_that_stayed_empty_changed_nothing(circle, karhula):
    _, rows, after, _ = circle
    answered = {row["building_id"] for row in rows[: ROWS // 2]}
    others = [name for name in karhula.buildings.index if name not in answered]
    column = "construction_year_origin"
    assert (after.loc[others, column].astype(str) == karhula.buildings.loc[others, column].astype(str)).all()


def test_the_city_knows_more_too_but_not_more_than_at_best(circle, karhula):
    _, rows, _, place = circle
    totals = [
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["totals"]
        for folder in (karhula.folder, place / "runs" / "karhula")
    ]
    before, after = (one["heat_demand_p90_mwh"] - one["heat_demand_p10_mwh"] for one in totals)
    at_best = float(rows[ROWS // 2 - 1]["area_range_then_share"])
    assert at_best - 0.02 < after / before < 1.0


def test_a_district_has_its_own_list_and_a_file_is_not_replaced_unasked(run_planner, karhula, tmp_path):
    words = ("collect", karhula.folder, "--district", "d03", "--most", "9", "--out", "d03.csv")
    run_planner(*words, cwd=tmp_path)
    assert {row["district_id"] for row in read(tmp_path / "d03.csv")} == {"d03"}
    assert "already there" in run_planner(*words, cwd=tmp_path, code=2).stderr
    run_planner(*words, "--force", cwd=tmp_path)
    assert (
        "no district"
        in run_planner("collect", karhula.folder, "--district", "x", cwd=tmp_path, code=2).stderr
    )
    assert "is not a run" in run_planner("collect", tmp_path, cwd=tmp_path, code=3).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d03.csv"]
