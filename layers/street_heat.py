"""Heat demand along the streets: the second view of where a heat network could pay.

Streets are cut into sections from crossing to crossing. Each building connects to the nearest street,
at most 200 m from its outline; to the street of its address where that one is nearly as near; and to
a path or drive only where no street is in reach. Linear heat density is the yearly heat of the
connected buildings over the length of the section, without and with the service pipes to the
buildings. Buildings without any street in reach stay unconnected and are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.errors import UsageProblem
from layers.core.types import BoolArray, FloatArray, IntArray, ObjectArray
from layers.physics.sections import cut_at_crossings

KWH_PER_MWH = 1000.0
# a pipe may lie in a street; in a path or drive where there is no street
MAIN_KINDS = (
    "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian",
    "primary_link", "secondary_link", "tertiary_link", "road",
)  # fmt: skip
OTHER_KINDS = ("service", "track", "footway", "cycleway", "path", "trail", "busway")


@dataclass(frozen=True)
class StreetHeatParams:
    """Settings of the street view.

    Attributes
    ----------
    longest_service_m : no building farther from a street connects to it, 10 to 1,000
    address_detour_m : the street of the address may be this much farther than the nearest, 0 to 200
    """

    longest_service_m: float = 200.0
    address_detour_m: float = 30.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 10 <= self.longest_service_m <= 1000:
            raise UsageProblem(f"longest_service_m is {self.longest_service_m:g}; it must be 10 to 1000.")
        if not 0 <= self.address_detour_m <= 200:
            raise UsageProblem(f"address_detour_m is {self.address_detour_m:g}; it must be 0 to 200.")


ADDS: tuple[Column, ...] = (
    Column("street_id", "street section the building would connect to", "text", gaps=True),
    Column("service_pipe_m", "distance from the outline to that section", lowest=0, gaps=True),
)
STREET_COLUMNS: tuple[Column, ...] = (
    Column("geometry", "line from crossing to crossing", "geometry"),
    Column("name", "name of the street", "text", gaps=True),
    Column("kind", "class of the street", "text"),
    Column("length_m", "length of the section", lowest=0),
    Column("building_count", "heated buildings that would connect", "whole", lowest=0),
    Column("service_pipe_m", "service pipes to these buildings", lowest=0),
    Column("connected_heat_mwh", "their heat demand", lowest=0),
    Column("linear_heat_density_mwh_per_m", "their heat demand over the length of the section", lowest=0),
    Column(
        "linear_heat_density_with_service_mwh_per_m", "the same, with the length of service pipes", lowest=0
    ),
    Column("district_id", "district with most of the connected heat, or the nearest one", "text", gaps=True),
)  # fmt: skip


def linear_heat_density_mwh_per_m(heat_kwh: FloatArray, length_m: FloatArray) -> FloatArray:
    """Return the yearly heat per metre of street.

    Parameters
    ----------
    heat_kwh : (n,) array
        Heat demand of the buildings on each street.
    length_m : (n,) array
        Length of each street; longer than zero.

    Examples
    --------
    >>> linear_heat_density_mwh_per_m(np.array([200_000.0]), np.array([100.0]))
    array([2.])
    """
    return heat_kwh / KWH_PER_MWH / length_m


def make_sections(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut streets into sections from crossing to crossing.

    Motorways, stairs and the like are left out: nobody connects there. A section is named after the
    first street line it comes from (``way/12``, and ``way/12:2`` for the second section of that line).

    Returns
    -------
    GeoDataFrame, index `street_id`
        `name`, `kind`, `is_main`, `can_connect` (not on a bridge or in a tunnel), `length_m`.
    """
    usable = streets[streets["kind"].isin(MAIN_KINDS + OTHER_KINDS)]
    usable = usable[~usable.geometry.is_empty & usable.geometry.notna()].explode(index_parts=False)
    usable = usable.sort_index(kind="stable")
    is_main = usable["kind"].isin(MAIN_KINDS).to_numpy()
    off_ground = (usable["bridge"] | usable["tunnel"]).to_numpy(dtype=bool)
    same = (
        usable["name"].fillna("").astype(str)
        + "\x00"
        + usable["kind"].astype(str)
        + np.where(off_ground, "b", "")
    )
    lines = np.asarray(usable.geometry.array, dtype=object)
    sections, first_line = cut_at_crossings(lines, pd.factorize(same)[0].astype(np.int64), is_main)
    index = usable.index[first_line].astype(str)
    rank = pd.Series(index).groupby(index.to_numpy()).cumcount().to_numpy()
    ids = [f"{label}:{number + 1}" if number else label for label, number in zip(index, rank, strict=True)]
    return gpd.GeoDataFrame(
        {
            "name": usable["name"].astype("string").to_numpy()[first_line],
            "kind": usable["kind"].to_numpy()[first_line],
            "is_main": is_main[first_line],
            "can_connect": ~off_ground[first_line],
            "length_m": shapely.length(sections),
        },
        geometry=sections,
        index=pd.Index(ids, name="street_id", dtype=object),
        crs=streets.crs,
    )


def _nearest(polygons: ObjectArray, lines: ObjectArray, farthest_m: float) -> tuple[IntArray, FloatArray]:
    """Return the nearest line of each polygon (the first of equally near ones; -1: none) and its distance."""
    found, far = np.full(len(polygons), -1), np.full(len(polygons), np.nan)
    if len(lines) and len(polygons):
        (polygon, line), distance = shapely.STRtree(lines).query_nearest(
            polygons, max_distance=farthest_m, return_distance=True
        )
        order = np.lexsort((line, polygon))
        which, first = np.unique(polygon[order], return_index=True)
        found[which], far[which] = line[order][first], distance[order][first]
    return found, far


def _of_address(
    polygons: ObjectArray,
    addresses: ObjectArray,
    lines: ObjectArray,
    names: ObjectArray,
    farthest_m: FloatArray,
) -> tuple[IntArray, FloatArray]:
    """Return the nearest line that bears the name in a building's address, as `_nearest` does."""
    found, far = np.full(len(polygons), -1), np.full(len(polygons), np.nan)
    # pandas looks texts up in a hash table, numpy would compare each address with each name
    borne = pd.Series(addresses).isin(names[names != ""]).to_numpy()
    known = np.flatnonzero(borne & np.isfinite(farthest_m))
    if not len(known):
        return found, far
    building, line = shapely.STRtree(lines).query(
        polygons[known], predicate="dwithin", distance=farthest_m[known]
    )
    building = known[building]
    same = addresses[building] == names[line]
    building, line = building[same], line[same]
    distance = shapely.distance(polygons[building], lines[line])
    order = np.lexsort((line, distance, building))
    which, first = np.unique(building[order], return_index=True)
    found[which], far[which] = line[order][first], distance[order][first]
    return found, far


def connect_buildings(
    buildings: gpd.GeoDataFrame, sections: gpd.GeoDataFrame, params: StreetHeatParams
) -> tuple[IntArray, FloatArray]:
    """Return the section (position; -1: none in reach) and distance of each building."""
    polygons = np.asarray(buildings.geometry.array, dtype=object)
    main = np.flatnonzero((sections["is_main"] & sections["can_connect"]).to_numpy())
    other = np.flatnonzero((~sections["is_main"] & sections["can_connect"]).to_numpy())
    lines = np.asarray(sections.geometry.array, dtype=object)
    found, far = _nearest(polygons, lines[main], params.longest_service_m)
    if "street_name" in buildings:
        names = sections["name"].fillna("").to_numpy(dtype=object)[main]
        addresses = buildings["street_name"].astype("string").fillna("").to_numpy(dtype=object)
        reach = np.minimum(far + params.address_detour_m, params.longest_service_m)
        of_address, address_far = _of_address(polygons, addresses, lines[main], names, reach)
        found, far = np.where(of_address >= 0, of_address, found), np.where(of_address >= 0, address_far, far)
    found = np.where(found >= 0, main[found] if len(main) else -1, -1)
    lost = np.flatnonzero(found < 0)
    by_path, path_far = _nearest(polygons[lost], lines[other], params.longest_service_m)
    found[lost] = np.where(by_path >= 0, other[by_path] if len(other) else -1, -1)
    far[lost] = path_far
    return found, far


def _main_district(
    buildings: gpd.GeoDataFrame,
    section: IntArray,
    weight: FloatArray,
    sections: gpd.GeoDataFrame,
    reach_m: float,
) -> ObjectArray:
    """Return the district with most connected heat, or that of the nearest building."""
    district = buildings["district_id"].to_numpy(dtype=object)
    table = pd.DataFrame({"section": section, "district": district, "weight": weight})[section >= 0]
    totals = table.groupby(["section", "district"])["weight"].sum().reset_index()
    totals = totals.sort_values(["section", "weight", "district"], ascending=[True, False, True])
    best = totals.drop_duplicates("section")
    found = np.full(len(sections), None, dtype=object)
    found[best["section"].to_numpy()] = best["district"].to_numpy()
    empty = np.flatnonzero(pd.isna(found))
    middles = shapely.line_interpolate_point(np.asarray(sections.geometry.array)[empty], 0.5, normalized=True)
    near, _ = _nearest(middles, np.asarray(buildings.geometry.array, dtype=object), reach_m)
    found[empty] = np.where(near >= 0, district[near], None)
    return found


def add_street_heat(
    buildings: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, params: StreetHeatParams | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Connect buildings to streets and add up their heat.

    Parameters
    ----------
    buildings : GeoDataFrame
        `heat_demand_kwh`, `district_id`, and `street_name` where addresses are known.
    streets : GeoDataFrame of lines
        `name`, `kind`, `bridge`, `tunnel`, in the same metric system.

    Returns
    -------
    buildings : with the columns of `ADDS`
    streets : GeoDataFrame of sections, index `street_id`, columns as in `STREET_COLUMNS`
        The heat of all sections and of the unconnected buildings adds up to that of all buildings.
    """
    params = params or StreetHeatParams()
    sections = make_sections(streets)
    section, far = connect_buildings(buildings, sections, params)
    heat_kwh = buildings["heat_demand_kwh"].to_numpy(dtype=float)
    joins: BoolArray = (section >= 0) & (heat_kwh > 0)
    count = len(sections)
    heat = np.bincount(section[joins], heat_kwh[joins], minlength=count).astype(np.float64)
    service = np.bincount(section[joins], far[joins], minlength=count).astype(np.float64)
    length = sections["length_m"].to_numpy(dtype=float)
    served = sections.drop(columns=["is_main", "can_connect"]).assign(
        building_count=np.bincount(section[joins], minlength=count),
        service_pipe_m=service,
        connected_heat_mwh=heat / KWH_PER_MWH,
        linear_heat_density_mwh_per_m=linear_heat_density_mwh_per_m(heat, length),
        linear_heat_density_with_service_mwh_per_m=linear_heat_density_mwh_per_m(heat, length + service),
        district_id=_main_district(buildings, section, heat_kwh, sections, params.longest_service_m),
    )
    ids = np.array([*sections.index, None], dtype=object)[section]
    return buildings.assign(street_id=ids, service_pipe_m=far), served
