from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports import palettes
from reports.city_themes import add_building_columns, add_lighthouse_group, make_themes
from reports.themes import MOST_CLASSES, even_breaks, number_theme
from reports.words import THIN_SPACE, count, energy, figure, percent, read_words
from tests.reports.sample_assessment import (
    BARE,
    OFFICE,
    OFFICE_AREA_M2,
    OFFICE_HEAT_KWH,
    SHED,
    make_assessment,
)

WORDS = read_words()
# how the three kinds of colour-blind eyes see: Machado, Oliveira and Fernandes 2009, severity 1.0
COLOUR_BLIND = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen(colours, kind):
    """Return OKLab of colours as seen by colour-blind eyes."""
    light = palettes.linear(palettes.to_rgb(colours)) @ np.array(COLOUR_BLIND[kind]).T
    cones = np.clip(light, 0, 1) @ palettes._TO_CONES.T
    return np.cbrt(cones) @ palettes._TO_LAB.T


def smallest_distance(lab):
    away = np.linalg.norm(lab[:, None] - lab[None, :], axis=2)
    return away[~np.eye(len(lab), dtype=bool)].min()


@pytest.mark.parametrize("anchors", [palettes.HEAT, palettes.SOLAR, palettes.STREETS, palettes.KNOWLEDGE])
@pytest.mark.parametrize("length", [2, 4, 7])
def test_runs_of_colours_darken_step_by_step_for_all_eyes(anchors, length):
    colours = palettes.run_of_colours(anchors, length)
    assert len(set(colours)) == length
    assert (np.diff(palettes.to_oklab(colours)[:, 0]) < -0.05).all()
    for kind in COLOUR_BLIND:
        assert (np.diff(seen(colours, kind)[:, 0]) < -0.03).all(), kind


@pytest.mark.parametrize("kind", COLOUR_BLIND)
def test_classes_without_order_stay_apart_for_colour_blind_eyes(kind):
    assert smallest_distance(seen([*palettes.DISTINCT, palettes.NOTHING_ALIKE], kind)) > 0.05
    assert smallest_distance(seen(list(palettes.SUITABILITY.values()), kind)) > 0.05


def test_breaks_are_memorable_rising_and_inside_the_values():
    values = pd.Series(np.random.default_rng(3).lognormal(5, 0.6, 2_000))
    breaks = even_breaks(values)
    assert 4 <= len(breaks) <= MOST_CLASSES - 1
    assert list(breaks) == sorted(set(breaks))
    assert values.min() < breaks[0] and breaks[-1] <= values.max()
    assert all(float(f"{limit:.2g}") == limit for limit in breaks)
    shares = np.bincount(np.searchsorted(breaks, values, side="right")) / len(values)
    assert shares.max() < 0.35  # groups of about equal number


def test_breaks_ignore_order_zeros_and_gaps():
    values = pd.Series([3.0, 50.0, 8.0, 12.0, 90.0, 31.0])
    assert even_breaks(values) == even_breaks(pd.concat([values[::-1], pd.Series([0.0, -2.0, np.nan])]))
    assert even_breaks(pd.Series([np.nan, 0.0])) == ()
    assert even_breaks(pd.Series([5.0, 5.0])) in ((), (5.0,))


def test_a_class_holds_its_lower_limit():
    theme = number_theme("t", "g", "T", "m", "cells", "x_m", (1.0, 2.0), ("#1", "#2", "#3"), "none")
    assert theme.classify(pd.Series([0.99, 1.0, 1.99, 2.0, np.nan])).tolist() == [0, 1, 1, 2, 3]
    assert theme.counts(pd.Series([0.5, 1.5, np.nan])).tolist() == [1, 1, 0, 1]


def test_a_theme_with_the_wrong_number_of_classes_is_refused():
    with pytest.raises(ValueError, match="has 2 classes for 3 groups"):
        number_theme("t", "g", "T", "m", "cells", "x_m", (1.0, 2.0), ("#1", "#2"), "none")


def test_heat_per_area_is_heat_over_heated_floor_and_missing_where_nothing_is_heated():
    buildings = add_building_columns(make_assessment().buildings)
    assert buildings.loc[OFFICE, "heat_demand_kwh_per_m2"] == round(OFFICE_HEAT_KWH / OFFICE_AREA_M2, 1)
    assert buildings.loc[[SHED, BARE], "heat_demand_kwh_per_m2"].isna().all()
    assert buildings.loc["way/2000000", "known_count"] == 2  # storeys and year tagged, use imputed


def test_every_theme_of_the_city_has_words_classes_and_a_finding():
    city = make_themes(make_assessment(), WORDS)
    assert [theme.id for theme in city.themes] == [
        "heat", "building_heat", "cell_heat", "street_heat", "network", "solar", "lighthouse", "knowledge",
    ]  # fmt: skip
    for theme in city.themes:
        assert theme.title and theme.unit and theme.note and city.findings[theme.id]
        assert 1 <= len(theme.classes) <= MOST_CLASSES
        assert all(each.label for each in theme.classes)
        values = city.table(theme.table)[theme.column]
        assert theme.counts(values).sum() == len(values)
    network = next(theme for theme in city.themes if theme.id == "network")
    assert [each.label for each in network.classes] == [
        "suitable",
        "suitable under conditions",
        "not suitable",
    ]


def test_a_theme_without_any_value_is_left_out():
    assessment = make_assessment()
    buildings = assessment.buildings.assign(pv_calibrated_kwh=np.nan)
    shown = {theme.id for theme in make_themes(replace(assessment, buildings=buildings), WORDS).themes}
    assert "solar" not in shown
    assert "heat" in shown


def test_the_median_of_the_finding_is_the_median_of_the_buildings():
    city = make_themes(make_assessment(), WORDS)
    median = city.buildings["heat_demand_kwh_per_m2"].median()
    assert figure(median) in city.findings["heat"]


def test_at_most_six_lighthouses_share_the_legend():
    districts = make_assessment().districts
    many = pd.concat([districts] * 4)
    many.index = [f"d{number:02d}" for number in range(12)]
    many["lighthouse_id"] = [f"lighthouse {number}" for number in range(12)]
    many["similarity_class"] = "close"
    grouped = add_lighthouse_group(many)["lighthouse_group"]
    assert grouped.nunique() == 6
    assert (grouped == "other").sum() == 7
    nobody = add_lighthouse_group(districts.assign(similarity_class="not assessable"))
    assert nobody["lighthouse_group"].isna().all()


def test_numbers_are_written_in_one_way():
    assert figure(0.0) == "0"
    assert figure(1_234_567.0) == f"1{THIN_SPACE}230{THIN_SPACE}000"
    assert figure(9.996) == "10"
    assert figure(0.5) == "0.5"
    assert count(1_234_567) == f"1{THIN_SPACE}234{THIN_SPACE}567"
    assert percent(0.004) == f"0{THIN_SPACE}%"
    assert energy(9_994.0) == f"9{THIN_SPACE}990{THIN_SPACE}kWh"
    assert figure(12.25) == "12.3"  # halves go up
    assert count(2.5) == "3"
    assert energy(9_996.0) == f"10{THIN_SPACE}MWh"
    assert energy(12_345_678.0) == f"12.3{THIN_SPACE}GWh"
    assert energy(None) == "–"
