"""The themes of a city: what is coloured, in which classes, in which colours, in which words.

One model serves the map, its legends, the summary, the styles for desktop GIS and the printed maps,
so that a building is never dark red on one page and orange on the next.

Breaks are of two kinds. Where planners share limits (linear heat density, heat per hectare), the
classes follow these limits, so that two cities can be laid side by side. Elsewhere the breaks divide
the city's own values into groups of about equal number, rounded to numbers that one can remember.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import pandas as pd

from layers.core.types import FloatArray, IntArray
from reports import palettes
from reports.words import Words, grouped

Table = Literal["buildings", "streets", "districts", "cells"]
MOST_CLASSES: Final = 7
_MEMORABLE: Final = np.array([1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
_WIDTHS_PX: Final = (1.6, 2.2, 2.9, 3.7, 4.6, 5.6, 6.8)


@dataclass(frozen=True)
class ThemeClass:
    """One class of a legend."""

    label: str
    colour: str
    width_px: float = 1.0


@dataclass(frozen=True)
class Theme:
    """One way to colour one table.

    Attributes
    ----------
    id, group, title, unit, note : str
        The name in links and styles, the heading it stands under, what the legend says.
    table, column : str
        What is coloured, by which values.
    breaks : tuple of float
        Inner limits of the classes of numbers; a class holds its lower limit.
    categories : tuple of str
        Values of the classes of texts; empty for numbers.
    classes : tuple of ThemeClass
        At most seven, in the order of the breaks or categories.
    missing : ThemeClass
        Where there is no value.
    """

    id: str
    group: str
    title: str
    unit: str
    table: Table
    column: str
    classes: tuple[ThemeClass, ...]
    missing: ThemeClass
    breaks: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        expected = len(self.categories) if self.categories else len(self.breaks) + 1
        if len(self.classes) != expected or not 0 < len(self.classes) <= MOST_CLASSES:
            raise ValueError(
                f"theme {self.id!r} has {len(self.classes)} classes for {expected} groups of values"
            )

    def classify(self, values: pd.Series) -> IntArray:
        """Return the class of each value; the number of classes where there is no value.

        Examples
        --------
        >>> theme = number_theme("t", "g", "T", "m", "cells", "x_m", (10.0,), ("#fff", "#000"), "none")
        >>> theme.classify(pd.Series([9.9, 10.0, None]))
        array([0, 1, 2])
        """
        if self.categories:
            codes = pd.Categorical(values.astype("string"), categories=list(self.categories)).codes
            return np.where(codes < 0, len(self.classes), codes).astype(np.int64)
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        classes = np.searchsorted(np.array(self.breaks), numbers, side="right")
        return np.where(np.isnan(numbers), len(self.classes), classes).astype(np.int64)

    def counts(self, values: pd.Series) -> IntArray:
        """Return the number of values in each class, those without a value last."""
        return np.bincount(self.classify(values), minlength=len(self.classes) + 1)


def memorable(values: FloatArray) -> FloatArray:
    """Return the nearest numbers of the series 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10.

    Examples
    --------
    >>> memorable(np.array([0.0137, 187.0, 2.4]))
    array([1.5e-02, 2.0e+02, 2.5e+00])
    """
    magnitude = 10.0 ** np.floor(np.log10(values))
    nearest = np.abs(np.log(values / magnitude)[:, None] - np.log(_MEMORABLE)[None, :]).argmin(axis=1)
    return np.array([float(f"{value:.4g}") for value in _MEMORABLE[nearest] * magnitude])


def even_breaks(values: pd.Series, most_classes_count: int = MOST_CLASSES) -> tuple[float, ...]:
    """Return breaks that divide positive values into groups of about equal number.

    Parameters
    ----------
    values : Series
        Zero, negative and missing values are not looked at.
    most_classes_count : int

    Returns
    -------
    tuple of float
        Strictly rising, memorable numbers inside the range of the values; empty where the values
        do not differ. The order of the rows changes nothing.

    Examples
    --------
    >>> even_breaks(pd.Series(np.arange(1.0, 1001.0)), 4)
    (250.0, 500.0, 800.0)
    """
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    positive = np.sort(numbers[np.isfinite(numbers) & (numbers > 0)])
    if positive.size == 0:
        return ()
    shares = np.arange(1, most_classes_count) / most_classes_count
    breaks = np.unique(memorable(np.quantile(positive, shares)))
    return tuple(float(limit) for limit in breaks if positive[0] < limit <= positive[-1])


def _limit_text(limit: float) -> str:
    whole, point, fraction = f"{limit:.10g}".partition(".")
    return grouped(whole) + point + fraction


def range_labels(breaks: Sequence[float], words: Words) -> list[str]:
    """Return the labels of the classes between the breaks.

    Examples
    --------
    >>> words = Words({"below": "below {high}", "range": "{low} to {high}", "from": "{low} or more"})
    >>> range_labels((10, 20), words)
    ['below 10', '10 to 20', '20 or more']
    """
    if not breaks:
        return [words.say("any_value")]
    texts = [_limit_text(limit) for limit in breaks]
    inner = [words.say("range", low=low, high=high) for low, high in pairwise(texts)]
    return [words.say("below", high=texts[0]), *inner, words.say("from", low=texts[-1])]


def number_theme(
    theme_id: str, group: str, title: str, unit: str, table: Table, column: str,
    breaks: tuple[float, ...], colours: Sequence[str], missing: str, *,
    labels: Sequence[str] | None = None, has_widths: bool = False, note: str = "",
) -> Theme:  # fmt: skip
    """Return a theme of numbers; `colours` has one more entry than `breaks`."""
    names = labels if labels is not None else [""] * len(colours)
    widths = _WIDTHS_PX if has_widths else (1.0,) * MOST_CLASSES
    classes = tuple(
        ThemeClass(label, colour, width) for label, colour, width in zip(names, colours, widths, strict=False)
    )
    none = ThemeClass(missing, palettes.MISSING)
    return Theme(theme_id, group, title, unit, table, column, classes, none, breaks=breaks, note=note)


def worded_theme(
    theme_id: str, group: str, table: Table, column: str, breaks: tuple[float, ...],
    anchors: Sequence[str], missing: str, words: Words, *, has_widths: bool = False,
) -> Theme:  # fmt: skip
    """Return a theme of numbers whose title, unit and note stand in the catalogue under its name."""
    return number_theme(
        theme_id, group, words.say(f"theme_{theme_id}"), words.say(f"theme_{theme_id}_unit"), table, column,
        breaks, palettes.run_of_colours(anchors, len(breaks) + 1), words.say(missing),
        labels=range_labels(breaks, words), has_widths=has_widths, note=words.say(f"theme_{theme_id}_note"),
    )  # fmt: skip


def category_theme(
    theme_id: str, group: str, title: str, unit: str, table: Table, column: str,
    labels: Mapping[str, str], colours: Sequence[str], missing: str, *, note: str = "",
) -> Theme:  # fmt: skip
    """Return a theme of texts; `labels` maps the values, in the order of the legend, to their words."""
    classes = tuple(ThemeClass(label, colour) for label, colour in zip(labels.values(), colours, strict=True))
    none = ThemeClass(missing, palettes.MISSING)
    return Theme(
        theme_id, group, title, unit, table, column, classes, none, categories=tuple(labels), note=note
    )
