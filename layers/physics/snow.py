"""Snow on modules: what part of each month's yield it takes, by tilt.

North of a limit of latitude, a share of each winter month is lost on roofs of usual pitch. Months
that are not cold lose less, and snow slides off steep roofs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from layers.core.facts import value
from layers.core.types import FloatArray
from layers.core.weather import MONTHS

# positions of the months that can lose yield
_WINTER = {"nov": 10, "dec": 11, "jan": 0, "feb": 1, "mar": 2, "apr": 3}


def _monthly_losses() -> tuple[float, ...]:
    losses = [0.0] * MONTHS
    for name, month in _WINTER.items():
        losses[month] = value("solar", f"snow_loss_{name}")
    return tuple(losses)


@dataclass(frozen=True)
class SnowParams:
    """Assumptions about snow.

    Attributes
    ----------
    southern_limit_deg : float
        Latitude south of which no loss is counted.
    month_loss_share : tuple of 12
        Loss of a cold month on pitches up to `sliding_deg`; 0 to 1.
    cold_c, mild_c : float
        Monthly mean at which the whole loss is counted, and above which none is.
    sliding_deg, bare_deg : float
        Tilt from which snow begins to slide, and on which none stays.
    """

    southern_limit_deg: float = field(default_factory=lambda: value("solar", "snow_southern_limit"))
    month_loss_share: tuple[float, ...] = field(default_factory=_monthly_losses)
    cold_c: float = field(default_factory=lambda: value("solar", "snow_cold_month"))
    mild_c: float = field(default_factory=lambda: value("solar", "snow_mild_month"))
    sliding_deg: float = field(default_factory=lambda: value("solar", "snow_sliding_tilt"))
    bare_deg: float = field(default_factory=lambda: value("solar", "snow_bare_tilt"))

    def __post_init__(self) -> None:
        if len(self.month_loss_share) != MONTHS or not all(0 <= x <= 1 for x in self.month_loss_share):
            raise ValueError("snow losses must be twelve shares between 0 and 1")
        if self.cold_c >= self.mild_c or self.sliding_deg >= self.bare_deg:
            raise ValueError("the colder month and the flatter roof must come first")


def snow_loss_share(
    latitude_deg: float, temperature_c: FloatArray, tilt_deg: FloatArray, params: SnowParams
) -> FloatArray:
    """Return the share of each month's yield that snow takes.

    Parameters
    ----------
    latitude_deg : float
    temperature_c : (12,) array
        Monthly means.
    tilt_deg : (t,) array
    params : SnowParams

    Returns
    -------
    (t, 12) array
    """
    if latitude_deg < params.southern_limit_deg:
        return np.zeros((len(tilt_deg), MONTHS))
    cold = np.clip((params.mild_c - temperature_c) / (params.mild_c - params.cold_c), 0.0, 1.0)
    stays = np.clip((params.bare_deg - tilt_deg) / (params.bare_deg - params.sliding_deg), 0.0, 1.0)
    return np.asarray(stays[:, None] * (np.array(params.month_loss_share) * cold), dtype=np.float64)
