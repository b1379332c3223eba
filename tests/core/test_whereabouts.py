import pytest
import shapely
from pyproj import CRS

from layers.core.whereabouts import country_places

PLACES = country_places()
GRIDS = [(country, code) for country, place in PLACES.items() for code in place.grids]


@pytest.mark.parametrize(("country", "code"), GRIDS)
def test_every_grid_is_made_for_its_country(country, code):
    crs = CRS.from_epsg(int(code))
    assert not crs.is_deprecated
    assert crs.is_projected
    assert {axis.unit_name for axis in crs.axis_info} == {"metre"}
    area = crs.area_of_use
    grid = shapely.box(area.west, area.south, area.east, area.north)
    there = shapely.box(*PLACES[country].bounds_deg)
    # the easternmost of the German grids has the smallest share
    assert shapely.area(shapely.intersection(grid, there)) > 0.001 * shapely.area(there)


def test_no_country_lists_a_grid_twice():
    assert all(len(set(place.grids)) == len(place.grids) for place in PLACES.values())
