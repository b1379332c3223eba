"""The classes of use of a building, with what every layer has to know about them.

The residential classes follow the size classes of the TABULA typologies: single-family houses,
terraced houses, and multi-family houses with apartment blocks. `unknown` is a class of its own, a
mixed profile: a building that nobody described is never silently a dwelling.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """One class of use.

    Attributes
    ----------
    id : str
        The name in the tables.
    label : str
        The name for people.
    is_residential : bool
        Whether people live there.
    is_heated : bool
        Whether a building of this class is heated when nothing else is known.
    stock_sector : str
        The sector of `data/stock_periods.csv` that tells its age.
    """

    id: str
    label: str
    is_residential: bool
    is_heated: bool
    stock_sector: str


USE_CLASSES: tuple[Use, ...] = (
    Use("residential_single", "detached or semi-detached house", True, True, "single_terraced"),
    Use("residential_terraced", "terraced houses", True, True, "single_terraced"),
    Use("residential_multi", "apartment building", True, True, "multi"),
    Use("office", "offices and administration", False, True, "office"),
    Use("retail", "shops and services", False, True, "trade"),
    Use("restaurant", "restaurants and cafés", False, True, "hotels"),
    Use("hotel", "hotels and other lodging", False, True, "hotels"),
    Use("education", "schools, kindergartens, universities", False, True, "education"),
    Use("hospital", "hospitals and care", False, True, "health"),
    Use("assembly", "culture, worship and assembly", False, True, "other"),
    Use("sport", "sports halls and swimming pools", False, True, "other"),
    Use("industry", "industry and workshops", False, True, "other"),
    Use("storage", "storage, parking and technical buildings", False, False, "other"),
    Use("outbuilding", "garages, sheds and other outbuildings", False, False, "single_terraced"),
    Use("other", "other known use", False, True, "other"),
    Use("unknown", "use not known", False, True, "all"),
)
USES: tuple[str, ...] = tuple(use.id for use in USE_CLASSES)
USE_BY_ID: dict[str, Use] = {use.id: use for use in USE_CLASSES}
USE_LABELS: dict[str, str] = {use.id: use.label for use in USE_CLASSES}
RESIDENTIAL_USES: tuple[str, ...] = tuple(use.id for use in USE_CLASSES if use.is_residential)
HEATED_USES: tuple[str, ...] = tuple(use.id for use in USE_CLASSES if use.is_heated)
