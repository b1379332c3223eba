"""Which sources a district's network takes its heat from, and what that does to the price of its plant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layers.core.draws import Draws
from layers.core.quantiles import likely_range
from layers.core.types import FloatArray
from layers.physics.district_network import Pipework
from layers.physics.heat_market import HeatMarket
from layers.physics.network_roots import is_feed_in
from layers.physics.network_rows import Case, Row, network_prices
from layers.physics.pipes import choose_sizes, mass_flow_kg_per_s
from layers.physics.source_plants import Cover
from layers.physics.supply_costs import LIKELY_NORMAL


@dataclass(frozen=True)
class Candidate:
    """A source in reach of a district.

    Attributes
    ----------
    source_id, kind, medium : str
    source_c : float
    distance_m : float
        From the district, in a straight line.
    low_mwh, usable_mwh, high_mwh : float
        Heat that it may give, with its likely range.
    """

    source_id: str
    kind: str
    medium: str
    source_c: float
    distance_m: float
    low_mwh: float
    usable_mwh: float
    high_mwh: float

    @property
    def is_given(self) -> bool:
        """Whether a person named it: then the network starts there."""
        return self.kind == "given"


@dataclass(frozen=True)
class Need:
    """What a network would take: heat, peak, and how much longer a trench is than its straight line."""

    heat_mwh: float
    peak_kw: float
    detour_ratio: float


def drawn_heat_mwh(candidate: Candidate, draws: Draws) -> FloatArray:
    """Return a candidate's heat in every draw, the likely value first; two lognormal halves.

    Returns
    -------
    (1 + count,) array
    """
    normal = draws.shared_evenly(f"heat_source:{candidate.kind}")
    likely = max(candidate.usable_mwh, 1e-9)
    up, down = max(candidate.high_mwh, 1e-9) / likely, likely / max(candidate.low_mwh, 1e-9)
    end: FloatArray = np.log(np.where(normal > 0.0, np.full(len(normal), up), down))
    ratio = np.exp(end * normal / LIKELY_NORMAL)
    return np.asarray(candidate.usable_mwh * np.concatenate([[1.0], ratio]))


def covers_of(candidates: Sequence[Candidate], heat_mwh: float, draws: Draws) -> tuple[Cover, ...]:
    """Return what candidates, one after the other, take over of a network's pumped heat."""
    covers: list[Cover] = []
    left = np.ones(1 + draws.count)
    for candidate in candidates:
        if candidate.medium == "plant":
            continue
        share = np.minimum(drawn_heat_mwh(candidate, draws) / max(heat_mwh, 1e-9), left)
        left = left - share
        covers.append(Cover(candidate.medium, candidate.source_c, share))
    return tuple(covers)


def feed_in_eur_per_m(need: Need, pipework: Pipework, *, with_losses: bool = True) -> float:
    """Return the price of a metre of feed-in trench that carries the whole peak."""
    design = pipework.design
    flow = mass_flow_kg_per_s(np.array([need.peak_kw]), design.supply_c - design.return_c, pipework.water)
    size = choose_sizes(flow, pipework.sizes, pipework.water, design.roughness_m, design.most_pa_per_m)
    at = np.minimum(size, len(pipework.eur_per_m) - 1)
    price = pipework.full_price_eur_per_m() if with_losses else pipework.eur_per_m
    return float(price[at][0])


def _plant_eur(market: HeatMarket, heat_mwh: float) -> float:
    """Return the present value of the plant's heat over the life of the network."""
    return float(market.plant_energy_eur_per_mwh[0] * heat_mwh / market.network_annuity_share[0])


def choose_sources(
    candidates: Sequence[Candidate],
    need: Need,
    market: HeatMarket,
    pipework: Pipework,
    *,
    most_count: int,
    least_share: float,
    near_plant_m: float,
) -> list[Candidate]:
    """Return the sources that a network starts from: named ones, then those that pay their trench.

    An existing plant has no price that we know; it is the root where none pays and it stands near.

    Parameters
    ----------
    candidates : sequence of Candidate
    need : Need
    market : HeatMarket
        Without draws, its plant on air.
    pipework : Pipework
    most_count : int
        Sources a network takes beside the named ones.
    least_share : float
        Part of the heat that a source must give at least.
    near_plant_m : float
    """
    none = Draws(seed=1, count=0)
    chosen = [one for one in candidates if one.is_given]
    per_m = feed_in_eur_per_m(need, pipework) * need.detour_ratio
    before = _plant_eur(market, need.heat_mwh)
    open_ones = [
        one
        for one in candidates
        if not one.is_given and one.medium != "plant" and one.usable_mwh >= least_share * need.heat_mwh
    ]
    for _ in range(most_count):
        gains = [
            before
            - _plant_eur(market.with_sources(covers_of([*chosen, one], need.heat_mwh, none)), need.heat_mwh)
            - one.distance_m * per_m
            for one in open_ones
        ]
        if not gains or max(gains) <= 0.0:
            break
        best = int(np.argmax(gains))
        before -= gains[best] + open_ones[best].distance_m * per_m
        chosen.append(open_ones.pop(best))
    near = [one for one in candidates if one.medium == "plant" and one.distance_m <= near_plant_m]
    return chosen if chosen or not near else [min(near, key=lambda one: (one.distance_m, one.source_id))]


def source_rows(
    case: Case, market: HeatMarket, candidates: Sequence[Candidate], chosen: Sequence[Candidate], need: Need,
    draws: Draws,
) -> list[Row]:  # fmt: skip
    """Return what the network's heat would cost with a plant on air, and with each candidate by itself.

    Parameters
    ----------
    case : Case
    market : HeatMarket
        In every draw, its plant on air.
    candidates, chosen : sequences of Candidate
    need : Need
    draws : Draws
    """
    network = case.network
    feeds = is_feed_in(network.street)[network.trench.edges]
    at = np.minimum(network.sized.size, len(case.pipework.eur_per_m) - 1)[feeds]
    length_m = network.street.graph.cost[network.trench.edges][feeds]
    without_eur = network.pipe_cost_eur - float((length_m * case.pipework.eur_per_m[at]).sum())
    per_m = feed_in_eur_per_m(need, case.pipework, with_losses=False) * need.detour_ratio
    known = {one.source_id for one in chosen}
    rows: list[Row] = []
    for one in (None, *candidates):
        there = market if one is None else market.with_sources(covers_of([one], need.heat_mwh, draws))
        way_eur = 0.0 if one is None else one.distance_m * per_m
        price = network_prices(
            case, there, case.share, network.sized, without_eur + way_eur, network.loss_mwh
        )  # fmt: skip
        low, high = likely_range(price[None, 1:])
        rows.append(
            {
                "district_id": case.name,
                "source_id": None if one is None else one.source_id,
                "heat_source_kind": "air" if one is None else one.kind,
                "heat_source_distance_m": 0.0 if one is None else one.distance_m,
                "heat_source_share": 1.0 if one is None else min(one.usable_mwh / need.heat_mwh, 1.0),
                "plant_output_ratio": float(there.plant.output_ratio[0]),
                "network_heat_eur_per_mwh": float(price[0]),
                "network_heat_p10_eur_per_mwh": float(low[0]),
                "network_heat_p90_eur_per_mwh": float(high[0]),
                "is_chosen": (one is not None and one.source_id in known) or (one is None and not known),
            }
        )
    return rows
