"""Small extracts, written by hand."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "planner" / "data" / "samples"
# one step of the drawing grid in degrees; about 11 m to the north
STEP_DEG = 1e-4


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f'<tag k="{escape(key)}" v="{escape(text)}"/>' for key, text in tags.items())


@pytest.fixture
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def write_osm(tmp_path: Path) -> Callable[..., Path]:
    """Write an extract: nodes {id: (x, y)} on a grid at 50° N 10° E, ways {id: (nodes, tags)}; bounds too."""

    def write(
        nodes: Mapping[int, tuple[float, float]],
        ways: Mapping[int, tuple[Sequence[int], Mapping[str, str]]],
        relations: Mapping[int, tuple[Sequence[tuple[int, str]], Mapping[str, str]]] | None = None,
        node_tags: Mapping[int, Mapping[str, str]] | None = None,
        bounds: tuple[float, float, float, float] | None = None,
    ) -> Path:
        stamp = 'version="1" timestamp="2020-05-01T00:00:00Z"'
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        if bounds is not None:
            west, south, east, north = bounds
            lines.append(
                f'<bounds minlat="{50 + south * STEP_DEG:.7f}" minlon="{10 + west * STEP_DEG:.7f}" '
                f'maxlat="{50 + north * STEP_DEG:.7f}" maxlon="{10 + east * STEP_DEG:.7f}"/>'
            )
        for number, (x, y) in nodes.items():
            place = f'lat="{50 + y * STEP_DEG:.7f}" lon="{10 + x * STEP_DEG:.7f}"'
            lines.append(
                f'<node id="{number}" {stamp} {place}>{_tags((node_tags or {}).get(number, {}))}</node>'
            )
        for number, (members, tags) in ways.items():
            corners = "".join(f'<nd ref="{member}"/>' for member in members)
            lines.append(f'<way id="{number}" {stamp}>{corners}{_tags(tags)}</way>')
        for number, (parts, tags) in (relations or {}).items():
            members = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in parts)
            lines.append(f'<relation id="{number}" {stamp}>{members}{_tags(tags)}</relation>')
        path = tmp_path / "town.osm"
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return path

    return write
