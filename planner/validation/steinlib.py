"""Graphs of SteinLib, as the STP format writes them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from layers.core.errors import InputProblem
from layers.core.types import IntArray
from layers.physics.graphs import Graph, make_graph

# an edge or arc line: word, two nodes, cost
_EDGE_WORDS = ("e", "a")


def read_stp(path: Path) -> tuple[Graph, IntArray]:
    """Read a graph and its terminals.

    Parameters
    ----------
    path : Path
        A file of the STP format, plain or compressed by gzip.

    Returns
    -------
    Graph, (t,) array
        Nodes count from 0 here, from 1 in the file.

    Raises
    ------
    InputProblem
        When the file cannot be read, or holds no graph with terminals.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", errors="replace")
    except (OSError, EOFError) as problem:
        raise InputProblem(f"{path} cannot be read: {problem}; give a SteinLib file (.stp).") from problem
    count, edges, terminals = 0, [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        word = words[0].lower() if words else ""
        try:
            if word == "nodes":
                count = int(words[1])
            elif word in _EDGE_WORDS and len(words) >= 4:
                edges.append((int(words[1]) - 1, int(words[2]) - 1, float(words[3])))
            elif word == "t" and len(words) >= 2:
                terminals.append(int(words[1]) - 1)
        except (ValueError, IndexError) as problem:
            raise InputProblem(
                f"{path}, line {number}: {line.strip()[:60]!r} is no line of the STP format; "
                "edges read `E node node cost`, terminals `T node`."
            ) from problem
    if count < 1 or not edges or not terminals:
        raise InputProblem(
            f"{path} holds {count:,} nodes, {len(edges):,} edges and {len(terminals):,} terminals; "
            "a SteinLib file has sections Graph and Terminals with at least one of each."
        )
    table = np.array(edges)
    ends = table[:, :2].astype(np.int64)
    return make_graph(count, ends[:, 0], ends[:, 1], table[:, 2]), np.array(terminals, dtype=np.int64)
