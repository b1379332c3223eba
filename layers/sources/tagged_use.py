"""The class of use that the words of a data set state, by OpenStreetMap's vocabulary.

The kind of building (`building=apartments`) speaks first; where it says nothing (`building=yes`) the
national class speaks, then what is inside (`amenity`, `shop`, `office` …). A shop or restaurant in a
house of three storeys and more is a tenant and does not name the use of the house. A home whose size
class nobody states is marked as a home; its form decides later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

HOME = "home"


class StatedUse(NamedTuple):
    """What a building's tags say about its use."""

    use: str | None
    is_home: bool = False


def _words(table: Mapping[str, str]) -> dict[str, str]:
    return {word: use for use, words in table.items() for word in words.split()}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# building=*, also the words of other data sets for the same thing; "home": a home of unstated size
BUILDING_USES = _words(
    {
        HOME: "residential dwelling housing residential_building",
        "residential_single": "house detached semidetached_house semi_detached semi bungalow cabin farm "
        "farmhouse villa single_family single_family_house allotment_house static_caravan houseboat "
        "trullo duplex summer_cottage cottage",
        "residential_terraced": "terrace terraced terraced_house row_house townhouse rowhouse",
        "residential_multi": "apartments apartment block_of_flats flats multi_family multifamily dormitory "
        "tenement apartment_building residential_multi",
        "office": "office offices government townhall town_hall bank embassy administrative courthouse "
        "police fire_station central_office",
        "retail": "retail shop supermarket kiosk mall department_store commercial store shopping_centre "
        "market marketplace pharmacy",
        "restaurant": "restaurant pub cafe bar fast_food",
        "hotel": "hotel hostel motel guest_house chalet resort",
        "education": "school kindergarten university college education educational library preschool "
        "childcare nursery",
        "hospital": "hospital clinic healthcare medical nursing_home retirement_home sanatorium",
        "assembly": "church cathedral chapel mosque synagogue temple shrine monastery convent basilica "
        "religious theatre museum cinema civic_centre community_centre concert_hall train_station "
        "station transportation terminal presbytery castle palace parish_hall pavilion",
        "sport": "sports_hall sports_centre stadium grandstand riding_hall swimming_pool gymnasium "
        "gym sport ice_rink sports",
        "industry": "industrial factory manufacture workshop works brewery mill sawmill slaughterhouse "
        "power_station industry agricultural_processing",
        "storage": "warehouse storage storage_tank silo hangar depot parking parking_garage bunker "
        "transformer_tower water_tower utility service digester tank substation technical",
        "outbuilding": "garage garages carport shed hut outbuilding roof canopy greenhouse glasshouse "
        "barn stable sty cowshed farm_auxiliary boathouse annex tent container conservatory "
        "gazebo pergola ruins toilets bicycle_parking guardhouse sauna woodshed shelter atrium "
        "underpass_entrance entrance ger livestock poultry_house",
        "other": "public civic tower ship prison fire_lookout gatehouse military barracks monument "
        "lighthouse construction other non_residential mixed mixed_use bridge crematorium observatory",
    }
)
# words that say little: what is inside decides, this use is the last word
GENERAL_WORDS = _set(
    "public civic commercial government pavilion tower service castle palace other mixed mixed_use "
    "non_residential construction transportation utility"
)

AMENITY_USES = _words(
    {
        "restaurant": "restaurant cafe pub bar fast_food biergarten food_court nightclub ice_cream",
        "office": "townhall bank police fire_station courthouse embassy post_office public_building "
        "coworking_space central_bank bureau_de_change ranger_station customs",
        "retail": "marketplace pharmacy fuel car_rental veterinary car_wash payment_centre "
        "vehicle_inspection",
        "education": "school kindergarten university college library childcare language_school "
        "music_school driving_school research_institute prep_school training",
        "hospital": "hospital clinic doctors dentist nursing_home social_facility hospice",
        "assembly": "place_of_worship theatre cinema arts_centre community_centre social_centre monastery "
        "conference_centre concert_hall events_venue casino gambling exhibition_centre planetarium "
        "bandstand bus_station ferry_terminal crematorium funeral_hall studio",
        "sport": "gym dojo swimming_pool public_bath",
        "storage": "parking parking_space recycling waste_transfer_station",
        "outbuilding": "shelter bicycle_parking toilets",
        "other": "prison public_bookcase_hall animal_shelter",
    }
)
TOURISM_USES = _words(
    {
        "hotel": "hotel hostel motel guest_house chalet apartment alpine_hut",
        "assembly": "museum gallery aquarium theme_park zoo",
    }
)
LEISURE_USES = _words(
    {
        "sport": "sports_centre sports_hall fitness_centre swimming_pool ice_rink stadium horse_riding "
        "bowling_alley fitness_station water_park",
        "assembly": "amusement_arcade dance adult_gaming_centre hackerspace",
        "outbuilding": "bandstand",
    }
)
BIG_SHOPS = _set("mall department_store supermarket furniture doityourself garden_centre wholesale car")
# the National Land Survey of Finland's topographic database, object classes of buildings
FINNISH_CLASS_USES = {
    "42211": HOME,
    "42212": "residential_multi",
    "42221": "other",
    "42222": "other",
    "42231": "residential_single",
    "42232": "residential_single",
    "42241": "industry",
    "42242": "industry",
    "42251": "assembly",
    "42261": "outbuilding",
    "42262": "outbuilding",
    "42270": "assembly",
}
# a tenant takes the ground floor; from this many storeys on, the house is something else
TENANT_STOREY_COUNT = 3.0
_TENANT_USES = frozenset({"restaurant", "retail", "office", "hospital", "sport"})
_NOTHING_SAID = frozenset({"", "no", "vacant", "disused", "abandoned"})

INSIDE_KEYS = (
    "amenity",
    "healthcare",
    "tourism",
    "leisure",
    "shop",
    "office",
    "craft",
    "industrial",
    "man_made",
    "power",
    "religion",
)
_MAN_MADE_USES = _words(
    {
        "industry": "works wastewater_plant water_works",
        "storage": "silo storage_tank water_tower gasometer pumping_station",
        "outbuilding": "canopy",
    }
)


def use_inside(tags: Mapping[str, str]) -> str | None:
    """Return the use that amenity, shop, office and the like state, or None.

    Examples
    --------
    >>> use_inside({"amenity": "school"}), use_inside({"shop": "bakery"}), use_inside({"amenity": "bench"})
    ('education', 'retail', None)
    """
    for key in INSIDE_KEYS:
        word = _word(tags.get(key))
        if word in _NOTHING_SAID:
            continue
        table = {
            "amenity": AMENITY_USES,
            "tourism": TOURISM_USES,
            "leisure": LEISURE_USES,
            "man_made": _MAN_MADE_USES,
        }.get(key)
        if table is not None:
            found = table.get(word)
        else:
            found = {
                "healthcare": "hospital",
                "shop": "retail",
                "office": "office",
                "craft": "industry",
                "industrial": "industry",
                "power": "storage",
                "religion": "assembly",
            }[key]
        if found is not None:
            return found
    return None


def _word(text: str | None) -> str:
    return "" if text is None else text.split(";")[0].strip().lower().replace(" ", "_")


def _is_tenant(tags: Mapping[str, str], use: str, storey_count: float) -> bool:
    if _word(tags.get("shop")) in BIG_SHOPS or _word(tags.get("amenity")) in ("townhall", "hospital"):
        return False
    return use in _TENANT_USES and storey_count >= TENANT_STOREY_COUNT


def stated_use(tags: Mapping[str, str], storey_count: float) -> StatedUse:
    """Return the use that a building's tags state.

    Parameters
    ----------
    tags : mapping
        OpenStreetMap keys and values.
    storey_count : float
        Storeys above ground, NaN when unknown.

    Examples
    --------
    >>> stated_use({"building": "apartments", "shop": "bakery"}, 5.0)
    StatedUse(use='residential_multi', is_home=False)
    >>> stated_use({"building": "residential", "mml:class": "42211"}, float("nan"))
    StatedUse(use=None, is_home=True)
    >>> stated_use({"building": "yes", "amenity": "pub"}, 6.0)
    StatedUse(use=None, is_home=False)
    """
    word = _word(tags.get("building"))
    kind = BUILDING_USES.get(word)
    official = FINNISH_CLASS_USES.get(tags.get("mml:class", "").strip())
    if official == "outbuilding" and kind in (None, HOME):
        return StatedUse("outbuilding")
    if kind is not None and kind != HOME and word not in GENERAL_WORDS:
        return StatedUse(kind)
    if kind == HOME:
        size = BUILDING_USES.get(_word(tags.get("residential")))
        found = official if official not in (None, HOME) else size
        return StatedUse(found) if found in _RESIDENTIAL else StatedUse(None, is_home=True)
    inside = use_inside(tags)
    if inside is not None and not _is_tenant(tags, inside, storey_count):
        return StatedUse(inside)
    if official == HOME or (kind is None and official is None and _says_home(tags)):
        return StatedUse(None, is_home=True)
    return StatedUse(kind if official in (None, "other") and kind is not None else official)


_RESIDENTIAL = frozenset({"residential_single", "residential_terraced", "residential_multi"})


def _says_home(tags: Mapping[str, str]) -> bool:
    stated = (_word(tags.get("building:use")), _word(tags.get("residential")))
    return any(word in ("residential", "yes", "apartments", "house") for word in stated)


def use_of_word(word: str) -> StatedUse:
    """Return the use that one word of a table's use column states.

    Examples
    --------
    >>> use_of_word("Apartments").use, use_of_word("residential").is_home, use_of_word("xyz").use
    ('residential_multi', True, None)
    """
    plain = _word(word)
    for table in (BUILDING_USES, AMENITY_USES, TOURISM_USES, LEISURE_USES):
        if plain in table:
            return StatedUse(None, is_home=True) if table[plain] == HOME else StatedUse(table[plain])
    return StatedUse(None)


_WORSHIP = _set("church cathedral chapel mosque synagogue temple shrine monastery basilica castle palace")


def is_protected(tags: Mapping[str, str]) -> bool:
    """Say whether tags speak of heritage, history or worship.

    Examples
    --------
    >>> is_protected({"heritage": "2"}), is_protected({"building": "church"})
    (True, True)
    >>> is_protected({"building": "yes", "historic": "no"})
    False
    """
    if _word(tags.get("building")) in _WORSHIP or _word(tags.get("amenity")) == "place_of_worship":
        return True
    keys: Iterable[str] = ("heritage", "historic", "protected", "listed_status")
    return any(_word(tags.get(key)) not in _NOTHING_SAID for key in keys)
