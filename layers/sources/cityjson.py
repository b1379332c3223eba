"""Read CityJSON (1.0 to 2.0) and CityJSON sequences: outlines, heights and roofs of 3D buildings.

Every building with its parts becomes one row: its outline from the ground surfaces, its height from the
ground to the top of the roof (the mean over its parts, by their ground), and from the roof surfaces of
level of detail 2 the shape, slope, direction and rise of the roof. Attributes stay columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.core.crs import metric_crs, transform_points
from layers.core.errors import CrsProblem, InputProblem
from layers.core.extract import Note
from layers.core.text import clean_name
from layers.core.types import FloatArray, IntArray
from layers.sources.city_surfaces import GROUND, OTHER, ROOF, UNSTATED, WALL, Surfaces, describe_models

# columns that are computed here begin so; they never shadow a column of the file
COMPUTED = "computed_"
_EPSG = re.compile(r"EPSG[:/]+(?:[\d.]*[:/]+)?(\d{4,6})", re.IGNORECASE)
_BUILDINGS = frozenset({"Building", "BuildingPart", "BuildingUnit", "BuildingStorey", "BuildingRoom"})
_OUTER = frozenset({"Building", "BuildingPart"})
# how deep the lists of surfaces lie below `boundaries`; of a solid only the outer shell counts
_DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
_SEMANTICS = {"GroundSurface": GROUND, "RoofSurface": ROOF, "WallSurface": WALL}
_MOST_PARENTS = 20


@dataclass
class _Faces:
    """Faces of all models while reading: rings of corners, and whose they are."""

    corners: list[int] = field(default_factory=list)
    ring_sizes: list[int] = field(default_factory=list)
    ring_face: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    semantic: list[int] = field(default_factory=list)
    lod: list[float] = field(default_factory=list)

    def add(self, rings: list[list[int]], part: int, semantic: int, lod: float, offset: int) -> None:
        """Take one face of a part of a building."""
        for ring in rings:
            self.corners += [int(corner) + offset for corner in ring]
            self.ring_sizes.append(len(ring))
            self.ring_face.append(len(self.part))
        self.part.append(part)
        self.semantic.append(semantic)
        self.lod.append(lod)


def _lod(geometry: Mapping[str, Any]) -> float:
    try:
        return float(geometry.get("lod", 0))
    except (TypeError, ValueError):
        return 0.0


def _surfaces(boundaries: Any, values: Any, depth: int) -> Iterator[tuple[list[list[int]], Any]]:
    """Return the faces below nested lists with the semantics beside them."""
    if depth == 0:
        for number, rings in enumerate(boundaries):
            yield rings, values[number] if isinstance(values, list) and number < len(values) else None
        return
    inner = boundaries[:1] if depth == 1 else boundaries
    for number, shell in enumerate(inner):
        below = values[number] if isinstance(values, list) and number < len(values) else None
        yield from _surfaces(shell, below, depth - 1)


def _best_geometry(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known = [geometry for geometry in item.get("geometry") or () if geometry.get("type") in _DEPTH]
    return max(known, key=_lod, default=None)


def _add_part(item: Mapping[str, Any], part: int, faces: _Faces, offset: int) -> None:
    geometry = _best_geometry(item)
    if geometry is None:
        return
    semantics = geometry.get("semantics") or {}
    kinds = [_SEMANTICS.get(str(one.get("type")), OTHER) for one in semantics.get("surfaces") or ()]
    depth = _DEPTH[geometry["type"]]
    for rings, value in _surfaces(geometry["boundaries"], semantics.get("values"), depth):
        kind = kinds[value] if isinstance(value, int) and 0 <= value < len(kinds) else UNSTATED
        faces.add(rings, part, kind, _lod(geometry), offset)


def _root(name: str, objects: Mapping[str, Any]) -> str:
    """Return the building that an object is part of."""
    for _ in range(_MOST_PARENTS):
        parents = [one for one in objects[name].get("parents") or () if one in objects]
        parents = [one for one in parents if objects[one].get("type") in _BUILDINGS]
        if not parents:
            return name
        name = parents[0]
    return name


@dataclass
class _Model:
    """Buildings of all documents of a file while reading."""

    roots: dict[str, int] = field(default_factory=dict)
    attributes: list[dict[str, Any]] = field(default_factory=list)
    part_root: list[int] = field(default_factory=list)
    faces: _Faces = field(default_factory=_Faces)
    vertices: list[FloatArray] = field(default_factory=list)
    vertex_count: int = 0
    other_count: int = 0

    def take(self, objects: Mapping[str, Any], vertices: Any, transform: Mapping[str, Any] | None) -> None:
        """Take the objects of one document, whose corners are its own."""
        xyz = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
        if transform:
            xyz = xyz * np.asarray(transform["scale"]) + np.asarray(transform["translate"])
        for name in sorted(objects):
            item = objects[name]
            if item.get("type") not in _OUTER:
                self.other_count += item.get("type") not in _BUILDINGS
                continue
            root = self._root_number(_root(name, objects))
            known = self.attributes[root]
            for key, value in (item.get("attributes") or {}).items():
                known.setdefault(str(key), value)
            self.part_root.append(root)
            _add_part(item, len(self.part_root) - 1, self.faces, self.vertex_count)
        self.vertices.append(xyz)
        self.vertex_count += len(xyz)

    def _root_number(self, name: str) -> int:
        if name not in self.roots:
            self.roots[name] = len(self.attributes)
            self.attributes.append({})
        return self.roots[name]

    def surfaces(self, crs: CRS | None, path: Path) -> tuple[Surfaces, CRS | None]:
        """Return the faces as arrays in metres."""
        faces = self.faces
        corners = np.array(faces.corners, dtype=np.int64)
        xyz = np.concatenate(self.vertices) if self.vertices else np.zeros((0, 3))
        if len(corners) and (corners.min() < 0 or corners.max() >= len(xyz)):
            raise InputProblem(
                f"{path.name} is damaged (a surface names corner {corners.max():,} of {len(xyz):,}); "
                "export it again."
            )
        if crs is not None and crs.is_geographic and len(xyz):
            metric = metric_crs(
                gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xyz[:, :2].T), crs=crs), name=path.name
            )
            xyz = np.column_stack([transform_points(xyz[:, :2], crs, metric), xyz[:, 2]])
            crs = metric
        return (
            Surfaces(
                xyz=xyz[corners] if len(corners) else np.zeros((0, 3)),
                ring_size=_whole(faces.ring_sizes),
                ring_face=_whole(faces.ring_face),
                part=_whole(faces.part),
                semantic=_whole(faces.semantic),
                lod=np.array(faces.lod, dtype=np.float64),
                part_root=_whole(self.part_root),
                root_count=len(self.attributes),
            ),
            crs,
        )


def _whole(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _documents(path: Path) -> Iterator[Mapping[str, Any]]:
    """Return the document of a model, or the lines of a sequence."""
    with path.open("rb") as stream:
        content = stream.read()
    try:
        yield json.loads(content)
    except json.JSONDecodeError as problem:
        if problem.msg != "Extra data":
            raise
        for line in content.splitlines():
            if line.strip():
                yield json.loads(line)


def _stated_crs(document: Mapping[str, Any], path: Path) -> CRS | None:
    """Return the horizontal part of the system that the metadata name."""
    stated = str((document.get("metadata") or {}).get("referenceSystem", ""))
    if not stated:
        return None
    found = _EPSG.search(stated)
    try:
        crs = CRS.from_epsg(int(found[1])) if found else CRS.from_user_input(stated)
    except CRSError as problem:
        raise CrsProblem(
            f"{path.name} names the coordinate system {clean_name(stated, 80)!r}, which is not known; "
            "pass --crs, for example --crs EPSG:25832."
        ) from problem
    return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()


def read_city_model(path: Path) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Read the buildings of a CityJSON model, one row each.

    Parameters
    ----------
    path : Path
        CityJSON, or a CityJSON sequence (one feature a line).

    Returns
    -------
    GeoDataFrame
        The file's attributes, `id`, and `computed_height_m`, `computed_roof_shape`,
        `computed_roof_angle_deg`, `computed_roof_direction_deg`, `computed_roof_height_m` and
        `computed_roof_planes`; outlines in the file's horizontal system. Without one the table has none.

    Raises
    ------
    InputProblem
        When the file is damaged or holds no building with a geometry.
    CrsProblem
        When it names a system that is not known.
    """
    model, crs, transform = _Model(), None, None
    try:
        for number, document in enumerate(_documents(path)):
            if number == 0:
                crs, transform = _stated_crs(document, path), document.get("transform")
            model.take(document.get("CityObjects") or {}, document.get("vertices") or [],
                       document.get("transform") or transform)  # fmt: skip
        surfaces, crs = model.surfaces(crs, path)
        described = describe_models(surfaces)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as problem:
        reason = clean_name(str(problem), 80) or type(problem).__name__
        raise InputProblem(f"{path.name} is damaged or cut short ({reason}); export it again.") from problem
    outlined = described.has_outline
    if not outlined.any():
        raise InputProblem(
            f"{path.name} holds no building with surfaces ({len(model.roots):,} buildings, "
            f"{model.other_count:,} other objects); pass a model of buildings."
        )
    attributes = pd.DataFrame.from_records(model.attributes)
    taken = {str(name).lower() for name in attributes.columns}
    computed = {f"{COMPUTED}{name}": values for name, values in described.columns.items()}
    own_id = {} if "id" in taken else {"id": list(model.roots)}
    table = gpd.GeoDataFrame(
        pd.DataFrame({**own_id, **computed}, index=range(len(model.roots))).join(
            attributes.drop(columns=[name for name in attributes.columns if str(name) in computed])
        ),
        geometry=described.outlines,
        crs=crs,
    )
    notes = [
        Note("read", f"buildings of {path.name} with a height from their surfaces", described.height_count),
        Note("read", f"buildings of {path.name} with a roof from their surfaces", described.roof_count),
        Note("read", f"objects of {path.name} that are no buildings, left out", model.other_count),
        Note("read", f"buildings of {path.name} without surfaces, left out", int((~outlined).sum()), True),
    ]
    return table[outlined].reset_index(drop=True), tuple(note for note in notes if note.count)
