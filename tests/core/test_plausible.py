from dataclasses import dataclass, field

import pytest

from layers.core.errors import UsageProblem
from layers.core.plausible import OTHER_RANGE, UNIT_RANGES, check_plausible, plausible_range
from layers.core.units import UNITS
from planner.parameters import RunConfig


@dataclass(frozen=True)
class _Inner:
    share_share: float = 0.5
    pitch_deg: dict[str, float] = field(default_factory=lambda: {"flat": 0.0})
    widths_m: tuple[float, ...] = (1.0, 2.0)


@dataclass(frozen=True)
class _Outer:
    seed: int = 10**12
    inner: _Inner = field(default_factory=_Inner)


def test_what_is_meant_passes():
    check_plausible(_Outer())
    check_plausible(RunConfig())


def test_every_wrong_number_is_told_with_its_place_unit_and_range():
    wrong = _Outer(inner=_Inner(1.5, {"flat": float("nan")}, (1.0, -3.0)))
    with pytest.raises(UsageProblem) as problem:
        check_plausible(wrong)
    assert str(problem.value) == (
        "inner.share_share is 1.5; it must be 0 to 1 (share (0…1)); "
        "inner.pitch_deg.flat is nan; it must be 0 to 360 (°); "
        "inner.widths_m.2 is -3; it must be 0 to 100000 (m)"
    )


def test_ranges_are_those_of_known_units_and_every_other_unit_has_one():
    assert set(UNIT_RANGES) <= set(UNITS)
    assert plausible_range(("something_pa_per_m",))[:2] == OTHER_RANGE
    assert plausible_range(("nameless",)) == (*OTHER_RANGE, "")
