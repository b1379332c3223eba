"""Which buildings each known total counts, and what of them: the meeting of a file with a city.

Squares of rasters and of the European grid take the share of a building's outline that lies in them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely

from layers.core.crs import RASTER, to_crs
from layers.core.errors import InputProblem
from layers.core.extract import Note
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.squares import CellShares, divide_among_cells
from layers.sources.known_raster import KnownRaster
from layers.sources.known_totals import (
    FUEL,
    HEAT,
    HOT_WATER,
    SECTORS,
    SPACE_HEAT,
    KnownTotal,
    KnownTotals,
    cell_square_m,
    problems_sentence,
)

KWH_PER_MWH = 1000.0
_NEAR_COUNT = 4
_FEW_COUNT = 12


@dataclass(frozen=True)
class KnownAreas:
    """The known totals of one city: t observations of n buildings, one a row of a table or a square.

    Attributes
    ----------
    shares : (t, n) sparse matrix
        Which share of each building an observation counts.
    given_kwh, error_ratio : (t,) arrays
        Useful heat, and one standard deviation, NaN where none is stated.
    space_weight, water_weight : (t,) arrays
        What of a building's heat for the rooms, and of its hot water, it counts.
    of_total : (t,) array
        Position in `totals`; the squares of a raster share one.
    labels : tuple of t str
        Unique names of observations, the same in every order of rows.
    totals : tuple of KnownTotal
    notes : tuple of Note
    """

    shares: scipy.sparse.csr_matrix
    given_kwh: FloatArray
    error_ratio: FloatArray
    space_weight: FloatArray
    water_weight: FloatArray
    of_total: IntArray
    labels: tuple[str, ...]
    totals: tuple[KnownTotal, ...]
    notes: tuple[Note, ...]

    @property
    def is_square(self) -> BoolArray:
        """Say which observations are squares of a raster."""
        raster = np.array([total.raster is not None for total in self.totals], dtype=bool)
        return np.asarray(raster[self.of_total])


@dataclass(frozen=True)
class _Part:
    """The observations of one total."""

    shares: scipy.sparse.csr_matrix
    given_kwh: FloatArray
    labels: list[str]
    notes: list[Note]


def _district(total: KnownTotal, districts: pd.DataFrame) -> str | None:
    """Return the id of a district named by its id or its name, or None."""
    ids = [str(name) for name in districts.index]
    if total.area_id in ids:
        return total.area_id
    names = districts["name"].astype(str) if "name" in districts.columns else pd.Series(ids, districts.index)
    same = [str(each) for each in districts.index[names.str.casefold() == total.area_id.casefold()]]
    return same[0] if len(same) == 1 else None


def _unknown_district(total: KnownTotal, districts: pd.DataFrame) -> str:
    names = [str(name) for name in districts.index]
    if "name" in districts.columns:
        names += [str(name) for name in districts["name"].dropna()]
    by_folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(total.area_id.casefold(), by_folded, n=_NEAR_COUNT, cutoff=0.5)
    told = [by_folded[each] for each in near] or names[:_FEW_COUNT]
    said = "near it are" if near else "there are"
    twice = sum(name.casefold() == total.area_id.casefold() for name in names) > 1
    return (
        f"several districts are called {total.area_id!r}; give the district_id"
        if twice
        else f"no district {total.area_id!r}; {said} {', '.join(told)}"
    )


def _weights(total: KnownTotal) -> tuple[float, float]:
    """Return what of the heat for the rooms and of the hot water a total counts."""
    parts = {HEAT: (1.0, 1.0), FUEL: (1.0, 1.0), SPACE_HEAT: (1.0, 0.0), HOT_WATER: (0.0, 1.0)}
    space, water = parts[total.quantity]
    return space * total.climate_ratio * total.served_share, water * total.served_share


def _one_row(share: FloatArray, total: KnownTotal) -> _Part:
    label = ":".join(str(part) for part in total.key)
    return _Part(scipy.sparse.csr_matrix(share[None, :]), np.array([total.given_kwh]), [label], [])


def _in_square(buildings: gpd.GeoDataFrame, cell_id: str) -> FloatArray:
    square = cell_square_m(cell_id)
    assert square is not None, "the reader refuses other names"
    west, south, side = square
    outlines = np.asarray(to_crs(buildings[["geometry"]], RASTER).geometry.array, dtype=object)
    inside = shapely.area(shapely.intersection(outlines, shapely.box(west, south, west + side, south + side)))
    return np.asarray(inside / shapely.area(outlines), dtype=np.float64)


def _among_squares(buildings: gpd.GeoDataFrame, raster: KnownRaster) -> CellShares:
    """Divide buildings among the squares of a raster; rows count from the north."""
    outlines = np.asarray(to_crs(buildings[["geometry"]], raster.crs).geometry.array, dtype=object)
    corner = np.array([raster.west_m, raster.north_m])
    side = np.array([raster.width_m, -raster.height_m])
    counted = shapely.transform(outlines, lambda xy: (xy - corner) / side)
    return divide_among_cells(np.asarray(counted, dtype=object), 1.0)


def _raster_part(
    buildings: gpd.GeoDataFrame, is_in: BoolArray, demand: FloatArray, total: KnownTotal
) -> _Part:
    """Return the squares of a raster in which something is known and something is calculated."""
    raster = total.raster
    assert raster is not None, "rows of the level raster bring one"
    divided = _among_squares(buildings, raster)
    rows, columns = raster.values.shape
    inside = (divided.row >= 0) & (divided.row < rows) & (divided.column >= 0) & (divided.column < columns)
    counts = inside & is_in[divided.building]
    number = divided.row[counts] * columns + divided.column[counts]
    squares, place = np.unique(number, return_inverse=True)
    shares = scipy.sparse.csr_matrix(
        (divided.share[counts], (place.reshape(-1), divided.building[counts])),
        shape=(len(squares), len(buildings)),
    )
    given = raster.values.reshape(-1)[squares]
    calculated = np.asarray(shares @ demand)
    used = (np.nan_to_num(given) > 0.0) & (calculated > 0.0)
    silent = float(calculated[~used].sum() + demand[is_in].sum() - calculated.sum())
    notes = []
    if silent > 0.0:
        text = f"MWh of calculated heat in squares of {raster.name} that know none; they stay out of it"
        notes.append(Note("calibration", text, round(silent / KWH_PER_MWH)))
    label = ":".join(str(part) for part in total.key)
    return _Part(shares[used], given[used], [f"{label}:{square}" for square in squares[used]], notes)


def _other_unit(ratio: float) -> str:
    """Return the unit that would explain a total that is so many times too large, or nothing.

    Examples
    --------
    >>> _other_unit(980.0), _other_unit(1.1e-3), _other_unit(25.0)
    ('; is its unit one 1,000 times smaller, as kWh for MWh?', '; is its unit one 1,000 times larger, as MWh for kWh?', '')
    """  # noqa: E501
    for steps, text in ((1, "1,000"), (2, "1,000,000")):
        size = 1000.0**steps
        if 1 / 3 < ratio / size < 3:
            pair = "kWh for MWh" if steps == 1 else "kWh for GWh"
            return f"; is its unit one {text} times smaller, as {pair}?"
        if 1 / 3 < ratio * size < 3:
            pair = "MWh for kWh" if steps == 1 else "GWh for kWh"
            return f"; is its unit one {text} times larger, as {pair}?"
    return ""


def _size_problem(given_kwh: float, model_kwh: float, most_ratio: float) -> str | None:
    """Return what is wrong with the size of a total beside the calculated one."""
    ratio = given_kwh / model_kwh
    if 1.0 / most_ratio <= ratio <= most_ratio:
        return None
    beside = f"{given_kwh / KWH_PER_MWH:,.6g} MWh beside {model_kwh / KWH_PER_MWH:,.6g} MWh calculated"
    hint = _other_unit(ratio) or (
        "; is it the total of another area?"
        if ratio > 1.0
        else "; if it counts only some of the buildings, say which part in served_share"
    )
    return f"{beside}, {ratio:.3g} times as much{hint}"


def _part(
    total: KnownTotal,
    buildings: gpd.GeoDataFrame,
    districts: pd.DataFrame,
    demand: FloatArray,
    most_ratio: float,
) -> _Part | str:
    """Return the observations of a total, or what is wrong with it."""
    is_in: BoolArray = buildings["use"].isin(SECTORS[total.sector]).to_numpy(dtype=bool)
    if total.level == "district":
        name = _district(total, districts)
        if name is None:
            return _unknown_district(total, districts)
        is_in = is_in & (buildings["district_id"].astype(str) == name).to_numpy(dtype=bool)
    if total.raster is not None:
        part = _raster_part(buildings, is_in, demand, total)
        if not part.labels:
            return f"{total.raster.name} knows no heat where buildings stand; check its place"
    else:
        share = _in_square(buildings, total.area_id) if total.level == "cell" else np.ones(len(buildings))
        part = _one_row(share * is_in, total)
    model = float((part.shares @ demand).sum())
    if model <= 0.0:
        return f"nothing is calculated for {total.name}; leave the row out"
    return _size_problem(float(part.given_kwh.sum()), model, most_ratio) or part


def meet_totals(
    known: KnownTotals,
    buildings: gpd.GeoDataFrame,
    districts: pd.DataFrame,
    space_kwh: FloatArray,
    water_kwh: FloatArray,
    *,
    most_ratio: float,
) -> KnownAreas:
    """Say which buildings each known total counts.

    Parameters
    ----------
    known : KnownTotals
    buildings : GeoDataFrame of n heated buildings
        `use` and, for districts, `district_id`.
    districts : DataFrame, index `district_id`
        With `name`, where districts have names.
    space_kwh, water_kwh : (n,) arrays
        What is calculated to be metered in each building.
    most_ratio : float
        How many times larger or smaller a total may be than what is calculated for it.

    Raises
    ------
    InputProblem
        With every row that fits nothing in the city, or is of quite another size.
    """
    parts: list[_Part] = []
    problems: list[tuple[int, str]] = []
    for total in known.totals:
        space, water = _weights(total)
        found = _part(total, buildings, districts, space * space_kwh + water * water_kwh, most_ratio)
        if isinstance(found, str):
            problems.append((total.row, f"row {total.row}: {found}"))
        else:
            parts.append(found)
    if problems:
        raise InputProblem(problems_sentence(known.name, [text for _, text in sorted(problems)]))
    counts = np.array([len(part.labels) for part in parts], dtype=np.int64)
    of_total = np.repeat(np.arange(len(parts)), counts)
    weights = np.array([_weights(total) for total in known.totals])[of_total]
    return KnownAreas(
        shares=scipy.sparse.vstack([part.shares for part in parts], format="csr"),
        given_kwh=np.concatenate([part.given_kwh for part in parts]),
        error_ratio=np.array([total.error_ratio for total in known.totals])[of_total],
        space_weight=weights[:, 0],
        water_weight=weights[:, 1],
        of_total=of_total,
        labels=tuple(label for part in parts for label in part.labels),
        totals=known.totals,
        notes=tuple(note for part in parts for note in part.notes),
    )
