"""Errors that a person can act on.

Each message is one sentence that says what is wrong, where, what was found and what to do.
The class carries the exit code of the command line, so that no caller has to translate.
"""

from __future__ import annotations


class PlannerError(Exception):
    """Base of every error that the program explains instead of showing a traceback."""

    exit_code = 1


class UsageProblem(PlannerError):
    """A wrong option, setting, country code or city name."""

    exit_code = 2


class InputProblem(PlannerError):
    """An input file that cannot be read, is empty or is damaged."""

    exit_code = 3


class ContractProblem(InputProblem):
    """A table that breaks its contract; the message lists every broken column."""


class CrsProblem(InputProblem):
    """Coordinates without a system, in the wrong system or off the map."""


class DataMissing(PlannerError):
    """An unknown town, data that are not on this machine, or a refused network."""

    exit_code = 4


class CheckMissed(PlannerError):
    """`verify` or `validate` found a difference."""

    exit_code = 5
