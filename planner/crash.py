"""What a person sees when the program itself is wrong: one line, and where the rest is written."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType

from layers.core.text import for_terminal
from planner import __version__

_folder: list[Path] = []


def keep_log_in(folder: Path) -> None:
    """Name the folder in which a crash is written to ``log.txt``; made only when it is needed."""
    _folder[:] = [folder]


def explain(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Write the traceback to a log and say so in one line (an excepthook)."""
    text = "".join(traceback.format_exception(kind, problem, trace))
    folder = _folder[0] if _folder else Path(tempfile.gettempdir()) / "planner-crash"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "log.txt"
        log.write_text(
            f"planner {__version__}\npython {sys.version}\n\n{text}",
            encoding="utf-8",
            errors="backslashreplace",
        )
        where = f"the details are in {log}"
    except OSError:
        where = f"the details could not be written to {folder}:\n{text}"
    said = for_terminal(f"{kind.__name__}: {problem}")
    sys.stderr.write(f"planner: this is a mistake of the program ({said}); {where}\n")
