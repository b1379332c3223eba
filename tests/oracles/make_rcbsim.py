"""Make the hourly answers of RC_BuildingSimulator that `tests/golden/rcbsim` keeps.

Run it with a Python of its own that has `rcbsim` 0.3b0 and nothing of the planner:

    python tests/oracles/make_rcbsim.py tests/golden/rcbsim

The simulator controls the temperature of the air. Twelve weeks, one of each month of a made-up climate,
follow each other without a break; every zone starts at 20 °C.
"""

import csv
import gzip
import io
import math
import sys
from pathlib import Path

from rcbsim.building_physics import Zone

WEEKS, HOURS_PER_WEEK = 12, 168
FIRST_MASS_C = 20.0
COLUMNS = (
    "zone", "window_area_m2", "wall_area_m2", "floor_area_m2", "volume_m3", "internal_area_m2",
    "u_wall_w_per_m2_k", "u_window_w_per_m2_k", "air_use_per_h", "air_infiltration_per_h",
    "heat_recovery_share", "heat_capacity_j_per_m2_k", "heating_set_c", "cooling_set_c",
    "cooler_w_per_m2", "heater_w_per_m2", "warmer_k", "internal_gain_w_per_m2", "aperture_m2",
)  # fmt: skip
HOUSE = (25.0, 210.0, 140.0, 350.0, 630.0, 0.9, 2.7, 0.4, 0.3, 0.0)
FREE = (math.inf, math.inf)
ZONES = (
    ("light", *HOUSE, 110e3, 20.0, 26.0, *FREE, 0.0, 4.0, 8.0),
    ("medium", *HOUSE, 165e3, 20.0, 26.0, *FREE, 0.0, 4.0, 8.0),
    ("heavy", *HOUSE, 370e3, 20.0, 26.0, *FREE, 0.0, 4.0, 8.0),
    ("cold place", 40.0, 600.0, 900.0, 2430.0, 4050.0, 1.4, 2.9, 0.5, 0.4, 0.0,
     260e3, 21.0, 27.0, *FREE, -12.0, 3.0, 12.0),
    ("hot place", 60.0, 500.0, 800.0, 2400.0, 3600.0, 1.2, 4.5, 0.6, 0.2, 0.0,
     165e3, 20.0, 25.0, *FREE, 11.0, 9.0, 45.0),
    ("weak plant", 18.0, 150.0, 90.0, 225.0, 405.0, 1.8, 2.9, 0.4, 0.4, 0.0,
     165e3, 20.0, 24.0, 12.0, 45.0, -2.0, 5.0, 12.0),
    ("heat recovery", 30.0, 180.0, 120.0, 300.0, 540.0, 0.12, 0.8, 0.6, 0.05, 0.8,
     260e3, 20.0, 26.0, *FREE, 0.0, 4.0, 10.0),
    ("glass office", 400.0, 700.0, 1500.0, 4500.0, 6750.0, 0.3, 1.3, 1.2, 0.1, 0.5,
     165e3, 21.0, 24.5, *FREE, 2.0, 12.0, 150.0),
)  # fmt: skip


def climate():
    """Yield temperature, sun and the share of internal gains of every hour."""
    for hour in range(WEEKS * HOURS_PER_WEEK):
        month, of_day = hour // HOURS_PER_WEEK, hour % 24
        season = -math.cos(2.0 * math.pi * (month + 0.5) / WEEKS)
        swing = math.sin(2.0 * math.pi * (of_day - 9) / 24.0)
        weather = math.sin(0.037 * hour) + 0.5 * math.sin(0.0113 * hour + 1.0)
        temperature_c = round(9.0 + 10.0 * season + 4.0 * swing + 2.5 * weather, 3)
        height = math.sin(math.pi * (of_day - 6 + 2 * season) / (12.0 + 4.0 * season))
        day = 6 - 2 * season < of_day < 18 + 2 * season
        clouds = 0.6 + 0.4 * math.sin(0.09 * hour)
        sun = round(max(height, 0.0) * (350.0 + 250.0 * season) * clouds, 3) if day else 0.0
        used = 1.6 if 7 <= of_day < 19 else 0.4
        yield temperature_c, sun, used


def simulate(values, hours):
    """Return the power of a zone in every hour; heating is positive, cooling negative."""
    zone = dict(zip(COLUMNS, values, strict=True))
    model = Zone(
        window_area=zone["window_area_m2"], walls_area=zone["wall_area_m2"],
        floor_area=zone["floor_area_m2"], room_vol=zone["volume_m3"],
        total_internal_area=zone["internal_area_m2"], u_walls=zone["u_wall_w_per_m2_k"],
        u_windows=zone["u_window_w_per_m2_k"], ach_vent=zone["air_use_per_h"],
        ach_infl=zone["air_infiltration_per_h"], ventilation_efficiency=zone["heat_recovery_share"],
        thermal_capacitance_per_floor_area=zone["heat_capacity_j_per_m2_k"],
        t_set_heating=zone["heating_set_c"], t_set_cooling=zone["cooling_set_c"],
        max_cooling_energy_per_floor_area=-zone["cooler_w_per_m2"],
        max_heating_energy_per_floor_area=zone["heater_w_per_m2"],
    )  # fmt: skip
    mass_c, power = FIRST_MASS_C, []
    for temperature_c, sun, used in hours:
        gain_w = zone["internal_gain_w_per_m2"] * zone["floor_area_m2"] * used
        model.solve_energy(gain_w, zone["aperture_m2"] * sun, temperature_c + zone["warmer_k"], mass_c)
        mass_c = model.t_m_next
        power.append(model.energy_demand)
    return power


def write(path, header, rows):
    """Write a compressed table whose bytes do not depend on the day."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with path.open("wb") as stream, gzip.GzipFile("", "wb", 9, stream, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def main(folder):
    """Write zones and hours into a folder."""
    hours = list(climate())
    powers = [simulate(values, hours) for values in ZONES]
    with (folder / "zones.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *ZONES])
    header = ("temperature_c", "sun_w_per_m2_plane", "gain_ratio", *(f"{one[0]}_w" for one in ZONES))
    answers = zip(*powers, strict=True)
    rows = (
        [*hour, *(f"{power:.8g}" if abs(power) < 10 else f"{power:.7f}" for power in answer)]
        for hour, answer in zip(hours, answers, strict=True)
    )
    write(folder / "hours.csv.gz", header, rows)
    for values, power in zip(ZONES, powers, strict=True):
        heat, cold = sum(p for p in power if p > 0), -sum(p for p in power if p < 0)
        print(f"{values[0]:15} heat {heat / 1000:10.1f} kWh  cold {cold / 1000:10.1f} kWh")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
