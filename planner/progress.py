"""What a person sees on stderr while the line runs."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from layers.core.text import for_terminal

_CLEAR = "\r\x1b[2K"


class Progress:
    """Show one step after the other: in place on a terminal, one line a step elsewhere."""

    def __init__(self, step_names: tuple[str, ...], *, quiet: bool, stream: TextIO | None = None) -> None:
        self._names = step_names
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._in_place = not quiet and self._stream.isatty()
        self._started = time.perf_counter()
        self._done = 0

    def say(self, text: str) -> None:
        """Show a sentence that stays."""
        if not self._quiet:
            self._stream.write((_CLEAR if self._in_place else "") + for_terminal(text) + "\n")
            self._stream.flush()
            self._announce()

    def finish_step(self, name: str, seconds: float, text: str) -> None:
        """Show that a step is done, what it gave, and which comes next."""
        self._done += 1
        if self._quiet:
            return
        mark = f"[{self._done:>2}/{len(self._names)}]"
        line = f"{mark} {name:<18} {text:<42} {seconds:5.1f} s"
        self._stream.write((_CLEAR if self._in_place else "") + for_terminal(line) + "\n")
        self._stream.flush()
        self._announce()

    def _announce(self) -> None:
        if self._in_place and self._done < len(self._names):
            passed = time.perf_counter() - self._started
            self._stream.write(
                f"[{self._done + 1:>2}/{len(self._names)}] {self._names[self._done]} … {passed:.0f} s"
            )
            self._stream.flush()

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._in_place:
            self._stream.write(_CLEAR)
            self._stream.flush()
