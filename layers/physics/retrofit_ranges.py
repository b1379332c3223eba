"""How far the saving and the cost of retrofit may differ from the base case, for districts and the city.

A few buildings of each archetype are drawn from the same deviations as the heat demand, before and after
each package. What the draws of one archetype have in common is its saving over its metered heat,

    g(archetype, package, draw) = Σ saving of the drawn buildings / Σ their heat in the base case

and what is left of each building is its own part. A district's draw is the sum of its archetypes' heat
times g; the own parts mostly cancel out: their variance is Σ (heat × own deviation)². Draws are divided by
their mean and multiplied by the district's base case, which so stays the expected one, as in the heat
demand. Two errors come on top, each with a shared and an own part: how much of the calculated saving is
realised, and what building costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.draws import Draws, hash_ids
from layers.core.retrofit_settings import RetrofitParams
from layers.core.types import BoolArray, FloatArray, IntArray
from layers.physics.heat_draws import HeatCase, VarianceShares, draw_demands_kwh
from layers.physics.heat_inputs import expected_heat_kwh
from layers.physics.retrofit_heat import COLD, NOW, After, Summer, package_demands

TILE_COUNT = 4096


@dataclass(frozen=True)
class Spread:
    """What draws of savings have in common, and what is left to each building.

    Attributes
    ----------
    saving_share : (packages, archetypes, draws) array
        Saving over the metered heat of the base case.
    own_share : (packages, archetypes) array
        Standard deviation of a building's own part; smaller where the drawn buildings are all there are.
    cold_ratio : (packages, archetypes) array
        Cold after over cold before, both as means of the draws; 1 where summers were not asked for.
    """

    saving_share: FloatArray
    own_share: FloatArray
    cold_ratio: FloatArray


@dataclass(frozen=True)
class _Drawn:
    """Savings of m buildings in every draw, (packages, draws, m), and their mean cold, (1 + packages, m)."""

    saving_kwh: FloatArray
    cold_kwh: FloatArray


def sample_rows(ids: pd.Index, codes: IntArray, most_count: int) -> IntArray:
    """Return the rows of at most so many buildings of each archetype, chosen by their ids."""
    hashes = hash_ids(ids)
    order = np.lexsort((hashes, codes))
    ordered = codes[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    return np.sort(order[np.arange(len(order)) - starts < most_count])


def saving_spread(
    case: HeatCase,
    after: Mapping[str, After],
    dwelling: BoolArray,
    metered_kwh: FloatArray,
    draws: Draws,
    shares: VarianceShares,
    *,
    mean_ratio: float,
    expected_ratio: tuple[float, ...],
    params: RetrofitParams,
    summer: Summer | None = None,
) -> Spread:
    """Draw savings as they are likely to be metered and part them into shared factors and own parts.

    Parameters
    ----------
    case : HeatCase of n buildings
    after : mapping of After by package
    dwelling : (n,) array of bool
        Where metered heat follows the curve of dwellings.
    metered_kwh : (n,) array
        Metered heat of the base case.
    shares : VarianceShares
        Of the heat demand.
    """
    rows = sample_rows(case.ids, case.codes, params.range_sample_count)
    drawn = [
        _drawn_savings(
            case.take(part), {name: one.take(part) for name, one in after.items()}, dwelling[part], draws,
            shares, mean_ratio, expected_ratio, params, summer,
        )
        for part in np.array_split(rows, max(1, -(-len(rows) // TILE_COUNT)))
    ]  # fmt: skip
    type_count = len(case.type_ids)
    share, own = _parted(
        np.concatenate([one.saving_kwh for one in drawn], axis=2),
        metered_kwh[rows], case.codes[rows], case.codes, type_count,
    )  # fmt: skip
    cold = np.concatenate([one.cold_kwh for one in drawn], axis=1)
    sums = np.array([np.bincount(case.codes[rows], each, minlength=type_count) for each in cold])
    ratio = np.divide(sums[1:], sums[:1], out=np.ones(sums[1:].shape), where=sums[:1] > 0.0)
    return Spread(share, own, ratio)


def _drawn_savings(
    case: HeatCase,
    after: Mapping[str, After],
    dwelling: BoolArray,
    draws: Draws,
    shares: VarianceShares,
    mean_ratio: float,
    expected_ratio: tuple[float, ...],
    params: RetrofitParams,
    summer: Summer | None,
) -> _Drawn:
    """Return the savings of a few buildings in every draw, and their cold."""
    demands = package_demands(case, after, mean_ratio, params, summer)
    floor = case.bodies.floor_area_m2

    def metered(heat_kwh: FloatArray) -> FloatArray:
        floors = np.broadcast_to(floor, heat_kwh.shape)
        return np.where(dwelling, expected_heat_kwh(heat_kwh, floors, expected_ratio), heat_kwh)

    tile_count = max(1, len(case.ids))
    found = [each for _, each in draw_demands_kwh(case, draws, shares, demands, tile_count=tile_count)]
    if not found:
        return _Drawn(np.zeros((len(after), draws.count, 0)), np.zeros((1 + len(after), 0)))
    before = metered(found[0][NOW])
    cold = np.zeros((1 + len(after), len(case.ids)))
    if summer is not None:
        cold = np.array([found[0][COLD + name].mean(axis=0) for name in (NOW, *after)])
    return _Drawn(np.stack([before - metered(found[0][name]) for name in after]), cold)


def _parted(
    drawn_kwh: FloatArray, base_kwh: FloatArray, codes: IntArray, all_codes: IntArray, type_count: int
) -> tuple[FloatArray, FloatArray]:
    """Return each archetype's saving over its heat in every draw, and the width of the own parts."""
    package_count, draw_count, _ = drawn_kwh.shape
    share = np.zeros((package_count, type_count, draw_count))
    own = np.zeros((package_count, type_count))
    there = np.bincount(all_codes, minlength=type_count)
    # a loop over the archetypes of a country, some hundred
    for code in np.unique(codes[base_kwh > 0.0]):
        mine = np.flatnonzero((codes == code) & (base_kwh > 0.0))
        left_share = max(1.0 - len(mine) / there[code], 0.0)
        one_kwh = drawn_kwh[:, :, mine]
        share[:, code] = one_kwh.sum(axis=2) / base_kwh[mine].sum()
        apart = one_kwh / base_kwh[mine] - share[:, code][:, :, None]
        own[:, code] = np.sqrt(left_share * np.mean(apart**2, axis=(1, 2)))
    return share, own


def shared_error(
    draws: Draws, name: str, error_share: float, shared_share: float
) -> tuple[FloatArray, float]:
    """Return the factors that all buildings share in each draw, and the width of the own part."""
    variance = np.log1p(error_share**2)
    shared = shared_share * variance
    factor = np.exp(draws.shared_evenly(name) * np.sqrt(shared) - shared / 2.0)
    return factor, float(np.sqrt(np.expm1(variance - shared)))


def own_sums(draws: Draws, names: pd.Index, quantity: str, width: FloatArray) -> FloatArray:
    """Return what own parts add to sums in each draw, (sums, draws); `width` is their deviation."""
    hashes = hash_ids(names)
    normal = [draws.own_from_hashes(hashes, f"retrofit:{quantity}", number) for number in range(draws.count)]
    return np.asarray(np.stack(normal, axis=1) * width[:, None])
