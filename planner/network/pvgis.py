"""The typical year of a place from PVGIS, the European Commission's solar data service."""

from __future__ import annotations

import os
from pathlib import Path

from layers.core.errors import DataMissing, InputProblem
from planner.network.client import Question

SERVICE = "PVGIS"
URL_VARIABLE = "PLANNER_PVGIS_URL"
_PUBLIC_URL = "https://re.jrc.ec.europa.eu/api/v5_3"
LICENCE = "reuse with acknowledgement"
ATTRIBUTION = "PVGIS © European Union"
ABOUT_URL = "https://joint-research-centre.ec.europa.eu/pvgis"


def question(longitude_deg: float, latitude_deg: float) -> Question:
    """Return the question for the typical year of a place, with the horizon of its hills."""
    base = os.environ.get(URL_VARIABLE, "").strip() or _PUBLIC_URL
    fields = {
        "lat": f"{latitude_deg:.3f}",
        "lon": f"{longitude_deg:.3f}",
        "outputformat": "csv",
        "usehorizon": "1",
    }
    return Question(SERVICE, f"{base.rstrip('/')}/tmy", fields, largest_answer_mb=20.0)


def check_complete(answer: Path) -> str:
    """Return the years that the typical year was chosen from, or say what is wrong with an answer.

    Raises
    ------
    DataMissing
        When the answer is not a whole typical year.
    """
    from layers.sources.typical_year import read_typical_year

    try:
        return read_typical_year(answer).years
    except InputProblem as problem:
        raise DataMissing(f"{SERVICE} sent no whole typical year ({problem})") from problem
