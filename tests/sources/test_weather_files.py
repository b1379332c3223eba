"""Weather that people bring along: EPW, typical years and hourly series of PVGIS."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from layers.core.errors import InputProblem
from layers.core.weather import MONTH_OF_HOUR
from layers.physics.irradiance import plane_tables
from layers.physics.sun import hour_centres, sun_position_deg
from layers.physics.weather import monthly_irradiation_kwh_per_m2_land
from layers.sources.weather_files import WeatherFileParams, read_weather
from tests.solar_cases import GOLDEN, northern_weather, pvgis_year


def epw_text(weather, zone_h=2, start_year=2010, rows=None):
    """Return our year as an EPW file would hold it: local hours 1 to 24."""
    head = [
        f"LOCATION,Test town,-,FIN,TMYx,029740,{weather.latitude_deg},{weather.longitude_deg},{zone_h},50",
        *(f"{word},0" for word in ("DESIGN CONDITIONS", "TYPICAL/EXTREME PERIODS", "GROUND TEMPERATURES")),
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,none", "COMMENTS 2,none",
        "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
    ]  # fmt: skip
    local = {
        name: np.roll(getattr(weather, name), zone_h)
        for name in ("temperature_c", "ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2", "wind_m_per_s")
    }
    times = hour_centres()
    lines = []
    for i, time in enumerate(times):
        values = [start_year, time.month, time.day, time.hour + 1, 60, "flags"]
        values += [f"{local['temperature_c'][i]:.1f}", 0, 80, 101325, 0, 0, 300]
        values += [f"{local[f'{name}_w_per_m2'][i]:.1f}" for name in ("ghi", "dni", "dhi")]
        values += [0, 0, 0, 0, 180, f"{local['wind_m_per_s'][i]:.1f}", *[0] * 13]
        lines.append(",".join(map(str, values)))
    return "\n".join(head + (lines if rows is None else rows(lines))) + "\n"


@pytest.fixture(scope="module")
def northern_epw():
    return epw_text(northern_weather())


@pytest.fixture
def write(tmp_path):
    def put(text, name="weather.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return put


def series_text(weather, years=(2018,), components=True, tilt=0.0, minute=30, factor=None):
    """Return our year as an hourly series of PVGIS of one or more years."""
    head = [
        f"Latitude (decimal degrees):\t{weather.latitude_deg}",
        f"Longitude (decimal degrees):\t{weather.longitude_deg}", "Elevation (m):\t50",
        "Radiation database:\tPVGIS-SARAH3", "", "", f"Slope: {tilt} deg.", "Azimuth: 0 deg.",
    ]  # fmt: skip
    zenith, _ = sun_position_deg(hour_centres(), weather.latitude_deg, weather.longitude_deg)
    beam = weather.dni_w_per_m2 * np.cos(np.radians(zenith)).clip(0.0)
    lines = ["time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int" if components else "time,G(i),H_sun,T2m,WS10m,Int"]
    for year in years:
        times = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
        ratio = 1.0 if factor is None else factor[year]
        source = np.array([0 if t.month == 2 and t.day == 29 else 1 for t in times])
        place = np.cumsum(source) - 1
        for time, i in zip(times, np.clip(place, 0, 8759), strict=True):
            light = (
                f"{beam[i] * ratio:.2f},{(weather.ghi_w_per_m2[i] - beam[i]) * ratio:.2f},0.0"
                if components else f"{weather.ghi_w_per_m2[i] * ratio:.2f}"
            )  # fmt: skip
            stamp = time.strftime("%Y%m%d:%H") + f"{minute:02d}"
            lines.append(
                f"{stamp},{light},0.0,{weather.temperature_c[i]:.2f},{weather.wind_m_per_s[i]:.2f},0.0"
            )
    return "\n".join([*head, *lines, "", "T2m: 2-m air temperature (degree Celsius)", ""])


def test_an_epw_file_gives_the_same_hours_in_utc(write, northern_epw):
    year = read_weather(write(northern_epw, "town.EPW"))
    assert year.weather.ghi_w_per_m2 == pytest.approx(northern_weather().ghi_w_per_m2, abs=0.06)
    assert year.weather.temperature_c == pytest.approx(northern_weather().temperature_c, abs=0.06)
    assert abs(year.weather.sun_offset_h) <= 0.05
    assert "Test town" in year.weather.origin and year.years == "2010-2010"


@pytest.mark.parametrize("zone_h", [-1, 0, 5])
def test_the_time_zone_of_an_epw_file_is_taken_from_its_head(write, zone_h):
    year = read_weather(write(epw_text(northern_weather(), zone_h)))
    assert year.weather.ghi_w_per_m2 == pytest.approx(northern_weather().ghi_w_per_m2, abs=0.06)


def test_an_epw_file_with_a_false_time_zone_is_refused_with_the_shift(write, northern_epw):
    text = northern_epw.replace(",2,50\n", ",-3,50\n", 1)
    with pytest.raises(InputProblem, match=r"5.0 hours .* time zone is wrong"):
        read_weather(write(text))


def test_hours_that_end_at_their_stamp_are_recognised_from_the_sun(write):
    # a file whose hours stand half an hour late
    late = northern_weather()
    zenith, _ = sun_position_deg(hour_centres() + pd.Timedelta("30min"), 60.2, 24.9)
    beam = late.dni_w_per_m2 * np.cos(np.radians(zenith)).clip(0.0)
    moved = dataclasses.replace(late, ghi_w_per_m2=late.dhi_w_per_m2 + beam)
    assert read_weather(write(epw_text(moved))).weather.sun_offset_h == pytest.approx(0.5, abs=0.051)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "cut short"),
        (lambda text: text.replace(",24.9,2,50", ",east,2,50"), "does not name its longitude"),
        (lambda text: text.replace("DATA PERIODS", "PERIODS"), "no line DATA PERIODS"),
        (lambda text: text.replace(",60.2,24.9", ",-33.9,24.9"), "33.9° south"),
        (lambda text: text.replace(",60.2,24.9", ",160.2,24.9"), "no place on earth"),
        (lambda text: "\n".join(line[:25] for line in text.splitlines()), "does not name|columns"),
        (lambda text: text.replace(",300,", ",300,9999", 400), "global irradiance"),
        (lambda text: text.replace("flags,", "flags,88", 50), "temperature lies outside|damaged"),
    ],
)
def test_a_damaged_epw_file_is_one_sentence(write, northern_epw, change, words):
    with pytest.raises(InputProblem, match=words) as caught:
        read_weather(write(change(northern_epw)))
    assert "weather.txt" in str(caught.value)


def test_a_leap_day_of_an_epw_file_is_left_out(write):
    def with_leap_day(lines):
        day = [line.replace(",2,28,", ",2,29,") for line in lines[58 * 24 : 59 * 24]]
        return lines[: 59 * 24] + day + lines[59 * 24 :]

    year = read_weather(write(epw_text(northern_weather(), rows=with_leap_day)))
    assert year.weather.ghi_w_per_m2 == pytest.approx(northern_weather().ghi_w_per_m2, abs=0.06)


def test_a_leap_year_without_dates_is_refused_with_the_cure(write):
    text = epw_text(northern_weather(), rows=lambda lines: lines + lines[:24])
    with pytest.raises(InputProblem, match=r"8,784 hours.*delete 29 February"):
        read_weather(write(text))


def test_a_horizontal_series_with_components_gives_its_light_back(write):
    year = read_weather(write(series_text(northern_weather())))
    months = monthly_irradiation_kwh_per_m2_land(northern_weather())
    assert monthly_irradiation_kwh_per_m2_land(year.weather) == pytest.approx(months, rel=1e-4, abs=1e-3)
    assert year.weather.sun_offset_h == 0.0
    flat = plane_tables(year.weather).irradiation_kwh_per_m2_plane[0, 0].sum()
    assert flat == pytest.approx(months.sum(), rel=0.002)


def test_the_minute_of_the_stamp_is_where_the_sun_is_placed(write):
    year = read_weather(write(series_text(northern_weather(), minute=10)))
    assert year.weather.sun_offset_h == pytest.approx(10 / 60 - 0.5)


def test_a_leap_year_of_a_series_loses_its_29_february(write):
    year = read_weather(write(series_text(northern_weather(), years=(2020,))))
    assert year.weather.ghi_w_per_m2 == pytest.approx(northern_weather().ghi_w_per_m2, abs=0.02)


def test_several_years_become_one_whose_months_have_their_mean(write):
    factor = {2018: 0.8, 2019: 1.0, 2020: 1.3}
    year = read_weather(write(series_text(northern_weather(), (2018, 2019, 2020), factor=factor)))
    months = monthly_irradiation_kwh_per_m2_land(northern_weather())
    # (0.8 + 1.0 + 1.3) / 3
    assert monthly_irradiation_kwh_per_m2_land(year.weather) == pytest.approx(months * 3.1 / 3, rel=1e-3)
    assert year.years == "2018-2020"
    assert "most typical year" in year.weather.origin


def test_one_year_is_known_less_well_than_three(write):
    one = read_weather(write(series_text(northern_weather(), (2018,)))).weather.irradiation_error_share
    three = read_weather(write(series_text(northern_weather(), (2017, 2018, 2019)))).weather
    assert WeatherFileParams().typical_year.irradiation_error_share < three.irradiation_error_share < one


def test_a_series_without_components_gets_its_beam_from_the_light(write):
    year = read_weather(write(series_text(northern_weather(), components=False)))
    share = year.weather.dhi_w_per_m2.sum() / year.weather.ghi_w_per_m2.sum()
    assert share == pytest.approx(
        northern_weather().dhi_w_per_m2.sum() / northern_weather().ghi_w_per_m2.sum(), abs=0.03
    )


def test_the_published_series_of_a_tilted_plane_gives_its_plane_back(write):
    table = pd.read_csv(GOLDEN / "pvgis_lyon_2019.csv.gz", dtype=str)
    head = [
        "Latitude (decimal degrees):\t45.752", "Longitude (decimal degrees):\t4.949", "Elevation (m):\t195",
        "Slope: 37 deg. (optimum)", "Azimuth: -2 deg. (optimum)", "Nominal power (kWp):\t1.0",
        "System losses (%):\t14.0",
    ]  # fmt: skip
    rows = table[["time", "P", "G(i)", "T2m", "WS10m"]].to_csv(index=False)
    weather = read_weather(write("\n".join(head) + "\n" + rows)).weather
    tables = plane_tables(weather, sun_offset_h=weather.sun_offset_h)
    tilted = tables.irradiation_kwh_per_m2_plane[3:5, 18].sum(axis=-1)
    published = table["G(i)"].astype(float).sum() / 1000.0
    # 37° lies between the table's 30° and 40°
    assert tilted @ [0.3, 0.7] == pytest.approx(published, rel=0.01)
    assert "tilted 37°" in weather.origin
    # horizontal light of Lyon, as PVGIS maps show it for 2019
    assert 1350 < weather.ghi_w_per_m2.sum() / 1000 < 1550


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "no year of it is whole"),
        (lambda text: text.replace("T2m,", "X,", 1), "lacks the column T2m"),
        (lambda text: text.replace("Slope", "Steepness"), "does not name its slope"),
        (lambda text: text.replace("time,", "hour,", 1), "damaged|not|lacks"),
        (lambda text: text.replace(",0.0,-", ",0.0,-9"), "temperature lies outside"),
    ],
)
def test_a_damaged_series_is_one_sentence(write, change, words):
    with pytest.raises(InputProblem, match=words):
        read_weather(write(change(series_text(northern_weather()))))


def test_other_files_are_named(write):
    with pytest.raises(InputProblem, match=r"as JSON.*outputformat=csv"):
        read_weather(write('{"inputs": {"location": {}}, "meta": "PVGIS"}'))
    with pytest.raises(InputProblem, match="PVWatts"):
        read_weather(write("PVWatts: Hourly PV Performance Data,,\n"))
    with pytest.raises(InputProblem, match="web page"):
        read_weather(write("<!doctype html>not found"))


def test_irradiances_in_another_unit_are_refused(write):
    year = pvgis_year()
    small = dataclasses.replace(
        year, ghi_w_per_m2=year.ghi_w_per_m2 / 1000, dni_w_per_m2=year.dni_w_per_m2 / 1000,
        dhi_w_per_m2=year.dhi_w_per_m2 / 1000,
    )  # fmt: skip
    with pytest.raises(InputProblem, match=r"kWh/m² of light.*W/m²"):
        read_weather(write(epw_text(small, 1)))


def test_columns_out_of_order_are_noticed(write):
    year = northern_weather()
    mixed = dataclasses.replace(year, dni_w_per_m2=year.dhi_w_per_m2, dhi_w_per_m2=year.dni_w_per_m2)
    with pytest.raises(InputProblem, match=r"disagree by .* columns in order"):
        read_weather(write(epw_text(mixed)))


def test_months_of_a_series_are_those_of_the_calendar(write):
    weather = read_weather(write(series_text(northern_weather()))).weather
    june = weather.ghi_w_per_m2[MONTH_OF_HOUR == 5].sum()
    assert june > weather.ghi_w_per_m2[MONTH_OF_HOUR == 11].sum() * 10
