"""The hours of a year: when districts need what the yearly layers say."""

from __future__ import annotations

import dataclasses

from layers import hourly_demand
from layers.core.extract import Note
from layers.core.weather import FacadeSun
from planner.parameters import RunConfig
from planner.state import City, Energy
from planner.steps import StepLog

STEP = "hourly profiles"
# beyond this the methods differ by more than they should under equal assumptions
LARGEST_DIFFERENCE_SHARE = 0.03


def with_hours(energy: Energy, city: City, sun: FacadeSun, config: RunConfig, log: StepLog) -> Energy:
    """Return the energy of a city with hourly profiles of its districts.

    Parameters
    ----------
    energy : Energy
        With heat, cooling and electricity.
    city : City
    sun : FacadeSun
        As for the heat.
    config : RunConfig
    log : StepLog
    """
    found = hourly_demand.simulate_hourly(
        energy.buildings, city.archetypes, city.weather, sun, city.place.country,
        energy.draws["heat_demand"], energy.city_draws["heat_demand"], config.cooling.set_point_c,
        heat=config.heat, planes=config.planes, params=config.hourly,
    )  # fmt: skip
    difference_share = hourly_demand.method_difference_share(found.tables["hourly_check"])
    log.step(
        STEP, found.tables["hourly_peaks"], hourly_demand.PEAK_COLUMNS, of="hourly_peaks",
        text=f"hours need {difference_share:+.1%} against months",
    )  # fmt: skip
    notes = energy.notes
    if abs(difference_share) > LARGEST_DIFFERENCE_SHARE:
        notes += (
            Note(
                STEP,
                f"Hour by hour the rooms would need {difference_share:+.0%} against the monthly method under "
                "equal assumptions, as where gains nearly warm the houses and days differ much; the profiles "
                "keep the sums of the monthly method.",
            ),
        )
    return dataclasses.replace(
        energy,
        tables={**energy.tables, **found.tables},
        hourly={**energy.hourly, **found.hourly},
        building_hours=found.building_hours if config.hourly_buildings else None,
        notes=notes,
    )
