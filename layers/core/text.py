"""Text from data is hostile until it is cleaned, and stays text for ever."""

from __future__ import annotations

import re
import unicodedata

# characters that change the direction or hide inside a text, control characters, and halves of characters
_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_NAME = 200
_FIGURE_COUNT = 3


def clean_name(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Return a name on one line without control or direction marks, cut at `longest` characters.

    Examples
    --------
    >>> clean_name("Market\u202e  street\n 5")
    'Market street 5'
    """
    # most names hold nothing that hides and no gap to close: Python sees that at once
    is_plain = text.isprintable() and "  " not in text
    flat = text.strip() if is_plain else re.sub(r"\s+", " ", _HIDDEN.sub(" ", text)).strip()
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def clean_names(texts: list[str]) -> list[str]:
    r"""Return many names cleaned like `clean_name`; those of registers need no second look.

    Examples
    --------
    >>> clean_names(["way/1", "way/2"]), clean_names(["a\n b", "c"])
    (['way/1', 'way/2'], ['a b', 'c'])
    """
    together = "".join(texts)
    if together.isprintable() and " " not in together and max(map(len, texts), default=0) <= LONGEST_NAME:
        return texts
    return [clean_name(text) for text in texts]


def number_text(value: float, decimal_count: int = 0) -> str:
    """Return a calculated number for a sentence: so many decimals, but three figures at most.

    Examples
    --------
    >>> number_text(2281.4), number_text(9.44, 1), number_text(21.64, 2), number_text(0.436, 2)
    ('2,280', '9.4', '21.6', '0.44')
    """
    size = abs(value)
    whole_digit_count = len(f"{size:.0f}") if size >= 1 else 0
    places = min(decimal_count, _FIGURE_COUNT - whole_digit_count)
    return f"{round(value, places):,.{max(0, places)}f}"


def percent_text(share: float) -> str:
    """Return a share for a sentence.

    Examples
    --------
    >>> percent_text(0.624)
    '62 %'
    """
    return f"{share * 100:.0f} %"


def for_terminal(text: str) -> str:
    r"""Return a line that no terminal takes for a command; its spaces stay.

    Examples
    --------
    >>> for_terminal("Main\x1b[2J street")
    'Main?[2J street'
    """
    return _HIDDEN.sub("?", text)


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


def spreadsheet_text(text: str) -> str:
    """Return a text as it was before `spreadsheet_safe`.

    Examples
    --------
    >>> spreadsheet_text("'=1+1"), spreadsheet_text("Main street"), spreadsheet_text("'t Veld")
    ('=1+1', 'Main street', "'t Veld")
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
