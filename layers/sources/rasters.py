"""Rasters of heights: opened, checked, sampled and read in windows, in metres.

Heights in feet or centimetres are turned into metres where the file names its unit.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window
from rasterio.windows import transform as window_transform

from layers.core.crs import transform_points
from layers.core.errors import CrsProblem, InputProblem
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.sources.files import describe_file

WHAT = "a GeoTIFF of heights"
# cells read in one go
_BLOCK = 2048
_BANDS_OF_A_PICTURE = 3
METRES_OF_UNIT = {
    "": 1.0, "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0,
    "cm": 0.01, "centimetre": 0.01, "centimeter": 0.01, "dm": 0.1, "mm": 0.001,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us survey foot": 1200.0 / 3937.0,
}  # fmt: skip


def metres_per_unit(unit: str | None, name: str) -> float:
    """Return how many metres one unit of a raster's heights is; a raster without a unit has metres.

    Examples
    --------
    >>> metres_per_unit(None, "dsm.tif"), metres_per_unit("ft", "dsm.tif")
    (1.0, 0.3048)
    """
    known = METRES_OF_UNIT.get((unit or "").strip().lower())
    if known is None:
        raise InputProblem(
            f"{name} gives its heights in {clean_name(str(unit), 30)!r}; convert them to metres first."
        )
    return known


def sample_heights(raster: Any, xy: FloatArray, name: str) -> FloatArray:
    """Return the raster's value at each point, NaN outside and where it has none.

    Parameters
    ----------
    raster : an open rasterio dataset
    xy : (n, 2) array
        Points in the raster's system.
    name : str
        What a message calls the file.
    """
    heights = np.full(len(xy), np.nan)
    back = ~raster.transform
    column = back.a * xy[:, 0] + back.b * xy[:, 1] + back.c
    row = back.d * xy[:, 0] + back.e * xy[:, 1] + back.f
    with np.errstate(invalid="ignore"):
        inside = (column >= 0) & (row >= 0) & (column < raster.width) & (row < raster.height)
    place = np.flatnonzero(inside)
    columns, rows = column[place].astype(np.int64), row[place].astype(np.int64)
    block = (rows // _BLOCK) * (raster.width // _BLOCK + 1) + columns // _BLOCK
    order = np.argsort(block, kind="stable")
    starts = np.flatnonzero(np.diff(block[order], prepend=-1))
    for mine in np.split(order, starts[1:]) if len(order) else ():
        first_row, first_column = rows[mine].min(), columns[mine].min()
        window = Window(
            first_column, first_row, columns[mine].max() - first_column + 1, rows[mine].max() - first_row + 1
        )
        try:
            values = raster.read(1, window=window, masked=True)
        except RasterioError as problem:
            raise InputProblem(f"{name} is damaged or cut short; export it again.") from problem
        picked = values[rows[mine] - first_row, columns[mine] - first_column].astype(np.float64)
        heights[place[mine]] = np.ma.filled(picked, np.nan)
    return np.asarray(heights * raster.scales[0] + raster.offsets[0], dtype=np.float64)


@dataclass(frozen=True)
class HeightModel:
    """An open raster, its system, what a message calls it, and metres per unit of its heights."""

    raster: Any
    crs: CRS
    name: str
    metres_ratio: float = 1.0

    def at(self, xy: FloatArray, metric: CRS) -> FloatArray:
        """Return heights at points of the city's system."""
        there = transform_points(xy, metric, self.crs)
        return sample_heights(self.raster, there, self.name) * self.metres_ratio

    def step_m(self, metric: CRS, middle: FloatArray) -> float:
        """Return the side of a cell in the middle of the city."""
        there = transform_points(middle[None, :], metric, self.crs)[0]
        corners = np.array([there, there + np.array([self.raster.transform.a, self.raster.transform.e])])
        sides = np.abs(np.diff(transform_points(corners, self.crs, metric), axis=0)[0])
        return float(np.clip(sides.min(), 0.1, 50.0))

    def window(self, box: FloatArray, metric: CRS, cell_m: float) -> Patch | None:
        """Return the heights over a box of the city's system, cells no smaller than `cell_m`.

        Parameters
        ----------
        box : (4,) array
            West, south, east, north in the city's system.
        metric : CRS
        cell_m : float
            Smaller cells are averaged.
        """
        corners = np.array([[box[i], box[j]] for i in (0, 2) for j in (1, 3)])
        back = ~self.raster.transform
        there = transform_points(corners, metric, self.crs)
        column = back.a * there[:, 0] + back.b * there[:, 1] + back.c
        row = back.d * there[:, 0] + back.e * there[:, 1] + back.f
        if not np.isfinite([column, row]).all():
            return None
        first = np.array([max(np.floor(column.min()), 0), max(np.floor(row.min()), 0)], dtype=np.int64)
        last = np.array([min(np.ceil(column.max()), self.raster.width),
                         min(np.ceil(row.max()), self.raster.height)], dtype=np.int64)  # fmt: skip
        size = last - first
        if (size < 1).any():
            return None
        window = Window(first[0], first[1], size[0], size[1])
        own = self.step_m(metric, (box[:2] + box[2:]) / 2.0)
        fewer = max(1.0, cell_m / own)
        shape = int(np.ceil(size[1] / fewer)), int(np.ceil(size[0] / fewer))
        try:
            values = self.raster.read(
                1, window=window, out_shape=shape, masked=True, resampling=Resampling.average
            )
        except RasterioError as problem:
            raise InputProblem(f"{self.name} is damaged or cut short; export it again.") from problem
        heights = np.ma.filled(values.astype(np.float32), np.nan)
        metres = (heights * self.raster.scales[0] + self.raster.offsets[0]) * self.metres_ratio
        placed = window_transform(window, self.raster.transform)
        placed = placed * placed.scale(size[0] / shape[1], size[1] / shape[0])
        return Patch(np.asarray(metres, dtype=np.float32), placed, self.crs, own * fewer)


@dataclass(frozen=True)
class Patch:
    """A part of a raster in memory.

    Attributes
    ----------
    heights_m : (rows, columns) float32 array
        NaN where nothing is known.
    transform : Affine
        From columns and rows to the raster's system.
    crs : CRS
    cell_m : float
        Side of a cell.
    """

    heights_m: Any
    transform: Any
    crs: CRS
    cell_m: float

    def cells(self, xy: FloatArray, metric: CRS) -> FloatArray:
        """Return column and row of points of the city's system; whole numbers are upper left corners."""
        there = xy if self.crs == metric else transform_points(xy, metric, self.crs)
        back = ~self.transform
        return np.column_stack(
            [
                back.a * there[:, 0] + back.b * there[:, 1] + back.c,
                back.d * there[:, 0] + back.e * there[:, 1] + back.f,
            ]
        )

    def cells_per_metre(self, middle: FloatArray, metric: CRS) -> FloatArray:
        """Return the change of column and row for a metre to the east and one to the north; (2, 2)."""
        step = 100.0
        points = middle + np.array([[0.0, 0.0], [step, 0.0], [0.0, step]])
        found = self.cells(points, metric)
        return np.asarray((found[1:] - found[:1]) / step, dtype=np.float64)


@contextmanager
def open_heights(path: Path, crs: str | None) -> Iterator[HeightModel]:
    """Open a raster that holds one band of heights; `crs` is its system where it names none."""
    found = describe_file(path, what=WHAT)
    if found != "a TIFF raster":
        raise InputProblem(f"{path.name} is {found}, not {WHAT}; pass one to --surface or --terrain.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            raster = rasterio.open(path.resolve(), driver="GTiff")
    except RasterioIOError as problem:
        raise InputProblem(f"{path.name} is damaged or cut short; export it again.") from problem
    with raster:
        if raster.count >= _BANDS_OF_A_PICTURE:
            raise InputProblem(f"{path.name} has {raster.count} bands, as a picture has; pass {WHAT}.")
        if raster.crs is None and crs is None:
            raise CrsProblem(
                f"{path.name} does not say in which coordinate system it is; pass --crs, for example "
                "--crs EPSG:25832."
            )
        system = CRS.from_user_input(raster.crs.to_wkt() if raster.crs is not None else crs)
        name = clean_name(path.name)
        yield HeightModel(raster, system, name, metres_per_unit(raster.units[0], name))
