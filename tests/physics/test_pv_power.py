"""Power in the two conventions."""

import numpy as np
import pvlib
import pytest

from layers.core.errors import UsageProblem
from layers.physics.irradiance import plane_tables
from layers.physics.plane_settings import PlaneParams, PvwattsParams
from layers.physics.pv_power import inverter_power_w, plane_hours, pvwatts_power_w
from layers.physics.sun_hours import sunny_hours
from tests.solar_cases import northern_weather


def test_the_inverter_follows_its_part_load_curve_and_never_exceeds_its_rating():
    direct = np.linspace(0.0, 1000.0, 41)
    theirs = np.maximum(pvlib.inverter.pvwatts(direct, 1000.0 / 1.2 / 0.96, 0.96), 0.0)
    assert inverter_power_w(direct, PvwattsParams()) == pytest.approx(theirs, abs=1e-9)
    assert inverter_power_w(np.array([5000.0]), PvwattsParams())[0] == pytest.approx(1000.0 / 1.2)


def test_a_warm_cell_gives_a_third_of_a_percent_less_a_kelvin():
    params = PvwattsParams(dc_ac_ratio=0.5)
    cool, warm = (pvwatts_power_w(np.array([800.0]), np.array([c]), params)[0] for c in (25.0, 45.0))
    # 20 K × 0.35 % = 7 %, and the inverter's curve is almost level there
    assert warm / cool == pytest.approx(0.93, abs=0.002)


@pytest.mark.parametrize("mode", ["pvgis", "pvwatts"])
def test_darkness_gives_nothing_and_parts_add_up(mode):
    planes = plane_hours(
        sunny_hours(northern_weather()), 40.0, np.array([180.0, 90.0]), PlaneParams(mode=mode)
    )
    assert (planes.power_w >= 0.0).all()
    assert (planes.power_w <= 1000.0).all()
    assert planes.power_w[planes.irradiance_w_per_m2 <= 0.0].sum() == 0.0


def test_tables_say_in_which_convention_they_are():
    tables = plane_tables(northern_weather(), PlaneParams(mode="pvwatts"))
    assert tables.mode == "pvwatts"
    flat = tables.yield_kwh_per_kwp[0, 0].sum()
    assert flat == pytest.approx(plane_tables(northern_weather()).yield_kwh_per_kwp[0, 0].sum(), rel=0.05)


def test_losses_of_the_other_convention_change_nothing():
    weather = northern_weather()
    plain, changed = (
        plane_tables(weather, PlaneParams(mode="pvwatts", system_loss_share=loss)).yield_kwh_per_kwp
        for loss in (0.14, 0.30)
    )
    assert (plain == changed).all()


def test_unknown_conventions_and_impossible_inverters_are_refused():
    with pytest.raises(ValueError, match="pvgis, pvwatts"):
        PlaneParams(mode="both")
    with pytest.raises(ValueError, match="sky_model"):
        PlaneParams(sky_model="grey")
    with pytest.raises(UsageProblem, match="inverter_share"):
        PvwattsParams(inverter_share=1.4)
