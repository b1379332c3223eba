"""What a lighthouse file must hold; problems are told as sentences, all of a file at once.

Coaches write these files by hand, so a wrong word must lead to the right one.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from layers.core.errors import InputProblem
from replication.dictionary import categories_of, read_indicators

CLASSES = ("district", "plan", "system", "portfolio")
HOW = ("computed", "documented", "derived", "estimate")
CONFIDENCES = ("high", "medium", "low")
STAGES = ("planned", "achieved", "measured", "reported", "derived")
SHAPES = ("polygon", "point")
HEAD = {"id": str, "name": str, "city": str, "country": str, "class": str, "kind": str, "summary": str}
MORE_HEAD = {
    "project": str,
    "owner": str,
    "outline": dict,
    "features": dict,
    "results": list,
    "facts": list,
    "notes": list,
}
FEATURE = {"value", "low", "high", "how", "source", "confidence"}
RESULT = {"intervention", "quantity", "stage", "value", "unit", "status", "source", "confidence", "note"}
FACT = {"name", "value", "unit", "status", "source", "confidence"}
OUTLINE = {"accuracy_m", "source", "confidence", "note", "shape", "points_deg"}
KINDS = {str: "text", dict: "a section", list: "a list of sections"}


def read_document(path: Path) -> dict[str, Any]:
    """Read and check a lighthouse file.

    Raises
    ------
    InputProblem
        With every problem found.
    """
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as problem:
        raise InputProblem(f"{path} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise InputProblem(f"{path} is not UTF-8 text; save it as UTF-8.") from problem
    except tomllib.TOMLDecodeError as problem:
        raise InputProblem(f"{path} is not valid TOML: {problem}.") from problem
    problems = find_problems(document)
    if problems:
        raise InputProblem(f"{path} does not describe a lighthouse: " + "; ".join(problems) + ".")
    return document


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _unknown_keys(where: str, found: dict[str, Any], known: Iterable[str]) -> list[str]:
    allowed = set(known)
    return [
        f"{where} has the unknown key {key!r}{_did_you_mean(key, sorted(allowed))}"
        for key in found
        if key not in allowed
    ]


def _text_problems(where: str, found: dict[str, Any], needed: Iterable[str]) -> list[str]:
    return [
        f"{where} needs {key} as text"
        for key in needed
        if not isinstance(found.get(key), str) or not found[key].strip()
    ]


def _choice_problems(where: str, found: dict[str, Any], key: str, allowed: tuple[str, ...]) -> list[str]:
    word = found.get(key)
    if word in allowed:
        return []
    return [f"{where} has {key} = {word!r}; use one of {', '.join(allowed)}"]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _feature_problems(name: str, found: object) -> list[str]:
    where = f"features.{name}"
    indicators = read_indicators()
    if name not in indicators:
        return [f"{where} is not an indicator{_did_you_mean(name, indicators)}"]
    if not isinstance(found, dict):
        return [f"{where} must be a section with value, how, confidence and source"]
    problems = _unknown_keys(where, found, FEATURE)
    problems += _text_problems(where, found, ("source",))
    problems += _choice_problems(where, found, "how", HOW)
    problems += _choice_problems(where, found, "confidence", CONFIDENCES)
    return problems + _value_problems(where, name, found)


def _value_problems(where: str, name: str, found: dict[str, Any]) -> list[str]:
    if "value" not in found:
        return [f"{where} has no value; leave the whole section out when nothing is known"]
    indicator = read_indicators()[name]
    if not indicator.is_number:
        if not isinstance(found["value"], str):
            return [f"{where} needs a word, found {found['value']!r}"]
        allowed = categories_of(name)
        return _choice_problems(where, found, "value", allowed) if allowed else []
    numbers = {key: found[key] for key in ("value", "low", "high") if key in found}
    wrong = [
        f"{where} has {key} = {number!r}, not a number"
        for key, number in numbers.items()
        if not _is_number(number)
    ]
    if wrong:
        return wrong
    low, high = numbers.get("low", numbers["value"]), numbers.get("high", numbers["value"])
    if not low <= numbers["value"] <= high:
        return [f"{where} has the value {numbers['value']:g} outside its range {low:g} to {high:g}"]
    if name.endswith("_share") and not (low >= 0 and high <= 1):
        return [f"{where} is a share from 0 to 1, found {low:g} to {high:g}"]
    if indicator.transform == "log" and low < 0:
        return [f"{where} cannot be negative, found {low:g}"]
    return []


def _outline_problems(found: dict[str, Any]) -> list[str]:
    problems = _unknown_keys("outline", found, OUTLINE)
    problems += _text_problems("outline", found, ("source",))
    problems += _choice_problems("outline", found, "confidence", CONFIDENCES)
    problems += _choice_problems("outline", found, "shape", SHAPES)
    if not _is_number(found.get("accuracy_m")) or found["accuracy_m"] < 0:
        problems.append("outline needs accuracy_m, the metres by which the drawing may be off")
    points = found.get("points_deg")
    is_list = isinstance(points, list) and all(
        isinstance(one, list) and len(one) == 2 and all(map(_is_number, one)) for one in points
    )
    if not is_list or not points:
        return [*problems, "outline needs points_deg as a list of [longitude, latitude]"]
    if any(abs(lon) > 180 or abs(lat) > 90 for lon, lat in points):
        problems.append("outline has points that are not degrees; give longitude before latitude")
    if found.get("shape") == "polygon" and len(points) < 4:
        problems.append("outline is a polygon with fewer than four points; close it with the first point")
    return problems


def _list_problems(where: str, found: list[Any], known: set[str], needed: tuple[str, ...]) -> list[str]:
    problems = []
    for number, one in enumerate(found, start=1):
        place = f"{where} number {number}"
        if not isinstance(one, dict):
            problems.append(f"{place} must be a section")
            continue
        problems += _unknown_keys(place, one, known)
        problems += _text_problems(place, one, needed)
        if "confidence" in known:
            problems += _choice_problems(place, one, "confidence", CONFIDENCES)
        if "stage" in known:
            problems += _choice_problems(place, one, "stage", STAGES)
            if "value" in one and not _is_number(one["value"]):
                problems.append(f"{place} has value = {one['value']!r}, not a number")
        elif "value" in known and not isinstance(one.get("value"), int | float | str):
            problems.append(f"{place} needs a value, a number or a text")
    return problems


def find_problems(document: dict[str, Any]) -> list[str]:
    """Return everything wrong with a parsed lighthouse file, as sentences without a full stop.

    Examples
    --------
    >>> find_problems({"id": "x", "name": "X", "city": "x", "country": "DE", "class": "distrikt",
    ...                "kind": "flats", "summary": "Flats."})
    ["the file has class = 'distrikt'; use one of district, plan, system, portfolio"]
    """
    problems = _unknown_keys("the file", document, [*HEAD, *MORE_HEAD])
    problems += _text_problems("the file", document, HEAD)
    if isinstance(document.get("class"), str):
        problems += _choice_problems("the file", document, "class", CLASSES)
    wrong = [
        key for key, kind in MORE_HEAD.items() if key in document and not isinstance(document[key], kind)
    ]
    problems += [f"{key} must be {KINDS[MORE_HEAD[key]]}" for key in wrong]
    if "outline" in document and "outline" not in wrong:
        problems += _outline_problems(document["outline"])
    if "features" not in wrong:
        for name, found in document.get("features", {}).items():
            problems += _feature_problems(name, found)
    lists = (
        ("results", RESULT, ("intervention", "quantity", "source")),
        ("facts", FACT, ("name", "source")),
        ("notes", {"text", "source"}, ("text", "source")),
    )
    for where, known, needed in lists:
        if where not in wrong:
            problems += _list_problems(where, document.get(where, []), known, needed)
    return problems
