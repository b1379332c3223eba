"""Columns of other people's tables become OpenStreetMap's keys, the one vocabulary that is parsed.

Names are compared without case, accents, spaces and signs: `Storeys Above-Ground` is
`storeysaboveground`. Where several columns say the same, the first of the list speaks.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from layers.core.errors import UsageProblem


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# key: names of columns, in the project's own words, open data sets and the registers of Europe
BUILDING_NAMES: Mapping[str, tuple[str, ...]] = {
    "building": _words(
        "building buildinguse buildingtype use usage currentuse usetype taggeduse buildingtag class "
        "type subtype function funktion gfk bezgfk gebaeudefunktion gebaeudenutzung gebaeudeart "
        "gebaeudetyp nutzung nutzungsart gebnutzung gklas gkat gebruiksdoel gebruiksdoelen rakennusluokka "
        "rakennusluokitus "
        "bagpandgebruiksdoel pandgebruiksdoel usage1 usageprincipal usageprincipalbdnbopen "
        "usageniveau1txt natureusage nature uso usoprincipal usodominante usopredominante destinazione "
        "destinazioneuso edifcuso edifcty categoriauso kayttotarkoitus rakennuksenkayttotarkoitus "
        "kayttark kasutusotstarve otstarve kaosnimetus andamal andamal1 huvudandamal byggnadsandamal "
        "bygningstype bygntype byganvendelse byg021bygningensanvendelse bygningensanvendelse "
        "byganvendkode funogolna funkcjaogolna funogolnabudynku funkcja zpusobvyuziti zpusobvyu "
        "utilizacao destinatie rendeltetes namjena namembnost dejanskaraba paskirtis lietosanasveids "
        "chrisi currentusevalue buildingnature natureofbuilding category landuse usecode"
    ),
    "building:levels": _words(
        "buildinglevels levels storeys stories storeycount taggedstoreycount numfloors numstoreys "
        "numstories nfloors nstoreys nstories floors floorcount storeynumber numberoffloors nooffloors "
        "noofstoreys storeysaboveground floorsaboveground numberoffloorsaboveground "
        "numfloorsaboveground buildinglevel floorsnum geschosse geschosszahl geschossza anzahlgeschosse "
        "geschossanzahl anzgeschosse vollgeschosse anzahlvollgeschosse anzvollgeschosse aog "
        "anzahlderoberirdischengeschosse oberirdischegeschosse stockwerke anzahlstockwerke gastw "
        "nbetages etages nbetage nombreetages nbniv nbniveau nbniveaux niveaux piani numeropiani "
        "numpiani npiani pianifuoriterra npianifuoriterra npianift plantas numplantas nplantas "
        "numeroplantas plantassobrerasante pisos npisos numpisos numeropisos andares kerrosluku "
        "kerroslkm kerrostenlkm kerrostenlukumaara kerroslukumaara b3bouwlagen bouwlagen korruseid "
        "korrustearv maksimaalnekorrustearv maapealsetekorrustearv etager antaletager antaletg "
        "byg054antaletager antalvaningar vaningsantal vaningar antalletasjer antetasjer etasjer "
        "kondygnacje liczbakondygnacji lkondygnacji kondygnacjenadziemne pocetpodlazi podlazi "
        "steviloetaz stetaz brojetaza etaze katnost szintekszama szintszam niveluri etaje "
        "aukstuskaicius aukstai stavuskaits stavi orofoi arithmosorofon"
    ),
    "height": _words(
        "height heightm taggedheightm buildingheight measuredheight heightaboveground "
        "heightabovegroundvalue relhmax relh2 hoehe hohe hoehem gebhoehe gebaeudehoehe hgebaeude "
        "firsthoehe hauteur hauteurm hauteurmax hauteurmean hoogte pandhoogte altezza altezzam "
        "altezzamax edifcalt altura alturam alturamax alturamaxima korkeus korkeusm rakennuksenkorkeus "
        "wysokosc wysokoscm hojde hoejde bygningshojde hoyde byggnadshojd hojd korgus korgusm "
        "ehitisekorgus vyska vyskam visina magassag inaltime aukstis augstums ypsos hmax hmaxm "
        "heightmax maxheight heightroof roofheightabovegro bldgheight bldght hmean hmedian meanheight "
        "heightmean computedheightm"
    ),
    "start_date": _words(
        "startdate constructionyear yearofconstruction yearconstruction constryear year yearbuilt "
        "yrbuilt builtyear buildyear constructiondate dateofconstruction age baujahr bauj bj gbauj "
        "baujahrgebaeude baujahrklasse baualtersklasse baualter bouwjaar oorspronkelijkbouwjaar "
        "pandbouwjaar anneeconstruction anneedeconstruction anneeconst anneeconstr "
        "ffobatanneeconstruction jannath annee dateapp dateconstruction annocostruzione "
        "annodicostruzione annocostr annocost epocacostruzione epoca anno anoconstruccion anoconstru "
        "anoconst ano anyconstruccio anoconstrucao anodeconstrucao dateofconstructionbeginning "
        "dateofconstructiondateofeventbeginning beginning valmistumisvuosi valmvuosi valmvuos valmpvm "
        "valmistumispvm kayttoonottovuosi rakennusvuosi rakvuosi rokbudowy rokwybudowania ehitusaasta "
        "esmasekasutuselevotuaasta esmanekasutuselevott kasutuselevotuaasta opfoerelsesaar "
        "opforelsesaar opforelsesar byg026opforelsesar byg026opfoerelsesaar byggeaar byggear byggar "
        "byggnadsar nybyggnadsar rokvystavby rokdokonceni dokonceni letoizgradnje letoizg "
        "godinaizgradnje godizgr epitesev epiteseve anconstructie anulconstructiei statybosmetai "
        "statybospabaigosmetai buvesgads etoskataskeuis constructionperiod periodeconstruction "
        "periodofconstruction periodocostruzione"
    ),
    "name": _words("name names buildingname nimi naam nom nombre nome navn namn nazwa nazev gebaeudename"),
    "addr:street": _words(
        "addrstreet street streetname strasse straat rue via calle rua ulica ulice utca gata gade "
        "vejnavn tanav katu katunimi strname strassenname adressstrasse openbareruimtenaam nomvoie"
    ),
    "addr:housenumber": _words(
        "addrhousenumber housenumber hausnummer hsnr hausnr huisnummer streetnumber numerocivico civico "
        "numvoie talonumero osoitenumero husnr husnummer"
    ),
    "roof:shape": _words(
        "computedroofshape roofshape rooftype roofform dachform dachformen daf b3daktype daktype "
        "dakvorm formedutoit formetoit tipotetto tetto tipocubierta cubierta kattomuoto tagform takform"
    ),
    "roof:height": _words("computedroofheightm roofheight roofheightm dachhoehe"),
    "roof:direction": _words("computedroofdirectiondeg roofdirection roofdirectiondeg roofazimuth"),
    "roof:orientation": ("rooforientation",),
    "roof:material": _words("roofmaterial dachmaterial dakmateriaal kattomateriaali"),
    "roof:planes": _words("computedroofplanes roofplanes"),
    "roof:angle": _words(
        "computedroofangledeg roofangle roofangledeg roofpitch roofslope rooftilt dachneigung dakhelling"
    ),
    "heritage": _words(
        "heritage listed protected monument heritagestatus denkmal denkmalschutz baudenkmal "
        "rijksmonument suojeltu suojelu vincolo vincolato protegido patrimoine"
    ),
    "mml:class": ("mmlclass", "kohdeluokka"),
    "amenity": ("amenity",),
    "shop": ("shop",),
    "office": ("office",),
    "tourism": ("tourism",),
    "leisure": ("leisure",),
    # a size class beside a plain "residential"
    "residential": ("residential", "subtype"),
}
STREET_NAMES: Mapping[str, tuple[str, ...]] = {
    "highway": _words(
        "highway kind fclass class type roadclass category functionalclass strassenklasse klasse "
        "wegtype nature wegsoort tietyyppi clase"
    ),
    "name": _words(
        "name names streetname street roadname strassenname strname nimi naam nom nomvoie nombre nome "
        "navn namn"
    ),
    "bridge": ("bridge", "isbridge"),
    "tunnel": ("tunnel", "istunnel"),
}
OUTLINE_NAMES: Mapping[str, tuple[str, ...]] = {
    "district_id": ("districtid", "id", "code"),
    "name": ("name", "names", "districtname", "nimi", "naam", "nom", "nombre", "nome", "bezeichnung"),
}
ID_NAMES = _words(
    "buildingid streetid osmwayid osmid id gmlid identificatie inspireid localid uuid guid oi "
    "objectid vtjprt pysyvarakennustunnus egid rnbid batimentgroupeid cleabs reference refcat "
    "referenciacatastral ehrkood ehrgid bygningsnr localisedid"
)
# columns that hold many OpenStreetMap keys at once
TAG_BAGS = ("othertags", "alltags", "tags", "hstore")
# what `--map` may name, and the key behind it
MAP_TARGETS: Mapping[str, str] = {
    "height_m": "height", "storey_count": "building:levels", "construction_year": "start_date",
    "use": "building", "name": "name", "street_name": "addr:street", "house_number": "addr:housenumber",
    "roof_shape": "roof:shape", "roof_height_m": "roof:height", "roof_angle_deg": "roof:angle",
    "roof_direction_deg": "roof:direction", "roof_orientation": "roof:orientation", "protection": "heritage",
    "roof_material": "roof:material",
    "building_id": "building_id",
}  # fmt: skip
# a Shapefile cuts the names of its columns
_SHAPEFILE_NAME_LENGTH = 10
_SHORTEST_CUT_NAME = 8


def plain_name(text: str) -> str:
    """Return a name without case, accents, spaces and signs.

    Examples
    --------
    >>> plain_name("Storeys Above-Ground"), plain_name("Käyttötarkoitus"), plain_name("Höhe")
    ('storeysaboveground', 'kayttotarkoitus', 'hohe')
    """
    folded = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")
    folded = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", folded.lower())


def foldings(text: str) -> tuple[str, str]:
    """Return a name folded both ways: umlauts as one letter, and as two.

    Examples
    --------
    >>> foldings("Höhe")
    ('hohe', 'hoehe')
    """
    german = text.lower()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa"), ("æ", "ae")):
        german = german.replace(umlaut, letters)
    return plain_name(text), plain_name(german)


def _uncut(column: str, names: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the name that a Shapefile cut to ten letters, when only one key has such a name."""
    plain = plain_name(column)
    if len(column) != _SHAPEFILE_NAME_LENGTH or len(plain) < _SHORTEST_CUT_NAME:
        return None
    found = {key: name for key, wanted in names.items() for name in wanted[::-1] if name.startswith(plain)}
    return next(iter(found.values())) if len(found) == 1 else None


def match_columns(columns: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return for each key the columns that hold it, the most telling first.

    Examples
    --------
    >>> match_columns(["Höhe", "NUM_FLOORS", "colour", "YEAR_OF_CO"], BUILDING_NAMES)
    {'building:levels': ['NUM_FLOORS'], 'height': ['Höhe'], 'start_date': ['YEAR_OF_CO']}
    """
    listed = list(columns)
    known: dict[str, str] = {}
    for column in listed:
        for folded in foldings(column):
            known.setdefault(folded, column)
    for column in listed:
        if (whole := _uncut(column, names)) is not None:
            known.setdefault(whole, column)
    found = {}
    for key, wanted in names.items():
        matches = [known[name] for name in wanted if name in known]
        if matches:
            found[key] = list(dict.fromkeys(matches))
    return found


def id_columns(columns: Iterable[str]) -> list[str]:
    """Return the columns that may name the rows, the most telling first.

    Examples
    --------
    >>> id_columns(["height", "OSM_ID", "id"]), id_columns(["height"])
    (['OSM_ID', 'id'], [])
    """
    known = {plain_name(column): column for column in columns}
    return [known[name] for name in ID_NAMES if name in known]


def tag_bags(columns: Iterable[str]) -> list[str]:
    """Return the columns that hold many OpenStreetMap keys at once.

    Examples
    --------
    >>> tag_bags(["other_tags", "height"])
    ['other_tags']
    """
    return [column for column in columns if plain_name(column) in TAG_BAGS]


def parse_mapping(texts: Iterable[str]) -> dict[str, str]:
    """Return what `--map` says: our name to the file's column.

    Raises
    ------
    UsageProblem
        When a text is not NAME=COLUMN, or names something that cannot be mapped; with the nearest name.

    Examples
    --------
    >>> parse_mapping(["height_m=HOEHE", "construction_year=BJ"])
    {'height_m': 'HOEHE', 'construction_year': 'BJ'}
    """
    found: dict[str, str] = {}
    for text in texts:
        target, sign, column = (part.strip() for part in text.partition("="))
        if not sign or not target or not column:
            raise UsageProblem(
                f"--map {text[:60]!r} must read NAME=COLUMN, for example --map height_m=HOEHE."
            )
        if target not in MAP_TARGETS:
            near = difflib.get_close_matches(target.lower(), MAP_TARGETS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it must be one of {', '.join(MAP_TARGETS)}."
            raise UsageProblem(f"--map cannot fill {target[:40]!r}; {hint}")
        if target in found:
            raise UsageProblem(
                f"--map names {target} twice ({found[target]} and {column}); give one of them."
            )
        found[target] = column
    return found


def check_mapping(mapping: Mapping[str, str], columns: Mapping[str, Iterable[str]]) -> None:
    """Check that every mapped column is in one of the files.

    Parameters
    ----------
    mapping : our name to the file's column
    columns : name of each file to its columns

    Raises
    ------
    UsageProblem
        When a column is in none of them; with the nearest name.
    """
    there = [column for names in columns.values() for column in names]
    for target, column in mapping.items():
        if column in there:
            continue
        lower = {name.lower(): name for name in there}
        near = difflib.get_close_matches(column.lower(), lower, n=1, cutoff=0.5)
        listed = ", ".join(sorted(there)[:20]) or "none"
        hint = f"did you mean {lower[near[0]]}?" if near else f"its columns are: {listed}."
        raise UsageProblem(f"--map {target}={column}: {' and '.join(columns)} has no such column; {hint}")
