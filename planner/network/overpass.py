"""A town's buildings, streets and surroundings from OpenStreetMap, by one Overpass question.

The answer is OpenStreetMap XML. It is checked for completeness, rewritten as a PBF extract without
changing an object, and read later by the same reader as any extract that a person brings.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from layers.core.errors import DataMissing
from layers.core.text import clean_name
from layers.sources.osm_kinds import LOOKED_AT_KEYS
from planner.network.client import Question
from planner.network.nominatim import Boundary

SERVICE = "Overpass"
URL_VARIABLE = "PLANNER_OVERPASS_URL"
_PUBLIC_URL = "https://overpass-api.de/api/interpreter"
LICENCE = "ODbL-1.0"
ATTRIBUTION = "© OpenStreetMap contributors"
ABOUT_URL = "https://www.openstreetmap.org/copyright"
_LARGEST_MEMORY_BYTES = 1_073_741_824
_LONGEST_S = 180
# numbers of Overpass's areas that stand for ways and relations
_AREA_OF = {"way": 2_400_000_000, "relation": 3_600_000_000}
# points that say what a place or a building is used for
_POINT_KEYS = (
    "building", "place", "amenity", "shop", "office", "tourism", "healthcare", "craft", "leisure",
    "generator:source",
)  # fmt: skip
_HEAD_BYTES, _TAIL_BYTES = 4096, 8192
_LONGEST_REMARK = 160


def query_text(boundary: Boundary) -> str:
    """Return the question for everything that the reader looks at inside a boundary.

    Of relations only multipolygons and the administrative boundaries of parts of towns are asked for:
    routes, rivers and countries would bring half a continent along.
    """
    if boundary.is_outline and boundary.osm_type in _AREA_OF:
        start = f"area({_AREA_OF[boundary.osm_type] + boundary.osm_id})->.town;\n"
        where = "(area.town)"
    else:
        start = ""
        where = "({:.7f},{:.7f},{:.7f},{:.7f})".format(*boundary.box_deg)
    keys = [key for key in LOOKED_AT_KEYS if key != "boundary"]
    lines = [f'way["{key}"]{where};' for key in keys]
    lines += [f'relation["type"="multipolygon"]["{key}"]{where};' for key in keys]
    lines += [f'node["{key}"]{where};' for key in _POINT_KEYS]
    lines.append(f'relation["boundary"="administrative"]["admin_level"~"^(8|9|10|11|12)$"]["name"]{where};')
    body = "\n".join(f"  {line}" for line in lines)
    settings = f"[out:xml][timeout:{_LONGEST_S}][maxsize:{_LARGEST_MEMORY_BYTES}];"
    return f"{settings}\n{start}(\n{body}\n);\n(._;>;);\nout body;\n"


def question(boundary: Boundary) -> Question:
    """Return the question for a town."""
    url = os.environ.get(URL_VARIABLE, "").strip() or _PUBLIC_URL
    return Question(SERVICE, url, {"data": query_text(boundary)}, is_form=True)


def check_complete(answer: Path) -> str:
    """Return the day of the data (ISO), or say what is wrong with an answer.

    Overpass answers 200 also when it gave up half-way; it then leaves a remark at the end.

    Raises
    ------
    DataMissing
        When the answer is no OpenStreetMap XML, was cut short or ends with a remark of failure.
    """
    with answer.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).decode("utf-8", "replace")
        stream.seek(max(0, answer.stat().st_size - _TAIL_BYTES))
        tail = stream.read().decode("utf-8", "replace")
    said = re.search(r"<remark>(.*?)</remark>|</strong>: ([^<]*error[^<]*)</p>", tail, re.S)
    if said:
        remark = clean_name(said.group(1) or said.group(2), _LONGEST_REMARK)
        raise DataMissing(f"{SERVICE} gave up ({remark}); a smaller town or a later hour may work")
    if "<osm" not in head:
        raise DataMissing(f"{SERVICE} sent something that is no OpenStreetMap data")
    if not tail.rstrip().endswith("</osm>"):
        raise DataMissing(f"{SERVICE} broke off in the middle of its answer")
    date = re.search(r'osm_base="(\d{4}-\d\d-\d\d)', head)
    return date.group(1) if date else ""


def rewrite_as_pbf(answer: Path, target: Path) -> int:
    """Write the answer's objects as a PBF extract and return how many are buildings.

    Raises
    ------
    DataMissing
        When the XML is damaged.
    """
    import osmium

    building_count = 0
    try:
        with osmium.SimpleWriter(str(target)) as writer:
            for item in osmium.FileProcessor(osmium.io.File(str(answer), "osm")):
                writer.add(item)
                building_count += "building" in item.tags
    except (RuntimeError, UnicodeDecodeError) as problem:
        reason = clean_name(str(problem), _LONGEST_REMARK)
        raise DataMissing(f"{SERVICE} sent damaged data ({reason})") from problem
    return building_count
