"""Physical limits of districts' solar hours and of the cost of their energy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.physics.irradiance import PlaneParams, sunny_hours
from layers.physics.levelised import annuity, levelised_cost_eur_per_kwh
from layers.physics.panels import Panels
from layers.physics.solar_hours import group_hours_kw
from tests.solar_cases import northern_weather

PARAMS = PlaneParams()


def hours_of(horizons, tilt, azimuth, power):
    panels = Panels(
        np.array([0]), np.array([tilt]), np.array([azimuth]), np.array([power]), horizons[None, :],
        np.array([0]), np.array([1]), np.zeros((10, 12)),
    )  # fmt: skip
    return group_hours_kw(
        panels, np.ones(1), np.zeros(1, np.int64), 1, sunny_hours(northern_weather()), PARAMS
    )[:, 0]


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(0.0, 60.0), st.floats(0.0, 360.0, exclude_max=True),
    st.floats(0.0, 40.0),
)  # fmt: skip
def test_more_obstacles_never_mean_more_sun_in_any_hour(seed, tilt, azimuth, extra_deg):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0.0, 40.0, 36)
    high = low + extra_deg * rng.uniform(0.0, 1.0, 36)
    less, more = hours_of(high, tilt, azimuth, 1.0), hours_of(low, tilt, azimuth, 1.0)
    assert (less <= more + 1e-9).all()
    # no kilowatt of modules gives more than its rating, and none takes power
    assert more.max() <= 1.0 and less.min() >= 0.0


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.0, 0.2), st.floats(5.0, 50.0), st.floats(100.0, 1e6), st.floats(100.0, 1e6),
    st.floats(0.7, 1.0),
)  # fmt: skip
def test_paying_later_at_a_higher_rate_never_costs_less(rate, lifetime, investment, energy, ageing):
    now, dearer = annuity(np.array([rate, rate + 0.01]), lifetime)
    assert now <= dearer
    assert now * lifetime >= 1.0 - 1e-9
    one = np.array([investment]), np.zeros(1), np.array([energy])
    assert levelised_cost_eur_per_kwh(*one, now, ageing) <= levelised_cost_eur_per_kwh(*one, dearer, ageing)
