"""What must hold for any building and any climate."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from layers.core.weather import HOURS_IN_MONTH
from layers.envelope import WALL_COLUMNS, EnvelopeParams, add_envelope
from layers.physics.building_heat import Bodies, Deviation, TypeValues, heat_model, transmission_w_per_k
from layers.physics.monthly import monthly_heat_kwh, monthly_heat_kwh_plain, yearly_heat_kwh
from layers.physics.seasonal import utilisation_ratio

NO_PAIRS = pd.DataFrame({"left": [], "right": [], "length_m": []})
FEW = settings(max_examples=60, deadline=None)


def number(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def bodies(draw):
    floor = draw(number(20, 20_000))
    wall = draw(number(10, 10_000))
    window = min(draw(number(0.05, 0.5)) * floor, 0.6 * wall)
    facade = np.array([[draw(number(0, 1)) for _ in range(8)]]) + 1e-3
    facade *= wall / facade.sum()
    one = [np.array([x]) for x in (floor, wall, window, draw(number(10, 5000)), draw(number(10, 5000)))]
    return Bodies(*one, facade)


@st.composite
def types(draw):
    """Return a type of building.

    Air changes and rooms stay within what is built: TABULA's night reduction grows with conduction and
    acts on the air too, so beyond 1.6 W/(m² K) of ventilation a worse wall would save heat by its formula.
    """
    values = (
        draw(number(0.1, 3)), draw(number(0.1, 3)), draw(number(0.1, 3)), draw(number(0.7, 5.5)),
        draw(number(0, 1)), draw(number(0.3, 1)), draw(number(0, 0.2)), draw(number(0.3, 0.85)),
        draw(number(0.1, 1)), draw(number(0, 0.6)), draw(number(0, 0.9)), draw(number(2, 3)),
        draw(number(15, 24)), draw(number(0.85, 1)), draw(number(0.8, 0.85)), draw(number(0, 15)),
        draw(number(20, 200)), draw(number(0, 60)), draw(number(0.8, 1)), draw(number(15, 70)),
    )  # fmt: skip
    return TypeValues(*(np.array([value]) for value in values))


@st.composite
def places(draw):
    """Return monthly temperatures and the sun per square metre of floor."""
    mean, swing = draw(number(-5, 20)), draw(number(0, 16))
    phase = np.cos(2 * np.pi * (np.arange(12) - 0.5) / 12)
    return mean - swing * phase, draw(number(0, 15)) * (1 - 0.8 * phase)


def year(body, kind, place, **deviation):
    temperature, sun = place
    model = heat_model(body, kind, Deviation(**deviation))
    return yearly_heat_kwh(model, sun[None, :] * body.floor_area_m2[:, None], temperature)[0]


@FEW
@given(bodies(), types(), places(), number(1.0, 3.0))
def test_more_conduction_never_needs_less_heat(body, kind, place, factor):
    base = year(body, kind, place)
    base -= 1e-9  # what rounding leaves of a need of nothing
    assert year(body, kind, place, u_ratio=factor) >= base * (1 - 1e-9)
    assert year(body, kind, place, window_u_ratio=factor) >= base * (1 - 1e-9)
    for name in ("u_wall_w_per_m2_k", "u_roof_w_per_m2_k", "u_floor_w_per_m2_k", "thermal_bridge_w_per_m2_k"):
        worse = replace(kind, **{name: getattr(kind, name) * factor})
        assert year(body, worse, place) >= base * (1 - 1e-9)


@FEW
@given(bodies(), types(), places(), number(1.0, 3.0), number(0.0, 5.0))
def test_more_air_and_warmer_rooms_never_need_less_heat(body, kind, place, factor, warmer):
    base = year(body, kind, place)
    assert year(body, kind, place, air_ratio=factor) >= base * (1 - 1e-9)
    assert year(body, kind, place, set_point_k=warmer) >= base * (1 - 1e-9)


@FEW
@given(bodies(), types(), places(), number(1.0, 3.0))
def test_more_gains_never_need_more_heat(body, kind, place, factor):
    base = year(body, kind, place)
    assert year(body, kind, place, internal_ratio=factor) <= base * (1 + 1e-9) + 1e-9
    temperature, sun = place
    assert year(body, kind, (temperature, sun * factor)) <= base * (1 + 1e-9) + 1e-9


@FEW
@given(bodies(), types(), places(), number(0.1, 50.0))
def test_scaling_floor_and_envelope_together_changes_nothing_per_floor_area(body, kind, place, factor):
    large = Bodies(
        body.floor_area_m2 * factor, body.wall_area_m2 * factor, body.window_area_m2 * factor,
        body.roof_area_m2 * factor, body.ground_area_m2 * factor, body.facade_area_m2 * factor,
    )  # fmt: skip
    small_need = year(body, kind, place) / body.floor_area_m2[0]
    assert year(large, kind, place) / large.floor_area_m2[0] == pytest.approx(small_need, rel=1e-9, abs=1e-9)


@FEW
@given(bodies(), types(), places())
def test_the_need_lies_between_zero_and_the_losses_and_compiled_equals_plain(body, kind, place):
    temperature, sun = place
    model = heat_model(body, kind)
    solar = sun[None, :] * body.floor_area_m2[:, None]
    need = monthly_heat_kwh(model, solar, temperature)
    loss = model.loss_w_per_k[:, None] * np.maximum(model.set_point_c[:, None] - temperature, 0)
    loss = loss * HOURS_IN_MONTH / 1000
    assert (need >= 0).all() and (need <= loss * (1 + 1e-9)).all()
    np.testing.assert_allclose(
        need, monthly_heat_kwh_plain(model, solar, temperature), rtol=1e-7, atol=1e-9 * loss.max()
    )


@FEW
@given(number(0, 50), number(0.5, 40))
def test_utilisation_lies_between_zero_and_one_and_never_saves_more_than_the_losses(gamma, exponent):
    eta = utilisation_ratio(np.array([gamma]), np.array([exponent]))[0]
    assert 0 <= eta <= 1
    assert eta * gamma <= 1 + 1e-12


@FEW
@given(bodies(), types())
def test_neutral_deviations_are_the_base_case(body, kind):
    ones = np.ones(1)
    neutral = Deviation(ones, ones, ones, ones, 0 * ones, ones, ones, ones, ones)
    assert transmission_w_per_k(body, kind, neutral) == pytest.approx(transmission_w_per_k(body, kind))


@st.composite
def blocks(draw):
    """Return an L-shaped or ring-shaped building, turned and moved."""
    width, depth = draw(number(6, 60)), draw(number(6, 60))
    cut = box(width * 0.3, depth * 0.3, width * draw(number(0.4, 0.9)), depth * draw(number(0.4, 1.2)))
    shape = shapely.difference(box(0, 0, width, depth), cut)
    turned = affinity.rotate(shape, draw(number(0, 360)), origin=(0, 0))
    return affinity.translate(turned, draw(number(0, 7e5)), draw(number(4e6, 7e6)))


def envelope_of(outline, height, storeys, params=None):
    table = gpd.GeoDataFrame(
        {
            "footprint_area_m2": [outline.area], "box_width_m": [6.0], "height_m": [height],
            "storey_count": [storeys], "use": ["residential_multi"], "heated": [True],
        },
        geometry=[outline], index=["way/1"], crs="EPSG:25832",
    )  # fmt: skip
    return add_envelope(table, NO_PAIRS, params=params).iloc[0]


@FEW
@given(blocks(), number(2.0, 60.0), number(1.0, 20.0))
def test_facades_add_up_to_the_wall_and_the_wall_is_outline_times_height(outline, height, storeys):
    one = envelope_of(outline, height, storeys)
    assert one[list(WALL_COLUMNS)].sum() == pytest.approx(one["wall_area_m2"], rel=1e-9)
    assert one["wall_area_m2"] == pytest.approx(outline.length * height, rel=1e-6)
    assert one["window_area_m2"] <= 0.6 * one["wall_area_m2"] * (1 + 1e-9)


@settings(max_examples=30, deadline=None)
@given(number(4, 30), number(4, 30), number(2, 20), number(2, 20), number(0.05, 1.0))
def test_a_party_wall_takes_the_same_area_from_both_sides(width, depth, left_height, right_height, portion):
    outlines = [box(0, 0, width, depth), box(width, 0, 2 * width, depth * portion)]
    table = gpd.GeoDataFrame(
        {
            "footprint_area_m2": shapely.area(np.array(outlines)), "box_width_m": 4.0,
            "height_m": [left_height, right_height], "storey_count": 1.0, "use": "office", "heated": True,
        },
        geometry=outlines, index=["way/1", "way/2"], crs="EPSG:25832",
    )  # fmt: skip
    pairs = pd.DataFrame({"left": [0], "right": [1], "length_m": [depth * portion]})
    result = add_envelope(table, pairs, params=EnvelopeParams())
    shared = depth * portion * min(left_height, right_height)
    assert result["shared_wall_area_m2"].tolist() == pytest.approx([shared, shared], rel=1e-6)
    assert result["wall_area_east_m2"].iloc[0] == pytest.approx(
        depth * left_height - shared, rel=1e-6, abs=1e-6
    )
