"""What a reader hands over: tables in our names, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd

from layers.core.roof_survey import RoofSurvey


@dataclass(frozen=True)
class SourceRecord:
    """One data set that a run uses, as every page and the manifest show it."""

    title: str
    licence: str
    attribution: str
    date: str
    path: str = ""
    byte_count: int = 0
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True)
class Note:
    """Something that a reader or a step did to the data, with a count.

    Attributes
    ----------
    step, text : str
    count : int
    is_loss : bool
        Whether so many outlines of the data are not among the buildings.
    """

    step: str
    text: str
    count: int = 0
    is_loss: bool = False


@dataclass(frozen=True)
class Extract:
    """Everything read from one place's files, before any cleaning; EPSG:4326 unless the file says otherwise.

    Attributes
    ----------
    buildings : GeoDataFrame, index `building_id` (``way/123``, ``relation/9`` or the file's own id)
        See `layers.core.building_columns.BUILDING_COLUMNS`.
    streets : GeoDataFrame of lines, index `street_id`
        Columns `name`, `kind` (OSM highway class), `bridge`, `tunnel` (flags).
    barriers : GeoDataFrame of lines
        Column `kind` in rail, motorway, river.
    landuse : GeoDataFrame of polygons
        Column `kind` (OSM landuse or amenity class), `name`.
    background : GeoDataFrame
        Lines and polygons to draw: column `kind` in water, green, rail, square.
    places : GeoDataFrame of points or polygons
        Columns `name`, `kind` (suburb, quarter, neighbourhood, village, hamlet, admin_9 ...).
    points : GeoDataFrame of points
        Points of interest: `use` (our class of use), `kind`, `name`.
    roofs : RoofSurvey or None
        What a surface or a terrain model says of the roofs.
    heat_sources : GeoDataFrame or None
        What may give heat to a network: `kind` (heating_plant, industry, data_centre, wastewater, ice_rink,
        supermarket, river, lake, open_land), `name`, `tagged_heat_kw`.
    heat_pipes : GeoDataFrame of lines, or None
        Pipes of heat networks that are drawn.
    """

    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    landuse: gpd.GeoDataFrame
    background: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    sources: tuple[SourceRecord, ...]
    notes: tuple[Note, ...] = field(default_factory=tuple)
    roofs: RoofSurvey | None = None
    heat_sources: gpd.GeoDataFrame | None = None
    heat_pipes: gpd.GeoDataFrame | None = None
