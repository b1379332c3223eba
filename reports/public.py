"""The public map: nobody's neighbour reads their heat demand.

Homes (dwellings, and buildings whose use nobody described) are shown as groups of at least
`least_count` buildings: those of a street section, small sections together with their neighbours,
never across a district's border. Names, addresses and ids of homes stay behind. A street or a
raster cell is shown when nothing about fewer homes than a group follows from it: a cell must hold
no home or at least `least_count`, a street no home or whole groups only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.crs import to_crs
from layers.core.types import BoolArray, IntArray
from layers.core.uses import RESIDENTIAL_USES
from reports.inputs import Assessment

LEAST_COUNT: Final = 5
GROUP_USE: Final = "group_of_homes"
_SUMS: Final = (
    "heat_demand_kwh", "space_heat_kwh", "hot_water_kwh", "heated_floor_area_m2", "pv_calibrated_kwh",
    "pv_calibrated_kwp", "footprint_area_m2",
)  # fmt: skip
# means of a group, and what they are weighted with
_MEANS: Final = {
    "cooling_kwh_per_m2": "heated_floor_area_m2", "electricity_kwh_per_m2": "heated_floor_area_m2",
    "retrofit_ct_per_kwh": "retrofit_saving_kwh", "pv_ct_per_kwh": "pv_calibrated_kwh",
}  # fmt: skip
_CELL_VALUES: Final = (
    "heat_demand_mwh", "heat_density_mwh_per_ha", "pv_calibrated_mwh", "plot_ratio", "floor_area_m2",
)  # fmt: skip
_STREET_VALUES: Final = (
    "connected_heat_mwh", "linear_heat_density_mwh_per_m", "building_count", "pipe_diameter_mm",
)  # fmt: skip


def find_homes(buildings: gpd.GeoDataFrame) -> BoolArray:
    """Say which buildings are homes, or may be: residential, or of a use that nobody knows."""
    use = buildings["use"].astype("string").fillna("unknown")
    homes = use.isin([*RESIDENTIAL_USES, "unknown"])
    if "residential_share" in buildings.columns:
        share = buildings["residential_share"].to_numpy(dtype=float, na_value=0.0)
        homes |= (share > 0) & (use != "outbuilding")
    return np.asarray(homes.to_numpy(dtype=bool))


def cut_into_groups(sizes: Sequence[int], least_count: int) -> list[int]:
    """Return the group of each street section, so that every group has enough homes.

    Sections follow each other along their way; the last group takes what remains. Groups of fewer
    homes come out only when all sections together hold fewer.

    Examples
    --------
    >>> cut_into_groups([7, 2, 3, 1, 6, 2], 5)
    [0, 1, 1, 2, 2, 2]
    """
    groups: list[int] = []
    group, filled = 0, 0
    for size in sizes:
        if filled >= least_count:
            group, filled = group + 1, 0
        groups.append(group)
        filled += size
    if filled < least_count and group > 0:
        groups = [min(number, group - 1) for number in groups]
    return groups


def group_sections(sizes: Sequence[int], least_count: int) -> list[int]:
    """Return the group of each street section of a district, sections along their way.

    A section with enough homes is a group of its own; the small ones join each other, and where all
    of them together are too few, the large section that comes next.

    Examples
    --------
    >>> group_sections([7, 2, 3, 6], 5), group_sections([1, 8, 2], 5)
    ([1, 0, 0, 2], [1, 1, 1])
    """
    small = [place for place, size in enumerate(sizes) if size < least_count]
    large = [place for place, size in enumerate(sizes) if size >= least_count]
    groups = dict(zip(small, cut_into_groups([sizes[place] for place in small], least_count), strict=True))
    start = max(groups.values(), default=-1) + 1
    groups |= {place: start + number for number, place in enumerate(large)}
    if large and small and sum(sizes[place] for place in small) < least_count:
        host = next((place for place in large if place > small[0]), large[-1])
        groups |= dict.fromkeys(small, groups[host])
    return [groups[place] for place in range(len(sizes))]


def _group_numbers(homes: gpd.GeoDataFrame, least_count: int) -> IntArray:
    """Return a number of the group for each home, rows in their order."""
    curve = homes.hilbert_distance().to_numpy().astype(np.int64)
    section = homes["street_id"].astype("string").fillna("") if "street_id" in homes.columns else ""
    rows = pd.DataFrame(
        {"district": homes["district_id"].astype("string").to_numpy(), "section": section, "curve": curve},
        index=np.arange(len(homes)),
    )
    rows["section"] = np.asarray(section, dtype=object) if isinstance(section, pd.Series) else ""
    sections = (
        rows.groupby(["district", "section"])["curve"].agg(["size", "median"]).reset_index()
        .sort_values(["district", "median", "section"], kind="stable")
    )  # fmt: skip
    numbered = []
    start = 0
    for _, part in sections.groupby("district", sort=True):
        groups = np.array(group_sections(part["size"].tolist(), least_count)) + start
        numbered.append(part.assign(group=groups))
        start = int(groups.max()) + 1
    lookup = pd.concat(numbered).set_index(["district", "section"])["group"]
    numbers = lookup.loc[pd.MultiIndex.from_frame(rows[["district", "section"]])].to_numpy(dtype=np.int64)
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _group_means(homes: pd.DataFrame, numbers: IntArray, least_count: int) -> dict[str, pd.Series]:
    """Return the weighted means of each group; nothing where fewer homes than a group stand behind one."""
    means = {}
    for name, weight in _MEANS.items():
        if not {name, weight} <= set(homes.columns):
            continue
        values, weights = (
            pd.Series(homes[column].to_numpy(dtype=float, na_value=np.nan)) for column in (name, weight)
        )
        is_told = values.notna() & (weights > 0)
        told = pd.DataFrame({"sum": (values * weights).where(is_told), "weight": weights.where(is_told)})
        sums = told.groupby(numbers).sum(min_count=1)
        enough = is_told.groupby(numbers).sum() >= least_count
        means[name] = (sums["sum"] / sums["weight"]).where(enough).round(1)
    return means


def _merge(homes: gpd.GeoDataFrame, numbers: IntArray, least_count: int) -> gpd.GeoDataFrame:
    """Return one row a group: footprints together, sums, no range, no name."""
    parts, owner = shapely.get_parts(homes.geometry.to_numpy(), return_index=True)
    order = np.argsort(numbers[owner], kind="stable")
    shapes = shapely.multipolygons(parts[order], indices=numbers[owner][order])
    grouped = homes.groupby(numbers)
    sizes = grouped.size()
    columns = {name: grouped[name].sum(min_count=1) for name in _SUMS if name in homes.columns}
    merged = gpd.GeoDataFrame(columns, geometry=shapes, crs=homes.crs).assign(
        district_id=grouped["district_id"].first(), use=GROUP_USE, group_count=sizes.astype(float)
    )
    # fewer homes than a group anywhere in their district: drawn, but without any value
    merged.loc[sizes < least_count, [*columns, "group_count"]] = np.nan
    heat, area = merged["heat_demand_kwh"], merged["heated_floor_area_m2"]
    merged = merged.assign(
        heat_demand_kwh_per_m2=(heat / area.where(area > 0)).where(heat > 0).round(1),
        known_count=grouped["known_count"].mean().round() if "known_count" in homes.columns else np.nan,
        **_group_means(homes, numbers, least_count),
    )
    if "pv_calibrated_kwh" in merged.columns:
        merged = merged.assign(
            pv_calibrated_mwh=(merged["pv_calibrated_kwh"] / merged["group_count"] / 1e3).round(2)
        )
    return merged.set_index(pd.Index([f"group/{number + 1}" for number in merged.index], name="building_id"))


def _grouped_rows(buildings: gpd.GeoDataFrame, least_count: int) -> BoolArray:
    """Say which buildings go into groups: the homes; all heated ones where a district has few homes.

    Otherwise the district's total less the buildings shown would be the few homes.
    """
    homes = find_homes(buildings)
    counts = (
        pd.Series(homes)
        .groupby(buildings["district_id"].astype("string").to_numpy())
        .transform("sum")
        .to_numpy()
    )
    few = (counts > 0) & (counts < least_count)
    heated = buildings["heat_demand_kwh"].to_numpy(dtype=float, na_value=0.0) > 0
    return np.asarray(homes | (few & heated))


def group_homes(
    buildings: gpd.GeoDataFrame, *, least_count: int = LEAST_COUNT
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Return the buildings with homes as groups, and the group of each grouped building.

    Parameters
    ----------
    buildings : GeoDataFrame
        With the columns of the themes.
    least_count : int
        Homes in the smallest group.

    Returns
    -------
    buildings : GeoDataFrame
        Other buildings as they were, groups with `group_count`, outbuildings without any value.
    group : Series
        Group number by the id of each grouped building.
    """
    is_grouped = _grouped_rows(buildings, least_count)
    is_outbuilding = buildings["use"].astype("string").eq("outbuilding").fillna(False).to_numpy(dtype=bool)
    others = buildings[~is_grouped & ~is_outbuilding]
    sheds = buildings.loc[is_outbuilding & ~is_grouped, ["use", "district_id", "geometry"]]
    sheds = sheds.set_index(pd.Index([f"shed/{number}" for number in range(1, len(sheds) + 1)]))
    tables = [others, sheds]
    group = pd.Series(dtype=np.int64)
    if is_grouped.any():
        homes = buildings[is_grouped]
        numbers = _group_numbers(homes, least_count)
        group = pd.Series(numbers, index=homes.index)
        tables.append(_merge(homes, numbers, least_count))
    columns = [*buildings.columns, "group_count"]
    # a table that says nothing in a column has no say in its kind either
    telling = [table.loc[:, table.notna().any()] for table in tables if len(table)]
    joined = pd.concat([pd.DataFrame(table) for table in telling]).reindex(columns=columns)
    joined = gpd.GeoDataFrame(joined, geometry="geometry", crs=buildings.crs)
    return joined.rename_axis("building_id"), group


def _hidden_streets(buildings: gpd.GeoDataFrame, group: pd.Series) -> set[str]:
    """Return the streets that hold a part of a group: their difference would show too few homes."""
    if "street_id" not in buildings.columns or group.empty:
        return set()
    grouped = buildings.loc[group.index, "street_id"].astype("string").fillna("")
    streets_of_group = grouped.groupby(group.to_numpy()).transform("nunique").to_numpy()
    return set(grouped[streets_of_group > 1]) - {""}


def _crowded(cells: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, least_count: int) -> BoolArray:
    """Say which cells may be shown: no home touches them, or enough do."""
    if homes.empty or cells.empty:
        return np.ones(len(cells), dtype=bool)
    shapes = to_crs(homes[["geometry"]], cells.crs).geometry.to_numpy()
    pairs = shapely.STRtree(shapes).query(cells.geometry.to_numpy(), predicate="intersects")
    counts = np.bincount(pairs[0], minlength=len(cells))
    return np.asarray((counts == 0) | (counts >= least_count))


def _without_values(
    table: gpd.GeoDataFrame, columns: Sequence[str], is_hidden: BoolArray
) -> gpd.GeoDataFrame:
    present = [name for name in columns if name in table.columns]
    return table.assign(**{name: table[name].mask(is_hidden) for name in present})


def make_public(assessment: Assessment, *, least_count: int = LEAST_COUNT) -> Assessment:
    """Return an assessment that may be published.

    The buildings need the columns of the themes (`reports.city_themes.add_building_columns`).
    """
    buildings = assessment.buildings
    public, group = group_homes(buildings, least_count=least_count)
    hidden = _hidden_streets(buildings, group)
    small = group.groupby(group).transform("size") < least_count
    hidden |= (
        set(buildings.loc[small.index[small], "street_id"].dropna().astype(str)) if small.any() else set()
    )
    streets = _without_values(
        assessment.streets, _STREET_VALUES, assessment.streets.index.astype(str).isin(sorted(hidden))
    )
    cells = _without_values(
        assessment.cells, _CELL_VALUES, ~_crowded(assessment.cells, buildings.loc[group.index], least_count)
    )
    return replace(assessment, buildings=public, streets=streets, cells=cells)
