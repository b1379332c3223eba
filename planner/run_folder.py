"""Run folders: written under a temporary name, renamed when complete.

An interrupted run leaves nothing that looks like a result, and an older result stays as it was until
the new one is whole.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layers.core.errors import InputProblem, UsageProblem

MANIFEST = "manifest.json"
_PARTIAL = ".partial-"
# what the disk says when it will not take a file; anything else is the program's own mistake
_DISK_SAYS_NO = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ENAMETOOLONG,
}


def choose_folder(slug: str, out: Path | None, *, force: bool) -> Path:
    """Return where a run will be: `out`, or the next free ``runs/<slug>``, ``runs/<slug>-2`` ...

    Raises
    ------
    UsageProblem
        When `out` exists and must not, or must not yet, be replaced.
    """
    if out is None:
        runs = Path("runs")
        folder, number = runs / slug, 1
        while folder.exists():
            number += 1
            folder = runs / f"{slug}-{number}"
        return folder
    if out.is_symlink():
        raise UsageProblem(f"{out} is a link; name the folder itself with --out.")
    if out.exists() and not out.is_dir():
        raise UsageProblem(f"{out} is a file; --out needs a folder.")
    if out.exists() and any(out.iterdir()):
        if not (out / MANIFEST).exists():
            raise UsageProblem(
                f"{out} exists and holds no run of planner; it is left alone. Name another folder with --out."
            )
        if not force:
            raise UsageProblem(
                f"{out} already holds a run; add --force to replace it, or name another folder."
            )
    return out


def _process_lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_leftovers(target: Path) -> None:
    """Remove what a killed run of the same name left behind."""
    for leftover in target.parent.glob(f".{target.name}{_PARTIAL}*"):
        number = leftover.name.rpartition("-")[2]
        if number.isdigit() and int(number) != os.getpid() and not _process_lives(int(number)):
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def new_run(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside `target` that becomes `target` when the block ends well.

    Raises
    ------
    InputProblem
        When the place cannot be written to or the disk is full; nothing is left behind.
    """
    partial = target.parent / f".{target.name}{_PARTIAL}{os.getpid()}"
    made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        partial.mkdir()
    except OSError as problem:
        raise InputProblem(
            f"{target} cannot be written ({problem.strerror}); choose another --out."
        ) from problem
    try:
        yield partial
        _put_in_place(partial, target)
    except OSError as problem:
        if problem.errno not in _DISK_SAYS_NO:
            raise
        raise InputProblem(
            f"{problem.filename or target} could not be written ({problem.strerror}); "
            "older results are untouched."
        ) from problem
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _remove_empty(made)


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders that were made for a run that came to nothing; those in use stay."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _put_in_place(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.rename(target)
        return
    old = target.parent / f".{target.name}.old-{os.getpid()}"
    target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
