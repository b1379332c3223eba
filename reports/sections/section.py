"""One section of the summary: its heading and its page, already escaped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.words import Words, figure

TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it.

    Attributes
    ----------
    name : str
        Identifies the section, also as its place on the page (``#name``).
    heading : str
    body : str
        HTML without a script; every text from data is escaped.
    """

    name: str
    heading: str
    body: str


@cache
def templates() -> Environment:
    """Return the templates of all pages; texts are escaped, a missing value is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["figure"] = figure
    made.filters["figure"] = figure
    return made


def render_section(name: str, heading: str, words: Words, **values: object) -> Section:
    """Return the section that ``templates/sections/NAME.html.j2`` makes of the values.

    The template knows `say` (a sentence by its key) beside the values.
    """
    page = templates().get_template(f"sections/{name}.html.j2").render(say=words.say, **values)
    return Section(name, heading, page)
