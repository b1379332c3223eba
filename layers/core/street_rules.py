"""Streets in which a pipe of a heat network must or must not lie, as a person says."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.errors import InputProblem
from layers.core.text import clean_name
from layers.core.types import BoolArray

FORCED, FORBIDDEN = "forced", "forbidden"
RULES = (FORCED, FORBIDDEN)
_NEAR_COUNT = 3
_LONGEST_ID = 60
# sections of one street are numbered after this
_NUMBER = ":"


@dataclass(frozen=True)
class StreetRules:
    """Rules by street.

    Attributes
    ----------
    name : str
        Of the file.
    street_id, rule : tuples of text
        A street's id stands for all its sections unless it is that of one section with a number.
    """

    name: str
    street_id: tuple[str, ...]
    rule: tuple[str, ...]


@dataclass(frozen=True)
class FoundRules:
    """Rules by section; None where there is no rule of the kind."""

    forced: BoolArray | None
    forbidden: BoolArray | None


def find_rules(rules: StreetRules | None, streets: pd.Index) -> FoundRules:
    """Return which sections are forced and which are forbidden.

    Parameters
    ----------
    rules : StreetRules or None
    streets : Index
        Ids of all sections.

    Raises
    ------
    InputProblem
        When a rule names a street that is not there (near ids are named), or a street has both rules.

    Examples
    --------
    >>> rules = StreetRules("rules.csv", ("way/1",), ("forbidden",))
    >>> find_rules(rules, pd.Index(["way/1", "way/1:2", "way/12"])).forbidden
    array([ True,  True, False])
    """
    if rules is None or not rules.street_id:
        return FoundRules(None, None)
    ids = streets.astype(str).to_numpy(dtype=object)
    whole = np.array([text.split(_NUMBER)[0] for text in ids], dtype=object)
    marks = {rule: np.zeros(len(ids), dtype=bool) for rule in RULES}
    for street_id, rule in zip(rules.street_id, rules.rule, strict=True):
        is_meant = (ids == street_id) | (whole == street_id)
        if not is_meant.any():
            near = difflib.get_close_matches(street_id, list(dict.fromkeys(ids)), _NEAR_COUNT, 0.0)
            hint = f"; near are {', '.join(near)}" if near else ""
            raise InputProblem(
                f"{rules.name} names the street {clean_name(street_id, _LONGEST_ID)!r}, which is not among "
                f"the {len(ids):,} street sections of the city{hint}. Ids stand in the layer "
                "streets of planner.gpkg."
            )
        marks[rule] |= is_meant
    both = ids[marks[FORCED] & marks[FORBIDDEN]]
    if len(both):
        raise InputProblem(
            f"{rules.name} both forces and forbids the street {both[0]!r}; keep one of the two rules."
        )
    forced, forbidden = marks[FORCED], marks[FORBIDDEN]
    return FoundRules(forced if forced.any() else None, forbidden if forbidden.any() else None)
