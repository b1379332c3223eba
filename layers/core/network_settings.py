"""Settings of candidate heat networks: temperatures, pipes, who can connect, what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges

# supply and return of a network of today, of a renewed one and of one for new quarters
VARIANTS_C = ((90.0, 60.0), (70.0, 40.0), (55.0, 25.0))
SWEEP_SHARES = (0.3, 0.5, 0.7, 0.9)


def _supply(fact_id: str) -> float:
    return value("heat_supply", fact_id)


@dataclass(frozen=True)
class NetworkParams:
    """Settings of candidate networks.

    Attributes
    ----------
    supply_c, return_c : temperatures at the source, 40 to 140 and 15 to 90; at least 10 K apart
    ground_c : yearly temperature of the ground around pipes; the yearly mean of the air when None
    connection_share : consumers that connect in the long run, 0.05 to 1
    link_count : candidate links of a consumer, 1 to 3
    reach_m, detour_m : longest link; how much longer than the shortest one another link may be
    least_mwh_per_m : districts below this linear heat density get no network of their own, 0 to 5
    simultaneity_base_ratio, simultaneity_spread_ratio : the peak of n over their sum is base + spread / n
    most_pa_per_m, pipe_roughness_m, pipe_depth_m, ground_w_per_m_k, insulation_w_per_m_k : pipes and ground
    pipe_price_ratio : price of pipes over the carried table, 0.1 to 10
    most_source_count : sources from which one network may start, 0 (none but named ones) to 5
    least_source_share : a source that gives a smaller part of the heat is no root, 0 to 1
    near_plant_m : an existing plant this near is the root where no source pays its trench, 0 to 5,000
    feed_in_detour_ratio : length of a feed-in trench over the straight line, 1 to 3
    """

    supply_c: float = 70.0
    return_c: float = 40.0
    ground_c: float | None = None
    connection_share: float = 0.7
    link_count: int = 3
    reach_m: float = 200.0
    detour_m: float = 30.0
    least_mwh_per_m: float = 0.3
    simultaneity_base_ratio: float = field(default_factory=lambda: _supply("simultaneity_base_ratio"))
    simultaneity_spread_ratio: float = field(default_factory=lambda: _supply("simultaneity_spread_ratio"))
    most_pa_per_m: float = field(default_factory=lambda: _supply("most_pa_per_m"))
    pipe_roughness_m: float = field(default_factory=lambda: _supply("pipe_roughness_m"))
    pipe_depth_m: float = field(default_factory=lambda: _supply("pipe_depth_m"))
    ground_w_per_m_k: float = field(default_factory=lambda: _supply("ground_w_per_m_k"))
    insulation_w_per_m_k: float = field(default_factory=lambda: _supply("insulation_w_per_m_k"))
    pipe_price_ratio: float = 1.0
    most_source_count: int = 1
    least_source_share: float = 0.1
    near_plant_m: float = 300.0
    feed_in_detour_ratio: float = field(default_factory=lambda: value("heat_sources", "feed_in_detour_ratio"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "supply_c": (40.0, 140.0), "return_c": (15.0, 90.0), "connection_share": (0.05, 1.0),
            "link_count": (1, 3), "reach_m": (10.0, 1000.0), "detour_m": (0.0, 200.0),
            "least_mwh_per_m": (0.0, 5.0), "simultaneity_base_ratio": (0.1, 1.0),
            "simultaneity_spread_ratio": (0.0, 0.9), "most_pa_per_m": (20.0, 1000.0),
            "pipe_roughness_m": (1e-6, 1e-3), "pipe_depth_m": (0.3, 5.0), "ground_w_per_m_k": (0.2, 5.0),
            "insulation_w_per_m_k": (0.005, 0.2), "pipe_price_ratio": (0.1, 10.0),
            "most_source_count": (0, 5), "least_source_share": (0.0, 1.0), "near_plant_m": (0.0, 5000.0),
            "feed_in_detour_ratio": (1.0, 3.0),
        }  # fmt: skip
        check_ranges(self, ranges)
        if self.ground_c is not None and not -5.0 <= self.ground_c <= 35.0:
            raise UsageProblem(f"ground_c is {self.ground_c:g}; it must be -5 to 35.")
        if self.supply_c - self.return_c < 10.0:
            raise UsageProblem(
                f"supply_c is {self.supply_c:g} and return_c {self.return_c:g}; they must be 10 K apart."
            )
        if self.simultaneity_base_ratio + self.simultaneity_spread_ratio > 1.0 + 1e-9:
            raise UsageProblem(
                "simultaneity_base_ratio and simultaneity_spread_ratio add up to "
                f"{self.simultaneity_base_ratio + self.simultaneity_spread_ratio:g}; at most 1."
            )
