"""The cities of the network: who they are and what is known of them before anybody counts a building.

`data/cities.csv` holds one row a city. Each figure that somebody could doubt stands beside its source
and its confidence, and ``…_is_estimate`` says where nobody but us stands behind it. Climate is not
here: it comes from the carried grids and stations, by coordinates.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from layers.core.errors import InputProblem

CITIES_PATH = Path(__file__).resolve().parent / "data" / "cities.csv"

ROLES = ("lighthouse", "fellow", "follower", "network", "guest", "extra")
SUBREGIONS = ("nordic_baltic", "central", "mediterranean", "eastern")
CONFIDENCES = ("high", "medium", "low")
ACTION_PLANS = ("yes", "other_plan", "unknown")


@dataclass(frozen=True)
class City:
    """One city of the network.

    Attributes
    ----------
    name, slug : str
        Display name ("Sønderborg") and the name that commands and folders use ("sonderborg").
    country : str
        ISO 3166 code of two letters; ``XK`` is Kosovo.
    role : str
        One of `ROLES`: lighthouse and fellow or follower of a project, member of the network, guest
        at its launch, or an extra city.
    subregion : str
        One of `SUBREGIONS`, by which peers are found.
    population_count, town_population_count : int or None
        Inhabitants by the named source, and of the town itself by GeoNames.
    district_heating_share : float or None
        Share of the heat demand that district heating serves.
    action_plan : str
        ``yes`` for a sustainable energy (and climate) action plan, ``other_plan`` or ``unknown``.
    is_mission_city : bool or None
        One of the hundred climate-neutral and smart cities; None where unknown.
    """

    name: str
    slug: str
    country: str
    role: str
    project: str
    subregion: str
    latitude_deg: float
    longitude_deg: float
    position_source: str
    population_count: int | None
    population_source: str
    population_confidence: str
    population_is_estimate: bool
    town_population_count: int | None
    town_population_source: str
    land_area_km2: float | None
    land_area_source: str
    land_area_is_estimate: bool
    district_heating_share: float | None
    district_heating_source: str
    district_heating_confidence: str
    district_heating_is_estimate: bool
    main_heating: str
    climate_target: str
    climate_target_source: str
    climate_target_is_estimate: bool
    action_plan: str
    action_plan_note: str
    action_plan_is_estimate: bool
    is_mission_city: bool | None

    @property
    def estimate_count(self) -> int:
        """Count the figures of this city that are estimates."""
        return sum(
            (
                self.population_is_estimate,
                self.land_area_is_estimate,
                self.district_heating_is_estimate,
                self.climate_target_is_estimate,
                self.action_plan_is_estimate,
            )
        )


def _number(row: dict[str, str], column: str) -> float | None:
    return float(row[column]) if row[column] else None


def _count(row: dict[str, str], column: str) -> int | None:
    return int(row[column]) if row[column] else None


def _one_of(row: dict[str, str], column: str, allowed: tuple[str, ...]) -> str:
    found = row[column]
    if found not in allowed:
        raise InputProblem(
            f"cities.csv, {row['slug']}: {column} is {found!r}; use one of {', '.join(allowed)}."
        )
    return found


def _flag(row: dict[str, str], column: str) -> bool:
    return _one_of(row, column, ("yes", "no")) == "yes"


def _city(row: dict[str, str]) -> City:
    mission = _one_of(row, "eu_mission_city", ("yes", "no", "unknown"))
    known_share = bool(row["district_heating_share"])
    return City(
        name=row["name"],
        slug=row["slug"],
        country=row["country"],
        role=_one_of(row, "role", ROLES),
        project=row["project"],
        subregion=_one_of(row, "subregion", SUBREGIONS),
        latitude_deg=float(row["latitude_deg"]),
        longitude_deg=float(row["longitude_deg"]),
        position_source=row["position_source"],
        population_count=_count(row, "population_count"),
        population_source=row["population_source"],
        population_confidence=_one_of(row, "population_confidence", CONFIDENCES),
        population_is_estimate=_flag(row, "population_is_estimate"),
        town_population_count=_count(row, "town_population_count"),
        town_population_source=row["town_population_source"],
        land_area_km2=_number(row, "land_area_km2"),
        land_area_source=row["land_area_source"],
        land_area_is_estimate=_flag(row, "land_area_is_estimate"),
        district_heating_share=_number(row, "district_heating_share"),
        district_heating_source=row["district_heating_source"],
        district_heating_confidence=_one_of(
            row, "district_heating_confidence", CONFIDENCES if known_share else ("",)
        ),
        district_heating_is_estimate=_flag(row, "district_heating_is_estimate"),
        main_heating=row["main_heating"],
        climate_target=row["climate_target"],
        climate_target_source=row["climate_target_source"],
        climate_target_is_estimate=_flag(row, "climate_target_is_estimate"),
        action_plan=_one_of(row, "action_plan", ACTION_PLANS),
        action_plan_note=row["action_plan_note"],
        action_plan_is_estimate=_flag(row, "action_plan_is_estimate"),
        is_mission_city={"yes": True, "no": False, "unknown": None}[mission],
    )


@cache
def read_cities() -> tuple[City, ...]:
    """Read the cities of the network, lighthouses first.

    Returns
    -------
    tuple of City
        In the order of the table.

    Raises
    ------
    InputProblem
        When a row uses a word that the table does not know, or two cities share a slug.

    Examples
    --------
    >>> cities = {city.slug: city for city in read_cities()}
    >>> cities["sonderborg"].name, cities["sonderborg"].role, cities["leipzig"].district_heating_share
    ('Sønderborg', 'lighthouse', 0.28)
    """
    with CITIES_PATH.open(encoding="utf-8", newline="") as lines:
        cities = tuple(_city(row) for row in csv.DictReader(lines))
    slugs = [city.slug for city in cities]
    repeated = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if repeated:
        raise InputProblem(f"cities.csv has more than one row for {', '.join(repeated)}.")
    return cities
