"""The sections of the summary between the city's numbers and its sources, one module each.

A section's module has `make(assessment, words)`, which gives back a `Section`, or None where the run
has nothing to say about it; its page stands in ``reports/templates/sections``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reports.inputs import Assessment
from reports.sections import calibration, hours, networks, power, retrofit, roofs, sensitivity, sunlight
from reports.sections.section import Section
from reports.words import Words

# in the order in which a reader meets them
SECTIONS: Final[tuple[Callable[[Assessment, Words], Section | None], ...]] = (
    calibration.make,
    sensitivity.make,
    power.make,
    hours.make,
    roofs.make,
    sunlight.make,
    networks.make,
    retrofit.make,
)


def make_sections(assessment: Assessment, words: Words) -> list[Section]:
    """Return the sections that this assessment has something to say for, in order."""
    made = (make(assessment, words) for make in SECTIONS)
    return [section for section in made if section is not None]
