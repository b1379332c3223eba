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

# in the order in which a reader meets them: what is needed, when, what can be saved, what the sun gives,
# what networks cost; what is assumed comes last
SECTIONS: Final[tuple[Callable[[Assessment, Words], Section | None], ...]] = (
    power.make,
    hours.make,
    retrofit.make,
    roofs.make,
    sunlight.make,
    networks.make,
    calibration.make,
    sensitivity.make,
)
# where a section stands among those of the page itself: after the districts, unless said otherwise
AFTER_DISTRICTS, AFTER_DISTRICT_HEATING, BEFORE_KNOWN = "needs", "networks", "known"
PARTS: Final = {
    networks.NAME: AFTER_DISTRICT_HEATING,
    calibration.NAME: BEFORE_KNOWN,
    sensitivity.NAME: BEFORE_KNOWN,
}


def part_of(section: Section) -> str:
    """Return the part of the summary in which a section stands."""
    return PARTS.get(section.name, AFTER_DISTRICTS)


def make_sections(assessment: Assessment, words: Words) -> list[Section]:
    """Return the sections that this assessment has something to say for, in order."""
    made = (make(assessment, words) for make in SECTIONS)
    return [section for section in made if section is not None]
