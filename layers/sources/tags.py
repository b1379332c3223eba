"""Numbers, years and directions out of free text, as mappers write them.

Every function takes one text and gives back a number or NaN, never an error: what cannot be
understood, and what cannot be true, is a gap. The readers count the gaps that come from such texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable

import numpy as np

from layers.core.building_columns import (
    EARLIEST_YEAR,
    HIGHEST_HEIGHT_M,
    HIGHEST_ROOF_HEIGHT_M,
    HIGHEST_SOLAR_KWP,
    HIGHEST_STOREY_COUNT,
    LATEST_YEAR,
    LOWEST_HEIGHT_M,
    LOWEST_STOREY_COUNT,
    ROOF_ORIENTATIONS,
    ROOF_SHAPES,
    STEEPEST_ROOF_DEG,
)
from layers.core.types import FloatArray

GAP = math.nan
YEAR_GAP = (GAP, GAP)
FOOT_M = 0.3048
INCH_M = 0.0254
# "about 1890", "1890?": the width on either side that we give such a year
ABOUT_YEARS = 5
LONGEST_TEXT = 80
LONGEST_PLANES = 4000
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_PLANES = re.compile(rf"{_NUMBER}(?:/{_NUMBER}){{5}}(?: {_NUMBER}(?:/{_NUMBER}){{5}})*")
_MATERIAL = re.compile(r"[a-z][a-z _-]{1,39}")
_POWER = re.compile(r"(\d+(?:[.,]\d+)?) ?([kmg]?w)p?")
_KW_OF_UNIT = {"w": 0.001, "kw": 1.0, "mw": 1000.0, "gw": 1e6}

_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
_APPROXIMATE = re.compile(r"^(?:~|c\.?|ca\.?|circa|about|approx\.?)\s*(?=\d)", re.ASCII)
_METRES = re.compile(rf"({_NUMBER})\s*(m|metre|metres|meter|meters|cm|mm|ft|feet|foot)?\.?", re.ASCII)
_FEET = re.compile(rf"({_NUMBER})\s*(?:'|′|ft)(?:\s*({_NUMBER})\s*(?:\"|″|in|''))?", re.ASCII)
_METRES_PER_UNIT = {"cm": 0.01, "mm": 0.001, "ft": FOOT_M, "feet": FOOT_M, "foot": FOOT_M}
_PLAIN = re.compile(_NUMBER, re.ASCII)
# ground floor + upper floors, as written in French, German and the languages of the Balkans
_GROUND_PLUS = re.compile(r"(?:g|r|p|eg|rdc)\s*\+\s*(\d{1,3})", re.ASCII)
_LIST = re.compile(r"\s*(?:;|/|\band\b|&)\s*")
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|—|\.\.|to)\s*({_NUMBER})(\s*\D{{0,6}})", re.ASCII)


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _within(number: float, lowest: float, highest: float) -> float:
    return number if lowest <= number <= highest else GAP


def _mean_of(text: str, read_one: Callable[[str], float]) -> float:
    """Return the mean of a list ("3;4") or range ("3-4"); one unreadable member spoils it."""
    plain = _APPROXIMATE.sub("", text[:LONGEST_TEXT].strip().lower())
    between = _RANGE.fullmatch(plain)
    members = [between[1] + between[3], between[2] + between[3]] if between else _LIST.split(plain)
    numbers = [read_one(member.strip()) for member in members if member.strip()]
    return float(np.mean(numbers)) if numbers else GAP


def _one_length_m(text: str) -> float:
    if found := _METRES.fullmatch(text):
        return _float(found[1]) * _METRES_PER_UNIT.get(found[2] or "m", 1.0)
    if found := _FEET.fullmatch(text):
        return _float(found[1]) * FOOT_M + (_float(found[2]) * INCH_M if found[2] else 0.0)
    return GAP


def parse_height_m(text: str) -> float:
    """Return a building's height; metres unless the text names another unit.

    Examples
    --------
    >>> parse_height_m("12 m"), parse_height_m("12,5"), round(parse_height_m("40'"), 3)
    (12.0, 12.5, 12.192)
    >>> parse_height_m("tall"), parse_height_m("-3"), parse_height_m("9000")
    (nan, nan, nan)
    """
    return _within(_mean_of(text, _one_length_m), LOWEST_HEIGHT_M, HIGHEST_HEIGHT_M)


def parse_elevation_m(text: str) -> float:
    """Return the height above ground at which a part of a building begins; zero is allowed.

    Examples
    --------
    >>> parse_elevation_m("0"), parse_elevation_m("39.8"), parse_elevation_m("?")
    (0.0, 39.8, nan)
    """
    return _within(_mean_of(text, _one_length_m), 0.0, HIGHEST_HEIGHT_M)


def parse_roof_height_m(text: str) -> float:
    """Return the height of a roof from eaves to ridge."""
    return _within(_mean_of(text, _one_length_m), 0.0, HIGHEST_ROOF_HEIGHT_M)


def _one_level(text: str) -> float:
    if _PLAIN.fullmatch(text):
        return _float(text)
    if found := _GROUND_PLUS.fullmatch(text):
        return 1.0 + float(found[1])
    return GAP


def parse_storey_count(text: str) -> float:
    """Return the storeys above ground; the mean where parts of a building differ.

    Examples
    --------
    >>> parse_storey_count("3;4"), parse_storey_count("2,5"), parse_storey_count("R+3")
    (3.5, 2.5, 4.0)
    >>> parse_storey_count("0"), parse_storey_count("-1"), parse_storey_count("many")
    (nan, nan, nan)
    """
    return _within(_mean_of(text, _one_level), LOWEST_STOREY_COUNT, HIGHEST_STOREY_COUNT)


def parse_level(text: str) -> float:
    """Return the storey on which a part of a building begins; zero is the ground."""
    return _within(_mean_of(text, _one_level), 0.0, HIGHEST_STOREY_COUNT)


def parse_angle_deg(text: str) -> float:
    """Return the slope of a roof.

    Examples
    --------
    >>> parse_angle_deg("35°"), parse_angle_deg("135")
    (35.0, nan)
    """
    plain = text[:LONGEST_TEXT].strip().rstrip("°").strip()
    return _within(_float(plain), 0.0, STEEPEST_ROOF_DEG) if _PLAIN.fullmatch(plain) else GAP


_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_POINT_DEG = {point: 22.5 * turn for turn, point in enumerate(_POINTS)}
_POINT_DEG |= {"NORTH": 0.0, "EAST": 90.0, "SOUTH": 180.0, "WEST": 270.0}


def parse_direction_deg(text: str) -> float:
    """Return a direction clockwise from north, from degrees or points of the compass.

    Examples
    --------
    >>> parse_direction_deg("NNE"), parse_direction_deg("270"), parse_direction_deg("370")
    (22.5, 270.0, nan)
    """
    plain = text[:LONGEST_TEXT].strip().rstrip("°").strip().upper()
    if plain in _POINT_DEG:
        return _POINT_DEG[plain]
    return _within(_float(plain), 0.0, 360.0) if _PLAIN.fullmatch(plain) else GAP


_ROOF_WORDS = {shape: shape for shape in ROOF_SHAPES} | {
    "gable": "gabled",
    "pitched": "gabled",
    "hip": "hipped",
    "half_hipped": "half-hipped",
    "half hipped": "half-hipped",
    "quadruple_saltbox": "saltbox",
    "double_saltbox": "saltbox",
    "side_hipped": "half-hipped",
    "side_half-hipped": "half-hipped",
    "shed": "skillion",
    "lean_to": "skillion",
    "monopitched": "skillion",
    "pyramid": "pyramidal",
    "conical": "cone",
    "arched": "round",
    "complex": "many",
}


def parse_roof_shape(text: str) -> str | None:
    """Return one of the project's roof shapes, or None.

    Examples
    --------
    >>> parse_roof_shape("half_hipped"), parse_roof_shape("9.0")
    ('half-hipped', None)
    """
    return _ROOF_WORDS.get(text[:LONGEST_TEXT].strip().lower())


def parse_material(text: str) -> str | None:
    """Return the word for what a roof is covered with, or None for what is no word.

    Examples
    --------
    >>> parse_material(" Grass "), parse_material("42")
    ('grass', None)
    """
    plain = text[:LONGEST_TEXT].strip().lower()
    return plain if _MATERIAL.fullmatch(plain) else None


def parse_roof_planes(text: str) -> str | None:
    """Return planes of a roof as the project writes them, or None.

    Examples
    --------
    >>> parse_roof_planes("35/180/61/10/10/6.1 35/0/61/10/10/6.1") is not None, parse_roof_planes("35/180")
    (True, None)
    """
    return text if len(text) <= LONGEST_PLANES and _PLANES.fullmatch(text) else None


def parse_solar_source(text: str) -> str | None:
    """Return ``solar`` for a generator that makes power of light."""
    return "solar" if "solar" in text[:LONGEST_TEXT].lower() else None


def parse_power_kw(text: str) -> float:
    """Return the power of a generator, NaN for what is not a number with a unit of power.

    Examples
    --------
    >>> parse_power_kw("5.4 kW"), parse_power_kw("250 W"), parse_power_kw("1,2 MWp"), parse_power_kw("yes")
    (5.4, 0.25, 1200.0, nan)
    """
    found = _POWER.fullmatch(text[:LONGEST_TEXT].strip().lower())
    if found is None:
        return math.nan
    power_kw = float(found[1].replace(",", ".")) * _KW_OF_UNIT[found[2]]
    return power_kw if 0.0 < power_kw <= HIGHEST_SOLAR_KWP else math.nan


def parse_roof_orientation(text: str) -> str | None:
    """Return ``along`` or ``across``, or None."""
    plain = text[:LONGEST_TEXT].strip().lower()
    return plain if plain in ROOF_ORIENTATIONS else None


def read_numbers(texts: Iterable[str | None], parse: Callable[[str], float]) -> tuple[FloatArray, int]:
    """Return parsed numbers, and how many texts were there but made no sense.

    Examples
    --------
    >>> read_numbers(["3", None, "x"], parse_storey_count)
    (array([ 3., nan, nan]), 1)
    """
    known: dict[str, float] = {}
    numbers = []
    refused_count = 0
    for text in texts:
        if text is None or not text.strip():
            numbers.append(GAP)
            continue
        if text not in known:
            known[text] = parse(text)
        refused_count += math.isnan(known[text])
        numbers.append(known[text])
    return np.array(numbers, dtype=np.float64), refused_count


_YEAR = r"\d{4}"
_ONE_YEAR = re.compile(rf"({_YEAR})(?:-(?:0\d|1[0-2])(?:-[0-3]\d)?(?:t.*)?)?", re.ASCII)
_DOTTED_DATE = re.compile(rf"[0-3]?\d[./][01]?\d[./]({_YEAR})", re.ASCII)
_SHORT_RANGE = re.compile(rf"({_YEAR})\s*[-–/]\s*(\d\d)", re.ASCII)
_DECADE = re.compile(rf"({_YEAR[:-3]}{{3}})0'?s", re.ASCII)
_CENTURY = re.compile(r"c(\d{1,2})|(\d{1,2})(?:st|nd|rd|th) century", re.ASCII)
_THIRD = re.compile(r"(early|mid|late)[\s-]+(.*)")
_ABOUT = re.compile(r"(?:~|circa|ca\.?|c\.|about)\s*(.*)|c(\d{4}.*)|(.*?)\s*\?")
_SPAN = re.compile(r"(.+?)\s*(?:\.\.|–|—|\bto\b|/)\s*(.+)|(\d{4})\s*-\s*(\d{4})|(.+?)\s+-\s+(.+)")


def _plain_years(text: str) -> tuple[float, float]:
    """Return the range of a year, a date, a decade or a century."""
    if found := _ONE_YEAR.fullmatch(text) or _DOTTED_DATE.fullmatch(text):
        return float(found[1]), float(found[1])
    if found := _DECADE.fullmatch(text):
        return float(found[1]) * 10, float(found[1]) * 10 + 9
    if found := _CENTURY.fullmatch(text):
        first = (int(found[1] or found[2]) - 1) * 100
        return float(first), float(first + 99)
    if (found := _SHORT_RANGE.fullmatch(text)) and int(found[2]) > int(found[1][2:]):
        return float(found[1]), float(found[1][:2] + found[2])
    return YEAR_GAP


def _years(text: str, depth: int = 0) -> tuple[float, float]:
    plain = _plain_years(text)
    if not math.isnan(plain[0]) or depth > 3:
        return plain
    if text.startswith(("before ", "until ", "<", "..")):
        return GAP, _years(re.sub(r"^(before|until|<|\.\.)\s*", "", text), depth + 1)[1]
    if text.startswith(("after ", "since ", ">")) or text.endswith(".."):
        return _years(re.sub(r"^(after|since|>)\s*|\s*\.\.$", "", text), depth + 1)[0], GAP
    if found := _THIRD.fullmatch(text):
        first, last = _years(found[2], depth + 1)
        third = (last - first + 1) / 3
        part = ("early", "mid", "late").index(found[1])
        if math.isnan(third):
            return YEAR_GAP
        return first + math.floor(third * part), first + math.ceil(third * (part + 1)) - 1
    if found := _ABOUT.fullmatch(text):
        first, last = _years(found[1] or found[2] or found[3] or "", depth + 1)
        return first - ABOUT_YEARS, last + ABOUT_YEARS
    if found := _SPAN.fullmatch(text):
        begin, end = [group for group in found.groups() if group]
        return _years(begin.strip(), depth + 1)[0], _years(end.strip(), depth + 1)[1]
    return YEAR_GAP


def parse_years(text: str) -> tuple[float, float]:
    """Return the earliest and latest year of construction that a text allows.

    An open side is NaN ("before 1939" knows no earliest year); both are NaN where the text makes
    no sense. Of several dates ("1936;1985", built and extended) the first counts. Years that are
    only about known are widened by `ABOUT_YEARS` on either side.

    Examples
    --------
    >>> parse_years("1936-05-12"), parse_years("before 1939"), parse_years("1908..1939")
    ((1936.0, 1936.0), (nan, 1939.0), (1908.0, 1939.0))
    >>> parse_years("1890s"), parse_years("C19"), parse_years("late 1920s"), parse_years("2012?")
    ((1890.0, 1899.0), (1800.0, 1899.0), (1926.0, 1929.0), (2007.0, 2017.0))
    >>> parse_years("9999"), parse_years("old"), parse_years("1939..1908")
    ((nan, nan), (nan, nan), (nan, nan))
    """
    plain = re.sub(r"^jd?:", "", text[:LONGEST_TEXT].split(";", maxsplit=1)[0].strip().lower()).strip()
    first, last = _years(plain)
    if first > last or first > LATEST_YEAR or last < EARLIEST_YEAR:
        return YEAR_GAP
    if first < EARLIEST_YEAR:
        first = GAP
    return first, min(last, float(LATEST_YEAR)) if not math.isnan(last) else GAP


def read_years(texts: Iterable[str | None]) -> tuple[FloatArray, int]:
    """Return (n, 2) first and last years, and how many texts were there but made no sense."""
    known: dict[str, tuple[float, float]] = {}
    years = []
    refused_count = 0
    for text in texts:
        if text is None or not text.strip():
            years.append(YEAR_GAP)
            continue
        if text not in known:
            known[text] = parse_years(text)
        refused_count += all(map(math.isnan, known[text]))
        years.append(known[text])
    return np.array(years, dtype=np.float64).reshape(-1, 2), refused_count
