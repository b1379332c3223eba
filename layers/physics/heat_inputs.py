"""What the heat balance takes from the tables: areas, archetype values and the sun through the windows.

Heat demand, cooling and retrofit start from the same arrays, so that a building is one and the same body
in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.errors import ContractProblem
from layers.core.heat_settings import EXPECTED_STEPS_KWH_PER_M2, HeatParams
from layers.core.types import FloatArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from layers.core.weather import FACADE_NAMES, MONTHS, FacadeSun, MonthlyClimate
from layers.physics.building_heat import Bodies, TypeValues, window_aperture_m2
from layers.physics.facade_sun import facade_gain_kwh
from layers.physics.heat_widths import column_or
from layers.physics.monthly import SURFACES

# monthly means beyond these are no place in Europe
MONTH_RANGE_C = (-40.0, 45.0)
WALL_COLUMNS: tuple[str, ...] = tuple(f"wall_area_{name}_m2" for name in FACADE_NAMES)
WINDOW_COLUMNS: tuple[str, ...] = tuple(f"window_area_{name}_m2" for name in FACADE_NAMES)
HORIZON_COLUMNS: tuple[str, ...] = tuple(f"horizon_{name}_deg" for name in FACADE_NAMES)

NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("archetype_id", "archetype of the building", "text"),
    Column("storey_count", "storeys above ground", lowest=0),
    Column("heated_floor_area_m2", "reference floor area that is heated", lowest=0),
    *(
        Column(name, "area of the envelope", lowest=0)
        for name in ("wall_area_m2", "window_area_m2", "roof_area_m2", "ground_area_m2", *WALL_COLUMNS)
    ),
)
ARCHETYPE_NEEDS: tuple[Column, ...] = (
    Column("use", "class of use", "text"),
    Column("first_year", "first year of the period", gaps=True),
    Column("last_year", "last year of the period", gaps=True),
    Column("u_wall_w_per_m2_k", "U-value of walls", lowest=0, highest=10),
    Column("u_roof_w_per_m2_k", "U-value of the roof", lowest=0, highest=10),
    Column("u_floor_w_per_m2_k", "U-value of the floor", lowest=0, highest=10),
    Column("u_window_w_per_m2_k", "U-value of windows", lowest=0, highest=10),
    Column("window_g_ratio", "sun through glass", lowest=0, highest=1),
    Column("air_use_per_h", "air change by use", lowest=0, highest=20),
    Column("air_infiltration_per_h", "air change by leaks", lowest=0, highest=20),
    Column("room_height_m", "height of rooms", lowest=1, highest=20),
    Column("set_point_c", "room temperature", lowest=0, highest=35),
    Column("night_factor_low_ratio", "night reduction at 1 W/(m² K)", lowest=0, highest=1),
    Column("night_factor_high_ratio", "night reduction at 4 W/(m² K)", lowest=0, highest=1),
    Column("internal_gain_w_per_m2", "internal gains", lowest=0, highest=200),
    Column("hot_water_kwh_per_m2", "useful heat for hot water", lowest=0, highest=500),
)


@dataclass(frozen=True)
class HeatInputs:
    """What the balance needs of n heated buildings and k archetypes.

    Attributes
    ----------
    bodies : Bodies of n buildings
    codes : (n,) array
        Archetype of each building in `types`.
    types : TypeValues of k archetypes
    solar_gain_kwh : (n, 12) array
        Sun through the windows, before the glass.
    """

    bodies: Bodies
    codes: IntArray
    types: TypeValues
    solar_gain_kwh: FloatArray


def expected_heat_kwh(
    space_heat_kwh: FloatArray, floor_area_m2: FloatArray, ratios: tuple[float, ...]
) -> FloatArray:
    """Return the heat that is likely to be metered, by the calculated heat per floor area.

    The ratio of metered to calculated heat is linear between the steps and constant above the last.

    Examples
    --------
    150 kWh/m² lie between the ratios .95 at 100 and .795 at 200 kWh/m².

    >>> expected_heat_kwh(np.array([15_000.0]), np.array([100.0]), (1.1, 0.95, 0.795, 0.65, 0.55, 0.475))
    array([13087.5])
    """
    per_floor = np.divide(
        space_heat_kwh, floor_area_m2, out=np.zeros_like(space_heat_kwh), where=floor_area_m2 > 0.0
    )
    return np.asarray(space_heat_kwh * np.interp(per_floor, EXPECTED_STEPS_KWH_PER_M2, ratios))


def expected_of_use_kwh(
    uses: pd.Series, space_heat_kwh: FloatArray, floor_area_m2: FloatArray, ratios: tuple[float, ...]
) -> FloatArray:
    """Return `expected_heat_kwh` of dwellings; for other uses no curve is known, they stay as calculated."""
    dwelling = uses.isin(RESIDENTIAL_USES).to_numpy(dtype=bool)
    return np.where(dwelling, expected_heat_kwh(space_heat_kwh, floor_area_m2, ratios), space_heat_kwh)


def type_values(archetypes: pd.DataFrame, params: HeatParams) -> TypeValues:
    """Return the archetype table as arrays; what it does not say comes from the settings."""
    defaults = {
        "b_floor_ratio": 1.0, "b_roof_ratio": 1.0, "thermal_bridge_w_per_m2_k": 0.0,
        "heat_recovery_share": 0.0, "heat_capacity_wh_per_m2_k": params.heat_capacity_wh_per_m2_k,
        "utilisation_a0_ratio": params.utilisation_a0_ratio, "utilisation_tau0_h": params.utilisation_tau0_h,
    }  # fmt: skip
    names = [each.name for each in fields(TypeValues)]
    return TypeValues(*(column_or(archetypes, name, defaults.get(name, np.nan)) for name in names))


def archetype_codes(buildings: pd.DataFrame, archetypes: pd.DataFrame) -> IntArray:
    """Return the position of each heated building's archetype."""
    wanted = buildings["archetype_id"]
    codes = archetypes.index.get_indexer(pd.Index(wanted))
    unknown = codes < 0
    if unknown.any():
        names = ", ".join(sorted({str(name) for name in wanted[unknown]})[:3])
        raise ContractProblem(
            f"buildings.archetype_id of {int(unknown.sum()):,} heated buildings is not in the archetype "
            f"table: {names}, for example that of {str(buildings.index[unknown][0])[:60]}; assign archetypes "
            "of the same table that is simulated."
        )
    return np.asarray(codes, dtype=np.int64)


def check_climate(climate: MonthlyClimate) -> None:
    """Refuse a climate with gaps or a temperature that no town of Europe has."""
    low, high = MONTH_RANGE_C
    found = np.asarray(climate.temperature_c, dtype=np.float64)
    wrong = ~((found >= low) & (found <= high))
    if found.shape != (MONTHS,) or wrong.any():
        month = int(np.argmax(wrong)) + 1 if found.shape == (MONTHS,) else 1
        value = (
            f"{found[month - 1]:g} °C in month {month}" if len(found) == MONTHS else f"{len(found)} months"
        )
        raise ContractProblem(
            f"the climate of {climate.place} ({climate.origin}) has {value}; the heat of buildings needs "
            f"{MONTHS} months of {low:g} to {high:g} °C: pass another file with --climate."
        )


def check_irradiation(sun: FloatArray | FacadeSun) -> FacadeSun:
    """Return the sun on nine surfaces, or refuse another shape and gaps.

    Of a plain (9, 12) array nothing is known about neighbours: its table of horizons is empty.
    """
    if isinstance(sun, FacadeSun):
        light, whole = sun.irradiation_kwh_per_m2_plane, sun
    else:
        light = np.asarray(sun, dtype=np.float64)
        whole = FacadeSun(light, np.zeros(0), np.ones((len(FACADE_NAMES), 0, MONTHS)))
    if light.shape != (SURFACES, MONTHS) or not np.isfinite(light).all():
        raise ContractProblem(
            f"the irradiation of façades has the shape {light.shape} or gaps; it needs "
            f"{SURFACES} surfaces × {MONTHS} months of numbers."
        )
    return whole


def facade_horizons_deg(buildings: pd.DataFrame, sun: FacadeSun) -> FloatArray | None:
    """Return the (n, 8) horizons of façades, None where neighbours are not known."""
    if not len(sun.horizon_deg) or not set(HORIZON_COLUMNS) <= set(buildings.columns):
        return None
    return buildings[list(HORIZON_COLUMNS)].to_numpy(dtype=float)


def window_sun_ratio(params: HeatParams, *, neighbours_known: bool) -> float:
    """Return what shading, frame and slanting sun leave of the sun on a window, before the glass.

    Where the neighbours of a façade are counted apart, what is left is the shading by the building itself.
    """
    shading = params.own_shading_ratio if neighbours_known else params.shading_ratio
    return shading * (1.0 - params.frame_share) * params.off_normal_ratio


def heat_inputs(
    buildings: pd.DataFrame,
    archetypes: pd.DataFrame,
    sun: FloatArray | FacadeSun,
    params: HeatParams,
) -> HeatInputs:
    """Take what the balance needs out of the tables.

    Parameters
    ----------
    buildings : DataFrame
        Heated buildings, the columns of `NEEDS`; windows and horizons by façade are used where they are
        there, else windows lie where walls are, and neighbours leave what they leave on average.
    archetypes : DataFrame, index `archetype_id`
        The columns of `ARCHETYPE_NEEDS`.
    sun : FacadeSun, or (9, 12) array
        Sun on the horizontal and on eight façades clockwise from north in each month.

    Raises
    ------
    ContractProblem
        When a building's archetype is not in the table.
    """

    def area(name: str) -> FloatArray:
        return np.asarray(buildings[name], dtype=np.float64)

    known = check_irradiation(sun)
    facing = WINDOW_COLUMNS if set(WINDOW_COLUMNS) <= set(buildings.columns) else WALL_COLUMNS
    bodies = Bodies(
        area("heated_floor_area_m2"), area("wall_area_m2"), area("window_area_m2"), area("roof_area_m2"),
        area("ground_area_m2"), buildings[list(facing)].to_numpy(dtype=float),
    )  # fmt: skip
    horizon = facade_horizons_deg(buildings, known)
    sun_ratio = window_sun_ratio(params, neighbours_known=horizon is not None)
    return HeatInputs(
        bodies=bodies,
        codes=archetype_codes(buildings, archetypes),
        types=type_values(archetypes, params),
        solar_gain_kwh=facade_gain_kwh(known, window_aperture_m2(bodies, sun_ratio), horizon),
    )
