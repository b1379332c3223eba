"""What the pages say of a district's border: where it comes from, and how sure it is."""

from __future__ import annotations

from typing import Final

import pandas as pd

from reports.words import Words

# shares of a district that are found again on slightly changed data
FIRM_SHARE: Final = 0.75
LIKELY_SHARE: Final = 0.5
_GIVEN: Final = ("user", "boundary", "grid")


def border_text(origin: object, stability_share: object, words: Words) -> str:
    """Return a few words on a border, nothing where nothing is known.

    Examples
    --------
    >>> words = Words({"border_firm": "border firm", "border_grid": "square of a grid"})
    >>> border_text("found", 0.9, words), border_text("grid", 1.0, words), border_text(None, None, words)
    ('border firm', 'square of a grid', '')
    """
    if origin in _GIVEN:
        return words.say(f"border_{origin}")
    if stability_share is None or pd.isna(stability_share):  # type: ignore[call-overload]
        return ""
    share = float(stability_share)  # type: ignore[arg-type]
    level = "firm" if share >= FIRM_SHARE else "likely" if share >= LIKELY_SHARE else "uncertain"
    return words.say(f"border_{level}")


def border_texts(districts: pd.DataFrame, words: Words) -> list[str]:
    """Return the words on the border of each district."""
    nothing = pd.Series(None, index=districts.index, dtype=object)
    origins = districts.get("border_origin", nothing).tolist()
    shares = districts.get("stability_share", nothing).tolist()
    return [border_text(origin, share, words) for origin, share in zip(origins, shares, strict=True)]
