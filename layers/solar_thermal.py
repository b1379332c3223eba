"""Solar heat: collectors on roofs, where modules could lie instead, and fields for heat networks.

*Roofs.* Collectors are laid out for a share of each building's hot water, on the area that carries modules
in the calibrated potential: a square metre carries one or the other, so the electricity that is given up is
said beside the heat. What all of that area would give as heat is said too; it cannot be used in summer.

*Fields.* Open land (meadows, farmland, brownfields) within reach of a district could carry rows of large
collectors that feed its network. Without a seasonal store they cover a small share of its heat.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import Column
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import FloatArray
from layers.core.weather import HourlyWeather
from layers.physics.collector import heat_table_kwh_per_m2, plane_heat_kwh_per_m2, read_collector
from layers.physics.irradiance import PlaneParams, look_up, sunny_hours
from layers.physics.panels import Panels

KWH_PER_MWH = 1000.0
M2_PER_HA = 10_000.0
SOUTH_DEG = 180.0
CITY = "city"
# classes of open land on which a field can stand
OPEN_LAND = ("brownfield", "farmland", "farmyard", "grass", "greenfield", "meadow")
# outlines are looked at to this distance; a field is hectares
SIMPLE_M = 1.0

NEEDS: tuple[Column, ...] = (
    Column("pv_calibrated_kwp", "modules that studies of real roofs let expect", lowest=0),
    Column("pv_calibrated_kwh", "first-year yield of these modules", lowest=0),
    Column("shade_loss_share", "yield of the whole roof lost to shade", lowest=0, highest=1),
    Column("hot_water_kwh", "heat for hot water", lowest=0),
    Column("heat_demand_kwh", "heat demand for rooms and hot water", lowest=0),
)
TABLE_COLUMNS: tuple[Column, ...] = (
    Column("district_id", "district, or the whole city", "text"),
    Column("roof_module_m2", "roof area that carries modules in the calibrated potential", lowest=0),
    Column("roof_collector_m2", "collectors laid out for hot water, on that area", lowest=0),
    Column("roof_heat_mwh", "heat of these collectors", lowest=0),
    Column("hot_water_share", "share of all hot water", lowest=0, highest=1),
    Column("roof_electricity_lost_mwh", "electricity of the modules in whose place they stand", lowest=0),
    Column("all_roofs_heat_mwh", "heat if all that area carried collectors", lowest=0),
    Column("field_land_ha", "open land within reach", lowest=0),
    Column("field_collector_m2", "collectors on the usable share of it", lowest=0),
    Column("field_heat_mwh", "heat of these collectors", lowest=0),
    Column("field_used_mwh", "part that a network can take without seasonal store", lowest=0),
    Column("field_heat_share", "that part of the heat demand", lowest=0),
)


def _fact(name: str) -> float:
    return value("solar_thermal", name)


@dataclass(frozen=True)
class SolarThermalParams:
    """Settings of solar heat.

    Attributes
    ----------
    roof_kind : str
        Collectors on roofs, flat or tube.
    roof_fluid_c, field_fluid_c : float
        Mean temperature of the fluid; 20 to 100.
    roof_loss_share, field_loss_share : float
        Heat lost between collectors and use; 0 to 0.6.
    hot_water_cover_share, network_cover_share : float
        What collectors are laid out for; 0 to 1.
    field_tilt_deg : float
        0 to 60.
    land_ratio : float
        Land per gross area of collectors; 1 to 10.
    usable_land_share : float
        0 to 1.
    land_reach_m : float
        0 to 20,000.
    smallest_field_m2 : float
        100 to 1,000,000.
    """

    roof_kind: str = "flat"
    roof_fluid_c: float = field(default_factory=lambda: _fact("hot_water_temperature"))
    field_fluid_c: float = field(default_factory=lambda: _fact("network_temperature"))
    roof_loss_share: float = field(default_factory=lambda: _fact("roof_system_loss"))
    field_loss_share: float = field(default_factory=lambda: _fact("field_system_loss"))
    hot_water_cover_share: float = field(default_factory=lambda: _fact("hot_water_cover"))
    network_cover_share: float = field(default_factory=lambda: _fact("network_cover"))
    field_tilt_deg: float = field(default_factory=lambda: _fact("field_tilt"))
    land_ratio: float = field(default_factory=lambda: _fact("land_per_collector"))
    usable_land_share: float = field(default_factory=lambda: _fact("usable_land"))
    land_reach_m: float = field(default_factory=lambda: _fact("land_reach"))
    smallest_field_m2: float = field(default_factory=lambda: _fact("smallest_field"))

    def __post_init__(self) -> None:
        if self.roof_kind not in ("flat", "tube"):
            raise ValueError(f"roof_kind must be flat or tube, found {self.roof_kind!r}")
        ranges = {
            "roof_fluid_c": (20.0, 100.0), "field_fluid_c": (20.0, 100.0), "roof_loss_share": (0.0, 0.6),
            "field_loss_share": (0.0, 0.6), "hot_water_cover_share": (0.0, 1.0),
            "network_cover_share": (0.0, 1.0), "field_tilt_deg": (0.0, 60.0), "land_ratio": (1.0, 10.0),
            "usable_land_share": (0.0, 1.0), "land_reach_m": (0.0, 20_000.0),
            "smallest_field_m2": (100.0, 1e6),
        }  # fmt: skip
        check_ranges(self, ranges)


def roof_heat_kwh_per_m2(
    panels: Panels, shade_loss_share: FloatArray, weather: HourlyWeather, params: SolarThermalParams
) -> FloatArray:
    """Return the yearly heat of a square metre of collector on each building's usable planes.

    Parameters
    ----------
    panels : Panels
    shade_loss_share : (buildings,) array
    weather : HourlyWeather
    params : SolarThermalParams

    Returns
    -------
    (buildings,) array
        0 where a building has no usable plane.
    """
    hours = sunny_hours(weather, weather.sun_offset_h)
    table = heat_table_kwh_per_m2(
        hours, params.roof_fluid_c, read_collector(params.roof_kind), PlaneParams().albedo_share
    )
    each = look_up(table, panels.tilt_deg, panels.azimuth_deg)
    count = len(shade_loss_share)
    power = np.bincount(panels.building, panels.power_kwp, count)
    heat = np.bincount(panels.building, panels.power_kwp * each, count)
    mean = np.divide(heat, power, out=np.zeros(count), where=power > 0.0)
    return np.asarray(mean * (1.0 - shade_loss_share) * (1.0 - params.roof_loss_share), dtype=np.float64)


def field_heat_kwh_per_m2(weather: HourlyWeather, params: SolarThermalParams) -> float:
    """Return the yearly heat of a square metre of collector in a field that faces south."""
    hours = sunny_hours(weather, weather.sun_offset_h)
    heat = plane_heat_kwh_per_m2(
        hours, params.field_tilt_deg, np.array([SOUTH_DEG]), params.field_fluid_c, read_collector("field"),
        PlaneParams().albedo_share,
    )  # fmt: skip
    return float(heat[0]) * (1.0 - params.field_loss_share)


def land_in_reach_ha(
    districts: gpd.GeoDataFrame, landuse: gpd.GeoDataFrame, params: SolarThermalParams
) -> FloatArray:
    """Return the open land near each district; a piece belongs to the district nearest to it.

    Land under a district's own outline counts as well; land that lies in two pieces of the map at once is
    counted once.

    Parameters
    ----------
    districts : GeoDataFrame
    landuse : GeoDataFrame
        Polygons with `kind`, in the same metric system.
    params : SolarThermalParams

    Returns
    -------
    (districts,) array
    """
    open_land = landuse[landuse["kind"].isin(OPEN_LAND)]
    outlines = np.asarray(districts.geometry.array, dtype=object)
    if open_land.empty or not len(outlines):
        return np.zeros(len(outlines))
    shapes = shapely.make_valid(np.asarray(open_land.geometry.array, dtype=object))
    whole = shapely.union_all(shapely.simplify(shapes, SIMPLE_M))
    near = shapely.buffer(shapely.union_all(shapely.simplify(outlines, SIMPLE_M)), params.land_reach_m)
    pieces = shapely.get_parts(shapely.intersection(whole, near))
    pieces = pieces[shapely.area(pieces) >= params.smallest_field_m2]
    if not len(pieces):
        return np.zeros(len(outlines))
    tree = shapely.STRtree(outlines)
    piece, nearest = tree.query_nearest(pieces, all_matches=False)
    area = np.bincount(nearest, shapely.area(pieces)[piece], len(outlines))
    return np.asarray(area / M2_PER_HA, dtype=np.float64)


def make_solar_thermal(
    buildings: pd.DataFrame,
    districts: gpd.GeoDataFrame,
    landuse: gpd.GeoDataFrame | None,
    panels: Panels,
    weather: HourlyWeather,
    density_kwp_per_m2: float,
    params: SolarThermalParams | None = None,
) -> pd.DataFrame:
    """Return the potential of solar heat by district, and of the city.

    Parameters
    ----------
    buildings : DataFrame
        Columns of `NEEDS`, and `district_id`.
    districts : GeoDataFrame, index `district_id`
    landuse : GeoDataFrame or None
        Polygons with `kind`, in the same metric system.
    panels : Panels
        From the roof layer, for the same buildings in the same order.
    weather : HourlyWeather
    density_kwp_per_m2 : float
        Power of modules by area.
    params : SolarThermalParams, optional

    Returns
    -------
    DataFrame
        `TABLE_COLUMNS`; the city includes buildings outside every district.
    """
    params = params or SolarThermalParams()
    shade = buildings["shade_loss_share"].to_numpy(dtype=np.float64)
    per_m2 = roof_heat_kwh_per_m2(panels, shade, weather, params)
    area = buildings["pv_calibrated_kwp"].to_numpy(dtype=np.float64) / density_kwp_per_m2
    water = buildings["hot_water_kwh"].to_numpy(dtype=np.float64, na_value=0.0)
    wanted = params.hot_water_cover_share * water
    collector = np.minimum(np.divide(wanted, per_m2, out=np.zeros_like(wanted), where=per_m2 > 0.0), area)
    share = np.divide(collector, area, out=np.zeros_like(area), where=area > 0.0)
    roofs = pd.DataFrame(
        {
            "roof_module_m2": area,
            "roof_collector_m2": collector,
            "roof_heat_mwh": collector * per_m2 / KWH_PER_MWH,
            "roof_electricity_lost_mwh": share * buildings["pv_calibrated_kwh"].to_numpy() / KWH_PER_MWH,
            "all_roofs_heat_mwh": area * per_m2 / KWH_PER_MWH,
            "water_mwh": water / KWH_PER_MWH,
            "heat_mwh": buildings["heat_demand_kwh"].to_numpy(dtype=np.float64, na_value=0.0) / KWH_PER_MWH,
        }
    )
    by_district = roofs.groupby(buildings["district_id"].to_numpy(dtype=object)).sum()
    by_district = by_district.reindex(districts.index, fill_value=0.0)
    nowhere = np.zeros(len(districts))
    land_ha = nowhere if landuse is None else land_in_reach_ha(districts, landuse, params)
    rows = pd.concat([by_district.assign(field_land_ha=land_ha), _city(roofs, float(land_ha.sum()))])
    return _with_fields(rows, field_heat_kwh_per_m2(weather, params), params)


def _city(roofs: pd.DataFrame, land_ha: float) -> pd.DataFrame:
    return pd.DataFrame([{**roofs.sum().to_dict(), "field_land_ha": land_ha}], index=[CITY])


def _with_fields(rows: pd.DataFrame, heat_kwh_per_m2: float, params: SolarThermalParams) -> pd.DataFrame:
    """Add what fields give, and put the columns in order."""
    collector = rows["field_land_ha"] * M2_PER_HA * params.usable_land_share / params.land_ratio
    heat = collector * heat_kwh_per_m2 / KWH_PER_MWH
    most = params.network_cover_share * rows["heat_mwh"]
    used = heat.where(heat < most, most)
    used.loc[CITY] = used.drop(index=CITY).sum()
    whole = rows["heat_mwh"].where(rows["heat_mwh"] > 0.0)
    water = rows["water_mwh"].where(rows["water_mwh"] > 0.0)
    made = rows.assign(
        hot_water_share=(rows["roof_heat_mwh"] / water).fillna(0.0),
        field_collector_m2=collector,
        field_heat_mwh=heat,
        field_used_mwh=used,
        field_heat_share=(used / whole).fillna(0.0),
    )
    made.insert(0, "district_id", made.index.astype(object))
    return made[[column.name for column in TABLE_COLUMNS]].reset_index(drop=True)
