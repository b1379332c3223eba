"""The data-quality page in a browser without a network."""

from dataclasses import replace

import pandas as pd
import pytest

from reports.quality import write_quality
from tests.reports.sample_assessment import make_assessment
from tests.reports.test_quality import QUALITY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("quality") / "quality.html"
    write_quality(replace(make_assessment(), quality=QUALITY), path)
    return path


def test_the_page_opens_without_asking_or_running_anything(visit, page):
    shown = visit(page)
    assert "Testville <b>centre</b>: use is known" in shown.page.inner_text("h1")
    assert shown.page.locator(".origin-map svg").bounding_box()["height"] > 100
    assert shown.run("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_page_fits_a_phone_and_leads_back(visit, page):
    shown = visit(page, viewport={"width": 390, "height": 844})
    assert shown.run("() => document.documentElement.scrollWidth") == 390
    assert shown.page.get_attribute(".back a", "href") == "summary.html"


def test_a_city_of_many_districts_keeps_the_others_at_hand(visit, tmp_path):
    many = make_assessment()
    districts = pd.concat([many.districts] * 12)
    districts.index = pd.Index([f"d{number:03d}" for number in range(36)], name="district_id")
    buildings = many.buildings.assign(
        district_id=[districts.index[number % 36] for number in range(len(many.buildings))]
    )
    path = tmp_path / "quality.html"
    write_quality(replace(many, districts=districts, buildings=buildings, quality=QUALITY), path)
    shown = visit(path)
    assert "12 more districts" in shown.page.inner_text("main")
    shown.page.click("details summary")
    assert shown.page.locator("tbody th[dir=auto]:visible").count() == 36
