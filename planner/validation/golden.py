"""Where the published results are: beside the tests in a checkout, inside the package when installed."""

from __future__ import annotations

from pathlib import Path

from layers.core.errors import DataMissing

_PACKAGE = Path(__file__).resolve().parent.parent
# the first that holds a file counts; the build copies the second into the first
HOMES: tuple[Path, ...] = (_PACKAGE / "data" / "golden", _PACKAGE.parent / "tests" / "golden")


def golden_path(name: str) -> Path:
    """Return the path of a published result.

    Parameters
    ----------
    name : str
        Path below `tests/golden`, for example ``tabula/tabula_examples.csv.gz``.

    Raises
    ------
    DataMissing
        When the installation does not hold it.
    """
    for home in HOMES:
        if (home / name).is_file():
            return home / name
    raise DataMissing(
        f"the published results {name} are not part of this installation (looked in {HOMES[0]}); "
        "install the program again, or run it from a complete checkout."
    )
