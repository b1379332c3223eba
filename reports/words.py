"""The words of every page: one catalogue a language, numbers written in one way."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Final

from layers.core.errors import PlannerError

LOCALES: Final = Path(__file__).resolve().parent / "locale"
THIN_SPACE: Final = "\u202f"
# forbids a line break where it stands
_JOIN: Final = "\u2060"
MISSING: Final = "–"
FIGURES: Final = 3
# where a yearly energy changes its unit: the number that would read 10,000
_NEXT_UNIT_KWH: Final = 9_995.0
_ENERGY_UNITS: Final = (("kWh", 1.0), ("MWh", 1e3), ("GWh", 1e6))


class WordsError(PlannerError):
    """A sentence that the catalogue does not hold, or that lacks a value."""


class Words:
    """The sentences of one language, by their keys."""

    def __init__(self, sentences: Mapping[str, str], language: str = "en") -> None:
        self.sentences = dict(sentences)
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values.

        Raises
        ------
        WordsError
            When the key or a value is missing.

        Examples
        --------
        >>> Words({"likely": "between {low} and {high}"}).say("likely", low=1, high=2)
        'between 1 and 2'
        """
        try:
            return self.sentences[key].format(**values)
        except KeyError as problem:
            raise WordsError(f"The words of {self.language!r} lack {problem} for {key!r}.") from problem

    def word(self, prefix: str, value: object) -> str:
        """Return the word for a value of the data, or the value itself, readable."""
        return self.sentences.get(f"{prefix}{value}", str(value).replace("_", " "))


@cache
def read_words(language: str = "en") -> Words:
    """Read the catalogue of a language."""
    path = LOCALES / f"{language}.json"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in LOCALES.glob("*.json")))
        raise WordsError(f"There are no words in {language!r}; there are {known}.")
    return Words(json.loads(path.read_text(encoding="utf-8")), language)


def grouped(digits: str) -> str:
    """Return digits in groups of three.

    Examples
    --------
    >>> grouped("1234567").split(THIN_SPACE)
    ['1', '234', '567']
    """
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", THIN_SPACE, digits)


# units that stay on the line of their number
_UNITS: Final = "m²|m|km²|km|ha|kWh/m²|kWh|MWh/ha|MWh/m|MWh|GWh|kWp|kW|K|°C"


def house_style(text: str) -> str:
    """Return a sentence of ours with its numbers written as everywhere else on the page.

    Thin spaces part thousands, and stand before per cent signs and units, so that no line breaks there;
    neither does one inside a range.

    Examples
    --------
    >>> house_style("9,270 m² here, 60 % there").replace(THIN_SPACE, "_")
    '9_270_m² here, 60_% there'
    >>> house_style("in 2019, 446 buildings (90%)").replace(THIN_SPACE, "_")
    'in 2019, 446 buildings (90_%)'
    """
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", THIN_SPACE, text)
    text = re.sub(r"(?<=\d)–(?=\d)", "–" + _JOIN, text)
    return re.sub(rf"(?<=\d) ?(?=%)|(?<=\d) (?=(?:{_UNITS})(?!\w))", THIN_SPACE, text)


def whole_options(page: str) -> str:
    """Return a page on which an option of a command stays on one line.

    Examples
    --------
    >>> whole_options('<p title="(--fast)">Say it (--fast).</p>')
    '<p title="(--fast)">Say it (<span class="option">--fast</span>).</p>'
    """
    head, body, rest = page.partition("<body")
    if not body:
        head, rest = "", page
    marked = re.sub(r"(?<=[\s(“])(--[a-z][a-z-]*[a-z])(?=[^<>]*<)", r'<span class="option">\1</span>', rest)
    return head + body + marked


def count(value: float) -> str:
    """Return a counted number in full."""
    return grouped(str(math.floor(value + 0.5)))


def figure(value: float | None) -> str:
    """Return a calculated number with three figures at most; zeros that end a fraction say nothing.

    Examples
    --------
    >>> figure(1234.5) == f"1{THIN_SPACE}230", figure(0.012345), figure(98.76), figure(-5), figure(None)
    (True, '0.0123', '98.8', '−5', '–')
    """
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return MISSING
    if value == 0:
        return "0"
    size = Decimal(abs(value))
    # halves go up, as in the pages' scripts
    rounded_size = size.quantize(Decimal(1).scaleb(size.adjusted() - FIGURES + 1), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded_size:f}".partition(".")
    fraction = fraction.rstrip("0")
    return ("−" if value < 0 else "") + grouped(whole) + ("." + fraction if fraction else "")


def percent(share: float | None) -> str:
    """Return a share as whole per cent.

    Examples
    --------
    >>> percent(0.714) == f"71{THIN_SPACE}%"
    True
    """
    if share is None or share != share:
        return MISSING
    return f"{count(share * 100)}{THIN_SPACE}%"


def energy_unit(kwh: float) -> tuple[str, float]:
    """Return the unit that keeps a yearly energy short, and how many kWh it holds.

    Examples
    --------
    >>> energy_unit(850.0), energy_unit(84_000_000.0)
    (('kWh', 1.0), ('GWh', 1000000.0))
    """
    size = abs(kwh)
    step = 0 if size < _NEXT_UNIT_KWH else 1 if size < 1e3 * _NEXT_UNIT_KWH else 2
    return _ENERGY_UNITS[step]


def energy(kwh: float | None) -> str:
    """Return a yearly energy with its unit.

    Examples
    --------
    >>> energy(412_345.0) == f"412{THIN_SPACE}MWh"
    True
    """
    if kwh is None or kwh != kwh:
        return MISSING
    unit, factor = energy_unit(kwh)
    return f"{figure(kwh / factor)}{THIN_SPACE}{unit}"


def quantity(value: float | None, unit: str) -> str:
    """Return a calculated number with its unit."""
    text = figure(value)
    return text if text == MISSING or not unit else f"{text}{THIN_SPACE}{unit}"
