"""Settings of the rooftop solar layer, each with its range."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.physics.roof_shapes import ROOF_CLASSES
from layers.physics.snow import SnowParams

ROWS = ("east-west", "south")


def _solar(fact_id: str) -> float:
    return value("solar", fact_id)


def _roof(fact_id: str) -> float:
    return value("roofs", fact_id)


def _pitches() -> tuple[float, ...]:
    named = tuple(_solar(f"pitch_{name}") for name in ("gabled", "hipped", "skillion", "pyramidal"))
    return (0.0, *named, _roof("pitch_half_hipped"), _roof("pitch_upper"), _roof("pitch_upper"), 0.0)


@dataclass(frozen=True)
class SolarParams:
    """Settings of the roof solar layer.

    Attributes
    ----------
    pitch_deg : tuple, one a class of roof
        Pitch where no tag gives it, 0 to 60; of the upper slopes where a roof has a break.
    lower_pitch_deg, break_ratio, half_hip_ratio
        Lower slopes of roofs with a break, 45 to 85, their width over half the roof's width seen from
        above, 0.05 to 0.8; height of half-hips over that of the roof, 0 to 0.8.
    flat_rows : rows on flat roofs look "east-west" or "south"
    row_tilt_deg, row_cover_ratio
        Tilt of rows that look east and west, 0 to 30, and module plane over roof area, 0.2 to 1.
    south_row_tilt_deg, lowest_noon_deg
        Tilt of rows that look south, 0 to 40, and the noon height of the midwinter sun for which they
        are spaced at least, 5 to 30.
    free_edge_m : strip along the edges of planes without modules, 0 to 3
    superstructure_ratio, coverage_share : what superstructures leave; module area over the rest, 0 to 1
    is_laid : whether modules are laid one by one; else every plane has the same coverage
    layout_reference_share : share that whole modules cover on the planes that `coverage_share` is
        known of, 0.3 to 1
    module_long_m, module_short_m : sides of a module, 0.5 to 3
    density_kwp_per_m2 : power of modules, 0.1 to 0.35
    green_share : what is left of planted flat roofs, 0 to 1
    existing_kwp : power of mapped systems on roofs that do not state it, 0 to 100
    smallest_plane_m2, steepest_deg, flat_enough_deg, north_from_deg, north_to_deg, least_sun_share
        The cuts.
    published_share, lowest_share : suitable shares of roof area that studies found, 0 to 1
    own_spread_ratio : spread of single roofs on the logit scale, 0 to 2
    snow_error_ratio : standard deviation of the snow loss over its expected value, 0 to 1
    shape_prior_count : roofs that the table of shapes weighs, above 0
    least_learning_count, learning_block_m, least_gain_ratio
        Known roofs without which shapes are not learned, 50 to 1e6; side of the squares by which learning
        is tested, 100 to 5000; gain in log-likelihood without which it is not used, 0 to 1.
    large_roof_m2 : outline from which five points of a roof are looked from
    snow : SnowParams
    """

    pitch_deg: tuple[float, ...] = field(default_factory=_pitches)
    lower_pitch_deg: float = field(default_factory=lambda: _roof("pitch_lower"))
    break_ratio: float = field(default_factory=lambda: _roof("break_ratio"))
    half_hip_ratio: float = field(default_factory=lambda: _roof("half_hip"))
    flat_rows: str = ROWS[0]
    row_tilt_deg: float = field(default_factory=lambda: _solar("row_tilt"))
    row_cover_ratio: float = field(default_factory=lambda: _solar("row_cover"))
    south_row_tilt_deg: float = field(default_factory=lambda: _roof("south_row_tilt"))
    lowest_noon_deg: float = field(default_factory=lambda: _roof("lowest_noon"))
    free_edge_m: float = field(default_factory=lambda: _solar("free_edge"))
    superstructure_ratio: float = field(default_factory=lambda: _solar("superstructure"))
    coverage_share: float = field(default_factory=lambda: _solar("module_coverage"))
    is_laid: bool = True
    layout_reference_share: float = field(default_factory=lambda: _roof("layout_reference"))
    module_long_m: float = field(default_factory=lambda: _roof("module_long"))
    module_short_m: float = field(default_factory=lambda: _roof("module_short"))
    density_kwp_per_m2: float = field(default_factory=lambda: _solar("module_density"))
    green_share: float = field(default_factory=lambda: _roof("green_share"))
    existing_kwp: float = field(default_factory=lambda: _roof("existing_kwp"))
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
    least_learning_count: float = field(default_factory=lambda: _roof("least_learning_count"))
    learning_block_m: float = field(default_factory=lambda: _roof("learning_block"))
    least_gain_ratio: float = field(default_factory=lambda: _roof("least_gain"))
    large_roof_m2: float = field(default_factory=lambda: _solar("large_roof"))
    snow: SnowParams = field(default_factory=SnowParams)

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "lower_pitch_deg": (45.0, 85.0), "break_ratio": (0.05, 0.8), "half_hip_ratio": (0.0, 0.8),
            "south_row_tilt_deg": (0.0, 40.0), "lowest_noon_deg": (5.0, 30.0),
            "layout_reference_share": (0.3, 1.0), "module_long_m": (0.5, 3.0),
            "module_short_m": (0.5, 3.0), "green_share": (0.0, 1.0), "existing_kwp": (0.0, 100.0),
            "row_tilt_deg": (0.0, 30.0), "row_cover_ratio": (0.2, 1.0), "free_edge_m": (0.0, 3.0),
            "superstructure_ratio": (0.0, 1.0), "coverage_share": (0.0, 1.0),
            "density_kwp_per_m2": (0.1, 0.35), "least_sun_share": (0.0, 1.0),
            "published_share": (0.0, 1.0), "lowest_share": (0.01, 1.0), "own_spread_ratio": (0.0, 2.0),
            "snow_error_ratio": (0.0, 1.0), "shape_prior_count": (1e-6, 1e6),
            "least_learning_count": (50.0, 1e6), "learning_block_m": (100.0, 5000.0),
            "least_gain_ratio": (0.0, 1.0),
        }  # fmt: skip
        check_ranges(self, ranges)
        if len(self.pitch_deg) != len(ROOF_CLASSES) or not all(0 <= x <= 60 for x in self.pitch_deg):
            found = ", ".join(f"{pitch:g}" for pitch in self.pitch_deg)
            raise UsageProblem(
                f"pitch_deg is {found}; it needs {len(ROOF_CLASSES)} pitches, each 0 to 60 degrees."
            )
        if self.flat_rows not in ROWS:
            raise UsageProblem(f"flat_rows is {self.flat_rows!r}; it must be {' or '.join(ROWS)}.")
