"""The house rules, held by machine."""

import ast
import csv
import dataclasses
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from layers.core import facts
from layers.core.units import unit_suffix

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("planner", "layers", "replication", "reports")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_MODULE = 400


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_there_are_modules_to_hold_to_the_rules():
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_is_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_says_what_it_is_and_leaves_nothing_unfinished(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no docstring"
    marks = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"])
    assert not re.search(rf"\b({marks})\b|NotImplemented" + "Error", text)


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.relative_to(ROOT).parts[0] in ("layers", "replication")], ids=module_name
)
def test_layers_and_replication_never_loop_over_rows_and_never_print(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"iterrows|itertuples|apply\([^)]*axis=1", text)
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_module_catches_everything(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"
            names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
            assert not names & {"Exception", "BaseException"}, f"line {node.lineno}"


@pytest.mark.slow
def test_the_arrows_hold_and_every_module_is_placed():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "0 broken" in done.stdout


def parameter_classes():
    for path in MODULES:
        if path.relative_to(ROOT).parts[0] not in ("layers", "replication"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("Params"):
                yield getattr(importlib.import_module(module_name(path)), node.name)


def test_parameters_are_frozen_and_carry_their_units():
    found = list(parameter_classes())
    assert len(found) >= 6
    for kind in found:
        assert dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen, kind
        for field in dataclasses.fields(kind):
            if field.type in ("float", "int", float, int) and field.name != "seed":
                assert unit_suffix(field.name), f"{kind.__name__}.{field.name} has no unit"


def test_every_column_of_the_dictionary_has_a_meaning_and_numbers_have_units():
    from planner.dictionary import dictionary_rows

    rows = dictionary_rows()
    assert len(rows) > 80
    for row in rows:
        assert row["meaning"], row
        if row["kind"] in ("number", "whole"):
            assert row["unit"], row


def test_every_fact_has_a_unit_a_source_and_a_sensible_range():
    sources = facts.read_sources()
    assert len(facts.subjects()) >= 4
    for subject in facts.subjects():
        for fact in facts.read_facts(subject).values():
            where = f"{subject}/{fact.id}"
            assert fact.unit, where
            assert fact.parameter, where
            assert fact.is_estimate or fact.source_id in sources, f"{where}: {fact.source_id}"
            assert fact.is_estimate is False or fact.note, f"{where}: an estimate without a reason"
            low = fact.value if fact.low is None else fact.low
            high = fact.value if fact.high is None else fact.high
            assert low <= fact.value <= high, where


def test_every_source_that_a_table_names_is_in_the_bibliography():
    sources = facts.read_sources()
    checked = 0
    for path in (ROOT / "layers" / "data").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                named = row.get("source_id")
                if named:
                    checked += 1
                    for one in re.split(r"[;|+ ]+", named):
                        assert one == "estimate" or one in sources, f"{path.name}: {one}"
    assert checked > 200


def test_every_source_has_a_citation_and_a_licence():
    for source in facts.read_sources().values():
        assert source.citation and source.licence, source.id


def tracked_texts():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in done.stdout.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout")
    for name in names:
        path = ROOT / name
        if (
            path.suffix in (".py", ".md", ".toml", ".js", ".css", ".j2", ".html", ".csv", "")
            and path.is_file()
        ):
            yield name, path.read_text(encoding="utf-8", errors="replace")


def test_the_project_speaks_of_itself_alone():
    words = re.compile(
        "|".join(["/wor" + "k/", "/far" + "m/", "/roo" + "t/", "py" + "pi\\.org", "files.python" + "hosted"])
    )
    found = [name for name, text in tracked_texts() if words.search(text)]
    assert not found


def test_help_loads_nothing_heavy():
    heavy = ("numpy", "pandas", "geopandas", "sklearn", "folium", "pvlib", "rasterio", "numba", "pydantic")
    code = (
        "import sys; from planner.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', [m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "assess" in done.stdout
    assert "HEAVY []" in done.stdout
