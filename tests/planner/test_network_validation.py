"""`planner validate network`: graphs of one's own, damaged ones, and a network that is wrong."""

import gzip
import json

import numpy as np
import pytest
from click.testing import CliRunner

from layers.core.errors import InputProblem
from layers.physics.dual_ascent import Certificate, certify_tree
from layers.physics.graphs import tree_faults
from layers.physics.heat_tree import size_network
from layers.physics.pipes import read_pipe_sizes, water_at
from planner.commands.validate import validate
from planner.validation import network
from planner.validation.check import Options
from planner.validation.golden import golden_path
from planner.validation.pandapipes import compare, compare_all
from planner.validation.steinlib import read_stp

SQUARE = "\n".join(
    [
        "33D32945 STP File, STP Format Version 1.0", "SECTION Graph", "Nodes 4", "Edges 5", "E 1 2 3",
        "E 2 3 3", "E 3 4 3", "E 4 1 3", "E 1 3 4", "END", "SECTION Terminals", "Terminals 3", "T 1",
        "T 2", "T 3", "END", "EOF", "",
    ]
)  # fmt: skip


def test_a_graph_is_read_plain_and_compressed(tmp_path):
    plain, packed = tmp_path / "square.stp", tmp_path / "square.stp.gz"
    plain.write_text(SQUARE)
    packed.write_bytes(gzip.compress(SQUARE.encode()))
    for path in (plain, packed):
        graph, terminals = read_stp(path)
        assert graph.node_count == 4
        assert graph.cost.tolist() == [3, 3, 3, 3, 4]
        assert terminals.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds 0 nodes"),
        ("SECTION Graph\nNodes 2\nE 1 2 1\nEND\n", "0 terminals"),
        ("Nodes x\n", "line 1: 'Nodes x' is no line"),
        ("Nodes 2\nE 1 2 heavy\nT 1\n", "line 2"),
    ],
)
def test_what_is_no_graph_is_refused_with_its_line(tmp_path, text, words):
    path = tmp_path / "bad.stp"
    path.write_text(text)
    with pytest.raises(InputProblem, match=words):
        read_stp(path)


def test_a_missing_graph_ends_with_its_name(tmp_path):
    with pytest.raises(InputProblem, match=r"none\.stp cannot be read"):
        read_stp(tmp_path / "none.stp")


def test_graphs_of_ones_own_are_told_weight_bound_and_seconds(tmp_path):
    path = tmp_path / "square.stp"
    path.write_text(SQUARE)
    (check,) = network.checks(Options(stp=(path,)))
    assert check.passed
    assert "tree weight 6, lower bound 6, gap at most 0.00%" in check.note


def test_the_command_prints_json_for_graphs(tmp_path):
    path = tmp_path / "square.stp"
    path.write_text(SQUARE)
    done = CliRunner().invoke(validate, ["--stp", str(path), "--json", "--quiet"])
    assert done.exit_code == 0
    assert [row["subject"] for row in json.loads(done.output)["checks"]] == ["network"]


def test_trees_of_published_graphs_are_valid_and_near_their_optima():
    assert all(check.passed for check in network.check_steinlib())


def test_the_real_district_passes_and_a_wrong_flow_is_noticed():
    assert all(check.passed for check in network.check_district())
    district = network.read_district()
    graph, terminals = district.street.graph, district.street.consumer_node
    edges = certify_tree(graph, terminals, root_count=1).edges
    assert tree_faults(graph, edges, terminals) == []
    peak = np.zeros(graph.node_count)
    peak[terminals] = district.peak_kw
    sized = size_network(
        graph, edges, district.source, peak, graph.cost, read_pipe_sizes(), network.PLAIN, water_at(65.0)
    )
    assert network.largest_imbalance_kg_per_s(district, edges, sized) < 1e-9
    sized.flow_kg_per_s[int(sized.flow_kg_per_s.argmax())] *= 1.01
    assert network.largest_imbalance_kg_per_s(district, edges, sized) > 1e-3


def test_a_worse_solver_misses_its_bounds(monkeypatch):
    graph, terminals = read_stp(golden_path("steiner/d08.stp.gz"))
    good = network.certify_tree(graph, terminals)
    bad = Certificate(good.edges[:-1], good.cost * 4.0, good.bound * 4.0)
    monkeypatch.setattr(network, "certify_tree", lambda *given, **more: bad)
    monkeypatch.setattr(network, "read_stp", lambda path: (graph, terminals))
    found = {check.name: check.passed for check in network.check_steinlib()}
    assert not found[network.FAULTS.name]
    assert not found[network.GAP.name] or not found[network.BOUNDS.name]


def test_pressures_and_temperatures_are_those_of_another_simulator():
    compared = compare_all()
    assert [one.name for one in compared] == ["line", "branches", "district"]
    for one in compared:
        assert one.pressure_share <= 0.02
        assert one.temperature_share <= 0.02
        # not the same numbers by chance: there is something to lose on the way
        assert one.theirs_pa.max() > 50_000
        assert one.theirs_c.min() < one.supply_c - 0.5


def test_a_rougher_pipe_is_noticed():
    path = golden_path("pandapipes/networks.json")
    drawn = json.loads(path.read_text())
    answers = json.loads(golden_path("pandapipes/answers.json").read_text())["answers"]
    assert compare(drawn[0] | {"roughness_m": 5e-4}, answers[0]).pressure_share > 0.1
    assert compare(drawn[0] | {"ground_c": 40.0}, answers[0]).temperature_share > 0.001
