"""The other door: buildings and streets of the Overture Maps Foundation, read from its public GeoParquet.

A release is a folder of Parquet files in an open bucket. pyarrow reads only the row groups whose boxes
touch the town. The foundation removes a release some weeks after the next one, so no release can be
carried with the program: the newest, or the one that is asked for, is used and its name is kept with the
data.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import shapely

from layers.core.errors import DataMissing, UsageProblem
from layers.core.text import clean_name
from planner.network.nominatim import Boundary

SERVICE = "Overture"
URL_VARIABLE = "PLANNER_OVERTURE_URL"
_PUBLIC_URL = "s3://overturemaps-us-west-2/release?region=us-west-2"
LICENCE = "ODbL-1.0"
ATTRIBUTION = "© OpenStreetMap contributors, Overture Maps Foundation"
ABOUT_URL = "https://docs.overturemaps.org/attribution"
_RELEASE = re.compile(r"\d{4}-\d\d-\d\d\.\d+")
_TRY_COUNT = 3
_CONNECT_S, _REQUEST_S = 10.0, 120.0
_LONGEST_REASON = 160


@dataclass(frozen=True)
class Store:
    """Where the releases are: a file system and a folder in it."""

    files: Any
    folder: str


def open_store() -> Store:
    """Return the place of the releases: the public bucket, or what ``PLANNER_OVERTURE_URL`` names.

    A folder or an ``s3://bucket/folder`` address, which may carry ``?region=``, ``endpoint=`` (host and
    port) and ``scheme=``.
    """
    url = os.environ.get(URL_VARIABLE, "").strip() or _PUBLIC_URL
    if not url.startswith("s3://"):
        return Store(pafs.LocalFileSystem(), str(Path(url.removeprefix("file://"))))
    parts = urlsplit(url)
    settings = {key: texts[-1] for key, texts in parse_qs(parts.query).items()}
    unknown = sorted(set(settings) - {"region", "endpoint", "scheme"})
    if unknown:
        raise UsageProblem(f"{URL_VARIABLE} has {', '.join(unknown)}; it takes region, endpoint and scheme.")
    files = pafs.S3FileSystem(
        anonymous=True,
        region=settings.get("region", "us-west-2"),
        endpoint_override=settings.get("endpoint"),
        scheme=settings.get("scheme", "https"),
        connect_timeout=_CONNECT_S,
        request_timeout=_REQUEST_S,
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_TRY_COUNT),
    )
    return Store(files, f"{parts.netloc}{parts.path}".rstrip("/"))


def choose_release(store: Store, wanted: str | None) -> str:
    """Return the release to read: the one that is wanted, else the newest.

    Raises
    ------
    DataMissing
        When the bucket cannot be reached, or no longer has the release.
    """
    try:
        found = store.files.get_file_info(pafs.FileSelector(store.folder, allow_not_found=False))
    except OSError as problem:
        raise DataMissing(f"{SERVICE} could not be reached ({_reason(problem)})") from problem
    releases: list[str] = sorted(info.base_name for info in found if _RELEASE.fullmatch(info.base_name))
    if not releases:
        raise DataMissing(f"{SERVICE} offers no release at {store.folder}")
    if wanted is None:
        return releases[-1]
    if wanted not in releases:
        raise DataMissing(
            f"{SERVICE} no longer has the release {clean_name(wanted, 40)!r}; "
            f"it has {' and '.join(releases)}, choose with --release"
        )
    return wanted


def _reason(problem: OSError) -> str:
    text = str(problem)
    if "refused" in text or "Couldn't connect" in text or "NETWORK_CONNECTION" in text:
        return "there is no connection"
    return clean_name(text, _LONGEST_REASON)


def write_buildings(store: Store, release: str, boundary: Boundary, target: Path) -> int:
    """Write a town's buildings as GeoParquet and return how many there are."""
    return _write(store, release, "theme=buildings/type=building", boundary, target, None)


def write_streets(store: Store, release: str, boundary: Boundary, target: Path) -> int:
    """Write a town's roads as GeoParquet and return how many pieces there are."""
    return _write(
        store, release, "theme=transportation/type=segment", boundary, target, pc.field("subtype") == "road"
    )


def _write(
    store: Store, release: str, folder: str, boundary: Boundary, target: Path, only: pc.Expression | None
) -> int:
    south, west, north, east = boundary.box_deg
    inside = (
        (pc.field("bbox", "xmin") <= east)
        & (pc.field("bbox", "xmax") >= west)
        & (pc.field("bbox", "ymin") <= north)
        & (pc.field("bbox", "ymax") >= south)
    )
    try:
        source = ds.dataset(f"{store.folder}/{release}/{folder}", filesystem=store.files, format="parquet")
        table = source.to_table(filter=inside if only is None else inside & only)
        outline = shapely.from_geojson(json.dumps(dict(boundary.geometry)))
        shapely.prepare(outline)
        geometries = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False))
        touching = shapely.intersects(outline, geometries)
    except (OSError, pa.ArrowException, KeyError, shapely.errors.ShapelyError) as problem:
        reason = clean_name(str(problem), _LONGEST_REASON)
        raise DataMissing(f"{SERVICE} release {release} could not be read ({reason})") from problem
    # one order whatever order the bucket's files came in
    table = table.filter(pa.array(touching)).sort_by("id")
    pq.write_table(table.replace_schema_metadata(_geo_metadata()), target, compression="zstd")
    return int(table.num_rows)


def _geo_metadata() -> dict[bytes, bytes]:
    """Return GeoParquet's description of the geometry column; longitude and latitude go without saying."""
    column = {"encoding": "WKB", "geometry_types": []}
    described = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": json.dumps(described).encode()}
