"""Hourly results of PVGIS and PVWatts, and our chains on the light that stands in them."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

from layers.core.errors import InputProblem
from layers.core.facts import value
from layers.core.types import FloatArray
from layers.physics.clouds import split_beam_w_per_m2
from layers.physics.plane_settings import PlaneParams, PvwattsParams
from layers.physics.pv_power import plane_hours, power_of_light
from layers.physics.sun import sun_position_deg
from layers.physics.sun_hours import PlaneLight, SunnyHours, make_sunny_hours, plane_light
from layers.sources.files import read_head
from layers.sources.pvgis_hourly import FLAT_DEG, PvgisHourly, read_pvgis_hourly
from planner.validation.golden import golden_path

W_PER_KW = 1000.0
LYON = "solar/pvgis_lyon_2019.csv.gz"
DENVER = "solar/pvwatts_denver.csv.gz"
_LIGHT, _POWER = "Plane of Array Irradiance (W/m^2)", "AC System Output (W)"
_COLUMNS = (
    "Month", "Day", "Hour", "Beam Irradiance (W/m^2)", "Diffuse Irradiance (W/m^2)",
    "Ambient Temperature (C)", "Wind Speed (m/s)", _LIGHT, _POWER,
)  # fmt: skip
_HEAD = {
    "latitude": r"^\W*Lat[^:,]*:?\"?,\s*\"?(-?[\d.]+)",
    "longitude": r"^\W*Lon[^:,]*:?\"?,\s*\"?(-?[\d.]+)",
    "size": r"^\W*DC System Size[^:,]*:?\"?,\s*\"?([\d.]+)",
    "tilt": r"^\W*Array Tilt[^:,]*:?\"?,\s*\"?([\d.]+)",
    "azimuth": r"^\W*Array Azimuth[^:,]*:?\"?,\s*\"?([\d.]+)",
    "losses": r"^\W*System Losses[^:,]*:?\"?,\s*\"?([\d.]+)",
    "inverter": r"^\W*Invert[^:,]*Efficiency[^:,]*:?\"?,\s*\"?([\d.]+)",
    "ratio": r"^\W*DC to AC Size Ratio[^:,]*:?\"?,\s*\"?([\d.]+)",
}
_MODULES = {"standard": "standard_module_coefficient", "premium": "temperature_coefficient",
            "thin": "thin_module_coefficient"}  # fmt: skip


@dataclass(frozen=True)
class PvwattsHourly:
    """An hourly result of PVWatts.

    Attributes
    ----------
    latitude_deg, longitude_deg, tilt_deg, azimuth_deg, power_kwp : float
    params : PlaneParams
        Its settings in our words.
    table : DataFrame
        Hours in local standard time.
    """

    latitude_deg: float
    longitude_deg: float
    tilt_deg: float
    azimuth_deg: float
    power_kwp: float
    params: PlaneParams
    table: pd.DataFrame


@dataclass(frozen=True)
class Compared:
    """Ours and the published hours; `light` and `power` as (ours, theirs)."""

    light: tuple[FloatArray, FloatArray]
    power: tuple[FloatArray, FloatArray]

    @property
    def light_error_share(self) -> float:
        """Return the deviation of the year's light."""
        return float(self.light[0].sum() / self.light[1].sum() - 1.0)

    @property
    def power_error_share(self) -> float:
        """Return the deviation of the year's energy."""
        return float(self.power[0].sum() / self.power[1].sum() - 1.0)

    @property
    def hourly_error_share(self) -> float:
        """Return the root mean square error of daylight hours over their mean power."""
        ours, theirs = self.power
        day = theirs > 0.0
        return float(np.sqrt(((ours - theirs)[day] ** 2).mean()) / theirs[day].mean())


def lyon() -> PvgisHourly:
    """Return the carried series of Lyon; its plane stands in the golden folder's notes."""
    table = pd.read_csv(golden_path(LYON))
    stamps = pd.to_datetime(table.pop("time"), format="%Y%m%d:%H%M", utc=True)
    table.index = pd.DatetimeIndex(stamps)
    return PvgisHourly(45.752, 4.949, 37.0, 178.0, 1.0, 0.14, table)


def read_pvgis_power(path: Path) -> PvgisHourly:
    """Read a person's hourly series of PVGIS that holds power.

    Raises
    ------
    InputProblem
        When it holds none, or its head does not name the plant.
    """
    read_head(path, what="an hourly series of PVGIS with its power column")
    series = read_pvgis_hourly(path)
    if "P" not in series.table or series.peak_power_kwp is None or series.loss_share is None:
        raise InputProblem(
            f"{path.name} holds no power; ask PVGIS for the hourly series with 'PV power' (pvcalculation=1)."
        )
    return series


def _parts_of_plane(series: PvgisHourly, hours: SunnyHours) -> PlaneLight:
    """Return the series' light with its split into beam, sky and ground, as the file has it or estimated."""
    table, total = series.table, series.irradiance_w_per_m2
    face = np.array([series.azimuth_deg])
    incidence = pvlib.irradiance.aoi(series.tilt_deg, face[:, None], hours.zenith_deg, hours.azimuth_deg)
    if "Gb(i)" in table:
        names = ("Gb(i)", "Gd(i)", "Gr(i)")
        beam, sky, ground = (table[name].to_numpy(dtype=np.float64)[None, :] for name in names)
        return PlaneLight(incidence, beam, np.zeros_like(beam), sky, ground)
    guess = plane_light(hours, series.tilt_deg, face, PlaneParams().albedo_share)
    whole = np.nan_to_num(guess.irradiance_w_per_m2)
    # the file's light counts, the estimate only divides it
    scale = np.divide(total, whole, out=np.zeros_like(whole), where=whole > 1.0)
    sky = np.where(whole > 1.0, np.nan_to_num(guess.sky_w_per_m2) * scale, total)
    parts = (np.nan_to_num(part) * scale for part in (guess.disc_w_per_m2, guess.ring_w_per_m2))
    disc, ring = parts
    return PlaneLight(incidence, disc, ring, sky, np.nan_to_num(guess.ground_w_per_m2) * scale)


def compare_pvgis(series: PvgisHourly) -> Compared:
    """Return our power on the light, temperature and wind of a series, and its own.

    The hourly service leaves the spectrum out; so do we here.
    """
    table = series.table
    times = pd.DatetimeIndex(table.index)
    zenith, azimuth = sun_position_deg(times, series.latitude_deg, series.longitude_deg)
    total = series.irradiance_w_per_m2
    if series.tilt_deg < FLAT_DEG:
        dni, dhi = split_beam_w_per_m2(total, zenith, times)
        irradiance = (total, dni, dhi)
    else:
        sun = [pd.Series(angle, index=times) for angle in (zenith, azimuth)]
        incidence = pvlib.irradiance.aoi(series.tilt_deg, series.azimuth_deg, *sun)
        # hours without sun divide by zero there and become 0 below
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pvlib.irradiance.gti_dirint(
                pd.Series(total, index=times), incidence, *sun, times, series.tilt_deg, series.azimuth_deg,
                albedo=PlaneParams().albedo_share,
            ).fillna(0.0)  # fmt: skip
        irradiance = tuple(found[name].to_numpy(dtype=np.float64) for name in ("ghi", "dni", "dhi"))
    air, wind = (table[name].to_numpy(dtype=np.float64) for name in ("T2m", "WS10m"))
    hours = make_sunny_hours(times, series.latitude_deg, series.longitude_deg, irradiance, air, wind)
    params = PlaneParams(spectral_gain_share=0.0, system_loss_share=series.loss_share or 0.0)
    light = _parts_of_plane(series, hours)
    power = power_of_light(light, hours, series.tilt_deg, params).power_w[0] * (series.peak_power_kwp or 1.0)
    theirs = table["P"].to_numpy(dtype=np.float64)
    return Compared((light.irradiance_w_per_m2[0], total), (power, theirs))


def denver() -> PvwattsHourly:
    """Return the carried result of Denver; its plant stands in the golden folder's notes."""
    params = _params("standard", 0.1408, 0.96, 1.2, value("pvwatts", "noct_roof"))
    table = pd.read_csv(golden_path(DENVER))
    return PvwattsHourly(39.73, -105.18, 20.0, 180.0, 4.0, params, table)


def _params(module: str, losses: float, inverter: float, ratio: float, noct_c: float) -> PlaneParams:
    plant = PvwattsParams(
        temperature_coefficient_per_k=value("pvwatts", _MODULES[module]), system_loss_share=losses,
        inverter_share=inverter, dc_ac_ratio=ratio, noct_c=noct_c,
    )  # fmt: skip
    return PlaneParams(mode="pvwatts", pvwatts=plant)


def read_pvwatts(path: Path) -> PvwattsHourly:
    """Read an hourly result of PVWatts with its settings.

    Raises
    ------
    InputProblem
        When it is no such result, is cut short, or its array is not fixed.
    """
    read_head(path, what="an hourly result of PVWatts (CSV)")
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    start = next((i for i, line in enumerate(lines[:80]) if line.replace('"', "").startswith("Month,")), None)
    if start is None or not any("PVWatts" in line for line in lines[:5]):
        raise InputProblem(f"{path.name} is not an hourly result of PVWatts; pass its CSV (hourly).")
    text = "\n".join(lines[:start])
    head = {name: re.search(pattern, text, re.M) for name, pattern in _HEAD.items()}
    missing = [name for name, match in head.items() if match is None]
    if missing:
        raise InputProblem(f"{path.name} does not name its {', '.join(missing)}; download it again.")
    found = {name: float(match[1]) for name, match in head.items() if match is not None}
    kind = re.search(r"Array Type[^,]*,\s*\"?([^,\"\n]*)", text)
    array = kind[1].lower() if kind else "fixed (roof mount)"
    if "fixed" not in array:
        raise InputProblem(f"{path.name} is of an array that follows the sun ({array}); pass a fixed one.")
    words = re.search(r"Module Type[^,]*,\s*\"?(\w+)", text)
    module = words[1].lower() if words and words[1].lower() in _MODULES else "standard"
    table = _read_rows(path, lines[start:])
    west = re.search(r"^\W*Lon[^,]*deg W", text, re.M) is not None
    noct = value("pvwatts", "noct_open" if "open" in array else "noct_roof")
    params = _params(module, found["losses"] / 100.0, found["inverter"] / 100.0, found["ratio"], noct)
    longitude = -abs(found["longitude"]) if west else found["longitude"]
    return PvwattsHourly(
        found["latitude"], longitude, found["tilt"], found["azimuth"], found["size"], params, table
    )


def _read_rows(path: Path, lines: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(io.StringIO("\n".join(lines)), index_col=False)
    except (ValueError, pd.errors.ParserError) as problem:
        raise InputProblem(f"{path.name} is damaged or cut short; download it again.") from problem
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise InputProblem(f"{path.name} lacks the column {', '.join(missing)}; download it again.")
    rows = table[pd.to_numeric(table["Month"], errors="coerce").notna()].reset_index(drop=True)
    if len(rows) != 8760:
        raise InputProblem(f"{path.name} holds {len(rows):,} hours instead of 8,760; download it again.")
    return rows[list(_COLUMNS)].astype(float)


def compare_pvwatts(result: PvwattsHourly) -> Compared:
    """Return our light and power from the beam and diffuse light of a result, and its own.

    The file names no time zone: of the three that are near, the one whose light fits best is right.
    """
    near = round(result.longitude_deg / 15.0)
    tried = [_compare_pvwatts(result, zone) for zone in (near, near - 1, near + 1)]
    return min(tried, key=lambda one: float(np.abs(one.light[0] - one.light[1]).sum()))


def _compare_pvwatts(result: PvwattsHourly, zone_h: int) -> Compared:
    table = result.table
    beam, diffuse = (
        table[f"{name} Irradiance (W/m^2)"].to_numpy(dtype=np.float64) for name in ("Beam", "Diffuse")
    )
    local = pd.date_range("2019-01-01 00:30", periods=len(table), freq="h")
    times = (local - pd.Timedelta(hours=zone_h)).tz_localize("UTC")
    zenith, _ = sun_position_deg(times, result.latitude_deg, result.longitude_deg)
    ghi = diffuse + beam * np.clip(np.cos(np.radians(zenith)), 0.0, None)
    lit = np.flatnonzero(diffuse > 0.0)
    air, wind = (
        table[name].to_numpy(dtype=np.float64)[lit]
        for name in ("Ambient Temperature (C)", "Wind Speed (m/s)")
    )
    hours = make_sunny_hours(
        times[lit], result.latitude_deg, result.longitude_deg, (ghi[lit], beam[lit], diffuse[lit]), air, wind,
        lit,
    )  # fmt: skip
    ours = plane_hours(hours, result.tilt_deg, np.array([result.azimuth_deg]), result.params)
    light, power = np.zeros(len(table)), np.zeros(len(table))
    light[lit], power[lit] = ours.irradiance_w_per_m2[0], ours.power_w[0] * result.power_kwp
    theirs = (table[_LIGHT].to_numpy(dtype=np.float64), table[_POWER].to_numpy(dtype=np.float64))
    return Compared((light, theirs[0]), (power, theirs[1]))
