"""Make one self-contained page out of a folium map: no request, no foreign script, equal bytes.

folium writes links to about ten outside files into every page. Here each link is looked up in a
table: it is dropped because nothing on our pages needs it, replaced by the vendored file, or, when
nobody decided about it, refused. A content-security policy then forbids everything that the page
does not carry itself: only the scripts and styles whose hashes stand in the policy run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2 import Environment

from layers.core.errors import PlannerError

ASSETS: Final = Path(__file__).resolve().parent / "assets"
LEAFLET: Final = ASSETS / "leaflet"
# the files that folium asks for by name: what stands in for them
VENDORED: Final = {"leaflet": LEAFLET / "leaflet.js", "leaflet_css": LEAFLET / "leaflet.css"}
# what folium asks for and our pages never use: popups with markup, icon fonts, button styles
UNUSED: Final = frozenset(
    {
        "jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css",
        "awesome_markers_font_css", "awesome_markers_css", "awesome_rotate_css",
    }
)  # fmt: skip
POLICY_PLACE: Final = "PLANNER-CONTENT-SECURITY-POLICY"
_OUTSIDE = re.compile(r"<(?:script|link|img|iframe|object|embed)\b[^>]*\b(?:src|href|data)\s*=\s*[^>]*>")
_MIME = {".png": "image/png", ".svg": "image/svg+xml"}

_PAGE = Environment(autoescape=True).from_string(
    """<!DOCTYPE html>
<html lang="{{ page.language }}" dir="{{ page.direction }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ place }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{ page.title or "" }}</title>
{{ header|safe }}
</head>
<body>
{{ html|safe }}
<script>
{{ script|safe }}
</script>
</body>
</html>
"""
)


class PageError(PlannerError):
    """A page that would need the network, or that a browser would not run as written."""


class Inline(Element):
    """A piece of a page that is written as it stands, never read as a template."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup

    def render(self, **kwargs: Any) -> str:
        """Return the piece."""
        return self.markup


def script_element(code: str) -> Inline:
    """Return an inline script; raises `PageError` where the text would end its own element."""
    if re.search(r"</script|<!--", code, re.IGNORECASE):
        raise PageError("A script holds '</script' or '<!--' and would end itself; split the text.")
    return Inline(f"<script>{code}</script>\n")


def style_element(code: str) -> Inline:
    """Return an inline style sheet."""
    if re.search(r"</style|@import", code, re.IGNORECASE):
        raise PageError("A style sheet holds '</style' or '@import'; put its rules into one file.")
    return Inline(f"<style>{code}</style>\n")


def data_element(element_id: str, text: str) -> Inline:
    """Return a block of data that no browser runs; the text must hold no '<'."""
    if "<" in text:
        raise PageError(f"The data block {element_id!r} holds '<'; encode it as base64 or with safe_json.")
    return Inline(f'<script type="application/octet-stream" id="{element_id}">{text}</script>\n')


def safe_json(value: object) -> str:
    r"""Return JSON that is safe inside a script element and the same on every run.

    Examples
    --------
    >>> safe_json({"name": "</script><b>"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029\r\0\x7f":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def read_script(path: Path) -> str:
    """Return a script without the pointer to its source map, which a browser would ask for."""
    code = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return re.sub(r"^//# sourceMappingURL=.*$", "", code, flags=re.MULTILINE)


def read_style(path: Path) -> str:
    """Return a style sheet with its images inside."""

    def inlined(match: re.Match[str]) -> str:
        target = match.group(1).strip("'\"")
        if target.startswith(("data:", "#")):
            return match.group(0)
        image = path.parent / target
        if image.suffix not in _MIME or not image.is_file():
            raise PageError(f"{path.name} points to {target}, which is not carried; vendor the file.")
        content = base64.b64encode(image.read_bytes()).decode()
        return f"url(data:{_MIME[image.suffix]};base64,{content})"

    return re.sub(r"url\(([^)]+)\)", inlined, path.read_text(encoding="utf-8").replace("\r\n", "\n"))


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _walk(child)


class OfflineFigure(Figure):
    """A folium figure that renders one self-contained page."""

    def __init__(
        self, *, title: str, language: str = "en", direction: str = "ltr", styles: Sequence[str] = ()
    ) -> None:
        super().__init__(title=title)
        self.language = language
        self.direction = direction
        self.styles = styles

    def render(self, **kwargs: Any) -> str:
        """Return the page.

        Raises
        ------
        PageError
            When something on the page asks for a file nobody decided about.
        """
        self._number_elements()
        for child in list(self._children.values()):
            child.render(**kwargs)
        self._resolve_links()
        for number, code in enumerate(self.styles):  # after folium's and Leaflet's, so that ours win
            self.header.add_child(style_element(code), name=f"style_{number}")
        page = _PAGE.render(
            page=self, place=POLICY_PLACE, header=_without_zoom_lock(self.header.render(**kwargs)),
            html=self.html.render(**kwargs), script=self.script.render(**kwargs),
        )  # fmt: skip
        return with_policy(page)

    def _number_elements(self) -> None:
        # folium names its elements by random numbers; numbered by appearance, equal runs give equal bytes
        for number, element in enumerate(_walk(self)):
            element._id = str(number)

    def _resolve_links(self) -> None:
        self.header._children.pop("meta_http", None)  # the page names its own character set
        for name, link in list(self.header._children.items()):
            if not isinstance(link, (JavascriptLink, CssLink)):
                continue
            if name in UNUSED:
                del self.header._children[name]
            elif name in VENDORED:
                path = VENDORED[name]
                is_style = isinstance(link, CssLink)
                self.header._children[name] = (
                    style_element(read_style(path)) if is_style else script_element(read_script(path))
                )
            else:
                raise PageError(
                    f"The page asks for {link.url} ({name}), neither vendored nor known to be unused; "
                    "vendor the file or drop the element that needs it."
                )


def _without_zoom_lock(header: str) -> str:
    """Drop folium's own viewport line: it forbids people to enlarge the page."""
    return re.sub(r'<meta name="viewport"[^>]*>', "", header)


def _hashes(kind: str, page: str) -> str:
    found = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
    return " ".join(f"'sha256-{digest}'" for digest in dict.fromkeys(digests)) or "'none'"


def with_policy(page: str) -> str:
    """Return a page with the policy that fits its scripts and styles; refuse what would be blocked."""
    if "\r" in page or "\0" in page:
        raise PageError("The page holds a carriage return or a NUL, which browsers change.")
    links = re.findall(
        r"<(?:script|link|img|iframe|object|embed)\b[^>]*\b(?:src|href|data)\s*=\s*[^>]*>", page
    )
    if links:
        raise PageError(f"The page asks for another file: {links[0][:120]}; carry it inside the page.")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes('script', page)}",
            f"style-src {_hashes('style', page)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return page.replace(POLICY_PLACE, policy, 1)


def adopt(figure: OfflineFigure, shell: folium.Map) -> OfflineFigure:
    """Put a folium map on a page of ours instead of the figure that folium made for it."""
    shell._parent = None  # type: ignore[assignment]
    figure.add_child(shell)
    return figure


def render_page(shell: folium.Map, *, title: str, language: str = "en", direction: str = "ltr") -> str:
    """Return a folium map as one self-contained page."""
    return adopt(OfflineFigure(title=title, language=language, direction=direction), shell).render()
