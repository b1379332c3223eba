"""Write a city's map as one page that opens without a network.

folium is the shell: the map object, the layer control, the page. Buildings, streets, districts,
cells and the drawn ground travel in compact containers and are drawn on canvases by our own layers,
which the layer control treats like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from branca.element import MacroElement
from folium.map import Layer
from jinja2 import Template

from layers.core.crs import GEOGRAPHIC, to_crs
from layers.core.text import clean_name
from reports.city_themes import CityThemes, add_building_columns, make_themes
from reports.container import (
    CategoryField,
    Field,
    GeometryKind,
    NumberedField,
    NumberField,
    encode_layer,
    pack,
)
from reports.inputs import Assessment
from reports.offline import (
    ASSETS,
    Inline,
    OfflineFigure,
    adopt,
    data_element,
    read_script,
    safe_json,
    script_element,
)
from reports.page_data import page_data
from reports.public import make_public
from reports.words import Words, read_words

SCRIPTS: Final = (
    "base.js", "inflate.js", "container.js", "canvas.js", "ground.js", "labels.js", "cards.js", "search.js",
    "panel.js", "start.js",
)  # fmt: skip
_GROUND_TOLERANCE_M: Final = 0.5
_MARGIN_SHARE: Final = 0.02
# page names of the buildings' columns, with the decimals that are kept; names hold no method's words
_BUILDING_NUMBERS: Final = {
    "storey_count": 0, "storey_low": 0, "storey_high": 0, "height_m": 1, "construction_year": 0,
    "year_low": 0, "year_high": 0, "heat_demand_kwh": -1, "heat_low_kwh": -1, "heat_high_kwh": -1,
    "space_heat_kwh": -1, "hot_water_kwh": -1, "peak_heat_kw": 1, "heated_floor_area_m2": 0,
    "heat_demand_kwh_per_m2": 1, "heat_demand_mwh": 2, "pv_calibrated_kwp": 1, "pv_calibrated_kwh": -1,
    "solar_low_kwh": -1, "solar_high_kwh": -1, "pv_calibrated_mwh": 2, "known_count": 0, "group_count": 0,
    "cooling_kwh_per_m2": 1, "cooling_low_kwh_per_m2": 1, "cooling_high_kwh_per_m2": 1,
    "electricity_kwh_per_m2": 0, "electricity_low_kwh_per_m2": 0, "electricity_high_kwh_per_m2": 0,
    "retrofit_ct_per_kwh": 1, "retrofit_saving_kwh": -2, "pv_ct_per_kwh": 1,
}  # fmt: skip
_BUILDING_TEXTS: Final = (
    "name", "street_name", "use", "use_origin", "storey_count_origin", "construction_year_origin",
    "height_origin", "protection", "district_id", "retrofit_package",
)  # fmt: skip
_PAGE_NAMES: Final = {
    "heat_demand_p10_kwh": "heat_low_kwh", "heat_demand_p90_kwh": "heat_high_kwh",
    "pv_calibrated_p10_kwh": "solar_low_kwh", "pv_calibrated_p90_kwh": "solar_high_kwh",
    "storey_p10_count": "storey_low", "storey_p90_count": "storey_high",
    "construction_p10_year": "year_low", "construction_p90_year": "year_high",
}  # fmt: skip
_STREET_NUMBERS: Final = {
    "length_m": 0, "connected_heat_mwh": 1, "linear_heat_density_mwh_per_m": 3, "building_count": 0,
    "pipe_diameter_mm": 0,
}  # fmt: skip
_DISTRICT_NUMBERS: Final = {"network_wins_percent": 1, "cooling_density_mwh_per_ha": 1}
_CELL_NUMBERS: Final = {
    "heat_demand_mwh": 1,
    "heat_density_mwh_per_ha": 1,
    "pv_calibrated_mwh": 1,
    "plot_ratio": 2,
}


class CanvasLayer(Layer):
    """A folium layer that draws one or more containers of the page on canvases.

    Parameters
    ----------
    painter : str
        How to draw: ``ground``, ``cells``, ``districts``, ``streets``, ``buildings`` or ``labels``.
    data : sequence of str
        Names of the containers that it draws.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "var {{ this.get_name() }} = planner.layers[{{ this.painter|tojson }}]({{ this.data|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(self, painter: str, name: str, data: tuple[str, ...], *, show: bool = True) -> None:
        super().__init__(name=name, overlay=True, control=True, show=show)
        self._name = "CanvasLayer"
        self.painter = painter
        self.data = list(data)


class StartPage(MacroElement):
    """The last line of the page's script: load the containers, then show the panel."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "planner.start({{ this._parent.get_name() }}, {\n"
        "{%- for layer in this.canvas_layers %}{{ layer.painter }}: {{ layer.get_name() }}, {% endfor -%}\n"
        "});\n"
        "{% endmacro %}"
    )

    def __init__(self, canvas_layers: list[CanvasLayer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "StartPage"
        self.canvas_layers = canvas_layers


@dataclass(frozen=True)
class _Container:
    name: str
    table: gpd.GeoDataFrame
    fields: tuple[Field, ...]
    kind: GeometryKind


def _clean_texts(table: gpd.GeoDataFrame, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return a table whose texts are on one line, without hidden characters; each text cleaned once."""
    cleaned = {}
    for name in columns:
        texts = table[name].astype("string")
        names = {text: clean_name(text) for text in texts.dropna().unique()}
        cleaned[name] = texts.map(names).astype("string")
    return table.assign(**cleaned)


def _fields(table: pd.DataFrame, numbers: dict[str, int], texts: tuple[str, ...]) -> tuple[Field, ...]:
    kept: list[Field] = [
        NumberField(name, decimals)
        for name, decimals in numbers.items()
        if name in table.columns and table[name].notna().any()
    ]
    kept += [CategoryField(name) for name in texts if name in table.columns and table[name].notna().any()]
    return tuple(kept)


def _with_id(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table.assign(id=table.index.astype(str))


def _building_container(buildings: gpd.GeoDataFrame) -> _Container:
    named = _with_id(buildings.rename(columns=_PAGE_NAMES))
    texts = tuple(name for name in (*_BUILDING_TEXTS, "house_number", "id") if name in named.columns)
    cleaned = _clean_texts(named, texts)
    fields = _fields(cleaned, _BUILDING_NUMBERS, _BUILDING_TEXTS)
    numbered = tuple(NumberedField(name) for name in ("id", "house_number") if name in cleaned.columns)
    return _Container("buildings", cleaned, (*numbered, *fields), "polygon")


def _street_container(streets: gpd.GeoDataFrame) -> _Container:
    texts = tuple(name for name in ("name", "kind") if name in streets.columns)
    cleaned = _clean_texts(_with_id(streets), texts)
    return _Container(
        "streets", cleaned, (NumberedField("id"), *_fields(cleaned, _STREET_NUMBERS, texts)), "line"
    )


def _district_container(districts: gpd.GeoDataFrame) -> _Container:
    texts = tuple(
        name for name in ("district_heating_class", "lighthouse_group") if name in districts.columns
    )
    cleaned = _clean_texts(_with_id(districts), texts)
    return _Container(
        "districts", cleaned, (CategoryField("id"), *_fields(cleaned, _DISTRICT_NUMBERS, texts)), "polygon"
    )


def _ground_containers(background: gpd.GeoDataFrame, crs: Any) -> list[_Container]:
    ground = to_crs(background, crs)
    if len(ground):
        ground = ground.set_geometry(ground.geometry.simplify(_GROUND_TOLERANCE_M))
    is_area = ground.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy(dtype=bool)
    kind = (CategoryField("kind"),)
    return [
        _Container("areas", _clean_texts(ground[is_area], ("kind",)), kind, "polygon"),
        _Container("lines", _clean_texts(ground[~is_area], ("kind",)), kind, "line"),
    ]


def _containers(assessment: Assessment, city: CityThemes) -> list[_Container]:
    cells = _with_id(city.cells)
    return [
        *_ground_containers(assessment.background, city.buildings.crs),
        _street_container(city.streets),
        _district_container(city.districts),
        _Container("cells", cells, (CategoryField("id"), *_fields(cells, _CELL_NUMBERS, ())), "polygon"),
        _building_container(city.buildings),
    ]


def _bounds(city: CityThemes) -> list[list[float]]:
    """Return south-west and north-east of the buildings, as Leaflet wants them."""
    west, south, east, north = to_crs(city.buildings[["geometry"]], GEOGRAPHIC).total_bounds
    margin = max(north - south, east - west) * _MARGIN_SHARE
    corners = ((south - margin, west - margin), (north + margin, east + margin))
    return [[round(float(degrees), 6) for degrees in corner] for corner in corners]


def _shell(words: Words, bounds: list[list[float]]) -> folium.Map:
    """Return folium's map with our layers, the layer control and the call that starts the page."""
    centre = np.mean(bounds, axis=0).round(6).tolist()
    shell = folium.Map(
        location=centre, tiles=None, zoom_start=15, max_zoom=20, min_zoom=9, control_scale=False,
        zoom_control="topleft", attributionControl=False, fadeAnimation=False, zoomSnap=1,
    )  # fmt: skip
    layers = [
        CanvasLayer("ground", words.say("layer_ground"), ("areas", "lines", "streets")),
        CanvasLayer("cells", words.say("layer_cells"), ("cells",), show=False),
        CanvasLayer("districts", words.say("layer_districts"), ("districts",)),
        CanvasLayer("streets", words.say("layer_streets"), ("streets",), show=False),
        CanvasLayer("buildings", words.say("layer_buildings"), ("buildings",)),
        CanvasLayer("labels", words.say("layer_labels"), ()),
    ]
    for layer in layers:
        layer.add_to(shell)
    folium.LayerControl(position="topleft").add_to(shell)
    StartPage(layers).add_to(shell)
    return shell


def _page(title: str, words: Words, data: str, containers: list[_Container]) -> OfflineFigure:
    """Return the page with everything that it carries; only the map is missing."""
    style = (ASSETS / "map.css").read_text(encoding="utf-8")
    page = OfflineFigure(title=title, language=words.language, styles=(style,))
    page.html.add_child(
        Inline(f"<noscript>{escape(words.say('needs_script'))}</noscript>\n"), name="noscript"
    )
    page.html.add_child(data_element("planner-page", data), name="page_data")
    for container in containers:
        content = encode_layer(container.table, container.fields, container.kind)
        page.html.add_child(data_element(f"planner-{container.name}", pack(content)), name=container.name)
    for name in SCRIPTS:
        page.html.add_child(script_element(read_script(ASSETS / name)), name=name)
    return page


def _as_published(city: CityThemes, whole: CityThemes) -> CityThemes:
    """Return the themes of the public map: classes and findings of the whole city, tables in groups.

    A group's sum says nothing beside single buildings; the densest square may be one that is hidden.
    """
    themes = {theme.id: theme for theme in whole.themes}
    shown = tuple(themes.get(theme.id, theme) for theme in city.themes if theme.id != "building_heat")
    findings = whole.findings | {"cell_heat": city.findings.get("cell_heat", "")}
    return replace(city, themes=shown, findings=findings)


def make_map(assessment: Assessment, *, public: bool = False, language: str = "en") -> str:
    """Return a city's map as the text of one page.

    Parameters
    ----------
    assessment : Assessment
    public : bool
        Show homes in groups, without addresses, names and ids.
    language : str
        A catalogue of words.
    """
    words = read_words(language)
    shown = replace(assessment, buildings=add_building_columns(assessment.buildings))
    if public:
        shown = make_public(shown)
    city = make_themes(shown, words)
    if public:
        city = _as_published(city, make_themes(assessment, words))
    bounds = _bounds(city)
    data = safe_json(page_data(shown, city, words, is_public=public, bounds=bounds))
    title = words.say("page_title", city=clean_name(assessment.title))
    page = _page(title, words, data, _containers(shown, city))
    return adopt(page, _shell(words, bounds)).render()


def write_map(assessment: Assessment, path: Path, *, public: bool = False) -> None:
    """Write a city's map as one self-contained page.

    Parameters
    ----------
    assessment : Assessment
    path : Path
        File to write.
    public : bool
        Write the map that may be published: homes in groups of at least five.
    """
    path.write_text(make_map(assessment, public=public), encoding="utf-8", newline="\n")
