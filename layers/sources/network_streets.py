"""Read a person's list of streets in which a pipe must or must not lie."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from layers.core.errors import InputProblem
from layers.core.street_rules import RULES, StreetRules
from layers.core.text import clean_name

COLUMNS = ("street_id", "rule", "reason")
_LONGEST_TEXT = 60


def read_network_streets(path: Path) -> StreetRules:
    """Read a CSV with the columns street_id, rule (forced or forbidden) and reason.

    Raises
    ------
    InputProblem
        When the file cannot be read, lacks a column, or has a rule of another name.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
        raise InputProblem(
            f"{path} cannot be read as a table ({problem}); it needs UTF-8 and commas."
        ) from problem
    missing = [name for name in COLUMNS[:2] if name not in table.columns]
    if missing:
        raise InputProblem(
            f"{path} lacks the column {', '.join(missing)}; its first line must be {','.join(COLUMNS)}, "
            f"found {','.join(str(name) for name in table.columns)[:120]}."
        )
    ids, rules = table["street_id"].str.strip(), table["rule"].str.strip().str.lower()
    wrong = rules[~rules.isin(RULES)]
    if len(wrong):
        raise InputProblem(
            f"{path} has the rule {clean_name(wrong.iloc[0], _LONGEST_TEXT)!r} in line {wrong.index[0] + 2}; "
            f"it must be {' or '.join(RULES)}."
        )
    return StreetRules(clean_name(path.name, _LONGEST_TEXT) or "", tuple(ids), tuple(rules))
