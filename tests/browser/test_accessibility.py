"""The pages against the rules of WCAG 2.2, levels A and AA, as far as a program can look for them.

axe-core 4.10.3 (MPL-2.0, `axe/`, unchanged) runs inside the page; it is no part of the program. What no
program can judge, the order of focus and words that make sense, is held by the tests of the map.
"""

import hashlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async (rules) => {
    const found = await axe.run(document, { runOnly: rules });
    return [found.passes.length, found.violations.flatMap((rule) =>
        rule.nodes.map((node) => rule.id + ": " + node.target.join(" ") + ": " + node.failureSummary))];
}"""


def violations(seen):
    """Return what breaks a rule, with its place in the page."""
    seen.run(AXE.read_text(encoding="utf-8") + "; 0")
    passed_count, found = seen.run(RUN, RULES)
    assert passed_count > 10
    return found


def test_the_checker_is_the_published_one():
    assert (
        hashlib.sha256(AXE.read_bytes()).hexdigest()
        == "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
    )


@pytest.mark.parametrize("name", ["map.html", "map-public.html"])
def test_the_map_its_themes_and_its_cards_break_no_rule(visit, folder, name):
    seen = visit(folder / name)
    assert violations(seen) == []
    for theme in ("street_heat", "network", "lighthouse"):
        seen.run("(id) => planner.setTheme(id)", theme)
        assert violations(seen) == [], theme
    for card in ("'districts', planner.page.districts[0].id", "'buildings', 3", "'streets', 5", "'cells', 5"):
        seen.run(f"() => planner.select({card})")
        assert violations(seen) == [], card


@pytest.mark.parametrize("name", ["map.html", "summary.html", "quality.html"])
def test_a_page_breaks_no_rule_on_a_phone(visit, folder, name):
    assert violations(visit(folder / name, viewport={"width": 390, "height": 844})) == []


@pytest.mark.parametrize("name", ["summary.html", "quality.html"])
def test_a_page_breaks_no_rule_with_its_lists_open(visit, folder, name):
    seen = visit(folder / name)
    seen.run("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert violations(seen) == []


def test_a_field_without_a_name_and_pale_text_would_be_found(visit, folder):
    seen = visit(folder / "map.html")
    seen.run(
        """() => {
            document.querySelector("label[for=search]").remove();
            document.getElementById("search").removeAttribute("placeholder");
            document.getElementById("finding").style.color = "#bbbbbb";
        }"""
    )
    rules = {text.split(":")[0] for text in violations(seen)}
    assert {"label", "color-contrast"} <= rules
