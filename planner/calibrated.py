"""The calibration within a run: called where known totals were given, and told as it happens."""

from __future__ import annotations

import dataclasses
from functools import partial

import geopandas as gpd
import pandas as pd

from layers import calibration
from layers.calibration import CalibrationResult
from layers.core.draws import Draws
from layers.heat_demand import HeatResult
from layers.physics.heat_draws import draw_heat_parts_kwh
from planner.parameters import RunConfig
from planner.state import City, Energy
from planner.steps import StepLog

# the name of the calibrated total in tables and draws
TOTAL = "heat_calibrated"
_MOST_SHOWN = 12


def calibrate(
    city: City, buildings: gpd.GeoDataFrame, heat: HeatResult, draws: Draws, config: RunConfig, log: StepLog
) -> CalibrationResult | None:
    """Bring the heat to the city's known totals and say what that changed; None without any."""
    if city.known_totals is None:
        return None
    draw = partial(
        draw_heat_parts_kwh, heat.case, draws, heat.shares, tile_count=config.heat.tile_count,
        mean_ratio=heat.years_mean_ratio,
    )  # fmt: skip
    found = calibration.calibrate_heat(
        buildings, city.known_totals, city.districts, draw, draws, config.calibration
    )
    for line in (*total_lines(found.totals), *factor_lines(found.factors)):
        log.progress.say(line)
    for note in found.notes:
        log.progress.say(f"note: {note.text}")
    before = float((buildings["space_heat_expected_kwh"] + buildings["hot_water_kwh"]).sum())
    after = float(found.buildings["heat_calibrated_kwh"].sum())
    text = f"{before / 1e6:,.1f} GWh expected, {after / 1e6:,.1f} GWh calibrated"
    return dataclasses.replace(
        found, buildings=log.step("calibration", found.buildings, calibration.ADDS, text=text)
    )


def with_calibration(energy: Energy, found: CalibrationResult) -> Energy:
    """Return the energy of a city with what its calibration gave."""
    return dataclasses.replace(
        energy,
        draws={**energy.draws, TOTAL: found.district_draws},
        city_draws={**energy.city_draws, TOTAL: found.city_draws},
        tables={**energy.tables, "calibration": found.totals, "calibration_factors": found.factors},
        notes=energy.notes + found.notes,
    )


def total_lines(totals: pd.DataFrame) -> list[str]:
    """Say of each known total what was calculated before and after."""
    lines = ["calibration: known total, calculated before and after"]
    for row in totals.head(_MOST_SHOWN).to_dict("records"):
        name = " ".join(part for part in (row["level"], row["id"], row["sector"], row["quantity"]) if part)
        lines.append(
            f"  {name} {row['year']}: {row['given_mwh']:,.0f} MWh known, {row['before_mwh']:,.0f} before "
            f"({row['before_ratio'] - 1:+.0%}), {row['after_mwh']:,.0f} after ({row['after_ratio'] - 1:+.1%})"
        )
    return lines + _more(len(totals), "calibration.csv")


def factor_lines(factors: pd.DataFrame) -> list[str]:
    """Say by which factor the heat of each kind of building was multiplied, the largest heat first."""
    lines = ["calibration: factors"]
    ordered = factors.sort_values(
        ["before_mwh", "component", "use", "period"], ascending=[False, True, True, True]
    )
    for row in ordered.head(_MOST_SHOWN).to_dict("records"):
        parts = (row["component"], row["district_id"], row["use"], row["period"])
        name = " ".join(part for part in parts if part).replace("_", " ")
        lines.append(f"  {name}: × {row['factor_ratio']:.2f}{' (!)' if row['is_large'] else ''}")
    return lines + _more(len(factors), "calibration_factors.csv")


def _more(count: int, file: str) -> list[str]:
    left = count - _MOST_SHOWN
    return [f"  and {left:,} more in {file}"] if left > 0 else []
