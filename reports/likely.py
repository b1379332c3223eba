"""Likely ranges of yearly energies in words."""

from __future__ import annotations

import numpy as np

from reports.words import THIN_SPACE, Words, energy_unit, figure


def likely_energy(low_mwh: float, high_mwh: float, middle_mwh: float, words: Words) -> str:
    """Return "likely between … and … (8 in 10)" in the unit of the middle value, or nothing."""
    if not np.isfinite([low_mwh, high_mwh, middle_mwh]).all():
        return ""
    unit, factor = energy_unit(middle_mwh * 1e3)
    low, high = low_mwh * 1e3 / factor, high_mwh * 1e3 / factor
    return words.say("likely", low=figure(low), high=f"{figure(high)}{THIN_SPACE}{unit}")


def short_range(low_mwh: float, high_mwh: float, middle_mwh: float, words: Words) -> str:
    """Return "… to …" in the unit of the middle value, for a table whose head says what it means."""
    if not np.isfinite([low_mwh, high_mwh, middle_mwh]).all():
        return ""
    unit, factor = energy_unit(middle_mwh * 1e3)
    low, high = low_mwh * 1e3 / factor, high_mwh * 1e3 / factor
    return words.say("range", low=figure(low), high=f"{figure(high)}{THIN_SPACE}{unit}")
