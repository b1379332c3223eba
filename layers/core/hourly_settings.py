"""Settings of the hourly balance."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.facts import value
from layers.core.ranges import check_ranges


def _hourly(fact_id: str) -> float:
    return value("hourly", fact_id)


@dataclass(frozen=True)
class HourlyParams:
    """Settings of the hourly balance.

    Attributes
    ----------
    air_surface_w_per_m2_k, surface_mass_w_per_m2_k : joints of air, surfaces and mass, 1 to 20
    internal_area_ratio : inner surfaces over floor area, 2 to 10
    set_back_dwelling_k, set_back_other_k : by how much rooms may cool down outside their hours, 0 to 20
    plant_reserve_ratio : power of plants over the load of a design day, 1 to 5
    batch_count : buildings that are simulated at a time, at least 64
    check_count : buildings of the comparison with the monthly method, at least 1
    """

    air_surface_w_per_m2_k: float = field(default_factory=lambda: _hourly("air_surface_w_per_m2_k"))
    surface_mass_w_per_m2_k: float = field(default_factory=lambda: _hourly("surface_mass_w_per_m2_k"))
    internal_area_ratio: float = field(default_factory=lambda: _hourly("internal_area_ratio"))
    set_back_dwelling_k: float = field(default_factory=lambda: _hourly("set_back_dwelling_k"))
    set_back_other_k: float = field(default_factory=lambda: _hourly("set_back_other_k"))
    plant_reserve_ratio: float = field(default_factory=lambda: _hourly("plant_reserve_ratio"))
    batch_count: int = 2048
    check_count: int = 2048

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "air_surface_w_per_m2_k": (1.0, 20.0), "surface_mass_w_per_m2_k": (1.0, 20.0),
            "internal_area_ratio": (2.0, 10.0), "set_back_dwelling_k": (0.0, 20.0),
            "set_back_other_k": (0.0, 20.0),
            "plant_reserve_ratio": (1.0, 5.0), "batch_count": (64, 1_000_000),
            "check_count": (1, 1_000_000),
        }  # fmt: skip
        check_ranges(self, ranges)
