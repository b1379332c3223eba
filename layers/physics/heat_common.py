"""The parts of the draws of heat that buildings have in common: country, archetype and climate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.draws import Draws
from layers.core.types import FloatArray
from layers.core.weather import MonthlyClimate

# what archetypes state, and what was learned for each building
TYPED = (
    "u_value", "window_u_value", "air_change", "set_point", "sun", "gain", "hot_water",
    "cooling_set_point", "appliances", "cooling_plant",
)  # fmt: skip
SIZED = ("envelope_area", "storeys", "construction_year")
# by which share a town's heat answers to one standard deviation that all buildings have in common: the
# draws meet this sum evenly, so that few of them are enough; it changes no distribution
ANSWERS = {
    "construction_year": -0.13, "storeys": 0.11, "air_change": 0.08, "window_u_value": 0.065,
    "set_point": 0.06, "u_value": 0.05, "envelope_area": 0.05, "temperature": -0.04, "gain": -0.03,
    "hot_water": 0.03, "sun": -0.02,
}  # fmt: skip


@dataclass(frozen=True)
class VarianceShares:
    """Which shares of the variance all buildings, and those of one archetype, have in common."""

    shared_share: float
    type_share: float

    @property
    def own_share(self) -> float:
        """Return the share that is a building's own."""
        return 1.0 - self.shared_share - self.type_share


@dataclass(frozen=True)
class CommonParts:
    """The parts of the draws that do not depend on single buildings.

    `shared` holds (count,) arrays by name of the quantity, `by_type` (k, count) arrays.
    """

    shared: dict[str, FloatArray]
    by_type: dict[str, FloatArray]
    temperature_k: FloatArray
    sun_ratio: FloatArray


def common_parts(climate: MonthlyClimate, type_ids: pd.Index, draws: Draws) -> CommonParts:
    """Draw what all buildings share: country, archetypes and climate.

    Parameters
    ----------
    climate : MonthlyClimate
    type_ids : Index of k archetype ids
    draws : Draws
    """
    country = climate.country
    temperature, sun = "climate:temperature", "climate:irradiation"
    drawn = _answering(country, ANSWERS, draws, known={"temperature": temperature})
    shared = {
        name: drawn[name] if name in drawn else draws.shared_evenly(f"heat:{name}:{country}")
        for name in TYPED + SIZED
    }
    of_types = [
        _answering(str(each), {name: ANSWERS[name] for name in TYPED if name in ANSWERS}, draws)
        for each in type_ids
    ]
    by_type = {
        name: np.array(
            [
                one[name] if name in one else draws.shared_evenly(f"heat:{name}:{each}")
                for one, each in zip(of_types, type_ids, strict=True)
            ]
        ).reshape(len(type_ids), draws.count)
        for name in TYPED
    }
    return CommonParts(
        shared=shared,
        by_type=by_type,
        temperature_k=drawn["temperature"] * climate.temperature_error_k,
        sun_ratio=np.exp(draws.shared_evenly(sun) * np.log1p(climate.irradiation_error_share)),
    )


def _answering(
    owner: str, answers: Mapping[str, float], draws: Draws, known: Mapping[str, str] | None = None
) -> dict[str, FloatArray]:
    """Draw the factors of one owner so that the sum to which heat answers is met evenly."""
    names = {name: (known or {}).get(name, f"heat:{name}:{owner}") for name in answers}
    drawn = draws.shared_along({names[name]: weight for name, weight in answers.items()})
    return {name: drawn[key] for name, key in names.items()}
