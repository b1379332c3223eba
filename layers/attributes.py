"""Use, storeys, height, construction year, heating and protection of each building.

`learn_attributes` looks at the whole city once; `add_attributes` then describes any of its buildings.
What the data state is kept. Gaps are filled from points of interest and land (use), from labelled
buildings of the same city (few labels: nearest neighbours of like form; many: boosted trees), else by
rule and from the country's stock. Every value carries its origin and a range that holds 8 of 10
buildings. A use that nobody knows stays `unknown`, a mixed profile, never silently a dwelling.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.core.attribute_settings import AttributeParams
from layers.core.contracts import Column, origin_column
from layers.core.errors import InputProblem
from layers.core.text import spreadsheet_text
from layers.core.types import BoolArray, FloatArray, ObjectArray
from layers.core.uses import HEATED_USES, RESIDENTIAL_USES, USES
from layers.physics import attribute_model as model_of
from layers.physics import building_evidence as known
from layers.physics.attribute_learning import learn
from layers.physics.attribute_model import (
    EARLIEST_YEAR,
    HIGHEST_HEIGHT_M,
    HIGHEST_STOREYS,
    LATEST_YEAR,
    AttributeModel,
)
from layers.physics.building_use import RESIDENTIAL, UNKNOWN

__all__ = [
    "ADDS",
    "AttributeModel",
    "AttributeParams",
    "add_attributes",
    "apply_corrections",
    "learn_attributes",
]

PROTECTIONS = ("none", "likely", "listed")
# goods in a warehouse are kept from freezing, those in a barn or a car park are not
_HEATED_STORAGE_TAGS = ("warehouse",)
# a year that is drawn from the country's stock says nothing about one building
_DATED_ORIGINS = ("measured", "user", "tagged", "imputed")


def _ranged(name: str, unit: str, meaning: str, low: float, high: float, origin: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_{unit}", meaning, lowest=low, highest=high),
        origin_column(origin),
        Column(f"{name}_p10_{unit}", f"{meaning}: 1 of 10 lies below", lowest=low, highest=high),
        Column(f"{name}_p90_{unit}", f"{meaning}: 1 of 10 lies above", lowest=low, highest=high),
    )


ADDS: tuple[Column, ...] = (
    Column("use", "class of use", "category", allowed=USES),
    origin_column("use"),
    Column("residential_share", "dwellings in the floor area", lowest=0, highest=1),
    *_ranged("storey", "count", "storeys above ground", 0.5, HIGHEST_STOREYS, "storey_count"),
    *_ranged("height", "m", "height of the walls, ground to eaves", 0.5, HIGHEST_HEIGHT_M, "height"),
    *_ranged("construction", "year", "year of construction", EARLIEST_YEAR, LATEST_YEAR, "construction_year"),
    Column(
        "construction_p50_year",
        "year of construction: half lies below",
        lowest=EARLIEST_YEAR,
        highest=LATEST_YEAR,
    ),
    Column("heated", "whether the building is heated", "flag"),
    Column("protection", "whether heritage rules bind its envelope", "category", allowed=PROTECTIONS),
)


def is_heated(
    use: ObjectArray, building_tag: ObjectArray, is_outbuilding: BoolArray, is_kiosk: BoolArray
) -> BoolArray:
    """Say which buildings are heated.

    Parameters
    ----------
    use, building_tag : (n,) arrays of text
    is_outbuilding, is_kiosk : (n,) arrays
        Sheds and garages; what is too small to be heated (`layers.physics.building_evidence.is_kiosk`).

    Examples
    --------
    >>> no = np.zeros(3, dtype=bool)
    >>> is_heated(np.array(["office", "storage", "storage"], dtype=object),
    ...           np.array(["yes", "warehouse", "barn"], dtype=object), no, no)
    array([ True,  True, False])
    """
    warm = np.isin(use.astype(str), HEATED_USES) | (
        (use == "storage") & np.isin(building_tag.astype(str), _HEATED_STORAGE_TAGS)
    )
    return np.asarray(warm & ~is_outbuilding & ~is_kiosk, dtype=bool)


def _protection(
    buildings: pd.DataFrame, use: ObjectArray, latest_year: FloatArray, year_origin: ObjectArray,
    is_dense: BoolArray, params: AttributeParams,
) -> ObjectArray:  # fmt: skip
    """Return whether heritage rules bind the envelope: tags, worship, or surely old and in the centre.

    `latest_year` is the end of the likely range: a stated year is its own end, and a learned one counts
    only when 9 of 10 such buildings are older.
    """
    tagged = known.flag_column(buildings, "is_protected_tag")
    worship = known.is_worship(buildings)
    dated = np.isin(year_origin.astype(str), _DATED_ORIGINS)
    old = dated & (latest_year < params.protection_before_year) & is_dense & (use != "outbuilding")
    likely = np.where(worship | old, "likely", "none")
    return np.where(tagged & ~worship, "listed", likely).astype(object)


def learn_attributes(
    buildings: gpd.GeoDataFrame,
    landuse: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    stock: pd.DataFrame,
    params: AttributeParams | None = None,
) -> AttributeModel:
    """Learn from a whole city how its uses, storeys, heights and years go with form and place.

    Parameters
    ----------
    buildings : GeoDataFrame
        Buildings with what the reader and the form layer say, in a metric system.
    landuse, points : GeoDataFrames in the same system
        Land with `kind`, points of interest with `use`.
    stock : DataFrame
        The country's construction periods (`layers.sources.stock.read_stock_periods`).

    Returns
    -------
    AttributeModel
        Its `quality` says per attribute how many labels there were, which method was chosen, and the
        error and coverage on whole blocks of the city that were left out.
    """
    params = params or AttributeParams()
    return learn(known.gather(buildings, landuse, points, params), stock, params)


def add_attributes(
    buildings: gpd.GeoDataFrame,
    landuse: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    model: AttributeModel,
    params: AttributeParams | None = None,
) -> gpd.GeoDataFrame:
    """Describe each building; see `ADDS`.

    Parameters
    ----------
    buildings, landuse, points : GeoDataFrames
        As for `learn_attributes`; any part of the city with its surroundings.
    model : AttributeModel
        What was learned from the whole city, with the same `params`.
    """
    params = params or AttributeParams()
    evidence = known.gather(buildings, landuse, points, params)
    learned = model_of.learned_profile(evidence, model.uses, params)
    guess = model_of.first_guess(evidence, learned, params)
    storey, storey_origin = model_of.fill_storeys(evidence, guess, model, params)
    shares = known.use_shares(evidence, storey[:, 0], learned, params)
    group = known.main_class(shares)
    use = known.profile_to_use(group, model_of.size_classes(evidence, storey[:, 0], params))
    stated = (evidence.stated != "") & (~evidence.is_weak | (use == "other"))
    use_origin = np.where(group == UNKNOWN, "default", np.where(stated, "tagged", "imputed"))
    height, height_origin = model_of.fill_heights(evidence, group, use, storey, storey_origin, model, params)
    measured = known.flag_column(buildings, "is_height_measured") & (height_origin == "tagged")
    height_origin[measured] = "measured"
    year, year_origin = model_of.fill_years(evidence, guess, use, model, params)
    homes = shares[:, RESIDENTIAL] + shares[:, UNKNOWN] * params.mixed_residential_share
    tag = known.text_column(buildings, "building_tag")
    latest_year = np.maximum(year[:, 2], year[:, 0])
    return buildings.assign(
        use=use,
        use_origin=use_origin,
        residential_share=np.clip(homes, 0.0, 1.0),
        storey_count=storey[:, 0],
        storey_count_origin=storey_origin,
        storey_p10_count=np.minimum(storey[:, 1], storey[:, 0]),
        storey_p90_count=np.maximum(storey[:, 2], storey[:, 0]),
        height_m=height[:, 0],
        height_origin=height_origin,
        height_p10_m=np.minimum(height[:, 1], height[:, 0]),
        height_p90_m=np.maximum(height[:, 2], height[:, 0]),
        construction_year=year[:, 0],
        construction_year_origin=year_origin,
        construction_p10_year=np.minimum(year[:, 1], year[:, 0]),
        construction_p90_year=latest_year,
        construction_p50_year=year[:, 3],
        heated=is_heated(use, tag, evidence.is_outbuilding, evidence.is_kiosk),
        protection=_protection(buildings, use, latest_year, year_origin, evidence.is_dense, params),
    )


_CORRECTIONS = ("building_id", "column", "value", "source")
_CORRECTABLE: dict[str, Column] = {
    column.name: column
    for column in ADDS
    if column.name
    in (
        "use", "residential_share", "storey_count", "height_m", "construction_year", "heated", "protection"
    )
}  # fmt: skip
# what a correction also settles: its origin and its range
_ORIGIN_OF = {
    "use": "use_origin", "storey_count": "storey_count_origin", "height_m": "height_origin",
    "construction_year": "construction_year_origin",
}  # fmt: skip
_RANGE_OF = {
    "storey_count": ("storey_p10_count", "storey_p90_count"),
    "height_m": ("height_p10_m", "height_p90_m"),
    "construction_year": ("construction_p10_year", "construction_p50_year", "construction_p90_year"),
}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MOST_LISTED = 10


def _parse(column: Column, text: str) -> str | float | bool | None:
    """Return a corrected value, or None where the text is not one."""
    if column.kind == "category":
        return text if column.allowed and text in column.allowed else None
    if column.kind == "flag":
        return _FLAGS.get(text.lower())
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    low, high = column.lowest, column.highest
    return number if (low is None or number >= low) and (high is None or number <= high) else None


def _allowed_text(column: Column) -> str:
    if column.kind == "category":
        return f"one of {', '.join(column.allowed or ())}"
    if column.kind == "flag":
        return "yes or no"
    return f"a number from {column.lowest:g} to {column.highest:g}"


def _check_corrections(
    buildings: pd.DataFrame, corrections: pd.DataFrame
) -> dict[str, dict[str, str | float | bool]]:
    """Return the corrected values by column and building, or raise all problems at once."""
    missing = [name for name in _CORRECTIONS if name not in corrections.columns]
    if missing:
        raise InputProblem(
            f"The corrections lack the column {', '.join(missing)}; they need {', '.join(_CORRECTIONS)}."
        )
    texts = corrections[list(_CORRECTIONS)].astype("string").fillna("").to_numpy(dtype=object)
    found: dict[str, dict[str, str | float | bool]] = {}
    problems = []
    # a loop over the rows of a file that a person wrote; row 1 is the head of the file
    for row, (label, name, text, source) in enumerate(
        ([str(cell).strip() for cell in line] for line in texts), 2
    ):
        if not text:
            # nobody has answered yet: a list to survey may come back half filled
            continue
        label = spreadsheet_text(label)
        column = _CORRECTABLE.get(name)
        value = None if column is None else _parse(column, text)
        if label not in buildings.index:
            problems.append(f"row {row}: no building {label[:60]!r}")
        if column is None:
            problems.append(f"row {row}: {name[:40]!r} cannot be corrected, only {', '.join(_CORRECTABLE)}")
        elif value is None:
            problems.append(f"row {row}: {name} is {text[:40]!r}, it must be {_allowed_text(column)}")
        elif label in found.get(name, {}):
            problems.append(f"row {row}: {name} of {label[:60]!r} is corrected twice")
        else:
            found.setdefault(name, {})[label] = value
        if not source:
            problems.append(f"row {row}: no source")
    if problems:
        more = f"; and {len(problems) - _MOST_LISTED:,} more" if len(problems) > _MOST_LISTED else ""
        raise InputProblem(f"The corrections cannot be used: {'; '.join(problems[:_MOST_LISTED])}{more}.")
    return found


def _kiosks(table: pd.DataFrame, is_home: BoolArray, params: AttributeParams) -> BoolArray:
    perimeter = np.maximum(known.number_column(table, "perimeter_m"), 0.1)
    shared = known.number_column(table, "shared_wall_length_m") / perimeter
    return known.is_kiosk(known.number_column(table, "footprint_area_m2"), shared, is_home, params)


def _floor_spread(use: ObjectArray, storey_count: FloatArray, params: AttributeParams) -> FloatArray:
    """Return (n, 2) low and high heights over the usual one of buildings whose storeys are known."""
    floor = AttributeParams.table(params.floor_height_m)[model_of.codes_of(use)]
    height = params.plinth_height_m + storey_count[:, None] * floor
    return np.asarray(height[:, 1:] / height[:, :1], dtype=np.float64)


def apply_corrections(
    buildings: gpd.GeoDataFrame, corrections: pd.DataFrame, params: AttributeParams | None = None
) -> gpd.GeoDataFrame:
    """Return the buildings with what a planner knows better.

    Parameters
    ----------
    buildings : GeoDataFrame
        With the columns of `ADDS`.
    corrections : DataFrame
        `building_id`, `column`, `value`, `source`: one row per corrected value; further columns, and
        rows without a value, count for nothing.

    Returns
    -------
    GeoDataFrame
        Corrected values have the origin ``user`` and no spread. A corrected use settles whether the
        building is heated and holds dwellings, unless these are corrected too (a kiosk stays cold until
        it becomes a dwelling); corrected storeys carry an assumed height with them, and leave it the
        spread of the floor height only.

    Raises
    ------
    InputProblem
        Unknown buildings or columns, values out of range, missing sources: all in one message.
    """
    found = _check_corrections(buildings, corrections)
    params = params or AttributeParams()
    table = buildings.copy()
    if "use" in found:
        rows = table.index.isin(found["use"])
        used = table.index[rows].map(found["use"]).to_numpy(dtype=object)
        tag = known.text_column(table, "building_tag")[rows]
        is_home = np.isin(used.astype(str), RESIDENTIAL_USES)
        kiosk = _kiosks(table.loc[rows], is_home, params)
        table.loc[rows, "heated"] = is_heated(used, tag, np.zeros(len(used), dtype=bool), kiosk)
        table.loc[rows, "residential_share"] = np.where(is_home, 1.0, 0.0)
    if "storey_count" in found:
        rows = table.index.isin(found["storey_count"]) & table["height_origin"].isin(["imputed", "default"])
        stored = table.index[rows].map(found["storey_count"]).to_numpy(dtype=float)
        factor = stored / table.loc[rows, "storey_count"].to_numpy(dtype=float)
        height = np.clip(table.loc[rows, "height_m"].to_numpy(dtype=float) * factor, 0.5, HIGHEST_HEIGHT_M)
        spread = _floor_spread(table.loc[rows, "use"].to_numpy(dtype=object), stored, params)
        table.loc[rows, "height_m"] = height
        for column, name in enumerate(("height_p10_m", "height_p90_m")):
            table.loc[rows, name] = np.clip(height * spread[:, column], 0.5, HIGHEST_HEIGHT_M)
    for name, values in found.items():
        rows = table.index.isin(list(values))
        corrected = table.index[rows].map(values)
        kind = table[name].dtype if name == "heated" else None
        for target in (name, *_RANGE_OF.get(name, ())):
            table.loc[rows, target] = corrected.to_numpy(dtype=kind)
        if name in _ORIGIN_OF:
            table.loc[rows, _ORIGIN_OF[name]] = "user"
    return table
