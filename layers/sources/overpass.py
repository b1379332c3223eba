"""Read answers of the Overpass API in JSON, and hand them on as an OpenStreetMap extract.

Both common forms are understood: objects with their coordinates (`out geom`), and objects followed by
the nodes that they name (`out body; >; out skel`). The answer is rewritten in OPL, OpenStreetMap's text
format of one object a line, so that the reader of extracts assembles it like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layers.core.errors import InputProblem
from layers.core.text import clean_name

_PLAIN = re.compile(r"[^A-Za-z0-9_.:;/-]")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MEMBER_LETTERS = {"node": "n", "way": "w", "relation": "r"}
_HOW_TO_ASK = "ask with `out geom;` or `out body; >; out skel qt;`"
_DECIMALS = 7

Place = tuple[float, float]
Element = Mapping[str, Any]


@dataclass
class _Objects:
    """Objects by id while reading; lines of nodes come first in the end."""

    places: dict[int, Place] = field(default_factory=dict)
    node_of: dict[Place, int] = field(default_factory=dict)
    node_tags: dict[int, Element] = field(default_factory=dict)
    ways: dict[int, tuple[Element, list[int]]] = field(default_factory=dict)
    relations: dict[int, Element] = field(default_factory=dict)
    next_id: int = 1

    def put_node(self, number: int, place: Place) -> None:
        self.places.setdefault(number, place)
        self.node_of.setdefault(place, number)

    def node_at(self, place: Place) -> int:
        """Return the node at a place, a new one where none is known."""
        if place not in self.node_of:
            self.put_node(self.next_id, place)
            self.next_id += 1
        return self.node_of[place]


def _place(corner: Any) -> Place | None:
    """Return a corner's longitude and latitude; None where the answer was clipped."""
    if corner is None or corner.get("lat") is None or corner.get("lon") is None:
        return None
    return round(float(corner["lon"]), _DECIMALS), round(float(corner["lat"]), _DECIMALS)


def _corners(way: Element, objects: _Objects) -> list[int]:
    """Return the nodes of a way, making those that the answer only gives as coordinates."""
    geometry = [_place(corner) for corner in way.get("geometry") or ()]
    nodes = [int(number) for number in way.get("nodes") or ()]
    if nodes and len(nodes) == len(geometry):
        for number, place in zip(nodes, geometry, strict=True):
            if place is not None:
                objects.put_node(number, place)
    if nodes or not geometry:
        return nodes
    made = []
    for place in geometry:
        if place is None:  # a node that nobody describes: the reader knows that the line is cut here
            made.append(objects.next_id)
            objects.next_id += 1
        else:
            made.append(objects.node_at(place))
    return made


def _gather(elements: list[Any]) -> _Objects:
    objects = _Objects()
    ids = [int(element["id"]) for element in elements]
    inner = (number for element in elements for number in element.get("nodes") or ())
    objects.next_id = max([0, *ids, *map(int, inner)]) + 1
    for element in elements:
        if element["type"] == "node" and (place := _place(element)) is not None:
            objects.put_node(int(element["id"]), place)
            if element.get("tags"):
                objects.node_tags[int(element["id"])] = element
    for element in elements:
        if element["type"] == "way":
            known = objects.ways.get(int(element["id"]))
            if known is None or (element.get("tags") and not known[0].get("tags")):
                corners = _corners(element, objects) or (known[1] if known else [])
                objects.ways[int(element["id"])] = (element, corners)
        elif element["type"] == "relation":
            objects.relations.setdefault(int(element["id"]), element)
    for relation in objects.relations.values():
        for member in relation.get("members") or ():
            number = int(member["ref"])
            if member["type"] == "way" and member.get("geometry") and number not in objects.ways:
                objects.ways[number] = ({}, _corners({"geometry": member["geometry"]}, objects))
    return objects


def _escaped(text: object) -> str:
    plain = str(text).encode("utf-8", "replace").decode().replace("\0", " ")
    return _PLAIN.sub(lambda found: f"%{ord(found[0]):x}%", plain)


def _tail(element: Element, base: str) -> str:
    """Return the fields that all objects have: version, time and tags."""
    stamp = str(element.get("timestamp") or base)
    time = f" t{stamp}" if _TIMESTAMP.fullmatch(stamp) else ""
    tags = ",".join(
        f"{_escaped(key)}={_escaped(value)}" for key, value in (element.get("tags") or {}).items()
    )
    return f" v1 dV{time} T{tags}"


def _lines(objects: _Objects, base: str) -> Iterator[str]:
    for number, (lon, lat) in sorted(objects.places.items()):
        yield f"n{number}{_tail(objects.node_tags.get(number, {}), base)} x{lon:.7f} y{lat:.7f}"
    for number, (way, corners) in sorted(objects.ways.items()):
        yield f"w{number}{_tail(way, base)} N{','.join(f'n{corner}' for corner in corners)}"
    for number, relation in sorted(objects.relations.items()):
        members = ",".join(
            f"{_MEMBER_LETTERS[member['type']]}{int(member['ref'])}@{_escaped(member.get('role', ''))}"
            for member in relation.get("members") or ()
        )
        yield f"r{number}{_tail(relation, base)} M{members}"


def overpass_to_opl(path: Path) -> bytes:
    """Return an answer of the Overpass API as OPL, OpenStreetMap's text format.

    Parameters
    ----------
    path : Path
        JSON with `elements`.

    Raises
    ------
    InputProblem
        When the file is no JSON, was cut short by the server (it says so in `remark`), or has no
        coordinates.
    """
    try:
        document = json.loads(path.read_bytes())
        elements = document["elements"]
        base = str((document.get("osm3s") or {}).get("timestamp_osm_base", ""))
        remark = str(document.get("remark", ""))
        if "error" in remark.lower():
            said = clean_name(remark, 120).rstrip(".")
            raise InputProblem(
                f"{path.name} is not a whole answer (the server says: {said}); "
                "ask for a smaller area or allow more time."
            )
        objects = _gather(elements)
        lines = "\n".join(_lines(objects, base))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as problem:
        reason = clean_name(str(problem), 80) or type(problem).__name__
        raise InputProblem(
            f"{path.name} is no sound answer of the Overpass API ({reason}); fetch it again."
        ) from problem
    if elements and not objects.places:
        raise InputProblem(f"{path.name} has {len(elements):,} objects without coordinates; {_HOW_TO_ASK}.")
    return (lines + "\n").encode()
