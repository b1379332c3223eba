"""Cell temperature after Fuentes."""

import numpy as np
import pandas as pd
import pvlib
import pytest

from layers.physics.cell_temperature import fuentes_cell_c
from tests.solar_cases import GOLDEN

HOURS = pd.date_range("2019-06-01", periods=48, freq="h", tz="UTC")


def day_of_sun():
    return np.tile(np.clip(950.0 * np.sin((np.arange(24) - 6.0) / 12.0 * np.pi), 0.0, None), 2)


@pytest.mark.parametrize("noct", [45.0, 49.0])
def test_it_agrees_with_the_implementation_of_pvlib(noct):
    sun, air, wind = day_of_sun(), np.linspace(8.0, 27.0, 48), np.linspace(0.2, 9.0, 48)
    series = (pd.Series(values, index=HOURS) for values in (sun, air, wind))
    theirs = pvlib.temperature.fuentes(*series, noct, surface_tilt=20).to_numpy()
    ours = fuentes_cell_c(sun[None, :], air, wind, np.ones(48, bool), 20.0, noct, 5.0)[0]
    # the first night starts from another temperature
    assert ours[6:] == pytest.approx(theirs[6:], abs=0.05)


def test_it_reproduces_the_cells_of_pvwatts():
    table = pd.read_csv(GOLDEN / "pvwatts_denver.csv.gz")
    sun = table["Plane of Array Irradiance (W/m^2)"].to_numpy(float)
    air, wind = (table[name].to_numpy(float) for name in ("Ambient Temperature (C)", "Wind Speed (m/s)"))
    ours = fuentes_cell_c(sun[None, :], air, wind, np.ones(8760, bool), 20.0, 49.0, 5.0)[0]
    off = (ours - table["Cell Temperature (C)"].to_numpy(float))[sun > 0]
    assert abs(off.mean()) < 0.2
    assert np.sqrt((off**2).mean()) < 0.6


def test_wind_cools_and_a_break_in_the_hours_starts_from_the_air():
    sun, air = np.full((1, 2), 800.0), np.full(2, 20.0)
    calm, windy = (
        fuentes_cell_c(sun, air, np.full(2, speed), np.array([False, True]), 30.0, 45.0, 5.0)
        for speed in (0.5, 8.0)
    )
    assert (windy < calm).all()
    broken = fuentes_cell_c(sun, air, np.full(2, 1.0), np.array([False, False]), 30.0, 45.0, 5.0)
    assert broken[0, 0] == broken[0, 1]
