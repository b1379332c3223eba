"""What the three sentences hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.extract import Note, SourceRecord
from layers.core.roof_survey import RoofSurvey
from layers.core.street_rules import StreetRules
from layers.core.types import FloatArray
from layers.core.weather import HourlyWeather, MonthlyClimate
from layers.sources.known_totals import KnownTotals
from planner.catalogue import Place


@dataclass(frozen=True)
class City:
    """What stands there: read, cleaned, described; nothing simulated yet.

    Attributes
    ----------
    buildings, streets, districts : GeoDataFrame
        In the city's metric system.
    background, places : GeoDataFrame
        For drawing, in the same system.
    existing_network : GeoDataFrame or None
        Lines of the heat network that is there, where the user or the map shows it.
    archetypes : DataFrame, index `archetype_id`
    climate : MonthlyClimate
    weather : HourlyWeather
    quality : DataFrame
        What was learned about the errors of imputed attributes.
    roofs : RoofSurvey or None
        What a surface or a terrain model says of the roofs.
    heat_sources : GeoDataFrame or None
        What may give heat to a network, as `layers.core.extract.Extract`.
    network_streets : StreetRules or None
        Streets in which a pipe of a network must or must not lie.
    has_tagged_network : bool
        Whether `existing_network` is only what the map shows, which is seldom the whole of it.
    known_totals : KnownTotals or None
        What meters counted, where the user brought it.
    """

    place: Place
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    background: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    existing_network: gpd.GeoDataFrame | None
    archetypes: pd.DataFrame
    climate: MonthlyClimate
    weather: HourlyWeather
    quality: pd.DataFrame
    sources: tuple[SourceRecord, ...]
    notes: tuple[Note, ...]
    known_totals: KnownTotals | None = None
    roofs: RoofSurvey | None = None
    landuse: gpd.GeoDataFrame | None = None
    heat_sources: gpd.GeoDataFrame | None = None
    network_streets: StreetRules | None = None
    has_tagged_network: bool = False


@dataclass(frozen=True)
class Energy:
    """What a city needs and can give.

    Attributes
    ----------
    buildings : GeoDataFrame
        With the columns of every simulated layer.
    draws : mapping of DataFrame, index `district_id`, one column a draw
        Yearly sums of each district in every draw, by the name of the total without its unit,
        for example `heat_demand`. [kWh]
    city_draws : mapping of (draws,) arrays
        The same for the whole city, buildings outside every district included. [kWh]
    tables : mapping of DataFrame
        Further results by name, as `reports.inputs.Assessment.tables`.
    hourly : mapping of DataFrame
        By quantity, (8760 hours × districts). [kW]
    building_hours : callable or None
        Gives the hours of single buildings table by table, where they are wanted.
    notes : tuple of Note
        What a person must not miss.
    """

    buildings: gpd.GeoDataFrame
    draws: Mapping[str, pd.DataFrame]
    city_draws: Mapping[str, FloatArray]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    hourly: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    building_hours: Callable[[], Iterator[pd.DataFrame]] | None = None
    notes: tuple[Note, ...] = ()


def share_by_origin(buildings: pd.DataFrame) -> pd.DataFrame:
    """Return the share of buildings by origin, one row an attribute.

    Examples
    --------
    >>> table = pd.DataFrame({"use_origin": ["tagged", "default"], "use": ["office", "unknown"]})
    >>> share_by_origin(table).loc["use", "tagged"].item()
    0.5
    """
    from layers.core.contracts import ORIGINS

    names = [name for name in buildings.columns if name.endswith("_origin") and name != "archetype_origin"]
    shares = {name.removesuffix("_origin"): buildings[name].value_counts(normalize=True) for name in names}
    table = pd.DataFrame(shares).T.reindex(columns=list(ORIGINS))
    return table.astype(np.float64).fillna(0.0)
