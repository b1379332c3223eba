"""Which OpenStreetMap objects may give heat to a network, and which are pipes of one that is there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from layers.sources.osm_tables import Rows, kinds_by, make_frame, names

Tags = Mapping[str, str]

_OUTPUT_KEYS = (
    "plant:output:hot_water", "plant:output:steam", "generator:output:hot_water", "generator:output:steam",
)  # fmt: skip
# keys that only heat sources and pipes are looked at for
HEAT_KEYS: Final = ("man_made", "telecom", "utility", "plant:source", *_OUTPUT_KEYS)
# what else their tags must keep
DETAIL_KEYS: Final = frozenset({"substance", "plant:method", "generator:method", "natural", "power", "water"})
# fuels whose plants give heat, where nothing says otherwise
_WARM_FUELS = frozenset({"waste", "biomass", "biogas", "geothermal", "wood"})
_NO_HEAT = frozenset({"no", "", "0"})
_HEAT_SUBSTANCES = frozenset({"hot_water", "heat", "steam", "hot water"})
_OPEN_LAND = frozenset({"meadow", "farmland", "brownfield", "greenfield", "landfill"})
_POWER = re.compile(r"(\d{1,7}(?:[.,]\d{1,6})?)\s*(kw|mw|gw)")
_KW_OF_UNIT = {"kw": 1.0, "mw": 1e3, "gw": 1e6}


def _gives_heat(tags: Tags) -> bool:
    if any(tags.get(key, "no") not in _NO_HEAT for key in _OUTPUT_KEYS):
        return True
    is_plant = tags.get("power") == "plant" or "plant:source" in tags
    return is_plant and bool(_WARM_FUELS & set(tags.get("plant:source", "").split(";")))


def site_kind(tags: Tags) -> str | None:
    """Return the kind of heat source that a point, a building or an area is; water and land aside.

    Examples
    --------
    >>> site_kind({"power": "plant", "plant:source": "biomass"}), site_kind({"telecom": "data_center"})
    ('heating_plant', 'data_centre')
    >>> site_kind({"power": "plant", "plant:source": "wind"}), site_kind({"shop": "bakery"})
    (None, None)
    """
    made = tags.get("man_made")
    if _gives_heat(tags) or (tags.get("utility") == "heating" and "building" in tags):
        return "heating_plant"
    if "data_center" in (tags.get("telecom"), tags.get("building"), tags.get("office")):
        return "data_centre"
    if made == "wastewater_plant":
        return "wastewater"
    if made == "works":
        return "industry"
    if tags.get("leisure") == "ice_rink":
        return "ice_rink"
    return "supermarket" if tags.get("shop") == "supermarket" else None


def area_kind(tags: Tags) -> str | None:
    """Return the kind of heat source that an area of land or water may be.

    Examples
    --------
    >>> area_kind({"natural": "water"}), area_kind({"landuse": "meadow"}), area_kind({"landuse": "forest"})
    ('lake', 'open_land', None)
    """
    if tags.get("natural") == "water":
        return "river" if tags.get("water") in ("river", "canal") else "lake"
    if tags.get("landuse") == "industrial":
        return "industry"
    return "open_land" if tags.get("landuse") in _OPEN_LAND else None


def line_kind(tags: Tags) -> str | None:
    """Return river for lines of rivers above ground."""
    return "river" if tags.get("waterway") == "river" and tags.get("tunnel", "no") == "no" else None


def is_heat_pipe(tags: Tags) -> bool:
    """Say whether a line is a pipe of a heat network.

    Examples
    --------
    >>> is_heat_pipe({"man_made": "pipeline", "substance": "hot_water"})
    True
    >>> is_heat_pipe({"man_made": "pipeline", "substance": "gas"})
    False
    """
    if tags.get("man_made") != "pipeline":
        return False
    return tags.get("substance") in _HEAT_SUBSTANCES or tags.get("utility") == "heating"


def tagged_heat_kw(tags: Tags) -> float:
    """Return the power of heat that a plant's tags state, NaN where they state none.

    Examples
    --------
    >>> tagged_heat_kw({"plant:output:hot_water": "12.5 MW"}), tagged_heat_kw({"plant:output:steam": "yes"})
    (12500.0, nan)
    """
    total = 0.0
    for key in _OUTPUT_KEYS:
        found = _POWER.match(tags.get(key, "").strip().lower())
        if found is not None:
            total += float(found[1].replace(",", ".")) * _KW_OF_UNIT[found[2]]
    return total if total > 0.0 else math.nan


def source_frame(rows: Rows) -> Any:
    """Return the table of heat sources of what was collected: kind, name, tagged power, geometry."""
    return make_frame(
        rows,
        "source_id",
        {
            "kind": kinds_by(site_kind, line_kind, area_kind),
            "name": names,
            "tagged_heat_kw": lambda tags: np.array([tagged_heat_kw(row) for row in tags], dtype=np.float64),
        },
    )


def pipe_frame(rows: Rows) -> Any:
    """Return the table of pipes of a network that is there."""
    return make_frame(rows, "pipe_id", {"name": names})
