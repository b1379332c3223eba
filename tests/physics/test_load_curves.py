"""Load-duration curves, hours of full load and typical weeks."""

import numpy as np
import pandas as pd

from layers.physics.load_curves import (
    EXCEEDED_H,
    WEEK_H,
    first_hour_of_week,
    full_load_h,
    load_duration_kw,
    load_duration_table,
    middle_week,
)

HOUR = np.arange(8760)


def test_a_constant_load_lasts_the_whole_year():
    flat = np.full((8760, 1), 7.0)
    assert (load_duration_kw(flat) == 7.0).all()
    assert full_load_h(flat)[0] == 8760.0


def test_a_load_of_a_hundred_hours_is_gone_after_them():
    load = np.where(HOUR < 100, 50.0, 0.0)[:, None]
    curve = dict(zip(EXCEEDED_H, load_duration_kw(load)[:, 0], strict=True))
    assert curve[1] == curve[100] == 50.0 and curve[200] == 0.0
    assert full_load_h(load)[0] == 100.0
    assert full_load_h(load * 0)[0] == 0.0


def test_the_table_has_a_row_a_place_quantity_and_hour():
    table = load_duration_table({"heat": pd.DataFrame({"d01": 1.0 * HOUR, "city": 2.0 * HOUR})})
    assert len(table) == 2 * len(EXCEEDED_H)
    first = table[(table["district_id"] == "city") & (table["exceeded_h"] == 1)]
    assert first["load_kw"].item() == 2.0 * 8759


def test_weeks_begin_on_a_monday():
    # the year begins on a Tuesday: its first Monday is day 6
    load = np.where((HOUR >= 6 * 24 + WEEK_H) & (HOUR < 6 * 24 + 2 * WEEK_H), 9.0, 1.0)
    assert first_hour_of_week(load) == 6 * 24 + WEEK_H
    rising = HOUR.astype(float)
    assert middle_week(rising) == 6 * 24 + 25 * WEEK_H
