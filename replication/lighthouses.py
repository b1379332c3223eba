"""The lighthouse library: districts that were really changed, with what was planned and what came out.

One TOML file describes one lighthouse: its outline (approximate ones say how far off they may be),
its features as value, low and high, the results of its interventions by stage, single facts, and
notes where sources disagree. Every figure stands beside its source and its confidence. A feature is
`documented` (published), `derived` (calculated from published figures) or an `estimate`; `computed`
is reserved for values that this program took from real footprints.

Four classes decide what a lighthouse may be compared with: a *district* with its buildings, a *plan*
(new areas only), a *system* (access to networks, land) and a *portfolio* (uptake and cost). Only
districts enter the distance between districts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from layers.core.crs import GEOGRAPHIC
from layers.core.errors import InputProblem
from replication.dictionary import DATA, Value, compared_indicators
from replication.lighthouse_schema import read_document

FOLDER = DATA / "lighthouses"

FIRM = ("computed", "documented", "derived")
# an estimate tells half as much as a published figure
ESTIMATE_KNOWN_SHARE = 0.5
FORM_AND_STREET = ("form", "street")


@dataclass(frozen=True)
class Feature:
    """One feature of a lighthouse: a value with its range, how it is known, and from where."""

    name: str
    value: Value
    low: Value
    high: Value
    how: str
    source: str
    confidence: str

    @property
    def is_estimate(self) -> bool:
        """Say whether nobody published the value or what it was calculated from."""
        return self.how not in FIRM

    @property
    def known_share(self) -> float:
        """Return how much the value counts towards coverage."""
        return ESTIMATE_KNOWN_SHARE if self.is_estimate else 1.0


@dataclass(frozen=True)
class Result:
    """One figure of an intervention, at one stage: planned, achieved, measured, reported or derived."""

    intervention: str
    quantity: str
    stage: str
    value: float | None
    unit: str
    status: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True)
class SingleFact:
    """One published fact that no feature or result holds."""

    name: str
    value: Value
    unit: str
    status: str
    source: str
    confidence: str


@dataclass(frozen=True)
class LibraryNote:
    """Something a reader must know, such as sources that disagree."""

    text: str
    source: str


@dataclass(frozen=True)
class Outline:
    """Where the lighthouse is; `accuracy_m` says how far off the drawing may be."""

    geometry: shapely.Geometry
    accuracy_m: float
    source: str
    confidence: str
    note: str


@dataclass(frozen=True)
class Lighthouse:
    """One lighthouse with everything known of it."""

    id: str
    name: str
    city: str
    country: str
    project: str
    class_name: str
    kind: str
    owner: str
    summary: str
    outline: Outline | None
    features: Mapping[str, Feature]
    results: tuple[Result, ...]
    facts: tuple[SingleFact, ...]
    notes: tuple[LibraryNote, ...]

    def coverage_share(self, blocks: Iterable[str] | None = None) -> float:
        """Return how much of the compared weight its features cover; estimates count half.

        Parameters
        ----------
        blocks : iterable of str, optional
            Only these blocks; all of them when left out.
        """
        wanted = None if blocks is None else set(blocks)
        whole = known = 0.0
        for indicator in compared_indicators():
            if wanted is None or indicator.block in wanted:
                whole += indicator.weight_share
                feature = self.features.get(indicator.name)
                known += indicator.weight_share * (feature.known_share if feature else 0.0)
        return known / whole if whole else 0.0

    @property
    def is_compared(self) -> bool:
        """Say whether it enters the distance between districts."""
        return self.class_name == "district"

    def may_be_named(self, least_coverage_share: float = 0.5) -> bool:
        """Say whether enough is known to call a district most alike to it.

        It needs the given coverage of the whole weight, and of form and street taken alone.
        """
        return (
            self.is_compared
            and self.coverage_share() >= least_coverage_share
            and self.coverage_share(FORM_AND_STREET) >= least_coverage_share
        )


@dataclass(frozen=True)
class Library:
    """All lighthouses, by id."""

    lighthouses: Mapping[str, Lighthouse]

    def compared(self) -> tuple[Lighthouse, ...]:
        """Return the lighthouses that enter the distance, ordered by id."""
        return tuple(
            self.lighthouses[key] for key in sorted(self.lighthouses) if self.lighthouses[key].is_compared
        )

    def documents_only(self, least_coverage_share: float = 0.5) -> tuple[Lighthouse, ...]:
        """Return the districts of the library that too little is known of to be named most alike."""
        return tuple(one for one in self.compared() if not one.may_be_named(least_coverage_share))


def _outline(found: Mapping[str, object] | None) -> Outline | None:
    if found is None:
        return None
    points = found["points_deg"]
    assert isinstance(points, list)
    is_polygon = found["shape"] == "polygon"
    return Outline(
        geometry=shapely.Polygon(points) if is_polygon else shapely.Point(points[0]),
        accuracy_m=float(str(found["accuracy_m"])),
        source=str(found["source"]),
        confidence=str(found["confidence"]),
        note=str(found.get("note", "")),
    )


def _feature(name: str, found: Mapping[str, Value]) -> Feature:
    value = found["value"]
    return Feature(
        name=name,
        value=value,
        low=found.get("low", value),
        high=found.get("high", value),
        how=str(found["how"]),
        source=str(found["source"]),
        confidence=str(found["confidence"]),
    )


def read_lighthouse(path: Path) -> Lighthouse:
    """Read one lighthouse.

    Parameters
    ----------
    path : Path
        A TOML file as ``docs/how-to/add-a-lighthouse.md`` lays down.

    Raises
    ------
    InputProblem
        When the file cannot be read, or with every problem of its content at once.
    """
    document = read_document(path)
    results = tuple(
        Result(
            intervention=one["intervention"],
            quantity=one["quantity"],
            stage=one["stage"],
            value=float(one["value"]) if "value" in one else None,
            unit=one.get("unit", ""),
            status=one.get("status", ""),
            source=one["source"],
            confidence=one["confidence"],
            note=one.get("note", ""),
        )
        for one in document.get("results", [])
    )
    facts = tuple(
        SingleFact(
            name=one["name"],
            value=one["value"],
            unit=one.get("unit", ""),
            status=one.get("status", ""),
            source=one["source"],
            confidence=one["confidence"],
        )
        for one in document.get("facts", [])
    )
    return Lighthouse(
        id=document["id"],
        name=document["name"],
        city=document["city"],
        country=document["country"],
        project=document.get("project", ""),
        class_name=document["class"],
        kind=document["kind"],
        owner=document.get("owner", ""),
        summary=document["summary"],
        outline=_outline(document.get("outline")),
        features={name: _feature(name, found) for name, found in document.get("features", {}).items()},
        results=results,
        facts=facts,
        notes=tuple(LibraryNote(one["text"], one["source"]) for one in document.get("notes", [])),
    )


@cache
def _read_folder(folder: Path) -> tuple[Lighthouse, ...]:
    return tuple(read_lighthouse(path) for path in sorted(folder.glob("*.toml")))


def read_lighthouses(extra_folder: Path | None = None) -> Library:
    """Read the library, with a coach's own files beside the carried ones.

    Parameters
    ----------
    extra_folder : Path, optional
        Folder of further TOML files. A file with the id of a carried lighthouse replaces it.

    Returns
    -------
    Library

    Raises
    ------
    InputProblem
        When the folder holds no TOML file, two of its files share an id, or a file is wrong.

    Examples
    --------
    >>> library = read_lighthouses()
    >>> len(library.lighthouses), library.lighthouses["tartu_khrushchyovka"].name
    (11, 'Tartu centre')
    """
    found = {one.id: one for one in _read_folder(FOLDER)}
    if extra_folder is not None:
        own: dict[str, Lighthouse] = {}
        for path in sorted(extra_folder.glob("*.toml")):
            one = read_lighthouse(path)
            if one.id in own:
                raise InputProblem(
                    f"{path} uses the id {one.id!r} a second time; give each lighthouse its own."
                )
            own[one.id] = one
        if not own:
            raise InputProblem(f"{extra_folder} holds no lighthouse (*.toml); check the folder's name.")
        found.update(own)
    return Library({key: found[key] for key in sorted(found)})


def lighthouse_table(library: Library, least_coverage_share: float = 0.5) -> pd.DataFrame:
    """Return the library as reports show it.

    Returns
    -------
    DataFrame, index `lighthouse_id`
        Columns `name`, `city`, `country`, `project`, `class_name`, `kind`, `owner`, `summary`,
        `coverage_share` (of the whole weight), `form_coverage_share` (of form and street),
        `feature_count`, `estimate_count`, `may_be_named`.
    """
    rows = [
        {
            "lighthouse_id": one.id,
            "name": one.name,
            "city": one.city,
            "country": one.country,
            "project": one.project,
            "class_name": one.class_name,
            "kind": one.kind,
            "owner": one.owner,
            "summary": one.summary,
            "coverage_share": one.coverage_share(),
            "form_coverage_share": one.coverage_share(FORM_AND_STREET),
            "feature_count": len(one.features),
            "estimate_count": sum(feature.is_estimate for feature in one.features.values()),
            "may_be_named": one.may_be_named(least_coverage_share),
        }
        for one in library.lighthouses.values()
    ]
    return pd.DataFrame(rows).set_index("lighthouse_id")


def feature_table(lighthouse: Lighthouse) -> pd.DataFrame:
    """Return a lighthouse's features with range, kind, confidence and source, one row each."""
    rows = [
        {
            "indicator": one.name,
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "how": one.how,
            "confidence": one.confidence,
            "source": one.source,
        }
        for one in lighthouse.features.values()
    ]
    return pd.DataFrame(rows, columns=["indicator", "value", "low", "high", "how", "confidence", "source"])


def outlines(library: Library) -> gpd.GeoDataFrame:
    """Return the outlines that are known, in EPSG:4326, with their accuracy."""
    known = [(one, one.outline) for one in library.lighthouses.values() if one.outline is not None]
    return gpd.GeoDataFrame(
        {
            "lighthouse_id": [one.id for one, _ in known],
            "name": [one.name for one, _ in known],
            "accuracy_m": [outline.accuracy_m for _, outline in known],
        },
        geometry=[outline.geometry for _, outline in known],
        crs=GEOGRAPHIC,
    ).set_index("lighthouse_id")
