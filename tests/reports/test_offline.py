import base64
import hashlib
import re

import folium
import pytest
from branca.element import JavascriptLink

from reports.offline import (
    LEAFLET,
    PageError,
    data_element,
    read_style,
    render_page,
    safe_json,
    script_element,
    with_policy,
)


def plain_map():
    shell = folium.Map([60.17, 24.94], tiles=None)
    folium.LayerControl().add_to(shell)
    return shell


def test_leaflet_is_what_its_publisher_released():
    sums = dict(reversed(line.split("  ")) for line in (LEAFLET / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(LEAFLET).as_posix() for path in LEAFLET.rglob("*") if path.is_file()}
    assert files - {"SHA256SUMS", "README.md"} == set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((LEAFLET / name).read_bytes()).hexdigest() == expected, name
    # the script's own digest as published in the package leaflet 1.9.4
    assert sums["leaflet.js"].startswith("db49d009c841f5ca")
    assert "BSD 2-Clause" in (LEAFLET / "LICENSE").read_text()


def test_a_folium_page_asks_for_nothing():
    page = render_page(plain_map(), title="Town")
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page)
    assert "sourceMappingURL" not in page
    assert "cdn." not in page
    assert "fonts." not in page


def test_an_unknown_link_is_refused_by_name():
    shell = plain_map()
    shell.default_js = [*shell.default_js, ("tracker", "https://example.org/tracker.js")]
    with pytest.raises(PageError, match=r"example\.org/tracker\.js"):
        render_page(shell, title="Town")
    shell = plain_map()
    shell.add_child(folium.Html('<img src="https://example.org/x.png">', script=True))
    figure = folium.Figure()
    figure.header.add_child(JavascriptLink("https://example.org/y.js"), name="y")
    with pytest.raises(PageError, match=r"another file"):
        with_policy('<html><script src="https://example.org/y.js"></script></html>')


def test_the_policy_names_every_script_and_style_by_its_hash():
    page = render_page(plain_map(), title="Town")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        texts = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        assert texts
        for text in texts:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_equal_maps_give_equal_bytes():
    assert render_page(plain_map(), title="Town") == render_page(plain_map(), title="Town")


def test_people_may_enlarge_the_page():
    page = render_page(plain_map(), title="Town")
    assert "user-scalable" not in page
    assert "maximum-scale" not in page
    assert page.count('name="viewport"') == 1


def test_a_title_is_text():
    page = render_page(plain_map(), title="</title><script>alert(1)</script>")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("code", ["x='</script>'", "x='</SCRIPT'", "x='<!--'"])
def test_a_script_that_would_end_itself_is_refused(code):
    with pytest.raises(PageError, match="end itself"):
        script_element(code)


def test_a_style_that_points_outside_is_refused(tmp_path):
    sheet = tmp_path / "a.css"
    sheet.write_text("a { background: url(https://example.org/a.png) }")
    with pytest.raises(PageError, match="not carried"):
        read_style(sheet)


def test_data_blocks_hold_no_markup():
    with pytest.raises(PageError, match="holds '<'"):
        data_element("x", "</script>")
    assert "<" not in safe_json({"a": "</script><!--", "b": ["\u2028&"]})
    with pytest.raises(ValueError, match="not JSON compliant"):
        safe_json(float("nan"))


@pytest.mark.parametrize("character", ["\r", "\0"])
def test_characters_that_browsers_change_are_refused(character):
    with pytest.raises(PageError, match="browsers change"):
        with_policy(f"<p>{character}</p>")
