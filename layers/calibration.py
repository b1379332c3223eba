"""Calibration: what meters counted brings the calculated heat to the town that is there.

Known totals are metered, so it is the heat that is likely to be metered (`space_heat_expected_kwh` and hot
water) that is brought to them; standard use stays as it is. Buildings of one use and one period share a
factor for the heat of their rooms, buildings of one use one for their hot water; `layers.physics.raking`
finds the factors that reproduce the totals within their errors and stay near 1 otherwise.

Every draw of the heat is calibrated by itself, to totals drawn within their errors. So the range of a
district whose total is known becomes about as narrow as the error of that total, and that of a single
building loses what all buildings err by together, but keeps what is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.calibration_settings import CalibrationParams
from layers.core.contracts import Column
from layers.core.draws import Draws, hash_ids
from layers.core.errors import InputProblem
from layers.core.extract import Note
from layers.core.quantiles import likely_range
from layers.core.types import FloatArray, IntArray
from layers.physics.heat_kinds import ALL_YEARS, Cells, Kinds, cells_of, district_shares, kinds_of
from layers.physics.raking import Entries, Prior, Raked, rake, rake_each
from layers.sources.known_areas import KWH_PER_MWH, KnownAreas, meet_totals
from layers.sources.known_totals import KnownTotals

__all__ = ["ADDS", "CalibrationParams", "CalibrationResult", "calibrate_heat"]

LOW_SHARE, HIGH_SHARE = 0.1, 0.9
P90_DEVIATIONS = 1.2815515655446004
# a total is unmet when it is missed by more than this many of its errors
_FAR_ERRORS = 2.0
_MOST_TOLD = 8
DISTRICT = "district"
BASES = ("total", "likeness", "none")

ADDS: tuple[Column, ...] = (
    Column("space_heat_calibrated_kwh", "expected heat for the rooms after calibration", lowest=0),
    Column("hot_water_calibrated_kwh", "hot water after calibration", lowest=0),
    Column("heat_calibrated_kwh", "rooms and hot water after calibration", lowest=0),
    Column("heat_calibrated_p10_kwh", "one in ten is lower", lowest=0),
    Column("heat_calibrated_p90_kwh", "one in ten is higher", lowest=0),
    Column("calibration_ratio", "calibrated over expected heat; 1 where there is none", lowest=0),
    Column(
        "calibration_basis",
        "total: a known total counts the building; likeness: its kind and period were calibrated elsewhere",
        "category", allowed=BASES,
    ),
)  # fmt: skip

# heat of rooms and of hot water by tile: rows, (draws, rows) and (draws, rows)
DrawnHeat = Iterator[tuple[slice, FloatArray, FloatArray]]


@dataclass(frozen=True)
class CalibrationResult:
    """A calibrated city.

    Attributes
    ----------
    buildings : GeoDataFrame
        With the columns of `ADDS`.
    district_draws : DataFrame, index `district_id`, one column a draw
        Calibrated heat of each district. [kWh a⁻¹]
    city_draws : (count,) array
    totals : DataFrame
        One row a known total: given, before and after with their ranges.
    factors : DataFrame
        One row a factor: what it multiplies, its value and its range.
    notes : tuple of Note
        What a person must not miss: large factors, totals that could not be met.
    """

    buildings: gpd.GeoDataFrame
    district_draws: pd.DataFrame
    city_draws: FloatArray
    totals: pd.DataFrame
    factors: pd.DataFrame
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Case:
    """Everything about the heated buildings that is calibrated."""

    kinds: Kinds
    cells: Cells
    known: KnownAreas
    entries: Entries
    areas: Entries
    space_kwh: FloatArray
    water_kwh: FloatArray
    metered_ratio: FloatArray
    error_ratio: FloatArray
    prior: Prior


def _case(
    part: gpd.GeoDataFrame,
    known: KnownTotals,
    districts: pd.DataFrame,
    names: pd.Index,
    params: CalibrationParams,
) -> _Case:
    standard, space, water = (
        part[name].to_numpy(dtype=float)
        for name in ("space_heat_kwh", "space_heat_expected_kwh", "hot_water_kwh")
    )
    kinds = kinds_of(part, params.period_first_year)
    met = meet_totals(known, part, districts, space, water, most_ratio=params.most_ratio)
    default = np.where(met.is_square, params.square_error_ratio, params.total_error_ratio)
    shares = district_shares(part, names)
    every = np.ones(shares.shape[0])
    cells = cells_of(kinds, _places(part, met))
    return _Case(
        kinds=kinds,
        cells=cells,
        known=met,
        entries=cells.entries(met.shares, met.space_weight, met.water_weight),
        areas=cells.entries(shares, every, every),
        space_kwh=space,
        water_kwh=water,
        metered_ratio=np.divide(space, standard, out=np.zeros_like(space), where=standard > 0.0),
        error_ratio=np.where(np.isnan(met.error_ratio), default, met.error_ratio),
        prior=Prior(params.common_prior_ratio, params.own_prior_ratio, params.place_prior_ratio),
    )


def _places(part: pd.DataFrame, met: KnownAreas) -> pd.Series:
    """Return the district of each building whose district has a total of its own."""
    of_district = np.array([total.level == "district" for total in met.totals], dtype=bool)[met.of_total]
    counted = np.asarray(met.shares[of_district].sum(axis=0)).reshape(-1) > 0.0
    district = part["district_id"].astype(object)
    return district.where(district.isin(district[counted].dropna().unique()), None)


@dataclass(frozen=True)
class _Drawn:
    """Every draw, calibrated by itself."""

    log_ratio: FloatArray
    before_kwh: FloatArray
    after_kwh: FloatArray
    areas_kwh: FloatArray


def _rake_draws(case: _Case, drawn: DrawnHeat, draws: Draws, base: Raked) -> _Drawn:
    """Calibrate each draw to totals that are drawn within their errors."""
    to_totals = np.zeros((len(case.entries.total), draws.count))
    to_areas = np.zeros((len(case.areas.total), draws.count))
    for rows, space, water in drawn:
        metered = (space * case.metered_ratio[rows]).T
        to_totals += case.entries.amounts(metered, water.T, rows)
        to_areas += case.areas.amounts(metered, water.T, rows)
    hashes = hash_ids(pd.Index(case.known.labels))
    error = np.column_stack(
        [draws.own_from_hashes(hashes, "calibration:totals", number) for number in range(draws.count)]
    )
    given = case.known.given_kwh[:, None] * np.exp(error * case.error_ratio[:, None])
    log_ratio = rake_each(case.entries, to_totals, given, case.error_ratio, case.prior, start=base)
    one = np.zeros(case.cells.count)
    before = np.array([_by_total(case, amounts, one) for amounts in to_totals.T])
    pairs = [list(zip(amounts.T, log_ratio, strict=True)) for amounts in (to_totals, to_areas)]
    after = np.array([_by_total(case, amounts, ratio) for amounts, ratio in pairs[0]])
    areas = np.array([case.areas.sums(amounts, ratio) for amounts, ratio in pairs[1]])
    return _Drawn(log_ratio, before, after, areas)


def _by_total(case: _Case, amounts: FloatArray, log_ratio: FloatArray) -> FloatArray:
    """Add observations up to the totals of the file: the squares of a raster are one."""
    sums = case.entries.sums(amounts, log_ratio)
    return np.bincount(case.known.of_total, sums, minlength=len(case.known.totals)).astype(np.float64)


def _building_ranges(case: _Case, drawn: DrawnHeat, log_ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p10 and p90 of each building with the factors of each draw."""
    low, high = np.zeros(len(case.space_kwh)), np.zeros(len(case.space_kwh))
    factor = np.exp(log_ratio)
    for rows, space, water in drawn:
        heat = space * case.metered_ratio[rows] * factor[:, case.cells.space[rows]]
        heat += water * factor[:, case.cells.water[rows]]
        low[rows], high[rows] = np.quantile(heat, [LOW_SHARE, HIGH_SHARE], axis=0)
    return low, high


def _totals_table(case: _Case, base: Raked, amounts: FloatArray, drawn: _Drawn) -> pd.DataFrame:
    known = case.known
    one = np.zeros(case.cells.count)
    given = np.bincount(known.of_total, known.given_kwh, minlength=len(known.totals))
    before, after = _by_total(case, amounts, one), _by_total(case, amounts, base.log_ratio)
    low_before, high_before = likely_range(drawn.before_kwh.T)
    low_after, high_after = likely_range(drawn.after_kwh.T)
    first = np.searchsorted(known.of_total, np.arange(len(known.totals)))
    table = {
        "level": [total.level for total in known.totals],
        "id": [total.area_id for total in known.totals],
        "sector": [total.sector for total in known.totals],
        "quantity": [total.quantity for total in known.totals],
        "year": [total.year for total in known.totals],
        "stated": [total.stated for total in known.totals],
        "building_count": _counted(known),
        "square_count": np.where(
            [total.raster is not None for total in known.totals], np.bincount(known.of_total), 0
        ),
        "given_mwh": given / KWH_PER_MWH,
        "error_ratio": case.error_ratio[first],
        "before_mwh": before / KWH_PER_MWH,
        "before_p10_mwh": low_before / KWH_PER_MWH,
        "before_p90_mwh": high_before / KWH_PER_MWH,
        "after_mwh": after / KWH_PER_MWH,
        "after_p10_mwh": low_after / KWH_PER_MWH,
        "after_p90_mwh": high_after / KWH_PER_MWH,
        "before_ratio": before / given,
        "after_ratio": after / given,
        "source": [total.source for total in known.totals],
    }
    return pd.DataFrame(table)


def _counted(known: KnownAreas) -> IntArray:
    """Return how many buildings each total counts, those of a raster once."""
    pairs = known.shares.tocoo()
    both = np.unique(np.column_stack([known.of_total[pairs.row], pairs.col]), axis=0)
    return np.bincount(both[:, 0], minlength=len(known.totals))


def _factors_table(case: _Case, base: Raked, params: CalibrationParams) -> pd.DataFrame:
    """Return one row a factor: those of kinds, then those of districts with totals of their own."""
    cells, count = case.cells, case.cells.count
    before = _added(cells.space, case.space_kwh, count) + _added(cells.water, case.water_kwh, count)
    after = before * np.exp(base.log_ratio)
    rooms, one = cells.kind < int(case.kinds.space.max()) + 1, np.ones(len(case.space_kwh))
    number = np.where(rooms, _added(cells.space, one, count), _added(cells.water, one, count))
    kind = case.kinds.count
    kinds = _factor_rows(
        case.kinds.table.assign(district_id=""), base.kind_log_ratio, base.kind_deviation_ratio,
        _added(cells.kind, number, kind), _added(cells.kind, before, kind), _added(cells.kind, after, kind),
    )  # fmt: skip
    place, placed = len(cells.places), np.where(cells.place < 0, len(cells.places), cells.place)
    table = pd.DataFrame(
        {"component": DISTRICT, "use": "", "period": ALL_YEARS, "district_id": list(cells.places)}
    )
    districts = _factor_rows(
        table, base.place_log_ratio, base.place_deviation_ratio,
        *(_added(placed, values, place + 1)[:place] for values in (number * rooms, before, after)),
    )  # fmt: skip
    both = pd.concat([kinds, districts], ignore_index=True) if place else kinds
    return both.assign(is_large=np.abs(np.log(both["effect_ratio"])) > params.large_log_ratio)


def _added(code: IntArray, values: FloatArray, count: int) -> FloatArray:
    return np.asarray(np.bincount(code, values, minlength=count), dtype=np.float64)


def _factor_rows(
    table: pd.DataFrame,
    log_ratio: FloatArray,
    deviation_ratio: FloatArray,
    number: FloatArray,
    before_kwh: FloatArray,
    after_kwh: FloatArray,
) -> pd.DataFrame:
    reach = P90_DEVIATIONS * deviation_ratio
    return table.assign(
        building_count=number.astype(np.int64),
        before_mwh=before_kwh / KWH_PER_MWH,
        factor_ratio=np.exp(log_ratio),
        factor_p10_ratio=np.exp(log_ratio - reach),
        factor_p90_ratio=np.exp(log_ratio + reach),
        # with the factors of kinds and districts together
        effect_ratio=np.divide(after_kwh, before_kwh, out=np.ones_like(after_kwh), where=before_kwh > 0.0),
    )


def _notes(totals: pd.DataFrame, factors: pd.DataFrame, known: KnownAreas) -> tuple[Note, ...]:
    """Say what a person must not miss."""
    notes = list(known.notes)
    large = factors[factors["is_large"]]
    if len(large):
        told = [
            f"{' '.join(part for part in parts if part).replace('_', ' ')} × {ratio:.2f}"
            for *parts, ratio in large[
                ["component", "district_id", "use", "period", "effect_ratio"]
            ].to_numpy(dtype=object)
        ]
        text = (
            "calibration factors so far from 1 that totals or model are wrong, not only a little off: "
            f"{', '.join(told[:_MOST_TOLD])}"
        )
        notes.append(Note("calibration", text, len(large)))
    miss = np.abs(np.log(totals["after_ratio"])) > _FAR_ERRORS * totals["error_ratio"]
    unmet = totals[miss & (totals["square_count"] == 0)]
    if len(unmet):
        told = [
            f"{' '.join(part for part in (level, area, sector) if part)} × {ratio:.2f}"
            for level, area, sector, ratio in zip(
                unmet["level"], unmet["id"], unmet["sector"], unmet["after_ratio"], strict=True
            )
        ]
        text = (
            "known totals that the calibrated heat still misses by more than their error; they contradict "
            f"each other, or ask for factors far from 1: {', '.join(told[:_MOST_TOLD])}"
        )
        notes.append(Note("calibration", text, len(unmet)))
    return tuple(notes)


def calibrate_heat(
    buildings: gpd.GeoDataFrame,
    known: KnownTotals,
    districts: pd.DataFrame,
    draw: Callable[[], DrawnHeat],
    draws: Draws,
    params: CalibrationParams | None = None,
) -> CalibrationResult:
    """Bring the heat that is likely to be metered to known totals.

    Parameters
    ----------
    buildings : GeoDataFrame
        With `use`, `construction_year`, `district_id`, `space_heat_kwh`, `space_heat_expected_kwh`,
        `hot_water_kwh`, `heated_floor_area_m2`.
    known : KnownTotals
    districts : DataFrame, index `district_id`
        With `name`, where districts have names.
    draw : function
        Begins the draws of the heated buildings' standard heat again, tile by tile: which rows, and
        (draws, rows) arrays of the heat for the rooms and of hot water
        (`layers.physics.heat_draws.draw_heat_parts_kwh`). Called twice.
    draws : Draws
    params : CalibrationParams, optional

    Returns
    -------
    CalibrationResult

    Raises
    ------
    InputProblem
        With every known total that fits nothing in the city, or is of quite another size.
    """
    params = params or CalibrationParams()
    heated = np.flatnonzero(buildings["heated_floor_area_m2"].to_numpy(dtype=float) > 0.0)
    part = buildings.iloc[heated]
    if not len(part):
        raise InputProblem("no building of the city is heated; there is nothing to calibrate.")
    names = pd.Index(sorted(buildings["district_id"].dropna().unique()), name="district_id", dtype=object)
    case = _case(part, known, districts, names, params)
    amounts = case.entries.amounts(case.space_kwh, case.water_kwh)
    base = rake(case.entries, amounts, case.known.given_kwh, case.error_ratio, case.prior)
    drawn = _rake_draws(case, draw(), draws, base)
    factor = np.exp(base.log_ratio)
    space, water = case.space_kwh * factor[case.cells.space], case.water_kwh * factor[case.cells.water]
    low, high = _building_ranges(case, draw(), drawn.log_ratio)
    heat, expected = space + water, case.space_kwh + case.water_kwh
    covered = np.asarray(case.known.shares.sum(axis=0)).reshape(-1) > 0.0
    columns = {
        "space_heat_calibrated_kwh": space,
        "hot_water_calibrated_kwh": water,
        "heat_calibrated_kwh": heat,
        "heat_calibrated_p10_kwh": np.minimum(low, heat),
        "heat_calibrated_p90_kwh": np.maximum(high, heat),
    }
    whole = {name: _spread_out(values, heated, len(buildings), 0.0) for name, values in columns.items()}
    ratio = np.divide(heat, expected, out=np.ones_like(heat), where=expected > 0.0)
    basis = np.full(len(buildings), "none", dtype=object)
    basis[heated] = np.where(covered, "total", "likeness")
    totals = _totals_table(case, base, amounts, drawn)
    factors = _factors_table(case, base, params)
    return CalibrationResult(
        buildings=buildings.assign(
            **whole,
            calibration_ratio=_spread_out(ratio, heated, len(buildings), 1.0),
            calibration_basis=pd.Series(basis, index=buildings.index, dtype="str"),
        ),
        district_draws=pd.DataFrame(
            drawn.areas_kwh[:, :-1].T, index=names, columns=pd.RangeIndex(draws.count, name="draw")
        ),
        city_draws=drawn.areas_kwh[:, -1].copy(),
        totals=totals,
        factors=factors,
        notes=_notes(totals, factors, case.known),
    )


def _spread_out(values: FloatArray, rows: IntArray, count: int, elsewhere: float) -> FloatArray:
    whole = np.full(count, elsewhere)
    whole[rows] = values
    return whole
