"""Surface models made from roofs whose planes are known: the oracle of everything that measures roofs."""

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

UTM, X, Y = "EPSG:25832", 500_000.0, 5_500_000.0
LOT_M = 60.0


def roof_rise(kind, length, width, pitch_deg, along, across):
    """Return the height above the eaves at places of a rectangle, measured from its middle."""
    slope = np.tan(np.radians(pitch_deg))
    to_side = width / 2 - np.abs(across)
    to_end = length / 2 - np.abs(along)
    if kind == "flat":
        return np.zeros_like(along)
    if kind == "gabled":
        return slope * to_side
    if kind == "hipped":
        return slope * np.minimum(to_side, to_end)
    if kind == "skillion":
        return slope * (width / 2 - across)
    if kind == "mansard":
        inset = width / 8
        steep = np.tan(np.radians(68.0))
        inner = np.minimum(to_side, to_end)
        return np.where(inner < inset, steep * inner, steep * inset + slope * (inner - inset))
    raise ValueError(kind)


class House:
    """A rectangle with a roof; the ridge runs `axis_deg` clockwise from north."""

    def __init__(self, kind, length=16.0, width=10.0, pitch_deg=35.0, axis_deg=90.0, eaves_m=6.0):
        self.kind, self.length, self.width = kind, length, width
        self.pitch_deg, self.axis_deg, self.eaves_m = pitch_deg, axis_deg, eaves_m
        self.middle = (0.0, 0.0)

    def local(self, x, y):
        """Return places along the ridge and to the right of it."""
        a = np.radians(self.axis_deg)
        dx, dy = x - self.middle[0], y - self.middle[1]
        return dx * np.sin(a) + dy * np.cos(a), dx * np.cos(a) - dy * np.sin(a)

    def outline(self):
        a = np.radians(self.axis_deg)
        along, right = np.array([np.sin(a), np.cos(a)]), np.array([np.cos(a), -np.sin(a)])
        corners = [
            np.array(self.middle) + i * self.length / 2 * along + j * self.width / 2 * right
            for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        return shapely.Polygon(corners)


def place_houses(houses, columns=6):
    """Put houses on lots of 60 m; return the side lengths of the town."""
    for number, house in enumerate(houses):
        row, column = divmod(number, columns)
        house.middle = (X + LOT_M * (column + 0.5) + 0.13, Y + LOT_M * (row + 0.5) + 0.31)
    rows = -(-len(houses) // columns)
    return LOT_M * min(columns, len(houses)), LOT_M * rows


def surface_of(houses, size, cell_m=1.0, noise_m=0.05, seed=1, ground_m=100.0, margin_m=20.0):
    """Return heights of a town (rows from north to south) and its transform."""
    wide, deep = (int((side + 2 * margin_m) / cell_m) for side in size)
    x = X - margin_m + (np.arange(wide) + 0.5) * cell_m
    y = Y + size[1] + margin_m - (np.arange(deep) + 0.5) * cell_m
    xx, yy = np.meshgrid(x, y)
    heights = np.full(xx.shape, ground_m)
    for house in houses:
        reach = int(np.hypot(house.length, house.width) / 2 / cell_m) + 2
        column, row = (int((house.middle[k] - (X, Y)[k]) / cell_m) for k in (0, 1))
        column, row = column + int(margin_m / cell_m), deep - row - int(margin_m / cell_m)
        near = (slice(max(row - reach, 0), row + reach), slice(max(column - reach, 0), column + reach))
        along, across = house.local(xx[near], yy[near])
        inside = (np.abs(along) <= house.length / 2) & (np.abs(across) <= house.width / 2)
        rise = roof_rise(
            house.kind, house.length, house.width, house.pitch_deg, along[inside], across[inside]
        )
        heights[near][inside] = ground_m + house.eaves_m + rise
    heights += np.random.default_rng(seed).normal(0.0, noise_m, heights.shape)
    return heights, from_origin(X - margin_m, Y + size[1] + margin_m, cell_m, cell_m)


def put_on(heights, transform, x, y, side_m, top_m):
    """Put a box (a chimney, a tree) on a surface."""
    column, row = ~transform * (x, y)
    half = side_m / transform.a / 2
    rows = slice(round(row - half), max(round(row + half), round(row - half) + 1))
    columns = slice(round(column - half), max(round(column + half), round(column - half) + 1))
    heights[rows, columns] = top_m


def write_surface(path, heights, transform, crs=UTM, **more):
    with rasterio.open(
        path, "w", driver="GTiff", width=heights.shape[1], height=heights.shape[0], count=1, dtype="float32",
        crs=crs, transform=transform, **more,
    ) as raster:  # fmt: skip
        raster.write(heights.astype("float32"), 1)
    return path


def write_houses(path, houses):
    table = {"id": [f"h{number:02d}" for number in range(len(houses))]}
    gpd.GeoDataFrame(table, geometry=[house.outline() for house in houses], crs=UTM).to_file(path)
    return path
