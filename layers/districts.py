"""Districts: contiguous groups of alike buildings, of a size that a city can plan for.

Buildings are linked to their neighbours (Delaunay triangulation, links up to 400 m, none across
rails, motorways and rivers). Ward's method groups them by place and by local form: the median
footprint, the built share and the number of buildings within 100 m. Groups below 40 buildings join
the most alike neighbour; groups above 500, or above 35 % of the city, are split. Outlines follow the
nearest building up to 80 m and run along streets where two districts meet. A user's own outlines
come first, where given; then squares of a grid, where asked for; then administrative boundaries, where
they are whole in the data: those within a municipality, or small municipalities where there are several.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.crs import RASTER, to_crs, transform_points
from layers.core.draws import Draws, hash_ids
from layers.core.errors import InputProblem, UsageProblem
from layers.core.ranges import check_ranges
from layers.core.text import clean_name
from layers.core.types import FloatArray, IntArray, ObjectArray
from layers.physics.given_areas import area_of_points, boundary_areas, squares_of_points
from layers.physics.grouping import (
    Sizes,
    agreement_shares,
    contiguity_links,
    group_alike,
    open_links,
)  # fmt: skip
from layers.physics.neighbours import near_statistics
from layers.physics.outlines import group_outlines
from layers.physics.place_names import name_areas

M2_PER_HA = 10_000.0
NAME_ORIGINS = ("user", "boundary", "place", "nearest place", "street", "number", "rest")
BORDER_ORIGINS = ("user", "boundary", "grid", "found")
# a size that is asked for is met within these limits
SMALLEST_OF_WANTED, LARGEST_OF_WANTED = 0.2, 2.0
# streets along which people would draw a border; paths and drives are not
BORDER_KINDS = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    "living_street", "pedestrian",
)  # fmt: skip
REST_NAME = "Outside the given districts"


@dataclass(frozen=True)
class DistrictParams:
    """Settings of the districts.

    Attributes
    ----------
    longest_link_m : neighbours farther apart are not linked, 50 to 2,000
    place_scale_m : distance that weighs as much as one robust unit of form, 50 to 2,000
    form_ratio : weight of form against place, 0 to 5
    near_m : radius of local form, 20 to 1,000
    buildings_per_district_count : aimed at, 40 to 5,000
    wanted_count : buildings per district where a person asks for a size, 5 to 5,000; 0 for none asked
    grid_m : side of squares that serve as districts, 100 to 10,000; 0 for none
    boundary_share : of all buildings that administrative areas must hold to serve, 0.1 to 1
    built_per_district_ha : built hectares per district aimed at, 5 to 500
    smallest_count, largest_count : buildings in a district
    largest_share : of all buildings in one district, 0.2 to 1
    fewest_count : districts wanted where the city is large enough
    reach_m : outlines end this far from the buildings, 10 to 300
    gap_m : gaps in the built area narrower than twice this are closed, 0 to 300
    crumb_m2 : smaller detached parts without a building go to a neighbour
    farthest_place_m : a place name farther away does not name a district
    jitter_m, jitter_ratio : standard deviation by which place and form are shaken for the stability
    rerun_count : shaken groupings that are compared, 1 to 50
    seed : of the shaking
    """

    longest_link_m: float = 400.0
    place_scale_m: float = 300.0
    form_ratio: float = 0.5
    near_m: float = 100.0
    buildings_per_district_count: int = 250
    wanted_count: int = 0
    grid_m: float = 0.0
    boundary_share: float = 0.5
    built_per_district_ha: float = 30.0
    smallest_count: int = 40
    largest_count: int = 500
    largest_share: float = 0.35
    fewest_count: int = 4
    reach_m: float = 80.0
    gap_m: float = 40.0
    crumb_m2: float = 2_000.0
    farthest_place_m: float = 2_000.0
    jitter_m: float = 15.0
    jitter_ratio: float = 0.1
    rerun_count: int = 8
    seed: int = 1

    def __post_init__(self) -> None:
        """Check the ranges."""
        ranges = {
            "longest_link_m": (50, 2000), "place_scale_m": (50, 2000), "form_ratio": (0, 5),
            "near_m": (20, 1000), "buildings_per_district_count": (40, 5000),
            "built_per_district_ha": (5, 500), "smallest_count": (1, 1000),
            "largest_count": (2 * self.smallest_count, 100_000), "largest_share": (0.2, 1),
            "fewest_count": (1, 100), "reach_m": (10, 300), "gap_m": (0, 300),
            "rerun_count": (1, 50), "boundary_share": (0.1, 1),
        }  # fmt: skip
        if self.wanted_count:
            ranges["wanted_count"] = (5, 5000)
        if self.grid_m:
            ranges["grid_m"] = (100, 10_000)
        check_ranges(self, ranges)


ADDS: tuple[Column, ...] = (Column("district_id", "district the building belongs to", "text"),)
DISTRICT_COLUMNS: tuple[Column, ...] = (
    Column("geometry", "outline", "geometry"),
    Column("name", "name a resident would know", "text"),
    Column("name_origin", "where the name comes from", "category", allowed=NAME_ORIGINS),
    Column("border_origin", "where the outline comes from", "category", allowed=BORDER_ORIGINS),
    Column("area_ha", "area of the outline", lowest=0),
    Column("building_count", "buildings in the district", "whole", lowest=0),
    Column(
        "stability_share", "how much of the district stays together when the grouping is repeated on "
        "slightly shaken data; 1 for outlines that were given", lowest=0, highest=1,
    ),
)  # fmt: skip


def form_features(xy_m: FloatArray, area_m2: FloatArray, params: DistrictParams) -> FloatArray:
    """Return place and local form of each building, scaled for grouping, as (n, 5) array.

    Form is the logarithm of the median footprint, of the built share and of the number of buildings
    within the radius, each less its median over the city and divided by its interquartile range.
    """
    count, near_area, median = near_statistics(xy_m, area_m2, params.near_m)
    built = near_area / (np.pi * params.near_m**2)
    form = np.column_stack([np.log(median), np.log(built + 0.01), np.log(count)])
    low, middle, high = np.percentile(form, [25, 50, 75], axis=0)
    scaled = np.clip((form - middle) / np.maximum(high - low, 1e-6), -2.5, 2.5)
    return np.column_stack([xy_m / params.place_scale_m, scaled * params.form_ratio])


def wanted_sizes(xy_m: FloatArray, params: DistrictParams) -> Sizes:
    """Return how many districts a city of these buildings should have, and how large each may be."""
    count = len(xy_m)
    if params.wanted_count:
        smallest = max(int(SMALLEST_OF_WANTED * params.wanted_count), 1)
        largest = int(LARGEST_OF_WANTED * params.wanted_count)
        return Sizes(smallest, largest, max(round(count / params.wanted_count), 1), 1)
    built_ha = len(np.unique(np.floor(xy_m / np.sqrt(M2_PER_HA)), axis=0))
    possible = max(count // params.smallest_count, 1)
    fewest = min(params.fewest_count, possible)
    wanted = max(count / params.buildings_per_district_count, built_ha / params.built_per_district_ha)
    largest = max(min(params.largest_count, int(params.largest_share * count)), 2 * params.smallest_count)
    return Sizes(params.smallest_count, largest, int(np.clip(np.ceil(wanted), fewest, possible)), fewest)


def _learn_groups(
    ids: pd.Index,
    xy: FloatArray,
    area: FloatArray,
    links: IntArray,
    barriers: ObjectArray,
    params: DistrictParams,
) -> tuple[IntArray, FloatArray]:
    """Return the group of each building and the stability of each group."""
    is_open = open_links(xy, links, barriers, params.longest_link_m)
    features = form_features(xy, area, params)
    sizes = wanted_sizes(xy, params)
    labels = group_alike(features, links, is_open, sizes)
    shake = np.full(features.shape[1], params.jitter_ratio)
    shake[:2] = params.jitter_m / params.place_scale_m
    draws, hashes = Draws(params.seed, params.rerun_count), hash_ids(ids)

    def shaken(draw: int) -> IntArray:
        noise = [
            draws.own_from_hashes(hashes, f"district feature {k}", draw) for k in range(features.shape[1])
        ]
        return group_alike(features + np.column_stack(noise) * shake, links, is_open, sizes)

    # each repetition stands alone and its merging leaves other threads room
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        others = list(pool.map(shaken, range(params.rerun_count)))
    return labels, agreement_shares(labels, others)


def learn_districts(
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    params: DistrictParams | None = None,
    *,
    outlines: gpd.GeoDataFrame | None = None,
    names: pd.DataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Divide a city into districts.

    Parameters
    ----------
    buildings, streets, barriers, places : GeoDataFrame
        In the same metric system; columns `name` and `kind` as readers give them.
    params : DistrictParams, optional
    outlines : GeoDataFrame, optional
        The user's own districts (a column `name` is used); buildings outside them form one more.
    names : DataFrame, optional
        The user's names: columns `district_id` and `name`.

    Returns
    -------
    buildings : GeoDataFrame
        With `district_id`.
    districts : GeoDataFrame, index `district_id`
        Numbered from north to south; columns as in `DISTRICT_COLUMNS`.
    """
    params = params or DistrictParams()
    if not len(buildings):
        raise InputProblem("There are no buildings to divide into districts; check the input files.")
    if outlines is not None:
        labelled, districts = _given_districts(buildings, outlines, params)
    elif params.grid_m:
        labelled, districts = _grid_districts(buildings, streets, places, params)
    else:
        areas = None
        if not params.wanted_count:
            areas = boundary_areas(
                buildings, streets, places, wanted_count=params.buildings_per_district_count,
                fewest_share=params.boundary_share, largest_count=params.largest_count,
                reach_m=params.reach_m,
            )  # fmt: skip
        if areas is not None:
            labelled, districts = _given_districts(buildings, areas, params, origin="boundary")
        else:
            labelled, districts = _learned_districts(buildings, streets, barriers, places, params)
    return labelled, rename_districts(districts, names)


def _learned_districts(
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    params: DistrictParams,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    inside = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.array))
    # an order that no file can change: from the north, then from the west, then by id
    order = np.lexsort((buildings.index.astype(str).to_numpy(), inside[:, 0], -inside[:, 1]))
    polygons = np.asarray(buildings.geometry.array, dtype=object)[order]
    xy, area = inside[order], shapely.area(polygons)
    links = contiguity_links(xy)
    lines = np.asarray(barriers.geometry.array, dtype=object)
    labels, stability = _learn_groups(buildings.index[order], xy, area, links, lines, params)
    centres = np.column_stack([np.bincount(labels, column) for column in xy.T]) / np.bincount(labels)[:, None]
    rank = np.argsort(np.lexsort((centres[:, 0], -centres[:, 1])))
    labels, back = rank[labels], np.argsort(rank)
    borders = np.asarray(streets.geometry.array, dtype=object)[streets["kind"].isin(BORDER_KINDS).to_numpy()]
    shapes = group_outlines(
        polygons, xy, labels, links, borders,
        reach_m=params.reach_m, gap_m=params.gap_m, crumb_m2=params.crumb_m2,
    )  # fmt: skip
    found = name_areas(shapes, centres[back], places, streets, farthest_m=params.farthest_place_m)
    ids = district_ids(len(shapes))
    districts = _district_table(
        ids, shapes, [n.text for n in found], [n.origin for n in found], labels, stability[back],
        buildings.crs, "found",
    )  # fmt: skip
    of_building = np.empty(len(buildings), dtype=object)
    of_building[order] = ids[labels]
    return buildings.assign(district_id=of_building), districts


def district_ids(count: int) -> ObjectArray:
    """Return ids that sort as they are numbered.

    Examples
    --------
    >>> district_ids(2).tolist()
    ['d01', 'd02']
    """
    width = max(2, len(str(count)))
    return np.array([f"d{number + 1:0{width}d}" for number in range(count)], dtype=object)


def _district_table(
    ids: ObjectArray,
    shapes: ObjectArray,
    names: list[str],
    origins: list[str],
    labels: IntArray,
    stability: FloatArray,
    crs: object,
    border_origin: str,
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": names,
            "name_origin": origins,
            "border_origin": border_origin,
            "area_ha": shapely.area(shapes) / M2_PER_HA,
            "building_count": np.bincount(labels, minlength=len(shapes)),
            "stability_share": stability,
        },
        geometry=shapes,
        index=pd.Index(ids, name="district_id"),
        crs=crs,
    )


def _grid_districts(
    buildings: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, params: DistrictParams
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Use the squares of the European grid on which buildings stand."""
    xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.array))
    squares, labels = squares_of_points(transform_points(xy, buildings.crs, RASTER), params.grid_m)
    shapes = np.asarray(to_crs(gpd.GeoSeries(squares, crs=RASTER), buildings.crs).array, dtype=object)
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    found = name_areas(shapes, centres, places, streets, farthest_m=params.farthest_place_m)
    ids = district_ids(len(shapes))
    districts = _district_table(
        ids, shapes, [name.text for name in found], [name.origin for name in found], labels,
        np.ones(len(shapes)), buildings.crs, "grid",
    )  # fmt: skip
    return buildings.assign(district_id=ids[labels]), districts


def _given_districts(
    buildings: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, params: DistrictParams, *, origin: str = "user"
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Use outlines that are given; buildings outside all of them form one more district."""
    is_area = outlines.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if not is_area.any():
        raise InputProblem("The district outlines hold no polygons; give a layer of polygons.")
    given = to_crs(outlines[is_area], buildings.crs)
    shapes = shapely.make_valid(np.asarray(given.geometry.array, dtype=object))
    points = shapely.point_on_surface(np.asarray(buildings.geometry.array, dtype=object))
    labels = area_of_points(shapes, points)
    names = [clean_name(str(n)) if pd.notna(n) else "" for n in given.get("name", pd.Series("", given.index))]
    names = [name or f"District {number + 1}" for number, name in enumerate(names)]
    origins = [origin] * len(shapes)
    if (labels == len(shapes)).any():
        rest = points[labels == len(shapes)]
        near = shapely.union_all(shapely.buffer(rest, params.reach_m))
        outside = shapely.difference(near, shapely.union_all(shapes))
        shapes = np.array([*shapes, outside], dtype=object)
        names, origins = [*names, REST_NAME], [*origins, "rest"]
    ids = district_ids(len(shapes))
    districts = _district_table(
        ids, shapes, _numbered(names), origins, labels, np.ones(len(shapes)), buildings.crs, origin
    )
    return buildings.assign(district_id=ids[labels]), districts


def _numbered(names: list[str]) -> list[str]:
    """Make repeated names unique by a number behind them."""
    table = pd.Series(names)
    again = table.groupby(table).cumcount()
    return [name if not k else f"{name} ({k + 1})" for name, k in zip(names, again, strict=True)]


def rename_districts(districts: gpd.GeoDataFrame, names: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """Give districts the names a user chose.

    Raises
    ------
    UsageProblem
        When columns are missing or a district does not exist.
    """
    if names is None:
        return districts
    if not {"district_id", "name"} <= set(names.columns):
        found = ", ".join(map(str, names.columns))
        raise UsageProblem(
            f"The table of district names has the columns {found}; it needs district_id and name."
        )
    chosen = names.dropna(subset=["district_id", "name"]).drop_duplicates("district_id", keep="last")
    given = chosen.set_index(chosen["district_id"].astype(str))["name"]
    strange = given.index.difference(districts.index)
    if len(strange):
        raise UsageProblem(
            f"The table of district names has {', '.join(strange[:3])}, but the districts are "
            f"{districts.index[0]} to {districts.index[-1]}."
        )
    cleaned = pd.Series([clean_name(str(text)) for text in given], given.index, dtype=object)
    text = cleaned.reindex(districts.index).fillna(districts["name"])
    origin = districts["name_origin"].where(~districts.index.isin(given.index), "user")
    return districts.assign(name=_numbered(text.tolist()), name_origin=origin)
