"""Known heat as a raster: a GeoTIFF of heat densities, or of heat per square, in a metric system."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError

from layers.core.errors import CrsProblem, InputProblem
from layers.core.text import clean_name
from layers.core.types import FloatArray
from layers.sources.files import describe_file

WHAT = "a GeoTIFF of heat"
# a square smaller than a building says nothing about buildings, one larger than a town nothing about parts
SMALLEST_CELL_M, LARGEST_CELL_M = 20.0, 10_000.0
_MOST_CELLS_COUNT = 25_000_000
_BANDS_OF_A_PICTURE = 3
_ALMOST = 1e-9


@dataclass(frozen=True)
class KnownRaster:
    """Heat by square.

    Attributes
    ----------
    values : (rows, columns) array
        As in the file, north first, NaN where nothing is known.
    crs : CRS
        Metric.
    west_m, north_m : float
        Upper left corner.
    width_m, height_m : float
        Sides of a square.
    name : str
    """

    values: FloatArray
    crs: CRS
    west_m: float
    north_m: float
    width_m: float
    height_m: float
    name: str

    @property
    def cell_m2(self) -> float:
        """Return the area of a square."""
        return self.width_m * self.height_m


def read_known_raster(path: Path) -> KnownRaster:
    """Read a raster of known heat.

    Raises
    ------
    InputProblem
        When the file is no raster of one band, is damaged, or holds negative values.
    CrsProblem
        When its system is missing or in degrees, or its squares lie askew.
    """
    found = describe_file(path, what=WHAT)
    name = clean_name(path.name)
    if found != "a TIFF raster":
        raise InputProblem(f"{name} is {found}, not {WHAT}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            raster = rasterio.open(path.resolve(), driver="GTiff")
    except RasterioIOError as problem:
        raise InputProblem(f"{name} is damaged or cut short; export it again.") from problem
    with raster:
        if raster.count >= _BANDS_OF_A_PICTURE:
            raise InputProblem(f"{name} has {raster.count} bands, as a picture has; it must be {WHAT}.")
        if raster.width * raster.height > _MOST_CELLS_COUNT:
            raise InputProblem(
                f"{name} has {raster.width:,} by {raster.height:,} squares; cut it to the city first."
            )
        if raster.crs is None:
            raise CrsProblem(f"{name} does not say in which coordinate system it is; export it with one.")
        crs = CRS.from_user_input(raster.crs.to_wkt())
        if crs.is_geographic:
            raise CrsProblem(
                f"{name} is in degrees, so that its squares are of unequal size; warp it to metres first, "
                "for example to EPSG:3035."
            )
        place = raster.transform
        if abs(place.b) > _ALMOST or abs(place.d) > _ALMOST or place.a <= 0 or place.e >= 0:
            raise CrsProblem(f"{name} is turned or mirrored; export it with the north above.")
        if not all(SMALLEST_CELL_M <= side <= LARGEST_CELL_M for side in (place.a, -place.e)):
            raise InputProblem(
                f"{name} has squares of {place.a:g} by {-place.e:g} m; they must measure "
                f"{SMALLEST_CELL_M:g} to {LARGEST_CELL_M:g} m."
            )
        try:
            read = raster.read(1, masked=True)
        except RasterioError as problem:
            raise InputProblem(f"{name} is damaged or cut short; export it again.") from problem
        values = np.ma.filled(read.astype(np.float64), np.nan) * raster.scales[0] + raster.offsets[0]
    if np.isinf(values).any():
        raise InputProblem(f"{name} holds infinite values; mark them as no data.")
    if (values < 0).any():
        raise InputProblem(
            f"{name} holds negative values (lowest {np.nanmin(values):g}); mark them as no data."
        )
    return KnownRaster(values, crs, place.c, place.f, place.a, -place.e, name)
