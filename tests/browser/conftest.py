"""A browser without a network, and pages of a made-up city."""

import os
import shutil
from dataclasses import dataclass, field

import pytest

from reports.map import write_map
from reports.quality import write_quality
from reports.summary import write_summary
from tests.reports.sample_assessment import make_assessment

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find_browser():
    """Return the path of a Chromium, or None."""
    named = os.environ.get("PLANNER_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    if path is None:
        reason = "no Chromium on this machine: install one or set PLANNER_CHROMIUM to its path"
        if os.environ.get("PLANNER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason + " (PLANNER_REQUIRE_BROWSER is 1)")
        pytest.skip(reason)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The pages of the made-up city as files."""
    place = tmp_path_factory.mktemp("pages")
    assessment = make_assessment()
    write_map(assessment, place / "map.html")
    write_map(assessment, place / "map-public.html", public=True)
    write_summary(assessment, place / "summary.html")
    write_quality(assessment, place / "quality.html")
    return place


@dataclass
class Visit:
    """A page, and everything that it should not have done."""

    page: object
    requests: list = field(default_factory=list)
    messages: list = field(default_factory=list)

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def draw(self):
        """Draw every waiting tile now."""
        self.run("() => planner.drawAll()")

    def pixel(self, lat, lon):
        """Return the colour on the screen at a place, as red, green, blue."""
        self.draw()
        x, y = self.run(
            """([lat, lon]) => {
                const at = planner.map.latLngToContainerPoint([lat, lon]);
                const box = planner.map.getContainer().getBoundingClientRect();
                return [box.x + at.x, box.y + at.y];
            }""",
            [lat, lon],
        )
        png = self.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
        return self.run(
            """async (bytes) => {
                const blob = new Blob([new Uint8Array(bytes)], { type: "image/png" });
                const bitmap = await createImageBitmap(blob);
                const canvas = new OffscreenCanvas(1, 1);
                canvas.getContext("2d").drawImage(bitmap, 0, 0);
                return [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data.slice(0, 3)];
            }""",
            list(png),
        )


@pytest.fixture
def visit(browser):
    """Open a file of the folder with the network off; nothing may be asked for, reported or run."""
    contexts, visits = [], []

    def open_page(path, **options):
        context = browser.new_context(
            **{"offline": True, "viewport": {"width": 1280, "height": 860}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page)
        visits.append(seen)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.messages.append(f"error: {error}"))
        page.add_init_script(
            "window.policyReports = [];"
            "document.addEventListener('securitypolicyviolation',"
            " (event) => policyReports.push(event.violatedDirective));"
        )
        page.goto(path.as_uri())
        if "map" in path.name:
            page.evaluate("() => planner.ready.then(() => planner.drawAll())")
        return seen

    yield open_page
    for seen in visits:
        assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert len([url for url in seen.requests if url.startswith("file:")]) == 1
        assert seen.messages == []
        assert seen.run("() => [window.attacked ?? null, window.policyReports]") == [None, []]
    for context in contexts:
        context.close()
