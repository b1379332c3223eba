"""What a run says about its lighthouses before any table: in sentences, ties and gaps included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from replication.lighthouses import Library, Lighthouse

CLOSE, PARTIAL, NONE, NOT_ASSESSABLE = "close", "partial", "no close analogue", "not assessable"
DOCUMENTS_ONLY = "known from documents only"
# classes of a district; a pair with a lighthouse may also be DOCUMENTS_ONLY
SIMILARITY_CLASSES = (CLOSE, PARTIAL, NONE, NOT_ASSESSABLE)

NEAREST_TITLE = "Nearest lighthouse"
LESSONS_TITLE = "Lighthouse lessons that apply"


@dataclass(frozen=True)
class Theme:
    """What the run says first about its lighthouses.

    Attributes
    ----------
    title : str
        What the map calls the theme.
    statement : str
        One or two sentences.
    """

    title: str
    statement: str


def join_names(names: list[str]) -> str:
    """Return names as a person lists them.

    Examples
    --------
    >>> join_names(["Sello", "Tartu centre", "Spinnerei"])
    'Sello, Tartu centre and Spinnerei'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _districts(count: int, whole: int) -> str:
    if count == whole:
        return "The only district" if whole == 1 else f"All {whole:,} districts"
    return f"{count:,} of {whole:,} districts"


def make_theme(classes: pd.Series, library: Library, least_coverage_share: float = 0.5) -> Theme:
    """Return the theme's title and its statement.

    Parameters
    ----------
    classes : Series
        Class of every district.
    library : Library
    least_coverage_share : float
        Below it a lighthouse is known from documents only.

    Examples
    --------
    >>> from replication.lighthouses import read_lighthouses
    >>> make_theme(pd.Series(["no close analogue"] * 3), read_lighthouses()).title
    'Lighthouse lessons that apply'
    """
    unnamed = [one.name for one in library.documents_only(least_coverage_share)]
    named_count = len(library.compared()) - len(unnamed)
    if named_count == 0:
        return Theme(
            LESSONS_TITLE,
            "No lighthouse is known well enough to be called most alike: all are known from documents only. "
            "They give lessons and results.",
        )
    whole, close, partial = len(classes), int((classes == CLOSE).sum()), int((classes == PARTIAL).sum())
    if unnamed:
        verb = "is" if len(unnamed) == 1 else "are"
        gap = f" {join_names(unnamed)} {verb} known from documents only, too little to call it one."
    else:
        gap = ""
    if close + partial == 0:
        subject = "The only district has" if whole == 1 else f"None of the {whole:,} districts has"
        no_close = "no close analogue" if whole == 1 else "a close analogue"
        return Theme(
            LESSONS_TITLE, f"{subject} {no_close} among the {named_count} lighthouses compared.{gap}"
        )
    found = close + partial
    verb = "has" if found == 1 else "have"
    text = f"{_districts(found, whole)} {verb} an analogue among the {named_count} lighthouses compared"
    if not close:
        kind = "a partial one, not a close one" if found == 1 else "partial ones, none of them close"
    elif not partial:
        kind = "a close one" if found == 1 else "all of them close"
    else:
        kind = f"{close:,} close and {partial:,} partial"
    return Theme(NEAREST_TITLE, f"{text}: {kind}.{gap}")


def district_notes(
    classes: np.ndarray,
    best: np.ndarray,
    tied: list[tuple[int, ...]],
    lighthouses: tuple[Lighthouse, ...],
) -> list[str]:
    """Return one sentence a district: what is nearest, what is about as near, or that nothing is.

    Parameters
    ----------
    classes : (n,) array of text
    best : (n,) array
        Position of the nearest lighthouse; -1 where none may be named.
    tied : n tuples
        Positions of the lighthouses that are about as near.
    """
    notes = []
    for class_name, place, others in zip(classes, best, tied, strict=True):
        if class_name == NOT_ASSESSABLE:
            notes.append("Too little is known of this district to compare it.")
            continue
        if place < 0:
            notes.append("No lighthouse is known well enough to be compared.")
            continue
        names = [lighthouses[place].name, *(lighthouses[other].name for other in others)]
        if class_name == NONE:
            notes.append(f"No close analogue; {names[0]} is the least different.")
        elif len(names) > 1:
            notes.append(f"{join_names(names)} are about equally near.")
        else:
            notes.append(f"{names[0]} is the nearest.")
    return notes
