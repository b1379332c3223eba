"""Solar yields against published results."""

from __future__ import annotations

from collections.abc import Iterator

from planner.validation import shade
from planner.validation.check import Check, Criterion, Options

CRITERIA: tuple[Criterion, ...] = shade.CRITERIA


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of solar yields."""
    yield from shade.checks(options)
