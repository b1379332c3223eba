"""The hourly balance: by hand, compiled against plain, its energy, its limits, and what changes nothing."""

import dataclasses

import numpy as np
import pytest

from layers.physics import hourly
from layers.physics.hourly import simulate_hours, tile_rows
from layers.physics.zone import (
    AIR_SHARE,
    OPERATIVE_AIR_SHARE,
    HourlyDrivers,
    ZoneModel,
    coefficients,
    constant_use,
    node_temperatures_c,
)

HOURS = 960
OUTSIDE_C = 6.0 + 12.0 * np.sin(np.arange(HOURS) / 110.0) + 4.0 * np.sin(np.arange(HOURS) * 2 * np.pi / 24)


def zones(count=1, seed=None, **values):
    """Return buildings of 100 m²; with a seed they differ."""
    base = {
        "window_w_per_k": 50.0, "mass_outside_w_per_k": 120.0, "air_surface_w_per_k": 1552.5,
        "surface_mass_w_per_k": 2275.0, "heat_capacity_wh_per_k": 4500.0, "mass_gain_share": 0.555,
        "surface_gain_share": 0.43, "heating_set_c": 20.0, "cooling_set_c": 26.0, "internal_gain_w": 300.0,
        "heater_w": np.inf, "cooler_w": np.inf,
    }  # fmt: skip
    fields = {name: np.full(count, float(value)) for name, value in (base | values).items()}
    vent, aperture = np.full((2, count), 60.0), np.zeros((count, 9))
    aperture[:, 5] = 4.0
    if seed is not None:
        rng = np.random.default_rng(seed)
        for name in ("window_w_per_k", "mass_outside_w_per_k", "heat_capacity_wh_per_k", "internal_gain_w"):
            fields[name] *= rng.uniform(0.4, 3.0, count)
        vent = vent * rng.uniform([[0.2], [0.8]], [[0.8], [2.0]], (2, count))
        aperture = rng.uniform(0.0, 3.0, (count, 9))
    left = np.ones((12, count)) if seed is None else rng.uniform(0.3, 1.0, (12, count))
    return ZoneModel(vent, aperture_m2=aperture, sun_ratio=left, **fields)


def sunny(groups=1):
    hour = np.arange(HOURS)
    sun = np.maximum(np.sin((hour % 24 - 6) * np.pi / 12), 0) * np.linspace(200, 800, 9)[:, None]
    if groups == 1:
        return constant_use(OUTSIDE_C, sun)
    used = np.stack([(hour % 24 >= 7 + g) & (hour % 24 < 19) for g in range(groups)])
    return HourlyDrivers(OUTSIDE_C, sun, 0.4 + 1.2 * used, 3.0 * ~used, 50.0 * ~used, used, hour // 200)


def exact(zone, drivers, group=None, **options):
    chosen = np.zeros(len(zone), dtype=int) if group is None else group
    return simulate_hours(zone, chosen, drivers, precision=np.float64, warm_up_h=0, **options)


def start(zone):
    return np.full(len(zone), hourly.FIRST_MASS_C)


def test_the_steady_state_is_that_of_three_resistances_by_hand():
    # no sun, no gains, −10 °C for ever, air held at 20 °C: all heat goes through ventilation or through
    # surfaces, then through windows or through the mass: 60·30 + 30/(1/1552.5 + 1/(50 + 1/(1/2275 + 1/120)))
    none = np.zeros((9, 4000))
    zone = zones(internal_gain_w=0.0)
    power = exact(zone, constant_use(np.full(4000, -10.0), none), air_share=AIR_SHARE).hours_w()
    through = 1 / (1 / 1552.5 + 1 / (50 + 1 / (1 / 2275 + 1 / 120)))
    assert power[-1, 0] == pytest.approx(30 * (60 + through), rel=1e-9)


def test_a_building_as_warm_as_outside_needs_nothing():
    zone = zones(internal_gain_w=0.0)
    power = exact(zone, constant_use(np.full(100, 20.0), np.zeros((9, 100)))).hours_w()
    assert np.abs(power).max() < 1e-9


def test_the_coefficients_of_the_felt_temperature_add_up_to_one():
    # a building at the temperature of outside, without gains, feels and keeps that temperature
    table = coefficients(zones(20, seed=3), OPERATIVE_AIR_SHARE)
    np.testing.assert_allclose(table[:, 0] + table[:, 1], 1.0, rtol=1e-12)
    np.testing.assert_allclose(table[:, 4] + table[:, 5], 1.0, rtol=1e-12)


@pytest.mark.parametrize("share", [AIR_SHARE, OPERATIVE_AIR_SHARE])
def test_heating_and_cooling_meet_their_set_points_and_never_more(share):
    zone, drivers = zones(30, seed=1), sunny()
    power = exact(zone, drivers, air_share=share).hours_w()
    air, surface, mass = node_temperatures_c(zone, np.zeros(30, int), drivers, power, start(zone))
    felt = share * air + (1 - share) * surface
    assert (power > 0).any() and (power < 0).any() and (power == 0).any()
    assert np.abs(felt[power > 0] - 20.0).max() < 1e-9
    assert np.abs(felt[power < 0] - 26.0).max() < 1e-9
    assert felt.min() > 20.0 - 1e-9 and felt.max() < 26.0 + 1e-9
    np.testing.assert_allclose(mass[-1], exact(zone, drivers, air_share=share).mass_c, rtol=1e-12)


def test_the_energy_of_every_hour_closes():
    zone, drivers = zones(25, seed=2), sunny(3)
    group = np.arange(25) % 3
    power = exact(zone, drivers, group).hours_w()
    air, surface, mass = node_temperatures_c(zone, group, drivers, power, start(zone))
    middle, outside = (mass[1:] + mass[:-1]) / 2, drivers.temperature_c[:, None]
    vent = zone.ventilation_w_per_k[drivers.is_used[group].T.astype(int), np.arange(25)]
    internal = zone.internal_gain_w * drivers.gain_ratio[group].T
    sun = (zone.aperture_m2 @ drivers.sun_w_per_m2_plane).T * zone.sun_ratio[drivers.month]
    kept = zone.mass_gain_share + zone.surface_gain_share
    gained = power + 0.5 * internal + kept * (0.5 * internal + sun)
    lost = (
        vent * (air - outside) + zone.window_w_per_k * (surface - outside)
        + zone.mass_outside_w_per_k * (middle - outside)
    )  # fmt: skip
    stored = zone.heat_capacity_wh_per_k * (mass[1:] - mass[:-1])
    assert np.abs(gained - lost - stored).max() < 1e-9 * np.abs(gained).max()


def test_the_compiled_hours_equal_the_plain_ones_to_the_last_bit(monkeypatch):
    zone, drivers, group = zones(70, seed=5), sunny(3), np.arange(70) % 3
    compiled = exact(zone, drivers, group)
    quick = simulate_hours(zone, group, drivers)
    monkeypatch.setattr(hourly, "HAS_NUMBA", False)
    plain = exact(zone, drivers, group)
    np.testing.assert_array_equal(compiled.hours_w(), plain.hours_w())
    np.testing.assert_allclose(compiled.heat_kwh, plain.heat_kwh, rtol=1e-13)
    np.testing.assert_allclose(compiled.cold_peak_w, plain.cold_peak_w, rtol=0)
    slow = simulate_hours(zone, group, drivers)
    np.testing.assert_array_equal(quick.hours_w(), slow.hours_w())


def test_single_precision_changes_a_ten_thousandth_at_most():
    zone, drivers, group = zones(70, seed=5), sunny(3), np.arange(70) % 3
    quick = simulate_hours(zone, group, drivers, warm_up_h=0)
    sharp = exact(zone, drivers, group)
    np.testing.assert_allclose(quick.heat_kwh, sharp.heat_kwh, rtol=1e-4)
    np.testing.assert_allclose(quick.heat_peak_w, sharp.heat_peak_w, rtol=1e-4)


def test_neither_tiles_nor_order_change_a_building():
    zone, drivers, group = zones(70, seed=8), sunny(3), np.arange(70) % 3
    whole = exact(zone, drivers, group).hours_w()
    np.testing.assert_array_equal(whole, exact(zone, drivers, group, width=7).hours_w())
    turned = np.arange(70)[::-1]
    back = exact(zone.take(turned), drivers, group[turned]).hours_w()[:, ::-1]
    np.testing.assert_array_equal(whole, back)
    alone = exact(zone.take(np.array([33])), drivers, group[[33]]).hours_w()
    np.testing.assert_array_equal(whole[:, [33]], alone)


def test_memory_of_an_earlier_result_may_be_used_again():
    zone, drivers = zones(20, seed=1), sunny()
    first = simulate_hours(zone, np.zeros(20, int), drivers)
    kept = first.hours_w().copy()
    second = simulate_hours(zone, np.zeros(20, int), drivers, room=first.power_w)
    assert np.shares_memory(first.power_w, second.power_w)
    np.testing.assert_array_equal(second.hours_w(), kept)


def test_sums_and_peaks_are_those_of_the_hours():
    zone, drivers = zones(5, seed=4), sunny()
    found = exact(zone, drivers)
    power = found.hours_w()
    np.testing.assert_allclose(found.heat_kwh, np.maximum(power, 0).sum(axis=0) / 1000, rtol=1e-12)
    np.testing.assert_allclose(found.cold_kwh, np.maximum(-power, 0).sum(axis=0) / 1000, rtol=1e-12)
    np.testing.assert_array_equal(found.heat_peak_w, power.max(axis=0))
    np.testing.assert_array_equal(found.cold_peak_w, -power.min(axis=0))


def test_a_weak_heater_gives_its_most_and_the_room_stays_cold():
    zone, drivers = zones(heater_w=1500.0, cooler_w=0.0), sunny()
    power = exact(zone, drivers).hours_w()
    assert power.max() == 1500.0 and power.min() == 0.0
    air, surface, _ = node_temperatures_c(zone, np.zeros(1, int), drivers, power, start(zone))
    assert (0.3 * air + 0.7 * surface)[power == 1500.0].min() < 19.0


def test_lowered_nights_save_heat_and_cost_power_in_the_morning():
    zone, drivers = zones(), sunny(1)
    night = (np.arange(HOURS) % 24 < 6)[None, :]
    lowered = dataclasses.replace(drivers, lower_k=3.0 * night)
    held, saved = exact(zone, drivers), exact(zone, lowered)
    assert saved.heat_kwh[0] < held.heat_kwh[0]
    assert saved.heat_peak_w[0] > held.heat_peak_w[0]


def test_a_heavier_building_has_lower_peaks():
    capacities = [2250.0, 4500.0, 9000.0, 18000.0]
    found = [exact(zones(heat_capacity_wh_per_k=one), sunny()) for one in capacities]
    for peaks in ([one.heat_peak_w[0] for one in found], [one.cold_peak_w[0] for one in found]):
        assert peaks == sorted(peaks, reverse=True)


def test_the_year_closes_when_its_end_runs_first():
    # heavier than anything built: with the warm-up, December's mass is January's beginning
    drivers = sunny()
    closed = simulate_hours(zones(), np.zeros(1, int), drivers, precision=np.float64)
    again = exact(zones(), drivers, first_mass_c=closed.mass_c)
    np.testing.assert_allclose(closed.hours_w(), again.hours_w(), atol=0.01)


def test_groups_never_share_a_tile():
    rows, of = tile_rows(np.array([2, 0, 2, 2, 0]), 2)
    assert rows.tolist() == [[1, 4], [0, 2], [3, -1]] and of.tolist() == [0, 2, 2]
    assert tile_rows(np.array([], dtype=int))[0].shape == (0, hourly.TILE_COUNT)


def test_no_building_is_no_error():
    found = simulate_hours(zones(1).take(slice(0, 0)), np.zeros(0, int), sunny())
    assert found.heat_kwh.shape == (0,) and found.hours_w().shape == (HOURS, 0)
