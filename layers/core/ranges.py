"""Ranges of settings, checked in one place and refused in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from layers.core.errors import UsageProblem


def check_ranges(params: object, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raise `UsageProblem` for the first setting that lies outside its range, ends included.

    Parameters
    ----------
    params : object
        The settings; each name of `ranges` is one of its attributes.
    ranges : mapping of name to (lowest, highest)

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_ranges(SimpleNamespace(near_m=5.0), {"near_m": (20, 1000)})
    Traceback (most recent call last):
    layers.core.errors.UsageProblem: near_m is 5; it must be 20 to 1000.
    """
    for name, (low, high) in ranges.items():
        found = getattr(params, name)
        # a gap is in no range, and so is refused as well
        if not low <= found <= high:
            raise UsageProblem(f"{name} is {found:g}; it must be {low:g} to {high:g}.")
