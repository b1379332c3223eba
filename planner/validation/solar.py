"""Solar yields against published results, and the program's short cuts against long ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from layers.core.draws import Draws
from layers.core.facts import value
from layers.core.types import FloatArray
from layers.core.weather import HourlyWeather
from layers.physics.exact_shade import exact_horizons_deg, hourly_kept_shares
from layers.physics.horizon import horizons_deg, make_obstacles
from layers.physics.irradiance import (
    TILTS_DEG,
    PlaneParams,
    PlaneTables,
    look_up,
    plane_hours,
    plane_tables,
    sunny_hours,
)
from layers.physics.plane_settings import SkyModel
from layers.physics.shading import shaded_share
from layers.physics.snow import SnowParams, snow_loss_share
from layers.physics.sun_hours import plane_light
from layers.physics.weather import make_hourly, monthly_irradiation_kwh_per_m2_land, monthly_means_c
from layers.roof_solar import simulate_solar
from layers.solar_profiles import make_solar_profiles
from layers.solar_thermal import SolarThermalParams, field_heat_kwh_per_m2
from layers.sources.climate import read_monthly_climate
from planner.parameters import FEWEST_DRAWS, RunConfig
from planner.state import City
from planner.validation.check import Check, Criterion, Options
from planner.validation.golden import golden_path
from planner.validation.sample import describe_sample
from planner.validation.solar_services import (
    compare_pvgis,
    compare_pvwatts,
    denver,
    lyon,
    read_pvgis_power,
    read_pvwatts,
)

SUBJECT = "solar"
PVGIS = "PVGIS © European Union"
PVWATTS = "NREL PVWatts 5, public domain"
OURSELVES = "the program itself"
YEAR = "solar/pvgis_tmy_45N_8E.csv.gz"
# the typical year at 45° N 8° E stands for this minute after the full hour, as its head says
YEAR_MINUTE_H = 0.1761
# what the service prints for a horizontal plane there
FLAT_KWH_PER_KWP, FLAT_KWH_PER_M2 = 1137.3, 1473.6
MODELS: tuple[SkyModel, ...] = ("isotropic", "hay_davies", "perez")
# planes on which modules are laid
PLANES, STEEPEST_DEG, FACING_DEG = 150, 60.0, (67.5, 292.5)
SHADED_COUNT, HORIZON_COUNT = 80, 400


def _criterion(name: str, unit: str, source: str, low: float | None, high: float | None) -> Criterion:
    return Criterion(SUBJECT, name, unit, source, low, high)


PVGIS_YEAR = _criterion("PVGIS hourly power, deviation of the year", "share", PVGIS, -0.005, 0.005)
PVGIS_HOURS = _criterion("PVGIS hourly power, nRMSE of daylight hours", "share", PVGIS, None, 0.03)
PVWATTS_LIGHT = _criterion("PVWatts plane of array, deviation of the year", "share", PVWATTS, -0.002, 0.002)
PVWATTS_POWER = _criterion("PVWatts AC power, deviation of the year", "share", PVWATTS, -0.01, 0.01)
FLAT = _criterion("flat plane at 45° N 8° E per unit of light, ours / PVGIS", "ratio", PVGIS, 0.97, 1.03)
LEVEL = _criterion(
    "light of a flat plane / global light, farthest of three sky models from 1",
    "share",
    OURSELVES,
    None,
    0.002,
)
TABLE_RMS = _criterion("table of planes against computing, rms", "share", OURSELVES, None, 0.0022)
TABLE_MOST = _criterion("table of planes against computing, largest", "share", OURSELVES, None, 0.01)
SHADE_BIAS = _criterion(
    "shade tables against hour by hour, sample town, bias", "share", OURSELVES, -0.003, 0.003
)
SHADE_MOST = _criterion(
    "shade tables against hour by hour, sample town, largest", "share", OURSELVES, None, 0.02
)
HORIZON = _criterion("horizons against an exact search, a town, largest", "°", OURSELVES, None, 1e-6)
MONTHS = _criterion("hours made from months, largest deviation of a month", "share", OURSELVES, None, 0.001)
EAST_WEST_ROOF = _criterion(
    "made hours, east and west at 30° together, made / measured year", "ratio", PVGIS, 0.98, 1.02
)
EAST_WEST_WALL = _criterion(
    "made hours, east and west façades together, made / measured year", "ratio", PVGIS, 0.96, 1.04
)
PROFILE_SUM = _criterion("hours of districts against years of roofs, largest", "share", OURSELVES, None, 1e-9)
PROFILE_RAW = _criterion("the same before scaling", "share", OURSELVES, -0.005, 0.005)
FIELD = _criterion(
    "solar heat of a field in Denmark", "kWh/m²", "Furbo, Perers and Bava (2014), measured",
    value("solar_thermal", "measured_field_low"), value("solar_thermal", "measured_field_high"),
)  # fmt: skip
SNOW = _criterion(
    "yield lost to snow in Helsinki, 30° to the south, a year", "share",
    "van Noord, Landelius and Andersson (2021)", 0.02, value("solar", "snow_loss_moderate_high"),
)  # fmt: skip
CRITERIA: tuple[Criterion, ...] = (
    PVGIS_YEAR, PVGIS_HOURS, PVWATTS_LIGHT, PVWATTS_POWER, FLAT, LEVEL, TABLE_RMS, TABLE_MOST, MONTHS,
    EAST_WEST_ROOF, EAST_WEST_WALL, FIELD, SNOW, HORIZON, SHADE_BIAS, SHADE_MOST, PROFILE_SUM, PROFILE_RAW,
)  # fmt: skip


def checks(options: Options) -> Iterator[Check]:
    """Yield the checks of solar yields; with a person's own file only those that it is for."""
    own = options.pvgis is not None or options.pvwatts is not None
    if options.pvgis is not None or not own:
        series = lyon() if options.pvgis is None else read_pvgis_power(options.pvgis)
        found = compare_pvgis(series)
        where = f"{series.tilt_deg:g}° facing {series.azimuth_deg:g}°, {len(series.table):,} hours"
        yield PVGIS_YEAR.check(found.power_error_share, where)
        yield PVGIS_HOURS.check(found.hourly_error_share, where)
    if options.pvwatts is not None or not own:
        result = denver() if options.pvwatts is None else read_pvwatts(options.pvwatts)
        compared = compare_pvwatts(result)
        where = f"{result.tilt_deg:g}° facing {result.azimuth_deg:g}°, {result.power_kwp:g} kW"
        yield PVWATTS_LIGHT.check(compared.light_error_share, where)
        yield PVWATTS_POWER.check(compared.power_error_share, where)
    if not own:
        yield from _of_the_sky()
        yield from _of_a_town()


def typical_year() -> tuple[HourlyWeather, float]:
    """Return the carried typical year and the time for which it stands."""
    table = pd.read_csv(golden_path(YEAR))
    air, ghi, dni, dhi, wind = (
        table[name].to_numpy(dtype=np.float64) for name in ("T2m", "G(h)", "Gb(n)", "Gd(h)", "WS10m")
    )
    return HourlyWeather(45.0, 8.0, air, ghi, dni, dhi, wind, "PVGIS typical year"), YEAR_MINUTE_H - 0.5


def _of_the_sky() -> Iterator[Check]:
    year, offset_h = typical_year()
    tables = plane_tables(year, sun_offset_h=offset_h)
    light = float(tables.irradiation_kwh_per_m2_plane[0, 0].sum())
    energy = float(tables.yield_kwh_per_kwp[0, 0].sum())
    ratio = energy / light / (FLAT_KWH_PER_KWP / FLAT_KWH_PER_M2)
    told = (
        f"{energy:.1f} kWh/kWp from {light:.1f} kWh/m²; published {FLAT_KWH_PER_KWP} from {FLAT_KWH_PER_M2}: "
        f"{energy / FLAT_KWH_PER_KWP - 1.0:+.1%} before the light is allowed for"
    )
    yield FLAT.check(ratio, told)
    hours = sunny_hours(year, offset_h)
    flat = [plane_light(hours, 0.0, np.zeros(1), 0.2, model).irradiance_w_per_m2.sum() for model in MODELS]
    yield LEVEL.check(float(np.abs(np.array(flat) / year.ghi_w_per_m2.sum() - 1.0).max()), ", ".join(MODELS))
    errors = _table_errors(tables, year, offset_h)
    yield TABLE_RMS.check(
        float(np.sqrt((errors**2).mean())), f"{PLANES} usable planes up to {STEEPEST_DEG:g}°"
    )
    yield TABLE_MOST.check(float(np.abs(errors).max()), f"{PLANES} usable planes up to {STEEPEST_DEG:g}°")
    yield from _of_made_hours(year, offset_h)


def _table_errors(tables: PlaneTables, year: HourlyWeather, offset_h: float) -> FloatArray:
    """Return the error of the look-up on planes between the entries."""
    rng = np.random.default_rng(1)
    tilt, azimuth = rng.uniform(0.0, STEEPEST_DEG, PLANES), rng.uniform(*FACING_DEG, PLANES)
    hours, params = sunny_hours(year, offset_h), PlaneParams()
    exact = [
        plane_hours(hours, float(tilt[i]), azimuth[i : i + 1], params).power_w.sum() / 1e3
        for i in range(PLANES)
    ]
    found = look_up(tables.yield_kwh_per_kwp.sum(axis=-1), tilt, azimuth)
    return np.asarray(found / np.array(exact) - 1.0, dtype=np.float64)


def _of_made_hours(year: HourlyWeather, offset_h: float) -> Iterator[Check]:
    """Make hours from months alone and compare them with the year that the months are from."""
    home = read_monthly_climate("Turin", "IT", year.longitude_deg, year.latitude_deg)
    months = monthly_irradiation_kwh_per_m2_land(year)
    same = dataclasses.replace(
        home, latitude_deg=year.latitude_deg, longitude_deg=year.longitude_deg,
        irradiation_kwh_per_m2_land=months, temperature_c=monthly_means_c(year),
    )  # fmt: skip
    places = [same, *(read_monthly_climate(*place) for place in (
        ("Helsinki", "FI", 24.94, 60.17), ("Madrid", "ES", -3.70, 40.42), ("Tromsø", "NO", 18.96, 69.65)
    ))]  # fmt: skip
    worst = 0.0
    for place in places:
        wanted = np.asarray(place.irradiation_kwh_per_m2_land, dtype=np.float64)
        made = monthly_irradiation_kwh_per_m2_land(make_hourly(place, 1))
        worst = max(worst, float(np.abs(made - wanted).max() / max(wanted.max(), 1e-9)))
        known = wanted > 1.0
        worst = max(worst, float(np.abs(made[known] / wanted[known] - 1.0).max()))
    yield MONTHS.check(worst, "45° N 8° E, Helsinki, Madrid, Tromsø")
    weather, faces = make_hourly(same, 1), np.array([90.0, 270.0])
    for criterion, tilt in ((EAST_WEST_ROOF, 30.0), (EAST_WEST_WALL, 90.0)):
        made, real = (
            plane_light(sunny_hours(one, moved), tilt, faces, 0.2).irradiance_w_per_m2.sum(axis=1)
            for one, moved in ((weather, 0.0), (year, offset_h))
        )
        east, west = made / real - 1.0
        yield criterion.check(float(made.sum() / real.sum()), f"east {east:+.1%}, west {west:+.1%}")
    denmark = make_hourly(read_monthly_climate("Copenhagen", "DK", 12.57, 55.68), 1)
    yield FIELD.check(field_heat_kwh_per_m2(denmark, SolarThermalParams()), "Copenhagen, 60 °C mean fluid")
    yield _of_snow()


def _of_snow() -> Check:
    """Return what snow takes of a usual roof's year in a Nordic capital."""
    climate = read_monthly_climate("Helsinki", "FI", 24.94, 60.17)
    yields = plane_tables(make_hourly(climate, 1)).yield_kwh_per_kwp[3, 18]
    loss = snow_loss_share(60.17, climate.temperature_c, TILTS_DEG, SnowParams())[3]
    text = "published: 2 to 3 % mild, 5 to 9 % moderate"
    return SNOW.check(float((yields * loss).sum() / yields.sum()), text)


def _of_a_town() -> Iterator[Check]:
    config = dataclasses.replace(RunConfig(), draw_count=FEWEST_DRAWS)
    city = describe_sample(config)
    buildings = city.buildings
    offset_h = city.weather.sun_offset_h
    tables = plane_tables(city.weather, config.planes, sun_offset_h=offset_h)
    outlines = np.asarray(buildings.geometry.array, dtype=object)
    height = buildings["height_m"].to_numpy(dtype=np.float64)
    some = np.linspace(0, len(buildings) - 1, min(HORIZON_COUNT, len(buildings))).astype(np.int64)
    points = np.array([[place.x, place.y] for place in buildings.geometry.iloc[some].representative_point()])
    ours = horizons_deg(points, height[some], some, make_obstacles(outlines, height))
    exact = exact_horizons_deg(points, height[some], some, outlines, height)
    yield HORIZON.check(float(np.abs(ours - exact).max()), f"{len(some)} roofs of {city.place.title}")
    yield from _of_shade(city, tables, ours, offset_h)
    solved = simulate_solar(buildings, tables, Draws(1, FEWEST_DRAWS), config.solar)
    profiles = make_solar_profiles(solved.buildings, solved.panels, city.weather, config.planes)
    yearly = solved.buildings.groupby("district_id")["pv_calibrated_kwh"].sum()
    sums = profiles.hourly_kw.sum().reindex(yearly.index)
    text = f"{len(yearly)} districts of {city.place.title}"
    yield PROFILE_SUM.check(float((sums / yearly - 1.0).abs().max()), text)
    text = "snow is taken off the years here, off each month there"
    yield PROFILE_RAW.check(profiles.scale_ratio - 1.0, text)


def _of_shade(city: City, tables: PlaneTables, horizons: FloatArray, offset_h: float) -> Iterator[Check]:
    """Compare shade from tables with shade hour by hour, on planes that the cuts would keep."""
    rng = np.random.default_rng(2)
    shaded = np.argsort(horizons.mean(axis=1))[::-1][: 2 * SHADED_COUNT]
    chosen = rng.permutation(shaded)[:SHADED_COUNT]
    tilt = rng.uniform(0.0, 50.0, len(chosen))
    azimuth = rng.uniform(70.0, 290.0, len(chosen))
    fast = shaded_share(tables, horizons[chosen], np.arange(len(chosen)), tilt, azimuth)
    slow = hourly_kept_shares(sunny_hours(city.weather, offset_h), horizons[chosen], tilt, azimuth)
    kept = slow >= value("solar", "least_sun")
    error = (fast / slow - 1.0)[kept]
    text = f"{int(kept.sum())} planes that keep {slow[kept].min():.0%} to {slow[kept].max():.0%}"
    yield SHADE_BIAS.check(float(error.mean()), text)
    yield SHADE_MOST.check(float(np.abs(error).max()), text)
