"""Text from data is hostile until it is cleaned, and stays text for ever."""

from __future__ import annotations

import re
import unicodedata

# characters that change the direction or hide inside a text, and the control characters
_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_NAME = 200


def clean_name(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Return a name on one line without control or direction marks, cut at `longest` characters.

    Examples
    --------
    >>> clean_name("Market\u202e  street\n 5")
    'Market street 5'
    """
    flat = re.sub(r"\s+", " ", _HIDDEN.sub(" ", text)).strip()
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def slug(text: str) -> str:
    """Return a name that is safe as a file name.

    Examples
    --------
    >>> slug("../Sønderborg (Øst)"), slug("Veszprém"), slug("???")
    ('sonderborg-ost', 'veszprem', 'city')
    """
    plain = text.replace("ø", "o").replace("Ø", "O").replace("ß", "ss").replace("ł", "l").replace("đ", "d")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "city"


def spreadsheet_safe(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula.

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("Main street")
    ("'=1+1", 'Main street')
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
