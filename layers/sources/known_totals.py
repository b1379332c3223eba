"""Known totals of heat, as a person writes them down: one row a total, with its year and source.

The first line of the CSV is ``level,id,sector,quantity,value,unit,year,source``; further columns may say
how certain a total is (`error_share`), which part of the buildings it counts (`served_share`), how much of
the fuel becomes heat (`efficiency_ratio`), and how cold its year was (`climate_ratio`). All problems of a
file are told at once, each with its row.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from layers.core.errors import InputProblem, PlannerError
from layers.core.extract import SourceRecord
from layers.core.text import clean_name, spreadsheet_text
from layers.core.uses import RESIDENTIAL_USES, USES
from layers.sources.files import read_head, source_record
from layers.sources.known_raster import KnownRaster, read_known_raster

COLUMNS = ("level", "id", "sector", "quantity", "value", "unit", "year", "source")
OPTIONAL = {
    "error_share": (0.001, 1.0), "served_share": (0.01, 1.0), "efficiency_ratio": (0.1, 8.0),
    "climate_ratio": (0.5, 2.0),
}  # fmt: skip
LEVELS = ("city", "district", "sector", "cell", "raster")
# what is metered: heat at the building's meter, one of its parts, or what is burnt for it
HEAT, SPACE_HEAT, HOT_WATER, FUEL = "heat", "space_heat", "hot_water", "fuel"
QUANTITIES = (HEAT, SPACE_HEAT, HOT_WATER, FUEL)
SERVICE_USES = (
    "office", "retail", "restaurant", "hotel", "education", "hospital", "assembly", "sport", "other",
)  # fmt: skip
SECTORS: dict[str, tuple[str, ...]] = {
    "all": USES,
    "residential": RESIDENTIAL_USES,
    "services": SERVICE_USES,
    "industry": ("industry", "storage"),
    **{use: (use,) for use in USES},
}
KWH_BY_UNIT = {
    "wh": 1e-3, "kwh": 1.0, "mwh": 1e3, "gwh": 1e6, "twh": 1e9, "mj": 1 / 3.6, "gj": 1e3 / 3.6,
    "tj": 1e6 / 3.6, "pj": 1e9 / 3.6,
}  # fmt: skip
_UNITS = "kWh, MWh, GWh, TWh, MJ, GJ, TJ"
M2_BY_LAND = {"m2": 1.0, "m²": 1.0, "ha": 1e4, "km2": 1e6, "km²": 1e6}
FIRST_YEAR, LAST_YEAR = 1990, 2100
_MOST_LISTED = 12
_MOST_ROWS = 100_000
_CELL_ID = re.compile(r"(\d{1,5})(m|km)N(\d{1,8})E(\d{1,8})")


@dataclass(frozen=True)
class KnownTotal:
    """One known total.

    Attributes
    ----------
    row : int
        Its line in the file, the head is 1.
    level, area_id, sector, quantity : str
    given_kwh : float
        Useful heat: fuel is multiplied by its efficiency. NaN for a raster.
    stated : str
        Value and unit as written.
    year : int
    source : str
    error_ratio : float
        One standard deviation, NaN where none is stated.
    served_share : float
        Part of the demand of these buildings that the total counts.
    climate_ratio : float
        Heat for the rooms in that year over that of a usual year.
    raster : KnownRaster or None
        With values in kWh of useful heat a square.
    """

    row: int
    level: str
    area_id: str
    sector: str
    quantity: str
    given_kwh: float
    stated: str
    year: int
    source: str
    error_ratio: float
    served_share: float
    climate_ratio: float
    raster: KnownRaster | None = None

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """Return what tells totals apart, the same in whichever order they stand."""
        return self.level, self.area_id, self.sector, self.quantity, self.year

    @property
    def name(self) -> str:
        """Return what a sentence calls it: "district d01, residential, heat 2023"."""
        place = self.level if self.level in ("city", "sector") else f"{self.level} {self.area_id}"
        return ", ".join([place, self.sector, f"{self.quantity} {self.year}"])


@dataclass(frozen=True)
class KnownTotals:
    """What a file says, in an order of its own, with the records and paths of all files behind it."""

    totals: tuple[KnownTotal, ...]
    records: tuple[SourceRecord, ...]
    raster_files: tuple[Path, ...]
    name: str


def cell_square_m(cell_id: str) -> tuple[float, float, float] | None:
    """Return west, south and side of a square of the European grid from its name, or None.

    Examples
    --------
    >>> cell_square_m("100mN41234E52345"), cell_square_m("1kmN2599E4695"), cell_square_m("d01")
    ((5234500.0, 4123400.0, 100.0), (4695000.0, 2599000.0, 1000.0), None)
    """
    found = _CELL_ID.fullmatch(cell_id)
    if found is None or not int(found[1]):
        return None
    side = float(found[1]) * (1000.0 if found[2] == "km" else 1.0)
    return float(found[4]) * side, float(found[3]) * side, side


def _number(text: str) -> float | str:
    """Return a number, or what is wrong with the text."""
    if "," in text or "'" in text or " " in text:
        return f"is {text[:30]!r}; write numbers with a point and without marks for thousands, as 12345.6"
    try:
        found = float(text)
    except ValueError:
        return f"is {text[:30]!r}, not a number"
    return found if math.isfinite(found) else f"is {text[:30]!r}, not a number"


def _unit(text: str, *, is_raster: bool) -> tuple[float, float | None] | str:
    """Return kWh per unit and the m² of land it stands for (None without), or what is wrong."""
    energy, slash, land = text.strip().lower().replace(" ", "").partition("/")
    if land in ("a", "yr", "year"):
        slash, land = "", ""
    kwh = KWH_BY_UNIT.get(energy)
    if kwh is None or (slash and land not in M2_BY_LAND):
        densities = ", also by land as in MWh/ha" if is_raster else ""
        return f"unit is {text[:20]!r}; it must be one of {_UNITS}{densities}"
    if slash and not is_raster:
        return f"unit is {text[:20]!r}, a density; a total needs one of {_UNITS}"
    return kwh, M2_BY_LAND[land] if slash else None


@dataclass
class _Row:
    """One line while it is read: its texts, and the problems found so far."""

    number: int
    texts: dict[str, str]
    problems: list[str]

    def complain(self, text: str) -> None:
        self.problems.append(f"row {self.number}: {text}")

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self.texts[name].lower()
        if text not in allowed:
            said = "is empty" if not text else f"is {self.texts[name][:30]!r}"
            self.complain(f"{name} {said}; it must be one of {', '.join(allowed)}")
        return text

    def share(self, name: str, default: float) -> float:
        text = self.texts.get(name, "")
        low, high = OPTIONAL[name]
        if not text:
            return default
        found = _number(text)
        if isinstance(found, str):
            self.complain(f"{name} {found}")
        elif not low <= found <= high:
            percent = "; write 5 percent as 0.05" if found > high and name.endswith("share") else ""
            self.complain(f"{name} is {found:g}; it must be {low:g} to {high:g}{percent}")
        else:
            return found
        return default

    def year(self) -> int:
        text = self.texts["year"]
        if not text.isdecimal() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
            self.complain(f"year is {text[:20]!r}; it must be {FIRST_YEAR} to {LAST_YEAR}")
            return FIRST_YEAR
        return int(text)

    def value(self) -> float:
        text = self.texts["value"]
        found = _number(text) if text else "is empty"
        if isinstance(found, str):
            self.complain(f"value {found}")
            return math.nan
        if found <= 0:
            self.complain(
                f"value is {text[:30]}; it must be above zero, a total that is not known has no row"
            )
            return math.nan
        return found


def _area(row: _Row, level: str, sector: str) -> tuple[str, str]:
    """Return the id and the sector of a row; a row of the level `sector` names it by its id."""
    area = spreadsheet_text(clean_name(row.texts["id"]))
    if level == "sector":
        wanted = area.lower() or sector
        if wanted not in SECTORS:
            row.complain(f"sector is {area[:30]!r}; it must be one of {', '.join(SECTORS)}")
        return "", wanted
    if level == "city":
        return "", sector
    if not area:
        row.complain(f"id is empty; a {level} needs one")
    elif level == "cell" and cell_square_m(area) is None:
        row.complain(f"id is {area[:30]!r}; a square is named as in cells, for example 100mN41234E52345")
    return area, sector


def _efficiency(row: _Row, quantity: str) -> float:
    if quantity == FUEL and not row.texts.get("efficiency_ratio"):
        row.complain("fuel needs efficiency_ratio, the useful heat per unit of fuel, for example 0.9")
    if quantity != FUEL and row.texts.get("efficiency_ratio"):
        row.complain("efficiency_ratio belongs to fuel; heat is what a meter in the building counts")
    return row.share("efficiency_ratio", 1.0)


def _read_raster(
    row: _Row, folder: Path, area: str, unit: tuple[float, float | None], efficiency_ratio: float
) -> tuple[KnownRaster | None, Path]:
    path = folder / area
    try:
        raster = read_known_raster(path)
    except PlannerError as problem:
        row.complain(str(problem).rstrip("."))
        return None, path
    kwh, land_m2 = unit
    cell = raster.cell_m2 / land_m2 if land_m2 is not None else 1.0
    values = raster.values * (kwh * cell * efficiency_ratio)
    return KnownRaster(
        values, raster.crs, raster.west_m, raster.north_m, raster.width_m, raster.height_m, raster.name
    ), path  # fmt: skip


def _total(row: _Row, folder: Path) -> tuple[KnownTotal, Path | None]:
    level = row.one_of("level", LEVELS)
    quantity = row.one_of("quantity", QUANTITIES)
    sector = row.texts["sector"].lower() or "all"
    if sector not in SECTORS:
        row.complain(f"sector is {sector[:30]!r}; it must be one of {', '.join(SECTORS)}")
    area, sector = _area(row, level, sector)
    is_raster = level == "raster"
    unit = _unit(row.texts["unit"], is_raster=is_raster)
    if isinstance(unit, str):
        row.complain(unit)
        unit = (1.0, None)
    year, efficiency_ratio = row.year(), _efficiency(row, quantity)
    if not row.texts["source"]:
        row.complain("no source")
    raster, path, given = None, None, math.nan
    if is_raster:
        if row.texts["value"]:
            row.complain("a raster brings its own values; leave value empty")
        if area:
            raster, path = _read_raster(row, folder, area, unit, efficiency_ratio)
    else:
        given = row.value() * unit[0] * efficiency_ratio
    total = KnownTotal(
        row=row.number, level=level, area_id=area, sector=sector, quantity=quantity, given_kwh=given,
        stated=f"{row.texts['value']} {row.texts['unit']}".strip(), year=year,
        source=clean_name(spreadsheet_text(row.texts["source"])),
        error_ratio=row.share("error_share", math.nan),
        served_share=row.share("served_share", 1.0), climate_ratio=row.share("climate_ratio", 1.0),
        raster=raster,
    )  # fmt: skip
    return total, path


def _lines(path: Path) -> list[list[str]]:
    """Return the cells of a file separated by commas, semicolons or tabs."""
    read_head(path, what="a CSV of known totals")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputProblem(
            f"{path.name} cannot be read as a table ({problem}); it needs UTF-8 and commas."
        ) from problem
    head = text.partition("\n")[0]
    count: Callable[[str], int] = head.count
    separator = max(",;\t", key=count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as problem:
        raise InputProblem(
            f"{path.name} cannot be read as a table ({problem}); check its quotes."
        ) from problem
    if len(lines) > _MOST_ROWS:
        raise InputProblem(f"{path.name} has {len(lines):,} rows; give squares as a raster instead.")
    return lines


def _rows(path: Path, problems: list[str]) -> list[_Row]:
    lines = _lines(path)
    head = [cell.strip().lower() for cell in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise InputProblem(
            f"{path.name} lacks the column {', '.join(missing)}; its first line must be "
            f"{','.join(COLUMNS)}, found {','.join(head)[:120]}."
        )
    unknown = [name for name in head if name not in (*COLUMNS, *OPTIONAL)]
    if unknown:
        raise InputProblem(
            f"{path.name} has the column {', '.join(unknown)[:120]}, which means nothing here; beside "
            f"{','.join(COLUMNS)} there may be {', '.join(OPTIONAL)}."
        )
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = [cell.strip() for cell in line]
        if any(cells):
            padded = cells + [""] * (len(head) - len(cells))
            rows.append(_Row(number, dict(zip(head, padded, strict=False)), problems))
            if len(cells) > len(head):
                rows[-1].complain(f"has {len(cells)} cells, the head has {len(head)}")
    return rows


def problems_sentence(name: str, problems: list[str]) -> str:
    """Return all problems of a file as one sentence, a long list cut short."""
    more = f"; and {len(problems) - _MOST_LISTED:,} more" if len(problems) > _MOST_LISTED else ""
    return f"{name} cannot be used: {'; '.join(problems[:_MOST_LISTED])}{more}."


def read_known_totals(path: Path) -> KnownTotals:
    """Read a file of known totals and the rasters that it names.

    Raises
    ------
    InputProblem
        With every wrong row of the file in one sentence.
    """
    problems: list[str] = []
    rows = _rows(path, problems)
    if not rows:
        raise InputProblem(f"{path.name} has no rows below its head; write one total a row.")
    read = [_total(row, path.resolve().parent) for row in rows]
    first: dict[tuple[str, str, str, str, int], int] = {}
    for total, _ in read:
        if total.key in first:
            problems.append(f"row {total.row}: the same total stands in row {first[total.key]}")
        first.setdefault(total.key, total.row)
    if problems:
        raise InputProblem(problems_sentence(path.name, problems))
    rasters = tuple(dict.fromkeys(file.resolve() for _, file in read if file is not None))
    record = partial(source_record, licence="as stated by its owner", attribution="own data", date="")
    return KnownTotals(
        totals=tuple(sorted((total for total, _ in read), key=lambda total: total.key)),
        records=tuple(record(each, title=clean_name(each.stem)) for each in (path, *rasters)),
        raster_files=rasters,
        name=path.name,
    )
