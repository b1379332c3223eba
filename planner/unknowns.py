"""The ranking of assumptions within a run."""

from __future__ import annotations

import dataclasses

from layers import sensitivity
from layers.core.draws import Draws
from layers.heat_demand import HeatResult
from planner.state import Energy
from planner.steps import StepLog


def with_sensitivity(energy: Energy, heat: HeatResult, draws: Draws, log: StepLog) -> Energy:
    """Return the energy of a city with the table that says which assumptions move its heat most."""
    district = energy.buildings["district_id"].loc[heat.case.ids]
    table = sensitivity.find_sensitivity(
        heat.case, district, heat.district_draws, heat.city_draws, draws, heat.shares, heat.years_mean_ratio
    )
    text = "nothing is heated"
    if len(table):
        first = table.iloc[0]
        half = (first["high_mwh"] - first["low_mwh"]) / 2.0 / max(first["heat_demand_mwh"], 1e-9)
        text = f"most by {str(first['assumption']).replace('_', ' ')}, ±{half:.0%}"
    log.step("sensitivity", table, of="sensitivity", text=text)
    return dataclasses.replace(energy, tables={**energy.tables, "sensitivity": table})
