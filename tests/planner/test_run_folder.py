import os
import signal
import subprocess
import sys
import textwrap

import pytest

from layers.core.errors import InputProblem, UsageProblem
from planner.run_folder import MANIFEST, choose_folder, new_run, recover
from planner.swap import exchange


def write_run(target, text="new"):
    with new_run(target) as run:
        (run.folder / MANIFEST).write_text(text)
    return run.target


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
    with pytest.raises(ZeroDivisionError), new_run(target) as run:
        (run.folder / MANIFEST).write_text("half")
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
        with new_run(Path({str(target)!r})) as run:
            (run.folder / "manifest.json").write_text("half")
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


def test_two_runs_at_once_lose_nothing(tmp_path):
    target = tmp_path / "karhula"
    with new_run(target) as slow:
        (slow.folder / MANIFEST).write_text("slow")
        process = subprocess.run(
            [sys.executable, "-c", f"""
from pathlib import Path
from planner.run_folder import new_run
with new_run(Path({str(target)!r})) as run:
    (run.folder / "manifest.json").write_text("quick")
"""], check=True)  # fmt: skip
        assert process.returncode == 0
        assert (target / MANIFEST).read_text() == "quick"
    assert slow.target == tmp_path / "karhula-2"
    assert (target / MANIFEST).read_text() == "quick"
    assert (slow.target / MANIFEST).read_text() == "slow"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_kill_while_an_older_run_is_replaced_loses_none_of_both(tmp_path, moment, monkeypatch):
    """Where the system cannot exchange two names at once, the next run puts the older one back."""
    target = tmp_path / "run"
    write_run(target, "old")
    last_call = {"before": 0, "between": 1, "after": 2}[moment]
    code = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from planner import run_folder
        run_folder.exchange = lambda one, other: False
        rename, calls = Path.rename, []
        def rename_and_die(self, other):
            calls.append(self)
            if {moment!r} == "before": os.kill(os.getpid(), signal.SIGKILL)
            rename(self, other)
            if len(calls) == {last_call}: os.kill(os.getpid(), signal.SIGKILL)
        Path.rename = rename_and_die
        with run_folder.new_run(Path({str(target)!r})) as run:
            (run.folder / "manifest.json").write_text("new")
    """)
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    recover(target)
    assert (target / MANIFEST).read_text() == ("new" if moment == "after" else "old")
    write_run(target, "newest")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert (target / MANIFEST).read_text() == "newest"


def test_an_older_run_is_exchanged_in_one_step_where_the_system_can(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    write_run(one, "1")
    write_run(other, "2")
    assert exchange(one, other) or sys.platform not in ("linux", "darwin")
    assert {(one / MANIFEST).read_text(), (other / MANIFEST).read_text()} == {"1", "2"}
    if sys.platform == "linux":
        assert (one / MANIFEST).read_text() == "2"


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "lecce").symlink_to(tmp_path / "nowhere")
    target = choose_folder("lecce", None, force=False)
    assert target.as_posix() == "runs/lecce-2"
    assert write_run(tmp_path / "runs" / "lecce").name == "lecce-2"
    assert (tmp_path / "runs" / "lecce").is_symlink()
    assert not (tmp_path / "nowhere").exists()


def test_a_link_inside_an_older_run_is_removed_and_not_followed(tmp_path):
    target = tmp_path / "run"
    write_run(target, "old")
    (tmp_path / "dear.txt").write_text("dear")
    (target / "map.html").symlink_to(tmp_path / "dear.txt")
    write_run(target, "new")
    assert (tmp_path / "dear.txt").read_text() == "dear"
    assert [path.name for path in target.iterdir()] == [MANIFEST]
