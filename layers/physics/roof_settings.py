"""Settings of the rooftop solar layer, each with its range."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.physics.roof_shapes import ROOF_CLASSES
from layers.physics.snow import SnowParams


def _solar(fact_id: str) -> float:
    return value("solar", fact_id)


def _pitches() -> tuple[float, ...]:
    named = tuple(_solar(f"pitch_{name}") for name in ("gabled", "hipped", "skillion", "pyramidal"))
    return (0.0, *named, 0.0)


@dataclass(frozen=True)
class SolarParams:
    """Settings of the roof solar layer.

    Attributes
    ----------
    pitch_deg : tuple of 6
        Pitch by class of roof where no tag gives it, 0 to 60.
    row_tilt_deg, row_cover_ratio
        Tilt of rows on flat roofs, 0 to 30, and module plane over roof area, 0.2 to 1.
    free_edge_m : strip along the edges of planes without modules, 0 to 3
    superstructure_ratio, coverage_share : what superstructures leave; module area over the rest, 0 to 1
    density_kwp_per_m2 : power of modules, 0.1 to 0.35
    smallest_plane_m2, steepest_deg, flat_enough_deg, north_from_deg, north_to_deg, least_sun_share
        The cuts.
    published_share, lowest_share : suitable shares of roof area that studies found, 0 to 1
    own_spread_ratio : spread of single roofs on the logit scale, 0 to 2
    snow_error_ratio : standard deviation of the snow loss over its expected value, 0 to 1
    shape_prior_count : roofs that the table of shapes weighs, above 0
    large_roof_m2 : outline from which five points of a roof are looked from
    snow : SnowParams
    """

    pitch_deg: tuple[float, ...] = field(default_factory=_pitches)
    row_tilt_deg: float = field(default_factory=lambda: _solar("row_tilt"))
    row_cover_ratio: float = field(default_factory=lambda: _solar("row_cover"))
    free_edge_m: float = field(default_factory=lambda: _solar("free_edge"))
    superstructure_ratio: float = field(default_factory=lambda: _solar("superstructure"))
    coverage_share: float = field(default_factory=lambda: _solar("module_coverage"))
    density_kwp_per_m2: float = field(default_factory=lambda: _solar("module_density"))
    smallest_plane_m2: float = field(default_factory=lambda: _solar("smallest_plane"))
    steepest_deg: float = field(default_factory=lambda: _solar("steepest_tilt"))
    flat_enough_deg: float = field(default_factory=lambda: _solar("flat_enough_tilt"))
    north_from_deg: float = field(default_factory=lambda: _solar("north_from"))
    north_to_deg: float = field(default_factory=lambda: _solar("north_to"))
    least_sun_share: float = field(default_factory=lambda: _solar("least_sun"))
    published_share: float = field(default_factory=lambda: _solar("suitable_zurich"))
    lowest_share: float = field(default_factory=lambda: _solar("suitable_small_us"))
    own_spread_ratio: float = field(default_factory=lambda: _solar("own_suitability_spread"))
    snow_error_ratio: float = field(default_factory=lambda: _solar("snow_error"))
    shape_prior_count: float = field(default_factory=lambda: _solar("shape_prior_count"))
    large_roof_m2: float = field(default_factory=lambda: _solar("large_roof"))
    snow: SnowParams = field(default_factory=SnowParams)

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "row_tilt_deg": (0.0, 30.0), "row_cover_ratio": (0.2, 1.0), "free_edge_m": (0.0, 3.0),
            "superstructure_ratio": (0.0, 1.0), "coverage_share": (0.0, 1.0),
            "density_kwp_per_m2": (0.1, 0.35), "least_sun_share": (0.0, 1.0),
            "published_share": (0.0, 1.0), "lowest_share": (0.01, 1.0), "own_spread_ratio": (0.0, 2.0),
            "snow_error_ratio": (0.0, 1.0), "shape_prior_count": (1e-6, 1e6),
        }  # fmt: skip
        check_ranges(self, ranges)
        if len(self.pitch_deg) != len(ROOF_CLASSES) or not all(0 <= x <= 60 for x in self.pitch_deg):
            raise UsageProblem(f"pitch_deg needs {len(ROOF_CLASSES)} pitches between 0 and 60 degrees.")
