"""Boxes through the line: footprints of a known use, year and size, read and described like a town.

A box has the footprint that its floor area and storeys ask for. Its length and depth follow from the
walls that it shows, so that it has as much outer wall as the building it stands for; where that is not
known it is as deep as daylight reaches, at most. It stands at 45° to the compass, so that no direction of
its windows is preferred. Houses of a row get neighbours of their own kind. Everything else (heights,
heated floor, windows, archetype, climate, sun) is left to the line.
"""

from __future__ import annotations

import dataclasses
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from layers.core.crs import utm_zone_code
from layers.core.types import FloatArray, IntArray
from layers.envelope import EnvelopeParams
from layers.sources.vector import read_buildings
from planner.acquire import Inputs
from planner.catalogue import Place
from planner.parameters import RunConfig
from planner.pipeline import STEP_NAMES, describe_city
from planner.progress import Progress
from planner.state import City
from planner.steps import StepLog

# from window to window in a building of dwellings
DEEPEST_M = 12.0
# no house is narrower
NARROWEST_M = 4.0
# length over depth where neither walls nor daylight decide
USUAL_RATIO = 1.25
STOREY_HEIGHT_M = 3.0
# so far apart that boxes neither shade nor touch each other
SPACING_M = 400.0
PER_ROW = 20
TURN_DEG = 45.0
# size classes as OpenStreetMap calls them
TAGS = {"SFH": "detached", "TH": "terrace", "MFH": "apartments", "AB": "apartments"}


@dataclass(frozen=True)
class Town:
    """A place whose weather the boxes get."""

    name: str
    country: str
    longitude_deg: float
    latitude_deg: float


def box_sides_m(
    footprint_m2: FloatArray, outer_length_m: FloatArray, neighbour_count: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return length and depth of boxes with so much footprint and so much free outline.

    Parameters
    ----------
    footprint_m2 : (n,) array
    outer_length_m : (n,) array
        Outline that no neighbour covers; NaN where it is not known.
    neighbour_count : (n,) array
        Neighbours stand at the ends, so they hide as many depths: 2 length + (2 − count) depth is free.

    Examples
    --------
    120 m² that show 46 m are 15 m × 8 m; between two neighbours, 120 m² that show 30 m are that too.

    >>> area, free = np.array([120.0, 120.0]), np.array([46.0, 30.0])
    >>> length, depth = box_sides_m(area, free, np.array([0, 2]))
    >>> length.round(6), depth.round(6)
    (array([15., 15.]), array([8., 8.]))
    """
    ends = 2.0 - neighbour_count
    usual = np.minimum(np.sqrt(footprint_m2 / USUAL_RATIO), DEEPEST_M)
    # length is the larger root of 2 length² − free length + ends footprint = 0
    root = np.sqrt(np.maximum(outer_length_m**2 - 8.0 * ends * footprint_m2, 0.0))
    length = (outer_length_m + root) / 4.0
    # too little outline for the footprint: the square is the shape that shows least
    least = np.sqrt(footprint_m2 * np.maximum(ends, 1.0) / 2.0)
    shortest = np.where(ends > 0, least, NARROWEST_M)
    length = np.clip(length, np.minimum(shortest, footprint_m2 / NARROWEST_M), footprint_m2 / NARROWEST_M)
    length = np.where(np.isfinite(outer_length_m), length, footprint_m2 / usual)
    return length, footprint_m2 / length


def box_outlines(boxes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return outlines in metres around (0, 0), those of neighbours after those of the boxes themselves.

    Parameters
    ----------
    boxes : DataFrame
        `building` (tag), `year`, `storey_count`, `floor_area_m2`, `neighbour_count` (0, 1 or 2) and
        `outer_wall_m2` (NaN where not known).
    """
    storeys = boxes["storey_count"].to_numpy(dtype=np.float64)
    footprint = (
        boxes["floor_area_m2"].to_numpy(dtype=np.float64) / storeys / EnvelopeParams().floor_area_ratio
    )
    free = boxes["outer_wall_m2"].to_numpy(dtype=np.float64) / (storeys * STOREY_HEIGHT_M)
    length, depth = box_sides_m(footprint, free, boxes["neighbour_count"].to_numpy(dtype=np.int64))
    place = np.arange(len(boxes))
    x, y = SPACING_M * (place % PER_ROW), SPACING_M * (place // PER_ROW)
    sets = []
    for side, fewest in ((0, 0), (1, 1), (-1, 2)):
        west, east = x + (side - 0.5) * length, x + (side + 0.5) * length
        chosen = boxes["neighbour_count"].to_numpy() >= fewest
        shapes = shapely.box(west, y - depth / 2, east, y + depth / 2)
        sets.append(gpd.GeoDataFrame(boxes, geometry=shapes)[chosen])
    table = pd.concat(sets, ignore_index=True)
    turned = affinity.rotate(shapely.multipolygons(table.geometry.to_numpy()), TURN_DEG, origin=(0, 0))
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapely.get_parts(turned))


def _ids(count: int) -> list[str]:
    return [f"box-{number:05d}" for number in range(count)]


def _read_as_town(boxes: pd.DataFrame, town: Town) -> Inputs:
    """Write the boxes as a file of footprints and read it like that of a user."""
    table = box_outlines(boxes)
    crs = utm_zone_code(town.longitude_deg)
    centre = gpd.GeoSeries(gpd.points_from_xy([town.longitude_deg], [town.latitude_deg]), crs="EPSG:4326")
    point = centre.to_crs(crs).iloc[0]
    tagged = gpd.GeoDataFrame(
        {
            "id": _ids(len(table)),
            "building": table["building"],
            "levels": table["storey_count"],
            "start_date": table["year"].astype(int).astype(str),
        },
        geometry=table.geometry.translate(point.x, point.y).set_crs(crs),
    )
    place = Place(
        slug="boxes", title=town.name, country=town.country, role="validation",
        longitude_deg=town.longitude_deg, latitude_deg=town.latitude_deg,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        path = Path(folder) / "boxes.gpkg"
        tagged.to_file(path)
        return Inputs(place, read_buildings(path), None, None, None, None, {})


def describe_boxes(boxes: pd.DataFrame, town: Town, config: RunConfig) -> City:
    """Return the town that the line makes of boxes; its buildings are the boxes alone, in their order."""
    log = StepLog(Progress(STEP_NAMES, quiet=True, stream=io.StringIO()))
    city = describe_city(_read_as_town(boxes, town), config, log)
    return dataclasses.replace(city, buildings=city.buildings.loc[_ids(len(boxes))])
