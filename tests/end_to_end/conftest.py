"""Runs of the whole line, made once and shared by all tests of this folder."""

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# any connection beyond this machine's own sockets ends the program
OFFLINE = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("a network connection was tried")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
from planner.cli import main
sys.argv[0] = "planner"
main()
"""


def planner(*words, cwd, code=0):
    """Run the program with every network connection refused and nothing fetched before."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random",
        "PLANNER_CACHE": str(ROOT / "no-cache"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, *map(str, words)],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "a network connection was tried" not in done.stderr
    assert "Traceback" not in done.stderr
    return done


class SampleRun:
    """One run of a sample with its tables."""

    def __init__(self, slug, folder, done):
        self.slug, self.folder, self.done = slug, folder, done
        self.buildings = gpd.read_parquet(folder / "buildings.parquet").set_index("building_id")
        layers = {
            name: gpd.read_file(folder / "planner.gpkg", layer=name)
            for name in ("streets", "districts", "cells")
        }
        self.streets = layers["streets"].set_index("street_id")
        self.districts = layers["districts"].set_index("district_id")
        self.cells = layers["cells"].set_index("cell_id")


def run_sample(slug, tmp_path_factory):
    place = tmp_path_factory.mktemp(slug)
    done = planner("assess", slug, cwd=place)
    return SampleRun(slug, place / "runs" / slug, done)


@pytest.fixture(scope="session")
def helsinki(tmp_path_factory):
    return run_sample("helsinki", tmp_path_factory)


@pytest.fixture(scope="session")
def karhula(tmp_path_factory):
    return run_sample("karhula", tmp_path_factory)


@pytest.fixture(params=["helsinki", "karhula"])
def sample(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def run_planner():
    return planner
