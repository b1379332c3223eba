"""Lines and areas as numbers: a template turns them into SVG, a test can check every point by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from layers.core.types import FloatArray
from reports.charts import CHART_WIDTH


def _pairs(across: FloatArray, up: FloatArray) -> str:
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in zip(across, up, strict=True))


def _scaled(across: npt.ArrayLike, up: npt.ArrayLike, highest: float) -> tuple[FloatArray, FloatArray]:
    x, y = np.asarray(across, dtype=np.float64), np.asarray(up, dtype=np.float64)
    width = float(x.max() - x.min()) or 1.0
    return (x - x.min()) / width * CHART_WIDTH, CHART_WIDTH * (1.0 - y / highest)


def line_points(across: npt.ArrayLike, up: npt.ArrayLike, highest: float) -> str:
    """Return the points of a line in a square of `CHART_WIDTH`; `highest` is at the top.

    Examples
    --------
    >>> line_points([0, 5, 10], [0, 50, 100], 100.0)
    '0,1000 500,500 1000,0'
    """
    return _pairs(*_scaled(across, up, highest))


def area_points(across: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, highest: float) -> str:
    """Return the outline of the area between two lines.

    Examples
    --------
    >>> area_points([0, 10], [0, 0], [50, 100], 100.0)
    '0,500 1000,0 1000,1000 0,1000'
    """
    x, top = _scaled(across, high, highest)
    _, bottom = _scaled(across, low, highest)
    return f"{_pairs(x, top)} {_pairs(x[::-1], bottom[::-1])}"
