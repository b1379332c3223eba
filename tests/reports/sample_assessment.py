"""A small made-up city with everything that a page has to survive: built by hand, no pipeline needed."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from layers.core.extract import Note, SourceRecord
from layers.core.facts import Fact
from layers.core.weather import MonthlyClimate
from reports.inputs import Assessment, HeatRaster

CRS = "EPSG:32635"
WEST, SOUTH = 385_000.0, 6_671_000.0
SPACING_M = 30.0
HOSTILE = {
    "image": "<img src=x onerror=\"window.attacked='image'\">",
    "script": "</script><script>window.attacked='script'</script>",
    "template": "${window.attacked='template'}{{ 7 * 7 }}{% raw %}",
    "direction": "Harbour\u202egnp.exe\u200f hall",
    "formula": '=HYPERLINK("http://example.org","pay")',
    "quote": "\"'><svg onload=window.attacked='svg'>",
    "long": "Longest " * 1_300,
    "comment": "<!-- <script> -->]]>",
}
OFFICE, SCHOOL, COURTYARD, SHED, BARE = (
    "way/1000001",
    "way/1000002",
    "relation/77",
    "way/1000004",
    "way/1000005",
)
OFFICE_HEAT_KWH = 412_340.0
OFFICE_AREA_M2 = 2_000.0


def _square(column: float, row: float, side_m: float = 14.0) -> Polygon:
    west, south = WEST + column * SPACING_M, SOUTH + row * SPACING_M
    return box(west, south, west + side_m, south + side_m)


def _courtyard() -> MultiPolygon:
    west, south = WEST + 400.0, SOUTH + 60.0
    block = box(west, south, west + 60.0, south + 50.0)
    yard = box(west + 15.0, south + 12.0, west + 45.0, south + 38.0)
    annex = box(west + 70.0, south, west + 85.0, south + 12.0)
    return MultiPolygon([block.difference(yard), annex])


def courtyard_middle() -> Point:
    """A place inside the courtyard, in the city's system."""
    return Point(WEST + 430.0, SOUTH + 85.0)


def _houses(columns: int, rows: int) -> pd.DataFrame:
    number = np.arange(columns * rows)
    column, row = number % columns, number // columns
    area = 110.0 + 7.0 * (number % 11)
    specific = 60.0 + 6.5 * (number % 37)
    return pd.DataFrame(
        {
            "geometry": [_square(float(c), float(r)) for c, r in zip(column, row, strict=True)],
            "name": pd.NA,
            "street_name": [f"Garden street {r}" for r in row],
            "house_number": [f"{2 * c + 1}" if c % 4 else f"{2 * c + 1} A" for c in column],
            "use": "residential_single",
            "use_origin": "imputed",
            "storey_count": 1.0 + number % 2,
            "storey_count_origin": np.where(number % 3 == 0, "tagged", "imputed"),
            "height_m": 4.5 + 3.0 * (number % 2),
            "height_origin": "default",
            "construction_year": 1925.0 + 2.0 * (number % 45),
            "construction_year_origin": np.where(number % 5 == 0, "tagged", "imputed"),
            "construction_p10_year": 1915.0 + 2.0 * (number % 45),
            "construction_p90_year": 1938.0 + 2.0 * (number % 45),
            "heated_floor_area_m2": area,
            "heat_demand_kwh": area * specific,
            "heat_demand_p10_kwh": area * specific * 0.7,
            "heat_demand_p90_kwh": area * specific * 1.4,
            "space_heat_kwh": area * (specific - 15.0),
            "hot_water_kwh": area * 15.0,
            "peak_heat_kw": area * 0.05,
            "pv_calibrated_kwp": 6.0,
            "pv_calibrated_kwh": 4_000.0 + 100.0 * (number % 29),
            "pv_calibrated_p10_kwh": 3_000.0,
            "pv_calibrated_p90_kwh": 7_000.0,
            "protection": "none",
            "residential_share": 1.0,
            "district_id": np.where(column < columns // 2, "d01", "d02"),
            "street_id": [f"s{r:02d}" for r in row],
        },
        index=[f"way/{2_000_000 + each}" for each in number],
    )


def _special(houses: pd.DataFrame) -> pd.DataFrame:
    """Buildings with a story: an office, a hostile school, a courtyard, a shed, one without values."""
    base = houses.iloc[:1]
    names = list(HOSTILE.values())
    places = {
        OFFICE: (_square(14.0, 0.0, 25.0), "City hall", "office", OFFICE_AREA_M2, OFFICE_HEAT_KWH),
        SCHOOL: (_square(14.0, 4.0, 25.0), HOSTILE["image"], "education", 3_000.0, 350_000.0),
        COURTYARD: (_courtyard(), HOSTILE["direction"], "retail", 5_500.0, 70_000_000.0),
        SHED: (_square(12.0, 9.0, 5.0), pd.NA, "outbuilding", 0.0, 0.0),
        BARE: (_square(15.0, 9.0, 9.0), pd.NA, "storage", np.nan, np.nan),
    } | {
        f"way/{3_000_000 + place}": (
            _square(13.0 + place, 11.0, 20.0),
            name,
            "retail",
            900.0,
            90_000.0 + place,
        )
        for place, name in enumerate(names)
    }
    rows = []
    for building_id, (shape, name, use, area, heat) in places.items():
        row = base.assign(
            geometry=[shape],
            name=name,
            use=use,
            use_origin="tagged",
            heated_floor_area_m2=area,
            heat_demand_kwh=heat,
            heat_demand_p10_kwh=heat * 0.8,
            heat_demand_p90_kwh=heat * 1.25,
            space_heat_kwh=heat * 0.9,
            hot_water_kwh=heat * 0.1,
            residential_share=0.0,
            district_id="d03",
            street_name=HOSTILE["script"] if building_id == SCHOOL else "Market street",
            house_number="=1+1" if building_id == SCHOOL else "1",
            street_id="s00",
        )
        if building_id == BARE:
            blank = [
                column
                for column in base.columns
                if base[column].dtype.kind == "f" and column != "residential_share"
            ]
            row = row.assign(**dict.fromkeys(blank, np.nan), street_name=pd.NA, house_number=pd.NA)
        rows.append(row.set_index(pd.Index([building_id])))
    return pd.concat(rows)


def make_buildings(columns: int = 10, rows: int = 8) -> gpd.GeoDataFrame:
    """The buildings: a grid of houses, and the special ones in the east."""
    houses = _houses(columns, rows)
    table = pd.concat([houses, _special(houses)])
    texts = ["name", "street_name", "house_number"]
    table[texts] = table[texts].astype("string")
    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS).rename_axis("building_id")


def _streets(rows: int) -> gpd.GeoDataFrame:
    lines = [
        LineString([(WEST - 20.0, y), (WEST + 620.0, y)]) for y in SOUTH + SPACING_M * np.arange(rows) - 8.0
    ]
    density = np.linspace(0.0, 4.4, rows)
    names = pd.array([f"Garden street {row}" for row in range(rows)], dtype="string")
    names[1], names[2] = HOSTILE["quote"], pd.NA
    return gpd.GeoDataFrame(
        {
            "name": names,
            "kind": np.where(np.arange(rows) % 4 == 0, "primary", "residential"),
            "length_m": 640.0,
            "connected_heat_mwh": density * 640.0,
            "building_count": 10,
            "linear_heat_density_mwh_per_m": density,
            "district_id": "d01",
        },
        geometry=lines,
        crs=CRS,
        index=pd.Index([f"s{row:02d}" for row in range(rows)], name="street_id"),
    )


def _districts(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    edges = (WEST - 40.0, WEST + 145.0, WEST + 375.0, WEST + 720.0)
    shapes = [box(west, SOUTH - 40.0, east, SOUTH + 380.0) for west, east in pairwise(edges)]
    heat = buildings.groupby("district_id")["heat_demand_kwh"].sum() / 1e3
    index = pd.Index(["d01", "d02", "d03"], name="district_id")
    heat = heat.reindex(index).to_numpy()
    return gpd.GeoDataFrame(
        {
            "name": ["Gardens west", HOSTILE["template"], "Market quarter"],
            "name_origin": "tagged",
            "area_ha": [7.8, 9.7, 14.5],
            "building_count": buildings.groupby("district_id").size().reindex(index).to_numpy(),
            "heated_floor_area_m2": buildings.groupby("district_id")["heated_floor_area_m2"]
            .sum()
            .reindex(index)
            .to_numpy(),
            "heat_demand_mwh": heat,
            "heat_demand_p10_mwh": heat * 0.85,
            "heat_demand_p90_mwh": heat * 1.2,
            "heat_density_mwh_per_ha": heat / np.array([7.8, 9.7, 14.5]),
            "linear_heat_density_mwh_per_m": [0.6, 1.1, 2.4],
            "pv_calibrated_mwh": [190.0, 200.0, 90.0],
            "pv_calibrated_p10_mwh": [150.0, 160.0, 70.0],
            "pv_calibrated_p90_mwh": [240.0, 250.0, 120.0],
            "district_heating_class": ["not_suitable", "conditional", "suitable"],
            "district_heating_reason": [
                "Too little heat on its streets.",
                HOSTILE["image"],
                "Dense streets: 2.4 MWh per metre.",
            ],
            "lighthouse_id": pd.array(["tartu", "tartu", pd.NA], dtype="string"),
            "nearest_lighthouse_id": ["tartu", "tartu", "sello"],
            "similarity_share": [0.87, 0.83, 0.71],
            "coverage_share": [0.66, 0.66, 0.52],
            "similarity_class": ["close", "partial", "no close analogue"],
            "reasons_alike": ["same storeys (2 against 2); built in the same years", "same storeys", ""],
            "reasons_different": ["warmer by 300 degree days", HOSTILE["script"], "no housing; larger roofs"],
            "stability_share": [0.9, 0.8, 0.95],
        },
        geometry=shapes,
        crs=CRS,
        index=index,
    )


def _cells(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    projected = buildings.to_crs("EPSG:3035")
    west, south, east, north = projected.total_bounds
    xs = np.arange(np.floor(west / 100.0), np.ceil(east / 100.0)) * 100.0
    ys = np.arange(np.floor(south / 100.0), np.ceil(north / 100.0)) * 100.0
    shapes = [box(x, y, x + 100.0, y + 100.0) for y in ys for x in xs]
    number = np.arange(len(shapes))
    return gpd.GeoDataFrame(
        {
            "heat_demand_mwh": 37.0 * number,
            "heat_density_mwh_per_ha": 37.0 * number,
            "pv_calibrated_mwh": 5.0 * number,
            "plot_ratio": 0.02 * number,
            "floor_area_m2": 200.0 * number,
        },
        geometry=shapes,
        crs="EPSG:3035",
        index=pd.Index([f"c{each}" for each in number], name="cell_id"),
    )


def _ground() -> gpd.GeoDataFrame:
    water = box(WEST - 300.0, SOUTH - 260.0, WEST + 900.0, SOUTH - 90.0)
    green = Polygon([(WEST + 250, SOUTH + 180), (WEST + 360, SOUTH + 180), (WEST + 300, SOUTH + 340)])
    rail = LineString([(WEST - 300.0, SOUTH + 420.0), (WEST + 900.0, SOUTH + 400.0)])
    return gpd.GeoDataFrame({"kind": ["water", "green", "rail"]}, geometry=[water, green, rail], crs=CRS)


def make_climate() -> MonthlyClimate:
    """Twelve months of a cool place."""
    return MonthlyClimate(
        place="Testville",
        country="FI",
        latitude_deg=60.2,
        longitude_deg=24.9,
        temperature_c=np.array([-5, -5, -1, 4, 10, 15, 18, 16, 11, 6, 1, -3], dtype=float),
        irradiation_kwh_per_m2_land=np.array(
            [8, 25, 65, 110, 160, 170, 165, 125, 75, 35, 11, 5], dtype=float
        ),
        origin="monthly means of a made-up grid",
        source_ids=("estimate",),
    )


def make_assessment(columns: int = 10, rows: int = 8, **changes: object) -> Assessment:
    """The whole made-up city."""
    buildings = make_buildings(columns, rows)
    heat_mwh = float(buildings["heat_demand_kwh"].sum()) / 1e3
    content: dict[str, object] = {
        "slug": "testville",
        "title": "Testville <b>centre</b>",
        "subtitle": f"made-up city for tests ({len(buildings)} buildings)",
        "country": "FI",
        "buildings": buildings,
        "streets": _streets(max(rows, 8)),
        "districts": _districts(buildings),
        "cells": _cells(buildings),
        "background": _ground(),
        "places": gpd.GeoDataFrame(
            {"name": ["Old harbour", HOSTILE["quote"]], "kind": ["quarter", "neighbourhood"]},
            geometry=[Point(WEST + 100, SOUTH + 300), Point(WEST + 600, SOUTH + 300)],
            crs=CRS,
        ),
        "archetypes": pd.DataFrame({"country": ["FI"]}, index=pd.Index(["fi_sfh_1"], name="archetype_id")),
        "lighthouses": pd.DataFrame(
            {
                "name": ["Tartu centre", "Sello"],
                "city": ["Tartu", "Espoo"],
                "country": ["EE", "FI"],
                "class_name": "district",
                "summary": ["Panel flats refurbished.", HOSTILE["image"]],
                "coverage_share": [0.7, 0.6],
            },
            index=pd.Index(["tartu", "sello"], name="lighthouse_id"),
        ),
        "indicators": pd.DataFrame({"plot_ratio": [0.2, 0.2, 0.6]}, index=["d01", "d02", "d03"]),
        "similarities": pd.DataFrame(),
        "totals": {
            "building_count": float(len(buildings)),
            "heat_demand_mwh": heat_mwh,
            "heat_demand_p10_mwh": heat_mwh * 0.9,
            "heat_demand_p90_mwh": heat_mwh * 1.1,
            "pv_calibrated_mwh": 480.0,
            "pv_calibrated_p10_mwh": 400.0,
            "pv_calibrated_p90_mwh": 600.0,
            "heated_floor_area_m2": float(buildings["heated_floor_area_m2"].sum()),
        },
        "origins": pd.DataFrame(
            {
                "measured": 0.0,
                "user": 0.0,
                "tagged": [0.2, 0.4],
                "imputed": [0.8, 0.5],
                "default": [0.0, 0.1],
            },
            index=["use", "construction_year"],
        ),
        "climate": make_climate(),
        "rasters": (HeatRaster("heat_density", np.ones((3, 3), np.float32), 5_000_000.0, 4_000_000.0),),
        "sources": (
            SourceRecord("OpenStreetMap extract", "ODbL 1.0", "© OpenStreetMap contributors", "2019-04-12"),
            SourceRecord(HOSTILE["script"], "CC BY 4.0", HOSTILE["image"], "2020"),
        ),
        "notes": (Note("clean", "footprints repaired", 3), Note("read", HOSTILE["comment"], 1)),
        "facts_used": (
            Fact(
                "heat",
                "set_point_c",
                "indoor temperature",
                20.0,
                "°C",
                18.0,
                22.0,
                "iso_13790",
                "table 3",
                "",
            ),
            Fact(
                "solar",
                "module_share",
                "share of a roof for modules",
                0.6,
                "share",
                0.4,
                0.7,
                "estimate",
                "",
                "no source",
            ),
        ),
        "rules_name": "central Europe",
        "version": "0.1.0",
        "statements": {"lighthouses": "Two districts resemble a demonstration district."},
    }
    return Assessment(**(content | changes))  # type: ignore[arg-type]
