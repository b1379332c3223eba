"""Hourly shapes of use: means, calendar, holidays, mixtures."""

import numpy as np
import pytest

from layers.core.uses import USES
from layers.physics.use_profiles import (
    SHAPES,
    STATES,
    is_kept,
    known_uses,
    local_calendar,
    use_shape,
    use_shapes,
)


def test_every_use_has_every_shape_with_mean_one():
    assert set(known_uses()) == set(USES)
    for quantity in SHAPES:
        table = use_shapes(quantity, "DE")
        assert table.shape == (8760, len(USES))
        assert (table >= 0).all().all()
        np.testing.assert_allclose(table.mean(), 1.0, rtol=1e-12)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("state", STATES)
def test_every_use_is_kept_at_some_hours(use, state):
    kept = is_kept(use, state, local_calendar("DE"))
    assert kept.shape == (8760,) and kept.any()


def test_clocks_of_countries_differ_from_utc():
    # 1 January, 0 o'clock UTC; 1 July, 12 o'clock UTC
    noon = 181 * 24 + 12
    assert [local_calendar(one).hour[0] for one in ("GB", "DE", "FI", "TR")] == [0, 1, 2, 3]
    assert [local_calendar(one).hour[noon] for one in ("GB", "DE", "FI", "TR", "IS")] == [13, 14, 15, 15, 12]


def test_the_year_has_52_saturdays_and_sundays_and_begins_on_a_tuesday():
    kinds = local_calendar("GB").day_kind.reshape(365, 24)[:, 12]
    assert (kinds == 1).sum() == 52 and (kinds == 2).sum() == 52
    assert kinds[:7].tolist() == [0, 0, 0, 0, 1, 2, 0]


def test_every_hour_of_the_clock_is_shown_once_a_day_but_twice_a_year():
    hours = local_calendar("FI").hour
    counts = np.bincount(hours, minlength=24)
    assert counts.sum() == 8760
    assert sorted(counts)[1:-1] == [365] * 22 and {min(counts), max(counts)} <= {364, 365, 366}


def test_offices_are_empty_at_night_and_on_sundays_and_flats_are_not():
    calendar = local_calendar("DE")
    night, sunday = calendar.hour == 3, calendar.day_kind == 2
    office, flat = use_shape("office", "people", calendar), use_shape("residential_multi", "people", calendar)
    assert office[night].max() == 0 and office[sunday & (calendar.hour > 3)].max() == 0
    assert flat[night].min() > 1


def test_schools_draw_nothing_in_july():
    calendar = local_calendar("DE")
    shape = use_shape("education", "appliances", calendar)
    july = calendar.month == 6
    assert shape[july].mean() < 0.01 < shape[~july].mean()


def test_a_street_of_dwellings_draws_at_most_two_and_a_half_times_its_mean():
    # the published household draws 3.7 times its mean in its busiest hour
    shape = use_shape("residential_multi", "appliances", local_calendar("DE"))
    assert 1.5 < shape.max() < 2.5


def test_a_mixed_use_lies_between_its_parts():
    calendar = local_calendar("DE")
    parts = [use_shape(one, "people", calendar) for one in ("residential_multi", "office", "retail")]
    day = slice(24 * 7, 24 * 9)
    mixed = use_shape("unknown", "people", calendar)[day]
    assert (mixed <= np.max(parts, axis=0)[day] + 0.7).all() and mixed.min() > 0


def test_who_rises_earlier_is_an_hour_ahead():
    ahead, clock = local_calendar("DE", 1), local_calendar("DE")
    winter = slice(0, 2000)
    np.testing.assert_array_equal(ahead.hour[winter], (clock.hour[winter] + 1) % 24)


def test_an_unlisted_country_keeps_central_european_time():
    np.testing.assert_array_equal(local_calendar("ZZ").hour, local_calendar("DE").hour)
