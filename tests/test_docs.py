"""The documentation is made from the code where it can be, and its commands run."""

import re
from pathlib import Path

import pytest

from planner.reference import PAGES

ROOT = Path(__file__).resolve().parent.parent
PAGES_OF_DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_made_from_the_code_are_up_to_date(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), (
        "run: python -m planner.reference docs"
    )


@pytest.mark.parametrize("page", PAGES_OF_DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


def commands_of(page):
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
        for line in block.splitlines():
            match = re.search(r"(?:^|&& )(?:\.venv/bin/)?planner (.+)$", line)
            if match:
                yield match.group(1)


def test_commands_in_the_documentation_exist_with_their_options():
    from planner.cli import cli

    found = [(page, words.split()) for page in PAGES_OF_DOCS for words in commands_of(page)]
    assert len(found) >= 3
    for page, words in found:
        command = cli.commands[words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        for word in words[1:]:
            assert not word.startswith("--") or word in known, f"{page.name}: {word}"


def test_the_readme_has_both_commands_in_one_line_each():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("run", "test"):
        block = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```", text, re.S)
        assert block, name
        assert "\n" not in block.group(1)
