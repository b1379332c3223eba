"""The command line: a group of commands that imports nothing heavy.

Every command module below imports only click at its top; what a command needs is imported when it
runs, so that help and typing errors answer at once.
"""

from __future__ import annotations

import sys

import click

from layers.core.errors import PlannerError
from layers.core.text import for_terminal
from planner import __version__, crash
from planner.commands.assess import assess
from planner.commands.cities import cities
from planner.commands.collect import collect
from planner.commands.columns import columns
from planner.commands.facts import facts
from planner.commands.fetch import fetch
from planner.commands.init import init
from planner.commands.validate import validate
from planner.commands.verify import verify

INTERRUPTED = 130
HELP_NAMES = ["-h", "--help"]


@click.group(context_settings={"help_option_names": HELP_NAMES, "max_content_width": 100})
@click.version_option(__version__, prog_name="planner")
def cli() -> None:
    """Plan a city's district energy from open building footprints.

    Where roofs can carry solar power, how much heat the buildings need, where district heating makes
    sense, and which lighthouse district to learn from.

    \b
    Start with the sample that is carried along:
      planner assess helsinki
    """


for _command in (assess, collect, fetch, cities, validate, verify, columns, facts, init):
    # set on each command, so that help reads the same however it is reached
    _command.context_settings.setdefault("help_option_names", HELP_NAMES)
    cli.add_command(_command)


def main() -> None:
    """Run the command line and leave with the exit code that fits."""
    sys.excepthook = crash.explain
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("planner: stopped; nothing was left half made.", err=True)
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        click.echo("planner: stopped; nothing was left half made.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except PlannerError as problem:
        click.echo(f"planner: {for_terminal(str(problem))}", err=True)
        sys.exit(problem.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
