"""Horizons and shade of real roofs against the slow ways of finding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.validation.check import Check, Criterion, Options

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.core.types import FloatArray

_OWN = "the program's own exact search and hourly sums, on the carried sample of Helsinki"
HORIZON = Criterion(
    "solar", "horizon of a roof, grid of cells against exact search, largest difference", "°", _OWN,
    highest=1e-6,
)  # fmt: skip
BIAS = Criterion(
    "solar", "yield that shade leaves, tables against every hour, mean difference", "%", _OWN,
    lowest=-0.3, highest=0.3,
)  # fmt: skip
LARGEST = Criterion(
    "solar", "yield that shade leaves, tables against every hour, largest difference", "%", _OWN, highest=2.0
)
FINE = Criterion(
    "solar", "yield that shade leaves, 36 directions against 360, mean difference", "%", _OWN,
    lowest=-0.3, highest=0.3,
)  # fmt: skip
CRITERIA: tuple[Criterion, ...] = (HORIZON, BIAS, LARGEST, FINE)

# slope and direction of the planes that are asked on each roof
PLANES_DEG = ((10.0, 90.0), (10.0, 270.0), (35.0, 180.0), (35.0, 135.0), (45.0, 225.0))
LEAST_SUN_SHARE = 0.7
# every hour of every roof would take minutes
_EVERY = 4


def _sample() -> gpd.GeoDataFrame:
    """Return the footprints of Helsinki with heights: stated, else three metres a storey, else twelve."""
    from layers.footprints import clean_footprints
    from planner.acquire import Request, read_inputs

    extract = read_inputs(Request(city="helsinki", offline=True, fetched_weather=False)).extract
    buildings, _ = clean_footprints(extract)
    storeys = buildings["tagged_storey_count"].astype(float)
    height = buildings["tagged_height_m"].astype(float).fillna(3.0 * storeys).fillna(12.0)
    return buildings.assign(height_m=height)


def _horizons(buildings: gpd.GeoDataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return horizons by the grid, by exact search, and exact ones in 360 directions."""
    import numpy as np
    import shapely

    from layers.physics.exact_shade import exact_horizons_deg
    from layers.physics.horizon import horizons_deg, make_obstacles

    outlines = np.asarray(buildings.geometry.array, dtype=object)
    points = shapely.get_coordinates(shapely.point_on_surface(outlines))
    height, owner = buildings["height_m"].to_numpy(), np.arange(len(buildings))
    ours = horizons_deg(points, height, owner, make_obstacles(outlines, height))
    exact = exact_horizons_deg(points, height, owner, outlines, height)
    return ours, exact, exact_horizons_deg(points, height, owner, outlines, height, 360)


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of horizons and shade."""
    import numpy as np

    from layers.core.crs import centre_deg
    from layers.physics.exact_shade import hourly_kept_shares
    from layers.physics.irradiance import plane_tables, sunny_hours
    from layers.physics.shading import shaded_share
    from layers.physics.weather import make_hourly
    from layers.sources.climate import read_monthly_climate

    buildings = _sample()
    ours, exact, fine = _horizons(buildings)
    note = f"{len(ours):,} roofs, {int((ours > 0).any(axis=1).sum()):,} of them with a neighbour in sight"
    yield HORIZON.check(float(np.abs(ours - exact).max()), note)
    options.say("asking every hour of the year for shade")
    longitude_deg, latitude_deg = centre_deg(buildings)
    weather = make_hourly(read_monthly_climate("helsinki", "FI", longitude_deg, latitude_deg), 1)
    tables, hours = plane_tables(weather), sunny_hours(weather)
    roofs = np.flatnonzero((ours > 0).any(axis=1))[::_EVERY]
    view = np.repeat(roofs, len(PLANES_DEG))
    tilt, azimuth = (np.tile([plane[k] for plane in PLANES_DEG], len(roofs)) for k in (0, 1))
    kept = shaded_share(tables, ours, view, tilt, azimuth)
    # planes in deeper shade carry no modules
    used = kept >= LEAST_SUN_SHARE
    kept, view, tilt, azimuth = kept[used], view[used], tilt[used], azimuth[used]
    slow = hourly_kept_shares(hours, ours[view], tilt, azimuth)
    off = 100.0 * (kept / slow - 1.0)
    note = f"{len(off):,} planes of {len(roofs):,} roofs that keep at least 70 % of their yield"
    yield BIAS.check(float(off.mean()), note)
    yield LARGEST.check(float(np.abs(off).max()), note)
    finer = hourly_kept_shares(hours, fine[view], tilt, azimuth)
    coarse = 100.0 * (kept / finer - 1.0)
    worst = f"{note}; 99 in 100 within {np.quantile(np.abs(coarse), 0.99):.1f} %"
    yield FINE.check(float(coarse.mean()), worst)
