import math

import pytest

from layers.core.uses import USES
from layers.sources import tagged_use
from layers.sources.tagged_use import HOME, is_protected, stated_use, use_inside, use_of_word

UNKNOWN_STOREYS = math.nan


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "apartments"}, "residential_multi"),
        ({"building": "detached"}, "residential_single"),
        ({"building": "terrace"}, "residential_terraced"),
        ({"building": "garage"}, "outbuilding"),
        ({"building": "roof"}, "outbuilding"),
        ({"building": "warehouse"}, "storage"),
        ({"building": "yes", "amenity": "school"}, "education"),
        ({"building": "yes", "office": "company"}, "office"),
        ({"building": "yes", "tourism": "hotel"}, "hotel"),
        ({"building": "yes", "healthcare": "clinic"}, "hospital"),
        ({"building": "public", "amenity": "library"}, "education"),
        ({"building": "public"}, "other"),
        ({"building": "commercial", "office": "yes"}, "office"),
        ({"building": "church", "amenity": "place_of_worship"}, "assembly"),
        ({"building": "apartments", "shop": "bakery"}, "residential_multi"),
        ({"building": "yes", "mml:class": "42241"}, "industry"),
        ({"building": "yes", "mml:class": "42212"}, "residential_multi"),
        ({"building": "residential", "mml:class": "42261"}, "outbuilding"),
        ({"building": "school", "mml:class": "42261"}, "education"),
        ({"building": "residential", "residential": "apartments"}, "residential_multi"),
        ({"building": "yes"}, None),
        ({"building": "yes", "amenity": "bench"}, None),
        ({"building": "xyz"}, None),
    ],
)
def test_tags_state_the_use(tags, use):
    assert stated_use(tags, UNKNOWN_STOREYS).use == use


def test_a_home_of_unstated_size_is_a_home_and_not_yet_a_size():
    for tags in ({"building": "residential"}, {"building": "yes", "mml:class": "42211"}):
        stated = stated_use(tags, UNKNOWN_STOREYS)
        assert stated.is_home
        assert stated.use is None


def test_a_pub_on_the_ground_floor_does_not_make_the_block_a_pub():
    pub = {"building": "yes", "amenity": "pub"}
    assert stated_use(pub, 6.0).use is None
    assert stated_use(pub, 1.0).use == "restaurant"


def test_a_department_store_of_six_storeys_is_a_shop():
    assert stated_use({"building": "yes", "shop": "department_store"}, 6.0).use == "retail"


def test_every_word_leads_to_a_use_that_exists():
    tables = (
        tagged_use.BUILDING_USES,
        tagged_use.AMENITY_USES,
        tagged_use.TOURISM_USES,
        tagged_use.LEISURE_USES,
        tagged_use.FINNISH_CLASS_USES,
    )
    assert {use for table in tables for use in table.values()} <= {*USES, HOME}


def test_vacant_shops_say_nothing():
    assert use_inside({"shop": "vacant"}) is None


def test_a_word_of_a_table_states_a_use():
    assert use_of_word("Single Family House").use == "residential_single"
    assert use_of_word("Hospital").use == "hospital"


def test_heritage_and_worship_are_protected():
    assert is_protected({"building": "yes", "heritage": "2"})
    assert is_protected({"building": "yes", "amenity": "place_of_worship"})
    assert not is_protected({"building": "yes", "historic": "no"})
