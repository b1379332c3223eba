"""What must hold for any town."""

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from layers.attributes import ADDS, add_attributes, learn_attributes
from layers.core.contracts import check_table
from layers.core.uses import USES
from layers.form import add_form
from layers.physics.building_use import PROFILE, fill_shares, share_floor_area
from layers.physics.calibration import Labels, Scale, find_margins, held
from layers.physics.imputation import weighted_quantiles
from layers.physics.stock_years import year_at
from layers.sources.stock import read_stock_periods, stock_countries

CRS = "EPSG:32635"
GAP = st.just(float("nan"))

BUILDING = st.fixed_dictionaries(
    {
        "width": st.floats(3, 80),
        "depth": st.floats(3, 40),
        "tagged_use": st.one_of(st.none(), st.sampled_from(USES)),
        "tagged_storey_count": st.one_of(GAP, st.floats(0.5, 30)),
        "tagged_height_m": st.one_of(GAP, st.floats(1, 120)),
        "tagged_first_year": st.one_of(GAP, st.integers(1200, 1990).map(float)),
        "tagged_last_year": st.one_of(GAP, st.integers(1991, 2030).map(float)),
        "official_class": st.sampled_from(["", "42211", "42212", "42261"]),
        "is_home_tag": st.booleans(),
        "is_outbuilding": st.booleans(),
        "poi": st.sampled_from([None, "retail", "office", "hotel"]),
    }
)


@settings(max_examples=30, deadline=None)
@given(st.lists(BUILDING, min_size=1, max_size=25), st.sampled_from(["FI", "BG", "ES"]))
def test_every_building_gets_attributes_within_the_contract(rows, country):
    table = pd.DataFrame(rows)
    spots = [(50.0 * (n % 5), 50.0 * (n // 5)) for n in range(len(rows))]
    outlines = [box(x, y, x + r["width"], y + r["depth"]) for (x, y), r in zip(spots, rows, strict=True)]
    buildings = add_form(
        gpd.GeoDataFrame(
            table.drop(columns=["width", "depth", "poi"]), geometry=outlines, crs=CRS
        ).rename_axis("building_id")
    )
    has_poi = table["poi"].notna().to_numpy()
    places = [Point(x + 1, y + 1) for (x, y), one in zip(spots, has_poi, strict=True) if one]
    points = gpd.GeoDataFrame({"use": table["poi"][has_poi].tolist()}, geometry=places, crs=CRS)
    landuse = gpd.GeoDataFrame({"kind": ["commercial"]}, geometry=[box(-10, -10, 110, 90)], crs=CRS)
    model = learn_attributes(buildings, landuse, points, read_stock_periods(country))
    found = add_attributes(buildings, landuse, points, model)
    check_table(found, ADDS, name="buildings")
    for name, unit in (("storey", "count"), ("height", "m"), ("construction", "year")):
        low, high = found[f"{name}_p10_{unit}"], found[f"{name}_p90_{unit}"]
        assert (low <= found[f"{name}_{unit}"]).all() and (found[f"{name}_{unit}"] <= high).all()
    first, last = found["tagged_first_year"], found["tagged_last_year"]
    assert (found["construction_year"] >= first.fillna(0)).all()
    assert (found["construction_year"] <= last.fillna(9999)).all()
    stated = found["tagged_storey_count"].notna()
    assert (found["storey_count"][stated] == found["tagged_storey_count"][stated]).all()
    assert not found.loc[found["use"] == "outbuilding", "heated"].any()
    nobody_said = found["use_origin"] == "default"
    assert (found.loc[nobody_said, "use"] == "unknown").all()


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_shares_of_a_floor_area_add_up_to_one(data):
    numbers = st.lists(st.floats(0, 1e5), min_size=len(PROFILE), max_size=len(PROFILE))
    area = np.array([data.draw(numbers)])
    storeys = np.array([data.draw(st.floats(0.5, 40))])
    land = np.array([data.draw(numbers)])
    land = land / max(land.sum(), 1.0)
    shares = fill_shares(share_floor_area(area, np.array([data.draw(st.floats(1, 1e5))]), storeys), land)
    assert np.isclose(shares.sum(), 1.0) and (shares >= -1e-12).all() and (shares <= 1 + 1e-12).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.01, 10)), min_size=1, max_size=20))
def test_quantiles_rise_and_stay_among_the_values(pairs):
    values, weights = (np.array([column]) for column in zip(*pairs, strict=True))
    found = weighted_quantiles(values, weights, np.array([0.0, 0.1, 0.5, 0.9, 1.0]))[0]
    assert (np.diff(found) >= -1e-9).all()
    assert found[0] >= values.min() - 1e-9 and found[-1] <= values.max() + 1e-9


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1), st.integers(1500, 2000), st.integers(0, 80), st.floats(0, 1))
def test_a_year_of_the_stock_stays_in_its_range_and_rises(chance, first, width, other):
    edges, cumulative = np.array([1880.0, 1945.0, 1970.0, 2021.0]), np.array([0.0, 0.2, 0.2, 1.0])
    low, high = np.array([float(first)]), np.array([float(first + width)])
    years = [year_at(np.array([p]), edges, cumulative, low, high)[0] for p in sorted((chance, other))]
    assert first <= years[0] <= years[1] <= first + width


def test_the_shares_of_every_country_add_up():
    assert len(stock_countries()) >= 40
    for country in stock_countries():
        table = read_stock_periods(country)
        assert np.allclose(table.groupby("sector")["share"].sum(), 1.0)
        assert set(table["sector"]) >= {"single_terraced", "multi", "office", "trade", "education", "all"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 60), st.floats(1, 60)), min_size=5, max_size=60),
    st.booleans(),
    st.booleans(),
    st.integers(1, 8),
)
def test_margins_hold_eight_of_ten_of_the_labels_they_come_from(pairs, by_ratio, only_wider, block_count):
    true, middle = (np.array(column) for column in zip(*pairs, strict=True))
    quantiles = np.column_stack([middle * 0.9, middle, middle * 1.1])
    block = np.arange(len(true)) % block_count
    zero = np.zeros(len(true), dtype=np.int64)
    labels = Labels(true, zero, block, 1, Scale(by_ratio))
    margins = find_margins(quantiles, labels, only_wider=only_wider)
    moved = margins.widen(quantiles, zero)
    assert (np.diff(moved, axis=1) >= 0).all()
    if only_wider:
        assert (moved[:, 0] <= quantiles[:, 0] + 1e-9).all() and (moved[:, 2] >= quantiles[:, 2] - 1e-9).all()
    assert held(moved, true).sum() >= np.floor(0.8 * len(true)) - 1
