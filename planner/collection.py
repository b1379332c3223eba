"""The list of what to survey next, read from a finished run and nothing else."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.core.errors import InputProblem, UsageProblem
from layers.core.text import clean_name, slug
from planner.manifest import read_manifest

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.archetypes import ArchetypeParams

KWH_PER_MWH = 1000.0
_COORDINATE_DECIMALS = 6


@dataclass(frozen=True)
class Collection:
    """A written list, and what it would do."""

    path: Path
    row_count: int
    building_count: int
    sentence: str


def collect(
    folder: Path, *, most_count: int, out: Path | None, district_id: str | None, force: bool
) -> Collection:
    """Write the list of what to survey next.

    Parameters
    ----------
    folder : Path
        A run folder.
    most_count : int
        Rows at most.
    out : Path or None
        File to write; without it ``survey-<city>.csv`` in the current folder.
    district_id : str or None
        Only one district, by what narrows its own heat.
    force : bool
        Replace a file that is there.

    Raises
    ------
    InputProblem
        When the folder holds no run, or a damaged or older one.
    UsageProblem
        When the file is there already, or the district is not.
    """
    from layers.survey import SurveyParams, list_survey
    from planner.config import read_settings

    manifest = read_manifest(folder)
    path = out or Path(f"survey-{slug(str(manifest['request'].get('city', 'city')))}.csv")
    if path.exists() and (not force or not path.is_file()):
        raise UsageProblem(f"{path} is already there; add --force to replace it, or name another with --out.")
    settings = read_settings(folder / "run.toml", {})
    buildings = _read_buildings(folder)
    listed = list_survey(
        buildings,
        _archetypes_of(buildings, _country_of(buildings, folder), settings.archetypes, manifest),
        most_count=most_count,
        area_range_kwh=_area_range_kwh(folder, manifest, district_id),
        district_id=district_id,
        params=SurveyParams(shared_variance_share=settings.heat.shared_variance_share),
    )
    table = _with_places(listed, buildings)
    _write(table, path)
    return Collection(path, len(table), table.index.nunique(), _sentence(table, district_id))


def _read_buildings(folder: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from pyarrow.lib import ArrowException

    path = folder / "buildings.parquet"
    try:
        return gpd.read_parquet(path).set_index("building_id")
    except (OSError, ValueError, KeyError, ArrowException) as problem:
        raise InputProblem(
            f"{path} cannot be read ({type(problem).__name__}); run `planner assess` again."
        ) from problem


def _country_of(buildings: pd.DataFrame, folder: Path) -> str:
    """Return the country of the archetypes of a run: the first part of their names."""
    names = buildings["archetype_id"].astype(str)
    codes = names[names.str.contains(".", regex=False)].str.partition(".")[0]
    if codes.empty:
        raise InputProblem(f"{folder} has no heated building; there is nothing to survey.")
    return str(codes.mode().iloc[0])


def _archetypes_of(
    buildings: pd.DataFrame, country: str, params: ArchetypeParams, manifest: dict[str, Any]
) -> pd.DataFrame:
    """Return the archetypes of a run, the town's own values in them.

    Those of mild or of cold winters, where a country has both.
    """
    from layers.archetypes import UNHEATED, archetype_ids, read_archetypes
    from layers.sources.own_archetypes import override_archetypes
    from planner.acquire import read_own

    path = manifest["request"].get("archetypes")
    own = read_own(Path(path) if path else None)

    def owned(table: pd.DataFrame) -> pd.DataFrame:
        return table if own is None else override_archetypes(table, own, archetype_ids)

    mild = owned(read_archetypes(country, params))
    used = buildings["archetype_id"].astype(str)
    if used.isin([*mild.index, UNHEATED]).all():
        return mild
    return owned(read_archetypes(country, params, coldest_month_c=params.cold_winter_c - 1.0))


def _area_range_kwh(folder: Path, manifest: dict[str, Any], district_id: str | None) -> float:
    """Return the width from p10 to p90 of the heat of the city or a district; NaN in older runs."""
    low_name, high_name = "heat_demand_p10_mwh", "heat_demand_p90_mwh"
    if district_id is None:
        totals = manifest.get("totals", {})
        low, high = totals.get(low_name), totals.get(high_name)
    else:
        try:
            with (folder / "districts.csv").open(encoding="utf-8-sig", newline="") as lines:
                rows = {row["district_id"]: row for row in csv.DictReader(lines)}
        except (OSError, KeyError, UnicodeDecodeError) as problem:
            raise InputProblem(
                f"{folder / 'districts.csv'} cannot be read; run `planner assess` again."
            ) from problem
        low, high = (rows.get(district_id, {}).get(name) for name in (low_name, high_name))
    return (float(high) - float(low)) * KWH_PER_MWH if low and high else float("nan")


def _with_places(listed: pd.DataFrame, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the list with what a person needs to find each building."""
    from layers.core.crs import GEOGRAPHIC, transform_points

    some = buildings.loc[listed.index]
    point = some.geometry.representative_point()
    xy = transform_points(point.get_coordinates().to_numpy(dtype=float), buildings.crs, GEOGRAPHIC)
    words = {
        name: some[name].astype("string").fillna("") if name in some.columns else ""
        for name in ("street_name", "house_number", "name", "district_id", "use")
    }
    address = words["street_name"] + " " + words["house_number"]
    return listed.assign(
        address=[clean_name(text) for text in address],
        name=[clean_name(str(text)) for text in words["name"]],
        district_id=words["district_id"],
        use=words["use"],
        # as every map service takes it
        place=[
            f"{latitude:.{_COORDINATE_DECIMALS}f}, {longitude:.{_COORDINATE_DECIMALS}f}"
            for longitude, latitude in xy.tolist()
        ],
    )


def _write(table: pd.DataFrame, path: Path) -> None:
    from reports.exports import write_csv

    partial = path.with_name(f".{path.name}.partial")
    try:
        write_csv(table, partial)
        partial.replace(path)
    except OSError as problem:
        raise InputProblem(
            f"{path} cannot be written ({problem.strerror}); choose another --out."
        ) from problem
    finally:
        partial.unlink(missing_ok=True)


def _sentence(table: pd.DataFrame, district_id: str | None) -> str:
    """Say what filling in the list would do."""
    if table.empty:
        return "Nothing to survey: storeys, years and uses of all heated buildings are known."
    area = f"district {district_id}" if district_id else "the city"
    buildings = table.index.nunique()
    doubt_count = int((table["column"] == "use").sum())
    text = f"{len(table):,} values of {buildings:,} buildings are listed, most worth knowing first."
    then = float(table["area_range_then_share"].iloc[-1])
    if then == then:
        text += (
            f" With all of them the likely range of {area}'s heat would be at best {100 * then:.0f} % as "
            "wide as today; assess again to see how wide it is."
        )
    if doubt_count:
        text += f" {doubt_count:,} of them are uses, whose doubt stands beside the ranges."
    return f"{text} Fill in value and source, then: planner assess … --corrections FILE"
