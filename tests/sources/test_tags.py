import math

import pytest

from layers.sources.tags import (
    parse_direction_deg,
    parse_elevation_m,
    parse_height_m,
    parse_level,
    parse_roof_height_m,
    parse_roof_orientation,
    parse_roof_shape,
    parse_storey_count,
    parse_years,
    read_years,
)

OPEN = math.nan


@pytest.mark.parametrize(
    ("text", "height_m"),
    [
        ("12", 12.0),
        ("12 m", 12.0),
        ("12m", 12.0),
        ("12.13 m", 12.13),
        ("12,5", 12.5),
        ("1200 cm", 12.0),
        ("40'", 12.192),
        ("40 ft", 12.192),
        ("39'4\"", 11.9888),
        ("~12", 12.0),
        ("12;14", 13.0),
        ("12-14 m", 13.0),
    ],
)
def test_a_height_is_read_in_every_usual_notation(text, height_m):
    assert parse_height_m(text) == pytest.approx(height_m)


@pytest.mark.parametrize(
    "text", ["", "tall", "-3", "0", "9000", "inf", "nan", "1e3", "12 floors", "٣", "12;x"]
)
def test_a_height_that_makes_no_sense_is_a_gap(text):
    assert math.isnan(parse_height_m(text))


@pytest.mark.parametrize(
    ("text", "storeys"),
    [
        ("4", 4.0),
        ("2.5", 2.5),
        ("2,5", 2.5),
        ("3;4", 3.5),
        ("3-4", 3.5),
        ("R+3", 4.0),
        (" 5 ", 5.0),
        ("~6", 6.0),
    ],
)
def test_storeys_are_read_in_every_usual_notation(text, storeys):
    assert parse_storey_count(text) == storeys


@pytest.mark.parametrize("text", ["0", "-1", "999", "yes", "1e9", "three"])
def test_storeys_that_make_no_sense_are_a_gap(text):
    assert math.isnan(parse_storey_count(text))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1936", 1936, 1936),
        ("1936-05", 1936, 1936),
        ("1936-05-12", 1936, 1936),
        ("12.5.1936", 1936, 1936),
        ("before 1939", OPEN, 1939),
        ("before 1905..1908", OPEN, 1908),
        ("after 1908", 1908, OPEN),
        ("after 1905..1908", 1905, OPEN),
        ("1908..1939", 1908, 1939),
        ("1923-1924", 1923, 1924),
        ("1923-24", 1923, 1924),
        ("1908-10", 1908, 1908),  # October 1908, not 1908 to 1910
        ("1890s", 1890, 1899),
        ("1890's", 1890, 1899),
        ("1890s..1910s", 1890, 1919),
        ("2012?", 2007, 2017),
        ("~1855", 1850, 1860),
        ("circa 1855", 1850, 1860),
        ("C19", 1800, 1899),
        ("early C19", 1800, 1833),
        ("mid C19", 1833, 1866),
        ("late C19", 1866, 1899),
        ("19th century", 1800, 1899),
        ("late 1920s", 1926, 1929),
        ("1900..", 1900, OPEN),
        ("..1900", OPEN, 1900),
        ("1936;1985", 1936, 1936),
        ("j:1788-10-02", 1788, 1788),
    ],
)
def test_a_date_becomes_the_range_of_years_that_it_allows(text, first, last):
    assert parse_years(text) == pytest.approx((first, last), nan_ok=True)


@pytest.mark.parametrize("text", ["", "old", "9999", "0", "-500", "50 BC", "1939..1908", "20", "19360512"])
def test_a_date_that_makes_no_sense_is_a_gap(text):
    assert all(map(math.isnan, parse_years(text)))


def test_refused_dates_are_counted_and_missing_ones_are_not():
    years, refused_count = read_years(["1900", None, "", "old"])
    assert refused_count == 1
    assert years[0].tolist() == [1900, 1900]


def test_a_future_end_is_cut_at_the_latest_year_that_is_believed():
    assert parse_years("2030..2060") == (2030, 2035)


def test_parts_may_begin_on_the_ground():
    assert parse_elevation_m("0") == 0
    assert parse_level("0") == 0
    assert parse_roof_height_m("0") == 0


def test_roofs_are_read_in_our_words():
    assert parse_roof_shape("half_hipped") == "half-hipped"
    assert parse_roof_shape("Gabled") == "gabled"
    assert parse_roof_shape("9.0") is None
    assert parse_roof_orientation("across") == "across"
    assert parse_roof_orientation("north") is None
    assert parse_direction_deg("SSW") == 202.5
    assert parse_direction_deg("90°") == 90
    assert math.isnan(parse_direction_deg("up"))
