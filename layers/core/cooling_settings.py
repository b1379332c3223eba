"""Settings of cooling, shared by every layer that asks how much cold a building needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from layers.core.errors import UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.uses import USES

# uses whose set-point stands in a row of its own
OWN_SET_POINTS = ("retail", "industry", "storage")
LOWEST_SET_POINT_C, HIGHEST_SET_POINT_C = 18.0, 35.0
# halls for goods and machines: hardly any of their floor is cooled for people
HALL_USES = ("industry", "storage", "outbuilding")


def _cooling(fact_id: str) -> float:
    return value("cooling", fact_id)


def _set_points() -> dict[str, float]:
    default = dict.fromkeys(USES, _cooling("set_point_default"))
    return default | {use: _cooling(f"set_point_{use}") for use in OWN_SET_POINTS}


@dataclass(frozen=True)
class CoolingParams:
    """Settings of the cooling layer.

    Attributes
    ----------
    set_point_c : room temperature above which is cooled, by use, each 18 to 35
    sun_protection_ratio : what blinds leave of the sun in summer, 0 to 1
    seer_residential_ratio, seer_service_ratio : cold over electricity, 1 to 12
    hall_cooled_share : cooled floor of industry, storage and outbuildings, 0 to 1
    plant_width_ratio : uncertainty of cooled floor over efficiency, 0 to 2
    hot_day_k : hottest hours of a design day above the hottest month, 0 to 25
    peak_sun_ratio, peak_people_ratio : gains in the peak hour over their mean, 1 to 6
    """

    set_point_c: dict[str, float] = field(default_factory=_set_points)
    sun_protection_ratio: float = field(default_factory=lambda: _cooling("sun_protection"))
    seer_residential_ratio: float = field(default_factory=lambda: _cooling("seer_residential"))
    seer_service_ratio: float = field(default_factory=lambda: _cooling("seer_service"))
    hall_cooled_share: float = field(default_factory=lambda: _cooling("hall_cooled"))
    plant_width_ratio: float = field(default_factory=lambda: _cooling("plant_width"))
    hot_day_k: float = field(default_factory=lambda: _cooling("hot_day"))
    peak_sun_ratio: float = field(default_factory=lambda: _cooling("peak_sun"))
    peak_people_ratio: float = field(default_factory=lambda: _cooling("peak_people"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "sun_protection_ratio": (0.0, 1.0), "seer_residential_ratio": (1.0, 12.0),
            "seer_service_ratio": (1.0, 12.0), "hall_cooled_share": (0.0, 1.0),
            "plant_width_ratio": (0.0, 2.0), "hot_day_k": (0.0, 25.0),
            "peak_sun_ratio": (1.0, 6.0), "peak_people_ratio": (1.0, 6.0),
        }  # fmt: skip
        check_ranges(self, ranges)
        for use in USES:
            found = self.set_point_c.get(use)
            if found is None or not LOWEST_SET_POINT_C <= found <= HIGHEST_SET_POINT_C:
                raise UsageProblem(
                    f"set_point_c of {use} is {found}; it must be {LOWEST_SET_POINT_C:g} to "
                    f"{HIGHEST_SET_POINT_C:g} for every use."
                )
