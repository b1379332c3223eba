"""What every report reads: one frozen record, filled by the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.extract import Note, SourceRecord
from layers.core.facts import Fact
from layers.core.weather import MonthlyClimate


@dataclass(frozen=True)
class HeatRaster:
    """A 100 m raster in EPSG:3035, snapped to full hundreds of metres.

    `values` is (rows, columns) float32, first row in the north; nodata is NaN.
    """

    name: str
    values: np.ndarray
    west_m: float
    north_m: float
    cell_m: float = 100.0


@dataclass(frozen=True)
class Assessment:
    """One city, assessed.

    Attributes
    ----------
    slug, title : str
        File name and display name, for example ``helsinki`` and ``Helsinki centre``.
    subtitle : str
        What the data are: "sample of April 2019 (446 buildings, 1.7 km²)".
    buildings, streets, districts, cells : GeoDataFrame
        The tables of the contracts, in the city's metric system (`cells` in EPSG:3035).
    archetypes : DataFrame, index `archetype_id`
    lighthouses : DataFrame, index `lighthouse_id`
        Columns `name`, `city`, `country`, `class_name`, `summary`, `coverage_share`.
    indicators : DataFrame, index `district_id`
        What the similarity compared.
    similarities : DataFrame
        One row per district and lighthouse: `district_id`, `lighthouse_id`, `similarity_share`,
        `coverage_share`, `first_probability_share`, `reasons_alike`, `reasons_different`,
        `similarity_class`.
    totals : mapping
        City totals by the names of the contracts, with p10 and p90.
    origins : DataFrame
        Share of buildings by origin (rows: attribute, columns: origin).
    quality : DataFrame
        How good filled-in values are: `attribute`, `method`, `label_count`, `unit`, `cv_error`,
        `rule_error`, `coverage_share` (`layers.attributes.AttributeModel`). Empty where nothing was measured.
    tables : mapping of DataFrame
        Further tables by name; each becomes `<name>.csv` in the run folder.
    hourly : mapping of DataFrame
        By quantity, for example `space_heat_kw`: (8760 hours × districts), columns are `district_id`.
    pipes : GeoDataFrame or None
        Pipes of candidate heat networks (`layers.heat_networks.PIPE_COLUMNS`).
    building_hours : callable or None
        Gives the hours of single buildings table by table, where they are wanted.
    """

    slug: str
    title: str
    subtitle: str
    country: str
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    background: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    archetypes: pd.DataFrame
    lighthouses: pd.DataFrame
    indicators: pd.DataFrame
    similarities: pd.DataFrame
    totals: Mapping[str, float]
    origins: pd.DataFrame
    climate: MonthlyClimate
    rasters: tuple[HeatRaster, ...]
    sources: tuple[SourceRecord, ...]
    notes: tuple[Note, ...]
    facts_used: tuple[Fact, ...]
    rules_name: str
    version: str
    statements: Mapping[str, str] = field(default_factory=dict)
    quality: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    hourly: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pipes: gpd.GeoDataFrame | None = None
    building_hours: Callable[[], Iterator[pd.DataFrame]] | None = None
