"""When the year's heat, cold and electricity are needed: duration of loads, typical weeks, largest hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.physics.load_curves import WEEK_H, first_hour_of_week, middle_week
from layers.physics.use_profiles import local_calendar
from reports import charts
from reports.curves import area_points, line_points
from reports.inputs import Assessment
from reports.sections.section import Section, render_section
from reports.words import THIN_SPACE, Words, count, figure

NAME: Final = "hours"
CITY: Final = "city"
NEEDED: Final = ("hourly_peaks", "load_duration")
QUANTITIES: Final = ("heat", "electricity", "cooling")
KW_PER_MW: Final = 1e3
MOST_ROWS_COUNT: Final = 24
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Week:
    """One week of the city; areas and lines as points of a square."""

    title: str
    water: str
    rooms: str
    cold: str
    power: str


@dataclass(frozen=True)
class Load:
    """The largest hour of a place, its range, and the loads that are exceeded for some hours."""

    largest_kw: float
    low_kw: float
    high_kw: float
    full_h: float
    exceeded_h: FloatArray
    exceeded_kw: FloatArray


Loads = dict[tuple[str, str], Load]


def _loads(assessment: Assessment) -> Loads:
    """Return what is known of each place and quantity whose loads were ordered."""
    peaks, curves = (assessment.tables[name] for name in NEEDED)
    ordered = {
        (str(rows["district_id"].iloc[0]), str(rows["quantity"].iloc[0])): (
            rows["exceeded_h"].to_numpy(dtype=float), rows["load_kw"].to_numpy(dtype=float),
        )
        for _, rows in curves.groupby(["district_id", "quantity"], sort=True)
    }  # fmt: skip
    names = ("largest_kw", "largest_p10_kw", "largest_p90_kw", "full_load_h")
    keys = zip(peaks["district_id"].astype(str), peaks["quantity"].astype(str), strict=True)
    values = peaks[list(names)].to_numpy(dtype=float)
    return {
        key: Load(float(row[0]), float(row[1]), float(row[2]), float(row[3]), *ordered[key])
        for key, row in zip(keys, values, strict=True)
        if key in ordered
    }


def _unit(largest_kw: float) -> tuple[str, float]:
    return ("MW", KW_PER_MW) if largest_kw >= KW_PER_MW else ("kW", 1.0)


def _text(kw: float) -> str:
    unit, factor = _unit(kw)
    return f"{figure(kw / factor)}{THIN_SPACE}{unit}"


def _likely(load: Load, key: str, words: Words) -> str:
    """Return the range of a largest hour in words, or nothing where it is not known."""
    if not np.isfinite([load.low_kw, load.high_kw]).all():
        return ""
    unit, factor = _unit(load.largest_kw)
    high = f"{figure(load.high_kw / factor)}{THIN_SPACE}{unit}"
    return words.say(key, low=figure(load.low_kw / factor), high=high)


def _numbers(loads: Loads, words: Words) -> list[dict[str, str]]:
    """Return the city's largest hours with what they mean."""
    return [
        {
            "value": _text(load.largest_kw),
            "meaning": words.say(f"hou_largest_{quantity}"),
            "likely": _likely(load, "likely", words),
            "full": words.say("hou_full_load", hours=figure(load.full_h)),
        }
        for (place, quantity), load in sorted(loads.items(), key=lambda one: QUANTITIES.index(one[0][1]))
        if place == CITY and load.largest_kw > 0.0
    ]


def _duration(loads: Loads) -> dict[str, object]:
    """Return the city's loads by the hours in which they are exceeded, heat with its range."""
    heat = loads[CITY, "heat"]
    ends = np.array([heat.low_kw, heat.high_kw]) / heat.largest_kw
    low, high = np.where(np.isfinite(ends), ends, 1.0)
    unit, factor = _unit(heat.largest_kw)
    axis = charts.make_axis(heat.largest_kw * float(high) / factor)
    highest = axis.highest * factor
    hours = heat.exceeded_h
    return {
        "axis": axis,
        "unit": unit,
        "reach": area_points(hours, heat.exceeded_kw * low, heat.exceeded_kw * high, highest),
        "heat": line_points(hours, heat.exceeded_kw, highest),
        "others": {
            quantity: line_points(hours, load.exceeded_kw, highest)
            for (place, quantity), load in loads.items()
            if place == CITY and quantity != "heat" and load.largest_kw > 0.0
        },
        "hours": [0, 2190, 4380, 6570, 8760],
    }


def _in_local_time(assessment: Assessment) -> dict[str, FloatArray]:
    """Return the city's hours in the winter time of its country."""
    ahead = int(local_calendar(assessment.country).hour[0])
    return {
        name: np.roll(table.to_numpy(dtype=float).sum(axis=1), ahead)
        for name, table in assessment.hourly.items()
    }


def _weeks(assessment: Assessment, words: Words) -> tuple[list[Week], charts.Axis, str]:
    """Return the week with most heat, a middle one and the one with most cold, on one scale."""
    hours = _in_local_time(assessment)
    rooms, water = hours["space_heat_kw"], hours["hot_water_kw"]
    nothing = np.zeros_like(rooms)
    cold, power = hours.get("cooling_kw", nothing), hours.get("electricity_kw", nothing)
    starts = [
        ("hou_week_cold", first_hour_of_week(rooms + water)),
        ("hou_week_middle", middle_week(rooms + water)),
        ("hou_week_warm", first_hour_of_week(cold)),
    ]
    chosen = starts if cold.any() else starts[:2]
    largest = max(float((rooms + water).max()), float(power.max()))
    unit, factor = _unit(largest)
    axis = charts.make_axis(largest / factor)
    highest = axis.highest * factor
    across = np.arange(WEEK_H)
    weeks = []
    for key, start in chosen:
        part = slice(start, start + WEEK_H)
        warm = water[part]
        weeks.append(
            Week(
                words.say(key),
                area_points(across, 0.0 * warm, warm, highest),
                area_points(across, warm, warm + rooms[part], highest),
                line_points(across, cold[part], highest) if cold.any() else "",
                line_points(across, power[part], highest) if power.any() else "",
            )
        )
    return weeks, axis, unit


def _rows(assessment: Assessment, loads: Loads, words: Words) -> list[dict[str, str]]:
    """Return one row a district, the largest first."""
    names = assessment.districts["name"].astype(object).to_dict()
    heat = {place: load for (place, quantity), load in loads.items() if quantity == "heat" and place != CITY}
    rows = []
    for place in sorted(heat, key=lambda one: (-heat[one].largest_kw, one)):
        load, name = heat[place], names.get(place)
        rows.append(
            {
                "name": clean_name(name, _LONGEST_NAME) if isinstance(name, str) else place,
                "heat": _text(load.largest_kw),
                "likely": _likely(load, "range", words),
                "full": figure(load.full_h),
                "curve": area_points(
                    load.exceeded_h, 0.0 * load.exceeded_kw, load.exceeded_kw, max(load.largest_kw, 1e-9)
                ),
                **{
                    quantity: _text(loads[place, quantity].largest_kw) if (place, quantity) in loads else ""
                    for quantity in QUANTITIES[1:]
                },
            }
        )
    return rows


def make(assessment: Assessment, words: Words) -> Section | None:
    """Return the section, or None for a run without hourly profiles."""
    if not set(NEEDED) <= set(assessment.tables) or "space_heat_kw" not in assessment.hourly:
        return None
    loads = _loads(assessment)
    if (CITY, "heat") not in loads or not loads[CITY, "heat"].largest_kw > 0.0:
        return None
    weeks, week_axis, week_unit = _weeks(assessment, words)
    rows = _rows(assessment, loads, words)
    shown = rows[:MOST_ROWS_COUNT]
    some = words.say("hou_some", count=count(len(shown)), total=count(len(rows)))
    return render_section(
        NAME,
        words.say("hou_title"),
        words,
        numbers=_numbers(loads, words),
        duration=_duration(loads),
        weeks=weeks,
        week_axis=week_axis,
        week_unit=week_unit,
        rows=shown,
        some=some if len(rows) > len(shown) else "",
        figure=figure,
    )
