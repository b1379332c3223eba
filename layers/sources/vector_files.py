"""Open GeoPackage, GeoJSON, FlatGeobuf, Shapefile, GeoParquet and CSV, and no other table.

GDAL would also follow files that point elsewhere, to other files or to the network. So a file's content
is looked at first, and what GDAL then says it is must be on the list.
"""

from __future__ import annotations

import glob
import json
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from layers.core.crs import GEOGRAPHIC, transform_points
from layers.core.errors import CrsProblem, InputProblem, UsageProblem
from layers.core.extract import Note
from layers.core.text import clean_name
from layers.sources.column_names import plain_name
from layers.sources.files import OVERPASS, describe_file
from layers.sources.limits import computed_layers, refuse_nesting, refuse_rows, refuse_unpacking
from layers.sources.remarks import kept_remarks, remark_notes
from layers.sources.text_tables import KIND, look_at, read_text_table

WHAT = "a GeoPackage, GeoJSON, FlatGeobuf, Shapefile, GeoParquet, CSV or CityJSON file"
_SHAPEFILE = "ESRI Shapefile"
ALLOWED_DRIVERS = ("GPKG", "GeoJSON", "GeoJSONSeq", "FlatGeobuf", _SHAPEFILE)
_BY_CONTENT = {
    "an SQLite database": ("GPKG",),
    "a FlatGeobuf": ("FlatGeobuf",),
    "a Shapefile": (_SHAPEFILE,),
    "a JSON document": ("GeoJSON", "GeoJSONSeq"),
}
# where a table carries what was remarked while it was read
_REMARKS = "remarks"
_TAIL_BYTES = 4096
_TEXT_BYTES = 4_000_000
_DBF_HEAD_BYTES = 32
# two bytes that are one letter of Europe in UTF-8, and any byte beyond ASCII
_UTF8_PAIR = re.compile(rb"[\xc3-\xdf][\x80-\xbf]")
_FOREIGN_BYTE = re.compile(rb"[\x80-\xff]")
_BYTEWISE = "ISO-8859-1"
_PARQUET = "a Parquet table"
_READ_ERRORS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
                pyogrio.errors.GeometryError, ValueError, OSError, RuntimeError, LookupError,
                UnboundLocalError, TypeError, AttributeError, pyarrow.ArrowException,
                shapely.errors.ShapelyError)  # fmt: skip
_CURES = {
    "a ZIP archive": "unpack it and pass the file inside",
    "a gzip archive": "unpack it and pass the file inside",
    "an OpenStreetMap PBF extract": "pass it with --osm",
    "an OpenStreetMap XML extract": "pass it with --osm",
    OVERPASS: "pass it with --osm",
    "a CityGML model": "convert it to CityJSON, for example with citygml-tools",
    "a TIFF raster": "pass it with --surface",
}


@dataclass(frozen=True)
class Opened:
    """A file that may be read: its fields, its layers, and how it is read.

    Attributes
    ----------
    layers : mapping of layer name to geometry type
        One nameless layer for GeoParquet.
    driver : str
        What GDAL calls the format, empty for GeoParquet.
    """

    path: Path
    is_parquet: bool
    layers: dict[str, str | None]
    driver: str = ""


def _problem(path: Path, problem: Exception) -> InputProblem:
    reason = " ".join(str(problem).split()).split(";")[0][:160].rstrip(".")
    if "not recognized" in reason:
        reason = "its content is none of the formats that are read"
    return InputProblem(f"{path.name} is damaged or cut short ({reason}); export it again.")


def _ends_with_brace(path: Path) -> bool:
    """GDAL skips a broken last line in silence, so the end is looked at here."""
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        return stream.read().rstrip().endswith(b"}")


def _need_siblings(path: Path) -> None:
    """A Shapefile is several files; without its index and its table it is of no use."""
    there = {sibling.suffix.lower() for sibling in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in there]
    if missing:
        raise InputProblem(
            f"{path.name} lacks {' and '.join(path.stem + suffix for suffix in missing)} beside it; "
            "copy all files of the Shapefile."
        )


def _hides_utf8(opened: Opened) -> bool:
    """Say whether a Shapefile that does not say how its texts are written holds UTF-8.

    Texts of one byte a letter hardly ever look like it; a damaged letter here and there does not matter.
    """
    table = opened.path.with_suffix(".dbf")
    if opened.driver != _SHAPEFILE or opened.path.with_suffix(".cpg").exists() or not table.is_file():
        return False
    with table.open("rb") as stream:
        content = stream.read(_TEXT_BYTES)
    pairs = len(_UTF8_PAIR.findall(content[_DBF_HEAD_BYTES:]))
    others = len(_FOREIGN_BYTE.findall(content[_DBF_HEAD_BYTES:])) - 2 * pairs
    return 2 * pairs > others


def _as_utf8(column: pd.Series) -> pd.Series:
    """Return texts that were read byte by byte as what their bytes say."""
    known = {
        text: str(text).encode(_BYTEWISE, "replace").decode("utf-8", "replace")
        for text in column.dropna().unique()
    }
    return column.map(known)


def open_vector(path: Path) -> Opened:
    """Look at a file's content and list its layers.

    Raises
    ------
    InputProblem
        When the file is missing, empty, damaged, or none of the formats on the list.
    """
    content = describe_file(path, what=WHAT)
    if content == _PARQUET:
        return Opened(path, True, {})
    if content == "text" and (described := look_at(path)) is not None:
        return Opened(path, False, {"": described.kind}, KIND)
    drivers = _BY_CONTENT.get(content)
    if drivers is None or path.suffix.lower() in (".vrt", ".zip") or str(path.resolve()).startswith("/vsi"):
        cure = _CURES.get(content, f"pass {WHAT}")
        raise InputProblem(f"{path.name} is {content}, which is not read here; {cure}.")
    if content == "a Shapefile":
        _need_siblings(path)
    if content == "a JSON document" and not _ends_with_brace(path):
        raise InputProblem(f"{path.name} is cut short (its last line is not complete); export it again.")
    if content == "a JSON document":
        refuse_nesting(path)
    computed = computed_layers(path) if content == "an SQLite database" else set()
    try:
        with kept_remarks():
            listed = pyogrio.list_layers(path.resolve())
            found = [row for row in listed if str(row[0]) not in computed]
            driver = pyogrio.read_info(path.resolve(), layer=found[0][0])["driver"] if found else drivers[0]
    except _READ_ERRORS as problem:
        raise _problem(path, problem) from problem
    if len(listed) and not found:
        raise InputProblem(
            f"{path.name} holds only queries ({', '.join(sorted(computed))}), which are not run here; "
            "save them as tables."
        )
    if driver not in drivers:
        raise InputProblem(f"{path.name} is read by GDAL as {driver}, which is not read here; pass {WHAT}.")
    return Opened(path, False, {str(name): kind for name, kind in found}, driver)


def choose_layer(opened: Opened, layer: str | None, *, shape: str, words: tuple[str, ...]) -> str | None:
    """Return the layer to read: the named one, else the one whose geometry and name fit.

    Parameters
    ----------
    opened : Opened
    layer : str or None
        What the person asked for.
    shape : str
        "Polygon" or "LineString".
    words : tuple of str
        Beginnings of words by which a layer's name is recognised.

    Raises
    ------
    UsageProblem
        When the named layer does not exist.
    InputProblem
        When no layer fits, or several do and no name tells which.
    """
    if opened.is_parquet:
        return None
    listed = ", ".join(f"{name} ({kind or 'no geometry'})" for name, kind in opened.layers.items()) or "none"
    if layer is not None:
        if layer not in opened.layers:
            raise UsageProblem(f"{opened.path.name} has no layer {layer!r}; its layers are: {listed}.")
        return layer
    shapes = (shape, "Unknown", "Collection")
    fitting = [
        name
        for name, kind in opened.layers.items()
        if kind is not None and any(part in kind for part in shapes)
    ]
    named = [name for name in fitting if any(word in plain_name(name) for word in words)]
    chosen = named if named else fitting
    if not chosen:
        raise InputProblem(
            f"{opened.path.name} has no layer of {shape}s; its layers are: {listed}; pass another file."
        )
    if len(chosen) > 1:
        raise InputProblem(
            f"{opened.path.name} has several layers that fit: {', '.join(chosen)}; choose one with --layer."
        )
    return chosen[0]


def list_columns(opened: Opened, layer: str | None) -> list[str]:
    """Return the names of the attribute columns."""
    try:
        if opened.is_parquet:
            return [str(name) for name in pyarrow.parquet.read_schema(opened.path).names]
        if opened.driver == KIND:
            described = look_at(opened.path)
            return list(described.columns) if described else []
        with kept_remarks():
            return [str(name) for name in pyogrio.read_info(opened.path.resolve(), layer=layer)["fields"]]
    except _READ_ERRORS as problem:
        raise _problem(opened.path, problem) from problem


def _read_parquet(path: Path, columns: list[str]) -> gpd.GeoDataFrame:
    """Read the wanted columns of a GeoParquet; outlines that cannot be decoded become gaps."""
    refuse_unpacking(path)
    metadata = pyarrow.parquet.read_schema(path).metadata or {}
    if b"geo" not in metadata:
        raise InputProblem(
            f"{path.name} is a Parquet table without geometry (no GeoParquet metadata); "
            "export it as GeoParquet."
        )
    stated = json.loads(metadata[b"geo"])
    described = stated.get("columns") if isinstance(stated, dict) else None
    name = str(stated.get("primary_column", "geometry")) if isinstance(stated, dict) else ""
    if not isinstance(described, dict) or not isinstance(described.get(name), dict):
        raise InputProblem(
            f"{path.name} has GeoParquet metadata that describe no geometry; export it again as GeoParquet."
        )
    wanted = [*(column for column in columns if column != name), name]
    if described[name].get("encoding") != "WKB":
        return gpd.read_parquet(path, columns=wanted)
    # what a table says of how it was held in memory matters to nobody here, and may be damaged
    rows = pyarrow.parquet.read_table(path, columns=wanted)
    # texts that are none would only be noticed much later
    rows.validate(full=True)
    table = rows.to_pandas(ignore_metadata=True)
    shapes = shapely.from_wkb(table[name].to_numpy(), on_invalid="ignore")
    # without a system named, the format means longitude and latitude; a null names none
    system = described[name].get("crs", "OGC:CRS84")
    crs = None if system is None else CRS.from_user_input(system)
    return gpd.GeoDataFrame(table.drop(columns=name), geometry=shapes, crs=crs)


def read_table(opened: Opened, layer: str | None, columns: list[str]) -> gpd.GeoDataFrame:
    """Return the wanted columns and the geometry of a layer, in two dimensions."""
    path = opened.path.resolve()
    remarks: list[str] = []
    try:
        if opened.is_parquet:
            table = _read_parquet(path, columns)
            stated_count = len(table)
        elif opened.driver == KIND:
            table = read_text_table(path, columns)
            stated_count = len(table)
        else:
            coding = _BYTEWISE if _hides_utf8(opened) else None
            with kept_remarks() as remarks:
                stated_count = int(pyogrio.read_info(path, layer=layer)["features"])
                refuse_rows(opened.path.name, stated_count)
                table = pyogrio.read_dataframe(
                    path, layer=layer, columns=columns, on_invalid="ignore", encoding=coding
                )
            if coding:
                texts = table.select_dtypes(include=["object", "string"]).columns.difference(["geometry"])
                table = table.assign(**{name: _as_utf8(table[name]) for name in texts})
    except _READ_ERRORS as problem:
        raise _problem(opened.path, problem) from problem
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputProblem(f"{path.name} has no geometry; pass a file with outlines.")
    lost = [name for name in columns if name not in table.columns]
    if lost:
        found = clean_name(", ".join(lost), 120)
        raise InputProblem(
            f"{path.name} is damaged (it names columns that it lacks: {found}); export it again."
        )
    if len(table) < stated_count:
        found = f"{len(table):,} of {stated_count:,} rows are there"
        raise InputProblem(f"{path.name} is cut short ({found}); export it again.")
    shapes = table.geometry.to_numpy()
    shapes = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
    flat = gpd.GeoSeries(shapes, index=table.index, crs=table.crs)
    attributes = pd.DataFrame(table.drop(columns=table.geometry.name))
    result = gpd.GeoDataFrame(attributes, geometry=flat)
    result.attrs = {_REMARKS: remarks}
    return result


def _first_numbers(table: gpd.GeoDataFrame) -> str:
    """Return what a person needs to tell the system: the numbers themselves."""
    xy = shapely.get_coordinates(table.geometry.to_numpy()[:100])
    return f" (its numbers begin with {xy[0, 0]:.10g}, {xy[0, 1]:.10g})" if len(xy) else ""


def settle_crs(
    table: gpd.GeoDataFrame, crs: str | None, name: str, *, overrule: bool = False
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return the table with the coordinate system that the file or the person names.

    Parameters
    ----------
    table : GeoDataFrame
    crs : str or None
        What the person says of files that name none.
    name : str
        What a message calls the file.
    overrule : bool
        Whether the person is believed also where the file says something else.

    Raises
    ------
    CrsProblem
        When neither names one, or one that has no place on the Earth.
    UsageProblem
        When the person's is none.
    """
    settled, notes = _named_crs(table, crs, name, overrule=overrule)
    try:
        transform_points(np.zeros((1, 2)), settled.crs, GEOGRAPHIC)
    except ProjError as problem:
        raise CrsProblem(
            f"{name} is in {clean_name(settled.crs.name)}, which has no place on the Earth; "
            "pass --crs, for example --crs EPSG:25832."
        ) from problem
    return settled, notes


def _named_crs(
    table: gpd.GeoDataFrame, crs: str | None, name: str, *, overrule: bool
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    notes = remark_notes(table.attrs.get(_REMARKS, []), name)
    table.attrs = {}
    if crs is None:
        if table.crs is None:
            raise CrsProblem(
                f"{name} does not say in which coordinate system it is{_first_numbers(table)}; "
                "pass --crs, for example --crs EPSG:25832."
            )
        return table, notes
    try:
        wanted = CRS.from_user_input(crs)
    except CRSError as problem:
        raise UsageProblem(
            f"{crs!r} is no coordinate system; pass a code such as --crs EPSG:25832."
        ) from problem
    if table.crs is None or table.crs == wanted:
        return table.set_crs(wanted), notes
    if not overrule:
        return table, ()
    text = (
        f"rows of {name} read as {wanted.to_string()} (--crs) although the file says {table.crs.to_string()}"
    )
    return table.set_crs(wanted, allow_override=True), (*notes, Note("read", text, len(table)))
