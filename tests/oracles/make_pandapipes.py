"""Solve the drawn networks with pandapipes, in an environment of its own, and store its answers.

    python -m venv oracle && oracle/bin/pip install pandapipes==0.16.0
    oracle/bin/python tests/oracles/make_pandapipes.py

Only the supply side is built: the source gives 6 bar and the supply temperature, consumers take their water.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandapipes as pp

HERE = Path(__file__).resolve().parents[1] / "golden" / "pandapipes"
ROOT_BAR = 6.0
KELVIN = 273.15


def solve(drawn: dict) -> dict:
    """Return pressure lost and temperature at every node."""
    net = pp.create_empty_network(fluid="water")
    start = drawn["supply_c"] + KELVIN
    count = len(drawn["flow_kg_per_s"])
    nodes = [pp.create_junction(net, pn_bar=ROOT_BAR, tfluid_k=start) for _ in range(count)]
    pp.create_ext_grid(net, nodes[0], p_bar=ROOT_BAR, t_k=start, type="pt")
    for tail, head, length, inner, loss in zip(
        drawn["tail"],
        drawn["head"],
        drawn["length_m"],
        drawn["inner_m"],
        drawn["loss_w_per_m_k"],
        strict=True,
    ):
        pp.create_pipe_from_parameters(
            net,
            nodes[tail],
            nodes[head],
            length_km=length / 1e3,
            inner_diameter_mm=inner * 1e3,
            k_mm=drawn["roughness_m"] * 1e3,
            u_w_per_m2k=loss / (np.pi * inner),
            sections=4,
            text_k=drawn["ground_c"] + KELVIN,
        )
    for node, flow in zip(nodes, drawn["flow_kg_per_s"], strict=True):
        if flow > 0.0:
            pp.create_sink(net, node, mdot_kg_per_s=flow)
    pp.pipeflow(net, mode="sequential", friction_model="colebrook", max_iter_hyd=200, max_iter_therm=200)
    return {
        "name": drawn["name"],
        "pressure_loss_pa": ((ROOT_BAR - net.res_junction["p_bar"]) * 1e5).round(2).tolist(),
        "supply_c": (net.res_junction["t_k"] - KELVIN).round(4).tolist(),
    }


if __name__ == "__main__":
    networks = json.loads((HERE / "networks.json").read_text(encoding="utf-8"))
    answers = {"pandapipes": pp.__version__, "answers": [solve(drawn) for drawn in networks]}
    (HERE / "answers.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n", encoding="utf-8")
    for answer in answers["answers"]:
        lost = max(answer["pressure_loss_pa"])
        print(f"{answer['name']}: most {lost:,.0f} Pa, coldest {min(answer['supply_c']):.2f} °C")
