"""Tables of well-known origin: their columns, their words, their gaps, and their licence."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.core.errors import UsageProblem
from layers.sources.column_names import BUILDING_NAMES, match_columns, parse_mapping
from layers.sources.tagged_use import BUILDING_USES
from layers.sources.use_words import _WORDS, use_word
from layers.sources.vector import read_buildings, read_streets

UTM, X, Y = "EPSG:25832", 500_000.0, 5_500_000.0
CODES = Path(__file__).parents[2] / "layers" / "data" / "building_codes.csv"


def squares(count, **columns):
    shapes = [shapely.box(X + 50 * i, Y, X + 50 * i + 10, Y + 10) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM)


def test_overtures_buildings_are_read_with_names_classes_and_sources(tmp_path):
    table = squares(
        3, id=["08f1", "08f2", "08f3"],
        names=[{"primary": "Town hall", "common": None}, None, None],
        subtype=["civic", "residential", "transportation"], **{"class": ["townhall", "house", None]},
        height=[14.5, None, None], num_floors=[3, 2, None], roof_shape=["hipped", "gabled", None],
        roof_direction=[None, 90.0, None], is_underground=[False, False, True],
        sources=[
            [{"property": "", "dataset": "OpenStreetMap"}],
            [{"property": "", "dataset": "Microsoft ML Buildings"}],
            [{"property": "", "dataset": "OpenStreetMap"}],
        ],
    )  # fmt: skip
    table.to_crs(4326).to_parquet(tmp_path / "part.parquet")
    extract = read_buildings(tmp_path / "part.parquet")
    found = extract.buildings
    assert found.index.tolist() == ["08f1", "08f2"]
    assert found["name"].fillna("").tolist() == ["Town hall", ""]
    assert found["tagged_use"].tolist() == ["office", "residential_single"]
    assert found["tagged_storey_count"].tolist() == [3, 2]
    assert found["roof_shape"].tolist() == ["hipped", "gabled"]
    assert found["roof_direction_deg"].fillna(-1).tolist() == [-1, 90]
    assert ("buildings below ground, left out", 1) in [(note.text, note.count) for note in extract.notes]
    source = extract.sources[0]
    assert (source.title, source.licence) == ("Overture Maps buildings (part.parquet)", "ODbL-1.0")
    assert (
        source.attribution == "Microsoft ML Buildings, © OpenStreetMap contributors, Overture Maps Foundation"
    )


def test_overtures_geojson_says_the_same_in_json_texts(tmp_path):
    feature = {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(squares(1).to_crs(4326).geometry.iloc[0]),
        "properties": {
            "id": "08f1", "names": {"primary": "Town hall", "common": None}, "subtype": "civic",
            "class": "townhall", "num_floors": 3, "sources": [{"dataset": "OpenStreetMap"}],
        },
    }  # fmt: skip
    path = tmp_path / "part.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    extract = read_buildings(path)
    found = extract.buildings.loc["08f1"]
    assert found[["name", "tagged_use", "tagged_storey_count"]].tolist() == ["Town hall", "office", 3]
    assert extract.sources[0].attribution == "© OpenStreetMap contributors, Overture Maps Foundation"


def test_eubuccos_columns_say_home_size_age_and_height(tmp_path):
    table = squares(
        3, id=["v1-1", "v1-2", "v1-3"], id_source=["a", "b", "c"], type_source=["x", "y", "z"],
        type=["residential", "non-residential", "unknown"], subtype=["apartment", None, None],
        age=[1961.0, np.nan, 1900.0], height=[12.5, 6.0, np.nan], floors=[4.0, np.nan, np.nan],
    )  # fmt: skip
    table.to_file(tmp_path / "eubucco.gpkg")
    extract = read_buildings(tmp_path / "eubucco.gpkg")
    found = extract.buildings
    assert found["tagged_use"].fillna("").tolist() == ["residential_multi", "other", ""]
    assert found["tagged_first_year"].fillna(0).tolist() == [1961, 0, 1900]
    assert found["tagged_height_m"].fillna(0).tolist() == [12.5, 6, 0]
    assert extract.sources[0].title == "EUBUCCO (eubucco.gpkg)"


def test_microsofts_minus_one_is_a_gap_and_no_mistake(tmp_path):
    rows = squares(3).to_crs(4326)
    lines = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {"height": height, "confidence": -1.0},
        }
        for shape, height in zip(rows.geometry, (7.25, -1.0, -1.0), strict=True)
    ]
    path = tmp_path / "Malta.geojsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    extract = read_buildings(path)
    assert extract.buildings["tagged_height_m"].fillna(0).tolist() == [7.25, 0, 0]
    texts = {note.text: note.count for note in extract.notes}
    assert texts["values that only mark a gap (0, -1, -9999, unknown …), read as gaps"] == 2
    assert not any("make no sense" in text for text in texts)
    assert extract.sources[0].attribution == "© Microsoft"


def test_a_gdal_export_of_openstreetmap_keeps_ids_and_tags(tmp_path):
    table = squares(
        2, osm_id=[None, "7"], osm_way_id=["11", None], building=["yes", "house"],
        other_tags=['"building:levels"=>"4","addr:street"=>"Am \\"Eck\\""', '"start_date"=>"1936"'],
    )  # fmt: skip
    table.to_file(tmp_path / "osm.gpkg")
    found = read_buildings(tmp_path / "osm.gpkg").buildings
    assert found.index.tolist() == ["way/11", "7"]
    assert found["tagged_storey_count"].fillna(0).tolist() == [4, 0]
    assert found["street_name"].fillna("").tolist() == ['Am "Eck"', ""]
    assert found["tagged_first_year"].fillna(0).tolist() == [0, 1936]


def test_an_id_that_all_rows_share_names_none_of_them(tmp_path):
    lines = [shapely.LineString([(X, Y + i), (X + 50, Y + i)]) for i in range(3)]
    columns = {"id": [1, 1, 1], "osm_id": ["5", "6", "7"], "type": ["primary", "service", "path"],
               "other_tags": ['"tunnel"=>"yes"', None, None]}  # fmt: skip
    gpd.GeoDataFrame(columns, geometry=lines, crs=UTM).to_file(tmp_path / "streets.gpkg")
    streets = read_streets(tmp_path / "streets.gpkg").streets
    assert streets.index.tolist() == ["5", "6", "7"]
    assert streets["tunnel"].tolist() == [True, False, False]


@pytest.mark.parametrize("text", ["Straße der Äpfel", "Łódź", "Käyttö", "plain"])
def test_a_shapefile_that_hides_utf8_is_understood(tmp_path, text):
    squares(2, name=[text, "Höhe"]).to_file(tmp_path / "town.shp", encoding="UTF-8")
    (tmp_path / "town.cpg").unlink()
    assert read_buildings(tmp_path / "town.shp").buildings["name"].tolist() == [text, "Höhe"]


def test_a_shapefile_in_latin_letters_stays_what_it_is(tmp_path):
    squares(2, name=["Straße", "Größe"]).to_file(tmp_path / "town.shp", encoding="ISO-8859-1")
    (tmp_path / "town.cpg").unlink()
    assert read_buildings(tmp_path / "town.shp").buildings["name"].tolist() == ["Straße", "Größe"]


def test_heights_above_sea_level_are_not_taken_for_buildings(tmp_path):
    squares(25, h_max=np.linspace(431.0, 455.0, 25)).to_file(tmp_path / "alp.gpkg")
    extract = read_buildings(tmp_path / "alp.gpkg")
    assert extract.buildings["tagged_height_m"].isna().all()
    assert any(
        "look like heights above sea level" in note.text and note.count == 25 for note in extract.notes
    )


def test_a_table_of_another_format_beside_a_shapefile_is_read_as_it_is(tmp_path):
    squares(2, name=["Köln", "Höhe"]).to_file(tmp_path / "town.shp", encoding="UTF-8")
    (tmp_path / "town.cpg").unlink()
    town = squares(2, id=["a", "b"]).to_crs(4326)
    feature = json.loads(town.to_json())
    for one, name in zip(feature["features"], ({"primary": "Köln"}, ["Höhe"]), strict=True):
        one["properties"]["name"] = name
    (tmp_path / "town.geojson").write_text(json.dumps(feature), encoding="utf-8")
    names = read_buildings(tmp_path / "town.geojson").buildings["name"]
    assert names.fillna("").tolist() == ["Köln", ""]


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ("HOEHE Höhe GEB_HOEHE H_MAX hauteur altura_max altezza korkeus wysokosc RelHMax", "height"),
        ("GESCHOSSE Vollgeschosse AnzahlDerOberirdischenGeschosse nb_etages NUM_PIANI plantas kerrosluku "
         "antal_etager liczba_kondygnacji b3_bouwlagen", "building:levels"),
        ("BAUJAHR annee_construction ANNO_COSTR año_construccion valmistumisvuosi oorspronkelijkbouwjaar "
         "ehitusaasta opførelsesår byggeår rok_budowy", "start_date"),
        ("GFK Gebäudefunktion usage_1 uso_principal käyttötarkoitus gebruiksdoel byg_anvendelse "
         "funOgolna", "building"),
    ],
)  # fmt: skip
def test_names_of_many_registers_are_recognised_alone(columns, key):
    for column in columns.split():
        assert match_columns([column], BUILDING_NAMES) == {key: [column]}, column


def test_names_that_a_shapefile_cut_are_recognised():
    cut = ["yearOfCons", "measuredHe", "NUM_FLOORS", "building_l", "roof_direc"]
    found = match_columns(cut, BUILDING_NAMES)
    assert {name for names in found.values() for name in names} == set(cut)


def test_words_and_codes_of_registers_are_words_that_are_understood():
    for word in {*_WORDS.values()} - {"yes"}:
        assert word in BUILDING_USES, word
    with CODES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 150
    for row in rows:
        assert row["word"] in BUILDING_USES or row["word"] == "yes", row


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("31001_1000", "function", "residential"), ("31001_2463", "gml:function", "garage"),
        ("51009_1610", "function", "roof"), ("1110", "GKLAS", "house"),
        ("140", "BYG_ANVENDELSE", "apartments"),
        ("021", "Käyttötarkoitus", "terrace"), ("1110", "house_number", "1110"),
        ("31001_1024", "function", "dormitory"), ("31001_3066", "function", "dormitory"),
        ("312", "byg021BygningensAnvendelse", "transportation"), ("313", "BYG_ANVENDELSE", "parking"),
        ("334", "BYG_ANVENDELSE", "commercial"), ("444", "BYG_ANVENDELSE", "prison"),
        ("163", "käyttötarkoitus", "parking"), ("164", "käyttötarkoitus", "service"),
        ("011 yhden asunnon talot", "käyttötarkoitus", "detached"), ("11", "käyttötarkoitus", "detached"),
        ("0121", "rakennusluokka", "apartments"), ("110", "rakennusluokka", "detached"),
        ("0110 omakotitalot", "rakennusluokka", "detached"), ("1911", "rakennusluokka", "outbuilding"),
        ("Résidentiel", "usage_1", "residential"), ("Wohngebäude", "nutzung", "residential"),
        ("1_residential", "currentUse", "residential"), ("Kerrostalo", "", "apartments"),
    ],
)  # fmt: skip
def test_codes_count_in_their_own_columns(text, column, word):
    assert use_word(text, column) == word


# every code that the registers publish: the object catalogue of ALKIS 7.1.2, BBR's list of uses, the Swiss
# register's classes, and Statistics Finland's classifications of 1994 and 2018
PUBLISHED = {
    "gfk": """1000 1010 1020-1025 1100 1110 1120-1123 1130 1131 1210 1220-1223 1310-1313 2000 2010
        2020 2030 2040 2050-2056 2060 2070-2074 2080-2083 2090-2095 2100 2110-2114 2120 2121
        2130 2131 2140-2143 2150 2160 2170-2172 2180 2200 2210-2213 2220 2310 2320 2400
        2410-2412 2420-2424 2430 2431 2440-2444 2450 2451 2460-2465 2500 2501 2510-2513
        2520-2523 2527-2529 2540 2560 2570 2571 2580 2590 2591 2600 2610-2612 2620-2623 2700
        2720 2721 2723 2724 2726-2729 2732 2735 2740-2742 3000 3010-3019 3020-3024 3030-3038
        3040-3048 3050-3054 3060-3066 3070-3075 3080-3082 3090-3092 3094 3095 3097 3098 3100
        3200 3210-3212 3220-3222 3230 3240-3242 3260-3264 3270-3273 3280 3281 3290 9998""",
    "byg_anvendelse": """110 120-122 130-132 140 150 160 185 190 210-219 220-223 229 230-234 239 290 310-315
        319 320-325 329 330-334 339 390 410-416 419 420-422 429 430-433 439 440-444 449 451
        490 510 520-523 529 530-535 539 540 585 590 910 920 930 940 950 960 970 990 999""",
    "gklas": "1110 1121 1122 1130 1211 1212 1220 1230 1231 1241 1242 1251 1252 1261-1265 1271-1278",
    "käyttötarkoitus": """011-013 021 022 032 039 041 111 112 119 121 123 124 129 131 139 141 151 161-164 169
        211 213-215 219 221-223 229 231 239 241 311 312 322-324 331 341 342 349 351-354 359
        369 511 521 531 532 541 549 611 613 691 692 699 711 712 719 721 722 729 811 819
        891-893 899 931 941 999""",
    "rakennusluokka": """0110-0112 0120 0121 0130 0140 0210 0211 0310 0311 0319 0320-0322 0329 0330 0400
        0510-0514 0520 0521 0590 0610-0614 0619 0620 0621 0630 0710-0714 0720 0730 0731 0739
        0740-0744 0749 0790 0810 0820 0830 0840 0841 0890 0891 0910-0912 0919 0920 0930 0939
        1010 1011 1090 1091 1110 1120 1130 1210-1215 1310 1311 1319 1410-1416 1419 1490-1493
        1499 1910-1912 1919""",
}


@pytest.mark.parametrize("column", PUBLISHED)
def test_every_published_code_has_a_meaning(column):
    for entry in PUBLISHED[column].split():
        first, _, last = entry.partition("-")
        for number in range(int(first), int(last or first) + 1):
            code = str(number).zfill(len(first))
            word = use_word(code, column)
            assert word in BUILDING_USES or word == "yes", code


def test_a_column_can_be_named_by_hand(tmp_path):
    squares(2, ref=["a", "b"], h_foo=[7.5, 9.0], height=[99.0, 98.0], bj=[1936, 1950]).to_file(
        tmp_path / "t.gpkg"
    )
    mapping = parse_mapping(["height_m=h_foo", "building_id=ref"])
    found = read_buildings(tmp_path / "t.gpkg", mapping=mapping).buildings
    assert found.index.tolist() == ["a", "b"]
    assert found["tagged_height_m"].tolist() == [7.5, 9.0]
    assert found["tagged_first_year"].tolist() == [1936, 1950]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["hight_m=HOEHE"], "did you mean height_m?"),
        (["xyz=HOEHE"], "it must be one of height_m, storey_count"),
        (["height_m"], "must read NAME=COLUMN"),
        (["height_m=A", "height_m=B"], "names height_m twice"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_the_nearest(texts, sentence):
    with pytest.raises(UsageProblem) as caught:
        parse_mapping(texts)
    assert sentence in str(caught.value)


def test_a_mapped_column_that_is_not_there_names_the_nearest(tmp_path):
    squares(1, HOEHE=[7.5]).to_file(tmp_path / "t.gpkg")
    with pytest.raises(UsageProblem, match=r"height_m=HOHE: t.gpkg has no such column; did you mean HOEHE\?"):
        read_buildings(tmp_path / "t.gpkg", mapping={"height_m": "HOHE"})


def test_plain_texts_and_maps_hold_the_same_tags():
    from layers.sources.table_rows import said_by

    table = pd.DataFrame(
        {"tags": ['"height"=>"9"', '{"height": "9"}', [("height", "9")], None]}, dtype=object
    )
    assert said_by(table, {}, ["tags"]).to_rows() == [{"height": "9"}, {"height": "9"}, {"height": "9"}, {}]
