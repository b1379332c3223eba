"""Write a city's data-quality page: what is known, how good the rest is, where it is assumed.

One page without scripts, like the summary. Shares are by building and by heated floor area; the map shows
100 m squares, never single buildings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from layers.core.contracts import ORIGINS
from layers.core.text import clean_name
from layers.core.types import FloatArray, ObjectArray
from reports import charts, palettes
from reports.inputs import Assessment
from reports.offline import ASSETS, POLICY_PLACE, with_policy
from reports.sections.section import templates
from reports.statements import sentence
from reports.words import MISSING, Words, count, figure, percent, quantity, read_words, whole_options

KNOWN_ORIGINS: Final = ("measured", "user", "tagged")
ATTRIBUTES: Final = ("use", "storey_count", "height", "construction_year")
# what the map and the ranking of districts look at; a height follows from the storeys
MAPPED: Final = ("use", "storey_count", "construction_year")
SQUARE_M: Final = 100.0
ASSUMED_STEPS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# from known to assumed, as the colours of origins
ASSUMED_COLOURS: Final = palettes.run_of_colours(("#174f63", "#86aeb5", "#f0dcc0", "#d9a65f", "#a8611c"), 5)
ORIGIN_COLOURS: Final = dict(
    zip(ORIGINS, ("#174f63", "#3d7382", "#86aeb5", "#e9c98f", "#d9a65f"), strict=True)
)
MOST_SHOWN_COUNT: Final = 24
# outlines of districts need no more detail than a square of the map
_OUTLINE_TOLERANCE_M: Final = 10.0
_MARGIN_M: Final = 60.0
_SCALE_STEPS_M: Final = (100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0)
_SCALE_SHARE: Final = 0.25
_WANTED_LOW, _WANTED_HIGH = 0.7, 0.9
# where the ends of the likely range stand, and whose they are
_RANGES: Final = {
    "storey_count": ("storey_count", "storey_p10_count", "storey_p90_count"),
    "height_m": ("height", "height_p10_m", "height_p90_m"),
    "construction_year": ("construction_year", "construction_p10_year", "construction_p90_year"),
}


@dataclass(frozen=True)
class Knowledge:
    """How much of one attribute is known, by buildings and by heated floor."""

    name: str
    pieces: list[charts.Piece]
    text: str
    known_share: float
    floor_share: float


@dataclass(frozen=True)
class Check:
    """How good one attribute is where it was filled in."""

    name: str
    method: str
    labels: str
    error: str
    rule_error: str
    held: str
    reach: str
    remark: str


@dataclass(frozen=True)
class Square:
    """All squares of one class as one path."""

    colour: str
    text: str
    path: str
    square_count: int


@dataclass(frozen=True)
class OriginMap:
    """The map of origins as shapes of an SVG; y grows southwards."""

    width: float
    height: float
    squares: list[Square]
    outlines: str
    scale_m: float
    scale_text: str


def _origins(buildings: pd.DataFrame, attribute: str) -> pd.Series:
    name = f"{attribute}_origin"
    if name not in buildings.columns:
        return pd.Series("default", index=buildings.index)
    return buildings[name].astype("string").fillna("default")


def known_values(buildings: pd.DataFrame, attributes: tuple[str, ...] = MAPPED) -> pd.DataFrame:
    """Return for each building and attribute whether its value is known rather than filled in.

    Examples
    --------
    >>> table = pd.DataFrame({"use_origin": ["tagged", "imputed"], "height_origin": ["user", "default"]})
    >>> known_values(table, ("use", "height")).sum(axis=1).tolist()
    [2, 0]
    """
    return pd.DataFrame({name: _origins(buildings, name).isin(KNOWN_ORIGINS) for name in attributes})


def knowledge(assessment: Assessment, words: Words) -> list[Knowledge]:
    """Return how much is known of each attribute."""
    buildings = assessment.buildings
    floor = buildings["heated_floor_area_m2"].astype(float).fillna(0.0)
    rows = []
    for attribute in ATTRIBUTES:
        origin = _origins(buildings, attribute)
        shares = {name: float((origin == name).mean()) for name in ORIGINS} if len(origin) else {}
        pieces = charts.share_pieces(shares)
        text = ", ".join(f"{words.say('origin_' + piece.name)} {percent(piece.share)}" for piece in pieces)
        is_known = origin.isin(KNOWN_ORIGINS)
        total = float(floor.sum())
        rows.append(
            Knowledge(
                words.word("attribute_", attribute), pieces, text,
                float(is_known.mean()) if len(is_known) else 0.0,
                float(floor[is_known].sum()) / total if total > 0 else 0.0,
            )
        )  # fmt: skip
    return rows


def _error_text(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return MISSING
    return percent(value) if unit == "share" else quantity(value, unit)


def _remark(row: pd.Series, words: Words) -> str:
    """Return what a reader should know about one attribute's ranges."""
    held = float(row["coverage_share"])
    if row["label_count"] == 0:
        return words.say("qua_no_labels")
    if row["attribute"] == "use" and np.isfinite(row["cv_error"]):
        return ""
    if not np.isfinite(held):
        return words.say("qua_few_labels")
    if held < _WANTED_LOW:
        return words.say("qua_too_sure")
    return words.say("qua_too_careful") if held > _WANTED_HIGH else words.say("qua_as_promised")


def _usual_reach(buildings: pd.DataFrame, attribute: str, unit: str) -> str:
    """Return how far the ends of the likely range usually lie apart where a heated building was filled in."""
    if attribute not in _RANGES or not {*_RANGES[attribute][1:]} <= set(buildings.columns):
        return MISSING
    name, low, high = _RANGES[attribute]
    rows = ~_origins(buildings, name).isin(KNOWN_ORIGINS) & (buildings["heated_floor_area_m2"] > 0)
    apart = (buildings[high] - buildings[low])[rows].astype(float)
    return quantity(float(apart.median()), unit) if len(apart) else MISSING


def checks(assessment: Assessment, words: Words) -> list[Check]:
    """Return how good each attribute is where it was filled in; nothing without a table of quality."""
    rows, quality = [], assessment.quality
    for position in range(len(quality)):
        row = quality.iloc[position]
        unit, held = str(row["unit"]), float(row["coverage_share"])
        name, method = str(row["attribute"]), str(row["method"])
        key = f"qua_{method}_{name}" if f"qua_{method}_{name}" in words.sentences else f"qua_{method}"
        rows.append(
            Check(
                words.word("attribute_", name),
                words.word("", key),
                count(float(row["label_count"])),
                _error_text(float(row["cv_error"] if method != "rule" else row["rule_error"]), unit),
                _error_text(float(row["rule_error"]), unit) if method != "rule" else MISSING,
                percent(held) if np.isfinite(held) else MISSING,
                _usual_reach(assessment.buildings, name, unit),
                _remark(row, words),
            )
        )
    return rows


def assumed_squares(buildings: pd.DataFrame, x_m: FloatArray, y_m: FloatArray) -> pd.DataFrame:
    """Return squares of 100 m with the share of values that were filled in.

    Parameters
    ----------
    buildings : DataFrame
        With the origins of use, storeys and year.
    x_m, y_m : (n,) arrays
        A place in each building.

    Returns
    -------
    DataFrame
        `column`, `row` (numbers of the square), `assumed_share`, `building_count`.

    Examples
    --------
    >>> table = pd.DataFrame({"use_origin": ["tagged", "default"]})
    >>> found = assumed_squares(table, np.array([10.0, 90.0]), np.array([10.0, 10.0]))
    >>> found["assumed_share"].round(2).tolist()
    [0.83]
    """
    assumed = 1.0 - known_values(buildings).to_numpy(dtype=float).mean(axis=1)
    table = pd.DataFrame(
        {
            "column": np.floor(x_m / SQUARE_M).astype(np.int64),
            "row": np.floor(y_m / SQUARE_M).astype(np.int64),
            "assumed": assumed,
        }
    )
    found = table.groupby(["row", "column"], sort=True)["assumed"].agg(["mean", "size"]).reset_index()
    return found.rename(columns={"mean": "assumed_share", "size": "building_count"})


def _outline_path(shapes: ObjectArray, west: float, north: float) -> str:
    """Return outlines as one path, in whole metres from the north-west corner."""
    rings = shapely.get_rings(shapely.get_parts(shapely.simplify(shapes, _OUTLINE_TOLERANCE_M)))
    pieces = []
    for ring in rings:  # some dozens of districts
        corners = np.rint(shapely.get_coordinates(ring) - [west, north]).astype(int)
        pieces.append("M" + "L".join(f"{x} {-y}" for x, y in corners[:-1].tolist()) + "Z")
    return "".join(pieces)


def origin_map(assessment: Assessment, words: Words) -> OriginMap | None:
    """Return the map of origins, or None where nothing stands."""
    buildings = assessment.buildings
    if not len(buildings):
        return None
    center = shapely.centroid(np.asarray(buildings.geometry.to_numpy(), dtype=object))
    squares = assumed_squares(buildings, shapely.get_x(center), shapely.get_y(center))
    west = float(squares["column"].min()) * SQUARE_M - _MARGIN_M
    north = float(squares["row"].max() + 1) * SQUARE_M + _MARGIN_M
    width = float(squares["column"].max() + 1) * SQUARE_M + _MARGIN_M - west
    height = north - (float(squares["row"].min()) * SQUARE_M - _MARGIN_M)
    # the upper end of a class belongs to it, and nothing assumed is the first
    code = np.clip(np.searchsorted(ASSUMED_STEPS, squares["assumed_share"].to_numpy() - 1e-9) - 1, 0, 4)
    drawn = []
    for number, colour in enumerate(ASSUMED_COLOURS):
        some = squares[code == number]
        corner = zip(
            (some["column"] * SQUARE_M - west).astype(int).tolist(),
            (north - (some["row"] + 1) * SQUARE_M).astype(int).tolist(),
            strict=True,
        )
        side = int(SQUARE_M) - 4
        path = "".join(f"M{x + 2} {y + 2}h{side}v{side}h-{side}z" for x, y in corner)
        text = words.say("range", low=percent(ASSUMED_STEPS[number]), high=percent(ASSUMED_STEPS[number + 1]))
        drawn.append(Square(colour, text, path, len(some)))
    scale_m = max((step for step in _SCALE_STEPS_M if step <= _SCALE_SHARE * width), default=SQUARE_M)
    text = quantity(scale_m, "m") if scale_m < 1000.0 else quantity(scale_m / 1000.0, "km")
    shapes = np.asarray(assessment.districts.geometry.to_numpy(), dtype=object)
    return OriginMap(width, height, drawn, _outline_path(shapes, west, north), scale_m, text)


def _district_rows(assessment: Assessment) -> list[dict[str, str]]:
    """Return what is known in each district, least first."""
    known = known_values(assessment.buildings)
    district = assessment.buildings["district_id"]
    shares = known.groupby(district.to_numpy(dtype=object)).mean()
    counts = district.value_counts()
    shares = shares.reindex([name for name in assessment.districts.index if name in shares.index])
    names = assessment.districts.get("name", pd.Series(dtype=object)).astype("string")
    ranked = shares.assign(mean=shares.mean(axis=1)).sort_values("mean", kind="stable")
    return [
        {
            "name": clean_name(str(names.get(name, name)), 120),
            "count": count(float(counts.get(name, 0))),
            **{attribute: percent(float(ranked.loc[name, attribute])) for attribute in MAPPED},
        }
        for name in ranked.index
    ]


def _monuments(buildings: pd.DataFrame) -> tuple[int, int]:
    """Return how many buildings are dated, and how many of them are monuments by their tags."""
    dated = _origins(buildings, "construction_year").isin(KNOWN_ORIGINS)
    if "is_protected_tag" not in buildings.columns:
        return int(dated.sum()), 0
    tagged = buildings["is_protected_tag"].astype("boolean").fillna(False).astype(bool)
    return int(dated.sum()), int((dated & tagged).sum())


def _context(assessment: Assessment, words: Words) -> dict[str, Any]:
    known = knowledge(assessment, words)
    by_name = dict(zip(ATTRIBUTES, known, strict=True))
    dated, monuments = _monuments(assessment.buildings)
    return {
        "title": words.say(
            "qua_title", city=clean_name(assessment.title),
            **{name: percent(by_name[name].known_share) for name in MAPPED},
        ),
        "known": known,
        "checks": checks(assessment, words),
        "dated": words.say("qua_dated", dated=count(dated), monuments=count(monuments)) if dated else "",
        "map": origin_map(assessment, words),
        "districts": _district_rows(assessment),
    }  # fmt: skip


def make_quality(assessment: Assessment, *, language: str = "en") -> str:
    """Return the data-quality page as text."""
    words = read_words(language)
    style = "".join((ASSETS / name).read_text(encoding="utf-8") for name in ("summary.css", "quality.css"))
    template = templates().get_template("quality.html.j2")
    page = template.render(
        place=POLICY_PLACE,
        language=language,
        style=style,
        say=words.say,
        city=clean_name(assessment.title),
        subtitle=sentence(assessment.subtitle, 200),
        origin_colours=ORIGIN_COLOURS,
        percent=percent,
        figure=figure,
        count=count,
        notes=[(sentence(note.text, 400), note.count) for note in assessment.notes],
        sources=assessment.sources,
        clean=clean_name,
        most=MOST_SHOWN_COUNT,
        version=assessment.version,
        **_context(assessment, words),
    )
    return with_policy(whole_options(page.replace("\r", "")))


def write_quality(assessment: Assessment, path: Path) -> None:
    """Write a city's data-quality page as one self-contained file.

    Parameters
    ----------
    assessment : Assessment
    path : Path
        File to write.
    """
    path.write_text(make_quality(assessment), encoding="utf-8", newline="\n")
