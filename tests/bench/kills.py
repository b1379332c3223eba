"""Kill the program at random moments and look whether anything that was there is lost.

    python tests/bench/kills.py --count 100

An older run is replaced again and again (`--force`); each time the program is killed at a moment that
chance chooses between its start and its end. Whatever the moment, the run's folder holds one whole run
whose files are as its manifest says, and nothing half made has a name of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("assess", "karhula", "--quiet", "--out", "run", "--force")


def _start(place: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", "from planner.cli import main; main()", *words], cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def damage(place: Path) -> list[str]:
    """Return what is wrong with the run and the folder around it."""
    run = place / "run"
    if not (run / "manifest.json").is_file():
        return ["the run is gone"]
    files = json.loads((run / "manifest.json").read_text())["files"]
    wrong = [
        name for name, checksum in files.items()
        if hashlib.sha256((run / name).read_bytes()).hexdigest() != checksum
    ]  # fmt: skip
    visible = [path.name for path in place.iterdir() if not path.name.startswith(".")]
    return wrong + [name for name in visible if name != "run"]


def kill_often(place: Path, *, count: int, seed: int) -> list[str]:
    """Replace a run `count` times, killed each time; return everything that was damaged."""
    chance = random.Random(seed)
    started = time.monotonic()
    assert _start(place, *WORDS).wait() == 0
    length_s = time.monotonic() - started
    found = []
    for number in range(count):
        process = _start(place, *WORDS)
        # every third kill near the end, where the older run is replaced
        moment = length_s * (chance.uniform(0.85, 1.1) if number % 3 == 0 else chance.uniform(0.0, 1.0))
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found += [f"kill {number} after {moment:.2f} s: {text}" for text in damage(place)]
    assert _start(place, *WORDS).wait() == 0
    left = [path.name for path in place.iterdir() if path.name != "run"]
    return found + [f"left behind: {name}" for name in left]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = kill_often(Path(place), count=asked.count, seed=asked.seed)
    print("\n".join(found) or f"{asked.count} kills, nothing lost")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
