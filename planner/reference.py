"""Pages of the documentation that are made from the code: commands, columns, validation.

``python -m planner.reference docs`` writes them; a test fails when they are out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from planner.cli import cli
from planner.dictionary import dictionary_rows
from planner.validation.report import validation_page

_MADE = "<!-- made by `python -m planner.reference docs`; edit the code, not this page -->"


def commands_page() -> str:
    """Return the command reference as Markdown."""
    lines = ["# Commands", "", _MADE, ""]
    for name, command in sorted(cli.commands.items()):
        context = command.make_context(
            f"planner {name}", [], resilient_parsing=True, max_content_width=100, terminal_width=100
        )
        lines += [f"## planner {name}", "", "```text", command.get_help(context), "```", ""]
    lines += [
        "## Exit codes",
        "",
        "| code | meaning |",
        "| --- | --- |",
        "| 0 | done |",
        "| 1 | a mistake of the program; the details are in the `log.txt` that the last line names |",
        "| 2 | wrong usage: option, country, city name or setting |",
        "| 3 | an input that cannot be read, is empty or is damaged |",
        "| 4 | an unknown town, data that are not on this machine, or a network that does not answer |",
        "| 5 | `verify` found a difference, or `validate` a result out of its bounds |",
        "| 130 | stopped by Ctrl-C; nothing is left half made |",
    ]
    return "\n".join(lines) + "\n"


def columns_page() -> str:
    """Return the data dictionary as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        _MADE,
        "",
        "The unit is the last part of a name. A bare name is the expected base case and adds up; "
        "`_p10_` and `_p90_` are not summed: every level computes its own. "
        "`…_origin` says where a value comes from: measured, user, tagged, imputed or default.",
    ]
    table = ""
    for row in dictionary_rows():
        if row["table"] != table:
            table = row["table"]
            lines += [
                "",
                f"## {table}",
                "",
                "| column | unit | range | layer | meaning |",
                "| --- | --- | --- | --- | --- |",
            ]
        lines.append(
            f"| `{row['name']}` | {row['unit']} | {row['range']} | {row['layer']} | {row['meaning']} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {"commands.md": commands_page, "columns.md": columns_page, "validation.md": validation_page}


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
