"""The section on hours, and the files of hours."""

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from layers.physics.load_curves import full_load_h, load_duration_table
from reports.exports import write_all
from reports.hourly_export import write_building_hours, write_district_hours
from reports.sections import hours
from reports.words import read_words
from tests.reports.sample_assessment import make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()
HOUR = np.arange(8760)


def with_hours(assessment):
    """Return the sample with 3,000 kW in the coldest hour of each district, less in all others."""
    names = list(assessment.districts.index)
    winter = 1000.0 + 1000.0 * np.cos(HOUR / 8760 * 2 * np.pi) + 1000.0 * (HOUR == 24)
    profiles = {
        "space_heat_kw": pd.DataFrame(dict.fromkeys(names, winter)),
        "hot_water_kw": pd.DataFrame(dict.fromkeys(names, 0.0 * winter)),
        "cooling_kw": pd.DataFrame({name: np.maximum(500 - winter, 0) for name in names}),
        "electricity_kw": pd.DataFrame(dict.fromkeys(names, 300.0 + 0.0 * winter)),
    }
    whole = {name: table.assign(city=table.sum(axis=1)) for name, table in profiles.items()}
    whole["heat_kw"] = whole["space_heat_kw"] + whole["hot_water_kw"]
    peaks = pd.concat(
        [
            pd.DataFrame({
                "district_id": table.columns, "quantity": name.removesuffix("_kw"),
                "largest_kw": table.max().to_numpy(), "largest_p10_kw": 0.8 * table.max().to_numpy(),
                "largest_p90_kw": 1.5 * table.max().to_numpy(), "largest_hour_count": 24,
                "full_load_h": full_load_h(table.to_numpy()), "design_kw": np.nan,
            })
            for name, table in whole.items()
        ], ignore_index=True,
    )  # fmt: skip
    curves = load_duration_table(
        {name.removesuffix("_kw"): whole[name] for name in ("heat_kw", "cooling_kw", "electricity_kw")}
    )
    return dataclasses.replace(
        assessment, hourly=profiles, tables={"hourly_peaks": peaks, "load_duration": curves}
    )


def body_of(assessment):
    return hours.make(assessment, WORDS).body.replace("\u202f", " ").replace("\u2060", "")


def test_a_run_without_hours_has_no_section():
    assert hours.make(make_assessment(), WORDS) is None


def test_the_section_shows_the_largest_hour_with_its_range_and_every_district():
    assessment = with_hours(make_assessment())
    text = body_of(assessment)
    count = len(assessment.districts)
    assert f"{3 * count} MW" in text and text.count('<th scope="row"') == count
    assert f"likely between {2.4 * count:.2g}" in text
    assert "2.4 to 4.5 MW" in text
    assert (
        text.count("<polygon") == 1 + 3 * 2 + count
    )  # the range, two areas in three weeks, a shape a district


def test_the_line_of_the_loads_falls_from_its_top_to_the_right():
    assessment = with_hours(make_assessment())
    loads = hours._loads(assessment)
    duration = hours._duration(loads)
    points = [tuple(map(float, pair.split(","))) for pair in duration["heat"].split()]
    assert points[0][0] == 0 and points[-1][0] == 1000
    assert all(before[1] <= after[1] + 1e-9 for before, after in pairwise(points))
    highest = duration["axis"].highest * 1000
    assert points[0][1] == pytest.approx(1000 * (1 - loads["city", "heat"].largest_kw / highest), rel=1e-3)


def test_a_week_begins_on_monday_midnight_in_local_time():
    weeks, axis, unit = hours._weeks(with_hours(make_assessment()), WORDS)
    assert [week.title for week in weeks] == [
        WORDS.say(key) for key in ("hou_week_cold", "hou_week_middle", "hou_week_warm")
    ]
    assert unit == "MW" and axis.highest >= 2 * 3
    assert all(len(week.rooms.split()) == 2 * 168 for week in weeks)


def test_without_cooling_there_are_two_weeks_and_no_dashes():
    assessment = with_hours(make_assessment())
    bare = {name: table for name, table in assessment.hourly.items() if name != "cooling_kw"}
    text = body_of(dataclasses.replace(assessment, hourly=bare))
    assert text.count("<figcaption>") == 3


def test_names_are_escaped_and_no_word_of_the_method_is_shown():
    assessment = with_hours(make_assessment())
    named = assessment.districts.assign(name="<script>alert(1)</script>")
    section = hours.make(dataclasses.replace(assessment, districts=named), WORDS)
    assert "<script" not in section.body
    assert method_words_in(section.heading + section.body) == []


def test_hours_of_districts_are_written_long_with_units(tmp_path):
    assessment = with_hours(make_assessment())
    write_district_hours(assessment.hourly, tmp_path / "hourly.parquet")
    table = pq.read_table(tmp_path / "hourly.parquet")
    assert table.column_names == ["district_id", "hour", *assessment.hourly]
    assert table.schema.field("space_heat_kw").metadata == {b"unit": b"kW"}
    frame = table.to_pandas()
    first = assessment.districts.index[0]
    mine = frame[frame["district_id"] == first]
    assert mine["hour"].tolist() == list(range(8760))
    np.testing.assert_allclose(mine["space_heat_kw"], assessment.hourly["space_heat_kw"][first], rtol=1e-6)


def test_a_quantity_that_lacks_a_district_has_gaps_there(tmp_path):
    assessment = with_hours(make_assessment())
    first, *_ = assessment.districts.index
    few = {**assessment.hourly, "pv_calibrated_kw": assessment.hourly["cooling_kw"][[first]]}
    write_district_hours(few, tmp_path / "hourly.parquet")
    frame = pq.read_table(tmp_path / "hourly.parquet").to_pandas()
    assert frame.groupby("district_id")["pv_calibrated_kw"].count().loc[first] == 8760
    assert frame["pv_calibrated_kw"].isna().any()


def test_hours_of_buildings_are_written_batch_by_batch_where_wanted(tmp_path):
    def batches():
        for number in range(3):
            yield pd.DataFrame(
                {"building_id": f"way/{number}", "hour_count": HOUR, "space_heat_kw": np.full(8760, number)}
            )

    write_building_hours(batches, tmp_path / "b.parquet")
    written = pq.ParquetFile(tmp_path / "b.parquet")
    assert written.num_row_groups == 3 and written.metadata.num_rows == 3 * 8760
    assert written.schema_arrow.names == ["building_id", "hour", "space_heat_kw"]


def test_a_run_folder_holds_the_hours_it_has(tmp_path):
    paths = write_all(with_hours(make_assessment()), tmp_path)
    assert paths["hourly.parquet"].is_file() and "hourly_buildings.parquet" not in paths
    first = (tmp_path / "hourly.parquet").read_bytes()
    write_all(with_hours(make_assessment()), tmp_path)
    assert (tmp_path / "hourly.parquet").read_bytes() == first
