"""Networks that pandapipes has solved: our one pass along the tree against its equations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from layers.core.types import FloatArray
from layers.physics.graphs import make_graph
from layers.physics.heat_tree import Design, size_network
from layers.physics.pipes import PipeSizes, read_pipe_sizes, water_at
from planner.validation.golden import golden_path


@dataclass(frozen=True)
class Compared:
    """One network; (n,) arrays over its nodes but the root.

    Attributes
    ----------
    name : str
    ours_pa, theirs_pa : pressure lost on the way there
    ours_c, theirs_c : supply temperature that arrives
    supply_c, ground_c : of the network
    """

    name: str
    ours_pa: FloatArray
    theirs_pa: FloatArray
    ours_c: FloatArray
    theirs_c: FloatArray
    supply_c: float
    ground_c: float

    @property
    def pressure_share(self) -> float:
        """Largest difference of pressures, over the largest one."""
        return float(np.abs(self.ours_pa - self.theirs_pa).max() / self.theirs_pa.max())

    @property
    def temperature_share(self) -> float:
        """Largest difference of temperatures, over supply above ground."""
        return float(np.abs(self.ours_c - self.theirs_c).max() / (self.supply_c - self.ground_c))


def _sizes_of(inner_m: FloatArray) -> PipeSizes:
    """Return the table of the sizes that a network uses."""
    table = read_pipe_sizes()
    used = np.isin(np.round(table.inner_m, 6), np.round(inner_m, 6))
    return PipeSizes(
        table.nominal_mm[used], table.inner_m[used], table.casing_m[used], table.trench_eur_per_m[used]
    )  # fmt: skip


def compare(drawn: dict[str, Any], answer: dict[str, Any]) -> Compared:
    """Size a drawn network ourselves and put it beside the stored answer."""
    tail, head = np.array(drawn["tail"]), np.array(drawn["head"])
    length, peak = np.array(drawn["length_m"]), np.array(drawn["peak_kw"])
    graph = make_graph(len(peak), tail, head, length)
    design = Design(
        drawn["supply_c"], drawn["return_c"], drawn["ground_c"], 1.0, 0.0, 250.0, drawn["roughness_m"],
        1.0, 1.2, 0.024,
    )  # fmt: skip
    sizes = _sizes_of(np.array(drawn["inner_m"]))
    sized = size_network(
        graph, np.arange(len(tail)), 0, peak, length, sizes, design, water_at(design.supply_c)
    )
    return Compared(
        drawn["name"],
        # what is lost there and back is twice what is lost there
        sized.node_pressure_loss_pa[1:] / 2.0,
        np.array(answer["pressure_loss_pa"])[1:],
        sized.node_supply_c[1:],
        np.array(answer["supply_c"])[1:],
        design.supply_c,
        design.ground_c,
    )


def compare_all() -> list[Compared]:
    """Compare every network that is stored."""
    drawn = json.loads(golden_path("pandapipes/networks.json").read_text(encoding="utf-8"))
    answers = json.loads(golden_path("pandapipes/answers.json").read_text(encoding="utf-8"))["answers"]
    return [compare(one, answer) for one, answer in zip(drawn, answers, strict=True)]
