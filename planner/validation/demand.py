"""Heat demand against published results, and its engines against each other."""

from __future__ import annotations

from collections.abc import Iterator

from planner.validation.check import Check, Criterion, Options

CRITERIA: tuple[Criterion, ...] = ()


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of heat demand."""
    yield from ()
