"""Run folders: written under a temporary name, renamed when complete.

An interrupted run leaves nothing that looks like a result, and an older result stays as it was until
the new one is whole. A folder that somebody else put in the place meanwhile is not touched: the run gets
the next free name.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from layers.core.errors import InputProblem, UsageProblem
from planner.swap import exchange

MANIFEST = "manifest.json"
_PARTIAL, _OLD = ".partial-", ".old-"
# what the disk says when it will not take a file; anything else is the program's own mistake
_DISK_SAYS_NO = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ENAMETOOLONG,
    errno.EFBIG,
    errno.ENODEV,
    errno.ESTALE,
}
# a folder stands there already
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}


@dataclass
class NewRun:
    """A run that is being written: the folder to write to, and where it will stand.

    Attributes
    ----------
    folder : Path
        Temporary; nobody reads it yet.
    target : Path
        Where the run will be; another free name when that is taken meanwhile.
    """

    folder: Path
    target: Path


def choose_folder(slug: str, out: Path | None, *, force: bool) -> Path:
    """Return where a run will be: `out`, or the next free ``runs/<slug>``, ``runs/<slug>-2`` ...

    Raises
    ------
    UsageProblem
        When `out` exists and must not, or must not yet, be replaced.
    """
    if out is None:
        return _next_free(Path("runs") / slug)
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


def _is_there(path: Path) -> bool:
    """Say whether a name is taken, be it by a link that leads nowhere."""
    return path.exists() or path.is_symlink()


def _next_free(folder: Path) -> Path:
    free, number = folder, 1
    while _is_there(free):
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _process_lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _leftovers(target: Path, kind: str) -> list[Path]:
    """Return what killed runs of the same name left behind."""
    found = [path for path in target.parent.iterdir() if path.name.startswith(f".{target.name}{kind}")]
    numbers = [path.name.rpartition("-")[2] for path in found]
    return [
        path
        for path, number in zip(found, numbers, strict=True)
        if number.isdigit() and int(number) != os.getpid() and not _process_lives(int(number))
    ]


def recover(target: Path) -> None:
    """Put an older run back in its place when a program was killed while it was being replaced."""
    if not target.parent.is_dir():
        return
    for old in sorted(_leftovers(target, _OLD)):
        if not _is_there(target):
            old.rename(target)


def _remove_leftovers(target: Path) -> None:
    for kind in (_PARTIAL, _OLD):
        for leftover in _leftovers(target, kind):
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def new_run(target: Path) -> Iterator[NewRun]:
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
        recover(target)
        _remove_leftovers(target)
        partial.mkdir()
    except OSError as problem:
        _remove_empty(made)
        raise InputProblem(
            f"{target} cannot be written ({problem.strerror}); choose another --out."
        ) from problem
    run = NewRun(partial, target)
    replaces = target.exists() and any(target.iterdir())
    try:
        yield run
        run.target = _put_in_place(partial, target, replaces=replaces)
    except OSError as problem:
        if problem.errno not in _DISK_SAYS_NO:
            raise
        name = Path(problem.filename).name if problem.filename else target
        raise InputProblem(
            f"{name} could not be written ({problem.strerror}); older results are untouched. "
            "Make room, or choose another place with --out."
        ) from problem
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _remove_empty(made)


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders that were made for a run that came to nothing; those in use stay."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _put_in_place(partial: Path, target: Path, *, replaces: bool) -> Path:
    """Give a finished run its name and return it; an older run is replaced only if it was there before."""
    if replaces and target.exists():
        if not exchange(partial, target):
            _replace_in_two_steps(partial, target)
        return target
    while True:
        free = _next_free(target) if any_inside(target) else target
        try:
            partial.rename(free)
        except OSError as problem:
            if problem.errno in _TAKEN:
                continue
            raise
        return free


def any_inside(folder: Path) -> bool:
    """Say whether a name is taken by anything but an empty folder."""
    return _is_there(folder) and (folder.is_symlink() or not folder.is_dir() or any(folder.iterdir()))


def _replace_in_two_steps(partial: Path, target: Path) -> None:
    old = target.parent / f".{target.name}{_OLD}{os.getpid()}"
    target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
