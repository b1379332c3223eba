"""The countries that can be assessed: those for which archetypes are known.

Read with the standard library alone, so that a wrong country is refused before anything heavy loads.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from layers.core.errors import UsageProblem

COUNTRIES = Path(__file__).resolve().parent.parent / "data" / "archetype_countries.csv"
# Eurostat's codes where they differ from ISO 3166
EUROSTAT_CODES = {"EL": "GR", "UK": "GB"}


@cache
def known_countries() -> dict[str, str]:
    """Return the countries that have archetypes: ISO code to name, in the order of codes.

    Examples
    --------
    >>> known_countries()["XK"]
    'Kosovo'
    """
    with COUNTRIES.open(encoding="utf-8", newline="") as lines:
        return dict(sorted((row["country"], row["name"]) for row in csv.DictReader(lines)))


def check_country(country: str) -> str:
    """Return a country's two-letter ISO code, or refuse it with the list of those that are known.

    Examples
    --------
    >>> check_country("el"), check_country("FI")
    ('GR', 'FI')
    """
    code = country.strip().upper()
    code = EUROSTAT_CODES.get(code, code)
    known = known_countries()
    if code not in known:
        listed = ", ".join(f"{known_code} {name}" for known_code, name in known.items())
        raise UsageProblem(f"No archetypes are known for country {country!r}; known are: {listed}.")
    return code
