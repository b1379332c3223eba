"""What to survey next: which storeys, years and uses would narrow the heat of a city most.

Reads the finished table of a run. For every heated building the doubt that its storeys and its year leave
in its heat is calculated from their likely ranges (`layers.physics.survey_value`); the doubt of a use comes
from the spread of heat per floor area among the uses of the city. A city's heat errs by the sum of its
buildings, whose errors go together in part: knowing one building takes its own part and its share of the
common part away. The list is ordered by how much of the variance of the sum that is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from layers.core.errors import InputProblem, UsageProblem
from layers.core.facts import value
from layers.core.types import BoolArray, FloatArray
from layers.core.uses import USES
from layers.core.weather import FACADE_NAMES
from layers.physics import survey_value
from layers.physics.building_heat import Bodies, TypeValues, type_years
from layers.physics.heat_widths import P90_DEVIATIONS, column_or, uncertainty_widths
from layers.physics.survey_value import Doubt, SurveyCase

KWH_PER_MWH = 1000.0
SURVEYED = ("storey_count", "construction_year", "use")
# what has no range of its own in the heat of a building
_BESIDE_THE_RANGE = ("use",)
_KNOWN = ("measured", "user", "tagged")
_ENDS = {
    "storey_count": ("storey_p10_count", "storey_p90_count"),
    "construction_year": ("construction_p10_year", "construction_p90_year"),
}
_WALLS = tuple(f"wall_area_{name}_m2" for name in FACADE_NAMES)
NEEDS = (
    "use", "use_origin", "archetype_id", "district_id", "storey_count", "storey_count_origin",
    "construction_year", "construction_year_origin", "heated_floor_area_m2", "wall_area_m2",
    "window_area_m2", "roof_area_m2", "ground_area_m2", "space_heat_kwh", "hot_water_kwh", "heat_demand_kwh",
    "heat_demand_p10_kwh", "heat_demand_p90_kwh", *_ENDS["storey_count"],
    *_ENDS["construction_year"], *_WALLS,
)  # fmt: skip
LISTED = (
    "column", "value", "source", "assumed_value", "assumed_from", "likely_low", "likely_high", "doubt_mwh",
    "heat_demand_mwh", "range_mwh", "range_then_mwh", "area_range_then_share",
)  # fmt: skip


@dataclass(frozen=True)
class SurveyParams:
    """Settings of the list.

    Attributes
    ----------
    shared_variance_share : part of the variance that all buildings have in common, as in the draws, 0 to 1
    imputed_use_doubt_share, unknown_use_doubt_share : how likely a use is another one, 0 to 1
    """

    shared_variance_share: float = field(default_factory=lambda: value("uncertainty", "shared_variance"))
    imputed_use_doubt_share: float = field(default_factory=lambda: value("survey", "imputed_use_doubt"))
    unknown_use_doubt_share: float = field(default_factory=lambda: value("survey", "unknown_use_doubt"))

    def __post_init__(self) -> None:
        """Check the ranges."""
        for each in fields(self):
            if not 0.0 <= getattr(self, each.name) <= 1.0:
                raise UsageProblem(f"{each.name} is {getattr(self, each.name):g}; it must be 0 to 1.")


def _case(heated: pd.DataFrame, archetypes: pd.DataFrame) -> SurveyCase:
    def number(name: str) -> FloatArray:
        return column_or(heated, name, 0.0)

    codes = archetypes.index.get_indexer(pd.Index(heated["archetype_id"].astype(object)))
    if (codes < 0).any():
        missing = ", ".join(sorted({str(name) for name in heated["archetype_id"][codes < 0]})[:3])
        raise InputProblem(
            f"The archetypes {missing} of this run are not known to this version of planner; "
            "run `planner assess` again."
        )
    kind = [name for name in ("country", "use", "size_class") if name in archetypes.columns]
    group = np.asarray(archetypes.groupby(kind, dropna=False, sort=True).ngroup(), dtype=np.int64)
    defaults = {"b_floor_ratio": 1.0, "b_roof_ratio": 1.0}
    return SurveyCase(
        space_kwh=number("space_heat_kwh"),
        hot_water_kwh=number("hot_water_kwh"),
        bodies=Bodies(
            number("heated_floor_area_m2"), number("wall_area_m2"), number("window_area_m2"),
            number("roof_area_m2"), number("ground_area_m2"), heated[list(_WALLS)].to_numpy(dtype=float),
        ),
        codes=codes.astype(np.int64),
        types=TypeValues(
            *(column_or(archetypes, each.name, defaults.get(each.name, 0.0)) for each in fields(TypeValues))
        ),
        years=type_years(
            column_or(archetypes, "first_year", np.nan), column_or(archetypes, "last_year", np.nan), group
        ),
        widths=uncertainty_widths(heated),
    )  # fmt: skip


def heat_doubts(heated: pd.DataFrame, archetypes: pd.DataFrame, params: SurveyParams) -> dict[str, Doubt]:
    """Return what each unknown leaves open in the heat of each building.

    Parameters
    ----------
    heated : DataFrame
        Heated buildings of a run with the columns of `NEEDS`.
    archetypes : DataFrame, index `archetype_id`
        The table that the run used.

    Returns
    -------
    dict
        By the names of `SURVEYED`; nothing is open where a value was measured or corrected.
    """
    case = _case(heated, archetypes)
    floor = case.bodies.floor_area_m2
    origin = heated["use_origin"].astype(str).to_numpy()
    doubt = np.where(
        origin == "default", params.unknown_use_doubt_share,
        np.where(origin == "imputed", params.imputed_use_doubt_share, 0.0),
    )  # fmt: skip
    codes = np.array([USES.index(str(use)) for use in heated["use"]], dtype=np.int64)
    return {
        "storey_count": survey_value.storey_doubt(case),
        "construction_year": survey_value.year_doubt(case),
        "use": survey_value.use_doubt(
            column_or(heated, "heat_demand_kwh", 0.0) / floor, floor, codes, np.isin(origin, _KNOWN), doubt
        ),
    }


def _described(heated: pd.DataFrame, name: str, rows: BoolArray, doubt: Doubt) -> pd.DataFrame:
    """Return the rows of one attribute: what is assumed, its range, and what knowing it would do."""
    some = heated[rows]
    low, high = (column_or(some, f"heat_demand_{level}_kwh", np.nan) for level in ("p10", "p90"))
    whole = survey_value.range_deviation_kwh(low, high)
    beside = name in _BESIDE_THE_RANGE
    left = np.ones(len(some)) if beside else survey_value.left_ratio(doubt.deviation_kwh[rows], whole)
    ends = [some[end].astype(float).round(1) for end in _ENDS[name]] if name in _ENDS else [np.nan, np.nan]
    assumed = some[name].astype(object) if name == "use" else some[name].astype(float).round(1)
    return pd.DataFrame(
        {
            "column": name,
            "value": "",
            "source": "",
            "assumed_value": assumed,
            "assumed_from": some[f"{name}_origin"].astype(str),
            "likely_low": ends[0],
            "likely_high": ends[1],
            "doubt_mwh": 2.0 * P90_DEVIATIONS * doubt.deviation_kwh[rows] / KWH_PER_MWH,
            "heat_demand_mwh": column_or(some, "heat_demand_kwh", np.nan) / KWH_PER_MWH,
            "range_mwh": (high - low) / KWH_PER_MWH,
            "range_then_mwh": (high - low) * left / KWH_PER_MWH,
            "deviation_kwh": doubt.deviation_kwh[rows],
            "slope_kwh": doubt.slope_kwh[rows],
        },
        index=some.index,
    )


def _range_then(listed: pd.DataFrame, doubts: dict[str, Doubt], range_kwh: float, share: float) -> FloatArray:
    """Return how wide the range of the area is, over today's, once each row and all above it are known."""
    whole = float(survey_value.range_deviation_kwh(np.zeros(1), np.array([range_kwh]))[0]) ** 2
    if not whole > 0.0:
        return np.full(len(listed), np.nan)
    saved = np.zeros(len(listed))
    for name, doubt in doubts.items():
        if name not in _BESIDE_THE_RANGE:
            rows = (listed["column"] == name).to_numpy()
            known = Doubt(*(column_or(listed[rows], part, 0.0) for part in ("deviation_kwh", "slope_kwh")))
            gain = np.zeros(len(listed))
            gain[rows] = -np.diff(doubt.left(known, share), prepend=doubt.variance(share))
            saved += np.cumsum(gain)
    return np.asarray(np.sqrt(np.clip(1.0 - saved / whole, 0.0, 1.0)), dtype=np.float64)


def list_survey(
    buildings: pd.DataFrame,
    archetypes: pd.DataFrame,
    *,
    most_count: int,
    area_range_kwh: float = float("nan"),
    district_id: str | None = None,
    params: SurveyParams | None = None,
) -> pd.DataFrame:
    """Return what to survey next, most worth knowing first.

    Parameters
    ----------
    buildings : DataFrame, index `building_id`
        The table of a run, with the columns of `NEEDS`.
    archetypes : DataFrame, index `archetype_id`
        The table that the run used.
    most_count : int
        Rows at most.
    area_range_kwh : float
        From p10 to p90 of the heat of the city, or of the district. [kWh a⁻¹]
    district_id : str, optional
        Only this district, by what narrows its own heat.

    Returns
    -------
    DataFrame, index `building_id`
        The columns of `LISTED`: `value` and `source` are to be filled in. `doubt_mwh` is the width from p10
        to p90 that this unknown alone leaves open, `range_mwh` and `range_then_mwh` are those of the building
        today and once it is known, `area_range_then_share` that of the city or district over today's, at
        best, once this row and all above it are known. A use has no range of its own in a building's heat:
        its doubt stands beside.

    Raises
    ------
    InputProblem
        When a column is missing, or an archetype is not in the table.
    UsageProblem
        When the district is not there.
    """
    params = params or SurveyParams()
    missing = [name for name in NEEDS if name not in buildings.columns]
    if missing:
        raise InputProblem(
            f"The buildings of the run lack {', '.join(missing[:3])}; run `planner assess` again."
        )
    if district_id is not None and district_id not in set(buildings["district_id"].dropna()):
        known = ", ".join(sorted(buildings["district_id"].dropna().astype(str).unique())[:12])
        raise UsageProblem(f"there is no district {district_id!r} in this run; there are {known}.")
    heated = buildings[buildings["heated_floor_area_m2"].astype(float) > 0.0].sort_index()
    doubts = heat_doubts(heated, archetypes, params)
    if district_id is not None:
        inside = (heated["district_id"] == district_id).to_numpy(dtype=bool)
        heated, doubts = heated[inside], {name: doubt.take(inside) for name, doubt in doubts.items()}
    parts = []
    for name, doubt in doubts.items():
        saved = doubt.saved(params.shared_variance_share)
        rows = (doubt.deviation_kwh > 0.0) & (saved > 0.0)
        parts.append(_described(heated, name, rows, doubt).assign(saved=saved[rows]))
    listed = pd.concat(parts).rename_axis("building_id")
    order = np.lexsort((listed["column"], listed.index.astype(str), -listed["saved"]))[:most_count]
    listed = listed.iloc[order]
    then = _range_then(listed, doubts, area_range_kwh, params.shared_variance_share)
    return listed.assign(area_range_then_share=then)[list(LISTED)]
