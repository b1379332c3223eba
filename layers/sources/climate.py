"""Monthly climate of any European place, from tables that the program carries.

A town of the table `climate_places` has its own twelve months (national reference years, measured
values or grid values checked by hand). Everywhere else two grids are read: monthly mean temperature
1991-2020 on half degrees (CRU TS 4.06, land cells only) and monthly horizontal irradiation 1983-2005
on whole degrees (NASA SSE 6.0). Between cell centres values are bilinear; where a corner is sea, the
other corners share its weight. The yearly shape of the irradiation grid is corrected by a quadratic
in latitude per month, normalised so that the year's total is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from layers.core.errors import DataMissing, UsageProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.text import slug
from layers.core.types import FloatArray
from layers.core.weather import DAYS_IN_MONTH, MONTHS, MonthlyClimate

DATA = Path(__file__).resolve().parent.parent / "data"
EARTH_RADIUS_KM = 6371.0
SHAPE_CENTRE_DEG = 48.0
SHAPE_UNIT_DEG = 10.0
# floating point leaves positions that lie on a cell centre a hair beside it
ON_CENTRE = 1e-9


@dataclass(frozen=True)
class ClimateParams:
    """How places are matched, and how far the grids can be trusted.

    Attributes
    ----------
    place_distance_km : float
        A town's own months serve everything this near. [0, 50]
    named_distance_km : float
        A town asked for by name may lie this far from its data. [0, 200]
    farthest_cell_km : float
        Beyond this distance from the nearest land cell a place is refused. [50, 500]
    grid_irradiation_error_share, grid_irradiation_bias_share : float
        Relative error and mean excess of the irradiation grid over published sites. [0, 0.3]
    grid_temperature_error_k : float
        Error of the temperature grid in flat country. [0, 5]
    design_per_cold_month_ratio, design_at_zero_c : float
        Straight line from the coldest month's mean to the design temperature.
    """

    place_distance_km: float = 15.0
    named_distance_km: float = 50.0
    farthest_cell_km: float = 150.0
    grid_irradiation_error_share: float = field(
        default_factory=lambda: value("climate", "grid_irradiation_error_share")
    )
    grid_irradiation_bias_share: float = field(
        default_factory=lambda: value("climate", "grid_irradiation_bias_share")
    )
    grid_temperature_error_k: float = field(
        default_factory=lambda: value("climate", "grid_temperature_error_k")
    )
    design_per_cold_month_ratio: float = field(
        default_factory=lambda: value("climate", "design_per_cold_month_ratio")
    )
    design_at_zero_c: float = field(default_factory=lambda: value("climate", "design_at_zero_c"))

    def __post_init__(self) -> None:
        ranges = {
            "place_distance_km": (0.0, 50.0),
            "named_distance_km": (0.0, 200.0),
            "farthest_cell_km": (50.0, 500.0),
            "grid_irradiation_error_share": (0.0, 0.3),
            "grid_irradiation_bias_share": (0.0, 0.3),
            "grid_temperature_error_k": (0.0, 5.0),
            "design_per_cold_month_ratio": (0.5, 4.0),
            "design_at_zero_c": (-30.0, 0.0),
        }
        check_ranges(self, ranges)


@dataclass(frozen=True)
class Grid:
    """Monthly values on a regular grid of cell centres; cells without data are NaN.

    `months` is (rows from the south, columns from the west, 12).
    """

    south_deg: float
    west_deg: float
    step_deg: float
    months: FloatArray

    def centres_deg(self) -> tuple[FloatArray, FloatArray]:
        """Return latitude and longitude of every cell centre, each (rows, columns)."""
        rows, columns, _ = self.months.shape
        latitude = self.south_deg + self.step_deg * np.arange(rows)
        longitude = self.west_deg + self.step_deg * np.arange(columns)
        latitudes, longitudes = np.meshgrid(latitude, longitude, indexing="ij")
        return latitudes, longitudes


def distance_km(
    longitude_deg: float, latitude_deg: float, longitudes_deg: FloatArray, latitudes_deg: FloatArray
) -> FloatArray:
    """Return great-circle distances from one point to many (haversine formula).

    Examples
    --------
    >>> distance_km(0.0, 0.0, np.array([0.0, 1.0]), np.array([0.0, 0.0])).round(1)
    array([  0. , 111.2])
    """
    lat, lats = np.radians(latitude_deg), np.radians(latitudes_deg)
    half_lon = np.radians(longitudes_deg - longitude_deg) / 2
    chord = np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def read_grid(file_name: str) -> Grid:
    """Read one of the carried grids: latitude, longitude and twelve months per row."""
    table = pd.read_csv(DATA / file_name)
    latitude, longitude = table["latitude_deg"].to_numpy(), table["longitude_deg"].to_numpy()
    step = float(np.diff(np.unique(latitude)).min())
    south, west = float(latitude.min()), float(longitude.min())
    row = np.rint((latitude - south) / step).astype(int)
    column = np.rint((longitude - west) / step).astype(int)
    months = np.full((row.max() + 1, column.max() + 1, MONTHS), np.nan)
    months[row, column] = table.filter(like="month_").to_numpy(dtype=float)
    return Grid(south, west, step, months)


@cache
def temperature_grid() -> Grid:
    """Return monthly mean air temperatures 1991-2020. [°C]"""
    return read_grid("climate_grid_temperature.csv.gz")


@cache
def irradiation_grid() -> Grid:
    """Return monthly mean days of horizontal irradiation 1983-2005. [kWh m⁻² d⁻¹]"""
    return read_grid("climate_grid_irradiation.csv.gz")


@cache
def shape_coefficients() -> FloatArray:
    """Return the (12, 3) coefficients that correct the yearly shape of the irradiation grid."""
    return pd.read_csv(DATA / "climate_grid_shape.csv").drop(columns="month").to_numpy(dtype=float)


@cache
def climate_places() -> pd.DataFrame:
    """Return the towns that have their own months, index `place_id`."""
    return pd.read_csv(DATA / "climate_places.csv", index_col="place_id", keep_default_na=False)


@cache
def climate_months() -> pd.DataFrame:
    """Return the towns' months, index `place_id` and `month`."""
    return pd.read_csv(DATA / "climate_months.csv", index_col=["place_id", "month"]).sort_index()


def interpolate(grid: Grid, longitude_deg: float, latitude_deg: float) -> tuple[FloatArray, float]:
    """Return the twelve values of a grid at a point, and how far its nearest used cell is.

    Bilinear between the four cell centres around the point; corners without data give their weight
    to the others; without any the nearest cell with data serves.

    Returns
    -------
    months : (12,) array
    distance_km : float
        Zero when a corner has data, else the distance to the cell that serves.
    """
    rows, columns, _ = grid.months.shape
    y = (latitude_deg - grid.south_deg) / grid.step_deg
    x = (longitude_deg - grid.west_deg) / grid.step_deg
    row, column = int(np.floor(y + ON_CENTRE)), int(np.floor(x + ON_CENTRE))
    total, weight_sum = np.zeros(MONTHS), 0.0
    for r, row_weight in ((row, row + 1 - y), (row + 1, y - row)):
        for c, column_weight in ((column, column + 1 - x), (column + 1, x - column)):
            weight = row_weight * column_weight
            if weight <= ON_CENTRE or not (0 <= r < rows and 0 <= c < columns):
                continue
            if np.isnan(grid.months[r, c]).any():
                continue
            total += weight * grid.months[r, c]
            weight_sum += weight
    if weight_sum > 0:
        return total / weight_sum, 0.0
    latitudes, longitudes = grid.centres_deg()
    far = distance_km(longitude_deg, latitude_deg, longitudes, latitudes)
    far[np.isnan(grid.months).any(axis=2)] = np.inf
    nearest = np.unravel_index(int(np.argmin(far)), far.shape)
    return grid.months[nearest].copy(), float(far[nearest])


def correct_shape(monthly_kwh_per_m2_land: FloatArray, latitude_deg: float) -> FloatArray:
    """Return irradiation with the yearly shape corrected and the year's total kept.

    Each month is multiplied by a + b z + c z² with z = (latitude - 48°)/10°, fitted to published
    sites; without those sites the error of a month falls from 5.0 to 3.9 % of the year.
    """
    z = (latitude_deg - SHAPE_CENTRE_DEG) / SHAPE_UNIT_DEG
    factor = np.clip(shape_coefficients() @ np.array([1.0, z, z * z]), 0.0, None)
    shaped = monthly_kwh_per_m2_land * factor
    return np.asarray(shaped * (monthly_kwh_per_m2_land.sum() / shaped.sum()))


def relief_error_k(grid: Grid, longitude_deg: float, latitude_deg: float) -> float:
    """Return how much the yearly mean differs among the 3 × 3 cells around a point. [K]

    A stand-in for relief: a valley town can differ from its cell by as much as the cells differ.
    """
    row = round((latitude_deg - grid.south_deg) / grid.step_deg)
    column = round((longitude_deg - grid.west_deg) / grid.step_deg)
    window = grid.months[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    yearly = window.mean(axis=2)
    yearly = yearly[~np.isnan(yearly)]
    return float(yearly.std()) if yearly.size > 1 else 0.0


def estimate_design_temperature_c(temperature_c: FloatArray, params: ClimateParams) -> float:
    """Return the winter design temperature that goes with twelve monthly means, in whole degrees."""
    coldest_c = float(np.min(temperature_c))
    return float(np.round(params.design_at_zero_c + params.design_per_cold_month_ratio * coldest_c))


def find_place(
    place: str | None, longitude_deg: float, latitude_deg: float, params: ClimateParams
) -> tuple[str, float] | None:
    """Return the carried town that serves a place and its distance in km, or None.

    A town asked for by name is taken when it is near its data; otherwise the nearest one.
    """
    places = climate_places()
    far = distance_km(
        longitude_deg,
        latitude_deg,
        places["longitude_deg"].to_numpy(dtype=float),
        places["latitude_deg"].to_numpy(dtype=float),
    )
    wanted = slug(place) if place else ""
    if wanted in places.index:
        named_km = float(far[places.index.get_loc(wanted)])
        if named_km <= params.named_distance_km:
            return wanted, named_km
    nearest = int(np.argmin(far))
    if far[nearest] <= params.place_distance_km:
        return str(places.index[nearest]), float(far[nearest])
    return None


def _source_ids(*joined: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for text in joined for part in text.split("+")))


def _place_climate(
    place: str | None, country: str, longitude_deg: float, latitude_deg: float, place_id: str, away_km: float
) -> MonthlyClimate:
    row = climate_places().loc[place_id].to_dict()
    months = climate_months().loc[place_id]
    where = f", {away_km:.0f} km away" if away_km >= 1.0 else ""
    note = f" ({row['note']})" if row["note"] else ""
    return MonthlyClimate(
        place=place or str(row["name"]),
        country=country,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        temperature_c=months["temperature_c"].to_numpy(dtype=float),
        irradiation_kwh_per_m2_land=months["irradiation_kwh_per_m2_land"].to_numpy(dtype=float),
        origin=f"Monthly climate of {row['name']}{where}, from the carried table of towns{note}.",
        source_ids=_source_ids(
            str(row["irradiation_source_id"]), str(row["temperature_source_id"]), str(row["design_source_id"])
        ),
        irradiation_error_share=float(row["irradiation_error_share"]),
        temperature_error_k=float(row["temperature_error_k"]),
        design_temperature_c=float(row["design_temperature_c"]),
    )


def _grid_origin(away_km: float, relief_k: float, params: ClimateParams) -> str:
    sea = f" The nearest land cell, {away_km:.0f} km away, gives the temperature." if away_km else ""
    hills = ""
    if relief_k > params.grid_temperature_error_k:
        hills = " Cells around differ strongly: in mountains a valley town is warmer than its cell."
    return (
        "Monthly climate from grids: temperature 1991-2020 (CRU TS 4.06, 0.5°) and irradiation 1983-2005 "
        f"(NASA SSE 6.0, 1°, shape corrected; on average {params.grid_irradiation_bias_share:+.1%} against "
        f"published sites).{sea}{hills} The design temperature is estimated from the coldest month."
    )


def _grid_climate(
    place: str | None, country: str, longitude_deg: float, latitude_deg: float, params: ClimateParams
) -> MonthlyClimate:
    temperature_c, away_km = interpolate(temperature_grid(), longitude_deg, latitude_deg)
    daily, sun_away_km = interpolate(irradiation_grid(), longitude_deg, latitude_deg)
    farthest_km = max(away_km, sun_away_km)
    if farthest_km > params.farthest_cell_km:
        raise DataMissing(
            f"No climate is carried for longitude {longitude_deg:.2f}, latitude {latitude_deg:.2f}: "
            f"the nearest land cell is {farthest_km:.0f} km away, at most {params.farthest_cell_km:.0f} km "
            "are allowed. Check the coordinate system of the input, or pass --climate with a weather file."
        )
    relief_k = relief_error_k(temperature_grid(), longitude_deg, latitude_deg)
    return MonthlyClimate(
        place=place or f"{latitude_deg:.2f}° N {longitude_deg:.2f}° E",
        country=country,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        temperature_c=temperature_c,
        irradiation_kwh_per_m2_land=correct_shape(daily * DAYS_IN_MONTH, latitude_deg),
        origin=_grid_origin(away_km, relief_k, params),
        source_ids=("nasa_sse_6", "cru_ts_4_06", "estimate"),
        irradiation_error_share=params.grid_irradiation_error_share,
        temperature_error_k=float(np.hypot(params.grid_temperature_error_k, relief_k)),
        design_temperature_c=estimate_design_temperature_c(temperature_c, params),
    )


def read_monthly_climate(
    place: str | None,
    country: str,
    longitude_deg: float,
    latitude_deg: float,
    *,
    params: ClimateParams | None = None,
) -> MonthlyClimate:
    """Return the monthly climate of a place: its own months where carried, else from the grids.

    Parameters
    ----------
    place : str or None
        Name of the town, in any spelling that `slug` maps to a carried one.
    country : str
        Two letters; only written into the result: climate does not stop at borders.
    longitude_deg, latitude_deg : float
        Middle of the assessed area. [°, EPSG:4326]

    Raises
    ------
    UsageProblem
        When the coordinates are not degrees.
    DataMissing
        When no land cell is near.

    Examples
    --------
    >>> climate = read_monthly_climate("Helsinki", "FI", 24.94, 60.17)
    >>> float(climate.irradiation_kwh_per_m2_land.sum().round())
    975.0
    """
    if not (-180 <= longitude_deg <= 180 and -90 <= latitude_deg <= 90):
        raise UsageProblem(
            f"Longitude {longitude_deg:g}, latitude {latitude_deg:g} are not degrees; "
            "check the coordinate system of the input or pass --crs."
        )
    chosen = params or ClimateParams()
    found = find_place(place, longitude_deg, latitude_deg, chosen)
    if found is None:
        return _grid_climate(place, country, longitude_deg, latitude_deg, chosen)
    return _place_climate(place, country, longitude_deg, latitude_deg, *found)
