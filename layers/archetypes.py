"""Archetypes: what a building of a country, use, size and age is usually made of and used for.

An archetype is a row of U-values, air changes and standard use. Residential rows come from the
country's own typology (TABULA example buildings, Finnish structures of VTT, or the EU building-stock
model) or from a named neighbour; boundary conditions come from the country's own set. Buildings that
are not dwellings take the envelope of the country's apartment blocks of their period and the use
conditions of their use; `unknown` and `other` are mixed profiles. Every row names its source, and
`archetype_origin` says `own:FI` or `proxy:RS`.

A building is matched by use, size class and year of construction. A multi-family building is an
apartment block from a floor area or a number of storeys on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from layers.core.contracts import Column
from layers.core.countries import check_country
from layers.core.errors import ContractProblem
from layers.core.facts import value
from layers.core.ranges import check_ranges
from layers.core.types import ObjectArray
from layers.core.uses import USES

DATA = Path(__file__).resolve().parent / "data"
UNHEATED = "unheated"
SUBJECT = "use_conditions"
SIZE_CLASSES = ("SFH", "TH", "MFH", "AB")
HOUSING = {"SFH": "single", "TH": "single", "MFH": "multi", "AB": "multi"}
CLASS_USE = {
    "SFH": "residential_single",
    "TH": "residential_terraced",
    "MFH": "residential_multi",
    "AB": "residential_multi",
}
HOUSING_USES = frozenset(CLASS_USE.values())
# the size class whose envelope a use borrows
ENVELOPE_CLASS = {
    "office": "AB", "retail": "AB", "restaurant": "AB", "hotel": "AB", "education": "AB", "hospital": "AB",
    "assembly": "AB", "sport": "AB", "industry": "AB", "storage": "AB", "other": "MFH", "unknown": "MFH",
}  # fmt: skip
MIXES = {"unknown": ("residential_multi", "office", "retail"), "other": ("office", "assembly")}
# a heated outbuilding is used like a store
SAME_AS = {"outbuilding": "storage"}
INTERMITTENT = ("office", "retail", "restaurant", "education", "assembly", "sport", "industry", "storage")
DAY_AND_NIGHT = ("hospital", "hotel")
HOURS_PER_DAY = 24.0
HOURS_PER_YEAR = 8760.0
WH_PER_KWH = 1000.0
LAST_YEAR = 9999

ADDS: tuple[Column, ...] = (
    Column("archetype_id", "the archetype that stands for the building, or unheated", "text"),
    Column("archetype_origin", "whose rows the archetype is made of: own:FI, proxy:RS, or unheated", "text"),
)

ARCHETYPE_COLUMNS: tuple[Column, ...] = (
    Column("country", "country for which the row serves", "text"),
    Column("use", "class of use", "category", allowed=USES),
    Column("size_class", "size class of the envelope", "category", allowed=SIZE_CLASSES),
    Column("first_year", "first year of construction", "whole", 0, LAST_YEAR),
    Column("last_year", "last year of construction", "whole", 0, LAST_YEAR),
    Column("u_wall_w_per_m2_k", "U-value of outer walls", lowest=0.05, highest=4.0),
    Column("u_roof_w_per_m2_k", "U-value of the roof or top ceiling", lowest=0.05, highest=5.0),
    Column("u_floor_w_per_m2_k", "U-value of the lowest floor", lowest=0.05, highest=5.0),
    Column("u_window_w_per_m2_k", "U-value of windows", lowest=0.5, highest=6.5),
    Column("b_floor_ratio", "part of the temperature difference at the floor", lowest=0, highest=1),
    Column("b_roof_ratio", "part of the temperature difference at the roof", lowest=0, highest=1),
    Column("thermal_bridge_w_per_m2_k", "surcharge of thermal bridges", lowest=0, highest=0.2),
    Column("window_g_ratio", "solar transmittance of the glazing", lowest=0.2, highest=0.9),
    Column("air_use_per_h", "air change by use", lowest=0.02, highest=2),
    Column("air_infiltration_per_h", "air change by leaks", lowest=0, highest=1),
    Column("heat_recovery_share", "part of the heat of used air that is recovered", lowest=0, highest=0.95),
    Column("room_height_m", "clear height of rooms", lowest=2, highest=10),
    Column("set_point_c", "indoor temperature while heated", lowest=10, highest=30),
    Column("night_factor_low_ratio", "temperature reduction factor at 1 W/(m² K)", lowest=0.4, highest=1),
    Column("night_factor_high_ratio", "temperature reduction factor at 4 W/(m² K)", lowest=0.4, highest=1),
    Column("internal_gain_w_per_m2", "heat of people and appliances, mean of the day", lowest=0, highest=30),
    Column("heat_capacity_wh_per_m2_k", "effective heat capacity", lowest=10, highest=300),
    Column("hot_water_kwh_per_m2", "useful heat for hot water", lowest=0, highest=150),
    Column("electricity_kwh_per_m2", "electricity of users and lighting", lowest=0, highest=300),
    Column("utilisation_a0_ratio", "parameter a0 of the gain utilisation", lowest=0.1, highest=3),
    Column("utilisation_tau0_h", "parameter tau0 of the gain utilisation", lowest=1, highest=200),
    Column("archetype_origin", "whose rows these are: own:FI, proxy:RS", "text"),
    Column("source_id", "source of the envelope", "text"),
    Column("place_in_source", "where in the source the envelope stands", "text"),
    Column("note", "what was assumed", "text"),
)  # fmt: skip

CONDITIONS = (
    "set_point_c", "night_factor_low_ratio", "night_factor_high_ratio", "air_use_per_h", "room_height_m",
    "internal_gain_w_per_m2", "heat_capacity_wh_per_m2_k", "hot_water_kwh_per_m2",
)  # fmt: skip


def _from_facts(fact_id: str) -> float:
    return value(SUBJECT, fact_id)


@dataclass(frozen=True)
class ArchetypeParams:
    """Where size classes part, and how gains are used.

    Attributes
    ----------
    apartment_block_area_m2 : float
        Heated floor area from which a multi-family building is an apartment block. [200, 20000]
    apartment_block_storey_count : float
        Storeys from which it is one. [3, 20]
    utilisation_a0_ratio, utilisation_tau0_h : float
        Monthly gain utilisation of continuously used buildings. [0.1, 3], [1, 200] h
    intermittent_a0_ratio, intermittent_tau0_h : float
        The same of offices, shops, schools, halls and works; by default the same values, because the
        hourly model agrees with them. SIA 380/1 has 0.8 and 70 h.
    cold_winter_c : float
        Mean of the coldest month below which winters are cold. [-10, 15] °C
    """

    apartment_block_area_m2: float = field(default_factory=lambda: _from_facts("apartment_block_area_m2"))
    apartment_block_storey_count: float = field(
        default_factory=lambda: _from_facts("apartment_block_storey_count")
    )
    utilisation_a0_ratio: float = field(default_factory=lambda: _from_facts("utilisation_a0_ratio"))
    utilisation_tau0_h: float = field(default_factory=lambda: _from_facts("utilisation_tau0_h"))
    intermittent_a0_ratio: float = field(default_factory=lambda: _from_facts("utilisation_a0_ratio"))
    intermittent_tau0_h: float = field(default_factory=lambda: _from_facts("utilisation_tau0_h"))
    cold_winter_c: float = field(default_factory=lambda: _from_facts("cold_winter_coldest_month_c"))

    def __post_init__(self) -> None:
        ranges = {
            "apartment_block_area_m2": (200.0, 20_000.0),
            "apartment_block_storey_count": (3.0, 20.0),
            "utilisation_a0_ratio": (0.1, 3.0),
            "utilisation_tau0_h": (1.0, 200.0),
            "intermittent_a0_ratio": (0.1, 3.0),
            "intermittent_tau0_h": (1.0, 200.0),
            "cold_winter_c": (-10.0, 15.0),
        }
        check_ranges(self, ranges)


@cache
def _table(name: str) -> pd.DataFrame:
    texts = ("country", "source_id", "place_in_source", "note", "size_classes", "winters", "conditions_id")
    return pd.read_csv(
        DATA / f"{name}.csv",
        keep_default_na=False,
        na_values={"air_use_per_h": [""]},
        dtype=dict.fromkeys(texts, str),
    )


def _envelope_rows(country: str, winters: str) -> pd.DataFrame:
    """Return the residential envelope rows of a country, put together from its own or borrowed rows."""
    spans = _table("archetype_countries")
    envelopes = _table("archetypes")
    parts: list[pd.DataFrame] = []
    here = (spans["country"] == country) & spans["winters"].isin(["all", winters])
    for span in spans[here].to_dict("records"):
        classes = SIZE_CLASSES if span["size_classes"] == "all" else span["size_classes"].split()
        rows = envelopes[
            (envelopes["country"] == span["envelope_of"])
            & envelopes["size_class"].isin(classes)
            & (envelopes["last_year"] >= span["first_year"])
            & (envelopes["first_year"] <= span["last_year"])
        ]
        kind = "own" if span["envelope_of"] == country else "proxy"
        parts.append(
            rows.assign(
                country=country,
                first_year=rows["first_year"].clip(lower=span["first_year"]),
                last_year=rows["last_year"].clip(upper=span["last_year"]),
                archetype_origin=f"{kind}:{span['envelope_of']}",
                conditions_of=span["conditions_of"],
            )
        )
    return pd.concat(parts, ignore_index=True)


def _electricity_kwh_per_m2(housing: str) -> float:
    return _from_facts(f"residential_{housing}_electricity_kwh_per_m2")


def _residential_rows(envelopes: pd.DataFrame) -> pd.DataFrame:
    """Add use and boundary conditions to envelope rows; a row's own air change goes first."""
    rows = envelopes.assign(
        use=envelopes["size_class"].map(CLASS_USE), housing=envelopes["size_class"].map(HOUSING)
    )
    sets = _table("archetype_conditions")[["conditions_id", "housing", *CONDITIONS]]
    joined: pd.DataFrame = rows.merge(
        sets, how="left", left_on=["conditions_of", "housing"], right_on=["conditions_id", "housing"],
        suffixes=("", "_set"), validate="many_to_one",
    )  # fmt: skip
    electricity = {housing: _electricity_kwh_per_m2(housing) for housing in ("single", "multi")}
    air_use_per_h = joined["air_use_per_h"].fillna(joined["air_use_per_h_set"])
    return joined.assign(
        air_use_per_h=air_use_per_h, electricity_kwh_per_m2=joined["housing"].map(electricity)
    )


def use_conditions(use: str) -> dict[str, float]:
    """Return the standard use of a building that is not a dwelling.

    Internal gains are the mean of the day: people while present, and the share of electricity that
    warms the rooms. The air change is the outdoor air per floor area by the room height.

    Examples
    --------
    Office: 80 W / 20 m² × 6 h / 24 h + 22.2 kWh/m² × 0.9 / 8760 h = 1.0 + 2.28 W/m².

    >>> round(use_conditions("office")["internal_gain_w_per_m2"], 2)
    3.28
    """
    read = {
        part: _from_facts(f"{use}_{part}")
        for part in (
            "set_point_c", "person_area_m2", "person_heat_w", "presence_h", "electricity_kwh_per_m2",
            "electricity_gain_share", "outdoor_air_m3_per_m2_h", "hot_water_kwh_per_m2", "room_height_m",
        )
    }  # fmt: skip
    people = read["person_heat_w"] / read["person_area_m2"] * read["presence_h"] / HOURS_PER_DAY
    appliances = read["electricity_kwh_per_m2"] * read["electricity_gain_share"] * WH_PER_KWH / HOURS_PER_YEAR
    conditions = {
        "set_point_c": read["set_point_c"],
        "internal_gain_w_per_m2": people + appliances,
        "air_use_per_h": read["outdoor_air_m3_per_m2_h"] / read["room_height_m"],
        "room_height_m": read["room_height_m"],
        "hot_water_kwh_per_m2": read["hot_water_kwh_per_m2"],
        "electricity_kwh_per_m2": read["electricity_kwh_per_m2"],
    }
    if use in DAY_AND_NIGHT:
        conditions["night_factor_low_ratio"] = _from_facts(f"{use}_night_factor_ratio")
        conditions["night_factor_high_ratio"] = _from_facts(f"{use}_night_factor_ratio")
    return conditions


def _rows_of_use(housing_rows: pd.DataFrame, use: str) -> pd.DataFrame:
    """Return the rows of one use that is not a dwelling, on borrowed envelopes."""
    envelope = housing_rows[housing_rows["size_class"] == ENVELOPE_CLASS[use]]
    if use not in MIXES:
        return envelope.assign(use=use, **use_conditions(use))
    names = [*CONDITIONS, "electricity_kwh_per_m2"]
    mixed = dict.fromkeys(names, 0.0 * envelope["set_point_c"])
    for part in MIXES[use]:
        share = _from_facts(f"{use}_{part}_share")
        rows = envelope if part in HOUSING_USES else envelope.assign(**use_conditions(part))
        for name in names:
            mixed[name] = mixed[name] + share * rows[name]
    return envelope.assign(use=use, **mixed)


def archetype_ids(rows: pd.DataFrame) -> pd.Series:
    """Return the names of archetypes: country, size class or use, and period."""
    group = rows["size_class"].where(rows["use"].isin(HOUSING_USES), rows["use"])
    first, last = rows["first_year"].astype(str), rows["last_year"].astype(str)
    period = (first + "-" + last).mask(rows["first_year"] == 0, "to-" + last)
    period = period.mask(rows["last_year"] == LAST_YEAR, "from-" + first)
    return rows["country"] + "." + group + "." + period


def read_archetypes(
    country: str, params: ArchetypeParams | None = None, *, coldest_month_c: float | None = None
) -> pd.DataFrame:
    """Return a country's archetypes: every use, size class and period.

    Parameters
    ----------
    country : str
        Two-letter ISO code; Eurostat's EL and UK are understood.
    coldest_month_c : float, optional
        Mean of the place's coldest month: where a country borrows from two neighbours, it says which one
        builds for such winters. Without it winters are mild.

    Returns
    -------
    DataFrame, index `archetype_id`
        Columns as in `ARCHETYPE_COLUMNS`; the periods of a use and size class have no holes.

    Raises
    ------
    UsageProblem
        When no archetypes are known for the country; the message lists those that are.

    Examples
    --------
    >>> finland = read_archetypes("FI")
    >>> float(finland.loc["FI.SFH.1961-1970", "u_wall_w_per_m2_k"])
    0.293
    """
    chosen = params or ArchetypeParams()
    code = check_country(country)
    is_cold = coldest_month_c is not None and coldest_month_c < chosen.cold_winter_c
    housing = _residential_rows(_envelope_rows(code, "cold" if is_cold else "mild"))
    rows = pd.concat([housing, *(_rows_of_use(housing, use) for use in ENVELOPE_CLASS)], ignore_index=True)
    intermittent = rows["use"].isin(INTERMITTENT)
    table = rows.assign(
        utilisation_a0_ratio=np.where(
            intermittent, chosen.intermittent_a0_ratio, chosen.utilisation_a0_ratio
        ),
        utilisation_tau0_h=np.where(intermittent, chosen.intermittent_tau0_h, chosen.utilisation_tau0_h),
    )[[column.name for column in ARCHETYPE_COLUMNS]]
    return table.set_axis(pd.Index(archetype_ids(rows), name="archetype_id"), axis=0)


def size_classes(buildings: pd.DataFrame, params: ArchetypeParams | None = None) -> ObjectArray:
    """Return the group that parts archetypes: SFH, TH, MFH, AB for dwellings, else the use itself."""
    chosen = params or ArchetypeParams()
    use = buildings["use"].astype(str)
    large = (
        buildings["heated_floor_area_m2"].to_numpy(dtype=float, na_value=0.0)
        >= chosen.apartment_block_area_m2
    ) | (buildings["storey_count"].to_numpy(dtype=float, na_value=0.0) >= chosen.apartment_block_storey_count)
    group = use.replace({"residential_single": "SFH", "residential_terraced": "TH", **SAME_AS}).to_numpy(
        dtype=object
    )
    multi = (use == "residential_multi").to_numpy()
    return np.where(multi, np.where(large, "AB", "MFH"), group)


def match_archetypes(group: ObjectArray, year: np.ndarray, archetypes: pd.DataFrame) -> ObjectArray:
    """Return the archetype id of each building.

    Parameters
    ----------
    group : (n,) array of str
        SFH, TH, MFH, AB or a use.
    year : (n,) array
        Year of construction.
    archetypes : DataFrame
        As from `read_archetypes`.
    """
    row_group = archetypes["size_class"].where(archetypes["use"].isin(HOUSING_USES), archetypes["use"])
    ids = np.full(len(group), None, dtype=object)
    for name, rows in archetypes.groupby(row_group.to_numpy(), sort=True):
        ordered = rows.sort_values("first_year")
        mine = group == name
        position = np.searchsorted(ordered["first_year"].to_numpy(dtype=float), year[mine], side="right") - 1
        ids[mine] = ordered.index.to_numpy(dtype=object)[np.maximum(position, 0)]
    return ids


def add_archetypes(
    buildings: pd.DataFrame, country: str, archetypes: pd.DataFrame, params: ArchetypeParams | None = None
) -> pd.DataFrame:
    """Give every building its archetype by use, size and year; unheated buildings get `unheated`.

    Parameters
    ----------
    buildings : DataFrame
        With `use`, `construction_year`, `storey_count`, `heated_floor_area_m2`, `heated`.
    country : str
        The country of `archetypes`.

    Raises
    ------
    ContractProblem
        When the archetypes are another country's, or a heated building has no year or a strange use.
    """
    code = check_country(country)
    if not (archetypes["country"] == code).all():
        raise ContractProblem(
            f"The archetypes are those of {archetypes['country'].iloc[0]}, the buildings stand in {code}; "
            "read the archetypes of the same country."
        )
    heated = buildings["heated"].to_numpy(dtype=bool)
    year = buildings["construction_year"].to_numpy(dtype=float, na_value=np.nan)
    ids = match_archetypes(size_classes(buildings, params), year, archetypes)
    missing = heated & (np.isnan(year) | pd.isna(ids))
    if missing.any():
        first = buildings.index[missing][0]
        raise ContractProblem(
            f"{int(missing.sum())} heated buildings cannot be matched to an archetype, for example {first} "
            f"(use {buildings['use'][first]}, year {buildings['construction_year'][first]}); "
            "fill use and construction_year first."
        )
    ids = np.where(heated, ids, UNHEATED)
    origin_of = archetypes["archetype_origin"].to_dict() | {UNHEATED: UNHEATED}
    chosen_ids = pd.Series(ids, index=buildings.index, dtype="str")
    return buildings.assign(archetype_id=chosen_ids, archetype_origin=chosen_ids.map(origin_of).astype("str"))


def origin_text(buildings: pd.DataFrame) -> str:
    """Return whose archetypes the heated buildings have, the most frequent first.

    Examples
    --------
    >>> origin_text(pd.DataFrame({"archetype_origin": ["proxy:RS", "unheated", "proxy:RS"]}))
    'archetypes proxy:RS'
    """
    origins = buildings["archetype_origin"].astype(str)
    counts = origins[origins != UNHEATED].value_counts()
    ordered = sorted(counts.index, key=lambda origin: (-int(counts[origin]), str(origin)))
    return f"archetypes {', '.join(map(str, ordered))}" if ordered else "no heated building"
