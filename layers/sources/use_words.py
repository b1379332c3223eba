"""Other languages' words and registers' codes for uses of buildings, in OpenStreetMap's words."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from layers.sources.column_names import foldings, plain_name

_TABLE = Path(__file__).resolve().parent.parent / "data" / "building_codes.csv"

# word by word, folded; umlauts as one letter or as two
_WORDS: Mapping[str, str] = {
    word: meaning
    for meaning, words in {
        "residential": "residentiel wohngebaeude wohnen wohnhaus woonfunctie 1residential dwelling "
        "vivienda currentuse1residential residencial residenziale abitazione civileabitazione "
        "asuinrakennus elamu bostad bolig bolighus helarsbeboelse mieszkalny budynekmieszkalny "
        "obytnabudova stanovanjska habitacao lakoepulet locuinta gyvenamoji dzivojamaeka katoikia "
        "stambena",
        "detached": "einfamilienhaus einfamilienwohnhaus maisonindividuelle maison "
        "viviendaunifamiliar unifamiliar villetta omakotitalo erillinenpientalo villa smahus enebolig "
        "parcelhus ramja budynekjednorodzinny jednorodzinny rodinnydum eramu uksikelamu enodruzinska "
        "sfh",
        "semidetached_house": "doppelhaushaelfte doppelhaus paritalo dubbelhus tomannsbolig "
        "dobbelthus zweifamilienhaus pareado",
        "terrace": "reihenhaus reihenendhaus reihenmittelhaus rivitalo ketjutalo radhus raekkehus "
        "rekkehus rijwoning tussenwoning ridaelamu szeregowy radovydum adosado schiera "
        "villettaaschiera th attached",
        "apartments": "mehrfamilienhaus mehrfamilienwohnhaus kerrostalo asuinkerrostalo "
        "flerbostadshus flerfamiljshus etagebolig etageboligbebyggelse boligblok korterelamu "
        "kortermaja wielorodzinny budynekwielorodzinny bytovydum plurifamiliar multifamiliar "
        "edificioresidencial condominio immeuble immeublecollectif logementcollectif "
        "residentielcollectif appartement palazzina vecstanovanjska tobbszintes daugiabutis mfh ab",
        "office": "buero buerogebaeude kantoorfunctie kantoor bureau bureaux oficina oficinas ufficio "
        "uffici toimistorakennus kontor kontorsbygg biuro biurowy administrativni birohoone "
        "kaupallinen 4office 43office publicservicesoffice uzletieslrodai verwaltung "
        "verwaltungsgebaeude",
        "retail": "winkelfunctie handel laden geschaeft commerce comercio comercial commerciale "
        "negozio liikerakennus myymala butik affar kauplus handlowousugowy handlowy trgovina 42retail "
        "41trade trade",
        "commercial": "commercialetservices gewerbe gewerblich gewerbegebaeude tertiaire terciario "
        "terziario 4commerceandservices commerceandservices 43commerceandservices",
        "industrial": "industriefunctie industriel industrie industriegebaeude industriale industrial "
        "teollisuusrakennus industri przemyslowy prumyslova tootmishoone 3industrial "
        "industriagricoleoucommercial industrielagricoleoucommercial fabrik",
        "warehouse": "lager lagerhalle lagerhaus entrepot almacen magazzino varasto varastorakennus "
        "magazyn laohoone",
        "school": "schule onderwijsfunctie ecole enseignement scuola escuela colegio koulu "
        "opetusrakennus skola skole szkola kool oswiatowy",
        "kindergarten": "kindergarten kita creche asilo guarderia paivakoti forskola bornehave "
        "lasteaed",
        "hospital": "krankenhaus gezondheidszorgfunctie hopital sante ospedale sanidad sairaala "
        "sjukhus sygehus szpital haigla klinik",
        "hotel": "logiesfunctie hotellerie albergo hotelli hotell hostel pension hebergement",
        "theatre": "bijeenkomstfunctie kulturell culturel cultural",
        "sports_hall": "sportfunctie sportif sporthalle turnhalle deportivo sportivo urheiluhalli "
        "idrottshall spordihoone",
        "church": "religieux kirche eglise chiesa iglesia kirkko kyrka kirke kosciol kirik igreja "
        "cerkev",
        "chapel": "kapelle chapelle cappella capilla kappeli",
        "castle": "schloss burg chateau castello castillo linna slott",
        "public": "4publicservices publicservices oeffentlich public pubblico publico "
        "julkinenrakennus",
        "barn": "agricole agricultural 2agriculture agriculture landwirtschaft scheune stall agricola "
        "maatalousrakennus lantbruk ladugard landbrug",
        "greenhouse": "serre gewaechshaus invernadero kasvihuone vaxthus",
        "garage": "garage garagen autotalli garaje box garaz autorimessa",
        "annex": "annexe anbau dependance",
        "outbuilding": "nebengebaeude talousrakennus komplementbyggnad uthus udhus abihoone schuppen "
        "ancillary 2ancillary",
        "roof": "ueberdachung ueberdachungcarport auvent tettoia katos",
        "yes": "overigegebruiksfunctie unknown indifferencie indifferenciee unbekannt inconnu "
        "sonstiges sonstigesgebaeude gebaeude batiment edificio muu",
        "non_residential": "nonresidential nichtwohngebaeude nwg nonresidentiel",
    }.items()
    for word in words.split()
}  # fmt: skip
# columns that hold codes of a register, folded; ALKIS codes also tell themselves by their prefix
_SCHEME_OF_COLUMN: Mapping[str, str] = {
    "gfk": "alkis", "gebaeudefunktion": "alkis", "funktion": "alkis", "bezgfk": "alkis", "gklas": "cc",
    "byganvendelse": "bbr", "byg021bygningensanvendelse": "bbr", "bygningensanvendelse": "bbr",
    "byganvendkode": "bbr", "kayttotarkoitus": "finland_1994", "kayttark": "finland_1994",
    "rakennuksenkayttotarkoitus": "finland_1994", "rakennusluokka": "finland_2018",
    "rakennusluokitus": "finland_2018",
}  # fmt: skip
_ALKIS = re.compile(r"31001[_:-]?(\d{4})")
_CANOPY = re.compile(r"51009[_:-]?16\d\d")
# a code, alone or before its meaning
_CODE = re.compile(r"(\d{1,6})(?:\s.*)?")
# codes of this many digits lose their leading zero where a table takes them for numbers
_DIGITS = {"finland_1994": 3, "finland_2018": 4}


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    """Return words by scheme and beginning of a code."""
    schemes: dict[str, dict[str, str]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            schemes.setdefault(row["scheme"], {})[row["code"]] = row["word"]
    return schemes


def _word_of_code(scheme: str, code: str) -> str | None:
    """Return the word of the longest known beginning of a code."""
    known = _codes()[scheme]
    return next((known[code[:end]] for end in range(len(code), 0, -1) if code[:end] in known), None)


@lru_cache(maxsize=10_000)
def use_word(text: str, column: str = "") -> str:
    """Return what a text in a column of uses means in OpenStreetMap's words; unknown texts as they are.

    Parameters
    ----------
    text : str
        What the table says.
    column : str
        Name of the column; some hold codes of a register.

    Examples
    --------
    >>> use_word("Einfamilienhaus"), use_word("31001_2463"), use_word("140", "byg_anvendelse")
    ('detached', 'garage', 'apartments')
    >>> use_word("kindergarten"), use_word("Ziegelei")
    ('kindergarten', 'Ziegelei')
    """
    if found := _ALKIS.fullmatch(text.strip()):
        return _word_of_code("alkis", found[1]) or text
    if _CANOPY.fullmatch(text.strip()):
        return "roof"
    scheme = _SCHEME_OF_COLUMN.get(plain_name(column))
    if scheme is not None and (found := _CODE.fullmatch(text.strip())):
        code = found[1] if found[1].startswith("0") else found[1].zfill(_DIGITS.get(scheme, 0))
        return _word_of_code(scheme, code) or text
    return next((_WORDS[folded] for folded in foldings(text) if folded in _WORDS), text)
