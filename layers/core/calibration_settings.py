"""Settings of the calibration to known totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges

FIRST_YEAR, LAST_YEAR = 1000, 2100
_MOST_PERIODS = 20


def _fact(fact_id: str) -> Callable[[], float]:
    return lambda: value("calibration", fact_id)


@dataclass(frozen=True)
class CalibrationParams:
    """Settings of the calibration.

    Attributes
    ----------
    common_prior_ratio : how far all factors together may be expected from 1, 0 to 2
    own_prior_ratio : how far each factor may be expected from the common one, 0.001 to 2
    place_prior_ratio : how far the factor of a district with a total of its own may be from 1, 0 to 2
    total_error_ratio : error of a total where none is stated, 0.001 to 1
    square_error_ratio : error of a square of a raster where none is stated, 0.01 to 2
    large_log_ratio : logarithm of a factor from which a warning is given, 0.05 to 3
    most_ratio : how far a total may be from what is calculated for it, 2 to 1,000
    period_first_year : first year of each period but the first, rising, 1000 to 2100
    """

    common_prior_ratio: float = field(default_factory=_fact("common_prior"))
    own_prior_ratio: float = field(default_factory=_fact("own_prior"))
    place_prior_ratio: float = field(default_factory=_fact("place_prior"))
    total_error_ratio: float = field(default_factory=_fact("total_error"))
    square_error_ratio: float = field(default_factory=_fact("square_error"))
    large_log_ratio: float = field(default_factory=_fact("large_factor"))
    most_ratio: float = field(default_factory=_fact("most_ratio"))
    period_first_year: tuple[int, ...] = (1946, 1961, 1981, 2001)

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "common_prior_ratio": (0.0, 2.0), "own_prior_ratio": (0.001, 2.0),
            "place_prior_ratio": (0.0, 2.0),
            "total_error_ratio": (0.001, 1.0), "square_error_ratio": (0.01, 2.0),
            "large_log_ratio": (0.05, 3.0), "most_ratio": (2.0, 1000.0),
        }  # fmt: skip
        check_ranges(self, ranges)
        years = self.period_first_year
        rising = all(first < second for first, second in pairwise(years))
        if not rising or len(years) > _MOST_PERIODS or not all(FIRST_YEAR <= y <= LAST_YEAR for y in years):
            raise UsageProblem(
                f"period_first_year is {', '.join(str(year) for year in years)[:80]}; it must be up to "
                f"{_MOST_PERIODS} rising years, {FIRST_YEAR} to {LAST_YEAR}."
            )
