"""Indicators of each district, from its buildings, its streets and what is known of the city.

Only what footprints and our own layers give honestly is calculated; everything else stays missing.
Beside each value stands how much it is known: in full where it was measured, tagged or follows from
the outline alone; half where it was imputed; not at all where it is a mere default. An indicator of
which less than a quarter is known is left out, so that a country's average never poses as a fact
about a district. Outbuildings count as built-over land, and for nothing else.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.types import BoolArray, FloatArray
from layers.core.uses import RESIDENTIAL_USES
from replication.context import CityContext, city_context
from replication.district_table import (
    Collector,
    DistrictIndicators,
    Groups,
    IndicatorParams,
    known_by_origin,
    numbers,
    ratio,
)

__all__ = ["CityContext", "DistrictIndicators", "IndicatorParams", "city_context", "compute_indicators"]

ESTIMATE_KNOWN_SHARE = 0.5
# the five groups of the use mix, after housing
USE_GROUPS = {
    "shops and leisure": ("retail", "restaurant", "hotel", "sport"),
    "offices": ("office",),
    "public and culture": ("education", "hospital", "assembly"),
    "industry": ("industry", "storage"),
}
PERIODS = {
    "built_before_1946_share": (-np.inf, 1945),
    "built_1946_1960_share": (1946, 1960),
    "built_1961_1975_share": (1961, 1975),
    "built_1976_1990_share": (1976, 1990),
    "built_since_1991_share": (1991, np.inf),
}
LARGE_FOOTPRINT_M2 = 1000.0
# below this share of listed floor area the data rather lack protected buildings than the district
LEAST_LISTED_SHARE = 0.1
M2_PER_HA = 10_000.0
KWH_PER_MWH = 1000.0
W_PER_KW = 1000.0
# kinds of way that are no street with house fronts
NO_STREETS = ("footway", "path", "cycleway", "steps", "track", "service", "bridleway", "corridor", "motorway")
# end points nearer to each other than this are one crossing
NODE_GRID_M = 0.1
LEAST_CROSSING_COUNT = 3


def use_mix_ratio(shares: FloatArray) -> FloatArray:
    """Return the evenness of a mix: −Σ p ln p / ln k, over the last axis.

    Examples
    --------
    >>> use_mix_ratio(np.array([[1.0, 0, 0, 0, 0], [0.2, 0.2, 0.2, 0.2, 0.2]])).round(3)
    array([0., 1.])
    """
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(np.abs((shares * logs).sum(axis=-1)) / np.log(shares.shape[-1]))


def count_crossings(streets: gpd.GeoDataFrame, district_ids: pd.Index) -> FloatArray:
    """Return the crossings of each district: end points that three or more street sections share.

    A crossing on a border is split between its sections' districts, so that the sum is the city's.
    """
    lines = np.asarray(streets.geometry.array)
    counts = np.zeros(len(district_ids))
    if not len(lines):
        return counts
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    nodes = np.round(shapely.get_coordinates(ends) / NODE_GRID_M).astype(np.int64)
    _, node, degree = np.unique(nodes, axis=0, return_inverse=True, return_counts=True)
    degree_here = degree[node.ravel()]
    districts = np.tile(district_ids.get_indexer(pd.Index(streets["district_id"].astype(object))), 2)
    counted = (degree_here >= LEAST_CROSSING_COUNT) & (districts >= 0)
    np.add.at(counts, districts[counted], 1.0 / degree_here[counted])
    return counts


def compute_indicators(
    buildings: pd.DataFrame,
    streets: gpd.GeoDataFrame,
    districts: pd.DataFrame,
    context: CityContext,
    params: IndicatorParams | None = None,
) -> DistrictIndicators:
    """Calculate the indicators of every district.

    Parameters
    ----------
    buildings : DataFrame, index `building_id`
        With form, attributes, heat and roof solar; rows without a district are left out.
    streets : GeoDataFrame, index `street_id`
        Sections with `length_m`, `connected_heat_mwh`, `building_count`, `district_id`.
    districts : DataFrame, index `district_id`
        With `area_ha`.
    context : CityContext

    Returns
    -------
    DistrictIndicators
        One row a district, in the order of `districts`. Nothing is filled in.
    """
    chosen = params or IndicatorParams()
    collector = Collector(pd.Index(districts.index.astype(object), name="district_id"), chosen)
    codes = collector.index.get_indexer(pd.Index(buildings["district_id"].astype(object)))
    inside = codes >= 0
    is_main = inside & (buildings["use"].astype(object) != "outbuilding").to_numpy(dtype=bool)
    main = buildings[is_main]
    groups = Groups(codes[is_main], len(collector.index))
    land_m2 = numbers(districts, "area_ha") * M2_PER_HA
    everything = Groups(codes[inside], len(collector.index))
    all_footprints_m2 = everything.sums(numbers(buildings, "footprint_area_m2")[inside])
    _add_form(collector, main, groups, land_m2, all_footprints_m2)
    _add_streets(collector, streets, land_m2)
    _add_stock(collector, main, groups)
    _add_energy(collector, main, groups, land_m2)
    _add_context(collector, context)
    if context.by_district is not None:
        collector.override(context.by_district)
    return collector.tables()


def _floor_m2(main: pd.DataFrame) -> FloatArray:
    return numbers(main, "footprint_area_m2") * numbers(main, "storey_count")


def _add_form(
    collector: Collector,
    main: pd.DataFrame,
    groups: Groups,
    land_m2: FloatArray,
    all_footprints_m2: FloatArray,
) -> None:
    footprint_m2, storeys = numbers(main, "footprint_area_m2"), numbers(main, "storey_count")
    floor_m2, ones = _floor_m2(main), np.ones(len(main))
    count = groups.sums(ones)
    storeys_known = groups.means(known_by_origin(main, "storey_count_origin"), footprint_m2)
    has_buildings = np.where(count > 0, 1.0, 0.0)
    collector.add("area_ha", land_m2 / M2_PER_HA)
    collector.add("building_count", count)
    collector.add("gross_floor_area_m2", groups.sums(floor_m2), storeys_known)
    collector.add("plot_ratio", ratio(groups.sums(floor_m2), land_m2), storeys_known)
    collector.add("built_land_share", ratio(all_footprints_m2, land_m2), has_buildings)
    collector.add("median_storey_count", groups.quantiles(storeys, 0.5), storeys_known)
    spread = groups.quantiles(storeys, 0.75) - groups.quantiles(storeys, 0.25)
    collector.add("spread_storey_count", spread, storeys_known)
    heights_known = groups.means(known_by_origin(main, "height_origin"), footprint_m2)
    collector.add("median_height_m", groups.quantiles(numbers(main, "height_m"), 0.5), heights_known)
    collector.add("median_footprint_m2", groups.quantiles(footprint_m2, 0.5))
    spread = groups.quantiles(footprint_m2, 0.75) - groups.quantiles(footprint_m2, 0.25)
    collector.add("spread_footprint_m2", spread)
    collector.add("median_compactness_ratio", groups.quantiles(numbers(main, "compactness_ratio"), 0.5))
    shared = groups.sums(numbers(main, "shared_wall_length_m"))
    collector.add("shared_wall_share", ratio(shared, groups.sums(numbers(main, "perimeter_m"))))
    collector.add("buildings_per_ha", ratio(count * M2_PER_HA, land_m2), has_buildings)
    collector.add("open_land_share", 1 - ratio(all_footprints_m2, land_m2), has_buildings)
    collector.add("floor_area_per_building_m2", ratio(groups.sums(floor_m2), count), storeys_known)


def _add_streets(collector: Collector, streets: gpd.GeoDataFrame, land_m2: FloatArray) -> None:
    if "district_id" not in streets or not len(streets):
        return
    if "kind" in streets:
        has_fronts = ~streets["kind"].astype(object).isin(NO_STREETS).to_numpy(dtype=bool)
        streets = streets[has_fronts | (numbers(streets, "connected_heat_mwh") > 0)]
    codes = collector.index.get_indexer(pd.Index(streets["district_id"].astype(object)))
    inside = codes >= 0
    groups = Groups(codes[inside], len(collector.index))
    length_m, heat_mwh = (
        numbers(streets, "length_m")[inside],
        numbers(streets, "connected_heat_mwh")[inside],
    )
    served_m = groups.sums(np.where(heat_mwh > 0, length_m, 0.0))
    served = groups.sums(np.where(heat_mwh > 0, numbers(streets, "building_count")[inside], 0.0))
    collector.add("street_length_m_per_ha", ratio(groups.sums(length_m) * M2_PER_HA, land_m2))
    crossings = count_crossings(streets, collector.index)
    collector.add("intersections_per_ha", ratio(crossings * M2_PER_HA, land_m2))
    collector.add("trench_per_building_m", ratio(served_m, served))
    collector.add("linear_heat_density_mwh_per_m", ratio(groups.sums(heat_mwh), served_m))


def _add_stock(collector: Collector, main: pd.DataFrame, groups: Groups) -> None:
    floor_m2 = np.nan_to_num(_floor_m2(main))
    use = main["use"].astype(object).to_numpy()
    groups_of_use = {name: group for group, names in USE_GROUPS.items() for name in names}
    is_told = (use != "unknown") & (use != "other")
    use_known = groups.means(known_by_origin(main, "use_origin") * is_told, floor_m2)
    housing = np.where(is_told, np.nan_to_num(numbers(main, "residential_share")) * floor_m2, 0.0)
    # what is not housing in an apartment building is trade on its ground floor
    others = np.array(
        [groups_of_use.get(name, "shops and leisure" if name in RESIDENTIAL_USES else "") for name in use]
    )
    mixed = [groups.sums(housing)]
    mixed += [
        groups.sums(np.where((others == group) & is_told, floor_m2 - housing, 0.0)) for group in USE_GROUPS
    ]
    amounts = np.column_stack(mixed)
    whole = amounts.sum(axis=1)
    shares = np.divide(amounts, whole[:, None], out=np.full(amounts.shape, np.nan), where=whole[:, None] > 0)
    collector.add("residential_share", shares[:, 0], use_known)
    collector.add("use_mix_ratio", use_mix_ratio(shares), use_known)
    is_large = numbers(main, "footprint_area_m2") > LARGE_FOOTPRINT_M2
    large = groups.sums(np.where(is_large, floor_m2, 0.0))
    collector.add("large_unit_share", ratio(large, groups.sums(floor_m2)))
    _add_ages(collector, main, groups, floor_m2)
    is_listed = (main["protection"].astype(object) == "listed").to_numpy(dtype=bool)
    listed = ratio(groups.sums(np.where(is_listed, floor_m2, 0.0)), groups.sums(floor_m2))
    # silence in the data is no proof that nothing is protected
    told = np.where(listed >= LEAST_LISTED_SHARE, listed, np.nan)
    collector.add("listed_share", told, ESTIMATE_KNOWN_SHARE)


def _add_ages(collector: Collector, main: pd.DataFrame, groups: Groups, floor_m2: FloatArray) -> None:
    years = numbers(main, "construction_year")
    known = groups.means(known_by_origin(main, "construction_year_origin"), floor_m2)
    dated = groups.sums(np.where(np.isnan(years), 0.0, floor_m2))
    shares = []
    for name, (first, last) in PERIODS.items():
        within: BoolArray = (years >= first) & (years <= last)
        shares.append(ratio(groups.sums(np.where(within, floor_m2, 0.0)), dated))
        collector.add(name, shares[-1], known)
    collector.add("largest_period_share", np.max(np.column_stack(shares), axis=1), known)


def _add_energy(collector: Collector, main: pd.DataFrame, groups: Groups, land_m2: FloatArray) -> None:
    heated_m2 = groups.sums(numbers(main, "heated_floor_area_m2"))
    heat_kwh = groups.sums(numbers(main, "heat_demand_kwh"))
    peak_w = groups.sums(numbers(main, "peak_heat_kw")) * W_PER_KW
    solar_kwh = groups.sums(numbers(main, "pv_calibrated_kwh"))
    floor_m2 = groups.sums(_floor_m2(main))
    # a calculated need is never less than an estimate, and never surer than the years behind it
    years_known = groups.means(
        known_by_origin(main, "construction_year_origin"), np.nan_to_num(_floor_m2(main))
    )
    known = np.maximum(np.nan_to_num(years_known), ESTIMATE_KNOWN_SHARE)
    land_ha = land_m2 / M2_PER_HA
    has_heat = np.where(heated_m2 > 0, known, 0.0)
    collector.add("heated_floor_area_m2", heated_m2)
    collector.add("heat_demand_kwh_per_m2", ratio(heat_kwh, heated_m2), has_heat)
    collector.add("heat_density_mwh_per_ha", ratio(heat_kwh / KWH_PER_MWH, land_ha), has_heat)
    collector.add("peak_heat_w_per_m2", ratio(peak_w, heated_m2), has_heat)
    collector.add("roof_solar_kwh_per_m2", ratio(solar_kwh, floor_m2))
    has_roofs = np.where(floor_m2 > 0, 1.0, 0.0)
    collector.add("roof_solar_mwh_per_ha", ratio(solar_kwh / KWH_PER_MWH, land_ha), has_roofs)


def _add_context(collector: Collector, context: CityContext) -> None:
    params = collector.params
    names = {"hdd_18_15_kd": "heating_degree_days_kd", "cdd_21_24_kd": "cooling_degree_days_kd"}
    names |= {
        name: name
        for name in (
            "irradiation_kwh_per_m2_land", "network_renewable_share", "waste_heat_distance_km", "ownership",
            "action_plan", "utility_ownership", "refurbished_share", "electricity_kwh_per_m2",
            "cooling_kwh_per_m2",
        )
    }  # fmt: skip
    for told, name in names.items():
        known = ESTIMATE_KNOWN_SHARE if told in context.estimates else 1.0
        collector.add_same(name, getattr(context, told), known)
    share = context.district_heating_share
    if share is not None and not params.served_nowhere_share < share < params.served_everywhere_share:
        known = ESTIMATE_KNOWN_SHARE if "district_heating_share" in context.estimates else 1.0
        served = "yes" if share >= params.served_everywhere_share else "no"
        collector.add_same("district_heating_present", served, known)
