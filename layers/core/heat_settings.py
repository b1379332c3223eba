"""Settings of the heat balance, shared by every layer that asks how much heat a building needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges

EXPECTED_STEPS_KWH_PER_M2 = (0, 100, 200, 300, 400, 500)


def _heat(fact_id: str) -> float:
    return value("heat", fact_id)


def _width(fact_id: str) -> float:
    return value("uncertainty", fact_id)


def _expected_steps() -> tuple[float, ...]:
    return tuple(_heat(f"expected_factor_{step:03d}") for step in EXPECTED_STEPS_KWH_PER_M2)


@dataclass(frozen=True)
class HeatParams:
    """Settings of the heat layer.

    Attributes
    ----------
    shading_ratio, off_normal_ratio : what shading and slanting sun leave at windows, 0 to 1
    own_shading_ratio : what shading leaves where the neighbours of a façade are counted apart, 0 to 1
    frame_share : share of a window that is frame, 0 to 1
    utilisation_a0_ratio, utilisation_tau0_h : where an archetype gives none, 0 to 5 and 1 to 200
    heat_capacity_wh_per_m2_k : where an archetype gives none, 1 to 1,000
    expected_ratio : metered over calculated heat at 0, 100 … 500 kWh/(m² a), 0 to 3
    design_slope_ratio, design_offset_c : design temperature from the coldest month, if none is given
    shared_variance_share, type_variance_share : what buildings have in common, together at most 1
    tile_count : buildings that are drawn at a time, at least 1
    """

    shading_ratio: float = field(default_factory=lambda: _heat("shading_vertical"))
    own_shading_ratio: float = field(default_factory=lambda: _heat("shading_own"))
    off_normal_ratio: float = field(default_factory=lambda: _heat("off_normal"))
    frame_share: float = field(default_factory=lambda: _heat("frame"))
    utilisation_a0_ratio: float = field(default_factory=lambda: _heat("monthly_utilisation_a0"))
    utilisation_tau0_h: float = field(default_factory=lambda: _heat("monthly_utilisation_tau0"))
    heat_capacity_wh_per_m2_k: float = field(default_factory=lambda: _heat("heat_capacity"))
    expected_ratio: tuple[float, ...] = field(default_factory=_expected_steps)
    design_slope_ratio: float = field(default_factory=lambda: _heat("design_temperature_slope"))
    design_offset_c: float = field(default_factory=lambda: _heat("design_temperature_offset"))
    shared_variance_share: float = field(default_factory=lambda: _width("shared_variance"))
    type_variance_share: float = field(default_factory=lambda: _width("type_variance"))
    tile_count: int = 8192

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "shading_ratio": (0.0, 1.0), "own_shading_ratio": (0.0, 1.0),
            "off_normal_ratio": (0.0, 1.0), "frame_share": (0.0, 1.0),
            "utilisation_a0_ratio": (0.01, 5.0), "utilisation_tau0_h": (1.0, 200.0),
            "heat_capacity_wh_per_m2_k": (1.0, 1000.0), "design_slope_ratio": (0.0, 4.0),
            "design_offset_c": (-40.0, 10.0), "shared_variance_share": (0.0, 1.0),
            "type_variance_share": (0.0, 1.0 - self.shared_variance_share), "tile_count": (1, 10_000_000),
        }  # fmt: skip
        check_ranges(self, ranges)
        if len(self.expected_ratio) != len(EXPECTED_STEPS_KWH_PER_M2):
            raise UsageProblem(f"expected_ratio needs {len(EXPECTED_STEPS_KWH_PER_M2)} values.")
