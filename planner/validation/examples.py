"""Example buildings of the TABULA typologies: read, and calculated with the seasonal and the monthly method.

A table in the columns of the published one holds for each example its areas, U-values, boundary
conditions, the climate of a heating season, and the heat need that the TABULA method gives.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from layers.core.errors import InputProblem
from layers.core.facts import value
from layers.core.types import FloatArray
from layers.physics.monthly import HeatModel, capped_night_ratio, monthly_heat_kwh
from layers.physics.seasonal import (
    HOURS_PER_DAY,
    SeasonalBalance,
    seasonal_balance,
    solar_gain_kwh_per_m2,
    transmission_w_per_m2_k,
    ventilation_w_per_m2_k,
)
from layers.sources.files import read_head

OPAQUE = ("Roof_1", "Roof_2", "Wall_1", "Wall_2", "Wall_3", "Floor_1", "Floor_2")
OPENINGS = ("Window_1", "Window_2", "Door_1")
SIDES = ("Horizontal", "East", "South", "West", "North")
SUNS = ("I_Sol_Hor", "I_Sol_East", "I_Sol_South", "I_Sol_West", "I_Sol_North")
RESULT = "q_h_nd"
# every intermediate value that the table may state, and what it is called here
INTERMEDIATES: dict[str, str] = {
    "h_Transmission": "transmission_w_per_m2_k", "h_Ventilation": "ventilation_w_per_m2_k",
    "F_red_temp": "night_ratio", "q_ht": "loss_kwh_per_m2", "q_sol": "solar_gain_kwh_per_m2",
    "q_int": "internal_gain_kwh_per_m2", "tau": "time_constant_h", "a_H": "utilisation_exponent_ratio",
    "gamma_h_gn": "gain_loss_ratio", "eta_h_gn": "utilisation_ratio",
}  # fmt: skip
# what every row must state; areas and U-values of parts that a building lacks may be left empty
NEEDED = (
    "A_C_Ref", "HeatingDays", "Theta_e", *SUNS,
    "theta_i", "F_red_htr1", "F_red_htr4", "n_air_use", "n_air_infiltration", "h_room", "phi_int",
    "F_sh_hor", "F_sh_vert", "F_f", "F_w", "c_m", "delta_U_ThermalBridging", RESULT,
)  # fmt: skip
PARTS = (
    *(f"{kind}_{part}" for kind in ("A_Calc", "U_Actual") for part in (*OPAQUE, *OPENINGS)),
    *(f"b_Transmission_{part}" for part in OPAQUE), *(f"A_Calc_Window_{side}" for side in SIDES), "g_gl_n",
)  # fmt: skip
# the method's own: no heating on days warmer than this
BASE_TEMPERATURE_C = 12.0
DAYS_PER_YEAR = 365.0
SEASON_PIECES = 12
# so many missing columns are named
SHOWN = 3


def read_examples(path: Path) -> pd.DataFrame:
    """Read a table of example buildings.

    Raises
    ------
    InputProblem
        When the file is missing, no such table, lacks columns or rows, or holds text or gaps where the
        method needs a number.
    """
    read_head(path, what="a table of example buildings")
    try:
        table = pd.read_csv(path, low_memory=False)
    except (ValueError, OSError, EOFError, zlib.error, pd.errors.ParserError) as problem:
        reason = str(problem).splitlines()[0][:100]
        raise InputProblem(
            f"{path.name} cannot be read as a table ({reason}); pass a CSV file, plain or packed with gzip, "
            "in the columns of TABULA's example buildings."
        ) from problem
    missing = [name for name in (*NEEDED, *PARTS) if name not in table.columns]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise InputProblem(
            f"{path.name} lacks the columns {', '.join(missing[:SHOWN])}{more}; pass a table in the columns "
            "of TABULA's example buildings."
        )
    if table.empty:
        raise InputProblem(f"{path.name} holds no example building; pass a table with at least one row.")
    stated = [name for name in INTERMEDIATES if name in table.columns]
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in (*NEEDED, *PARTS, *stated)}
    for name, values in numbers.items():
        wrong = values.isna() & (table[name].notna() | (name in NEEDED)) | np.isinf(values)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputProblem(
                f"{path.name}, row {row + 2}, column {name}: {str(table[name].iloc[row])[:40]!r} is no "
                f"number; {int(wrong.sum()):,} rows are like that. Correct or leave out these rows."
            )
    flat = numbers["A_C_Ref"] <= 0.0
    if flat.any():
        row = int(np.flatnonzero(flat)[0])
        raise InputProblem(
            f"{path.name}, row {row + 2}: the reference floor area A_C_Ref is "
            f"{numbers['A_C_Ref'].iloc[row]:g}; it must be larger than zero."
        )
    return table.assign(**numbers)


def _floats(table: pd.DataFrame, *names: str) -> FloatArray:
    return np.asarray(np.nan_to_num(table[list(names)].to_numpy(dtype=np.float64)))


def _column(table: pd.DataFrame, name: str) -> FloatArray:
    return _floats(table, name)[:, 0]


def seasonal_results(examples: pd.DataFrame) -> SeasonalBalance:
    """Return the seasonal balance of every example, with all intermediate values."""
    floor_area = _column(examples, "A_C_Ref")
    parts = (*OPAQUE, *OPENINGS)
    b_ratio = _floats(examples, *(f"b_Transmission_{part}" for part in OPAQUE))
    transmission = transmission_w_per_m2_k(
        _floats(examples, *(f"A_Calc_{part}" for part in parts)),
        _floats(examples, *(f"U_Actual_{part}" for part in parts)),
        np.hstack([b_ratio, np.ones((len(examples), len(OPENINGS)))]),
        _column(examples, "delta_U_ThermalBridging"),
        floor_area,
    )
    vertical = _column(examples, "F_sh_vert")
    sun = solar_gain_kwh_per_m2(
        _floats(examples, *(f"A_Calc_Window_{side}" for side in SIDES)),
        _floats(examples, *SUNS),
        np.column_stack([_column(examples, "F_sh_hor"), *([vertical] * (len(SIDES) - 1))]),
        frame_share=_column(examples, "F_f"),
        off_normal_ratio=_column(examples, "F_w"),
        glass_ratio=_column(examples, "g_gl_n"),
        floor_area_m2=floor_area,
    )
    air_change = _floats(examples, "n_air_use", "n_air_infiltration").sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return seasonal_balance(
            transmission_w_per_m2_k=transmission,
            ventilation_w_per_m2_k=ventilation_w_per_m2_k(air_change, _column(examples, "h_room")),
            night_low_ratio=_column(examples, "F_red_htr1"),
            night_high_ratio=_column(examples, "F_red_htr4"),
            set_point_c=_column(examples, "theta_i"),
            outdoor_c=_column(examples, "Theta_e"),
            heating_days=_column(examples, "HeatingDays"),
            solar_gain_kwh_per_m2=sun,
            internal_gain_w_per_m2=_column(examples, "phi_int"),
            heat_capacity_wh_per_m2_k=_column(examples, "c_m"),
            utilisation_a0_ratio=value("heat", "seasonal_utilisation_a0"),
            utilisation_tau0_h=value("heat", "seasonal_utilisation_tau0"),
        )


def largest_errors(examples: pd.DataFrame, balance: SeasonalBalance) -> pd.Series:
    """Return the largest absolute error of every quantity that the table states."""
    ours = {RESULT: balance.heat_need_kwh_per_m2}
    ours |= {name: getattr(balance, field) for name, field in INTERMEDIATES.items()}
    errors = {
        name: np.abs(values - examples[name].to_numpy(dtype=np.float64))
        for name, values in ours.items()
        if name in examples.columns
    }
    return pd.Series({name: float(error.max()) for name, error in errors.items()}, dtype=np.float64)


def season_temperatures_c(heating_days: float, mean_c: float) -> FloatArray:
    """Return the temperatures of twelve equal pieces of a heating season of known length and mean.

    The year's temperature is a cosine; its two unknowns follow from the table: the season ends where it
    crosses 12 °C, and the mean over the season is the published one. A season without days or warmer than
    that has no such course and the same temperature throughout.

    Examples
    --------
    >>> pieces = season_temperatures_c(212.0, 3.9)
    >>> round(float(pieces.mean()), 6), bool((pieces < 12.0).all()), round(float(pieces.min()), 1)
    (3.9, True, -0.8)
    """
    if heating_days <= 0.0 or mean_c >= BASE_TEMPERATURE_C:
        return np.full(SEASON_PIECES, mean_c)
    half_angle = np.pi * min(heating_days, DAYS_PER_YEAR) / DAYS_PER_YEAR
    swing = (BASE_TEMPERATURE_C - mean_c) / (np.sin(half_angle) / half_angle - np.cos(half_angle))
    middle = BASE_TEMPERATURE_C + swing * np.cos(half_angle)
    edges = np.linspace(-half_angle, half_angle, SEASON_PIECES + 1)
    return np.asarray(middle - swing * np.diff(np.sin(edges)) / np.diff(edges), dtype=np.float64)


def monthly_results_kwh_per_m2(examples: pd.DataFrame, balance: SeasonalBalance) -> FloatArray:
    """Return the heat need of every example after the monthly method, in the table's own climate.

    The season of each row's climate is cut into twelve pieces of equal length and sun, with the
    temperatures of `season_temperatures_c`.
    """
    need = np.empty(len(examples))
    days, mean = _column(examples, "HeatingDays"), _column(examples, "Theta_e")
    loss = balance.transmission_w_per_m2_k + balance.ventilation_w_per_m2_k
    night = capped_night_ratio(
        balance.transmission_w_per_m2_k, _column(examples, "F_red_htr1"), _column(examples, "F_red_htr4")
    )
    a0 = np.full(len(examples), value("heat", "monthly_utilisation_a0"))
    tau0 = np.full(len(examples), value("heat", "monthly_utilisation_tau0"))
    climates, of_row = np.unique(np.column_stack([days, mean]), axis=0, return_inverse=True)
    for number, (heating_days, mean_c) in enumerate(climates):
        rows = np.flatnonzero(of_row == number)
        model = HeatModel(
            loss[rows], night[rows], _column(examples, "theta_i")[rows], _column(examples, "phi_int")[rows],
            _column(examples, "c_m")[rows], a0[rows], tau0[rows],
        )  # fmt: skip
        sun = np.repeat(balance.solar_gain_kwh_per_m2[rows, None] / SEASON_PIECES, SEASON_PIECES, axis=1)
        hours = np.full(SEASON_PIECES, heating_days * HOURS_PER_DAY / SEASON_PIECES)
        pieces = monthly_heat_kwh(model, sun, season_temperatures_c(heating_days, mean_c), hours)
        need[rows] = pieces.sum(axis=1)
    return need
