"""The places that the program knows: the samples it carries and the cities of the network."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from layers.core.text import slug as slug_of

# role of a carried sample among a run's input files
SAMPLE_ROLE = "sample"
SAMPLES = Path(__file__).resolve().parent / "data" / "samples"


@dataclass(frozen=True)
class Place:
    """One place: how it is called, where it lies and which data are on this machine.

    Attributes
    ----------
    slug, title, subtitle : str
        Name of files and commands; display name; what the data are.
    country : str
        ISO 3166 code of two letters.
    role : str
        Why the program knows it.
    longitude_deg, latitude_deg : float or None
    extract : Path or None
        The footprints that the program carries.
    district_heating_share : float or None
        Share of the city's heat that a network serves, with `district_heating_source`.
    licence, attribution, date, url : str
        Of the carried extract.
    """

    slug: str
    title: str
    country: str
    role: str
    subtitle: str = ""
    longitude_deg: float | None = None
    latitude_deg: float | None = None
    extract: Path | None = None
    district_heating_share: float | None = None
    district_heating_source: str = ""
    subregion: str = ""
    licence: str = ""
    attribution: str = ""
    date: str = ""
    url: str = ""

    @property
    def data_text(self) -> str:
        """Say whether an assessment can start without any file."""
        return f"carried: {self.subtitle}" if self.extract else "no data on this machine"


def _samples() -> list[Place]:
    table = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))
    return [
        Place(
            slug=row["slug"],
            title=row["title"],
            subtitle=row["subtitle"],
            country=row["country"],
            role="sample",
            longitude_deg=row["longitude_deg"],
            latitude_deg=row["latitude_deg"],
            extract=SAMPLES / row["file"],
            district_heating_share=row.get("district_heating_share"),
            district_heating_source=row.get("district_heating_source", ""),
            subregion=row.get("subregion", ""),
            licence=row["licence"],
            attribution=row["attribution"],
            date=row["date"],
            url=row.get("url", ""),
        )
        for row in table["sample"]
    ]


@cache
def read_catalogue() -> tuple[Place, ...]:
    """Return samples first, then the cities by role and name."""
    from replication.network import ROLES, read_cities

    cities = [
        Place(
            slug=city.slug,
            title=city.name,
            country=city.country,
            role=f"{city.project} {city.role}".strip(),
            longitude_deg=city.longitude_deg,
            latitude_deg=city.latitude_deg,
            district_heating_share=city.district_heating_share,
            district_heating_source=city.district_heating_source,
            subregion=city.subregion,
        )
        for city in sorted(read_cities(), key=lambda city: (ROLES.index(city.role), city.slug))
    ]
    return (*_samples(), *cities)


def find_place(name: str) -> Place | None:
    """Return the place that a person means, by name or slug, or None."""
    wanted = slug_of(name)
    for place in read_catalogue():
        if wanted in (place.slug, slug_of(place.title)):
            return place
    return None


def similar_names(name: str) -> list[str]:
    """Return known names that look like a misspelt one."""
    return difflib.get_close_matches(slug_of(name), [place.slug for place in read_catalogue()], n=3)
