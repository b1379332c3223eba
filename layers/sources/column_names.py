"""Columns of other people's tables become OpenStreetMap's keys, the one vocabulary that is parsed.

Names are compared without case, accents, spaces and signs: `Storeys Above-Ground` is
`storeysaboveground`. Where several columns say the same, the first of the list speaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from layers.core.types import ObjectArray

# key: names of columns, in the project's own words, open data sets and some countries' registers
BUILDING_NAMES: Mapping[str, tuple[str, ...]] = {
    "building": (
        "building", "buildinguse", "buildingtype", "use", "usage", "currentuse", "usetype", "tagged_use",
        "buildingtag", "class", "type", "subtype", "function", "funktion", "nutzung", "gebaeudefunktion",
        "gebruiksdoel", "usage1", "kayttotarkoitus", "uso", "usoprincipal", "currentusevalue", "category",
    ),
    "building:levels": (
        "buildinglevels", "levels", "storeys", "stories", "storeycount", "taggedstoreycount", "numfloors",
        "nfloors", "floors", "floorcount", "numberoffloors", "storeysaboveground",
        "numberoffloorsaboveground", "geschosse", "geschosszahl", "anzahlgeschosse", "aog", "nbetages",
        "etages", "nombreetages", "piani", "numeropiani", "plantas", "kerrosluku", "kerroslkm",
        "b3bouwlagen", "bouwlagen", "korruseid", "etager", "vaningar", "orofoi",
    ),
    "height": (
        "height", "heightm", "taggedheightm", "buildingheight", "measuredheight", "hoehe", "hauteur",
        "hoogte", "altezza", "altura", "korkeus", "wysokosc", "hojde", "korgus",
    ),
    "start_date": (
        "startdate", "constructionyear", "yearofconstruction", "year", "yearbuilt", "builtyear", "buildyear",
        "constructiondate", "dateofconstruction", "age", "baujahr", "bouwjaar", "oorspronkelijkbouwjaar",
        "anneeconstruction", "dateapp", "annocostruzione", "anoconstruccion", "valmistumisvuosi",
        "rakennusvuosi", "rokbudowy", "ehitusaasta", "opfoerelsesaar", "byggeaar",
    ),
    "name": ("name", "names", "buildingname", "nimi", "naam", "nom", "nombre", "nome", "gebaeudename"),
    "addr:street": ("addrstreet", "street", "streetname", "strasse", "straat", "rue", "via", "katu"),
    "addr:housenumber": ("addrhousenumber", "housenumber", "hausnummer", "huisnummer", "streetnumber"),
    "roof:shape": ("roofshape", "rooftype", "roofform", "dachform"),
    "roof:height": ("roofheight", "roofheightm"),
    "roof:direction": ("roofdirection", "roofdirectiondeg"),
    "roof:orientation": ("rooforientation",),
    "roof:angle": ("roofangle", "roofangledeg", "roofpitch", "roofslope"),
    "heritage": ("heritage", "listed", "protected", "monument", "denkmal"),
    "mml:class": ("mmlclass", "kohdeluokka"),
    "amenity": ("amenity",),
    "shop": ("shop",),
    "office": ("office",),
    "tourism": ("tourism",),
    "leisure": ("leisure",),
    "residential": ("residential",),
}  # fmt: skip
STREET_NAMES: Mapping[str, tuple[str, ...]] = {
    "highway": ("highway", "kind", "fclass", "class", "type", "roadclass", "category", "functionalclass"),
    "name": ("name", "names", "streetname", "street", "roadname", "nimi", "naam", "nom", "nombre", "nome"),
    "bridge": ("bridge", "isbridge"),
    "tunnel": ("tunnel", "istunnel"),
}
OUTLINE_NAMES: Mapping[str, tuple[str, ...]] = {
    "district_id": ("districtid", "id", "code"),
    "name": ("name", "names", "districtname", "nimi", "naam", "nom", "nombre", "nome", "bezeichnung"),
}
ID_NAMES = (
    "buildingid", "buildingi", "streetid", "id", "osmid", "osmwayid", "gmlid", "identificatie", "inspireid",
    "localid", "uuid", "guid", "objectid", "vtjprt", "egid", "cleabs", "reference", "localisedid",
)  # fmt: skip
# other languages' words for uses, in the words of `tagged_use`
_WORDS = {
    "residentiel": "residential", "wohngebaeude": "residential", "wohnen": "residential",
    "wohnhaus": "residential", "woonfunctie": "residential", "1residential": "residential",
    "currentuse1residential": "residential", "einfamilienhaus": "detached",
    "mehrfamilienhaus": "apartments", "reihenhaus": "terrace", "doppelhaushaelfte": "semidetached_house",
    "buero": "office", "kantoorfunctie": "office", "winkelfunctie": "retail", "handel": "retail",
    "commercialetservices": "commercial", "gewerbe": "commercial", "industriefunctie": "industrial",
    "industriel": "industrial", "schule": "school", "onderwijsfunctie": "school", "krankenhaus": "hospital",
    "gezondheidszorgfunctie": "hospital", "logiesfunctie": "hotel", "bijeenkomstfunctie": "theatre",
    "sportfunctie": "sports_hall", "sportif": "sports_hall", "religieux": "church", "kirche": "church",
    "annexe": "annex", "agricole": "barn", "agricultural": "barn", "nebengebaeude": "outbuilding",
    "talousrakennus": "outbuilding", "asuinrakennus": "residential", "overigegebruiksfunctie": "yes",
    "nonresidential": "non_residential", "unknown": "yes", "indifferencie": "yes",
}  # fmt: skip


def plain_name(text: str) -> str:
    """Return a name without case, accents, spaces and signs.

    Examples
    --------
    >>> plain_name("Storeys Above-Ground"), plain_name("Käyttötarkoitus"), plain_name("Höhe")
    ('storeysaboveground', 'kayttotarkoitus', 'hohe')
    """
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", folded.lower())


def _german(text: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa")):
        text = text.lower().replace(umlaut, letters)
    return plain_name(text)


def match_columns(columns: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return for each key the columns that hold it, the most telling first.

    Examples
    --------
    >>> match_columns(["Höhe", "NUM_FLOORS", "colour"], BUILDING_NAMES)
    {'building:levels': ['NUM_FLOORS'], 'height': ['Höhe']}
    """
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(plain_name(column), column)
        known.setdefault(_german(column), column)
    found = {}
    for key, wanted in names.items():
        matches = [known[plain] for plain in map(plain_name, wanted) if plain in known]
        if matches:
            found[key] = list(dict.fromkeys(matches))
    return found


def id_column(columns: Iterable[str]) -> str | None:
    """Return the column that names the rows, or None.

    Examples
    --------
    >>> id_column(["height", "OSM_ID"]), id_column(["height"])
    ('OSM_ID', None)
    """
    known = {plain_name(column): column for column in columns}
    return next((known[name] for name in ID_NAMES if name in known), None)


def _one_text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dict):  # Overture's names: {"primary": "Town hall", "common": …}
        return _one_text(value.get("primary"))
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return format(float(value), ".10g") if np.isfinite(value) else None
    if isinstance(value, list | np.ndarray | bytes):
        return None
    return str(value) or None


def as_texts(column: pd.Series) -> ObjectArray:
    """Return any column as texts: whole numbers without a point, true as yes, gaps as None.

    Examples
    --------
    >>> as_texts(pd.Series([1936.0, float("nan"), 2.5])).tolist()
    ['1936', None, '2.5']
    """
    if column.dtype == object or not hasattr(column.dtype, "kind") or column.dtype.kind not in "iuf":
        return np.array([_one_text(value) for value in column.tolist()], dtype=object)
    values, places = np.unique(column.to_numpy(dtype=float, na_value=np.nan), return_inverse=True)
    return np.array([_one_text(value) for value in values], dtype=object)[places]


def tag_rows(table: pd.DataFrame, matches: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """Return one mapping of keys and texts per row."""
    rows: list[dict[str, str]] = [{} for _ in range(len(table))]
    for key, columns in matches.items():
        for column in columns:
            for row, text in zip(rows, as_texts(table[column]), strict=True):
                if text is None:
                    continue
                word = _WORDS.get(_german(text), text) if key == "building" else text
                if key not in row or (key == "building" and row[key] == "yes"):
                    row[key] = word
    return rows
