"""Heat sources and heat pipes of OpenStreetMap, by their tags."""

import numpy as np
import pytest

from layers.sources.heat_source_tags import area_kind, is_heat_pipe, line_kind, site_kind, tagged_heat_kw
from layers.sources.osm import read_osm
from layers.sources.own_files import OwnFiles, combine


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"power": "plant", "plant:source": "gas", "plant:output:hot_water": "yes"}, "heating_plant"),
        ({"power": "plant", "plant:source": "gas"}, None),
        ({"power": "plant", "plant:source": "solar"}, None),
        ({"power": "plant", "plant:source": "coal;waste"}, "heating_plant"),
        ({"power": "generator", "generator:output:hot_water": "800 kW"}, "heating_plant"),
        ({"power": "generator", "generator:output:hot_water": "no"}, None),
        ({"utility": "heating", "building": "service"}, "heating_plant"),
        ({"utility": "heating", "man_made": "street_cabinet"}, None),
        ({"building": "data_center"}, "data_centre"),
        ({"telecom": "data_center", "building": "yes"}, "data_centre"),
        ({"man_made": "wastewater_plant"}, "wastewater"),
        ({"man_made": "works", "landuse": "industrial"}, "industry"),
        ({"leisure": "ice_rink"}, "ice_rink"),
        ({"shop": "supermarket"}, "supermarket"),
        ({"man_made": "tower"}, None),
        ({}, None),
    ],
)
def test_sites_have_one_kind(tags, kind):
    assert site_kind(tags) == kind


def test_land_and_water_have_their_kinds():
    assert area_kind({"natural": "water", "water": "river"}) == "river"
    assert area_kind({"landuse": "industrial"}) == "industry"
    assert area_kind({"landuse": "farmland"}) == "open_land"
    assert line_kind({"waterway": "river"}) == "river"
    assert line_kind({"waterway": "river", "tunnel": "culvert"}) is None
    assert line_kind({"waterway": "ditch"}) is None


def test_only_pipes_with_warm_water_or_steam_are_heat_pipes():
    assert is_heat_pipe({"man_made": "pipeline", "substance": "steam"})
    assert is_heat_pipe({"man_made": "pipeline", "utility": "heating"})
    assert not is_heat_pipe({"man_made": "pipeline", "substance": "water"})
    assert not is_heat_pipe({"utility": "heating", "man_made": "street_cabinet"})


def test_power_is_the_sum_of_warm_outputs():
    tags = {"plant:output:hot_water": "10 MW", "plant:output:steam": "2,5 MW"}
    assert tagged_heat_kw(tags) == pytest.approx(12_500)
    assert np.isnan(tagged_heat_kw({"plant:output:electricity": "10 MW"}))


PLACES = {
    1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10),
    11: (100, 0), 12: (200, 0), 13: (200, 100), 14: (100, 100),
}  # fmt: skip
HOUSE = {1: ([1, 2, 3, 4, 1], {"building": "data_center", "name": "Blinkenlights"})}


def test_an_extract_gives_buildings_areas_and_lines_as_sources_and_pipes(write_osm):
    path = write_osm(
        PLACES,
        HOUSE
        | {
            2: ([11, 12, 13, 14, 11], {"landuse": "industrial", "name": "Werk"}),
            3: ([1, 11], {"waterway": "river", "name": "Au"}),
            4: ([2, 12], {"man_made": "pipeline", "substance": "hot_water"}),
            5: ([3, 13], {"man_made": "pipeline", "substance": "gas"}),
            6: ([4, 14], {"highway": "residential"}),
        },
    )
    extract = read_osm(path)
    found = extract.heat_sources
    assert found["kind"].to_dict() == {"way/1": "data_centre", "way/2": "industry", "way/3": "river"}
    assert found.loc["way/1", "name"] == "Blinkenlights"
    assert list(extract.heat_pipes.index) == ["way/4"]
    # the data centre stays a building, the street a street
    assert list(extract.buildings.index) == ["way/1"]
    assert list(extract.streets.index) == ["way/6"]


def test_an_extract_without_sources_has_an_empty_table(write_osm):
    extract = read_osm(write_osm(PLACES, {1: ([1, 2, 3, 4, 1], {"building": "yes"})}))
    assert len(extract.heat_sources) == 0
    assert {"kind", "name", "tagged_heat_kw"} <= set(extract.heat_sources.columns)
    assert combine(OwnFiles(), extract).heat_sources is not None
