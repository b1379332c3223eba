"""What the cache holds of fetched towns; reads files, opens no connection."""

from __future__ import annotations

from dataclasses import dataclass

from layers.core.errors import UsageProblem
from planner.catalogue import Place
from planner.network import cache

SOURCES = ("osm", "overture")
KINDS = {"osm": ("osm",), "overture": ("overture-buildings", "overture-streets")}
WEATHER = "weather"
BOUNDARY = "boundary"
# roles of fetched files among a run's inputs
WEATHER_ROLE = "fetched_weather"
_BYTES_PER_MB = 1e6


@dataclass(frozen=True)
class Town:
    """What the cache holds of one town.

    Attributes
    ----------
    place : Place
        As the records say.
    source : str
        ``osm`` or ``overture``.
    data : tuple of Cached
        All files of the source, or nothing.
    weather : Cached or None
        The typical year.
    """

    place: Place
    source: str
    data: tuple[cache.Cached, ...]
    weather: cache.Cached | None

    @property
    def text(self) -> str:
        """Say in a few words what there is."""
        parts = []
        if self.data:
            about = self.data[0].about
            size_mb = sum(one.byte_count for one in self.data) / _BYTES_PER_MB
            parts.append(f"{about.source.partition(',')[0]}, {about.date}, {size_mb:.1f} MB")
        if self.weather:
            parts.append("typical year of PVGIS")
        return "fetched: " + "; ".join(parts)


def find_town(name: str, country: str | None, source: str | None, *, check: bool = True) -> Town | None:
    """Return what the cache holds of a town, or None when it holds nothing.

    Parameters
    ----------
    name : str
        Slug.
    country : str or None
        Without it any country's town of that name.
    source : str or None
        ``osm`` or ``overture``; None takes what is there, OpenStreetMap first.
    check : bool
        Whether checksums are compared; a list of towns can do without.

    Raises
    ------
    UsageProblem
        When two countries have a fetched town of that name.
    """
    folders = [cache.town_folder(name, country)] if country else cache.find_towns(name)
    read = cache.find_data if check else cache.read_record
    towns = []
    for folder in folders:
        weather = read(folder, WEATHER)
        chosen = source or SOURCES[0]
        data: tuple[cache.Cached, ...] = ()
        for one in (source,) if source else SOURCES:
            found = tuple(known for kind in KINDS[one] if (known := read(folder, kind)) is not None)
            if len(found) == len(KINDS[one]):
                chosen, data = one, found
                break
        known = data[0] if data else weather
        if known is not None:
            towns.append(Town(_place(known.about), chosen, data, weather))
    if len(towns) > 1:
        codes = " or ".join(town.place.country for town in towns)
        raise UsageProblem(f"{name!r} was fetched for several countries; add --country {codes}.")
    return towns[0] if towns else None


def fetched_towns() -> dict[tuple[str, str], Town]:
    """Return every town of the cache by slug and country."""
    codes_and_names = [folder.name.partition("-")[::2] for folder in cache.find_towns()]
    towns = [find_town(name, code, None, check=False) for code, name in codes_and_names]
    return {(town.place.slug, town.place.country): town for town in towns if town is not None}


def _place(about: cache.About) -> Place:
    return Place(
        slug=about.town, title=about.title, country=about.country, role="fetched",
        longitude_deg=about.longitude_deg, latitude_deg=about.latitude_deg,
    )  # fmt: skip
