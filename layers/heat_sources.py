"""Where a heat network's heat could come from: plants, industry, computers, water, land, by district.

Candidates are what the map shows. How much heat each may give is told by its area or by its kind, with a wide
range; how far that heat is worth fetching decays with distance. None of it is a measurement: a candidate is a
reason to ask its owner.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.crs import GEOGRAPHIC, transform_points
from layers.core.errors import UsageProblem
from layers.core.facts import fact, read_facts, value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray, ObjectArray

SUBJECT = "heat_sources"
# what each kind's heat is taken from
MEDIUM_OF = {
    "given": "plant", "heating_plant": "plant", "industry": "excess", "data_centre": "excess",
    "wastewater": "water", "ice_rink": "excess", "supermarket": "excess", "river": "water", "lake": "water",
    "open_land": "ground",
}  # fmt: skip
# a source further than this many half distances keeps too little
REACH_HALVES = 2.5
CORNER_M = 2.0
# which candidate is named first: heat that it can give, weighed by how little electricity that takes
WEIGHT_OF = {"plant": 1.0, "excess": 0.8, "water": 0.7, "ground": 0.7}

ADDS: tuple[Column, ...] = (
    Column("heat_source_kind", "kind of the best candidate for a network's heat", "text", gaps=True),
    Column("heat_source_name", "its name, where the map has one", "text", gaps=True),
    Column("heat_source_distance_m", "straight line from the district to it", lowest=0, gaps=True),
    Column("heat_source_mwh", "heat that it may give the district, less what distance takes", lowest=0,
           gaps=True),
)  # fmt: skip
TABLE_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district in whose reach the source lies", "text"),
    Column("source_id", "the object on the map", "text"),
    *ADDS[:1],
    *ADDS[1:2],
    Column("heat_source_medium", "what the pump takes heat from: excess, water, ground; or plant", "text"),
    Column("heat_source_c", "usual temperature in the heating season"),
    *ADDS[2:3],
    Column("heat_source_mwh", "heat that it may give the district, less what distance takes", lowest=0),
    Column("heat_source_p10_mwh", "the same, low end of the likely range", lowest=0),
    Column("heat_source_p90_mwh", "the same, high end of the likely range", lowest=0),
)


@dataclass(frozen=True)
class HeatSourceParams:
    """Settings of the search for heat sources.

    Attributes
    ----------
    reach_m : no source is further from a district, 0 (none is looked for) to 30,000
    least_mwh : sources that may give less are left out, 0 to 100,000
    roots : places that a network starts from in any case, each "longitude, latitude"
    root_reach_m : districts this near to such a place, and the nearest one, start there, 0 to 30,000
    """

    reach_m: float = 3000.0
    least_mwh: float = 50.0
    roots: tuple[str, ...] = field(default_factory=tuple)
    root_reach_m: float = 300.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_ranges(self, {"reach_m": (0.0, 30_000.0), "least_mwh": (0.0, 100_000.0),
                            "root_reach_m": (0.0, 30_000.0)})  # fmt: skip
        for text in self.roots:
            _place_deg(text)


@dataclass(frozen=True)
class HeatSources:
    """Candidates of a city.

    Attributes
    ----------
    districts : GeoDataFrame
        With the columns of `ADDS`.
    table : DataFrame
        The best candidate of each kind, by district; columns as in `TABLE_COLUMNS`, the best one first.
    places : GeoSeries, index `source_id`
    """

    districts: gpd.GeoDataFrame
    table: pd.DataFrame
    places: gpd.GeoSeries


def _place_deg(text: str) -> tuple[float, float]:
    try:
        longitude_deg, latitude_deg = (float(part) for part in str(text).split(","))
    except ValueError:
        longitude_deg = latitude_deg = np.nan
    if not (abs(longitude_deg) <= 180.0 and abs(latitude_deg) <= 90.0):
        raise UsageProblem(
            f"the root {str(text)[:60]!r} is no place; write longitude and latitude in degrees, for example "
            '"24.94, 60.17".'
        )
    return longitude_deg, latitude_deg


def given_roots(districts: gpd.GeoDataFrame, params: HeatSourceParams) -> gpd.GeoDataFrame:
    """Return the places that a person named as roots, as sources.

    Raises
    ------
    UsageProblem
        When one lies out of reach of every district.
    """
    if not params.roots:
        return gpd.GeoDataFrame(
            {"kind": [], "name": [], "tagged_heat_kw": []}, geometry=[], crs=districts.crs
        )
    degrees = np.array([_place_deg(text) for text in params.roots], dtype=np.float64)
    xy = transform_points(degrees, GEOGRAPHIC, districts.crs)
    # what no map of the city can show lies at the end of the world
    points = np.asarray(shapely.points(np.nan_to_num(xy, nan=1e9, posinf=1e9, neginf=1e9)), dtype=object)
    far_m = np.atleast_1d(shapely.distance(points, shapely.union_all(districts.geometry.to_numpy())))
    for text, distance_m in zip(params.roots, far_m, strict=True):
        if distance_m > params.reach_m:
            raise UsageProblem(
                f"the root {text!r} lies {distance_m / 1e3:,.1f} km outside the city, further than the reach "
                f"of {params.reach_m / 1e3:g} km; write longitude before latitude, or raise reach_m in "
                "[heat_sources]."
            )
    ids = pd.Index([f"root/{number}" for number in range(1, len(points) + 1)], name="source_id")
    return gpd.GeoDataFrame(
        {"kind": "given", "name": None, "tagged_heat_kw": np.nan}, geometry=points, index=ids,
        crs=districts.crs,
    )  # fmt: skip


def _range_of(fact_id: str) -> FloatArray:
    """Return low, value and high of a fact; NaN where there is none."""
    if fact_id not in read_facts(SUBJECT):
        return np.full(3, np.nan)
    known = fact(SUBJECT, fact_id)
    low = known.value if known.low is None else known.low
    return np.array([low, known.value, known.value if known.high is None else known.high])


def possible_heat_mwh(kinds: ObjectArray, area_m2: FloatArray, tagged_heat_kw: FloatArray) -> FloatArray:
    """Return low, likely and high heat that sources may give in a year.

    Parameters
    ----------
    kinds : (n,) array of text
    area_m2 : (n,) array
        Zero for points and lines.
    tagged_heat_kw : (n,) array
        Power of plants, NaN where nobody says.

    Returns
    -------
    (n, 3) array
        Zero for areas that are too small.
    """
    found = np.zeros((len(kinds), 3))
    for kind in sorted(set(kinds) & set(MEDIUM_OF)):
        of_kind = "heating_plant" if kind == "given" else kind
        rows = np.flatnonzero(kinds == kind)
        site, by_area = _range_of(f"{of_kind}_mwh"), _range_of(f"{of_kind}_mwh_per_m2")
        area = area_m2[rows, None]
        drawn = (area > 0.0) & np.isfinite(by_area)
        least = _range_of(f"{of_kind}_least_m2")[1]
        most = _range_of(f"{of_kind}_most_m2")[1]
        area = np.fmin(area, most)
        heat = np.where(drawn, area * by_area, np.nan_to_num(site))
        small = (area_m2[rows] > 0.0) & (area_m2[rows] < np.nan_to_num(least))
        found[rows] = np.where(small[:, None], 0.0, heat)
    hours = _range_of("heating_plant_full_load_h")
    tagged = np.flatnonzero(np.isfinite(tagged_heat_kw))
    found[tagged] = tagged_heat_kw[tagged, None] * hours / 1000.0
    return found


def source_temperature_c(kinds: ObjectArray, air_c: float) -> FloatArray:
    """Return the usual temperature of sources in the heating season.

    Water lies a little below the yearly mean of the air, ground has that mean.
    """
    water = max(air_c - value(SUBJECT, "water_below_air_k"), value(SUBJECT, "water_least_c"))
    stated = {kind: f"{kind}_c" for kind in MEDIUM_OF if f"{kind}_c" in read_facts(SUBJECT)}
    usual = {kind: value(SUBJECT, fact_id) for kind, fact_id in stated.items()}
    usual |= {"river": water, "lake": water, "open_land": air_c, "given": usual["heating_plant"]}
    return np.array([usual[kind] for kind in kinds], dtype=np.float64)


def _pairs(
    sources: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, half_m: FloatArray, params: HeatSourceParams
) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Return source, district and distance of all pairs in reach."""
    # distances of hundreds of metres do not hang on corners of a few
    places, outlines = (
        shapely.simplify(np.asarray(table.geometry.array, dtype=object), CORNER_M)
        for table in (sources, districts)
    )
    reach = np.minimum(REACH_HALVES * half_m, params.reach_m)
    is_given = sources["kind"].to_numpy() == "given"
    reach = np.where(is_given, params.reach_m, reach)
    source, district = shapely.STRtree(outlines).query(places, predicate="dwithin", distance=reach)
    distance = np.asarray(shapely.distance(places[source], outlines[district]), dtype=np.float64)
    nearest = np.full(len(places), np.inf)
    np.minimum.at(nearest, source, distance)
    kept = ~is_given[source] | (distance <= np.maximum(params.root_reach_m, nearest[source]))
    return source[kept], district[kept], distance[kept]


def find_heat_sources(
    sources: gpd.GeoDataFrame | None,
    districts: gpd.GeoDataFrame,
    *,
    air_c: float,
    params: HeatSourceParams | None = None,
) -> HeatSources:
    """Find the candidates for heat of every district.

    Parameters
    ----------
    sources : GeoDataFrame, index `source_id`, or None
        `kind`, `name`, `tagged_heat_kw`, in the system of the districts.
    districts : GeoDataFrame, index `district_id`
        `heat_demand_mwh`.
    air_c : float
        Yearly mean of the air.
    params : HeatSourceParams, optional

    Raises
    ------
    UsageProblem
        When a root that a person named lies far outside the city.
    """
    params = params or HeatSourceParams()
    roots = given_roots(districts, params)
    parts = [table for table in (roots, sources) if table is not None and len(table)]
    known = pd.concat(parts) if parts else roots
    known = known[known["kind"].isin(list(MEDIUM_OF)) & ~known.geometry.is_empty].sort_index(kind="stable")
    kinds = known["kind"].to_numpy(dtype=object)
    area = shapely.area(np.asarray(known.geometry.array, dtype=object))
    heat = possible_heat_mwh(kinds, area, known["tagged_heat_kw"].to_numpy(dtype=np.float64))
    kept = (heat[:, 1] >= max(params.least_mwh, 1e-9)) | (kinds == "given")
    known, kinds, heat = known[kept], kinds[kept], heat[kept]
    half_of = {
        kind: value(SUBJECT, f"{'heating_plant' if kind == 'given' else kind}_half_distance_m")
        for kind in sorted(set(kinds))
    }
    half = np.array([half_of[kind] for kind in kinds], dtype=np.float64)
    source, district, distance = _pairs(known, districts, half, params)
    usable = heat[source] * np.exp2(-distance / half[source])[:, None] if len(source) else np.zeros((0, 3))
    medium = np.array([MEDIUM_OF[kind] for kind in kinds], dtype=object)
    table = pd.DataFrame(
        {
            "district_id": districts.index.to_numpy()[district],
            "source_id": known.index.to_numpy()[source],
            "heat_source_kind": kinds[source],
            "heat_source_name": known["name"].to_numpy(dtype=object)[source],
            "heat_source_medium": medium[source],
            "heat_source_c": source_temperature_c(kinds, air_c)[source],
            "heat_source_distance_m": distance,
            "heat_source_mwh": usable[:, 1],
            "heat_source_p10_mwh": usable[:, 0],
            "heat_source_p90_mwh": usable[:, 2],
        }
    )
    needed = districts["heat_demand_mwh"].to_numpy(dtype=np.float64)[district]
    ranked = _ranked(table, needed)
    best = ranked.drop_duplicates("district_id").set_index("district_id")
    columns = [column.name for column in ADDS]
    return HeatSources(districts.join(best[columns].reindex(districts.index)), ranked, known.geometry)


def _ranked(table: pd.DataFrame, needed_mwh: FloatArray) -> pd.DataFrame:
    """Return the best candidate of each kind and district, the best kind first."""
    weight = np.array([WEIGHT_OF[medium] for medium in table["heat_source_medium"]], dtype=np.float64)
    given = table["heat_source_kind"].to_numpy() == "given"
    rank = np.where(given, np.inf, np.minimum(table["heat_source_mwh"], needed_mwh) * weight)
    order = table.assign(rank=rank).sort_values(
        ["district_id", "rank", "heat_source_distance_m", "source_id"], ascending=[True, False, True, True],
        kind="stable",
    )  # fmt: skip
    many = order["heat_source_kind"] == "given"
    once = ~order.duplicated(["district_id", "heat_source_kind"]) | many
    return order[once].drop(columns="rank").reset_index(drop=True)
