"""Sensitivity: which assumptions move the heat demand of a district, and of the city, most.

* One at a time: each assumption is set to its tenth and to its ninetieth part, everything else stays, and
  the buildings are calculated again by the same balance as the draws (`layers.physics.one_at_a_time`). In a
  sum only a part of an assumption's variance survives: what all buildings have in common, what the
  buildings of one archetype have in common, and the less the more buildings there are, what is a building's
  own.
* From the draws: the share of the variance of a district's draws that goes with the assumption, its
  first-order effect (Sobol' 1993), by least squares on what each assumption added to every draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.draws import Draws
from layers.core.types import FloatArray, IntArray
from layers.physics.heat_common import CommonParts, VarianceShares, common_parts
from layers.physics.heat_draws import HeatCase
from layers.physics.one_at_a_time import ASSUMPTIONS, OPAQUE, Answer, one_at_a_time, slopes_kwh

KWH_PER_MWH = 1000.0
CITY = "city"
# where nothing is common, sums would not answer at all: this little is always taken as common
LEAST_SHARE = 0.01
COLUMNS = (
    "district_id", "assumption", "heat_demand_mwh", "low_mwh", "high_mwh", "moves", "variance_share",
    "is_shared",
)  # fmt: skip


@dataclass(frozen=True)
class _Areas:
    """The areas for which assumptions are ranked: districts, then the city."""

    names: tuple[str, ...]
    district: IntArray

    def sums(self, values: FloatArray) -> FloatArray:
        """Add buildings up by area."""
        inside = self.district >= 0
        count = len(self.names) - 1
        by_district = np.bincount(self.district[inside], values[inside], minlength=count)
        return np.asarray(np.append(by_district, values.sum()), dtype=np.float64)

    def by_type(self, values: FloatArray, type_count: int, codes: IntArray) -> FloatArray:
        """Add buildings up by area and archetype; (areas, archetypes)."""
        inside = self.district >= 0
        count = len(self.names) - 1
        cell = self.district[inside] * type_count + codes[inside]
        sums = np.bincount(cell, values[inside], minlength=count * type_count).reshape(count, type_count)
        whole = np.bincount(codes, values, minlength=type_count)
        return np.asarray(np.vstack([sums, whole]), dtype=np.float64)


@dataclass(frozen=True)
class _Parts:
    """Variance of an area's sum that goes with one deviation, by how far it is shared.

    `together` is what it would be if everything were common. [kWh²]
    """

    together: FloatArray
    common: FloatArray
    by_type: FloatArray
    own: FloatArray

    @property
    def whole(self) -> FloatArray:
        """Return the variance of the sum. [kWh²]"""
        return self.common + self.by_type + self.own


def _parts(slope: FloatArray, name: str, areas: _Areas, case: HeatCase, shares: VarianceShares) -> _Parts:
    """Divide the variance of each area's sum: common, by archetype, own."""
    owner = next(owner for drawn, owner in ASSUMPTIONS.values() if drawn == name)
    together = areas.sums(slope) ** 2
    nothing = np.zeros_like(together)
    if owner == "place":
        return _Parts(together, together, nothing, nothing)
    typed = shares.type_share if owner == "type" else 0.0
    own = 1.0 - shares.shared_share - typed
    sums = areas.by_type(slope, len(case.type_ids), case.codes) if typed else nothing[:, None]
    by_type = typed * (sums**2).sum(axis=1)
    return _Parts(together, shares.shared_share * together, by_type, own * areas.sums(slope**2))


def _drawn_part(
    slope: FloatArray, name: str, areas: _Areas, case: HeatCase, shares: VarianceShares, parts: CommonParts
) -> FloatArray:
    """Return what the common parts of one deviation added to each area in every draw, (areas, draws)."""
    total = areas.sums(slope)
    if name in ("temperature", "irradiation"):
        z = parts.temperature_k if name == "temperature" else np.log(parts.sun_ratio)
        return np.asarray(np.outer(total, z), dtype=np.float64)
    drawn = np.outer(total, np.sqrt(shares.shared_share) * parts.shared[name])
    if name not in parts.by_type or shares.type_share <= 0.0:
        return np.asarray(drawn, dtype=np.float64)
    typed = areas.by_type(slope, len(case.type_ids), case.codes) @ parts.by_type[name]
    return np.asarray(drawn + np.sqrt(shares.type_share) * typed, dtype=np.float64)


def _explained(drawn: FloatArray, parts: FloatArray) -> FloatArray:
    """Return the share of the variance of one area's draws that goes with each part.

    By least squares on all parts at once: they are independent, but in a few hundred draws not quite.

    Parameters
    ----------
    drawn : (draws,) array
    parts : (parts, draws) array
    """
    centred, columns = drawn - drawn.mean(), (parts - parts.mean(axis=1, keepdims=True)).T
    whole = float((centred**2).sum())
    size = np.sqrt((columns**2).sum(axis=0))
    if whole <= 0.0:
        return np.zeros(len(parts))
    units = np.divide(columns, size, out=np.zeros_like(columns), where=size > 0.0)
    weight = np.linalg.lstsq(units, centred, rcond=None)[0]
    return np.asarray(weight**2 / whole, dtype=np.float64)


def _variance_shares(
    slopes: Mapping[str, FloatArray],
    variance: Mapping[str, _Parts],
    areas: _Areas,
    case: HeatCase,
    shares: VarianceShares,
    parts: CommonParts,
    drawn_kwh: FloatArray,
) -> dict[str, FloatArray]:
    """Return each deviation's first-order share of the variance of the draws, its own parts included."""
    whole = drawn_kwh.var(axis=1)
    each = np.array([_drawn_part(slope, name, areas, case, shares, parts) for name, slope in slopes.items()])
    common = np.array([_explained(drawn, each[:, area]) for area, drawn in enumerate(drawn_kwh)])
    own = np.array([variance[name].own for name in slopes]).T
    found = common + np.divide(own, whole[:, None], out=np.zeros_like(own), where=whole[:, None] > 0.0)
    return {name: np.clip(found[:, number], 0.0, 1.0) for number, name in enumerate(slopes)}


def _rows(
    name: str, answer: Answer, base: FloatArray, areas: _Areas, variance: _Parts, share: float
) -> pd.DataFrame:
    """Return the rows of one assumption, one an area."""
    low, high = areas.sums(answer.low_kwh) - base, areas.sums(answer.high_kwh) - base
    # the ends were calculated with the common part alone; archetypes and single buildings add theirs
    calculated = variance.together * (1.0 if ASSUMPTIONS[name][1] == "place" else share)
    reach = np.sqrt(np.divide(variance.whole, calculated, out=np.ones_like(base), where=calculated > 0.0))
    low, high = np.maximum(base + reach * low, 0.0), np.maximum(base + reach * high, 0.0)
    return pd.DataFrame(
        {
            "district_id": list(areas.names),
            "assumption": name,
            "heat_demand_mwh": base / KWH_PER_MWH,
            "low_mwh": np.minimum(low, high) / KWH_PER_MWH,
            "high_mwh": np.maximum(low, high) / KWH_PER_MWH,
            "moves": np.where(high >= low, "up", "down"),
            "is_shared": variance.common >= 0.5 * variance.whole,
        }
    )


def find_sensitivity(
    case: HeatCase,
    district_id: pd.Series,
    district_draws: pd.DataFrame,
    city_draws: FloatArray,
    draws: Draws,
    shares: VarianceShares,
    mean_ratio: float,
) -> pd.DataFrame:
    """Rank the assumptions behind the heat demand of every district and of the city.

    Parameters
    ----------
    case : HeatCase of n heated buildings
    district_id : Series of n
        Gaps for buildings outside every district.
    district_draws : DataFrame, index `district_id`, one column a draw
        Heat demand of each district in every draw. [kWh a⁻¹]
    city_draws : (count,) array
        Of the whole city. [kWh a⁻¹]
    draws : Draws
        Those of the run.
    shares : VarianceShares
    mean_ratio : float
        From `layers.physics.heat_draws.years_mean_ratio`.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row an area and assumption, the widest first; the area ``city`` comes first.
        `low_mwh` and `high_mwh` are the demand with the assumption at its ends, `moves` says whether more
        of it means more heat, `is_shared` whether most of it is common to all buildings of the city.
    """
    if not len(case.ids):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    names = pd.Index(district_draws.index.astype(object))
    areas = _Areas((*names, CITY), names.get_indexer(pd.Index(district_id.astype(object))).astype(np.int64))
    share = max(shares.shared_share, LEAST_SHARE)
    base_kwh, answers = one_at_a_time(case, share, mean_ratio)
    slopes = slopes_kwh(answers, case, share)
    variance = {name: _parts(slope, name, areas, case, shares) for name, slope in slopes.items()}
    drawn = np.vstack([district_draws.to_numpy(dtype=float).reshape(len(names), -1), city_draws[None, :]])
    parts = common_parts(case.climate, case.type_ids, draws)
    explained = _variance_shares(slopes, variance, areas, case, shares, parts, drawn)
    base = areas.sums(base_kwh)
    tables = [
        _rows(name, answer, base, areas, variance[ASSUMPTIONS[name][0]], share).assign(
            variance_share=explained[ASSUMPTIONS[name][0]]
        )
        for name, answer in answers.items()
    ]
    table = _divide_opaque(pd.concat(tables, ignore_index=True))
    width = table["high_mwh"] - table["low_mwh"]
    place = table["district_id"].map({name: number for number, name in enumerate((CITY, *names))})
    order = np.lexsort((table["assumption"].astype(str), -width.round(9), place))
    return table.iloc[order].reset_index(drop=True)[list(COLUMNS)]


def _divide_opaque(table: pd.DataFrame) -> pd.DataFrame:
    """Divide the variance share of wall, roof and floor, one deviation in the draws, by their squares."""
    opaque = table["assumption"].isin(OPAQUE)
    squares = ((table["high_mwh"] - table["low_mwh"]) ** 2).where(opaque, 0.0)
    whole = squares.groupby(table["district_id"]).transform("sum")
    part = (squares / whole.where(whole > 0.0)).fillna(0.0)
    return table.assign(variance_share=table["variance_share"].where(~opaque, table["variance_share"] * part))
