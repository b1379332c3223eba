"""Only free licences that bind nobody else: read from the environment, indirect dependencies included."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

GOOD = re.compile(
    r"\b(MIT|BSD|Apache|MPL|Mozilla Public|ISC|PSF|Python Software Foundation|0BSD|Unlicense|CC0|Zlib|HPND|"
    r"Public Domain|NCSA|Boost|BSL)\b",
    re.IGNORECASE,
)
BAD = re.compile(
    r"\b(A?GPL|GNU (Affero )?General Public|SSPL|Commons Clause|non-?commercial)\b", re.IGNORECASE
)
# wheels that carry the GEOS library say LGPL beside their own licence: linked, not copied
LINKED = {"shapely": "BSD", "pyogrio": "MIT", "rasterio": "BSD", "pyproj": "MIT", "geopandas": "BSD"}


def closure(name, extras=(), seen=None):
    """Return all packages that installing one brings along."""
    seen = {} if seen is None else seen
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return seen
    key = found.metadata["Name"].lower()
    if key in seen:
        return seen
    seen[key] = found
    for text in found.requires or []:
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            closure(wanted.name, wanted.extras, seen)
    return seen


PACKAGES = closure("district-planner", ("test",))


def licence_text(found):
    head = found.metadata
    words = [head.get("License-Expression") or "", head.get("License") or ""]
    words += [line for line in head.get_all("Classifier") or [] if line.startswith("License ::")]
    return " | ".join(word[:200] for word in words if word)


def test_the_environment_is_the_one_that_is_checked():
    assert {"geopandas", "numba", "folium", "pytest", "hypothesis"} <= set(PACKAGES)
    assert len(PACKAGES) > 40


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_package_has_a_good_licence(name):
    text = licence_text(PACKAGES[name])
    assert GOOD.search(text), f"{name}: {text or 'no licence named'}"
    assert name in LINKED or not BAD.search(text), f"{name}: {text}"


def test_each_direct_dependency_has_its_reason():
    from pathlib import Path

    page = (Path(__file__).resolve().parents[1] / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for text in metadata.distribution("district-planner").requires or []:
        assert Requirement(text).name in page, text
