import os
import signal
import subprocess
import sys
import textwrap

import pytest

from layers.core.errors import InputProblem, UsageProblem
from planner.run_folder import MANIFEST, choose_folder, new_run


def write_run(target, text="new"):
    with new_run(target) as folder:
        (folder / MANIFEST).write_text(text)


def test_runs_get_the_next_free_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []
    for _ in range(3):
        target = choose_folder("lecce", None, force=False)
        write_run(target)
        names.append(target.as_posix())
    assert names == ["runs/lecce", "runs/lecce-2", "runs/lecce-3"]


def test_an_older_run_is_only_replaced_by_force(tmp_path):
    target = tmp_path / "run"
    write_run(target, "old")
    with pytest.raises(UsageProblem, match="--force"):
        choose_folder("x", target, force=False)
    assert choose_folder("x", target, force=True) == target
    write_run(target, "new")
    assert (target / MANIFEST).read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("dear")
    with pytest.raises(UsageProblem, match="holds no run"):
        choose_folder("x", tmp_path / "photos", force=True)
    with pytest.raises(UsageProblem, match="is a file"):
        choose_folder("x", tmp_path / "photos" / "a.jpg", force=True)
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    with pytest.raises(UsageProblem, match="is a link"):
        choose_folder("x", tmp_path / "link", force=True)
    assert (tmp_path / "photos" / "a.jpg").read_text() == "dear"


def test_a_failed_run_leaves_the_old_one_and_nothing_half_made(tmp_path):
    target = tmp_path / "run"
    write_run(target, "old")
    with pytest.raises(ZeroDivisionError), new_run(target) as folder:
        (folder / MANIFEST).write_text("half")
        raise ZeroDivisionError
    assert (target / MANIFEST).read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_full_disk_is_a_sentence(tmp_path):
    with pytest.raises(InputProblem, match="No space left"), new_run(tmp_path / "run"):
        raise OSError(28, "No space left on device", "map.html")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(InputProblem, match="choose another --out"), new_run(blocker / "deeper" / "run"):
        pass


def test_a_killed_run_leaves_old_results_and_its_leftovers_are_removed_by_the_next(tmp_path):
    target = tmp_path / "run"
    write_run(target, "old")
    code = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from planner.run_folder import new_run
        with new_run(Path({str(target)!r})) as folder:
            (folder / "manifest.json").write_text("half")
            print("ready", flush=True)
            time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "ready"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert (target / MANIFEST).read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    write_run(target, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert (target / MANIFEST).read_text() == "new"
