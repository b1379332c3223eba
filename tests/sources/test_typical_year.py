"""Typical years as PVGIS writes them."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from layers.core.errors import InputProblem
from layers.sources.typical_year import TypicalYearParams, read_typical_year

GOLDEN = Path(__file__).parents[1] / "golden" / "solar" / "pvgis_tmy_45N_8E.csv.gz"


@pytest.fixture
def published(tmp_path):
    """The published hours in the frame that PVGIS puts around them."""
    _, *rows = gzip.decompress(GOLDEN.read_bytes()).decode().split()
    lines = [
        "Latitude (decimal degrees): 45.000", "Longitude (decimal degrees): 8.000", "Elevation (m): 250.0",
        "Irradiance Time Offset (h): 0.1761", "month,year",
        *(f"{int(row[4:6])},{row[:4]}" for row in rows[100::730]),
        "time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP",
        *(
            f"{time},{warm},90.0,{ghi},{dni},{dhi},300.0,{wind},200.0,99000.0"
            for time, warm, ghi, dni, dhi, wind in (row.split(",") for row in rows)
        ),
        "", "PVGIS (c) European Union, 2001-2025", "",
    ]  # fmt: skip
    path = tmp_path / "tmy.csv"
    path.write_bytes("\r\n".join(lines).encode())
    return path


def test_a_published_year_is_read_as_it_stands(published):
    year = read_typical_year(published)
    weather = year.weather
    assert (weather.latitude_deg, weather.longitude_deg) == (45.0, 8.0)
    assert year.years == "2006-2020"
    assert len(weather.ghi_w_per_m2) == 8760
    assert weather.temperature_c[0] == 2.04
    assert weather.ghi_w_per_m2[9] == 149.0
    assert weather.dni_w_per_m2[9] == 125.3
    assert weather.wind_m_per_s[1] == 0.78
    assert weather.dni_w_per_m2.min() == 0.0
    assert "45.00° N 8.00° E" in weather.origin


def test_the_satellites_minute_is_found_in_the_data(published):
    # the file's head says 0.1761 h after the full hour, that is 0.32 h before the hour's middle
    assert read_typical_year(published).weather.sun_offset_h == pytest.approx(-0.32, abs=0.05)


def test_with_the_satellites_minute_beam_and_diffuse_add_up_to_global(published):
    from layers.physics.sun import hour_centres, sun_position_deg

    weather = read_typical_year(published).weather

    def gap(offset_h):
        times = hour_centres() + np.timedelta64(round(offset_h * 3600), "s")
        height = np.cos(np.radians(sun_position_deg(times, 45.0, 8.0)[0])).clip(0.0)
        return np.abs(weather.ghi_w_per_m2 - weather.dhi_w_per_m2 - weather.dni_w_per_m2 * height).mean()

    assert gap(weather.sun_offset_h) < 0.2 * gap(0.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[:100_000], "damaged or cut short"),
        (lambda text: text.replace(b",149.0,", b",abc,"), "damaged or cut short"),
        (lambda text: text.replace(b",149.0,", b",nan,"), "global irradiance lies outside"),
        (lambda text: text.replace(b",2.04,", b",204,"), "temperature lies outside"),
        (lambda text: text.replace(b"G(h),", b"X,"), "lacks ghi"),
        (lambda text: text.replace(b"45.000", b"north"), "damaged|does not say"),
        (lambda text: text.replace(b"45.000", b"145.00"), "no place on earth"),
        (lambda text: b"PK\x03\x04" + text, "ZIP archive"),
        (lambda text: b"", "empty"),
    ],
)
def test_a_damaged_year_is_one_sentence(published, change, words):
    published.write_bytes(change(published.read_bytes()))
    with pytest.raises(InputProblem, match=words) as caught:
        read_typical_year(published)
    assert "tmy.csv" in str(caught.value)


def test_its_months_must_stand_in_order(published):
    lines = published.read_bytes().split(b"\n")
    first = next(number for number, line in enumerate(lines) if line.startswith(b"2018010")) - 1
    lines[first + 1 : first + 8761] = lines[first + 8760 : first : -1]
    published.write_bytes(b"\n".join(lines))
    with pytest.raises(InputProblem, match="out of order"):
        read_typical_year(published)


@pytest.mark.parametrize("wrong", [{"irradiation_error_share": -0.1}, {"temperature_error_k": 9.0}])
def test_settings_stay_in_their_range(wrong):
    with pytest.raises(ValueError, match="must lie between"):
        TypicalYearParams(**wrong)
