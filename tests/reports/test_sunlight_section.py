"""The summary's section on energy from the sun."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from reports.sections import sunlight
from reports.words import read_words
from tests.reports.sample_assessment import make_assessment
from tests.reports.words_for_people import method_words_in

WORDS = read_words()


def tables():
    months = pd.DataFrame(
        {
            "district_id": ["d01"] * 12 + ["city"] * 12,
            "month_count": [*range(1, 13), *range(1, 13)],
            "pv_calibrated_mwh": [10.0] * 12 + [1000.0 * month for month in range(1, 13)],
        }
    )
    ranges = pd.DataFrame(
        {
            "district_id": "city",
            "cause": ["weather", "roof", "area", "all"],
            "p10_ratio": [0.94, 0.99, 0.66, 0.63],
            "p90_ratio": [1.06, 1.01, 1.24, 1.25],
            "variance_share": [0.05, 0.01, 0.94, 1.0],
        }
    )
    sizes = pd.DataFrame(
        {
            "size": ["up to 10 kWp", "above 100 kWp"], "roof_count": [40, 2],
            "pv_calibrated_kwp": [200.0, 400.0], "pv_calibrated_mwh": [180.0, 360.0],
            "pv_lcoe_eur_per_kwh": [0.14, 0.09], "pv_economic_mwh": [0.0, 360.0],
        }
    )  # fmt: skip
    costs = pd.DataFrame(
        {
            "pv_lcoe_from_eur_per_kwh": [0.08 + 0.01 * step for step in range(14)],
            "pv_calibrated_mwh": [2000.0] * 14,
            "pv_economic_mwh": [2000.0] * 4 + [1000.0] + [0.0] * 9,
        }
    )
    prices = pd.DataFrame(
        {
            "parameter": ["price of electricity, households"], "found": [0.2254], "unit": ["EUR/kWh"],
            "period": ["2025-S2"], "source": ["Eurostat <b>nrg</b>"], "note": [""],
        }
    )  # fmt: skip
    heat = pd.DataFrame(
        {
            "district_id": ["d01", "city"], "roof_heat_mwh": [500.0, 900.0], "hot_water_share": [0.4, 0.45],
            "roof_electricity_lost_mwh": [200.0, 380.0], "field_land_ha": [12.0, 12.0],
            "field_used_mwh": [300.0, 300.0], "field_heat_share": [0.05, 0.03],
        }
    )  # fmt: skip
    return {
        "solar_monthly": months, "solar_ranges": ranges, "solar_sizes": sizes, "solar_costs": costs,
        "solar_prices": prices, "solar_thermal": heat,
    }  # fmt: skip


@pytest.fixture
def assessment():
    made = make_assessment()
    totals = {
        **made.totals, "pv_technical_mwh": 90_000.0, "pv_calibrated_mwh": 60_000.0,
        "pv_calibrated_p10_mwh": 40_000.0, "pv_calibrated_p90_mwh": 75_000.0, "pv_economic_mwh": 30_000.0,
        "pv_economic_p10_mwh": 5_000.0, "pv_economic_p90_mwh": 60_000.0, "pv_technical_kwp": 95_000.0,
        "pv_calibrated_kwp": 63_000.0, "pv_economic_kwp": 31_000.0,
    }  # fmt: skip
    return replace(made, totals=totals, tables=tables())


def body(assessment):
    section = sunlight.make(assessment, WORDS)
    assert section is not None and section.name == "sunlight"
    return section.body


def test_technical_expected_and_economic_potential_stand_side_by_side_with_ranges(assessment):
    page = re.sub(r"[\u2009\u00a0\u202f]", " ", body(assessment))
    for text in ("90 GWh", "60 GWh", "30 GWh", "between 40 and 75 GWh", "between 5 and 60 GWh"):
        assert text in page


def test_every_month_has_a_bar_of_its_length(assessment):
    page = body(assessment)
    assert all(WORDS.say(f"sol_month_{month}") in page for month in range(1, 13))
    # December has twelve of the twelve that the scale ends with
    months = page.split(WORDS.say("sol_causes"))[0]
    widths = [float(width) for width in re.findall(r'class="bar" x="0" y="\d+" width="([\d.]+)"', months)]
    assert len(widths) == 12
    assert widths[11] == pytest.approx(12 * widths[0], rel=1e-3)


def test_dear_electricity_is_gathered_in_one_row_and_nothing_is_lost(assessment):
    page = body(assessment)
    assert "from 18 ct" in page
    assert "8 to 9 ct" in page
    # four rows of 2 GWh above the tenth make the longest bar
    assert re.search(r"<li>8</li>", page)


def test_prices_show_year_and_source_and_escape_texts(assessment):
    page = body(assessment)
    assert "2025-S2" in page
    assert "Eurostat &lt;b&gt;" in page or "Eurostat nrg" in page
    assert "<b>nrg" not in page


def test_the_page_speaks_plainly(assessment):
    assert method_words_in(body(assessment)) == []


def test_a_run_without_these_tables_or_without_sun_has_no_section(assessment):
    assert sunlight.make(replace(assessment, tables={}), WORDS) is None
    dark = replace(assessment, totals={**assessment.totals, "pv_calibrated_mwh": 0.0})
    assert sunlight.make(dark, WORDS) is None
