"""What was measured of roofs beside the table of buildings: planes, horizons, ground levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.core.types import FloatArray

PLANE_COLUMNS = (
    "building_id", "tilt_deg", "azimuth_deg", "surface_m2", "eaves_m", "top_m", "slope_m", "free_share"
)  # fmt: skip


@dataclass(frozen=True)
class RoofSurvey:
    """Measured roofs of a town; buildings are named by their id, so that order and parts do not matter.

    Attributes
    ----------
    planes : DataFrame
        One row a plane, columns `PLANE_COLUMNS`: slope and direction, area on the slope, the symmetric
        trapezoid that stands for it, and the share of it on which nothing stands. The planes of a
        building lie side by side.
    views : DataFrame
        One row a point that roofs are looked from: `building_id` and `plane_number`, the position in
        `planes`, -1 where the point stands for the whole roof.
    horizons_deg : (v, 36) array
        What is seen from these points, clockwise from north.
    sites : DataFrame, index `building_id`
        Column `ground_level_m`: the ground at each building, above the level of the terrain.
    hills_deg : (s, 36) array
        Horizon of the terrain at each row of `sites`; of no rows where no terrain was given.
    """

    planes: pd.DataFrame
    views: pd.DataFrame
    horizons_deg: FloatArray
    sites: pd.DataFrame
    hills_deg: FloatArray


def empty_survey() -> RoofSurvey:
    """Return the survey of a town where nothing was measured."""
    planes = pd.DataFrame({name: pd.Series(dtype=np.float64) for name in PLANE_COLUMNS})
    return RoofSurvey(
        planes=planes.astype({"building_id": object}),
        views=pd.DataFrame(
            {"building_id": pd.Series(dtype=object), "plane_number": pd.Series(dtype=np.int64)}
        ),
        horizons_deg=np.zeros((0, 36)),
        sites=pd.DataFrame({"ground_level_m": pd.Series(dtype=np.float64)}, index=pd.Index([], dtype=object)),
        hills_deg=np.zeros((0, 36)),
    )
