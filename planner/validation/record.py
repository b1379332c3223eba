"""Measure again and store what was found, for the page of the documentation.

``python -m planner.validation.record`` measures every subject, with names of subjects only these, and
writes the page; a test fails when the stored results belong to other criteria than those of the code.
"""

from __future__ import annotations

import sys
from pathlib import Path

from planner.validation.check import Options
from planner.validation.report import SUBJECTS, run_checks, store, validation_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"


def main(subjects: tuple[str, ...]) -> None:
    """Measure the subjects, store the results and write the page."""
    for subject in subjects or SUBJECTS:
        store(subject, list(run_checks([subject], Options(), sys.stderr)))
    PAGE.write_text(validation_page(), encoding="utf-8")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
