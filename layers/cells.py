"""The city as squares of 100 m: heat density, sun and plot ratio for maps and for comparison.

The squares are those of the European grid (EPSG:3035, corners at full hundreds of metres), so that
results lie exactly on other European rasters. A building on several squares is divided by the area
of its outline in each; shares of one building add up to one, so the squares add up to the buildings.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from layers.core.contracts import Column
from layers.core.crs import RASTER, to_crs
from layers.core.errors import UsageProblem
from layers.core.types import AnyArray, FloatArray, IntArray
from layers.physics.squares import divide_among_cells

M2_PER_HA = 10_000.0
KWH_PER_MWH = 1000.0
LARGEST_RASTER_COUNT = 50_000_000


@dataclass(frozen=True)
class CellParams:
    """Settings of the squares.

    Attributes
    ----------
    cell_m : side of a square: 100 m lies on the European grid; 25 to 1,000
    """

    cell_m: float = 100.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 25 <= self.cell_m <= 1000:
            raise UsageProblem(f"cell_m is {self.cell_m:g}; it must be 25 to 1000.")


CELL_COLUMNS: tuple[Column, ...] = (
    Column("geometry", "square in EPSG:3035", "geometry"),
    Column("heat_demand_mwh", "heat demand of the buildings in the square", lowest=0),
    Column("heat_density_mwh_per_ha", "their heat demand over the area of the square", lowest=0),
    Column("pv_calibrated_mwh", "what their roofs can give", lowest=0),
    Column("floor_area_m2", "their heated floor area", lowest=0),
    Column("plot_ratio", "their heated floor area over the area of the square", lowest=0),
    Column("footprint_area_m2", "their outlines", lowest=0),
)
RASTER_COLUMNS = ("heat_density_mwh_per_ha", "plot_ratio")


def make_cells(
    buildings: gpd.GeoDataFrame, params: CellParams | None = None
) -> tuple[gpd.GeoDataFrame, dict[str, tuple[AnyArray, float, float, float]]]:
    """Add buildings up by squares of the European grid.

    Parameters
    ----------
    buildings : GeoDataFrame
        `heat_demand_kwh`, `pv_calibrated_kwh`, `heated_floor_area_m2`.

    Returns
    -------
    cells : GeoDataFrame in EPSG:3035, index `cell_id` (``100mN4321E5321``)
        The squares on which buildings stand; columns as in `CELL_COLUMNS`.
    rasters : dict
        Per name of `RASTER_COLUMNS`: values (rows, columns) as float32 with the north first and NaN
        where nothing stands, west edge, north edge and side of a square [m].
    """
    params = params or CellParams()
    polygons = np.asarray(to_crs(buildings[["geometry"]], RASTER).geometry.array, dtype=object)
    shares = divide_among_cells(polygons, params.cell_m)
    places, cell = np.unique(np.stack([-shares.row, shares.column], axis=1), axis=0, return_inverse=True)
    row, column = -places[:, 0], places[:, 1]
    cell = cell.reshape(-1)

    def added(values: FloatArray) -> FloatArray:
        part = np.nan_to_num(values)[shares.building] * shares.share
        return np.asarray(np.bincount(cell, part, minlength=len(places)), dtype=np.float64)

    heat_mwh = added(buildings["heat_demand_kwh"].to_numpy(dtype=float)) / KWH_PER_MWH
    floor_m2 = added(buildings["heated_floor_area_m2"].to_numpy(dtype=float))
    x, y = column * params.cell_m, row * params.cell_m
    cells = gpd.GeoDataFrame(
        {
            "heat_demand_mwh": heat_mwh,
            "heat_density_mwh_per_ha": heat_mwh / params.cell_m**2 * M2_PER_HA,
            "pv_calibrated_mwh": added(buildings["pv_calibrated_kwh"].to_numpy(dtype=float)) / KWH_PER_MWH,
            "floor_area_m2": floor_m2,
            "plot_ratio": floor_m2 / params.cell_m**2,
            "footprint_area_m2": added(shapely.area(buildings.geometry.array)),
        },
        geometry=shapely.box(x, y, x + params.cell_m, y + params.cell_m),
        crs=RASTER,
    )
    # the names that European statistics give to squares of their grid
    names = [f"{params.cell_m:.0f}mN{r}E{c}" for r, c in zip(row, column, strict=True)]
    cells = cells.set_index(np.array(names, dtype=object)).rename_axis("cell_id")
    return cells, {
        name: _raster(row, column, cells[name].to_numpy(), params.cell_m) for name in RASTER_COLUMNS
    }


def _raster(
    row: IntArray, column: IntArray, values: FloatArray, cell_m: float
) -> tuple[AnyArray, float, float, float]:
    if not len(row):
        return np.full((1, 1), np.nan, dtype=np.float32), 0.0, cell_m, cell_m
    shape = (int(np.ptp(row)) + 1, int(np.ptp(column)) + 1)
    if shape[0] * shape[1] > LARGEST_RASTER_COUNT:
        raise UsageProblem(
            f"The buildings lie {shape[0]:,} by {shape[1]:,} squares apart, too many for a raster; "
            "assess towns that far apart one by one, or raise cell_m."
        )
    grid = np.full(shape, np.nan, dtype=np.float32)
    grid[row.max() - row, column - column.min()] = values
    return grid, float(column.min() * cell_m), float((row.max() + 1) * cell_m), cell_m
