"""Settings of transposition and photovoltaic yield, in one of two conventions.

Two services have each fixed a chain from light to energy, and their parts belong together:

* ``pvgis`` (the default): reflection after Martin and Ruiz, module temperature after Faiman, efficiency
  after Huld, 14 % losses that include the inverter;
* ``pvwatts``: reflection of a glass cover on the beam only, cell temperature after Fuentes, a constant
  temperature coefficient, 14.08 % losses before the inverter, and the inverter's part-load curve.

A run takes one of them; no part of one is ever used with the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from layers.core.facts import value
from layers.core.ranges import check_ranges

Mode = Literal["pvgis", "pvwatts"]
SkyModel = Literal["perez", "hay_davies", "isotropic"]


@dataclass(frozen=True)
class PvwattsParams:
    """Assumptions of the chain of PVWatts.

    Attributes
    ----------
    temperature_coefficient_per_k : float
        Change of power with cell temperature; -0.01 to 0.
    system_loss_share : float
        Losses between module and inverter; 0 to 0.5.
    inverter_share : float
        Nominal efficiency of the inverter; 0.8 to 1.
    dc_ac_ratio : float
        Power of the modules over that of the inverter; 0.5 to 2.
    noct_c : float
        Installed nominal operating cell temperature; 40 to 60.
    glass_index_ratio : float
        Refractive index of the cover; 1.2 to 1.8.
    """

    temperature_coefficient_per_k: float = field(
        default_factory=lambda: value("pvwatts", "temperature_coefficient")
    )
    system_loss_share: float = field(default_factory=lambda: value("pvwatts", "system_loss"))
    inverter_share: float = field(default_factory=lambda: value("pvwatts", "inverter_efficiency"))
    dc_ac_ratio: float = field(default_factory=lambda: value("pvwatts", "dc_ac_ratio"))
    noct_c: float = field(default_factory=lambda: value("pvwatts", "noct_roof"))
    glass_index_ratio: float = field(default_factory=lambda: value("pvwatts", "glass_index"))

    def __post_init__(self) -> None:
        ranges = {
            "temperature_coefficient_per_k": (-0.01, 0.0), "system_loss_share": (0.0, 0.5),
            "inverter_share": (0.8, 1.0), "dc_ac_ratio": (0.5, 2.0), "noct_c": (40.0, 60.0),
            "glass_index_ratio": (1.2, 1.8),
        }  # fmt: skip
        check_ranges(self, ranges)


@dataclass(frozen=True)
class PlaneParams:
    """Assumptions of transposition and yield.

    Attributes
    ----------
    mode : str
        Convention of the yield, pvgis or pvwatts.
    sky_model : str
        Distribution of diffuse light over the sky: perez, hay_davies or isotropic.
    albedo_share : float
        Reflected share of the light on the ground; 0 to 1.
    reflection_ratio : float
        Angular loss coefficient a_r of Martin and Ruiz; 0.08 to 0.25.
    faiman_u0_w_per_m2_k : float
        Heat loss of the module without wind.
    faiman_u1_ws_per_m3_k : float
        Additional heat loss per m/s of wind at the module.
    wind_at_module_ratio : float
        Wind at the module's height over wind at 10 m; 0.3 to 1.
    spectral_gain_share : float
        Yearly gain of crystalline silicon from the spectrum of daylight (pvgis mode).
    system_loss_share : float
        All losses behind the module, the inverter included (pvgis mode); 0 to 0.5.
    pvwatts : PvwattsParams
    """

    mode: Mode = "pvgis"
    sky_model: SkyModel = "perez"
    albedo_share: float = field(default_factory=lambda: value("solar", "ground_albedo"))
    reflection_ratio: float = field(default_factory=lambda: value("solar", "martin_ruiz_a_r"))
    faiman_u0_w_per_m2_k: float = field(default_factory=lambda: value("solar", "faiman_u0"))
    faiman_u1_ws_per_m3_k: float = field(default_factory=lambda: value("solar", "faiman_u1"))
    wind_at_module_ratio: float = field(default_factory=lambda: value("solar", "wind_at_module"))
    spectral_gain_share: float = field(default_factory=lambda: value("solar", "spectral_gain"))
    system_loss_share: float = field(default_factory=lambda: value("solar", "system_loss"))
    pvwatts: PvwattsParams = field(default_factory=PvwattsParams)

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, found {self.mode!r}")
        if self.sky_model not in get_args(SkyModel):
            known = ", ".join(get_args(SkyModel))
            raise ValueError(f"sky_model must be one of {known}, found {self.sky_model!r}")
        if not 0.0 <= self.albedo_share <= 1.0:
            raise ValueError(f"an albedo of {self.albedo_share} is outside 0 to 1")
        if not 0.0 <= self.system_loss_share <= 0.5:
            raise ValueError(f"a system loss of {self.system_loss_share} is outside 0 to 0.5")
        if not 0.3 <= self.wind_at_module_ratio <= 1.0:
            raise ValueError(f"a wind ratio of {self.wind_at_module_ratio} is outside 0.3 to 1")
        if not -0.05 <= self.spectral_gain_share <= 0.05:
            raise ValueError(f"a spectral gain of {self.spectral_gain_share} is outside -0.05 to 0.05")
        if not 0.08 <= self.reflection_ratio <= 0.25:
            raise ValueError(
                f"a coefficient of reflection of {self.reflection_ratio} is outside 0.08 to 0.25"
            )
