import base64
import json
import re

import numpy as np
import pytest

from layers.core.crs import transform_points
from reports.city_themes import make_themes
from reports.container import encode_layer, pack
from reports.palettes import to_rgb
from reports.words import THIN_SPACE, figure, read_words
from tests.reports.container_reader import read_container, unpack
from tests.reports.sample_assessment import (
    COURTYARD,
    CRS,
    HOSTILE,
    OFFICE,
    SHED,
    SPACING_M,
    courtyard_middle,
    make_assessment,
)
from tests.reports.words_for_people import method_words_in

pytestmark = pytest.mark.browser

FIND = """(id) => {
    const layer = planner.data.buildings;
    for (let row = 0; row < layer.count; row += 1) if (layer.get("id", row) === id) return row;
    return -1;
}"""


def place(x, y):
    lon, lat = transform_points(np.array([[x, y]]), CRS, "EPSG:4326")[0]
    return float(lat), float(lon)


def middle(building_id):
    point = make_assessment().buildings.geometry[building_id].representative_point()
    return place(point.x, point.y)


def class_colour(theme_id, building_id):
    city = make_themes(make_assessment(), read_words())
    theme = next(each for each in city.themes if each.id == theme_id)
    values = city.table(theme.table)[theme.column]
    code = int(theme.classify(values.loc[[building_id]])[0])
    return (to_rgb([[*theme.classes, theme.missing][code].colour])[0] * 255).round().tolist()


def near(found, expected, most=3):
    return max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= most


@pytest.fixture
def shown(visit, folder):
    return visit(folder / "map.html")


def test_the_page_shows_its_finding_and_asks_for_nothing(shown):
    assert "Half of the heated buildings need more than" in shown.page.inner_text("h1")
    assert shown.page.title().startswith("Testville <b>centre</b>")


def test_a_known_buildings_card_shows_its_number_its_unit_and_its_range(shown):
    lat, lon = middle(OFFICE)
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 17, { animate: false })", [lat, lon])
    box = shown.page.locator(".folium-map").bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = shown.page.inner_text("#card")
    assert "City hall" in card
    assert "412 MWh per year" in re.sub(r"\s+", " ", card)
    assert f"likely between 330 and 515{THIN_SPACE}MWh (8 in 10)" in card
    assert f"206{THIN_SPACE}kWh/m² per year" in card
    assert "from the map data" in card
    assert OFFICE in card


def test_a_known_buildings_pixel_has_the_colour_of_its_class_and_changes_with_the_theme(shown):
    lat, lon = middle(OFFICE)
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 16, { animate: false })", [lat, lon])
    shown.run("() => planner.map.removeLayer(planner.canvas.labels)")
    colours = {}
    for theme_id in ("heat", "building_heat", "solar", "knowledge"):
        shown.page.check(f"#theme-{theme_id}")
        colours[theme_id] = shown.pixel(lat, lon)
        assert near(colours[theme_id], class_colour(theme_id, OFFICE)), theme_id
    assert len({tuple(colour) for colour in colours.values()}) >= 3


def test_nearly_all_buildings_are_coloured_at_their_middle(shown):
    shown.run(
        "() => ['labels', 'districts'].forEach((name) => { planner.map.removeLayer(planner.canvas[name]); })"
    )
    shown.run("() => planner.map.setZoom(17, { animate: false })")
    names = make_assessment().buildings.index[:80:4]
    for name in names:
        lat, lon = middle(name)
        shown.run("([lat, lon]) => planner.map.setView([lat, lon], 17, { animate: false })", [lat, lon])
        assert near(shown.pixel(lat, lon), class_colour("heat", name)), name


def test_a_courtyard_is_open_and_belongs_to_no_building(shown):
    point = courtyard_middle()
    lat, lon = place(point.x, point.y)
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 18, { animate: false })", [lat, lon])
    shown.run("() => planner.map.removeLayer(planner.canvas.labels)")
    assert near(shown.pixel(lat, lon), [0xF4, 0xF1, 0xEA])  # the ground
    inside = (
        "([lat, lon]) => planner.data.buildings.find(...planner.data.buildings.place(L.latLng(lat, lon)), 0)"
    )
    assert shown.run(inside, [lat, lon]) == -1
    wall = place(point.x - 22.0, point.y)
    assert shown.run(inside, list(wall)) == shown.run(FIND, COURTYARD)


def test_the_browser_reads_the_same_container_as_the_second_reader(shown, folder):
    page = (folder / "map.html").read_text()
    for name in ("buildings", "streets", "districts", "cells", "areas", "lines"):
        text = re.search(rf'id="planner-{name}">([^<]*)<', page).group(1)
        head, features = read_container(unpack(text))
        found = shown.run(
            """(name) => {
                const layer = planner.data[name], rows = [];
                for (let row = 0; row < layer.count; row += 1) {
                    const record = { rings: layer.featureRing[row + 1] - layer.featureRing[row] };
                    const first = layer.ringStart[layer.featureRing[row]];
                    record.first = [layer.x[first] + layer.origin[0], layer.y[first] + layer.origin[1]];
                    for (const key in layer.columns) {
                        const value = layer.get(key, row);
                        record[key] = Number.isNaN(value) ? null : value;
                    }
                    rows.push(record);
                }
                return rows;
            }""",
            name,
        )
        assert len(found) == head["count"]
        for row, feature in zip(found, features, strict=True):
            rings = [ring for part in feature.pop("parts") for ring in part]
            assert row.pop("rings") == len(rings)
            assert tuple(row.pop("first")) == rings[0][0]
            assert row == feature


def test_an_old_browser_without_decompression_unpacks_the_same_bytes(shown):
    for content in (b"", b"a", bytes(range(256)) * 40, json.dumps(list(range(3_000))).encode()):
        packed = list(base64.b64decode(pack(content)))
        assert (
            bytes(shown.run("(bytes) => [...planner.gunzipSlowly(new Uint8Array(bytes))]", packed)) == content
        )
    table = make_assessment().buildings
    packed = base64.b64decode(pack(encode_layer(table, [], "polygon")))
    same = """async (bytes) => {
        const packed = new Uint8Array(bytes);
        const one = planner.gunzipSlowly(packed), other = await planner.gunzip(packed);
        return one.length === other.length && one.every((byte, at) => byte === other[at]);
    }"""
    assert shown.run(same, list(packed))


def test_a_damaged_file_says_so_in_a_sentence(browser, folder, tmp_path):
    page = (folder / "map.html").read_text()
    start = page.index('id="planner-buildings">') + 400
    broken = tmp_path / "broken.html"
    broken.write_text(page[:start] + "AAAA" + page[start + 4 :])
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.goto(broken.as_uri())
    opened.evaluate("() => planner.ready")
    assert "the file is damaged" in opened.inner_text("[role=alert]")
    context.close()


def test_numbers_read_the_same_in_both_languages_of_the_program(shown):
    numbers = [0.0, 0.5, 9.996, 12.25, 99.95, 100.5, 412_345.678, -5.0, 1e-4, 0.012345, 1_234_567.0, 9_994.0]
    assert shown.run("(list) => list.map(planner.figure)", numbers) == [figure(number) for number in numbers]


def test_switching_a_class_off_takes_its_colour_not_its_place(shown):
    shown.run("() => planner.map.removeLayer(planner.canvas.labels)")
    lat, lon = middle(OFFICE)
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 17, { animate: false })", [lat, lon])
    before = shown.pixel(lat, lon)
    row = shown.run(FIND, OFFICE)
    code = shown.run("(row) => planner.state.codes[row]", row)
    shown.page.uncheck(f"#class-{code}")
    after = shown.pixel(lat, lon)
    assert near(before, class_colour("heat", OFFICE))
    assert near(after, class_colour("heat", SHED))  # grey like a building that is not heated


def test_the_counts_of_the_legend_add_up_to_all_buildings(shown):
    counts = shown.run(
        "() => [...document.querySelectorAll('.class-count')].map((each) => Number(each.textContent))"
    )
    assert sum(counts) == len(make_assessment().buildings)


@pytest.mark.parametrize("theme_id", ["street_heat", "network", "cell_heat", "lighthouse"])
def test_every_theme_draws_its_own_table(shown, theme_id):
    shown.draw()
    before = shown.page.locator(".folium-map").screenshot()
    shown.page.check(f"#theme-{theme_id}")
    shown.draw()
    assert shown.page.locator(".folium-map").screenshot() != before
    box = shown.page.locator(".folium-map").bounding_box()
    lat, lon = place(385_000.0 + 60.0, 6_671_000.0 + SPACING_M - 8.0)
    x, y = shown.run(
        "([lat, lon]) => { const p = planner.map.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
        [lat, lon],
    )
    shown.page.mouse.click(box["x"] + x, box["y"] + y)
    kind = {"street_heat": "street", "cell_heat": "cell"}.get(theme_id, "district")
    assert shown.page.get_attribute("#card article", "data-kind") == kind


def test_search_finds_buildings_streets_districts_and_ids(shown):
    def hits(text):
        shown.page.fill("#search", text)
        return shown.page.locator("#results button span").all_inner_texts()

    assert hits("city hall") == ["City hall"]
    assert "Garden street 3" in hits("gárden STREET 3")
    assert "Garden street 3 5" in hits("garden street 3 5")
    assert hits("market q") == ["Market quarter"]
    assert hits("1000001") == [OFFICE]
    assert hits("<img") != []
    assert hits("no such place") == []
    assert "Nothing found" in shown.page.inner_text("#results")


def test_hostile_texts_are_read_as_texts_in_every_card(shown):
    buildings = shown.run("() => planner.data.buildings.count")
    for row in range(buildings):
        shown.run("(row) => planner.select('buildings', row)", row)
    texts = []
    for district in ("d01", "d02", "d03"):
        shown.run("(id) => planner.select('districts', id, { isFar: true })", district)
        texts.append(shown.page.inner_text("#card"))
    shown.run("() => { document.getElementById('sources').open = true; }")
    shown.run("() => planner.map.setZoom(18, { animate: false })")
    shown.draw()
    texts.append(shown.page.inner_text("#panel"))
    everything = " ".join(texts)
    assert HOSTILE["image"] in everything
    assert HOSTILE["script"] in everything
    assert shown.page.locator("#panel img, #card img, #panel script, #card script").count() == 0
    assert method_words_in(everything) == []


def test_the_keyboard_reaches_search_themes_districts_and_map(shown):
    reached = []
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        reached.append(
            shown.run("() => { const e = document.activeElement; return e.id || e.className || e.tagName; }")
        )
    assert reached[0] == "skip"
    assert "search" in reached
    assert "theme-heat" in reached
    assert "class-0" in reached
    assert any(name.startswith("map_") for name in reached)
    shown.page.focus("#search")
    shown.page.keyboard.type("city hall")
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("Enter")
    assert shown.run("() => document.activeElement.id") == "card-title"
    assert shown.page.inner_text("#card-title") == "City hall"
    shown.page.keyboard.press("Escape")
    assert not shown.page.is_visible("#card")
    shown.page.focus(".folium-map")
    lat, lon = middle(OFFICE)
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 17, { animate: false })", [lat, lon])
    shown.page.keyboard.press("Enter")
    assert shown.page.inner_text("#card-title") == "City hall"


def test_themes_change_with_the_arrow_keys(shown):
    shown.page.focus("#theme-heat")
    before = shown.page.inner_text("h1")
    shown.page.keyboard.press("ArrowDown")
    assert shown.page.is_checked("#theme-building_heat")
    assert shown.page.inner_text("h1") != before


def test_the_layer_control_switches_the_buildings(shown):
    shown.page.hover(".leaflet-control-layers")
    shown.page.get_by_label("Buildings", exact=True).uncheck()
    assert not shown.run("() => planner.map.hasLayer(planner.canvas.buildings)")


def test_a_phone_scrolls_down_but_never_sideways(visit, folder):
    shown = visit(folder / "map.html", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    assert shown.run("() => document.documentElement.scrollWidth") == 390
    shown.run("() => planner.select('districts', 'd02', { isFar: true })")
    assert shown.run("() => document.documentElement.scrollWidth") == 390
    assert shown.page.is_visible("#card-title")
    box = shown.page.locator(".folium-map").bounding_box()
    assert box["width"] == 390 and box["height"] > 380
    small = shown.run(
        "() => [...document.querySelectorAll('button, .theme, .class')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 24).length"
    )
    assert small == 0  # targets that a thumb hits


def test_paper_shows_the_map_first_and_the_sources(shown):
    shown.page.emulate_media(media="print")
    shown.run("() => window.dispatchEvent(new Event('beforeprint'))")
    tops = shown.run(
        "() => ['#panel header', '.folium-map', '#legend', '#sources', '.search'].map((name) => {"
        " const box = document.querySelector(name).getBoundingClientRect(); return [box.top, box.height]; })"
    )
    header, picture, legend, sources, search = tops
    assert header[0] < picture[0] < legend[0] < sources[0]
    assert picture[1] > 500
    assert search[1] == 0
    assert not shown.run("() => planner.isDrawing()")
    shown.run("() => window.dispatchEvent(new Event('afterprint'))")


def test_the_printed_map_shows_the_buildings_in_their_colours_and_the_screen_stays_as_it_was(shown):
    pdfium = pytest.importorskip("pypdfium2")
    view = "() => [planner.map.getZoom(), planner.map.getCenter().lat, planner.map.getCenter().lng]"
    shown.run("() => planner.map.setZoom(planner.map.getZoom() - 1, { animate: false })")
    before = shown.run(view)
    document = pdfium.PdfDocument(shown.page.pdf(prefer_css_page_size=True))
    picture = document[0].render(scale=2, rev_byteorder=True).to_numpy()[:, :, :3].astype(int)
    # the map's part of the page, below the finding and above the legend
    picture = picture[int(0.15 * len(picture)) : int(0.55 * len(picture))].reshape(-1, 3)
    city = make_themes(make_assessment(), read_words())
    theme = next(each for each in city.themes if each.id == "heat")
    counts = theme.counts(city.buildings[theme.column])[:-1]
    for shown_class, building_count in zip(theme.classes, counts, strict=True):
        colour = (to_rgb([shown_class.colour])[0] * 255).round()
        found = (np.abs(picture - colour).max(axis=1) <= 3).sum()
        assert found > 20 * building_count, (
            f"{shown_class.label}: {found} points for {building_count} buildings"
        )
    assert shown.run(view) == pytest.approx(before, abs=1e-9)


def test_names_keep_apart_and_stay_inside_the_map_at_every_zoom(shown):
    for zoom in range(12, 19):
        shown.run("(zoom) => planner.map.setView(planner.map.getCenter(), zoom, { animate: false })", zoom)
        boxes, width, height = shown.run(
            "() => [planner.canvas.labels.boxes, planner.map.getSize().x, planner.map.getSize().y]"
        )
        for place, one in enumerate(boxes):
            assert one[2] <= width + 1
            assert one[3] <= height + 1
            for other in boxes[place + 1 :]:
                assert one[0] >= other[2] or one[2] <= other[0] or one[1] >= other[3] or one[3] <= other[1]


def test_a_district_too_small_on_the_screen_is_not_named(shown):
    names = """(zoom) => {
        planner.map.setView(planner.map.getCenter(), zoom, { animate: false });
        return planner.canvas.labels.boxes.length - 1; // the first holds the controls
    }"""
    assert shown.run(names, 10) == 0
    assert shown.run(names, 16) >= 2


def test_text_keeps_the_contrast_that_readers_need(shown):
    shown.run("() => planner.select('buildings', 3)")
    low = shown.run(
        """() => {
            const one = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
            const light = (c) => c.map((v) => one(v / 255));
            const grey = (c) => { const [r, g, b] = light(c); return .2126 * r + .7152 * g + .0722 * b; };
            const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
            const ground = (e) => { for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length === 3 || c[3] > .8) return c.slice(0, 3);
            } return [255, 255, 255]; };
            const bad = [];
            for (const e of document.querySelectorAll('body *')) {
                const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
                if (!own || !e.offsetParent || e.closest('script, style')) continue;
                const a = grey(parse(getComputedStyle(e).color).slice(0, 3)), b = grey(ground(e));
                const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
                if (ratio < 4.5) bad.push([e.className, e.textContent.slice(0, 20), ratio]);
            }
            return bad;
        }"""
    )
    assert low == []


def test_the_public_edition_shows_groups_instead_of_homes(visit, folder):
    shown = visit(folder / "map-public.html")
    lat, lon = middle("way/2000011")
    shown.run("([lat, lon]) => planner.map.setView([lat, lon], 17, { animate: false })", [lat, lon])
    box = shown.page.locator(".folium-map").bounding_box()
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = shown.page.inner_text("#card")
    assert shown.page.get_attribute("#card article", "data-kind") == "group"
    assert "5 homes" in card
    assert "Garden street" not in card
    assert "way/" not in card
    assert "at least five" in card
    shown.page.fill("#search", "garden street 3 5")
    assert shown.page.locator("#results button").count() == 0


def test_the_summary_opens_without_asking_or_running_anything(visit, folder):
    shown = visit(folder / "summary.html")
    assert "Testville <b>centre</b> needs" in shown.page.inner_text("h1")
    assert shown.page.locator("svg[role=img]").count() == 3
    assert shown.run("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_summary_fits_a_phone(visit, folder):
    shown = visit(folder / "summary.html", viewport={"width": 390, "height": 844})
    assert shown.run("() => document.documentElement.scrollWidth") == 390
