"""`planner validate`: what it prints, when it fails, and that its page tells what it would check."""

import gzip
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from layers.core.errors import CheckMissed, DataMissing, InputProblem, UsageProblem
from planner.cli import cli
from planner.validation import golden, report
from planner.validation.check import Check, Criterion, Options
from planner.validation.examples import read_examples

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "golden" / "tabula" / "tabula_examples.csv.gz"


def validate(capsys, *words):
    """Return what the command prints on stdout and stderr; it fails with the program's own errors."""
    cli.main(["validate", *map(str, words)], standalone_mode=False)
    return capsys.readouterr()


def some_examples(folder, count=40, name="some.csv.gz", **columns):
    path = folder / name
    pd.read_csv(EXAMPLES, low_memory=False).head(count).assign(**columns).to_csv(path, index=False)
    return path


def test_examples_of_ones_own_are_counted_and_their_largest_error_is_shown(capsys, tmp_path):
    printed = validate(capsys, "demand", "--examples", some_examples(tmp_path))
    row = next(line for line in printed.out.splitlines() if "heat need of every example" in line)
    assert "40 rows" in row and "passed" in row and re.search(r"\d(\.\d+)?e-1[0-9]", row)
    assert "all passed" in printed.out.splitlines()[-1]
    assert "1/" in printed.err and "ok" in printed.err


def test_a_published_result_that_was_tampered_with_is_missed(capsys, tmp_path):
    table = pd.read_csv(EXAMPLES, low_memory=False).head(10)
    table.loc[7, "q_h_nd"] += 2e-6
    table.to_csv(tmp_path / "tampered.csv", index=False)
    with pytest.raises(CheckMissed, match=r"1 of 4 checks missed .* heat need of every example"):
        validate(capsys, "demand", "--examples", tmp_path / "tampered.csv", "--quiet")
    assert CheckMissed.exit_code == 5
    assert "MISSED" in capsys.readouterr().out


def test_a_tampered_intermediate_value_is_missed_and_named(capsys, tmp_path):
    table = pd.read_csv(EXAMPLES, low_memory=False).head(10)
    table.loc[3, "tau"] *= 1.001
    table.to_csv(tmp_path / "tampered.csv", index=False)
    with pytest.raises(CheckMissed, match="every intermediate value"):
        validate(capsys, "demand", "--examples", tmp_path / "tampered.csv")
    assert "largest in tau" in capsys.readouterr().out


def test_the_shell_sees_five_and_one_line_that_says_why(tmp_path):
    table = pd.read_csv(EXAMPLES, low_memory=False).head(3)
    table["q_h_nd"] += 1.0
    table.to_csv(tmp_path / "tampered.csv", index=False)
    words = ["validate", "demand", "--examples", "tampered.csv", "--quiet", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", "from planner.cli import main; main()", *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 5
    assert re.fullmatch(r"planner: 1 of 4 checks missed .* found 1, bound ≤ 1e-06 kWh/m²\.\n", done.stderr)
    assert [check["passed"] for check in json.loads(done.stdout)["checks"]] == [False, True, True, True]


def test_json_says_what_was_found_with_its_bound_and_source(capsys, tmp_path):
    printed = validate(capsys, "--examples", some_examples(tmp_path), "--json", "--quiet")
    told = json.loads(printed.out)
    assert set(told) == {"version", "date", "checks"}
    assert printed.err == ""
    assert len(told["checks"]) == 4
    for check in told["checks"]:
        assert set(check) == {"subject", "name", "found", "bound", "unit", "passed", "source", "note"}
        assert check["subject"] == "demand" and check["passed"] is True
        assert isinstance(check["found"], float) and "TABULA" in check["source"]
        assert re.fullmatch(r"[≤≥] [\d.e-]+|[\d.-]+ to [\d.-]+", check["bound"])


def test_published_results_that_are_missing_are_named_with_a_cure(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(golden, "HOMES", (tmp_path / "nowhere",))
    with pytest.raises(DataMissing, match=r"tabula_examples\.csv\.gz .* install the program again"):
        validate(capsys, "demand")
    assert DataMissing.exit_code == 4


def test_a_file_of_one_subject_is_refused_for_another(capsys, tmp_path):
    with pytest.raises(UsageProblem, match="belongs to the checks of demand"):
        validate(capsys, "solar", "--examples", some_examples(tmp_path))


def write_gzip_cut_short(path):
    path.write_bytes(gzip.compress(EXAMPLES.read_bytes() * 2)[:5000])


BAD_FILES = {
    "does not exist": lambda path: None,
    "is a folder": lambda path: path.mkdir(),
    "is empty": lambda path: path.write_bytes(b""),
    "cannot be read as a table": write_gzip_cut_short,
    "lacks the columns": lambda path: path.write_bytes(gzip.compress(b"a,b\n1,2\n")),
    "holds no example": lambda path: pd.read_csv(EXAMPLES, nrows=0).to_csv(path, index=False),
    "'warm' is no number": lambda path: some_examples(path.parent, 3, path.name, theta_i="warm"),
    "'nan' is no number": lambda path: some_examples(path.parent, 3, path.name, q_h_nd=float("nan")),
    "must be larger than zero": lambda path: some_examples(path.parent, 3, path.name, A_C_Ref=0),
}


@pytest.mark.parametrize("said", BAD_FILES)
def test_a_bad_table_of_examples_is_explained_in_one_sentence(said, tmp_path):
    path = tmp_path / "bad.csv.gz"
    BAD_FILES[said](path)
    with pytest.raises(InputProblem, match=re.escape(said)) as problem:
        read_examples(path)
    assert "bad.csv.gz" in str(problem.value) and "\n" not in str(problem.value)


def test_a_plain_csv_is_read_like_a_packed_one(tmp_path):
    packed, plain = some_examples(tmp_path, 5), some_examples(tmp_path, 5, "plain.csv")
    pd.testing.assert_frame_equal(read_examples(packed), read_examples(plain))


def test_a_table_without_intermediate_values_is_checked_by_its_results(capsys, tmp_path):
    table = pd.read_csv(EXAMPLES, low_memory=False).head(5).drop(columns=["tau", "a_H", "gamma_h_gn"])
    table.to_csv(tmp_path / "short.csv", index=False)
    assert "7 quantities" in validate(capsys, "--examples", tmp_path / "short.csv").out


def test_no_number_passes_no_bound():
    share = Criterion("demand", "a", "share", "b", lowest=0.75, highest=1.25)
    assert [share.check(found).passed for found in (0.74, 0.75, 1.25, 1.26)] == [False, True, True, False]
    assert not Criterion("demand", "a", "share", "b", lowest=-1e9).check(float("nan")).passed
    assert not Criterion("demand", "a", "share", "b", lowest=0.0).check(float("inf")).passed
    text = report.json_text([share.check(float("nan"))])
    assert json.loads(text)["checks"][0]["found"] is None


def test_every_criterion_has_a_bound_a_unit_and_a_source_and_a_name_of_its_own():
    criteria = report.criteria()
    assert len({(one.subject, one.name) for one in criteria}) == len(criteria)
    for one in criteria:
        assert one.lowest is not None or one.highest is not None
        assert one.unit and one.source and one.subject in report.SUBJECTS


def test_the_stored_results_are_those_of_the_criteria_of_today():
    # a criterion that was added, dropped or given another bound must be measured again
    for subject in report.SUBJECTS:
        told = report.read_stored()[subject]["checks"]
        criteria = report.criteria([subject])
        wanted = [(one.subject, one.name, one.bound, one.unit, one.source) for one in criteria]
        stored = [tuple(row[key] for key in ("subject", "name", "bound", "unit", "source")) for row in told]
        assert stored == wanted, f"run: python -m planner.validation.record {subject}"
        for row, criterion in zip(told, criteria, strict=True):
            assert row["passed"] == criterion.check(row["found"]).passed


def test_figures_are_rounded_to_three():
    page = report.validation_page()
    for row in (row for told in report.read_stored().values() for row in told["checks"]):
        assert f"| {row['name']} | {report.figures_text(row['found'])} |" in page


def test_golden_data_reach_the_wheel():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"] == {"tests/golden": "planner/data/golden"}
    assert golden.HOMES[0] == ROOT / "planner" / "data" / "golden"
    assert golden.HOMES[1] == ROOT / "tests" / "golden"


def test_an_installed_package_finds_its_own_copy_first(monkeypatch, tmp_path):
    inside, beside = tmp_path / "package", tmp_path / "checkout"
    monkeypatch.setattr(golden, "HOMES", (inside, beside))
    for home in (beside, inside):
        (home / "tabula").mkdir(parents=True)
        (home / "tabula" / "a.csv").write_text("x")
        assert golden.golden_path("tabula/a.csv") == home / "tabula" / "a.csv"


def test_a_check_can_be_made_by_hand():
    check = Criterion("solar", "yield", "share", "somebody", highest=0.01).check(0.002, "one year")
    assert check == Check("solar", "yield", 0.002, "≤ 0.01", "share", True, "somebody", "one year")
    assert "passed  one year" in report.table_text([check])
    assert Options().examples is None
